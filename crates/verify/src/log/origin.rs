//! The identity of a log (LOG-11).

use std::fmt;

use super::Refusal;
use super::vkey::KeyName;
use crate::spelling::decimal;

/// `<host>/<log>/<year>`: which log, and which calendar year's shard of it. At most 255 octets of `a-z 0-9 . - /`.
///
/// Public. A log's key name equals its origin, so an origin is always a key name too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    pub const LEN_MAX: usize = 255;

    pub fn parse(text: &str) -> Result<Origin, Refusal> {
        let fits = text.len() <= Origin::LEN_MAX;
        let octets_fit = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'/'));
        let parts: Vec<&str> = text.split('/').collect();
        let [host, log, year] = parts.as_slice() else {
            return Err(Refusal::BadOrigin);
        };
        let year_fits = year.len() == 4 && decimal(year).is_some();
        if !fits || !octets_fit || host.is_empty() || log.is_empty() || !year_fits {
            return Err(Refusal::BadOrigin);
        }
        Ok(Origin(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The calendar year of the shard.
    pub fn year(&self) -> u16 {
        // Four digits after the last slash, checked in `parse`.
        self.0.rsplit('/').next().and_then(decimal).and_then(|y| u16::try_from(y).ok()).unwrap_or(0)
    }

    /// SHA-256(origin): names a log in monitoring paths of witnesses (section 2.5) and in field 15 of records.
    pub fn digest(&self) -> [u8; 32] {
        seal::digest::sha256(&[self.0.as_bytes()])
    }

    pub fn is_name_of(&self, name: &KeyName) -> bool {
        self.0 == name.as_str()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

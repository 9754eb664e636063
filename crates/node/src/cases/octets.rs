//! Octets that stand in a stored state as base64 text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A document, proof or answer exactly as it came in or went out. Compared octet by octet, never re-encoded.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Octets(pub Vec<u8>);

impl std::fmt::Debug for Octets {
    /// Length only: orders and answers name persons, and a debug print ends in log files.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Octets({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for Octets {
    fn from(bytes: Vec<u8>) -> Octets {
        Octets(bytes)
    }
}

impl Serialize for Octets {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Octets, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map(Octets).map_err(D::Error::custom)
    }
}

/// A SHA-256 value, stored as 64 lower-case hexadecimal characters so that it can be read in a support ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest32(pub [u8; 32]);

impl Digest32 {
    pub fn of(bytes: &[u8]) -> Digest32 {
        Digest32(seal::digest::sha256(&[bytes]))
    }

    /// The inverse of `Display`; upper case and other lengths are refused.
    pub fn from_hex(text: &str) -> Option<Digest32> {
        let bytes = text.as_bytes();
        if bytes.len() != 64 {
            return None;
        }
        let mut out = [0u8; 32];
        for (to, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
            *to = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Digest32(out))
    }
}

fn nibble(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

impl std::fmt::Display for Digest32 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Digest32 {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.to_string())
    }
}

impl<'de> Deserialize<'de> for Digest32 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Digest32, D::Error> {
        let text = String::deserialize(from)?;
        Digest32::from_hex(&text).ok_or_else(|| D::Error::custom("not 64 lower-case hexadecimal characters"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_has_one_spelling() {
        let digest = Digest32([0xab; 32]);
        assert_eq!(Digest32::from_hex(&digest.to_string()), Some(digest));
        assert_eq!(Digest32::from_hex(&digest.to_string().to_uppercase()), None);
        assert_eq!(Digest32::from_hex("ab"), None);
    }

    #[test]
    fn octets_do_not_show_themselves() {
        assert_eq!(format!("{:?}", Octets(b"phone:+31612345678".to_vec())), "Octets(18 bytes)");
    }
}

//! Round 1: what one dealer lays on the table.

use std::collections::BTreeMap;

use seal::ceremony;
use seal::points::{G1Point, G2Point};
use seal::signature::{SigningKey, VerifyingKey};
use verify::document::{Reader, Words, Writer};
use verify::spelling::base64;

use super::card::member_number;
use crate::signing::{FileError, check_signature, finish, signed};

const HEADER: &str = "waarborg-dealing/v1";
/// 64 members and 64 coefficients are below 24 KiB.
const LEN_MAX: usize = 32 * 1024;
/// A scalar of 32 octets, HPKE-sealed.
pub const SEALED_SHARE: usize = 32 + seal::hpke::OVERHEAD;

/// One dealer's dealing, `waarborg-dealing/v1`. Public: the shares in it are sealed to their members.
#[derive(Clone, Debug)]
pub struct DealingFile {
    /// Hash of the terms that the dealer saw.
    pub ceremony: [u8; 32],
    /// The dealer's number: in the new committee, or in the old one when shares are made anew.
    pub dealer: u8,
    /// Commitments and proof of possession.
    pub dealing: ceremony::Dealing,
    /// HPKE-sealed share for each member, by number.
    pub shares: BTreeMap<u8, [u8; SEALED_SHARE]>,
}

impl DealingFile {
    fn to_unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new(HEADER);
        writer.bytes("ceremony", &self.ceremony).line("dealer", self.dealer);
        for (power, point) in self.dealing.commitments.iter().enumerate() {
            writer.line("commitment", format_args!("{power} {}", base64(&point.to_bytes())));
        }
        writer.bytes("possession", &self.dealing.possession.to_bytes());
        for (member, sealed) in &self.shares {
            writer.line("share", format_args!("{member} {}", base64(sealed)));
        }
        writer.finish()
    }

    /// The dealing as a signed file.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        signed(self.to_unsigned(), key)
    }

    /// Reads a dealing that must be signed by `key`.
    pub fn parse_signed(bytes: &[u8], key: &VerifyingKey) -> Result<DealingFile, FileError> {
        let mut reader = Reader::open(bytes, HEADER, LEN_MAX)?;
        let ceremony = reader.bytes("ceremony")?;
        let dealer = reader.parsed("dealer", member_number)?;
        // SEA-13: canonical, in the subgroup, not infinity. The powers' numbers are checked by the comparison in `finish`.
        let commitments = reader.all("commitment", |text| {
            let mut words = Words::new(text);
            words.word()?;
            let point = G2Point::parse(&words.bytes::<96>()?).ok()?;
            words.end(point)
        })?;
        let possession = reader.parsed("possession", |text| G1Point::parse(&verify::spelling::from_base64_exact::<48>(text)?).ok())?;
        let shares = reader.all("share", |text| {
            let mut words = Words::new(text);
            let member = member_number(words.word()?)?;
            let sealed = words.bytes::<SEALED_SHARE>()?;
            words.end((member, sealed))
        })?;
        let file =
            DealingFile { ceremony, dealer, dealing: ceremony::Dealing { commitments, possession }, shares: shares.into_iter().collect() };
        finish(reader, bytes, file.to_unsigned())?;
        check_signature(bytes, key)?;
        Ok(file)
    }

    /// The name under which a dealing lies on the table.
    pub fn file_name(committee: &str, dealer: u8) -> String {
        format!("dealing-{committee}-{dealer}.txt")
    }
}

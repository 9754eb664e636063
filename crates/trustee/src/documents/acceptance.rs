//! Round 2: a member says which dealings it accepted, and adds its part of the committee's proof of possession.

use std::collections::BTreeMap;

use seal::points::G1Point;
use seal::signature::{SigningKey, VerifyingKey};
use verify::document::{Reader, Words, Writer};
use verify::spelling::base64;

use super::card::member_number;
use crate::signing::{FileError, check_signature, finish, signed};

const HEADER: &str = "waarborg-acceptance/v1";
const LEN_MAX: usize = 8 * 1024;

/// One member's acceptance, `waarborg-acceptance/v1`. Public.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// Hash of the terms.
    pub ceremony: [u8; 32],
    /// Who accepts.
    pub member: u8,
    /// SHA-256 of each dealing file that counts, by dealer. Who is missing here was left out by name.
    pub dealings: BTreeMap<u8, [u8; 32]>,
    /// The transcript hash over terms and dealings: what people read aloud.
    pub transcript: [u8; 32],
    /// s_i · H_PoP(comp(P_c)) (SEA-11).
    pub possession: G1Point,
}

impl Acceptance {
    fn to_unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new(HEADER);
        writer.bytes("ceremony", &self.ceremony).line("member", self.member);
        for (dealer, hash) in &self.dealings {
            writer.line("dealing", format_args!("{dealer} {}", base64(hash)));
        }
        writer.bytes("transcript", &self.transcript).bytes("possession", &self.possession.to_bytes());
        writer.finish()
    }

    /// The acceptance as a signed file.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        signed(self.to_unsigned(), key)
    }

    /// Reads an acceptance that must be signed by `key`.
    pub fn parse_signed(bytes: &[u8], key: &VerifyingKey) -> Result<Acceptance, FileError> {
        let mut reader = Reader::open(bytes, HEADER, LEN_MAX)?;
        let acceptance = Acceptance {
            ceremony: reader.bytes("ceremony")?,
            member: reader.parsed("member", member_number)?,
            dealings: reader.all("dealing", numbered_hash)?.into_iter().collect(),
            transcript: reader.bytes("transcript")?,
            possession: reader.parsed("possession", |text| G1Point::parse(&verify::spelling::from_base64_exact::<48>(text)?).ok())?,
        };
        finish(reader, bytes, acceptance.to_unsigned())?;
        check_signature(bytes, key)?;
        Ok(acceptance)
    }

    /// The name under which an acceptance lies on the table.
    pub fn file_name(committee: &str, member: u8) -> String {
        format!("acceptance-{committee}-{member}.txt")
    }
}

fn numbered_hash(text: &str) -> Option<(u8, [u8; 32])> {
    let mut words = Words::new(text);
    let member = member_number(words.word()?)?;
    let hash = words.bytes::<32>()?;
    words.end((member, hash))
}

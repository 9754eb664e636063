//! A complaint: a member shows everybody that a dealer gave it a wrong share.

use seal::secret::Secret;
use seal::signature::{SigningKey, VerifyingKey};
use verify::document::{Reader, Writer};

use super::card::member_number;
use crate::signing::{FileError, check_signature, finish, signed};

const HEADER: &str = "waarborg-complaint/v1";

/// A complaint with its evidence, `waarborg-complaint/v1`.
///
/// The evidence is the member's box key of this ceremony: with it anybody opens the sealed share in the dealer's signed
/// dealing and sees that it does not fit. Showing the key costs nothing that matters, because the ceremony is void from
/// here on, and the key was made for this ceremony alone. Showing only the share would prove nothing: AES-GCM does not
/// bind a ciphertext to one key, so a member could make up another opening.
pub struct Complaint {
    /// Hash of the terms.
    pub ceremony: [u8; 32],
    /// Who complains.
    pub member: u8,
    /// About whom.
    pub dealer: u8,
    /// SHA-256 of the dealing file.
    pub dealing: [u8; 32],
    /// The member's box key; public from now on.
    pub box_key: Secret<32>,
}

impl Complaint {
    /// Octets of the longest file that is read.
    pub const LEN_MAX: usize = 1024;

    fn to_unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new(HEADER);
        writer.bytes("ceremony", &self.ceremony).line("member", self.member).line("dealer", self.dealer).bytes("dealing", &self.dealing);
        self.box_key.expose(|key| writer.bytes("opened-box-key", key).finish())
    }

    /// The complaint as a signed file.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        signed(self.to_unsigned(), key)
    }

    /// Reads a complaint that must be signed by `key`.
    pub fn parse_signed(bytes: &[u8], key: &VerifyingKey) -> Result<Complaint, FileError> {
        let mut reader = Reader::open(bytes, HEADER, Complaint::LEN_MAX)?;
        let complaint = Complaint {
            ceremony: reader.bytes("ceremony")?,
            member: reader.parsed("member", member_number)?,
            dealer: reader.parsed("dealer", member_number)?,
            dealing: reader.bytes("dealing")?,
            box_key: Secret::new(reader.bytes("opened-box-key")?),
        };
        finish(reader, bytes, complaint.to_unsigned())?;
        check_signature(bytes, key)?;
        Ok(complaint)
    }

    /// The name under which a complaint lies on the table.
    pub fn file_name(committee: &str, member: u8, dealer: u8) -> String {
        format!("complaint-{committee}-{member}-against-{dealer}.txt")
    }
}

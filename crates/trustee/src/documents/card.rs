//! A member's card: who a member is, and the two public keys that the ceremony needs.

use seal::hpke;
use seal::signature::SigningKey;
use verify::document::{Reader, Writer, free_text};
use verify::log::vkey::VerifierKey;
use verify::policy::{CommitteeName, MemberId};

use crate::signing::{FileError, check_signature, file_hash, finish, signed};

const HEADER: &str = "waarborg-card/v1";
const LEN_MAX: usize = 1024;
const WORDS_MAX: usize = 128;

/// One member's card, `waarborg-card/v1`. Public; lies on the table.
///
/// The box key is for one ceremony only and is erased after it, so that a stick found later opens nothing. The receipt key
/// stays. The card is signed by the receipt key: nobody can lay down a card with another's receipt key.
#[derive(Clone, Debug)]
pub struct Card {
    /// Committee and number: the place on the polynomial.
    pub member: MemberId,
    /// The person, as people at the table know her.
    pub name: String,
    /// The body for which she sits here (SEA-15: each another one).
    pub organisation: String,
    /// Ed25519 key that signs dealings, acceptances and later receipts.
    pub receipt_key: VerifierKey,
    /// X25519 key to which the other members seal shares, for one ceremony.
    pub box_key: hpke::PublicKey,
}

impl Card {
    fn to_unsigned(&self) -> Vec<u8> {
        Writer::new(HEADER)
            .line("committee", self.member.committee.as_str())
            .line("member", self.member.index)
            .line("name", &self.name)
            .line("organisation", &self.organisation)
            .line("receipt-key", &self.receipt_key)
            .bytes("box-key", &self.box_key.0)
            .finish()
    }

    /// The card as a file, signed.
    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        signed(self.to_unsigned(), key)
    }

    /// Reads a card and checks its signature by its own receipt key.
    pub fn parse(bytes: &[u8]) -> Result<Card, FileError> {
        let mut reader = Reader::open(bytes, HEADER, LEN_MAX)?;
        let committee = reader.parsed("committee", CommitteeName::parse)?;
        let index = reader.parsed("member", member_number)?;
        let card = Card {
            member: MemberId { committee, index },
            name: reader.parsed("name", words)?,
            organisation: reader.parsed("organisation", words)?,
            receipt_key: reader.parsed("receipt-key", |text| VerifierKey::parse(text).ok())?,
            box_key: hpke::PublicKey(reader.bytes("box-key")?),
        };
        finish(reader, bytes, card.to_unsigned())?;
        check_signature(bytes, card.receipt_key.key())?;
        Ok(card)
    }

    /// The name under which a card lies on the table.
    pub fn file_name(member: MemberId) -> String {
        format!("card-{}-{}.txt", member.committee.as_str(), member.index)
    }
}

/// A member's number: 1 to 255, SEA-12 refuses 0.
pub fn member_number(text: &str) -> Option<u8> {
    verify::spelling::decimal(text).and_then(|n| u8::try_from(n).ok()).filter(|n| *n != 0)
}

/// Words of a person: one line, at most 128 bytes.
pub fn words(text: &str) -> Option<String> {
    free_text(text, WORDS_MAX)
}

/// A card with the hash of the file it came from.
#[derive(Clone, Debug)]
pub struct ReadCard {
    /// The card.
    pub card: Card,
    /// SHA-256 of the file.
    pub hash: [u8; 32],
}

impl ReadCard {
    /// Reads and checks one card file.
    pub fn parse(bytes: &[u8]) -> Result<ReadCard, FileError> {
        Ok(ReadCard { card: Card::parse(bytes)?, hash: file_hash(bytes) })
    }
}

//! The record of a finished ceremony: a committee's public side, as its members, the policy and the log all state it.

use seal::committee::Committee;
use seal::points::{G1Point, G2Point};

use crate::document::{DocumentError, Reader, Words, Writer, canonical, free_text};
use crate::log::vkey::VerifierKey;
use crate::policy::{CommitteeName, CommitteeParts, MemberRow};
use crate::spelling::{self, base64, hex};

const HEADER: &str = "waarborg-committee/v1";
/// 64 members of 400 bytes and 64 points.
const LEN_MAX: usize = 64 * 1024;

/// One member as the record names it.
#[derive(Clone, Debug)]
pub struct RecordedMember {
    /// Ed25519 key of its receipts; its name is the member's name in notes.
    pub receipt_key: VerifierKey,
    /// The person.
    pub name: String,
    /// The body for which she sits.
    pub organisation: String,
}

/// What `ceremony finish` writes, `waarborg-committee/v1`. Public, and the same octets whoever of the members writes it.
#[derive(Clone, Debug)]
pub struct CommitteeRecord {
    /// Which committee.
    pub committee: CommitteeName,
    /// Provider id.
    pub provider: [u8; 16],
    /// 0 for a new key, one more for each refresh or reshare (SEA-17).
    pub generation: u32,
    /// Public polynomial, proof of possession, need, of.
    pub key: Committee,
    /// Member i at place i - 1.
    pub members: Vec<RecordedMember>,
    /// Hash of terms and dealings (SEA-14).
    pub transcript: [u8; 32],
}

impl CommitteeRecord {
    /// The one spelling.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(HEADER);
        writer
            .line("committee", self.committee.as_str())
            .line("provider", hex(&self.provider))
            .line("generation", self.generation)
            .line("need", self.key.need)
            .line("of", self.key.of);
        for (power, point) in self.key.polynomial.iter().enumerate() {
            writer.line("polynomial", format_args!("{power} {}", base64(&point.to_bytes())));
        }
        writer.bytes("possession", &self.key.pop.to_bytes());
        for (place, member) in self.members.iter().enumerate() {
            let number = place + 1;
            writer
                .line("member", format_args!("{number} {}", member.receipt_key))
                .line("name", &member.name)
                .line("organisation", &member.organisation);
        }
        writer.bytes("transcript", &self.transcript).finish()
    }

    /// Reads a record. The proof of possession and the sizes are checked by `key.check()`, not here.
    pub fn parse(bytes: &[u8]) -> Result<CommitteeRecord, DocumentError> {
        let mut reader = Reader::open(bytes, HEADER, LEN_MAX)?;
        let committee = reader.parsed("committee", CommitteeName::parse)?;
        let provider = reader.parsed("provider", spelling::from_hex_exact)?;
        let generation = reader.parsed("generation", |text| u32::try_from(spelling::decimal(text)?).ok())?;
        let small = |text: &str| u8::try_from(spelling::decimal(text)?).ok();
        let (need, of) = (reader.parsed("need", small)?, reader.parsed("of", small)?);
        // Numbers of powers and members are checked by `canonical` below: they are counted, not stored.
        let polynomial = reader.all("polynomial", |text| {
            let mut words = Words::new(text);
            words.word()?;
            let point = G2Point::parse(&words.bytes::<96>()?).ok()?;
            words.end(point)
        })?;
        let public = polynomial.first().ok_or(reader.bad("polynomial"))?.clone();
        let pop = reader.parsed("possession", |text| G1Point::parse(&spelling::from_base64_exact::<48>(text)?).ok())?;
        let mut members = Vec::new();
        while reader.at("member") {
            members.push(RecordedMember {
                receipt_key: reader.parsed("member", |text| VerifierKey::parse(text.split_once(' ')?.1).ok())?,
                name: reader.parsed("name", |text| free_text(text, 128))?,
                organisation: reader.parsed("organisation", |text| free_text(text, 128))?,
            });
        }
        if members.len() != usize::from(of) {
            return Err(reader.bad("of"));
        }
        let transcript = reader.bytes("transcript")?;
        reader.end()?;
        let key = Committee { public, polynomial, pop, need, of };
        let record = CommitteeRecord { committee, provider, generation, key, members, transcript };
        canonical(bytes, &record.to_bytes())?;
        Ok(record)
    }

    /// What the policy document states of it.
    pub fn to_policy(&self) -> CommitteeParts {
        let members = (1u8..)
            .zip(&self.members)
            .map(|(index, member)| MemberRow { index, receipt_key: member.receipt_key.clone(), organisation: member.organisation.clone() })
            .collect();
        CommitteeParts { committee: self.key.clone(), generation: self.generation, members }
    }
}

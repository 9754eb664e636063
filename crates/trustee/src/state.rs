//! What a member keeps: who it is, its keys, its share, and the traces of the ceremony it is in.
//!
//! | file | holds | secret |
//! |---|---|---|
//! | `member` | committee, number, names, public receipt key | |
//! | `receipt.key` | seed of the receipt key | yes |
//! | `box.key` | box key of the open ceremony; gone after it (CER-14) | yes |
//! | `card`, `dealing`, `acceptance` | what was laid on the table | |
//! | `share-<generation>.key` | the share | yes |
//! | `committee-<generation>` | the committee record | |
//! | `newest` | which generation counts | |
//! | `kept`, `audit`, `seen` | heads, intents, counters; the own log; the last time (`kept.rs`, `audit.rs`) | |
//!
//! Loading re-checks everything: the share against the record, the record against its proof of possession.

use std::io;

use seal::committee::{CheckedCommittee, Share};
use seal::entropy::Entropy;
use seal::hpke;
use seal::points::Scalar;
use seal::secret::Secret;
use seal::signature::SigningKey;
use verify::committee_record::CommitteeRecord;
use verify::document::{DocumentError, Reader, Writer, canonical};
use verify::log::vkey::{KeyKind, KeyName, VerifierKey};
use verify::policy::{CommitteeName, MemberId};
use verify::spelling::decimal;

use crate::disk::{Disk, SecretBytes};
use crate::documents::card::{Card, member_number, words};
use crate::key_file;

const MEMBER: &str = "member";
const RECEIPT_KEY: &str = "receipt.key";
const BOX_KEY: &str = "box.key";
const CARD: &str = "card";
const NEWEST: &str = "newest";
/// More reshares than two centuries of months.
const GENERATION_MAX: u32 = 4_096;

/// Why a state folder cannot be used (REL-27) or changed.
#[derive(Debug)]
pub enum StateError {
    /// REL-27: a file that must be there is not.
    Missing { file: String },
    /// REL-27: a file is not as this program writes it.
    Damaged { file: String },
    /// The disk refused.
    Fault(io::Error),
}

impl From<io::Error> for StateError {
    fn from(error: io::Error) -> Self {
        StateError::Fault(error)
    }
}

/// What a member laid on the table and must not lay down twice in different forms (CER-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Laid {
    /// Its round-1 file.
    Dealing,
    /// Its round-2 file.
    Acceptance,
}

impl Laid {
    fn file(self) -> &'static str {
        match self {
            Laid::Dealing => "dealing",
            Laid::Acceptance => "acceptance",
        }
    }
}

/// Who a member is. Public.
#[derive(Clone, Debug)]
pub struct Member {
    /// Committee and number.
    pub id: MemberId,
    /// The person.
    pub name: String,
    /// The body.
    pub organisation: String,
    /// The public receipt key, with the name it has in signed notes.
    pub receipt_key: VerifierKey,
}

/// The state folder of one member, opened. One process at a time: the folder's lock is in `D`.
pub struct State<D: Disk> {
    disk: D,
    member: Member,
}

impl Member {
    fn to_bytes(&self) -> Vec<u8> {
        Writer::new("waarborg-member/v1")
            .line("committee", self.id.committee.as_str())
            .line("member", self.id.index)
            .line("name", &self.name)
            .line("organisation", &self.organisation)
            .line("receipt-key", &self.receipt_key)
            .finish()
    }

    fn parse(bytes: &[u8]) -> Result<Member, DocumentError> {
        let mut reader = Reader::open(bytes, "waarborg-member/v1", 1024)?;
        let committee = reader.parsed("committee", CommitteeName::parse)?;
        let index = reader.parsed("member", member_number)?;
        let member = Member {
            id: MemberId { committee, index },
            name: reader.parsed("name", words)?,
            organisation: reader.parsed("organisation", words)?,
            receipt_key: reader.parsed("receipt-key", |text| VerifierKey::parse(text).ok())?,
        };
        reader.end()?;
        canonical(bytes, &member.to_bytes())?;
        Ok(member)
    }
}

/// The name of a member's key in signed notes: committee, number and person, without spaces and plus signs.
pub fn key_name(id: MemberId, name: &str) -> Option<KeyName> {
    let person: String = name.chars().map(|c| if c.is_whitespace() || c == '+' { '-' } else { c }).collect();
    KeyName::parse(&format!("{}-{}/{person}", id.committee.as_str(), id.index)).ok()
}

impl<D: Disk> State<D> {
    /// Makes the state of a new member: keys, card, empty journal. `empty` are the files of the journal (TRU-04).
    ///
    /// The card comes last: a folder without it was interrupted here and never was a member.
    pub fn init(
        disk: D,
        id: MemberId,
        name: &str,
        organisation: &str,
        journal: &[(&str, Vec<u8>)],
        entropy: &mut dyn Entropy,
    ) -> Result<State<D>, StateError> {
        let damaged = |file: &str| StateError::Damaged { file: file.to_owned() };
        let key = SigningKey::generate(entropy).map_err(|_| damaged(RECEIPT_KEY))?;
        let key_name = key_name(id, name).ok_or(damaged(MEMBER))?;
        let member = Member {
            id,
            name: words(name).ok_or(damaged(MEMBER))?,
            organisation: words(organisation).ok_or(damaged(MEMBER))?,
            receipt_key: VerifierKey::new(key_name, KeyKind::Ed25519, key.verifying_key()),
        };
        disk.create(MEMBER, &member.to_bytes())?;
        let seed = key_file::write("waarborg-receipt-key/v1", "seed", key.seed());
        disk.create(RECEIPT_KEY, &seed.0)?;
        for (file, bytes) in journal {
            disk.create(file, bytes)?;
        }
        let state = State { disk, member };
        state.make_card(entropy)?;
        Ok(state)
    }

    /// Opens a member's state. REL-27: a folder without its files is refused.
    pub fn open(disk: D) -> Result<State<D>, StateError> {
        for file in [MEMBER, RECEIPT_KEY, CARD] {
            if disk.read(file)?.map(SecretBytes).is_none() {
                return Err(StateError::Missing { file: file.to_owned() });
            }
        }
        let bytes = disk.read(MEMBER)?.unwrap_or_default();
        let member = Member::parse(&bytes).map_err(|_| StateError::Damaged { file: MEMBER.to_owned() })?;
        let state = State { disk, member };
        if state.receipt_key()?.verifying_key() != *state.member.receipt_key.key() {
            return Err(StateError::Damaged { file: RECEIPT_KEY.to_owned() });
        }
        // The card is signed, so it also tells whether names and number are still those of `init`.
        let card = Card::parse(&state.card()?).map_err(|_| StateError::Damaged { file: CARD.to_owned() })?;
        let own = &state.member;
        let same = (card.member, &card.name, &card.organisation) == (own.id, &own.name, &own.organisation);
        if !same || card.receipt_key.key() != own.receipt_key.key() {
            return Err(StateError::Damaged { file: CARD.to_owned() });
        }
        Ok(state)
    }

    /// Who this member is.
    pub fn member(&self) -> &Member {
        &self.member
    }

    /// The disk, for the journal.
    pub fn disk(&self) -> &D {
        &self.disk
    }

    /// Gives the disk back.
    pub fn into_disk(self) -> D {
        self.disk
    }

    /// The key that signs cards, dealings, acceptances and receipts.
    pub fn receipt_key(&self) -> Result<SigningKey, StateError> {
        let seed = self.secret(RECEIPT_KEY, "waarborg-receipt-key/v1", "seed")?;
        let seed = seed.ok_or(StateError::Missing { file: RECEIPT_KEY.to_owned() })?;
        SigningKey::from_seed(seed).map_err(|_| StateError::Damaged { file: RECEIPT_KEY.to_owned() })
    }

    /// The box key of the open ceremony; `None` when none is open.
    pub fn box_key(&self) -> Result<Option<hpke::PrivateKey>, StateError> {
        Ok(self.secret(BOX_KEY, "waarborg-box-key/v1", "key")?.map(hpke::PrivateKey::from_bytes))
    }

    /// This member's card as it lies on the table.
    pub fn card(&self) -> Result<Vec<u8>, StateError> {
        self.disk.read(CARD)?.ok_or(StateError::Missing { file: CARD.to_owned() })
    }

    /// A new card with a new box key, for a new ceremony. What was laid down for an older one is forgotten.
    pub fn make_card(&self, entropy: &mut dyn Entropy) -> Result<Vec<u8>, StateError> {
        let box_key = hpke::PrivateKey::generate(entropy);
        let public = box_key.public_key().map_err(|_| StateError::Damaged { file: BOX_KEY.to_owned() })?;
        let card = Card {
            member: self.member.id,
            name: self.member.name.clone(),
            organisation: self.member.organisation.clone(),
            receipt_key: self.member.receipt_key.clone(),
            box_key: public,
        }
        .sign(&self.receipt_key()?);
        // Traces first: were the box key renewed before, an interruption would leave them with the wrong card.
        self.disk.erase(Laid::Dealing.file())?;
        self.disk.erase(Laid::Acceptance.file())?;
        let key = box_key.expose(|octets| key_file::write("waarborg-box-key/v1", "key", &Secret::new(*octets)));
        self.disk.replace(BOX_KEY, &key.0)?;
        self.disk.replace(CARD, &card)?;
        Ok(card)
    }

    /// What this member laid on the table in this ceremony.
    pub fn laid(&self, what: Laid) -> Result<Option<Vec<u8>>, StateError> {
        Ok(self.disk.read(what.file())?)
    }

    /// CER-10: stores a file before it is laid on the table.
    pub fn lay(&self, what: Laid, bytes: &[u8]) -> Result<(), StateError> {
        Ok(self.disk.create(what.file(), bytes)?)
    }

    /// Stores the outcome of a ceremony: record and share, then that they count. Only then the box key goes (CER-14).
    ///
    /// Can be repeated after an interruption at any step.
    pub fn store_share(&self, record: &CommitteeRecord, share: &Share) -> Result<(), StateError> {
        let generation = record.generation;
        self.disk.replace(&record_file(generation), &record.to_bytes())?;
        let bytes = key_file::write("waarborg-share/v1", "share", &share.secret().to_secret());
        self.disk.replace(&share_file(generation), &bytes.0)?;
        self.disk.replace(NEWEST, format!("waarborg-newest/v1\ngeneration {generation}\n").as_bytes())?;
        self.disk.erase(BOX_KEY)?;
        self.disk.erase(Laid::Dealing.file())?;
        self.disk.erase(Laid::Acceptance.file())?;
        Ok(())
    }

    /// The newest generation; `None` before the first ceremony.
    pub fn newest(&self) -> Result<Option<u32>, StateError> {
        let Some(bytes) = self.disk.read(NEWEST)? else { return Ok(None) };
        let damaged = || StateError::Damaged { file: NEWEST.to_owned() };
        let mut reader = Reader::open(&bytes, "waarborg-newest/v1", 64).map_err(|_| damaged())?;
        let number = reader.parsed("generation", |text| u32::try_from(decimal(text)?).ok()).map_err(|_| damaged())?;
        reader.end().map_err(|_| damaged())?;
        if GENERATION_MAX < number { Err(damaged()) } else { Ok(Some(number)) }
    }

    /// A committee record of this member, checked (SEA-10 to SEA-13).
    pub fn record(&self, generation: u32) -> Result<(CommitteeRecord, CheckedCommittee), StateError> {
        let file = record_file(generation);
        let bytes = self.disk.read(&file)?.ok_or(StateError::Missing { file: file.clone() })?;
        let record = CommitteeRecord::parse(&bytes).map_err(|_| StateError::Damaged { file: file.clone() })?;
        let committee = record.key.check().map_err(|_| StateError::Damaged { file })?;
        Ok((record, committee))
    }

    /// The share of one generation, checked against its record (SEA-12).
    pub fn share(&self, generation: u32, committee: &CheckedCommittee) -> Result<Share, StateError> {
        let file = share_file(generation);
        let octets = self.secret(&file, "waarborg-share/v1", "share")?.ok_or(StateError::Missing { file: file.clone() })?;
        let scalar = octets.expose(Scalar::parse).map_err(|_| StateError::Damaged { file: file.clone() })?;
        Share::new(self.member.id.index, scalar, committee).map_err(|_| StateError::Damaged { file })
    }

    /// SEA-17, SEA-49: destroys the shares of all generations before `newest`, and with `newest` too where the member left.
    pub fn erase_shares_before(&self, generation: u32) -> Result<u32, StateError> {
        let mut erased = 0;
        for old in 0..generation.min(GENERATION_MAX) {
            let file = share_file(old);
            if self.disk.read(&file)?.map(SecretBytes).is_some() {
                self.disk.erase(&file)?;
                erased += 1;
            }
        }
        Ok(erased)
    }

    fn secret(&self, file: &str, header: &'static str, key: &'static str) -> Result<Option<Secret<32>>, StateError> {
        let Some(bytes) = self.disk.read(file)?.map(SecretBytes) else { return Ok(None) };
        key_file::read(&bytes.0, header, key).map(Some).ok_or(StateError::Damaged { file: file.to_owned() })
    }
}

fn record_file(generation: u32) -> String {
    format!("committee-{generation}")
}

fn share_file(generation: u32) -> String {
    format!("share-{generation}.key")
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::entropy::SeededEntropy;

    #[test]
    fn rel_27_who_a_member_is_has_one_spelling_and_an_end() {
        let id = MemberId { committee: CommitteeName::Guardians, index: 2 };
        let key = SigningKey::generate(&mut SeededEntropy::new([1; 32])).unwrap();
        let receipt_key = VerifierKey::new(key_name(id, "Bram").unwrap(), KeyKind::Ed25519, key.verifying_key());
        let member = Member { id, name: "Bram".to_owned(), organisation: "Notary".to_owned(), receipt_key };
        let good = String::from_utf8(member.to_bytes()).unwrap();
        let read = |text: &str| Member::parse(text.as_bytes()).map(|member| member.to_bytes()).map_err(|error| error.code());
        assert_eq!(read(&good), Ok(good.clone().into_bytes()));
        for more in ["name Anna\n", "\n", "x"] {
            assert_eq!(read(&format!("{good}{more}")), Err("DOC-05"), "{more:?}");
        }
        for (from, to) in [("member 2", "member 02"), ("member 2", "member 0"), ("name Bram", "name Bram "), ("guardians\n", "Guardians\n")]
        {
            assert_eq!(read(&good.replacen(from, to, 1)), Err("DOC-04"), "{to}");
        }
    }
}

//! Evidence files `data/evidence/<category>-<slot_no>.wbe`: all that a stranger needs to open one wholly ordered slot again
//! (sealing.md section 11, SEA-64).
//!
//! Strict shape only: parts that must agree with each other do, and nothing has been verified. Whether keys, proofs and
//! signatures hold is judged in [`crate::verdict`]. Confidential: d and w_b open the slot for whoever has the segments.

use seal::epoch::EpochHeader;
use seal::identity::{Category, Identity, Slot, SlotLen};
use seal::labels;
use seal::merkle::Hash;
use seal::retention::BucketProof;
use seal::segment::{Absence, ProvenEntry, SegmentLeaf};

use crate::log::proof::TlogProof;
use crate::log::{self};
use crate::statement::{SignedStatement, Statement, StatementError};

const VERSION: u16 = 1;
/// Longest statement and longest proof: their PUBLIC limits.
const STATEMENT_LEN_MAX: usize = 65_535;
const EPOCHS_MAX: u32 = 1 << 20;

/// Why octets are no evidence file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceError {
    /// SEA-02: ends inside a field, or octets are left over.
    Length,
    /// SEA-02: another label or version.
    Header,
    /// SEA-02: a field is none: an identity, a header, a leaf, an entry, a count past its limit, a flag that is neither 0 nor 1.
    Field { what: &'static str },
    /// SEA-64: identities that are not strictly ascending by digest, or not of the file's category and slot.
    Identities,
    /// SEA-64: epochs that are not in their order, or one twice.
    Epochs,
    /// SEA-64: a statement of another kind than belongs here, or about another header, segment or slot.
    OtherStatement { what: &'static str },
    /// SEA-64: an epoch that takes the slot is not opened, or one that does not is.
    Opened,
    /// LOG-44 and below: a statement is none.
    Statement(StatementError),
    /// LOG-24: a proof is none.
    Proof(log::Refusal),
}

impl EvidenceError {
    pub fn code(&self) -> &'static str {
        match self {
            EvidenceError::Length | EvidenceError::Header | EvidenceError::Field { .. } => "SEA-02",
            EvidenceError::Identities | EvidenceError::Epochs | EvidenceError::OtherStatement { .. } | EvidenceError::Opened => "SEA-64",
            EvidenceError::Statement(error) => error.code(),
            EvidenceError::Proof(error) => error.code(),
        }
    }
}

impl std::fmt::Display for EvidenceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EvidenceError::Length => f.write_str("the evidence file is cut or has octets left over"),
            EvidenceError::Header => f.write_str("not an evidence file of version 1"),
            EvidenceError::Field { what } => write!(f, "not a valid {what}"),
            EvidenceError::Identities => f.write_str("identities out of order, or of another category or slot"),
            EvidenceError::Epochs => f.write_str("epochs out of order"),
            EvidenceError::OtherStatement { what } => write!(f, "the {what} statement is about something else"),
            EvidenceError::Opened => f.write_str("an epoch that takes the slot is not opened, or one that does not is"),
            EvidenceError::Statement(error) => error.fmt(f),
            EvidenceError::Proof(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for EvidenceError {}

/// A PUBLIC statement with the proof that it stands in PUBLIC.
#[derive(Clone, Debug, PartialEq)]
pub struct ProvenStatement {
    pub statement: SignedStatement,
    pub proof: TlogProof,
}

/// An ordered identity and its key d.
#[derive(Clone, PartialEq, Eq)]
pub struct ShownKey {
    pub identity: Identity,
    /// 48 octets, not yet checked against P_pub.
    pub key: [u8; 48],
}

/// One epoch of the slot.
#[derive(Clone)]
pub struct EpochPart {
    pub header: EpochHeader,
    pub leaf: SegmentLeaf,
    pub epoch: ProvenStatement,
    pub segment: ProvenStatement,
    /// `segment-sorted` statements that name this segment.
    pub sorted: Vec<ProvenStatement>,
    /// One for each identity of the file; none in an epoch that does not take the slot.
    pub parts: Vec<Option<IdentityPart>>,
}

/// What one identity has in one epoch.
#[derive(Clone)]
pub struct IdentityPart {
    pub bucket: BucketProof,
    /// In order of counter.
    pub entries: Vec<ProvenEntry>,
    pub absence: Absence,
}

/// One evidence file.
#[derive(Clone)]
pub struct EvidenceFile {
    pub category: Category,
    pub slot: Slot,
    /// Ascending by SHA-256 of the identity.
    pub identities: Vec<ShownKey>,
    pub slot_close: ProvenStatement,
    /// Epochs under the slot-close, then late ones; each ascending by epoch_hash.
    pub epochs: Vec<EpochPart>,
}

impl std::fmt::Debug for EvidenceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EvidenceFile({:?}, {:?}, {} epochs, ..)", self.category, self.slot, self.epochs.len())
    }
}

impl EvidenceFile {
    /// 1 GiB: 2^16 identities with a few proven entries each; larger slots are answered in several orders.
    pub const LEN_MAX: usize = 1 << 30;

    pub fn parse(octets: &[u8]) -> Result<EvidenceFile, EvidenceError> {
        if EvidenceFile::LEN_MAX < octets.len() {
            return Err(EvidenceError::Length);
        }
        let mut rest = Octets(octets);
        if rest.take(8)? != labels::EVIDENCE || rest.number::<2>()? != u64::from(VERSION) {
            return Err(EvidenceError::Header);
        }
        let file = EvidenceFile::read(&mut rest)?;
        if !rest.0.is_empty() {
            return Err(EvidenceError::Length);
        }
        file.check()?;
        Ok(file)
    }

    fn read(rest: &mut Octets<'_>) -> Result<EvidenceFile, EvidenceError> {
        let category = u16::try_from(rest.number::<2>()?).ok().and_then(|n| Category::new(n).ok());
        let category = category.ok_or(EvidenceError::Field { what: "category" })?;
        let slot_len = u32::try_from(rest.number::<4>()?).ok().and_then(|n| SlotLen::new(n).ok());
        let slot_len = slot_len.ok_or(EvidenceError::Field { what: "slot length" })?;
        let slot = Slot::new(slot_len, rest.number::<8>()?).map_err(|_| EvidenceError::Field { what: "slot" })?;
        let identities = (0..rest.number::<2>()?).map(|_| shown_key(rest)).collect::<Result<Vec<_>, _>>()?;
        let slot_close = proven_statement(rest)?;
        let count = rest.number::<4>()?;
        if u64::from(EPOCHS_MAX) < count {
            return Err(EvidenceError::Field { what: "number of epochs" });
        }
        let epochs = (0..count).map(|_| epoch_part(rest, identities.len())).collect::<Result<Vec<_>, _>>()?;
        Ok(EvidenceFile { category, slot, identities, slot_close, epochs })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = labels::EVIDENCE.to_vec();
        out.extend_from_slice(&VERSION.to_be_bytes());
        out.extend_from_slice(&self.category.number().to_be_bytes());
        out.extend_from_slice(&self.slot.len().seconds().to_be_bytes());
        out.extend_from_slice(&self.slot.no().to_be_bytes());
        // Lengths below: limits that `check` states and `parse` refuses; a file past them is refused by its own writer's test.
        out.extend_from_slice(&(self.identities.len() as u16).to_be_bytes());
        for shown in &self.identities {
            let id = shown.identity.to_bytes();
            out.extend_from_slice(&(id.len() as u16).to_be_bytes());
            out.extend_from_slice(id);
            out.extend_from_slice(&shown.key);
        }
        self.slot_close.write(&mut out);
        out.extend_from_slice(&(self.epochs.len() as u32).to_be_bytes());
        for epoch in &self.epochs {
            epoch.write(&mut out);
        }
        out
    }

    /// What a writer asks before it writes and a reader after it has read (SEA-64).
    pub fn check(&self) -> Result<(), EvidenceError> {
        let digests: Vec<Hash> = self.identities.iter().map(|shown| shown.identity.digest()).collect();
        let placed = |id: &Identity| id.category() == self.category && id.slot() == self.slot;
        let ascending = digests.is_sorted_by(|a, b| a < b);
        if digests.is_empty() || !ascending || !self.identities.iter().all(|shown| placed(&shown.identity)) {
            return Err(EvidenceError::Identities);
        }
        let Statement::SlotClose(close) = self.slot_close.statement.statement() else {
            return Err(EvidenceError::OtherStatement { what: "slot-close" });
        };
        if (close.slot.from(), close.slot.until()) != (self.slot.start(), self.slot.end()) {
            return Err(EvidenceError::OtherStatement { what: "slot-close" });
        }
        // Under the slot-close: those that ended in (from, to]. Late ones: of a later interval (SEA-63, SEA-81).
        let order: Vec<(bool, Hash)> = self.epochs.iter().map(|e| (self.is_later(&e.header), e.leaf.epoch_hash)).collect();
        if !order.is_sorted_by(|a, b| a < b) {
            return Err(EvidenceError::Epochs);
        }
        self.epochs.iter().try_for_each(|epoch| self.check_epoch(epoch))
    }

    fn check_epoch(&self, epoch: &EpochPart) -> Result<(), EvidenceError> {
        let other = |what| Err(EvidenceError::OtherStatement { what });
        if epoch.leaf.epoch_hash != epoch.header.hash() {
            return other("segment");
        }
        match epoch.epoch.statement.statement() {
            Statement::Epoch(header) if *header == epoch.header => {}
            _ => return other("epoch"),
        }
        match epoch.segment.statement.statement() {
            Statement::Segment(leaf) if *leaf == epoch.leaf => {}
            _ => return other("segment"),
        }
        let id = epoch.leaf.digest();
        for sorted in &epoch.sorted {
            match sorted.statement.statement() {
                Statement::SegmentSorted(ids) if ids.contains(&id) => {}
                _ => return other("segment-sorted"),
            }
        }
        // A live epoch before the slot, or a later one that does not cover it, has no business in the file.
        let takes = epoch.header.admits(self.slot).is_ok();
        if epoch.header.end <= self.slot.start() || (self.is_later(&epoch.header) && !takes) {
            return Err(EvidenceError::Epochs);
        }
        if epoch.parts.len() != self.identities.len() || epoch.parts.iter().any(|part| part.is_some() != takes) {
            return Err(EvidenceError::Opened);
        }
        Ok(())
    }

    /// Whether an epoch ended after the slot's interval, so that it stands under a later slot-close.
    pub fn is_later(&self, header: &EpochHeader) -> bool {
        self.slot.end() < header.end
    }
}

impl ProvenStatement {
    /// From the two documents as the log serves them.
    pub fn parse(statement: &[u8], proof: &[u8]) -> Result<ProvenStatement, EvidenceError> {
        let statement = SignedStatement::parse(statement).map_err(EvidenceError::Statement)?;
        let proof = TlogProof::parse(proof).map_err(EvidenceError::Proof)?;
        Ok(ProvenStatement { statement, proof })
    }

    fn write(&self, out: &mut Vec<u8>) {
        for octets in [self.statement.to_bytes(), self.proof.to_bytes()] {
            out.extend_from_slice(&(octets.len() as u32).to_be_bytes());
            out.extend_from_slice(&octets);
        }
    }
}

impl EpochPart {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.header.to_bytes());
        out.extend_from_slice(&self.leaf.to_bytes());
        self.epoch.write(out);
        self.segment.write(out);
        out.push(self.sorted.len() as u8);
        self.sorted.iter().for_each(|sorted| sorted.write(out));
        for part in &self.parts {
            match part {
                None => out.push(0),
                Some(part) => part.write(out),
            }
        }
    }
}

impl IdentityPart {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(1);
        out.extend_from_slice(&self.bucket.to_bytes());
        out.extend_from_slice(&(self.entries.len() as u64).to_be_bytes());
        self.entries.iter().for_each(|entry| entry.write(out));
        out.push(self.absence.entries.len() as u8);
        self.absence.entries.iter().for_each(|entry| entry.write(out));
    }
}

/// Octets that are still to be read.
struct Octets<'a>(&'a [u8]);

impl<'a> Octets<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], EvidenceError> {
        let (front, rest) = self.0.split_at_checked(len).ok_or(EvidenceError::Length)?;
        self.0 = rest;
        Ok(front)
    }

    /// `N` octets, big-endian, N at most 8.
    fn number<const N: usize>(&mut self) -> Result<u64, EvidenceError> {
        Ok(self.take(N)?.iter().fold(0, |sum, octet| (sum << 8) | u64::from(*octet)))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], EvidenceError> {
        self.take(N)?.try_into().map_err(|_| EvidenceError::Length)
    }
}

fn shown_key(rest: &mut Octets<'_>) -> Result<ShownKey, EvidenceError> {
    let len = rest.number::<2>()? as usize;
    let identity = Identity::parse(rest.take(len)?).map_err(|_| EvidenceError::Field { what: "identity" })?;
    Ok(ShownKey { identity, key: rest.array()? })
}

fn proven_statement(rest: &mut Octets<'_>) -> Result<ProvenStatement, EvidenceError> {
    let mut document = || {
        let len = rest.number::<4>()? as usize;
        if STATEMENT_LEN_MAX < len {
            return Err(EvidenceError::Field { what: "statement length" });
        }
        rest.take(len)
    };
    let (statement, proof) = (document()?, document()?);
    ProvenStatement::parse(statement, proof)
}

fn epoch_part(rest: &mut Octets<'_>, identities: usize) -> Result<EpochPart, EvidenceError> {
    let (header, leaf) = (rest.take(EpochHeader::LEN)?, rest.take(SegmentLeaf::LEN)?);
    let (epoch, segment) = (proven_statement(rest)?, proven_statement(rest)?);
    // The octets are those of the statements, so U is decompressed and checked once and not twice.
    let header = match epoch.statement.statement() {
        Statement::Epoch(stated) if stated.to_bytes() == *header => stated.clone(),
        _ => return Err(EvidenceError::OtherStatement { what: "epoch" }),
    };
    let leaf = match segment.statement.statement() {
        Statement::Segment(stated) if stated.to_bytes() == *leaf => *stated,
        _ => return Err(EvidenceError::OtherStatement { what: "segment" }),
    };
    let sorted = (0..rest.number::<1>()?).map(|_| proven_statement(rest)).collect::<Result<Vec<_>, _>>()?;
    let parts = (0..identities).map(|_| identity_part(rest)).collect::<Result<Vec<_>, _>>()?;
    Ok(EpochPart { header, leaf, epoch, segment, sorted, parts })
}

fn identity_part(rest: &mut Octets<'_>) -> Result<Option<IdentityPart>, EvidenceError> {
    match rest.number::<1>()? {
        0 => return Ok(None),
        1 => {}
        _ => return Err(EvidenceError::Field { what: "opened flag" }),
    }
    let bucket = BucketProof::parse(&rest.array()?);
    let entry = |rest: &mut Octets<'_>| ProvenEntry::read(&mut rest.0).map_err(|_| EvidenceError::Field { what: "entry" });
    // Counts are a sender's claim: nothing is allocated by them, the octets run out first.
    let mut entries = Vec::new();
    for _ in 0..rest.number::<8>()? {
        entries.push(entry(rest)?);
    }
    let absent = rest.number::<1>()?;
    if 2 < absent {
        return Err(EvidenceError::Field { what: "absence proof" });
    }
    let absence = Absence { entries: (0..absent).map(|_| entry(rest)).collect::<Result<Vec<_>, _>>()? };
    Ok(Some(IdentityPart { bucket, entries, absence }))
}

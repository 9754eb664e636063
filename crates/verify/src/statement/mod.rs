//! PUBLIC statements: what everyone may read of how the system is run (log.md section 5).
//!
//! A statement is the text of a signed note. Its first line is `waarborg-public/v1 <kind>`; each kind has its own lines.
//! Unknown kinds are kept and shown, and never acted on (LOG-44).

mod signed;
mod text;

use seal::epoch::EpochHeader;
use seal::identity::ProviderId;
use seal::segment::SegmentLeaf;

use crate::calendar::Day;
use crate::document::DocumentError;
use crate::log::vkey::VerifierKey;
use crate::names::{DirectoryId, Span};
use crate::policy::CommitteeName;
use crate::record::{Digest, Opening};

pub use signed::{SignedStatement, StatementError};

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    Ceremony(Ceremony),
    Policy(PolicyNotice),
    Registry(RegistryNotice),
    Epoch(EpochHeader),
    Segment(SegmentLeaf),
    SlotClose(SlotClose),
    /// SHA-256 of segment leaves that an auditor fetched and found sorted; strictly ascending, 1 to 1,000.
    SegmentSorted(Vec<Digest>),
    SaltMap(SaltMapRoot),
    EmergencyCount(EmergencyCount),
    Shred(Shred),
    ShareDeletion(ShareDeletion),
    Open(Open),
    Dummy(Dummies),
    Renew(Renewals),
    Default(LateSubmitter),
    Statistics(Statistics),
    /// The ORDERS checkpoint of 00:00 UTC with its cosignatures, verbatim.
    Head(Vec<u8>),
    /// The last checkpoint of an old shard, verbatim.
    ShardEnd(Vec<u8>),
    /// A kind of later versions, or one with `json`: shown, never acted on.
    Unknown {
        kind: String,
        text: String,
    },
}

/// The outcome of a key ceremony, signed by every member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    pub committee: CommitteeName,
    pub need: u8,
    pub of: u8,
    pub generation: u32,
    pub period: Span,
    /// Coefficients of the public polynomial, compressed; the first is the committee's public key.
    pub polynomial: Vec<[u8; 96]>,
    pub possession: [u8; 48],
    pub transcript: Digest,
    /// Receipt keys by index 1 to n.
    pub members: Vec<VerifierKey>,
}

/// That a policy document holds from a tick on. The document itself may be larger than a statement and is named by hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyNotice {
    pub policy_hash: Digest,
    /// Unix seconds of the first tick under it.
    pub from_tick: u64,
    pub tick: u64,
    pub batch: u64,
    pub freshness: u64,
    pub max_seal: u64,
    /// What people should know, such as a recovery (LOG-65).
    pub remark: Option<String>,
}

/// That an edition of the registry of authorities stands here; its entries hold when they have stood for the waiting time (RGY-04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryNotice {
    pub registry_hash: Digest,
    /// As the edition itself says it.
    pub wait_hours: u32,
}

/// SEA-81: every epoch of every lease whose `end` lies in (from, to].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotClose {
    pub provider: ProviderId,
    pub slot: Span,
    pub epochs: u64,
    /// RFC 6962 root over their segment leaves (144 octets), ascending by epoch_hash.
    pub root: Digest,
}

/// SEA-52: the salt map of one UTC day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaltMapRoot {
    pub provider: ProviderId,
    pub day: Day,
    /// It knows whoever had a record in an epoch that ended by then: the end of the last slot whose closing it goes ahead of. Also
    /// what makes the statement another one where the map has not grown; the log would drop a repetition (decision 0014).
    pub through: u64,
    pub leaves: u64,
    pub root: Digest,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencyCount {
    pub day: Day,
    pub emergencies: u64,
    /// Older than 24 hours.
    pub unconfirmed: u64,
    pub overdue: u64,
    /// Ascending.
    pub suspended: Vec<DirectoryId>,
}

/// A retention key is destroyed (SEA-48).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shred {
    pub retention_id: [u8; 16],
    pub category: u16,
    pub day: Day,
    pub receipt_hash: Digest,
}

/// A member destroyed its share (SEA-49).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareDeletion {
    pub key_id: Digest,
    pub committee: CommitteeName,
    pub index: u8,
    pub period: Span,
}

/// A leaf of ORDERS opened, wholly or in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub log: String,
    pub index: u64,
    pub opening: Opening,
}

/// Leaves shown to be dummies: (index, r), indexes strictly ascending, 1 to 1,000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dummies {
    pub log: String,
    pub rows: Vec<(u64, [u8; 32])>,
}

/// Leaves whose deadline moves: (index, new day), indexes strictly ascending, 1 to 1,000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewals {
    pub log: String,
    pub rows: Vec<(u64, Day)>,
}

/// LOG-54: an overdue index that no authority is named for, and who submitted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateSubmitter {
    pub log: String,
    pub index: u64,
    pub submitter: DirectoryId,
}

/// STA-19: counts over the leaves disclosed in one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    pub year: u32,
    pub log: String,
    /// Indexes, half-open.
    pub range: Span,
    pub openings: u64,
    pub dummies: u64,
    pub overdue: u64,
    /// Strictly ascending lines of cells: words and a count, as `waarborg log statistics` derives them.
    pub rows: Vec<String>,
}

impl Statement {
    /// LOG-44.
    pub const LEN_MAX: usize = 65_535;
    /// Rows of a statement that lists.
    pub const ROWS_MAX: usize = 1_000;

    /// The word in the first line.
    pub fn kind(&self) -> &str {
        match self {
            Statement::Ceremony(_) => "ceremony",
            Statement::Policy(_) => "policy",
            Statement::Registry(_) => "registry",
            Statement::Epoch(_) => "epoch",
            Statement::Segment(_) => "segment",
            Statement::SlotClose(_) => "slot-close",
            Statement::SegmentSorted(_) => "segment-sorted",
            Statement::SaltMap(_) => "salt-map",
            Statement::EmergencyCount(_) => "emergency-count",
            Statement::Shred(_) => "shred",
            Statement::ShareDeletion(_) => "share-deletion",
            Statement::Open(_) => "open",
            Statement::Dummy(_) => "dummy",
            Statement::Renew(_) => "renew",
            Statement::Default(_) => "default",
            Statement::Statistics(_) => "statistics",
            Statement::Head(_) => "head",
            Statement::ShardEnd(_) => "shard-end",
            Statement::Unknown { kind, .. } => kind,
        }
    }

    /// Reads the text of a statement; one spelling (LOG-03).
    pub fn parse(text: &str) -> Result<Statement, DocumentError> {
        text::read(text)
    }

    /// The text that is signed.
    pub fn to_text(&self) -> String {
        text::write(self)
    }
}

#[cfg(test)]
mod tests;

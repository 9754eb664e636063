//! Why a document is no policy.

use crate::document::DocumentError;
use crate::log;

/// One variant per rule of `docs/spec/policy.md`. Codes are part of the format: never renumbered, never reused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// POL-01: the spelling.
    Document(DocumentError),
    /// POL-02: more than 16 continued policies, or not strictly ascending.
    Continues,
    /// POL-03: T, B, F, max_seal or the time to confirm out of bounds.
    Times,
    /// POL-04: a slot length that is too short for a policy without the flag `demo`, too long, or no multiple of the epoch.
    SlotLength,
    /// POL-04: epochs or grace shorter than this kind of policy allows, or epochs above an hour.
    EpochOrGrace,
    /// POL-05: a limit of zero, or more identities in an intent than an evidence file holds.
    Limits,
    /// POL-06: a log policy that is none.
    Log(log::Refusal),
    /// POL-06: a quorum below 1 + floor(2n/3), or the two logs share an origin.
    LogQuorum,
    /// POL-07: a committee whose points, proof of possession or threshold do not hold.
    Committee,
    /// POL-07: members that are not exactly 1 to n.
    Members,
    /// POL-08: the period of the keys is longer than 100 days or not on slot boundaries.
    KeyPeriod,
    /// POL-09: categories that do not ascend, a retention of nothing, or one longer than the source's own.
    Categories,
    /// POL-10: instruments that do not ascend, are missing, or name an unknown category.
    Instruments,
    /// POL-11: directory entries that do not ascend, name an unknown category, or police that validates orders.
    Directory { line: usize },
    /// POL-12: too few attesters for an assurance that some category accepts.
    Attesters,
    /// POL-13: one public key in two places.
    KeyTwice { name: String },
    /// POL-13: a key that is no `0x01` key.
    KeyType { name: String },
    /// POL-14: fewer than two officers, no sealer, or a quorum of policy keys that cannot be met.
    Desk,
    /// POL-15: a delivery certificate or a lift that does not ascend or names nobody.
    Trailer,
}

impl PolicyError {
    pub fn code(&self) -> &'static str {
        match self {
            PolicyError::Document(_) => "POL-01",
            PolicyError::Continues => "POL-02",
            PolicyError::Times => "POL-03",
            PolicyError::SlotLength | PolicyError::EpochOrGrace => "POL-04",
            PolicyError::Limits => "POL-05",
            PolicyError::Log(_) | PolicyError::LogQuorum => "POL-06",
            PolicyError::Committee | PolicyError::Members => "POL-07",
            PolicyError::KeyPeriod => "POL-08",
            PolicyError::Categories => "POL-09",
            PolicyError::Instruments => "POL-10",
            PolicyError::Directory { .. } => "POL-11",
            PolicyError::Attesters => "POL-12",
            PolicyError::KeyTwice { .. } | PolicyError::KeyType { .. } => "POL-13",
            PolicyError::Desk => "POL-14",
            PolicyError::Trailer => "POL-15",
        }
    }
}

impl From<DocumentError> for PolicyError {
    fn from(e: DocumentError) -> PolicyError {
        PolicyError::Document(e)
    }
}

impl std::fmt::Display for PolicyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.code())?;
        match self {
            PolicyError::Document(e) => write!(f, "{e}"),
            PolicyError::Continues => f.write_str("the continued policies are too many or not ascending"),
            PolicyError::Times => f.write_str("a time of the log, of sealing or of confirming is out of bounds"),
            PolicyError::SlotLength => f.write_str("the slot length is not allowed for this policy"),
            PolicyError::EpochOrGrace => f.write_str("the epoch length or the grace is not allowed for this policy"),
            PolicyError::Limits => f.write_str("a limit is zero or too large"),
            PolicyError::Log(e) => write!(f, "a log policy is refused: {e}"),
            PolicyError::LogQuorum => f.write_str("a witness quorum is too small, or the two logs share an origin"),
            PolicyError::Committee => f.write_str("a committee's key does not hold"),
            PolicyError::Members => f.write_str("a committee's members are not exactly 1 to n"),
            PolicyError::KeyPeriod => f.write_str("the key period is too long or not on slot boundaries"),
            PolicyError::Categories => f.write_str("the categories are not ascending, or a retention is not honest"),
            PolicyError::Instruments => f.write_str("the instruments are missing, not ascending, or name no category"),
            PolicyError::Directory { line } => write!(f, "entry {line} of the directory is out of order or not allowed"),
            PolicyError::Attesters => f.write_str("there are too few attesters"),
            PolicyError::KeyTwice { name } => write!(f, "the key of {name} stands in two places"),
            PolicyError::KeyType { name } => write!(f, "the key of {name} is of the wrong type"),
            PolicyError::Desk => f.write_str("too few officers, sealers or policy keys"),
            PolicyError::Trailer => f.write_str("a delivery certificate or a lift is out of order or names nobody"),
        }
    }
}

impl std::error::Error for PolicyError {}

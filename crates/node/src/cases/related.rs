//! Leaves that hang on an order and outlive its case: extensions, notices and confirmations (kinds 4, 5, 9). Trustees remember
//! them per authority (REL-24), so they are kept for every later bundle, whether or not the order's case is open.

use super::octets::{Digest32, Octets};
use super::state::Logged;
use serde::{Deserialize, Serialize};

/// Which leaf: D of its record, so that one handed in twice is one leaf.
pub type RelatedId = Digest32;

/// A leaf that was taken in; `document` is `waarborg-record/v1` as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "state", rename_all = "kebab-case")]
pub enum Related {
    /// Its place in ORDERS is waited for.
    Submitted { document: Octets },
    /// It can be shown.
    Logged { document: Octets, leaf: Logged },
}

impl Related {
    pub fn document(&self) -> &Octets {
        match self {
            Related::Submitted { document } | Related::Logged { document, .. } => document,
        }
    }

    /// Counts up with the state, so that an answer to an earlier one is told apart.
    pub fn version(&self) -> u64 {
        match self {
            Related::Submitted { .. } => 1,
            Related::Logged { .. } => 2,
        }
    }

    /// For people and for the database's column.
    pub fn word(&self) -> &'static str {
        match self {
            Related::Submitted { .. } => "submitted",
            Related::Logged { .. } => "logged",
        }
    }
}

/// A related leaf as a bundle shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// `waarborg-record/v1`.
    pub document: Octets,
    pub index: u64,
}

/// One leaf's new state, written in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedChange {
    pub id: RelatedId,
    pub related: Related,
    pub at: u64,
}

//! One step of one case, as it is written.

use super::happening::Happening;
use super::state::Case;

/// What happened. `by` is a directory id, an officer's key name or a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub at: u64,
    pub what: Happening,
    pub by: String,
}

/// One step of one case: its new state and the event that led to it, written in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub case: Case,
    /// 1 for a new case, else one more than the row's version; anything else means that two gateways run on one database.
    pub version: u64,
    pub event: Event,
}

//! The states: what each has and no other has.

use std::collections::BTreeMap;

use crate::clock::Deadline;
use crate::received::Reason;

/// What became of one identifier of an order (LIF-10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Produced {
        rows: u64,
    },
    /// Searched, and nothing is stored.
    NotHeld,
    Refused(Reason),
}

/// How far the enforcing authority's objection reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The data are deleted and not used.
    Delete,
    /// They are used under its conditions only.
    Conditions,
}

/// It has a receipt number and everything it names is preserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub clock: Deadline,
}

/// Form 3 F is out; the clock stands still, preservation goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clarifying {
    pub clock: Deadline,
    pub asked_at: u64,
    pub question: String,
    pub answer_due: Deadline,
}

/// The enforcing authority was notified: nothing leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnHold {
    pub clock: Deadline,
}

/// Admitted; keys may be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Producing {
    pub clock: Deadline,
    /// How often a person decided a gate; for the counters.
    pub overrides: usize,
}

/// Some identifiers are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartlyProduced {
    pub clock: Deadline,
    pub overrides: usize,
    pub outcomes: BTreeMap<String, Outcome>,
}

/// Every identifier has its outcome, at least one was produced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub outcomes: BTreeMap<String, Outcome>,
    /// Emergency with notification: until then the enforcing authority may object.
    pub objection: Option<Deadline>,
}

/// Nothing that was asked for is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotHeld {
    pub identifiers: Vec<String>,
}

/// Form 3 D is out, per identifier and ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub grounds: BTreeMap<String, Vec<Reason>>,
}

/// Form 3 E is out: a law of a third country forbids it; a court of the issuing State decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflicted {
    pub clock: Deadline,
    pub law: String,
}

/// The court lifted the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifted;

/// The authority took it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// Data had left before.
    pub after_delivery: bool,
}

/// The enforcing authority refused before anything left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedByEnforcing {
    pub grounds: String,
}

/// It objected within 96 hours after data had left in an emergency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled {
    pub limit: Limit,
    pub grounds: String,
}

/// Validation came late and was refused: nothing more leaves, the authority deletes what it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationRefused {
    pub after_delivery: bool,
}

/// The order was transferred to the enforcing State (Art 16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enforcing {
    pub decision_due: Deadline,
}

/// We object to its enforcement (Art 16(4), (5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disputed {
    pub grounds: String,
}

/// The enforcing authority does not recognise it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEnforced;

/// Preservation order: the named persons' hours are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preserving {
    pub until: Deadline,
    pub extensions: u32,
}

/// Form 5 came: held as long as the production needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreservingForProduction {
    /// Reference of the production request.
    pub production: String,
}

/// The hold is over; retention does what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreservationEnded {
    pub produced: bool,
}

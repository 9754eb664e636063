//! What the core asks of the world, and what the world answers.
//!
//! Every task is idempotent: done twice it has the effect of once, and its result depends on the case's stored state and on
//! what is public, not on when it ran. So the core may hand out the same task again after a restart or a fault.

use crate::cases::change::Change;
use crate::cases::related::RelatedChange;
use crate::cases::state::{Anchor, Asking, Batch, CaseId, Heads, HoldMade, Logged, PackageFacts, Packing};
use crate::cases::{Octets, ScopeDiff};

/// What comes into the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Once, after loading: every case goes on where its stored state stands.
    Start,
    /// The time of an earlier `Effect::WakeAt` has come.
    Wake,
    /// Somebody asks something over HTTP; `from` returns in the reply.
    Request { from: u64, request: Request },
    /// A task is done. Stale answers (another version of the case) are dropped.
    Done { case: CaseId, version: u64, done: Done },
    /// A task failed for reasons outside of us; it will be handed out again later.
    Failed { case: CaseId, version: u64, fault: String },
}

/// The documents that people send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// `waarborg-order/v1`, signed by a court or authority.
    Order(Vec<u8>),
    /// A record of kind 10, signed by the court or the issuing authority.
    Withdrawal(Vec<u8>),
    /// A record of kind 4, 5 or 9, signed by who signs its kind (LOG-43).
    Related(Vec<u8>),
    /// An officer's approval, stage 1 or 2.
    Approval { case: CaseId, document: Vec<u8> },
    /// An officer's refusal of the case, with its reason.
    Refusal { case: CaseId, document: Vec<u8> },
    /// Take a halted case up again under a new intent; `by` is an officer's name, checked at the door.
    Retry { case: CaseId, by: String },
}

/// What goes out, to be performed in this order. A `Store` that fails stops the role: what is in memory is then ahead of the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Store(Box<Change>),
    StoreRelated(Box<RelatedChange>),
    Reply {
        to: u64,
        reply: Reply,
    },
    Work(Box<Work>),
    /// The case is closed or its batch is delivered: erase what is left of its keys and workshop files (SEA-66).
    Erase {
        case: CaseId,
    },
    /// An order to preserve came in, or is loaded and not answered yet: what it names is kept from now on, before anybody asks whether it is
    /// valid (LIF-01). Nothing that is kept so can be opened before its hold stands in the log (REL-18).
    Keep {
        case: CaseId,
        order: Octets,
        until: u64,
    },
    /// The order to preserve is over: its hold is destroyed.
    EndHold {
        case: CaseId,
    },
    WakeAt(u64),
    /// For the operator: why a task will be tried again. Words and codes, never content of a document.
    Complain {
        case: CaseId,
        text: String,
    },
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Taken in, or taken in before: the same answer each time (R7).
    Receipt { case: CaseId, number: u64, state: &'static str },
    /// A rule was broken. `code` is stable.
    Refused { code: String, text: String, hint: String },
    /// No such case, for this caller.
    Unknown,
}

/// One task for one version of one case, or of one related leaf: then `case` is the leaf's D, which is no case's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    pub case: CaseId,
    pub version: u64,
    pub task: Task,
}

/// The closed set of things that a case can need from the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Submit C to ORDERS and wait for the receipt of D.
    Log { commitment: [u8; 32], d: [u8; 32], urgent: bool },
    /// How far, from slot `from` to `through`, is every slot's `slot-close` in PUBLIC, without a gap?
    Slots { from: u64, through: u64 },
    /// Look up salts and their proofs and make the intent for this batch.
    Draft { order: Octets, order_leaf: Logged, order_anchor: Anchor, batch: Batch },
    /// Take the newest heads of which the one of ORDERS is no older than the one of PUBLIC, before a leaf is sent.
    Anchor,
    /// Fetch cosigned heads, ORDERS with at least `size_min` leaves.
    Heads { size_min: u64 },
    /// Ask every member that has not answered yet, all under the same heads.
    Ask(Box<Asking>),
    /// Combine, open every epoch of each slot, trim to the period, count twice.
    Open(Box<Asking>),
    /// Open again, compare with the approved scope, write, sign and encrypt the package into the workshop.
    Pack(Box<Packing>),
    /// Move the package from the workshop to the outbox.
    Publish(Box<PackageFacts>),
    /// Have the sealer keep what this logged order names, until then at most.
    Hold { order: Octets, leaf: Logged, until: u64 },
    /// Destroy what the hold of this case keeps.
    EndHold,
}

/// What a task gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    Logged(Logged),
    /// The last slot of the closed run, if there is one.
    Slots(Option<u64>),
    /// The heads, and the last slot that is closed below the one of PUBLIC, if any is.
    Anchored(Anchor, Option<u64>),
    /// The intent; everything it rests on stands in PUBLIC under the anchor.
    Drafted {
        intent: Octets,
        anchor: Anchor,
    },
    /// The salt maps show that no ordered selector exists on any day of the batch.
    NothingThere,
    Heads(Heads),
    /// Member and its answer, or why there is none.
    Answers(Vec<(String, Answer)>),
    Opened(ScopeDiff),
    /// Nothing of the batch can be opened as things are: culprits or a missing segment (SEA-62, SEA-63).
    Stopped {
        code: String,
        text: String,
    },
    Packed(PackageFacts),
    Published {
        at: u64,
    },
    /// None: the sealer has not answered yet.
    Held(Option<HoldMade>),
    HoldEnded,
}

/// What one member said, before the core has checked it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Document(Octets),
    Fault(String),
}

/// Our surroundings failed: the log is away, a disk is full, a store does not answer. Worth trying again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);

impl Task {
    /// For log lines: a word, never content.
    pub fn word(&self) -> &'static str {
        match self {
            Task::Log { .. } => "log",
            Task::Slots { .. } => "slots",
            Task::Draft { .. } => "draft",
            Task::Anchor => "anchor",
            Task::Heads { .. } => "heads",
            Task::Ask(_) => "ask",
            Task::Open(_) => "open",
            Task::Pack(_) => "pack",
            Task::Publish(_) => "publish",
            Task::Hold { .. } => "hold",
            Task::EndHold => "end-hold",
        }
    }
}

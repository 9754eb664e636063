//! The states of a case, each with exactly the data it has; transitions consume the state before them.
//!
//! A state is also the outbox: from the state alone follows what has to be done next, so a gateway that was killed does
//! after its restart exactly what it was about to do (`gateway::core` derives the work of a new state and of a loaded one with the
//! same function). Documents are kept as the octets that came in; `cases::recheck` judges them again on loading.

use super::octets::{Digest32, Octets};
use super::related::Shown;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which case: D of the order record, so the same order sent twice is the same case (R7). It names nobody.
pub type CaseId = Digest32;

/// What every state has: the order as it came in. `number` is the receipt number, counted from 1 per gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub id: CaseId,
    pub number: u64,
    /// POSIX seconds at which the gateway took the order in.
    pub received: u64,
    /// `waarborg-order/v1`, signed.
    pub order: Octets,
}

/// A leaf of ours or the court's that stands in ORDERS: origin, index and `.tlog-proof`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logged {
    pub origin: String,
    pub index: u64,
    pub proof: Octets,
}

/// Two cosigned heads from before a leaf was sent: what stood in PUBLIC by then is older than the leaf (P4, LOG-46).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Checkpoint notes; the one of ORDERS is no older than the one of PUBLIC, and too small to hold the leaf.
    pub public: Octets,
    pub orders: Octets,
}

/// The order is taken in; an anchor from before its leaf is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    pub file: File,
}

/// The order leaf is sent to ORDERS and waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submitted {
    pub file: File,
    pub anchor: Anchor,
}

/// The order is in the log; approval 1 is waited for. `approvals`: none or one, by an officer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwaitingApproval {
    pub file: File,
    /// From before the order leaf.
    pub anchor: Anchor,
    pub leaf: Logged,
    pub approvals: Vec<Octets>,
}

/// An order that two officers approved as understood. Everything after it serves this mandate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mandate {
    pub file: File,
    /// From before the order leaf.
    pub anchor: Anchor,
    pub leaf: Logged,
    /// Approval 1, by two distinct officers, or three for a flagged account (T28).
    pub approvals: Vec<Octets>,
    /// Productions delivered so far, in order of their sequence number.
    pub served: Vec<Served>,
    /// The first slot that no production has covered yet.
    pub next_slot: u64,
    /// Release leaves (kind 13) of intents whose keys were given and whose production was then abandoned: those keys were
    /// used, so they are logged with the next leaves of the case.
    pub owed: Vec<Octets>,
    /// A withdrawal that came while a package was on its way out: nothing further is served.
    pub withdrawal: Option<Octets>,
}

/// One production that went out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Served {
    pub batch: Batch,
    pub package: PackageFacts,
    pub delivered: u64,
    pub release_index: u64,
    pub receipt_index: u64,
}

/// The part of an order that one intent and one production answer: all ordered slots from `first` to `last`, inclusive.
/// (order, sequence) is produced exactly once; `attempt` counts its intents, because a used intent is never used again (REL-15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// From 1.
    pub sequence: u32,
    /// From 1.
    pub attempt: u32,
    pub first_slot: u64,
    pub last_slot: u64,
}

/// The mandate stands and slots are waited for: each must have ended, its grace must be over and its `slot-close` be in PUBLIC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    pub mandate: Mandate,
}

/// The slots of a batch are closed; salts are looked up and the intent is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drafting {
    pub mandate: Mandate,
    pub batch: Batch,
}

/// The intent is made and kept; its leaf is sent to ORDERS and waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intended {
    pub mandate: Mandate,
    pub batch: Batch,
    /// `waarborg-intent/v1`.
    pub intent: Octets,
    /// From before the intent leaf.
    pub anchor: Anchor,
}

/// The intent leaf is in ORDERS; soak (REL-16) is waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Soaking {
    pub intended: Intended,
    pub leaf: Logged,
}

/// The two heads under which every trustee judges. One pair for all of them: the combiner refuses receipts that name different heads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heads {
    /// Cosigned checkpoint notes.
    pub orders: Octets,
    pub public: Octets,
    /// When they were fetched, POSIX seconds; past the freshness F they are useless (REL-05).
    pub taken: u64,
}

/// Trustees are asked. `answers`: member name to its verified `waarborg-release/v1`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    pub soaked: Soaking,
    pub heads: Heads,
    /// Leaves of kinds 4, 5 and 9 that stand under these heads: fixed with them, so that every member and the package see the same.
    #[serde(default)]
    pub related: Vec<Shown>,
    /// Holds that keep an asked slot past its retention (REL-18), fixed with the heads too.
    #[serde(default)]
    pub holds: Vec<ShownHold>,
    pub answers: BTreeMap<String, Octets>,
}

/// Both thresholds are met; the slots are opened, trimmed and counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    pub asked: Asking,
}

/// Opened; approval 2 is waited for: rows out and rows held back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwaitingRelease {
    pub asked: Asking,
    pub scope: super::scope::ScopeDiff,
    /// None or one, by an officer.
    pub approvals: Vec<Octets>,
}

/// Two officers approved exactly `scope`; the package is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packing {
    pub asked: Asking,
    pub scope: super::scope::ScopeDiff,
    pub approvals: [Octets; 2],
    /// When the second officer approved: the time that stands in the package, so that packing again gives the same files.
    pub approved: u64,
}

/// What a package is, for those who have not opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageFacts {
    /// File name in the outbox, made from case and sequence number only.
    pub name: String,
    /// Size of the encrypted file in bytes.
    pub size: u64,
    /// SHA-256 of the encrypted file.
    pub encrypted: Digest32,
    /// SHA-256 of ASiCManifest.xml and of signature.p7s: what the receipt leaf commits to (package.md section 8).
    pub manifest: Digest32,
    pub signature: Digest32,
}

/// The package stands encrypted in the workshop, and the records of its release and receipt leaves are kept; now it is published.
/// Both records exist before the first octet leaves, so that a delivery can never be one that we are unable to log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivering {
    pub mandate: Mandate,
    pub batch: Batch,
    pub package: PackageFacts,
    /// Records of kinds 13 and 14.
    pub release: Octets,
    pub receipt: Octets,
}

/// Delivered. The leaves of kinds 13 and 14 are sent and waited for; the answers with the keys are gone (SEA-66).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reporting {
    pub mandate: Mandate,
    pub batch: Batch,
    pub package: PackageFacts,
    pub delivered: u64,
    pub leaves: LeafQueue,
}

/// Records of ours to be logged, one after the other. `records`: `waarborg-record/v1`; `logged` is as long as the part that is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeafQueue {
    pub records: Vec<Octets>,
    pub logged: Vec<Logged>,
}

impl LeafQueue {
    pub fn new(records: Vec<Octets>) -> LeafQueue {
        LeafQueue { records, logged: Vec::new() }
    }

    /// The first record that is not in the log yet.
    pub fn next(&self) -> Option<&Octets> {
        self.records.get(self.logged.len())
    }
}

/// A batch that cannot go on without people: too many members refused, somebody's key is wrong, a segment is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Halted {
    pub mandate: Mandate,
    pub batch: Batch,
    /// Stable codes and what they mean, for the desk.
    pub why: Vec<String>,
    /// Since when: no ordered selector exists on any ordered day (GWY-15), so that officers may answer "not held".
    #[serde(default)]
    pub nothing_found: Option<u64>,
}

/// What the sealer made of an order to preserve (SEA-68). `outcome`: its record of kind 11, signed with the provider's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldMade {
    pub expires_at: u64,
    /// Values of buckets that it keeps.
    pub copied: u64,
    pub outcome: Octets,
}

/// A hold whose outcome is in ORDERS: from now on members count it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedHold {
    pub made: HoldMade,
    pub leaf: Logged,
}

/// A hold as a bundle shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShownHold {
    pub order: Octets,
    pub order_index: u64,
    /// The order's `.tlog-proof` from when it was logged.
    pub order_proof: Octets,
    pub hold: LoggedHold,
}

/// An order to preserve whose slots are closed: the sealer copies what it names and signs for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preserving {
    pub mandate: Mandate,
}

/// The hold is made; its outcome is sent to ORDERS and waited for. `before`: the same hold with an earlier end, if it was extended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcing {
    pub mandate: Mandate,
    pub made: HoldMade,
    pub before: Option<LoggedHold>,
}

/// The hold stands, until its time or its order is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preserved {
    pub mandate: Mandate,
    pub hold: LoggedHold,
}

/// Reason code (field 21) of the answer "not held"; 1 to 25 are the trustees' rules.
pub const NOT_HELD: u16 = 100;

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "how", rename_all = "kebab-case")]
pub enum Ending {
    /// Everything ordered was answered.
    Completed,
    /// The order's validity ended while the slots from this Unix second on were neither answered nor asked for (REL-12).
    Lapsed { from: u64 },
    /// Officers refused it; `reason` is the code of field 21.
    Refused { reason: u16 },
    /// An officer answered that nothing of what is ordered is held.
    NotHeld,
    /// The court or the issuing authority took it back; `document`: the withdrawal.
    Withdrawn { document: Octets },
}

/// The last leaves of the case are sent and waited for: release leaves still owed, then kind 6, or 10 and 11, or 11.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    pub file: File,
    /// The order's leaf.
    pub leaf: Logged,
    pub served: Vec<Served>,
    pub ending: Ending,
    pub leaves: LeafQueue,
}

/// Nothing is left to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    pub file: File,
    /// The order's leaf.
    pub leaf: Logged,
    pub served: Vec<Served>,
    pub ending: Ending,
    pub leaves: LeafQueue,
    pub at: u64,
}

/// A case in whichever state it is. Exists at the store's edge and in the core's table only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Case {
    Received(Received),
    Submitted(Submitted),
    AwaitingApproval(AwaitingApproval),
    Standing(Standing),
    Preserving(Preserving),
    Announcing(Announcing),
    Preserved(Preserved),
    Drafting(Drafting),
    Intended(Intended),
    Soaking(Soaking),
    Asking(Asking),
    Opening(Opening),
    AwaitingRelease(AwaitingRelease),
    Packing(Packing),
    Delivering(Delivering),
    Reporting(Reporting),
    Halted(Halted),
    Closing(Closing),
    Closed(Closed),
}

impl Case {
    pub fn file(&self) -> &File {
        match self {
            Case::Received(s) => &s.file,
            Case::Submitted(s) => &s.file,
            Case::AwaitingApproval(s) => &s.file,
            Case::Closing(s) => &s.file,
            Case::Closed(s) => &s.file,
            other => match other.mandate() {
                Some(mandate) => &mandate.file,
                None => unreachable!("Cannot fail: every other state has a mandate"),
            },
        }
    }

    /// The mandate of the states that have one.
    pub fn mandate(&self) -> Option<&Mandate> {
        match self {
            Case::Standing(s) => Some(&s.mandate),
            Case::Preserving(s) => Some(&s.mandate),
            Case::Announcing(s) => Some(&s.mandate),
            Case::Preserved(s) => Some(&s.mandate),
            Case::Drafting(s) => Some(&s.mandate),
            Case::Intended(s) => Some(&s.mandate),
            Case::Soaking(s) => Some(&s.intended.mandate),
            Case::Asking(s) => Some(s.mandate()),
            Case::Opening(s) => Some(s.asked.mandate()),
            Case::AwaitingRelease(s) => Some(s.asked.mandate()),
            Case::Packing(s) => Some(s.asked.mandate()),
            Case::Delivering(s) => Some(&s.mandate),
            Case::Reporting(s) => Some(&s.mandate),
            Case::Halted(s) => Some(&s.mandate),
            Case::Received(_) | Case::Submitted(_) | Case::AwaitingApproval(_) | Case::Closing(_) | Case::Closed(_) => None,
        }
    }

    /// The hold that members count, if this is one.
    pub fn hold(&self) -> Option<&LoggedHold> {
        match self {
            Case::Announcing(s) => s.before.as_ref(),
            Case::Preserved(s) => Some(&s.hold),
            _ => None,
        }
    }

    /// The batch being worked on, if there is one.
    pub fn batch(&self) -> Option<Batch> {
        match self {
            Case::Drafting(s) => Some(s.batch),
            Case::Intended(s) => Some(s.batch),
            Case::Soaking(s) => Some(s.intended.batch),
            Case::Asking(s) => Some(s.batch()),
            Case::Opening(s) => Some(s.asked.batch()),
            Case::AwaitingRelease(s) => Some(s.asked.batch()),
            Case::Packing(s) => Some(s.asked.batch()),
            Case::Delivering(s) => Some(s.batch),
            Case::Reporting(s) => Some(s.batch),
            Case::Halted(s) => Some(s.batch),
            _ => None,
        }
    }

    /// The state's word, as the store's column and the command line show it.
    pub fn word(&self) -> &'static str {
        match self {
            Case::Received(_) => "received",
            Case::Submitted(_) => "submitted",
            Case::AwaitingApproval(_) => "awaiting-approval",
            Case::Standing(_) => "standing",
            Case::Preserving(_) => "preserving",
            Case::Announcing(_) => "announcing",
            Case::Preserved(_) => "preserved",
            Case::Drafting(_) => "drafting",
            Case::Intended(_) => "intended",
            Case::Soaking(_) => "soaking",
            Case::Asking(_) => "asking",
            Case::Opening(_) => "opening",
            Case::AwaitingRelease(_) => "awaiting-release",
            Case::Packing(_) => "packing",
            Case::Delivering(_) => "delivering",
            Case::Reporting(_) => "reporting",
            Case::Halted(_) => "halted",
            Case::Closing(_) => "closing",
            Case::Closed(_) => "closed",
        }
    }
}

impl Asking {
    pub fn mandate(&self) -> &Mandate {
        &self.soaked.intended.mandate
    }

    pub fn batch(&self) -> Batch {
        self.soaked.intended.batch
    }
}

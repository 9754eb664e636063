//! An order as it was received, whatever it was written in: EC form XML, ETSI messages, a native order, a letter that was transcribed.
//!
//! Everything is as the sender wrote it: absent things are absent, nothing is filled in, and every value knows its [`Place`] in the
//! source, so that a person can be shown what a gate objects to. What a reader had to normalise is listed, never silent. The letters
//! in the comments are the sections of the forms of Regulation (EU) 2023/1543.

mod forms;
mod moment;
mod options;
mod order;
mod party;
mod place;
mod signature;
pub(crate) mod words;

pub use forms::{Conflict, FollowUp, FollowUpKind, NonExecution, PreservationState, Reason, ReasonGiven, Withdrawal};
pub use moment::{Moment, TimeRange};
pub use options::{DataClass, DataOption};
pub use order::{
    Addressee, Conditions, EarlierRequest, Identifier, IdentifierKind, National, Order, OrderKind, OwnOrder, Requested, Transfer,
};
pub use party::{Contact, EnforcingAuthority, Office, Party};
pub use place::{Difference, Marked, Normalised, Place};
pub use signature::{Finding, SignatureLevel, SignatureVerdict};
pub use words::{
    AuthorityKind, Capacity, DataRole, DeadlineChoice, DelayGround, EarlierKind, Format, NatureOfConflict, Proceedings, Purpose, Threshold,
    TransferTo,
};

/// A document as received, and what reading it showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub envelope: Envelope,
    pub body: Body,
}

/// What does not depend on which form it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    pub format: Format,
    /// SHA-256 of the octets as received; the native order names it (ORD-06).
    pub original_hash: [u8; 32],
    /// ETSI TransactionIdentifier, or what the portal gave: the same one twice is one order (gate 13).
    pub transaction: Option<Marked<String>>,
    pub sender: Option<Marked<Office>>,
    pub receiver: Option<Marked<Office>>,
    /// Well-formed and typed?
    pub schema: Finding,
    /// Every code in it known?
    pub dictionary: Finding,
    /// One for each signature found. None: unsigned.
    pub signatures: Vec<SignatureVerdict>,
    /// What a reader changed to be able to read it.
    pub normalised: Vec<Normalised>,
    /// Where a message and the form inside it say different things: a person decides (etsi.md section 6).
    pub differences: Vec<Difference>,
    /// Section M, which is for the enforcing authority only, was there. Its text is never kept here.
    pub quarantined: Option<Place>,
}

/// What was received.
#[derive(Clone, Debug, PartialEq, Eq)]
// An order is large, but there is one of it at a time.
#[allow(clippy::large_enum_variant)]
pub enum Body {
    /// Form 1 (EPOC), Form 2 (EPOC-PR) or a national order.
    Order(Order),
    /// Form 3: what a provider answers; read back when it is our own or a test's.
    NonExecution(NonExecution),
    /// Form 5 or 6: acts on every identifier of a preservation order received earlier.
    FollowUp(FollowUp),
    /// The authority takes an order back.
    Withdrawal(Withdrawal),
}

impl Received {
    /// The order, if this is one.
    pub fn order(&self) -> Option<&Order> {
        match &self.body {
            Body::Order(order) => Some(order),
            _ => None,
        }
    }
}

//! Why no key is released: one variant a reason, each under the rule that it breaks.

use crate::bundle::BundleError;
use crate::intent::IntentError;
use crate::log;
use crate::order::OrderError;

/// A broken rule of the one list. `rule()` is what the answer names; the words are safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// REL-01: something does not read, or has a second spelling.
    Unreadable(BundleError),
    /// REL-02: a size or number past its limit.
    TooLarge(BundleError),
    /// REL-02: more identities than one intent may name.
    TooManyIdentities { limit: u64 },
    /// REL-03: an origin or a log key that is not pinned.
    Origin(log::Refusal),
    /// REL-04: too few witnesses.
    Quorum(log::Refusal),
    /// REL-05: cosigned too long ago, or in the future.
    NotFresh,
    /// REL-05: our own two clocks disagree.
    ClockUnsure,
    /// REL-06: this member stopped after it saw two histories, and nobody has resumed it.
    Stopped,
    /// REL-06: the head is smaller than the stored one, or no proof from its size is in the bundle.
    NoWayForward { stored: u64 },
    /// REL-06: the path does not lead from the stored head to this one. It is the gateway's, and unsigned: it is wrong, or the log shows two
    /// histories, which whoever reads the log can tell.
    NotExtended { origin: String, stored: u64 },
    /// REL-06: two roots of one size, both signed by log and quorum. All releases stop.
    TwoHistories { origin: String },
    /// REL-07: what the order shows is not what its record commits to.
    Order(OrderError),
    /// REL-08: the order is not in the log at that index.
    OrderNotLogged,
    /// REL-09: preservation, or no order at all.
    NotAnOrderForKeys { kind: u8 },
    /// REL-10: the signer is not in the policy, was not in force, or is not competent for a category.
    SignerNotCompetent,
    /// REL-10: competent, but not in force when the order was first seen, or its key is too new (T9).
    SignerOutOfTime,
    /// REL-11: an assurance that the policy does not accept for a category.
    AssuranceNotAccepted,
    /// REL-11: the signature, or one of the attestations, does not verify.
    SignatureInvalid,
    /// REL-12: not yet or no longer valid.
    OutOfValidity,
    /// REL-12: sealed past the policy's longest time (LOG-43).
    SealedTooLong,
    /// REL-12: withdrawn.
    Withdrawn,
    /// REL-12: a related leaf that is not in the log, has the wrong signer or names no order.
    RelatedInvalid { number: usize },
    /// REL-13: the intent is not in the log under the same checkpoint.
    IntentNotLogged,
    /// REL-13: the intent hangs on another order, or the gateway did not sign it.
    IntentOfOtherOrder,
    /// REL-14: the identities do not derive, or do not give ids_root.
    Identities(IntentError),
    /// REL-14: an identity that the order does not name.
    OutOfScope,
    /// REL-15: the segments named are not exactly those to be opened.
    ReleaseSet,
    /// REL-15: this intent was used before.
    IntentUsed,
    /// REL-16: the checkpoint does not reach one further tick past the intent.
    SoakShort { need: u64 },
    /// REL-17: a slot length that the policy has not.
    SlotLength,
    /// REL-17: the slot has not ended, or its grace is not over.
    SlotNotOver { slot: u64 },
    /// REL-17: no slot-close, or a second one.
    NotOneSlotClose { slot: u64 },
    /// REL-17: a statement that is not in the log or not signed by who must.
    StatementInvalid { number: usize },
    /// REL-17: the epochs shown are not those that slot-close counts, or one has no segment.
    EpochsIncomplete { slot: u64 },
    /// REL-17: an epoch under another key or provider, or across slots.
    EpochForeign,
    /// REL-17: a statement that was not in PUBLIC early enough (LOG-46).
    NotBefore { slot: u64 },
    /// REL-18: past retention and not under a hold.
    PastRetention { slot: u64 },
    /// REL-18: a hold that does not verify.
    HoldInvalid { number: usize },
    /// REL-19: an identity without proof of its salt, or a proof that fails.
    SaltNotProven,
    /// REL-19: a salt, or an absence, that rests on a map which may have been made with the order at hand.
    SaltMapYoung { slot: u64 },
    /// REL-20: another provider or key.
    NotOurKey,
    /// REL-20: a slot outside of the key's period, or the period's shares are due for deletion.
    KeyNotLive,
    /// REL-20: this member's share is not of the newest generation, or it is no member.
    ShareNotNewest,
    /// REL-21: not the pinned disclosure engine.
    RequesterNotPinned,
    /// REL-22: the order names another policy, or it is not in force.
    PolicyNotInForce,
    /// REL-22: category, authority and purpose do not go together.
    NotAllowed,
    /// REL-23: a budget is used up.
    Budget { name: &'static str, limit: u64 },
    /// REL-24: a notice or an opening is overdue.
    Overdue { what: &'static str },
    /// REL-24: an emergency of this authority was not confirmed in time.
    ConfirmationOverdue,
    /// REL-24: the unit is suspended.
    UnitSuspended,
}

impl Refusal {
    /// The number of the rule, 1 to 25. Also the reason code of a kind 6 leaf (SEA-59).
    pub fn rule(&self) -> u8 {
        match self {
            Refusal::Unreadable(_) => 1,
            Refusal::TooLarge(_) | Refusal::TooManyIdentities { .. } => 2,
            Refusal::Origin(_) => 3,
            Refusal::Quorum(_) => 4,
            Refusal::NotFresh | Refusal::ClockUnsure => 5,
            Refusal::Stopped | Refusal::NoWayForward { .. } | Refusal::NotExtended { .. } | Refusal::TwoHistories { .. } => 6,
            Refusal::Order(_) => 7,
            Refusal::OrderNotLogged => 8,
            Refusal::NotAnOrderForKeys { .. } => 9,
            Refusal::SignerNotCompetent | Refusal::SignerOutOfTime => 10,
            Refusal::AssuranceNotAccepted | Refusal::SignatureInvalid => 11,
            Refusal::OutOfValidity | Refusal::SealedTooLong | Refusal::Withdrawn | Refusal::RelatedInvalid { .. } => 12,
            Refusal::IntentNotLogged | Refusal::IntentOfOtherOrder => 13,
            Refusal::Identities(_) | Refusal::OutOfScope => 14,
            Refusal::ReleaseSet | Refusal::IntentUsed => 15,
            Refusal::SoakShort { .. } => 16,
            Refusal::SlotLength | Refusal::SlotNotOver { .. } | Refusal::NotOneSlotClose { .. } => 17,
            Refusal::StatementInvalid { .. } | Refusal::EpochsIncomplete { .. } => 17,
            Refusal::EpochForeign | Refusal::NotBefore { .. } => 17,
            Refusal::PastRetention { .. } | Refusal::HoldInvalid { .. } => 18,
            Refusal::SaltNotProven | Refusal::SaltMapYoung { .. } => 19,
            Refusal::NotOurKey | Refusal::KeyNotLive | Refusal::ShareNotNewest => 20,
            Refusal::RequesterNotPinned => 21,
            Refusal::PolicyNotInForce | Refusal::NotAllowed => 22,
            Refusal::Budget { .. } => 23,
            Refusal::Overdue { .. } | Refusal::ConfirmationOverdue | Refusal::UnitSuspended => 24,
        }
    }

    /// `REL-07`.
    pub fn code(&self) -> String {
        format!("REL-{:02}", self.rule())
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.code())?;
        match self {
            Refusal::Unreadable(e) | Refusal::TooLarge(e) => write!(f, "{e}"),
            Refusal::TooManyIdentities { limit } => write!(f, "more than {limit} identities in one intent"),
            Refusal::Origin(e) | Refusal::Quorum(e) => write!(f, "{e}"),
            Refusal::NotFresh => f.write_str("the checkpoint was not cosigned recently enough"),
            Refusal::ClockUnsure => f.write_str("the clocks of this member disagree"),
            Refusal::Stopped => f.write_str("this member saw two histories of a log and waits for a person"),
            Refusal::NoWayForward { stored } => write!(f, "no proof from the stored size {stored} to the new head"),
            Refusal::NotExtended { origin, stored } => {
                write!(f, "no path leads from the stored head of {origin}, size {stored}, to this one; compare the two (waarborg log compare)")
            }
            Refusal::TwoHistories { origin } => write!(f, "{origin} showed two histories"),
            Refusal::Order(e) => write!(f, "{e}"),
            Refusal::OrderNotLogged => f.write_str("the order is not in the log at that index"),
            Refusal::NotAnOrderForKeys { kind } => write!(f, "a record of kind {kind} gets no key"),
            Refusal::SignerNotCompetent => f.write_str("the signer is not competent for every category, or not in force"),
            Refusal::SignerOutOfTime => {
                f.write_str("the signer was not in force, with the waiting time of a new key over, from the beginning of validity until the order was first seen")
            }
            Refusal::AssuranceNotAccepted => f.write_str("the policy does not accept this assurance for a category"),
            Refusal::SignatureInvalid => f.write_str("the order's signature does not verify"),
            Refusal::OutOfValidity => f.write_str("the order is not valid now"),
            Refusal::SealedTooLong => f.write_str("sealed for longer than the policy allows (LOG-43)"),
            Refusal::Withdrawn => f.write_str("the order is withdrawn"),
            Refusal::RelatedInvalid { number } => write!(f, "related leaf {number} does not verify"),
            Refusal::IntentNotLogged => f.write_str("the intent is not in the log under the same checkpoint"),
            Refusal::IntentOfOtherOrder => f.write_str("the intent is not the gateway's for this order"),
            Refusal::Identities(e) => write!(f, "{e}"),
            Refusal::OutOfScope => f.write_str("an identity is not named by the order"),
            Refusal::ReleaseSet => f.write_str("the segments named are not exactly those to be opened"),
            Refusal::IntentUsed => f.write_str("the intent was used before"),
            Refusal::SoakShort { need } => write!(f, "the log has to reach size {need} first"),
            Refusal::SlotLength => f.write_str("a slot length that the policy does not have"),
            Refusal::SlotNotOver { slot } => write!(f, "the slot that starts at {slot} is not over"),
            Refusal::NotOneSlotClose { slot } => write!(f, "not exactly one slot-close for the slot that starts at {slot}"),
            Refusal::StatementInvalid { number } => write!(f, "statement {number} is not in PUBLIC or not signed by who must"),
            Refusal::EpochsIncomplete { slot } => write!(f, "the epochs of the slot that starts at {slot} are not complete"),
            Refusal::EpochForeign => f.write_str("an epoch of another key or provider, or across slots"),
            Refusal::NotBefore { slot } => write!(f, "statements of the slot that starts at {slot} were not in PUBLIC in time"),
            Refusal::PastRetention { slot } => write!(f, "the slot that starts at {slot} is past its retention"),
            Refusal::HoldInvalid { number } => write!(f, "hold {number} does not verify"),
            Refusal::SaltNotProven => f.write_str("a salt is not proven by its day's salt map"),
            Refusal::SaltMapYoung { slot } => {
                write!(f, "no salt map that is old enough says who was known in the slot that starts at {slot}")
            }
            Refusal::NotOurKey => f.write_str("another provider or key"),
            Refusal::KeyNotLive => f.write_str("the key's period does not cover the slot, or is over"),
            Refusal::ShareNotNewest => f.write_str("this member's share is not of the newest generation"),
            Refusal::RequesterNotPinned => f.write_str("the requester is not the pinned disclosure engine"),
            Refusal::PolicyNotInForce => f.write_str("the policy named by the order is not ours or not in force"),
            Refusal::NotAllowed => f.write_str("the policy does not allow these categories to this authority by this instrument"),
            Refusal::Budget { name, limit } => write!(f, "the budget {name} of {limit} is used up"),
            Refusal::Overdue { what } => write!(f, "the authority has an overdue {what}"),
            Refusal::ConfirmationOverdue => f.write_str("an emergency of this authority is not confirmed"),
            Refusal::UnitSuspended => f.write_str("the unit is suspended"),
        }
    }
}

impl std::error::Error for Refusal {}

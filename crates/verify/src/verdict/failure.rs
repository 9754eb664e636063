//! What ends a verification: a contradiction between the package's parts, or with the policy.

use super::report::Place;

/// One contradiction: the rule, where, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub rule: String,
    pub place: Place,
    pub what: What,
}

/// What was seen. [`What::Inner`] carries the words of the format whose own rule was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A part is not of its format, or its own checks refuse it.
    Inner {
        part: &'static str,
        text: String,
    },
    /// The key or the package says it is a demonstration, and the other does not (SEA-78).
    DemoMismatch,
    /// The statement names another order or intent than the package carries.
    OtherOrder,
    OtherIntent,
    /// The original in the order is not the one in `data/order/`.
    OriginalMissing,
    ReceiptOfOther,
    /// An evidence file for an hour that the order covers only in part, or of other identities than the intent's.
    EvidenceTooMuch,
    EvidenceOfOthers,
    /// No evidence file for an hour that the order covers wholly.
    EvidenceMissing,
    KeyDoesNotFit,
    EpochCount,
    LateEpochMissing,
    SecondSlotClose,
    SegmentUncounted,
    AbsenceNotProven,
    SlotsOfOthers,
    ItemsOfOthers,
    RowsDiffer,
    RowOutside,
    /// A row of a person and an hour for which the intent asks no key: no record of them can have been opened.
    RowWithoutKey,
    HeldBack,
    SourceDiffers,
    PublicIncomplete,
}

impl Failure {
    pub fn new(rule: impl Into<String>, place: Place, what: What) -> Failure {
        Failure { rule: rule.into(), place, what }
    }

    /// A part that its own format refuses.
    pub fn inner(rule: impl Into<String>, place: Place, part: &'static str, error: impl std::fmt::Display) -> Failure {
        Failure { rule: rule.into(), place, what: What::Inner { part, text: error.to_string() } }
    }
}

//! From facts to verdicts: the parts of each promise for one hour. Nothing is checked here any more, only named.

use seal::identity::{Category, Slot};

use super::case::Case;
use super::report::{Cell, Part, Reason};
use super::slot::OpenedSlot;
use super::trustees::Receipts;
use crate::calendar::DAY;
use crate::policy::{Policy, Source};

/// What holds for the whole package.
pub(super) struct Facts<'a> {
    pub policy: &'a Policy,
    pub case: &'a Case,
    pub receipts: &'a Receipts,
}

/// What a reader's copy of PUBLIC says about late epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LatePart {
    Unseen,
    Undecided,
    HeaderAlone,
    Replayed(u64),
}

/// What holds for one hour of one category.
pub(super) struct SlotFacts<'a> {
    pub category: Category,
    pub slot: Slot,
    /// None: covered only in part.
    pub opened: Option<&'a OpenedSlot>,
    pub late: LatePart,
    /// Some ordered selector had no account that day.
    pub absent: bool,
    /// Identities of this hour carry account salts.
    pub salted: bool,
    /// The intent asks for a key of this hour.
    pub asked: bool,
}

/// P1 to P10.
pub(super) fn cells(facts: &Facts<'_>, slot: &SlotFacts<'_>) -> [Cell; 10] {
    let readable = readable(facts, slot);
    let with = |first: Part| Cell::new(first, readable.clone().into_iter().collect());
    [
        with(only_ordered(facts, slot)),
        with(trace(facts)),
        all_ordered(facts, slot),
        Cell::new(not_made_up(facts, slot), Vec::new()),
        Cell::new(Part::proven(Reason::RegisteredTypes), Vec::new()),
        Cell::new(no_one_alone(facts, slot), Vec::new()),
        Cell::new(gone(slot), readable.clone().into_iter().chain(held(facts, slot)).collect()),
        Cell::new(seconds(facts, slot), Vec::new()),
        Cell::new(anyone(slot), Vec::new()),
        Cell::new(person(facts), Vec::new()),
    ]
}

/// SEA-79: weakens P1, P2 and P7.
fn readable(facts: &Facts<'_>, slot: &SlotFacts<'_>) -> Option<Part> {
    match facts.policy.category(slot.category)?.source {
        Source::OnlySealed => None,
        Source::Readable { days } => Some(Part::word(Reason::ReadableAtSource { days })),
    }
}

fn only_ordered(facts: &Facts<'_>, slot: &SlotFacts<'_>) -> Part {
    // SEA-64: in an hour covered in part, d is not shown and the trimming is the provider's word.
    if slot.opened.is_none() {
        return Part::word(Reason::TrimmedByProvider);
    }
    match &facts.case.attested {
        None => Part::proven(Reason::RowsAreOrdered { signer: facts.case.signer.clone() }),
        Some((names, _)) => Part::attested(names.clone(), Reason::OrderAttested),
    }
}

fn trace(facts: &Facts<'_>) -> Part {
    let witnesses = facts.case.votes.iter().map(|vote| vote.witness.clone()).collect();
    Part::proven(Reason::Logged { witnesses })
}

/// SEA-43, SEA-44, SEA-63, SEA-81.
fn all_ordered(facts: &Facts<'_>, slot: &SlotFacts<'_>) -> Cell {
    let absent = slot.absent.then(|| Part::word(Reason::NoSuchSelector));
    let Some(opened) = slot.opened else {
        return Cell::new(Part::word(Reason::TrimmedByProvider), absent.into_iter().collect());
    };
    let sorted = match (opened.unseen, opened.audited) {
        (0, 0) if opened.at_hand > 0 => Part::proven(Reason::SegmentsAtHand),
        (0, 0) => Part::proven(Reason::OpenedAgain),
        (0, _) => Part::attested(opened.auditors.clone(), Reason::SegmentsFetched),
        (segments, _) => Part::word(Reason::SegmentNotFetched { segments }),
    };
    let late = match slot.late {
        LatePart::Unseen => Part::word(Reason::LateEpochsUnseen),
        LatePart::HeaderAlone => Part::word(Reason::EpochWithoutSegment),
        LatePart::Undecided => Part::word(Reason::LateEpochUndecided),
        LatePart::Replayed(entries) => Part::proven(Reason::PublicReplayed { entries }),
    };
    let parts = [Some(sorted), Some(late), salts(facts, slot), absent];
    Cell::new(Part::proven(Reason::OpenedAgain), parts.into_iter().flatten().collect())
}

/// SEA-52: a wrong salt would silently give an empty answer. Members check each (REL-19); the package may show it again.
fn salts(facts: &Facts<'_>, slot: &SlotFacts<'_>) -> Option<Part> {
    if !slot.salted {
        return None;
    }
    if !facts.case.not_carried.contains(&19) {
        // A second map of the day, published when it was known whom the order names, could give the person another salt.
        return Some(match &facts.case.young_salts {
            Some(young) if !young.contains(&slot.slot) => Part::proven(Reason::SaltsShown),
            _ => Part::word(Reason::SaltsShownLate),
        });
    }
    Some(match facts.receipts.thresholds() {
        Some(names) => Part::attested(names, Reason::SaltsByMembers),
        None => Part::word(Reason::SaltsNotShown),
    })
}

/// LOG-46: hours that were over before the order existed were committed before it, later ones before the intent. That the
/// statements stand below the anchors was judged with the case (REL-17).
fn not_made_up(facts: &Facts<'_>, slot: &SlotFacts<'_>) -> Part {
    let (Some(opened), Some(before_intent)) = (slot.opened, facts.case.before_intent) else {
        return Part::word(Reason::NotShownBefore);
    };
    if before_intent <= opened.last_index.max(opened.close_index) {
        return Part::word(Reason::NotShownBefore);
    }
    if !facts.case.is_past(facts.policy, slot.slot) {
        return Part::proven(Reason::CommittedBeforeIntent);
    }
    // Records of a late epoch may have come after the order, though they happened before it.
    match facts.case.before_order {
        Some((size, _)) if opened.last_index < size => Part::proven(Reason::CommittedBeforeOrder),
        _ => Part::word(Reason::ShownOnlyBeforeIntent),
    }
}

/// REL-30, SEA-09.
fn no_one_alone(facts: &Facts<'_>, slot: &SlotFacts<'_>) -> Part {
    // The receipts are about keys; of this hour none was asked for, and none of its records can be in the package.
    if !slot.asked {
        return Part::word(Reason::NoKeyAsked);
    }
    if let Some(holder) = facts.policy.sole_holder() {
        return Part::word(Reason::NotIndependent { holder: holder.to_owned() });
    }
    match facts.receipts.thresholds() {
        Some(organisations) => Part::attested(organisations, Reason::ReceiptsOfBoth),
        None => Part::word(Reason::NoReceipts),
    }
}

/// SEA-65: no record opened without w_b, and w_b was committed in the header.
fn gone(slot: &SlotFacts<'_>) -> Part {
    match slot.opened {
        Some(_) => Part::proven(Reason::RetentionLock),
        None => Part::word(Reason::LockNotShown),
    }
}

/// REL-18: the order to preserve stays with the members, because it may name others than this package does.
fn held(facts: &Facts<'_>, slot: &SlotFacts<'_>) -> Option<Part> {
    let days = facts.policy.category(slot.category)?.retention_days;
    let within = facts.case.now < slot.slot.end().saturating_add(u64::from(days) * DAY);
    if within || !facts.case.not_carried.contains(&18) {
        return None;
    }
    Some(match facts.receipts.thresholds() {
        Some(names) => Part::attested(names, Reason::HeldByMembers),
        None => Part::word(Reason::HoldNotShown),
    })
}

/// LOG-102: machine time, and at most three ticks; two in an emergency. Measured from the head that the intent is shown under to the
/// receipt that completed both thresholds, by the members' own clocks. The gateway chose that head: a later one than the first looks faster.
fn seconds(facts: &Facts<'_>, slot: &SlotFacts<'_>) -> Part {
    if !slot.asked {
        return Part::word(Reason::NoKeyAsked);
    }
    let ticks = if facts.case.is_emergency() { 2 } else { 3 };
    let limit = ticks * facts.policy.times().tick + 2;
    let (Some(names), Some(done)) = (facts.receipts.thresholds(), facts.receipts.completed()) else {
        return Part::word(Reason::NoReceipts);
    };
    let seconds = done.saturating_sub(facts.case.now);
    match seconds <= limit {
        true => Part::attested(names, Reason::Took { seconds, limit }),
        false => Part::word(Reason::TookTooLong { seconds, limit }),
    }
}

fn anyone(slot: &SlotFacts<'_>) -> Part {
    match slot.opened {
        Some(_) => Part::proven(Reason::Checked),
        None => Part::word(Reason::NotCheckable),
    }
}

/// NOT-03, LOG-52: the due date is a field of the logged record, so nobody can move it in silence.
fn person(facts: &Facts<'_>) -> Part {
    let at = facts.case.order.record().record().notice_due().unwrap_or_default();
    match &facts.case.attested {
        None => Part::proven(Reason::NoticeDue { at }),
        Some((names, _)) => Part::attested(names.clone(), Reason::NoticeDue { at }),
    }
}

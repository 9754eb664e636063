//! REL-17 and REL-18: the slots are over, complete, told to everyone in time, and still within their retention.

use std::collections::{BTreeMap, BTreeSet};

use seal::epoch::EpochHeader;
use seal::identity::{Identity, Slot};
use seal::segment::SegmentLeaf;

use super::chain::{Case, Heads, Passed};
use super::intent_rules::Derived;
use super::order_rules::preservation_stands;
use super::refusal::Refusal;
use crate::bundle::{Anchor, HoldPart, RelatedPart, StatementPart};
use crate::calendar::DAY;
use crate::record::{Digest, Kind, Parent};
use crate::statement::{SlotClose, Statement};

/// One epoch as the statements show it; numbers are positions in the bundle.
#[derive(Clone, Copy, Debug)]
pub(super) struct EpochView<'a> {
    pub(super) header: &'a EpochHeader,
    epoch_number: usize,
    /// The segment, if exactly one was shown.
    segment: Option<(&'a SegmentLeaf, usize)>,
}

/// All epochs in the bundle, by end and by hash.
#[derive(Debug)]
pub struct Epochs<'a> {
    by_end: BTreeMap<(u64, Digest), EpochView<'a>>,
    closes: Vec<(usize, &'a SlotClose)>,
}

impl<'a> Epochs<'a> {
    pub(super) fn of(statements: &'a [StatementPart]) -> Epochs<'a> {
        let (mut segments, mut closes) = (BTreeMap::<Digest, Vec<(&SegmentLeaf, usize)>>::new(), Vec::new());
        for (number, part) in statements.iter().enumerate() {
            match part.statement.statement() {
                Statement::Segment(leaf) => segments.entry(leaf.epoch_hash).or_default().push((leaf, number)),
                Statement::SlotClose(close) => closes.push((number, close)),
                _ => {}
            }
        }
        let mut by_end = BTreeMap::new();
        for (number, part) in statements.iter().enumerate() {
            let Statement::Epoch(header) = part.statement.statement() else { continue };
            let hash = header.hash();
            let segment = segments.get(&hash).and_then(|list| match list.as_slice() {
                [one] => Some(*one),
                // SEA-41: exactly one segment leaf for a header. Two that say the same are one said twice.
                [first, rest @ ..] if rest.iter().all(|(leaf, _)| leaf == &first.0) => Some(*first),
                _ => None,
            });
            by_end.insert((header.end, hash), EpochView { header, epoch_number: number, segment });
        }
        Epochs { by_end, closes }
    }

    /// The ids of the segments that opening these slots needs: every epoch shown that admits one of them (REL-15).
    pub(super) fn to_open(&self, slots: &BTreeSet<Slot>) -> BTreeSet<Digest> {
        let opened = self.by_end.values().filter(|view| slots.iter().any(|slot| admits(view.header, *slot)));
        opened.filter_map(|view| view.segment.map(|(leaf, _)| leaf.digest())).collect()
    }

    /// Epochs whose end lies in (start, end] of the slot: those that its slot-close counts (SEA-81).
    fn closed_in(&self, slot: Slot) -> impl Iterator<Item = &EpochView<'a>> {
        let (from, to) = ((slot.start() + 1, [0; 32]), (slot.end(), [0xff; 32]));
        self.by_end.range(from..=to).map(|(_, view)| view)
    }

    /// The last place in PUBLIC of a segment that may hold records of this slot and whose interval was closed in time for the salt
    /// maps that count: the slot's own epochs, and for a past slot late ones too if they were told before the order.
    pub(super) fn last_segment(&self, slot: Slot, case: &Case<'_>, in_time: &InTime) -> Option<u64> {
        let late = self.by_end.values().filter(|view| {
            let closing = Slot::containing(slot.len(), view.header.end.saturating_sub(1));
            admits(view.header, slot) && in_time.is_past(case, slot) && in_time.is_past(case, closing)
        });
        let told = self.closed_in(slot).chain(late);
        told.filter_map(|view| case.statement(view.segment?.1).map(|part| part.place.index)).max()
    }
}

fn admits(header: &EpochHeader, slot: Slot) -> bool {
    header.admits(slot).is_ok()
}

/// Which size of PUBLIC the statements had to be in, for the order and for the intent. Found by REL-17.
#[derive(Clone, Copy, Debug, Default)]
pub struct InTime {
    order: Option<u64>,
    intent: Option<u64>,
    /// Slots closed by then are past slots: their records had to be told before the order existed (P4).
    past_until: u64,
}

impl InTime {
    pub(super) fn is_past(&self, case: &Case<'_>, slot: Slot) -> bool {
        case.policy.times().told_by(slot.end()) <= self.past_until
    }

    /// The size of PUBLIC before the order for past slots, before the intent for others. None only for verifiers.
    pub(super) fn size_before(&self, case: &Case<'_>, slot: Slot) -> Option<u64> {
        if self.is_past(case, slot) { self.order } else { self.intent }
    }

    /// The size of PUBLIC before the intent.
    pub(super) fn before_intent(&self) -> Option<u64> {
        self.intent
    }
}

/// REL-17 Every slot has ended and is closed, its epochs are complete, and all of it was in PUBLIC in time (LOG-46).
pub fn rel_17<'a>(passed: Passed<'a, 16, Derived<'a>>) -> Result<Passed<'a, 17, Derived<'a>>, Refusal> {
    let mut passed = passed;
    let (case, facts) = (&passed.case, &passed.facts);
    let heads = &facts.logged.order.heads;
    let times = case.policy.times();
    for slot in &facts.slots {
        if slot.len() != case.policy.slot_len() {
            return Err(Refusal::SlotLength);
        }
        let over = slot.end().saturating_add(times.grace);
        if case.now(heads.orders()) < over || heads.orders().not_before() < over {
            return Err(Refusal::SlotNotOver { slot: slot.start() });
        }
    }
    heads.look_ahead(case);
    let in_time = anchors(case, facts)?;
    let mut seen = BTreeSet::new();
    for slot in &facts.slots {
        check_slot(case, facts, *slot, &in_time, &mut seen)?;
    }
    late_epochs(case, facts, &in_time, &mut seen)?;
    if in_time.intent.is_none() {
        passed.case.not_carried.insert(17);
    }
    Ok(passed.then(|facts| Derived { in_time, ..facts }))
}

fn anchors(case: &Case<'_>, facts: &Derived<'_>) -> Result<InTime, Refusal> {
    let (bundle, heads) = (case.bundle, &facts.logged.order.heads);
    let from = facts.logged.order.record().validity().map_or(0, |v| v.from());
    let order = match &bundle.order_anchor {
        Some(anchor) => Some(check_anchor(case, heads, anchor, bundle.order_place.index).ok_or(Refusal::NotBefore { slot: 0 })?),
        None => None,
    };
    let intent = match &bundle.intent_anchor {
        Some(anchor) => Some(check_anchor(case, heads, anchor, bundle.intent_place.index).ok_or(Refusal::NotBefore { slot: 0 })?),
        None if case.is_verifier() => None,
        None => return Err(Refusal::NotBefore { slot: 0 }),
    };
    // Either time alone could be chosen: the beginning of validity by the court, the anchor by the gateway. The later one counts.
    let past_until = order.map_or(from, |(_, time)| from.max(time));
    Ok(InTime { order: order.map(|(size, _)| size), intent: intent.map(|(size, _)| size), past_until })
}

/// The size of PUBLIC that existed before the leaf at `index` of ORDERS, and the time until which ORDERS had no such leaf.
pub(super) fn check_anchor(case: &Case<'_>, heads: &Heads, anchor: &Anchor, index: u64) -> Option<(u64, u64)> {
    let public = case.policy.public().check(&anchor.public, None).ok()?;
    let orders = case.policy.orders().check(&anchor.orders, None).ok()?;
    let same_logs = public.head().origin == heads.public().head().origin && orders.head().origin == heads.orders().head().origin;
    heads.public().extends(public.head().size, public.head().root, &anchor.public_path).ok()?;
    heads.orders().extends(orders.head().size, orders.head().root, &anchor.orders_path).ok()?;
    // At `orders.not_before` a quorum still saw the log without the leaf; by `public.not_after` one had seen the statements.
    let before = orders.head().size <= index && public.not_after() <= orders.not_before();
    (same_logs && before).then_some((public.head().size, orders.not_before()))
}

fn check_slot(case: &Case<'_>, facts: &Derived<'_>, slot: Slot, in_time: &InTime, seen: &mut BTreeSet<Digest>) -> Result<(), Refusal> {
    let provider = case.policy.parts().provider;
    let of_slot = |close: &SlotClose| close.provider == provider && (close.slot.from(), close.slot.until()) == (slot.start(), slot.end());
    let closes: Vec<_> = facts.epochs.closes.iter().filter(|(_, close)| of_slot(close)).collect();
    let [(number, close)] = closes.as_slice() else {
        return Err(Refusal::NotOneSlotClose { slot: slot.start() });
    };
    let heads = &facts.logged.order.heads;
    holds(case, heads, *number)?;
    let early = |number: usize, size: Option<u64>| {
        let index = case.statement(number).map_or(u64::MAX, |part| part.place.index);
        if size.is_none_or(|size| index < size) { Ok(()) } else { Err(Refusal::NotBefore { slot: slot.start() }) }
    };
    early(*number, in_time.intent)?;
    // LOG-46 asks for statements before the order for slots that "ended by then". Their statements need grace and a few ticks to
    // appear, so a slot counts as past from that moment on (decision 0012).
    let is_past = in_time.is_past(case, slot);
    if is_past && in_time.order.is_none() && !case.is_verifier() {
        return Err(Refusal::NotBefore { slot: slot.start() });
    }
    let mut leaves = Vec::new();
    for view in facts.epochs.closed_in(slot) {
        let (leaf, segment_number) = view.segment.ok_or(Refusal::EpochsIncomplete { slot: slot.start() })?;
        leaves.push(*leaf);
        if seen.insert(leaf.epoch_hash) {
            check_epoch(case, heads, view, segment_number)?;
        }
        // A live epoch that lies inside one slot (`check_epoch`) and ends in this one lies inside of this one.
        let ours = !view.header.is_late();
        if ours && view.header.key_id != case.policy.key_id() {
            return Err(Refusal::EpochForeign);
        }
        for number in [view.epoch_number, segment_number] {
            early(number, in_time.intent)?;
            if is_past && ours {
                early(number, in_time.order)?;
            }
        }
    }
    if leaves.len() as u64 != close.epochs || SegmentLeaf::slot_root(&leaves) != close.root {
        return Err(Refusal::EpochsIncomplete { slot: slot.start() });
    }
    Ok(())
}

/// Late epochs of later intervals that cover a slot asked for: theirs is the intent's time (SEA-63).
fn late_epochs(case: &Case<'_>, facts: &Derived<'_>, in_time: &InTime, seen: &mut BTreeSet<Digest>) -> Result<(), Refusal> {
    let heads = &facts.logged.order.heads;
    for view in facts.epochs.by_end.values().filter(|v| v.header.is_late()) {
        let Some(slot) = facts.slots.iter().find(|slot| admits(view.header, **slot)) else { continue };
        let (_, segment_number) = view.segment.ok_or(Refusal::EpochsIncomplete { slot: slot.start() })?;
        if view.header.key_id != case.policy.key_id() {
            return Err(Refusal::EpochForeign);
        }
        if seen.insert(view.header.hash()) {
            check_epoch(case, heads, view, segment_number)?;
        }
        let index = |number: usize| case.statement(number).map_or(u64::MAX, |part| part.place.index);
        let last = index(view.epoch_number).max(index(segment_number));
        if in_time.intent.is_some_and(|size| size <= last) {
            return Err(Refusal::NotBefore { slot: slot.start() });
        }
    }
    Ok(())
}

fn check_epoch(case: &Case<'_>, heads: &Heads, view: &EpochView<'_>, segment_number: usize) -> Result<(), Refusal> {
    holds(case, heads, view.epoch_number)?;
    holds(case, heads, segment_number)?;
    let aligned = view.header.check_alignment(case.policy.slot_len()).is_ok();
    if view.header.provider != case.policy.parts().provider || !aligned {
        return Err(Refusal::EpochForeign);
    }
    Ok(())
}

fn holds(case: &Case<'_>, heads: &Heads, number: usize) -> Result<(), Refusal> {
    if heads.statement_holds(case, number) { Ok(()) } else { Err(Refusal::StatementInvalid { number }) }
}

/// What field 13 of a hold's outcome commits to: be64 expiry ‖ be64 number of copied w_b.
pub fn hold_digest(expiry: u64, copied: u64) -> Digest {
    seal::digest::sha256(&[&expiry.to_be_bytes(), &copied.to_be_bytes()])
}

/// REL-18 Every slot lies inside the retention of its category, or under a hold that names the identity.
///
/// A package does not carry the hold: its order may name persons whom this one does not. So what was past its retention by then is the
/// members' word there.
pub fn rel_18<'a>(passed: Passed<'a, 17, Derived<'a>>) -> Result<Passed<'a, 18, Derived<'a>>, Refusal> {
    let mut passed = passed;
    let (case, facts) = (&passed.case, &passed.facts);
    let now = case.now(facts.logged.order.heads.orders());
    let mut holds = Vec::with_capacity(case.bundle.holds.len());
    for (number, part) in case.bundle.holds.iter().enumerate() {
        let logged_by = hold_stands(case, &facts.logged.order.heads, part, now).ok_or(Refusal::HoldInvalid { number })?;
        holds.push(Hold { part, logged_by });
    }
    let past = facts.identities.iter().find(|identity| !is_kept(case, &holds, identity, now)).map(|identity| identity.slot().start());
    match past {
        Some(slot) if !case.is_verifier() => return Err(Refusal::PastRetention { slot }),
        Some(_) => {
            passed.case.not_carried.insert(18);
        }
        None => {}
    }
    Ok(passed.then(|facts| facts))
}

/// A hold that stands, and by when its order stood in ORDERS.
struct Hold<'a> {
    part: &'a HoldPart,
    logged_by: u64,
}

/// Within its retention, or named by a hold that was ordered while it still was: no order brings back what should have been gone by then.
fn is_kept(case: &Case<'_>, holds: &[Hold<'_>], identity: &Identity, now: u64) -> bool {
    let slot = identity.slot();
    let days = case.policy.category(identity.category()).map_or(0, |rule| rule.retention_days);
    let retained_until = slot.end().saturating_add(u64::from(days) * DAY);
    let scope_names = |hold: &HoldPart| hold.order.scope().names(identity.selector(), identity.category(), slot);
    now < retained_until || holds.iter().any(|hold| hold.logged_by <= retained_until && scope_names(hold.part))
}

/// By when the order of a hold that stands was logged.
fn hold_stands(case: &Case<'_>, heads: &Heads, hold: &HoldPart, now: u64) -> Option<u64> {
    let outcome = hold.outcome.record();
    let parent = Parent::new(heads.orders().head().origin.as_str(), hold.order_place.index);
    let leaf_hash = hold.order.record().leaf_hash();
    let logged = hold.logged.verify(leaf_hash, case.policy.orders(), None).ok()?;
    // SEA-68: it ends with its order at the latest.
    let in_validity = hold.order.record().record().validity().is_some_and(|validity| hold.expiry <= validity.until());
    let stands = now < hold.expiry
        && in_validity
        && !is_withdrawn(case, &parent)
        && preservation_stands(case.policy, &hold.order)
        && heads.orders_holds(leaf_hash, &hold.order_place)
        && heads.orders_holds(hold.outcome.leaf_hash(), &hold.outcome_place)
        && outcome.kind() == Kind::Outcome
        && outcome.parent() == Some(parent)
        && outcome.release_set() == Some(hold_digest(hold.expiry, hold.copied))
        && hold.outcome.verify_native(case.policy.parts().provider_key.key()).is_ok();
    stands.then(|| logged.head().not_after())
}

/// REL-12 has looked at every related leaf by now: one of this bundle withdraws what it says.
fn is_withdrawn(case: &Case<'_>, order: &Parent) -> bool {
    let withdraws = |part: &RelatedPart| part.record.kind() == Kind::Withdrawal && part.record.record().parent() == Some(*order);
    case.kept.withdrawn.contains(order) || case.bundle.related.iter().any(withdraws)
}

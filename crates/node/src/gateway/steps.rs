//! What each state needs next, and what its answer turns it into. One function a state; none of them does anything.

use super::answers;
use super::core::{Next, Step};
use super::leaves;
use super::papers::{self, Order};
use super::preserving;
use super::related::RelatedLeaves;
use super::rules::Rules;
use super::work::{Done, Task};
use crate::cases::Octets;
use crate::cases::happening::Happening;
use crate::cases::state::*;
use seal::entropy::Entropy;

/// Why an answer of the world is not used. Always met by asking again later: the world is not trusted to be right, only useful.
#[derive(Debug)]
pub(super) enum Unusable {
    /// The answer is of another kind than the task's.
    Mismatch,
    /// A document in it does not verify; the code says which rule.
    Document(String),
    /// Nothing gained: members are away.
    NoProgress,
}

impl Unusable {
    /// For the operator.
    pub(super) fn text(&self) -> &str {
        match self {
            Unusable::Mismatch => "an answer that does not fit its question",
            Unusable::Document(text) => text,
            Unusable::NoProgress => "too few members answer",
        }
    }
}

impl<E: std::fmt::Display> From<E> for Unusable {
    fn from(error: E) -> Unusable {
        Unusable::Document(error.to_string())
    }
}

type Advance = Result<Option<Step>, Unusable>;

/// The work of a state. The same function serves a state just reached and one just loaded.
pub(super) fn next(rules: &Rules, case: &Case, now: u64) -> Next {
    match case {
        Case::Received(_) => Next::Task(Task::Anchor),
        Case::Submitted(s) => with_order(rules, &s.file, |order| log_task(order.commitment, order.d, order.emergency)),
        Case::Standing(s) => with_order(rules, &s.mandate.file, |order| match order.preserves {
            true => preserving::standing(rules, s, order, now),
            false => standing(rules, s, order, now),
        }),
        Case::Preserving(s) => with_order(rules, &s.mandate.file, |order| preserving::ask(rules, &s.mandate, order)),
        Case::Announcing(s) => match leaves::commitment(&s.made.outcome) {
            Ok((commitment, d)) => log_task(commitment, d, false),
            Err(_) => Next::Nothing,
        },
        Case::Preserved(s) => with_order(rules, &s.mandate.file, |order| preserving::preserved(rules, s, order, now)),
        Case::Drafting(s) => {
            let Mandate { file, leaf, anchor, .. } = &s.mandate;
            let (order, order_leaf, order_anchor) = (file.order.clone(), leaf.clone(), anchor.clone());
            Next::Task(Task::Draft { order, order_leaf, order_anchor, batch: s.batch })
        }
        Case::Intended(s) => with_order(rules, &s.mandate.file, |order| match papers::intent_leaf(&s.intent) {
            Ok((commitment, d)) => log_task(commitment, d, order.emergency),
            Err(_) => Next::Nothing,
        }),
        Case::Soaking(s) => with_order(rules, &s.intended.mandate.file, |order| {
            Next::Task(Task::Heads { size_min: soaked_size(rules, s.leaf.index, order.emergency) })
        }),
        Case::Asking(s) => Next::Task(Task::Ask(Box::new(s.clone()))),
        Case::Opening(s) => Next::Task(Task::Open(Box::new(s.asked.clone()))),
        Case::Packing(s) => Next::Task(Task::Pack(Box::new(s.clone()))),
        Case::Delivering(s) => Next::Task(Task::Publish(Box::new(s.package.clone()))),
        Case::Reporting(s) => queue_task(&s.leaves),
        Case::Closing(s) => queue_task(&s.leaves),
        Case::AwaitingApproval(_) | Case::AwaitingRelease(_) | Case::Halted(_) | Case::Closed(_) => Next::Nothing,
    }
}

/// Stored orders parse: they did when they were taken in, and `recheck` read them again. If one does not, its case rests.
fn with_order(_rules: &Rules, file: &File, next: impl FnOnce(&Order) -> Next) -> Next {
    match papers::parse_order(&file.order.0) {
        Ok(order) => next(&order),
        Err(_) => Next::Nothing,
    }
}

fn log_task(commitment: [u8; 32], d: [u8; 32], urgent: bool) -> Next {
    Next::Task(Task::Log { commitment, d, urgent })
}

fn queue_task(queue: &LeafQueue) -> Next {
    match queue.next().map(leaves::commitment) {
        Some(Ok((commitment, d))) => log_task(commitment, d, false),
        _ => Next::Nothing,
    }
}

/// REL-16: the intent's leaf, B leaves after it, under one further checkpoint. Emergencies do not soak.
fn soaked_size(rules: &Rules, index: u64, emergency: bool) -> u64 {
    let soak = if emergency { 0 } else { rules.policy.times().batch };
    index.saturating_add(1).saturating_add(soak)
}

/// SEA-67: no slot is asked for before it has ended and its grace is over.
fn standing(rules: &Rules, s: &Standing, order: &Order, now: u64) -> Next {
    let ripe = rules.slot_ripe(s.mandate.next_slot);
    // An order whose validity ends before its next slot is ripe is over then; `advance` closes it.
    let at = ripe.min(order.validity.1.saturating_add(1));
    if now < at {
        return Next::At(at);
    }
    let through = rules.last_ripe(now).unwrap_or(0).min(rules.ends(order).1);
    Next::Task(Task::Slots { from: s.mandate.next_slot, through })
}

/// What a case's step depends on besides the case: the rules, the related leaves, the other cases.
pub(super) struct Beside<'g> {
    pub rules: &'g Rules,
    pub related: &'g RelatedLeaves,
    pub cases: &'g dyn Fn() -> Vec<&'g Case>,
}

/// Turns an answer into the next state. `Ok(None)`: nothing new yet.
pub(super) fn advance(beside: &Beside<'_>, case: &Case, done: Done, now: u64, entropy: &mut dyn Entropy) -> Advance {
    let rules = beside.rules;
    match (case, done) {
        (Case::Received(s), Done::Anchored(anchor, closed)) => anchored(rules, s, anchor, closed, now),
        (Case::Submitted(s), Done::Logged(leaf)) => submitted(rules, s, leaf),
        (Case::Standing(s), Done::Slots(closed)) => slots(rules, s, closed, now, entropy),
        (Case::Drafting(s), Done::Drafted { intent, anchor }) => drafted(rules, s, intent, anchor),
        (Case::Drafting(s), Done::NothingThere) => nothing_there(rules, s, now, entropy),
        (Case::Intended(s), Done::Logged(leaf)) => intended(rules, s, leaf),
        (Case::Soaking(s), Done::Heads(heads)) => soaked(beside, s, heads, now),
        (Case::Preserving(s), Done::Held(Some(made))) => preserving::held(rules, &s.mandate, None, made),
        (Case::Preserved(s), Done::Held(Some(made))) => preserving::held(rules, &s.mandate, Some(&s.hold), made),
        (Case::Preserving(_) | Case::Preserved(_), Done::Held(None)) => Ok(None),
        (Case::Announcing(s), Done::Logged(leaf)) => preserving::announced(rules, s, leaf),
        (Case::Preserved(s), Done::HoldEnded) => preserving::ended(rules, s, entropy),
        (Case::Asking(s), Done::Answers(given)) => answers::gather(rules, s, given, now, entropy),
        (Case::Opening(s), Done::Opened(scope)) => Ok(Some(opened(s, scope))),
        (Case::Packing(s), Done::Packed(package)) => packed(rules, s, package, entropy),
        (case, Done::Stopped { code, text }) => stopped(rules, case, vec![format!("{code}: {text}")], entropy),
        (Case::Delivering(s), Done::Published { at }) => Ok(Some(published(s, at))),
        (Case::Reporting(s), Done::Logged(leaf)) => reported(rules, s, leaf, entropy),
        (Case::Closing(s), Done::Logged(leaf)) => closing(rules, s, leaf, now),
        _ => Err(Unusable::Mismatch),
    }
}

/// How long an order waits for PUBLIC to catch up, seconds (GWY-35).
const ANCHOR_PATIENCE: u64 = 3_600;

fn anchored(rules: &Rules, s: &Received, anchor: Anchor, closed: Option<u64>, now: u64) -> Advance {
    papers::check_anchor(rules, &anchor)?;
    // A provider that has closed no slot yet is not late.
    if let (Some(closed), true) = (closed, now < s.file.received.saturating_add(ANCHOR_PATIENCE)) {
        papers::check_told(rules, &papers::parse_order(&s.file.order.0)?, &anchor, closed)?;
    }
    let next = Submitted { file: s.file.clone(), anchor };
    Ok(Some(Step::new(Case::Submitted(next), Happening::Anchored, "log")))
}

fn submitted(rules: &Rules, s: &Submitted, leaf: Logged) -> Advance {
    let order = papers::parse_order(&s.file.order.0)?;
    papers::included(rules, order.d, &leaf)?;
    let next = AwaitingApproval { file: s.file.clone(), anchor: s.anchor.clone(), leaf, approvals: Vec::new() };
    Ok(Some(Step::new(Case::AwaitingApproval(next), Happening::OrderLogged, "log")))
}

fn slots(rules: &Rules, s: &Standing, closed: Option<u64>, now: u64, entropy: &mut dyn Entropy) -> Advance {
    let order = papers::parse_order(&s.mandate.file.order.0)?;
    if order.preserves {
        return preserving::slots(rules, s, &order, closed, now, entropy);
    }
    // REL-12: trustees refuse an order out of its validity, so the rest of it is never served.
    if order.validity.1 <= now {
        let lapsed = Ending::Lapsed { from: rules.slot_start(s.mandate.next_slot) };
        return finish(rules, s.mandate.clone(), lapsed, Happening::ValidityOver, entropy).map(Some);
    }
    let Some(closed) = closed.filter(|last| s.mandate.next_slot <= *last) else { return Ok(None) };
    let ripe = rules.last_ripe(now).unwrap_or(0);
    let last_of_order = rules.ends(&order).1;
    let closed = closed.min(last_of_order).min(ripe);
    let last_slot = order.cut(s.mandate.next_slot, closed, rules.policy.limits().identities_per_intent);
    // An order about the past is answered at once and not in pieces: wait for the last of its slots to be closed.
    if last_slot == closed && closed < last_of_order && last_of_order <= ripe {
        return Ok(None);
    }
    let sequence = s.mandate.served.len() as u32 + 1;
    let batch = Batch { sequence, attempt: 1, first_slot: s.mandate.next_slot, last_slot };
    let next = Drafting { mandate: s.mandate.clone(), batch };
    Ok(Some(Step::new(Case::Drafting(next), Happening::SlotsClosed { production: sequence }, "log")))
}

fn drafted(rules: &Rules, s: &Drafting, intent: Octets, anchor: Anchor) -> Advance {
    papers::check_intent(rules, &s.mandate, s.batch, &intent)?;
    papers::check_anchor(rules, &anchor)?;
    let next = Intended { mandate: s.mandate.clone(), batch: s.batch, intent, anchor };
    Ok(Some(Step::new(Case::Intended(next), Happening::IntentMade { attempt: s.batch.attempt, production: s.batch.sequence }, "gateway")))
}

/// No ordered selector exists on any day of the batch: there is no identity to ask for and no intent to log. Later slots may
/// have one; an order that never had any waits for an officer to answer "not held".
fn nothing_there(rules: &Rules, s: &Drafting, now: u64, entropy: &mut dyn Entropy) -> Advance {
    let mut mandate = s.mandate.clone();
    mandate.next_slot = s.batch.last_slot + 1;
    let what = Happening::NothingThere;
    if mandate.next_slot <= rules.ends(&papers::parse_order(&mandate.file.order.0)?).1 {
        return Ok(Some(Step::new(Case::Standing(Standing { mandate }), what, "gateway")));
    }
    if !mandate.served.is_empty() {
        return finish(rules, mandate, Ending::Completed, what, entropy).map(Some);
    }
    let why = vec!["GWY-15: no ordered selector exists on any ordered day; waarborg case not-held answers the order".to_owned()];
    let halted = Halted { mandate: s.mandate.clone(), batch: s.batch, why, nothing_found: Some(now) };
    Ok(Some(Step::new(Case::Halted(halted), what, "gateway")))
}

fn intended(rules: &Rules, s: &Intended, leaf: Logged) -> Advance {
    let (_, d) = papers::intent_leaf(&s.intent)?;
    papers::included(rules, d, &leaf)?;
    let next = Soaking { intended: s.clone(), leaf };
    Ok(Some(Step::new(Case::Soaking(next), Happening::IntentLogged, "log")))
}

fn soaked(beside: &Beside<'_>, s: &Soaking, heads: Heads, now: u64) -> Advance {
    let rules = beside.rules;
    let order = papers::parse_order(&s.intended.mandate.file.order.0)?;
    let size = papers::heads_size(rules, &s.intended.anchor, &heads)?;
    if size < soaked_size(rules, s.leaf.index, order.emergency) {
        return Ok(None);
    }
    let related = beside.related.shown(rules, &order.authority, &s.leaf.origin, size, now);
    let holds = preserving::shown(rules, (beside.cases)().into_iter(), s, size, now);
    let asked = Asking { soaked: s.clone(), heads, related, holds, answers: Default::default() };
    Ok(Some(Step::new(Case::Asking(asked), Happening::TrusteesAsked, "gateway")))
}

fn opened(s: &Opening, scope: crate::cases::ScopeDiff) -> Step {
    let what = Happening::Opened { rows_out: scope.rows_out(), rows_held_back: scope.rows_held_back() };
    let next = AwaitingRelease { asked: s.asked.clone(), scope, approvals: Vec::new() };
    Step::new(Case::AwaitingRelease(next), what, "gateway")
}

/// The records of both leaves are made here, before anything is published: see `Delivering`.
fn packed(rules: &Rules, s: &Packing, package: PackageFacts, entropy: &mut dyn Entropy) -> Advance {
    let asked = &s.asked;
    let release = answers::release_record(rules, asked, entropy)?;
    let receipt = answers::receipt_record(rules, asked, &package, entropy)?;
    let (mandate, batch) = (asked.mandate().clone(), asked.batch());
    let what = Happening::PackageMade { name: package.name.clone() };
    let next = Delivering { mandate, batch, package, release, receipt };
    // From here on no key is needed: the package is encrypted, its workshop copy is all there is.
    Ok(Some(Step::new(Case::Delivering(next), what, "gateway")))
}

fn published(s: &Delivering, at: u64) -> Step {
    let mut mandate = s.mandate.clone();
    let mut records = std::mem::take(&mut mandate.owed);
    records.extend([s.release.clone(), s.receipt.clone()]);
    let what = Happening::Delivered { name: s.package.name.clone() };
    let next = Reporting { mandate, batch: s.batch, package: s.package.clone(), delivered: at, leaves: LeafQueue::new(records) };
    let mut step = Step::new(Case::Reporting(next), what, "gateway");
    step.erase = true;
    step
}

fn reported(rules: &Rules, s: &Reporting, leaf: Logged, entropy: &mut dyn Entropy) -> Advance {
    let mut next = s.clone();
    enqueue(rules, &mut next.leaves, leaf)?;
    let [.., release, receipt] = &next.leaves.logged[..] else {
        return Ok(Some(Step::new(Case::Reporting(next), Happening::ProductionLeafLogged, "log")));
    };
    if next.leaves.next().is_some() {
        return Ok(Some(Step::new(Case::Reporting(next), Happening::ProductionLeafLogged, "log")));
    }
    let mut mandate = s.mandate.clone();
    mandate.served.push(Served {
        batch: s.batch,
        package: s.package.clone(),
        delivered: s.delivered,
        release_index: release.index,
        receipt_index: receipt.index,
    });
    mandate.next_slot = s.batch.last_slot + 1;
    let what = Happening::ProductionLogged { production: s.batch.sequence };
    if let Some(document) = mandate.withdrawal.take() {
        return finish(rules, mandate, Ending::Withdrawn { document }, what, entropy).map(Some);
    }
    if rules.ends(&papers::parse_order(&mandate.file.order.0)?).1 < mandate.next_slot {
        return finish(rules, mandate, Ending::Completed, what, entropy).map(Some);
    }
    Ok(Some(Step::new(Case::Standing(Standing { mandate }), what, "log")))
}

fn closing(rules: &Rules, s: &Closing, leaf: Logged, now: u64) -> Advance {
    let mut next = s.clone();
    enqueue(rules, &mut next.leaves, leaf)?;
    if next.leaves.next().is_some() {
        return Ok(Some(Step::new(Case::Closing(next), Happening::LastLeafLogged, "log")));
    }
    let Closing { file, leaf, served, ending, leaves } = next;
    Ok(Some(Step::new(Case::Closed(Closed { file, leaf, served, ending, leaves, at: now }), Happening::Closed, "gateway")))
}

fn enqueue(rules: &Rules, queue: &mut LeafQueue, leaf: Logged) -> Result<(), Unusable> {
    let record = queue.next().ok_or(Unusable::Mismatch)?;
    let (_, d) = leaves::commitment(record)?;
    papers::included(rules, d, &leaf)?;
    queue.logged.push(leaf);
    Ok(())
}

/// Ends a case: what is owed, the withdrawal if there is one, and its outcome are still to be logged.
pub(super) fn finish(
    rules: &Rules,
    mandate: Mandate,
    ending: Ending,
    what: Happening,
    entropy: &mut dyn Entropy,
) -> Result<Step, Unusable> {
    let order = papers::parse_order(&mandate.file.order.0)?;
    let under = papers::under_order(&order, &mandate.leaf);
    let mut records = mandate.owed;
    if let Ending::Withdrawn { document } = &ending {
        records.push(document.clone());
    }
    records.push(match &ending {
        Ending::Refused { reason } => leaves::refusal(rules, &under, *reason, entropy)?,
        Ending::NotHeld => leaves::refusal(rules, &under, NOT_HELD, entropy)?,
        Ending::Completed | Ending::Lapsed { .. } | Ending::Withdrawn { .. } => leaves::outcome(rules, &under, entropy)?,
    });
    let leaves = LeafQueue::new(records);
    let mut step = Step::new(
        Case::Closing(Closing { file: mandate.file, leaf: mandate.leaf, served: mandate.served, ending, leaves }),
        what,
        "gateway",
    );
    step.erase = true;
    Ok(step)
}

/// A production that no repetition cures, or that the received order does not allow any more (DSK-08).
fn stopped(rules: &Rules, case: &Case, why: Vec<String>, entropy: &mut dyn Entropy) -> Advance {
    let (mandate, batch) = match case {
        Case::Preserving(Preserving { mandate })
        | Case::Announcing(Announcing { mandate, .. })
        | Case::Preserved(Preserved { mandate, .. }) => {
            return preserving::stopped(rules, mandate, &why.join("; "), entropy);
        }
        Case::Drafting(s) => (s.mandate.clone(), s.batch),
        Case::Intended(s) => (s.mandate.clone(), s.batch),
        Case::Soaking(s) => (s.intended.mandate.clone(), s.intended.batch),
        Case::Asking(s) => return halt(rules, s, why, entropy),
        Case::Opening(s) => return halt(rules, &s.asked, why, entropy),
        Case::Packing(s) => return halt(rules, &s.asked, why, entropy),
        Case::Delivering(s) => {
            let mut mandate = s.mandate.clone();
            // Keys were used for it.
            mandate.owed.push(s.release.clone());
            (mandate, s.batch)
        }
        _ => return Err(Unusable::Mismatch),
    };
    Ok(Some(rest(mandate, batch, why)))
}

fn rest(mandate: Mandate, batch: Batch, why: Vec<String>) -> Step {
    let what = Happening::Halted { production: batch.sequence, why: why.clone() };
    let mut step = Step::new(Case::Halted(Halted { mandate, batch, why, nothing_found: None }), what, "gateway");
    step.erase = true;
    step
}

/// Stops a batch for people to look at. Keys that were given are owed to the log.
pub(super) fn halt(rules: &Rules, asked: &Asking, why: Vec<String>, entropy: &mut dyn Entropy) -> Advance {
    Ok(Some(rest(answers::abandoned(rules, asked, entropy)?, asked.batch(), why)))
}

//! Orders to preserve (kind 3, SEA-68): no key is asked for and nothing is opened. What the order names is kept from the moment it comes in;
//! once it is logged, approved and its slots are closed, the sealer makes the hold and signs for it, and members count it from its leaf on.

use super::core::{Next, Step};
use super::leaves;
use super::papers::{self, Order, Refused};
use super::rules::Rules;
use super::steps::{self, Unusable};
use super::work::{Effect, Fault, Task};
use crate::cases::happening::Happening;
use crate::cases::state::*;
use crate::cases::{Digest32, Octets};
use crate::vault::{HoldAnswer, HoldItem, HoldPaper};
use seal::entropy::Entropy;
use verify::intent::IntentDocument;
use verify::record::{Kind, SignedRecord};
use verify::release::hold_digest;

/// The provider's vault, as far as orders to preserve need it.
pub trait Holds {
    /// Keeps what is named until then; again with another time changes the time.
    fn keep(&self, hold: &[u8; 32], items: &[HoldItem], until: u64) -> Result<(), Fault>;
    /// Hands the paper to the sealer; its answer, once there is one.
    fn ask_hold(&self, paper: &HoldPaper) -> Result<Option<HoldAnswer>, Fault>;
    /// Destroys what is kept. The same again is no error.
    fn end_hold(&self, hold: &[u8; 32]) -> Result<(), Fault>;
}

/// How long what arrived is kept before anybody has signed for it: the longest time in which a desk has to make up its mind (Art. 10).
pub const INTERIM: u64 = 10 * 86_400;

/// How often a hold that stands asks whether it still does: each time the received order is read and judged again.
const LOOK_AGAIN: u64 = 300;

/// How long a state waits that heard nothing new; none: as the operator has set it.
pub(super) fn patience(case: &Case) -> Option<u64> {
    matches!(case, Case::Preserved(_)).then_some(LOOK_AGAIN)
}

type Advance = Result<Option<Step>, Unusable>;

/// What has to be done for a case beside its task, whenever its state is reached or loaded: both are done twice without harm.
pub(super) fn beside(case: &Case) -> Option<Effect> {
    let file = case.file();
    let order = papers::parse_order(&file.order.0).ok().filter(|order| order.preserves)?;
    match case {
        Case::Received(_) | Case::Submitted(_) | Case::AwaitingApproval(_) | Case::Standing(_) => {
            let until = file.received.saturating_add(INTERIM).min(order.validity.1);
            Some(Effect::Keep { case: file.id, order: file.order.clone(), until })
        }
        Case::Closing(_) => Some(Effect::EndHold { case: file.id }),
        _ => None,
    }
}

/// All its slots, once the last of them is ripe.
pub(super) fn standing(rules: &Rules, s: &Standing, order: &Order, now: u64) -> Next {
    let at = rules.slot_ripe(order.last_slot).min(order.validity.1.saturating_add(1));
    if now < at {
        return Next::At(at);
    }
    Next::Task(Task::Slots { from: s.mandate.next_slot, through: order.last_slot })
}

pub(super) fn slots(rules: &Rules, s: &Standing, order: &Order, closed: Option<u64>, now: u64, entropy: &mut dyn Entropy) -> Advance {
    if order.validity.1 <= now {
        return steps::finish(rules, s.mandate.clone(), Ending::Completed, Happening::ValidityOver, entropy).map(Some);
    }
    if closed.is_none_or(|last| last < order.last_slot) {
        return Ok(None);
    }
    let next = Preserving { mandate: s.mandate.clone() };
    Ok(Some(Step::new(Case::Preserving(next), Happening::SlotsToPreserve, "log")))
}

/// A hold ends with its order at the latest, and with the key without which nothing of it opens (SEA-68); the received order that it was
/// attested from may let it end earlier (DSK-08).
pub(super) fn ask(rules: &Rules, mandate: &Mandate, order: &Order) -> Next {
    let until = order.validity.1.min(rules.policy.key_ends());
    Next::Task(Task::Hold { order: mandate.file.order.clone(), leaf: mandate.leaf.clone(), until })
}

/// The hold stands; asked again and again, because it may be extended, or end before its time.
pub(super) fn preserved(rules: &Rules, s: &Preserved, order: &Order, now: u64) -> Next {
    if s.hold.made.expires_at <= now {
        return Next::Task(Task::EndHold);
    }
    ask(rules, &s.mandate, order)
}

/// The sealer's word: signed with the provider's key, about this order, committed to time and number.
pub(super) fn check(rules: &Rules, mandate: &Mandate, made: &HoldMade) -> Result<(), Refused> {
    let bad = |text: String| Refused::new("GWY-21", text, "the sealer is asked again");
    let order = papers::parse_order(&mandate.file.order.0)?;
    let record = SignedRecord::parse(&made.outcome.0).map_err(|error| bad(error.to_string()))?;
    let says = record.record();
    let fits = record.kind() == Kind::Outcome
        && says.parent() == Some(papers::place(&mandate.leaf))
        && says.release_set() == Some(hold_digest(made.expires_at, made.copied))
        && made.expires_at <= order.validity.1
        && record.verify_native(rules.policy.parts().provider_key.key()).is_ok();
    if fits { Ok(()) } else { Err(bad("the hold is not what the sealer signed for this order".to_owned())) }
}

pub(super) fn held(rules: &Rules, mandate: &Mandate, before: Option<&LoggedHold>, made: HoldMade) -> Advance {
    if before.is_some_and(|before| before.made.expires_at == made.expires_at) {
        return Ok(None);
    }
    check(rules, mandate, &made)?;
    let what = Happening::HoldMade { until: made.expires_at, copied: made.copied };
    let next = Announcing { mandate: mandate.clone(), made, before: before.cloned() };
    Ok(Some(Step::new(Case::Announcing(next), what, "sealer")))
}

pub(super) fn announced(rules: &Rules, s: &Announcing, leaf: Logged) -> Advance {
    let (_, d) = leaves::commitment(&s.made.outcome)?;
    papers::included(rules, d, &leaf)?;
    let next = Preserved { mandate: s.mandate.clone(), hold: LoggedHold { made: s.made.clone(), leaf } };
    Ok(Some(Step::new(Case::Preserved(next), Happening::HoldLogged, "log")))
}

/// Its end is a leaf of its own (SEA-68).
pub(super) fn ended(rules: &Rules, s: &Preserved, entropy: &mut dyn Entropy) -> Advance {
    steps::finish(rules, s.mandate.clone(), Ending::Completed, Happening::HoldOver, entropy).map(Some)
}

/// The received order does not stand any more, or the sealer refused the paper.
pub(super) fn stopped(rules: &Rules, mandate: &Mandate, why: &str, entropy: &mut dyn Entropy) -> Advance {
    let what = Happening::HoldStopped { why: why.to_owned() };
    steps::finish(rules, mandate.clone(), Ending::Completed, what, entropy).map(Some)
}

/// The holds that an intent needs: of those that name an identity whose slot is past its retention, or will be before the heads are stale.
/// No other is shown, because its order may name persons whom this one does not.
pub(super) fn shown<'c>(rules: &Rules, cases: impl Iterator<Item = &'c Case>, s: &Soaking, size: u64, now: u64) -> Vec<ShownHold> {
    let Ok(intent) = IntentDocument::parse(&s.intended.intent.0) else { return Vec::new() };
    let by = now.saturating_add(rules.policy.times().freshness);
    let is_over = |row: &&verify::intent::IdentityRow| {
        let days = rules.policy.category(row.category).map_or(0, |rule| rule.retention_days);
        row.slot.end().saturating_add(u64::from(days) * 86_400) <= by
    };
    let over: Vec<_> = intent.identities().iter().filter(is_over).collect();
    let mut found = Vec::new();
    for case in cases {
        let (Some(hold), Some(mandate)) = (case.hold(), case.mandate()) else { continue };
        let is_under = |leaf: &Logged| leaf.origin == s.leaf.origin && leaf.index < size;
        if hold.made.expires_at <= by || !is_under(&hold.leaf) || !is_under(&mandate.leaf) {
            continue;
        }
        let Ok(order) = papers::parse_order(&mandate.file.order.0) else { continue };
        if over.iter().any(|row| order.document.scope().names(&row.selector, row.category, row.slot)) {
            let (order, leaf) = (mandate.file.order.clone(), &mandate.leaf);
            found.push(ShownHold { order, order_index: leaf.index, order_proof: leaf.proof.clone(), hold: hold.clone() });
        }
    }
    found
}

/// What the vault is asked for a logged order.
pub fn paper(case: &Digest32, order: &Octets, leaf: &Logged, until: u64) -> HoldPaper {
    HoldPaper { hold: case.0, order: order.0.clone(), proof: leaf.proof.0.clone(), expires_at: until }
}

/// What an order names, for the vault.
pub fn items(order: &Octets) -> Vec<HoldItem> {
    papers::parse_order(&order.0).map(|order| crate::sealer::holding::items(&order.document)).unwrap_or_default()
}

/// The vault's answer as a task's.
pub fn answered(answer: Option<HoldAnswer>) -> super::work::Done {
    use super::work::Done;
    match answer {
        None => Done::Held(None),
        Some(HoldAnswer::Made { expires_at, copied, outcome }) => {
            Done::Held(Some(HoldMade { expires_at, copied, outcome: Octets(outcome) }))
        }
        Some(HoldAnswer::Refused(text)) => Done::Stopped { code: "GWY-21".to_owned(), text },
    }
}

//! REL-13 to REL-16: the intent.

use std::collections::BTreeSet;

use seal::identity::{Identity, Slot};

use super::chain::Passed;
use super::order_rules::OrderFacts;
use super::refusal::Refusal;
use super::slot_rules::{Epochs, InTime};
use crate::record::{Digest, Kind, SignedRecord};

/// What is known of order and intent.
#[derive(Debug)]
pub struct IntentFacts<'a> {
    pub(super) order: OrderFacts<'a>,
    pub(super) intent: &'a SignedRecord,
    pub(super) index: u64,
}

/// With the identities that this member derived itself, and the slots they lie in.
#[derive(Debug)]
pub struct Derived<'a> {
    pub(super) logged: IntentFacts<'a>,
    pub(super) identities: Vec<Identity>,
    pub(super) slots: BTreeSet<Slot>,
    pub(super) epochs: Epochs<'a>,
    /// What had to be told by when; REL-17 finds it.
    pub(super) in_time: InTime,
}

impl Derived<'_> {
    /// D of the intent.
    pub(super) fn intent_d(&self) -> Digest {
        self.logged.intent.d()
    }
}

/// REL-13 The intent is under the same checkpoint, hangs on this order, and is the gateway's.
pub fn rel_13<'a>(passed: Passed<'a, 12, OrderFacts<'a>>) -> Result<Passed<'a, 13, IntentFacts<'a>>, Refusal> {
    let (case, facts) = (&passed.case, &passed.facts);
    let intent = case.bundle.intent.record();
    let place = &case.bundle.intent_place;
    if !facts.heads.orders_holds(intent.leaf_hash(), place) {
        return Err(Refusal::IntentNotLogged);
    }
    let record = intent.record();
    // An intent logged before its order would have soaked before anybody could see the order.
    let ours = case.bundle.order_place.index < place.index
        && record.kind() == Kind::Intent
        && record.parent() == Some(facts.place)
        && record.authority() == facts.record().authority()
        && intent.verify_native(case.policy.parts().gateway.key()).is_ok();
    if !ours {
        return Err(Refusal::IntentOfOtherOrder);
    }
    let index = place.index;
    Ok(passed.then(|order| IntentFacts { order, intent, index }))
}

/// REL-14 The member derives every identity itself; each lies in the scope of the order.
pub fn rel_14<'a>(passed: Passed<'a, 13, IntentFacts<'a>>) -> Result<Passed<'a, 14, Derived<'a>>, Refusal> {
    let case = &passed.case;
    let identities = case.bundle.intent.derive(case.policy.key_id()).map_err(Refusal::Identities)?;
    let scope = passed.facts.order.order.document().scope();
    if !identities.iter().all(|id| scope.names(id.selector(), id.category(), id.slot())) {
        return Err(Refusal::OutOfScope);
    }
    let slots = identities.iter().map(Identity::slot).collect();
    let epochs = Epochs::of(&case.bundle.statements);
    Ok(passed.then(|logged| Derived { logged, identities, slots, epochs, in_time: InTime::default() }))
}

/// REL-15 One intent, one release set: exactly the segments of the slots asked for; never the same intent twice.
pub fn rel_15<'a>(passed: Passed<'a, 14, Derived<'a>>) -> Result<Passed<'a, 15, Derived<'a>>, Refusal> {
    let (case, facts) = (&passed.case, &passed.facts);
    let named: BTreeSet<Digest> = case.bundle.intent.release().iter().copied().collect();
    if case.bundle.intent.check_release().is_err() || named != facts.epochs.to_open(&facts.slots) {
        return Err(Refusal::ReleaseSet);
    }
    if case.kept.used.contains(&facts.intent_d()) {
        return Err(Refusal::IntentUsed);
    }
    Ok(passed.then(|facts| facts))
}

/// REL-16 Soak: one further tick has passed in public; not for emergencies.
pub fn rel_16<'a>(passed: Passed<'a, 15, Derived<'a>>) -> Result<Passed<'a, 16, Derived<'a>>, Refusal> {
    let facts = &passed.facts;
    let need = facts.logged.index.saturating_add(1).saturating_add(passed.case.policy.times().batch);
    let size = facts.logged.order.heads.orders().head().size;
    if facts.logged.order.record().kind() != Kind::Emergency && size < need {
        return Err(Refusal::SoakShort { need });
    }
    Ok(passed.then(|facts| facts))
}

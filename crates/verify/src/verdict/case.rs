//! Order and intent, judged again from the package: REL-01 to REL-22 as far as it carries the parts (REL-35).

use std::sync::Arc;

use seal::identity::{Category, Identity};

use super::failure::{Failure, What};
use super::heads::Heads;
use super::report::Place;
use crate::intent::IntentDocument;
use crate::log::proof::TlogProof;
use crate::log::quorum::{Window, Witnessed};
use crate::order::OrderDocument;
use crate::package::{LogFile, LoggedDocument};
use crate::policy::{AssuranceRule, Policy};
use crate::record::{Assurance, Digest, Kind, Parent, SignedRecord, key_digest};

/// When a leaf of ORDERS was ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tick {
    /// Unix seconds: the cosigned time of the head shown, minus the ticks below.
    pub at: u64,
    /// Ticks counted back from that head by the beat (LOG-31): 0 if the leaf stands in its last batch.
    pub back: u64,
}

/// A leaf under a cosigned head.
pub(super) struct Leaf {
    pub head: Arc<Witnessed>,
    pub index: u64,
    pub tick: Tick,
}

/// Order and intent that passed. Made only by [`check`].
pub(super) struct Case {
    pub order: OrderDocument,
    pub intent: IntentDocument,
    /// In the order of the intent's rows.
    pub identities: Vec<Identity>,
    pub order_leaf: Leaf,
    pub intent_leaf: Leaf,
    /// The directory id that signed a native order.
    pub signer: String,
    /// Names of the attesters, and the digest of what they compared.
    pub attested: Option<(Vec<String>, Digest)>,
}

impl Case {
    pub(super) fn is_emergency(&self) -> bool {
        self.order.record().kind() == Kind::Emergency
    }

    /// The time at which everything is judged (REL-35).
    pub(super) fn now(&self) -> u64 {
        self.intent_leaf.tick.at
    }
}

fn fail(rule: &'static str, what: What) -> Failure {
    Failure::new(rule, Place::Package, what)
}

fn inner(rule: &'static str, part: &'static str, error: impl std::fmt::Display) -> Failure {
    Failure::inner(rule, Place::Package, part, error)
}

/// Order and intent as documents: REL-01, REL-07, and the hashes of the intent. Also without a policy.
pub(super) fn documents(log: &LogFile) -> Result<(OrderDocument, IntentDocument), Failure> {
    let order = OrderDocument::parse(&log.order.document).map_err(|e| inner("REL-01", "order", e))?;
    order.check().map_err(|e| inner("REL-07", "order", e))?;
    let intent = IntentDocument::parse(&log.intent.document).map_err(|e| inner("REL-01", "intent", e))?;
    Ok((order, intent))
}

/// All checks of order and intent, in the order of `release.md`; the first that fails is named.
pub(super) fn check(log: &LogFile, policy: &Policy, orders: &Heads<'_>) -> Result<Case, Failure> {
    let (order, intent) = documents(log)?;
    let order_proof = TlogProof::parse(&log.order.proof).map_err(|e| inner("REL-01", "order proof", e))?;
    let intent_proof = TlogProof::parse(&log.intent.proof).map_err(|e| inner("REL-01", "intent proof", e))?;
    if policy.limits().identities_per_intent < intent.identities().len() as u64 {
        return Err(fail("REL-02", What::TooManyIdentities));
    }
    let order_leaf = leaf(policy, orders, &order_proof, order.record(), "order proof")?;
    let intent_leaf = leaf(policy, orders, &intent_proof, intent.record(), "intent proof")?;
    fresh(policy, &intent_leaf)?;
    let (signer, attested) = check_order(policy, &order, order_leaf.tick.at)?;
    let now = intent_leaf.tick.at;
    if !order.record().record().validity().is_some_and(|span| span.covers(now)) {
        return Err(fail("REL-12", What::NotValidThen));
    }
    let parent = Parent::new(order_leaf.head.head().origin.as_str(), order_leaf.index);
    check_related(log, policy, orders, &order, parent)?;
    check_intent(policy, &intent, parent, (&order_leaf, &intent_leaf))?;
    let identities = check_identities(policy, &order, &intent)?;
    check_policy(policy, &order, now)?;
    Ok(Case { order, intent, identities, order_leaf, intent_leaf, signer, attested })
}

/// REL-03, REL-04, REL-08.
fn leaf(policy: &Policy, orders: &Heads<'_>, proof: &TlogProof, record: &SignedRecord, part: &'static str) -> Result<Leaf, Failure> {
    let head = orders.include(proof, record.leaf_hash()).map_err(|e| inner(e.code(), part, e))?;
    let (size, batch) = (head.head().size, policy.times().batch.max(1));
    // LOG-31: every batch is B wide and ticks stand T apart, so a later head tells how many ticks earlier this leaf came.
    let back = (size.saturating_sub(1) / batch).saturating_sub(proof.index / batch);
    let at = head.not_before().saturating_sub(back.saturating_mul(policy.times().tick));
    Ok(Leaf { index: proof.index, tick: Tick { at, back }, head })
}

/// REL-05, with the head's own time for now: its quorum is met by lines that lie within F of each other.
fn fresh(policy: &Policy, leaf: &Leaf) -> Result<(), Failure> {
    let window = Window::around(leaf.head.not_after(), policy.times().freshness);
    if leaf.head.not_before() < window.from {
        return Err(inner("REL-05", "intent proof", crate::log::Refusal::NotFresh));
    }
    Ok(())
}

type Signers = (String, Option<(Vec<String>, Digest)>);

/// REL-09 to REL-11. `at`: the order's tick, the first moment at which its signature is known to have existed.
fn check_order(policy: &Policy, order: &OrderDocument, at: u64) -> Result<Signers, Failure> {
    let record = order.record().record();
    // REL-09: preservation makes no key (SEA-68), so no package either.
    if !matches!(record.kind(), Kind::Order | Kind::Emergency) {
        return Err(fail("REL-09", What::NotAnOrder));
    }
    let categories = record.categories().unwrap_or_default();
    match record.assurance() {
        Some(Assurance::Native) => Ok((native(policy, order, categories, at)?, None)),
        Some(Assurance::Attested) => Ok((String::new(), Some(attested(policy, order, categories)?))),
        None => Err(fail("REL-11", What::AssuranceNotAccepted)),
    }
}

fn native(policy: &Policy, order: &OrderDocument, categories: &[Category], at: u64) -> Result<String, Failure> {
    let record = order.record().record();
    // An emergency order is the authority's own; any other is the court's where there is one (LOG-100).
    let court = record.court().filter(|_| record.kind() == Kind::Order);
    let id = court.or(record.authority()).ok_or(fail("REL-10", What::SignerUnknown))?;
    let entry = policy.authority(id).ok_or(fail("REL-10", What::SignerUnknown))?;
    let may = match record.kind() {
        Kind::Emergency => entry.may_sign_emergency(categories, at),
        _ => entry.may_sign(categories, at),
    };
    if !may {
        return Err(fail("REL-10", What::SignerNotCompetent));
    }
    order.record().verify_native(entry.key.key()).map_err(|e| inner("REL-11", "order", e))?;
    Ok(id.to_string())
}

fn attested(policy: &Policy, order: &OrderDocument, categories: &[Category]) -> Result<(Vec<String>, Digest), Failure> {
    let accepted = |c: &Category| policy.category(*c).is_some_and(|rule| rule.assurance == AssuranceRule::AttestedToo);
    if !categories.iter().all(accepted) {
        return Err(fail("REL-11", What::AssuranceNotAccepted));
    }
    let quorum = &policy.parts().attesters;
    let keys: Vec<_> = quorum.keys.iter().map(|vkey| vkey.key()).collect();
    order.record().verify_attested(&keys, quorum.need).map_err(|e| inner("REL-11", "order", e))?;
    let record = order.record().record();
    let named = record.attesters().unwrap_or_default();
    let names = quorum.keys.iter().filter(|vkey| named.contains(&key_digest(vkey.key())));
    let original = record.original_hash().unwrap_or_default();
    Ok((names.map(|vkey| vkey.name().to_string()).collect(), original))
}

/// REL-12: related leaves that the package shows; a withdrawal of this order that was logged before the intent ends it.
fn check_related(log: &LogFile, policy: &Policy, orders: &Heads<'_>, order: &OrderDocument, parent: Parent) -> Result<(), Failure> {
    for LoggedDocument { document, proof } in &log.related {
        let record = SignedRecord::parse(document).map_err(|e| inner("REL-01", "related", e))?;
        let proof = TlogProof::parse(proof).map_err(|e| inner("REL-01", "related", e))?;
        leaf(policy, orders, &proof, &record, "related")?;
        if record.kind() != Kind::Withdrawal || record.record().parent() != Some(parent) {
            continue;
        }
        // Whoever signs it: the court of the order, or the authority that issued it (LOG-43).
        let record_of = order.record().record();
        let mut signers = [record_of.court(), record_of.authority()].into_iter().flatten();
        if signers.any(|id| policy.authority(id).is_some_and(|entry| record.verify_native(entry.key.key()).is_ok())) {
            return Err(fail("REL-12", What::Withdrawn));
        }
    }
    Ok(())
}

/// REL-13.
fn check_intent(policy: &Policy, intent: &IntentDocument, parent: Parent, leaves: (&Leaf, &Leaf)) -> Result<(), Failure> {
    let (order_leaf, intent_leaf) = leaves;
    if intent.record().record().parent() != Some(parent) {
        return Err(fail("REL-13", What::ParentIsOther));
    }
    let same_log = order_leaf.head.head().origin == intent_leaf.head.head().origin;
    if !same_log || intent_leaf.index <= order_leaf.index {
        return Err(fail("REL-13", What::NotAfterOrder));
    }
    intent.record().verify_native(policy.parts().gateway.key()).map_err(|e| inner("REL-13", "intent", e))
}

/// REL-14, REL-20.
fn check_identities(policy: &Policy, order: &OrderDocument, intent: &IntentDocument) -> Result<Vec<Identity>, Failure> {
    let provider = Some(policy.parts().provider);
    if order.record().record().provider() != provider || intent.record().record().provider() != provider {
        return Err(fail("REL-20", What::OtherProvider));
    }
    let identities = intent.check(policy.key_id()).map_err(|e| inner("REL-14", "intent", e))?;
    let named = |id: &Identity| order.scope().names(id.selector(), id.category(), id.slot());
    if !identities.iter().all(named) {
        return Err(fail("REL-14", What::OutsideScope));
    }
    let period = policy.parts().key.period;
    if !identities.iter().all(|id| period.holds(id.slot().start(), id.slot().end()) && id.slot().len() == policy.slot_len()) {
        return Err(fail("REL-20", What::KeyPeriod));
    }
    Ok(identities)
}

/// REL-22.
fn check_policy(policy: &Policy, order: &OrderDocument, now: u64) -> Result<(), Failure> {
    let record = order.record().record();
    let is_ours = record.policy_hash().is_some_and(|hash| policy.answers_for(&hash));
    if !is_ours || !policy.parts().in_force.covers(now) {
        return Err(fail("REL-22", What::PolicyIsOther));
    }
    let categories = record.categories().unwrap_or_default();
    let requester = record.authority().and_then(|id| policy.authority(id));
    let instrument = record.instrument().and_then(|name| policy.instrument(name));
    let allowed = requester.is_some_and(|entry| entry.may_request(categories))
        && instrument.is_some_and(|rule| categories.iter().all(|c| rule.categories.contains(c)));
    if !allowed {
        return Err(fail("REL-22", What::NotAllowed));
    }
    Ok(())
}

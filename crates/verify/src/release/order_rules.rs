//! REL-07 to REL-12: the order.

use super::chain::{Heads, Passed};
use super::kept::{Fact, KeptChange};
use super::refusal::Refusal;
use crate::bundle::RelatedPart;
use crate::order::{CheckedOrder, OrderDocument};
use crate::policy::{AssuranceRule, DirectoryEntry, Policy, Role};
use crate::record::{Assurance, Kind, Parent, Record, SignedRecord};

/// What is known of the order.
#[derive(Debug)]
pub struct OrderFacts<'a> {
    pub(super) heads: Heads,
    pub(super) order: CheckedOrder<'a>,
    /// Where its leaf stands.
    pub(super) place: Parent,
}

impl<'a> OrderFacts<'a> {
    pub(super) fn record(&self) -> &'a Record {
        self.order.document().record().record()
    }
}

/// REL-07 The record is recomputed; every hash in it stands for what the bundle shows.
pub fn rel_07<'a>(passed: Passed<'a, 6, Heads>) -> Result<Passed<'a, 7, OrderFacts<'a>>, Refusal> {
    let bundle = passed.case.bundle;
    let order = bundle.order.check().map_err(Refusal::Order)?;
    let origin = passed.facts.orders().head().origin.to_string();
    let place = Parent::new(&origin, bundle.order_place.index);
    Ok(passed.then(|heads| OrderFacts { heads, order, place }))
}

/// REL-08 The order's leaf is in the log at its index.
pub fn rel_08<'a>(passed: Passed<'a, 7, OrderFacts<'a>>) -> Result<Passed<'a, 8, OrderFacts<'a>>, Refusal> {
    let bundle = passed.case.bundle;
    if !passed.facts.heads.orders_holds(bundle.order.record().leaf_hash(), &bundle.order_place) {
        return Err(Refusal::OrderNotLogged);
    }
    Ok(passed.then(|facts| facts))
}

/// REL-09 Kind 1 or 2.
pub fn rel_09<'a>(passed: Passed<'a, 8, OrderFacts<'a>>) -> Result<Passed<'a, 9, OrderFacts<'a>>, Refusal> {
    match passed.facts.record().kind() {
        Kind::Order | Kind::Emergency => Ok(passed.then(|facts| facts)),
        kind => Err(Refusal::NotAnOrderForKeys { kind: kind.number() }),
    }
}

/// Who has to vouch for a native order: the court if one takes part, else the authority; in an emergency the authority.
fn native_signer<'p>(policy: &'p Policy, record: &Record) -> Option<&'p DirectoryEntry> {
    let id = match record.kind() {
        Kind::Emergency => record.authority(),
        _ => record.court().or(record.authority()),
    };
    policy.authority(id?)
}

/// Is the order's signer competent for every category, and was in force when the order began? (REL-10)
fn signer_is_competent(policy: &Policy, record: &Record) -> bool {
    let (Some(categories), Some(validity)) = (record.categories(), record.validity()) else { return false };
    let at = validity.from();
    match (record.kind(), record.assurance()) {
        (Kind::Emergency, _) => native_signer(policy, record).is_some_and(|e| e.may_sign_emergency(categories, at)),
        (_, Some(Assurance::Native)) => native_signer(policy, record).is_some_and(|e| e.may_sign(categories, at)),
        // The attesters stand in the policy by themselves; the authority must still be one that we know (LOG-100).
        (_, Some(Assurance::Attested)) => record.authority().and_then(|id| policy.authority(id)).is_some_and(|e| e.in_force.covers(at)),
        _ => false,
    }
}

/// REL-10 The signer is pinned, was in force, and is competent.
pub fn rel_10<'a>(passed: Passed<'a, 9, OrderFacts<'a>>) -> Result<Passed<'a, 10, OrderFacts<'a>>, Refusal> {
    if !signer_is_competent(passed.case.policy, passed.facts.record()) {
        return Err(Refusal::SignerNotCompetent);
    }
    Ok(passed.then(|facts| facts))
}

fn check_assurance(policy: &Policy, record: &Record) -> Result<Assurance, Refusal> {
    let assurance = record.assurance().ok_or(Refusal::AssuranceNotAccepted)?;
    let native = assurance == Assurance::Native;
    let suffices = |rule: AssuranceRule| native || (rule == AssuranceRule::AttestedToo && record.kind() != Kind::Emergency);
    let categories = record.categories().unwrap_or_default();
    if categories.iter().all(|c| policy.category(*c).is_some_and(|rule| suffices(rule.assurance))) {
        Ok(assurance)
    } else {
        Err(Refusal::AssuranceNotAccepted)
    }
}

fn check_signature(policy: &Policy, signed: &SignedRecord, assurance: Assurance) -> Result<(), Refusal> {
    let verified = match assurance {
        Assurance::Native => {
            let signer = native_signer(policy, signed.record()).ok_or(Refusal::SignerNotCompetent)?;
            signed.verify_native(signer.key.key())
        }
        Assurance::Attested => {
            let attesters = &policy.parts().attesters;
            let keys: Vec<_> = attesters.keys.iter().map(|k| k.key()).collect();
            signed.verify_attested(&keys, attesters.need)
        }
    };
    verified.map_err(|_| Refusal::SignatureInvalid)
}

/// REL-11 The assurance is accepted for each category, and the signatures hold.
pub fn rel_11<'a>(passed: Passed<'a, 10, OrderFacts<'a>>) -> Result<Passed<'a, 11, OrderFacts<'a>>, Refusal> {
    let signed = passed.facts.order.document().record();
    let assurance = check_assurance(passed.case.policy, signed.record())?;
    check_signature(passed.case.policy, signed, assurance)?;
    Ok(passed.then(|facts| facts))
}

/// REL-12 Valid now, and no withdrawal is shown or known. Gives what the related leaves say about orders.
pub fn rel_12<'a>(passed: Passed<'a, 11, OrderFacts<'a>>) -> Result<(Passed<'a, 12, OrderFacts<'a>>, Vec<KeptChange>), Refusal> {
    let (case, facts) = (&passed.case, &passed.facts);
    let now = case.now(facts.heads.orders());
    if !facts.record().validity().is_some_and(|validity| validity.covers(now)) {
        return Err(Refusal::OutOfValidity);
    }
    let mut learned = Vec::new();
    for (number, part) in case.bundle.related.iter().enumerate() {
        let fact = related_fact(case.policy, &facts.heads, part, now).ok_or(Refusal::RelatedInvalid { number })?;
        // One authority says nothing about another one's order.
        let hangs_on = if fact.0 == facts.place { facts.record().authority() } else { case.kept.account(&fact.0).map(|a| &a.authority) };
        if hangs_on.is_some_and(|authority| part.record.record().authority() != Some(authority)) {
            return Err(Refusal::RelatedInvalid { number });
        }
        learned.push(fact);
    }
    // The same order logged a second time, or in the standby log, is no other order.
    let was_withdrawn = |place: &Parent| *place == facts.place || case.kept.account(place).is_some_and(|a| a.d == *facts.order.d());
    let withdrawn = |(place, fact): &(Parent, Fact)| *fact == Fact::Withdrawn && was_withdrawn(place);
    if learned.iter().any(withdrawn) || case.kept.withdrawn.iter().any(was_withdrawn) {
        return Err(Refusal::Withdrawn);
    }
    let changes = learned.into_iter().map(|(order, fact)| KeptChange::Learned { order, fact }).collect();
    Ok((passed.then(|facts| facts), changes))
}

/// LOG-43: a related leaf that is in the log and signed by who signs its kind, and what it says about which order.
fn related_fact(policy: &Policy, heads: &Heads, part: &RelatedPart, now: u64) -> Option<(Parent, Fact)> {
    let record = part.record.record();
    if !heads.orders_holds(part.record.leaf_hash(), &part.place) || record.provider() != Some(policy.parts().provider) {
        return None;
    }
    let court = || record.court().and_then(|id| policy.authority(id)).filter(|e| e.role == Role::Court);
    let authority = || record.authority().and_then(|id| policy.authority(id));
    let (signer, fact) = match record.kind() {
        Kind::Extension => (court(), Fact::Extended { notice_due: record.notice_due()? }),
        Kind::Confirmation => (court(), Fact::Confirmed),
        Kind::Withdrawal if record.court().is_some() => (court(), Fact::Withdrawn),
        Kind::Withdrawal => (authority(), Fact::Withdrawn),
        Kind::Notice => (authority(), Fact::Noticed),
        _ => return None,
    };
    // The leaf has no time of its own; an office that had not begun by now cannot have signed it.
    let signer = signer.filter(|e| e.in_force.from() <= now)?;
    part.record.verify_native(signer.key.key()).ok()?;
    Some((record.parent()?, fact))
}

/// A preservation order that may hold slots for others (REL-18): the same order rules, without asking what is valid now.
pub(super) fn holds_up(policy: &Policy, document: &OrderDocument) -> bool {
    let (signed, record) = (document.record(), document.record().record());
    let signature = || check_assurance(policy, record).and_then(|a| check_signature(policy, signed, a)).is_ok();
    record.kind() == Kind::Preservation
        && record.provider() == Some(policy.parts().provider)
        && document.check().is_ok()
        && signer_is_competent(policy, record)
        && signature()
}

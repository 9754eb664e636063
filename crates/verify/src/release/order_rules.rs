//! REL-07 to REL-12: the order.

use super::chain::{Case, Heads, Passed};
use super::kept::{Fact, KeptChange};
use super::refusal::Refusal;
use super::related::{HangsOn, Heard, related_fact};
use super::slot_rules::check_anchor;
use crate::order::{CheckedOrder, OrderDocument};
use crate::policy::{AssuranceRule, DirectoryEntry, Policy};
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

/// Who answers for the order, if it is competent for every category (REL-10).
fn competent_signer<'p>(policy: &'p Policy, record: &Record) -> Option<&'p DirectoryEntry> {
    let (categories, at) = (record.categories()?, record.validity()?.from());
    match (record.kind(), record.assurance()?) {
        (Kind::Emergency, _) => native_signer(policy, record).filter(|e| e.may_sign_emergency(categories, at)),
        (_, Assurance::Native) => native_signer(policy, record).filter(|e| e.may_sign(categories, at)),
        // The attesters stand in the policy by themselves; the authority must still be one that we know (LOG-100).
        (_, Assurance::Attested) => record.authority().and_then(|id| policy.authority(id)).filter(|e| e.in_force.covers(at)),
    }
}

/// REL-10 The signer is pinned, is competent, and was in force for the whole time in which it can have signed.
pub fn rel_10<'a>(passed: Passed<'a, 9, OrderFacts<'a>>) -> Result<Passed<'a, 10, OrderFacts<'a>>, Refusal> {
    let (case, facts) = (&passed.case, &passed.facts);
    let signer = competent_signer(case.policy, facts.record()).ok_or(Refusal::SignerNotCompetent)?;
    let times = case.policy.times();
    if !signing_times(case, facts).into_iter().flatten().all(|at| signer.is_usable(at, times)) {
        return Err(Refusal::SignerOutOfTime);
    }
    Ok(passed.then(|facts| facts))
}

/// A signature has no time of its own. The order says when it begins, which its signer could date back; its leaf is younger than the
/// pair before it, which the gateway chooses; and it is older than the first time that this member saw it, which nobody chooses.
fn signing_times(case: &Case<'_>, facts: &OrderFacts<'_>) -> [Option<u64>; 3] {
    let begins = facts.record().validity().map(|validity| validity.from());
    let anchor = case.bundle.order_anchor.as_ref();
    let logged = anchor.and_then(|anchor| check_anchor(case, &facts.heads, anchor, case.bundle.order_place.index)).map(|(_, time)| time);
    // Once it was counted, later slots of a prospective order are served also when the office is over.
    let record = facts.record().hash();
    let seen = case.kept.accounts_of(&record).map(|account| account.first).min().unwrap_or(case.now(facts.heads.orders()));
    [begins, logged, (!case.is_verifier()).then_some(seen)]
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
    if !opens_in_time(case, facts) {
        return Err(Refusal::SealedTooLong);
    }
    let mut learned = Vec::new();
    for (number, part) in case.bundle.related.iter().enumerate() {
        let invalid = Refusal::RelatedInvalid { number };
        let (place, fact) = related_fact(case.policy, &facts.heads, part, now).ok_or(invalid.clone())?;
        let own = || (place == facts.place).then(|| HangsOn::record(facts.record()));
        let hangs_on = case.kept.account(&place).map(HangsOn::account).or_else(own);
        match hangs_on.map(|order| order.hears(case.policy, part.record.record(), fact, now)) {
            Some(Heard::Fact(fact)) => learned.push((place, fact)),
            Some(Heard::TooEarly | Heard::OfficeOver) => {}
            Some(Heard::OfAnother) => return Err(invalid),
            // An order that this member never saw: of what is said about it, only a withdrawal is kept.
            None => learned.push((place, fact)),
        }
    }
    // The same order logged a second time, in the standby log or under another r, is no other order.
    let record = facts.record().hash();
    let was_withdrawn = |place: &Parent| *place == facts.place || case.kept.account(place).is_some_and(|a| a.record == record);
    let withdrawn = |(place, fact): &(Parent, Fact)| *fact == Fact::Withdrawn && was_withdrawn(place);
    if learned.iter().any(withdrawn) || case.kept.withdrawn.iter().any(was_withdrawn) {
        return Err(Refusal::Withdrawn);
    }
    let changes = learned.into_iter().map(|(order, fact)| KeptChange::Learned { order, fact }).collect();
    Ok((passed.then(|facts| facts), changes))
}

/// LOG-43: seal_until <= time first seen + max_seal; that notice_due is not after it is part of REL-07. The log's tick, not the
/// member's clock: a verifier has that too.
fn opens_in_time(case: &Case<'_>, facts: &OrderFacts<'_>) -> bool {
    let Some(sealed) = facts.record().seal_until() else { return false };
    let tick = facts.heads.orders().not_before();
    let record = facts.record().hash();
    let known = case.kept.account(&facts.place).map(|account| account.deadline);
    let known = known.or_else(|| case.kept.accounts_of(&record).map(|twin| twin.deadline).min());
    sealed <= known.unwrap_or(tick.saturating_add(case.policy.times().max_seal))
}

/// A preservation order that may hold slots for others (REL-18): the same order rules, without asking what is valid now. Public, so that
/// the sealer copies nothing for an order that no member would count.
pub fn preservation_stands(policy: &Policy, document: &OrderDocument) -> bool {
    let (signed, record) = (document.record(), document.record().record());
    let signature = || check_assurance(policy, record).and_then(|a| check_signature(policy, signed, a)).is_ok();
    record.kind() == Kind::Preservation
        && record.provider() == Some(policy.parts().provider)
        && document.check().is_ok()
        && competent_signer(policy, record).is_some()
        && signature()
}

//! REL-20 to REL-22: key, requester, policy.

use super::chain::{Case, Heads, Member, Passed, Viewer};
use super::intent_rules::Derived;
use super::refusal::Refusal;
use crate::policy::{CommitteeName, Policy};
use crate::statement::{Ceremony, Statement};

/// REL-20 Provider and key are ours, the period key is live, this share is of its newest generation.
pub fn rel_20<'a>(passed: Passed<'a, 19, Derived<'a>>) -> Result<Passed<'a, 20, Derived<'a>>, Refusal> {
    let mut passed = passed;
    let (case, facts) = (&passed.case, &passed.facts);
    let (policy, provider) = (case.policy, Some(case.policy.parts().provider));
    let order = facts.logged.order.record();
    if order.provider() != provider || facts.logged.intent.record().provider() != provider {
        return Err(Refusal::NotOurKey);
    }
    let period = policy.parts().key.period;
    let now = case.now(facts.logged.order.heads.orders());
    let in_period = facts.slots.iter().all(|slot| period.holds(slot.start(), slot.end()));
    // SEA-49: after period and longest retention the shares are to be destroyed, so none is used.
    if !in_period || policy.key_ends() <= now {
        return Err(Refusal::KeyNotLive);
    }
    let recorded = [CommitteeName::Approvers, CommitteeName::Guardians].map(|name| key_recorded(case, &facts.logged.order.heads, name));
    if let Viewer::Member(member, _) = case.viewer {
        if !share_is_newest(case, member) {
            return Err(Refusal::ShareNotNewest);
        }
        if recorded.contains(&false) {
            return Err(Refusal::NotOurKey);
        }
    } else if recorded.contains(&false) {
        passed.case.not_carried.insert(20);
    }
    Ok(passed.then(|facts| facts))
}

fn share_is_newest(case: &Case<'_>, member: Member) -> bool {
    let seat = case.policy.member(member.id).is_some() && case.kept.member() == member.id;
    seat && case.policy.committee_parts(member.id.committee).generation == member.generation
}

/// SEA-14: the ceremony of this committee stands in PUBLIC, signed by every member, and made the key that the policy has.
fn key_recorded(case: &Case<'_>, heads: &Heads, name: CommitteeName) -> bool {
    let keys = case.policy.receipt_keys(name);
    case.bundle.statements.iter().any(|part| {
        let Statement::Ceremony(ceremony) = part.statement.statement() else { return false };
        ceremony.committee == name
            && made_this_key(case.policy, ceremony)
            && part.statement.verify(&keys, keys.len() as u8).is_ok()
            && heads.public().include(part.place.index, part.statement.leaf_hash(), &part.place.path).is_ok()
    })
}

fn made_this_key(policy: &Policy, ceremony: &Ceremony) -> bool {
    let parts = policy.committee_parts(ceremony.committee);
    let points = parts.committee.polynomial.iter().map(|p| p.to_bytes());
    ceremony.generation == parts.generation
        && ceremony.period == policy.parts().key.period
        && (ceremony.need, ceremony.of) == (parts.committee.need, parts.committee.of)
        && ceremony.polynomial.iter().copied().eq(points)
        && ceremony.members.iter().eq(parts.members.iter().map(|m| &m.receipt_key))
}

/// REL-21 The requester is the pinned disclosure engine.
pub fn rel_21<'a>(passed: Passed<'a, 20, Derived<'a>>) -> Result<Passed<'a, 21, Derived<'a>>, Refusal> {
    let mut passed = passed;
    if passed.case.is_verifier() {
        passed.case.not_carried.insert(21);
    } else if passed.case.bundle.requester != passed.case.policy.parts().engine {
        return Err(Refusal::RequesterNotPinned);
    }
    Ok(passed.then(|facts| facts))
}

/// REL-22 Category, authority and purpose are allowed by the policy that the order names, and that policy is in force.
pub fn rel_22<'a>(passed: Passed<'a, 21, Derived<'a>>) -> Result<Passed<'a, 22, Derived<'a>>, Refusal> {
    let mut passed = passed;
    let (case, facts) = (&passed.case, &passed.facts);
    let (policy, order) = (case.policy, facts.logged.order.record());
    let now = case.now(facts.logged.order.heads.orders());
    let named = order.policy_hash().is_some_and(|hash| policy.answers_for(&hash));
    if !named || !policy.parts().in_force.covers(now) {
        return Err(Refusal::PolicyNotInForce);
    }
    let published = policy_published(case, &facts.logged.order.heads, now);
    if !published && !case.is_verifier() {
        return Err(Refusal::PolicyNotInForce);
    }
    let categories = order.categories().unwrap_or_default();
    let purpose = order.instrument().and_then(|name| policy.instrument(name));
    let by_purpose = purpose.is_some_and(|rule| categories.iter().all(|c| rule.categories.contains(c)));
    let authority = order.authority().and_then(|id| policy.authority(id));
    let by_authority = authority.is_some_and(|e| e.may_request(categories) && e.in_force.covers(now));
    if !by_purpose || !by_authority {
        return Err(Refusal::NotAllowed);
    }
    if !published {
        passed.case.not_carried.insert(22);
    }
    Ok(passed.then(|facts| facts))
}

/// LOG-27: the policy stands in PUBLIC before it is used, with the times that everyone reads there.
fn policy_published(case: &Case<'_>, heads: &Heads, now: u64) -> bool {
    let (policy, times) = (case.policy, case.policy.times());
    case.bundle.statements.iter().enumerate().any(|(number, part)| {
        let Statement::Policy(notice) = part.statement.statement() else { return false };
        let same =
            (notice.tick, notice.batch, notice.freshness, notice.max_seal) == (times.tick, times.batch, times.freshness, times.max_seal);
        notice.policy_hash == *policy.hash() && same && notice.from_tick <= now && heads.statement_holds(case, number)
    })
}

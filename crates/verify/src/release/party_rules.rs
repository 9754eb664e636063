//! REL-19 to REL-22: salts, key, requester, policy.

use seal::identity::Identity;
use seal::salt_map::{SaltProof, SaltRoot};
use seal::secret::Secret;

use super::chain::{Case, Heads, Member, Passed, Viewer};
use super::intent_rules::Derived;
use super::refusal::Refusal;
use crate::bundle::StatementPart;
use crate::calendar::DAY;
use crate::intent::SaltRow;
use crate::policy::{CommitteeName, Policy};
use crate::statement::{Ceremony, SaltMapRoot, Statement};

/// REL-19 Each salt is proven by its day's salt map, whose root is in PUBLIC.
pub fn rel_19<'a>(passed: Passed<'a, 18, Derived<'a>>) -> Result<Passed<'a, 19, Derived<'a>>, Refusal> {
    let mut passed = passed;
    if passed.case.is_verifier() && passed.case.bundle.intent.salts().is_empty() {
        passed.case.not_carried.insert(19);
        return Ok(passed.then(|facts| facts));
    }
    let (case, facts) = (&passed.case, &passed.facts);
    case.bundle.intent.check_salts().map_err(|_| Refusal::SaltNotProven)?;
    let heads = &facts.logged.order.heads;
    let (mut latest, maps) = (0, salt_maps(case));
    for row in case.bundle.intent.salts() {
        let mut proven_at = |id: &Identity| {
            let at = proves((case, heads, &maps), row, Some(id), None);
            latest = latest.max(at.unwrap_or(0));
            at.is_some()
        };
        let said = match &row.proof {
            SaltProof::Present(_) => facts.identities.iter().filter(|id| is_of(id, row)).all(&mut proven_at),
            // A map that misses a newcomer would make a silent empty answer: only one published behind the day's last segment shown
            // may say "no such selector" (decision 0010).
            SaltProof::Absent(_) => {
                let behind = facts.epochs.segment_indexes(u64::from(row.day.0), case);
                !facts.identities.iter().any(|id| is_of(id, row)) && proves((case, heads, &maps), row, None, behind).is_some()
            }
        };
        if !said {
            return Err(Refusal::SaltNotProven);
        }
    }
    let proven = |id: &Identity| case.bundle.intent.salts().iter().any(|row| is_of(id, row));
    if !facts.identities.iter().filter(|id| id.selector().needs_salt()).all(proven) {
        return Err(Refusal::SaltNotProven);
    }
    passed.case.salts_by = Some(latest);
    Ok(passed.then(|facts| facts))
}

fn is_of(identity: &Identity, row: &SaltRow) -> bool {
    *identity.selector() == row.selector && identity.slot().day() == u64::from(row.day.0)
}

type SaltMaps<'a> = Vec<(usize, u64, &'a SaltMapRoot)>;

/// The salt maps of the bundle: number, place in PUBLIC, root.
fn salt_maps<'a>(case: &Case<'a>) -> SaltMaps<'a> {
    let map = |(number, part): (usize, &'a StatementPart)| match part.statement.statement() {
        Statement::SaltMap(map) => Some((number, part.place.index, map)),
        _ => None,
    };
    case.bundle.statements.iter().enumerate().filter_map(map).collect()
}

/// The place in PUBLIC of the first salt map of the row's day that holds there and proves the row.
fn proves(
    (case, heads, maps): (&Case<'_>, &Heads, &SaltMaps<'_>),
    row: &SaltRow,
    identity: Option<&Identity>,
    behind: Option<u64>,
) -> Option<u64> {
    let secret = Secret::new(*case.bundle.intent.day_secret(row.day)?);
    let maps = maps.iter().filter(|(_, _, map)| map.day == row.day);
    let says = |map: &SaltMapRoot| {
        let root = SaltRoot { root: map.root, count: map.leaves };
        match identity {
            Some(id) => row.proof.verify_presence(&root, &secret, &row.selector, &id.salt()).is_ok(),
            None => row.proof.verify_absence(&root, &secret, &row.selector).is_ok(),
        }
    };
    let ours = |map: &SaltMapRoot| map.provider == case.policy.parts().provider;
    let proving = maps.filter(|(number, index, map)| {
        ours(map) && says(map) && behind.is_none_or(|last| last < *index) && heads.statement_holds(case, *number)
    });
    proving.map(|(_, index, _)| *index).min()
}

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
    let longest = policy.parts().categories.iter().map(|c| u64::from(c.retention_days) * DAY).max().unwrap_or(0);
    let now = case.now(facts.logged.order.heads.orders());
    let in_period = facts.slots.iter().all(|slot| period.holds(slot.start(), slot.end()));
    // SEA-49: after period and longest retention the shares are to be destroyed, so none is used.
    if !in_period || now >= period.until().saturating_add(longest) {
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

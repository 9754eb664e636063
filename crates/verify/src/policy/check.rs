//! The rules POL-02 to POL-15.

use std::collections::BTreeSet;

use seal::committee::CheckedCommittee;

use super::parts::*;
use super::{PolicyError, TlogPolicy};
use crate::log::tlog_policy::least_safe_quorum;
use crate::log::vkey::{KeyKind, VerifierKey};

/// What the shortest times are; the second row is for the flag `demo` (SEA-78).
struct Floor {
    slot_len: u32,
    epoch_len: u32,
    grace: u64,
    freshness: u64,
}

const REAL: Floor = Floor { slot_len: 900, epoch_len: 60, grace: 60, freshness: 900 };
const DEMO: Floor = Floor { slot_len: 10, epoch_len: 5, grace: 2, freshness: 10 };

const CONTINUES_MAX: usize = 16;
/// SEA-16: a quarter, with room for its ends.
const KEY_PERIOD_MAX: u64 = 100 * 86_400;
/// Regulation (EU) 2023/1543, Article 4(5): 48 hours; a policy may be stricter (SEA-70).
const CONFIRM_MAX: u64 = 48 * 3_600;

/// POL-03, T9: a new key waits three days, so that who watches the policies can object; a month is a mistake.
pub const KEY_WAITING_MIN: u64 = 3 * 86_400;
const KEY_WAITING_MAX: u64 = 31 * 86_400;
/// LOG-47: the default and the most.
const MAX_SEAL: u64 = 366 * 86_400;

pub(super) fn parts(p: &PolicyParts) -> Result<(), PolicyError> {
    // POL-02
    if CONTINUES_MAX < p.continues.len() || !ascends(&p.continues) {
        return Err(PolicyError::Continues);
    }
    times(p)?;
    limits(&p.limits)?;
    key_period(p)?;
    categories(p)?;
    instruments(p)?;
    directory(p)?;
    people(p)?;
    keys_once(p)?;
    trailer(p)
}

fn ascends<T: Ord>(list: &[T]) -> bool {
    list.is_sorted_by(|a, b| a < b)
}

fn times(p: &PolicyParts) -> Result<(), PolicyError> {
    let (t, floor) = (&p.times, if p.demo { &DEMO } else { &REAL });
    // POL-03: F is max(15 min, 3 T) and not a choice; a demo's T of a second gets a demo's F (REL-05, REL-32).
    let beats = (1..=3_600).contains(&t.tick) && (1..=4_096).contains(&t.batch);
    let fresh = t.freshness == floor.freshness.max(3 * t.tick) || (p.demo && t.freshness == REAL.freshness);
    let seals = (1..=MAX_SEAL).contains(&t.max_seal) && t.max_seal <= t.max_total_seal;
    let confirms = (1..=CONFIRM_MAX).contains(&t.confirm_within);
    let waits = (if p.demo { 0 } else { KEY_WAITING_MIN }..=KEY_WAITING_MAX).contains(&t.key_waiting);
    if !(beats && fresh && seals && confirms && waits) {
        return Err(PolicyError::Times);
    }
    // POL-04: what `SlotLen` refuses (no divisor of the day, above six hours) is refused first.
    let slot = seal::identity::SlotLen::new(t.slot_len).is_ok() && floor.slot_len <= t.slot_len;
    if !slot || t.epoch_len == 0 || t.slot_len % t.epoch_len != 0 {
        return Err(PolicyError::SlotLength);
    }
    let grace_max = 86_400;
    if !(floor.epoch_len..=3_600).contains(&t.epoch_len) || !(floor.grace..=grace_max).contains(&t.grace) {
        return Err(PolicyError::EpochOrGrace);
    }
    Ok(())
}

fn limits(l: &Limits) -> Result<(), PolicyError> {
    let all = [
        l.identities_per_intent,
        l.identities_per_day,
        l.identities_per_order,
        l.slots_per_order,
        l.orders_per_authority,
        l.emergencies_per_authority,
        l.slots_per_selector,
        l.window,
    ];
    // POL-05: 2^16 identities is what an evidence file holds (sealing.md section 11).
    if all.contains(&0) || (1 << 16) < l.identities_per_intent {
        return Err(PolicyError::Limits);
    }
    Ok(())
}

fn key_period(p: &PolicyParts) -> Result<(), PolicyError> {
    // POL-08
    let (period, len) = (p.key.period, u64::from(p.times.slot_len));
    let aligned = period.from() % len == 0 && period.until() % len == 0;
    if !aligned || KEY_PERIOD_MAX < period.until() - period.from() {
        return Err(PolicyError::KeyPeriod);
    }
    Ok(())
}

fn categories(p: &PolicyParts) -> Result<(), PolicyError> {
    // POL-09
    let numbers: Vec<_> = p.categories.iter().map(|c| c.category).collect();
    let honest = p.categories.iter().all(|c| match c.source {
        Source::OnlySealed => c.retention_days > 0,
        // SEA-79: sealing protects nothing if it keeps longer than the source would have.
        Source::Readable { days } => c.retention_days > 0 && c.retention_days <= days,
    });
    if numbers.is_empty() || !ascends(&numbers) || !honest {
        return Err(PolicyError::Categories);
    }
    Ok(())
}

fn knows(p: &PolicyParts, list: &[seal::identity::Category]) -> bool {
    list.iter().all(|c| p.categories.iter().any(|rule| rule.category == *c))
}

fn instruments(p: &PolicyParts) -> Result<(), PolicyError> {
    // POL-10
    let names: Vec<_> = p.instruments.iter().map(|i| &i.instrument).collect();
    let known = p.instruments.iter().all(|i| !i.categories.is_empty() && knows(p, &i.categories));
    if names.is_empty() || !ascends(&names) || !known {
        return Err(PolicyError::Instruments);
    }
    Ok(())
}

fn directory(p: &PolicyParts) -> Result<(), PolicyError> {
    // POL-11
    for (row, entry) in p.directory.iter().enumerate() {
        let follows = row == 0 || p.directory.get(row - 1).is_some_and(|before| before.id < entry.id);
        let known = [&entry.signs, &entry.emergencies, &entry.requests].iter().all(|list| knows(p, list));
        // No law that this serves lets police validate its own order; emergencies have their own list (SEA-69).
        let validates = entry.role == Role::Police && !entry.signs.is_empty();
        if !follows || !known || validates {
            return Err(PolicyError::Directory { line: row + 1 });
        }
    }
    Ok(())
}

fn people(p: &PolicyParts) -> Result<(), PolicyError> {
    // POL-12
    let attested = p.categories.iter().any(|c| c.assurance == AssuranceRule::AttestedToo);
    let (need, persons) = (usize::from(p.attesters.need), p.attesters.keys.len());
    if (attested && need < 2) || persons < need || 127 < persons || (need == 0) != (persons == 0) {
        return Err(PolicyError::Attesters);
    }
    // POL-14: two persons approve before and after the opening (REL-33).
    let quorum = usize::from(p.policy_keys.need);
    if p.officers.len() < 2 || p.sealers.is_empty() || quorum == 0 || p.policy_keys.keys.len() < quorum {
        return Err(PolicyError::Desk);
    }
    Ok(())
}

fn keys_once(p: &PolicyParts) -> Result<(), PolicyError> {
    // POL-13 (LOG-28, LOG-44): a key that signs two kinds of things lets one be passed off as the other.
    let members = p.key.approvers.members.iter().chain(&p.key.guardians.members).map(|m| &m.receipt_key);
    let lists = [&p.attesters.keys, &p.officers, &p.sealers, &p.auditors, &p.log_operators, &p.renewers];
    let rest = lists.into_iter().flatten().chain(&p.policy_keys.keys).chain([&p.gateway, &p.provider_key]);
    let mut seen: BTreeSet<[u8; 32]> = BTreeSet::new();
    for key in p.directory.iter().map(|e| &e.key).chain(members).chain(rest) {
        if key.kind() != KeyKind::Ed25519 {
            return Err(PolicyError::KeyType { name: key.name().to_string() });
        }
        once(&mut seen, key)?;
    }
    let (orders, public) = logs(p)?;
    for log in orders.logs().iter().chain(public.logs()) {
        once(&mut seen, &log.vkey)?;
    }
    // A witness cosigns both logs with one key, so the second policy may repeat it; anything else may not.
    match orders.witnesses().iter().chain(public.witnesses()).find(|w| seen.contains(w.vkey.key().as_bytes())) {
        Some(witness) => Err(PolicyError::KeyTwice { name: witness.vkey.name().to_string() }),
        None => Ok(()),
    }
}

fn once(seen: &mut BTreeSet<[u8; 32]>, key: &VerifierKey) -> Result<(), PolicyError> {
    if seen.insert(*key.key().as_bytes()) { Ok(()) } else { Err(PolicyError::KeyTwice { name: key.name().to_string() }) }
}

fn trailer(p: &PolicyParts) -> Result<(), PolicyError> {
    // POL-15
    let deliveries: Vec<_> = p.deliveries.iter().map(|(id, _)| id).collect();
    let lifts: Vec<_> = p.lifts.iter().map(|(unit, _)| unit).collect();
    let known = deliveries.iter().all(|id| p.directory.iter().any(|e| e.id == **id));
    let units = lifts.iter().all(|unit| p.directory.iter().any(|e| e.unit == **unit));
    if ascends(&deliveries) && ascends(&lifts) && known && units { Ok(()) } else { Err(PolicyError::Trailer) }
}

/// POL-06.
pub(super) fn logs(p: &PolicyParts) -> Result<(TlogPolicy, TlogPolicy), PolicyError> {
    let read = |text: &str| TlogPolicy::parse(text.as_bytes()).map_err(PolicyError::Log);
    let (orders, public) = (read(&p.orders)?, read(&p.public)?);
    let shared = orders.logs().iter().any(|a| public.logs().iter().any(|b| a.origin == b.origin));
    // LOG-68: below 1 + floor(2n/3) two quorums can exist that share no honest witness.
    let safe = |log: &TlogPolicy| least_safe_quorum(log.witnesses().len()) <= log.fewest_votes();
    if shared || orders.logs().is_empty() || public.logs().is_empty() || !safe(&orders) || !safe(&public) {
        return Err(PolicyError::LogQuorum);
    }
    Ok((orders, public))
}

/// POL-07 (SEA-10 to SEA-13).
pub(super) fn committee(c: &CommitteeParts) -> Result<CheckedCommittee, PolicyError> {
    let (need, of) = (c.committee.need, c.committee.of);
    let rows = c.members.iter().map(|m| m.index).eq(1..=of);
    // One member alone is no committee: P6 says "no one alone". The majority is asked by `Committee::check`.
    if need < 2 {
        return Err(PolicyError::Committee);
    }
    if !rows {
        return Err(PolicyError::Members);
    }
    c.committee.check().map_err(|_| PolicyError::Committee)
}

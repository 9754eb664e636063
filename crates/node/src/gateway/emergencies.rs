//! The daily `emergency-count` (LOG-90, LOG-103): what this gateway's cases and the leaves handed in to it give.
//!
//! Leaves tell nobody but their owner what they are (LOG-36), so it can be derived by nobody from the log: only the gateway knows which
//! of its orders are emergencies. A confirmation that came by another way is not in its count; members know no more of it (REL-24 is
//! judged by what a gateway shows), and the count is then too large, never too small (decision 0120).

use super::papers::{self, Order};
use super::rules::Rules;
use crate::cases::Case;
use crate::cases::related::Related;
use crate::cases::state::Logged;
use std::collections::{BTreeMap, BTreeSet};
use verify::calendar::{DAY, Day};
use verify::log::proof::TlogProof;
use verify::names::DirectoryId;
use verify::record::{Kind, Parent, SignedRecord};
use verify::statement::EmergencyCount;

/// SEA-70: so many overdue confirmations within twelve months suspend a unit.
const SUSPENDING: usize = 3;
const SUSPENSION_WINDOW: u64 = 366 * DAY;

/// Emergency orders in the log, those of them older than a day without a confirmation, those past the legal time, and units that
/// members do not serve any more.
pub fn count<'a>(
    rules: &Rules,
    cases: impl Iterator<Item = &'a Case>,
    related: impl Iterator<Item = &'a Related>,
    now: u64,
) -> EmergencyCount {
    let confirmed: BTreeSet<Parent> = related.filter_map(confirmation).collect();
    let mut count = EmergencyCount { day: Day::containing(now), emergencies: 0, unconfirmed: 0, overdue: 0, suspended: Vec::new() };
    let mut late_of: BTreeMap<DirectoryId, usize> = BTreeMap::new();
    for case in cases {
        let (Some(leaf), Ok(order)) = (papers::order_leaf(case), papers::parse_order(&case.file().order.0)) else { continue };
        if !order.emergency {
            continue;
        }
        count.emergencies += 1;
        if confirmed.contains(&papers::place(leaf)) {
            continue;
        }
        let since = logged_at(rules, &order, leaf).unwrap_or(case.file().received);
        let due = since.saturating_add(rules.policy.times().confirm_within);
        count.unconfirmed += u64::from(since.saturating_add(DAY) < now);
        count.overdue += u64::from(due < now);
        if due < now && now - due < SUSPENSION_WINDOW && were_keys_given(case) {
            let unit = rules.policy.authority(&order.authority).map_or(&order.authority, |entry| &entry.unit);
            if rules.policy.lifted(unit).is_none_or(|until| until < due) {
                *late_of.entry(unit.clone()).or_default() += 1;
            }
        }
    }
    count.suspended = late_of.into_iter().filter(|(_, late)| SUSPENDING <= *late).map(|(unit, _)| unit).collect();
    count
}

/// Is it to be published: a new day, or a number that rose?
pub fn is_news(last: Option<&EmergencyCount>, next: &EmergencyCount) -> bool {
    let Some(last) = last else { return true };
    let numbers = |count: &EmergencyCount| [count.emergencies, count.unconfirmed, count.overdue, count.suspended.len() as u64];
    last.day != next.day || numbers(last).into_iter().zip(numbers(next)).any(|(before, after)| before < after)
}

/// The order that a logged confirmation confirms.
fn confirmation(related: &Related) -> Option<Parent> {
    let Related::Logged { document, .. } = related else { return None };
    let record = SignedRecord::parse(&document.0).ok()?;
    record.record().parent().filter(|_| record.kind() == Kind::Confirmation)
}

/// When the log held the leaf, by its witnesses.
fn logged_at(rules: &Rules, order: &Order, leaf: &Logged) -> Option<u64> {
    let proof = TlogProof::parse(&leaf.proof.0).ok()?;
    let logged = proof.verify(verify::log::leaf::leaf_hash(&order.d), rules.policy.orders(), None).ok()?;
    Some(logged.head().not_before())
}

/// Members hold a confirmation against a unit only where they gave keys.
fn were_keys_given(case: &Case) -> bool {
    match case {
        Case::Closing(s) => !s.served.is_empty(),
        Case::Closed(s) => !s.served.is_empty(),
        other => other.mandate().is_some_and(|mandate| !mandate.served.is_empty() || !mandate.owed.is_empty()),
    }
}

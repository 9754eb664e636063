//! REL-23 and REL-24: what an authority has used up, and what it still owes.

use std::collections::{BTreeMap, BTreeSet};

use seal::selector::Selector;

use super::chain::Passed;
use super::intent_rules::Derived;
use super::kept::{Account, Fact, Kept, KeptChange};
use super::refusal::Refusal;
use crate::calendar::{DAY, Day};
use crate::names::DirectoryId;
use crate::order::CheckedOrder;
use crate::policy::{Limits, Policy};
use crate::record::{Digest, Kind, Parent};
use crate::statement::Statement;

/// NOT-03, LOG-52.
const NOTICE_GRACE: u64 = 30 * DAY;
/// SEA-70: three overdue confirmations within 12 months.
const SUSPENSION_WINDOW: u64 = 366 * DAY;
const SUSPENDING: usize = 3;

/// With what is to be stored before any release.
#[derive(Debug)]
pub struct Counted<'a> {
    pub(super) derived: Derived<'a>,
    pub(super) now: u64,
}

fn within(name: &'static str, limit: u64, used: u64) -> Result<(), Refusal> {
    if used <= limit { Ok(()) } else { Err(Refusal::Budget { name, limit }) }
}

/// REL-23 Budgets and linkage. Gives the counters as they must be stored before release: never lowered again, even if what
/// follows fails. `kept`: with what this bundle showed.
pub fn rel_23<'a>(passed: Passed<'a, 22, Derived<'a>>, kept: &Kept) -> Result<(Passed<'a, 23, Counted<'a>>, Vec<KeptChange>), Refusal> {
    let (case, facts) = (&passed.case, &passed.facts);
    let (policy, order) = (case.policy, &facts.logged.order);
    let (now, identities) = (case.now(order.heads.orders()), facts.identities.len() as u64);
    let day = now / DAY;
    let limits = policy.limits();
    within("identities-per-day", limits.identities_per_day, kept.days.get(&day).unwrap_or(&0) + identities)?;

    let tick = order.heads.orders().not_after();
    let mut account = match kept.orders.get(&order.place) {
        Some(account) => account.clone(),
        None => {
            let account = open_account(policy, &order.order, now, tick).ok_or(Refusal::NotAllowed)?;
            orders_of_authority(policy, kept, &account, now)?;
            follow_on(account, kept)
        }
    };
    account.identities += identities;
    account.slots += facts.slots.len() as u64;
    within("identities-per-order", limits.identities_per_order, account.identities)?;
    within("slots-per-order", limits.slots_per_order, account.slots)?;

    let links = linkage(kept, limits, &account.authority, facts, now)?;
    let used = KeptChange::Used { intent: facts.intent_d() };
    let counted = KeptChange::Counted { day, order: order.place, account, links, now, identities };
    Ok((passed.then(|derived| Counted { derived, now }), vec![used, counted]))
}

fn orders_of_authority(policy: &Policy, kept: &Kept, account: &Account, now: u64) -> Result<(), Refusal> {
    let limits = policy.limits();
    let since = now.saturating_sub(limits.window);
    let emergency = account.kind == Kind::Emergency;
    let same = |a: &&Account| a.authority == account.authority && since <= a.first && (a.kind == Kind::Emergency) == emergency;
    // By what was signed: one order under two leaves is one.
    let orders: BTreeSet<&Digest> = kept.orders.values().filter(same).map(|a| &a.record).chain([&account.record]).collect();
    let count = orders.len() as u64;
    if emergency {
        within("emergencies-per-authority", limits.emergencies_per_authority, count)
    } else {
        within("orders-per-authority", limits.orders_per_authority, count)
    }
}

/// REL-23 The same order under another leaf, in the standby log or under another r, which nobody signs: it gets no second budget, and its
/// clocks do not begin anew. What is said of a leaf alone, that it was opened or renewed, does not pass to another leaf.
fn follow_on(mut account: Account, kept: &Kept) -> Account {
    let record = account.record;
    for twin in kept.accounts_of(&record) {
        account.first = account.first.min(twin.first);
        account.identities = account.identities.max(twin.identities);
        account.slots = account.slots.max(twin.slots);
        account.notice_due = account.notice_due.max(twin.notice_due);
        account.confirm_due = account.confirm_due.min(twin.confirm_due);
        account.is_noticed |= twin.is_noticed;
        account.is_confirmed |= twin.is_confirmed;
    }
    account
}

fn open_account(policy: &Policy, order: &CheckedOrder<'_>, now: u64, tick: u64) -> Option<Account> {
    let record = order.document().record().record();
    let authority = record.authority()?.clone();
    let unit = policy.authority(&authority)?.unit.clone();
    let times = policy.times();
    let notice_due = record.notice_due()?;
    Some(Account {
        d: *order.d(),
        record: record.hash(),
        frame: record.order_frame()?,
        kind: record.kind(),
        authority,
        court: record.court().cloned(),
        unit,
        first: now,
        identities: 0,
        slots: 0,
        deadline: tick.saturating_add(times.max_seal),
        notice_due,
        notice_from: Day::containing(notice_due).quarter_begins().start(),
        confirm_due: (record.kind() == Kind::Emergency).then(|| tick.saturating_add(times.confirm_within)),
        is_released: false,
        is_noticed: false,
        is_opened: false,
        is_confirmed: false,
    })
}

/// Slots of each selector over all orders of this authority within the window.
fn linkage(kept: &Kept, limits: &Limits, authority: &DirectoryId, facts: &Derived<'_>, now: u64) -> Result<Vec<([u8; 32], u64)>, Refusal> {
    let mut asked: BTreeMap<&Selector, BTreeSet<seal::identity::Slot>> = BTreeMap::new();
    for identity in &facts.identities {
        asked.entry(identity.selector()).or_default().insert(identity.slot());
    }
    let since = now.saturating_sub(limits.window);
    let mut links = Vec::new();
    for (selector, slots) in asked {
        // The tag is of this authority and of no other.
        let (tag, slots) = (kept.link_tag(authority, selector), slots.len() as u64);
        let of_this = |((_, known, time), _): &(&(DirectoryId, [u8; 32], u64), &u64)| *known == tag && since <= *time;
        let before: u64 = kept.links.iter().filter(of_this).map(|(_, slots)| *slots).sum();
        within("slots-per-selector", limits.slots_per_selector, before + slots)?;
        links.push((tag, slots));
    }
    Ok(links)
}

/// What openings and renewals in PUBLIC say about orders this member knows (LOG-53).
pub(super) fn learned_from_public(facts: &Derived<'_>, case: &super::chain::Case<'_>) -> Vec<KeptChange> {
    let heads = &facts.logged.order.heads;
    let mut learned = Vec::new();
    for (number, part) in case.bundle.statements.iter().enumerate() {
        let mut said = Vec::new();
        match part.statement.statement() {
            Statement::Open(open) => {
                let order = Parent::new(&open.log, open.index);
                let is_of = case.kept.account(&order).is_some_and(|account| account.d == open.opening.d());
                // LOG-47: who hides what everybody counts has not opened.
                if is_of && open.opening.hides().is_none() {
                    said.push((order, Fact::Opened));
                }
            }
            Statement::Renew(renewals) => {
                for (index, day) in &renewals.rows {
                    let order = Parent::new(&renewals.log, *index);
                    // LOG-50: renewing ends.
                    let last =
                        case.kept.account(&order).map_or(0, |account| account.first.saturating_add(case.policy.times().max_total_seal));
                    said.push((order, Fact::Renewed { deadline: day.start().min(last) }));
                }
            }
            _ => {}
        }
        if !said.is_empty() && heads.statement_holds(case, number) {
            learned.extend(said.into_iter().map(|(order, fact)| KeptChange::Learned { order, fact }));
        }
    }
    learned
}

/// REL-24, NOT-05 Nothing is overdue. Looks at the accounts as they are after everything this bundle showed (`known`).
pub fn rel_24<'a>(passed: Passed<'a, 23, Counted<'a>>, known: &Kept) -> Result<Passed<'a, 24, Counted<'a>>, Refusal> {
    let (policy, now) = (passed.case.policy, passed.facts.now);
    let record = passed.facts.derived.logged.order.record();
    let authority = record.authority().ok_or(Refusal::NotAllowed)?;
    let unit = policy.authority(authority).map_or(authority, |entry| &entry.unit);
    if known.suspended.get(unit).is_some_and(|since| !is_lifted(policy, unit, *since)) {
        return Err(Refusal::UnitSuspended);
    }
    for account in known.orders.values().filter(|a| a.is_released && a.authority == *authority) {
        if !account.is_noticed && account.notice_due.saturating_add(NOTICE_GRACE) < now {
            return Err(Refusal::Overdue { what: "notice" });
        }
        if !account.is_opened && account.deadline < now {
            return Err(Refusal::Overdue { what: "opening" });
        }
        if record.kind() == Kind::Emergency && confirmation_is_overdue(account, now) {
            return Err(Refusal::ConfirmationOverdue);
        }
    }
    Ok(passed.then(|facts| facts))
}

/// SEA-70: the third overdue confirmation suspends the unit of the order's authority. Stored although the order is then refused, so
/// that confirming afterwards does not lift it.
pub(super) fn suspension(passed: &Passed<'_, 23, Counted<'_>>, known: &Kept) -> Option<KeptChange> {
    let (policy, now) = (passed.case.policy, passed.facts.now);
    let authority = passed.facts.derived.logged.order.record().authority()?;
    let unit = &policy.authority(authority)?.unit;
    let counts = |a: &&Account| {
        let due = a.confirm_due.unwrap_or(u64::MAX);
        a.unit == *unit && confirmation_is_overdue(a, now) && now - due < SUSPENSION_WINDOW && !is_lifted(policy, unit, due)
    };
    // By what was signed: one emergency under two leaves is one.
    let overdue: BTreeSet<&Digest> = known.orders.values().filter(counts).map(|account| &account.record).collect();
    (SUSPENDING <= overdue.len()).then(|| KeptChange::Suspended { unit: unit.clone(), at: now })
}

fn is_lifted(policy: &Policy, unit: &DirectoryId, since: u64) -> bool {
    policy.lifted(unit).is_some_and(|until| since <= until)
}

fn confirmation_is_overdue(account: &Account, now: u64) -> bool {
    account.is_released && !account.is_confirmed && account.confirm_due.is_some_and(|due| due < now)
}

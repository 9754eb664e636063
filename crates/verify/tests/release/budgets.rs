//! REL-23 to REL-25: budgets, debts, and that nothing is released before it is stored.

use verify::calendar::DAY;
use verify::names::Span;
use verify::record::{Digest, Kind, Parent, Value};
use verify::release::*;
use verify::statement::{Open, Renewals, Statement};

use crate::support::case::Said;
use crate::support::world::{DAY_ZERO, ORDERS, at};
use crate::support::*;
use crate::{id, refused, related, under};

type Change = fn(&mut verify::policy::Limits);

fn limited(change: Change) -> Option<u8> {
    refused(move |p| p.policy(move |_, policy| change(&mut policy.limits)))
}

#[test]
fn rel_23_the_last_identity_of_each_budget() {
    // The good case asks for two identities in two slots of one selector.
    assert_eq!(limited(|l| l.identities_per_day = 1), Some(23));
    assert_eq!(limited(|l| l.identities_per_day = 2), None);
    assert_eq!(limited(|l| l.identities_per_order = 1), Some(23));
    assert_eq!(limited(|l| l.identities_per_order = 2), None);
    assert_eq!(limited(|l| l.slots_per_order = 1), Some(23));
    assert_eq!(limited(|l| l.slots_per_order = 2), None);
    assert_eq!(limited(|l| l.slots_per_selector = 1), Some(23));
    assert_eq!(limited(|l| l.slots_per_selector = 2), None);
}

/// An account of another order.
pub fn account(kind: Kind, first: u64) -> Account {
    Account {
        d: [0xd; 32],
        // Of an order of its own: `knows` gives each index another.
        record: [0; 32],
        frame: [1; 32],
        kind,
        authority: id("nl.om"),
        court: None,
        unit: id("unit.nl.om"),
        first,
        identities: 5,
        slots: 5,
        deadline: DAY_ZERO + 300 * DAY,
        notice_due: DAY_ZERO + 90 * DAY,
        notice_from: 0,
        confirm_due: (kind == Kind::Emergency).then_some(first + 48 * 3_600),
        is_released: false,
        is_noticed: false,
        is_opened: false,
        is_confirmed: false,
    }
}

pub fn other_order(index: u64) -> Parent {
    Parent::new(ORDERS, index)
}

pub fn knows(kept: &mut Kept, index: u64, account: Account, links: Vec<(Digest, u64)>) {
    let order = other_order(index);
    let (now, identities) = (account.first, account.identities);
    let record = if account.record == [0; 32] { [index as u8; 32] } else { account.record };
    let account = Account { record, ..account };
    kept.apply(&KeptChange::Counted { day: now / DAY, order, account, links, now, identities });
    kept.apply(&KeptChange::Released { order });
    *kept = Kept::parse(&kept.to_bytes()).unwrap();
}

#[test]
fn rel_23_orders_of_one_authority_in_the_window() {
    let with = |limit: u64, first: u64| {
        refused(move |p| {
            p.policy(move |_, policy| policy.limits.orders_per_authority = limit);
            p.kept(move |_, kept| knows(kept, 1, account(Kind::Order, first), Vec::new()));
        })
    };
    assert_eq!(with(1, at(9, 0)), Some(23));
    assert_eq!(with(2, at(9, 0)), None);
    assert_eq!(with(1, at(14, 21) - 30 * DAY - 1), None, "outside of the window");
    assert_eq!(with(1, at(14, 21) - 30 * DAY), Some(23), "its first second");
}

#[test]
fn rel_23_what_others_used_is_not_counted_here() {
    let beside = |change: Change, account: Account| {
        refused(move |p| {
            p.policy(move |_, policy| change(&mut policy.limits));
            p.kept(move |_, kept| knows(kept, 1, account.clone(), Vec::new()));
        })
    };
    let another = account(Kind::Order, at(9, 0));
    assert_eq!(beside(|l| l.identities_per_order = 2, another.clone()), None, "another order of this authority used five");
    let of_others = Account { authority: id("nl.other"), unit: id("unit.nl.other"), ..another.clone() };
    assert_eq!(beside(|l| l.orders_per_authority = 1, of_others), None, "one order of another authority");
    assert_eq!(beside(|l| l.orders_per_authority = 1, another), Some(23), "one order of this authority");
}

pub fn emergency(plan: &mut Plan) {
    plan.soak = Some(0);
    plan.order_signer = "prosecutor".to_owned();
    plan.policy(|_, policy| policy.directory[0].emergencies = vec![seal::identity::Category::TRAFFIC]);
    plan.order(|_, t| (t.kind, t.court) = (Kind::Emergency, None));
}

#[test]
fn rel_23_emergencies_have_a_small_budget_of_their_own() {
    let with = |limit: u64| {
        refused(move |p| {
            emergency(p);
            p.policy(move |_, policy| (policy.limits.emergencies_per_authority, policy.limits.orders_per_authority) = (limit, 1));
            p.kept(|_, kept| knows(kept, 1, account(Kind::Order, at(9, 0)), Vec::new()));
            p.kept(|_, kept| knows(kept, 2, account(Kind::Emergency, at(9, 0)), Vec::new()));
        })
    };
    assert_eq!(with(1), Some(23));
    assert_eq!(with(2), None);
}

#[test]
fn rel_23_linkage_over_orders_of_one_authority() {
    // What the first order stored counts for the second: the same selector again.
    let good = Plan::default().build();
    let Judgement::Granted(pending) = good.judge() else { panic!("refused") };
    let links: Vec<(Digest, u64)> = pending
        .changes()
        .iter()
        .find_map(|c| match c {
            KeptChange::Counted { links, .. } => Some(links.clone()),
            _ => None,
        })
        .unwrap();
    let again = |limit: u64, links: Vec<(Digest, u64)>| {
        refused(move |p| {
            p.policy(move |_, policy| policy.limits.slots_per_selector = limit);
            p.kept(move |_, kept| knows(kept, 1, account(Kind::Order, at(9, 0)), links));
        })
    };
    assert_eq!(links[0].1, 2);
    assert_eq!(again(3, links.clone()), Some(23));
    assert_eq!(again(4, links), None);
    assert_eq!(again(2, vec![([1; 32], 2)]), None, "another selector");
}

fn owes(change: fn(&mut Account)) -> Option<u8> {
    refused(move |p| {
        p.kept(move |_, kept| {
            let mut debt = account(Kind::Order, at(9, 0));
            change(&mut debt);
            knows(kept, 1, debt, Vec::new());
        })
    })
}

/// NOT-05
#[test]
fn rel_24_log_53_notice_and_opening_that_are_overdue() {
    const NOW: u64 = DAY_ZERO + 14 * 3_600 + 21 * 60;
    assert_eq!(owes(|_| ()), None);
    assert_eq!(owes(|a| a.notice_due = NOW - 30 * DAY - 1), Some(24));
    assert_eq!(owes(|a| a.notice_due = NOW - 30 * DAY), None, "thirty days of grace");
    assert_eq!(owes(|a| (a.notice_due, a.is_noticed) = (0, true)), None);
    assert_eq!(owes(|a| a.deadline = NOW - 1), Some(24));
    assert_eq!(owes(|a| (a.deadline, a.is_opened) = (NOW - 1, true)), None);
    assert_eq!(owes(|a| (a.deadline, a.authority) = (NOW - 1, id("nl.politie"))), None, "another authority's debt");
}

#[test]
fn rel_24_log_53_t21_a_notice_or_an_extension_lifts_it() {
    const NOW: u64 = DAY_ZERO + 14 * 3_600 + 21 * 60;
    let late = |kept: &mut Kept| {
        let mut debt = account(Kind::Order, at(9, 0));
        debt.notice_due = NOW - 31 * DAY - 1;
        knows(kept, 1, debt, Vec::new());
    };
    let shown = move |signer: &'static str, kind: Kind, more: fn() -> Vec<Value>| {
        refused(move |p| {
            p.kept(move |_, kept| late(kept));
            p.related = Box::new(move |world, _| vec![related(world, signer, under(kind, other_order(1), more()))]);
        })
    };
    let notice = || vec![Value::OrderFrame([1; 32]), Value::IdsRoot([2; 32])];
    assert_eq!(shown("prosecutor", Kind::Notice, notice), None);
    assert_eq!(shown("police", Kind::Notice, notice), Some(12), "not by the authority of the order");
    let extended = || {
        let due = Value::NoticeDue(DAY_ZERO + 30 * DAY);
        vec![Value::Court(id("nl.rechtbank")), due, Value::SealUntil(DAY_ZERO + 90 * DAY)]
    };
    assert_eq!(shown("court", Kind::Extension, extended), None);
    let confirmation = || vec![Value::Court(id("nl.rechtbank"))];
    assert_eq!(shown("court", Kind::Confirmation, confirmation), Some(24), "a confirmation is no notice");
}

#[test]
fn rel_24_log_53_an_opening_or_a_renewal_in_public_lifts_it() {
    let lifted = |statement: fn(&World) -> Statement, signer: &'static str| {
        refused(move |p| {
            p.kept(|world, kept| {
                let mut debt = account(Kind::Order, at(9, 0));
                (debt.d, debt.deadline) = (opened(world).d(), at(14, 0));
                knows(kept, 1, debt, Vec::new());
            });
            p.statements(move |world, said| said.push(Said { statement: statement(world), signers: vec![signer.to_owned()] }));
        })
    };
    let open = |world: &World| Statement::Open(Open { log: ORDERS.to_owned(), index: 1, opening: opened(world) });
    let renew = |_: &World| {
        let day = verify::calendar::Day::containing(DAY_ZERO + 60 * DAY);
        Statement::Renew(Renewals { log: ORDERS.to_owned(), rows: vec![(1, day)] })
    };
    assert_eq!(lifted(open, "gateway"), None);
    assert_eq!(lifted(open, "stranger"), Some(24));
    assert_eq!(lifted(renew, "renewer"), None);
    assert_eq!(lifted(renew, "log-operator"), Some(24), "only who was shown the court's extension renews");
}

pub fn opened(world: &World) -> verify::record::Opening {
    related(world, "court", under(Kind::Refusal, other_order(0), vec![Value::Reason(1)])).opening(&[])
}

#[test]
fn rel_24_sea_70_t8_t27_one_overdue_confirmation_stops_emergencies_three_stop_the_unit() {
    let with = |debts: u64, is_emergency: bool, change: fn(&mut Plan)| {
        refused(move |p| {
            if is_emergency {
                emergency(p);
            }
            p.policy(|_, policy| policy.limits.emergencies_per_authority = 100);
            p.kept(move |_, kept| {
                for index in 0..debts {
                    knows(kept, index, account(Kind::Emergency, at(14, 20) - 48 * 3_600), Vec::new());
                }
            });
            change(p);
        })
    };
    assert_eq!(with(1, true, |_| ()), Some(24));
    assert_eq!(with(1, false, |_| ()), None, "orders with a court go on");
    assert_eq!(with(2, false, |_| ()), None);
    assert_eq!(with(3, false, |_| ()), Some(24));
    let confirmed = |p: &mut Plan| {
        p.related = Box::new(|world, _| {
            vec![related(world, "court", under(Kind::Confirmation, other_order(0), vec![Value::Court(id("nl.rechtbank"))]))]
        });
    };
    assert_eq!(with(1, true, confirmed), None);
    // The office was over before the order was seen: whoever has its key now confirms nothing.
    let until = |over: fn() -> u64| {
        move |p: &mut Plan| {
            p.policy(move |_, policy| {
                let court = policy.directory.iter_mut().find(|office| office.id == id("nl.rechtbank")).unwrap();
                court.in_force = Span::new(court.in_force.from(), over()).unwrap();
            });
            p.related = Box::new(|world, _| {
                vec![related(world, "court", under(Kind::Confirmation, other_order(0), vec![Value::Court(id("nl.rechtbank"))]))]
            });
        }
    };
    let confirmed_by = |change: &dyn Fn(&mut Plan)| {
        refused(|p| {
            emergency(p);
            p.policy(|_, policy| policy.limits.emergencies_per_authority = 100);
            p.kept(|_, kept| knows(kept, 0, account(Kind::Emergency, at(14, 20) - 48 * 3_600), Vec::new()));
            change(p);
        })
    };
    assert_eq!(confirmed_by(&until(|| at(14, 20) - 48 * 3_600)), Some(24));
    assert_eq!(confirmed_by(&until(|| at(14, 20) - 48 * 3_600 + 1)), None);
    let lifted = |p: &mut Plan| p.policy(|_, policy| policy.lifts = vec![(id("unit.nl.om"), at(14, 21))]);
    assert_eq!(with(3, false, lifted), None, "a policy statement lifts it");
}

#[test]
fn rel_24_a_suspension_is_remembered_even_if_confirmations_follow() {
    let mut plan = Plan::default();
    plan.kept(|_, kept| {
        (0..3).for_each(|index| knows(kept, index, account(Kind::Emergency, at(14, 20) - 48 * 3_600), Vec::new()));
    });
    let mut good = plan.build();
    let Judgement::Refused(refused) = good.judge() else { panic!("granted") };
    assert_eq!(*refused.refusal(), Refusal::UnitSuspended);
    let suspension: Vec<KeptChange> = refused.changes().iter().filter(|c| matches!(c, KeptChange::Suspended { .. })).cloned().collect();
    assert_eq!(suspension.len(), 1);
    suspension.iter().for_each(|change| good.kept.apply(change));
    (0..3).for_each(|index| good.kept.apply(&KeptChange::Learned { order: other_order(index), fact: Fact::Confirmed }));
    good.kept = Kept::parse(&good.kept.to_bytes()).unwrap();
    assert_eq!(good.verdict(), Some(24), "until the policy lifts it");
}

#[test]
fn rel_28_what_rel_24_refuses_costs_no_budget_and_no_intent() {
    let mut plan = Plan::default();
    plan.kept(|_, kept| {
        let mut debt = account(Kind::Order, at(9, 0));
        debt.deadline = at(14, 0);
        knows(kept, 1, debt, Vec::new());
    });
    let mut good = plan.build();
    let Judgement::Refused(refused) = good.judge() else { panic!("granted") };
    assert_eq!(refused.refusal().rule(), 24);
    let raised = |c: &KeptChange| matches!(c, KeptChange::Counted { identities: 2, .. } | KeptChange::Used { .. });
    assert_eq!(refused.changes().iter().filter(|c| raised(c)).count(), 0);
    assert!(!refused.changes().iter().any(|c| matches!(c, KeptChange::Released { .. })));
    // The debt settled, the same bundle gets its keys, and is counted once.
    refused.changes().iter().for_each(|change| good.kept.apply(change));
    good.kept.apply(&KeptChange::Learned { order: other_order(1), fact: Fact::Opened });
    let Judgement::Granted(granted) = good.judge() else { panic!("refused") };
    assert_eq!(granted.changes().iter().filter(|c| raised(c)).count(), 2);
}

#[test]
fn rel_25_no_permit_before_everything_is_stored() {
    let good = Plan::default().build();
    let steps = match good.judge() {
        Judgement::Granted(pending) => pending.changes().len(),
        Judgement::Refused(refused) => panic!("{}", refused.refusal()),
    };
    for fails_at in 0..steps {
        let Judgement::Granted(pending) = good.judge() else { panic!("refused") };
        let mut done = 0;
        let outcome = pending.store(|_| {
            done += 1;
            if done > fails_at { Err("disk full") } else { Ok(()) }
        });
        assert!(outcome.is_err(), "a permit although step {fails_at} was not stored");
    }
}

#[test]
fn rel_25_the_trace_comes_last_and_names_no_person() {
    let good = Plan::default().build();
    let Judgement::Granted(pending) = good.judge() else { panic!("refused") };
    let kinds: Vec<&str> = pending
        .changes()
        .iter()
        .map(|c| match c {
            KeptChange::Head { .. } => "head",
            KeptChange::Used { .. } => "used",
            KeptChange::Counted { .. } => "counted",
            KeptChange::Released { .. } => "released",
            KeptChange::Audit { .. } => "audit",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["head", "head", "used", "counted", "released", "audit"]);
    let mut kept = good.kept.clone();
    let mut lines = Vec::new();
    let permit = pending
        .store(|change| {
            kept.apply(change);
            if let KeptChange::Audit { line } = change {
                lines.push(line.clone());
            }
            Ok::<(), ()>(())
        })
        .unwrap();
    assert!(!lines.concat().contains("+31612345678"));
    assert_eq!(permit.identities(), good.identities);
    assert_eq!(permit.requester(), &world::ENGINE);
    assert_eq!(permit.member(), Some(good.member.id));
    assert_eq!((permit.order_d(), permit.intent_d()), (&good.order.record().d(), &good.intent.record().d()));
    assert_eq!(permit.order_leaf()[..8], *b"WBG1-ORD");
    // The stored state is one text and refuses the same intent for ever.
    let again = Kept::parse(&kept.to_bytes()).unwrap();
    assert_eq!(again, kept);
    let outcome = judge(&good.bundle.to_bytes(), &good.policy, good.member, &again, Clock::Sure(good.now));
    assert!(matches!(outcome, Judgement::Refused(r) if *r.refusal() == Refusal::IntentUsed));
}

#[test]
fn log_42_the_order_leaf_is_built_from_the_records_fields() {
    let good = Plan::default().build();
    let record = good.order.record().record();
    let by_hand = [
        b"WBG1-ORD".as_slice(),
        &[1],
        &record.provider().unwrap().0,
        // Notice is due on 30 June 2026: the second quarter.
        &(4u16 * 26 + 1).to_be_bytes(),
        &record.order_frame().unwrap(),
        &good.order.scope().root(),
        &record.identity_count().unwrap(),
        &[0; 32],
        &7u64.to_be_bytes(),
    ];
    assert_eq!(order_leaf(record, 7).unwrap().as_slice(), by_hand.concat());
}

#[test]
fn rel_26_a_second_intent_of_the_same_order_repeats_everything_and_counts_on() {
    let mut plan = Plan::default();
    plan.policy(|_, policy| policy.limits.identities_per_order = 3);
    let mut good = plan.build();
    let Judgement::Granted(pending) = good.judge() else { panic!("refused") };
    let first: Vec<KeptChange> = pending.changes().to_vec();
    // All but the mark on the intent, as if the gateway came with another intent of the same order.
    first.iter().filter(|c| !matches!(c, KeptChange::Used { .. })).for_each(|c| good.kept.apply(c));
    let account = good.kept.account(&good.place()).unwrap();
    assert_eq!((account.identities, account.slots, account.is_released), (2, 2, true));
    assert_eq!((account.notice_due, account.deadline), (DAY_ZERO + 90 * DAY, at(14, 20) + 366 * DAY));
    assert_eq!(good.verdict(), Some(23), "two more pass the order's budget of three");
}

#[test]
fn rel_23_the_same_order_logged_again_gets_no_second_budget() {
    let mut plan = Plan::default();
    plan.policy(|_, policy| policy.limits.identities_per_order = 4);
    let mut good = plan.build();
    // Under another r, which nobody signs: another leaf, another D, the same R.
    let record = good.order.record().record().hash();
    let twin = Account { record, first: good.now - 60, identities: 3, slots: 1, ..account(Kind::Order, 0) };
    good.kept.apply(&KeptChange::Counted {
        day: 0,
        order: other_order(2),
        account: twin,
        links: Vec::new(),
        now: good.now - 60,
        identities: 0,
    });
    assert_eq!(good.verdict(), Some(23));
}

/// A prospective order, served before: REL-23 stores its account anew, with what this very bundle shows of it.
#[test]
fn rel_24_what_is_shown_of_the_order_itself_counts_at_once() {
    let judged = |is_shown: bool| {
        let mut plan = Plan::default();
        if is_shown {
            let frame = Plan::default().build().order.record().record().order_frame().unwrap();
            let notice = move || vec![Value::OrderFrame(frame), Value::IdsRoot([2; 32])];
            plan.related = Box::new(move |world, order| vec![related(world, "prosecutor", under(Kind::Notice, order, notice()))]);
        }
        let mut good = plan.build();
        let mut debt = account(Kind::Order, good.now - 60);
        let record = good.order.record();
        (debt.d, debt.record, debt.frame) = (record.d(), record.record().hash(), record.record().order_frame().unwrap());
        (debt.notice_due, debt.identities, debt.slots) = (good.now - 31 * DAY, 0, 0);
        let (order, now) = (good.place(), good.now - 60);
        good.kept.apply(&KeptChange::Counted { day: 0, order, account: debt, links: Vec::new(), now, identities: 0 });
        good.kept.apply(&KeptChange::Released { order: good.place() });
        let verdict = good.verdict();
        let Judgement::Granted(pending) = good.judge() else { return (verdict, false) };
        pending.changes().iter().for_each(|change| good.kept.apply(change));
        (verdict, good.kept.account(&good.place()).is_some_and(|account| account.is_noticed))
    };
    assert_eq!(judged(false), (Some(24), false));
    assert_eq!(judged(true), (None, true), "and it is remembered");
}

/// The account that the good case opens, with this change.
fn account_made(change: fn(&mut Plan)) -> Account {
    let mut plan = Plan::default();
    change(&mut plan);
    let Judgement::Granted(pending) = plan.build().judge() else { panic!("refused") };
    let made = pending.changes().iter().find_map(|c| match c {
        KeptChange::Counted { account, .. } => Some(account.clone()),
        _ => None,
    });
    made.unwrap()
}

#[test]
fn rel_23_sea_70_an_emergency_alone_owes_a_confirmation() {
    assert_eq!(account_made(|_| ()).confirm_due, None);
    assert_eq!(account_made(emergency).confirm_due, Some(at(14, 20) + 48 * 3_600));
}

/// When the confirmations of [`debts`] were due: a minute ago.
fn due() -> u64 {
    at(14, 20)
}

/// Three emergencies that were never confirmed.
fn debts(change: fn(&mut Account), are_released: bool, lifted_until: Option<u64>) -> Option<u8> {
    refused(move |p| {
        p.policy(move |_, policy| policy.lifts = lifted_until.map(|until| (id("unit.nl.om"), until)).into_iter().collect());
        p.kept(move |_, kept| {
            for index in 0..3 {
                let mut account = account(Kind::Emergency, due() - 48 * 3_600);
                account.record = [index as u8; 32];
                change(&mut account);
                let (order, now) = (other_order(index), account.first);
                kept.apply(&KeptChange::Counted { day: 0, order, account, links: Vec::new(), now, identities: 0 });
                if are_released {
                    kept.apply(&KeptChange::Released { order });
                }
            }
        });
    })
}

#[test]
fn rel_24_sea_70_only_released_orders_of_the_unit_that_no_lift_reaches_suspend_it() {
    assert_eq!(debts(|_| (), true, None), Some(24));
    assert_eq!(debts(|_| (), false, None), None, "for what was never released nobody owes a confirmation");
    assert_eq!(debts(|a| a.unit = id("unit.nl.politie"), true, None), None, "another unit's");
    assert_eq!(debts(|a| a.record = [0; 32], true, None), None, "one emergency under three leaves is one");
    assert_eq!((debts(|_| (), true, Some(due())), debts(|_| (), true, Some(due() - 1))), (None, Some(24)));
}

#[test]
fn rel_24_log_53_what_was_never_released_owes_no_opening() {
    assert_eq!(debts(|a| (a.confirm_due, a.deadline) = (None, due()), true, None), Some(24));
    assert_eq!(debts(|a| (a.confirm_due, a.deadline) = (None, due()), false, None), None);
}

//! What leaves and statements say about an order that a member knows: about which order, by whom, from when, and how far (REL-12, REL-23,
//! REL-24).

use verify::calendar::{DAY, Day};
use verify::record::{Kind, Value};
use verify::release::*;
use verify::statement::{Open, Renewals, Statement};

use crate::budgets::{account, knows, other_order};
use crate::support::case::Said;
use crate::support::world::{DAY_ZERO, ORDERS, at};
use crate::support::*;
use crate::{id, refused, related, under};

/// What the good case's bundle shows of an order of another leaf that its member knows, and what is kept of it afterwards.
fn heard(signer: &'static str, kind: Kind, more: fn() -> Vec<Value>, known: impl Fn(&mut Account) + 'static) -> Result<Account, u8> {
    let mut plan = Plan::default();
    plan.kept(move |_, kept| {
        let mut other = account(Kind::Order, at(9, 0));
        known(&mut other);
        knows(kept, 1, other, Vec::new());
    });
    plan.related = Box::new(move |world, _| vec![related(world, signer, under(kind, other_order(1), more()))]);
    let mut good = plan.build();
    match good.judge() {
        Judgement::Granted(pending) => {
            pending.changes().iter().for_each(|change| good.kept.apply(change));
            Ok(good.kept.account(&other_order(1)).unwrap().clone())
        }
        Judgement::Refused(refused) => Err(refused.refusal().rule()),
    }
}

#[test]
fn rel_12_not_12_a_notice_is_about_the_order_it_names_and_not_before_its_quarter() {
    let notice = || vec![Value::OrderFrame([1; 32]), Value::IdsRoot([2; 32])];
    let noticed = |known: fn(&mut Account)| heard("prosecutor", Kind::Notice, notice, known).map(|account| account.is_noticed);
    let now = DAY_ZERO + 14 * 3_600 + 21 * 60;
    assert_eq!(noticed(|_| ()), Ok(true));
    assert_eq!(noticed(|account| account.frame = [7; 32]), Err(12), "the notice of another order");
    // One second before the quarter in which it is due: nothing is refused, and nothing is settled either.
    assert_eq!(heard("prosecutor", Kind::Notice, notice, move |account| account.notice_from = now).map(|a| a.is_noticed), Ok(true));
    assert_eq!(heard("prosecutor", Kind::Notice, notice, move |account| account.notice_from = now + 1).map(|a| a.is_noticed), Ok(false));
}

#[test]
fn rel_12_log_50_an_extension_is_its_courts_and_ends_with_the_longest_total_time() {
    let extended = || {
        let due = Value::NoticeDue(DAY_ZERO + 9_000 * DAY);
        vec![Value::Court(id("nl.rechtbank")), due, Value::SealUntil(DAY_ZERO + 9_001 * DAY)]
    };
    let due = |known: fn(&mut Account)| heard("court", Kind::Extension, extended, known).map(|account| account.notice_due);
    let total = Plan::default().build().policy.times().max_total_seal;
    assert_eq!(due(|account| account.court = Some(id("nl.rechtbank"))), Ok(at(9, 0) + total), "no further than renewing may");
    assert_eq!(due(|account| account.court = Some(id("nl.hof"))), Err(12), "another court ordered it");
    let confirmed = || vec![Value::Court(id("nl.rechtbank"))];
    let confirmation = |known: fn(&mut Account)| heard("court", Kind::Confirmation, confirmed, known).map(|account| account.is_confirmed);
    assert_eq!(confirmation(|account| account.court = Some(id("nl.rechtbank"))), Ok(true));
    assert_eq!(confirmation(|account| account.court = Some(id("nl.hof"))), Err(12));
}

#[test]
fn rel_23_an_order_under_a_second_leaf_goes_on_where_the_first_one_was() {
    let mut good = Plan::default().build();
    let record = good.order.record().record().hash();
    let first = Account { record, notice_due: DAY_ZERO + 200 * DAY, is_noticed: true, is_opened: true, ..account(Kind::Order, at(9, 0)) };
    knows(&mut good.kept, 1, first, Vec::new());
    let Judgement::Granted(pending) = good.judge() else { panic!("refused") };
    pending.changes().iter().for_each(|change| good.kept.apply(change));
    let own = good.kept.account(&good.place()).unwrap().clone();
    assert_eq!((own.first, own.identities, own.slots, own.notice_due), (at(9, 0), 7, 7, DAY_ZERO + 200 * DAY));
    assert_eq!((own.is_noticed, own.is_opened, own.deadline), (true, false, at(14, 20) + 366 * DAY), "its own leaf is sealed still");
    // What is said of the order holds for each leaf of it, what is said of a leaf for that leaf.
    let mut kept = good.kept.clone();
    knows(&mut kept, 2, account(Kind::Order, at(9, 0)), Vec::new());
    let stranger = kept.account(&other_order(2)).unwrap().clone();
    for fact in [Fact::Confirmed, Fact::Extended { notice_due: DAY_ZERO + 250 * DAY }, Fact::Opened, Fact::Renewed { deadline: u64::MAX }] {
        kept.apply(&KeptChange::Learned { order: other_order(1), fact });
    }
    let after = kept.account(&good.place()).unwrap();
    assert_eq!((after.is_confirmed, after.notice_due), (true, DAY_ZERO + 250 * DAY));
    assert_eq!((after.is_opened, after.deadline), (own.is_opened, own.deadline));
    assert_eq!(*kept.account(&other_order(2)).unwrap(), stranger, "nothing was said of another order");
    // One order of the authority, not two.
    let mut plan = Plan::default();
    plan.policy(|_, policy| policy.limits.orders_per_authority = 1);
    let mut good = plan.build();
    let record = good.order.record().record().hash();
    knows(&mut good.kept, 1, Account { record, ..account(Kind::Order, at(9, 0)) }, Vec::new());
    assert_eq!(good.verdict(), None);
}

#[test]
fn rel_24_log_47_an_opening_that_hides_what_everybody_counts_opens_nothing() {
    let opened_with = |withheld: &'static [u8]| {
        refused(move |p| {
            let opening = Plan::default().build().order.record().opening(withheld);
            let d = opening.d();
            p.kept(move |_, kept| {
                let mut debt = account(Kind::Order, at(9, 0));
                (debt.d, debt.deadline) = (d, at(14, 0));
                knows(kept, 1, debt, Vec::new());
            });
            p.statements(move |_, said| {
                let opening = opening.clone();
                let statement = Statement::Open(Open { log: ORDERS.to_owned(), index: 1, opening });
                said.push(Said { statement, signers: vec!["gateway".to_owned()] });
            });
        })
    };
    assert_eq!(opened_with(&[4]), None);
    assert_eq!(opened_with(&[12]), Some(24), "until when notice is due");
    assert_eq!(opened_with(&[1]), Some(24), "its kind");
    assert_eq!(opened_with(&[19]), Some(24), "what a notice has to name");
}

#[test]
fn rel_24_log_50_no_renewal_moves_a_deadline_past_the_longest_total_time() {
    let mut plan = Plan::default();
    plan.kept(|_, kept| knows(kept, 1, account(Kind::Order, at(9, 0)), Vec::new()));
    plan.statements(|_, said| {
        let rows = vec![(1, Day::containing(DAY_ZERO + 9_000 * DAY))];
        said.push(Said { statement: Statement::Renew(Renewals { log: ORDERS.to_owned(), rows }), signers: vec!["renewer".to_owned()] });
    });
    let mut good = plan.build();
    let Judgement::Granted(pending) = good.judge() else { panic!("refused") };
    pending.changes().iter().for_each(|change| good.kept.apply(change));
    let total = good.policy.times().max_total_seal;
    assert_eq!(good.kept.account(&other_order(1)).unwrap().deadline, at(9, 0) + total);
}

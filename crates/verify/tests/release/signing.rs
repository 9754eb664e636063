//! REL-10 and REL-12 about time: when the signer can have signed, and how long an order stays sealed.

use crate::support::world::DAY_ZERO;
use crate::support::*;
use crate::{id, refused};
use verify::names::Span;
use verify::record::Kind;
use verify::release::*;

#[test]
fn rel_10_an_order_that_was_dated_back_is_refused() {
    // The office ended at 13:53; the order says 13:50, and at 13:54 the log had no such order.
    let over = |p: &mut Plan| p.policy(|_, policy| policy.directory[2].in_force = Span::new(DAY_ZERO - 30 * 86_400, at(13, 53)).unwrap());
    // Neither slot was over when the order began, so that the pair before it may be left out.
    let begins = |p: &mut Plan| p.order(|_, t| t.validity = Span::new(at(10, 30), at(10, 30) + 30 * 86_400).unwrap());
    let seen_in_time = |p: &mut Plan| {
        let mut twin = Plan::default();
        over(&mut twin);
        begins(&mut twin);
        let good = twin.build();
        let account = Account {
            d: good.order.record().d(),
            record: good.order.record().record().hash(),
            frame: [1; 32],
            court: None,
            kind: Kind::Order,
            authority: id("nl.om"),
            unit: id("unit.nl.om"),
            first: at(13, 52),
            identities: 1,
            slots: 1,
            deadline: good.now + 366 * 86_400,
            notice_due: good.now + 86_400,
            notice_from: 0,
            confirm_due: None,
            is_released: true,
            is_noticed: false,
            is_opened: false,
            is_confirmed: false,
        };
        let change = KeptChange::Counted { day: 0, order: good.place(), account, links: Vec::new(), now: good.now, identities: 0 };
        p.kept(move |_, kept| kept.apply(&change));
    };
    assert_eq!(refused(over), Some(10), "a member that never saw it");
    let known = |anchored: bool| {
        refused(move |p| {
            over(p);
            seen_in_time(p);
            begins(p);
            if !anchored {
                p.bundle(|_, b| b.order_anchor = None);
            }
        })
    };
    assert_eq!(known(true), Some(10), "the pair before its leaf is younger than the office");
    assert_eq!(known(false), None, "who saw the order in time goes on serving it");
}

#[test]
fn rel_10_t9_a_new_key_waits_72_hours() {
    let waits = |from: u64| {
        let in_force = Span::new(from, DAY_ZERO + 365 * 86_400).unwrap();
        refused(move |p| p.policy(move |_, policy| policy.directory[2].in_force = in_force))
    };
    let three_days = 3 * 86_400;
    assert_eq!(waits(at(13, 50) - three_days + 1), Some(10));
    assert_eq!(waits(at(13, 50) - three_days), None);
    let demo = refused(move |p| {
        p.policy(move |_, policy| {
            policy.directory[2].in_force = Span::new(at(13, 50), DAY_ZERO + 365 * 86_400).unwrap();
            policy.times.key_waiting = 0;
            policy.demo = true;
        })
    });
    assert_eq!(demo, None);
}

#[test]
fn rel_12_log_43_nothing_stays_sealed_for_longer_than_the_policy_allows() {
    // The first member that sees the order sees it at the tick of 14:20.
    let sealed = |until: u64| refused(move |p| p.order(move |_, t| t.seal_until = until));
    assert_eq!(sealed(at(14, 20) + 366 * 86_400), None);
    assert_eq!(sealed(at(14, 20) + 366 * 86_400 + 1), Some(12));
    // What a policy allowed when the order was first seen goes on counting.
    let mut good = Plan::default();
    good.order(|_, t| t.seal_until = at(14, 20) + 366 * 86_400);
    let mut good = good.build();
    let account = |deadline: u64| Account {
        d: good.order.record().d(),
        record: good.order.record().record().hash(),
        frame: [1; 32],
        court: None,
        kind: Kind::Order,
        authority: id("nl.om"),
        unit: id("unit.nl.om"),
        first: good.now - 600,
        identities: 1,
        slots: 1,
        deadline,
        notice_due: good.now + 86_400,
        notice_from: 0,
        confirm_due: None,
        is_released: true,
        is_noticed: false,
        is_opened: false,
        is_confirmed: false,
    };
    let known = |deadline: u64| {
        let order = good.place();
        KeptChange::Counted { day: 0, order, account: account(deadline), links: Vec::new(), now: good.now, identities: 0 }
    };
    let (short, long) = (known(at(14, 10) + 366 * 86_400), known(at(14, 20) + 366 * 86_400));
    let kept = good.kept.clone();
    good.kept.apply(&short);
    assert_eq!(good.verdict(), Some(12));
    good.kept = kept;
    good.kept.apply(&long);
    assert_eq!(good.verdict(), None);
}

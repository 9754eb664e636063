//! REL-06, REL-23, REL-24: what a member remembers, what it forgets, and how its file reads.

use verify::calendar::DAY;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::SignedNote;
use verify::log::origin::Origin;
use verify::record::Kind;
use verify::release::*;
use verify::statement::{Open, Statement};

use crate::budgets::{account, emergency, knows, opened, other_order};
use crate::support::case::Said;
use crate::support::world::{DAY_ZERO, ORDERS, PUBLIC, at};
use crate::support::*;
use crate::{id, refused};

const NOW: u64 = DAY_ZERO + 14 * 3_600 + 21 * 60;
const WINDOW: u64 = 30 * DAY;

fn head_of(world: &World, origin: &str, size: u64) -> KeptChange {
    let origin = Origin::parse(origin).unwrap();
    let head = Checkpoint { origin: origin.clone(), size, root: [1; 32] };
    let note = logs::sign(&head, world.signer(origin.as_str()), &[]);
    KeptChange::Head { origin, head: KeptHead { size, root: [1; 32], note } }
}

#[test]
fn rel_06_a_smaller_head_is_no_second_history_and_replaces_none() {
    let mut plan = Plan::default();
    // A way "forward" from 30 leaves to 29.
    plan.kept(|world, kept| kept.apply(&head_of(world, ORDERS, 30)));
    plan.bundle(|_, b| b.orders_head.from.push((30, Vec::new())));
    let good = plan.build();
    let Judgement::Refused(refused) = good.judge() else { panic!("granted") };
    assert_eq!(*refused.refusal(), Refusal::NoWayForward { stored: 30 });
    let mut kept = good.kept.clone();
    kept.apply(&head_of(&good.world, ORDERS, 29));
    assert_eq!(kept.to_bytes(), good.kept.to_bytes());
    kept.apply(&head_of(&good.world, ORDERS, 31));
    assert_ne!(kept.to_bytes(), good.kept.to_bytes());
}

#[test]
fn rel_06_log_87_the_evidence_is_of_the_log_that_has_two_histories() {
    let size = Plan::default().build().public.size();
    let mut plan = Plan::default();
    plan.kept(move |world, kept| kept.apply(&head_of(world, PUBLIC, size)));
    let Judgement::Refused(refused) = plan.build().judge() else { panic!("granted") };
    assert!(matches!(refused.refusal(), Refusal::TwoHistories { .. }));
    let evidence = refused.changes().iter().find_map(|c| match c {
        KeptChange::Stopped { evidence, .. } => Some(evidence.clone()),
        _ => None,
    });
    let old = Checkpoint::of_note(&SignedNote::parse(&evidence.unwrap()[0]).unwrap()).unwrap();
    assert_eq!(old.origin.as_str(), PUBLIC);
}

#[test]
fn rel_25_a_refusal_is_not_answered_if_it_can_not_be_stored() {
    let refusal = || match (Plan { soak: Some(3), ..Plan::default() }).build().judge() {
        Judgement::Refused(refused) => refused,
        Judgement::Granted(_) => panic!("granted"),
    };
    assert!(!refusal().changes().is_empty());
    assert!(refusal().store(|_| Err("the disk is full")).is_err());
    assert!(refusal().store(|_| Ok::<(), &str>(())).is_ok());
}

#[test]
fn rel_23_links_are_counted_as_far_as_the_window_reaches() {
    let Judgement::Granted(pending) = Plan::default().build().judge() else { panic!("refused") };
    let links = pending.changes().iter().find_map(|c| match c {
        KeptChange::Counted { links, .. } => Some(links.clone()),
        _ => None,
    });
    let links = links.unwrap();
    let again = |when: u64| {
        let links = links.clone();
        refused(move |p| {
            p.policy(|_, policy| policy.limits.slots_per_selector = 3);
            p.kept(move |_, kept| knows(kept, 1, account(Kind::Order, when), links));
        })
    };
    assert_eq!((again(NOW - WINDOW), again(NOW - WINDOW - 1)), (Some(23), None));
}

#[test]
fn rel_23_what_no_window_reaches_is_forgotten_and_nothing_else() {
    let good = Plan::default().build();
    let with = |times: &[u64]| {
        let mut kept = good.kept.clone();
        for (number, time) in times.iter().enumerate() {
            let (order, account) = (other_order(1), account(Kind::Order, NOW));
            let links = vec![([number as u8; 32], 1)];
            kept.apply(&KeptChange::Counted { day: time / DAY, order, account, links, now: *time, identities: 1 });
        }
        kept
    };
    let mut kept = with(&[NOW - WINDOW, NOW]);
    let before = kept.to_bytes();
    kept.prune(NOW, WINDOW);
    assert_eq!(kept.to_bytes(), before);
    // A second later the link is outside, its day is not; a day later that is too.
    kept.prune(NOW + 1, WINDOW);
    let lines = |bytes: Vec<u8>, key: &str| String::from_utf8(bytes).unwrap().lines().filter(|l| l.starts_with(key)).count();
    assert_eq!((lines(before.clone(), "link "), lines(before, "day ")), (2, 2));
    assert_eq!((lines(kept.to_bytes(), "link "), lines(kept.to_bytes(), "day ")), (1, 2));
    kept.prune(NOW + DAY, WINDOW);
    assert_eq!((lines(kept.to_bytes(), "link "), lines(kept.to_bytes(), "day ")), (1, 1));
}

#[test]
fn rel_24_log_53_an_opening_of_another_order_lifts_nothing() {
    let shown = |same: bool| {
        refused(move |p| {
            p.kept(move |world, kept| {
                let mut debt = account(Kind::Order, at(9, 0));
                debt.deadline = at(14, 0);
                if same {
                    debt.d = opened(world).d();
                }
                knows(kept, 1, debt, Vec::new());
            });
            p.statements(|world, said| {
                let open = Statement::Open(Open { log: ORDERS.to_owned(), index: 1, opening: opened(world) });
                said.push(Said { statement: open, signers: vec!["gateway".to_owned()] });
            });
        })
    };
    assert_eq!((shown(true), shown(false)), (None, Some(24)));
}

#[test]
fn rel_24_sea_70_a_lift_reaches_back_from_its_time_on() {
    let suspended = |lift: Option<u64>| {
        refused(move |p| {
            p.policy(move |_, policy| policy.lifts = lift.map(|until| (id("unit.nl.om"), until)).into_iter().collect());
            p.kept(|_, kept| kept.apply(&KeptChange::Suspended { unit: id("unit.nl.om"), at: at(9, 0) }));
        })
    };
    assert_eq!(suspended(None), Some(24));
    assert_eq!((suspended(Some(at(9, 0))), suspended(Some(at(9, 0) - 1))), (None, Some(24)));
    let other = refused(|p| {
        p.policy(|_, policy| policy.lifts = vec![(id("unit.nl.politie"), at(9, 0))]);
        p.kept(|_, kept| kept.apply(&KeptChange::Suspended { unit: id("unit.nl.om"), at: at(9, 0) }));
    });
    assert_eq!(other, Some(24), "another unit's");
}

#[test]
fn rel_24_sea_70_confirmations_overdue_for_a_year_suspend_nobody_any_more() {
    let debts = |due: u64, is_emergency: bool| {
        refused(move |p| {
            if is_emergency {
                emergency(p);
            }
            p.kept(move |_, kept| {
                for index in 0..3 {
                    let mut debt = account(Kind::Emergency, at(9, 0));
                    debt.confirm_due = Some(due);
                    knows(kept, index, debt, Vec::new());
                }
            });
            p.policy(|_, policy| policy.limits.emergencies_per_authority = 100);
        })
    };
    assert_eq!((debts(NOW - 366 * DAY + 1, false), debts(NOW - 366 * DAY, false)), (Some(24), None));
    assert_eq!(debts(NOW - 366 * DAY, true), Some(24), "its own emergencies they still stop");
}

#[test]
fn tru_05_a_members_file_has_one_spelling() {
    let text = String::from_utf8(Plan::default().build().kept.to_bytes()).unwrap();
    let reads = |text: String| Kept::parse(text.as_bytes()).is_ok();
    assert!(reads(text.clone()));
    assert!(!reads(text.replace("member guardians 2", "member guardians 0")));
    assert!(!reads(format!("{text}more\n")));
    let head = text.lines().find(|line| line.starts_with("head ")).unwrap();
    assert!(!reads(text.replace(head, &format!("{head}\n{head}"))), "a row twice");
}

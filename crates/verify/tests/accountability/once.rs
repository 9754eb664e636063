//! What is said or logged again, by whoever can: an old head moves no date, and an order under two leaves is one order.

use crate::story::{D0, Story};
use verify::accountability::end_of;
use verify::calendar::Day;
use verify::names::DirectoryId;
use verify::record::*;
use verify::statement::*;

const NONE: [&str; 0] = [];

fn count(day: u32, (emergencies, unconfirmed, overdue): (u64, u64, u64)) -> Statement {
    Statement::EmergencyCount(EmergencyCount { day: Day(D0 + day), emergencies, unconfirmed, overdue, suspended: Vec::new() })
}

/// The statement at `index` of PUBLIC once more, by another key.
fn again(story: &mut Story, index: usize, signer: &str) {
    let statement = SignedStatement::parse(&story.public[index]).unwrap().statement().clone();
    story.say_by(statement, signer);
}

/// Emergencies of day 1, 2 and 3, the gateway's true count on day 3, and a head of those before it said again behind it by somebody.
fn counted(said_again_by: Option<&str>, which: usize) -> Vec<&'static str> {
    let mut story = Story::new();
    let first = story.order(Kind::Emergency, 0, 200);
    story.head(1);
    let second = story.order(Kind::Emergency, 0, 200);
    story.head(2);
    let third = story.order(Kind::Emergency, 0, 200);
    story.say_by(count(3, (3, 1, 0)), "gateway");
    if let Some(signer) = said_again_by {
        again(&mut story, which, signer);
    }
    story.head(3);
    [first, second, third].into_iter().for_each(|index| story.open(index));
    story.codes(3)
}

#[test]
fn log_45_an_old_head_said_again_moves_no_date_whoever_says_it() {
    assert_eq!(counted(None, 0), NONE);
    for which in [0, 1] {
        assert_eq!(counted(Some("log-operator"), which), NONE, "the gateway counted what it had, whatever stands behind it");
        assert_eq!(counted(Some("gateway"), which), ["LOG-44"], "who may say no head is named, and heard for nothing");
    }
}

#[test]
fn log_45_a_new_head_of_a_key_that_may_say_none_dates_nothing() {
    let said_by = |signer: &str| {
        let mut story = Story::new();
        let order = story.order(Kind::Order, 0, 20);
        story.head(1);
        let head = story.public.pop().unwrap();
        story.say_by(SignedStatement::parse(&head).unwrap().statement().clone(), signer);
        story.ledger().deadline(order)
    };
    assert!(said_by("log-operator").is_some());
    assert_eq!(said_by("gateway"), None);
}

#[test]
fn sta_20_the_day_of_a_disclosure_is_not_set_back_by_an_old_head() {
    let table = |old_head: bool| {
        let mut story = Story::new();
        let order = story.order(Kind::Order, 0, 200);
        story.head(1);
        story.head(365);
        if old_head {
            again(&mut story, 0, "log-operator");
        }
        story.open(order);
        story.head(730);
        story.ledger_until(end_of(2027)).statistics(2027).unwrap().rows
    };
    assert!(table(false).contains(&"leaves order 1".to_owned()));
    assert_eq!(table(true), table(false));
}

#[test]
fn not_03_an_order_under_two_leaves_owes_one_notice_under_either() {
    let found = |notice_under: Option<usize>, extended_under: Option<usize>| {
        let mut story = Story::new();
        let order = story.order(Kind::Order, 0, 2);
        let leaves = [order, story.copy(order, 8)];
        let mut opened = leaves.to_vec();
        if let Some(leaf) = notice_under {
            let more = vec![Value::OrderFrame([3; 32]), Value::IdsRoot([5; 32])];
            opened.push(story.child(Kind::Notice, leaves[leaf], more, "prosecutor"));
        }
        if let Some(leaf) = extended_under {
            opened.push(story.extension(leaves[leaf], 50));
        }
        [1, 20, 33, 34].into_iter().for_each(|day| story.head(day));
        opened.into_iter().for_each(|leaf| story.open(leaf));
        story.codes(33)
    };
    assert_eq!(found(None, None), ["NOT-03"], "one order, one fault");
    for leaf in [0, 1] {
        assert_eq!(found(Some(leaf), None), NONE, "{leaf}");
        assert_eq!(found(None, Some(leaf)), NONE, "{leaf}");
    }
}

#[test]
fn sta_24_an_emergency_under_two_leaves_is_one_and_confirmed_under_either() {
    let found = |said, confirmed_under: Option<usize>| {
        let mut story = Story::new();
        let emergency = story.order(Kind::Emergency, 0, 200);
        let leaves = [emergency, story.copy(emergency, 8)];
        let mut opened = leaves.to_vec();
        if let Some(leaf) = confirmed_under {
            let court = Value::Court(DirectoryId::parse("nl.rechtbank").unwrap());
            opened.push(story.child(Kind::Confirmation, leaves[leaf], vec![court], "court"));
        }
        [1, 2, 3, 4].into_iter().for_each(|day| story.head(day));
        story.say_by(count(4, said), "gateway");
        story.head(5);
        opened.into_iter().for_each(|leaf| story.open(leaf));
        story.codes(5)
    };
    assert_eq!(found((1, 1, 1), None), NONE);
    assert_eq!(found((2, 1, 1), None), ["STA-24"], "two, where there is one");
    assert_eq!(found((1, 0, 0), None), ["STA-24", "STA-24"]);
    for leaf in [0, 1] {
        assert_eq!(found((1, 0, 0), Some(leaf)), NONE, "{leaf}");
    }
}

#[test]
fn sta_19_an_order_under_two_leaves_is_counted_once_in_the_year_it_was_first_disclosed() {
    let mut story = Story::new();
    let emergency = story.order(Kind::Emergency, 0, 350);
    let copy = story.copy(emergency, 8);
    story.head(1);
    let court = Value::Court(DirectoryId::parse("nl.rechtbank").unwrap());
    let confirmation = story.child(Kind::Confirmation, copy, vec![court], "court");
    story.head(2);
    let outcome = story.child(Kind::Outcome, copy, vec![Value::StatHash], "gateway");
    story.head(3);
    // The second leaf first: it counts; the other, opened a year later, counts as a leaf alone.
    [copy, confirmation, outcome].into_iter().for_each(|leaf| story.open(leaf));
    story.head(365);
    story.open(emergency);
    story.head(730);
    let rows = |year: u32, word: &str| {
        let table = story.ledger_until(end_of(year)).statistics(year).unwrap();
        table.rows.into_iter().filter(|row| row.contains(word)).collect::<Vec<_>>()
    };
    let first = [
        "confirmations nl.om in-time 1",
        "days-to-outcome nl.om 1 2",
        "orders nl.om emergency epoc 3 native 2026 1",
        "outcomes nl.om emergency answered 1",
    ];
    assert_eq!(
        (rows(2026, "nl.om"), rows(2026, "leaves emergency")),
        (first.map(str::to_owned).to_vec(), vec!["leaves emergency 1".to_owned()])
    );
    assert_eq!((rows(2027, "nl.om"), rows(2027, "leaves emergency")), (vec![], vec!["leaves emergency 1".to_owned()]));
}

/// Logged again on day 41, an emergency of day 1 that was confirmed on day 40 was confirmed late all the same.
#[test]
fn sta_19_an_order_that_is_logged_again_is_no_younger() {
    let rows = |copy_opened_first: bool| {
        let mut story = Story::new();
        let emergency = story.order(Kind::Emergency, 0, 350);
        story.head(1);
        let court = Value::Court(DirectoryId::parse("nl.rechtbank").unwrap());
        let confirmation = story.child(Kind::Confirmation, emergency, vec![court], "court");
        let outcome = story.child(Kind::Outcome, emergency, vec![Value::StatHash], "gateway");
        story.head(40);
        let copy = story.copy(emergency, 8);
        story.head(41);
        let leaves = if copy_opened_first { [copy, emergency] } else { [emergency, copy] };
        story.open(leaves[0]);
        story.head(50);
        story.open(leaves[1]);
        [confirmation, outcome].into_iter().for_each(|leaf| story.open(leaf));
        story.head(365);
        let table = story.ledger_until(end_of(2026)).statistics(2026).unwrap();
        table.rows.into_iter().filter(|row| row.contains("nl.om")).collect::<Vec<_>>()
    };
    let told = [
        "confirmations nl.om late 1",
        "days-to-outcome nl.om 1 39",
        "orders nl.om emergency epoc 3 native 2026 1",
        "outcomes nl.om emergency answered 1",
    ];
    assert_eq!((rows(true), rows(false)), (told.map(str::to_owned).to_vec(), told.map(str::to_owned).to_vec()));
}

/// What is opened before any head has no day, and counts by a leaf that has one.
#[test]
fn sta_20_a_leaf_that_was_opened_before_the_first_head_hides_no_copy_of_its_order() {
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 350);
    let copy = story.copy(order, 8);
    story.open(order);
    story.head(1);
    story.open(copy);
    story.head(365);
    let table = story.ledger_until(end_of(2026)).statistics(2026).unwrap();
    assert!(table.rows.contains(&"orders nl.om order epoc 3 native 2026 1".to_owned()), "{:?}", table.rows);
}

#[test]
fn sta_19_days_to_the_outcome_are_of_what_produces() {
    let mut story = Story::new();
    let keeps = story.order(Kind::Preservation, 0, 350);
    story.head(1);
    let outcome = story.child(Kind::Outcome, keeps, vec![Value::StatHash], "gateway");
    story.head(3);
    [keeps, outcome].into_iter().for_each(|leaf| story.open(leaf));
    story.head(365);
    let table = story.ledger_until(end_of(2026)).statistics(2026).unwrap();
    assert!(table.rows.contains(&"outcomes nl.om preservation answered 1".to_owned()), "{:?}", table.rows);
    assert!(!table.rows.iter().any(|row| row.starts_with("days-to-outcome")), "{:?}", table.rows);
}

/// Witnesses are replaced; what the old ones cosigned keeps its day under the old policy.
#[test]
fn log_45_a_head_counts_under_the_policy_that_was_in_force() {
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 20);
    story.head(1);
    let old = || story.world.policy();
    let mut newer = crate::support::world::World::new(8);
    newer.parts.log_operators = story.world.parts.log_operators.clone();
    let new = || newer.policy();
    let dated = |policies: Vec<verify::policy::Policy>| {
        let newest = policies.last().unwrap().parts().orders.clone();
        story.ledger_with(None, policies, &newest).deadline(order).is_some()
    };
    assert!(dated(vec![old()]) && !dated(vec![new()]));
    assert!(dated(vec![old(), new()]) && dated(vec![new(), old()]));
}

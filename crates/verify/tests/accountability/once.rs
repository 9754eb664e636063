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

/// Two emergencies, of day 1 and day 2, the gateway's true count on day 3, and an old head said again behind it by somebody.
fn counted(said_again_by: Option<&str>) -> Vec<&'static str> {
    let mut story = Story::new();
    let first = story.order(Kind::Emergency, 0, 200);
    story.head(1);
    let second = story.order(Kind::Emergency, 0, 200);
    story.head(2);
    let third = story.order(Kind::Emergency, 0, 200);
    story.say_by(count(3, (3, 1, 0)), "gateway");
    if let Some(signer) = said_again_by {
        again(&mut story, 0, signer);
    }
    story.head(3);
    [first, second, third].into_iter().for_each(|index| story.open(index));
    story.codes(3)
}

#[test]
fn log_45_an_old_head_said_again_moves_no_date_whoever_says_it() {
    assert_eq!(counted(None), NONE);
    assert_eq!(counted(Some("log-operator")), NONE, "the gateway counted what it had, whatever stands behind it");
    assert_eq!(counted(Some("gateway")), ["LOG-44"], "who may say no head is named, and heard for nothing");
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

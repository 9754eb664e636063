//! The edges: what stands between two heads, what may still be sealed, what a table counts and when.

use crate::story::{D0, MAX_SEAL, Story};
use crate::support::world::ORDERS;
use verify::accountability::{TableError, end_of};
use verify::calendar::Day;
use verify::log::leaf;
use verify::names::{DirectoryId, Span};
use verify::record::*;
use verify::statement::*;

const NONE: [&str; 0] = [];

fn count(day: u32, (emergencies, unconfirmed, overdue): (u64, u64, u64)) -> Statement {
    Statement::EmergencyCount(EmergencyCount { day: Day(D0 + day), emergencies, unconfirmed, overdue, suspended: Vec::new() })
}

fn emergency(story: &mut Story) -> u64 {
    story.order(Kind::Emergency, 0, 200)
}

/// An emergency of day 1; the gateway counts on day 4; `before` and `after` the count something more happens.
fn counted(before: fn(&mut Story), after: fn(&mut Story), said: (u64, u64, u64)) -> Vec<&'static str> {
    let mut story = Story::new();
    emergency(&mut story);
    [1, 2, 3, 4].into_iter().for_each(|day| story.head(day));
    before(&mut story);
    story.say_by(count(4, said), "gateway");
    after(&mut story);
    let real = (0..story.records.len()).filter(|index| story.records[*index].is_some());
    real.collect::<Vec<_>>().into_iter().for_each(|index| story.open(index as u64));
    story.codes(7)
}

#[test]
fn sta_24_what_came_behind_the_next_head_is_in_no_count() {
    // Another emergency: whoever counts two on day 4 counts one too many.
    let later = |story: &mut Story| {
        story.head(5);
        emergency(story);
        story.head(6);
    };
    assert_eq!(counted(|_| (), later, (1, 1, 1)), NONE);
    assert_eq!(counted(|_| (), later, (2, 1, 1)), ["STA-24"]);
    // A confirmation: on day 4 there was none.
    let confirmed = |story: &mut Story| {
        story.head(5);
        let court = Value::Court(DirectoryId::parse("nl.rechtbank").unwrap());
        story.child(Kind::Confirmation, 0, vec![court], "court");
        story.head(6);
    };
    assert_eq!(counted(|_| (), confirmed, (1, 1, 1)), NONE);
    assert_eq!(counted(|_| (), confirmed, (1, 0, 1)), ["STA-24"]);
    // A sealed leaf: it cannot be the confirmation that the gateway saw on day 4.
    let sealed = |story: &mut Story| {
        story.head(5);
        story.dummy();
        story.head(6);
    };
    assert_eq!(counted(|_| (), sealed, (1, 1, 1)), NONE);
    assert_eq!(counted(|_| (), sealed, (1, 0, 1)), ["STA-24"]);
    // One from before the next head may be.
    let open_question = |story: &mut Story| {
        story.dummy();
        story.head(5);
    };
    assert_eq!(counted(|_| (), open_question, (1, 0, 1)), NONE);
}

#[test]
fn sta_24_only_what_stood_by_the_head_before_must_be_in_a_count() {
    // Between the two heads: it may be counted, and need not be.
    let between = |story: &mut Story| {
        emergency(story);
    };
    let next = |story: &mut Story| story.head(5);
    for said in [(1, 1, 1), (2, 1, 1), (2, 2, 1)] {
        assert_eq!(counted(between, next, said), NONE, "{said:?}");
    }
    assert_eq!(counted(between, next, (0, 1, 1)), ["STA-24"]);
    // Stood by it, and not a day old: it has to be counted, and not yet as unconfirmed.
    let young = |story: &mut Story| {
        emergency(story);
        story.head(4);
    };
    assert_eq!(counted(young, next, (2, 1, 1)), NONE);
    assert_eq!(counted(young, next, (1, 1, 1)), ["STA-24"]);
    // A head that comes late dates a leaf back; what had to be counted by then is still what the head before said.
    let unseen = |story: &mut Story| {
        emergency(story);
        story.head_of(4, 1);
    };
    let late = |story: &mut Story| story.head_of(2, 2);
    assert_eq!(counted(unseen, late, (1, 1, 1)), NONE);
}

#[test]
fn log_44_a_strangers_count_is_a_fault_of_its_own_and_no_count() {
    let mut story = Story::new();
    emergency(&mut story);
    [1, 2].into_iter().for_each(|day| story.head(day));
    story.say_by(count(2, (9, 9, 9)), "stranger");
    story.head(3);
    story.open(0);
    assert_eq!(story.codes(3), ["LOG-44"]);
}

/// An order whose notice was due on day 2, so that the limit is day 32; `more` happens around that day.
fn noticed(today: u32, more: impl FnOnce(&mut Story)) -> Vec<&'static str> {
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 2);
    story.head(1);
    more(&mut story);
    story.open(order);
    story.codes(today)
}

#[test]
fn not_03_a_notice_after_the_limit_comes_too_late() {
    let given = |story: &mut Story, days: [u32; 2]| {
        story.head(days[0]);
        let more = vec![Value::OrderFrame([3; 32]), Value::IdsRoot([5; 32])];
        let notice = story.child(Kind::Notice, 0, more, "prosecutor");
        story.head(days[1]);
        story.head(35);
        story.open(notice);
    };
    assert_eq!(noticed(35, |story| given(story, [32, 33])), NONE);
    assert_eq!(noticed(35, |story| given(story, [33, 34])), ["NOT-03"]);
}

#[test]
fn not_03_only_a_sealed_leaf_of_that_time_leaves_it_open() {
    let sealed = |story: &mut Story, days: [u32; 2], shown: bool| {
        story.head(days[0]);
        let dummy = story.dummy();
        [days[1], 35].into_iter().for_each(|day| story.head(day));
        if shown {
            story.show_dummy(dummy, 1);
        }
    };
    assert_eq!(noticed(35, |story| sealed(story, [19, 20], false)), NONE);
    assert_eq!(noticed(35, |story| sealed(story, [19, 20], true)), ["NOT-03"], "it was none");
    assert_eq!(noticed(35, |story| sealed(story, [33, 34], false)), ["NOT-03"], "it would come too late");
}

#[test]
fn not_03_nothing_is_late_before_the_log_is_dated_past_the_limit() {
    assert_eq!(noticed(40, |story| story.head(20)), NONE);
    assert_eq!(noticed(40, |story| story.head(32)), NONE);
    assert_eq!(noticed(40, |story| story.head(33)), ["NOT-03"]);
}

#[test]
fn sta_21_a_leaf_before_its_deadline_is_none_of_the_three_things() {
    let mut story = Story::new();
    story.order(Kind::Order, 0, 350);
    story.head(1);
    story.dummy();
    story.head(350);
    story.head(365);
    let table = story.ledger_until(end_of(2026)).statistics(2026).unwrap();
    assert_eq!((table.openings, table.dummies, table.overdue, table.range), (0, 0, 1, Span::new(0, 2).unwrap()));
    assert_eq!(table.rows, ["overdue 0 1 2026-02-01", "state before-deadline 1", "state past-deadline 1"]);
}

#[test]
fn sta_21_neighbours_that_were_due_on_two_days_have_two_rows() {
    let mut story = Story::new();
    for day in [1, 1, 5] {
        story.dummy();
        story.head(day);
    }
    story.head(365);
    let table = story.ledger_until(end_of(2026)).statistics(2026).unwrap();
    let overdue: Vec<&String> = table.rows.iter().filter(|row| row.starts_with("overdue")).collect();
    assert_eq!(overdue, ["overdue 0 2 2026-02-01", "overdue 2 3 2026-02-05"]);
}

#[test]
fn sta_22_a_table_has_as_many_rows_as_a_statement_holds() {
    // Every second leaf is shown, so each other one is a run of its own; three rows count states and what was disclosed.
    let table = |runs: u64| {
        let mut story = Story::new();
        for _ in 0..2 * runs {
            story.dummy();
        }
        story.head(1);
        let rows: Vec<(u64, [u8; 32])> = (0..runs).map(|run| (2 * run, leaf::dummy_r(&[9; 32], 2 * run + 1))).collect();
        story.say_by(Statement::Dummy(Dummies { log: ORDERS.into(), rows }), "log-operator");
        story.head(365);
        story.ledger_until(end_of(2026)).statistics(2026).map(|table| table.rows.len())
    };
    assert_eq!(table(997), Ok(Statement::ROWS_MAX));
    assert_eq!(table(998), Err(TableError::TooManyRows { rows: Statement::ROWS_MAX + 1 }));
}

#[test]
fn sta_22_a_table_is_published_for_its_own_log_and_year() {
    let mut story = Story::new();
    story.order(Kind::Order, 0, 350);
    story.head(1);
    story.head(365);
    let own = story.ledger_until(end_of(2026)).statistics(2026).unwrap();
    for table in
        [Statistics { log: "other.example/orders/2026".into(), ..own.clone() }, Statistics { year: 2025, ..own.clone() }, own.clone()]
    {
        story.say_by(Statement::Statistics(table), "log-operator");
    }
    let ledger = story.ledger_until(end_of(2026));
    assert_eq!(ledger.published(2026).collect::<Vec<_>>(), [&own]);
    assert_eq!(ledger.published(2025).count(), 1);
    assert_eq!(ledger.overdue(Day(D0 + 2 + MAX_SEAL)).len(), 1, "a table dates and discloses nothing");
}

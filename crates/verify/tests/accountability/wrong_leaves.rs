//! Leaves that say what they may not, and openings that hide what they must show: anyone sees it from the two logs.

use verify::calendar::DAY;
use verify::names::DirectoryId;
use verify::record::{Kind, Opening, Value};
use verify::statement::{Open, Statement};

use crate::story::Story;
use crate::support::world::{DAY_ZERO, ORDERS};

const NONE: [&str; 0] = [];

/// What is found on this day, if an order whose notice is due on day `due` has this child on the first day.
fn found(due: u32, today: u32, child: impl Fn(&mut Story, u64) -> u64) -> Vec<&'static str> {
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, due);
    let child = child(&mut story, order);
    for day in [1, 2, today] {
        story.head(day);
    }
    story.open(order);
    story.open(child);
    story.codes(today)
}

fn notice(story: &mut Story, order: u64, frame: u8) -> u64 {
    story.child(Kind::Notice, order, vec![Value::OrderFrame([frame; 32]), Value::IdsRoot([5; 32])], "prosecutor")
}

#[test]
fn not_12_not_13_a_notice_is_of_the_quarter_in_which_it_is_due_and_of_the_order_that_it_names() {
    // Day 90 is the first of April.
    assert_eq!(found(89, 3, |story, order| notice(story, order, 3)), NONE);
    assert_eq!(found(90, 3, |story, order| notice(story, order, 3)), ["NOT-12"]);
    assert_eq!(found(89, 3, |story, order| notice(story, order, 4)), ["NOT-13"]);
    // Neither is the notice that was owed.
    assert_eq!(found(2, 33, |story, order| notice(story, order, 3)), NONE);
    assert_eq!(found(2, 33, |story, order| notice(story, order, 4)), ["NOT-13", "NOT-03"]);
    assert_eq!(found(90, 121, |story, order| notice(story, order, 3)), ["NOT-12", "NOT-03"]);
}

#[test]
fn log_50_log_43_an_extension_ends_with_the_longest_total_time_and_is_the_orders_courts() {
    assert_eq!(found(2, 33, |story, order| story.extension(order, 91)), NONE);
    assert_eq!(found(2, 33, |story, order| story.extension(order, 92)), ["LOG-50"], "90 days after the head of day one");
    // It counts to that end and no further.
    assert_eq!(found(2, 122, |story, order| story.extension(order, 300)), ["LOG-50", "NOT-03"]);
    let of_court = |court: &str| {
        let mut story = Story::new();
        let of = |name: &str| Value::Court(DirectoryId::parse(name).unwrap());
        let mut values = story.order_values(Kind::Order, 0, 20);
        values.push(of(court));
        let order = story.record(values, "prosecutor");
        let extension = story.extension(order, 50);
        story.head(1);
        story.open(order);
        story.open(extension);
        story.codes(2)
    };
    assert_eq!((of_court("nl.rechtbank"), of_court("nl.hof")), (Vec::new(), vec!["LOG-43"]));
}

#[test]
fn log_50_an_extension_that_was_logged_twice_is_one() {
    let renewed = |twice: bool| {
        let mut story = Story::new();
        let order = story.order(Kind::Order, 0, 20);
        let first = story.extension(order, 50);
        let second = if twice { story.copy(first, 8) } else { story.extension(order, 60) };
        story.head(1);
        story.renew(order, 50, "renewer");
        story.renew(order, 60, "renewer");
        story.head(2);
        [order, first, second].into_iter().for_each(|index| story.open(index));
        story.codes(2)
    };
    assert_eq!(renewed(false), NONE);
    assert_eq!(renewed(true), ["LOG-50"]);
}

#[test]
fn log_47_an_opening_that_hides_what_every_opening_shows_is_a_fault_and_opens_nothing() {
    let opened = |withheld: &[u8], also_whole: bool| {
        let mut story = Story::new();
        let order = story.order(Kind::Order, 0, 20);
        story.head(1);
        let opening = story.records[order as usize].as_ref().unwrap().opening(withheld);
        story.say_by(Statement::Open(Open { log: ORDERS.into(), index: order, opening }), "gateway");
        if also_whole {
            story.open(order);
        }
        story.codes(38)
    };
    assert_eq!(opened(&[4, 8, 9], false), NONE);
    for field in [1, 12, 18, 19, 23] {
        assert_eq!(opened(&[8, 9, field], false), ["LOG-47", "LOG-47"], "a fault, and overdue: {field}");
        assert_eq!(opened(&[8, 9, field], true), ["LOG-47"], "the whole one opens: {field}");
    }
}

#[test]
fn log_47_an_opening_without_a_kind_hides_it() {
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 20);
    let whole = String::from_utf8(story.records[order as usize].as_ref().unwrap().opening(&[8, 9]).to_bytes()).unwrap();
    let without: String = whole.split_inclusive('\n').filter(|line| !line.starts_with("field 1 ")).collect();
    let hides = |text: &str| Opening::parse(text.as_bytes()).unwrap().hides();
    // A notice has no validity and no seal: what a record has not, nobody hides.
    let more = vec![Value::OrderFrame([3; 32]), Value::IdsRoot([5; 32])];
    let notice = story.child(Kind::Notice, order, more, "prosecutor");
    assert_eq!((hides(&whole), hides(&without)), (None, Some(1)));
    assert_eq!(story.records[notice as usize].as_ref().unwrap().opening(&[]).hides(), None);
}

#[test]
fn day_zero_is_where_these_stories_take_it_to_be() {
    assert_eq!(verify::calendar::Day::containing(DAY_ZERO + 90 * DAY).to_string(), "2026-04-01");
}

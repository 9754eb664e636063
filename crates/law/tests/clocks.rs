//! CLK-01 to CLK-06 as a table: received, in legal time of the enforcing State, and when it ends. The dates were counted by hand.

use law::clock::{self, Deadline};
use law::rules::{PeriodName, RuleBook};
use verify::calendar::Day;

/// `yyyy-mm-ddThh:mm` with minutes of offset, to Unix seconds.
fn at(text: &str, offset_minutes: i64) -> u64 {
    let (day, time) = text.split_once('T').unwrap();
    let (hour, minute) = time.split_once(':').unwrap();
    let local = Day::parse(day).unwrap().start() + hour.parse::<u64>().unwrap() * 3_600 + minute.parse::<u64>().unwrap() * 60;
    local.checked_add_signed(-offset_minutes * 60).unwrap()
}

struct Case {
    rule: &'static str,
    name: PeriodName,
    state: &'static str,
    received: (&'static str, i64),
    ends: (&'static str, i64),
    moved: bool,
}

const fn case(
    rule: &'static str,
    name: PeriodName,
    state: &'static str,
    received: (&'static str, i64),
    ends: (&'static str, i64),
    moved: bool,
) -> Case {
    Case { rule, name, state, received, ends, moved }
}

use PeriodName::*;

const TABLE: &[Case] = &[
    // Hours: the next full hour, then straight on; no weekend.
    case("CLK-01", Emergency, "NL", ("2026-11-20T17:10", 60), ("2026-11-21T02:00", 60), false),
    case("CLK-01", Emergency, "NL", ("2026-11-20T17:59", 60), ("2026-11-21T02:00", 60), false),
    case("CLK-01", Emergency, "NL", ("2026-11-20T17:00", 60), ("2026-11-21T02:00", 60), false),
    case("CLK-01", Emergency, "NL", ("2026-12-25T23:30", 60), ("2026-12-26T08:00", 60), false),
    // The clocks go back in the night: eight hours stay eight hours.
    case("CLK-01", Emergency, "NL", ("2026-10-24T23:10", 120), ("2026-10-25T07:00", 60), false),
    case("CLK-01", Objection, "DE", ("2026-11-20T17:10", 60), ("2026-11-24T18:00", 60), false),
    // A State whose calendar nobody has given: hours need none.
    case("CLK-01", Emergency, "XX", ("2026-11-20T17:10", 0), ("2026-11-21T02:00", 0), false),
    // Days: the day of receipt is not counted, the end is the end of the day.
    case("CLK-02", Production, "NL", ("2026-11-20T17:10", 60), ("2026-12-01T00:00", 60), false),
    case("CLK-02", Production, "NL", ("2026-11-20T00:00", 60), ("2026-12-01T00:00", 60), false),
    case("CLK-02", Production, "NL", ("2026-11-20T23:59", 60), ("2026-12-01T00:00", 60), false),
    case("CLK-02", Production, "IE", ("2026-11-20T23:59", 0), ("2026-12-01T00:00", 0), false),
    // Weekends and holidays inside count; at the end they move it.
    case("CLK-03", Production, "NL", ("2026-11-18T09:00", 60), ("2026-12-01T00:00", 60), true),
    case("CLK-03", Production, "NL", ("2026-12-15T09:00", 60), ("2026-12-29T00:00", 60), true),
    case("CLK-03", Production, "NL", ("2026-04-17T09:00", 120), ("2026-04-29T00:00", 120), true),
    case("CLK-02", Production, "DE", ("2026-04-17T09:00", 120), ("2026-04-28T00:00", 120), false),
    case("CLK-03", Production, "DE", ("2026-09-23T09:00", 120), ("2026-10-06T00:00", 120), true),
    // Two working days at least: Thursday before Easter in Germany, 5 days end on Tuesday, the only one; so Wednesday.
    case("CLK-03", Clarification, "DE", ("2026-04-02T09:00", 120), ("2026-04-09T00:00", 120), true),
    case("CLK-02", Preservation, "NL", ("2026-09-15T09:00", 120), ("2026-11-17T00:00", 60), true),
    case("CLK-02", Preservation, "NL", ("2026-09-18T09:00", 120), ("2026-11-18T00:00", 60), false),
    // Working days: only they count.
    case("CLK-04", Recognition, "NL", ("2026-11-20T17:10", 60), ("2026-11-28T00:00", 60), false),
    case("CLK-04", Recognition, "NL", ("2026-12-23T10:00", 60), ("2027-01-01T00:00", 60), false),
    case("CLK-04", Recognition, "DE", ("2026-04-01T10:00", 120), ("2026-04-11T00:00", 120), false),
];

#[test]
fn clk_01_to_clk_04_the_table_of_examples() {
    let book = RuleBook::embedded().unwrap();
    for (number, case) in TABLE.iter().enumerate() {
        let deadline = clock::start(&book, case.name, case.state, at(case.received.0, case.received.1)).unwrap();
        let expected = at(case.ends.0, case.ends.1);
        let off = deadline.deadline_at as i64 - expected as i64;
        assert_eq!(off, 0, "row {number} ({} {:?} {}): off by {off} s", case.rule, case.name, case.received.0);
        assert_eq!(deadline.moved_from.is_some(), case.moved, "row {number}");
    }
}

#[test]
fn clk_03_an_unknown_calendar_ends_earlier_and_says_so() {
    let book = RuleBook::embedded().unwrap();
    let received = at("2026-12-15T09:00", 0);
    let unknown = clock::start(&book, Production, "XX", received).unwrap();
    assert!(unknown.without_holidays);
    assert!(unknown.deadline_at <= clock::start(&book, Production, "NL", received).unwrap().deadline_at);
    let far = clock::start(&book, Production, "NL", at("2031-12-15T09:00", 60)).unwrap();
    assert!(far.without_holidays);
    assert!(!clock::start(&book, Production, "NL", received).unwrap().without_holidays);
    // The last day lies in a year that is known, and moves into one that is not: 30 December 2028 is a Saturday, New Year a holiday.
    let over = clock::start(&book, Production, "NL", at("2028-12-20T09:00", 60)).unwrap();
    assert!(over.moved_from.is_some() && over.without_holidays);
    let within = clock::start(&book, Production, "NL", at("2028-12-18T09:00", 60)).unwrap();
    assert!(within.moved_from.is_none() && !within.without_holidays);
    // Working days: begun in a year that nobody gave, ended in one that somebody did, and the other way round.
    let working = |received: &str| clock::start(&book, Recognition, "NL", at(received, 60)).unwrap().without_holidays;
    assert!(working("2025-12-30T09:00") && working("2028-12-28T09:00") && !working("2026-11-20T17:10") && working("2031-01-02T09:00"));
}

#[test]
fn clk_05_an_extension_counts_from_the_expiry_that_stands() {
    let book = RuleBook::embedded().unwrap();
    let first = clock::start(&book, Preservation, "NL", at("2026-09-18T09:00", 120)).unwrap();
    let longer = clock::extend(&book, &first).unwrap();
    assert_eq!(longer.deadline_at - first.deadline_at, 30 * 86_400);
    assert_eq!(longer.received_at, first.received_at);
}

#[test]
fn clk_06_a_clock_that_stood_still_ends_that_much_later() {
    let book = RuleBook::embedded().unwrap();
    let first = clock::start(&book, Production, "NL", at("2026-11-20T17:10", 60)).unwrap();
    assert_eq!(first.paused_for(86_400).deadline_at, first.deadline_at + 86_400);
    assert!(!first.is_past(first.deadline_at - 1) && first.is_past(first.deadline_at));
    assert!(first.rule_version.contains("eu-2023-1543@") && first.rule_version.contains("holidays@"));
    let Deadline { article, .. } = first;
    assert!(article.starts_with("Art 10"));
}

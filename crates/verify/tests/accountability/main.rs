//! Accountability of secrecy: two logs in memory, a year of heads, and everything that can be missing, late or wrong in it.

mod bounds;
mod once;
mod story;
#[path = "../support/mod.rs"]
mod support;
mod wrong_leaves;

use story::{D0, MAX_SEAL, Story};
use support::world::{DAY_ZERO, ORDERS};
use verify::accountability::{TableError, compare, end_of};
use verify::calendar::{DAY, Day};
use verify::log::leaf;
use verify::log::note::Signer;
use verify::names::{DirectoryId, Span};
use verify::record::*;
use verify::statement::*;

#[test]
fn log_47_and_48_an_index_is_opened_shown_or_overdue() {
    let mut story = Story::new();
    let (real, dummy, never) = (story.order(Kind::Order, 0, 20), story.dummy(), story.dummy());
    story.head(1);
    assert_eq!(story.codes(1 + MAX_SEAL), Vec::<&str>::new());
    assert_eq!(story.codes(2 + MAX_SEAL), ["LOG-47", "LOG-47", "LOG-47"]);
    story.open(real);
    story.show_dummy(dummy, 1);
    assert_eq!(story.codes(2 + MAX_SEAL), ["LOG-47"]);
    assert_eq!(story.ledger().overdue(Day(D0 + 2 + MAX_SEAL)), [(never, Day(D0 + 1 + MAX_SEAL))]);
    // An r that gives another leaf shows nothing, and one for an index that is not there is a fault.
    story.show_dummy(never, 77);
    assert_eq!(story.codes(1), ["LOG-48"]);
    story.show_dummy(never, 2);
    assert_eq!(story.codes(1), Vec::<&str>::new(), "a right one may follow a wrong one");
    story.show_dummy(99, 2);
    assert_eq!(story.codes(1), ["LOG-48"]);
}

#[test]
fn log_45_a_head_that_no_quorum_cosigned_dates_nothing() {
    let mut story = Story::new();
    story.dummy();
    let note = story.orders.note(1, story.world.signer(ORDERS), &[]);
    story.say_by(Statement::Head(note), "log-operator");
    assert_eq!(story.codes(9_000), Vec::<&str>::new());
}

#[test]
fn log_49_a_renewal_counts_under_the_renewal_key_only() {
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 20);
    story.head(1);
    story.renew(order, 60, "gateway");
    assert_eq!(story.codes(38), ["LOG-49", "LOG-47"]);
    story.renew(order, 60, "renewer");
    assert_eq!(story.codes(38), ["LOG-49"]);
    assert_eq!(story.codes(61), ["LOG-49", "LOG-47"]);
}

#[test]
fn log_50_each_renewal_needs_an_older_extension_and_renewing_ends() {
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 70);
    let extension = story.extension(order, 75);
    story.head(1);
    story.renew(order, 60, "renewer");
    story.head(2);
    story.open(order);
    assert_eq!(story.codes(3), ["LOG-50"], "the extension is not opened");
    story.open(extension);
    assert_eq!(story.codes(3), Vec::<&str>::new());
    // A second renewal needs a second extension, and one that came after it is none.
    story.renew(order, 70, "renewer");
    story.head(3);
    assert_eq!(story.codes(3), ["LOG-50"]);
    let late = story.extension(order, 80);
    story.head(4);
    story.open(late);
    assert_eq!(story.codes(4), ["LOG-50"]);
    // NOT-04: past max_total_seal (90 days) the deadline does not move.
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 20);
    story.head(1);
    story.renew(order, 500, "renewer");
    assert_eq!(story.codes(91), ["LOG-50"]);
    assert_eq!(story.codes(92), ["LOG-47", "LOG-50"]);
}

#[test]
fn log_49_a_renewal_is_signed_on_a_courts_extension_of_this_log_only() {
    use verify::accountability::{NotRenewed, renewal};
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 20);
    let until = Value::SealUntil(DAY_ZERO + 50 * DAY);
    let due = Value::NoticeDue(DAY_ZERO + 50 * DAY);
    let court = Value::Court(DirectoryId::parse("nl.rechtbank").unwrap());
    let policy = story.world.policy();
    let mut of = |kind, more: Vec<Value>, signer: &str, origin: &str| {
        let index = story.child(kind, order, more, signer) as usize;
        renewal(&policy, origin, story.records[index].as_ref().unwrap())
    };
    let more = vec![court.clone(), until, due];
    let good = of(Kind::Extension, more.clone(), "court", ORDERS).unwrap();
    assert_eq!((good.log.as_str(), good.rows), (ORDERS, vec![(order, Day(D0 + 50))]));
    assert_eq!(of(Kind::Extension, more.clone(), "police", ORDERS), Err(NotRenewed::NotSigned));
    assert_eq!(of(Kind::Extension, more, "court", "other.example/orders/2026"), Err(NotRenewed::OtherLog));
    assert_eq!(of(Kind::Confirmation, vec![court], "court", ORDERS), Err(NotRenewed::NoExtension));
}

#[test]
fn log_47_a_public_opening_hides_persons_and_shows_what_is_counted() {
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 20) as usize;
    let record = story.records[order].as_ref().unwrap();
    let opening = record.public_opening(&[4]).unwrap();
    assert_eq!((opening.leaf_hash(), opening.shown(4), opening.shown(18).is_some()), (record.leaf_hash(), None, true));
    for id in [1, 12, 15, 18, 19, 24] {
        assert_eq!(record.public_opening(&[4, id]), Err(id));
    }
    for id in [8, 9] {
        assert!(opening.shown(id).is_none());
    }
}

#[test]
fn log_54_who_submitted_an_overdue_index_is_said_within_a_week() {
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 20);
    story.head(1);
    assert_eq!(story.codes(1 + MAX_SEAL + 7), ["LOG-47"]);
    assert_eq!(story.codes(1 + MAX_SEAL + 8), ["LOG-47", "LOG-54"]);
    let submitter = DirectoryId::parse("gateway").unwrap();
    let said = LateSubmitter { log: ORDERS.into(), index: order, submitter: submitter.clone() };
    story.say_by(Statement::Default(said), "log-operator");
    assert_eq!(story.codes(1 + MAX_SEAL + 8), ["LOG-47"]);
    assert_eq!(story.ledger().named_for(order), Some(&submitter));
}

#[test]
fn log_43_and_48_an_opening_is_signed_by_one_who_may_and_its_parent_stands_before_it() {
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 200);
    let forged = story.child(Kind::Outcome, order, vec![Value::StatHash], "stranger");
    let orphan = story.child(Kind::Outcome, 7, vec![Value::StatHash], "gateway");
    story.head(1);
    story.open(order);
    story.open(forged);
    assert_eq!(story.codes(1), ["LOG-43"]);
    story.open(orphan);
    assert_eq!(story.codes(1), ["LOG-43", "LOG-48"]);
}

/// Canaries are ordered by the body of oversight (SEA-74, LOG-100); the police orders nothing by itself.
#[test]
fn sea_74_log_43_an_overseers_order_is_rightly_signed_and_a_police_officers_is_not() {
    use verify::policy::Role;
    for (role, codes) in [(Role::Oversight, &[][..]), (Role::Police, &["LOG-43"])] {
        let mut story = Story::new();
        let order = story.order(Kind::Order, 0, 200);
        story.head(1);
        story.open(order);
        let entry = &mut story.world.parts.directory[0];
        entry.role = role;
        entry.signs.clear();
        assert_eq!(story.codes(1), codes, "{role:?}");
    }
}

#[test]
fn not_03_without_notice_in_thirty_days_the_order_is_overdue_when_nothing_is_sealed_that_could_be_it() {
    let mut story = Story::new();
    let order = story.order(Kind::Order, 0, 2);
    story.head(1);
    let sealed = story.dummy();
    story.head(2);
    for day in [20, 33, 34] {
        story.head(day);
    }
    story.open(order);
    // The dummy could be the notice until it is shown, or overdue itself.
    assert_eq!(story.codes(32), Vec::<&str>::new());
    assert_eq!(story.codes(33), ["LOG-47", "NOT-03"]);
    story.show_dummy(sealed, 1);
    assert_eq!(story.codes(33), ["NOT-03"]);
    assert_eq!(story.codes(32), Vec::<&str>::new(), "the thirtieth day is still in time");
    // With a notice, or an extension to a later day, it is not.
    for extended in [false, true] {
        let mut story = Story::new();
        let order = story.order(Kind::Order, 0, 2);
        let more = vec![Value::OrderFrame([3; 32]), Value::IdsRoot([5; 32])];
        let child = if extended { story.extension(order, 90) } else { story.child(Kind::Notice, order, more, "prosecutor") };
        for day in [1, 20, 33, 34] {
            story.head(day);
        }
        story.open(order);
        story.open(child);
        assert_eq!(story.codes(33), Vec::<&str>::new());
    }
}

#[test]
fn sta_24_the_emergency_counter_is_held_against_the_leaves() {
    let count = |day: u32, emergencies, unconfirmed, overdue| {
        let suspended = Vec::new();
        Statement::EmergencyCount(EmergencyCount { day: Day(D0 + day), emergencies, unconfirmed, overdue, suspended })
    };
    let faults = |said: (u64, u64, u64), opened: bool| {
        let mut story = Story::new();
        let (first, second) = (story.order(Kind::Emergency, 0, 200), story.order(Kind::Emergency, 0, 200));
        story.head(1);
        let court = Value::Court(DirectoryId::parse("nl.rechtbank").unwrap());
        let confirmation = story.child(Kind::Confirmation, first, vec![court], "court");
        for day in [2, 3, 4] {
            story.head(day);
        }
        story.say_by(count(4, said.0, said.1, said.2), "gateway");
        story.head(5);
        [first, second].into_iter().for_each(|index| story.open(index));
        if opened {
            story.open(confirmation);
        }
        story.codes(5)
    };
    assert_eq!(faults((2, 1, 1), true), Vec::<&str>::new());
    for wrong in [(1, 1, 1), (2, 0, 1), (2, 1, 0)] {
        assert_eq!(faults(wrong, true), ["STA-24"], "{wrong:?}");
    }
    // A sealed leaf may be a confirmation, or one emergency more: what is open convicts, and nothing else.
    assert_eq!(faults((1, 1, 1), false), ["STA-24"]);
    for open_question in [(2, 2, 2), (2, 1, 1), (2, 0, 0), (3, 1, 1)] {
        assert_eq!(faults(open_question, false), Vec::<&str>::new(), "{open_question:?}");
    }
    assert_eq!(faults((3, 1, 1), true), ["STA-24"]);
    assert_eq!(faults((2, 2, 2), true), Vec::<&str>::new(), "the confirmation need not have come by the gateway");
    assert_eq!(faults((2, 3, 1), true), ["STA-24"], "more than there are");
}

/// Two orders, an emergency with a late confirmation, dummies, an overdue leaf; disclosed over two years.
fn two_years() -> (Story, [u64; 3]) {
    let mut story = Story::new();
    let (first, second, emergency) =
        (story.order(Kind::Order, 0, 350), story.order(Kind::Order, 0, 350), story.order(Kind::Emergency, 0, 350));
    let dummy = story.dummy();
    story.dummy();
    story.head(1);
    let outcome = story.child(Kind::Outcome, first, vec![Value::StatHash], "gateway");
    story.head(5);
    let court = Value::Court(DirectoryId::parse("nl.rechtbank").unwrap());
    let confirmation = story.child(Kind::Confirmation, emergency, vec![court], "court");
    for day in [9, 30, 60] {
        story.head(day);
    }
    [first, emergency, outcome, confirmation].into_iter().for_each(|index| story.open(index));
    story.show_dummy(dummy, 1);
    story.head(365);
    story.open(second);
    story.head(700);
    story.head(730);
    (story, [first, second, emergency])
}

#[test]
fn sta_19_to_21_a_table_counts_what_was_disclosed_in_its_year_and_closes_over_the_deadlines() {
    let (story, _) = two_years();
    let table = |year: u32| story.ledger_until(end_of(year)).statistics(year).unwrap();
    let (first, second) = (table(2026), table(2027));
    // STA-21: openings, dummies and overdue are the leaves past their deadline, whatever the year of disclosure.
    assert_eq!((first.openings, first.dummies, first.overdue, first.range), (4, 1, 2, Span::new(0, 7).unwrap()));
    assert_eq!((second.openings, second.dummies, second.overdue), (5, 1, 1));
    for table in [&first, &second] {
        assert!(table.rows.contains(&format!("state past-deadline {}", table.openings + table.dummies + table.overdue)));
    }
    let rows: Vec<&str> = first.rows.iter().map(String::as_str).collect();
    assert_eq!(
        rows,
        [
            "confirmations nl.om late 1",
            "days-to-outcome nl.om 1 4",
            "disclosed dummies 1",
            "disclosed openings 4",
            "leaves confirmation 1",
            "leaves emergency 1",
            "leaves order 1",
            "leaves outcome 1",
            "orders nl.om emergency epoc 3 native 2026 1",
            "orders nl.om order epoc 3 native 2026 1",
            "outcomes nl.om emergency none-open 1",
            "outcomes nl.om order answered 1",
            "overdue 1 2 2026-02-01",
            "overdue 4 5 2026-02-01",
            "state before-deadline 0",
            "state past-deadline 7",
        ]
    );
    // STA-20: the second order counts in the year of its disclosure, under the year of the order; STA-23: a cell of one stands.
    assert!(second.rows.contains(&"orders nl.om order epoc 3 native 2026 1".to_owned()));
    assert!(second.rows.contains(&"disclosed openings 1".to_owned()));
    // It is a statement like every other.
    let statement = Statement::Statistics(first.clone());
    assert_eq!(Statement::parse(&statement.to_text()), Ok(statement));
    assert_eq!(story.ledger().statistics(2026), Err(TableError::NotClosed));
    assert_eq!(Story::new().ledger_until(end_of(2026)).statistics(2026), Err(TableError::Empty));
}

#[test]
fn sta_22_a_published_table_that_differs_is_a_public_fault() {
    let (mut story, _) = two_years();
    let derived = story.ledger_until(end_of(2026)).statistics(2026).unwrap();
    let mut said = derived.clone();
    said.overdue = 0;
    said.rows.retain(|row| !row.starts_with("overdue"));
    story.say_by(Statement::Statistics(said), "log-operator");
    let ledger = story.ledger_until(end_of(2026));
    let published: Vec<_> = ledger.published(2026).collect();
    // It stands behind the end of the year and is heard all the same.
    assert_eq!(published.len(), 1);
    let differences = compare(published[0], &ledger.statistics(2026).unwrap());
    let what: Vec<_> = differences.iter().map(|d| (d.what.as_str(), d.said.as_str(), d.derived.as_str())).collect();
    assert_eq!(what, [("overdue", "0", "2"), ("row", "-", "overdue 1 2 2026-02-01"), ("row", "-", "overdue 4 5 2026-02-01")]);
    assert_eq!(compare(&derived, &derived), []);
    // Whoever is no log operator publishes no table.
    story.say_by(Statement::Statistics(derived), "gateway");
    assert_eq!(story.ledger_until(end_of(2026)).published(2026).count(), 1);
}

const OTHER: &str = "other.example/orders/2026";

#[test]
fn log_45_to_54_what_is_said_of_another_log_changes_nothing_in_this_one() {
    let mut story = Story::new();
    let (real, dummy) = (story.order(Kind::Order, 0, 20), story.dummy());
    story.head(1);
    let (day, before) = (Day(D0 + 2 + MAX_SEAL), ["LOG-47", "LOG-47"]);
    assert_eq!(story.codes(2 + MAX_SEAL), before);
    let log = || OTHER.to_owned();
    let opening = story.records[real as usize].as_ref().unwrap().opening(&[8, 9]);
    story.say_by(Statement::Open(Open { log: log(), index: real, opening }), "gateway");
    story.say_by(Statement::Dummy(Dummies { log: log(), rows: vec![(dummy, leaf::dummy_r(&[9; 32], 1))] }), "log-operator");
    story.say_by(Statement::Renew(Renewals { log: log(), rows: vec![(real, Day(D0 + 60))] }), "renewer");
    let submitter = DirectoryId::parse("nl.om").unwrap();
    story.say_by(Statement::Default(LateSubmitter { log: log(), index: real, submitter: submitter.clone() }), "log-operator");
    let ledger = story.ledger();
    assert_eq!(story.codes(2 + MAX_SEAL), before);
    assert_eq!((ledger.is_disclosed(real), ledger.named_for(real), ledger.overdue(day).len()), (false, None, 2));
    // The same of this log does.
    story.say_by(Statement::Default(LateSubmitter { log: ORDERS.to_owned(), index: dummy, submitter: submitter.clone() }), "log-operator");
    story.open(real);
    let ledger = story.ledger();
    assert_eq!((ledger.is_disclosed(real), ledger.is_disclosed(dummy), ledger.named_for(dummy)), (true, false, Some(&submitter)));
    // By a key that may not say it, it is a fault and names nobody.
    story.say_by(Statement::Default(LateSubmitter { log: ORDERS.to_owned(), index: real, submitter }), "stranger");
    assert_eq!((story.ledger().named_for(real), story.codes(1)), (None, vec!["LOG-44"]));
}

#[test]
fn log_45_a_head_of_another_log_dates_nothing() {
    let mut story = Story::new();
    story.dummy();
    let origin = verify::log::origin::Origin::parse(support::world::STANDBY).unwrap();
    let head = verify::log::checkpoint::Checkpoint { origin, size: 1, root: [1; 32] };
    let witnesses: Vec<(&Signer, u64)> = story.world.witnesses().into_iter().map(|w| (w, DAY_ZERO + DAY)).collect();
    let note = support::logs::sign(&head, story.world.signer(support::world::STANDBY), &witnesses);
    story.say_by(Statement::Head(note), "log-operator");
    assert_eq!(story.codes(9_000), Vec::<&str>::new());
}

#[test]
fn log_43_each_kind_is_signed_by_those_who_may_sign_it() {
    let opened = |make: &dyn Fn(&mut Story) -> u64| {
        let mut story = Story::new();
        let index = make(&mut story);
        story.head(1);
        story.open(index);
        let nobody = story.ledger_under(None, Vec::new()).faults(Day(D0 + 1)).len();
        assert_eq!(nobody, 0, "without a policy nobody is judged by one");
        story.codes(1)
    };
    let order = |kind, signer: &'static str| {
        opened(&move |story: &mut Story| {
            let values = story.order_values(kind, 0, 20);
            story.record(values, signer)
        })
    };
    let child = |kind, signer: &'static str| {
        opened(&move |story: &mut Story| {
            let order = story.order(Kind::Order, 0, 20);
            let more = match kind {
                Kind::Refusal => vec![Value::Reason(1)],
                _ => vec![Value::StatHash, Value::ReleaseSet([1; 32])],
            };
            story.child(kind, order, more, signer)
        })
    };
    let fine = Vec::<&str>::new();
    for kind in [Kind::Order, Kind::Preservation, Kind::Emergency] {
        assert_eq!((order(kind, "court"), opened(&|story: &mut Story| story.attested(kind))), (fine.clone(), fine.clone()), "{kind:?}");
        assert_eq!(order(kind, "stranger"), ["LOG-43"], "{kind:?}");
    }
    assert_eq!((order(Kind::Emergency, "police"), order(Kind::Preservation, "police")), (fine.clone(), vec!["LOG-43"]));
    for kind in [Kind::Refusal, Kind::Outcome] {
        for signer in ["gateway", "provider", "guardian-2", "approver-1"] {
            assert_eq!(child(kind, signer), fine, "{kind:?} {signer}");
        }
        assert_eq!(child(kind, "court"), ["LOG-43"], "{kind:?}");
    }
}

#[test]
fn log_50_an_extension_of_an_order_in_another_log_renews_nothing() {
    let story_with = |log: &str| {
        let mut story = Story::new();
        let order = story.order(Kind::Order, 0, 70);
        let values = vec![
            Value::Kind(Kind::Extension),
            Value::Provider(support::world::PROVIDER),
            Value::Parent(Parent::new(log, order)),
            Value::Authority(DirectoryId::parse("nl.om").unwrap()),
            Value::Court(DirectoryId::parse("nl.rechtbank").unwrap()),
            Value::SealUntil(DAY_ZERO + 299 * DAY),
            Value::NoticeDue(DAY_ZERO + 80 * DAY),
        ];
        let extension = story.record(values, "court");
        story.head(1);
        story.renew(order, 60, "renewer");
        story.head(2);
        story.open(order);
        story.open(extension);
        story.codes(3)
    };
    assert_eq!((story_with(ORDERS), story_with(OTHER)), (Vec::new(), vec!["LOG-50"]));
}

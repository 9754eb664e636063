//! Positions: nothing twice, nothing lost, late committers found.

use sources::synapse::position::{GAP_WAIT_MS, Read, SETTLE_MS, has_more};
use sources::synapse::rows::*;
use sources::{Position, SourceError};

use super::records::*;

/// An event that the server received a second ago.
fn fresh(stream_ordering: i64) -> EventRow {
    EventRow { received_ts: Some(NOW as i64 - 1_000), ..message(stream_ordering, ALICE) }
}

fn after(read: Read, events: Vec<EventRow>, now: u64) -> Read {
    read.after(&answer(events, vec![]), now, 100)
}

#[test]
fn src_04_a_position_comes_back_as_it_was_or_is_refused() {
    let mut read = Read { events: 7, census_name: Some("@a:b".into()), ..Read::default() };
    read.gaps.insert(5, NOW);
    let position = read.to_position();
    assert_eq!(Read::parse(&position).unwrap(), read);
    for bad in ["x".to_owned(), position.0.replace("v1", "v2"), format!("{} ", position.0), position.0.replace(":7", ": 7")] {
        assert!(matches!(Read::parse(&Position(bad)), Err(SourceError::Refusal { code: "SRC-04", .. })));
    }
}

#[test]
fn a_number_that_appears_late_is_asked_for_until_it_comes() {
    let read = after(Read { events: 10, ..Read::default() }, vec![fresh(11), fresh(14)], NOW);
    assert_eq!((read.events, read.clone().ask(NOW, 100).gaps), (14, vec![12, 13]));
    let read = after(read, vec![fresh(13), fresh(15)], NOW + 1_000);
    assert_eq!((read.events, read.clone().ask(NOW, 100).gaps), (15, vec![12]));
    let read = after(read, vec![], NOW + GAP_WAIT_MS);
    assert!(read.gaps.is_empty(), "rolled back");
}

#[test]
fn old_numbers_and_the_beginning_leave_no_gaps() {
    assert!(after(Read::default(), vec![fresh(1_000_000)], NOW).gaps.is_empty());
    let old = EventRow { received_ts: Some((NOW - GAP_WAIT_MS) as i64 - 1), ..message(900, ALICE) };
    assert!(after(Read { events: 10, ..Read::default() }, vec![old], NOW).gaps.is_empty());
    let wide = after(Read { events: 10, ..Read::default() }, vec![fresh(1_000_000)], NOW);
    assert_eq!(wide.gaps.len(), 1_000);
}

#[test]
fn rows_that_have_only_their_time_are_read_when_it_has_settled() {
    assert_eq!(Read::default().ask(NOW, 100).settled_ms, (NOW - SETTLE_MS) as i64);
}

#[test]
fn every_account_is_copied_once_a_month_page_by_page() {
    let user =
        |name: &str| UserRow { name: name.into(), creation_ts: None, account_kind: "person".into(), closed: false, display_name: None };
    let with = |names: &[&str]| Answer { census: names.iter().map(|n| user(n)).collect(), ..Answer::default() };
    let mut read = Read::default();
    assert_eq!(read.ask(NOW, 2).census_after.as_deref(), Some(""));
    let full = with(&["@a:x", "@b:x"]);
    assert!(has_more(&full, 2));
    read = read.after(&full, NOW, 2);
    assert_eq!(read.ask(NOW, 2).census_after.as_deref(), Some("@b:x"));
    read = read.after(&with(&["@c:x"]), NOW, 2);
    assert_eq!(read.ask(NOW, 2).census_after, None, "done for this month");
    let next_month = NOW + 31 * 86_400_000;
    assert_eq!(read.ask(next_month, 2).census_after.as_deref(), Some(""));
}

#[test]
fn each_stream_goes_on_after_its_last_row() {
    let contact = ContactRow { user_id: ALICE.into(), medium: "email".into(), address: "a@b.c".into(), validated_at: 1, added_at: 2 };
    let device = DeviceKeysRow { user_id: ALICE.into(), device_id: "D".into(), ts_added_ms: 3 };
    let rows = Answer { contacts: vec![contact], device_keys: vec![device], ..Answer::default() };
    let mut read = Read::default().after(&rows, NOW, 100);
    let ask = read.ask(NOW, 100);
    assert_eq!(ask.contacts_after, (2, ALICE.into(), "email".into(), "a@b.c".into()));
    assert_eq!(ask.device_keys_after, (3, ALICE.into(), "D".into()));
}

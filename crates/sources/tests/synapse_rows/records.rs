//! Rows in, records out.

use seal::catalogue::*;
use sources::SourceError;
use sources::synapse::Provider;
use sources::synapse::records::{Made, make};
use sources::synapse::rows::*;

pub const NOW: u64 = 1_795_296_400_000;
pub const ALICE: &str = "@alice:waarborg.test";
pub const BOB: &str = "@bob:waarborg.test";
pub const ROOM: &str = "!room:waarborg.test";

pub fn provider() -> Provider {
    Provider { source: "synapse".into(), server_name: "waarborg.test".into() }
}

pub fn ask() -> Ask {
    Ask {
        events_after: 0,
        gaps: vec![],
        users_after: (0, String::new()),
        contacts_after: (0, String::new(), String::new(), String::new()),
        device_keys_after: (0, String::new(), String::new()),
        census_after: None,
        settled_ms: NOW as i64,
        rows_max: 100,
    }
}

pub fn message(stream_ordering: i64, sender: &str) -> EventRow {
    EventRow {
        stream_ordering,
        event_id: format!("$event{stream_ordering}"),
        room_id: ROOM.into(),
        sender: Some(sender.into()),
        origin_server_ts: Some(1_795_296_300_000 + stream_ordering),
        received_ts: Some(1_795_296_310_000 + stream_ordering),
        counted: true,
        interaction: "message".into(),
        wrapping: "encrypted".into(),
        target: None,
        membership: None,
    }
}

pub fn change(stream_ordering: i64, user_id: &str, joined: bool) -> MembershipRow {
    MembershipRow { stream_ordering, room_id: ROOM.into(), user_id: user_id.into(), joined }
}

pub fn answer(events: Vec<EventRow>, memberships: Vec<MembershipRow>) -> Answer {
    let events_counted = events.iter().filter(|e| e.counted).count() as i64;
    Answer { version: 94, events, events_counted, memberships, ..Answer::default() }
}

pub fn made(answer: &Answer) -> Made {
    make(&provider(), &ask(), answer, NOW).unwrap()
}

pub fn stopped(answer: &Answer) -> &'static str {
    match make(&provider(), &ask(), answer, NOW) {
        Err(SourceError::Refusal { code, .. }) => code,
        _ => "accepted",
    }
}

pub fn traffic(record: &Record) -> &Traffic {
    match record.body() {
        Body::Traffic(traffic) => traffic,
        _ => panic!("not traffic"),
    }
}

/// (selector, direction, recipients) of every record.
pub fn copies(made: &Made) -> Vec<(String, &'static str, Vec<String>)> {
    let copy = |indexed: &sources::Indexed| {
        let t = traffic(&indexed.record);
        let recipients = t.recipients.iter().flatten().map(|p| p.value.clone()).collect();
        (indexed.selectors[0].to_string(), t.direction.word(), recipients)
    };
    made.records.iter().map(copy).collect()
}

fn two() -> Vec<MembershipRow> {
    vec![change(1, ALICE, true), change(2, BOB, true)]
}

#[test]
fn sea_38_one_copy_for_the_sender_and_one_for_each_local_member() {
    let made = made(&answer(vec![message(3, ALICE)], two()));
    assert_eq!(
        copies(&made),
        [(format!("account:{ALICE}"), "sent", vec![BOB.to_owned()]), (format!("account:{BOB}"), "received", vec![BOB.to_owned()])]
    );
}

#[test]
fn sea_08_the_slot_follows_the_servers_own_clock_and_the_claimed_time_is_kept_beside_it() {
    let forged = EventRow { origin_server_ts: Some(1_600_000_000_000), ..message(3, ALICE) };
    let made = made(&answer(vec![forged], two()));
    for indexed in &made.records {
        assert_eq!(indexed.record.t_event_ms(), 1_795_296_310_003);
        assert_eq!(indexed.record.slot_time(), 1_795_296_310);
        assert_eq!(indexed.record.common().clock, Clock::Server);
        assert_eq!(traffic(&indexed.record).claimed, Some(Stamp::Milliseconds(1_600_000_000_000)));
    }
}

#[test]
fn t16_a_forged_implausible_time_neither_moves_nor_removes_the_record() {
    for forged in [0, -1, 1, i64::MAX, 1_795_296_300] {
        let row = EventRow { origin_server_ts: Some(forged), ..message(3, ALICE) };
        let made = made(&answer(vec![row], two()));
        assert_eq!(made.records.len(), 2);
        assert!(made.refused.is_empty());
        let t = traffic(&made.records[0].record);
        assert_eq!((t.claimed.clone(), t.claimed_implausible.clone()), (None, Some(forged.to_string())));
    }
}

#[test]
fn src_20_rows_and_count_must_agree() {
    let mut lying = answer(vec![message(3, ALICE)], two());
    lying.events_counted = 2;
    assert_eq!(stopped(&lying), "SRC-20");
}

#[test]
fn src_21_an_event_outside_the_range_stops_the_connector() {
    let ask = Ask { events_after: 3, gaps: vec![2], ..ask() };
    let run = |row| make(&provider(), &ask, &answer(vec![row], two()), NOW);
    assert!(matches!(run(message(3, ALICE)), Err(SourceError::Refusal { code: "SRC-21", .. })));
    assert!(run(message(2, ALICE)).is_ok(), "a gap was asked for");
    assert!(run(message(4, ALICE)).is_ok());
}

#[test]
fn src_22_a_word_that_the_views_cannot_give_stops_the_connector() {
    let odd = EventRow { interaction: "m.room.message".into(), ..message(3, ALICE) };
    assert_eq!(stopped(&answer(vec![odd], two())), "SRC-22");
    let odd = EventRow { wrapping: "SECRET-PLAINTEXT".into(), ..message(3, ALICE) };
    assert_eq!(stopped(&answer(vec![odd], two())), "SRC-22");
    let users = vec![UserRow { account_kind: "admin".into(), ..user(ALICE) }];
    assert_eq!(stopped(&Answer { users, ..answer(vec![], vec![]) }), "SRC-22");
}

#[test]
fn src_23_an_account_that_is_no_canonical_selector_is_reported_and_the_others_are_kept() {
    let odd = "@e\u{301}ve:waarborg.test";
    let memberships = vec![change(1, ALICE, true), change(2, odd, true), change(2, BOB, true)];
    let made = made(&answer(vec![message(3, ALICE)], memberships));
    assert_eq!(made.records.len(), 2);
    assert_eq!((made.refused[0].code, made.refused[0].place.as_str()), ("SRC-23", "event 3"));
}

#[test]
fn src_24_an_event_without_the_servers_time_is_reported() {
    for row in [
        EventRow { received_ts: None, ..message(3, ALICE) },
        EventRow { received_ts: Some(-5), ..message(3, ALICE) },
        EventRow { sender: None, ..message(3, ALICE) },
    ] {
        let made = made(&answer(vec![row], two()));
        assert!(made.records.is_empty());
        assert_eq!(made.refused[0].code, "SRC-24");
    }
}

#[test]
fn cat_10_a_server_time_in_the_wrong_unit_is_reported() {
    let row = EventRow { received_ts: Some(1_795_296_310), ..message(3, ALICE) };
    let made = made(&answer(vec![row], two()));
    assert!(made.records.is_empty());
    assert!(made.refused.iter().all(|r| r.code == "CAT-10"));
}

#[test]
fn outliers_and_rejected_events_give_nothing() {
    let row = EventRow { counted: false, ..message(3, ALICE) };
    assert!(made(&answer(vec![row], two())).records.is_empty());
}

#[test]
fn a_membership_change_is_about_its_target_only() {
    let invite = EventRow {
        interaction: "membership".into(),
        wrapping: "unknown".into(),
        target: Some("@carol:waarborg.test".into()),
        membership: Some("invite".into()),
        ..message(3, ALICE)
    };
    let made = made(&answer(vec![invite.clone()], two()));
    let selectors: Vec<String> = copies(&made).into_iter().map(|c| c.0).collect();
    assert_eq!(selectors, [format!("account:{ALICE}"), "account:@carol:waarborg.test".to_owned()], "not bob");
    assert_eq!(traffic(&made.records[0].record).membership, Some(Membership::Invite));
    let join = EventRow { target: Some(ALICE.into()), membership: Some("join".into()), ..invite };
    assert_eq!(copies(&super::records::made(&answer(vec![join], two()))).len(), 1, "a join is one person's");
}

#[test]
fn a_room_setting_is_its_senders_only() {
    let row = EventRow { interaction: "settings".into(), wrapping: "unknown".into(), ..message(3, ALICE) };
    assert_eq!(copies(&made(&answer(vec![row], two()))), [(format!("account:{ALICE}"), "sent", vec![])]);
}

#[test]
fn an_unknown_kind_of_event_is_still_an_interaction() {
    let row = EventRow { interaction: "other".into(), wrapping: "unknown".into(), ..message(3, ALICE) };
    assert_eq!(copies(&made(&answer(vec![row], two()))).len(), 2);
}

fn user(name: &str) -> UserRow {
    UserRow {
        name: name.into(),
        creation_ts: Some(1_795_296_312),
        account_kind: "person".into(),
        closed: false,
        display_name: Some("=Alice\u{202e}".into()),
    }
}

fn contact(medium: &str, address: &str) -> ContactRow {
    ContactRow {
        user_id: ALICE.into(),
        medium: medium.into(),
        address: address.into(),
        validated_at: 1_795_296_311_000,
        added_at: 1_795_296_312_000,
    }
}

fn subscriber(record: &Record) -> &Subscriber {
    match record.body() {
        Body::Subscriber(subscriber) => subscriber,
        _ => panic!("not a subscriber"),
    }
}

#[test]
fn a_registration_is_read_in_seconds_and_tells_nothing_of_today() {
    let made = made(&Answer { users: vec![user(ALICE)], ..answer(vec![], vec![]) });
    let record = &made.records[0].record;
    assert_eq!(record.common().t_event, Stamp::Seconds(1_795_296_312));
    assert_eq!(record.t_event(), 1_795_296_312);
    let s = subscriber(record);
    assert_eq!((s.action, &s.display_name, s.closed), (SubscriberAction::Registered, &None, None));
}

#[test]
fn t17_a_registration_time_in_milliseconds_is_refused() {
    let users = vec![UserRow { creation_ts: Some(1_795_296_312_000), ..user(ALICE) }];
    let made = made(&Answer { users, ..answer(vec![], vec![]) });
    assert!(made.records.is_empty());
    assert_eq!(made.refused[0].code, "CAT-10");
}

#[test]
fn a_contact_is_a_subscriber_change_and_an_assignment() {
    let contacts = vec![contact("email", "alice@example.org"), contact("msisdn", "31612345678")];
    let made = made(&Answer { contacts, ..answer(vec![], vec![]) });
    let index: Vec<(String, &str)> = made.records.iter().map(|i| (i.selectors[0].to_string(), i.record.record_type().slug())).collect();
    assert_eq!(
        index,
        [
            (format!("account:{ALICE}"), "subscriber"),
            ("email:alice@example.org".to_owned(), "identification"),
            (format!("account:{ALICE}"), "subscriber"),
            ("phone:+31612345678".to_owned(), "identification"),
        ]
    );
    assert!(made.records.iter().all(|i| i.record.t_event_ms() == 1_795_296_312_000));
}

#[test]
fn an_unknown_or_non_canonical_contact_is_reported() {
    let contacts = vec![contact("icq", "12345"), contact("msisdn", "0612"), contact("email", "Alice@EXAMPLE.org")];
    let made = made(&Answer { contacts, ..answer(vec![], vec![]) });
    let codes: Vec<&str> = made.refused.iter().map(|r| r.code).collect();
    assert_eq!(codes, ["SRC-22", "SRC-23", "SRC-23"]);
    assert_eq!(made.records.len(), 2, "the subscriber keeps what was stored");
}

#[test]
fn the_monthly_copy_is_what_the_ingest_node_sees_now() {
    let census = vec![user(ALICE), UserRow { display_name: Some(String::new()), closed: true, ..user(BOB) }];
    let census_contacts = vec![contact("email", "alice@example.org")];
    let made = made(&Answer { census, census_contacts, ..answer(vec![], vec![]) });
    let (alice, bob) = (&made.records[0].record, &made.records[1].record);
    assert_eq!((alice.common().clock, alice.t_event_ms()), (Clock::Ingest, NOW));
    assert_eq!(subscriber(alice).display_name.as_deref(), Some("=Alice\u{202e}"));
    assert_eq!(subscriber(alice).contacts.as_ref().unwrap().len(), 1);
    assert_eq!((subscriber(bob).display_name.as_deref(), subscriber(bob).closed), (None, Some(true)));
}

#[test]
fn t31_a_64_kilobyte_name_is_reported_with_its_rule() {
    let census = vec![UserRow { display_name: Some("N".repeat(65_536)), ..user(ALICE) }, user(BOB)];
    let made = made(&Answer { census, ..answer(vec![], vec![]) });
    assert_eq!((made.records.len(), made.refused[0].code), (1, "CAT-07"));
}

#[test]
fn stored_device_keys_of_local_users_are_device_records() {
    let row = |user_id: &str| DeviceKeysRow { user_id: user_id.into(), device_id: "ALICEe9d2b67f".into(), ts_added_ms: 1_795_296_313_000 };
    let device_keys = vec![row(ALICE), row("@eve:elsewhere.test"), row("@eve:sub.waarborg.test")];
    let made = made(&Answer { device_keys, ..answer(vec![], vec![]) });
    assert_eq!(made.records.len(), 1);
    match made.records[0].record.body() {
        Body::Device(device) => assert_eq!(device.action, DeviceAction::KeysStored),
        _ => panic!("not a device"),
    }
}

#[test]
fn sea_39_nothing_is_indexed_by_room_server_or_time() {
    let contacts = vec![contact("email", "alice@example.org")];
    let rows = Answer { contacts, users: vec![user(ALICE)], ..answer(vec![message(3, ALICE)], two()) };
    for indexed in made(&rows).records {
        let selector = indexed.selectors[0].to_string();
        assert_eq!(indexed.selectors.len(), 1);
        assert!([format!("account:{ALICE}"), format!("account:{BOB}"), "email:alice@example.org".into()].contains(&selector));
    }
}

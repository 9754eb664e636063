//! One test for each way to be refused.

use seal::catalogue::*;

use super::encoding::givens;
use super::samples::*;

fn code(result: Result<Record, RecordError>) -> &'static str {
    match result {
        Ok(_) => "accepted",
        Err(error) => error.code(),
    }
}

fn sealed_with(body: impl Into<Body>) -> &'static str {
    code(Record::new(common(), RX_MS, body))
}

fn given_with(name: &str, value: Given) -> &'static str {
    let mut given = givens(&record(traffic()));
    given.remove("received_at");
    given.insert(name.into(), value);
    code(Record::from_givens(given, RX_MS))
}

fn text(value: &str) -> Given {
    Given::Text(value.into())
}

#[test]
fn cat_01_a_record_longer_than_4096_octets_is_refused() {
    let long = Party::new(PartyKind::Account, "a".repeat(255));
    assert_eq!(sealed_with(Traffic { recipients: Some(vec![long; 17]), ..traffic() }), "CAT-01");
    assert_eq!(code(Record::decode(&[1; RECORD_LEN_MAX + 1])), "CAT-01");
}

#[test]
fn cat_02_an_unknown_type_or_version_is_refused() {
    let mut bytes = record(traffic()).encode();
    bytes[0] = 2;
    assert_eq!(code(Record::decode(&bytes)), "CAT-02");
    bytes[0] = 1;
    bytes[1] = 2;
    assert_eq!(code(Record::decode(&bytes)), "CAT-02");
    assert_eq!(given_with("category", text("content")), "CAT-02");
}

#[test]
fn cat_03_a_record_that_ends_early_or_goes_on_is_refused() {
    let mut bytes = record(traffic()).encode();
    bytes.push(0);
    assert_eq!(code(Record::decode(&bytes)), "CAT-03");
    assert_eq!(code(Record::decode(&bytes[..bytes.len() - 2])), "CAT-03");
    assert_eq!(code(Record::decode(&[])), "CAT-03");
}

#[test]
fn cat_04_a_second_spelling_is_refused() {
    // t_rx, the first number, with a superfluous zero digit at its end.
    let bytes = record(traffic()).encode();
    let end = 2 + bytes[2..].iter().position(|b| b & 0x80 == 0).unwrap();
    let mut longer = bytes.clone();
    longer[end] |= 0x80;
    longer.insert(end + 1, 0);
    assert_eq!(code(Record::decode(&longer)), "CAT-04");
    // A presence bit for a field that the type does not have; the own fields of a device begin after the common ones.
    let plain = Device { label: None, model: None, system: None, application: None, ..device() };
    let bytes = record(plain.clone()).encode();
    let action = bytes.windows(3).position(|w| w == [0, DeviceAction::Registered as u8, 0]).unwrap();
    let mut flagged = bytes.clone();
    flagged[action] = 1 << 4;
    assert_eq!(code(Record::decode(&flagged)), "CAT-04");
    // A number beyond 64 bits, and one without end.
    let mut beyond = bytes[..2].to_vec();
    beyond.extend([0xff; 9]);
    beyond.push(0x03);
    assert!(Record::decode(&beyond).is_err());
    assert_eq!(code(Record::decode(&[1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])), "CAT-04");
    // A list that claims to be endless.
    let many = record(Traffic { recipients_total: None, ..traffic() }).encode();
    let at = many.windows(4).position(|w| w == [1, 0, 20, b'@'] || w == [1, 0, 18, b'@']).unwrap();
    let endless = [&many[..at], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], &many[at + 1..]].concat();
    assert!(Record::decode(&endless).is_err());
    // A flag that is neither 0 nor 1.
    let mut bytes = record(subscriber()).encode();
    *bytes.last_mut().unwrap() = 2;
    assert_eq!(code(Record::decode(&bytes)), "CAT-04");
}

#[test]
fn cat_05_text_that_is_not_utf8_is_refused() {
    let mut bytes = record(traffic()).encode();
    let at = bytes.windows(6).position(|w| w == b"@alice").unwrap();
    bytes[at] = 0xff;
    assert_eq!(code(Record::decode(&bytes)), "CAT-05");
}

#[test]
fn cat_06_an_absent_or_empty_required_field_is_refused() {
    assert_eq!(sealed_with(Device { device: String::new(), ..device() }), "CAT-06");
    assert_eq!(sealed_with(Device { label: Some(String::new()), ..device() }), "CAT-06");
    assert_eq!(sealed_with(Traffic { recipients: Some(vec![]), ..traffic() }), "CAT-06");
    for name in ["category", "clock", "source", "t_event_raw", "t_event_unit", "sender", "direction"] {
        let mut given = givens(&record(traffic()));
        given.remove("received_at");
        given.remove(name);
        assert_eq!(code(Record::from_givens(given, RX_MS)), "CAT-06", "{name}");
    }
}

#[test]
fn cat_07_a_text_or_list_beyond_its_length_is_refused() {
    assert_eq!(sealed_with(Device { label: Some("x".repeat(255)), ..device() }), "accepted");
    assert_eq!(sealed_with(Device { label: Some("x".repeat(256)), ..device() }), "CAT-07");
    assert_eq!(sealed_with(Device { label: Some("x".repeat(65_536)), ..device() }), "CAT-07");
    assert_eq!(sealed_with(Traffic { recipients: Some(vec![bob(); 33]), ..traffic() }), "CAT-07");
    let long = Party::new(PartyKind::Account, "a".repeat(256));
    assert_eq!(sealed_with(Traffic { sender: long, ..traffic() }), "CAT-07");
}

#[test]
fn cat_08_a_number_outside_its_range_is_refused() {
    assert_eq!(sealed_with(IpSession { port: Some(65_536), ..ip_session() }), "CAT-08");
    assert_eq!(sealed_with(Location { latitude: Some(-900_000_001), ..location() }), "CAT-08");
    assert_eq!(sealed_with(Location { longitude: Some(1_800_000_001), ..location() }), "CAT-08");
    assert_eq!(sealed_with(Traffic { size: Some(NUMBER_MAX + 1), ..traffic() }), "CAT-08");
    assert_eq!(given_with("size", Given::Number(-1)), "CAT-08");
}

#[test]
fn cat_09_a_word_outside_its_list_is_refused() {
    assert_eq!(given_with("interaction", text("m.room.message")), "CAT-09");
    assert_eq!(given_with("t_event_unit", text("minutes")), "CAT-09");
    let mut bytes = record(device()).encode();
    let action = bytes.windows(2).position(|w| w == [0x0f, DeviceAction::Registered as u8]).unwrap() + 1;
    bytes[action] = 200;
    assert_eq!(code(Record::decode(&bytes)), "CAT-09");
}

#[test]
fn cat_10_a_time_that_is_implausible_in_its_unit_is_refused() {
    let seconds_as_ms = Common { t_event: Stamp::Milliseconds(EVENT_MS / 1_000), ..common() };
    assert_eq!(code(Record::new(seconds_as_ms, RX_MS, traffic())), "CAT-10");
    assert_eq!(code(Record::new(common(), RX_MS / 1_000, traffic())), "CAT-10");
    assert_eq!(sealed_with(Traffic { claimed: Some(Stamp::Seconds(EVENT_MS)), ..traffic() }), "CAT-10");
}

#[test]
fn cat_11_a_time_text_without_offset_is_refused() {
    let zoneless = Common { t_event: Stamp::Rfc3339("2026-11-21T21:25:25".into()), ..common() };
    assert_eq!(code(Record::new(zoneless, RX_MS, traffic())), "CAT-11");
}

#[test]
fn cat_12_an_identifier_without_kind_or_value_is_refused() {
    assert_eq!(given_with("sender", text("@alice")), "CAT-12");
    assert_eq!(given_with("sender", text("nickname:alice")), "CAT-12");
    assert_eq!(given_with("sender", text("account:")), "CAT-12");
    assert_eq!(sealed_with(Traffic { sender: Party::new(PartyKind::Account, ""), ..traffic() }), "CAT-12");
}

#[test]
fn cat_13_a_field_that_the_type_does_not_have_is_refused() {
    assert_eq!(given_with("content", text("hello")), "CAT-13");
    assert_eq!(given_with("latitude", Given::Number(1)), "CAT-13");
}

#[test]
fn cat_14_a_value_of_another_type_is_refused() {
    assert_eq!(given_with("size", text("12")), "CAT-14");
    assert_eq!(given_with("sender", Given::List(vec!["account:a".into()])), "CAT-14");
    assert_eq!(given_with("recipients", text("account:a")), "CAT-14");
    assert_eq!(given_with("t_event_raw", Given::Number(EVENT_MS as i64)), "CAT-14");
    assert_eq!(given_with("interaction", Given::Flag(true)), "CAT-14");
    assert_eq!(given_with("category", Given::Number(1)), "CAT-14");
}

#[test]
fn cat_15_a_derived_value_that_disagrees_is_refused() {
    assert_eq!(given_with("datetime", text("2026-11-21T21:25:25.994+00:00")), "accepted");
    assert_eq!(given_with("datetime", text("2026-11-21T22:25:25.994+00:00")), "CAT-15");
    assert_eq!(given_with("claimed", text("2026-11-21T22:25:25.994+00:00")), "CAT-15");
    assert_eq!(given_with("message", text("meet me at nine")), "CAT-15");
    // Even the right one: the ingest node alone says when it received something.
    assert_eq!(given_with("received_at", text(&format_rfc3339(RX_MS))), "CAT-15");
}

#[test]
fn cat_16_a_text_that_breaks_its_form_is_refused() {
    assert_eq!(sealed_with(Subscriber { birth_date: Some("1991-02-29".into()), ..subscriber() }), "CAT-16");
    assert_eq!(sealed_with(Subscriber { birth_date: Some("29-02-1992".into()), ..subscriber() }), "CAT-16");
    let shouting = Common { source: "Synapse".into(), ..common() };
    assert_eq!(code(Record::new(shouting, RX_MS, traffic())), "CAT-16");
    let mapped = "::ffff:203.0.113.78".parse().unwrap();
    assert_eq!(sealed_with(IpSession { address: mapped, ..ip_session() }), "CAT-16");
}

#[test]
fn every_code_is_its_own_and_says_something() {
    let all = [
        RecordError::TooLong { len: 1 },
        RecordError::UnknownType,
        RecordError::WrongLength,
        RecordError::NotCanonical,
        RecordError::NotUtf8,
        RecordError::Missing { field: "x" },
        RecordError::FieldTooLong { field: "x", max: 1 },
        RecordError::OutOfRange { field: "x" },
        RecordError::UnknownWord { field: "x" },
        RecordError::ImplausibleTime { field: "x" },
        RecordError::BadTimeText { field: "x" },
        RecordError::BadParty { field: "x" },
        RecordError::UnknownField { name: "x".into() },
        RecordError::WrongKind { field: "x" },
        RecordError::Disagrees { field: "x".into() },
        RecordError::BadForm { field: "x" },
    ];
    for (at, error) in all.iter().enumerate() {
        assert_eq!(error.code(), format!("CAT-{:02}", at + 1));
        assert!(error.to_string().starts_with(error.code()));
    }
}

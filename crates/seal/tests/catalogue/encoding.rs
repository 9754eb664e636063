//! Round trips, canonical form, and how large a sealed record is.

use proptest::prelude::*;
use seal::catalogue::*;

use super::samples::*;

proptest! {
    #[test]
    fn every_record_decodes_to_itself(record in any_record()) {
        let bytes = record.encode();
        prop_assert!(bytes.len() <= RECORD_LEN_MAX);
        prop_assert!(Record::decode(&bytes) == Ok(record));
    }

    #[test]
    fn cat_04_whatever_decodes_is_the_only_spelling(record in any_record(), at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = record.encode();
        let at = at.index(bytes.len());
        bytes[at] = to;
        if let Ok(other) = Record::decode(&bytes) {
            prop_assert_eq!(other.encode(), bytes);
        }
    }

    #[test]
    fn noise_is_refused_or_canonical(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(record) = Record::decode(&bytes) {
            prop_assert_eq!(record.encode(), bytes);
        }
    }

    #[test]
    fn cat_03_every_cut_is_refused(record in any_record(), at in any::<prop::sample::Index>()) {
        let bytes = record.encode();
        prop_assert!(Record::decode(&bytes[..at.index(bytes.len())]).is_err());
    }

    #[test]
    fn the_ingest_form_of_a_line_gives_the_same_record(record in any_record()) {
        let mut given = givens(&record);
        given.remove("received_at");
        prop_assert!(Record::from_givens(given, record.t_rx_ms()) == Ok(record));
    }

    #[test]
    fn an_independent_reader_reads_the_line(record in any_record()) {
        let line = record.json_line();
        prop_assert!(!line.contains('\n'));
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        let read = read.as_object().unwrap();
        prop_assert!(line_keys(&line).is_sorted());
        for (key, shown) in record.shown() {
            let value = &read[&key];
            match shown {
                Shown::Text(text) => prop_assert_eq!(value.as_str(), Some(text.as_str())),
                Shown::Number(n) => prop_assert_eq!(value.as_i64(), Some(n)),
                Shown::Flag(yes) => prop_assert_eq!(value.as_bool(), Some(yes)),
                Shown::List(items) => prop_assert_eq!(value, &serde_json::Value::from(items)),
            }
        }
        prop_assert_eq!(read.len(), record.shown().len());
    }
}

/// What a source would read from the record's own line.
pub fn givens(record: &Record) -> Givens {
    let given = |(key, shown)| {
        let value = match shown {
            Shown::Text(text) => Given::Text(text),
            Shown::Number(n) => Given::Number(n),
            Shown::Flag(yes) => Given::Flag(yes),
            Shown::List(items) => Given::List(items),
        };
        (key, value)
    };
    record.shown().into_iter().map(given).collect()
}

/// The keys in the order of the text; serde_json's own map would sort them.
fn line_keys(line: &str) -> Vec<String> {
    struct Keys(Vec<String>);
    impl<'de> serde::Deserialize<'de> for Keys {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Keys, D::Error> {
            struct Visit;
            impl<'de> serde::de::Visitor<'de> for Visit {
                type Value = Keys;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                    let mut keys = Vec::new();
                    while let Some((key, serde::de::IgnoredAny)) = map.next_entry::<String, _>()? {
                        keys.push(key);
                    }
                    Ok(Keys(keys))
                }
            }
            from.deserialize_map(Visit)
        }
    }
    serde_json::from_str::<Keys>(line).unwrap().0
}

/// 34 octets locator and length, the record with its length padded to 64, 16 octets tag (sealing section 3).
fn sealed_len(record: &Record) -> usize {
    34 + (2 + record.encode().len()).div_ceil(64) * 64 + 16
}

#[test]
fn a_sealed_traffic_record_is_not_much_larger_than_its_json_line() {
    for record in one_of_each() {
        let (sealed, encoded, line) = (sealed_len(&record), record.encode().len(), record.json_line().len() + 1);
        println!(
            "{:15} encoded {encoded:4}  sealed entry {sealed:4}  JSON line {line:4}  {:.2}",
            record.record_type().slug(),
            sealed as f64 / line as f64
        );
        assert!(sealed * 10 <= line * 12, "{}: {sealed} octets sealed, {line} as a line", record.record_type().slug());
    }
    // A number to notice when the encoding grows: a Synapse message between two people.
    assert_eq!(record(traffic()).encode().len(), 179);
}

#[test]
fn sea_08_an_event_after_its_receipt_is_sealed_under_its_receipt() {
    let late_clock = Common { t_event: Stamp::Milliseconds(RX_MS + 7_200_000), ..common() };
    let record = Record::new(late_clock, RX_MS, traffic()).unwrap();
    assert!(record.is_event_after_receipt());
    assert_eq!(record.slot_time(), RX_MS / 1_000);
    assert_eq!(record.t_event_ms(), RX_MS + 7_200_000, "the original stays");
    assert!(!super::samples::record(traffic()).is_event_after_receipt());
    assert_eq!(super::samples::record(traffic()).slot_time(), EVENT_MS / 1_000);
}

#[test]
fn sea_40_the_sealer_stamps_its_own_time_of_receipt() {
    let stamped = record(traffic()).received_at(RX_MS + 5_000).unwrap();
    assert_eq!(stamped.t_rx_ms(), RX_MS + 5_000);
    assert_eq!(stamped.t_event_ms(), EVENT_MS);
}

#[test]
fn sea_06_each_type_has_its_own_category_and_no_type_has_both_address_and_place() {
    let mut numbers: Vec<u16> = RecordType::ALL.iter().map(|t| t.category().number()).collect();
    numbers.sort();
    assert_eq!(numbers, [1, 3, 4, 5, 6, 7]);
    for record_type in RecordType::ALL {
        let names: Vec<&str> = record_type.fields().map(|def| def.name).collect();
        assert!(!(names.contains(&"address") && names.contains(&"latitude")));
    }
}

#[test]
fn sea_07_no_field_is_named_like_content_and_none_holds_octets_or_unbounded_text() {
    for record_type in RecordType::ALL {
        for def in record_type.fields() {
            for word in ["content", "body", "text", "subject", "topic", "payload", "token", "password", "key", "cipher"] {
                assert!(!def.name.contains(word), "{}", def.name);
            }
            assert!(def.kind != Kind::Text || def.max <= 1_024, "{}", def.name);
        }
    }
}

#[test]
fn a_record_does_not_print_itself() {
    assert_eq!(format!("{:?}", record(traffic())), "Record(traffic, ..)");
}

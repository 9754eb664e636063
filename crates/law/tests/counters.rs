//! CNT-01 to CNT-06: what is counted, what the public sees of it.

use law::counters::{Banded, Basis, CaseFacts, CountedType, Ending, Every, count, csv, json};
use law::received::{DataClass, Reason};

/// 2026-06-30 23:59:59 UTC.
const LAST_OF_JUNE: u64 = 1_782_863_999;

fn case() -> CaseFacts {
    CaseFacts {
        received_at: LAST_OF_JUNE,
        state: "DE".into(),
        basis: Basis::EEvidence,
        article: String::new(),
        kind: CountedType::Production,
        is_emergency: false,
        classes: vec![DataClass::Traffic, DataClass::Subscriber, DataClass::Traffic],
        identifiers: 2,
        accounts: 1,
        ending: Ending::Full,
        acknowledged_at: Some(LAST_OF_JUNE + 60),
        provided_at: Some(LAST_OF_JUNE + 3_600),
        later_not_validated: false,
        secrecy_active: true,
        linkage_escalations: 0,
        overrides: 1,
    }
}

#[test]
fn cnt_01_cnt_02_an_order_counts_where_it_was_received_once_in_each_class() {
    let mut later = case();
    later.received_at += 1;
    let rows = count(&[case(), later.clone()], Every::HalfYear);
    let keys: Vec<_> = rows.keys().map(|key| (key.period.as_str(), key.class)).collect();
    assert_eq!(
        keys,
        [
            ("2026-H1", DataClass::Subscriber),
            ("2026-H1", DataClass::Traffic),
            ("2026-H2", DataClass::Subscriber),
            ("2026-H2", DataClass::Traffic)
        ]
    );
    let rows = count(&[case(), later], Every::Year);
    assert_eq!(rows.len(), 2);
    assert!(rows.values().all(|row| row.received == 2 && row.identifiers == 4 && row.endings["full"] == 2));
    let row = rows.values().next().unwrap();
    assert_eq!((row.acknowledged(), row.provided()), (Some((59, 59)), Some((3_599, 3_599))));
}

#[test]
fn cnt_03_small_numbers_are_bands() {
    assert_eq!([0, 1, 9, 10].map(|n| Banded::of(n).to_string()), ["0", "1-9", "1-9", "10"]);
    let mut refused = case();
    refused.ending = Ending::Refused(Reason::NotStored);
    let mut cases = vec![case(); 10];
    cases.push(refused);
    let table = csv(&count(&cases, Every::Year));
    let mut lines = table.lines();
    let names: Vec<_> = lines.next().unwrap().split(',').collect();
    let cells: Vec<_> = lines.next().unwrap().split(',').collect();
    let cell = |name: &str| cells[names.iter().position(|n| *n == name).unwrap()];
    assert_eq!((cell("received"), cell("full"), cell("refused-4"), cell("refused-1")), ("11", "10", "1-9", "0"));
    assert_eq!((cell("data"), cell("emergency"), cell("state")), ("SUBSCRIBER", "no", "DE"));
}

#[test]
fn cnt_04_a_time_over_few_orders_is_somebodys_and_stays_out() {
    let text = |n: usize| json(&count(&vec![case(); n], Every::Year), "rules@1");
    assert!(text(9).contains("\"provided_median_s\":\"\""));
    assert!(text(10).contains("\"provided_median_s\":\"3600\",\"provided_mean_s\":\"3600\""));
}

#[test]
fn cnt_05_t31_hostile_words_are_harmless_in_csv() {
    let mut bad = case();
    bad.article = "=cmd|' /C calc'!A0,\"x\"\n".into();
    let table = csv(&count(&[bad], Every::Year));
    assert!(table.contains("\"'=cmd|' /C calc'!A0,\"\"x\"\"\n\""));
    let mut empty = csv(&count(&[], Every::Year));
    assert_eq!((empty.lines().count(), empty.pop()), (1, Some('\n')));
}

#[test]
fn cnt_06_json_is_one_object_with_its_schema_and_no_free_numbers() {
    let mut bad = case();
    bad.article = "\"\\\u{1}".into();
    let text = json(&count(&[bad], Every::Year), "rules@1");
    assert!(text.starts_with("{\"schema\":\"waarborg-counters/v1\",\"band\":10,\"rules\":\"rules@1\",\"rows\":[{\"period\":\"2026\""));
    assert!(text.contains("\"article\":\"\\\"\\\\\\u0001\""));
    assert!(text.ends_with("}]}\n"));
}

#[test]
fn cnt_05_emergencies_have_rows_of_their_own_that_say_so() {
    let urgent = CaseFacts { is_emergency: true, ..case() };
    let says = |cases: &[CaseFacts]| csv(&count(cases, Every::Year)).lines().skip(1).map(|row| row.contains(",yes,")).collect::<Vec<_>>();
    assert_eq!((says(&[case()]), says(&[urgent.clone()])), (vec![false; 2], vec![true; 2]));
    assert_eq!(says(&[case(), urgent]).len(), 4);
}

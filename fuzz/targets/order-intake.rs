//! Any document as an order that came in: its signatures are judged, what was signed is read, and the gates look at it.
#![no_main]
use law::gates::{Facts, History, Provider, judge};
use law::registry::Editions;
use law::rules::RuleBook;
use standards::etsi::verdict::Setting;
use standards::incoming;
use standards::signature::{Intake, Store};
use std::sync::LazyLock;

static BOOK: LazyLock<RuleBook> = LazyLock::new(|| RuleBook::embedded().expect("built in"));
const RECEIVED: u64 = 1_798_761_600;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let intake = Intake::judge(data, &Store::default(), &[], RECEIVED);
    assert!(intake.verdicts().iter().all(|verdict| !verdict.trusted.is_yes()), "nobody is trusted by an empty store");
    let Ok(mut received) = incoming::read(intake.octets(), &Setting::reader()) else { return };
    intake.into_received(&mut received, &Editions::default());
    let facts = Facts {
        received: &received,
        book: &BOOK,
        registry: &Editions::default(),
        provider: &Provider::unknown("NL"),
        history: &History::default(),
        called_back: None,
        received_at: RECEIVED,
        now: RECEIVED,
    };
    let report = judge(&facts);
    let _ = law::explain::explain(&facts, &report, std::str::from_utf8(data).ok(), law::Language::English);
});

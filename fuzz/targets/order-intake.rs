//! Any document as an order that came in: its signatures are judged, what was signed is read, and the gates look at it.
#![no_main]
#[path = "../facts.rs"]
mod facts;

use law::gates::judge;
use law::registry::Editions;
use standards::etsi::verdict::Setting;
use standards::incoming;
use standards::signature::{Intake, Store};
use std::sync::LazyLock;

static SETTING: LazyLock<Setting> = LazyLock::new(Setting::reader);
static STORE: LazyLock<Store> = LazyLock::new(Store::default);

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let intake = Intake::judge(data, &STORE, &[], facts::RECEIVED);
    assert!(intake.verdicts().iter().all(|verdict| !verdict.trusted.is_yes()), "nobody is trusted by an empty store");
    let Ok(mut received) = incoming::read(intake.octets(), &SETTING) else { return };
    intake.into_received(&mut received, &Editions::default());
    let facts = facts::of(&received);
    let report = judge(&facts);
    let _ = law::explain::explain(&facts, &report, std::str::from_utf8(data).ok(), law::Language::English);
});

//! A letter that was typed over: nothing panics, every gate judges it, and each part of the explanation is made.
#![no_main]
#[path = "../facts.rs"]
mod facts;

use law::gates::judge;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(received) = law::transcription::read(text, [0; 32]) else { return };
    let facts = facts::of(&received);
    let report = judge(&facts);
    for language in [law::Language::English, law::Language::Dutch] {
        let told = law::explain::explain(&facts, &report, Some(text), language);
        assert!(!told.contains('\u{1b}') && !told.contains('\u{202e}'), "nothing hidden reaches the screen");
    }
    if let Some(order) = received.order() {
        let _ = law::import::terms(order);
    }
    let _ = standards::epoc::write_form(&received.body);
});

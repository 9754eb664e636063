//! Words inside documents: days, directory ids, instruments, selectors as text.
#![no_main]
use seal::selector::Selector;
use verify::calendar::Day;
use verify::names::{DirectoryId, Instrument};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = (Day::parse(text), DirectoryId::parse(text), Instrument::parse(text));
    if let Ok(selector) = Selector::from_text(text) {
        assert_eq!(selector.to_string(), text, "what parses has one spelling");
        let again = Selector::parse(selector.sel_type(), selector.as_bytes()).expect("the octets of a selector are a selector");
        assert!(again.to_string() == text);
    }
});

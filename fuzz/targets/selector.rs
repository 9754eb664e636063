//! Selectors as octets: the first octet is the type. What parses prints as text that reads back.
#![no_main]
use seal::selector::Selector;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((sel_type, octets)) = data.split_first() else { return };
    if let Ok(selector) = Selector::parse(*sel_type, octets) {
        assert_eq!(selector.as_bytes(), octets);
        let again = Selector::from_text(&selector.to_string()).expect("what prints reads back");
        assert!((again.sel_type(), again.as_bytes()) == (*sel_type, octets));
    }
});

//! The letter to the person: what parses has one spelling.
#![no_main]
use verify::notice::SignedNotice;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(signed) = SignedNotice::parse(data) {
        assert_eq!(signed.to_bytes(), data, "what parses has one spelling");
    }
});

//! The clock reading that a trustee keeps: one spelling.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(reading) = trustee::clock::Reading::parse(data) {
        assert_eq!(reading.to_bytes(), data, "what parses has one spelling");
    }
});

//! Canonical JSON: nothing panics, and what parses re-encodes to the same octets.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(value) = verify::package::json::Value::parse(data, 1 << 20) {
        assert_eq!(value.to_text().as_bytes(), data, "what parses has one spelling");
    }
});

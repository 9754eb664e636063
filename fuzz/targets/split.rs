//! Split-view evidence.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(value) = verify::log::split::Evidence::parse(data) {
        assert_eq!(value.to_bytes(), data, "what parses has one spelling");
    }
});

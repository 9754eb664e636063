//! `.tlog-proof` files.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(value) = verify::log::proof::TlogProof::parse(data) {
        assert_eq!(value.to_bytes(), data, "what parses has one spelling");
    }
});

//! Officers' approvals: nothing panics, and what parses re-encodes to the same octets.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(value) = verify::approval::SignedApproval::parse(data) {
        assert_eq!(value.to_bytes(), data, "what parses has one spelling");
    }
});

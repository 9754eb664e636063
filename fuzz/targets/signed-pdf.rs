//! Signed PDF files: nothing panics, and the outermost signature is over the whole file.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(valid) = standards::signature::pdf::check(data) {
        assert_eq!(valid[0].octets(), data);
    }
});

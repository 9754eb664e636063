//! Detached signatures and certificates: nothing panics.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(signed) = verify::package::cms::SignedData::parse(data, "fuzz") {
        let _ = (signed.check_content(b"manifest"), signed.check_certificate(), signed.check_signature());
    }
    let _ = verify::package::certificate::Certificate::parse(data);
});

//! Delivery envelopes at the authority: nothing panics, and no stranger's envelope opens.
#![no_main]
use std::sync::OnceLock;
use zeroize::Zeroizing;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    static KEY: OnceLock<(String, Zeroizing<String>)> = OnceLock::new();
    let (certificate, key) =
        KEY.get_or_init(|| standards::delivery::generate("Fuzz", 1_767_225_600, 1_798_761_600).expect("Cannot fail: a fresh key"));
    assert!(standards::delivery::decrypt(data, certificate.as_bytes(), key).is_err());
    let _ = standards::delivery::certificate_sha256(data);
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = standards::package::PackageKey::from_pem(text);
    }
});

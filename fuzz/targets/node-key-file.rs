//! Key files of logs, witnesses and offices, and of trustees: nothing panics.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = trustee::key_file::read(data, "waarborg-key/v1", "key");
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(signer) = node::log::keys::parse(text) {
        let vkey = signer.vkey().to_string();
        assert!(verify::log::vkey::VerifierKey::parse(&vkey).is_ok(), "a key's vkey parses");
    }
});

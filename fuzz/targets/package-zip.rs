//! Whole packages: nothing panics, whatever a stranger hands in.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(package) = verify::package::RawPackage::read(&data).and_then(|raw| raw.check()) {
        let _ = package.signed_by_anyone();
    }
});

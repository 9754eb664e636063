//! tlog-policy files: nothing panics.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = verify::log::tlog_policy::TlogPolicy::parse(data);
});

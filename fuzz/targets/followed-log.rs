//! What a monitor keeps of a log between two looks: what parses has one spelling, and its peaks give its root.
#![no_main]
use node::log::follow::Followed;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(followed) = Followed::parse(data) {
        assert_eq!(followed.to_bytes(), data, "what parses has one spelling");
    }
});

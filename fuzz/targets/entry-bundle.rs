//! Entry bundles of a log and published heads: one spelling.
#![no_main]
use node::log::{client::Head, entries};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(found) = entries::decode(data) {
        assert_eq!(entries::encode(&found), data, "what parses has one spelling");
    }
    let _ = Head::parse(data);
});

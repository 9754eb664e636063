//! National trusted lists: what the signature covers, and the whole file with its signature.
#![no_main]
use standards::signature::{StatedList, TrustedList};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = StatedList::parse(data);
    assert!(TrustedList::parse(data, &[[0; 32]], 1_795_191_000).is_err(), "nobody has this pin");
});

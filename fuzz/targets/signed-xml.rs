//! XML signatures and trusted lists: nothing panics; canonical octets are canonical; what comes back from a valid signature is.
#![no_main]

use standards::signature::xml::{self, Canonical, Limits, Method, Parsed};
use standards::signature::TrustedList;

fn canonical(bytes: &[u8], method: &Method) -> Option<Vec<u8>> {
    let parsed = Parsed::parse(bytes, Limits::ORDER).ok()?;
    Canonical::of(&parsed, parsed.tree.root_element(), method, &[]).ok()
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for method in [Method::Inclusive10, Method::Inclusive11, Method::Exclusive(Vec::new())] {
        if let Some(once) = canonical(data, &method) {
            assert_eq!(canonical(&once, &method), Some(once));
        }
    }
    for valid in xml::check(data).unwrap_or_default() {
        assert!(Parsed::parse(valid.octets(), Limits::ORDER).is_ok());
    }
    let _ = TrustedList::parse(data, &[], 0);
});

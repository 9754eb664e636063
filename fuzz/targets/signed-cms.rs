//! CMS signatures, certificates and revocation lists: nothing panics.
#![no_main]

use standards::signature::{Certificate, Store, cms, judge_trust};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut store = Store::default();
    let _ = (Certificate::parse(data), store.add_revocation_list(data), cms::check(data, Some(b"content")));
    for valid in cms::check(data, None).unwrap_or_default() {
        let _ = judge_trust(&valid, &store, 1_798_761_600);
    }
});

//! What a member prints about its heads, and what the gateway keeps of it (GWY-42): nothing panics; what is kept reads again after a
//! restart, whatever was told; what parses has one spelling.
#![no_main]
use node::gateway::live::{KeptHeads, told_heads};
use std::collections::BTreeSet;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(kept) = KeptHeads::parse(data) {
        assert_eq!(kept.to_bytes(), data, "what parses has one spelling");
    }
    let told = told_heads(data);
    let origins: BTreeSet<String> = ["log.example/orders/2026".to_owned(), "log.example/public/2026".to_owned()].into();
    let mut kept = KeptHeads::default();
    if kept.check([1; 32], &told, &origins).is_ok() {
        kept.grow([1; 32], &told, &origins);
    }
    let again = KeptHeads::parse(&kept.to_bytes()).expect("what is kept reads after a restart");
    assert_eq!(again, kept);
    assert!(again.check([1; 32], &told, &origins).is_ok(), "the same told again is not older");
});

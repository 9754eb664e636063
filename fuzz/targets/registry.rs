//! Editions of the registry of authorities, and the provider's own file beside it.
#![no_main]
use law::gates::Provider;
use law::registry::{Edition, Editions, Registry, Standing};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = Provider::parse(text);
    let Ok(registry) = Registry::parse(text) else { return };
    let wait = u64::from(registry.wait_hours) * 3_600;
    let editions = Editions::new(vec![Edition { registry: registry.clone(), logged_at: 1_000 }]);
    for authority in &registry.authorities {
        // RGY-04
        assert!(!matches!(editions.standing(&authority.id, 1_000 + wait - 1), Standing::InForce(_)), "never before its waiting time");
        for key in &authority.keys {
            assert!(!matches!(editions.by_key(key, 999), Standing::InForce(_) | Standing::Waiting { .. }), "never before it is logged");
        }
    }
});

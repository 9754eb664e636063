//! Checkpoint texts, vkeys, origins and tile paths: what parses is spelt in one way.
#![no_main]
use verify::log::checkpoint::Checkpoint;
use verify::log::origin::Origin;
use verify::log::tile::Resource;
use verify::log::vkey::VerifierKey;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.to_text(), text);
    }
    if let Ok(key) = VerifierKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(origin) = Origin::parse(text) {
        assert_eq!(origin.to_string(), text);
    }
    if let Ok(resource) = Resource::parse(text) {
        assert_eq!(resource.to_string(), text);
    }
});

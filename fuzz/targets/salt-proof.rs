//! Salt proofs: one spelling, and verifying against a foreign root never panics.
#![no_main]
use seal::digest::sha256;
use seal::salt_map::{SaltMap, SaltProof};
use seal::secret::Secret;
use seal::selector::Selector;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(proof) = SaltProof::parse(data) else { return };
    assert_eq!(proof.to_bytes(), data, "what parses has one spelling");
    let mut leaf = [0; 64];
    leaf[..32].copy_from_slice(&sha256(&[b"key"]));
    leaf[32..].copy_from_slice(&sha256(&[b"value"]));
    let root = SaltMap::of_leaves([leaf]).root();
    let selector = Selector::from_text("phone:+31612345678").expect("a selector");
    // No proof of somebody's making fits a map that he does not know.
    assert!(proof.verify_absence(&root, &Secret::new([3; 32]), &selector).is_err());
});

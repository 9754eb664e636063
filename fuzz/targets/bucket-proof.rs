//! Bucket proofs, crowns and sealed boxes: nothing panics, and nobody's octets are proven or opened.
#![no_main]
use seal::hpke;
use seal::retention::{BucketProof, Crown};
use seal::secret::Secret;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(octets) = data.first_chunk::<544>() {
        let proof = BucketProof::parse(octets);
        assert_eq!(proof.to_bytes(), *octets);
        assert!(proof.verify(7, &[1; 32]).is_err());
    }
    if let Some(crown) = Crown::parse(data) {
        assert_eq!(crown.to_bytes(), data);
    }
    assert!(hpke::open(&hpke::PrivateKey::from_bytes(Secret::new([5; 32])), b"", b"", data).is_err());
});

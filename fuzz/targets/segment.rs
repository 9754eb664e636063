//! Segments: what parses passes the audit against its own leaf, and each entry is found and proven.
#![no_main]
use seal::segment::{Segment, audit};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(segment) = Segment::parse(data.to_vec()) else { return };
    let leaf = segment.leaf([7; 32]);
    audit(data, &leaf).expect("a segment fits its own leaf");
    for index in 0..segment.len().min(8) {
        let proof = segment.prove_presence(index).expect("the index is inside");
        proof.verify(&leaf).expect("what stands there is proven");
    }
});

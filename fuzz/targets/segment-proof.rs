//! Proven entries of a segment: nothing panics, what is read is written again, and verifying never panics.
#![no_main]
use seal::segment::{ProvenEntry, Segment};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let leaf = Segment::parse(Vec::new()).expect("an empty segment is one").leaf([7; 32]);
    let mut rest = data;
    let mut written = Vec::new();
    while let Ok(proven) = ProvenEntry::read(&mut rest) {
        proven.write(&mut written);
        let _ = (proven.verify(&leaf), proven.locator());
        assert!(data.starts_with(&written), "what is read is written again");
    }
});

//! Records of ORDERS with their salts, drafted and signed, and openings of some fields.
#![no_main]
use verify::record::{DraftRecord, Opening, SignedRecord};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(draft) = DraftRecord::parse(data) {
        assert_eq!(draft.to_bytes(), data, "what parses has one spelling");
    }
    if let Ok(signed) = SignedRecord::parse(data) {
        assert_eq!(signed.to_bytes(), data, "what parses has one spelling");
        let _ = (signed.commitment(), signed.d());
    }
    if let Ok(opening) = Opening::parse(data) {
        assert_eq!(opening.to_bytes(), data, "what parses has one spelling");
    }
});

//! Orders, drafted and signed: nothing panics, one spelling, and the hashes are recomputed without a panic.
#![no_main]
use verify::order::{OrderDocument, OrderDraft};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(draft) = OrderDraft::parse(data) {
        assert_eq!(draft.to_bytes(), data, "what parses has one spelling");
    }
    if let Ok(order) = OrderDocument::parse(data) {
        assert_eq!(order.to_bytes(), data, "what parses has one spelling");
        let _ = order.check();
    }
});

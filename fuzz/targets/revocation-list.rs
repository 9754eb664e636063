//! Revocation lists, and a signer judged with whatever reads as one.
#![no_main]
use standards::signature::{Intake, Store};

const SIGNED: &[u8] = include_bytes!("../../testdata/signatures/cases/xades.xml");

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut store = Store::new(Vec::new(), Vec::new());
    if store.add_revocation_list(data).is_err() {
        return;
    }
    let intake = Intake::judge(SIGNED, &store, &[], 1_798_761_600);
    assert!(intake.verdicts().iter().all(|verdict| !verdict.trusted.is_yes()), "a revocation list makes nobody trusted");
});

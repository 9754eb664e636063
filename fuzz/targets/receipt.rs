//! Release receipts, members' answers under a policy, and the partial keys inside.
#![no_main]
use std::sync::OnceLock;
use verify::policy::Policy;
use verify::receipt::{Answer, PartialKeys, ReleaseAnswer, SignedReceipt};

const VECTOR: &str = include_str!("../../testdata/vectors/policy/good.txt");

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    let policy = POLICY.get_or_init(|| Policy::parse(VECTOR.split_once("\n\n").unwrap().1.as_bytes()).unwrap());
    let _ = Answer::parse(data, policy);
    if let Ok(answer) = ReleaseAnswer::parse(data) {
        assert_eq!(answer.to_bytes(), data, "what parses has one spelling");
        let _ = answer.verify(policy);
    }
    if let Ok(receipt) = SignedReceipt::parse(data) {
        assert_eq!(receipt.to_bytes(), data, "what parses has one spelling");
        let member = receipt.receipt().member;
        let _ = PartialKeys::decode(data, 0, member, &[]);
    }
});

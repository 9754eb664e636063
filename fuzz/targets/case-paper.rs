//! Papers that people hand to the gateway: orders and refusals.
#![no_main]
use node::gateway::papers::parse_order;
use node::gateway::signatures::CaseRefusal;
use std::sync::OnceLock;
use verify::policy::Policy;

const VECTOR: &str = include_str!("../../testdata/vectors/policy/good.txt");

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    let policy = POLICY.get_or_init(|| Policy::parse(VECTOR.split_once("\n\n").unwrap().1.as_bytes()).unwrap());
    let _ = parse_order(data);
    let _ = CaseRefusal::parse(data, policy);
});

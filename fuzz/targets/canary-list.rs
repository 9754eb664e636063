//! The overseer's list of canaries: what is taken can be named in an order.
#![no_main]
use node::oversight::canary::parse_list;
use seal::selector::Selector;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(list) = parse_list(text) else { return };
    assert!(!list.is_empty(), "a list without canaries watches nothing");
    assert!(list.iter().all(|listed| Selector::from_text(&listed.subject.selector).is_ok()), "SEA-03");
});

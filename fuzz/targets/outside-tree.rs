//! Strict XML and JSON from outside: nothing panics, and what is read stays in its limits.
#![no_main]
use standards::refusal::Rule;
use standards::tree::{ELEMENTS_MAX, read_json, read_xml, write_xml};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for root in [read_xml(data), read_json(data, "r")].into_iter().flatten() {
        let mut count = 0;
        root.walk(&mut |_| count += 1);
        assert!(count <= ELEMENTS_MAX);
    }
    if let Ok(root) = read_xml(data) {
        let written = write_xml(&root, &[]);
        // What lay in a section is spelled with references, and a type may need a prefix more: what was read at a limit may pass it.
        match read_xml(written.as_bytes()) {
            Err(refusal) if matches!(refusal.rule, Rule::TooMany | Rule::TooLarge) => {}
            again => assert_eq!(again.as_ref(), Ok(&root), "written XML means the same"),
        }
    }
});

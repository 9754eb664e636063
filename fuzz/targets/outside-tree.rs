//! Strict XML and JSON from outside: nothing panics, and what is read stays in its limits.
#![no_main]
use standards::tree::{ELEMENTS_MAX, read_json, read_xml, write_xml};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for root in [read_xml(data), read_json(data, "r")].into_iter().flatten() {
        let mut count = 0;
        root.walk(&mut |_| count += 1);
        assert!(count <= ELEMENTS_MAX);
    }
    if let Ok(root) = read_xml(data) {
        let written = write_xml(&root, &[]);
        assert_eq!(read_xml(written.as_bytes()).as_ref(), Ok(&root), "written XML means the same");
    }
});

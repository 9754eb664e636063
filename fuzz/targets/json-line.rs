//! Lines of a source: nothing panics, and a record that is taken decodes again.
#![no_main]
use seal::catalogue::Record;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(indexed) = sources::json_lines::line::parse(data, "fuzz", 1_767_225_600_000) {
        let octets = indexed.record.encode();
        let again = Record::decode(&octets).expect("what a source gives can be sealed and read");
        assert_eq!(again.encode(), octets);
    }
});

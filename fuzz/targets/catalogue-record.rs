//! Records: nothing panics, what decodes re-encodes to the same octets, and its line and row are written.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(record) = seal::catalogue::Record::decode(data) {
        assert_eq!(record.encode(), data, "what decodes has one spelling");
        assert!(!record.json_line().contains('\n') && record.csv_row().ends_with("\r\n"));
    }
});

//! The EU's forms: nothing panics; what is read is written and read to the same values.
#![no_main]
use standards::epoc::{read_form, read_form_with_notes, write_form};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok((received, notes)) = read_form_with_notes(data) else { return };
    if !notes.schema.is_empty() || !notes.dictionary.is_empty() {
        return;
    }
    let Some(written) = write_form(&received.body) else { return };
    let again = read_form(written.as_bytes()).expect("what we write is read");
    assert_eq!(write_form(&again.body), Some(written), "one spelling");
});

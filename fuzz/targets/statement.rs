//! Statements of PUBLIC, with and without their signatures.
#![no_main]
use verify::statement::{SignedStatement, Statement};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(signed) = SignedStatement::parse(data) {
        assert_eq!(signed.to_bytes(), data, "what parses has one spelling");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(statement) = Statement::parse(text) {
        assert_eq!(statement.to_text(), text, "what parses has one spelling");
    }
});

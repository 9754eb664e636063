//! The data dictionary and the JSON Schema, made from the same table as the records.

use super::record::RecordType;

/// `docs/catalogue.md`, whole.
pub fn markdown() -> String {
    String::new()
}

/// JSON Schema (2020-12) of one type's JSON line.
pub fn json_schema(_record_type: RecordType) -> String {
    String::new()
}

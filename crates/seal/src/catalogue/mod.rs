//! The closed catalogue of record types: the only thing that can be sealed (SEA-07).
//!
//! A record is one of six types with typed, bounded fields (table in `docs/catalogue.md`, made from the code). There is
//! no type for content, no field for octets and no way to add one at run time. From the same table follow the compact
//! strict encoding that is sealed, the canonical JSON line and CSV row that are handed over, the ingest form, the JSON
//! Schema and the data dictionary.

mod body;
mod csv;
mod defaults;
mod dictionary;
mod error;
mod field;
mod json;
mod party;
mod record;
mod stamp;
mod types;
mod wire;
mod words;

pub use csv::{csv_cell, csv_header};
pub use defaults::CategoryDefaults;
pub use dictionary::{json_schema, markdown};
pub use error::RecordError;
pub use field::{FieldDef, Form, Given, Givens, Kind, NUMBER_MAX, Shown};
pub use json::{is_hidden, push_json_text};
pub use party::{Party, PartyKind};
pub use record::{Body, RECORD_LEN_MAX, Record, RecordType};
pub use stamp::{PLAUSIBLE_MS, Stamp, format_rfc3339, parse_rfc3339};
pub use types::{Common, Device, Identification, IpSession, Location, Subscriber, Traffic};
pub use words::*;

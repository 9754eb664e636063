//! `data/queries.json`: which query gave which rows.

use super::json::{Value, object};
use super::members::{Members, is_plain};
use super::{Refusal, layout};
use crate::spelling;

/// One query and the run of rows it gave. Rows of one query stand together in their file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub category: String,
    /// SHA-256 of the query text, or of the list of opened identities.
    pub query_sha256: [u8; 32],
    pub connector: String,
    pub connector_version: String,
    /// Snapshot or segment set that the answer was read from.
    pub snapshot: String,
    /// `row_id` of the first row; 0 if there is none.
    pub first_row: u64,
    pub rows: u64,
    /// SHA-256 of these rows' lines in the JSONL file, line feeds included.
    pub rows_sha256: [u8; 32],
}

/// First line of meaning of the document: its name and version.
pub const FORMAT: &str = "waarborg-queries/v1";

/// Reads the document; whether rows and digests fit is checked with the rows. Refuses PKG-30 and PKG-35.
pub fn parse(bytes: &[u8]) -> Result<Vec<Query>, Refusal> {
    let value = Value::parse_document(bytes).map_err(|error| Refusal::Json { file: layout::QUERIES.to_owned(), error })?;
    let shape = Refusal::Queries { what: "not of the required shape" };
    // Another format and unknown members were not looked at; they show here.
    let queries = from_value(&value).filter(|queries| to_value(queries) == value).ok_or(shape.clone())?;
    let is_text_plain = |q: &Query| [&q.connector, &q.connector_version, &q.snapshot].into_iter().all(|text| is_plain(text));
    if !queries.iter().all(is_text_plain) {
        return Err(shape);
    }
    Ok(queries)
}

pub fn to_bytes(queries: &[Query]) -> Vec<u8> {
    to_value(queries).to_document()
}

fn from_value(value: &Value) -> Option<Vec<Query>> {
    let members = Members::of(value)?;
    members.list("queries", |value| {
        let members = Members::of(value)?;
        Some(Query {
            category: members.text("category")?,
            query_sha256: members.hash("query_sha256")?,
            connector: members.text("connector")?,
            connector_version: members.text("connector_version")?,
            snapshot: members.text("snapshot")?,
            first_row: members.number("first_row")?,
            rows: members.number("rows")?,
            rows_sha256: members.hash("rows_sha256")?,
        })
    })
}

fn to_value(queries: &[Query]) -> Value {
    let list = queries.iter().map(|query| {
        Value::Object(object([
            ("category", query.category.as_str().into()),
            ("query_sha256", spelling::hex(&query.query_sha256).into()),
            ("connector", query.connector.as_str().into()),
            ("connector_version", query.connector_version.as_str().into()),
            ("snapshot", query.snapshot.as_str().into()),
            ("first_row", query.first_row.into()),
            ("rows", query.rows.into()),
            ("rows_sha256", spelling::hex(&query.rows_sha256).into()),
        ]))
    });
    Value::Object(object([("format", FORMAT.into()), ("queries", Value::List(list.collect()))]))
}

//! What the gateway hands to the writer.

use verify::package::json::Object;
use verify::package::LogFile;
use verify::package::statement::CompletenessStatement;

/// Everything that goes into one production. Consumed by [`PackageDraft::assemble`].
pub struct PackageDraft {
    pub statement: CompletenessStatement,
    /// The order as received and its validation report, for `data/order/`.
    pub order: Vec<OrderFile>,
    /// One a category, also when it has no rows.
    pub tables: Vec<Table>,
    /// Only slots that the order covers wholly.
    pub evidence: Vec<EvidenceFile>,
    pub queries: Vec<Query>,
    /// Steps of the process for `data/case.jsonld`.
    pub actions: Vec<Action>,
    pub log: LogFile,
}

/// A file of `data/order/`.
pub struct OrderFile {
    /// `[A-Za-z0-9._-]`, no folder.
    pub name: String,
    /// `application/pdf`, `text/plain`, …
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// The rows of a category in the order in which they are handed over.
pub struct Table {
    pub schema: Schema,
    pub rows: Vec<Row>,
}

/// One row: the members of its JSONL object, `row_id` left out (the writer numbers from 1).
///
/// `datetime` (RFC 3339, `+00:00` or `Z`), `message` and `timestamp_desc` are mandatory. An absent key is "never held",
/// an empty text is an empty value.
pub struct Row(pub Object);

/// A category's columns, in CSV order, and its dictionary.
#[derive(Clone)]
pub struct Schema {
    /// Slug of the category, `[a-z0-9-]{1,64}`.
    pub category: String,
    /// Rises with every change of the columns.
    pub version: u32,
    /// Without `row_id`, which is always first.
    pub columns: Vec<Column>,
}

#[derive(Clone)]
pub struct Column {
    /// snake_case, English, stable.
    pub name: String,
    pub kind: ColumnKind,
    pub is_required: bool,
    /// Unit or clock, e.g. `milliseconds since 1970 UTC, server-received`; empty if none.
    pub unit: String,
    pub description: Words,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    Integer,
    Flag,
    /// RFC 3339 UTC with explicit offset.
    Time,
}

/// A text in the four languages.
#[derive(Clone)]
pub struct Words {
    pub en: String,
    pub nl: String,
    pub fr: String,
    pub de: String,
}

/// `data/evidence/<category>-<slot_no>.wbe`.
pub struct EvidenceFile {
    pub category: String,
    pub slot_no: u64,
    pub bytes: Vec<u8>,
}

/// One line of `data/queries.json`.
pub struct Query {
    pub category: String,
    /// SHA-256 of the query text or of the list of opened identities.
    pub query_sha256: [u8; 32],
    pub connector: String,
    pub connector_version: String,
    /// Snapshot or segment set the answer was read from.
    pub snapshot: String,
    pub rows: u64,
}

/// A step of the process: who did what, when.
pub struct Action {
    /// `order-logged`, `approval-1`, `opened`, `approval-2`, …
    pub name: String,
    /// Role or organisation; persons only where the order's file names them.
    pub performer: String,
    /// Seconds since 1970 UTC.
    pub from: u64,
    pub until: u64,
}

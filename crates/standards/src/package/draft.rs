//! What the gateway hands to the writer.

use seal::catalogue::{Record, RecordType};
use std::path::PathBuf;
use verify::package::LogFile;
use verify::package::statement::CompletenessStatement;

/// Everything that goes into one production. Consumed by [`PackageDraft::assemble`].
pub struct PackageDraft {
    /// Counts, first and last come from the gateway's own count; the writer counts the rows again and refuses a difference.
    pub statement: CompletenessStatement,
    /// The order as received and its validation report, for `data/order/`; at least one.
    pub order: Vec<OrderFile>,
    /// One for each category of the statement, also without rows.
    pub tables: Vec<Table>,
    /// One for each slot that the statement calls covered wholly, and for no other.
    pub evidence: Vec<EvidenceFile>,
    /// In the order of the rows that they gave.
    pub queries: Vec<QueryRun>,
    /// Steps of the process for `data/case.jsonld`.
    pub actions: Vec<Action>,
    pub log: LogFile,
}

/// Bytes, or where they lie. A file is read in pieces, twice, and must not change in between.
pub enum Content {
    Bytes(Vec<u8>),
    File(PathBuf),
}

/// A file of `data/order/`. The media type follows from the extension.
pub struct OrderFile {
    /// Of the form `[A-Za-z0-9._-]`, no folder: `epoc.xml`, `validation.json`.
    pub name: String,
    pub content: Content,
}

/// The rows of a category in the order in which they are handed over.
pub struct Table {
    pub record_type: RecordType,
    pub rows: Vec<Row>,
}

/// A record and the ordered item that it answers.
pub struct Row {
    /// From 1, in the order of the statement's items.
    pub item: u32,
    pub record: Record,
}

/// `data/evidence/<category>-<slot_no>.wbe`.
pub struct EvidenceFile {
    pub category: String,
    pub slot_no: u64,
    pub content: Content,
}

/// A query and how many of its category's rows, from where the query before it ended, it gave.
pub struct QueryRun {
    pub category: String,
    /// SHA-256 of the query text or of the list of opened identities.
    pub query_sha256: [u8; 32],
    pub connector: String,
    pub connector_version: String,
    /// Snapshot or segment set that the answer was read from.
    pub snapshot: String,
    pub rows: u64,
}

/// A step of the process: who did what, when.
pub struct Action {
    /// `order logged`, `approval 1`, `opened`, `approval 2`, …
    pub name: String,
    /// Role or organisation; persons only where the order's file names them.
    pub performer: String,
    /// Seconds since 1970 UTC.
    pub from: u64,
    pub until: u64,
}

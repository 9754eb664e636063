//! What every source is to the sealer: ask for the next batch after a position, seal it, keep the new position.
//!
//! The position is kept by the caller, after the batch is durable. Dying between the two reads the batch again;
//! the other order would lose it. `source_row` in the record makes the doubles visible.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use seal::catalogue::Record;
use seal::selector::Selector;

/// Where a source has read to. Opaque text that only the source that wrote it understands; empty at the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position(pub String);

/// One record with the selectors under which it is sealed, one copy each (SEA-38).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    pub record: Record,
    /// Never empty. An axis that stands here can be asked for later, one that does not never can (SEA-39): the sealer
    /// keeps those that the policy document lists.
    pub selectors: Vec<Selector>,
}

/// One row or line that is not a record. It is reported and kept, never dropped in silence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Where: `line 17`, `event 4711`. Safe to show.
    pub place: String,
    /// The rule that it breaks: `CAT-10`, `SRC-04`.
    pub code: &'static str,
    /// Why, without the refused value.
    pub reason: String,
}

/// What one call read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub records: Vec<Indexed>,
    pub refused: Vec<Refused>,
    /// Where to go on. To be stored only after the records are durable.
    pub position: Position,
    /// Whether more may be waiting now; otherwise the caller waits before it asks again.
    pub more: bool,
    /// Import of history: the event slots are long over, so the records go to late epochs of the import length (SEA-80).
    pub history: bool,
    /// The source's own name of the snapshot that was read, for `queries.json`. Empty if it has none.
    pub snapshot: String,
}

/// One column that a source reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// `events.received_ts`
    pub name: String,
    pub meaning: &'static str,
    /// `ms since 1970 UTC`, `text`, ..
    pub unit: &'static str,
    /// Whose clock or word it is.
    pub origin: &'static str,
}

/// What a source says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The value of the records' field `source`.
    pub name: String,
    /// Product and version as read from the system.
    pub system: String,
    pub columns: Vec<Column>,
    /// The column that `t_event`, and so the slot, follows (SEA-08).
    pub slot_time: &'static str,
    /// What the system does not record as an event, so that no record of it exists (SEA-79).
    pub never_held: Vec<&'static str>,
    /// How the content columns are kept out of reach: by the database's grants, or by this program.
    pub content_barrier: &'static str,
}

/// Why a source gives nothing. `Refusal`s stop the connector until a person has looked.
#[non_exhaustive]
#[derive(Debug)]
pub enum SourceError {
    /// A rule is broken: content within reach, an unknown schema, a foreign position. Code and safe text.
    Refusal { code: &'static str, reason: String },
    /// The surroundings failed: retry later.
    Fault(String),
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SourceError::Refusal { code, reason } => write!(f, "refused {code}: {reason}"),
            SourceError::Fault(what) => write!(f, "source unavailable: {what}"),
        }
    }
}

impl std::error::Error for SourceError {}

/// The future of [`Source::next`]; boxed so that a node can hold sources of several kinds.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<Batch, SourceError>> + Send + 'a>>;

/// A system that records are read from.
pub trait Source: Send {
    fn describe(&self) -> Description;

    /// Import of history, as its batches say: no slot waits for it (SEA-80).
    fn is_history(&self) -> bool;

    /// Reads what follows `after`. `now_ms`: the ingest node's clock, milliseconds since 1970; becomes `t_rx`.
    fn next<'a>(&'a mut self, after: &'a Position, now_ms: u64) -> Reading<'a>;
}

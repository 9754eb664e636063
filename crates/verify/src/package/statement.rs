//! `data/statement.json`: the answer to every ordered item, also to those without a row.

/// One ordered item and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Rows were found; the count may still be zero in some slots.
    Rows,
    /// Nothing is held for this item, with the reason in words.
    NoDataHeld { reason: String },
    /// The period lies before what is kept.
    OutsideRetention,
    /// Not handed over, with the ground (the article) in words.
    Refused { ground: String },
}

/// A time span without rows although rows were expected, both ends in seconds since 1970 UTC, half open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub from: u64,
    pub until: u64,
    pub reason: String,
}

/// An ordered item: one selector, one category, one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// As in the order: `phone:+31…`, `account:@a:b`.
    pub selector: String,
    /// Slug of the category; its rows are in `data/records/<category>.jsonl`.
    pub category: String,
    /// The ordered period, seconds since 1970 UTC, half open.
    pub from: u64,
    pub until: u64,
    pub outcome: Outcome,
    /// Rows handed over, as the exporter counted.
    pub rows: u64,
    /// The same, counted by the path that does not share code with the exporter.
    pub rows_counted_again: u64,
    /// Opened but outside the order, not handed over.
    pub held_back: u64,
    /// `datetime` of the first and last row, as in the rows.
    pub first: Option<String>,
    pub last: Option<String>,
    pub gaps: Vec<Gap>,
}

/// One slot that the order touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotAnswer {
    pub category: String,
    pub slot_len: u32,
    pub slot_no: u64,
    /// True: an evidence file is there. False: inside this slot the trimming is the provider's word.
    pub is_covered_wholly: bool,
    /// Epochs under the `slot-close`.
    pub epochs: u32,
    /// Late epochs that cover the slot and were closed before the intent.
    pub late_epochs: u32,
}

/// Retention honesty (SEA-79).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryAnswer {
    pub category: String,
    /// None: only sealed. Some(n): also readable at its source for n days.
    pub readable_days: Option<u32>,
}

/// The completeness statement `waarborg-statement/v1` of a production.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletenessStatement {
    /// The production's id, `[a-z0-9-]{1,64}`, also in the file name.
    pub production: String,
    /// True: the key or the data is a demonstration.
    pub is_demo: bool,
    /// R of the order record.
    pub order: [u8; 32],
    /// R of the intent record.
    pub intent: [u8; 32],
    /// SHA-256 of the order as received, which lies in `data/order/`; None for a native order.
    pub original: Option<[u8; 32]>,
    /// The authority's own reference.
    pub case_reference: String,
    /// Names of sender (provider) and recipient (authority).
    pub sender: String,
    pub recipient: String,
    /// When the production was written, seconds since 1970 UTC.
    pub written: u64,
    pub categories: Vec<CategoryAnswer>,
    pub items: Vec<Item>,
    pub slots: Vec<SlotAnswer>,
}

//! The second filter: trims opened rows to the exact ordered period, and counts what it kept by a second path.
//!
//! Keys open whole slots; the order may begin or end inside one. Rows of such a slot outside the period are held back and
//! counted (SEA-53). The time that decides is the one whose slot the record is sealed under (SEA-08: the event's, or the
//! reception's if the event's clock ran ahead), so that a slot covered wholly never has a row held back.

use crate::cases::SlotDiff;
use seal::catalogue::Record;
use seal::identity::Category;

/// One slot of one ordered item, opened.
pub struct OpenedSlot {
    pub slot: u64,
    pub epochs: u32,
    pub late_epochs: u32,
    /// The salt map shows absence: nothing was asked for.
    pub absent: bool,
    pub records: Vec<Record>,
}

/// What an item may contain: half-open period in POSIX seconds, and its category.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub from: u64,
    pub until: u64,
    pub category: Category,
    pub slot_len: u64,
}

/// A row that must not be there. Nothing is released from a batch in which one is found (T13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stray {
    /// GWY-01: a record of another category.
    Category { slot: u64 },
    /// GWY-02: a record of another slot than the one whose key opened it.
    Slot { slot: u64 },
    /// GWY-03: the two counts differ.
    Count { slot: u64, exporter: u64, recount: u64 },
}

impl Stray {
    pub fn code(&self) -> &'static str {
        match self {
            Stray::Category { .. } => "GWY-01",
            Stray::Slot { .. } => "GWY-02",
            Stray::Count { .. } => "GWY-03",
        }
    }
}

impl std::fmt::Display for Stray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stray::Category { slot } => write!(f, "slot {slot} gave a record of another category"),
            Stray::Slot { slot } => write!(f, "slot {slot} gave a record of another slot"),
            Stray::Count { slot, exporter, recount } => {
                write!(f, "slot {slot}: the exporter counts {exporter} rows, the second path {recount}")
            }
        }
    }
}

/// One slot after the filter: its counts and the rows that go out, in order of time, then of their JSON line.
pub struct Trimmed {
    pub diff: SlotDiff,
    pub rows: Vec<Record>,
}

/// Trims one slot. Every row is checked against the order again, whatever the key that opened it: a sealer or an opener that
/// erred must not widen an answer.
pub fn slot(bounds: &Bounds, opened: OpenedSlot) -> Result<Trimmed, Stray> {
    let OpenedSlot { slot, epochs, late_epochs, absent, records } = opened;
    let start = slot * bounds.slot_len;
    let end = start + bounds.slot_len;
    let total = records.len() as u64;
    let recount = recount(bounds, &records);
    let mut rows = Vec::new();
    for record in records {
        if record.category() != bounds.category {
            return Err(Stray::Category { slot });
        }
        let time = record.slot_time();
        if time < start || end <= time {
            return Err(Stray::Slot { slot });
        }
        if bounds.from <= time && time < bounds.until {
            rows.push(record);
        }
    }
    rows.sort_by_cached_key(|record| (record.slot_time(), record.t_event_ms(), record.json_line()));
    let rows_out = rows.len() as u64;
    if rows_out != recount {
        return Err(Stray::Count { slot, exporter: rows_out, recount });
    }
    let whole = bounds.from <= start && end <= bounds.until;
    let diff = SlotDiff { slot, whole, absent, epochs, late_epochs, rows_out, rows_held_back: total - rows_out };
    Ok(Trimmed { diff, rows })
}

/// The second path (T14, T15): no row by row test, but two binary searches over the sorted times. It shares no code with the
/// exporter's filter, so one slip cannot be in both.
pub fn recount(bounds: &Bounds, records: &[Record]) -> u64 {
    let mut times: Vec<u64> = records.iter().map(|record| record.t_event_ms().min(record.t_rx_ms())).collect();
    times.sort_unstable();
    let below = |limit: u64| times.partition_point(|time| *time < limit.saturating_mul(1000)) as u64;
    below(bounds.until).saturating_sub(below(bounds.from))
}

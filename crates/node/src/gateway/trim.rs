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
    let recount = recount(bounds, &opened.records);
    counted(bounds, opened, recount)
}

/// GWY-03: what the filter lets out has to be as much as the second path counted.
fn counted(bounds: &Bounds, opened: OpenedSlot, recount: u64) -> Result<Trimmed, Stray> {
    let OpenedSlot { slot, epochs, late_epochs, absent, records } = opened;
    let start = slot * bounds.slot_len;
    let end = start + bounds.slot_len;
    let total = records.len() as u64;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use seal::catalogue::{Clock, Common, Direction, Interaction, Party, PartyKind, Stamp, Traffic};

    const SLOT: u64 = 3600;

    fn record(time: u64) -> Record {
        let common = Common { t_event: Stamp::Seconds(time), clock: Clock::Server, source: "test".into(), source_row: None };
        let traffic = Traffic {
            interaction: Interaction::Message,
            direction: Direction::Sent,
            sender: Party::new(PartyKind::Account, "@alice:example"),
            recipients: None,
            recipients_total: None,
            part: None,
            parts: None,
            membership: None,
            conversation: None,
            message_id: None,
            wrapping: None,
            size: None,
            duration: None,
            protocol: None,
            route: None,
            claimed: None,
            claimed_implausible: None,
        };
        Record::new(common, time * 1000 + 5, traffic).unwrap()
    }

    fn opened(slot: u64, times: &[u64]) -> OpenedSlot {
        OpenedSlot { slot, epochs: 1, late_epochs: 0, absent: false, records: times.iter().map(|time| record(*time)).collect() }
    }

    fn bounds(from: u64, until: u64) -> Bounds {
        Bounds { from, until, category: Category::TRAFFIC, slot_len: SLOT }
    }

    #[test]
    fn rows_outside_the_period_are_held_back_and_counted() {
        let base = 490_000 * SLOT;
        let trimmed = slot(&bounds(base + 60, base + 120), opened(490_000, &[base, base + 59, base + 60, base + 119, base + 120])).unwrap();
        assert_eq!((trimmed.diff.rows_out, trimmed.diff.rows_held_back, trimmed.diff.whole), (2, 3, false));
        assert!(trimmed.rows.iter().map(Record::slot_time).eq([base + 60, base + 119]));
    }

    #[test]
    fn t15_five_in_an_hour_are_five() {
        let base = 490_000 * SLOT;
        let times = [base, base + 1, base + 2, base + 3, base + SLOT - 1];
        let trimmed = slot(&bounds(base, base + SLOT), opened(490_000, &times)).unwrap();
        assert_eq!((trimmed.rows.len(), trimmed.diff.rows_held_back, trimmed.diff.whole), (5, 0, true));
    }

    #[test]
    fn gwy_01_t13_a_record_of_another_category_stops_everything() {
        let mut bounds = bounds(0, u64::MAX);
        bounds.category = Category::IP;
        let stray = slot(&bounds, opened(490_000, &[490_000 * SLOT])).err();
        assert_eq!((stray, stray.map(|stray| stray.code())), (Some(Stray::Category { slot: 490_000 }), Some("GWY-01")));
    }

    #[test]
    fn gwy_02_t13_a_record_of_another_slot_stops_everything() {
        for time in [490_000 * SLOT - 1, 490_001 * SLOT] {
            let stray = slot(&bounds(0, u64::MAX), opened(490_000, &[time])).err();
            assert_eq!((stray, stray.map(|stray| stray.code())), (Some(Stray::Slot { slot: 490_000 }), Some("GWY-02")));
        }
    }

    #[test]
    fn gwy_03_counts_that_differ_stop_everything() {
        // The two paths agree on every input (below): one that errs is stood in for.
        let base = 490_000 * SLOT;
        let bounds = bounds(base + 60, base + 120);
        let times = [base, base + 60, base + 61];
        assert!(counted(&bounds, opened(490_000, &times), 2).is_ok());
        for wrong in [1, 3] {
            let stray = counted(&bounds, opened(490_000, &times), wrong).err();
            assert_eq!(stray, Some(Stray::Count { slot: 490_000, exporter: 2, recount: wrong }));
            assert_eq!(stray.map(|stray| stray.code()), Some("GWY-03"));
        }
    }

    proptest! {
        /// T12: what goes out is what a naive reading of the order gives, no more and no less; both counts agree.
        #[test]
        fn t12_t14_output_is_the_oracles(
            offsets in proptest::collection::vec(0..SLOT, 0..40), from in 0..2 * SLOT, len in 1..2 * SLOT,
        ) {
            let base = 490_000 * SLOT;
            let times: Vec<u64> = offsets.iter().map(|offset| base + offset).collect();
            let bounds = bounds(base - SLOT / 2 + from, base - SLOT / 2 + from + len);
            let mut oracle: Vec<u64> = times.iter().copied().filter(|time| (bounds.from..bounds.until).contains(time)).collect();
            oracle.sort_unstable();
            let trimmed = slot(&bounds, opened(490_000, &times)).unwrap();
            prop_assert!(trimmed.rows.iter().map(Record::slot_time).eq(oracle.iter().copied()));
            prop_assert_eq!(trimmed.diff.rows_out, oracle.len() as u64);
            prop_assert_eq!(trimmed.diff.rows_out + trimmed.diff.rows_held_back, times.len() as u64);
        }
    }
}

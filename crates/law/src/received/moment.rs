//! Times as a sender writes them. A day is not an instant, and a time without zone is neither.

use verify::calendar::Day;

/// A date or an instant, as precise as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// A date only: compare dates, never midnights (etsi.md section 6).
    Day(Day),
    /// Unix seconds, from a text with its offset.
    Instant(u64),
    /// Text without an offset. Nothing is computed with it (T16); gates hold it up.
    Unzoned(String),
}

impl Moment {
    /// The UTC day.
    pub fn day(&self) -> Option<Day> {
        match self {
            Moment::Day(day) => Some(*day),
            Moment::Instant(at) => Some(Day::containing(*at)),
            Moment::Unzoned(_) => None,
        }
    }

    /// First second it can mean.
    pub fn earliest(&self) -> Option<u64> {
        match self {
            Moment::Day(day) => Some(day.start()),
            Moment::Instant(at) => Some(*at),
            Moment::Unzoned(_) => None,
        }
    }

    /// First second after all it can mean.
    pub fn end(&self) -> Option<u64> {
        match self {
            Moment::Day(day) => Some(day.start() + verify::calendar::DAY),
            Moment::Instant(at) => Some(*at),
            Moment::Unzoned(_) => None,
        }
    }
}

/// A range as written: an end may be missing, and then it is not closed (gate 10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    pub start: Option<Moment>,
    pub end: Option<Moment>,
}

//! Working days and legal time of an enforcing State.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use verify::calendar::Day;

use super::files::Date;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateRow {
    pub state: String,
    pub winter_minutes: i32,
    pub source: String,
    pub check: bool,
    pub years: Vec<YearRow>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct YearRow {
    pub year: u32,
    pub days: Vec<Date>,
}

/// All States of the file.
#[derive(Clone, Debug)]
pub struct Holidays {
    pub(super) states: BTreeMap<String, StateCalendar>,
}

impl Holidays {
    /// The calendar of a State (ISO 3166 alpha-2), if a lawyer has given one.
    pub fn of(&self, state: &str) -> Option<&StateCalendar> {
        self.states.get(state)
    }
}

/// Holidays and legal time of one State.
#[derive(Clone, Debug)]
pub struct StateCalendar {
    pub state: String,
    pub source: String,
    pub check: bool,
    winter_minutes: i32,
    years: BTreeSet<u32>,
    days: BTreeSet<Day>,
}

impl StateCalendar {
    pub(super) fn from_row(row: StateRow) -> Result<StateCalendar, String> {
        let mut days = BTreeSet::new();
        let mut years = BTreeSet::new();
        if !(-12 * 60..=14 * 60).contains(&row.winter_minutes) {
            return Err(format!("{}: winter_minutes {} is no offset of legal time", row.state, row.winter_minutes));
        }
        for year in &row.years {
            years.insert(year.year);
            for day in &year.days {
                if day.0.civil().0 != year.year || !days.insert(day.0) {
                    return Err(format!("{}: {} stands under {} or stands twice", row.state, day.0, year.year));
                }
            }
        }
        Ok(StateCalendar { state: row.state, source: row.source, check: row.check, winter_minutes: row.winter_minutes, years, days })
    }

    /// Are the holidays of this day's year known?
    pub fn knows(&self, day: Day) -> bool {
        self.years.contains(&day.civil().0)
    }

    pub fn is_working_day(&self, day: Day) -> bool {
        !is_weekend(day) && !self.days.contains(&day)
    }

    /// Seconds that legal time is ahead of UTC. Summer time by Directive 2000/84/EC: from the last Sunday of March, 01:00 UTC, to the
    /// last Sunday of October, 01:00 UTC.
    pub fn offset(&self, unix_seconds: u64) -> i64 {
        let year = Day::containing(unix_seconds).civil().0;
        let hour = 3_600;
        let summer = match (last_sunday(year, 3), last_sunday(year, 10)) {
            (Some(march), Some(october)) => march.start() + hour <= unix_seconds && unix_seconds < october.start() + hour,
            _ => false,
        };
        i64::from(self.winter_minutes) * 60 + if summer { hour as i64 } else { 0 }
    }

    /// The day of legal time.
    pub fn day_of(&self, unix_seconds: u64) -> Day {
        Day::containing(unix_seconds.saturating_add_signed(self.offset(unix_seconds)))
    }

    /// The second at which a day of legal time begins.
    pub fn start_of(&self, day: Day) -> u64 {
        // Changes happen at 01:00 UTC, never at a midnight of legal time, so the offset at the UTC midnight is off by at most the change
        // itself; looking again with the first guess settles it.
        let guess = day.start().saturating_add_signed(-self.offset(day.start()));
        day.start().saturating_add_signed(-self.offset(guess))
    }
}

/// 1 January 1970 was a Thursday.
pub(crate) fn is_weekend(day: Day) -> bool {
    matches!((day.0 + 3) % 7, 5 | 6)
}

fn last_sunday(year: u32, month: u32) -> Option<Day> {
    let last = Day::parse(&format!("{year:04}-{month:02}-31"))?;
    Some(Day(last.0 - (last.0 + 4) % 7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_sundays_and_weekends() {
        assert_eq!(last_sunday(2026, 3).unwrap().to_string(), "2026-03-29");
        assert_eq!(last_sunday(2026, 10).unwrap().to_string(), "2026-10-25");
        assert!(is_weekend(Day::parse("2026-11-21").unwrap()));
        assert!(is_weekend(Day::parse("2026-11-22").unwrap()));
        assert!(!is_weekend(Day::parse("2026-11-23").unwrap()));
    }
}

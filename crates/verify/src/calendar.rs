//! UTC days and quarters. Everything inside is Unix seconds; dates appear only where a person or the log names a day.

/// Seconds of a UTC day; Unix time has no leap seconds.
pub const DAY: u64 = 86_400;

/// A UTC day, counted from 1 January 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub u32);

impl Day {
    /// The day of this second.
    pub fn containing(unix_seconds: u64) -> Day {
        Day(u32::try_from(unix_seconds / DAY).unwrap_or(u32::MAX))
    }

    /// Its first second.
    pub fn start(self) -> u64 {
        u64::from(self.0) * DAY
    }

    /// Year, month 1-12, day 1-31 of the proleptic Gregorian calendar (the algorithm of H. Hinnant, `civil_from_days`).
    pub fn civil(self) -> (u32, u32, u32) {
        let shifted = u64::from(self.0) + 719_468;
        let era = shifted / 146_097;
        let of_era = shifted % 146_097;
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        (year as u32, month as u32, day as u32)
    }

    /// `yyyy-mm-dd`, years 1970 to 9999.
    pub fn parse(text: &str) -> Option<Day> {
        let mut parts = text.splitn(3, '-');
        let mut number = |len: usize| {
            let part = parts.next().filter(|p| p.len() == len)?;
            // Takes a plus sign too, which the way back never writes.
            part.parse::<u64>().ok()
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let shifted_year = if month <= 2 { year - 1 } else { year };
        let month_from_march = if month > 2 { month - 3 } else { month + 9 };
        let of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let (era, of_era_year) = (shifted_year / 400, shifted_year % 400);
        let of_era = of_era_year * 365 + of_era_year / 4 - of_era_year / 100 + of_year;
        let days = (era * 146_097 + of_era).checked_sub(719_468)?;
        let found = Day(u32::try_from(days).ok()?);
        // 31 February reads as a day in March; the way back tells.
        (found.to_string() == text).then_some(found)
    }

    /// `4·(year - 2000) + (quarter - 1)` (sealing.md 3.5); nothing before the year 2000.
    pub fn quarter(self) -> Option<u16> {
        let (year, month, _) = self.civil();
        u16::try_from(4 * year.checked_sub(2000)? + (month - 1) / 3).ok()
    }

    /// The first day of its quarter.
    pub fn quarter_begins(self) -> Day {
        let (_, month, day) = self.civil();
        (1..=(month - 1) % 3).fold(Day(self.0 + 1 - day), |first, _| {
            let (_, _, last) = Day(first.0.saturating_sub(1)).civil();
            Day(first.0.saturating_sub(last))
        })
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_two_spellings_of_one_thing() {
        for (date, start) in [("1970-01-01", 0), ("2000-02-29", 951_782_400), ("2026-01-01", 1_767_225_600)] {
            assert_eq!(Day::parse(date), Some(Day::containing(start)));
            assert_eq!(Day::containing(start + DAY - 1).to_string(), date);
            assert_eq!(Day::containing(start).start(), start);
        }
        for number in (0..40_000).step_by(13) {
            assert_eq!(Day::parse(&Day(number).to_string()), Some(Day(number)));
        }
        for bad in ["2026-02-29", "2026-13-01", "2026-1-01", "1969-12-31", "2026-01-00", "2026-01-01 ", "+026-01-01"] {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
        // Days that no arithmetic is done with, and plus signs, which reading a number takes.
        for bad in ["0000-01-01", "18446744073709551615-01-01", "2026-03-00", "2026-+1-01", "2026-01-+1", "+2026-01-01"] {
            assert_eq!(Day::parse(bad), None, "{bad}");
        }
        assert_eq!(Day::parse("2026-11-21").and_then(Day::quarter), Some(4 * 26 + 3));
    }

    #[test]
    fn a_quarter_begins_on_the_first_day_that_has_its_number() {
        for number in 10_957..20_000 {
            let (day, first) = (Day(number), Day(number).quarter_begins());
            assert!(first <= day && first.quarter() == day.quarter() && Day(first.0 - 1).quarter() != day.quarter(), "{day}: {first}");
        }
    }
}

//! Times as a source gives them, beside the normalised UTC that they mean.
//!
//! A connector that guesses a unit is wrong by a factor of 1 000, and a zone that is guessed has arrested the wrong
//! person (T16). So a time keeps its original number or text and its declared unit for ever; UTC is derived, never
//! stored.

use super::error::RecordError;

/// 1990-01-01T00:00:00Z and 2100-01-01T00:00:00Z in milliseconds. The quotient of the two is below 7, so a number
/// that is plausible in one unit is implausible in every unit 1 000 times larger or smaller: a swapped unit between
/// s, ms, µs and ns is always found (CAT-10).
pub const PLAUSIBLE_MS: std::ops::Range<u64> = 631_152_000_000..4_102_444_800_000;

/// A time in the source's own notation. Whole, unsigned, since 1970-01-01T00:00:00Z; or RFC 3339 text.
///
/// Public data inside a record. Refused: CAT-10 outside [`PLAUSIBLE_MS`], CAT-11 text without zone, on a 12-hour
/// clock, at second 60 (UTC in milliseconds has no place for it) or with a fraction of more than nine digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stamp {
    Seconds(u64),
    Milliseconds(u64),
    Microseconds(u64),
    Nanoseconds(u64),
    Rfc3339(String),
}

impl Stamp {
    /// The unit words of `*_unit`, in the order of their octet in the record.
    pub const UNITS: [&'static str; 5] = ["s", "ms", "us", "ns", "rfc3339"];

    /// Reads `raw` in the unit that the source declares.
    pub fn from_raw(raw: &str, unit: &str, field: &'static str) -> Result<Stamp, RecordError> {
        let number = || {
            let n: u64 = raw.parse().map_err(|_| RecordError::ImplausibleTime { field })?;
            // "+7" and "007" parse too; the raw value must come back as it was.
            if n.to_string() == raw { Ok(n) } else { Err(RecordError::ImplausibleTime { field }) }
        };
        let stamp = match unit {
            "s" => Stamp::Seconds(number()?),
            "ms" => Stamp::Milliseconds(number()?),
            "us" => Stamp::Microseconds(number()?),
            "ns" => Stamp::Nanoseconds(number()?),
            "rfc3339" => Stamp::Rfc3339(raw.to_owned()),
            _ => return Err(RecordError::UnknownWord { field }),
        };
        stamp.ms(field).map(|_| stamp)
    }

    /// Milliseconds since 1970 in UTC, fractions cut off; refuses what is implausible in the declared unit.
    pub fn ms(&self, field: &'static str) -> Result<u64, RecordError> {
        let ms = match self {
            Stamp::Seconds(n) => n.checked_mul(1_000).ok_or(RecordError::ImplausibleTime { field })?,
            Stamp::Milliseconds(n) => *n,
            Stamp::Microseconds(n) => n / 1_000,
            Stamp::Nanoseconds(n) => n / 1_000_000,
            Stamp::Rfc3339(text) => parse_rfc3339(text).ok_or(RecordError::BadTimeText { field })?,
        };
        // CAT-10
        if PLAUSIBLE_MS.contains(&ms) { Ok(ms) } else { Err(RecordError::ImplausibleTime { field }) }
    }

    /// The original value, exactly as the source gave it.
    pub fn raw(&self) -> String {
        match self {
            Stamp::Seconds(n) | Stamp::Milliseconds(n) | Stamp::Microseconds(n) | Stamp::Nanoseconds(n) => n.to_string(),
            Stamp::Rfc3339(text) => text.clone(),
        }
    }

    /// The declared unit: `s`, `ms`, `us`, `ns` or `rfc3339`.
    pub fn unit(&self) -> &'static str {
        Stamp::UNITS[usize::from(self.unit_octet())]
    }

    pub(super) fn unit_octet(&self) -> u8 {
        match self {
            Stamp::Seconds(_) => 0,
            Stamp::Milliseconds(_) => 1,
            Stamp::Microseconds(_) => 2,
            Stamp::Nanoseconds(_) => 3,
            Stamp::Rfc3339(_) => 4,
        }
    }
}

/// Milliseconds since 1970 of an RFC 3339 time with an explicit offset; `None` for everything else, among it
/// times before 1970. CAT-11.
pub fn parse_rfc3339(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() < 20 || bytes.len() > 35 {
        return None;
    }
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = bytes.get(from..to)?;
        part.iter().try_fold(0i64, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
    };
    let mark = |at: usize, b: u8| (bytes.get(at) == Some(&b)).then_some(());
    mark(4, b'-')?;
    mark(7, b'-')?;
    mark(10, b'T')?;
    mark(13, b':')?;
    mark(16, b':')?;
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut at = 19;
    let mut ms = 0;
    if bytes.get(at) == Some(&b'.') {
        let len = bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if len == 0 || len > 9 {
            return None;
        }
        for k in 0..3 {
            ms = ms * 10 + if k < len { i64::from(bytes[at + 1 + k] - b'0') } else { 0 };
        }
        at += 1 + len;
    }
    let offset_minutes = match bytes.get(at)? {
        b'Z' if bytes.len() == at + 1 => 0,
        sign @ (b'+' | b'-') if bytes.len() == at + 6 => {
            mark(at + 3, b':')?;
            let (h, m) = (digits(at + 1, at + 3)?, digits(at + 4, at + 6)?);
            // "-00:00" means "offset unknown" (RFC 3339 section 4.3): that is a zone-less time.
            if h > 23 || m > 59 || *sign == b'-' && h == 0 && m == 0 {
                return None;
            }
            (h * 60 + m) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    u64::try_from((seconds - offset_minutes * 60) * 1_000 + ms).ok()
}

/// `2026-03-01T12:00:00.123+00:00`: always milliseconds, always the explicit offset, always UTC.
pub fn format_rfc3339(ms: u64) -> String {
    let (year, month, day) = civil_from_days((ms / 86_400_000) as i64);
    let (s, milli) = ((ms / 1_000) % 86_400, ms % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{milli:03}+00:00", s / 3_600, s / 60 % 60, s % 60)
}

fn is_leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

pub(super) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar. Years are counted from March, so that the leap day is
/// the last of its year; 719 468 is the number of days from 0000-03-01 to 1970-01-01.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

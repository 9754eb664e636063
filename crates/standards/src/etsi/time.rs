//! The four date types of TS 103 280. Each keeps the text, which is signed, and the second, which is compared.

use crate::tree::{Element, Scalar};

/// Seconds since 1970 and microseconds. Before 1970 negative.
pub type UnixSeconds = i64;

macro_rules! times {
    ($($(#[$doc:meta])* $name:ident: fraction $fraction:literal, utc $utc:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { text: String, unix: UnixSeconds }
        impl $name {
            pub fn parse(text: &str) -> Option<$name> {
                Some($name { unix: parse(text, $fraction, $utc)?, text: text.to_owned() })
            }
            pub fn as_str(&self) -> &str {
                &self.text
            }
            pub fn unix(&self) -> UnixSeconds {
                self.unix
            }
            /// In UTC, on the second. Years 1 to 9999; earlier and later moments are moved to the edge.
            pub fn from_unix(unix: UnixSeconds) -> $name {
                let unix = unix.clamp(FIRST, LAST);
                let text = spell(unix, $fraction);
                $name { text, unix }
            }
        }
        super::values::as_type!($name, Scalar::Text, collapse);
    )* };
}

times! {
    /// `2026-08-18T12:00:00Z` or with `+02:00`; never a fraction.
    QualifiedDateTime: fraction false, utc false;
    /// The same with exactly six decimals.
    QualifiedMicrosecondDateTime: fraction true, utc false;
    UtcDateTime: fraction false, utc true;
    UtcMicrosecondDateTime: fraction true, utc true;
}

const DAY: i64 = 86_400;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799;

/// The pattern of TS 103 280 and the calendar of xs:dateTime: month and day exist, hour up to 24:00:00, zone up to 14:00.
fn parse(text: &str, fraction: bool, utc: bool) -> Option<UnixSeconds> {
    let head = text.get(..19)?;
    let mut rest = text.get(19..)?;
    if fraction {
        let decimals = rest.strip_prefix('.')?.get(..6)?;
        digits(decimals)?;
        rest = rest.get(7..)?;
    }
    let offset = match rest {
        "Z" => 0,
        _ if utc || rest.len() != 6 => return None,
        _ => {
            let sign = match rest.as_bytes()[0] {
                b'+' => 1,
                b'-' => -1,
                _ => return None,
            };
            let (hour, minute) = (digits(rest.get(1..3)?)?, digits(rest.get(4..6)?)?);
            let is_zone = rest.as_bytes()[3] == b':' && minute < 60 && hour * 60 + minute <= 14 * 60;
            is_zone.then_some(sign * (hour * 3600 + minute * 60))?
        }
    };
    let shape: String = head.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if shape != "0000-00-00T00:00:00" {
        return None;
    }
    let part = |from: usize, to: usize| digits(head.get(from..to)?);
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let (hour, minute, second) = (part(11, 13)?, part(14, 16)?, part(17, 19)?);
    let has_time = (hour < 24 || (hour == 24 && minute == 0 && second == 0)) && minute < 60 && second < 60;
    if year < 1 || !(1..=12).contains(&month) || day < 1 || month_days(year, month) < day || !has_time {
        return None;
    }
    Some(days(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset)
}

fn digits(text: &str) -> Option<i64> {
    if text.bytes().all(|octet| octet.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let past = year - 1;
    let before: i64 = (1..month).map(|month| month_days(year, month)).sum();
    past * 365 + past / 4 - past / 100 + past / 400 + before + day - 1 - 719_162
}

fn spell(unix: UnixSeconds, fraction: bool) -> String {
    let (day_number, second) = (unix.div_euclid(DAY), unix.rem_euclid(DAY));
    let mut year = 1970 + day_number.div_euclid(366);
    while days(year + 1, 1, 1) <= day_number {
        year += 1;
    }
    while day_number < days(year, 1, 1) {
        year -= 1;
    }
    let mut month = 1;
    while month < 12 && days(year, month + 1, 1) <= day_number {
        month += 1;
    }
    let day = day_number - days(year, month, 1) + 1;
    let decimals = if fraction { ".000000" } else { "" };
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{decimals}Z", second / 3600, second / 60 % 60, second % 60)
}

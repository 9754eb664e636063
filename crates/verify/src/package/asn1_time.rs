//! UTCTime and GeneralizedTime, as DER writes them: seconds, `Z`, and for tokens a fraction that is cut off here.

use super::der::{GENERALIZED_TIME, Reader, UTC_TIME, element};

const DAY: u64 = 86_400;
/// 2050-01-01: from here on a time is a GeneralizedTime (RFC 5280, RFC 5652).
const FROM_GENERALIZED: u64 = 2_524_608_000;

/// A Time from seconds since 1970 UTC.
pub fn encode(seconds: u64) -> Vec<u8> {
    let (year, month, day) = date(seconds / DAY);
    let (hour, minute, second) = (seconds % DAY / 3600, seconds % 3600 / 60, seconds % 60);
    let text = format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if seconds < FROM_GENERALIZED {
        element(UTC_TIME, &[text.get(2..).unwrap_or("").as_bytes()])
    } else {
        element(GENERALIZED_TIME, &[text.as_bytes()])
    }
}

/// The next element as a Time of whole seconds, in seconds since 1970 UTC. Times before 1970 are refused.
pub fn read(reader: &mut Reader<'_>) -> Option<u64> {
    if let Some(content) = reader.take(UTC_TIME) {
        let century: &[u8] = if *content.first()? < b'5' { b"20" } else { b"19" };
        return seconds(&[century, content.strip_suffix(b"Z")?].concat());
    }
    seconds(reader.take(GENERALIZED_TIME)?.strip_suffix(b"Z")?)
}

/// A GeneralizedTime with an optional fraction (RFC 3161), which is dropped.
pub fn read_with_fraction(reader: &mut Reader<'_>) -> Option<u64> {
    let text = reader.take(GENERALIZED_TIME)?.strip_suffix(b"Z")?;
    let (whole, rest) = text.split_at_checked(14)?;
    if let Some((point, digits)) = rest.split_first() {
        let is_fraction = *point == b'.' && !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) && !digits.ends_with(b"0");
        is_fraction.then_some(())?;
    }
    seconds(whole)
}

/// From `YYYYMMDDHHMMSS`.
fn seconds(text: &[u8]) -> Option<u64> {
    if text.len() != 14 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to).map(|t| t.iter().fold(0, |n, b| n * 10 + u64::from(b - b'0')));
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || 24 <= hour || 60 <= minute || 60 <= second || year < 1970 {
        return None;
    }
    let days = days(year, month, day);
    // 31 April would silently be 1 May.
    (date(days) == (year, month, day)).then_some(days * DAY + hour * 3600 + minute * 60 + second)
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, year 1970 or later.
fn days(year: u64, month: u64, day: u64) -> u64 {
    // Years that begin in March put the leap day last, so that month lengths follow one formula.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// (year, month, day) of a day since 1970-01-01.
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_back_and_change_form_in_2050() {
        for seconds in [0, 951_782_399, 951_782_400, 1_795_000_000, FROM_GENERALIZED - 1, FROM_GENERALIZED, 4_107_542_400] {
            let bytes = encode(seconds);
            assert_eq!(read(&mut Reader::new(&bytes)), Some(seconds));
        }
        assert_eq!(encode(1_795_000_000), b"\x17\x0D261118110640Z");
        assert_eq!(encode(FROM_GENERALIZED), b"\x18\x0F20500101000000Z");
    }

    #[test]
    fn pkg_40_times_of_another_form_are_refused() {
        for text in [
            &b"\x17\x0B2611181106Z"[..],
            b"\x17\x112611181106401+01",
            b"\x18\x0F20260431000000Z",
            b"\x18\x0F20261318000000Z",
            b"\x18\x0F20260101000060Z",
        ] {
            assert_eq!(read(&mut Reader::new(text)), None);
        }
    }

    #[test]
    fn pkg_40_a_time_has_fourteen_digits_of_the_calendar_and_a_fraction_its_one_spelling() {
        let whole = |text: &str| read(&mut Reader::new(&element(GENERALIZED_TIME, &[text.as_bytes()])));
        let fraction = |text: &str| read_with_fraction(&mut Reader::new(&element(GENERALIZED_TIME, &[text.as_bytes()])));
        assert_eq!([whole("20260101000000Z"), fraction("20260101000000Z"), fraction("20260101000000.5Z")], [Some(1_767_225_600); 3]);
        // Month and day 0, and years before 1970, would be counted below zero.
        for text in [
            "202601010000Z",
            "2026010100000000Z",
            "202601010000x0Z",
            "20260001000000Z",
            "20261301000000Z",
            "19700001000000Z",
            "20260300000000Z",
            "20260132000000Z",
            "20260101240000Z",
            "20260101006000Z",
            "20260101000060Z",
            "19691231235959Z",
            "00000101000000Z",
        ] {
            assert_eq!((whole(text), fraction(text)), (None, None), "{text}");
        }
        for text in ["20260101000000,5Z", "20260101000000.Z", "20260101000000.5aZ", "20260101000000.a5Z", "20260101000000.50Z"] {
            assert_eq!(fraction(text), None, "{text}");
        }
    }
}

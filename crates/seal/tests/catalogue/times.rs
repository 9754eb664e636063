//! T16: clock change, leap second, 12-hour text, swapped units: right or refused, never silently wrong.

use proptest::prelude::*;
use seal::catalogue::*;

fn ms(text: &str) -> Option<u64> {
    parse_rfc3339(text)
}

#[test]
fn t16_the_repeated_hour_has_two_readings_told_apart_by_the_offset() {
    // Amsterdam, 25 October 2026: 02:30 happens twice.
    let summer = ms("2026-10-25T02:30:00+02:00").unwrap();
    let winter = ms("2026-10-25T02:30:00+01:00").unwrap();
    assert_eq!(winter - summer, 3_600_000);
    assert_eq!(format_rfc3339(summer), "2026-10-25T00:30:00.000+00:00");
    assert_eq!(ms("2026-10-25T02:30:00"), None, "without offset nobody can tell which");
}

#[test]
fn t16_the_missing_hour_is_what_its_offset_says() {
    // Amsterdam, 29 March 2026: 02:30 does not happen; with an explicit offset the moment is still unambiguous.
    assert_eq!(ms("2026-03-29T02:30:00+01:00"), ms("2026-03-29T03:30:00+02:00"));
    assert_eq!(ms("2026-03-29T02:30:00 Europe/Amsterdam"), None);
}

#[test]
fn cat_11_every_other_notation_is_refused() {
    for text in [
        "2026-11-21T21:25:25",       // no zone
        "2026-11-21T21:25:25-00:00", // offset unknown
        "2026-11-21 21:25:25+00:00", // blank
        "2026-11-21T09:25:25 PM",    // 12-hour
        "2026-11-21T09:25:25 PM+00:00",
        "2016-12-31T23:59:60Z", // leap second
        "2026-11-21T24:00:00Z",
        "2026-11-21T21:60:00Z",
        "2026-02-29T00:00:00Z", // no such day
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-11-00T00:00:00Z",
        "21-11-2026T00:00:00Z",
        "2026-11-21t21:25:25z",
        "2026-11-21T21:25:25.Z",
        "2026-11-21T21:25:25.1234567890Z",
        "2026-11-21T21:25:25,5Z",
        "2026-11-21T21:25:25+0100",
        "2026-11-21T21:25:25+1:00",
        "2026-11-21T21:25:25+24:00",
        "2026-11-21T21:25:25Z ",
        "+2026-11-21T21:25:25Z",
        "2026-11-21T21:25:2５Z",
        "1969-12-31T23:59:59Z",
        "",
    ] {
        assert_eq!(ms(text), None, "{text}");
    }
}

#[test]
fn known_moments() {
    assert_eq!(ms("1970-01-01T00:00:00Z"), Some(0));
    assert_eq!(ms("2000-02-29T12:00:00.5Z"), Some(951_825_600_500));
    assert_eq!(ms("2026-11-21T21:25:25.994+00:00"), Some(1_795_296_325_994));
    assert_eq!(ms("2026-11-22T02:55:25.994123456+05:30"), Some(1_795_296_325_994));
    assert_eq!(format_rfc3339(4_102_444_799_999), "2099-12-31T23:59:59.999+00:00");
}

proptest! {
    #[test]
    fn formatting_and_parsing_are_inverse(t in PLAUSIBLE_MS) {
        prop_assert_eq!(ms(&format_rfc3339(t)), Some(t));
    }

    /// The offset only moves the notation: the same moment in any zone is the same moment.
    #[test]
    fn t16_any_offset_names_the_same_moment(t in PLAUSIBLE_MS, minutes in -23 * 60i64..23 * 60) {
        prop_assume!(minutes != 0);
        let local = (t as i64 + minutes * 60_000) as u64;
        let sign = if minutes < 0 { '-' } else { '+' };
        let text = format_rfc3339(local).replace("+00:00", &format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60));
        prop_assert_eq!(ms(&text), Some(t));
    }

    /// A number that is right in one unit is refused in every other (CAT-10).
    #[test]
    fn t16_a_swapped_unit_is_always_found(t in PLAUSIBLE_MS, right in 0usize..4, read_as in 0usize..4) {
        let raw = [t / 1_000, t, t * 1_000, t * 1_000_000][right].to_string();
        let read = Stamp::from_raw(&raw, Stamp::UNITS[read_as], "t_event");
        if right == read_as {
            prop_assert_eq!(read.unwrap().raw(), raw);
        } else {
            prop_assert_eq!(read.unwrap_err().code(), "CAT-10");
        }
    }

    #[test]
    fn a_time_text_never_panics(text in ".{0,40}") {
        let _ = ms(&text);
    }
}

#[test]
fn a_raw_number_keeps_its_spelling_or_is_refused() {
    for raw in ["+1795296325994", "01795296325994", "1.795e12", " 1795296325994", "-1", "1795296325994.5", ""] {
        assert_eq!(Stamp::from_raw(raw, "ms", "t_event").unwrap_err().code(), "CAT-10", "{raw}");
    }
}

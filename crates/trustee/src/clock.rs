//! The member's own time, from two sources (REL-05): the wall clock, and what the machine counted since it was started.
//!
//! A clock alone can be set back, and then an old checkpoint looks fresh. So every run compares the wall clock with the
//! last time this member kept, and, as long as the machine was not restarted in between, the time that passed on both
//! clocks with each other. Witnesses are the third source: their cosigned times are inside REL-05's window around now.
//! Unsure means: refuse. A time is kept only after a run in which the witnesses agreed with it, so that a clock that ran
//! ahead once does not lock the member out.

use verify::document::{DocumentError, Reader, Writer, canonical};
use verify::spelling::decimal;

/// How far wall clock and machine may drift apart between two runs: 60 s, as between trustee and witness (REL-05).
const DRIFT_MAX: u64 = 60;
const HEADER: &str = "waarborg-seen/v1";

/// One reading of the clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Unix seconds of the wall clock.
    pub wall: u64,
    /// Which start of the machine this is, and seconds since then; `None` where the system does not tell.
    pub machine: Option<(String, u64)>,
}

/// Why the clocks are not believed. REL-05: refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockRefusal {
    /// The wall clock is before the time kept last.
    BeforeKept { kept: u64, now: u64 },
    /// Since the last run the wall clock and the machine's counter moved differently.
    Drift { wall: u64, machine: u64 },
}

impl std::fmt::Display for ClockRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ClockRefusal::BeforeKept { kept, now } => write!(f, "the clock says {now}, but {kept} has been seen"),
            ClockRefusal::Drift { wall, machine } => {
                write!(f, "since the last run the clock moved {wall} s and the machine {machine} s")
            }
        }
    }
}

/// The time that this member believes, after comparing both sources with what it kept.
pub fn now(reading: &Reading, kept: &Reading) -> Result<u64, ClockRefusal> {
    if reading.wall < kept.wall {
        return Err(ClockRefusal::BeforeKept { kept: kept.wall, now: reading.wall });
    }
    if let (Some((start, up)), Some((kept_start, kept_up))) = (&reading.machine, &kept.machine)
        && start == kept_start
    {
        let (wall, machine) = (reading.wall - kept.wall, up.saturating_sub(*kept_up));
        // One part in a thousand is the drift of a bad quartz; a month between two runs must not lock a member out.
        if DRIFT_MAX + machine / 1000 < wall.abs_diff(machine) {
            return Err(ClockRefusal::Drift { wall, machine });
        }
    }
    Ok(reading.wall)
}

impl Reading {
    /// What Linux tells in `boot_id` and `uptime`; `None` for what could not be kept as one line of two words.
    pub fn of_linux(boot_id: &str, uptime: &str) -> Option<(String, u64)> {
        let (start, seconds) = (boot_id.trim(), decimal(uptime.split('.').next()?)?);
        (!start.is_empty() && start.chars().all(|c| c.is_ascii_graphic())).then(|| (start.to_owned(), seconds))
    }

    /// As kept on disk.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(HEADER);
        writer.line("wall", self.wall);
        if let Some((start, up)) = &self.machine {
            writer.line("machine", format_args!("{start} {up}"));
        }
        writer.finish()
    }

    /// Reads what was kept.
    pub fn parse(bytes: &[u8]) -> Result<Reading, DocumentError> {
        let mut reader = Reader::open(bytes, HEADER, 256)?;
        let wall = reader.decimal("wall")?;
        let machine = reader.parsed_if("machine", |text| {
            let (start, up) = text.split_once(' ')?;
            (!start.is_empty()).then_some((start.to_owned(), decimal(up)?))
        })?;
        reader.end()?;
        let reading = Reading { wall, machine };
        canonical(bytes, &reading.to_bytes())?;
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: u64, start: &str, up: u64) -> Reading {
        Reading { wall, machine: Some((start.to_owned(), up)) }
    }

    #[test]
    fn rel_05_a_clock_that_went_back_is_refused() {
        let kept = at(1_000_000, "a", 500);
        assert_eq!(now(&at(1_000_000, "a", 500), &kept), Ok(1_000_000));
        assert_eq!(now(&at(999_999, "b", 5), &kept), Err(ClockRefusal::BeforeKept { kept: 1_000_000, now: 999_999 }));
        let without = Reading { wall: 1_000_001, machine: None };
        assert_eq!(now(&without, &kept), Ok(1_000_001));
    }

    #[test]
    fn rel_05_clocks_that_moved_apart_are_refused() {
        let kept = at(1_000_000, "a", 500);
        assert_eq!(now(&at(1_003_600, "a", 4_100), &kept), Ok(1_003_600));
        // An hour wrong, in each direction.
        assert_eq!(now(&at(1_003_600, "a", 500), &kept), Err(ClockRefusal::Drift { wall: 3_600, machine: 0 }));
        assert_eq!(now(&at(1_000_010, "a", 4_100), &kept), Err(ClockRefusal::Drift { wall: 10, machine: 3_600 }));
        // The edge: 60 s pass, 61 do not.
        assert_eq!(now(&at(1_000_160, "a", 600), &kept), Ok(1_000_160));
        assert!(now(&at(1_000_161, "a", 600), &kept).is_err());
        // After a restart of the machine only the kept time counts.
        assert_eq!(now(&at(1_003_600, "b", 1), &kept), Ok(1_003_600));
        // A month at a drift of half a part in a thousand.
        assert!(now(&at(1_000_000 + 2_593_296, "a", 500 + 2_592_000), &kept).is_ok());
    }

    #[test]
    fn a_reading_has_one_spelling() {
        for reading in [at(7, "3f2a-1", 9), Reading { wall: 7, machine: None }] {
            assert_eq!(Reading::parse(&reading.to_bytes()), Ok(reading));
        }
        let refused = |text: &str| Reading::parse(text.as_bytes()).err().map(|error| error.code());
        assert_eq!(refused("waarborg-seen/v1\nwall 7\nmachine a 9\n"), None);
        for (text, code) in [
            ("waarborg-seen/v1\nwall 07\n", "DOC-04"),
            ("waarborg-seen/v1\nwall 7\nmachine  9\n", "DOC-04"),
            ("waarborg-seen/v1\nwall 7\nmachine a 09\n", "DOC-04"),
            ("waarborg-seen/v1\nwall 7\nmachine a 9\nwall 7\n", "DOC-05"),
            ("waarborg-seen/v1\nwall 7\nwall 7\n", "DOC-05"),
        ] {
            assert_eq!(refused(text), Some(code), "{text}");
        }
    }

    #[test]
    fn rel_05_what_the_machine_tells_is_taken_only_as_one_word_and_a_number() {
        let told = Reading::of_linux("3f2a-1\n", "4711.23 9000.00\n");
        assert_eq!(told, Some(("3f2a-1".to_owned(), 4711)));
        let reading = Reading { wall: 7, machine: told };
        assert_eq!(Reading::parse(&reading.to_bytes()), Ok(reading));
        for (start, up) in
            [("", "1.0"), ("\n", "1.0"), ("a b", "1.0"), ("a\nb", "1.0"), ("\u{e9}", "1.0"), ("a", ""), ("a", "x.0"), ("a", "-1.0")]
        {
            assert_eq!(Reading::of_linux(start, up), None, "{start:?} {up:?}");
        }
    }
}

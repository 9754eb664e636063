//! The clocks: Regulation (EEC, Euratom) 1182/71 as arithmetic. Days run from the day after, end with the day and move past weekends and
//! holidays of the enforcing State; hours run from the next full hour and move past nothing (CLK-01 to CLK-06).

use verify::calendar::Day;

use crate::rules::{PeriodName, RuleBook, StateCalendar, Unit};

/// Last second of the year 9999: later times are a broken clock, and day arithmetic stays within its range below it.
const LAST: u64 = 253_402_300_799;

/// A clock that runs: kept with the order as it stands here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    pub name: PeriodName,
    pub received_at: u64,
    /// First second that counts.
    pub starts_at: u64,
    /// First second after the end: doing it at `deadline_at - 1` is in time.
    pub deadline_at: u64,
    /// The last day was moved from here, because it was no working day.
    pub moved_from: Option<u64>,
    /// No holidays are known of the enforcing State and year: nothing was moved for them, which ends earlier and never later.
    pub without_holidays: bool,
    /// [`crate::rules::RuleVersion`] as text.
    pub rule_version: String,
    pub article: String,
}

impl Deadline {
    pub fn is_past(&self, now: u64) -> bool {
        self.deadline_at <= now
    }

    /// CLK-06: the same clock after a time in which it stood still (Form 3 F, Art 10(6)).
    pub fn paused_for(&self, seconds: u64) -> Deadline {
        Deadline { deadline_at: self.deadline_at.saturating_add(seconds), ..self.clone() }
    }
}

/// Starts a clock of the Regulation. `state`: the enforcing State, ISO 3166 alpha-2.
///
/// None only for a book without that period, which [`RuleBook::with`] does not make.
pub fn start(book: &RuleBook, name: PeriodName, state: &str, received_at: u64) -> Option<Deadline> {
    let period = book.period(name)?;
    Some(run(book, name, (period.unit, period.count), &period.article, state, received_at))
}

/// A clock of another count than the Regulation's, such as the 90 days of 126ni Sv.
pub fn run(book: &RuleBook, name: PeriodName, (unit, count): (Unit, u32), article: &str, state: &str, received_at: u64) -> Deadline {
    let (calendar, received_at) = (book.holidays.of(state), received_at.min(LAST));
    let (starts_at, deadline_at, moved_from, without_holidays) = match unit {
        Unit::Hours => {
            let starts_at = next_full_hour(calendar, received_at);
            (starts_at, starts_at + 3_600 * u64::from(count), None, false)
        }
        Unit::Days => days(calendar, received_at, count),
        Unit::WorkingDays => working_days(calendar, received_at, count),
    };
    let (rule_version, article) = (book.version.to_string(), article.to_owned());
    Deadline { name, received_at, starts_at, deadline_at, moved_from, without_holidays, rule_version, article }
}

/// CLK-05: an extension counts from the expiry that stands, not from the day the form came, and moves past no holiday again.
pub fn extend(book: &RuleBook, running: &Deadline) -> Option<Deadline> {
    let period = book.period(PeriodName::PreservationExtension)?;
    let deadline_at = running.deadline_at + u64::from(period.count) * verify::calendar::DAY;
    Some(Deadline {
        name: PeriodName::PreservationExtension,
        deadline_at,
        moved_from: None,
        article: period.article.clone(),
        ..running.clone()
    })
}

/// CLK-01: the hour of receipt is not counted. Legal time matters only where an offset is no whole hour.
fn next_full_hour(calendar: Option<&StateCalendar>, at: u64) -> u64 {
    let offset = calendar.map_or(0, |calendar| calendar.offset(at));
    let local = at.saturating_add_signed(offset);
    (local - local % 3_600 + 3_600).saturating_add_signed(-offset)
}

fn day_of(calendar: Option<&StateCalendar>, at: u64) -> Day {
    calendar.map_or(Day::containing(at), |calendar| calendar.day_of(at))
}

fn start_of(calendar: Option<&StateCalendar>, day: Day) -> u64 {
    calendar.map_or(day.start(), |calendar| calendar.start_of(day))
}

fn is_working_day(calendar: Option<&StateCalendar>, day: Day) -> bool {
    calendar.map_or(!crate::rules::is_weekend(day), |calendar| calendar.is_working_day(day))
}

/// CLK-02, CLK-03: the day of receipt is not counted; if the last day is no working day, the end of the next one.
fn days(calendar: Option<&StateCalendar>, received_at: u64, count: u32) -> (u64, u64, Option<u64>, bool) {
    let first = Day(day_of(calendar, received_at).0 + 1);
    let last = Day(day_of(calendar, received_at).0 + count);
    let mut end = last;
    while !is_working_day(calendar, end) {
        end = Day(end.0 + 1);
    }
    // Art 3(5) of 1182/71: a period of two days or more has at least two working days in it.
    while 2 <= count && (first.0..=end.0).filter(|day| is_working_day(calendar, Day(*day))).count() < 2 {
        end = Day(end.0 + 1);
    }
    let after = |day: Day| start_of(calendar, Day(day.0 + 1));
    let unknown = calendar.is_none_or(|calendar| !calendar.knows(last) || !calendar.knows(end));
    (start_of(calendar, first), after(end), (end != last).then(|| after(last)), unknown)
}

/// CLK-04: only working days count.
fn working_days(calendar: Option<&StateCalendar>, received_at: u64, count: u32) -> (u64, u64, Option<u64>, bool) {
    let first = Day(day_of(calendar, received_at).0 + 1);
    let mut day = day_of(calendar, received_at);
    let mut left = count;
    while 0 < left {
        day = Day(day.0 + 1);
        left -= u32::from(is_working_day(calendar, day));
    }
    let unknown = calendar.is_none_or(|calendar| !calendar.knows(first) || !calendar.knows(day));
    (start_of(calendar, first), start_of(calendar, Day(day.0 + 1)), None, unknown)
}

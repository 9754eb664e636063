//! Dates that anybody computes: from the `head` statements of PUBLIC (LOG-45, STA-20).

use crate::calendar::Day;

/// One `head`: its day, how many ORDERS leaves it covers, where in PUBLIC it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    day: Day,
    size: u64,
    at: u64,
}

/// The heads of one ORDERS log, in the order of PUBLIC.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// Each later than the one before it, or larger on its day: one that stands there again moves no date back.
    heads: Vec<Head>,
    /// (size, earliest day of a head of at least that size), ascending by size: a head that comes late dates nothing later.
    by_size: Vec<(u64, Day)>,
}

impl Calendar {
    pub fn push(&mut self, day: Day, size: u64, at: u64) {
        let goes_on = |last: &Head| (last.day, last.size) < (day, size);
        if self.heads.last().is_none_or(goes_on) {
            self.heads.push(Head { day, size, at });
        }
        let place = self.by_size.partition_point(|(known, _)| *known < size);
        self.by_size.insert(place, (size, day));
        // Every smaller head is covered by this one too.
        for (_, known) in &mut self.by_size[..place] {
            *known = (*known).min(day);
        }
        if let Some((_, after)) = self.by_size.get(place + 1).copied() {
            self.by_size[place].1 = day.min(after);
        }
    }

    /// Day of the first head that covers the index.
    pub fn day_of(&self, index: u64) -> Option<Day> {
        let place = self.by_size.partition_point(|(size, _)| *size <= index);
        self.by_size.get(place).map(|(_, day)| *day)
    }

    /// The latest day of a head heard.
    pub fn last_day(&self) -> Option<Day> {
        self.heads.last().map(|head| head.day)
    }

    /// ORDERS leaves that stood by the last head before this place in PUBLIC, with its day.
    pub fn before(&self, at: u64) -> (u64, Option<Day>) {
        let place = self.heads.partition_point(|head| head.at < at);
        match place.checked_sub(1).and_then(|last| self.heads.get(last)) {
            Some(head) => (head.size, Some(head.day)),
            None => (0, None),
        }
    }

    /// ORDERS leaves that the first head after this place covers; `None` if there is none yet.
    pub fn after(&self, at: u64) -> Option<u64> {
        let place = self.heads.partition_point(|head| head.at < at);
        self.heads.get(place).map(|head| head.size)
    }

    /// Leaves that a head covers.
    pub fn dated(&self) -> u64 {
        self.by_size.last().map_or(0, |(size, _)| *size)
    }

    /// Leaves whose day is `day` or earlier.
    pub fn dated_by(&self, day: Day) -> u64 {
        let within = self.by_size.iter().filter(|(_, known)| *known <= day);
        within.map(|(size, _)| *size).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_45_the_first_head_that_covers_an_index_dates_it_whatever_order_they_come_in() {
        let mut calendar = Calendar::default();
        // (day, size) as published; the last comes late and is older.
        let heads = [(100, 10), (101, 20), (103, 40), (102, 30)];
        for (at, (day, size)) in heads.into_iter().enumerate() {
            calendar.push(Day(day), size, at as u64 * 10);
        }
        for index in 0..45 {
            let plain = heads.iter().filter(|(_, size)| index < *size).map(|(day, _)| Day(*day)).min();
            assert_eq!(calendar.day_of(index), plain, "{index}");
        }
        assert_eq!((calendar.before(0), calendar.before(1), calendar.before(25)), ((0, None), (10, Some(Day(100))), (40, Some(Day(103)))));
        assert_eq!((calendar.after(0), calendar.after(1), calendar.after(31)), (Some(10), Some(20), None));
        assert_eq!((calendar.dated(), calendar.dated_by(Day(101)), calendar.dated_by(Day(99))), (40, 20, 0));
    }
}

//! When in the year a world lies: at New Year, or over midnight and the hour in which the clocks of Europe/Amsterdam change. There,
//! orders also name a number before and after it changes hands, and an address with its port.

use super::WorldShape;
use super::cast::{DAY_ZERO, SLOT};
use crate::chance::Chance;
use crate::oracle::Ordered;
use crate::traffic::{Row, Story};
use serde::{Deserialize, Serialize};
use std::fmt;
use verify::names::Span;

const DAY: u64 = 86_400;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Season {
    #[default]
    NewYear,
    /// 29 March 2026: an hour is left out.
    Spring,
    /// 25 October 2026: an hour comes twice.
    Autumn,
}

impl Season {
    pub const ALL: [Season; 3] = [Season::NewYear, Season::Spring, Season::Autumn];

    /// Two worlds in three lie at New Year.
    pub fn draw(chance: &mut Chance) -> Season {
        *chance.pick(&[Season::NewYear, Season::NewYear, Season::NewYear, Season::NewYear, Season::Spring, Season::Autumn])
    }

    /// New Year is in every saved world that does not say.
    pub fn is_usual(&self) -> bool {
        *self == Season::NewYear
    }

    /// The first second under the other clock.
    pub fn change(self) -> Option<u64> {
        match self {
            Season::NewYear => None,
            Season::Spring => Some(1_774_746_000),
            Season::Autumn => Some(1_792_890_000),
        }
    }

    /// Of the committees' key: no longer than POL-08 allows.
    pub fn key_period(self) -> Span {
        let from = self.change().map_or(DAY_ZERO, |change| change - change % DAY - 10 * DAY);
        Span::new(from, from + 90 * DAY).expect("a span")
    }

    /// Four hours with data: from before midnight, here and in UTC, past the change. More to find in them.
    pub fn moves(self, shape: WorldShape, chance: &mut Chance) -> WorldShape {
        let Some(change) = self.change() else { return shape };
        let day = (change - DAY_ZERO) / DAY - 1;
        let (hour, messages, orders) = (*chance.pick(&[21, 22]), chance.between(14, 24), chance.between(2, 4));
        WorldShape { season: self, day, hour, hours: 5, messages, orders, ..shape }
    }

    /// The hours of an order, first and last, within those with data: across the change, until or from midnight, across that.
    pub fn hours_of_an_order(self, first: u64, last: u64, chance: &mut Chance) -> Option<(u64, u64)> {
        let change = self.change()? / SLOT;
        let midnight = change - change % 24;
        Some(match chance.below(4) {
            0 => (chance.between(first, change), chance.between(change, last + 1)),
            1 => (chance.between(first, midnight), midnight - 1),
            2 => (midnight, chance.between(midnight, last + 1)),
            _ => (chance.between(first, midnight), chance.between(midnight, last + 1)),
        })
    }
}

/// Rows that left the house, were equal to the oracle's, and lie where a house could trip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trips {
    /// Of orders across the change of the clocks: on each side.
    pub before_change: u64,
    pub after_change: u64,
    /// Of a number: of its first holder, and of its second.
    pub first_holder: u64,
    pub second_holder: u64,
    /// Of an address with a port.
    pub by_port: u64,
}

impl Trips {
    pub fn add(&mut self, other: Trips) {
        self.before_change += other.before_change;
        self.after_change += other.after_change;
        self.first_holder += other.first_holder;
        self.second_holder += other.second_holder;
        self.by_port += other.by_port;
    }

    /// What one ordered thing brought out.
    pub fn of(season: Season, story: &Story, part: &Ordered, rows: &[&Row]) -> Trips {
        let before = |moment: u64| rows.iter().filter(|row| row.event_ms < moment * 1_000).count() as u64;
        let count = rows.len() as u64;
        let mut trips = Trips::default();
        if let Some(change) = season.change().filter(|change| part.from < *change && *change < part.until) {
            (trips.before_change, trips.after_change) = (before(change), count - before(change));
        }
        if let Some(number) = story.reassigned.iter().find(|number| number.selector == part.selector) {
            (trips.first_holder, trips.second_holder) = (before(number.from), count - before(number.from));
        }
        if story.ports.contains(&part.selector) {
            trips.by_port = count;
        }
        trips
    }
}

impl fmt::Display for Trips {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trips { before_change, after_change, first_holder, second_holder, by_port } = self;
        write!(f, "{before_change} before and {after_change} after a change of the clocks, ")?;
        write!(f, "{first_holder} and {second_holder} of a number's first and second holder, {by_port} by address and port")
    }
}

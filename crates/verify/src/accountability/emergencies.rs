//! The gateway's daily `emergency-count`, held against what was opened (LOG-103, STA-24).
//!
//! A count stands between two heads in PUBLIC: the one before it says which leaves must be in it, the one after which may be.
//! So the check needs no clock of the gateway's. A number that is too small is shown as soon as the leaves are open; one that is too
//! large only when every leaf is, because a sealed leaf may be an emergency.

use super::{Fault, Ledger, days};
use crate::calendar::Day;
use crate::record::Kind;
use crate::statement::EmergencyCount;

/// Smallest and largest number that the opened leaves allow.
struct Bounds {
    least: u64,
    most: u64,
}

impl Ledger {
    /// STA-24: public faults of the counter.
    pub(super) fn counter_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let first_hidden = (0..self.size).find(|index| !self.shown.contains_key(index)).unwrap_or(self.size);
        for (at, count) in &self.counts {
            let (stood, day) = self.calendar.before(*at);
            let (Some(day), Some(may)) = (day, self.calendar.after(*at)) else { continue };
            let all_open = may <= first_hidden;
            for (name, said, bounds) in self.bounds(count, stood, may, day) {
                if said < bounds.least || (all_open && bounds.most < said) {
                    let what =
                        format!("emergency-count of {}: {name} {said}, the leaves give {} to {}", count.day, bounds.least, bounds.most);
                    faults.push(Fault::failed("STA-24", what));
                }
            }
        }
        faults
    }

    fn bounds(&self, count: &EmergencyCount, stood: u64, may: u64, day: Day) -> [(&'static str, u64, Bounds); 3] {
        let emergencies: Vec<u64> = self.opened_of(Kind::Emergency).map(|(index, _)| index).filter(|index| *index < may).collect();
        let confirmed_before = |index: u64, size: u64| self.children(index, Kind::Confirmation).any(|(leaf, _)| leaf < size);
        // At least `age` days old at the head before the statement, and not confirmed by the head after it.
        let surely = |age: u32| {
            let old = |index: &&u64| **index < stood && self.calendar.day_of(**index).is_some_and(|own| own.0 + age <= day.0);
            emergencies.iter().filter(old).filter(|index| !confirmed_before(**index, may)).count() as u64
        };
        let perhaps = emergencies.iter().filter(|index| !confirmed_before(**index, stood)).count() as u64;
        let standing = emergencies.iter().filter(|index| **index < stood).count() as u64;
        let all = Bounds { least: standing, most: emergencies.len() as u64 };
        let unconfirmed = Bounds { least: surely(1), most: perhaps };
        let overdue = Bounds { least: surely(days(self.terms.confirm_within)), most: perhaps };
        [("emergencies", count.emergencies, all), ("unconfirmed", count.unconfirmed, unconfirmed), ("overdue", count.overdue, overdue)]
    }
}

//! The gateway's daily `emergency-count`, held against what was opened (LOG-90, LOG-103, STA-24).
//!
//! A count stands between two heads in PUBLIC: the one before it says which leaves must be in it, the one after which may be.
//! So the check needs no clock of the gateway's. While a leaf is sealed it may be an emergency or a confirmation, so a number is
//! shown to be wrong only by leaves that are open. A confirmation need not have come by the gateway (SEA-70), so a gateway that
//! counts too many as unconfirmed may have been shown too little, and is not accused (decision 0120).

use super::{Fault, Ledger, days};
use crate::calendar::Day;
use crate::record::{Kind, Opening};
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
        if self.counts.is_empty() {
            return faults;
        }
        let hidden: Vec<u64> = (0..self.size).filter(|index| !self.shown.contains_key(index)).collect();
        for (at, count) in &self.counts {
            let (stood, day) = self.calendar.before(*at);
            let (Some(day), Some(may)) = (day, self.calendar.after(*at)) else { continue };
            for (name, said, bounds) in self.bounds(count, &hidden, stood, may, day) {
                if said < bounds.least || bounds.most < said {
                    let what =
                        format!("emergency-count of {}: {name} {said}, the leaves give {} to {}", count.day, bounds.least, bounds.most);
                    faults.push(Fault::failed("STA-24", what));
                }
            }
        }
        faults
    }

    fn bounds(&self, count: &EmergencyCount, hidden: &[u64], stood: u64, may: u64, day: Day) -> [(&'static str, u64, Bounds); 3] {
        let emergencies: Vec<(u64, &Opening)> = self.orders_of(Kind::Emergency).filter(|(index, _)| *index < may).collect();
        let is_confirmed = |order: &Opening| self.children_of_order(order, Kind::Confirmation).any(|(leaf, _)| leaf < may);
        // A sealed leaf behind the emergency may be its confirmation.
        let is_open_question = |index: u64| hidden.get(hidden.partition_point(|leaf| *leaf <= index)).is_some_and(|leaf| *leaf < may);
        // Days of heads are whole days: more than `age` of them apart is at least so many times 24 hours.
        let surely = |age: u32| {
            let old = |index: u64| self.calendar.day_of(index).is_some_and(|own| own.0.saturating_add(age) < day.0);
            let counts = |(index, order): &&(u64, &Opening)| old(*index) && !is_confirmed(order) && !is_open_question(*index);
            emergencies.iter().filter(counts).count() as u64
        };
        let standing = emergencies.iter().filter(|(index, _)| *index < stood).count() as u64;
        let all_open = hidden.first().is_none_or(|first| may <= *first);
        let most = if all_open { emergencies.len() as u64 } else { u64::MAX };
        let bounds = |least| Bounds { least, most };
        let overdue = surely(days(self.terms.confirm_within));
        [
            ("emergencies", count.emergencies, bounds(standing)),
            ("unconfirmed", count.unconfirmed, bounds(surely(1))),
            ("overdue", count.overdue, bounds(overdue)),
        ]
    }
}

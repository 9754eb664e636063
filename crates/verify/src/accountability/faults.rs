//! What is not as it must be, and how anyone sees it.

use std::collections::BTreeSet;

use super::{Ledger, days};
use crate::calendar::Day;
use crate::record::{Kind, Opening, Value};

/// NOT-03, LOG-52.
const NOTICE_GRACE_DAYS: u32 = 30;
/// LOG-54.
const DEFAULT_WITHIN_DAYS: u32 = 7;

/// How a fault counts in the exit status of LOG-94.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A check failed: 3.
    Failed,
    /// Something is overdue: 13.
    Overdue,
}

/// One public fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub weight: Weight,
    /// The rule.
    pub code: &'static str,
    pub what: String,
}

impl Fault {
    pub(super) fn failed(code: &'static str, what: String) -> Fault {
        Fault { weight: Weight::Failed, code, what }
    }

    fn overdue(code: &'static str, what: String) -> Fault {
        Fault { weight: Weight::Overdue, code, what }
    }
}

impl Ledger {
    /// Every public fault as of `today`, once both logs are heard.
    pub fn faults(&self, today: Day) -> Vec<Fault> {
        let mut faults = self.faults.clone();
        for (index, due) in self.overdue(today) {
            faults.push(Fault::overdue("LOG-47", format!("index {index}: due {due}")));
            if due.0.saturating_add(DEFAULT_WITHIN_DAYS) < today.0 && self.named_for(index).is_none() {
                faults.push(Fault::failed("LOG-54", format!("index {index}: the log does not say who submitted it")));
            }
        }
        // What is said of an index that ORDERS has not got (LOG-48): whatever no leaf was held against.
        faults.extend(self.said.keys().map(|index| Fault::failed("LOG-48", format!("index {index}: disclosed, and not in the log"))));
        faults.extend(self.renewal_faults());
        faults.extend(self.child_faults());
        faults.extend(self.said_wrongly());
        faults.extend(self.notice_faults(today));
        faults.extend(self.counter_faults());
        faults
    }

    /// LOG-50, NOT-04: each renewal has an opened extension of its own that is older than it, and none reaches past max_total_seal.
    fn renewal_faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (index, renewals) in &self.renewed {
            let end = self.last_day(*index);
            for renewal in renewals.iter().filter(|renewal| end.is_some_and(|end| end < renewal.to)) {
                faults.push(Fault::failed("LOG-50", format!("index {index}: renewed to {}, past the longest total time", renewal.to)));
            }
            if self.opening(*index).is_none() {
                continue;
            }
            let extensions = self.extensions(*index);
            for (number, renewal) in renewals.iter().enumerate() {
                // A leaf that the first head after the renewal does not cover is younger than it.
                let before = self.calendar.after(renewal.at).unwrap_or(u64::MAX);
                if extensions.iter().filter(|leaf| **leaf < before).count() <= number {
                    faults.push(Fault::failed("LOG-50", format!("index {index}: renewed to {} without an opened extension", renewal.to)));
                }
            }
        }
        faults
    }

    /// Places of the extensions of an order. One that was logged twice, under another r, is one.
    fn extensions(&self, index: u64) -> Vec<u64> {
        let mut seen = BTreeSet::new();
        self.children(index, Kind::Extension).filter(|(_, opening)| seen.insert(opening.record_hash())).map(|(leaf, _)| leaf).collect()
    }

    /// LOG-48: the parent of an opened record stands in the log, before it.
    fn child_faults(&self) -> Vec<Fault> {
        let early = self
            .by_parent
            .iter()
            .flat_map(|((parent, _), children)| children.iter().filter(move |child| *child <= parent).map(move |child| (*child, *parent)));
        let fault = |(index, parent)| Fault::failed("LOG-48", format!("index {index}: its parent {parent} does not stand before it"));
        early.map(fault).collect()
    }

    /// NOT-12, LOG-50, LOG-43: leaves under an order that say what they may not: a notice before its quarter or of another C_ord, an
    /// extension past the longest total time or by another court than the order's.
    fn said_wrongly(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for kind in [Kind::Order, Kind::Emergency, Kind::Preservation] {
            for (index, order) in self.opened_of(kind) {
                let mut wrong = |code, leaf, what: &str| faults.push(Fault::failed(code, format!("index {leaf}: {what} of index {index}")));
                for (leaf, notice) in self.children(index, Kind::Notice) {
                    if notice.shown(19) != order.shown(19) {
                        wrong("NOT-13", leaf, "a notice with another C_ord than that");
                    } else if self.is_early(leaf, order) {
                        wrong("NOT-12", leaf, "a notice before the quarter");
                    }
                }
                for (leaf, extension) in self.children(index, Kind::Extension) {
                    if self.last_day(index).is_some_and(|last| due(extension).is_some_and(|due| last.start() < due)) {
                        wrong("LOG-50", leaf, "an extension past the longest total time");
                    }
                    if let (Some(own), Some(by)) = (order.shown(3), extension.shown(3))
                        && own != by
                    {
                        wrong("LOG-43", leaf, "an extension by another court than that");
                    }
                }
            }
        }
        faults
    }

    /// LOG-50: the last day to which anything about the order at `index` may be put off.
    fn last_day(&self, index: u64) -> Option<Day> {
        Some(Day(self.calendar.day_of(index)?.0.saturating_add(self.terms.max_total_seal_days)))
    }

    /// NOT-12. A leaf is dated late rather than early (LOG-45), so that nobody is accused for a log that was slow.
    fn is_early(&self, notice: u64, order: &Opening) -> bool {
        let begins = due(order).map(|due| Day::containing(due).quarter_begins());
        self.calendar.day_of(notice).is_some_and(|day| begins.is_some_and(|begins| day < begins))
    }

    /// LOG-52, NOT-03: a notice or an extension within 30 days after notice was due.
    ///
    /// While a leaf of that time is sealed it may be the notice, so the fault shows when the last of them is disclosed or overdue.
    fn notice_faults(&self, today: Day) -> Vec<Fault> {
        let (mut faults, sealed) = (Vec::new(), self.sealed(today));
        for kind in [Kind::Order, Kind::Emergency, Kind::Preservation] {
            for (index, opening) in self.orders_of(kind) {
                let Some(limit) = self.notice_limit(index, opening) else { continue };
                if today <= limit {
                    continue;
                }
                let in_time = self.calendar.dated_by(Day(limit.0 + 1));
                let is_one = |notice: &Opening, leaf| notice.shown(19) == opening.shown(19) && !self.is_early(leaf, opening);
                let given = self.children_of_order(opening, Kind::Notice).any(|(leaf, notice)| leaf < in_time && is_one(notice, leaf));
                let next = sealed.get(sealed.partition_point(|leaf| *leaf <= index));
                let open_question = next.is_some_and(|leaf| *leaf < in_time);
                // Nothing is dated to the end of the limit yet: the notice may still be found to be in time.
                let dated = self.calendar.last_day().is_some_and(|day| limit < day);
                if !given && !open_question && dated {
                    faults.push(Fault::overdue("NOT-03", format!("index {index}: no notice by {limit}")));
                }
            }
        }
        faults
    }

    /// Last day for the notice of an order, extensions counted.
    fn notice_limit(&self, index: u64, opening: &Opening) -> Option<Day> {
        let own = due(opening)?;
        let extended = self.children_of_order(opening, Kind::Extension).filter_map(|(_, extension)| due(extension)).max();
        let extended = extended.map(|due| self.last_day(index).map_or(due, |last| due.min(last.start())));
        let last = own.max(extended.unwrap_or(own));
        Some(Day(Day::containing(last).0.saturating_add(NOTICE_GRACE_DAYS)))
    }

    /// SEA-70: was the emergency confirmed, and in time? By the days of LOG-45.
    pub(super) fn confirmation(&self, order: &Opening) -> &'static str {
        let first = self.children_of_order(order, Kind::Confirmation).map(|(leaf, _)| leaf).min();
        let day = |leaf| self.calendar.day_of(leaf);
        match (first.and_then(day), self.logged_on(order)) {
            (None, _) => "missing",
            (Some(then), Some(own)) if then.0 <= own.0.saturating_add(days(self.terms.confirm_within)) => "in-time",
            _ => "late",
        }
    }
}

/// Field 12, which every opening shows.
fn due(opening: &Opening) -> Option<u64> {
    match opening.shown(12) {
        Some(Value::NoticeDue(due)) => Some(*due),
        _ => None,
    }
}

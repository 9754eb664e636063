//! One evidence file, opened again by a stranger (SEA-65): keys, retention values, records, presence, absence, completeness.

use std::collections::BTreeSet;

use seal::catalogue::Record;
use seal::committee::IdentityKey;
use seal::epoch::STRAGGLING_MAX;
use seal::open::verify_opened;
use seal::segment::{SegmentLeaf, audit};
use seal::selector::Selector;

use super::case::Case;
use super::contents::Segments;
use super::failure::{Failure, What};
use super::heads::{self, Heads};
use super::report::Place;
use crate::evidence::{EpochPart, EvidenceFile};
use crate::log::quorum::Witnessed;
use crate::policy::Policy;
use crate::record::Digest;
use crate::statement::Statement;

/// What the judgement of a slot needs besides its file. Shared by threads.
pub(super) struct Bench<'a> {
    pub policy: &'a Policy,
    pub public: &'a Heads<'a>,
    pub case: &'a Case,
    pub segments: Option<&'a dyn Segments>,
}

/// When something was in PUBLIC at the latest, and the size of the head that shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub by: u64,
    pub size: u64,
}

impl Seen {
    fn under(head: &Witnessed) -> Seen {
        Seen { by: head.not_after(), size: head.head().size }
    }
}

/// A slot that could be opened again.
pub(super) struct OpenedSlot {
    /// Records of each selector, in the order of epochs and counters.
    pub records: Vec<(Selector, Vec<Record>)>,
    pub epochs: u64,
    pub late_epochs: u64,
    /// epoch_hash of every epoch shown.
    pub shown: BTreeSet<Digest>,
    /// SHA-256 of every segment leaf that was opened.
    pub opened: BTreeSet<Digest>,
    /// Latest head under which an epoch or segment statement is shown, and the one of the slot-close.
    pub committed: Seen,
    pub closed: Seen,
    /// Auditors that fetched the segments of which the reader has no copy.
    pub auditors: Vec<String>,
    /// Segments that neither an auditor nor the reader has seen, that only an auditor has, that the reader has.
    pub unseen: usize,
    pub audited: usize,
    pub at_hand: usize,
}

/// A finding within one slot.
pub(super) fn place(file: &EvidenceFile, category: &str) -> Place {
    Place::Slot { category: category.to_owned(), start: file.slot.start(), end: file.slot.end() }
}

/// Opens the slot again. The first contradiction ends it.
pub(super) fn open(bench: &Bench<'_>, file: &EvidenceFile, category: &str) -> Result<OpenedSlot, Failure> {
    let fail = |rule, what| Failure::new(rule, place(file, category), what);
    check_identities(bench, file).map_err(|(rule, what)| fail(rule, what))?;
    let inner = |rule, part, error: String| Failure::inner(rule, place(file, category), part, error);
    let close = heads::statement(bench.policy, bench.public, &file.slot_close);
    let close = close.map_err(|e| inner(e.rule(), "slot-close", e.to_string()))?;
    check_completeness(bench, file).map_err(|(rule, what)| fail(rule, what))?;
    let keys = check_keys(bench, file).map_err(|(rule, what)| fail(rule, what))?;
    let mut slot = OpenedSlot {
        records: keys.iter().map(|key| (key.identity().selector().clone(), Vec::new())).collect(),
        epochs: file.epochs.iter().filter(|e| !file.is_later(&e.header)).count() as u64,
        late_epochs: file.epochs.iter().filter(|e| file.is_later(&e.header)).count() as u64,
        shown: file.epochs.iter().map(|e| e.leaf.epoch_hash).collect(),
        opened: BTreeSet::new(),
        committed: Seen { by: 0, size: 0 },
        closed: Seen::under(&close),
        auditors: Vec::new(),
        unseen: 0,
        audited: 0,
        at_hand: 0,
    };
    for epoch in &file.epochs {
        let failure = |(rule, part, error): Broken| inner(rule, part, error);
        check_statements(bench, epoch, &mut slot).map_err(failure)?;
        open_epoch(bench, epoch, &keys, &mut slot).map_err(failure)?;
    }
    Ok(slot)
}

type Broken = (&'static str, &'static str, String);

/// REL-14, SEA-64: exactly the intent's identities of this category and slot.
fn check_identities(bench: &Bench<'_>, file: &EvidenceFile) -> Result<(), (&'static str, What)> {
    let shown: BTreeSet<Digest> = file.identities.iter().map(|shown| shown.identity.digest()).collect();
    let asked = bench.case.identities.iter().filter(|id| id.category() == file.category && id.slot() == file.slot);
    if shown != asked.map(|id| id.digest()).collect() {
        return Err(("SEA-64", What::EvidenceOfOthers));
    }
    // SEA-42, REL-17: no key of a slot before its end and grace, by the cosigned time.
    if bench.case.now() < file.slot.end().saturating_add(bench.policy.times().grace) {
        return Err(("REL-17", What::SlotNotEnded));
    }
    let days = bench.policy.category(file.category).map_or(0, |rule| u64::from(rule.retention_days));
    // REL-18. A hold (kind 3) is not carried by a package of this version.
    if file.slot.end().saturating_add(days * 86_400) < bench.case.now() {
        return Err(("REL-18", What::OutsideRetention));
    }
    Ok(())
}

/// SEA-81: the epochs shown are the ones that the slot-close counts and roots.
fn check_completeness(bench: &Bench<'_>, file: &EvidenceFile) -> Result<(), (&'static str, What)> {
    let Statement::SlotClose(close) = file.slot_close.statement.statement() else {
        return Err(("SEA-81", What::SlotCloseOfOther));
    };
    if close.provider != bench.policy.parts().provider {
        return Err(("SEA-81", What::SlotCloseOfOther));
    }
    let ours = |e: &EpochPart| e.header.key_id == bench.policy.key_id() && e.header.provider == bench.policy.parts().provider;
    if !file.epochs.iter().all(ours) {
        return Err(("SEA-81", What::EpochOfOthers));
    }
    let leaves: Vec<SegmentLeaf> = file.epochs.iter().filter(|e| !file.is_later(&e.header)).map(|e| e.leaf).collect();
    if leaves.len() as u64 != close.epochs {
        return Err(("SEA-81", What::EpochCount));
    }
    if SegmentLeaf::slot_root(&leaves) != close.root {
        return Err(("SEA-81", What::SlotCloseRoot));
    }
    Ok(())
}

/// SEA-65: each d against P_pub.
fn check_keys(bench: &Bench<'_>, file: &EvidenceFile) -> Result<Vec<IdentityKey>, (&'static str, What)> {
    let check = |shown: &crate::evidence::ShownKey| IdentityKey::check(&shown.key, &shown.identity, bench.policy.public_key());
    file.identities.iter().map(|shown| check(shown).map_err(|_| ("SEA-65", What::KeyDoesNotFit))).collect()
}

/// LOG-46, SEA-44: signed, in PUBLIC, and who fetched the segment.
fn check_statements(bench: &Bench<'_>, epoch: &EpochPart, slot: &mut OpenedSlot) -> Result<(), Broken> {
    for (part, shown) in [("epoch", &epoch.epoch), ("segment", &epoch.segment)] {
        let head = heads::statement(bench.policy, bench.public, shown).map_err(|e| (e.rule(), part, e.to_string()))?;
        let seen = Seen::under(&head);
        slot.committed = Seen { by: slot.committed.by.max(seen.by), size: slot.committed.size.max(seen.size) };
    }
    for shown in &epoch.sorted {
        heads::statement(bench.policy, bench.public, shown).map_err(|e| (e.rule(), "segment-sorted", e.to_string()))?;
    }
    // An epoch that does not take the slot proves nothing about absence, so nobody needs to have looked at it.
    if epoch.parts.iter().all(Option::is_none) {
        return Ok(());
    }
    match bench.segments.and_then(|segments| segments.segment(&epoch.leaf.epoch_hash)) {
        Some(octets) => {
            audit(&octets, &epoch.leaf).map_err(|e| ("SEA-44", "segment", e.to_string()))?;
            slot.at_hand += 1;
        }
        // One record or none is sorted by itself.
        None if epoch.leaf.n_records <= 1 => {}
        None if epoch.sorted.is_empty() => slot.unseen += 1,
        None => {
            slot.audited += 1;
            let names: BTreeSet<String> = epoch.sorted.iter().flat_map(|shown| heads::signers(bench.policy, shown)).collect();
            slot.auditors.extend(names);
            slot.auditors.sort_unstable();
            slot.auditors.dedup();
        }
    }
    Ok(())
}

/// SEA-65: w_b against wroot, keys, locators, records, presence and absence.
fn open_epoch(bench: &Bench<'_>, epoch: &EpochPart, keys: &[IdentityKey], slot: &mut OpenedSlot) -> Result<(), Broken> {
    let straggling = STRAGGLING_MAX.min(bench.policy.times().grace);
    for ((key, part), (_, records)) in keys.iter().zip(&epoch.parts).zip(&mut slot.records) {
        let Some(part) = part else { continue };
        let shown = (part.entries.as_slice(), &part.absence);
        let opened = verify_opened(key, &epoch.header, &epoch.leaf, &part.bucket, shown, straggling);
        records.extend(opened.map_err(|e| ("SEA-65", "evidence", e.to_string()))?);
        slot.opened.insert(epoch.leaf.digest());
    }
    Ok(())
}

//! One evidence file, opened again by a stranger (SEA-65): keys, retention values, records, presence, absence.
//!
//! Its statements were judged with the case (REL-17: signatures, inclusion, slot-close, completeness); here the records are.

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
    /// Highest place in PUBLIC of what the records rest on.
    pub last_index: u64,
    /// Place in PUBLIC of the slot-close.
    pub close_index: u64,
    /// Auditors that fetched the segments of which the reader has no copy.
    pub auditors: Vec<String>,
    /// Segments that neither an auditor nor the reader has seen, that only an auditor has, that the reader has.
    pub unseen: usize,
    pub audited: usize,
    pub at_hand: usize,
}

type Broken = (&'static str, What);

fn inner(rule: &'static str, part: &'static str, error: impl std::fmt::Display) -> Broken {
    (rule, What::Inner { part, text: error.to_string() })
}

/// Opens the slot again. The first contradiction ends it.
pub(super) fn open(bench: &Bench<'_>, file: &EvidenceFile, keys: &Keys, place: &Place) -> Result<OpenedSlot, Failure> {
    let failure = |(rule, what): Broken| Failure::new(rule, place.clone(), what);
    check_identities(bench, file).map_err(failure)?;
    check_complete(bench, file).map_err(failure)?;
    let keys = keys.as_ref().ok_or(("SEA-65", What::KeyDoesNotFit)).map_err(failure)?;
    let late_epochs = file.epochs.iter().filter(|e| file.is_later(&e.header)).count() as u64;
    let mut slot = OpenedSlot {
        records: keys.iter().map(|key| (key.identity().selector().clone(), Vec::new())).collect(),
        epochs: file.epochs.len() as u64 - late_epochs,
        late_epochs,
        shown: file.epochs.iter().map(|e| e.leaf.epoch_hash).collect(),
        opened: BTreeSet::new(),
        last_index: 0,
        close_index: file.slot_close.proof.index,
        auditors: Vec::new(),
        unseen: 0,
        audited: 0,
        at_hand: 0,
    };
    // An epoch that does not take the slot holds none of its records; the slot-close needs it for its count only.
    for epoch in file.epochs.iter().filter(|epoch| epoch.parts.iter().any(Option::is_some)) {
        slot.last_index = slot.last_index.max(epoch.epoch.proof.index).max(epoch.segment.proof.index);
        slot.opened.insert(epoch.leaf.digest());
        check_sorted(bench, epoch, &mut slot).map_err(failure)?;
        open_epoch(bench, epoch, keys, &mut slot).map_err(failure)?;
    }
    Ok(slot)
}

/// SEA-64: exactly the intent's identities of this category and slot.
fn check_identities(bench: &Bench<'_>, file: &EvidenceFile) -> Result<(), Broken> {
    let shown: BTreeSet<Digest> = file.identities.iter().map(|shown| shown.identity.digest()).collect();
    let asked = bench.case.identities.iter().filter(|id| id.category() == file.category && id.slot() == file.slot);
    if shown == asked.map(|id| id.digest()).collect() { Ok(()) } else { Err(("SEA-64", What::EvidenceOfOthers)) }
}

/// SEA-81, SEA-63: the file itself shows every epoch that its slot-close counts, and every late one for the slot that the package
/// knows. REL-15 and REL-17 compare release set and slot-close with the statements of the whole package, where an epoch
/// may stand in the log file only, and then nobody would open it.
fn check_complete(bench: &Bench<'_>, file: &EvidenceFile) -> Result<(), Broken> {
    let Statement::SlotClose(close) = file.slot_close.statement.statement() else { return Err(("SEA-81", What::EpochCount)) };
    let leaves: Vec<SegmentLeaf> = file.epochs.iter().filter(|e| !file.is_later(&e.header)).map(|e| e.leaf).collect();
    // REL-17 held the count and the root against the same statements, so the root decides the count too.
    if SegmentLeaf::slot_root(&leaves) != close.root {
        return Err(("SEA-81", What::EpochCount));
    }
    let mut late = bench.case.late_epochs.iter().filter(|header| header.admits(file.slot).is_ok());
    let all_shown = late.all(|header| file.epochs.iter().any(|shown| shown.header == *header));
    if all_shown { Ok(()) } else { Err(("SEA-63", What::LateEpochMissing)) }
}

/// The keys of a file, each against P_pub (SEA-65); nothing where one does not fit.
pub(super) type Keys = Option<Vec<IdentityKey>>;

/// Files whose keys are checked in one equation: two pairings, little beside hashing sixteen identities, and a day of hours
/// still makes work for two threads.
pub(super) const KEY_RUN: usize = 16;

/// SEA-65, SEA-85: the keys of several files in one equation; if it does not hold, of each file by itself.
pub(super) fn check_keys(policy: &Policy, files: &[EvidenceFile]) -> Vec<Keys> {
    let of = |files: &[EvidenceFile]| {
        let shown: Vec<_> = files.iter().flat_map(|file| &file.identities).map(|shown| (&shown.key, &shown.identity)).collect();
        IdentityKey::check_all(&shown, policy.public_key()).ok()
    };
    let Some(all) = of(files) else { return files.iter().map(|file| of(std::slice::from_ref(file))).collect() };
    let mut all = all.into_iter();
    files.iter().map(|file| Some(all.by_ref().take(file.identities.len()).collect())).collect()
}

/// SEA-44: who has seen that the segment is sorted.
fn check_sorted(bench: &Bench<'_>, epoch: &EpochPart, slot: &mut OpenedSlot) -> Result<(), Broken> {
    for shown in &epoch.sorted {
        heads::statement(bench.policy, bench.public, shown).map_err(|e| inner(e.rule(), "segment-sorted", e))?;
    }
    match bench.segments.and_then(|segments| segments.segment(&epoch.leaf.epoch_hash)) {
        Some(octets) => {
            audit(&octets, &epoch.leaf).map_err(|e| inner("SEA-44", "segment", e))?;
            slot.at_hand += 1;
        }
        // One record or none is sorted by itself.
        None if epoch.leaf.n_records <= 1 => {}
        None if epoch.sorted.is_empty() => slot.unseen += 1,
        None => {
            slot.audited += 1;
            slot.auditors.extend(epoch.sorted.iter().flat_map(|shown| heads::signers(bench.policy, shown)));
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
        records.extend(opened.map_err(|e| inner("SEA-65", "evidence", e))?);
    }
    Ok(())
}

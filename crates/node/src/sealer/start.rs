//! Going on after the last commit: what was finished, what is still to be published, what a crash left behind.

use std::collections::{BTreeMap, BTreeSet};

use seal::identity::{Slot, SlotLen};
use seal::merkle::Hash;
use seal::segment::SegmentLeaf;
use sources::Position;

use super::commit::{Commit, Done};
use super::core::Recovered;
use super::shell::Failure;
use crate::segment_store::SegmentStore;
use crate::vault::Vault;

/// What a start finds.
pub struct Found {
    pub recovered: Recovered,
    /// Commits without the mark that PUBLIC holds them, in order.
    pub unpublished: Vec<Commit>,
    /// Epochs that were open at the end and never committed: swept.
    pub abandoned: usize,
}

/// An epoch is committed at most this long before its end, and at most this long after its start it is over (SEA-80).
const EPOCH_SPAN: u64 = 2 * seal::epoch::EPOCH_MAX;

/// Walks back from the last commit and sweeps what was never committed.
pub async fn find(store: &SegmentStore, vault: &Vault, len: SlotLen) -> Result<Found, Failure> {
    let last = store.last_commit().await?.ok_or(Failure::Refused("the sealer was never begun; `waarborg sealer init` does it"))?;
    let published = store.last_published().await?;
    let open = store.open_epochs().await?;
    let mut walk = Walk::default();
    let mut commit = read(store, last).await?;
    let newest = commit.clone();
    loop {
        walk.take(&commit, published, vault)?;
        let is_published = published.is_some_and(|published| commit.seq <= published);
        let is_old = walk.next_slot.is_some_and(|slot| commit.time + EPOCH_SPAN < slot);
        let all_known = open.iter().all(|hash| walk.committed.contains(hash));
        // Marks of abandoned epochs are never found: then the walk ends where commits are older than any epoch still open.
        let too_old_for_open = commit.time + EPOCH_SPAN < newest.time;
        if commit.seq == 0 || (is_published && is_old && walk.has_lease && (all_known || too_old_for_open)) {
            break;
        }
        let before = read(store, commit.seq - 1).await?;
        if before.hash() != commit.previous {
            return Err(Failure::Refused("the chain of commits is broken"));
        }
        commit = before;
    }
    let mut abandoned = 0;
    for hash in open {
        if walk.committed.contains(&hash) {
            store.forget_open(&hash).await?;
        } else {
            store.sweep(&hash).await?;
            abandoned += 1;
        }
    }
    let next_slot = walk.next_slot.ok_or(Failure::Refused("no commit says which slot is next"))?;
    let mut leaves: BTreeMap<u64, Vec<SegmentLeaf>> = BTreeMap::new();
    let mut late_days: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    for (end, leaf, late_day) in walk.leaves.into_iter().filter(|(end, ..)| next_slot < *end) {
        let slot = Slot::containing(len, end - 1).start();
        leaves.entry(slot).or_default().push(leaf);
        if let Some(day) = late_day {
            late_days.entry(slot).or_default().insert(day);
        }
    }
    walk.unpublished.reverse();
    Ok(Found { recovered: Recovered { last: newest, next_slot, leaves, late_days }, unpublished: walk.unpublished, abandoned })
}

/// How far each source is sealed, by the last commit. Reads only: also beside a running sealer.
pub async fn sealed_positions(store: &SegmentStore) -> Result<BTreeMap<String, Position>, Failure> {
    let last = store.last_commit().await?.ok_or(Failure::Refused("the sealer was never begun; `waarborg sealer init` does it"))?;
    let commit = read(store, last).await?;
    Ok(commit.sources.into_iter().map(|(name, state)| (name, state.position)).collect())
}

/// What is gathered from the newest commit back.
#[derive(Default)]
struct Walk {
    next_slot: Option<u64>,
    /// End, leaf, and the day that a late epoch is about.
    leaves: Vec<(u64, SegmentLeaf, Option<u64>)>,
    committed: BTreeSet<Hash>,
    /// Whether an epoch has told of a lease, by which an older copy of the vault is known. After quiet days that is far back.
    has_lease: bool,
    unpublished: Vec<Commit>,
}

impl Walk {
    fn take(&mut self, commit: &Commit, published: Option<u64>, vault: &Vault) -> Result<(), Failure> {
        match &commit.done {
            Done::Begun { first_slot } => {
                self.next_slot.get_or_insert(*first_slot);
            }
            Done::Epochs(epochs) => {
                for epoch in epochs {
                    if !vault.has_given(epoch.header.lease)? {
                        return Err(Failure::Refused("SEA-20: the vault was put back to an older copy than the store"));
                    }
                    self.has_lease = true;
                    self.committed.insert(epoch.leaf.epoch_hash);
                    let late_day = epoch.header.cover.map(|cover| cover.from / verify::calendar::DAY);
                    self.leaves.push((epoch.header.end, epoch.leaf, late_day));
                }
            }
            Done::Slots { salt_maps, slots } => {
                if let Some(last) = slots.last() {
                    self.next_slot.get_or_insert(last.to);
                }
                // A crash may have come between the commit and these notes; noting twice changes nothing.
                for (day, map) in salt_maps {
                    vault.note_published_map(u64::from(day.0), map)?;
                }
            }
            Done::Shredded { category, day, .. } => vault.note_shred_logged(*category, u64::from(day.0))?,
        }
        if published.is_none_or(|published| published < commit.seq) {
            self.unpublished.push(commit.clone());
        }
        Ok(())
    }
}

pub(super) async fn read(store: &SegmentStore, seq: u64) -> Result<Commit, Failure> {
    let octets = store.read_commit(seq).await?.ok_or(Failure::Refused("a commit is missing"))?;
    let commit = Commit::parse(&octets).map_err(|_| Failure::Refused("a commit does not read"))?;
    if commit.seq == seq { Ok(commit) } else { Err(Failure::Refused("a commit stands under another number")) }
}

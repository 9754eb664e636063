//! How far each source is committed: positions, and single records ahead of them.

use std::collections::{BTreeMap, VecDeque};

use seal::merkle::Hash;
use sources::Position;

use super::commit::SourceState;

/// One source as the sealer has read it.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Up to here everything is committed.
    committed: Position,
    /// Up to here everything has been read.
    read: Position,
    /// Batches after `committed`, in order.
    batches: VecDeque<Pending>,
    /// Number of the first of them.
    first: u64,
    /// Records that an earlier run committed ahead of its position: they are skipped when they are read again.
    skip: BTreeMap<Hash, u32>,
}

#[derive(Debug)]
struct Pending {
    position: Position,
    left: usize,
    committed: Vec<Hash>,
}

impl Progress {
    pub(super) fn recover(state: SourceState) -> Progress {
        let mut skip = BTreeMap::new();
        for digest in state.ahead {
            *skip.entry(digest).or_default() += 1;
        }
        Progress { committed: state.position.clone(), read: state.position, skip, ..Progress::default() }
    }

    pub(super) fn read(&self) -> &Position {
        &self.read
    }

    /// A batch of `records` records has been read; gives its number.
    pub(super) fn begin(&mut self, position: Position, records: usize) -> u64 {
        self.read = position.clone();
        self.batches.push_back(Pending { position, left: records, committed: Vec::new() });
        self.first + self.batches.len() as u64 - 1
    }

    /// Whether a record that was just read is committed already; then it counts as such for its batch.
    pub(super) fn skips(&mut self, batch: u64, digest: &Hash) -> bool {
        let Some(count) = self.skip.get_mut(digest) else { return false };
        *count -= 1;
        if *count == 0 {
            self.skip.remove(digest);
        }
        self.settle(batch, Some(*digest));
        true
    }

    /// A record of a batch is in a committed epoch (`Some`), or refused for good (`None`).
    pub(super) fn settle(&mut self, batch: u64, digest: Option<Hash>) {
        if let Some(pending) = batch.checked_sub(self.first).and_then(|at| self.batches.get_mut(at as usize)) {
            pending.left = pending.left.saturating_sub(1);
            pending.committed.extend(digest);
        }
    }

    /// For the next commit: passes over batches that are settled wholly.
    pub(super) fn state(&mut self) -> SourceState {
        while let Some(pending) = self.batches.pop_front_if(|pending| pending.left == 0) {
            self.committed = pending.position;
            self.first += 1;
        }
        let mut ahead: Vec<Hash> = self.batches.iter().flat_map(|pending| &pending.committed).copied().collect();
        ahead.extend(self.skip.iter().flat_map(|(digest, count)| std::iter::repeat_n(*digest, *count as usize)));
        ahead.sort_unstable();
        SourceState { position: self.committed.clone(), ahead }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Position {
        Position(text.into())
    }

    #[test]
    fn the_position_passes_only_batches_that_are_settled_wholly() {
        let mut progress = Progress::default();
        let (a, b) = (progress.begin(at("a"), 2), progress.begin(at("b"), 1));
        progress.settle(b, Some([2; 32]));
        progress.settle(a, Some([1; 32]));
        assert_eq!(progress.state(), SourceState { position: at(""), ahead: vec![[1; 32], [2; 32]] });
        progress.settle(a, None);
        assert_eq!(progress.state(), SourceState { position: at("b"), ahead: vec![] });
        assert_eq!(progress.read(), &at("b"));
    }

    #[test]
    fn records_committed_ahead_are_skipped_once_each_after_a_restart() {
        let twice = SourceState { position: at("a"), ahead: vec![[1; 32], [1; 32], [2; 32]] };
        let mut progress = Progress::recover(twice.clone());
        assert_eq!(progress.state(), twice, "nothing read yet");
        let batch = progress.begin(at("b"), 4);
        assert!(progress.skips(batch, &[1; 32]));
        assert!(progress.skips(batch, &[1; 32]));
        assert!(!progress.skips(batch, &[1; 32]), "a third equal record is new");
        assert_eq!(progress.state(), twice, "still ahead of the position");
        assert!(progress.skips(batch, &[2; 32]));
        progress.settle(batch, Some([1; 32]));
        assert_eq!(progress.state(), SourceState { position: at("b"), ahead: vec![] });
    }
}

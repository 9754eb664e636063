//! Memory for the entries of open epochs, handed on from one epoch to the next.
//!
//! A page that the system gives for the first time is cleared by it, which costs as much as sealing what then lies in it. Blocks hold
//! ciphertexts only, so the next epoch may write over those of the last.

use std::sync::{Arc, Mutex, PoisonError};

use crate::memory;

/// Octets of a block that is handed on: large enough for huge pages, some 25,000 entries of typical traffic.
pub(super) const BLOCK: usize = 1 << 23;

/// The spare blocks of a process. A clone is the same store: every epoch of a sealer has one.
#[derive(Clone, Default)]
pub struct EntryBlocks(Arc<Mutex<Spare>>);

#[derive(Default)]
struct Spare {
    blocks: Vec<Vec<u8>>,
    /// The fewest that lay here since blocks came back last: what nobody needed meanwhile.
    unused: usize,
}

impl EntryBlocks {
    /// An empty block of [`BLOCK`] octets, a spare one if there is one.
    pub(super) fn take(&self) -> Vec<u8> {
        self.spare().unwrap_or_else(|| memory::huge_paged(BLOCK))
    }

    pub(super) fn spare(&self) -> Option<Vec<u8>> {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let block = spare.blocks.pop();
        spare.unused = spare.unused.min(spare.blocks.len());
        block
    }

    /// Keeps the blocks of an epoch that has ended. Half of what nobody needed since the last one ended goes back to the system, so that
    /// an hour of imported history is not held for ever.
    pub(super) fn give_back(&self, blocks: Vec<Vec<u8>>) {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = spare.blocks.len() - spare.unused.div_ceil(2);
        spare.blocks.truncate(left);
        let whole = blocks.into_iter().filter(|block| BLOCK <= block.capacity());
        spare.blocks.extend(whole.map(|mut block| {
            block.clear();
            block
        }));
        spare.unused = spare.blocks.len();
    }

    /// Octets that lie ready.
    pub fn octets(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).blocks.len() * BLOCK
    }
}

impl std::fmt::Debug for EntryBlocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EntryBlocks({} octets spare)", self.octets())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_empty_and_what_nobody_needs_goes() {
        let blocks = EntryBlocks::default();
        let used = |count: usize| -> Vec<Vec<u8>> {
            let mut taken: Vec<_> = (0..count).map(|_| blocks.take()).collect();
            taken.iter_mut().for_each(|block| block.push(7));
            taken
        };
        blocks.give_back(used(8));
        assert_eq!(blocks.octets(), 8 * BLOCK);
        // Needed again as a whole: nothing goes.
        blocks.give_back(used(8));
        assert_eq!(blocks.octets(), 8 * BLOCK);
        assert!(blocks.spare().is_some_and(|block| block.is_empty() && BLOCK <= block.capacity()));
        // Seven are left, of which no epoch needs any.
        let left: Vec<usize> = (0..4)
            .map(|_| {
                blocks.give_back(vec![Vec::with_capacity(100)]);
                blocks.octets() / BLOCK
            })
            .collect();
        assert_eq!(left, [3, 1, 0, 0]);
    }
}

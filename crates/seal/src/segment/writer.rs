//! From entries in order of arrival to a segment.

use std::hint::black_box;

use super::blocks::EntryBlocks;
use super::{HEAD, RUN, SegmentLeaf, runs};
use crate::locator::{CIPHERTEXT_MAX, Locator};
use crate::memory;
use crate::merkle::{self, Hash, Tree};

/// Collects entries in order of arrival and sorts them at the end.
///
/// In blocks that never grow: nothing is copied while records come in, and no copy of a plaintext that was about to be sealed
/// stays behind where a block was.
#[derive(Default)]
pub(crate) struct SegmentWriter {
    spare: EntryBlocks,
    blocks: Vec<Vec<u8>>,
    places: Vec<Place>,
}

/// Where an entry begins, and the first octets of its locator, so that sorting seldom looks at an entry.
#[derive(Clone, Copy)]
struct Place {
    prefix: u64,
    block: u32,
    offset: u32,
}

/// Octets of the first block, some thousand entries: most epochs need no more.
const FIRST_BLOCK: usize = 1 << 20;
/// The longest entry (SEA-37).
const ENTRY_MAX: usize = HEAD + CIPHERTEXT_MAX;
/// Entries fetched together when they are put in order: more than a processor keeps reads under way.
const AHEAD: usize = 16;
/// Octets that one read fetches.
const CACHE_LINE: usize = 64;

impl SegmentWriter {
    /// From now on with blocks of earlier epochs; those of this one go to them at its end.
    pub(crate) fn take_from(&mut self, spare: &EntryBlocks) {
        self.spare = spare.clone();
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Appends an entry whose ciphertext `seal` writes behind what is there; without it nothing is appended.
    pub(crate) fn push<E>(&mut self, locator: &Locator, seal: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        if self.blocks.last().is_none_or(|block| block.capacity() - block.len() < ENTRY_MAX) {
            self.blocks.push(match self.blocks.len() {
                0 => self.spare.spare().unwrap_or_else(|| Vec::with_capacity(FIRST_BLOCK)),
                _ => self.spare.take(),
            });
        }
        let number = self.blocks.len() - 1;
        let entries = &mut self.blocks[number];
        let from = entries.len();
        entries.extend_from_slice(locator);
        entries.extend_from_slice(&[0, 0]);
        if let Err(error) = seal(entries) {
            entries.truncate(from);
            return Err(error);
        }
        // Ciphertexts come from `locator::seal_into` only, which makes at most 65,488 octets.
        let len = (entries.len() - from - HEAD) as u16;
        entries[from + HEAD - 2..from + HEAD].copy_from_slice(&len.to_be_bytes());
        let prefix = locator.first_chunk().map_or(0, |octets| u64::from_be_bytes(*octets));
        // Cannot lose anything: 2^32 blocks are four petabytes, and an offset lies inside a block.
        self.places.push(Place { prefix, block: number as u32, offset: from as u32 });
        Ok(())
    }

    fn from(&self, place: Place) -> &[u8] {
        &self.blocks[place.block as usize][place.offset as usize..]
    }

    fn entry(&self, place: Place) -> &[u8] {
        let from = self.from(place);
        &from[..HEAD + usize::from(u16::from_be_bytes([from[32], from[33]]))]
    }

    /// Reads an octet of each line of these entries, as far as an entry of usual length goes: no read waits for another.
    fn fetch(&self, places: &[Place]) {
        for place in places {
            black_box(self.from(*place).iter().step_by(CACHE_LINE).take(5).fold(0, |all, octet| all ^ octet));
        }
    }

    /// Segment, leaf and run index.
    pub(crate) fn finish(mut self, epoch_hash: Hash) -> (Vec<u8>, SegmentLeaf, Vec<u8>) {
        let mut places = std::mem::take(&mut self.places);
        places.sort_unstable_by(|left, right| {
            left.prefix.cmp(&right.prefix).then_with(|| self.entry(*left)[..32].cmp(&self.entry(*right)[..32]))
        });
        let mut segment = memory::huge_paged(self.blocks.iter().map(Vec::len).sum());
        let mut hashes = Vec::with_capacity(places.len());
        let mut firsts = Vec::with_capacity(places.len().div_ceil(RUN));
        let locator = |entry: &[u8]| -> Locator { entry.first_chunk().copied().unwrap_or([0; 32]) };
        for run in places.chunks(AHEAD) {
            self.fetch(run);
            for place in run {
                let entry = self.entry(*place);
                if hashes.len().is_multiple_of(RUN) {
                    firsts.push((locator(entry), segment.len() as u64));
                }
                segment.extend_from_slice(entry);
                hashes.push(merkle::public_leaf_hash(entry));
            }
        }
        let end = |place: Option<&Place>| place.map_or([0; 32], |place| locator(self.entry(*place)));
        let (first, last) = (end(places.first()), end(places.last()));
        let tree = Tree::new(hashes);
        let leaf = SegmentLeaf { epoch_hash, n_records: places.len() as u64, first, last, root: tree.root() };
        let runs = runs::index(&tree, firsts.into_iter(), segment.len() as u64);
        self.spare.give_back(self.blocks);
        (segment, leaf, runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::Segment;

    #[test]
    fn entries_of_many_blocks_come_out_sorted_with_leaf_and_run_index() {
        // Long ones, so that three blocks are begun; the last octets of some locators decide their order.
        let mut writer = SegmentWriter::default();
        let mut expected: Vec<Vec<u8>> = Vec::new();
        for number in 0..180u8 {
            let mut locator = merkle::leaf_hash(&[number / 2]);
            locator[31] = locator[31].wrapping_add(number % 2);
            let ciphertext = vec![number; CIPHERTEXT_MAX - 64 * usize::from(number % 3)];
            let refused = writer.push(&locator, |out| {
                out.extend_from_slice(&ciphertext[..80]);
                Err(())
            });
            assert_eq!(refused, Err(()), "and leaves nothing behind");
            writer.push(&locator, |out| Ok::<_, ()>(out.extend_from_slice(&ciphertext))).unwrap();
            expected.push([&locator[..], &(ciphertext.len() as u16).to_be_bytes(), &ciphertext].concat());
        }
        expected.sort();
        assert_eq!((writer.len(), writer.blocks.len()), (180, 3));
        let (octets, leaf, runs) = writer.finish([7; 32]);
        assert!(octets == expected.concat());
        let segment = Segment::parse(octets).unwrap();
        assert_eq!((segment.leaf([7; 32]), segment.run_index()), (leaf, runs));
    }
}

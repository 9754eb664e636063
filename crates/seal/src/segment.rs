//! Segments: the sorted ciphertexts of one epoch, their public leaf, and proofs of presence and absence (section 8).

mod blocks;
mod proof;
mod runs;
mod writer;

pub use blocks::EntryBlocks;
pub use proof::{Absence, ProofError, ProvenEntry};
pub use runs::{RUN, RunError, RunIndex, Runs};
pub(crate) use writer::SegmentWriter;

use crate::labels;
use crate::locator::{Locator, is_ciphertext_len};
use crate::merkle::{self, Hash, Tree};

/// Octets of an entry before its ciphertext.
const HEAD: usize = 34;

/// Why octets are no segment, or not the one that a leaf states. An audit publishes it as a fault (SEA-44).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentError {
    /// Ends inside an entry.
    Short,
    /// A ciphertext of a length that no record has.
    EntryLength { index: usize },
    /// An entry is not above its predecessor: unsorted or duplicated.
    Order { index: usize },
    /// Not 144 octets, another label, or numbers and locators that cannot belong together.
    Leaf,
    /// n_records is not the number of entries.
    Count,
    /// First or last locator of the leaf is not the segment's.
    Ends,
    /// The root is another.
    Root,
}

impl std::fmt::Display for SegmentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SegmentError::Short => f.write_str("segment ends inside an entry"),
            SegmentError::EntryLength { index } => write!(f, "entry {index} has an impossible length"),
            SegmentError::Order { index } => write!(f, "entry {index} is out of order"),
            SegmentError::Leaf => f.write_str("not a segment leaf"),
            SegmentError::Count => f.write_str("number of records differs from the leaf"),
            SegmentError::Ends => f.write_str("first or last locator differs from the leaf"),
            SegmentError::Root => f.write_str("root differs from the leaf"),
        }
    }
}

impl std::error::Error for SegmentError {}

/// What the log holds of a segment, 144 octets. Public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentLeaf {
    pub epoch_hash: Hash,
    /// Also the tree size.
    pub n_records: u64,
    pub first: Locator,
    pub last: Locator,
    pub root: Hash,
}

impl SegmentLeaf {
    pub const LEN: usize = 144;

    // SEA-02
    pub fn parse(octets: &[u8]) -> Result<SegmentLeaf, SegmentError> {
        let octets: &[u8; SegmentLeaf::LEN] = octets.try_into().map_err(|_| SegmentError::Leaf)?;
        let field = |at: usize| {
            let mut out = [0; 32];
            out.copy_from_slice(&octets[at..at + 32]);
            out
        };
        let mut count = [0; 8];
        count.copy_from_slice(&octets[40..48]);
        let leaf =
            SegmentLeaf { epoch_hash: field(8), n_records: u64::from_be_bytes(count), first: field(48), last: field(80), root: field(112) };
        let consistent = match leaf.n_records {
            0 => leaf.first == [0; 32] && leaf.last == [0; 32] && leaf.root == merkle::empty_root(),
            1 => leaf.first == leaf.last,
            n => leaf.first < leaf.last && n <= merkle::SIZE_MAX,
        };
        if octets[..8] != *labels::SEGMENT || !consistent {
            return Err(SegmentError::Leaf);
        }
        Ok(leaf)
    }

    pub fn to_bytes(&self) -> [u8; SegmentLeaf::LEN] {
        let mut out = [0; SegmentLeaf::LEN];
        out[..8].copy_from_slice(labels::SEGMENT);
        out[8..40].copy_from_slice(&self.epoch_hash);
        out[40..48].copy_from_slice(&self.n_records.to_be_bytes());
        out[48..80].copy_from_slice(&self.first);
        out[80..112].copy_from_slice(&self.last);
        out[112..].copy_from_slice(&self.root);
        out
    }

    /// SHA-256 of the 144 octets: names the segment in a release set.
    pub fn digest(&self) -> Hash {
        crate::digest::sha256(&[&self.to_bytes()])
    }

    /// RFC 6962 leaf hash, for the root that `slot-close` states (SEA-81).
    pub fn leaf_hash(&self) -> Hash {
        merkle::leaf_hash(&self.to_bytes())
    }

    /// The root over the leaves of all epochs of a slot, in ascending order of epoch_hash (SEA-81).
    pub fn slot_root(leaves: &[SegmentLeaf]) -> Hash {
        let mut sorted: Vec<&SegmentLeaf> = leaves.iter().collect();
        sorted.sort_by_key(|leaf| leaf.epoch_hash);
        merkle::root(&sorted.into_iter().map(SegmentLeaf::leaf_hash).collect::<Vec<_>>())
    }
}

/// What stands at a locator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Present(ProvenEntry),
    Absent(Absence),
}

/// A segment whose entries have been split and found in strict order. Public octets.
pub struct Segment {
    octets: Vec<u8>,
    /// Start of each entry, and the end of the last.
    bounds: Vec<usize>,
    tree: Tree,
}

impl Segment {
    pub fn parse(octets: Vec<u8>) -> Result<Segment, SegmentError> {
        let mut bounds = vec![0];
        let mut hashes = Vec::new();
        let mut rest = octets.as_slice();
        let mut previous: Option<&[u8]> = None;
        while !rest.is_empty() {
            let index = hashes.len();
            let head = rest.get(..HEAD).ok_or(SegmentError::Short)?;
            let len = usize::from(u16::from_be_bytes([head[32], head[33]]));
            if !is_ciphertext_len(len) {
                return Err(SegmentError::EntryLength { index });
            }
            let entry = rest.get(..HEAD + len).ok_or(SegmentError::Short)?;
            if previous.is_some_and(|previous| head[..32] <= *previous) {
                return Err(SegmentError::Order { index });
            }
            previous = Some(&head[..32]);
            hashes.push(merkle::public_leaf_hash(entry));
            rest = &rest[HEAD + len..];
            bounds.push(octets.len() - rest.len());
        }
        Ok(Segment { tree: Tree::new(hashes), octets, bounds })
    }

    pub fn len(&self) -> usize {
        self.bounds.len() - 1
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The leaf of this segment for an epoch.
    pub fn leaf(&self, epoch_hash: Hash) -> SegmentLeaf {
        let end = |index: Option<usize>| index.and_then(|index| self.locator(index)).copied().unwrap_or([0; 32]);
        SegmentLeaf {
            epoch_hash,
            n_records: self.len() as u64,
            first: end(Some(0)),
            last: end(self.len().checked_sub(1)),
            root: self.root(),
        }
    }

    /// L ‖ ct_len ‖ ct of one entry.
    pub fn entry(&self, index: usize) -> Option<&[u8]> {
        self.octets.get(*self.bounds.get(index)?..*self.bounds.get(index + 1)?)
    }

    pub fn locator(&self, index: usize) -> Option<&Locator> {
        self.entry(index)?.first_chunk()
    }

    /// Index of a locator, or the index at which it would stand.
    ///
    /// The search branches on locators; they are random-looking and, for who may search, known.
    pub fn find(&self, locator: &Locator) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.locator(middle).map(|found| found.cmp(locator)) {
                Some(std::cmp::Ordering::Less) => low = middle + 1,
                Some(std::cmp::Ordering::Equal) => return Ok(middle),
                _ => high = middle,
            }
        }
        Err(low)
    }

    /// The entry of a locator, or its neighbours, with their proofs.
    pub fn look_up(&self, locator: &Locator) -> Found {
        let prove = |place: Option<usize>| place.and_then(|place| self.prove_presence(place));
        let (left, right) = match self.find(locator) {
            Ok(place) => match self.prove_presence(place) {
                Some(proven) => return Found::Present(proven),
                None => (None, None),
            },
            Err(place) => (prove(place.checked_sub(1)), prove(Some(place))),
        };
        Found::Absent(Absence { entries: left.into_iter().chain(right).collect() })
    }

    /// The run index that stands beside this segment in the store.
    pub fn run_index(&self) -> Vec<u8> {
        let starts = (0..self.len()).step_by(RUN);
        let firsts = starts.filter_map(|start| Some((*self.locator(start)?, self.bounds[start] as u64)));
        runs::index(&self.tree, firsts, self.octets.len() as u64)
    }

    /// The entry with its inclusion path. `None` outside the segment.
    pub fn prove_presence(&self, index: usize) -> Option<ProvenEntry> {
        let path = self.tree.inclusion_path(index)?;
        Some(ProvenEntry { entry: self.entry(index)?.to_vec(), index: index as u64, path })
    }

    /// The entries around an absent locator. `None` when it is present.
    pub fn prove_absence(&self, locator: &Locator) -> Option<Absence> {
        let place = self.find(locator).err()?;
        let neighbours = [place.checked_sub(1), Some(place)];
        Some(Absence { entries: neighbours.into_iter().flatten().filter_map(|index| self.prove_presence(index)).collect() })
    }
}

impl std::fmt::Debug for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Segment({} entries)", self.len())
    }
}

/// What an auditor does with a fetched segment: order, number, ends and root against the logged leaf (SEA-44).
pub fn audit(octets: &[u8], leaf: &SegmentLeaf) -> Result<(), SegmentError> {
    let found = Segment::parse(octets.to_vec())?.leaf(leaf.epoch_hash);
    if found.n_records != leaf.n_records {
        return Err(SegmentError::Count);
    }
    if (found.first, found.last) != (leaf.first, leaf.last) {
        return Err(SegmentError::Ends);
    }
    if found.root != leaf.root {
        return Err(SegmentError::Root);
    }
    Ok(())
}

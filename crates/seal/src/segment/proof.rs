//! Proofs over a segment that a stranger checks against its 144-octet leaf (SEA-43).

use crate::locator::{Locator, is_ciphertext_len};
use crate::merkle::{self, Hash, MerkleError};
use crate::segment::{HEAD, SegmentLeaf};

/// Why a proof of presence or absence was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// Not an entry with index and path.
    Shape,
    Merkle(MerkleError),
    /// More or fewer neighbours than the segment and the locator demand.
    Neighbours,
    /// The two neighbours do not stand side by side, or the one not at an end.
    NotAdjacent,
    /// The locator does not lie between the neighbours.
    NotBetween,
}

impl std::fmt::Display for ProofError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ProofError::Shape => "not a proven entry",
            ProofError::Merkle(error) => return error.fmt(f),
            ProofError::Neighbours => "wrong number of neighbours",
            ProofError::NotAdjacent => "neighbours are not adjacent",
            ProofError::NotBetween => "locator does not lie between the neighbours",
        })
    }
}

impl std::error::Error for ProofError {}

impl From<MerkleError> for ProofError {
    fn from(error: MerkleError) -> Self {
        ProofError::Merkle(error)
    }
}

/// An entry with its RFC 6962 inclusion path.
///
/// Layout in evidence files: entry ‖ index u64 ‖ k u8 ‖ hash(32) × k, k at most 63.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenEntry {
    pub entry: Vec<u8>,
    pub index: u64,
    pub path: Vec<Hash>,
}

impl ProvenEntry {
    /// L; zeros when the entry is too short to be one (then [`ProvenEntry::verify`] refuses).
    pub fn locator(&self) -> Locator {
        self.entry.first_chunk().copied().unwrap_or_default()
    }

    pub fn ciphertext(&self) -> &[u8] {
        self.entry.get(HEAD..).unwrap_or_default()
    }

    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.entry);
        out.extend_from_slice(&self.index.to_be_bytes());
        // A tree below 2^63 leaves has paths of at most 63 steps.
        out.push(self.path.len() as u8);
        self.path.iter().for_each(|step| out.extend_from_slice(step));
    }

    /// Takes one proven entry from the front of `octets`.
    pub fn read(octets: &mut &[u8]) -> Result<ProvenEntry, ProofError> {
        let head = octets.get(..HEAD).ok_or(ProofError::Shape)?;
        let len = usize::from(u16::from_be_bytes([head[32], head[33]]));
        if !is_ciphertext_len(len) {
            return Err(ProofError::Shape);
        }
        let entry = take(octets, HEAD + len)?.to_vec();
        let mut index = [0; 8];
        index.copy_from_slice(take(octets, 8)?);
        let steps = usize::from(take(octets, 1)?[0]);
        if 63 < steps {
            return Err(ProofError::Shape);
        }
        let path = take(octets, 32 * steps)?.chunks_exact(32).map(|step| {
            let mut hash = [0; 32];
            hash.copy_from_slice(step);
            hash
        });
        Ok(ProvenEntry { entry, index: u64::from_be_bytes(index), path: path.collect() })
    }

    /// Whether the entry stands at its index in the segment of the leaf.
    pub fn verify(&self, leaf: &SegmentLeaf) -> Result<(), ProofError> {
        let len = self.entry.get(32..HEAD).map(|len| usize::from(u16::from_be_bytes([len[0], len[1]])));
        if !len.is_some_and(|len| is_ciphertext_len(len) && self.entry.len() == HEAD + len) {
            return Err(ProofError::Shape);
        }
        let hash = merkle::public_leaf_hash(&self.entry);
        Ok(merkle::verify_inclusion(self.index, leaf.n_records, &hash, &self.path, &leaf.root)?)
    }
}

/// Proof that a locator is not in a segment: no entry (empty segment), one at an end, or two side by side.
///
/// Holds as far as the segment is sorted, which its root does not prove (SEA-44).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    pub entries: Vec<ProvenEntry>,
}

impl Absence {
    // SEA-43
    pub fn verify(&self, leaf: &SegmentLeaf, locator: &Locator) -> Result<(), ProofError> {
        for entry in &self.entries {
            entry.verify(leaf)?;
        }
        match self.entries.as_slice() {
            [] if leaf.n_records == 0 && leaf.root == merkle::empty_root() => Ok(()),
            [only] => Absence::beyond_an_end(only, leaf, locator),
            [left, right] => {
                if left.index.checked_add(1) != Some(right.index) {
                    return Err(ProofError::NotAdjacent);
                }
                if !(left.locator() < *locator && *locator < right.locator()) {
                    return Err(ProofError::NotBetween);
                }
                Ok(())
            }
            _ => Err(ProofError::Neighbours),
        }
    }

    fn beyond_an_end(only: &ProvenEntry, leaf: &SegmentLeaf, locator: &Locator) -> Result<(), ProofError> {
        let (is_first, is_last) = (only.index == 0, only.index.checked_add(1) == Some(leaf.n_records));
        let (below, above) = (*locator < only.locator(), only.locator() < *locator);
        match (is_first && below) || (is_last && above) {
            true => Ok(()),
            false if is_first || is_last => Err(ProofError::NotBetween),
            false => Err(ProofError::NotAdjacent),
        }
    }
}

fn take<'a>(octets: &mut &'a [u8], len: usize) -> Result<&'a [u8], ProofError> {
    let (front, rest) = octets.split_at_checked(len).ok_or(ProofError::Shape)?;
    *octets = rest;
    Ok(front)
}

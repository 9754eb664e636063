//! The salt map of one UTC day: which salt each selector had, committed to without naming a selector (SEA-52).
//!
//! Keyed by a day secret, so that the public root and even the leaves say nothing about who is a customer; members get the
//! day secret with the intent.

use crate::digest::sha256;
use crate::identity::Salt;
use crate::labels;
use crate::merkle::{self, Hash, MerkleError, Tree};
use crate::secret::Secret;
use crate::selector::Selector;

/// One leaf: key ‖ value, 64 octets. Says nothing without day secret and salt, so it may outlive a person's erasure (SEA-51).
pub type Leaf = [u8; 64];

/// The leaf of a selector with a salt.
pub fn salt_leaf(day_secret: &Secret<32>, selector: &Selector, salt: &Salt) -> Leaf {
    let mut leaf = [0; 64];
    leaf[..32].copy_from_slice(&salt_key(day_secret, selector));
    leaf[32..].copy_from_slice(&salt_value(selector, salt));
    leaf
}

/// Why a salt proof was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaltError {
    /// Not a salt proof.
    Shape,
    Merkle(MerkleError),
    /// The leaf is not the one of this selector and salt.
    OtherSalt,
    /// The neighbours are not adjacent, or too many or few.
    NotAdjacent,
    /// The selector's key does not lie between the neighbours.
    NotBetween,
    /// A proof of absence where presence was asked, or the reverse.
    OtherKind,
}

impl std::fmt::Display for SaltError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SaltError::Shape => "not a salt proof",
            SaltError::Merkle(error) => return error.fmt(f),
            SaltError::OtherSalt => "another salt or selector",
            SaltError::NotAdjacent => "neighbours are not adjacent",
            SaltError::NotBetween => "selector does not lie between the neighbours",
            SaltError::OtherKind => "presence and absence confused",
        })
    }
}

impl std::error::Error for SaltError {}

impl From<MerkleError> for SaltError {
    fn from(error: MerkleError) -> Self {
        SaltError::Merkle(error)
    }
}

/// What the log holds of a salt map. Public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaltRoot {
    pub root: Hash,
    pub count: u64,
}

/// A selector's place in the map of a day.
pub fn salt_key(day_secret: &Secret<32>, selector: &Selector) -> Hash {
    day_secret.expose(|secret| sha256(&[labels::SALT_MAP_KEY, secret, &[selector.sel_type()], selector.as_bytes()]))
}

/// The commitment to a selector's salt.
pub fn salt_value(selector: &Selector, salt: &Salt) -> Hash {
    sha256(&[labels::SALT_MAP_ENTRY, &salt.0, selector.as_bytes()])
}

/// The whole map, at the provider.
pub struct SaltMap {
    leaves: Vec<Leaf>,
    tree: Tree,
}

impl SaltMap {
    /// From every selector with a salt that had an account on that day. A number that changed hands within the day stands
    /// there twice, with two salts; an exact repetition counts once.
    pub fn build<'a>(day_secret: &Secret<32>, entries: impl IntoIterator<Item = (&'a Selector, &'a Salt)>) -> SaltMap {
        SaltMap::of_leaves(entries.into_iter().map(|(selector, salt)| salt_leaf(day_secret, selector, salt)))
    }

    /// From leaves that were made before.
    pub fn of_leaves(leaves: impl IntoIterator<Item = Leaf>) -> SaltMap {
        let mut leaves: Vec<Leaf> = leaves.into_iter().collect();
        leaves.sort_unstable();
        leaves.dedup();
        let tree = Tree::new(leaves.iter().map(|leaf| merkle::leaf_hash(leaf)).collect());
        SaltMap { leaves, tree }
    }

    pub fn root(&self) -> SaltRoot {
        SaltRoot { root: self.tree.root(), count: self.leaves.len() as u64 }
    }

    /// Proof that the selector had this salt. `None` when it had not.
    pub fn prove_presence(&self, day_secret: &Secret<32>, selector: &Selector, salt: &Salt) -> Option<SaltProof> {
        let leaf = salt_leaf(day_secret, selector, salt);
        let index = self.leaves.binary_search(&leaf).ok()?;
        Some(SaltProof::Present(self.proven(index)?))
    }

    /// Proof that the selector had no salt at all on that day. `None` when it had one.
    pub fn prove_absence(&self, day_secret: &Secret<32>, selector: &Selector) -> Option<SaltProof> {
        let key = salt_key(day_secret, selector);
        let place = self.leaves.partition_point(|leaf| leaf[..32] < key[..]);
        if self.leaves.get(place).is_some_and(|leaf| leaf[..32] == key[..]) {
            return None;
        }
        let neighbours = [place.checked_sub(1), Some(place)];
        Some(SaltProof::Absent(neighbours.into_iter().flatten().filter_map(|index| self.proven(index)).collect()))
    }

    fn proven(&self, index: usize) -> Option<ProvenLeaf> {
        Some(ProvenLeaf { leaf: *self.leaves.get(index)?, index: index as u64, path: self.tree.inclusion_path(index)? })
    }
}

/// A leaf with its index and inclusion path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenLeaf {
    leaf: Leaf,
    index: u64,
    path: Vec<Hash>,
}

impl ProvenLeaf {
    fn verify(&self, root: &SaltRoot) -> Result<(), SaltError> {
        let hash = merkle::leaf_hash(&self.leaf);
        Ok(merkle::verify_inclusion(self.index, root.count, &hash, &self.path, &root.root)?)
    }

    fn key(&self) -> &[u8] {
        &self.leaf[..32]
    }
}

/// Proof that a selector had a salt on a day, or none. Says nothing without the day secret.
///
/// Layout: kind u8 (1 present, 0 absent) ‖ number of leaves u8 ‖ { leaf(64) ‖ index u64 ‖ k u8 ‖ hash(32) × k }.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaltProof {
    Present(ProvenLeaf),
    /// The leaves around the selector's place: none in an empty map, one at an end, else two.
    Absent(Vec<ProvenLeaf>),
}

impl SaltProof {
    /// Two leaves with paths of 63 steps.
    pub const LEN_MAX: usize = 2 + 2 * (64 + 8 + 1 + 63 * 32);

    /// Accepts a salt for a selector on the day of the map.
    pub fn verify_presence(&self, root: &SaltRoot, day_secret: &Secret<32>, selector: &Selector, salt: &Salt) -> Result<(), SaltError> {
        let SaltProof::Present(leaf) = self else { return Err(SaltError::OtherKind) };
        let expected = (&salt_key(day_secret, selector)[..], &salt_value(selector, salt)[..]);
        if (leaf.key(), &leaf.leaf[32..]) != expected {
            return Err(SaltError::OtherSalt);
        }
        leaf.verify(root)
    }

    /// Accepts that the selector is not in the map.
    pub fn verify_absence(&self, root: &SaltRoot, day_secret: &Secret<32>, selector: &Selector) -> Result<(), SaltError> {
        let SaltProof::Absent(leaves) = self else { return Err(SaltError::OtherKind) };
        leaves.iter().try_for_each(|leaf| leaf.verify(root))?;
        let key = salt_key(day_secret, selector);
        match leaves.as_slice() {
            [] if root.count == 0 && root.root == merkle::empty_root() => Ok(()),
            [only] => {
                let (is_first, is_last) = (only.index == 0, only.index + 1 == root.count);
                match (is_first && key[..] < *only.key()) || (is_last && *only.key() < key[..]) {
                    true => Ok(()),
                    false if is_first || is_last => Err(SaltError::NotBetween),
                    false => Err(SaltError::NotAdjacent),
                }
            }
            [left, right] if left.index + 1 == right.index => {
                let between = *left.key() < key[..] && key[..] < *right.key();
                if between { Ok(()) } else { Err(SaltError::NotBetween) }
            }
            _ => Err(SaltError::NotAdjacent),
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let (kind, leaves) = match self {
            SaltProof::Present(leaf) => (1, std::slice::from_ref(leaf)),
            SaltProof::Absent(leaves) => (0, leaves.as_slice()),
        };
        let mut out = vec![kind, leaves.len() as u8];
        for leaf in leaves {
            out.extend_from_slice(&leaf.leaf);
            out.extend_from_slice(&leaf.index.to_be_bytes());
            out.push(leaf.path.len() as u8);
            leaf.path.iter().for_each(|step| out.extend_from_slice(step));
        }
        out
    }

    // SEA-02
    pub fn parse(octets: &[u8]) -> Result<SaltProof, SaltError> {
        if SaltProof::LEN_MAX < octets.len() {
            return Err(SaltError::Shape);
        }
        let [kind, count, rest @ ..] = octets else { return Err(SaltError::Shape) };
        let mut rest = rest;
        let leaves = (0..*count).map(|_| read_leaf(&mut rest)).collect::<Result<Vec<_>, _>>()?;
        if !rest.is_empty() {
            return Err(SaltError::Shape);
        }
        match (kind, leaves.len()) {
            (1, 1) => leaves.into_iter().next().map(SaltProof::Present).ok_or(SaltError::Shape),
            (0, 0..=2) => Ok(SaltProof::Absent(leaves)),
            _ => Err(SaltError::Shape),
        }
    }
}

fn read_leaf(octets: &mut &[u8]) -> Result<ProvenLeaf, SaltError> {
    let (mut leaf, mut index) = ([0; 64], [0; 8]);
    leaf.copy_from_slice(take(octets, 64)?);
    index.copy_from_slice(take(octets, 8)?);
    let index = u64::from_be_bytes(index);
    let steps = usize::from(take(octets, 1)?[0]);
    if 63 < steps || merkle::SIZE_MAX <= index {
        return Err(SaltError::Shape);
    }
    let step = |step: &[u8]| {
        let mut hash = [0; 32];
        hash.copy_from_slice(step);
        hash
    };
    let path = take(octets, 32 * steps)?.chunks_exact(32).map(step).collect();
    Ok(ProvenLeaf { leaf, index, path })
}

fn take<'a>(octets: &mut &'a [u8], len: usize) -> Result<&'a [u8], SaltError> {
    let (front, rest) = octets.split_at_checked(len).ok_or(SaltError::Shape)?;
    *octets = rest;
    Ok(front)
}

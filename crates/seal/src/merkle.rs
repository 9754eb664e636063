//! RFC 6962 Merkle trees: roots, inclusion and consistency proofs.
//!
//! Leaf SHA-256(0x00 ‖ leaf), node SHA-256(0x01 ‖ left ‖ right), empty tree SHA-256("").

use crate::digest::{sha256, sha256_public};

/// A SHA-256 value in a tree.
pub type Hash = [u8; 32];

/// Sizes stay below 2^63, so that a power of two above each fits in 64 bits.
pub const SIZE_MAX: u64 = (1 << 63) - 1;

/// Why a proof was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MerkleError {
    /// The index is not inside a tree of that size.
    IndexOutside,
    /// The older tree is larger than the newer one, or a size is above [`SIZE_MAX`].
    SizeOrder,
    /// The path has not the one length that index and size demand.
    PathLength,
    /// The path leads to another root.
    WrongRoot,
}

impl std::fmt::Display for MerkleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            MerkleError::IndexOutside => "index outside the tree",
            MerkleError::SizeOrder => "tree sizes out of order",
            MerkleError::PathLength => "proof has the wrong length",
            MerkleError::WrongRoot => "proof leads to another root",
        })
    }
}

impl std::error::Error for MerkleError {}

pub fn leaf_hash(leaf: &[u8]) -> Hash {
    sha256(&[&[0], leaf])
}

/// As [`leaf_hash`], of a leaf that is no secret and is hashed by the thousand.
pub(crate) fn public_leaf_hash(leaf: &[u8]) -> Hash {
    sha256_public(&[&[0], leaf])
}

pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256_public(&[&[1], left, right])
}

/// The root of the tree without leaves.
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// A tree with all its nodes in memory, for many proofs over the same leaves.
///
/// `levels[0]` are the leaf hashes; an odd last node rises unchanged, which gives exactly the RFC 6962 shape.
pub struct Tree {
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// From leaf hashes, in order.
    pub fn new(leaf_hashes: Vec<Hash>) -> Tree {
        let mut levels = vec![leaf_hashes];
        while let Some(below) = levels.last().filter(|level| 1 < level.len()) {
            let above = below
                .chunks(2)
                .map(|pair| match pair {
                    [left, right] => node_hash(left, right),
                    odd => odd[0],
                })
                .collect();
            levels.push(above);
        }
        Tree { levels }
    }

    pub fn size(&self) -> usize {
        self.levels[0].len()
    }

    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|top| top.first()).copied().unwrap_or_else(empty_root)
    }

    /// The nodes of one level; level 0 are the leaf hashes. Empty above the root.
    pub fn level(&self, level: usize) -> &[Hash] {
        self.levels.get(level).map_or(&[], |nodes| nodes)
    }

    /// The siblings from leaf to root; `None` outside the tree.
    pub fn inclusion_path(&self, index: usize) -> Option<Vec<Hash>> {
        if self.size() <= index {
            return None;
        }
        let siblings = self.levels.iter().enumerate().map(|(k, level)| level.get((index >> k) ^ 1));
        // The root level has no sibling: (0 ^ 1) lies outside of it. Odd last nodes have none either.
        Some(siblings.flatten().copied().collect())
    }
}

/// The root over leaf hashes.
pub fn root(leaf_hashes: &[Hash]) -> Hash {
    Tree::new(leaf_hashes.to_vec()).root()
}

/// The inclusion path of one leaf; empty when `index` is outside. For many paths build a [`Tree`].
pub fn inclusion_path(leaf_hashes: &[Hash], index: usize) -> Vec<Hash> {
    Tree::new(leaf_hashes.to_vec()).inclusion_path(index).unwrap_or_default()
}

/// Checks that `leaf` (a leaf hash) stands at `index` in the tree of `size` leaves under `root` (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, path: &[Hash], root: &Hash) -> Result<(), MerkleError> {
    if SIZE_MAX < size {
        return Err(MerkleError::SizeOrder);
    }
    if size <= index {
        return Err(MerkleError::IndexOutside);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in path {
        if last == 0 {
            return Err(MerkleError::PathLength);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // An odd last node rose without a sibling: skip the levels where it did.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(MerkleError::PathLength);
    }
    if hash != *root {
        return Err(MerkleError::WrongRoot);
    }
    Ok(())
}

/// The consistency proof from the tree of the first `old` leaves to the whole tree (RFC 6962, 2.1.2).
///
/// Empty when `old` is 0, equal to the size, or larger.
pub fn consistency_path(leaf_hashes: &[Hash], old: usize) -> Vec<Hash> {
    let mut path = Vec::new();
    if 0 < old && old < leaf_hashes.len() {
        subproof(leaf_hashes, old, true, &mut path);
    }
    path
}

fn subproof(leaves: &[Hash], old: usize, complete: bool, path: &mut Vec<Hash>) {
    if old == leaves.len() {
        if !complete {
            path.push(root(leaves));
        }
        return;
    }
    let split = largest_power_below(leaves.len());
    if old <= split {
        subproof(&leaves[..split], old, complete, path);
        path.push(root(&leaves[split..]));
    } else {
        subproof(&leaves[split..], old - split, false, path);
        path.push(root(&leaves[..split]));
    }
}

/// The largest power of two strictly below `n`, for n of at least 2.
fn largest_power_below(n: usize) -> usize {
    1 << (usize::BITS - 1 - (n - 1).leading_zeros())
}

/// Checks that the tree of `new_size` extends the tree of `old_size` (RFC 9162, 2.1.4.2). An old size of 0 has an empty
/// proof and the empty root.
pub fn verify_consistency(old_size: u64, old_root: &Hash, new_size: u64, new_root: &Hash, path: &[Hash]) -> Result<(), MerkleError> {
    if new_size < old_size || SIZE_MAX < new_size {
        return Err(MerkleError::SizeOrder);
    }
    if old_size == new_size || old_size == 0 {
        if !path.is_empty() {
            return Err(MerkleError::PathLength);
        }
        let expected = if old_size == 0 { empty_root() } else { *new_root };
        return if *old_root == expected { Ok(()) } else { Err(MerkleError::WrongRoot) };
    }
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    // When the old tree is complete, its root itself is the first node and is not repeated in the proof.
    let (start, rest) = match path {
        _ if old_size.is_power_of_two() => (*old_root, path),
        [first, rest @ ..] => (*first, rest),
        [] => return Err(MerkleError::PathLength),
    };
    let (mut old_hash, mut new_hash) = (start, start);
    for sibling in rest {
        if last == 0 {
            return Err(MerkleError::PathLength);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(MerkleError::PathLength);
    }
    if old_hash != *old_root || new_hash != *new_root {
        return Err(MerkleError::WrongRoot);
    }
    Ok(())
}

//! Which subtrees a proof consists of, as leaf ranges; the hashes come from tiles.
//!
//! RFC 6962 section 2.1, PATH and SUBPROOF, on ranges instead of hashes: so the store is asked once for all tiles that a
//! proof needs, and this stays pure.

use super::tree::complete_root;
use seal::merkle::{Hash, node_hash};
use verify::log::tile::partial_width;

/// Leaves `from..to`, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub from: u64,
    pub to: u64,
}

/// 2^height leaves starting at index * 2^height: a node that tiles hold, or hold the parts of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complete {
    pub height: u8,
    pub index: u64,
}

impl Complete {
    /// Where its hashes stand: tile (level, number), first hash, how many (a power of two up to 128).
    pub fn in_tile(self) -> (u8, u64, usize, usize) {
        let (level, rest) = (self.height / 8, self.height % 8);
        let first = self.index << rest;
        (level, first >> 8, (first & 0xff) as usize, 1 << rest)
    }
}

/// Width of tile (level, number) in a tree of `size` leaves: 256 if full.
pub fn tile_width(size: u64, level: u8, number: u64) -> u16 {
    let full = size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0);
    if number < full { 256 } else { partial_width(size, level) }
}

/// The largest power of two below `n` (n >= 2): where RFC 6962 splits.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// PATH(index, D[0:size]), leaf's sibling first. `index < size`.
pub fn inclusion(index: u64, size: u64) -> Vec<Range> {
    let (mut from, mut to, mut path) = (0, size, Vec::new());
    while 1 < to - from {
        let middle = from + split(to - from);
        if index < middle {
            path.push(Range { from: middle, to });
            to = middle;
        } else {
            path.push(Range { from, to: middle });
            from = middle;
        }
    }
    path.reverse();
    path
}

/// PROOF(old, D[0:size]); empty if old is 0 or size. `old <= size`.
pub fn consistency(old: u64, size: u64) -> Vec<Range> {
    if old == 0 || old == size {
        return Vec::new();
    }
    let (mut from, mut to, mut path, mut whole) = (0, size, Vec::new(), true);
    while old != to {
        let middle = from + split(to - from);
        if old <= middle {
            path.push(Range { from: middle, to });
            to = middle;
        } else {
            path.push(Range { from, to: middle });
            from = middle;
            whole = false;
        }
    }
    if !whole {
        path.push(Range { from, to });
    }
    path.reverse();
    path
}

/// The range as one complete subtree, which nearly all ranges of an inclusion proof are.
pub fn complete(range: Range) -> Option<Complete> {
    let leaves = range.to - range.from;
    let is_one = leaves.is_power_of_two() && range.from.is_multiple_of(leaves);
    is_one.then(|| Complete { height: leaves.trailing_zeros() as u8, index: range.from / leaves })
}

/// The complete subtrees of a range of these proofs, left to right.
pub fn parts(range: Range) -> Vec<Complete> {
    let (mut from, mut parts) = (range.from, Vec::new());
    while from < range.to {
        let fits = 63 - (range.to - from).leading_zeros();
        let height = if from == 0 { fits } else { fits.min(from.trailing_zeros()) };
        parts.push(Complete { height: height as u8, index: from >> height });
        from += 1 << height;
    }
    parts
}

/// Root of a range from the roots of its `parts`.
pub fn join(parts: &[Hash]) -> Option<Hash> {
    let mut from_right = parts.iter().rev();
    let last = *from_right.next()?;
    Some(from_right.fold(last, |right, left| node_hash(left, &right)))
}

/// The hash of `part` out of its tile's bytes; `None` if the tile is too short.
pub fn hash_in_tile(part: Complete, tile: &[u8]) -> Option<Hash> {
    let (_, _, first, count) = part.in_tile();
    let bytes = tile.get(first * 32..(first + count) * 32)?;
    let hashes: Vec<Hash> = bytes.chunks(32).filter_map(|hash| hash.try_into().ok()).collect();
    Some(complete_root(&hashes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::merkle::{leaf_hash, root};

    fn from_leaves(ranges: Vec<Range>, leaves: &[Hash]) -> Vec<Hash> {
        ranges.iter().map(|r| root(&leaves[r.from as usize..r.to as usize])).collect()
    }

    #[test]
    fn proofs_are_those_of_the_definition_for_all_trees_to_130() {
        let leaves: Vec<Hash> = (0..130u64).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        for size in 1..=130u64 {
            let tree = &leaves[..size as usize];
            for index in 0..size {
                assert_eq!(from_leaves(inclusion(index, size), tree), seal::merkle::inclusion_path(tree, index as usize));
                for range in inclusion(index, size).into_iter().chain(consistency(index, size)) {
                    let one = parts(range).first().copied().filter(|_| parts(range).len() == 1);
                    assert_eq!(complete(range), one);
                    let hashes: Vec<Hash> = parts(range)
                        .iter()
                        .map(|p| root(&tree[(p.index << p.height) as usize..((p.index + 1) << p.height) as usize]))
                        .collect();
                    assert_eq!(join(&hashes), Some(root(&tree[range.from as usize..range.to as usize])));
                }
            }
            for old in 0..=size {
                let path = from_leaves(consistency(old, size), tree);
                let old_root = root(&leaves[..old as usize]);
                assert!(seal::merkle::verify_consistency(old, &old_root, size, &root(tree), &path).is_ok(), "{old} {size}");
            }
        }
    }

    #[test]
    fn nodes_are_found_in_their_tiles() {
        assert_eq!(Complete { height: 0, index: 300 }.in_tile(), (0, 1, 44, 1));
        assert_eq!(Complete { height: 7, index: 3 }.in_tile(), (0, 1, 128, 128));
        assert_eq!(Complete { height: 8, index: 5 }.in_tile(), (1, 0, 5, 1));
        assert_eq!((tile_width(70_000, 0, 272), tile_width(70_000, 0, 273), tile_width(70_000, 0, 274)), (256, 112, 112));
    }
}

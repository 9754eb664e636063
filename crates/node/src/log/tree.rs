//! The tree as the engine writes it: the right edge of every tile level in memory, files for what a tick adds.
//!
//! Hash i of tile N on level L covers leaves (256 N + i) 256^L and up (LOG-16). A tick touches at most one partial tile a
//! level and the full ones it completes, so nothing but the edge is ever read back.

use seal::merkle::{Hash, leaf_hash, node_hash};
use verify::log::tile::{Resource, partial_width};

use super::entries;

/// One object of the store, by its C2SP path. Immutable once stored (LOG-19).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileFile {
    pub place: Resource,
    pub bytes: Vec<u8>,
}

/// Why a right edge read from the store is not one of a tree of the stated size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeError {
    Levels,
    Width {
        level: u8,
    },
    /// Entries of the last bundle do not hash to the level-0 tile.
    Entries,
    /// A partial tile's hashes are not the roots of the tiles below.
    Unreadable {
        level: u8,
    },
}

fn tile_place(level: u8, number: u64, width: u16) -> Resource {
    Resource::Tile { level, number, width }
}

fn bundle_place(number: u64, width: u16) -> Resource {
    Resource::Entries { number, width }
}

/// Leaves that a tree needs for this partial resource to be superfluous: its full one exists then. `None`: never partial.
pub fn superfluous_at(place: &Resource) -> Option<u64> {
    match *place {
        Resource::Tile { level, number, width } if width < 256 => Some((number + 1) << (8 * (u32::from(level) + 1))),
        Resource::Entries { number, width } if width < 256 => Some((number + 1) << 8),
        _ => None,
    }
}

/// Size, right edge of each level, entries of the unfinished bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileTree {
    size: u64,
    levels: Vec<Vec<Hash>>,
    bundle: Vec<Vec<u8>>,
}

/// Levels that exist in a tree of `size` leaves.
fn levels_of(size: u64) -> u8 {
    (0..8).find(|level| size >> (8 * u32::from(*level)) == 0).unwrap_or(8)
}

/// The tiles whose hashes are the right edge: one place a level with a partial tile.
pub fn edge_places(size: u64) -> Vec<Resource> {
    (0..levels_of(size))
        .filter(|level| partial_width(size, *level) != 0)
        .map(|level| tile_place(level, size >> (8 * (u32::from(level) + 1)).min(63), partial_width(size, level)))
        .collect()
}

impl TileTree {
    pub fn empty() -> TileTree {
        TileTree { size: 0, levels: Vec::new(), bundle: Vec::new() }
    }

    /// From what the store holds. `edge` gives the hashes of each level, 0 first, empty where the width is 0; `bundle` the
    /// entries of the partial bundle. Only the widths and the entries are checked here: the caller compares `root`.
    pub fn from_edge(size: u64, edge: Vec<Vec<Hash>>, bundle: Vec<Vec<u8>>) -> Result<TileTree, EdgeError> {
        if edge.len() != usize::from(levels_of(size)) {
            return Err(EdgeError::Levels);
        }
        for (level, hashes) in (0u8..).zip(&edge) {
            if hashes.len() != usize::from(partial_width(size, level)) {
                return Err(EdgeError::Width { level });
            }
        }
        let leaves: Vec<Hash> = bundle.iter().map(|entry| leaf_hash(entry)).collect();
        if edge.first().is_some_and(|level| *level != leaves) || (edge.is_empty() && !leaves.is_empty()) {
            return Err(EdgeError::Entries);
        }
        Ok(TileTree { size, levels: edge, bundle })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// RFC 6962 root: the edge holds every maximal complete subtree, larger ones on higher levels.
    pub fn root(&self) -> Hash {
        let mut acc: Option<Hash> = None;
        for hashes in &self.levels {
            let mut end = hashes.len();
            while 0 < end {
                // The lowest set bit is the rightmost complete subtree inside this level.
                let width = 1 << end.trailing_zeros();
                let peak = complete_root(&hashes[end - width..end]);
                acc = Some(acc.map_or(peak, |right| node_hash(&peak, &right)));
                end -= width;
            }
        }
        acc.unwrap_or_else(|| seal::merkle::root(&[]))
    }

    /// The tree with `new` appended, and the files that it has and this one has not.
    pub fn extend(&self, new: &[Vec<u8>]) -> (TileTree, Vec<TileFile>) {
        let mut tree = self.clone();
        let mut files = Vec::new();
        for entry in new {
            tree.append(entry, &mut files);
        }
        for (level, hashes) in (0u8..).zip(&tree.levels) {
            let unchanged = self.size >> (8 * u32::from(level)) == tree.size >> (8 * u32::from(level));
            if !hashes.is_empty() && !unchanged {
                let number = tree.size >> (8 * (u32::from(level) + 1)).min(63);
                files.push(TileFile { place: tile_place(level, number, hashes.len() as u16), bytes: hashes.concat() });
            }
        }
        if !tree.bundle.is_empty() && !new.is_empty() {
            let place = bundle_place(tree.size >> 8, tree.bundle.len() as u16);
            files.push(TileFile { place, bytes: entries::encode(&tree.bundle) });
        }
        (tree, files)
    }

    fn append(&mut self, entry: &[u8], files: &mut Vec<TileFile>) {
        self.size += 1;
        self.bundle.push(entry.to_vec());
        if self.bundle.len() == 256 {
            let bundle = std::mem::take(&mut self.bundle);
            files.push(TileFile { place: bundle_place((self.size >> 8) - 1, 256), bytes: entries::encode(&bundle) });
        }
        let mut carry = leaf_hash(entry);
        for level in 0u8.. {
            if self.levels.len() == usize::from(level) {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[usize::from(level)];
            hashes.push(carry);
            if hashes.len() < 256 {
                break;
            }
            let full = std::mem::take(hashes);
            let number = (self.size >> (8 * (u32::from(level) + 1))) - 1;
            files.push(TileFile { place: tile_place(level, number, 256), bytes: full.concat() });
            carry = complete_root(&full);
        }
    }
}

/// Root over a power of two of hashes that are themselves roots of equal, complete subtrees.
pub fn complete_root(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while 1 < row.len() {
        row = row.chunks(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    row[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::peaks::Peaks;
    use std::collections::BTreeMap;

    fn entry(i: u64) -> Vec<u8> {
        format!("entry {i}").into_bytes()
    }

    #[test]
    fn log_16_root_equals_the_plain_definition_at_every_size() {
        let (mut tree, mut peaks, mut leaves) = (TileTree::empty(), Peaks::empty(), Vec::new());
        for i in 0..600 {
            assert_eq!(tree.root(), seal::merkle::root(&leaves), "size {i}");
            assert_eq!(peaks.root(), tree.root());
            (tree, _) = tree.extend(&[entry(i)]);
            peaks.append(&entry(i));
            leaves.push(leaf_hash(&entry(i)));
        }
    }

    #[test]
    fn log_18_widths_and_files_of_seventy_thousand() {
        assert_eq!((0..4).map(|l| partial_width(70_000, l)).collect::<Vec<_>>(), [112, 17, 1, 0]);
        assert_eq!((0..3).map(|l| partial_width(256, l)).collect::<Vec<_>>(), [0, 1, 0]);
        let mut tree = TileTree::empty();
        let mut stored = BTreeMap::new();
        for base in (0..70_000).step_by(1_000) {
            let batch: Vec<_> = (base..base + 1_000).map(entry).collect();
            let (next, files) = tree.extend(&batch);
            for file in files {
                // LOG-19: a name is written once.
                assert!(stored.insert(file.place.to_string(), file.bytes).is_none(), "{}", file.place.to_string());
            }
            tree = next;
        }
        assert_eq!(stored["tile/0/273.p/112"].len(), 112 * 32);
        assert_eq!(stored["tile/1/001.p/17"].len(), 17 * 32);
        assert_eq!(stored["tile/2/000.p/1"].len(), 32);
        assert_eq!(stored["tile/0/272"].len(), 8_192);
        assert!(stored.contains_key("tile/entries/273.p/112") && !stored.contains_key("tile/0/274"));
        assert_eq!(
            edge_places(70_000).iter().map(Resource::to_string).collect::<Vec<_>>(),
            ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
        );
        // The edge read back is the same tree.
        let read = |path: &str| stored[path].chunks(32).map(|h| h.try_into().unwrap()).collect::<Vec<Hash>>();
        let edge = vec![read("tile/0/273.p/112"), read("tile/1/001.p/17"), read("tile/2/000.p/1")];
        let bundle = entries::decode(&stored["tile/entries/273.p/112"]).unwrap();
        assert_eq!(TileTree::from_edge(70_000, edge.clone(), bundle.clone()).unwrap(), tree);
        let mut wrong = bundle.clone();
        wrong[7][0] ^= 1;
        assert_eq!(TileTree::from_edge(70_000, edge.clone(), wrong), Err(EdgeError::Entries));
        assert_eq!(TileTree::from_edge(70_001, edge.clone(), bundle.clone()), Err(EdgeError::Width { level: 0 }));
        assert_eq!(TileTree::from_edge(70_000, edge[..2].to_vec(), bundle), Err(EdgeError::Levels));
    }

    #[test]
    fn batches_do_not_change_the_outcome() {
        let all: Vec<_> = (0..1_111).map(entry).collect();
        let (once, _) = TileTree::empty().extend(&all);
        let mut steps = TileTree::empty();
        for chunk in all.chunks(7) {
            (steps, _) = steps.extend(chunk);
        }
        assert_eq!(once, steps);
    }
}

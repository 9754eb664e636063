//! Inclusion proofs out of tiles whose inner nodes are kept in memory: a proof copies hashes and computes none. The few roots along the
//! tree's ragged right edge are computed once for each head.
//!
//! Not trusted, and only a copy: tiles of a published tree never change (LOG-19), so what is kept stays right. Losing it costs
//! reading the tiles again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use seal::merkle::{Hash, node_hash};
use verify::log::proof::TlogProof;

use super::client::{ClientError, Head};
use super::ranges::{self, Complete, Range};
use super::tiles::Source;

/// 16 KiB each: at most 128 MiB, the tiles of two million entries. Beyond, the oldest goes and is read again when it is asked for.
const TILES_MAX: usize = 8_192;

/// Room for the path of any tree that there will be: one hash for each doubling.
const PATH_LEN: usize = 40;

type Name = (u8, u64);

/// Makes proofs for one log. Shared by all who answer.
pub struct Proofs {
    source: Source,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    /// The published checkpoint as last read, and what it says.
    head: Option<(Bytes, u64)>,
    tiles: HashMap<Name, Arc<Nodes>>,
    oldest_first: VecDeque<Name>,
    /// Roots of the ranges that end where the tree of this size ends and are no complete subtree: the same few for every entry.
    edge: (u64, Vec<(Range, Hash)>),
}

/// The complete subtrees of one tile, of all heights in one piece of memory.
struct Nodes {
    /// Those of one hash, then those of two, of four, up to 128. The root of a full tile stands in the tile above.
    hashes: Vec<Hash>,
    /// Where those of 2^k hashes begin.
    from: Vec<usize>,
}

impl Nodes {
    fn of(tile: &[u8]) -> Nodes {
        let mut hashes: Vec<Hash> = tile.as_chunks::<32>().0.to_vec();
        let (mut from, mut below) = (vec![0], 0);
        while 1 < hashes.len() - below && from.len() < 8 {
            let above = hashes.len();
            for pair in (below..above - 1).step_by(2) {
                hashes.push(node_hash(&hashes[pair], &hashes[pair + 1]));
            }
            from.push(above);
            below = above;
        }
        from.push(hashes.len());
        Nodes { hashes, from }
    }

    fn width(&self) -> usize {
        self.from[1]
    }

    fn node(&self, part: Complete) -> Option<Hash> {
        let (_, _, first, count) = part.in_tile();
        let height = count.trailing_zeros() as usize;
        let (from, to) = (self.from.get(height)?, self.from.get(height + 1)?);
        self.hashes[*from..*to].get(first / count).copied()
    }
}

impl Held {
    fn tile(&self, name: Name, width: u16) -> Option<&Arc<Nodes>> {
        self.tiles.get(&name).filter(|held| usize::from(width) <= held.width())
    }

    /// The whole path out of what is held, in one go: nothing waits between two look-ups, so the processor fetches their memory side by side.
    fn path(&self, index: u64, size: u64) -> Option<Vec<Hash>> {
        let mut path = Vec::with_capacity(PATH_LEN);
        let mut at_hand: Option<(Name, &Nodes)> = None;
        for range in ranges::inclusion(index, size) {
            let Some(part) = ranges::complete(range) else {
                path.push(self.edge_of(range, size)?);
                continue;
            };
            let (level, number, ..) = part.in_tile();
            let nodes = match at_hand {
                Some((name, nodes)) if name == (level, number) => nodes,
                _ => self.tile((level, number), ranges::tile_width(size, level, number))?,
            };
            path.push(nodes.node(part)?);
            at_hand = Some(((level, number), nodes));
        }
        Some(path)
    }

    fn edge_of(&self, range: Range, size: u64) -> Option<Hash> {
        let (of, roots) = &self.edge;
        roots.iter().find(|(held, _)| *of == size && *held == range).map(|(_, root)| *root)
    }

    fn keep_edge(&mut self, range: Range, size: u64, root: Hash) {
        if self.edge.0 != size {
            self.edge = (size, Vec::new());
        }
        // At most one for each height.
        if self.edge_of(range, size).is_none() {
            self.edge.1.push((range, root));
        }
    }

    fn keep(&mut self, name: Name, nodes: Arc<Nodes>) {
        if self.tiles.insert(name, nodes).is_none() {
            self.oldest_first.push_back(name);
        }
        while TILES_MAX < self.tiles.len() {
            let Some(oldest) = self.oldest_first.pop_front() else { break };
            self.tiles.remove(&oldest);
        }
    }
}

impl Proofs {
    pub fn new(source: Source) -> Proofs {
        Proofs { source, held: Mutex::default() }
    }

    /// The `.tlog-proof` of `index` under the published checkpoint; `None` while it is not published.
    pub async fn make(&self, index: u64) -> Result<Option<Vec<u8>>, ClientError> {
        let Some(note) = self.source.get("checkpoint").await? else {
            return Ok(None);
        };
        let size = self.size_of(&note)?;
        if size <= index {
            return Ok(None);
        }
        let path = self.path(index, size).await?;
        Ok(Some(TlogProof::octets(index, &path, &note)))
    }

    /// Reads a checkpoint once.
    fn size_of(&self, note: &Bytes) -> Result<u64, ClientError> {
        if let Some((held, size)) = &self.held().head
            && held == note
        {
            return Ok(*size);
        }
        let head = Head::parse(note)?;
        self.held().head = Some((note.clone(), head.size));
        Ok(head.size)
    }

    async fn path(&self, index: u64, size: u64) -> Result<Vec<Hash>, ClientError> {
        let held = self.held().path(index, size);
        match held {
            Some(path) => Ok(path),
            None => self.path_read(index, size).await,
        }
    }

    /// The same with what is not held read from the store, and held from now on.
    async fn path_read(&self, index: u64, size: u64) -> Result<Vec<Hash>, ClientError> {
        let mut path = Vec::with_capacity(PATH_LEN);
        let mut at_hand = None;
        for range in ranges::inclusion(index, size) {
            if let Some(part) = ranges::complete(range) {
                path.push(self.node(part, size, &mut at_hand).await?);
                continue;
            }
            if let Some(root) = self.held().edge_of(range, size) {
                path.push(root);
                continue;
            }
            let mut hashes = Vec::new();
            for part in ranges::parts(range) {
                hashes.push(self.node(part, size, &mut at_hand).await?);
            }
            let root = ranges::join(&hashes).ok_or(ClientError::Malformed("an empty range"))?;
            self.held().keep_edge(range, size, root);
            path.push(root);
        }
        Ok(path)
    }

    /// `at_hand`: the tile of the hash before. Eight in a row come from one tile.
    async fn node(&self, part: Complete, size: u64, at_hand: &mut Option<(Name, Arc<Nodes>)>) -> Result<Hash, ClientError> {
        let (level, number, ..) = part.in_tile();
        let nodes = match at_hand.take() {
            Some((name, nodes)) if name == (level, number) => nodes,
            _ => self.tile((level, number), size).await?,
        };
        let node = nodes.node(part).ok_or(ClientError::Inconsistent("a tile is too short"));
        *at_hand = Some(((level, number), nodes));
        node
    }

    async fn tile(&self, name: Name, size: u64) -> Result<Arc<Nodes>, ClientError> {
        let width = ranges::tile_width(size, name.0, name.1);
        let held = self.held().tile(name, width).cloned();
        if let Some(nodes) = held {
            return Ok(nodes);
        }
        let nodes = Arc::new(Nodes::of(&self.source.tile(name.0, name.1, size).await?));
        self.held().keep(name, nodes.clone());
        Ok(nodes)
    }

    /// Every value in it is right by itself, so a thread that panicked while it held this spoils nothing.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::store::Store;
    use seal::merkle::{leaf_hash, root};

    /// A log's tiles as its engine writes them at a size, in memory.
    async fn store_tiles(store: &Store, leaves: &[Hash]) {
        let size = leaves.len() as u64;
        for level in 0..3u8 {
            let span = 256usize.pow(u32::from(level));
            let hashes: Vec<Hash> = leaves.chunks_exact(span).map(root).collect();
            for (number, tile) in hashes.chunks(256).enumerate() {
                let width = ranges::tile_width(size, level, number as u64);
                let name = verify::log::tile::Resource::Tile { level, number: number as u64, width };
                store.keep(&name.to_string(), &tile.concat()).await.unwrap();
            }
        }
    }

    fn memory() -> Store {
        Store::new(Arc::new(object_store::memory::InMemory::new()))
    }

    #[tokio::test]
    async fn paths_from_kept_nodes_are_those_of_the_definition_while_the_log_grows() {
        let leaves: Vec<Hash> = (0..66_000u64).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let store = memory();
        let proofs = Proofs::new(Source::Store(store.clone()));
        // A tile that was kept while it was narrow is read again once more of it counts.
        for size in [1, 2, 255, 256, 257, 300, 511, 513, 65_536, 65_793, 66_000] {
            let tree = &leaves[..size];
            store_tiles(&store, tree).await;
            let whole = seal::merkle::Tree::new(tree.to_vec());
            for index in [0, 1, size / 3, size / 2, size.saturating_sub(257), size - 1].map(|index| index.min(size - 1)) {
                let path = proofs.path(index as u64, size as u64).await.unwrap();
                assert_eq!(Some(&path), whole.inclusion_path(index).as_ref(), "{index} of {size}");
                assert_eq!(proofs.held().path(index as u64, size as u64), Some(path), "{index} of {size} from memory alone");
            }
        }
    }

    #[tokio::test]
    async fn kept_tiles_have_a_bound() {
        let mut held = Held::default();
        for number in 0..TILES_MAX as u64 + 10 {
            held.keep((0, number), Arc::new(Nodes::of(&[7; 64])));
        }
        assert_eq!((held.tiles.len(), held.oldest_first.len()), (TILES_MAX, TILES_MAX));
        assert!(held.tile((0, 9), 1).is_none() && held.tile((0, 10), 2).is_some());
        assert!(held.tile((0, 10), 3).is_none(), "narrower than what is asked for");
    }
}

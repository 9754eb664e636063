//! Runs of 64 entries: what an opener needs of a segment to find and prove a few entries without reading the others.
//!
//! The index is nobody's word. Its nodes are those of the segment's own tree, six levels up, so they lead to the root that the
//! log holds; each run that is read must hash to its node. A wrong index therefore costs time and never an answer: whoever meets
//! one reads the whole segment instead.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::locator::{CIPHERTEXT_MAX, CIPHERTEXT_MIN, Locator};
use crate::merkle::{Hash, Tree};
use crate::segment::{Absence, Found, HEAD, ProvenEntry, Segment, SegmentLeaf};

/// Entries of a run, all but the last: a node of the tree six levels above its entries.
pub const RUN: usize = 64;
const RUN_LEVEL: usize = 6;

/// Octets of one run in the index: node, first locator, offset in the segment.
const ROW: usize = 72;

/// The index that stands beside a stored segment. Public octets: the first locator of each run and hashes.
///
/// Layout: { node(32) ‖ first L(32) ‖ offset u64 } for each run, then the segment's length u64. About one octet an entry.
pub(super) fn index(tree: &Tree, firsts: impl Iterator<Item = (Locator, u64)>, len: u64) -> Vec<u8> {
    let nodes = run_nodes(tree);
    let mut out = Vec::with_capacity(nodes.len() * ROW + 8);
    for (node, (first, offset)) in nodes.iter().zip(firsts) {
        out.extend_from_slice(node);
        out.extend_from_slice(&first);
        out.extend_from_slice(&offset.to_be_bytes());
    }
    out.extend_from_slice(&len.to_be_bytes());
    out
}

/// The nodes six levels up; of a smaller tree its root, of an empty one none.
fn run_nodes(tree: &Tree) -> Vec<Hash> {
    match tree.level(RUN_LEVEL) {
        [] if tree.size() == 0 => Vec::new(),
        [] => vec![tree.root()],
        nodes => nodes.to_vec(),
    }
}

/// An index that leads to the root of a logged leaf.
pub struct RunIndex {
    entries: usize,
    nodes: Tree,
    firsts: Vec<Locator>,
    /// Last locator of the segment, as logged.
    last: Locator,
    /// Offset of each run, and the segment's length.
    bounds: Vec<u64>,
}

impl RunIndex {
    /// `None`: not an index, or not of the segment that the leaf states.
    pub fn parse(octets: &[u8], leaf: &SegmentLeaf) -> Option<RunIndex> {
        let entries = usize::try_from(leaf.n_records).ok()?;
        let rows = entries.div_ceil(RUN);
        if octets.len() != rows.checked_mul(ROW)?.checked_add(8)? {
            return None;
        }
        let (mut nodes, mut firsts, mut bounds) = (Vec::with_capacity(rows), Vec::with_capacity(rows), Vec::with_capacity(rows + 1));
        for row in octets.chunks_exact(ROW).take(rows) {
            nodes.push(*row.first_chunk()?);
            firsts.push(*row.get(32..)?.first_chunk()?);
            bounds.push(u64::from_be_bytes(*row.last_chunk()?));
        }
        bounds.push(u64::from_be_bytes(*octets.last_chunk()?));
        let index = RunIndex { entries, nodes: Tree::new(nodes), firsts, last: leaf.last, bounds };
        // GWY-60
        let begins = index.firsts.first().is_none_or(|first| *first == leaf.first);
        (index.nodes.root() == leaf.root && begins && index.is_plausible()).then_some(index)
    }

    /// Whether locators ascend, and each run has room for its entries and not for more: whoever reads one by it reads at most 4 MiB.
    fn is_plausible(&self) -> bool {
        let fits = |(run, bounds): (usize, &[u64])| {
            let count = self.run_len(run) as u64;
            let octets = bounds[1].checked_sub(bounds[0]);
            octets.is_some_and(|octets| (count * (HEAD + CIPHERTEXT_MIN) as u64..=count * (HEAD + CIPHERTEXT_MAX) as u64).contains(&octets))
        };
        self.bounds[0] == 0 && self.bounds.windows(2).enumerate().all(fits) && self.firsts.is_sorted_by(|left, right| left < right)
    }

    fn run_len(&self, run: usize) -> usize {
        RUN.min(self.entries - run * RUN)
    }

    /// Whether a run may end there: before the next one begins, and the last one where the logged leaf says.
    fn ends_well(&self, run: usize, end: &Locator) -> bool {
        self.firsts.get(run + 1).map_or(*end == self.last, |next| end < next)
    }

    /// The last run that does not begin behind the locator; the first if all do. `None`: no runs.
    fn run_of(&self, locator: &Locator) -> Option<usize> {
        let behind = self.firsts.partition_point(|first| first <= locator);
        (!self.firsts.is_empty()).then(|| behind.saturating_sub(1))
    }
}

impl std::fmt::Debug for RunIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RunIndex({} entries)", self.entries)
    }
}

/// Why a run could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunError<E> {
    /// The surroundings failed.
    Fetch(E),
    /// What was read does not hash to its node, or does not begin where the index says: index or segment are not the logged ones.
    Differs,
}

/// A segment of which runs are read when they are needed, each once.
pub struct Runs<F> {
    index: RunIndex,
    fetch: F,
    held: BTreeMap<usize, Segment>,
}

impl<E, F: FnMut(Range<u64>) -> Result<Vec<u8>, E>> Runs<F> {
    /// `fetch` gives the segment's octets of a range.
    pub fn new(index: RunIndex, fetch: F) -> Runs<F> {
        Runs { index, fetch, held: BTreeMap::new() }
    }

    /// The entry of a locator, or its neighbours, proven as from the whole segment.
    pub fn look_up(&mut self, locator: &Locator) -> Result<Found, RunError<E>> {
        let Some(number) = self.index.run_of(locator) else {
            return Ok(Found::Absent(Absence { entries: Vec::new() }));
        };
        let run = self.run(number)?;
        let place = match run.find(locator) {
            Ok(place) => return Ok(Found::Present(self.prove(number, place)?)),
            Err(place) => place,
        };
        let (len, last) = (run.len(), self.index.firsts.len() - 1);
        let mut entries = Vec::with_capacity(2);
        if let Some(left) = place.checked_sub(1) {
            entries.push(self.prove(number, left)?);
        }
        // The right neighbour of a run's last entry is the first of the next run.
        if place < len {
            entries.push(self.prove(number, place)?);
        } else if number < last {
            entries.push(self.prove(number + 1, 0)?);
        }
        Ok(Found::Absent(Absence { entries }))
    }

    fn prove(&mut self, number: usize, place: usize) -> Result<ProvenEntry, RunError<E>> {
        let run = self.run(number)?;
        let mut proven = run.prove_presence(place).ok_or(RunError::Differs)?;
        proven.index += (number * RUN) as u64;
        // The levels above: a run that is not full rises in its tree as it does in the whole one.
        proven.path.extend(self.index.nodes.inclusion_path(number).ok_or(RunError::Differs)?);
        Ok(proven)
    }

    fn run(&mut self, number: usize) -> Result<&Segment, RunError<E>> {
        // Not `entry`: its closure could not return the error.
        if !self.held.contains_key(&number) {
            let read = self.read(number)?;
            self.held.insert(number, read);
        }
        self.held.get(&number).ok_or(RunError::Differs)
    }

    fn read(&mut self, number: usize) -> Result<Segment, RunError<E>> {
        let octets = (self.fetch)(self.index.bounds[number]..self.index.bounds[number + 1]).map_err(RunError::Fetch)?;
        let run = Segment::parse(octets).map_err(|_| RunError::Differs)?;
        // GWY-60. The first locator is what sent us here; the node says nothing about that. A node stands for the number of entries only if
        // the sealer made the tree as it must, so that is counted; and the run must end before the next begins, or the order of the
        // segment would be broken where nobody looks.
        let is_of_node = self.index.nodes.level(0).get(number) == Some(&run.root()) && run.len() == self.index.run_len(number);
        let is_of_place = run.locator(0) == self.index.firsts.get(number)
            && run.len().checked_sub(1).and_then(|last| run.locator(last)).is_some_and(|last| self.index.ends_well(number, last));
        if is_of_node && is_of_place { Ok(run) } else { Err(RunError::Differs) }
    }
}

impl<F> std::fmt::Debug for Runs<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Runs({:?}, {} read)", self.index, self.held.len())
    }
}

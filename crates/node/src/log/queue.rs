//! What waits for a tick: urgent leaves first, each once (LOG-31, LOG-60).

use std::collections::{BTreeMap, VecDeque};

use seal::merkle::Hash;

/// The last 2^20 leaves are known by key, older ones may enter again: harmless, both are accounted for (LOG-60).
pub const KNOWN_MAX: usize = 1 << 20;
/// Leaves that may wait. At the default 16 leaves each 300 s this is two weeks of overload.
pub const WAITING_MAX: usize = 1 << 16;

/// A leaf on its way in. `key` is D in ORDERS and the leaf hash in PUBLIC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub key: Hash,
    pub entry: Vec<u8>,
    pub urgent: bool,
    /// Made here to keep the width; never goes back into the queue.
    pub dummy: bool,
}

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    Queued,
    /// The same leaf waits already, or stands in the log (LOG-29: idempotent).
    Known,
    /// Too many wait: the submitter tries again later.
    Full,
}

#[derive(Debug, Default)]
pub struct Queue {
    urgent: VecDeque<Leaf>,
    normal: VecDeque<Leaf>,
    /// `None` while it waits, then its index.
    known: BTreeMap<Hash, Option<u64>>,
    order: VecDeque<Hash>,
}

impl Queue {
    pub fn waiting(&self) -> usize {
        self.urgent.len() + self.normal.len()
    }

    pub fn admit(&mut self, leaf: Leaf) -> Admission {
        if self.known.contains_key(&leaf.key) {
            return Admission::Known;
        }
        if WAITING_MAX <= self.waiting() {
            return Admission::Full;
        }
        self.known.insert(leaf.key, None);
        if leaf.urgent {
            self.urgent.push_back(leaf)
        } else {
            self.normal.push_back(leaf)
        }
        Admission::Queued
    }

    /// Up to `count` leaves, urgent ones first, each kind as received.
    pub fn drain(&mut self, count: usize) -> Vec<Leaf> {
        let mut leaves: Vec<Leaf> = Vec::new();
        while leaves.len() < count {
            match self.urgent.pop_front().or_else(|| self.normal.pop_front()) {
                Some(leaf) => leaves.push(leaf),
                None => break,
            }
        }
        leaves
    }

    /// A dropped tick: its leaves wait again, before all others (table of section 7, steps 1 to 3).
    pub fn put_back(&mut self, leaves: Vec<Leaf>) {
        for leaf in leaves.into_iter().rev() {
            if leaf.urgent { self.urgent.push_front(leaf) } else { self.normal.push_front(leaf) }
        }
    }

    /// `key` stands at `index` now.
    pub fn settle(&mut self, key: Hash, index: u64) {
        self.known.insert(key, Some(index));
        self.order.push_back(key);
        if KNOWN_MAX < self.order.len()
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// Where the leaf stands, if it is among the last 2^20.
    pub fn index_of(&self, key: &Hash) -> Option<u64> {
        self.known.get(key).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(n: u8, urgent: bool) -> Leaf {
        Leaf { key: [n; 32], entry: vec![n], urgent, dummy: false }
    }
    fn keys(leaves: &[Leaf]) -> Vec<u8> {
        leaves.iter().map(|leaf| leaf.key[0]).collect()
    }

    #[test]
    fn log_31_urgent_leaves_go_first_and_a_dropped_tick_changes_no_order() {
        let mut queue = Queue::default();
        for (n, urgent) in [(1, false), (2, true), (3, false), (4, true)] {
            assert_eq!(queue.admit(leaf(n, urgent)), Admission::Queued);
        }
        let batch = queue.drain(3);
        assert_eq!(keys(&batch), [2, 4, 1]);
        queue.put_back(batch);
        assert_eq!(keys(&queue.drain(9)), [2, 4, 1, 3]);
    }

    #[test]
    fn log_60_one_leaf_once_waiting_or_logged() {
        let mut queue = Queue::default();
        assert_eq!(queue.admit(leaf(1, false)), Admission::Queued);
        assert_eq!(queue.admit(leaf(1, true)), Admission::Known);
        queue.drain(1);
        queue.settle([1; 32], 77);
        assert_eq!((queue.admit(leaf(1, false)), queue.index_of(&[1; 32])), (Admission::Known, Some(77)));
    }

    #[test]
    fn a_full_queue_says_so() {
        let mut queue = Queue::default();
        for n in 0..WAITING_MAX as u64 {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&n.to_be_bytes());
            queue.admit(Leaf { key, entry: Vec::new(), urgent: false, dummy: false });
        }
        assert_eq!(queue.admit(leaf(255, true)), Admission::Full);
    }
}

//! The root a second time, by other code: a binary counter of complete subtrees, one leaf at a time.
//!
//! Step 2 of the engine compares it with `tree`: one flipped bit between hashing and storing ended two CT logs (LOG-56), so
//! nothing is signed that two computations do not agree on. It shares no code with `tree` beyond the hash itself.

use seal::merkle::{Hash, leaf_hash, node_hash};

/// Roots of the complete subtrees of a tree, largest first; `size` says which powers of two they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peaks {
    size: u64,
    stack: Vec<Hash>,
}

impl Peaks {
    pub fn empty() -> Peaks {
        Peaks { size: 0, stack: Vec::new() }
    }

    /// From hashes that the caller has compared with a signed root; `None` if their number is not that of `size`.
    pub fn new(size: u64, stack: Vec<Hash>) -> Option<Peaks> {
        (stack.len() == size.count_ones() as usize).then_some(Peaks { size, stack })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Largest subtree first.
    pub fn hashes(&self) -> &[Hash] {
        &self.stack
    }

    pub fn append(&mut self, entry: &[u8]) {
        self.append_leaf(leaf_hash(entry));
    }

    pub fn append_leaf(&mut self, leaf: Hash) {
        self.stack.push(leaf);
        let mut carry = self.size;
        while carry & 1 == 1 {
            // Cannot be short: each set low bit of the size is one subtree on the stack.
            if let (Some(right), Some(left)) = (self.stack.pop(), self.stack.pop()) {
                self.stack.push(node_hash(&left, &right));
            }
            carry >>= 1;
        }
        self.size += 1;
    }

    pub fn root(&self) -> Hash {
        let mut from_right = self.stack.iter().rev();
        match from_right.next() {
            None => seal::digest::sha256(&[]),
            Some(last) => from_right.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

//! A log in memory: entries, checkpoints of every size, proofs.

use std::sync::{Arc, Mutex};

use seal::merkle::{self, Hash, Tree};
use verify::bundle::{HeadPart, Place};
use verify::log::checkpoint::Checkpoint;
use verify::log::note::{SignedNote, Signer};
use verify::log::origin::Origin;

pub struct LogSim {
    pub origin: Origin,
    pub entries: Vec<Vec<u8>>,
    leaves: Vec<Hash>,
    /// The tree of the size that was last asked for: packages prove thousands of leaves under one head.
    tree: Mutex<Option<Arc<Tree>>>,
}

impl LogSim {
    pub fn new(origin: &str) -> LogSim {
        LogSim { origin: Origin::parse(origin).expect("an origin"), entries: Vec::new(), leaves: Vec::new(), tree: Mutex::new(None) }
    }

    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// Appends an entry, gives its index.
    pub fn push(&mut self, entry: &[u8]) -> u64 {
        self.entries.push(entry.to_vec());
        self.leaves.push(merkle::leaf_hash(entry));
        self.size() - 1
    }

    /// Appends entries that nobody can tell from others.
    pub fn fill(&mut self, count: u64) {
        for _ in 0..count {
            let number = self.size().to_be_bytes();
            self.push(&number);
        }
    }

    fn first(&self, size: u64) -> &[Hash] {
        &self.leaves[..size as usize]
    }

    pub fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint { origin: self.origin.clone(), size, root: merkle::root(self.first(size)) }
    }

    /// The checkpoint of this size, signed by the log and cosigned by these witnesses at these times.
    pub fn note(&self, size: u64, log: &Signer, witnesses: &[(&Signer, u64)]) -> Vec<u8> {
        sign(&self.checkpoint(size), log, witnesses)
    }

    pub fn place(&self, index: u64, size: u64) -> Place {
        Place { index, path: self.tree(size).inclusion_path(index as usize).unwrap_or_default() }
    }

    fn tree(&self, size: u64) -> Arc<Tree> {
        let mut kept = self.tree.lock().expect("no test panics while it looks");
        match &*kept {
            // Entries are only ever appended, so a tree of the same size is the same tree.
            Some(tree) if tree.size() as u64 == size => tree.clone(),
            _ => kept.insert(Arc::new(Tree::new(self.first(size).to_vec()))).clone(),
        }
    }

    pub fn consistency(&self, from: u64, to: u64) -> Vec<Hash> {
        merkle::consistency_path(self.first(to), from as usize)
    }

    pub fn head(&self, size: u64, from: &[u64], log: &Signer, witnesses: &[(&Signer, u64)]) -> HeadPart {
        let from = from.iter().map(|old| (*old, self.consistency(*old, size))).collect();
        HeadPart { note: self.note(size, log, witnesses), from }
    }
}

pub fn sign(checkpoint: &Checkpoint, log: &Signer, witnesses: &[(&Signer, u64)]) -> Vec<u8> {
    let text = checkpoint.to_text();
    let mut lines = vec![log.sign(&text).expect("the log signs")];
    lines.extend(witnesses.iter().map(|(witness, time)| witness.cosign(&text, *time).expect("the witness cosigns")));
    SignedNote::new(text, lines).expect("a note").to_bytes()
}

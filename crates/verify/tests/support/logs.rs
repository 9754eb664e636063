//! A log in memory: entries, checkpoints of every size, proofs.

use seal::merkle::{self, Hash};
use verify::bundle::{HeadPart, Place};
use verify::log::checkpoint::Checkpoint;
use verify::log::note::{SignedNote, Signer};
use verify::log::origin::Origin;

pub struct LogSim {
    pub origin: Origin,
    pub entries: Vec<Vec<u8>>,
    leaves: Vec<Hash>,
}

impl LogSim {
    pub fn new(origin: &str) -> LogSim {
        LogSim { origin: Origin::parse(origin).expect("an origin"), entries: Vec::new(), leaves: Vec::new() }
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
        Place { index, path: merkle::inclusion_path(self.first(size), index as usize) }
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

//! What others need for the same records. None of these does the same job; each says what a part of it costs.

use std::io::Cursor;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use ct_merkle::HashableLeaf;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use rusqlite::Connection;

use crate::Size;
use crate::machine::Core;
use crate::world::{Dice, START, World, record};

/// The floor: one AEAD call for each record, with its key schedule, into a buffer that is reused.
pub fn plain_gcm_siv(size: Size) -> f64 {
    let (count, octets) = (size.pick(10_000u64, 2_000_000), record(START).encode());
    let mut buffer = Vec::with_capacity(512);
    let mut key = [3u8; 32];
    let core = Core::start();
    for number in 0..count {
        key[..8].copy_from_slice(&(number % 10_000).to_be_bytes());
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&number.to_be_bytes());
        buffer.clear();
        buffer.extend_from_slice(&octets);
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, &key).expect("32 octets"));
        let aad = Aad::from(&b"WBG1-R"[..]);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut buffer).expect("sealed");
        std::hint::black_box(&buffer);
    }
    count as f64 / core.seconds()
}

/// tlock takes 16 octets, so a record costs one key encrypted to a round, and one AEAD call.
pub fn tlock(world: &World, size: Size) -> f64 {
    let (count, octets) = (size.pick(3u64, 400), record(START).encode());
    let public = world.public.point().to_bytes();
    let core = Core::start();
    for round in 1..=count {
        let mut file_key = [4u8; 16];
        file_key[..8].copy_from_slice(&round.to_be_bytes());
        let mut header = Vec::new();
        tlock::encrypt(&mut header, Cursor::new(file_key), &public, round).expect("encrypted");
        let key = [file_key, file_key].concat();
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, &key).expect("32 octets"));
        let mut body = octets.clone();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut body).expect("sealed");
        std::hint::black_box((header, body));
    }
    count as f64 / core.seconds()
}

/// An entry of the log's that is made again each time it is hashed, so that a million of them are not held in memory.
struct Numbered(u64);

impl HashableLeaf for Numbered {
    fn hash<H: sha2::digest::Update>(&self, hasher: &mut H) {
        hasher.update(&crate::log::entry(self.0));
    }
}

/// A log by another hand, in memory alone: the tree of RFC 6962 over the same entries. No disk, no checkpoint, no witness and
/// no tile: what it leaves out is what ours is for.
pub struct OtherLog {
    tree: MemoryBackedTree<sha2::Sha256, Numbered>,
}

impl OtherLog {
    pub fn append(entries: u64) -> (OtherLog, f64) {
        let mut tree = MemoryBackedTree::new();
        let core = Core::start();
        for number in 0..entries {
            tree.push(Numbered(number));
        }
        (OtherLog { tree }, entries as f64 / core.seconds())
    }

    pub fn root(&self) -> Vec<u8> {
        self.tree.root().as_bytes().to_vec()
    }

    /// Bare paths of random entries in a second, on one core.
    pub fn proofs(&self, size: Size) -> f64 {
        let (mut dice, count) = (Dice(3), size.pick(100, 200_000));
        let core = Core::start();
        for _ in 0..count {
            std::hint::black_box(self.tree.prove_inclusion(dice.below(self.tree.len()) as usize));
        }
        count as f64 / core.seconds()
    }
}

/// An unsealed table of JSON lines with an index on person and hour: the question without any of the answers' proofs.
pub struct Table {
    connection: Connection,
}

impl Table {
    pub fn create(path: &std::path::Path) -> rusqlite::Result<Table> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;
             CREATE TABLE records (subject INTEGER NOT NULL, slot INTEGER NOT NULL, line TEXT NOT NULL);",
        )?;
        Ok(Table { connection })
    }

    pub fn fill(&mut self, rows: impl Iterator<Item = (u64, u64, String)>) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert = transaction.prepare("INSERT INTO records VALUES (?1, ?2, ?3)")?;
            for (subject, slot, line) in rows {
                insert.execute((subject as i64, slot as i64, line))?;
            }
        }
        transaction.commit()
    }

    pub fn index(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("CREATE INDEX by_person ON records (subject, slot);")
    }

    pub fn of_person(&self, subject: u64, from: u64, to: u64) -> rusqlite::Result<Vec<String>> {
        let mut select =
            self.connection.prepare("SELECT line FROM records WHERE subject = ?1 AND slot >= ?2 AND slot < ?3 ORDER BY slot")?;
        let lines = select.query_map((subject as i64, from as i64, to as i64), |row| row.get(0))?;
        lines.collect()
    }
}

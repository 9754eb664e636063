//! Who handed in which leaf, and who may hand in no more (LOG-54).
//!
//! Two files beside the state, 0600. `submitters`: rows of 64 octets, D and the SHA-256 of the submitter's certificate, synced before
//! the 202. It tells real leaves from dummies, as the day keys do: for the log's operator alone. Lost, nobody can be named for a leaf
//! of before. `blocked`: certificates, hexadecimal, one a line; replaced as a whole by `late`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use verify::record::Digest;

/// SHA-256 of a client certificate.
pub type Fingerprint = [u8; 32];

const ROW: usize = 64;

pub struct Submitters {
    file: File,
    by_leaf: BTreeMap<Digest, Fingerprint>,
    blocked: BTreeSet<Fingerprint>,
    blocked_file: PathBuf,
}

impl Submitters {
    /// What was written down so far. A row that a crash cut off was never answered, so it goes.
    pub fn open(state_dir: &Path) -> io::Result<Submitters> {
        let path = state_dir.join("submitters");
        let file = match crate::private_file::create(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => File::options().write(true).open(&path)?,
            Err(error) => return Err(error),
        };
        let bytes = std::fs::read(&path)?;
        let whole = bytes.len() - bytes.len() % ROW;
        file.set_len(whole as u64)?;
        let mut file = file;
        io::Seek::seek(&mut file, io::SeekFrom::Start(whole as u64))?;
        let half = |row: &[u8], from: usize| <[u8; 32]>::try_from(&row[from..from + 32]).unwrap_or_default();
        let by_leaf = bytes[..whole].chunks_exact(ROW).map(|row| (half(row, 0), half(row, 32))).collect();
        let blocked_file = state_dir.join("blocked");
        let blocked = match std::fs::read_to_string(&blocked_file) {
            Ok(text) => text.lines().filter_map(verify::spelling::from_hex_exact::<32>).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
            Err(error) => return Err(error),
        };
        Ok(Submitters { file, by_leaf, blocked, blocked_file })
    }

    /// Before the leaf is admitted: durable when this returns. Whoever hands in the same leaf after the first changes nothing.
    pub fn note(&mut self, d: Digest, submitter: Fingerprint) -> io::Result<()> {
        if self.by_leaf.contains_key(&d) {
            return Ok(());
        }
        let mut row = [0; ROW];
        row[..32].copy_from_slice(&d);
        row[32..].copy_from_slice(&submitter);
        self.file.write_all(&row)?;
        self.file.sync_data()?;
        self.by_leaf.insert(d, submitter);
        Ok(())
    }

    pub fn of(&self, d: &Digest) -> Option<Fingerprint> {
        self.by_leaf.get(d).copied()
    }

    pub fn is_blocked(&self, submitter: &Fingerprint) -> bool {
        self.blocked.contains(submitter)
    }

    /// From here on these hand in nothing, across restarts.
    pub fn block(&mut self, submitters: BTreeSet<Fingerprint>) -> io::Result<()> {
        if submitters != self.blocked {
            let lines: String = submitters.iter().map(|submitter| format!("{}\n", verify::spelling::hex(submitter))).collect();
            crate::private_file::write_whole(&self.blocked_file, lines.as_bytes())?;
            self.blocked = submitters;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_54_who_handed_in_a_leaf_and_who_is_blocked_outlive_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let mut submitters = Submitters::open(dir.path()).unwrap();
        submitters.note([1; 32], [7; 32]).unwrap();
        submitters.note([1; 32], [8; 32]).unwrap();
        submitters.note([2; 32], [8; 32]).unwrap();
        submitters.block(BTreeSet::from([[8; 32]])).unwrap();
        drop(submitters);
        // Killed in the middle of a row.
        let path = dir.path().join("submitters");
        let mut torn = std::fs::read(&path).unwrap();
        assert_eq!(torn.len(), 2 * ROW);
        torn.extend([3; 40]);
        std::fs::write(&path, torn).unwrap();
        let mut submitters = Submitters::open(dir.path()).unwrap();
        submitters.note([4; 32], [9; 32]).unwrap();
        drop(submitters);
        let submitters = Submitters::open(dir.path()).unwrap();
        let found = [1, 2, 3, 4].map(|leaf| submitters.of(&[leaf; 32]));
        assert_eq!(found, [Some([7; 32]), Some([8; 32]), None, Some([9; 32])]);
        assert!(submitters.is_blocked(&[8; 32]) && !submitters.is_blocked(&[7; 32]));
    }
}

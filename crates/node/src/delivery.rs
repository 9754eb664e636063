//! The workshop and the outbox: where packages are finished, and where they are fetched from.
//!
//! A package is written into the workshop already encrypted to the authority, synced, and moved to the outbox in one rename.
//! So the outbox never holds half a file (R5, T14), and no readable package ever lies on a disk.

use crate::private_file;
use std::io;
use std::path::{Path, PathBuf};

/// What every delivered file's name ends with: an ASiC-E container inside a CMS envelope.
pub const SUFFIX: &str = ".asice.p7m";

/// Two folders on one file system (a rename must not copy).
#[derive(Clone, Debug)]
pub struct Shelves {
    workshop: PathBuf,
    outbox: PathBuf,
}

impl Shelves {
    /// Makes both folders where they are missing, private to us.
    pub fn open(workshop: &Path, outbox: &Path) -> io::Result<Shelves> {
        private_file::folder(workshop)?;
        private_file::folder(outbox)?;
        Ok(Shelves { workshop: workshop.to_owned(), outbox: outbox.to_owned() })
    }

    /// Puts an encrypted package into the workshop, whole or not at all; an earlier attempt of that name is replaced.
    pub fn put(&self, name: &str, encrypted: &[u8]) -> io::Result<()> {
        private_file::write_whole(&self.workshop.join(name), encrypted)
    }

    /// Moves a package to the outbox. Done before: nothing happens (a restart repeats it). `encrypted`: its SHA-256, so that a
    /// file of that name which is another one is never taken for it.
    pub fn publish(&self, name: &str, encrypted: &[u8; 32]) -> io::Result<()> {
        let (from, to) = (self.workshop.join(name), self.outbox.join(name));
        if is_this(&to, encrypted)? {
            return Ok(());
        }
        if !is_this(&from, encrypted)? {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{name} in the workshop is not the package that was made")));
        }
        std::fs::rename(&from, &to)?;
        std::fs::File::open(&self.outbox)?.sync_all()
    }

    /// Removes what is left in the workshop under a prefix.
    pub fn sweep(&self, prefix: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.workshop)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Is this package in the outbox?
    pub fn is_published(&self, name: &str) -> bool {
        self.outbox.join(name).exists()
    }
}

fn is_this(path: &Path, sha256: &[u8; 32]) -> io::Result<bool> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(seal::digest::sha256(&[&bytes]) == *sha256),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelves(folder: &Path) -> Shelves {
        Shelves::open(&folder.join("workshop"), &folder.join("outbox")).unwrap()
    }

    #[test]
    fn publishing_twice_is_publishing_once() {
        let folder = tempfile::tempdir().unwrap();
        let shelves = shelves(folder.path());
        let digest = seal::digest::sha256(&[b"package"]);
        shelves.put("a.asice.p7m", b"package").unwrap();
        assert!(!shelves.is_published("a.asice.p7m"));
        shelves.publish("a.asice.p7m", &digest).unwrap();
        shelves.publish("a.asice.p7m", &digest).unwrap();
        assert!(shelves.is_published("a.asice.p7m"));
        shelves.sweep("a").unwrap();
        assert!(shelves.is_published("a.asice.p7m"));
    }

    #[test]
    fn another_file_of_that_name_is_not_published() {
        let folder = tempfile::tempdir().unwrap();
        let shelves = shelves(folder.path());
        shelves.put("a.asice.p7m", b"other").unwrap();
        assert!(shelves.publish("a.asice.p7m", &seal::digest::sha256(&[b"package"])).is_err());
        assert!(!shelves.is_published("a.asice.p7m"));
    }
}

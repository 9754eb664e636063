//! The table: a folder, most often a stick, where everybody's files of a ceremony lie.
//!
//! Trusted for nothing. Every file is signed by its maker, names the ceremony, and is checked by each member.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use verify::policy::CommitteeName;
use verify::spelling::decimal;

use super::Failure;
use crate::ceremony::{CeremonyRefusal, Files};
use crate::documents::card::{Card, ReadCard};
use crate::documents::complaint::Complaint;

/// No file of a ceremony is longer.
const FILE_MAX: u64 = 64 * 1024;

/// The folder on the table.
pub struct Table {
    path: PathBuf,
}

impl Table {
    /// A folder that must be there: a missing one is most often a stick that was not mounted.
    pub fn open(path: &str) -> Result<Table, Failure> {
        let path = PathBuf::from(path);
        match std::fs::metadata(&path) {
            Ok(data) if data.is_dir() => Ok(Table { path }),
            Ok(_) => Err(outside(&path, ErrorKind::NotADirectory.into())),
            Err(error) => Err(outside(&path, error)),
        }
    }

    /// All files `<kind>-<committee>-<number>.txt`, by number.
    pub fn files(&self, kind: &str, committee: CommitteeName) -> Result<Files, Failure> {
        let mut files = Files::new();
        let prefix = format!("{kind}-{}-", committee.as_str());
        for entry in std::fs::read_dir(&self.path).map_err(|error| outside(&self.path, error))? {
            let entry = entry.map_err(|error| outside(&self.path, error))?;
            let name = entry.file_name();
            let number = name.to_str().and_then(|n| n.strip_prefix(&prefix)).and_then(|n| n.strip_suffix(".txt"));
            if let Some(number) = number.and_then(decimal).and_then(|n| u8::try_from(n).ok()) {
                files.insert(number, read_file(&entry.path())?);
            }
        }
        Ok(files)
    }

    /// What may be a complaint, under whatever name: who copies a file to a stick does not always keep its name (CER-13). What is
    /// too long for one, or no file, is none: it must not end the evening.
    pub fn complaints(&self) -> Result<Vec<Vec<u8>>, Failure> {
        let mut complaints = Vec::new();
        for entry in std::fs::read_dir(&self.path).map_err(|error| outside(&self.path, error))? {
            let path = entry.map_err(|error| outside(&self.path, error))?.path();
            if std::fs::metadata(&path).is_ok_and(|there| there.is_file() && there.len() <= Complaint::LEN_MAX as u64) {
                complaints.push(read_file(&path)?);
            }
        }
        Ok(complaints)
    }

    /// The cards of one committee (CER-01). A card under another number than its own is refused.
    pub fn cards(&self, committee: CommitteeName) -> Result<Vec<ReadCard>, Failure> {
        let mut cards = Vec::new();
        for (number, bytes) in self.files("card", committee)? {
            let file = format!("card-{}-{number}.txt", committee.as_str());
            let read = ReadCard::parse(&bytes).map_err(|error| CeremonyRefusal::Card { file: file.clone(), error })?;
            if Card::file_name(read.card.member) != file {
                return Err(CeremonyRefusal::WrongCard { member: number }.into());
            }
            cards.push(read);
        }
        Ok(cards)
    }

    /// One file.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Failure> {
        read_file(&self.path.join(name))
    }

    /// One file, if it lies there.
    pub fn read_if_there(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        let path = self.path.join(name);
        if path.exists() { read_file(&path).map(Some) } else { Ok(None) }
    }

    /// Lays a file on the table. The same file again is fine; another one under the name is not overwritten.
    pub fn lay(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path.join(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| outside(&path, error)),
            Err(_) if read_file(&path).is_ok_and(|there| there == bytes) => Ok(()),
            Err(error) => Err(outside(&path, error)),
        }
    }

    /// Replaces a file: a member's own new card, or a statement with one more signature.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path.join(name);
        std::fs::write(&path, bytes).map_err(|error| outside(&path, error))
    }
}

/// A file of at most [`FILE_MAX`] octets.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    read_up_to(path, FILE_MAX)
}

/// A file of at most `max` octets.
pub fn read_up_to(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    let file = std::fs::File::open(path).map_err(|error| outside(path, error))?;
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).map_err(|error| outside(path, error))?;
    if max < bytes.len() as u64 {
        return Err(outside(path, ErrorKind::FileTooLarge.into()));
    }
    Ok(bytes)
}

fn outside(path: &Path, error: std::io::Error) -> Failure {
    Failure::Outside { what: path.display().to_string(), error }
}

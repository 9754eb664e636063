//! The file that a position means, where the writer has gone over to a new one meanwhile (SRC-06).
//!
//! A provider that may not keep what is sealed (SEA-79) has to be able to let the file go: it renames `PATH` to `PATH.1`, as every
//! tool for rotating logs does, and writes on in a new `PATH`. The old file is read to its end first. Files are known by their first
//! line; names only say the order: `PATH`, `PATH.1` before it, `PATH.2` before that.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use seal::digest::sha256;

use super::{At, fault, next_line, refusal};
use crate::source::SourceError;

/// Names behind the path that are looked at. Rotated daily, a sealer may be away for nine days.
const ROTATED_MAX: usize = 9;

/// Where a position is read on.
pub(super) struct Found {
    pub file: BufReader<File>,
    pub path: PathBuf,
    /// The file after this one, once it has a line: then the writer is done with this one.
    pub next: Option<String>,
}

/// First 16 hexadecimal digits of SHA-256 of the first line; none before there is a whole one.
fn id_of(file: &mut BufReader<File>) -> Result<Option<String>, SourceError> {
    let first = next_line(file).map_err(fault("the file cannot be read"))?;
    let hash = first.map(|line| sha256(&[&line.bytes, &line.len.to_be_bytes()]));
    Ok(hash.map(|hash| hash.iter().take(8).map(|b| format!("{b:02x}")).collect()))
}

/// `PATH.1` and so on; `PATH` itself is 0.
fn named(path: &Path, number: usize) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

fn open(path: &Path) -> Result<Option<BufReader<File>>, SourceError> {
    match File::open(path) {
        Ok(file) => Ok(Some(BufReader::new(file))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fault("the file cannot be opened")(error)),
    }
}

/// SRC-06. From the newest to the oldest: a rotation meanwhile moves files that way, so the file before the one that is found is always
/// the next one. A position before the first line means whatever stands at the path.
pub(super) fn find(path: &Path, at: &mut At) -> Result<Found, SourceError> {
    let (mut next, mut is_there) = (None, false);
    for number in 0..=ROTATED_MAX {
        let path = named(path, number);
        let Some(mut file) = open(&path)? else {
            // Between renaming and making anew, nothing is at the path itself.
            if number == 0 && !at.file.is_empty() {
                continue;
            }
            break;
        };
        is_there |= number == 0;
        let id = id_of(&mut file)?;
        if at.file.is_empty() {
            at.file = id.unwrap_or_default();
            return Ok(Found { file, path, next: None });
        }
        if id.as_ref() == Some(&at.file) {
            return Ok(Found { file, path, next });
        }
        next = id;
    }
    match is_there {
        true => Err(refusal(
            "SRC-06",
            "another file stands at the path, and the one that was read so far is not at PATH.1 to PATH.9: put it there",
        )),
        false => Err(SourceError::Fault(format!("the file cannot be opened: {}", ErrorKind::NotFound))),
    }
}

/// The rotated files before the one that is found: read to their ends.
pub(super) fn before(path: &Path, found: &Found) -> Result<Vec<PathBuf>, SourceError> {
    let names = (0..=ROTATED_MAX).map(|number| named(path, number));
    let older = names.skip_while(|name| *name != found.path).skip(1);
    let mut there = Vec::new();
    for name in older {
        if open(&name)?.is_some() {
            there.push(name);
        }
    }
    Ok(there)
}

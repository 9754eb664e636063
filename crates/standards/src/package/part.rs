//! Parts of a package with their sums, and the container made of them.

use super::{Content, Failure, Refusal};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use verify::package::digest::{RunningSums, Sums};
use verify::package::zip::{Entry, end_records};
use verify::package::{Source, layout};

/// A file of the package: what it holds and what is known of it.
pub struct Part {
    content: Content,
    sums: Sums,
}

/// All parts by name.
pub type Parts = BTreeMap<String, Part>;

impl Part {
    pub fn new(content: Content) -> Result<Part, io::Error> {
        let mut running = RunningSums::new();
        content.each_piece(&mut |piece| {
            running.update(piece);
            Ok(())
        })?;
        Ok(Part { content, sums: running.finish() })
    }

    pub fn bytes(bytes: Vec<u8>) -> Part {
        let sums = Sums::of(&bytes);
        Part { content: Content::Bytes(bytes), sums }
    }
}

impl Content {
    fn each_piece(&self, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let path = match self {
            Content::Bytes(bytes) => return take(bytes),
            Content::File(path) => path,
        };
        let mut file = File::open(path)?;
        let mut piece = vec![0; 64 * 1024];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(()),
                len => take(&piece[..len])?,
            }
        }
    }
}

pub fn sums(parts: &Parts) -> BTreeMap<String, Sums> {
    parts.iter().map(|(name, part)| (name.clone(), part.sums.clone())).collect()
}

/// Puts a part in. PKG-08: a second one of the same name is refused.
pub fn insert(parts: &mut Parts, name: String, part: Part) -> Result<(), Refusal> {
    if parts.contains_key(&name) || !layout::is_name(&name) {
        return Err(Refusal::Name { name });
    }
    parts.insert(name, part);
    Ok(())
}

/// The container: `mimetype`, then the rest by name, then the directory. Only forward writes, constant memory.
pub fn write_container(parts: &Parts, out: &mut dyn Write) -> Result<(), Failure> {
    let first = parts.iter().filter(|(name, _)| *name == layout::MIMETYPE);
    let rest = parts.iter().filter(|(name, _)| *name != layout::MIMETYPE);
    let mut entries = Vec::new();
    let mut offset = 0;
    for (name, part) in first.chain(rest) {
        let entry = Entry { name: name.clone(), crc: part.sums.crc, size: part.sums.size, offset };
        out.write_all(&entry.local_header())?;
        let mut running = RunningSums::new();
        part.content.each_piece(&mut |piece| {
            running.update(piece);
            out.write_all(piece)
        })?;
        if running.finish() != part.sums {
            return Err(Refusal::Changed { name: name.clone() }.into());
        }
        offset = entry.end();
        entries.push(entry);
    }
    let mut directory_len = 0;
    for entry in &entries {
        let record = entry.central_record();
        out.write_all(&record)?;
        directory_len += record.len() as u64;
    }
    out.write_all(&end_records(entries.len() as u64, offset, directory_len))?;
    Ok(())
}

/// A package file on disk, for `verify::package::RawPackage`.
pub struct FileSource {
    file: Mutex<File>,
    size: u64,
}

impl FileSource {
    pub fn open(path: &Path) -> io::Result<FileSource> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        Ok(FileSource { file: Mutex::new(file), size })
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.size
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), verify::package::Refusal> {
        // A panic elsewhere leaves only the file's position behind, which is set anew here.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(into));
        read.map_err(|_| verify::package::Refusal::Unreadable)
    }
}

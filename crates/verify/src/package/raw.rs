//! The ZIP layer: names and places of files, and reading their bytes in pieces.

use super::digest::{RunningSums, Sha256, Sums};
use super::zip::{Entry, read_directory};
use super::{Package, Refusal, Source, layout};
use std::collections::{BTreeMap, BTreeSet};

/// Files are read in pieces of this size, whatever size they claim.
const PIECE_LEN: u64 = 64 * 1024;

/// A ZIP file of the one allowed shape: names, order and headers are checked, contents are not.
pub struct RawPackage<'a> {
    source: &'a dyn Source,
    entries: Vec<Entry>,
}

impl<'a> RawPackage<'a> {
    /// Reads the container's directory. Refuses PKG-01 to PKG-05 and PKG-07 (position of `mimetype`).
    pub fn read(source: &'a dyn Source) -> Result<RawPackage<'a>, Refusal> {
        let entries = read_directory(source)?;
        if entries.first().is_none_or(|entry| entry.name != layout::MIMETYPE) {
            return Err(Refusal::MimeType);
        }
        // Ascending by octets makes names unique at once; letter case matters to us and not to Windows or macOS,
        // where the second of `a` and `A` would overwrite the first when unzipped.
        let mut folded = BTreeSet::new();
        let mut previous = "";
        for (place, entry) in entries.iter().enumerate() {
            let is_in_order = place <= 1 || previous < entry.name.as_str();
            if !is_in_order || !folded.insert(entry.name.to_ascii_lowercase()) {
                return Err(Refusal::Order { file: entry.name.clone() });
            }
            previous = &entry.name;
        }
        Ok(RawPackage { source, entries })
    }

    /// Checks every byte: CRC, layout, ASiC manifest, bag, documents, rows. Refuses PKG-06 to PKG-36.
    pub fn check(self) -> Result<Package<'a>, Refusal> {
        Package::check(self)
    }

    /// Names of all files in container order, `mimetype` first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// Reads every file once. Refuses PKG-06.
    pub(super) fn sums(&self) -> Result<BTreeMap<String, Sums>, Refusal> {
        let mut all = BTreeMap::new();
        for entry in &self.entries {
            let mut running = RunningSums::new();
            self.each_piece(entry, &mut |piece| running.update(piece))?;
            let sums = running.finish();
            if sums.crc != entry.crc {
                return Err(Refusal::Crc { file: entry.name.clone() });
            }
            all.insert(entry.name.clone(), sums);
        }
        Ok(all)
    }

    fn each_piece(&self, entry: &Entry, take: &mut dyn FnMut(&[u8])) -> Result<(), Refusal> {
        let mut piece = vec![0; PIECE_LEN.min(entry.size) as usize];
        let mut at = entry.data_offset();
        let end = entry.end();
        while at < end {
            let len = PIECE_LEN.min(end - at);
            let piece = piece.get_mut(..len as usize).ok_or(Refusal::Unreadable)?;
            self.source.read_at(at, piece)?;
            take(piece);
            at += len;
        }
        Ok(())
    }

    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        // `mimetype` stands first, outside the alphabetic order of the rest.
        let rest = self.entries.get(1..)?;
        rest.binary_search_by(|entry| entry.name.as_str().cmp(name)).ok().and_then(|at| rest.get(at))
    }

    /// A whole file of at most `len_max` octets whose SHA-256 was found before. `None`: larger.
    pub(super) fn file(&self, name: &str, len_max: usize, sums: &Sums) -> Result<Option<Vec<u8>>, Refusal> {
        if (len_max as u64) < sums.size {
            return Ok(None);
        }
        let mut reader = self.reader(name, sums)?;
        let mut bytes = Vec::new();
        while let Some(piece) = reader.piece()? {
            bytes.extend_from_slice(piece);
        }
        reader.finish()?;
        Ok(Some(bytes))
    }

    /// A reader over a file that compares the digest again at the end: a source that changed in between is caught.
    pub(super) fn reader<'r>(&'r self, name: &str, sums: &Sums) -> Result<FileReader<'r>, Refusal> {
        let entry = match name {
            layout::MIMETYPE => self.entries.first(),
            _ => self.entry(name),
        };
        let entry = entry.ok_or_else(|| Refusal::Layout { file: name.to_owned() })?;
        Ok(FileReader {
            source: self.source,
            at: entry.data_offset(),
            end: entry.end(),
            digest: Sha256::new(),
            expected: sums.sha256,
            piece: Vec::new(),
        })
    }
}

/// One pass over one file.
pub(super) struct FileReader<'r> {
    source: &'r dyn Source,
    at: u64,
    end: u64,
    digest: Sha256,
    expected: [u8; 32],
    piece: Vec<u8>,
}

impl FileReader<'_> {
    /// The next piece; None at the end.
    pub fn piece(&mut self) -> Result<Option<&[u8]>, Refusal> {
        let len = PIECE_LEN.min(self.end - self.at);
        if len == 0 {
            return Ok(None);
        }
        self.piece.resize(len as usize, 0);
        self.source.read_at(self.at, &mut self.piece)?;
        self.digest.update(&self.piece);
        self.at += len;
        Ok(Some(&self.piece))
    }

    /// To be called at the end of the file; a part of it has another digest.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.digest.finish() != self.expected { Err(Refusal::Unreadable) } else { Ok(()) }
    }
}

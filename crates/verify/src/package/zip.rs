//! The one ZIP spelling that packages use, as templates: writer and reader produce headers from the same functions,
//! and the reader compares octets.
//!
//! Stored entries, no flags, no comments, date 1980-01-01 00:00, mode 0644, ZIP64 fields exactly where a value does not
//! fit (PKG-02, PKG-09). APPNOTE 6.3.9 sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16.

use super::{Refusal, Source, layout};

pub const LOCAL_LEN: usize = 30;
const CENTRAL_LEN: usize = 46;
const END_LEN: usize = 22;
const END64_LEN: usize = 56;
const LOCATOR_LEN: usize = 20;
const NO_FIT_16: u64 = 0xFFFF;
const NO_FIT_32: u64 = 0xFFFF_FFFF;
/// 2^18 files: a year of hours in thirty categories. A directory of so many is 60 MB, read at once.
pub const ENTRIES_MAX: u64 = 1 << 18;
/// 2^42 octets (4 TiB): sums of offsets cannot overflow below it.
pub const CONTAINER_LEN_MAX: u64 = 1 << 42;

/// One stored file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub crc: u32,
    pub size: u64,
    /// Of the local header, from the start of the file.
    pub offset: u64,
}

impl Entry {
    /// Where the file's own bytes begin.
    pub fn data_offset(&self) -> u64 {
        self.offset + self.local_header().len() as u64
    }
    /// Where the next local header begins.
    pub fn end(&self) -> u64 {
        self.data_offset() + self.size
    }

    pub fn local_header(&self) -> Vec<u8> {
        let is_large = NO_FIT_32 <= self.size;
        let mut out = Vec::with_capacity(LOCAL_LEN + self.name.len() + 20);
        out.extend(b"PK\x03\x04");
        self.shared_fields(is_large, &mut out);
        out.extend((if is_large { 20u16 } else { 0 }).to_le_bytes());
        out.extend(self.name.as_bytes());
        if is_large {
            out.extend([1, 0, 16, 0]);
            out.extend(self.size.to_le_bytes());
            out.extend(self.size.to_le_bytes());
        }
        out
    }

    pub fn central_record(&self) -> Vec<u8> {
        let mut extra = Vec::new();
        if NO_FIT_32 <= self.size {
            extra.extend(self.size.to_le_bytes());
            extra.extend(self.size.to_le_bytes());
        }
        if NO_FIT_32 <= self.offset {
            extra.extend(self.offset.to_le_bytes());
        }
        let extra_len = if extra.is_empty() { 0 } else { extra.len() as u16 + 4 };
        let mut out = Vec::with_capacity(CENTRAL_LEN + self.name.len() + usize::from(extra_len));
        out.extend(b"PK\x01\x02");
        out.extend([45, 3]); // made by: ZIP 4.5, Unix
        self.shared_fields(!extra.is_empty(), &mut out);
        out.extend(extra_len.to_le_bytes());
        out.extend([0; 6]); // no comment, disk 0, no internal attributes
        out.extend((0o100_644u32 << 16).to_le_bytes());
        out.extend((self.offset.min(NO_FIT_32) as u32).to_le_bytes());
        out.extend(self.name.as_bytes());
        if !extra.is_empty() {
            out.extend([1, 0]);
            out.extend((extra.len() as u16).to_le_bytes());
            out.extend(extra);
        }
        out
    }

    /// Version needed to name length: the same in both headers.
    fn shared_fields(&self, is_zip64: bool, out: &mut Vec<u8>) {
        out.extend((if is_zip64 { 45u16 } else { 10 }).to_le_bytes());
        out.extend([0, 0, 0, 0]); // no flags, stored
        out.extend([0, 0, 0x21, 0]); // 00:00:00 on 1980-01-01
        out.extend(self.crc.to_le_bytes());
        let size = self.size.min(NO_FIT_32) as u32;
        out.extend(size.to_le_bytes());
        out.extend(size.to_le_bytes());
        out.extend((self.name.len() as u16).to_le_bytes());
    }
}

/// The records after the central directory: ZIP64 ones only if a number does not fit.
pub fn end_records(entries: u64, directory_offset: u64, directory_len: u64) -> Vec<u8> {
    let mut out = Vec::new();
    if NO_FIT_16 <= entries || NO_FIT_32 <= directory_offset || NO_FIT_32 <= directory_len {
        out.extend(b"PK\x06\x06");
        out.extend((END64_LEN as u64 - 12).to_le_bytes());
        out.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [entries, entries, directory_len, directory_offset] {
            out.extend(number.to_le_bytes());
        }
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend(directory_offset.saturating_add(directory_len).to_le_bytes());
        out.extend(1u32.to_le_bytes());
    }
    out.extend(b"PK\x05\x06\0\0\0\0");
    let entries = entries.min(NO_FIT_16) as u16;
    out.extend(entries.to_le_bytes());
    out.extend(entries.to_le_bytes());
    out.extend((directory_len.min(NO_FIT_32) as u32).to_le_bytes());
    out.extend((directory_offset.min(NO_FIT_32) as u32).to_le_bytes());
    out.extend([0, 0]);
    out
}

/// All entries of a container, in order, or the first rule it breaks (PKG-01 to PKG-03).
///
/// Every octet outside the files' own bytes is compared with the template. Since each header follows directly on the
/// bytes of the entry before it and the directory follows on the last, nothing can overlap, hide in a gap, or stand before or after.
pub fn read_directory(source: &(impl Source + ?Sized)) -> Result<Vec<Entry>, Refusal> {
    let size = source.size();
    if size < END_LEN as u64 || CONTAINER_LEN_MAX < size {
        return Err(Refusal::Size { what: "the container" });
    }
    let (count, offset, len) = end_numbers(source, size)?;
    if ENTRIES_MAX < count {
        return Err(Refusal::Size { what: "the number of entries" });
    }
    // Claims of a stranger: the sum with the records behind them is the file's length, so both lie inside the file.
    let end_at = offset.checked_add(len).ok_or(Refusal::Tiling)?;
    let end = end_records(count, offset, len);
    if end_at.checked_add(end.len() as u64) != Some(size) || !matches(source, end_at, &end)? {
        return Err(Refusal::Tiling);
    }
    // A record is at least 46 octets, so the count is bounded by the directory's real length before anything is allocated for it.
    let (least, most) = (CENTRAL_LEN as u64, (CENTRAL_LEN + layout::NAME_LEN_MAX + 28) as u64);
    if !(count * least..=count * most).contains(&len) {
        return Err(Refusal::Size { what: "the directory" });
    }
    let mut directory = vec![0; usize::try_from(len).map_err(|_| Refusal::Size { what: "the directory" })?];
    source.read_at(offset, &mut directory)?;
    let mut entries = Vec::new();
    let (mut rest, mut at) = (directory.as_slice(), 0);
    for number in 1..=count as usize {
        let (entry, left) = central(rest, number)?;
        rest = left;
        if entry.offset != at || offset < entry.end() {
            return Err(Refusal::Tiling);
        }
        if !matches(source, at, &entry.local_header())? {
            return Err(Refusal::Header { entry: number });
        }
        at = entry.end();
        entries.push(entry);
    }
    if !rest.is_empty() || at != offset {
        return Err(Refusal::Tiling);
    }
    Ok(entries)
}

/// (entries, directory offset, directory length) as the last records claim them; compared with the template afterwards.
fn end_numbers(source: &(impl Source + ?Sized), size: u64) -> Result<(u64, u64, u64), Refusal> {
    let mut end = [0; END_LEN];
    source.read_at(size - END_LEN as u64, &mut end)?;
    if &end[..4] != b"PK\x05\x06" {
        return Err(Refusal::Tiling);
    }
    let (count, len, offset) = (number(&end[10..12]), number(&end[12..16]), number(&end[16..20]));
    if count != NO_FIT_16 && len != NO_FIT_32 && offset != NO_FIT_32 {
        return Ok((count, offset, len));
    }
    let back = (END64_LEN + LOCATOR_LEN + END_LEN) as u64;
    let mut end64 = [0; END64_LEN];
    source.read_at(size.checked_sub(back).ok_or(Refusal::Tiling)?, &mut end64)?;
    Ok((number(&end64[32..40]), number(&end64[48..56]), number(&end64[40..48])))
}

/// The first record of what is left of the directory.
fn central(bytes: &[u8], entry_number: usize) -> Result<(Entry, &[u8]), Refusal> {
    let header = Refusal::Header { entry: entry_number };
    let fixed = bytes.get(..CENTRAL_LEN).ok_or(Refusal::Tiling)?;
    let name_len = number(&fixed[28..30]) as usize;
    let extra_len = number(&fixed[30..32]) as usize;
    let total = CENTRAL_LEN + name_len + extra_len;
    let record = bytes.get(..total).ok_or(Refusal::Tiling)?;
    let name = std::str::from_utf8(&record[CENTRAL_LEN..CENTRAL_LEN + name_len]).map_err(|_| Refusal::Name { entry: entry_number })?;
    if !layout::is_name(name) {
        return Err(Refusal::Name { entry: entry_number });
    }
    let mut wide = record[CENTRAL_LEN + name_len..].chunks(8);
    let (mut size, mut offset) = (number(&fixed[24..28]), number(&fixed[42..46]));
    if extra_len != 0 {
        // Tag and length (4 octets), then the numbers that did not fit; a wrong tag or length fails the comparison below.
        wide = record.get(CENTRAL_LEN + name_len + 4..).ok_or(header.clone())?.chunks(8);
    }
    if size == NO_FIT_32 {
        size = number(wide.next().ok_or(header.clone())?);
        wide.next();
    }
    if offset == NO_FIT_32 {
        offset = number(wide.next().ok_or(header.clone())?);
    }
    if CONTAINER_LEN_MAX < size || CONTAINER_LEN_MAX < offset {
        return Err(Refusal::Size { what: "an entry" });
    }
    let entry = Entry { name: name.to_owned(), crc: number(&fixed[16..20]) as u32, size, offset };
    if entry.central_record() != record {
        return Err(header);
    }
    Ok((entry, &bytes[total..]))
}

/// Little-endian, at most 8 octets.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

fn matches(source: &(impl Source + ?Sized), at: u64, expected: &[u8]) -> Result<bool, Refusal> {
    if source.size() < at.saturating_add(expected.len() as u64) {
        return Ok(false);
    }
    let mut found = vec![0; expected.len()];
    source.read_at(at, &mut found)?;
    Ok(found == expected)
}

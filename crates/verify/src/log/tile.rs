//! Paths, widths and bundles of a tiled log (LOG-16 to LOG-18).

use std::fmt;

use super::Refusal;
use crate::spelling::decimal;

/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH_FULL: u16 = 256;

/// Levels are 0 to 63 (LOG-17).
pub const LEVEL_MAX: u8 = 63;

/// Longest entry: its length is a u16.
pub const ENTRY_LEN_MAX: usize = 65_535;

/// What can be fetched from a log's reading address (section 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    Checkpoint,
    /// `width` hashes of level `level`: 256 for a full tile, 1 to 255 for a partial one.
    Tile {
        level: u8,
        number: u64,
        width: u16,
    },
    /// `width` entries with their lengths.
    Entries {
        number: u64,
        width: u16,
    },
}

impl Resource {
    /// Reads a path without its leading slash; one spelling only (LOG-17). Request paths of strangers end here.
    pub fn parse(path: &str) -> Result<Resource, Refusal> {
        // 63 levels, seven groups of digits, a width: nothing longer is a path of ours.
        if 128 < path.len() {
            return Err(Refusal::BadPath);
        }
        let resource = Resource::read(path).ok_or(Refusal::BadPath)?;
        if resource.to_string() != path {
            return Err(Refusal::BadPath);
        }
        Ok(resource)
    }

    fn read(path: &str) -> Option<Resource> {
        if path == "checkpoint" {
            return Some(Resource::Checkpoint);
        }
        let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let (groups, width) = match rest.split_once(".p/") {
            None => (rest, WIDTH_FULL),
            Some((groups, width)) => {
                let width = u16::try_from(decimal(width)?).ok()?;
                (groups, Some(width).filter(|w| (1..WIDTH_FULL).contains(w))?)
            }
        };
        let number = number_of(groups)?;
        if kind == "entries" {
            return Some(Resource::Entries { number, width });
        }
        let level = u8::try_from(decimal(kind)?).ok().filter(|level| *level <= LEVEL_MAX)?;
        Some(Resource::Tile { level, number, width })
    }
}

/// Digits in groups of three, all but the last with `x`. The caller re-encodes and compares, so this only has to read.
fn number_of(groups: &str) -> Option<u64> {
    let mut number = 0u64;
    for group in groups.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let value = digits.bytes().fold(0u64, |sum, b| sum * 10 + u64::from(b - b'0'));
        number = number.checked_mul(1000)?.checked_add(value)?;
    }
    Some(number)
}

fn write_number(f: &mut fmt::Formatter<'_>, number: u64) -> fmt::Result {
    let mut groups = vec![number % 1000];
    let mut rest = number / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    for (position, group) in groups.iter().enumerate().rev() {
        match position {
            0 => write!(f, "{group:03}")?,
            _ => write!(f, "x{group:03}/")?,
        }
    }
    Ok(())
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = match self {
            Resource::Checkpoint => return f.write_str("checkpoint"),
            Resource::Tile { level, number, width } => {
                write!(f, "tile/{level}/")?;
                write_number(f, *number)?;
                width
            }
            Resource::Entries { number, width } => {
                f.write_str("tile/entries/")?;
                write_number(f, *number)?;
                width
            }
        };
        if *width < WIDTH_FULL { write!(f, ".p/{width}") } else { Ok(()) }
    }
}

/// Full tiles on a level for a tree of this size (LOG-16).
pub fn full_tiles(size: u64, level: u8) -> u64 {
    hashes_on(size, level) / u64::from(WIDTH_FULL)
}

/// Width of the partial tile on a level, 0 if there is none: floor(size / 256^level) mod 256 (LOG-18).
pub fn partial_width(size: u64, level: u8) -> u16 {
    // Cannot truncate: the remainder is below 256.
    (hashes_on(size, level) % u64::from(WIDTH_FULL)) as u16
}

fn hashes_on(size: u64, level: u8) -> u64 {
    size.checked_shr(8 * u32::from(level)).unwrap_or(0)
}

/// All tiles and bundles of a tree of this size whose content differs from that of the smaller size `old`, in the order
/// entries, level 0, level 1, …; full ones before the partial one.
pub fn resources_between(old: u64, size: u64) -> Vec<Resource> {
    let mut resources = Vec::new();
    if old < size {
        for number in full_tiles(old, 0)..full_tiles(size, 0) {
            resources.push(Resource::Entries { number, width: WIDTH_FULL });
        }
        if partial_width(size, 0) > 0 {
            resources.push(Resource::Entries { number: full_tiles(size, 0), width: partial_width(size, 0) });
        }
    }
    for level in 0..=7 {
        if hashes_on(old, level) == hashes_on(size, level) {
            continue;
        }
        for number in full_tiles(old, level)..full_tiles(size, level) {
            resources.push(Resource::Tile { level, number, width: WIDTH_FULL });
        }
        let width = partial_width(size, level);
        if width > 0 {
            resources.push(Resource::Tile { level, number: full_tiles(size, level), width });
        }
    }
    resources
}

/// Entries of a bundle, each after its u16 length. `None`: more than 256 entries, or one that is too long.
pub fn bundle(entries: &[Vec<u8>]) -> Option<Vec<u8>> {
    if usize::from(WIDTH_FULL) < entries.len() {
        return None;
    }
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend_from_slice(&u16::try_from(entry.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Some(bytes)
}

/// The entries of a bundle of exactly `width`; nothing may be left over.
pub fn entries(bytes: &[u8], width: u16) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    for _ in 0..width {
        let (len, after) = rest.split_first_chunk::<2>().ok_or(Refusal::BadBundle)?;
        let (entry, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*len))).ok_or(Refusal::BadBundle)?;
        entries.push(entry.to_vec());
        rest = after;
    }
    if width == 0 || WIDTH_FULL < width || !rest.is_empty() {
        return Err(Refusal::BadBundle);
    }
    Ok(entries)
}

//! Entry bundles and staging objects: (u16 length, entry) repeated (log.md 2.4, section 7).

/// Longest entry: what a u16 can say.
pub const ENTRY_BYTES_MAX: usize = 65_535;

/// Why bytes are not a sequence of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntriesError {
    /// The last length or entry is cut off.
    Truncated { at: usize },
}

/// Entries longer than 65,535 bytes never get here: admission refuses them.
pub fn encode(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(entries.iter().map(|entry| 2 + entry.len()).sum());
    for entry in entries {
        debug_assert!(entry.len() <= ENTRY_BYTES_MAX);
        bytes.extend_from_slice(&(entry.len() as u16).to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    bytes
}

pub fn decode(bytes: &[u8]) -> Result<Vec<Vec<u8>>, EntriesError> {
    let mut entries = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes.get(at..at + 2).ok_or(EntriesError::Truncated { at })?;
        let end = at + 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
        entries.push(bytes.get(at + 2..end).ok_or(EntriesError::Truncated { at })?.to_vec());
        at = end;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_and_cut_ones_are_refused() {
        let entries = vec![b"one".to_vec(), Vec::new(), vec![7; ENTRY_BYTES_MAX]];
        let bytes = encode(&entries);
        assert_eq!(decode(&bytes), Ok(entries));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), Err(EntriesError::Truncated { at: 7 }));
        assert_eq!(decode(&bytes[..6]), Err(EntriesError::Truncated { at: 5 }));
    }
}

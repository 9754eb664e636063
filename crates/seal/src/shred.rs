//! Destroying keys, and the statement that it happened (sections 3.5 and 9).

use crate::identity::ProviderId;
use crate::labels;
use crate::merkle::Hash;
use crate::retention::{RetentionId, RetentionKey};

/// What was destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeletionKind {
    /// A retention key W, at expiry (SEA-48).
    RetentionKey,
    /// A member's share, after the period (SEA-49).
    Share,
    /// Salts of subjects; counts only (SEA-51).
    Salts,
}

impl DeletionKind {
    pub fn number(self) -> u8 {
        match self {
            DeletionKind::RetentionKey => 1,
            DeletionKind::Share => 2,
            DeletionKind::Salts => 3,
        }
    }

    fn parse(number: u8) -> Option<DeletionKind> {
        match number {
            1 => Some(DeletionKind::RetentionKey),
            2 => Some(DeletionKind::Share),
            3 => Some(DeletionKind::Salts),
            _ => None,
        }
    }
}

/// A deletion as it is logged: label ‖ kind u8 ‖ provider(16) ‖ object(32) ‖ count u32 ‖ time u64, 69 octets. Public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletionLeaf {
    pub kind: DeletionKind,
    pub provider: ProviderId,
    /// For W the commitment whose first 16 octets are the retention id; zeros for salts.
    pub object: Hash,
    pub count: u32,
    /// Unix seconds.
    pub time: u64,
}

impl DeletionLeaf {
    pub const LEN: usize = 69;

    pub fn to_bytes(&self) -> [u8; DeletionLeaf::LEN] {
        let mut out = [0; DeletionLeaf::LEN];
        out[..8].copy_from_slice(labels::DELETION);
        out[8] = self.kind.number();
        out[9..25].copy_from_slice(&self.provider.0);
        out[25..57].copy_from_slice(&self.object);
        out[57..61].copy_from_slice(&self.count.to_be_bytes());
        out[61..].copy_from_slice(&self.time.to_be_bytes());
        out
    }

    /// `None` for anything but the 69 octets (SEA-02).
    pub fn parse(octets: &[u8]) -> Option<DeletionLeaf> {
        let octets: &[u8; DeletionLeaf::LEN] = octets.try_into().ok()?;
        let (mut provider, mut object, mut count, mut time) = ([0; 16], [0; 32], [0; 4], [0; 8]);
        provider.copy_from_slice(&octets[9..25]);
        object.copy_from_slice(&octets[25..57]);
        count.copy_from_slice(&octets[57..61]);
        time.copy_from_slice(&octets[61..]);
        (octets[..8] == *labels::DELETION).then_some(())?;
        Some(DeletionLeaf {
            kind: DeletionKind::parse(octets[8])?,
            provider: ProviderId(provider),
            object,
            count: u32::from_be_bytes(count),
            time: u64::from_be_bytes(time),
        })
    }
}

/// A retention key that no longer exists in this process. Made only by [`shred`], which consumes the key: nothing that
/// holds one of these can still hold the other.
///
/// ```compile_fail
/// let forged = seal::shred::Shredded { commitment: [0; 32] };
/// ```
#[derive(Debug)]
pub struct Shredded {
    commitment: Hash,
}

/// Wipes W. The vault's file must already be gone; this is the last copy.
pub fn shred(key: RetentionKey) -> Shredded {
    let shredded = Shredded { commitment: key.commitment() };
    drop(key);
    shredded
}

impl Shredded {
    pub fn retention_id(&self) -> RetentionId {
        let mut id = [0; 16];
        id.copy_from_slice(&self.commitment[..16]);
        RetentionId(id)
    }

    /// What is logged about it (SEA-48).
    pub fn deletion(&self, provider: ProviderId, time: u64) -> DeletionLeaf {
        DeletionLeaf { kind: DeletionKind::RetentionKey, provider, object: self.commitment, count: 1, time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn sea_48_shredding_gives_the_statement_for_that_key() {
        let key = RetentionKey::from_secret(&Secret::new([7; 32]));
        let id = key.id();
        let shredded = shred(key);
        assert_eq!(shredded.retention_id(), id);
        let leaf = shredded.deletion(ProviderId([1; 16]), 99);
        assert_eq!(leaf.object[..16], id.0);
        assert_eq!(DeletionLeaf::parse(&leaf.to_bytes()), Some(leaf));
    }

    #[test]
    fn sea_02_deletions_are_parsed_strictly() {
        let leaf = shred(RetentionKey::from_secret(&Secret::new([7; 32]))).deletion(ProviderId([1; 16]), 99);
        let octets = leaf.to_bytes();
        assert_eq!(DeletionLeaf::parse(&octets[..68]), None);
        for (position, value) in [(0, b'X'), (8, 0), (8, 4)] {
            let mut changed = octets;
            changed[position] = value;
            assert_eq!(DeletionLeaf::parse(&changed), None);
        }
    }
}

//! The retention key W of one category and day, and the bucket values derived from it (sections 3.1 and 9).
//!
//! W locks every record of its day a second time; destroying its 32 octets kills the day for everybody (SEA-48). A
//! disclosed bucket value lifts this lock for 1/65,536 of the identities of one epoch and says nothing about the others
//! (SEA-82).

use zeroize::Zeroize;

use crate::digest::{HmacKey, sha256};
use crate::entropy::Entropy;
use crate::labels;
use crate::memory::Locked;
use crate::merkle::{self, Hash, Tree};
use crate::secret::Secret;

/// Names a retention key without revealing it: the first 16 octets of a hash. Public, in every epoch header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetentionId(pub [u8; 16]);

/// W: 32 random octets of one category and UTC day. Never leaves the provider (SEA-46, SEA-47).
pub struct RetentionKey {
    key: Locked<[u8; 32]>,
    id: RetentionId,
}

impl RetentionKey {
    pub fn generate(entropy: &mut dyn Entropy) -> RetentionKey {
        RetentionKey::of(Locked::fill_with(|key: &mut [u8; 32]| entropy.fill(key)))
    }

    /// From the provider's vault.
    pub fn from_secret(secret: &Secret<32>) -> RetentionKey {
        RetentionKey::of(Locked::fill_with(|key: &mut [u8; 32]| secret.expose(|secret| key.copy_from_slice(secret))))
    }

    fn of(key: Locked<[u8; 32]>) -> RetentionKey {
        let mut id = RetentionId([0; 16]);
        key.expose(|key| id.0.copy_from_slice(&commitment(key)[..16]));
        RetentionKey { key, id }
    }

    pub fn id(&self) -> RetentionId {
        self.id
    }

    /// The whole hash of which [`RetentionKey::id`] is the beginning: the object that a deletion statement names.
    pub fn commitment(&self) -> Hash {
        self.key.expose(commitment)
    }

    /// Lends W, for the vault's file only.
    pub fn expose<R>(&self, read: impl for<'a> FnOnce(&'a [u8; 32]) -> R) -> R {
        self.key.expose(read)
    }

    /// Whether the key lies in memory that cannot be swapped out.
    pub fn is_locked(&self) -> bool {
        self.key.is_locked()
    }

    /// w_b of one epoch.
    pub fn bucket_value(&self, lease: u32, start: u64, bucket: u16) -> Secret<32> {
        Secret::new(Derivation::new(self, lease, start).value(bucket))
    }
}

impl std::fmt::Debug for RetentionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RetentionKey({:?}, ..)", self.id)
    }
}

fn commitment(key: &[u8; 32]) -> Hash {
    sha256(&[labels::RETENTION_ID, key])
}

/// W prepared for the bucket values of one epoch.
struct Derivation {
    key: HmacKey,
    lease: [u8; 4],
    start: [u8; 8],
}

impl Derivation {
    fn new(retention: &RetentionKey, lease: u32, start: u64) -> Derivation {
        let key = retention.expose(|key| HmacKey::new(key));
        Derivation { key, lease: lease.to_be_bytes(), start: start.to_be_bytes() }
    }

    fn value(&self, bucket: u16) -> [u8; 32] {
        self.key.sign(&[labels::BUCKET, &self.lease, &self.start, &bucket.to_be_bytes()])
    }

    /// Leaf hashes of the buckets of a range, in order.
    fn leaf_hashes(&self, buckets: impl Iterator<Item = u16>) -> Vec<Hash> {
        let leaf = |bucket| {
            let mut value = self.value(bucket);
            let leaf = bucket_leaf(bucket, &value);
            value.zeroize();
            merkle::leaf_hash(&leaf)
        };
        buckets.map(leaf).collect()
    }
}

/// c_b = SHA-256(label ‖ be16(b) ‖ w_b).
pub fn bucket_leaf(bucket: u16, value: &[u8; 32]) -> Hash {
    sha256(&[labels::BUCKET_LEAF, &bucket.to_be_bytes(), value])
}

/// Height of the tree over the 65,536 buckets.
pub const BUCKET_PATH_LEN: usize = 16;

/// Level at which the [`Crown`] cuts the tree: 256 subtrees of 256 buckets.
const CROWN_LEVEL: usize = 8;

/// The Merkle tree over the bucket values of one epoch. Holds hashes only, no w_b.
///
/// Computing it takes 65,536 HMACs, about 55 ms: before the epoch, not in it (SEA-22).
pub struct BucketTree {
    retention_id: RetentionId,
    lease: u32,
    start: u64,
    tree: Tree,
}

impl BucketTree {
    pub fn compute(retention: &RetentionKey, lease: u32, start: u64) -> BucketTree {
        let leaves = Derivation::new(retention, lease, start).leaf_hashes(0..=u16::MAX);
        BucketTree { retention_id: retention.id(), lease, start, tree: Tree::new(leaves) }
    }

    /// wroot, for the epoch header.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    pub fn retention_id(&self) -> RetentionId {
        self.retention_id
    }

    pub fn lease(&self) -> u32 {
        self.lease
    }

    pub fn start(&self) -> u64 {
        self.start
    }

    /// The upper half of the tree, kept beside the header so that later proofs cost 256 HMACs and not 65,536.
    pub fn crown(&self) -> Crown {
        let mut nodes = [[0; 32]; 256];
        nodes.iter_mut().zip(self.tree.level(CROWN_LEVEL)).for_each(|(node, source)| *node = *source);
        Crown(Box::new(nodes))
    }

    /// The value of one bucket with its path. `None` when `retention` is not the key that the tree was made with.
    pub fn proof(&self, retention: &RetentionKey, bucket: u16) -> Option<BucketProof> {
        if retention.id() != self.retention_id {
            return None;
        }
        let path = self.tree.inclusion_path(usize::from(bucket))?.try_into().ok()?;
        let value = retention.bucket_value(self.lease, self.start, bucket);
        Some(value.expose(|value| BucketProof::new(*value, path)))
    }
}

/// The 256 nodes in the middle of a bucket tree, 8,192 octets. Public: hashes over hashes of random values.
///
/// Not trusted by anybody: a wrong crown gives a proof that does not lead to wroot.
#[derive(Clone, PartialEq, Eq)]
pub struct Crown(Box<[Hash; 256]>);

impl Crown {
    pub const LEN: usize = 8_192;

    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.concat()
    }

    /// Exactly 8,192 octets.
    pub fn parse(octets: &[u8]) -> Option<Crown> {
        if octets.len() != Crown::LEN {
            return None;
        }
        let mut nodes = [[0; 32]; 256];
        nodes.iter_mut().zip(octets.chunks_exact(32)).for_each(|(node, source)| node.copy_from_slice(source));
        Some(Crown(Box::new(nodes)))
    }

    pub fn root(&self) -> Hash {
        merkle::root(&self.0[..])
    }

    /// As [`BucketTree::proof`], from W and the crown: one subtree of 256 values is computed again.
    pub fn proof(&self, retention: &RetentionKey, lease: u32, start: u64, bucket: u16) -> Option<BucketProof> {
        let derivation = Derivation::new(retention, lease, start);
        let first = bucket & 0xff00;
        let below = Tree::new(derivation.leaf_hashes(first..=first | 0x00ff));
        let above = Tree::new(self.0.to_vec());
        let mut path = below.inclusion_path(usize::from(bucket & 0x00ff))?;
        path.extend(above.inclusion_path(usize::from(bucket >> 8))?);
        Some(BucketProof::new(derivation.value(bucket), path.try_into().ok()?))
    }
}

/// w_b of one epoch with its path to wroot, 544 octets.
///
/// A secret of the provider until it goes into a package (SEA-64) or a hold (SEA-68); wiped on drop, not printable.
#[derive(Clone)]
pub struct BucketProof {
    value: [u8; 32],
    path: [Hash; BUCKET_PATH_LEN],
}

impl BucketProof {
    pub const LEN: usize = 32 + 32 * BUCKET_PATH_LEN;

    pub fn new(value: [u8; 32], path: [Hash; BUCKET_PATH_LEN]) -> BucketProof {
        BucketProof { value, path }
    }

    pub fn value(&self) -> &[u8; 32] {
        &self.value
    }

    pub fn path(&self) -> &[Hash; BUCKET_PATH_LEN] {
        &self.path
    }

    /// w_b ‖ path, as in the evidence file.
    pub fn to_bytes(&self) -> [u8; 544] {
        let mut out = [0; BucketProof::LEN];
        out[..32].copy_from_slice(&self.value);
        out[32..].copy_from_slice(&self.path.concat());
        out
    }

    pub fn parse(octets: &[u8; 544]) -> BucketProof {
        let (mut value, mut path) = ([0; 32], [[0; 32]; BUCKET_PATH_LEN]);
        value.copy_from_slice(&octets[..32]);
        path.iter_mut().zip(octets[32..].chunks_exact(32)).for_each(|(step, source)| step.copy_from_slice(source));
        BucketProof { value, path }
    }

    /// Checks w_b against wroot of a logged header (SEA-63, SEA-65).
    pub fn verify(&self, bucket: u16, wroot: &Hash) -> Result<(), merkle::MerkleError> {
        let leaf = merkle::leaf_hash(&bucket_leaf(bucket, &self.value));
        merkle::verify_inclusion(u64::from(bucket), 1 << BUCKET_PATH_LEN, &leaf, &self.path, wroot)
    }
}

impl Drop for BucketProof {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl std::fmt::Debug for BucketProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BucketProof(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_from_the_crown_equals_one_from_the_whole_tree() {
        let key = RetentionKey::from_secret(&Secret::new([7; 32]));
        let tree = BucketTree::compute(&key, 3, 900);
        let crown = Crown::parse(&tree.crown().to_bytes()).unwrap();
        assert_eq!(crown.root(), tree.root());
        for bucket in [0, 1, 255, 256, 54_941, u16::MAX] {
            let whole = tree.proof(&key, bucket).unwrap();
            assert_eq!(whole.to_bytes(), crown.proof(&key, 3, 900, bucket).unwrap().to_bytes());
            assert_eq!(BucketProof::parse(&whole.to_bytes()).verify(bucket, &tree.root()), Ok(()));
        }
        let other = RetentionKey::from_secret(&Secret::new([8; 32]));
        assert!(tree.proof(&other, 0).is_none());
        let forged = crown.proof(&other, 3, 900, 5).unwrap();
        assert_eq!(forged.verify(5, &tree.root()), Err(merkle::MerkleError::WrongRoot));
    }
}

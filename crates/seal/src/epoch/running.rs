//! The open epoch: takes records, holds the secrets, and turns into a segment.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;
use std::sync::Arc;

use crate::catalogue::Record;
use crate::committee::PublicKey;
use crate::encapsulate::{EpochSecret, PublicPairing, SharedValue, draw_epoch_scalar};
use crate::entropy::Entropy;
use crate::epoch::{EpochHeader, EpochPlan, HeaderError, Misplaced};
use crate::identity::Identity;
use crate::locator::{self, COUNTER_END, Locator, RecordError};
use crate::memory::KeyPool;
use crate::merkle::Hash;
use crate::points::PointError;
use crate::retention::{BucketTree, RetentionKey};
use crate::secret::Secret;
use crate::segment::{EntryBlocks, SegmentLeaf, SegmentWriter};

/// Records whose places are fetched together: more than a processor keeps reads under way, fewer than push each other out.
const AHEAD: usize = 16;

/// Why a record was not sealed, or an epoch not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// W or its bucket tree belong to another epoch.
    Retention,
    Header(HeaderError),
    Point(PointError),
    /// The identity names another key, provider or suite than the epoch.
    OtherEpoch,
    /// Another category than identity or epoch (SEA-19).
    Category,
    /// Slot, event or receipt outside the epoch (SEA-19, SEA-40, SEA-80).
    Misplaced(Misplaced),
    /// A public pairing of another identity (SEA-28).
    OtherPairing,
    Record(RecordError),
}

impl std::fmt::Display for SealError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SealError::Retention => "retention key and bucket tree do not belong to this epoch",
            SealError::Header(error) => return error.fmt(f),
            SealError::Point(error) => return error.fmt(f),
            SealError::OtherEpoch => "identity of another key, provider or suite",
            SealError::Category => "record, identity and epoch differ in category",
            SealError::Misplaced(error) => return error.fmt(f),
            SealError::OtherPairing => "public pairing of another identity",
            SealError::Record(error) => return error.fmt(f),
        })
    }
}

impl std::error::Error for SealError {}

impl From<Misplaced> for SealError {
    fn from(error: Misplaced) -> Self {
        SealError::Misplaced(error)
    }
}

/// What an epoch is made of, besides its plan and chance.
pub struct EpochMaterials<'a> {
    pub public: &'a PublicKey,
    pub retention: Arc<RetentionKey>,
    /// Computed ahead for the plan's lease and start (SEA-22).
    pub tree: &'a BucketTree,
    /// The node's own key, hedging the epoch secret (SEA-21).
    pub node_key: &'a Secret<32>,
}

/// Where a record went. Secret together with the identity: it links the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedEntry {
    pub locator: Locator,
    pub counter: u64,
}

/// An epoch that takes records. One writer: `seal` needs `&mut` (SEA-34).
///
/// Holds r's digits, R and W (locked) and the keys of every identity seen. Counters live as long as the epoch and are
/// never dropped before it (SEA-33).
pub struct OpenEpoch {
    plan: EpochPlan,
    header: EpochHeader,
    hash: Hash,
    secret: EpochSecret,
    retention: Arc<RetentionKey>,
    /// By digest of the identity. Never iterated: its order depends on nothing that may be seen.
    live: HashMap<Hash, LiveIdentity, BuildHasherDefault<DigestHasher>>,
    keys: KeyPool,
    segment: SegmentWriter,
}

/// The first eight octets of a digest are as good as any hash of it, and a tree of a million digests misses the cache twenty
/// times a record. Nobody outside can aim at one place of the table: identities carry salts that only the provider knows.
#[derive(Default)]
struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn write(&mut self, octets: &[u8]) {
        // An array announces its length before its octets; the last word stands.
        if let Some(first) = octets.first_chunk() {
            self.0 = u64::from_ne_bytes(*first);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

struct LiveIdentity {
    /// Place in the key pool.
    keys: usize,
    /// Next counter, without gaps (SEA-32).
    next: u64,
}

impl OpenEpoch {
    /// Draws r and makes the header. The caller stores the header durably before it seals the first record (SEA-22).
    pub fn open(plan: EpochPlan, materials: EpochMaterials<'_>, entropy: &mut dyn Entropy) -> Result<OpenEpoch, SealError> {
        let EpochMaterials { public, retention, tree, node_key } = materials;
        if (tree.retention_id(), tree.lease(), tree.start()) != (retention.id(), plan.lease, plan.start) {
            return Err(SealError::Retention);
        }
        let r = draw_epoch_scalar(entropy, node_key, plan.lease, plan.start);
        let (secret, u) = EpochSecret::new(r, public).map_err(SealError::Point)?;
        let header = EpochHeader {
            suite: plan.suite,
            key_id: public.key_id(),
            provider: plan.provider,
            lease: plan.lease,
            start: plan.start,
            end: plan.end,
            cover: plan.cover,
            retention_id: retention.id(),
            u,
            wroot: tree.root(),
        };
        header.check().map_err(SealError::Header)?;
        header.check_alignment(plan.timing.slot_len())?;
        let (hash, live, keys, segment) = (header.hash(), HashMap::default(), KeyPool::default(), SegmentWriter::default());
        Ok(OpenEpoch { plan, header, hash, secret, retention, live, keys, segment })
    }

    /// With memory that earlier epochs of the process have used, and that later ones will.
    pub fn using(mut self, blocks: &EntryBlocks) -> OpenEpoch {
        self.segment.take_from(blocks);
        self
    }

    pub fn plan(&self) -> &EpochPlan {
        &self.plan
    }

    pub fn header(&self) -> &EpochHeader {
        &self.header
    }

    pub fn epoch_hash(&self) -> &Hash {
        &self.hash
    }

    /// Records sealed so far.
    pub fn len(&self) -> usize {
        self.segment.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether r, R and W lie in memory that cannot be swapped out (SEA-23).
    pub fn is_locked(&self) -> bool {
        self.secret.is_locked() && self.retention.is_locked()
    }

    /// Seals one record under one identity. A record with several subjects is sealed once for each (SEA-38).
    pub fn seal(&mut self, identity: &Identity, record: &Record) -> Result<SealedEntry, SealError> {
        self.seal_by(identity, record, |secret| Ok(secret.pair(identity)))
    }

    /// Seals records in the order given, each as [`OpenEpoch::seal`] does; the answers are in the same order. What several at once
    /// gain: with many identities live, a third of a record's time is waiting for memory, and the places of the next ones are
    /// fetched together.
    pub fn seal_all(&mut self, batch: &[(&Identity, &Record)]) -> Vec<Result<SealedEntry, SealError>> {
        let mut answers = Vec::with_capacity(batch.len());
        for run in batch.chunks(AHEAD) {
            self.fetch(run);
            answers.extend(run.iter().map(|(identity, record)| self.seal(identity, record)));
        }
        answers
    }

    /// Reads one octet of each place that sealing the run will need: first all identities, then all rows of the table, then all
    /// keys, so that no read waits for another. Decides nothing and changes nothing.
    fn fetch(&self, run: &[(&Identity, &Record)]) {
        let mut digests = [[0; 32]; AHEAD];
        for (digest, (identity, record)) in digests.iter_mut().zip(run) {
            *digest = identity.digest();
            black_box((identity.slot(), identity.category(), record.octets().first()));
        }
        let mut places = [None; AHEAD];
        for (place, digest) in places.iter_mut().zip(&digests[..run.len()]) {
            *place = self.live.get(digest).map(|live| live.keys);
        }
        for place in places.into_iter().flatten() {
            black_box(self.keys.get(place).map(|keys| keys[0]));
        }
    }

    /// As [`OpenEpoch::seal`], with the public pairing of a new identity made ahead (SEA-26, SEA-28).
    pub fn seal_cached(&mut self, identity: &Identity, pairing: &PublicPairing, record: &Record) -> Result<SealedEntry, SealError> {
        self.seal_by(identity, record, |secret| {
            if *pairing.identity_digest() != identity.digest() {
                return Err(SealError::OtherPairing);
            }
            Ok(secret.raise(pairing))
        })
    }

    /// Whether the identity already has its keys in this epoch, so that a public pairing would not be used.
    pub fn knows(&self, identity: &Identity) -> bool {
        self.live.contains_key(&identity.digest())
    }

    fn seal_by(
        &mut self,
        identity: &Identity,
        record: &Record,
        share: impl FnOnce(&EpochSecret) -> Result<SharedValue, SealError>,
    ) -> Result<SealedEntry, SealError> {
        let digest = identity.digest();
        let live = match self.live.entry(digest) {
            // The same octets have passed when they got their keys.
            Entry::Occupied(known) => {
                check_record(&self.header, &self.plan, identity, record)?;
                known.into_mut()
            }
            Entry::Vacant(new) => {
                check_identity(&self.header, &self.plan, identity)?;
                check_record(&self.header, &self.plan, identity, record)?;
                let z = share(&self.secret)?;
                let keys = self
                    .retention
                    .bucket_value(self.plan.lease, self.plan.start, identity.bucket())
                    .expose(|w_b| locator::derive_keys(z, w_b, &self.hash, identity));
                new.insert(LiveIdentity { keys: keys.expose(|keys| self.keys.push(keys)), next: 0 })
            }
        };
        // SEA-32
        if COUNTER_END <= live.next {
            return Err(SealError::Record(RecordError::CounterEnd));
        }
        let counter = live.next;
        let keys = self.keys.get(live.keys).ok_or(SealError::OtherEpoch)?;
        let locator = locator::locator(keys, counter);
        let suite = self.header.suite;
        let sealed = self.segment.push(&locator, |out| locator::seal_into(out, suite, keys, counter, record.octets()));
        sealed.map_err(SealError::Record)?;
        live.next += 1;
        Ok(SealedEntry { locator, counter })
    }

    /// Ends the epoch: the secrets are wiped first, then the entries are sorted and hashed (SEA-41).
    pub fn close(self) -> ClosedEpoch {
        let OpenEpoch { header, hash, secret, retention, live, keys, segment, .. } = self;
        drop((secret, keys, live, retention));
        let (segment, leaf, runs) = segment.finish(hash);
        ClosedEpoch { header, segment, leaf, runs }
    }

    #[cfg(test)]
    pub(crate) fn set_counter(&mut self, identity: &Identity, next: u64) {
        if let Some(live) = self.live.get_mut(&identity.digest()) {
            live.next = next;
        }
    }
}

fn check_identity(header: &EpochHeader, plan: &EpochPlan, identity: &Identity) -> Result<(), SealError> {
    let named = (identity.key_id(), identity.provider(), identity.suite());
    if named != (header.key_id, header.provider, header.suite) {
        return Err(SealError::OtherEpoch);
    }
    if identity.category() != plan.category {
        return Err(SealError::Category);
    }
    if identity.slot().len() != plan.timing.slot_len() {
        return Err(SealError::Misplaced(Misplaced::Alignment));
    }
    Ok(())
}

fn check_record(header: &EpochHeader, plan: &EpochPlan, identity: &Identity, record: &Record) -> Result<(), SealError> {
    if record.category() != plan.category {
        return Err(SealError::Category);
    }
    Ok(header.check_times(identity.slot(), record.slot_time(), record.t_rx(), plan.timing.straggling())?)
}

impl std::fmt::Debug for OpenEpoch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenEpoch(lease {}, start {}, {} records)", self.plan.lease, self.plan.start, self.len())
    }
}

/// What remains of an epoch: public octets only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedEpoch {
    pub header: EpochHeader,
    /// Entries in ascending order of locator.
    pub segment: Vec<u8>,
    pub leaf: SegmentLeaf,
    /// Beside the segment in the store, so that opening a few records reads a few runs. See [`crate::segment::RunIndex`].
    pub runs: Vec<u8>,
}

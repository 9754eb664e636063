//! Opening what was sealed: at the provider from the segment, at a stranger's desk from proofs alone (sections 11, 3.2).

use crate::catalogue::Record;
use crate::committee::IdentityKey;
use crate::encapsulate;
use crate::epoch::{EpochHeader, Misplaced};
use crate::identity::Identity;
use crate::locator::{self, Locator, RecordError};
use crate::merkle::MerkleError;
use crate::retention::BucketProof;
use crate::secret::Secret;
use crate::segment::{Absence, Found, ProofError, ProvenEntry, Segment, SegmentLeaf};

/// Why an identity's records could not be opened or verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The key belongs to another public key, provider or suite than the epoch.
    OtherEpoch,
    /// The epoch does not take the identity's slot: nothing to open there.
    Misplaced(Misplaced),
    /// w_b does not lead to wroot (SEA-63).
    Bucket(MerkleError),
    /// The segment or leaf belongs to another epoch.
    OtherSegment,
    /// A record did not open under its key and counter.
    Record { counter: u64, error: RecordError },
    /// The plaintext is no record of a registered type.
    NotARecord { counter: u64 },
    /// The record's category is not the identity's.
    Category { counter: u64 },
    /// The record's times lie outside slot or epoch (SEA-40).
    Times { counter: u64, error: Misplaced },
    /// The entry shown for a counter stands at another locator (SEA-40).
    Locator { counter: u64 },
    /// A proof of presence was refused.
    Presence { counter: u64, error: ProofError },
    /// The proof that the next locator is absent was refused (SEA-43).
    Absence(ProofError),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OpenError::OtherEpoch => f.write_str("key and epoch do not belong together"),
            OpenError::Misplaced(error) => error.fmt(f),
            OpenError::Bucket(error) => write!(f, "retention value: {error}"),
            OpenError::OtherSegment => f.write_str("segment of another epoch"),
            OpenError::Record { counter, error } => write!(f, "record {counter}: {error}"),
            OpenError::NotARecord { counter } => write!(f, "record {counter}: no registered record type"),
            OpenError::Category { counter } => write!(f, "record {counter}: another category"),
            OpenError::Times { counter, error } => write!(f, "record {counter}: {error}"),
            OpenError::Locator { counter } => write!(f, "record {counter}: another locator"),
            OpenError::Presence { counter, error } => write!(f, "record {counter}: {error}"),
            OpenError::Absence(error) => write!(f, "absence: {error}"),
        }
    }
}

impl std::error::Error for OpenError {}

/// The keys of one identity in one epoch, recovered from d, U and w_b. Secret, wiped on drop (SEA-66).
pub struct RecordKeys<'a> {
    keys: Secret<64>,
    identity: &'a Identity,
    header: &'a EpochHeader,
    straggling: u64,
}

impl<'a> RecordKeys<'a> {
    /// Checks that key, epoch and bucket value belong together, then decapsulates: about 0.6 ms.
    ///
    /// `straggling`: see [`EpochHeader::check_times`].
    pub fn recover(
        key: &'a IdentityKey,
        header: &'a EpochHeader,
        bucket: &BucketProof,
        straggling: u64,
    ) -> Result<RecordKeys<'a>, OpenError> {
        let identity = key.identity();
        let named = (identity.key_id(), identity.provider(), identity.suite());
        if named != (header.key_id, header.provider, header.suite) {
            return Err(OpenError::OtherEpoch);
        }
        header.admits(identity.slot()).map_err(OpenError::Misplaced)?;
        // SEA-63, SEA-65: a wrong W would otherwise show an empty answer.
        bucket.verify(identity.bucket(), &header.wroot).map_err(OpenError::Bucket)?;
        let z = encapsulate::decapsulate(key, &header.u);
        let keys = locator::derive_keys(z, bucket.value(), &header.hash(), identity);
        Ok(RecordKeys { keys, identity, header, straggling })
    }

    /// L_i.
    pub fn locator(&self, counter: u64) -> Locator {
        self.keys.expose(|keys| locator::locator(keys, counter))
    }

    /// Opens the ciphertext that stands at L_i and checks the record against slot and epoch (SEA-40).
    pub fn open(&self, counter: u64, ciphertext: &[u8]) -> Result<Record, OpenError> {
        let octets = self
            .keys
            .expose(|keys| locator::open(self.header.suite, keys, counter, ciphertext))
            .map_err(|error| OpenError::Record { counter, error })?;
        let record = Record::decode(&octets).map_err(|_| OpenError::NotARecord { counter })?;
        if record.category() != self.identity.category() {
            return Err(OpenError::Category { counter });
        }
        let slot = self.identity.slot();
        self.header
            .check_times(slot, record.slot_time(), record.t_rx(), self.straggling)
            .map_err(|error| OpenError::Times { counter, error })?;
        Ok(record)
    }
}

/// One opened record with the proof that its ciphertext stood in the segment.
#[derive(Debug)]
pub struct OpenedRecord {
    pub record: Record,
    pub proven: ProvenEntry,
}

/// All records of one identity in one epoch: L_0 … L_{n-1} present, L_n absent (SEA-43).
#[derive(Debug)]
pub struct OpenedIdentity {
    /// In order of counter.
    pub records: Vec<OpenedRecord>,
    pub absence: Absence,
}

/// Opens all records of an identity in an epoch, from the whole segment (SEA-63). For the disclosure engine.
pub fn open_identity(
    key: &IdentityKey,
    header: &EpochHeader,
    bucket: &BucketProof,
    segment: &Segment,
    straggling: u64,
) -> Result<OpenedIdentity, OpenError> {
    let looked = open_by(key, header, bucket, straggling, |locator| Ok::<_, std::convert::Infallible>(segment.look_up(locator)));
    looked.map_err(|unopened| match unopened {
        Unopened::Open(error) => error,
        Unopened::Look(never) => match never {},
    })
}

/// Why an identity's records were not opened by somebody else's looking up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unopened<E> {
    /// What was found does not open.
    Open(OpenError),
    /// Nothing could be looked up.
    Look(E),
}

/// As [`open_identity`], wherever the entries come from: `look_up` is that of [`Segment`] or of [`crate::segment::Runs`].
pub fn open_by<E>(
    key: &IdentityKey,
    header: &EpochHeader,
    bucket: &BucketProof,
    straggling: u64,
    mut look_up: impl FnMut(&Locator) -> Result<Found, E>,
) -> Result<OpenedIdentity, Unopened<E>> {
    let keys = RecordKeys::recover(key, header, bucket, straggling).map_err(Unopened::Open)?;
    let mut records = Vec::new();
    // Ends: a segment is finite, and locators do not repeat.
    for counter in 0.. {
        match look_up(&keys.locator(counter)).map_err(Unopened::Look)? {
            Found::Present(proven) => {
                let record = keys.open(counter, proven.ciphertext()).map_err(Unopened::Open)?;
                records.push(OpenedRecord { record, proven });
            }
            Found::Absent(absence) => return Ok(OpenedIdentity { records, absence }),
        }
    }
    Err(Unopened::Open(OpenError::Absence(ProofError::Neighbours)))
}

/// Checks a shown opening from public inputs alone: no segment, no W, nothing of the provider's (SEA-65).
///
/// Returns the records, in order of counter.
pub fn verify_opened(
    key: &IdentityKey,
    header: &EpochHeader,
    leaf: &SegmentLeaf,
    bucket: &BucketProof,
    shown: (&[ProvenEntry], &Absence),
    straggling: u64,
) -> Result<Vec<Record>, OpenError> {
    if leaf.epoch_hash != header.hash() {
        return Err(OpenError::OtherSegment);
    }
    let keys = RecordKeys::recover(key, header, bucket, straggling)?;
    let (entries, absence) = shown;
    let mut records = Vec::with_capacity(entries.len());
    for (counter, entry) in (0u64..).zip(entries) {
        // SEA-40
        if entry.locator() != keys.locator(counter) {
            return Err(OpenError::Locator { counter });
        }
        entry.verify(leaf).map_err(|error| OpenError::Presence { counter, error })?;
        records.push(keys.open(counter, entry.ciphertext())?);
    }
    absence.verify(leaf, &keys.locator(entries.len() as u64)).map_err(OpenError::Absence)?;
    Ok(records)
}

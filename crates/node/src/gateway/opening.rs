//! Opening a batch: every epoch of each slot, late ones included, for every identity whose key was given.
//!
//! Nothing here asks the network; `Cabinet` gives the two things only the provider has. A missing segment or retention value
//! stops the whole production: an answer with a hole would look complete (SEA-63).

use super::public_view::{EpochStatements, Incomplete, SlotStatements};
use super::work::Fault;
use seal::committee::IdentityKey;
use seal::epoch::EpochHeader;
use seal::open::{self, OpenError, OpenedIdentity, open_by, open_identity};
use seal::retention::BucketProof;
use seal::segment::{RunError, RunIndex, Runs, Segment, SegmentLeaf};
use std::ops::Range;

/// The provider's own: sealed segments, and the retention value of a bucket in an epoch.
pub trait Cabinet {
    /// The segment's octets; `Ok(None)` if the store is there and has no such segment.
    fn segment(&self, epoch: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault>;
    /// The segment's run index; `Ok(None)` if there is none, and the whole segment is to be read.
    fn runs(&self, _epoch: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }
    /// The segment's octets of a range; `Ok(None)` if it has none there.
    fn part(&self, _epoch: &[u8; 32], _range: Range<u64>) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }
    /// w_b with its path; `Ok(None)` if the epoch's W is shredded.
    fn bucket(&self, header: &EpochHeader, bucket: u16) -> Result<Option<BucketProof>, Fault>;
}

/// Why a production stops. None of these gets better by trying again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// GWY-10: PUBLIC does not hold what it must.
    Incomplete(Incomplete),
    /// GWY-11: the store lacks a segment that PUBLIC names.
    NoSegment { epoch: [u8; 32] },
    /// GWY-12: the stored segment is not the one that PUBLIC names.
    OtherSegment { epoch: [u8; 32] },
    /// GWY-13: the retention key is gone.
    Shredded { epoch: [u8; 32] },
    /// GWY-14: an identity does not open in an epoch in which it must.
    Open { epoch: [u8; 32], error: OpenError },
}

impl Stop {
    pub fn code(&self) -> &'static str {
        match self {
            Stop::Incomplete(_) => "GWY-10",
            Stop::NoSegment { .. } => "GWY-11",
            Stop::OtherSegment { .. } => "GWY-12",
            Stop::Shredded { .. } => "GWY-13",
            Stop::Open { .. } => "GWY-14",
        }
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hex = |epoch: &[u8; 32]| crate::cases::Digest32(*epoch);
        match self {
            Stop::Incomplete(incomplete) => incomplete.fmt(f),
            Stop::NoSegment { epoch } => write!(f, "the segment of epoch {} is not in the store", hex(epoch)),
            Stop::OtherSegment { epoch } => write!(f, "the stored segment of epoch {} is not the logged one", hex(epoch)),
            Stop::Shredded { epoch } => write!(f, "the retention key of epoch {} is destroyed", hex(epoch)),
            Stop::Open { epoch, error } => write!(f, "epoch {}: {error}", hex(epoch)),
        }
    }
}

/// Either our surroundings failed, and trying again may help, or the production stops.
#[derive(Debug)]
pub enum Unopened {
    Fault(Fault),
    Stop(Stop),
}

impl From<Fault> for Unopened {
    fn from(fault: Fault) -> Unopened {
        Unopened::Fault(fault)
    }
}

impl From<Stop> for Unopened {
    fn from(stop: Stop) -> Unopened {
        Unopened::Stop(stop)
    }
}

/// One epoch of a slot, opened for each key, in the keys' order. `None`: the epoch does not take the slot.
pub struct EpochOpening {
    pub statements: EpochStatements,
    pub parts: Vec<Option<(BucketProof, OpenedIdentity)>>,
}

/// One slot of one category, opened.
pub struct SlotOpening {
    pub statements: SlotStatements,
    /// Slot-close epochs, then late ones.
    pub epochs: Vec<EpochOpening>,
}

/// Opens one slot for keys of that slot and one category, ascending by SHA-256 of their identity. `straggling`: seconds after
/// the slot's end in which its last epoch still took records (SEA-19).
pub fn slot(cabinet: &dyn Cabinet, statements: SlotStatements, keys: &[IdentityKey], straggling: u64) -> Result<SlotOpening, Unopened> {
    let mut epochs = Vec::new();
    for found in statements.epochs.iter().chain(&statements.late) {
        let parts = epoch(cabinet, &found.epoch.says, &found.segment.says, keys, straggling)?;
        epochs.push(EpochOpening { statements: found.clone(), parts });
    }
    Ok(SlotOpening { statements, epochs })
}

type Part = Option<(BucketProof, OpenedIdentity)>;

fn epoch(
    cabinet: &dyn Cabinet,
    header: &EpochHeader,
    leaf: &SegmentLeaf,
    keys: &[IdentityKey],
    straggling: u64,
) -> Result<Vec<Part>, Unopened> {
    let hash = header.hash();
    if keys.iter().all(|key| header.admits(key.identity().slot()).is_err()) {
        return Ok(keys.iter().map(|_| None).collect());
    }
    if let Some(parts) = by_runs(cabinet, (header, &hash), leaf, keys, straggling)? {
        return Ok(parts);
    }
    let octets = cabinet.segment(&hash)?.ok_or(Stop::NoSegment { epoch: hash })?;
    let segment = Segment::parse(octets).map_err(|_| Stop::OtherSegment { epoch: hash })?;
    if segment.leaf(hash) != *leaf {
        return Err(Stop::OtherSegment { epoch: hash }.into());
    }
    parts_of(cabinet, (header, &hash), keys, |key, bucket| {
        open_identity(key, header, bucket, &segment, straggling).map_err(|error| Stop::Open { epoch: hash, error }.into())
    })
}

/// Reads the few runs that the keys lead to. `None`: without an index, or when index and segment disagree; the whole segment then
/// says which of the two is wrong (GWY-60).
fn by_runs(
    cabinet: &dyn Cabinet,
    (header, hash): (&EpochHeader, &[u8; 32]),
    leaf: &SegmentLeaf,
    keys: &[IdentityKey],
    straggling: u64,
) -> Result<Option<Vec<Part>>, Unopened> {
    let index = cabinet.runs(hash)?.and_then(|octets| RunIndex::parse(&octets, leaf));
    let Some(index) = index.filter(|_| leaf.epoch_hash == *hash) else { return Ok(None) };
    let mut differs = false;
    // What is missing is no run, and so differs from it.
    let mut runs = Runs::new(index, |range| cabinet.part(hash, range).map(Option::unwrap_or_default));
    let parts = parts_of(cabinet, (header, hash), keys, |key, bucket| {
        open_by(key, header, bucket, straggling, |locator| runs.look_up(locator)).map_err(|unopened| match unopened {
            open::Unopened::Open(error) => Stop::Open { epoch: *hash, error }.into(),
            open::Unopened::Look(RunError::Fetch(fault)) => fault.into(),
            open::Unopened::Look(RunError::Differs) => {
                differs = true;
                Stop::OtherSegment { epoch: *hash }.into()
            }
        })
    });
    if differs { Ok(None) } else { parts.map(Some) }
}

/// One part for each key that the epoch admits.
fn parts_of(
    cabinet: &dyn Cabinet,
    (header, hash): (&EpochHeader, &[u8; 32]),
    keys: &[IdentityKey],
    mut open: impl FnMut(&IdentityKey, &BucketProof) -> Result<OpenedIdentity, Unopened>,
) -> Result<Vec<Part>, Unopened> {
    let mut parts = Vec::with_capacity(keys.len());
    for key in keys {
        if header.admits(key.identity().slot()).is_err() {
            parts.push(None);
            continue;
        }
        let bucket = cabinet.bucket(header, key.identity().bucket())?.ok_or(Stop::Shredded { epoch: *hash })?;
        let opened = open(key, &bucket)?;
        parts.push(Some((bucket, opened)));
    }
    Ok(parts)
}

//! The 240 octets that commit to an epoch before its first record.

use crate::digest::sha256;
use crate::epoch::{DAY, EPOCH_MAX, IMPORT_MAX};
use crate::identity::{KeyId, ProviderId, Slot, SlotLen, Suite};
use crate::labels;
use crate::merkle::Hash;
use crate::points::{G2Point, PointError};
use crate::retention::RetentionId;

/// Why octets are no epoch header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// Not 240 octets.
    Length,
    Label,
    UnknownSuite,
    /// U is not valid (SEA-13, SEA-63).
    Point(PointError),
    /// A flag bit other than bit 0.
    UnknownFlags,
    /// Cover without the late flag, or the late flag without cover.
    CoverAndFlag,
    /// The cover is empty or reaches over two UTC days (SEA-80).
    Cover,
    /// End not after start, longer than allowed, or a live epoch not aligned to its length (SEA-19).
    Interval,
}

impl std::fmt::Display for HeaderError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            HeaderError::Length => "epoch header is not 240 octets",
            HeaderError::Label => "not an epoch header",
            HeaderError::UnknownSuite => "unknown suite",
            HeaderError::Point(error) => return error.fmt(f),
            HeaderError::UnknownFlags => "unknown flags",
            HeaderError::CoverAndFlag => "cover and late flag do not belong together",
            HeaderError::Cover => "cover is empty or reaches over two days",
            HeaderError::Interval => "epoch interval not allowed",
        })
    }
}

impl std::error::Error for HeaderError {}

/// Why a slot or a record does not belong into an epoch (SEA-40).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misplaced {
    /// A live epoch crosses a slot boundary, or a cover does not lie on slot boundaries.
    Alignment,
    /// The epoch does not take this slot.
    Slot,
    /// The event lies outside the slot.
    Event,
    /// Received outside the epoch.
    Received,
}

impl std::fmt::Display for Misplaced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Misplaced::Alignment => "epoch does not lie on slot boundaries",
            Misplaced::Slot => "epoch does not take this slot",
            Misplaced::Event => "event outside the slot",
            Misplaced::Received => "received outside the epoch",
        })
    }
}

impl std::error::Error for Misplaced {}

/// The event slots that a late epoch may hold: start of the first, end of the last, Unix seconds, half-open, in one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cover {
    pub from: u64,
    pub to: u64,
}

impl Cover {
    fn is_valid(self) -> bool {
        self.from < self.to && self.from / DAY == (self.to - 1) / DAY
    }
}

/// The public head of an epoch, 240 octets. Signed by the ingest node, written before the first record, logged (SEA-22).
///
/// Offsets: label 0, suite 8, key_id 10, provider 42, lease 58, start 62, end 70, flags 78, cover_from 80, cover_to 88,
/// retention_id 96, U 112, wroot 208.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochHeader {
    pub suite: Suite,
    pub key_id: KeyId,
    pub provider: ProviderId,
    pub lease: u32,
    /// First second.
    pub start: u64,
    /// First second after the epoch.
    pub end: u64,
    /// `Some` makes it a late epoch (SEA-80).
    pub cover: Option<Cover>,
    pub retention_id: RetentionId,
    /// U = r · P2.
    pub u: G2Point,
    /// Root over the bucket values.
    pub wroot: Hash,
}

impl EpochHeader {
    pub const LEN: usize = 240;
    const LATE: u16 = 1;

    // SEA-02, SEA-80
    pub fn parse(octets: &[u8]) -> Result<EpochHeader, HeaderError> {
        let octets: &[u8; EpochHeader::LEN] = octets.try_into().map_err(|_| HeaderError::Length)?;
        if octets[..8] != *labels::EPOCH_HEADER {
            return Err(HeaderError::Label);
        }
        let flags = u16::from_be_bytes(field(octets, 78));
        if flags & !EpochHeader::LATE != 0 {
            return Err(HeaderError::UnknownFlags);
        }
        let cover = Cover { from: u64::from_be_bytes(field(octets, 80)), to: u64::from_be_bytes(field(octets, 88)) };
        let cover = match (flags, cover) {
            (0, Cover { from: 0, to: 0 }) => None,
            (EpochHeader::LATE, cover) if cover != (Cover { from: 0, to: 0 }) => Some(cover),
            _ => return Err(HeaderError::CoverAndFlag),
        };
        let header = EpochHeader {
            suite: Suite::parse(u16::from_be_bytes(field(octets, 8))).map_err(|_| HeaderError::UnknownSuite)?,
            key_id: KeyId(field(octets, 10)),
            provider: ProviderId(field(octets, 42)),
            lease: u32::from_be_bytes(field(octets, 58)),
            start: u64::from_be_bytes(field(octets, 62)),
            end: u64::from_be_bytes(field(octets, 70)),
            cover,
            retention_id: RetentionId(field(octets, 96)),
            u: G2Point::parse(&field(octets, 112)).map_err(HeaderError::Point)?,
            wroot: field(octets, 208),
        };
        header.check()?;
        Ok(header)
    }

    /// What can be seen without the slot length (SEA-19, SEA-80).
    pub fn check(&self) -> Result<(), HeaderError> {
        let len = self.end.checked_sub(self.start).filter(|&len| len != 0).ok_or(HeaderError::Interval)?;
        match self.cover {
            None if EPOCH_MAX < len || self.start % len != 0 => Err(HeaderError::Interval),
            Some(cover) if !cover.is_valid() => Err(HeaderError::Cover),
            Some(_) if IMPORT_MAX < len => Err(HeaderError::Interval),
            _ => Ok(()),
        }
    }

    pub fn to_bytes(&self) -> [u8; EpochHeader::LEN] {
        let cover = self.cover.unwrap_or(Cover { from: 0, to: 0 });
        let flags = if self.is_late() { EpochHeader::LATE } else { 0 };
        let mut out = [0; EpochHeader::LEN];
        let mut put = |at: usize, value: &[u8]| out[at..at + value.len()].copy_from_slice(value);
        put(0, labels::EPOCH_HEADER);
        put(8, &self.suite.number().to_be_bytes());
        put(10, &self.key_id.0);
        put(42, &self.provider.0);
        put(58, &self.lease.to_be_bytes());
        put(62, &self.start.to_be_bytes());
        put(70, &self.end.to_be_bytes());
        put(78, &flags.to_be_bytes());
        put(80, &cover.from.to_be_bytes());
        put(88, &cover.to.to_be_bytes());
        put(96, &self.retention_id.0);
        put(112, &self.u.to_bytes());
        put(208, &self.wroot);
        out
    }

    /// epoch_hash.
    pub fn hash(&self) -> Hash {
        sha256(&[&self.to_bytes()])
    }

    pub fn is_late(&self) -> bool {
        self.cover.is_some()
    }

    /// Whether records of this slot may stand in the epoch: the slot holds a live epoch, or a late epoch covers it.
    pub fn admits(&self, slot: Slot) -> Result<(), Misplaced> {
        self.check_alignment(slot.len())?;
        let inside = match self.cover {
            None => slot.contains(self.start),
            Some(cover) => cover.from <= slot.start() && slot.end() <= cover.to,
        };
        if inside { Ok(()) } else { Err(Misplaced::Slot) }
    }

    /// Live: inside one slot. Late: the cover lies on slot boundaries.
    pub fn check_alignment(&self, len: SlotLen) -> Result<(), Misplaced> {
        let seconds = u64::from(len.seconds());
        let aligned = match self.cover {
            None => self.end <= Slot::containing(len, self.start).end(),
            Some(cover) => cover.from % seconds == 0 && cover.to % seconds == 0,
        };
        if aligned { Ok(()) } else { Err(Misplaced::Alignment) }
    }

    /// SEA-19, SEA-40, SEA-80: a record of `slot`, with `slot_time` (the event, or the receipt when that came first,
    /// SEA-08) and receipt `t_rx`, belongs into this epoch. `straggling`: seconds after the end of the slot in which its
    /// last epoch still took records, at most 60 and at most the grace.
    pub fn check_times(&self, slot: Slot, slot_time: u64, t_rx: u64, straggling: u64) -> Result<(), Misplaced> {
        self.admits(slot)?;
        if !slot.contains(slot_time) {
            return Err(Misplaced::Event);
        }
        let is_last_of_slot = !self.is_late() && self.end == slot.end();
        let until = if is_last_of_slot { self.end.saturating_add(straggling) } else { self.end };
        if !(self.start..until).contains(&t_rx) {
            return Err(Misplaced::Received);
        }
        Ok(())
    }
}

fn field<const N: usize>(octets: &[u8; EpochHeader::LEN], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&octets[at..at + N]);
    out
}

//! What PUBLIC says of slots, epochs and salt maps, indexed as it is read, leaf after leaf.
//!
//! Only statements that a key of the policy signed are indexed; others keep their place and count for nothing (LOG-44).
//! Trusted for nothing: a view that errs makes a bundle that trustees refuse. Rebuilt from the log at every start.

use super::work::Fault;
use seal::epoch::EpochHeader;
use seal::identity::Slot;
use seal::segment::SegmentLeaf;
use std::collections::BTreeMap;
use verify::calendar::Day;
use verify::policy::Policy;
use verify::statement::{SaltMapRoot, SignedStatement, SlotClose, Statement};

/// A statement and where it stands. `entry`: its bytes, which are the leaf.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    pub index: u64,
    pub entry: Vec<u8>,
    pub says: T,
}

/// One epoch with both of its statements.
#[derive(Clone, Debug)]
pub struct EpochStatements {
    pub epoch: Placed<EpochHeader>,
    pub segment: Placed<SegmentLeaf>,
    /// `segment-sorted` statements of auditors that list this segment.
    pub sorted: Vec<Placed<()>>,
}

/// The index over PUBLIC's first `size` leaves.
#[derive(Default)]
pub struct PublicView {
    size: u64,
    slot_closes: BTreeMap<u64, Vec<Placed<SlotClose>>>,
    epochs: BTreeMap<[u8; 32], Placed<EpochHeader>>,
    segments: BTreeMap<[u8; 32], Placed<SegmentLeaf>>,
    /// By SHA-256 of the segment leaf.
    sorted: BTreeMap<[u8; 32], Vec<Placed<()>>>,
    /// Epoch hashes by the end of the epoch.
    ends: BTreeMap<u64, Vec<[u8; 32]>>,
    late: Vec<[u8; 32]>,
    salt_maps: BTreeMap<Day, Vec<Placed<SaltMapRoot>>>,
    policies: Vec<Placed<[u8; 32]>>,
    ceremonies: Vec<Placed<()>>,
    /// D of an opening to the leaves that it is said to be of: which of them it is, the other log tells.
    opened: BTreeMap<[u8; 32], Vec<(String, u64)>>,
}

/// Why a slot cannot be opened as things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incomplete {
    /// No `slot-close`, or more than one (SEA-81: exactly one).
    SlotClose { slot: u64, found: usize },
    /// An epoch has no `segment` statement: the production stops (SEA-63).
    MissingSegment { epoch: [u8; 32] },
    /// Epochs found and epochs that the `slot-close` names differ.
    EpochCount { slot: u64, found: u64, closed: u64 },
}

impl std::fmt::Display for Incomplete {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Incomplete::SlotClose { slot, found } => write!(f, "slot {slot} has {found} slot-close statements instead of one"),
            Incomplete::MissingSegment { epoch } => write!(f, "epoch {} has no segment statement", crate::cases::Digest32(*epoch)),
            Incomplete::EpochCount { slot, found, closed } => {
                write!(f, "slot {slot}: {found} epochs are in PUBLIC, its slot-close says {closed}")
            }
        }
    }
}

/// Everything in PUBLIC that bears on one slot.
#[derive(Clone, Debug)]
pub struct SlotStatements {
    pub close: Placed<SlotClose>,
    /// Under the `slot-close`, ascending by epoch hash.
    pub epochs: Vec<EpochStatements>,
    /// Late ones of later intervals that cover the slot, ascending by epoch hash.
    pub late: Vec<EpochStatements>,
}

impl PublicView {
    pub fn size(&self) -> u64 {
        self.size
    }

    /// GWY-33: whether it reaches as far as a head that the case has seen. A log that shows an older state shows less than that, and
    /// what stands in the rest is not missing.
    pub fn reaches(&self, size: u64) -> Result<(), Fault> {
        match size <= self.size {
            true => Ok(()),
            false => Err(Fault(format!("GWY-33: PUBLIC shows {} leaves, {size} were there before; it is asked again", self.size))),
        }
    }

    /// The last slot that is closed among the first `limit` leaves (GWY-35).
    pub fn last_closed(&self, slot_len: u64, limit: u64) -> Option<u64> {
        let closed = self.slot_closes.iter().rev().find(|(_, closes)| closes.iter().any(|close| close.index < limit));
        closed.map(|(from, _)| from / slot_len)
    }

    /// Takes the next leaf in. Whatever it is, it counts.
    pub fn push(&mut self, policy: &Policy, entry: Vec<u8>) {
        let index = self.size;
        self.size += 1;
        let Ok(statement) = SignedStatement::parse(&entry) else { return };
        let signers = match statement.statement() {
            // Every member signs what came out of its ceremony.
            Statement::Ceremony(ceremony) => {
                let keys = policy.receipt_keys(ceremony.committee);
                let need = keys.len() as u8;
                Some((keys, need))
            }
            other => policy.statement_signers(other.kind()),
        };
        let Some((keys, need)) = signers else { return };
        if statement.verify(&keys, need).is_err() {
            return;
        }
        self.file(policy, index, entry, statement.statement().clone());
    }

    fn file(&mut self, policy: &Policy, index: u64, entry: Vec<u8>, statement: Statement) {
        let provider = policy.parts().provider;
        match statement {
            Statement::Epoch(header) => self.file_epoch(index, entry, header),
            Statement::Segment(leaf) => {
                self.segments.entry(leaf.epoch_hash).or_insert(Placed { index, entry, says: leaf });
            }
            Statement::SlotClose(close) if close.provider == provider && is_one_slot(policy, &close) => {
                self.slot_closes.entry(close.slot.from()).or_default().push(Placed { index, entry, says: close });
            }
            Statement::SaltMap(map) if map.provider == provider => {
                self.salt_maps.entry(map.day).or_default().push(Placed { index, entry, says: map });
            }
            Statement::SegmentSorted(leaves) => {
                for leaf in leaves {
                    self.sorted.entry(leaf).or_default().push(Placed { index, entry: entry.clone(), says: () });
                }
            }
            Statement::Policy(notice) => self.policies.push(Placed { index, entry, says: notice.policy_hash }),
            Statement::Ceremony(_) => self.ceremonies.push(Placed { index, entry, says: () }),
            Statement::Open(open) => self.opened.entry(open.opening.d()).or_default().push((open.log, open.index)),
            _ => {}
        }
    }

    fn file_epoch(&mut self, index: u64, entry: Vec<u8>, header: EpochHeader) {
        let hash = header.hash();
        if self.epochs.contains_key(&hash) {
            return;
        }
        self.ends.entry(header.end).or_default().push(hash);
        if header.is_late() {
            self.late.push(hash);
        }
        self.epochs.insert(hash, Placed { index, entry, says: header });
    }

    /// The last slot of the closed run that begins with `from`, not past `through`.
    pub fn closed_through(&self, slot_len: u64, from: u64, through: u64) -> Option<u64> {
        (from..=through).take_while(|slot| self.slot_closes.contains_key(&slot.saturating_mul(slot_len))).last()
    }

    /// All statements about one slot, among the first `limit` leaves: what the head shown to trustees covers.
    pub fn slot(&self, slot_len: u64, slot: u64, limit: u64) -> Result<SlotStatements, Incomplete> {
        let from = slot.saturating_mul(slot_len);
        let until = from.saturating_add(slot_len);
        let closes = self.slot_closes.get(&from).map_or(&[][..], |found| &found[..]);
        let closes: Vec<_> = closes.iter().filter(|close| close.index < limit).collect();
        let [close] = closes[..] else { return Err(Incomplete::SlotClose { slot, found: closes.len() }) };
        let mut epochs = Vec::new();
        // SEA-81: the epochs whose end lies in (from, until].
        for hash in self.ends.range(from + 1..=until).flat_map(|(_, hashes)| hashes) {
            epochs.extend(self.epoch(hash, limit)?);
        }
        epochs.sort_by_key(|found| found.epoch.says.hash());
        if epochs.len() as u64 != close.says.epochs {
            return Err(Incomplete::EpochCount { slot, found: epochs.len() as u64, closed: close.says.epochs });
        }
        let mut late = Vec::new();
        for hash in &self.late {
            let Some(found) = self.epochs.get(hash) else { continue };
            let later = until < found.says.end;
            let covers = found.says.cover.as_ref().is_some_and(|cover| cover.from < until && from < cover.to);
            if later && covers {
                late.extend(self.epoch(hash, limit)?);
            }
        }
        late.sort_by_key(|found| found.epoch.says.hash());
        Ok(SlotStatements { close: close.clone(), epochs, late })
    }

    /// One epoch; none if it was published after `limit`. A header without its segment stops the production (SEA-63).
    fn epoch(&self, hash: &[u8; 32], limit: u64) -> Result<Option<EpochStatements>, Incomplete> {
        let Some(epoch) = self.epochs.get(hash).filter(|placed| placed.index < limit) else { return Ok(None) };
        let segment = self.segments.get(hash).filter(|placed| placed.index < limit);
        let segment = segment.ok_or(Incomplete::MissingSegment { epoch: *hash })?;
        let sorted = self.sorted.get(&segment.says.digest()).map_or(&[][..], |found| &found[..]);
        let sorted = sorted.iter().filter(|placed| placed.index < limit).cloned().collect();
        Ok(Some(EpochStatements { epoch: epoch.clone(), segment: segment.clone(), sorted }))
    }

    /// The salt maps of a day among the first `limit` leaves, oldest first.
    pub fn salt_maps(&self, day: Day, limit: u64) -> impl Iterator<Item = &Placed<SaltMapRoot>> {
        self.salt_maps.get(&day).into_iter().flatten().filter(move |map| map.index < limit)
    }

    /// The last place, among the first `limit` leaves, of a segment that may hold records of this slot: of the slot's own epochs, and
    /// of late ones whose end `late` accepts. Only a salt map behind it says who had none (REL-19).
    pub fn last_segment_for(&self, slot: Slot, limit: u64, late: impl Fn(u64) -> bool) -> Option<u64> {
        let own = self.ends.range(slot.start() + 1..=slot.end()).flat_map(|(_, hashes)| hashes);
        let late = self
            .late
            .iter()
            .filter(|hash| self.epochs.get(*hash).is_some_and(|epoch| epoch.says.admits(slot).is_ok() && late(epoch.says.end)));
        let segments = own.chain(late).filter_map(|hash| self.segments.get(hash));
        segments.map(|segment| segment.index).filter(|index| *index < limit).max()
    }

    /// Leaves of this origin that an opening with this D is said to be of.
    pub fn opened_at<'a>(&'a self, d: &[u8; 32], origin: &'a str) -> impl Iterator<Item = u64> + 'a {
        let said = self.opened.get(d).map_or(&[][..], Vec::as_slice);
        said.iter().filter(move |(log, _)| log == origin).map(|(_, index)| *index)
    }

    /// The `policy` statement of this policy, and every `ceremony`.
    pub fn foundations(&self, policy: &Policy, limit: u64) -> Vec<(u64, Vec<u8>)> {
        let policies = self.policies.iter().rfind(|placed| placed.says == *policy.hash() && placed.index < limit);
        let mut found: Vec<_> = policies.into_iter().map(|placed| (placed.index, placed.entry.clone())).collect();
        found.extend(self.ceremonies.iter().filter(|c| c.index < limit).map(|c| (c.index, c.entry.clone())));
        found
    }
}

/// The plan of this system: one `slot-close` closes exactly one slot.
fn is_one_slot(policy: &Policy, close: &SlotClose) -> bool {
    let len = u64::from(policy.times().slot_len);
    close.slot.from() % len == 0 && close.slot.until() - close.slot.from() == len
}

//! PUBLIC replayed from a copy of its tiles (`--public DIR`): that no other late epoch covers an hour, and that its slot-close left out
//! nothing that stood in PUBLIC when it came (SEA-63, SEA-81).

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included, Unbounded};

use seal::epoch::EpochHeader;
use seal::identity::Slot;
use seal::merkle;

use super::case::Case;
use super::contents::PublicTiles;
use super::failure::{Failure, What};
use super::heads::Heads;
use super::report::Place;
use super::slot::OpenedSlot;
use crate::log::tile::{self, Resource, WIDTH_FULL};
use crate::policy::Policy;
use crate::record::Digest;
use crate::statement::{SignedStatement, SlotClose, Statement};

/// What PUBLIC says about late epochs and closed intervals.
#[derive(Default)]
pub(super) struct Replayed {
    pub entries: u64,
    /// Under the policy's key, by their end, each with its place.
    epochs: BTreeMap<u64, Vec<(u64, EpochHeader)>>,
    /// Where an epoch's segment first stood.
    segments: BTreeMap<Digest, u64>,
    /// (index, statement), ascending by index.
    closes: Vec<(u64, SlotClose)>,
}

/// What the replay says about one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    /// No late epoch but those shown was closed before the intent.
    AllShown,
    /// There is one whose closing cannot be placed before or after the intent.
    Undecided,
    /// One that was closed before the intent is not in the package.
    Missing,
    /// The package's slot-close is not the first of its interval.
    SecondClose,
    /// A header of the hour stood in PUBLIC before the slot-close, and no segment of it: a node that crashed, or records that nobody shows.
    HeaderAlone,
    /// A segment of the hour stood in PUBLIC before the slot-close, which does not count it.
    Uncounted,
}

fn incomplete() -> Failure {
    Failure::new("LOG-16", Place::Package, What::PublicIncomplete)
}

impl Replayed {
    /// Reads the whole copy: its checkpoint meets the policy, its bundles give exactly the cosigned root, and it reaches past
    /// the intent. `now`: the intent's tick.
    pub(super) fn read(tiles: &dyn PublicTiles, policy: &Policy, public: &Heads<'_>, now: u64) -> Result<Replayed, Failure> {
        let note = tiles.read("checkpoint").ok_or(incomplete())?;
        let head = public.verify(&note).map_err(|e| Failure::inner(e.code(), Place::Package, "checkpoint of PUBLIC", e))?;
        if head.not_after() < now {
            return Err(incomplete());
        }
        let size = head.head().size;
        let mut replayed = Replayed { entries: size, ..Replayed::default() };
        let mut hashes = Vec::new();
        for number in 0..=tile::full_tiles(size, 0) {
            let width = if number < tile::full_tiles(size, 0) { WIDTH_FULL } else { tile::partial_width(size, 0) };
            if width == 0 {
                break;
            }
            for entry in bundle(tiles, number, width).ok_or(incomplete())? {
                replayed.take(policy, hashes.len() as u64, &entry);
                hashes.push(merkle::leaf_hash(&entry));
            }
        }
        if merkle::root(&hashes) != head.head().root {
            return Err(incomplete());
        }
        Ok(replayed)
    }

    fn take(&mut self, policy: &Policy, index: u64, entry: &[u8]) {
        // Unknown and malformed entries are stored and shown by monitors, never acted on (LOG-44).
        let Ok(signed) = SignedStatement::parse(entry) else { return };
        let Some((keys, need)) = policy.statement_signers(signed.statement().kind()) else { return };
        if signed.verify(&keys, need).is_err() {
            return;
        }
        match signed.statement() {
            Statement::Epoch(header) if header.key_id == policy.key_id() => {
                self.epochs.entry(header.end).or_default().push((index, header.clone()));
            }
            Statement::Segment(leaf) => drop(self.segments.entry(leaf.epoch_hash).or_insert(index)),
            Statement::SlotClose(close) => self.closes.push((index, close.clone())),
            _ => {}
        }
    }

    /// Entries below the size of the intent's anchor were in PUBLIC before the intent; of others nobody can say.
    pub(super) fn late(&self, slot: Slot, opened: &OpenedSlot, case: &Case) -> Late {
        let before = case.before_intent.unwrap_or(0);
        let interval = (slot.start(), slot.end());
        let same = |c: &SlotClose| (c.slot.from(), c.slot.until()) == interval;
        if self.closes.iter().find(|(_, c)| same(c)).is_some_and(|(first, _)| *first != opened.close_index) {
            return Late::SecondClose;
        }
        // An epoch whose node crashed has a header and no segment: nothing of it can be released, and nothing has to count it. That it held
        // nothing of the persons ordered is the provider's word.
        let before_close = |hash: &Digest| self.segments.get(hash).is_some_and(|index| *index < opened.close_index);
        let of_the_hour = self.epochs.range((Excluded(slot.start()), Included(slot.end()))).flat_map(|(_, ended)| ended);
        let left_out = of_the_hour.map(|(index, header)| (*index, header.hash())).filter(|(_, hash)| !opened.shown.contains(hash));
        let mut header_alone = false;
        for (index, hash) in left_out {
            if before_close(&hash) {
                return Late::Uncounted;
            }
            header_alone |= index < opened.close_index;
        }
        let mut undecided = false;
        let later = self.epochs.range((Excluded(slot.end()), Unbounded)).flat_map(|(_, ended)| ended);
        for (_, header) in later.filter(|(_, h)| h.admits(slot).is_ok()) {
            let hash: Digest = header.hash();
            // Not closed before the intent: its interval had not even ended.
            if opened.shown.contains(&hash) || case.now < header.end {
                continue;
            }
            let holds = |c: &SlotClose| c.slot.from() < header.end && header.end <= c.slot.until();
            match self.closes.iter().find(|(_, c)| holds(c)) {
                Some((index, _)) if *index < before => return Late::Missing,
                _ => undecided = true,
            }
        }
        match (header_alone, undecided) {
            (true, _) => Late::HeaderAlone,
            (false, true) => Late::Undecided,
            (false, false) => Late::AllShown,
        }
    }
}

/// A bundle from its partial or, if the log grew since, from its full file.
fn bundle(tiles: &dyn PublicTiles, number: u64, width: u16) -> Option<Vec<Vec<u8>>> {
    let exact = tiles.read(&Resource::Entries { number, width }.to_string()).and_then(|octets| tile::entries(&octets, width).ok());
    let full = || {
        let octets = tiles.read(&Resource::Entries { number, width: WIDTH_FULL }.to_string())?;
        let mut entries = tile::entries(&octets, WIDTH_FULL).ok()?;
        entries.truncate(usize::from(width));
        Some(entries)
    };
    exact.or_else(full)
}

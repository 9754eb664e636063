//! The sealer's thinking: which epoch a record belongs to, when epochs and slots are closed, what a commit says.
//!
//! `handle(now, input) -> effects`; the shell performs effects in order and answers some of them with an input. No clock, no
//! files, no randomness of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use seal::catalogue::Record;
use seal::digest::HmacKey;
use seal::epoch::{Cover, OpenEpoch, Timing};
use seal::identity::{Category, Identity, ProviderId, Salt, Slot};
use seal::merkle::Hash;
use seal::retention::Crown;
use seal::salt_map::SaltRoot;
use seal::segment::SegmentLeaf;
use seal::selector::Selector;
use sources::Position;
use verify::calendar::Day;

use super::commit::{Commit, CommittedEpoch, CommittedSlot, Done, SourceState};
use super::periods::KeyPeriods;
use super::progress::Progress;

/// What policy and provider fix.
#[derive(Debug)]
pub struct Settings {
    pub provider: ProviderId,
    pub keys: Arc<KeyPeriods>,
    pub timing: Timing,
    /// Days a category's records are kept, counted from the day of the event; categories not named here are refused (SEA-79).
    pub retention_days: BTreeMap<Category, u32>,
}

/// Which epoch: one category, one interval, live or with a cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EpochKey {
    pub category: Category,
    pub start: u64,
    pub cover: Option<Cover>,
}

/// A record with the salt of each selector that it is sealed under.
#[derive(Clone, Debug)]
pub struct Salted {
    pub record: Record,
    pub subjects: Vec<(Selector, Salt)>,
}

/// What happens to the sealer.
pub enum Input {
    /// A batch of a source, with its position.
    Batch { source: String, records: Vec<Salted>, position: Position, history: bool },
    /// A round is over: every source was asked at `read_from_ms` or later, and what it had then has been handed in. 0: not every one.
    Tick { read_from_ms: u64 },
    /// The process is asked to end: open epochs are closed before their time, so that nothing has to be read again.
    Stop,
    /// The header of an asked epoch is durable.
    Opened { key: EpochKey, epoch: Box<OpenEpoch>, crown: Crown },
    /// The retention key of an asked epoch is destroyed.
    NotOpened { key: EpochKey },
    /// Salt maps that have to go before the slots that are being closed.
    SaltMaps(Vec<(Day, SaltRoot)>),
    /// Retention keys that are destroyed and not yet in a commit.
    Shredded(Vec<Shredded>),
}

/// A destroyed retention key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shredded {
    pub category: Category,
    pub day: Day,
    pub retention_id: [u8; 16],
    /// SHA-256 of the deletion leaf.
    pub receipt: Hash,
}

/// What the shell has to do, in this order.
pub enum Effect {
    /// Make an epoch, write its header, and answer `Opened` or `NotOpened`.
    Open { key: EpochKey, request: EpochRequest },
    /// Durable before the commit of the records.
    NoteSalts { day: u64, entries: Vec<(Selector, Salt)> },
    /// Write segment, run index, crown and header of a closed epoch. Without meaning until the commit.
    KeepEpoch { epoch: CommittedEpoch, segment: Vec<u8>, runs: Vec<u8>, crown: Crown },
    /// The commit point.
    Commit(Commit),
    /// Hand a commit's statements to the publisher.
    Publish(Commit),
    /// Delete the mark of a committed epoch.
    ForgetOpen(Hash),
    /// Answer `SaltMaps`: what has grown, and the days of these slots.
    AskSaltMaps { days: Vec<u64> },
    /// Note that these maps are committed.
    NotePublishedMaps(Vec<(Day, SaltRoot)>),
    /// Destroy what is past its retention, and answer `Shredded`.
    Expire { today: u64 },
    /// Note that this destruction is in a commit.
    NoteShredded(Shredded),
}

/// An epoch to be opened. The lease is the shell's to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochRequest {
    /// Any second of the interval.
    pub at: u64,
    /// First and last slot of a late epoch.
    pub slots: Option<(Slot, Slot)>,
}

/// What was done with records, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub sealed: u64,
    /// Of these, in late epochs (SEA-80).
    pub late: u64,
    /// Sealed under the slot of their receipt, because the event came "later" (SEA-08).
    pub event_after_receipt: u64,
    /// Read again and found committed.
    pub skipped: u64,
    /// No such category in the policy (SEA-79).
    pub refused_category: u64,
    /// The retention of their day is over, or W is destroyed (SEA-80).
    pub refused_expired: u64,
    /// No committee key has a period with their hour: nobody could ever open them (SEA-16).
    pub refused_period: u64,
    /// Anything else that the construction refuses.
    pub refused_other: u64,
}

/// What the last commits say, at a start.
#[derive(Debug)]
pub struct Recovered {
    pub last: Commit,
    /// First slot that no commit has closed.
    pub next_slot: u64,
    /// Leaves of committed epochs that end in slots not yet closed, by start of the slot.
    pub leaves: BTreeMap<u64, Vec<SegmentLeaf>>,
    /// Days of late epochs, by the slot that they were closed in.
    pub late_days: BTreeMap<u64, BTreeSet<u64>>,
}

struct Item {
    source: String,
    batch: u64,
    digest: Hash,
    slot: Slot,
    record: Record,
    subjects: Vec<(Selector, Salt)>,
}

enum State {
    Asked(Vec<Item>),
    Open { epoch: Box<OpenEpoch>, crown: Crown, sealed: Vec<(String, u64, Hash)>, salts: BTreeSet<(u64, Selector, Salt)> },
}

struct Epoch {
    end: u64,
    close_at: u64,
    /// Slots, by their start, that it has records of.
    slots: BTreeSet<u64>,
    state: State,
}

/// The sealer.
pub struct Sealer {
    settings: Settings,
    digest_key: HmacKey,
    now_ms: u64,
    /// Begin of the last whole round of reading.
    read_from_ms: u64,
    epochs: BTreeMap<EpochKey, Epoch>,
    sources: BTreeMap<String, Progress>,
    seq: u64,
    previous: Hash,
    next_slot: u64,
    closing: Vec<Slot>,
    leaves: BTreeMap<u64, Vec<SegmentLeaf>>,
    late_days: BTreeMap<u64, BTreeSet<u64>>,
    expired_on: u64,
    counts: Counts,
}

impl Sealer {
    /// Goes on after the last commit. `digest_key`: derived from the vault's node key.
    pub fn recover(settings: Settings, digest_key: HmacKey, recovered: Recovered) -> Sealer {
        let Recovered { last, next_slot, leaves, late_days } = recovered;
        let (seq, previous) = (last.seq + 1, last.hash());
        let sources = last.sources.into_iter().map(|(name, state)| (name, Progress::recover(state))).collect();
        Sealer {
            settings,
            digest_key,
            now_ms: last.time * 1_000,
            read_from_ms: 0,
            epochs: BTreeMap::new(),
            sources,
            seq,
            previous,
            next_slot,
            closing: Vec::new(),
            leaves,
            late_days,
            expired_on: 0,
            counts: Counts::default(),
        }
    }

    /// Where a source is read next.
    pub fn position(&self, source: &str) -> Position {
        self.sources.get(source).map(|progress| progress.read().clone()).unwrap_or_default()
    }

    /// Epochs that hold records, or will as soon as they have their keys. What they hold is not committed.
    pub fn open_epochs(&self) -> usize {
        self.epochs.len()
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// `now_ms`: the clock, milliseconds; a step backwards is treated as standing still.
    pub fn handle(&mut self, now_ms: u64, input: Input) -> Vec<Effect> {
        self.now_ms = self.now_ms.max(now_ms);
        let mut effects = Vec::new();
        match input {
            Input::Batch { source, records, position, history } => self.batch(source, records, position, history, &mut effects),
            Input::Tick { read_from_ms } => self.read_from_ms = self.read_from_ms.max(read_from_ms.min(now_ms)),
            Input::Stop => self.epochs.values_mut().for_each(|epoch| epoch.close_at = 0),
            Input::Opened { key, epoch, crown } => self.opened(key, epoch, crown),
            Input::NotOpened { key } => self.not_opened(key),
            Input::SaltMaps(maps) => self.close_slots(maps, &mut effects),
            Input::Shredded(keys) => {
                for key in keys {
                    let Shredded { category, day, retention_id, receipt } = key.clone();
                    self.commit(Done::Shredded { category, day, retention_id, receipt }, &mut effects);
                    effects.push(Effect::NoteShredded(key));
                }
            }
        }
        self.close_epochs(&mut effects);
        self.ask_for_slots(&mut effects);
        self.expire(&mut effects);
        effects
    }

    fn now(&self) -> u64 {
        self.now_ms / 1_000
    }

    fn batch(&mut self, source: String, records: Vec<Salted>, position: Position, history: bool, effects: &mut Vec<Effect>) {
        let batch = self.sources.entry(source.clone()).or_default().begin(position, records.len());
        for Salted { record, subjects } in records {
            let digest = self.digest(&record, &subjects);
            if self.sources.get_mut(&source).is_some_and(|progress| progress.skips(batch, &digest)) {
                self.counts.skipped += 1;
                continue;
            }
            // SEA-40: the receipt that counts is the moment at which the sealer has the record.
            let Ok(record) = record.received_at(self.now_ms) else {
                self.counts.refused_other += 1;
                self.settle(&source, batch);
                continue;
            };
            let slot = Slot::containing(self.settings.timing.slot_len(), record.slot_time());
            let item = Item { source: source.clone(), batch, digest, slot, record, subjects };
            self.place(item, history, effects);
        }
    }

    /// Names a record across readings: everything but its receipt, and whom it is sealed under.
    fn digest(&self, record: &Record, subjects: &[(Selector, Salt)]) -> Hash {
        const ANY_RECEIPT_MS: u64 = 1_000_000_000_000;
        let encoded = record.clone().received_at(ANY_RECEIPT_MS).map_or_else(|_| record.encode(), |record| record.encode());
        let mut names = Vec::new();
        for (selector, _) in subjects {
            names.push(selector.sel_type());
            names.push(selector.as_bytes().len() as u8);
            names.extend_from_slice(selector.as_bytes());
        }
        self.digest_key.sign(&[&(encoded.len() as u32).to_be_bytes(), &encoded, &names])
    }

    fn settle(&mut self, source: &str, batch: u64) {
        if let Some(progress) = self.sources.get_mut(source) {
            progress.settle(batch, None);
        }
    }

    fn place(&mut self, item: Item, history: bool, effects: &mut Vec<Effect>) {
        let category = item.record.category();
        let Some(days) = self.settings.retention_days.get(&category) else {
            self.counts.refused_category += 1;
            return self.settle(&item.source, item.batch);
        };
        // SEA-80: the key of that day is destroyed, or will be at the next expiry.
        if item.slot.day() + u64::from(*days) < self.now() / 86_400 {
            self.counts.refused_expired += 1;
            return self.settle(&item.source, item.batch);
        }
        if self.settings.keys.key(item.slot).is_none() {
            self.counts.refused_period += 1;
            return self.settle(&item.source, item.batch);
        }
        let (key, request) = self.choose(category, item.slot, history);
        let slot = item.slot.start();
        let known = self.epochs.get_mut(&key).map(|epoch| {
            epoch.slots.insert(slot);
            &mut epoch.state
        });
        match known {
            Some(State::Asked(waiting)) => waiting.push(item),
            Some(State::Open { .. }) => self.seal(key, item),
            None => {
                let (start, end) = (key.start, key.start + self.settings.timing.epoch_len());
                let last_of_slot = Slot::containing(self.settings.timing.slot_len(), start).end() == end;
                // Late epochs end on time; the last live one of a slot stays open for stragglers (SEA-19).
                let straggling = if key.cover.is_none() && last_of_slot { self.settings.timing.straggling() } else { 0 };
                let slots = BTreeSet::from([slot]);
                self.epochs.insert(key, Epoch { end, close_at: end + straggling, slots, state: State::Asked(vec![item]) });
                effects.push(Effect::Open { key, request });
            }
        }
    }

    /// SEA-19, SEA-80: the live epoch of now; the last one of the slot that has just ended; else a late epoch.
    fn choose(&self, category: Category, slot: Slot, history: bool) -> (EpochKey, EpochRequest) {
        let (timing, now) = (self.settings.timing, self.now());
        let current = Slot::containing(timing.slot_len(), now);
        if slot == current {
            let (start, _) = timing.interval(now);
            return (EpochKey { category, start, cover: None }, EpochRequest { at: now, slots: None });
        }
        if slot.next() == current && now < slot.end() + timing.straggling() {
            let at = slot.end() - 1;
            let (start, _) = timing.interval(at);
            return (EpochKey { category, start, cover: None }, EpochRequest { at, slots: None });
        }
        let (first, last) = self.cover(slot, current, history);
        let (start, _) = timing.interval(now);
        let cover = Some(Cover { from: first.start(), to: last.end() });
        (EpochKey { category, start, cover }, EpochRequest { at: now, slots: Some((first, last)) })
    }

    /// Live stragglers cover the two slots before the current one, because every opening of a covered slot must enumerate the
    /// epoch; what is older covers all past slots of its day, so that a burst makes one epoch and not twenty-four.
    fn cover(&self, slot: Slot, current: Slot, history: bool) -> (Slot, Slot) {
        let len = slot.len();
        let before = |slot: Slot, steps: u64| Slot::containing(len, slot.start().saturating_sub(steps * u64::from(len.seconds())));
        let last_over = before(current, 1);
        let recent = before(current, 2);
        if !history && recent <= slot {
            let with = |other: Slot| other.day() == slot.day() && self.settings.keys.is_one_period(slot, other);
            let first = if with(recent) { recent } else { slot };
            let last = if with(last_over) { last_over } else { slot };
            return (first, last);
        }
        let day = slot.day() * 86_400;
        let last_of_day = Slot::containing(len, day + 86_399);
        let (first, last) = (Slot::containing(len, day), last_of_day.min(last_over));
        // SEA-81: a period that ends within the day ends the cover, too; borders are most often midnight.
        let is_one = self.settings.keys.is_one_period(slot, first) && self.settings.keys.is_one_period(slot, last);
        if is_one { (first, last) } else { (slot, slot) }
    }

    fn opened(&mut self, key: EpochKey, opened: Box<OpenEpoch>, crown: Crown) {
        let Some(epoch) = self.epochs.get_mut(&key) else { return };
        let open = State::Open { epoch: opened, crown, sealed: Vec::new(), salts: BTreeSet::new() };
        if let State::Asked(waiting) = std::mem::replace(&mut epoch.state, open) {
            waiting.into_iter().for_each(|item| self.seal(key, item));
        }
    }

    fn not_opened(&mut self, key: EpochKey) {
        if let Some(Epoch { state: State::Asked(waiting), .. }) = self.epochs.remove(&key) {
            for item in waiting {
                self.counts.refused_expired += 1;
                self.settle(&item.source, item.batch);
            }
        }
    }

    fn seal(&mut self, key: EpochKey, item: Item) {
        let Some(Epoch { state: State::Open { epoch, sealed, salts, .. }, .. }) = self.epochs.get_mut(&key) else { return };
        let Settings { keys, provider, .. } = &self.settings;
        // SEA-81: the key of the slot's period, not of the day on which the record came.
        let key_id = keys.key(item.slot).map(|key| key.key_id());
        let identity = |(selector, salt): &(Selector, Salt)| {
            Identity::new(key_id?, *provider, item.record.category(), item.slot, selector.clone(), *salt).ok()
        };
        let identities: Option<Vec<Identity>> = item.subjects.iter().map(identity).collect();
        // All copies or none: identities are made before the first copy is sealed.
        let copies = identities.filter(|identities| !identities.is_empty());
        let done = copies.is_some_and(|copies| {
            let copies: Vec<_> = copies.iter().map(|identity| (identity, &item.record)).collect();
            epoch.seal_all(&copies).iter().all(Result::is_ok)
        });
        if !done {
            self.counts.refused_other += 1;
            return self.settle(&item.source, item.batch);
        }
        self.counts.sealed += 1;
        self.counts.late += u64::from(key.cover.is_some());
        self.counts.event_after_receipt += u64::from(item.record.is_event_after_receipt());
        salts.extend(item.subjects.into_iter().map(|(selector, salt)| (item.slot.day(), selector, salt)));
        sealed.push((item.source, item.batch, item.digest));
    }

    fn close_epochs(&mut self, effects: &mut Vec<Effect>) {
        let now = self.now();
        let is_due = |epoch: &Epoch| epoch.close_at <= now && matches!(epoch.state, State::Open { .. });
        let due: Vec<EpochKey> = self.epochs.iter().filter(|(_, epoch)| is_due(epoch)).map(|(key, _)| *key).collect();
        let mut committed = Vec::new();
        let mut noted: BTreeMap<u64, Vec<(Selector, Salt)>> = BTreeMap::new();
        let mut kept = Vec::new();
        for key in due {
            let Some(Epoch { state: State::Open { epoch, crown, sealed, salts }, .. }) = self.epochs.remove(&key) else { continue };
            let closed = epoch.close();
            for (day, selector, salt) in salts {
                noted.entry(day).or_default().push((selector, salt));
            }
            for (source, batch, digest) in sealed {
                if let Some(progress) = self.sources.get_mut(&source) {
                    progress.settle(batch, Some(digest));
                }
            }
            let slot = Slot::containing(self.settings.timing.slot_len(), closed.header.end - 1);
            self.leaves.entry(slot.start()).or_default().push(closed.leaf);
            if let Some(cover) = closed.header.cover {
                self.late_days.entry(slot.start()).or_default().insert(cover.from / 86_400);
            }
            let epoch = CommittedEpoch { category: key.category, header: closed.header, leaf: closed.leaf };
            kept.push(Effect::KeepEpoch { epoch: epoch.clone(), segment: closed.segment, runs: closed.runs, crown });
            committed.push(epoch);
        }
        if committed.is_empty() {
            return;
        }
        let hashes: Vec<Hash> = committed.iter().map(|epoch| epoch.leaf.epoch_hash).collect();
        effects.extend(noted.into_iter().map(|(day, entries)| Effect::NoteSalts { day, entries }));
        effects.extend(kept);
        self.commit(Done::Epochs(committed), effects);
        effects.extend(hashes.into_iter().map(Effect::ForgetOpen));
    }

    /// SEA-42, SEA-81: slots whose grace is over, up to the first that an open epoch still ends in. A slot is not closed before
    /// the sources were asked after its grace: a slow database would turn its last records into late ones. Nor while an open late
    /// epoch has records of it, as after a stop that was longer than the grace: an order for that slot would be served without them.
    fn ask_for_slots(&mut self, effects: &mut Vec<Effect>) {
        if !self.closing.is_empty() {
            return;
        }
        let (timing, now) = (self.settings.timing, self.read_from_ms / 1_000);
        let open_until = self.epochs.values().map(|epoch| epoch.end).min().unwrap_or(u64::MAX);
        let held = self.epochs.values().filter_map(|epoch| epoch.slots.range(self.next_slot..).next());
        let held = held.copied().min().unwrap_or(u64::MAX);
        let mut slot = Slot::containing(timing.slot_len(), self.next_slot);
        let is_free = |slot: &Slot| slot.end() + timing.grace() <= now && slot.end() < open_until && slot.start() < held;
        while is_free(&slot) && self.closing.len() < SLOTS_AT_ONCE {
            self.closing.push(slot);
            slot = slot.next();
        }
        let mut days: BTreeSet<u64> = self.closing.iter().map(|slot| slot.day()).collect();
        for slot in &self.closing {
            // Late records may have made somebody known on the day that they are about.
            days.extend(self.late_days.remove(&slot.start()).unwrap_or_default());
        }
        if !days.is_empty() {
            effects.push(Effect::AskSaltMaps { days: days.into_iter().collect() });
        }
    }

    fn close_slots(&mut self, salt_maps: Vec<(Day, SaltRoot)>, effects: &mut Vec<Effect>) {
        let slots: Vec<CommittedSlot> = std::mem::take(&mut self.closing)
            .into_iter()
            .map(|slot| {
                let leaves = self.leaves.remove(&slot.start()).unwrap_or_default();
                self.next_slot = slot.end();
                CommittedSlot { from: slot.start(), to: slot.end(), epochs: leaves.len() as u64, root: SegmentLeaf::slot_root(&leaves) }
            })
            .collect();
        if slots.is_empty() {
            return;
        }
        self.commit(Done::Slots { salt_maps: salt_maps.clone(), slots }, effects);
        effects.push(Effect::NotePublishedMaps(salt_maps));
    }

    /// SEA-73: once a UTC day, and at the first input.
    fn expire(&mut self, effects: &mut Vec<Effect>) {
        let today = self.now() / 86_400;
        if self.expired_on < today {
            self.expired_on = today;
            effects.push(Effect::Expire { today });
        }
    }

    fn commit(&mut self, done: Done, effects: &mut Vec<Effect>) {
        let sources: BTreeMap<String, SourceState> =
            self.sources.iter_mut().map(|(name, progress)| (name.clone(), progress.state())).collect();
        let commit = Commit { seq: self.seq, previous: self.previous, time: self.now(), sources, done };
        self.seq += 1;
        self.previous = commit.hash();
        effects.push(Effect::Commit(commit.clone()));
        effects.push(Effect::Publish(commit));
    }
}

/// Slots in one commit: after a long stop the rest follows in the next ones. A thousand keeps a commit below 200 KiB.
const SLOTS_AT_ONCE: usize = 1_000;

//! Crashes at every effect, and afterwards: no record lost, none twice, nothing logged too late or in the wrong order.
//!
//! Allowed: epochs that were opened and never committed leave no trace; records are read again; leases have gaps.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use seal::catalogue::{Clock, Common, Device, DeviceAction, Location, LocationMethod, Party, PartyKind, Record, Stamp};
use seal::committee::{IdentityKey, PublicKey};
use seal::entropy::SeededEntropy;
use seal::identity::{Category, Identity, ProviderId, Salt, Slot, SlotLen};
use seal::merkle::{Hash, leaf_hash};
use seal::open::open_identity;
use seal::points::{G2Point, Scalar};
use seal::secret::Secret;
use seal::segment::{EntryBlocks, Segment, SegmentLeaf, audit};
use seal::selector::Selector;
use seal::signature::SigningKey;
use sources::Position;
use verify::log::note::Signer;
use verify::log::vkey::{KeyKind, KeyName};
use verify::statement::{SignedStatement, Statement};

mod deletion;
mod heard;
mod killed;
mod late;
mod lying;
mod periods;
mod set_back;

use super::commit::{Commit, Done};
use super::core::{Counts, Effect, Input, Salted, Sealer, Settings};
use super::publish::{Asking, PublicLog, Signers, advance};
use super::shell::{Hands, digest_key};
use super::start::find;
use super::*;
use crate::segment_store::SegmentStore;
use crate::vault::Vault;

const PROVIDER: ProviderId = ProviderId([0xaa; 16]);
/// The first second of a slot, a minute before midnight would do as well.
const T0: u64 = 1_767_225_600 + 40_000;
const LEN: u32 = 10;

fn timing() -> seal::epoch::Timing {
    seal::epoch::Timing::new(SlotLen::new(LEN).unwrap(), 5, 2).unwrap()
}

fn signer(name: &str, seed: u8) -> Signer {
    let key = SigningKey::from_seed(Secret::new([seed; 32])).unwrap();
    Signer::new(KeyName::parse(name).unwrap(), KeyKind::Ed25519, key)
}

/// A record that becomes readable `arrives` seconds after T0 and happened `event` seconds after it (may be negative).
#[derive(Clone)]
struct Row {
    arrives: u64,
    event: i64,
    location: bool,
    subjects: &'static [&'static str],
}

const ROWS: &[Row] = &[
    Row { arrives: 0, event: 0, location: false, subjects: &["account:@a:x"] },
    Row { arrives: 1, event: 1, location: false, subjects: &["account:@a:x", "account:@b:x"] },
    Row { arrives: 1, event: 0, location: true, subjects: &["account:@a:x"] },
    Row { arrives: 4, event: 3, location: false, subjects: &["account:@a:x"] },
    // Equal to the one before but for its row number.
    Row { arrives: 4, event: 3, location: false, subjects: &["account:@a:x"] },
    Row { arrives: 7, event: 6, location: false, subjects: &["account:@b:x"] },
    // The next slot, and then a straggler of the first, in this order: they land in epochs that close at different times.
    Row { arrives: 10, event: 10, location: false, subjects: &["account:@a:x"] },
    Row { arrives: 11, event: 9, location: false, subjects: &["account:@a:x"] },
    Row { arrives: 12, event: 11, location: false, subjects: &["account:@c:x"] },
    // Two slots late: a late epoch.
    Row { arrives: 21, event: 2, location: false, subjects: &["account:@b:x"] },
    Row { arrives: 22, event: 22, location: true, subjects: &["ip:192.0.2.1:443"] },
];

fn record(row: usize) -> Record {
    let Row { event, location, .. } = ROWS[row];
    let t_event = Stamp::Seconds(T0.checked_add_signed(event).unwrap());
    let common = Common { t_event, clock: Clock::Server, source: "test".into(), source_row: Some(row as u64) };
    let account = Party::new(PartyKind::Account, "@a:x");
    let receipt = (T0 + 100) * 1_000;
    if location {
        let method = LocationMethod::Cell;
        let (cell, latitude, longitude, accuracy, azimuth, device) = (Some("204-08-1-1".into()), None, None, None, None, None);
        let body = Location { account, method, cell, latitude, longitude, accuracy, azimuth, device };
        return Record::new(common, receipt, body).unwrap();
    }
    let (label, model, system, application) = (None, None, None, None);
    let body = Device { action: DeviceAction::Registered, account, device: "D".into(), label, model, system, application };
    Record::new(common, receipt, body).unwrap()
}

/// PUBLIC: takes statements in order, refuses nothing, forgets repetitions.
#[derive(Default)]
struct FakeLog {
    entries: Mutex<Vec<Vec<u8>>>,
    /// Where entries are kept when the log outlives the process: one file each.
    folder: Option<PathBuf>,
}

impl FakeLog {
    fn kept(folder: PathBuf) -> FakeLog {
        std::fs::create_dir_all(&folder).unwrap();
        let entries = (0..).map_while(|number: usize| std::fs::read(folder.join(number.to_string())).ok()).collect();
        FakeLog { entries: Mutex::new(entries), folder: Some(folder) }
    }
}

impl PublicLog for FakeLog {
    fn holds<'a>(&'a self, leaf: &'a Hash) -> Asking<'a, bool> {
        let found = self.entries.lock().unwrap().iter().any(|entry| leaf_hash(entry) == *leaf);
        Box::pin(async move { Ok(found) })
    }

    fn submit<'a>(&'a self, statement: &'a [u8]) -> Asking<'a, ()> {
        let mut entries = self.entries.lock().unwrap();
        if !entries.iter().any(|entry| entry == statement) {
            if let Some(folder) = &self.folder {
                let part = folder.join("part");
                std::fs::write(&part, statement).unwrap();
                std::fs::rename(part, folder.join(entries.len().to_string())).unwrap();
            }
            entries.push(statement.to_vec());
        }
        Box::pin(async { Ok(()) })
    }

    fn after<'a>(&'a self, leaf: Option<&'a Hash>) -> Asking<'a, Vec<Vec<u8>>> {
        let entries = self.entries.lock().unwrap();
        let known = entries.iter().position(|entry| leaf.is_some_and(|leaf| leaf_hash(entry) == *leaf));
        let after = entries[known.map_or(0, |at| at + 1)..].to_vec();
        Box::pin(async move { Ok(after) })
    }
}

#[derive(Debug)]
struct Died;

struct World {
    folder: PathBuf,
    _temporary: Option<tempfile::TempDir>,
    log: FakeLog,
    effects: usize,
    /// After which effect, counted from the beginning of time, the process dies.
    dies_after: Option<usize>,
    seed: u8,
    /// From here on another committee key.
    border: u64,
    /// No key has a period from here on.
    keys_until: u64,
}

/// One life of the process.
struct Life {
    sealer: Sealer,
    hands: Hands,
    commits: tokio::sync::mpsc::UnboundedReceiver<(u64, Vec<Vec<u8>>)>,
}

impl World {
    async fn new(dies_after: Option<usize>) -> World {
        World::begun(dies_after, T0).await
    }

    async fn begun(dies_after: Option<usize>, at: u64) -> World {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().to_owned();
        Vault::init(&folder.join("vault"), PROVIDER, &mut SeededEntropy::new([1; 32])).unwrap();
        std::fs::create_dir(folder.join("store")).unwrap();
        let world = World { _temporary: Some(temporary), dies_after, ..World::at(&folder) };
        begin(&world.store(), timing(), at).await.unwrap();
        world
    }

    /// What stands in this folder, in which nothing dies.
    fn at(folder: &std::path::Path) -> World {
        let (log, folder) = (FakeLog::default(), folder.to_owned());
        World { folder, _temporary: None, log, effects: 0, dies_after: None, seed: 1, border: u64::MAX - 1, keys_until: u64::MAX }
    }

    fn vault_path(&self) -> PathBuf {
        self.folder.join("vault")
    }

    fn store(&self) -> SegmentStore {
        SegmentStore::local(&self.folder.join("store")).unwrap()
    }

    async fn live(&mut self) -> Life {
        self.seed += 1;
        let (vault, store) = (Vault::open(&self.vault_path()).unwrap(), self.store());
        let found = find(&store, &vault, timing().slot_len()).await.unwrap();
        let retention_days = BTreeMap::from([(Category::DEVICE, 30), (Category::LOCATION, 30)]);
        let keys = Arc::new(self.keys());
        let settings = Settings { provider: PROVIDER, keys: Arc::clone(&keys), timing: timing(), retention_days: retention_days.clone() };
        let (publish, commits) = tokio::sync::mpsc::unbounded_channel();
        let sealer = Sealer::recover(settings, digest_key(&vault), found.recovered);
        let signers = Signers { sealer: signer("sealer.test", 3), provider: signer("provider.test", 4) };
        let entropy = Box::new(SeededEntropy::new([self.seed; 32]));
        let (leases, blocks) = (BTreeMap::new(), EntryBlocks::default());
        let hands = Hands { vault, store, keys, timing: timing(), signers, retention_days, entropy, leases, blocks, publish };
        for commit in &found.unpublished {
            hands.publish(commit).unwrap();
        }
        Life { sealer, hands, commits }
    }

    /// One input and everything that follows from it.
    async fn turn(&mut self, life: &mut Life, now: u64, input: Input) -> Result<(), Died> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for effect in life.sealer.handle(now * 1_000, input) {
                let number = self.effects;
                self.effects += 1;
                inputs.extend(life.hands.perform(now, &effect).await.unwrap());
                if self.dies_after == Some(number) {
                    return Err(Died);
                }
            }
        }
        Ok(())
    }

    async fn publish(&self, life: &mut Life) {
        while let Ok((seq, statements)) = life.commits.try_recv() {
            while !advance(&self.log, &statements).await.unwrap() {}
            life.hands.store.mark_published(seq).await.unwrap();
        }
    }

    /// One second: what has arrived is read in batches of two, then a tick.
    async fn second(&mut self, life: &mut Life, now: u64) -> Result<(), Died> {
        loop {
            let next: usize = life.sealer.position("test").0.parse().unwrap_or(0);
            let arrived = ROWS.iter().take_while(|row| T0 + row.arrives <= now).count();
            let end = arrived.min(next + 2);
            if end <= next {
                break;
            }
            let records = (next..end).map(|row| salted(life, row)).collect();
            let position = Position(end.to_string());
            self.turn(life, now, Input::Batch { source: "test".into(), records, position, history: false }).await?;
        }
        self.turn(life, now, tick(now * 1_000)).await?;
        self.publish(life).await;
        Ok(())
    }

    /// Forty seconds, with a new life two seconds after each death.
    async fn run(&mut self) -> Counts {
        let mut life = self.live().await;
        let mut now = T0;
        while now < T0 + 40 {
            if self.second(&mut life, now).await.is_err() {
                now += 2;
                drop(life);
                life = self.live().await;
            }
            now += 1;
        }
        life.sealer.counts()
    }

    async fn commits(&self) -> Vec<Commit> {
        let store = self.store();
        let last = store.last_commit().await.unwrap().unwrap();
        let mut commits = Vec::new();
        for seq in 0..=last {
            commits.push(Commit::parse(&store.read_commit(seq).await.unwrap().unwrap()).unwrap());
        }
        commits
    }

    /// Every record that can be opened, with everything that was ever a subject, in every committed epoch.
    async fn opened(&self) -> BTreeMap<(u64, String), usize> {
        let (store, vault) = (self.store(), Vault::open(&self.vault_path()).unwrap());
        let subjects: BTreeSet<&str> = ROWS.iter().flat_map(|row| row.subjects).copied().collect();
        let mut found = BTreeMap::new();
        for epoch in self.commits().await.into_iter().flat_map(epochs) {
            let hash = epoch.leaf.epoch_hash;
            let octets = store.segment(&hash).await.unwrap().unwrap().to_vec();
            assert_eq!(audit(&octets, &epoch.leaf), Ok(()));
            let segment = Segment::parse(octets).unwrap();
            let crown = store.crown(&hash).await.unwrap();
            assert!(store.header(&hash).await.unwrap().is_some());
            let mut records = 0;
            for number in (0..4).map(|number| T0 / u64::from(LEN) + number) {
                let slot = Slot::new(timing().slot_len(), number).unwrap();
                if epoch.header.admits(slot).is_err() {
                    continue;
                }
                let (master, public) = self.key_of(slot);
                for subject in &subjects {
                    let selector = Selector::from_text(subject).unwrap();
                    let Some(salt) = vault.known_salt(&selector, slot.start()).unwrap() else { continue };
                    let identity = Identity::new(public.key_id(), PROVIDER, epoch.category, slot, selector, salt).unwrap();
                    let key = identity.point().multiply(&master).unwrap().to_bytes();
                    let key = IdentityKey::check(&key, &identity, &public).unwrap();
                    let bucket = vault.bucket_proof(&epoch.header, identity.bucket(), crown.as_ref()).unwrap().unwrap();
                    for opened in open_identity(&key, &epoch.header, &bucket, &segment, timing().straggling()).unwrap().records {
                        records += 1;
                        *found.entry((opened.record.common().source_row.unwrap(), (*subject).to_owned())).or_default() += 1;
                    }
                }
            }
            assert_eq!(records, segment.len(), "every entry belongs to somebody");
        }
        found
    }

    async fn check(&self) {
        let expected: BTreeMap<(u64, String), usize> = (0u64..)
            .zip(ROWS)
            .flat_map(|(number, row)| row.subjects.iter().map(move |subject| ((number, (*subject).to_owned()), 1)))
            .collect();
        assert_eq!(self.opened().await, expected, "each record once for each of its subjects");
        self.check_slots().await;
        self.check_log().await;
        assert_eq!(self.store().open_epochs().await.unwrap(), Vec::<Hash>::new());
    }

    /// SEA-81: slots follow without a gap, each with exactly the epochs that end in it, and none comes later.
    async fn check_slots(&self) {
        let commits = self.commits().await;
        let mut next = T0;
        let mut seen: Vec<(u64, SegmentLeaf)> = Vec::new();
        let mut leases = BTreeSet::new();
        for (before, commit) in commits.iter().zip(&commits[1..]) {
            assert_eq!(commit.previous, before.hash());
            for epoch in epochs(commit.clone()) {
                assert!(next < epoch.header.end, "an epoch of a closed slot");
                assert!(leases.insert((epoch.header.lease, epoch.header.start)), "SEA-20: the same lease and start twice");
                seen.push((epoch.header.end, epoch.leaf));
            }
            if let Done::Slots { slots, .. } = &commit.done {
                for slot in slots {
                    assert_eq!((slot.from, slot.to), (next, next + u64::from(LEN)));
                    next = slot.to;
                    let inside: Vec<SegmentLeaf> =
                        seen.iter().filter(|(end, _)| slot.from < *end && *end <= slot.to).map(|(_, leaf)| *leaf).collect();
                    assert_eq!((slot.epochs, slot.root), (inside.len() as u64, SegmentLeaf::slot_root(&inside)));
                }
            }
        }
        assert_eq!(next, T0 + 30, "all slots whose grace is over are closed");
    }

    /// PUBLIC: each header with exactly one leaf and before it (SEA-22, SEA-41), all of a slot before its `slot-close`.
    async fn check_log(&self) {
        let mut headers = BTreeMap::new();
        let mut leaves = BTreeSet::new();
        let mut closed_until = T0;
        let mut map_rows = BTreeMap::new();
        for entry in self.log.entries.lock().unwrap().iter() {
            match SignedStatement::parse(entry).unwrap().statement() {
                Statement::Epoch(header) => {
                    assert!(closed_until < header.end, "an epoch after its slot was closed");
                    assert!(headers.insert(header.hash(), header.end).is_none());
                }
                Statement::Segment(leaf) => {
                    assert!(headers.contains_key(&leaf.epoch_hash), "a leaf before its header");
                    assert!(leaves.insert(leaf.epoch_hash));
                }
                Statement::SlotClose(close) => {
                    assert_eq!(close.slot.from(), closed_until);
                    closed_until = close.slot.until();
                    let ending = headers.iter().filter(|(_, end)| close.slot.from() < **end && **end <= closed_until);
                    let ending: Vec<_> = ending.collect();
                    assert_eq!(close.epochs, ending.len() as u64);
                    assert!(ending.iter().all(|(hash, _)| leaves.contains(*hash)));
                }
                Statement::SaltMap(map) => {
                    map_rows.insert(map.day, map.leaves);
                }
                other => panic!("{}", other.kind()),
            }
        }
        assert_eq!(headers.len(), leaves.len());
        assert_eq!(closed_until, T0 + 30);
        // Three accounts; the address takes no salt.
        assert_eq!(map_rows.into_values().collect::<Vec<_>>(), [3]);
    }
}

fn epochs(commit: Commit) -> Vec<super::commit::CommittedEpoch> {
    match commit.done {
        Done::Epochs(epochs) => epochs,
        _ => Vec::new(),
    }
}

fn salted(life: &mut Life, row: usize) -> Salted {
    let record = record(row);
    let subject = |text: &&str| {
        let selector = Selector::from_text(text).unwrap();
        let salt: Salt = life.hands.vault.salt(&selector, record.slot_time(), &mut *life.hands.entropy).unwrap();
        (selector, salt)
    };
    let subjects = ROWS[row].subjects.iter().map(subject).collect();
    Salted { record, subjects }
}

#[tokio::test]
async fn sea_41_every_record_is_sealed_once_and_every_slot_closed() {
    let mut world = World::new(None).await;
    let counts = world.run().await;
    let sealed = ROWS.len() as u64;
    assert_eq!(counts, Counts { sealed, late: 1, ..Counts::default() });
    world.check().await;
    // The straggler went into the last epoch of its slot, not into a late one.
    let late = world.commits().await.into_iter().flat_map(epochs).filter(|epoch| epoch.header.is_late()).count();
    assert_eq!(late, 1);
}

/// TSE-50: the process dies after every single effect, once each. To die before an effect is to die after the one before it.
/// Four tests, so that a machine with several cores shares the work.
async fn dies_after_every_fourth_effect_from(first: usize) {
    let mut reference = World::new(None).await;
    reference.run().await;
    assert!(40 < reference.effects, "the run has become too small to mean anything");
    for number in (first..reference.effects).step_by(4) {
        let mut world = World::new(Some(number)).await;
        world.run().await;
        world.check().await;
    }
}

#[tokio::test]
async fn tse_50_dying_after_any_effect_loses_and_doubles_nothing_first_quarter() {
    dies_after_every_fourth_effect_from(0).await;
}

#[tokio::test]
async fn tse_50_dying_after_any_effect_loses_and_doubles_nothing_second_quarter() {
    dies_after_every_fourth_effect_from(1).await;
}

#[tokio::test]
async fn tse_50_dying_after_any_effect_loses_and_doubles_nothing_third_quarter() {
    dies_after_every_fourth_effect_from(2).await;
}

#[tokio::test]
async fn tse_50_dying_after_any_effect_loses_and_doubles_nothing_fourth_quarter() {
    dies_after_every_fourth_effect_from(3).await;
}

/// The sealer as a process of its own: goes on at the second at which the last one died, forty times faster than life.
async fn seal_as_a_child(folder: PathBuf) {
    let log = FakeLog::kept(folder.join("log"));
    let seed = std::process::id() as u8;
    let mut world = World {
        folder: folder.clone(),
        _temporary: None,
        log,
        effects: 0,
        dies_after: None,
        seed,
        border: u64::MAX - 1,
        keys_until: u64::MAX,
    };
    let clock = folder.join("clock");
    let mut now = std::fs::read_to_string(&clock).map_or(T0, |text| text.parse::<u64>().unwrap() + 1);
    let mut life = world.live().await;
    while now < T0 + 40 {
        let part = folder.join("clock.part");
        std::fs::write(&part, now.to_string()).unwrap();
        std::fs::rename(part, &clock).unwrap();
        world.second(&mut life, now).await.unwrap();
        std::thread::sleep(std::time::Duration::from_millis(25));
        now += 1;
    }
}

/// TSE-50 with a real process: this test starts itself as the sealer and kills it with SIGKILL at moments that nobody chose.
#[tokio::test]
async fn tse_50_kill_9_of_the_process_loses_and_doubles_nothing() {
    const CHILD: &str = "WAARBORG_TEST_SEALER_FOLDER";
    if let Some(folder) = std::env::var_os(CHILD) {
        return seal_as_a_child(folder.into()).await;
    }
    let mut world = World::new(None).await;
    let mut chance = SeededEntropy::new([6; 32]);
    let mut kills = 0;
    loop {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "sealer::tests::tse_50_kill_9_of_the_process_loses_and_doubles_nothing"])
            .env(CHILD, &world.folder)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut draw = [0];
        seal::entropy::Entropy::fill(&mut chance, &mut draw);
        std::thread::sleep(std::time::Duration::from_millis(100 + 4 * u64::from(draw[0])));
        if kills == 12 {
            assert!(child.wait().unwrap().success());
            break;
        }
        child.kill().unwrap();
        kills += 1;
        // It may have been quicker than the signal.
        if child.wait().unwrap().success() {
            break;
        }
    }
    world.log = FakeLog::kept(world.folder.join("log"));
    world.check().await;
}

fn tick(read_from_ms: u64) -> Input {
    Input::Tick { read_from_ms }
}

#[tokio::test]
async fn sea_34_a_second_sealer_on_the_same_store_is_fenced() {
    let mut world = World::new(None).await;
    let (mut one, mut two) = (world.live().await, world.live().await);
    world.second(&mut one, T0 + 1).await.unwrap();
    world.second(&mut two, T0 + 1).await.unwrap();
    world.second(&mut one, T0 + 6).await.unwrap();
    let effects = two.sealer.handle((T0 + 6) * 1_000, tick((T0 + 6) * 1_000));
    let commit = effects.iter().find(|effect| matches!(effect, Effect::Commit(_))).unwrap();
    assert!(matches!(two.hands.perform(T0 + 6, commit).await, Err(Failure::Fenced)));
}

#[tokio::test]
async fn sea_80_records_past_their_retention_or_without_category_are_refused_and_counted() {
    let mut world = World::new(None).await;
    let mut life = world.live().await;
    let now = T0 + 40 * 86_400;
    let records = vec![salted(&mut life, 0), salted(&mut life, 2)];
    let input = Input::Batch { source: "old".into(), records, position: Position("2".into()), history: true };
    let effects = life.sealer.handle(now * 1_000, input);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Open { .. })));
    assert_eq!(life.sealer.counts(), Counts { refused_expired: 2, ..Counts::default() });
    // Their position passes at the next commit all the same.
    assert_eq!(life.sealer.position("old"), Position("2".into()));
}

#[tokio::test]
async fn sea_48_a_day_whose_key_is_destroyed_takes_no_late_record() {
    let mut world = World::new(None).await;
    let mut life = world.live().await;
    let day = T0 / 86_400;
    life.hands.vault.retention_for_sealing(Category::DEVICE, day, &mut SeededEntropy::new([5; 32])).unwrap();
    life.hands.vault.shred(Category::DEVICE, day, T0).unwrap();
    let records = vec![salted(&mut life, 0)];
    let input = Input::Batch { source: "test".into(), records, position: Position("1".into()), history: false };
    world.turn(&mut life, T0 + 86_400, input).await.unwrap();
    assert_eq!(life.sealer.counts(), Counts { refused_expired: 1, ..Counts::default() });
}

#[tokio::test]
async fn sea_73_what_is_past_its_retention_is_shredded_and_said_once() {
    let mut world = World::new(None).await;
    let mut life = world.live().await;
    let day = T0 / 86_400;
    for category in [Category::DEVICE, Category::LOCATION, Category::IP] {
        life.hands.vault.retention_for_sealing(category, day - 31, &mut *life.hands.entropy).unwrap();
        life.hands.vault.retention_for_sealing(category, day - 30, &mut *life.hands.entropy).unwrap();
    }
    for step in 0..2 {
        world.turn(&mut life, T0 + step, tick((T0 + step) * 1_000)).await.unwrap();
    }
    // After a restart, and on the same day, nothing is said again.
    let mut life = world.live().await;
    world.turn(&mut life, T0 + 3, tick((T0 + 3) * 1_000)).await.unwrap();
    let said = world.commits().await.into_iter().filter_map(|commit| match commit.done {
        Done::Shredded { category, day, .. } => Some((category, u64::from(day.0))),
        _ => None,
    });
    // The category that the policy does not name is left to a person.
    assert_eq!(said.collect::<Vec<_>>(), [(Category::DEVICE, day - 31), (Category::LOCATION, day - 31)]);
    world.publish(&mut life).await;
    let entries = world.log.entries.lock().unwrap();
    assert_eq!(entries.iter().filter(|entry| entry.starts_with(b"waarborg-public/v1 shred")).count(), 2);
}

#[tokio::test]
async fn commits_have_one_spelling() {
    let mut world = World::new(None).await;
    world.run().await;
    for commit in world.commits().await {
        let octets = commit.to_bytes();
        assert_eq!(Commit::parse(&octets), Ok(commit));
        assert!(Commit::parse(&[&octets[..], b"\n"].concat()).is_err());
        assert!(Commit::parse(&octets[..octets.len() - 1]).is_err());
    }
}

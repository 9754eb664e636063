//! The sealer: the product's core and hands over a vault on disk and a segment store of ours, fed by a growing file of JSON lines.
//!
//! Between any two effects it can die; at any write of the store, too. What it had read and not committed is read again.

use super::cast::{Cast, PROVIDER, signer};
use super::disk::Objects;
use super::fault::{Link, Which};
use super::sabotage::Sabotage;
use super::{Event, World, block};
use node::log::client::ClientError;
use node::sealer::core::{Input, Salted, Sealer, Settings};
use node::sealer::periods::KeyPeriods;
use node::sealer::publish::{Asking, PublicLog, Signers, advance};
use node::sealer::{Failure, Hands, digest_key, find};
use node::segment_store::{SegmentStore, Store};
use node::vault::Vault;
use seal::entropy::SeededEntropy;
use seal::identity::Category;
use seal::merkle::{Hash, leaf_hash};
use seal::segment::EntryBlocks;
use sources::Source as _;
use sources::json_lines::{JsonLines, JsonLinesConfig};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::UnboundedReceiver;

/// Seconds between two looks at the source.
const POLL: u64 = 60;
const SOURCE: &str = "mediation";

/// One life of the process.
struct Life {
    sealer: Sealer,
    hands: Hands,
    commits: UnboundedReceiver<(u64, Vec<Vec<u8>>)>,
    unpublished: VecDeque<(u64, Vec<Vec<u8>>)>,
}

pub struct SealerRole {
    folder: PathBuf,
    pub objects: Objects,
    life: Option<Life>,
    lives: u8,
    /// Effects until the process is killed.
    pub dies_after_effect: Option<u64>,
    /// Why it refuses to work, if it does.
    pub refused: Option<String>,
    /// Lines written to the file.
    written: usize,
}

fn retention(cast: &Cast) -> BTreeMap<Category, u32> {
    cast.policy.parts().categories.iter().map(|rule| (rule.category, rule.retention_days)).collect()
}

impl SealerRole {
    pub fn init(cast: &Cast, folder: PathBuf, now: u64) -> SealerRole {
        std::fs::create_dir_all(&folder).expect("a folder");
        Vault::init(&folder.join("vault"), PROVIDER, &mut SeededEntropy::new([71; 32])).expect("a vault");
        std::fs::write(folder.join("records.jsonl"), "").expect("a file");
        let objects = Objects::default();
        let role = SealerRole { folder, objects, life: None, lives: 0, dies_after_effect: None, refused: None, written: 0 };
        block(node::sealer::begin(&role.store(), cast.timing(), now)).expect("begun");
        role
    }

    pub fn store(&self) -> SegmentStore {
        SegmentStore::new(Store::new(Arc::new(self.objects.clone())))
    }

    pub fn vault_path(&self) -> PathBuf {
        self.folder.join("vault")
    }

    fn source(&self) -> JsonLines {
        let (path, dead_letters) = (self.folder.join("records.jsonl"), self.folder.join("dead.jsonl"));
        JsonLines::new(JsonLinesConfig { path, dead_letters, source: SOURCE.into(), history: false }).with_lines_max(16)
    }

    /// Lines that the source would not take.
    pub fn dead_letters(&self) -> usize {
        std::fs::read_to_string(self.folder.join("dead.jsonl")).map_or(0, |text| text.lines().count())
    }

    pub fn is_up(&self) -> bool {
        self.life.is_some()
    }

    /// Everything read is committed and in PUBLIC.
    pub fn has_published(&self) -> bool {
        self.life.as_ref().is_some_and(|life| life.sealer.open_epochs() == 0 && life.unpublished.is_empty())
    }

    pub fn crash(&mut self) {
        self.life = None;
        self.dies_after_effect = None;
        self.objects.restart();
    }

    /// `Err`: the disk failed while it started.
    fn start(&mut self, cast: &Cast) -> Result<(), Failure> {
        let (vault, store) = (Vault::open(&self.vault_path())?, self.store());
        let found = block(find(&store, &vault, cast.policy.slot_len()))?;
        let retention_days = retention(cast);
        let timing = cast.timing();
        let period = (cast.policy.parts().key.period, cast.policy.public_key().clone());
        let keys = Arc::new(KeyPeriods::new([period]).expect("one period"));
        let settings = Settings { provider: PROVIDER, keys: Arc::clone(&keys), timing, retention_days: retention_days.clone() };
        let (publish, commits) = tokio::sync::mpsc::unbounded_channel();
        self.lives = self.lives.wrapping_add(1);
        let sealer = Sealer::recover(settings, digest_key(&vault), found.recovered);
        let signers = Signers { sealer: signer("sealer"), provider: signer("provider") };
        let mut seed = [72; 32];
        seed[31] = self.lives;
        let entropy = Box::new(SeededEntropy::new(seed));
        let (leases, blocks) = (BTreeMap::new(), EntryBlocks::default());
        let hands = Hands { vault, store, keys, timing, signers, retention_days, entropy, leases, blocks, publish };
        for commit in &found.unpublished {
            hands.publish(commit)?;
        }
        self.life = Some(Life { sealer, hands, commits, unpublished: VecDeque::new() });
        Ok(())
    }
}

/// Why a turn ended early.
enum Died {
    /// The process is gone.
    Killed,
    /// It stopped itself, and a person has to look.
    Refused(String),
}

impl Life {
    /// One input and everything that follows from it, as the shell does it: a fault is tried again before anything behind it.
    fn turn(&mut self, now: u64, input: Input, objects: &Objects, dies: &mut Option<u64>, sabotage: Sabotage) -> Result<(), Died> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for effect in self.sealer.handle(now * 1_000, input) {
                let answer = loop {
                    match block(self.hands.perform(now, &effect)) {
                        Ok(answer) => break answer,
                        Err(_) if objects.is_dead() => return Err(Died::Killed),
                        Err(Failure::Fault(fault)) if sabotage.is(Sabotage::SealerGivesUp) => {
                            return Err(Died::Refused(format!("{fault:?}")));
                        }
                        Err(Failure::Fault(_)) => {}
                        Err(refused) => return Err(Died::Refused(refused.to_string())),
                    }
                };
                inputs.extend(answer);
                match dies {
                    Some(0) => return Err(Died::Killed),
                    Some(left) => *left -= 1,
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// One batch of the source with its salts, or nothing new.
    fn read(&mut self, source: &mut JsonLines, now: u64) -> Option<(Input, bool)> {
        let position = self.sealer.position(SOURCE);
        let batch = block(source.next(&position, now * 1_000)).ok()?;
        let (more, history, next) = (batch.more, batch.history, batch.position.clone());
        if next == position && batch.records.is_empty() {
            return None;
        }
        let mut records = Vec::new();
        for indexed in batch.records {
            let at = indexed.record.slot_time();
            let salt = |selector: &_| self.hands.vault.salt(selector, at, &mut *self.hands.entropy).expect("a salt");
            let mut salts: Vec<_> = Vec::new();
            let mut salt = salt;
            for selector in indexed.selectors {
                let of = salt(&selector);
                salts.push((selector, of));
            }
            records.push(Salted { record: indexed.record, subjects: salts });
        }
        Some((Input::Batch { source: SOURCE.into(), records, position: next, history }, more))
    }
}

/// PUBLIC as the publisher asks it: what stands there, and what it handed in.
struct Window {
    held: BTreeSet<Hash>,
    given: Mutex<Vec<Vec<u8>>>,
}

impl PublicLog for Window {
    fn holds<'a>(&'a self, leaf: &'a Hash) -> Asking<'a, bool> {
        Box::pin(std::future::ready(Ok(self.held.contains(leaf))))
    }

    fn submit<'a>(&'a self, statement: &'a [u8]) -> Asking<'a, ()> {
        if let Ok(mut given) = self.given.lock() {
            given.push(statement.to_vec());
        }
        Box::pin(std::future::ready(Ok::<(), ClientError>(())))
    }

    /// Disks of this world are never put back.
    fn after<'a>(&'a self, _: Option<&'a Hash>) -> Asking<'a, Vec<Vec<u8>>> {
        Box::pin(std::future::ready(Ok::<Vec<Vec<u8>>, ClientError>(Vec::new())))
    }
}

impl World<'_> {
    pub(super) fn start_sealer(&mut self) {
        if self.sealer.is_up() || self.sealer.refused.is_some() {
            return;
        }
        match self.sealer.start(self.cast) {
            Ok(()) => {}
            Err(Failure::Refused(why)) => self.sealer.refused = Some(why.to_owned()),
            Err(_) => {
                self.sealer.crash();
                self.at(60, Event::StartSealer);
            }
        }
    }

    pub(super) fn sealer_dies(&mut self) {
        let rest = std::mem::take(&mut self.rests.sealer);
        self.sealer.crash();
        self.at(rest.max(1), Event::StartSealer);
    }

    /// Rows that have arrived go to the file; the sealer reads it and ticks.
    pub(super) fn sealer_polls(&mut self) {
        self.at(POLL, Event::SealerPolls);
        self.provider_writes();
        let now = self.now;
        let mut source = self.sealer.source();
        for _ in 0..64 {
            let Some(life) = self.sealer.life.as_mut() else { return };
            let Some((mut input, more)) = life.read(&mut source, now) else { break };
            if let Input::Batch { records, .. } = &mut input {
                self.sabotage.at_the_sealer(records);
            }
            if !self.sealer_turn(input) {
                return;
            }
            if !more {
                break;
            }
        }
        self.sealer_turn(Input::Tick { read_from_ms: now * 1_000 });
    }

    /// False: it died.
    pub(super) fn sealer_turn(&mut self, input: Input) -> bool {
        let now = self.now;
        let role = &mut self.sealer;
        let Some(life) = role.life.as_mut() else { return false };
        match life.turn(now, input, &role.objects, &mut role.dies_after_effect, self.sabotage) {
            Ok(()) => true,
            Err(Died::Killed) => {
                if !role.objects.is_dead() {
                    self.bites("kill-sealer");
                }
                self.sealer_dies();
                false
            }
            Err(Died::Refused(why)) => {
                role.refused = Some(why);
                role.life = None;
                false
            }
        }
    }

    fn provider_writes(&mut self) {
        let rows = &self.story.rows;
        let from = self.sealer.written;
        let new = rows[from..].iter().take_while(|row| row.arrives_ms < self.now * 1_000).count();
        if new == 0 {
            return;
        }
        let text: String = rows[from..from + new].iter().map(|row| row.json_line() + "\n").collect();
        append(&self.sealer.folder.join("records.jsonl"), text.as_bytes());
        self.sealer.written += new;
    }

    /// How many rows the provider has written down.
    pub fn rows_written(&self) -> usize {
        self.sealer.written
    }

    pub(super) fn sealer_publishes(&mut self) {
        let now = self.now;
        let Some(life) = self.sealer.life.as_mut() else { return };
        while let Ok(commit) = life.commits.try_recv() {
            life.unpublished.push_back(commit);
        }
        let Some((seq, statements)) = life.unpublished.front().cloned() else { return };
        if !self.net.answers(Link::ReadPublic, now, &mut self.chance) || !self.logs[Which::Public as usize].is_up() {
            return;
        }
        let public = &self.logs[Which::Public as usize];
        let held = statements.iter().map(|statement| leaf_hash(statement)).filter(|leaf| public.published(leaf).is_some()).collect();
        let window = Window { held, given: Mutex::default() };
        let done = block(advance(&window, &statements)) == Ok(true);
        let given = window.given.into_inner().unwrap_or_default();
        for statement in given {
            if !self.submit_statement(&statement) {
                break;
            }
        }
        if done {
            self.commit_is_published(seq);
        }
    }

    fn commit_is_published(&mut self, seq: u64) {
        let store = self.sealer.store();
        // A mark that fails is made again; the commit stays at the front until then.
        let marked = block(store.mark_published(seq)).is_ok();
        if self.sealer.objects.is_dead() {
            return self.sealer_dies();
        }
        if let (true, Some(life)) = (marked, self.sealer.life.as_mut()) {
            life.unpublished.pop_front();
            // The next one at once: most are waiting for a tick only.
            self.at(1, Event::PublishMore);
        }
    }

    /// Over one connection, one after the other: a statement that is lost holds up those behind it. False: it was lost.
    pub(super) fn submit_statement(&mut self, statement: &[u8]) -> bool {
        let now = self.now;
        let copies = self.net.carry(Link::SubmitPublic, now, &mut self.chance);
        let (which, key) = (Which::Public, leaf_hash(statement));
        for delay in copies.iter().skip(1) {
            self.at(*delay, Event::Submitted { which, key, entry: statement.to_vec(), urgent: false });
        }
        if !copies.is_empty() {
            self.log_is_given(which, key, statement.to_vec(), false);
        }
        !copies.is_empty()
    }
}

fn append(path: &Path, bytes: &[u8]) {
    let file = std::fs::OpenOptions::new().append(true).open(path);
    file.and_then(|mut file| file.write_all(bytes)).expect("the provider's file");
}

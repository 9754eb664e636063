//! The sealer's hands: performs effects in order against vault, store and log, and drives the core from clock and sources.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use seal::digest::{HmacKey, sha256};
use seal::entropy::{Entropy, SystemEntropy};
use seal::epoch::{EpochMaterials, EpochPlan, OpenEpoch, PlanError, Timing};
use seal::identity::{Category, Slot};
use seal::retention::BucketTree;
use seal::segment::EntryBlocks;
use sources::{Source, SourceError};
use tokio::sync::mpsc::UnboundedSender;
use verify::calendar::Day;
use verify::policy::Policy;
use verify::statement::{SignedStatement, Statement};

use super::commit::{Commit, Done};
use super::config::SealerConfig;
use super::core::{Counts, Effect, EpochKey, EpochRequest, Input, Salted, Sealer, Settings, Shredded};
use super::periods::KeyPeriods;
use super::publish::{HttpLog, PublicLog, Signers, Told, publisher};
use super::set_back::{Known, SET_BACK};
use super::start::find;
use crate::log::keys;
use crate::segment_store::{Fault, Kept, SegmentStore};
use crate::vault::{Vault, VaultError};

/// Why the sealer stopped or did not start.
#[derive(Debug)]
pub enum Failure {
    /// A person has to look.
    Refused(&'static str),
    /// Another sealer writes to this store (SEA-20, SEA-34): this one has stopped.
    Fenced,
    /// The surroundings failed.
    Fault(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Refused(what) => f.write_str(what),
            Failure::Fenced => f.write_str("SEA-34: another sealer writes to this store"),
            Failure::Fault(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Fault(fault.what)
    }
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        Failure::Fault(error.to_string())
    }
}

/// What the sealer tells whoever watches. Never a name, selector or salt (TSE-65).
#[derive(Debug)]
pub enum Event {
    Started {
        abandoned: usize,
        unpublished: usize,
    },
    Committed {
        seq: u64,
    },
    Published {
        seq: u64,
        statements: usize,
    },
    Counts(Counts),
    /// Rows of a source that are no records.
    SourceRefused {
        source: String,
        count: usize,
    },
    /// A source stopped until a person has looked.
    SourceStopped {
        source: String,
        code: &'static str,
    },
    /// Tried again later.
    Waiting {
        what: String,
    },
}

pub type Report = Box<dyn FnMut(Event) + Send>;

/// What the effects are done with. The harness drives core and hands step by step, to die between any two.
pub struct Hands {
    pub vault: Vault,
    pub store: SegmentStore,
    pub keys: Arc<KeyPeriods>,
    pub timing: Timing,
    pub signers: Signers,
    pub retention_days: BTreeMap<Category, u32>,
    pub entropy: Box<dyn Entropy + Send>,
    /// One live lease a category and run (SEA-20).
    pub leases: BTreeMap<Category, u32>,
    /// Memory of epochs that have closed, for the next ones.
    pub blocks: EntryBlocks,
    pub publish: UnboundedSender<(u64, Vec<Vec<u8>>)>,
}

impl Hands {
    /// Performs one effect. Every effect may be performed again after a fault, also when the first try got through.
    pub async fn perform(&mut self, now: u64, effect: &Effect) -> Result<Option<Input>, Failure> {
        match effect {
            Effect::Open { key, request } => return self.open(*key, *request).await.map(Some),
            Effect::NoteSalts { day, entries } => self.vault.note_salts(*day, entries, &mut *self.entropy)?,
            Effect::KeepEpoch { epoch, segment, runs, crown } => {
                let statement = self.statement(epoch.header.clone())?;
                self.vault.note_sealed(&epoch.leaf.epoch_hash, epoch.header.retention_id)?;
                self.store.keep_epoch(&epoch.leaf.epoch_hash, &statement, (segment, runs), crown).await?;
            }
            Effect::Commit(commit) => {
                if self.store.commit(commit.seq, &commit.to_bytes()).await? == Kept::Differs {
                    return Err(Failure::Fenced);
                }
            }
            Effect::Publish(commit) => self.publish(commit)?,
            Effect::ForgetOpen(hash) => self.store.forget_open(hash).await?,
            Effect::AskSaltMaps { days } => {
                let maps = self.vault.grown_salt_maps(days)?;
                let maps = maps.into_iter().map(|(day, map)| (day_of(day), map)).collect();
                return Ok(Some(Input::SaltMaps(maps)));
            }
            Effect::NotePublishedMaps(maps) => {
                for (day, map) in maps {
                    self.vault.note_published_map(u64::from(day.0), map)?;
                }
            }
            Effect::Expire { today } => {
                // SEA-68: who asked in time keeps what is theirs. A paper that is still without an answer, because serving it failed,
                // keeps every key until the next day's round or the next start.
                if !self.vault.hold_asked()?.is_empty() {
                    // What holds have kept for its whole time goes all the same.
                    self.vault.hold_drop_expired(now)?;
                    self.delete_expired(now).await?;
                    return Ok(Some(Input::Shredded(Vec::new())));
                }
                self.keep_for_holds(*today, now).await?;
                let shredded = self.expire(*today, now)?;
                self.delete_expired(now).await?;
                return Ok(Some(shredded));
            }
            Effect::NoteShredded(key) => {
                self.vault.note_shred_logged(key.category, u64::from(key.day.0))?;
                self.delete_expired(now).await?;
            }
        }
        Ok(None)
    }

    async fn open(&mut self, key: EpochKey, request: EpochRequest) -> Result<Input, Failure> {
        let provider = self.vault.provider();
        let plan = match request.slots {
            None => EpochPlan::live(self.timing, provider, key.category, self.live_lease(key.category)?, request.at),
            Some(slots) => {
                // SEA-80: a late lease carries nothing else; numbers are cheap, so each late epoch has its own.
                let lease = self.vault.next_lease()?;
                EpochPlan::late(self.timing, provider, key.category, lease, request.at, slots).map_err(plan_fault)?
            }
        };
        let retention = match self.vault.retention_for_sealing(key.category, plan.day(), &mut *self.entropy) {
            Err(VaultError::Shredded) => return Ok(Input::NotOpened { key }),
            retention => Arc::new(retention?),
        };
        let tree = BucketTree::compute(&retention, plan.lease(), plan.start());
        let crown = tree.crown();
        let first = request.slots.map_or_else(|| Slot::containing(self.timing.slot_len(), request.at), |(first, _)| first);
        let public = self.keys.key(first).ok_or_else(|| Failure::Fault("bug: an epoch of an hour without a key".into()))?;
        let materials = EpochMaterials { public, retention, tree: &tree, node_key: self.vault.node_key() };
        let epoch =
            OpenEpoch::open(plan, materials, &mut *self.entropy).map_err(|error| Failure::Fault(error.to_string()))?.using(&self.blocks);
        // SEA-22
        let statement = self.statement(epoch.header().clone())?;
        self.store.keep_open(epoch.epoch_hash(), &statement).await?;
        Ok(Input::Opened { key, epoch: Box::new(epoch), crown })
    }

    fn live_lease(&mut self, category: Category) -> Result<u32, Failure> {
        if let Some(lease) = self.leases.get(&category) {
            return Ok(*lease);
        }
        let lease = self.vault.next_lease()?;
        self.leases.insert(category, lease);
        Ok(lease)
    }

    fn statement(&self, header: seal::epoch::EpochHeader) -> Result<Vec<u8>, Failure> {
        let signed = SignedStatement::sign(Statement::Epoch(header), &[&self.signers.sealer]);
        signed.map(|signed| signed.to_bytes()).map_err(|error| Failure::Fault(error.to_string()))
    }

    pub fn publish(&self, commit: &Commit) -> Result<(), Failure> {
        let statements = self.signers.statements(commit, self.vault.provider()).map_err(|error| Failure::Fault(error.to_string()))?;
        self.publish.send((commit.seq, statements)).map_err(|_| Failure::Fault("the publisher has ended".into()))
    }

    /// SEA-73: segments that no key opens and no hold needs. After a hold has ended the daily round comes by again.
    async fn delete_expired(&self, now: u64) -> Result<(), Failure> {
        for epoch in self.vault.deletable(now)? {
            self.store.delete_segment(&epoch).await?;
            self.vault.note_deleted(&epoch)?;
        }
        Ok(())
    }

    /// SEA-48, SEA-73.
    fn expire(&mut self, today: u64, now: u64) -> Result<Input, Failure> {
        for (category, day) in self.vault.expired(today, |category| self.retention_days.get(&category).copied())? {
            self.vault.shred(category, day, now)?;
        }
        self.vault.hold_drop_expired(now)?;
        let unlogged = self.vault.unlogged_shreds()?;
        let shredded = unlogged.into_iter().map(|(category, day, leaf)| {
            let mut retention_id = [0; 16];
            retention_id.copy_from_slice(&leaf.object[..16]);
            Shredded { category, day: day_of(day), retention_id, receipt: sha256(&[&leaf.to_bytes()]) }
        });
        Ok(Input::Shredded(shredded.collect()))
    }
}

fn plan_fault(error: PlanError) -> Failure {
    Failure::Fault(error.to_string())
}

fn day_of(day: u64) -> Day {
    Day(u32::try_from(day).unwrap_or(u32::MAX))
}

/// Core and hands together: one input in, all effects performed, answers fed back, until nothing is left to do.
pub(super) async fn turn(sealer: &mut Sealer, hands: &mut Hands, now_ms: u64, input: Input, report: &mut Report) -> Result<(), Failure> {
    let mut inputs = std::collections::VecDeque::from([input]);
    while let Some(input) = inputs.pop_front() {
        for effect in sealer.handle(now_ms, input) {
            // A fault blocks everything behind it: order is what makes a crash harmless. The source simply waits.
            let answer = loop {
                match hands.perform(now_ms / 1_000, &effect).await {
                    Err(Failure::Fault(what)) => report(Event::Waiting { what }),
                    done => break done?,
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            };
            if let Effect::Commit(commit) = &effect {
                report(Event::Committed { seq: commit.seq });
            }
            inputs.extend(answer);
        }
    }
    Ok(())
}

fn load_policy(path: &Path) -> Result<Policy, Failure> {
    let octets = std::fs::read(path).map_err(|error| Failure::Fault(format!("{}: {error}", path.display())))?;
    Policy::parse(&octets).map_err(|error| Failure::Fault(format!("{}: {error}", path.display())))
}

/// SEA-16: the key of the policy in force, and those of the periods around it.
fn key_periods(policy: Policy, config: &SealerConfig) -> Result<KeyPeriods, Failure> {
    let mut policies = vec![policy];
    for path in &config.key_policy_files {
        policies.push(load_policy(path)?);
    }
    KeyPeriods::of(&policies).map_err(Failure::Refused)
}

fn timing_of(policy: &Policy) -> Result<Timing, Failure> {
    let times = policy.times();
    let grace = u32::try_from(times.grace).map_err(|_| Failure::Refused("the policy's grace is too long"))?;
    Timing::new(policy.slot_len(), times.epoch_len, grace).map_err(plan_fault)
}

/// Makes vault and store, and begins: slots are closed from the one that holds `now` on. Refuses what exists.
pub async fn init(config: &SealerConfig, now: u64) -> Result<(), Failure> {
    let policy = load_policy(&config.policy_file)?;
    let timing = timing_of(&policy)?;
    crate::private_file::folder(&config.store_dir).map_err(|error| Failure::Fault(error.to_string()))?;
    let store = SegmentStore::local(&config.store_dir)?;
    if store.last_commit().await?.is_some() {
        return Err(Failure::Refused("the store has commits already"));
    }
    Vault::init(&config.vault_dir, policy.parts().provider, &mut SystemEntropy)?;
    begin(&store, timing, now).await
}

/// The first commit of an empty store: slots are closed from the one that holds `now` on.
pub async fn begin(store: &SegmentStore, timing: Timing, now: u64) -> Result<(), Failure> {
    let first_slot = Slot::containing(timing.slot_len(), now).start();
    let begun = Commit { seq: 0, previous: [0; 32], time: now, sources: BTreeMap::new(), done: Done::Begun { first_slot } };
    store.commit(0, &begun.to_bytes()).await?;
    Ok(())
}

/// A sealer that has found its last commit.
pub struct Running {
    pub(super) sealer: Sealer,
    pub(super) hands: Hands,
    pub(super) report: Report,
    pub(super) poll: Duration,
    pub(super) is_set_back: tokio::sync::watch::Receiver<bool>,
    /// By which orders to preserve are judged; none: nobody hands any over.
    pub(super) policy: Option<Policy>,
}

/// What a round of reading came to.
#[derive(Clone, Copy, Default)]
struct Heard {
    /// A source may have more at once.
    more: bool,
    /// A source may have records of a slot whose grace is over: it did not answer, or there is more.
    is_behind: bool,
}

/// Sources that a rule has stopped (SRC-04 to SRC-19), until the sealer is started again. What stands in them is unread, so no slot is
/// closed; that is said again and again.
#[derive(Default)]
struct Stopped {
    codes: BTreeMap<String, &'static str>,
    said_at: u64,
}

impl Stopped {
    /// What has to be said now: at once, and again every minute.
    fn say(&mut self, now_ms: u64) -> Vec<String> {
        if self.codes.is_empty() || now_ms < self.said_at + 60_000 {
            return Vec::new();
        }
        self.said_at = now_ms;
        let line = |(name, code): (&String, &&str)| format!("no slot is closed: source {name} is stopped by {code} and unread");
        self.codes.iter().map(line).collect()
    }
}

/// Opens vault and store, goes on after the last commit, and starts publishing. Needs a tokio runtime.
pub async fn start(config: &SealerConfig, report: Report) -> Result<Running, Failure> {
    let log = HttpLog::new(&config.public_log_url).map_err(|error| Failure::Fault(error.to_string()))?;
    start_with(config, Arc::new(log), report).await
}

/// As [`start`], with any log.
pub async fn start_with(config: &SealerConfig, log: Arc<dyn PublicLog>, mut report: Report) -> Result<Running, Failure> {
    let policy = load_policy(&config.policy_file)?;
    let timing = timing_of(&policy)?;
    let vault = Vault::open(&config.vault_dir)?;
    if vault.provider() != policy.parts().provider {
        return Err(Failure::Refused("vault and policy belong to different providers"));
    }
    let store = SegmentStore::local(&config.store_dir)?;
    let key = |path: &Path| keys::load(path).map_err(|error| Failure::Fault(format!("{}: {error}", path.display())));
    let signers = Signers { sealer: key(&config.sealer_key_file)?, provider: key(&config.provider_key_file)? };
    refuse_unlocked_memory(config)?;
    let retention_days: BTreeMap<Category, u32> =
        policy.parts().categories.iter().map(|rule| (rule.category, rule.retention_days)).collect();
    let keys = Arc::new(key_periods(load_policy(&config.policy_file)?, config)?);
    let settings = Settings { provider: vault.provider(), keys: Arc::clone(&keys), timing, retention_days: retention_days.clone() };
    let found = find(&store, &vault, timing.slot_len()).await?;
    report(Event::Started { abandoned: found.abandoned, unpublished: found.unpublished.len() });
    let (publish, commits) = tokio::sync::mpsc::unbounded_channel();
    let report = Arc::new(std::sync::Mutex::new(report));
    let (set_back, is_set_back) = tokio::sync::watch::channel(false);
    let known = Known::find(&store, &signers, found.recovered.next_slot, vault.provider()).await?;
    tokio::spawn(publisher(commits, log, store.clone(), known, teller(report.clone(), set_back)));
    let entropy = Box::new(SystemEntropy);
    let (leases, blocks) = (BTreeMap::new(), EntryBlocks::default());
    let hands = Hands { vault, store, keys, timing, signers, retention_days, entropy, leases, blocks, publish };
    for commit in &found.unpublished {
        hands.publish(commit)?;
    }
    let digest_key = digest_key(&hands.vault);
    let report: Report = Box::new(move |event| with(&report, event));
    let poll = Duration::from_millis(config.poll_interval_ms.max(10));
    Ok(Running { sealer: Sealer::recover(settings, digest_key, found.recovered), hands, report, poll, is_set_back, policy: Some(policy) })
}

type Shared = Arc<std::sync::Mutex<Report>>;

fn with(report: &Shared, event: Event) {
    let mut report = report.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    report(event);
}

fn teller(report: Shared, set_back: tokio::sync::watch::Sender<bool>) -> impl FnMut(Told) + Send {
    move |told| {
        let event = match told {
            Told::SetBack => {
                // Nobody listens any more when the process is ending.
                set_back.send(true).ok();
                return;
            }
            Told::Published { seq, statements } => Event::Published { seq, statements },
            Told::Waiting { seq, error } => Event::Waiting { what: format!("publishing commit {seq}: {error}") },
        };
        with(&report, event);
    }
}

/// Keys the digests of records ahead of their source's position; derived, so that the node key itself has one use.
pub fn digest_key(vault: &Vault) -> HmacKey {
    let key = vault.node_key().expose(|key| seal::digest::hmac_sha256(key, &[b"waarborg/v1/record-digest\0"]));
    HmacKey::new(&key)
}

/// SEA-23
fn refuse_unlocked_memory(config: &SealerConfig) -> Result<(), Failure> {
    let probe = seal::memory::Locked::<[u64; 4]>::fill_with(|_| ());
    if probe.is_locked() || config.allow_unlocked_memory {
        return Ok(());
    }
    Err(Failure::Refused("SEA-23: memory cannot be locked here; raise RLIMIT_MEMLOCK (LimitMEMLOCK= in a systemd unit)"))
}

fn clock_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

impl Running {
    pub fn counts(&self) -> Counts {
        self.sealer.counts()
    }

    /// Reads the sources and seals until `shutdown`; then closes what is open, so that nothing has to be read again.
    pub async fn until(
        mut self,
        mut sources: BTreeMap<String, Box<dyn Source>>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Failure> {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut shown = Counts::default();
        let mut stopped = Stopped::default();
        loop {
            let more = self.round(&mut sources, &mut stopped).await?;
            if shown != self.counts() {
                shown = self.counts();
                (self.report)(Event::Counts(shown));
            }
            // Epochs and slots of the demo end on whole seconds: a tick at least five times a second keeps their clocks.
            let rest = if more { Duration::ZERO } else { self.poll.min(Duration::from_millis(200)) };
            tokio::select! {
                () = &mut shutdown => break,
                () = tokio::time::sleep(rest) => {}
            }
            if *self.is_set_back.borrow() {
                return Err(Failure::Refused(SET_BACK));
            }
        }
        self.input(Input::Stop).await
    }

    /// One batch of every source, and a tick; whether there is more at once.
    async fn round(&mut self, sources: &mut BTreeMap<String, Box<dyn Source>>, stopped: &mut Stopped) -> Result<bool, Failure> {
        let mut heard = Heard::default();
        let read_from_ms = clock_ms();
        let names: Vec<String> = sources.keys().cloned().collect();
        for name in names {
            let of_source = self.read(&name, sources, stopped).await?;
            heard = Heard { more: heard.more | of_source.more, is_behind: heard.is_behind | of_source.is_behind };
        }
        for what in stopped.say(read_from_ms) {
            (self.report)(Event::Waiting { what });
        }
        // Before the tick, which may destroy keys: not while a paper is without an answer. A fault waits for the next round.
        if let Some(policy) = &self.policy
            && let Err(why) = self.hands.serve_holds(policy, clock_ms() / 1_000).await
        {
            (self.report)(Event::Waiting {
                what: format!("SEA-68: an order waits for its hold, and no key is destroyed meanwhile: {why}"),
            });
        }
        // SEA-42, SEA-81: only a round that heard every source to its end lets slots be closed. Epochs end by the clock all the same.
        let is_whole = !heard.is_behind && stopped.codes.is_empty();
        self.input(Input::Tick { read_from_ms: if is_whole { read_from_ms } else { 0 } }).await?;
        Ok(heard.more)
    }

    /// Reads one batch of a source.
    async fn read(&mut self, name: &str, sources: &mut BTreeMap<String, Box<dyn Source>>, stopped: &mut Stopped) -> Result<Heard, Failure> {
        let Some(source) = sources.get_mut(name) else { return Ok(Heard::default()) };
        let position = self.sealer.position(name);
        // SEA-80: what an import has not read yet is late whatever happens.
        let holds_slots = !source.is_history();
        let batch = match source.next(&position, clock_ms()).await {
            Ok(batch) => batch,
            Err(SourceError::Refusal { code, .. }) => {
                sources.remove(name);
                if holds_slots {
                    stopped.codes.insert(name.into(), code);
                }
                (self.report)(Event::SourceStopped { source: name.into(), code });
                return Ok(Heard::default());
            }
            Err(error) => {
                (self.report)(Event::Waiting { what: format!("source {name}: {error}") });
                return Ok(Heard { more: false, is_behind: holds_slots });
            }
        };
        if !batch.refused.is_empty() {
            (self.report)(Event::SourceRefused { source: name.into(), count: batch.refused.len() });
        }
        let heard = Heard { more: batch.more, is_behind: batch.more && holds_slots };
        let (history, next) = (batch.history, batch.position.clone());
        if next == position && batch.records.is_empty() {
            return Ok(heard);
        }
        let records = self.salted(batch)?;
        self.input(Input::Batch { source: name.into(), records, position: next, history }).await?;
        Ok(heard)
    }

    fn salted(&mut self, batch: sources::Batch) -> Result<Vec<Salted>, Failure> {
        let mut salted = Vec::with_capacity(batch.records.len());
        for indexed in batch.records {
            let at = indexed.record.slot_time();
            let mut subjects = Vec::with_capacity(indexed.selectors.len());
            for selector in indexed.selectors {
                let salt = self.hands.vault.salt(&selector, at, &mut *self.hands.entropy)?;
                subjects.push((selector, salt));
            }
            salted.push(Salted { record: indexed.record, subjects });
        }
        Ok(salted)
    }

    async fn input(&mut self, input: Input) -> Result<(), Failure> {
        turn(&mut self.sealer, &mut self.hands, clock_ms(), input, &mut self.report).await
    }
}

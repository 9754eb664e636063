//! The engine of log.md section 7 as a pure core: `handle(now, input) -> effects`, steps 1 to 9.
//!
//! One tick is one pass through `Stage`. The shell performs effects in order and reports each outcome; what may follow a
//! failure is decided here alone:
//!
//! | reported failed | consequence |
//! |---|---|
//! | stage, read back other bytes | tick dropped, its leaves wait again |
//! | roots differ | stop |
//! | commit, apply | stop: we do not know what is stored, start-up finds out |
//! | cosign without quorum | ticks go on, publishing waits (LOG-58) |
//! | publish, discard | tried again in the next tick |
//!
//! No signature leaves the process before the state object exists (LOG-56): `Effect::Cosign` and `Effect::Publish` are only
//! ever made from `Committed`, which is built in one place, after `Input::Committed`.

use std::collections::BTreeSet;

use seal::entropy::Entropy;
use seal::merkle::Hash;
use seal::secret::Secret;
use verify::log::Refusal;
use verify::log::checkpoint::Checkpoint;
use verify::log::leaf;
use verify::log::note::{NoteSignature, SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::tile::Resource;
use verify::log::tlog_policy::TlogPolicy;

use super::config::LogKind;
use super::entries;
use super::peaks::Peaks;
use super::queue::{Admission, Leaf, Queue};
use super::state::{State, hex};
use super::tree::{TileFile, TileTree, superfluous_at};

/// PUBLIC takes at most this many statements a tick (log.md section 3).
pub const PUBLIC_BATCH_MAX: u32 = 1_024;

/// What does not change while the engine runs.
pub struct Rules {
    pub kind: LogKind,
    pub origin: String,
    pub inception_unix_s: u64,
    pub tick_interval_s: u64,
    pub batch_entries: u32,
    /// Signs checkpoints, type 0x01, named like the origin.
    pub key: Signer,
}

/// What happened. Outcomes name their step; one that does not fit the stage is ignored.
pub enum Input<'a> {
    /// The clock stands at or after a multiple of T. ORDERS gives the day key of its dummies.
    Tick {
        dummy_key: Option<&'a Secret<32>>,
    },
    /// Step 1 ended: the staging object as read back from the store.
    Staged(Option<Vec<u8>>),
    Committed(bool),
    Applied(bool),
    /// Step 6 ended: verified cosignature lines for the head that was sent.
    Cosigned {
        lines: Vec<NoteSignature>,
    },
    Published(bool),
    Discarded(bool),
    /// A witness holds a cosigned head larger than ours: our state is old (LOG-64, LOG-76).
    WitnessAhead {
        witness: String,
        size: u64,
    },
}

/// What the shell does, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Write `staging/<name>`, fsync, read it back.
    Stage {
        name: String,
        bytes: Vec<u8>,
    },
    /// Create `state/<seq>`; an existing one means another writer.
    Commit {
        seq: u64,
        bytes: Vec<u8>,
    },
    /// Create each file; an existing one with equal bytes is fine, with others it is not (LOG-19).
    Apply {
        files: Vec<TileFile>,
    },
    /// Ask all witnesses for lines over this note.
    Cosign {
        note: Vec<u8>,
        size: u64,
        tick: u64,
    },
    /// Replace `checkpoint`.
    Publish {
        note: Vec<u8>,
        size: u64,
    },
    /// Delete `staging/<name>` first, then superfluous partials: recovery needs them while staging is there.
    Discard {
        staging: Vec<String>,
        partials: Vec<Resource>,
    },
    Alarm(Alarm),
    /// The role ends; nothing more is written.
    Stop(Stop),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alarm {
    TickDropped {
        tick: u64,
    },
    /// What the store gave back is not what was written.
    StagingDiffers {
        tick: u64,
    },
    NoQuorum {
        size: u64,
    },
    PublishFailed,
    DiscardFailed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// LOG-56: two computations of one root differ.
    RootsDiffer {
        size: u64,
    },
    /// LOG-55: the commit is unknown or another writer made it.
    CommitUnknown {
        seq: u64,
    },
    ApplyFailed {
        size: u64,
    },
    /// LOG-64.
    StateIsOld {
        witness: String,
        witnessed: u64,
        ours: u64,
    },
}

impl Stop {
    pub fn code(&self) -> &'static str {
        match self {
            Stop::RootsDiffer { .. } => "LOG-56",
            Stop::CommitUnknown { .. } => "LOG-55",
            Stop::ApplyFailed { .. } => "LOG-19",
            Stop::StateIsOld { .. } => "LOG-64",
        }
    }
}

/// A head that its state object stands for; the only thing whose signature may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    pub seq: u64,
    pub hash: Hash,
    pub time: u64,
    pub note: Vec<u8>,
}

/// A batch between its steps.
struct Batch {
    tick: u64,
    leaves: Vec<Leaf>,
    staging: String,
    bytes: Vec<u8>,
}

/// Everything of step 2 and 3, in memory only.
struct Signed {
    tick: u64,
    leaves: Vec<Leaf>,
    state: State,
    tree: TileTree,
    peaks: Peaks,
    files: Vec<TileFile>,
}

enum Stage {
    Idle,
    Staging(Batch),
    Committing(Box<Signed>),
    Applying(Box<Signed>),
    Cosigning { tick: u64 },
    Publishing { size: u64 },
    Discarding,
    Stopped,
}

pub struct Engine {
    rules: Rules,
    policy: TlogPolicy,
    queue: Queue,
    tree: TileTree,
    peaks: Peaks,
    committed: Committed,
    published_size: Option<u64>,
    /// Staging objects whose tick is applied.
    spent: Vec<String>,
    /// Partial files that exist, swept once a published tree holds the full one (LOG-20).
    partials: BTreeSet<Resource>,
    stage: Stage,
}

/// What start-up found and checked (see `startup`).
pub struct Resumed {
    pub tree: TileTree,
    pub peaks: Peaks,
    pub committed: Committed,
    pub published_size: Option<u64>,
    pub spent: Vec<String>,
    pub partials: Vec<Resource>,
    /// Keys of the last leaves, oldest first, with their indexes (LOG-60).
    pub known: Vec<(Hash, u64)>,
}

impl Engine {
    pub fn new(rules: Rules, policy: TlogPolicy, resumed: Resumed) -> Engine {
        let mut queue = Queue::default();
        for (key, index) in resumed.known {
            queue.settle(key, index);
        }
        Engine {
            rules,
            policy,
            queue,
            tree: resumed.tree,
            peaks: resumed.peaks,
            committed: resumed.committed,
            published_size: resumed.published_size,
            spent: resumed.spent,
            partials: resumed.partials.into_iter().collect(),
            stage: Stage::Idle,
        }
    }

    pub fn admit(&mut self, leaf: Leaf) -> Admission {
        match self.stage {
            Stage::Stopped => Admission::Full,
            _ => self.queue.admit(leaf),
        }
    }

    pub fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    pub fn committed(&self) -> &Committed {
        &self.committed
    }

    pub fn is_stopped(&self) -> bool {
        matches!(self.stage, Stage::Stopped)
    }

    /// Where a leaf stands, if it is published.
    pub fn published_index(&self, key: &Hash) -> Option<u64> {
        self.queue.index_of(key).filter(|index| self.published_size.is_some_and(|size| *index < size))
    }

    /// Steps 6 to 9 for the head that start-up found: the recovery path and the idle tick of PUBLIC.
    pub fn cosign_again(&mut self, now: u64) -> Vec<Effect> {
        // REL-03 takes no head of an empty tree, so there is nothing to publish before the first entry.
        if self.is_stopped() || self.tree.size() == 0 {
            return Vec::new();
        }
        let tick = now - now % self.rules.tick_interval_s;
        self.stage = Stage::Cosigning { tick };
        vec![Effect::Cosign { note: self.committed.note.clone(), size: self.tree.size(), tick }]
    }

    pub fn handle(&mut self, now: u64, input: Input<'_>, entropy: &mut dyn Entropy) -> Vec<Effect> {
        if let Input::WitnessAhead { witness, size } = input {
            return self.witness_ahead(witness, size);
        }
        match (std::mem::replace(&mut self.stage, Stage::Idle), input) {
            (Stage::Idle, Input::Tick { dummy_key }) => self.tick(now, dummy_key, entropy),
            (Stage::Staging(batch), Input::Staged(read)) => self.staged(batch, read),
            (Stage::Committing(signed), Input::Committed(done)) => self.commit_ended(signed, done),
            (Stage::Applying(signed), Input::Applied(done)) => self.applied(*signed, done),
            (Stage::Cosigning { tick }, Input::Cosigned { lines }) => self.cosigned(tick, &lines),
            (Stage::Publishing { size }, Input::Published(done)) => self.published(size, done),
            (Stage::Discarding, Input::Discarded(done)) => self.discarded(done),
            (stage, _) => {
                self.stage = stage;
                Vec::new()
            }
        }
    }

    fn stop(&mut self, why: Stop) -> Vec<Effect> {
        self.stage = Stage::Stopped;
        vec![Effect::Stop(why)]
    }

    fn witness_ahead(&mut self, witness: String, size: u64) -> Vec<Effect> {
        let ours = self.tree.size();
        if self.is_stopped() || size <= ours {
            return Vec::new();
        }
        self.stop(Stop::StateIsOld { witness, witnessed: size, ours })
    }

    /// Step 1: which leaves, in which order.
    fn tick(&mut self, now: u64, dummy_key: Option<&Secret<32>>, entropy: &mut dyn Entropy) -> Vec<Effect> {
        // LOG-31: nominal time; a tick already made, or a clock that went back, makes none.
        let tick = now - now % self.rules.tick_interval_s;
        if tick <= self.committed.time {
            return Vec::new();
        }
        let leaves = match self.rules.kind {
            LogKind::Public => {
                let leaves = self.queue.drain(self.rules.batch_entries.min(PUBLIC_BATCH_MAX) as usize);
                if leaves.is_empty() {
                    return self.cosign_again(now);
                }
                leaves
            }
            LogKind::Orders => {
                let Some(key) = dummy_key else {
                    return vec![Effect::Alarm(Alarm::TickDropped { tick })];
                };
                let mut leaves = self.queue.drain(self.rules.batch_entries as usize);
                let base = self.tree.size();
                // Counters are positions in this batch's range of indexes: who holds the day key finds every dummy again
                // from the log alone, without a counter that a crash could lose.
                let first = base + leaves.len() as u64;
                leaves.extend((first..base + u64::from(self.rules.batch_entries)).map(|counter| dummy(key, counter)));
                shuffle(&mut leaves, entropy);
                leaves
            }
        };
        let new: Vec<Vec<u8>> = leaves.iter().map(|leaf| leaf.entry.clone()).collect();
        let (tree, _) = self.tree.extend(&new);
        let staging = format!("{}-{}", tree.size(), hex(&tree.root()));
        let bytes = entries::encode(&new);
        self.stage = Stage::Staging(Batch { tick, leaves, staging: staging.clone(), bytes: bytes.clone() });
        vec![Effect::Stage { name: staging, bytes }]
    }

    /// Steps 2 and 3: from the bytes read back, twice; then sign in memory.
    fn staged(&mut self, batch: Batch, read: Option<Vec<u8>>) -> Vec<Effect> {
        let tick = batch.tick;
        let read = match read {
            Some(read) if read == batch.bytes => read,
            Some(_) => return self.drop_tick(batch, Alarm::StagingDiffers { tick }),
            None => return self.drop_tick(batch, Alarm::TickDropped { tick }),
        };
        let Ok(new) = entries::decode(&read) else {
            return self.drop_tick(batch, Alarm::StagingDiffers { tick });
        };
        let (tree, files) = self.tree.extend(&new);
        let mut peaks = self.peaks.clone();
        new.iter().for_each(|entry| peaks.append(entry));
        let size = tree.size();
        let root = tree.root();
        // LOG-56: the name came from a third pass, before writing.
        if peaks.size() != size || peaks.root() != root || batch.staging != format!("{size}-{}", hex(&root)) {
            return self.stop(Stop::RootsDiffer { size });
        }
        let Ok(note) = self.rules.sign(size, root) else {
            return self.drop_tick(batch, Alarm::TickDropped { tick });
        };
        let state = State {
            seq: self.committed.seq + 1,
            prev: self.committed.hash,
            inception_unix_s: self.rules.inception_unix_s,
            time: tick,
            staging: batch.staging,
            note,
        };
        let effect = Effect::Commit { seq: state.seq, bytes: state.to_bytes() };
        self.stage = Stage::Committing(Box::new(Signed { tick, leaves: batch.leaves, state, tree, peaks, files }));
        vec![effect]
    }

    fn drop_tick(&mut self, batch: Batch, alarm: Alarm) -> Vec<Effect> {
        // Dummies are made anew with the next tick's counters; what nobody saw is nobody's.
        self.queue.put_back(batch.leaves.into_iter().filter(|leaf| !leaf.dummy).collect());
        self.spent.push(batch.staging);
        vec![Effect::Alarm(alarm)]
    }

    /// Step 4 ended.
    fn commit_ended(&mut self, signed: Box<Signed>, done: bool) -> Vec<Effect> {
        if !done {
            return self.stop(Stop::CommitUnknown { seq: signed.state.seq });
        }
        self.committed =
            Committed { seq: signed.state.seq, hash: signed.state.hash(), time: signed.state.time, note: signed.state.note.clone() };
        let effect = Effect::Apply { files: signed.files.clone() };
        self.stage = Stage::Applying(signed);
        vec![effect]
    }

    /// Step 5 ended.
    fn applied(&mut self, signed: Signed, done: bool) -> Vec<Effect> {
        if !done {
            return self.stop(Stop::ApplyFailed { size: signed.tree.size() });
        }
        for (index, leaf) in (self.tree.size()..).zip(&signed.leaves) {
            self.queue.settle(leaf.key, index);
        }
        self.partials.extend(signed.files.iter().map(|file| file.place).filter(|place| superfluous_at(place).is_some()));
        self.spent.push(signed.state.staging);
        self.tree = signed.tree;
        self.peaks = signed.peaks;
        self.stage = Stage::Cosigning { tick: signed.tick };
        vec![Effect::Cosign { note: self.committed.note.clone(), size: self.tree.size(), tick: signed.tick }]
    }

    /// Step 6 ended: LOG-58, and LOG-59 because our size only grows.
    fn cosigned(&mut self, _tick: u64, lines: &[NoteSignature]) -> Vec<Effect> {
        let size = self.tree.size();
        match publishable(&self.policy, &self.committed.note, lines) {
            Some(note) => {
                self.stage = Stage::Publishing { size };
                vec![Effect::Publish { note, size }]
            }
            None => {
                let mut effects = vec![Effect::Alarm(Alarm::NoQuorum { size })];
                effects.extend(self.discard());
                effects
            }
        }
    }

    fn published(&mut self, size: u64, done: bool) -> Vec<Effect> {
        let mut effects = Vec::new();
        if done {
            self.published_size = Some(size);
        } else {
            effects.push(Effect::Alarm(Alarm::PublishFailed));
        }
        effects.extend(self.discard());
        effects
    }

    /// Step 9.
    fn discard(&mut self) -> Vec<Effect> {
        let published = self.published_size.unwrap_or(0);
        let partials: Vec<Resource> = self.partials.iter().filter(|place| swept(place, published)).copied().collect();
        if self.spent.is_empty() && partials.is_empty() {
            return Vec::new();
        }
        self.stage = Stage::Discarding;
        vec![Effect::Discard { staging: self.spent.clone(), partials }]
    }

    fn discarded(&mut self, done: bool) -> Vec<Effect> {
        if !done {
            return vec![Effect::Alarm(Alarm::DiscardFailed)];
        }
        let published = self.published_size.unwrap_or(0);
        self.spent.clear();
        self.partials.retain(|place| !swept(place, published));
        Vec::new()
    }
}

impl Rules {
    /// Checkpoint with the log's line.
    pub fn sign(&self, size: u64, root: Hash) -> Result<Vec<u8>, Refusal> {
        let checkpoint = Checkpoint { origin: Origin::parse(&self.origin)?, size, root };
        Ok(self.key.sign_note(&checkpoint.to_text())?.to_bytes())
    }
}

/// The note to publish if the policy is met: log line and at most 15 cosignature lines (LOG-70), one of each key: a witness that sends
/// many would leave no room for the others.
fn publishable(policy: &TlogPolicy, committed: &[u8], lines: &[NoteSignature]) -> Option<Vec<u8>> {
    let committed = SignedNote::parse(committed).ok()?;
    let mut keys = BTreeSet::new();
    let all = committed.signatures().iter().chain(lines);
    let lines = all.filter(|line| keys.insert((line.name().clone(), line.key_hash()))).take(16).cloned().collect();
    let note = SignedNote::new(committed.text().to_owned(), lines).ok()?.to_bytes();
    // There is no setting that publishes without (LOG-58).
    policy.check(&note, None).ok().map(|_| note)
}

/// LOG-33, LOG-37: r from the day key, then the same construction as any leaf.
pub fn dummy(day_key: &Secret<32>, counter: u64) -> Leaf {
    let r = day_key.expose(|key| leaf::dummy_r(key, counter));
    let d = leaf::commitment_d(&leaf::dummy_commitment(&r));
    Leaf { key: d, entry: leaf::entry(&d).to_vec(), urgent: false, dummy: true }
}

/// LOG-20: the full one is stored and covered by a published checkpoint.
fn swept(place: &Resource, published: u64) -> bool {
    superfluous_at(place).is_some_and(|size| size <= published)
}

/// Fisher-Yates with rejection sampling (LOG-32).
fn shuffle(leaves: &mut [Leaf], entropy: &mut dyn Entropy) {
    for last in (1..leaves.len()).rev() {
        leaves.swap(last, below(last as u64 + 1, entropy) as usize);
    }
}

/// Uniform in 0..bound: draws that would favour small numbers are thrown away.
fn below(bound: u64, entropy: &mut dyn Entropy) -> u64 {
    let fair = u64::MAX - u64::MAX % bound;
    loop {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        let draw = u64::from_be_bytes(bytes);
        if draw < fair {
            return draw % bound;
        }
    }
}

//! Performs the engine's effects in order, on the store and towards the witnesses, and reports each outcome back.
//!
//! Nothing is decided here. One tick is performed to its end before the next one starts; submissions and readers go on
//! meanwhile, because the engine is locked for computing only, never over I/O.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use futures::future::join_all;
use seal::entropy::Entropy;
use seal::secret::Secret;
use verify::log::tile::Resource;
use verify::log::tlog_policy::TlogPolicy;

use super::engine::{Alarm, Effect, Engine, Input, Stop};
use super::store::{Created, Fault, Kept, Store};
use super::tree::TileFile;
use super::witness_client::{Heard, Round, Told, WitnessClient, may_sign};

/// What the operator reads, in order; the HTTP side and tests share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Alarm(Alarm),
    Fault(Fault),
    /// A witness gave no line, and why.
    Witness {
        name: String,
        why: String,
    },
    /// A witness claims that our head does not extend what it saw; its answer and our note are in `evidence/`.
    ClaimsInconsistency {
        name: String,
        status: u16,
    },
    DummyKey(String),
}

pub type SharedEngine = Arc<Mutex<Engine>>;

/// The engine for a moment. A panic while it was held may have left it half-way: the role ends with it.
pub fn lock(engine: &SharedEngine) -> MutexGuard<'_, Engine> {
    engine.lock().expect("Cannot fail: a panic in the engine ends the process's role")
}

pub struct Shell {
    pub engine: SharedEngine,
    pub store: Store,
    pub witnesses: WitnessClient,
    pub policy: TlogPolicy,
    pub dummy_keys_dir: Option<PathBuf>,
    pub entropy: Box<dyn Entropy + Send>,
    pub events: Box<dyn FnMut(Event) + Send>,
}

impl Shell {
    /// LOG-64: true once so many witnesses told their size that one of them saw any head we ever published, and none shows a
    /// larger one of ours. `Err`: our state is old.
    pub async fn ask_witnesses(&mut self) -> Result<bool, Stop> {
        let (committed, ours) = {
            let engine = lock(&self.engine);
            (engine.committed().note.clone(), engine.size())
        };
        let answers = self.witnesses.sizes(&committed).await;
        for (witness, told) in &answers {
            if let Some(Told::Claimed(size)) = told {
                let why = format!("claims {size} leaves, we have {ours}, and shows no head of ours");
                (self.events)(Event::Witness { name: witness.clone(), why });
            }
        }
        may_sign(&self.policy, &answers).map_err(|(witness, witnessed)| Stop::StateIsOld { witness, witnessed, ours })
    }

    /// Steps 6 to 9 for the committed head: after start-up.
    pub async fn resume(&mut self, now: u64) -> Result<(), Stop> {
        let effects = lock(&self.engine).cosign_again(now);
        self.perform(now, effects).await
    }

    /// One tick to its end.
    pub async fn tick(&mut self, now: u64) -> Result<(), Stop> {
        let dummy_key = self.dummy_key(now);
        let effects = self.hand_in(now, Input::Tick { dummy_key: dummy_key.as_ref() });
        self.perform(now, effects).await
    }

    fn dummy_key(&mut self, now: u64) -> Option<Secret<32>> {
        let directory = self.dummy_keys_dir.as_ref()?;
        match super::dummy_keys::of_day(directory, now, &mut *self.entropy) {
            Ok(key) => Some(key),
            Err(error) => {
                (self.events)(Event::DummyKey(error.to_string()));
                None
            }
        }
    }

    fn hand_in(&mut self, now: u64, input: Input<'_>) -> Vec<Effect> {
        lock(&self.engine).handle(now, input, &mut *self.entropy)
    }

    async fn perform(&mut self, now: u64, effects: Vec<Effect>) -> Result<(), Stop> {
        let mut waiting = VecDeque::from(effects);
        while let Some(effect) = waiting.pop_front() {
            let input = match effect {
                Effect::Stop(why) => return Err(why),
                Effect::Alarm(alarm) => {
                    (self.events)(Event::Alarm(alarm));
                    continue;
                }
                Effect::Stage { name, bytes } => Input::Staged(self.stage(&name, &bytes).await),
                Effect::Commit { seq, bytes } => Input::Committed(self.commit(seq, bytes).await),
                Effect::Apply { files } => Input::Applied(self.apply(&files).await),
                Effect::Cosign { note, size: _, tick } => {
                    let round = self.witnesses.cosign(&note, tick, now).await;
                    self.report(&round, &note).await;
                    match round.ahead() {
                        Some((witness, size)) => Input::WitnessAhead { witness, size },
                        None => Input::Cosigned { lines: round.lines() },
                    }
                }
                Effect::Publish { note, size: _ } => {
                    let put = self.store.replace("checkpoint", note).await;
                    Input::Published(self.done(put))
                }
                Effect::Discard { staging, partials } => Input::Discarded(self.discard(&staging, &partials).await),
            };
            waiting.extend(self.hand_in(now, input));
        }
        Ok(())
    }

    fn done<T>(&mut self, outcome: Result<T, Fault>) -> bool {
        let failed = outcome.err();
        if let Some(fault) = &failed {
            (self.events)(Event::Fault(fault.clone()));
        }
        failed.is_none()
    }

    async fn stage(&mut self, name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
        let path = format!("staging/{name}");
        // A dropped tick's object of the same leaves may stand there; what counts is what is read back.
        let kept = self.store.keep(&path, bytes).await;
        if !self.done(kept) {
            return None;
        }
        match self.store.read(&path).await {
            Ok(read) => read.map(|read| read.to_vec()),
            failed => {
                self.done(failed);
                None
            }
        }
    }

    async fn commit(&mut self, seq: u64, bytes: Vec<u8>) -> bool {
        // LOG-55: an object that exists is another writer's, even if its bytes are ours.
        let created = self.store.create(&super::state::State::path(seq), bytes).await;
        created == Ok(Created::New) || {
            self.done(created);
            false
        }
    }

    async fn apply(&mut self, files: &[TileFile]) -> bool {
        let paths: Vec<String> = files.iter().map(|file| file.place.to_string()).collect();
        let kept = join_all(paths.iter().zip(files).map(|(path, file)| self.store.keep(path, &file.bytes))).await;
        let mut all = true;
        for (path, kept) in paths.into_iter().zip(kept) {
            all &= match kept {
                Ok(Kept::Same) => true,
                Ok(Kept::Differs) => self.done::<()>(Err(Fault { what: format!("{path}: stored with other bytes") })),
                failed => self.done(failed),
            };
        }
        all
    }

    async fn discard(&mut self, staging: &[String], partials: &[Resource]) -> bool {
        // Staging first: while it is there, recovery needs the partials of the tree before.
        for name in staging {
            let deleted = self.store.delete(&format!("staging/{name}")).await;
            if !self.done(deleted) {
                return false;
            }
        }
        for place in partials {
            let deleted = self.store.delete(&place.to_string()).await;
            if !self.done(deleted) {
                return false;
            }
        }
        true
    }

    async fn report(&mut self, round: &Round, note: &[u8]) {
        for (name, heard) in &round.heard {
            match heard {
                Heard::Lines(_) | Heard::Ahead(_) => {}
                Heard::Nothing(why) => (self.events)(Event::Witness { name: name.clone(), why: why.clone() }),
                Heard::ClaimsInconsistency { status, body } => {
                    // LOG-76, LOG-88: kept before the alarm goes out.
                    let id = verify::spelling::hex(&seal::digest::sha256(&[note, body])[..8]);
                    for (part, bytes) in [("note", note), ("answer", &body[..])] {
                        let kept = self.store.keep(&format!("evidence/{id}-{name}-{part}"), bytes).await;
                        self.done(kept);
                    }
                    (self.events)(Event::ClaimsInconsistency { name: name.clone(), status: *status });
                }
            }
        }
    }
}

//! The two logs: the product's engine and start-up on a disk of ours, and its effects performed one by one, in order.
//!
//! What `node::log::shell` does over HTTP happens here over the world's network; decisions stay the engine's.

use super::cast::{BATCH, Cast, DAY_ZERO, ORDERS, PUBLIC, TICK, WITNESSES, signer, witness_name};
use super::disk::Objects;
use super::fault::{Link, Which};
use super::sabotage::Sabotage;
use super::{Event, World, block};
use node::log::client::LogReader;
use node::log::config::LogKind;
use node::log::engine::{Effect, Engine, Input, Rules, Stop};
use node::log::fetch::Answer;
use node::log::queue::Leaf;
use node::log::startup;
use node::log::state::State;
use node::log::store::{Created, Kept, Store};
use node::log::tiles::Source;
use node::log::tree::TileFile;
use node::log::witness_client::{Meaning, Told, may_sign, meaning};
use node::witness::judge;
use object_store::memory::InMemory;
use seal::entropy::SeededEntropy;
use seal::merkle::Hash;
use seal::secret::Secret;
use std::collections::VecDeque;
use std::sync::Arc;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::{NoteSignature, SignedNote};
use verify::log::origin::Origin;
use verify::log::quorum::Window;
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::VerifierKey;
use verify::log::witness::{Request, usable_lines};

/// Seconds after which a log goes on without the witnesses that have not answered.
const PATIENCE: u64 = 20;
/// Seconds between two tries of a start.
const START_AGAIN: u64 = 60;

/// A round of questions to the witnesses.
struct Round {
    number: u64,
    note: Vec<u8>,
    head: Checkpoint,
    tick: u64,
    /// Per witness: its line, and whether it was asked a second time.
    lines: [Option<Vec<NoteSignature>>; 4],
    asked_again: [bool; 4],
}

pub struct LogRole {
    pub objects: Objects,
    /// None: the process is down.
    pub engine: Option<Engine>,
    /// Why it signs nothing any more, if a start or a tick said so.
    pub stopped: Option<String>,
    /// It asked the witnesses and may sign.
    ready: bool,
    entropy: SeededEntropy,
    round: Option<Round>,
    rounds: u64,
    stored: [u64; 4],
    /// An older image, to be started from at the next crash.
    pub image: Option<Arc<InMemory>>,
    /// Its disk has lost what it had acknowledged.
    pub is_damaged: bool,
    /// It died, and its disk is an older one than it wrote.
    is_put_back: bool,
    /// It was started from an image, ever.
    pub was_restored: bool,
    /// The operator keeps back what is handed in.
    pub keeps_back_until: u64,
    kept_back: Vec<Leaf>,
}

impl Which {
    pub fn origin(self) -> &'static str {
        match self {
            Which::Orders => ORDERS,
            Which::Public => PUBLIC,
        }
    }

    fn kind(self) -> LogKind {
        match self {
            Which::Orders => LogKind::Orders,
            Which::Public => LogKind::Public,
        }
    }

    pub fn read_link(self) -> Link {
        match self {
            Which::Orders => Link::ReadOrders,
            Which::Public => Link::ReadPublic,
        }
    }

    pub fn policy(self, cast: &Cast) -> &TlogPolicy {
        match self {
            Which::Orders => cast.policy.orders(),
            Which::Public => cast.policy.public(),
        }
    }
}

pub(super) fn rules(which: Which) -> Rules {
    let batch_entries = match which {
        Which::Orders => BATCH as u32,
        Which::Public => 1_024,
    };
    let (kind, origin) = (which.kind(), which.origin().to_owned());
    Rules { kind, origin, inception_unix_s: DAY_ZERO, tick_interval_s: TICK, batch_entries, key: signer(which.origin()) }
}

impl LogRole {
    pub fn init(which: Which) -> LogRole {
        let objects = Objects::default();
        let origin = Origin::parse(which.origin()).expect("an origin");
        let state = node::log::run::first_state(&rules(which), &origin).expect("a state");
        let created = block(Store::new(Arc::new(objects.clone())).create(&State::path(0), state.to_bytes()));
        assert_eq!(created, Ok(Created::New));
        LogRole {
            objects,
            engine: None,
            stopped: None,
            ready: false,
            entropy: SeededEntropy::new([which as u8 + 90; 32]),
            round: None,
            rounds: 0,
            stored: [0; 4],
            image: None,
            is_damaged: false,
            is_put_back: false,
            was_restored: false,
            keeps_back_until: 0,
            kept_back: Vec::new(),
        }
    }

    pub fn store(&self) -> Store {
        Store::new(Arc::new(self.objects.clone()))
    }

    pub fn reader(&self) -> LogReader {
        LogReader::of(Source::Store(self.store()))
    }

    pub fn is_up(&self) -> bool {
        self.engine.is_some() && self.stopped.is_none()
    }

    /// `kill -9`, and the disk is what it was at the image if there is one.
    pub fn crash(&mut self) {
        (self.engine, self.round, self.ready) = (None, None, false);
        let forgot = self.objects.restart();
        self.is_damaged |= forgot;
        self.is_put_back |= forgot;
        if let Some(image) = self.image.take() {
            self.objects.restore(&image);
            (self.is_put_back, self.was_restored) = (true, true);
        }
    }

    /// Its disk was once older than what it had written.
    pub fn was_put_back(&self) -> bool {
        self.was_restored || self.is_damaged
    }

    /// Where a leaf stands, if it is published.
    pub fn published(&self, key: &Hash) -> Option<u64> {
        self.engine.as_ref()?.published_index(key)
    }
}

impl World<'_> {
    fn log(&mut self, which: Which) -> &mut LogRole {
        &mut self.logs[which as usize]
    }

    /// The process starts: its disk is judged, then the witnesses are asked whether that is all (LOG-62 to LOG-64).
    pub(super) fn start_log(&mut self, which: Which) {
        let now = self.now;
        if self.log(which).stopped.is_some() || self.log(which).ready {
            return;
        }
        if self.log(which).engine.is_none() {
            let (store, rules_of) = (self.log(which).store(), rules(which));
            match block(startup::resume(&store, &rules_of, now)) {
                Ok(resumed) => {
                    let policy = which.policy(self.cast).clone();
                    self.log(which).engine = Some(Engine::new(rules_of, policy, resumed));
                }
                // A supervisor starts it again; what the disk really holds decides, as often as it is asked.
                Err(_) => return self.log_is_killed(which, 10 * START_AGAIN),
            }
        }
        match self.witnesses_told(which) {
            Err(stop) => self.log_stops(which, &stop),
            Ok(false) => self.at(START_AGAIN, Event::StartLog(which)),
            Ok(true) => {
                self.log(which).ready = true;
                self.restored_logs_refuse(which);
                if std::mem::take(&mut self.log(which).is_put_back) {
                    let size = self.log(which).engine.as_ref().map_or(0, Engine::size);
                    self.seen.goes_on_from(which, size);
                }
                let effects = self.log(which).engine.as_mut().map_or_else(Vec::new, |engine| engine.cosign_again(now));
                self.log_performs(which, effects);
            }
        }
    }

    /// An old state is for people (LOG-65); after any other stop the supervisor starts the process again.
    fn log_stops(&mut self, which: Which, why: &Stop) {
        if !matches!(why, Stop::StateIsOld { .. }) {
            return self.log_is_killed(which, START_AGAIN);
        }
        self.logs_stop_for_a_reason(which);
        self.log(which).stopped = Some(why.code().to_owned());
        self.log(which).round = None;
    }

    /// LOG-64, as the shell asks.
    fn witnesses_told(&mut self, which: Which) -> Result<bool, Stop> {
        if self.sabotage.is(Sabotage::StartsUnasked) {
            return Ok(true);
        }
        let now = self.now;
        let ours = self.log(which).engine.as_ref().map_or(0, Engine::size);
        let mut told = Vec::new();
        for (number, name) in WITNESSES.into_iter().enumerate() {
            let answers = self.net.answers(Link::Cosign, now, &mut self.chance);
            let one = if answers { self.witness_tells(which, number, ours) } else { None };
            if let Some(Told::Holds(size)) = one {
                self.log(which).stored[number] = size;
            }
            told.push((name.to_owned(), one));
        }
        may_sign(which.policy(self.cast), &told).map_err(|(witness, witnessed)| Stop::StateIsOld { witness, witnessed, ours })
    }

    /// What a witness shows of a log, as the product reads it.
    fn witness_tells(&self, which: Which, number: usize, ours: u64) -> Option<Told> {
        match self.witnesses[number].told(which, ours) {
            Some(Told::Claimed(size)) if self.sabotage.is(Sabotage::BelievesBareClaims) => Some(Told::Shown(size)),
            Some(Told::Holds(size)) if self.sabotage.is(Sabotage::StopsWhenEven) && 0 < size => Some(Told::Shown(size)),
            told => told,
        }
    }

    pub(super) fn log_tick(&mut self, which: Which) {
        self.at(TICK, Event::Tick(which));
        let now = self.now;
        let role = self.log(which);
        if !role.ready || role.stopped.is_some() {
            return;
        }
        let key = Secret::new([0x44; 32]);
        let dummy_key = (which == Which::Orders).then_some(&key);
        let Some(engine) = role.engine.as_mut() else { return };
        let effects = engine.handle(now, Input::Tick { dummy_key }, &mut role.entropy);
        self.log_performs(which, effects);
    }

    fn log_handles(&mut self, which: Which, input: Input<'_>) -> Vec<Effect> {
        let now = self.now;
        let role = self.log(which);
        role.engine.as_mut().map_or_else(Vec::new, |engine| engine.handle(now, input, &mut role.entropy))
    }

    fn log_performs(&mut self, which: Which, effects: Vec<Effect>) {
        let mut waiting = VecDeque::from(effects);
        while let Some(effect) = waiting.pop_front() {
            let store = self.log(which).store();
            let input = match effect {
                Effect::Stop(why) => return self.log_stops(which, &why),
                Effect::Alarm(_) => continue,
                Effect::Stage { name, bytes } => Input::Staged(stage(&store, &name, &bytes)),
                Effect::Commit { seq, bytes } => {
                    let done = block(store.create(&State::path(seq), bytes.clone())) == Ok(Created::New);
                    // Its signature may leave once it is on the disk, whatever the process heard of that.
                    let disk = Store::new(self.log(which).objects.image());
                    if block(disk.read(&State::path(seq))).ok().flatten().is_some_and(|held| held == bytes) {
                        self.seen.signed_by_log(which, &bytes);
                        if self.sabotage.is(Sabotage::LogSignsAside) {
                            self.seen.signed_aside(which);
                        }
                    }
                    Input::Committed(done)
                }
                Effect::Apply { files } => Input::Applied(apply(&store, &files)),
                Effect::Cosign { note, tick, .. } => {
                    self.begin_round(which, note, tick);
                    continue;
                }
                Effect::Publish { note, .. } => {
                    let note = if self.sabotage.is(Sabotage::PublishesAlone) { alone(&note) } else { note };
                    let done = block(store.replace("checkpoint", note.clone())).is_ok();
                    // Readers see what is on the disk, whatever the process heard of that.
                    let disk = Store::new(self.log(which).objects.image());
                    let is_shown = block(disk.read("checkpoint")).ok().flatten().is_some_and(|shown| shown == note);
                    self.published(which, &note, is_shown);
                    Input::Published(done)
                }
                Effect::Discard { staging, partials } => {
                    let names = staging.iter().map(|name| format!("staging/{name}"));
                    let names: Vec<String> = names.chain(partials.iter().map(ToString::to_string)).collect();
                    Input::Discarded(names.iter().all(|name| block(store.delete(name)).is_ok()))
                }
            };
            if self.log(which).objects.is_dead() {
                return self.log_dies(which);
            }
            waiting.extend(self.log_handles(which, input));
        }
    }

    fn log_dies(&mut self, which: Which) {
        let rest = std::mem::take(&mut self.rests.log[which as usize]);
        self.log(which).crash();
        self.at(rest.max(1), Event::StartLog(which));
    }

    /// A crash that no write brought about.
    pub(super) fn log_is_killed(&mut self, which: Which, rest: u64) {
        self.rests.log[which as usize] = rest;
        self.log_dies(which);
    }

    fn begin_round(&mut self, which: Which, note: Vec<u8>, tick: u64) {
        let Some(head) = SignedNote::parse(&note).ok().and_then(|note| Checkpoint::of_note(&note).ok()) else { return };
        let role = self.log(which);
        role.rounds += 1;
        let number = role.rounds;
        role.round = Some(Round { number, note, head, tick, lines: Default::default(), asked_again: [false; 4] });
        self.at(PATIENCE, Event::RoundEnds { which, round: number });
        for witness in 0..WITNESSES.len() {
            self.ask_witness(which, witness);
        }
    }

    fn ask_witness(&mut self, which: Which, witness: usize) {
        let now = self.now;
        let role = &self.logs[which as usize];
        let Some(round) = &role.round else { return };
        let old = role.stored[witness].min(round.head.size);
        let Ok(path) = block(Source::Store(role.store()).consistency(old, round.head.size)) else { return };
        let Ok(note) = SignedNote::parse(&round.note) else { return };
        let Ok(request) = Request::new(old, path, note) else { return };
        let (body, round) = (request.to_bytes(), round.number);
        for delay in self.net.carry(Link::Cosign, now, &mut self.chance) {
            self.at(delay, Event::AskWitness { which, witness, round, body: body.clone() });
        }
    }

    pub(super) fn witness_is_asked(&mut self, which: Which, witness: usize, round: u64, body: &[u8]) {
        let Some(answer) = self.witness_answers(witness, body) else { return };
        let now = self.now;
        for delay in self.net.carry(Link::Cosign, now, &mut self.chance) {
            self.at(delay, Event::WitnessSays { which, witness, round, answer: answer.clone() });
        }
    }

    pub(super) fn witness_said(&mut self, which: Which, witness: usize, number: u64, answer: judge::Answer) {
        let now = self.now;
        let role = &mut self.logs[which as usize];
        let Some(round) = role.round.as_mut().filter(|round| round.number == number) else { return };
        let content_type = answer.content_type.to_owned();
        let answer = Answer { status: answer.status, content_type, body: answer.body.into_bytes().into() };
        match meaning(&answer, round.head.size) {
            Meaning::Signed => {
                let window = Window { from: round.tick.saturating_sub(60), until: now + 60 };
                let vkey: VerifierKey = signer(&witness_name(WITNESSES[witness])).vkey().clone();
                let text = SignedNote::parse(&round.note).map(|note| note.text().to_owned()).unwrap_or_default();
                if let Ok(lines) = usable_lines(&answer.body, &text, &vkey, window) {
                    round.lines[witness] = Some(lines);
                    role.stored[witness] = round.head.size;
                }
                if self.logs[which as usize].round.as_ref().is_some_and(|round| round.lines.iter().all(Option::is_some)) {
                    self.round_ends(which, number);
                }
            }
            Meaning::Holds(size) if !round.asked_again[witness] => {
                round.asked_again[witness] = true;
                role.stored[witness] = size;
                self.ask_witness(which, witness);
            }
            Meaning::Ahead(_) => {
                let ours = round.head.size;
                self.witness_claims_more(which, witness, ours);
            }
            Meaning::Holds(_) | Meaning::ClaimsInconsistency | Meaning::Nothing => {}
        }
    }

    /// LOG-64: it is asked for the head behind the number.
    fn witness_claims_more(&mut self, which: Which, witness: usize, ours: u64) {
        let now = self.now;
        let answers = self.net.answers(Link::Cosign, now, &mut self.chance);
        if let Some(Told::Shown(size)) = self.witness_tells(which, witness, ours).filter(|_| answers) {
            self.log(which).round = None;
            let effects = self.log_handles(which, Input::WitnessAhead { witness: WITNESSES[witness].to_owned(), size });
            self.log_performs(which, effects);
        }
    }

    pub(super) fn round_ends(&mut self, which: Which, number: u64) {
        let role = self.log(which);
        if role.round.as_ref().is_none_or(|round| round.number != number) {
            return;
        }
        let Some(round) = role.round.take() else { return };
        let lines = round.lines.into_iter().flatten().flatten().collect();
        let effects = self.log_handles(which, Input::Cosigned { lines });
        self.log_performs(which, effects);
    }

    /// A statement or commitment arrives at a log.
    pub(super) fn log_is_given(&mut self, which: Which, key: Hash, entry: Vec<u8>, urgent: bool) {
        if which == Which::Public && node::log::reading::check_statement(&entry, &self.statement_keys).is_err() {
            return;
        }
        let now = self.now;
        let (role, leaf) = (self.log(which), Leaf { key, entry, urgent, dummy: false });
        if now < role.keeps_back_until {
            role.kept_back.push(leaf);
        } else if let (Some(engine), None) = (role.engine.as_mut(), &role.stopped) {
            engine.admit(leaf);
        }
    }

    /// What was kept back goes in late.
    pub(super) fn log_lets_go(&mut self, which: Which) {
        let late = std::mem::take(&mut self.log(which).kept_back);
        if !late.is_empty() {
            self.bites("lie-log");
        }
        let role = self.log(which);
        if let (Some(engine), None) = (role.engine.as_mut(), &role.stopped) {
            for leaf in late {
                engine.admit(leaf);
            }
        }
    }
}

pub(super) fn stage(store: &Store, name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let path = format!("staging/{name}");
    block(store.keep(&path, bytes)).ok()?;
    block(store.read(&path)).ok()?.map(|read| read.to_vec())
}

pub(super) fn apply(store: &Store, files: &[TileFile]) -> bool {
    let keep = |file: &TileFile| block(store.keep(&file.place.to_string(), &file.bytes)) == Ok(Kept::Same);
    // All are tried, as the shell does: one that fails does not spare the others.
    files.iter().map(keep).fold(true, |all, kept| all && kept)
}

/// A head that only the log signed.
fn alone(note: &[u8]) -> Vec<u8> {
    let parsed = SignedNote::parse(note).expect("a note");
    SignedNote::new(parsed.text().to_owned(), parsed.signatures()[..1].to_vec()).expect("a note").to_bytes()
}

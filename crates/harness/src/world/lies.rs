//! An operator who lies with the log's own key: two histories, an older one, entries that were not signed, leaves kept back.
//!
//! Two histories are two real ones: a second engine goes on from a copy of the disk. What a lie shows goes to one audience; the
//! corrupt witnesses sign it, honest ones are asked and must not.

use super::disk::Objects;
use super::fault::{Audience, LogLie, Which};
use super::logs::{apply, rules, stage};
use super::{Event, World, block};
use node::log::client::LogReader;
use node::log::engine::{Effect, Engine, Input};
use node::log::queue::Leaf;
use node::log::startup;
use node::log::store::{Created, Store};
use node::log::tiles::Source;
use seal::entropy::SeededEntropy;
use seal::merkle::Hash;
use seal::secret::Secret;
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::SignedNote;
use verify::log::witness::Request;

use super::cast::{TICK, WITNESSES, signer, witness_name};
use super::sabotage::Sabotage;

/// Two ticks and a little: the true history has gone on, and every honest witness holds it.
const LATER: u64 = 2 * TICK + 100;

pub struct Lying {
    pub which: Which,
    pub lie: LogLie,
    to: Audience,
    from: u64,
    pub until: u64,
    objects: Objects,
    /// The audience looked, and what it saw was a lie.
    pub was_shown: bool,
    pub is_found: bool,
    /// Somebody of the audience read the log meanwhile.
    was_read: Cell<bool>,
}

impl Lying {
    /// Size and root of the head that the audience is shown.
    pub fn head(&self) -> Option<(u64, Hash)> {
        let note = block(Store::new(Arc::new(self.objects.clone())).read("checkpoint")).ok()??;
        let head = Checkpoint::of_note(&SignedNote::parse(&note).ok()?).ok()?;
        Some((head.size, head.root))
    }

    /// To anybody who looked; a gateway may take a true old head for the newest.
    pub fn was_told(&self) -> bool {
        self.was_shown || self.was_read.get()
    }

    /// Only what convicts, or what the monitor itself was shown, has to be found: a gateway that is shown an old head waits.
    pub fn must_be_found(&self) -> bool {
        self.was_shown && (self.lie == LogLie::Fork || self.to == Audience::Monitor)
    }
}

impl World<'_> {
    pub(super) fn log_lies(&mut self, which: Which, lie: LogLie, to: Audience, for_s: u64) {
        let now = self.now;
        let objects = match lie {
            LogLie::Late => {
                self.logs[which as usize].keeps_back_until = now + for_s;
                return self.at(for_s, Event::LetsGo(which));
            }
            LogLie::Fork => self.fork(which),
            LogLie::Rollback => {
                let old = Objects::default();
                old.restore(&self.logs[which as usize].objects.image());
                Some(old)
            }
            LogLie::OtherEntries => Some(self.logs[which as usize].objects.with_other_entries()),
        };
        let Some(objects) = objects else { return };
        if lie == LogLie::Fork {
            self.at(LATER, Event::AsksToSignALie(self.lies.len()));
        }
        let (from, until) = (now + LATER, now + LATER + for_s);
        self.lies.push(Lying { which, lie, to, from, until, objects, was_shown: false, is_found: false, was_read: Cell::new(false) });
    }

    /// The number of the lie that an audience is told now.
    pub(super) fn lie_told(&self, which: Which, to: Audience) -> Option<usize> {
        let told = |lying: &Lying| lying.which == which && lying.to == to && (lying.from..lying.until).contains(&self.now);
        self.lies.iter().position(told)
    }

    /// The log as an audience sees it.
    pub(super) fn reader(&self, which: Which, to: Audience) -> LogReader {
        match self.lie_told(which, to) {
            Some(number) => {
                self.lies[number].was_read.set(true);
                LogReader::of(Source::Store(Store::new(Arc::new(self.lies[number].objects.clone()))))
            }
            None => self.logs[which as usize].reader(),
        }
    }

    /// Another history from the log's present state on, as far as one tick, with whatever lines corrupt witnesses give it.
    pub(super) fn fork(&self, which: Which) -> Option<Objects> {
        let objects = Objects::default();
        objects.restore(&self.logs[which as usize].objects.image());
        let store = Store::new(Arc::new(objects.clone()));
        let now = self.now + TICK;
        let resumed = block(startup::resume(&store, &rules(which), now)).ok()?;
        let mut engine = Engine::new(rules(which), which.policy(self.cast).clone(), resumed);
        let entry = b"another history".to_vec();
        if which == Which::Public {
            engine.admit(Leaf { key: seal::merkle::leaf_hash(&entry), entry, urgent: false, dummy: false });
        }
        // Another day key gives other dummies.
        let key = Secret::new([0x45; 32]);
        let entropy = &mut SeededEntropy::new([0x46; 32]);
        let mut waiting = VecDeque::from(engine.handle(now, Input::Tick { dummy_key: (which == Which::Orders).then_some(&key) }, entropy));
        while let Some(effect) = waiting.pop_front() {
            let input = match effect {
                Effect::Stage { name, bytes } => Input::Staged(stage(&store, &name, &bytes)),
                Effect::Commit { seq, bytes } => {
                    Input::Committed(block(store.create(&node::log::state::State::path(seq), bytes)) == Ok(Created::New))
                }
                Effect::Apply { files } => Input::Applied(apply(&store, &files)),
                Effect::Cosign { note, .. } => {
                    block(store.replace("checkpoint", self.with_corrupt_lines(&note)?)).ok()?;
                    return Some(objects);
                }
                _ => continue,
            };
            waiting.extend(engine.handle(now, input, entropy));
        }
        None
    }

    fn with_corrupt_lines(&self, note: &[u8]) -> Option<Vec<u8>> {
        let note = SignedNote::parse(note).ok()?;
        let mut lines = note.signatures().to_vec();
        for (number, witness) in self.witnesses.iter().enumerate() {
            if witness.is_corrupt() || self.sabotage.is(Sabotage::WitnessesSignAnything) {
                lines.push(signer(&witness_name(WITNESSES[number])).cosign(note.text(), self.now).ok()?);
            }
        }
        Some(SignedNote::new(note.text().to_owned(), lines).ok()?.to_bytes())
    }

    /// The forked head at every honest witness that already holds the true one.
    pub(super) fn lie_is_to_be_signed(&mut self, number: usize) {
        let (which, store) = (self.lies[number].which, Store::new(Arc::new(self.lies[number].objects.clone())));
        let Some(note) = block(store.read("checkpoint")).ok().flatten() else { return };
        let Ok(note) = SignedNote::parse(&note) else { return };
        let Ok(head) = Checkpoint::of_note(&note) else { return };
        for witness in 0..WITNESSES.len() {
            // One that holds less may sign: it cannot know yet which of two histories is the other one.
            let forgets = self.sabotage.is(Sabotage::WitnessesSignAnything);
            let holds = self.witnesses[witness].size(which.origin()).is_some_and(|held| forgets || head.size <= held);
            if !holds || self.witnesses[witness].is_corrupt() {
                continue;
            }
            for old in [0, head.size] {
                let Ok(path) = block(Source::Store(store.clone()).consistency(old, head.size)) else { continue };
                if let Ok(request) = Request::new(old, path, note.clone()) {
                    drop(self.witness_answers(witness, &request.to_bytes()));
                }
            }
        }
    }

    /// A fork contradicts what the log shows once that is as long: until then it could be what comes next.
    fn is_contradicted(&self, lying: &Lying) -> bool {
        let shown = block(self.logs[lying.which as usize].reader().head());
        lying.lie != LogLie::Fork || shown.is_ok_and(|shown| lying.head().is_some_and(|(size, _)| size <= shown.size))
    }

    /// Who was shown a lie that nobody found?
    pub(super) fn lies_are_found(&mut self) {
        let missed = self.lies.iter().find(|lying| lying.must_be_found() && !lying.is_found && self.is_contradicted(lying));
        if let Some(lying) = missed {
            let what = format!("{:?} of {:?} to {:?}", lying.lie, lying.which, lying.to);
            self.breaks(super::invariant::Invariant::LyingLogsAreFound, what);
        }
    }
}

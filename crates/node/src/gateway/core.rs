//! The gateway's core: `handle(now, input) -> effects`. No clock, no disk, no network; chance comes in as an argument.
//!
//! A case's state is its outbox. `Gateway::resume` derives the work of a state, whether the state was just reached or just
//! loaded, so recovery is the normal path. Every transition is stored before anything is answered or asked, and each task's
//! answer names the version it was made for; late and repeated answers fall through.

use super::papers::{self, Refused};
use super::related::{RelatedLeaves, TakenIn};
use super::rules::Rules;
use super::work::{Done, Effect, Input, Reply, Request, Task, Work};
use crate::cases::Digest32;
use crate::cases::change::{Change, Event};
use crate::cases::happening::Happening;
use crate::cases::related::{Related, RelatedId};
use crate::cases::state::{Case, CaseId};
use seal::entropy::Entropy;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A case in memory, as far as the disk knows it, and when to try again.
struct Held {
    case: Case,
    version: u64,
    /// Consecutive faults of the present task.
    faults: u32,
    /// The task is out, or is not to be handed out before this time.
    waiting: Waiting,
}

pub(super) enum Waiting {
    ForAnswer,
    Until(u64),
    /// For people, or for nothing.
    Idle,
}

/// All cases of one provider, and the rules they are judged by.
pub struct Gateway {
    rules: Arc<Rules>,
    cases: BTreeMap<CaseId, Held>,
    /// By R, which is all that its signer signed: r and a list of attestations can be spelled anew, and are another leaf then.
    by_signed: BTreeMap<Digest32, CaseId>,
    related: RelatedLeaves,
    next_number: u64,
}

/// A transition: the new state and what happened.
pub(super) struct Step {
    pub case: Case,
    pub what: Happening,
    pub by: String,
    /// Keys and workshop files of the case are no longer needed.
    pub erase: bool,
}

impl Step {
    pub(super) fn new(case: Case, what: Happening, by: impl Into<String>) -> Step {
        Step { case, what, by: by.into(), erase: false }
    }
}

/// What a state waits for.
pub(super) enum Next {
    Task(Task),
    /// Nothing before this time.
    At(u64),
    /// People, or the end.
    Nothing,
}

impl Gateway {
    /// From what the store held; `cases::recheck` has judged each again before.
    pub fn new(
        rules: Arc<Rules>,
        loaded: impl IntoIterator<Item = (u64, Case)>,
        related: impl IntoIterator<Item = (RelatedId, Related)>,
    ) -> Gateway {
        let cases: BTreeMap<_, _> =
            loaded.into_iter().map(|(version, case)| (case.file().id, Held { case, version, faults: 0, waiting: Waiting::Idle })).collect();
        let next_number = cases.values().map(|held| held.case.file().number).max().unwrap_or(0) + 1;
        let signed = |held: &Held| Some((papers::signed_id(&held.case.file().order.0)?, held.case.file().id));
        let by_signed = cases.values().filter_map(signed).collect();
        Gateway { rules, cases, by_signed, related: RelatedLeaves::new(related), next_number }
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Every case with its version, by id.
    pub fn cases(&self) -> impl Iterator<Item = (u64, &Case)> {
        self.cases.values().map(|held| (held.version, &held.case))
    }

    /// Every related leaf, by id.
    pub fn related(&self) -> impl Iterator<Item = (&RelatedId, &Related)> {
        self.related.iter()
    }

    pub fn case(&self, id: &CaseId) -> Option<&Case> {
        self.cases.get(id).map(|held| &held.case)
    }

    /// One input, and what has to happen because of it, in order.
    pub fn handle(&mut self, now: u64, input: Input, entropy: &mut dyn Entropy) -> Vec<Effect> {
        match input {
            Input::Start => self.start(now),
            Input::Wake => self.wake(now),
            Input::Request { from, request } => self.request(now, from, request, entropy),
            Input::Done { case, version, done } => self.done(now, case, version, done, entropy),
            Input::Failed { case, version, fault } => self.failed(now, case, version, fault),
        }
    }

    fn start(&mut self, now: u64) -> Vec<Effect> {
        let ids: Vec<CaseId> = self.cases.keys().copied().collect();
        let mut effects = Vec::new();
        for id in ids {
            // A crash between the last store and its erasure leaves keys behind: erasing twice does no harm.
            if self.case(&id).is_some_and(holds_no_keys) {
                effects.push(Effect::Erase { case: id });
            }
            effects.extend(self.case(&id).and_then(super::preserving::beside));
            effects.extend(self.resume(now, id));
        }
        effects.extend(self.related.start());
        effects
    }

    fn wake(&mut self, now: u64) -> Vec<Effect> {
        let due: Vec<CaseId> =
            self.cases.iter().filter(|(_, held)| matches!(held.waiting, Waiting::Until(at) if at <= now)).map(|(id, _)| *id).collect();
        let mut effects: Vec<Effect> = due.into_iter().flat_map(|id| self.resume(now, id)).collect();
        effects.extend(self.related.wake(now));
        effects
    }

    /// Hands out what the case's state needs next.
    fn resume(&mut self, now: u64, id: CaseId) -> Vec<Effect> {
        let rules = &self.rules;
        let Some(held) = self.cases.get_mut(&id) else { return Vec::new() };
        match super::steps::next(rules, &held.case, now) {
            Next::Task(task) => {
                held.waiting = Waiting::ForAnswer;
                vec![Effect::Work(Box::new(Work { case: id, version: held.version, task }))]
            }
            Next::At(at) => {
                held.waiting = Waiting::Until(at);
                vec![Effect::WakeAt(at)]
            }
            Next::Nothing => {
                held.waiting = Waiting::Idle;
                Vec::new()
            }
        }
    }

    fn done(&mut self, now: u64, id: CaseId, version: u64, done: Done, entropy: &mut dyn Entropy) -> Vec<Effect> {
        let Some(held) = self.cases.get(&id) else { return self.related.done(&self.rules, now, id, version, done) };
        if held.version != version || !matches!(held.waiting, Waiting::ForAnswer) {
            return Vec::new();
        }
        let cases = || self.cases.values().map(|held| &held.case).collect();
        let beside = super::steps::Beside { rules: &self.rules, related: &self.related, cases: &cases };
        match super::steps::advance(&beside, &held.case, done, now, entropy) {
            Ok(Some(step)) => self.commit(now, id, step, None),
            // Nothing new yet: the log has no receipt, no further slot is closed.
            Ok(None) => {
                let seconds = super::preserving::patience(&held.case).unwrap_or(self.rules.settings.poll_seconds);
                self.later(now, id, seconds)
            }
            Err(unusable) => self.failed(now, id, version, unusable.text().to_owned()),
        }
    }

    /// A task failed, or its answer does not bear checking: again later, with growing patience.
    fn failed(&mut self, now: u64, id: CaseId, version: u64, text: String) -> Vec<Effect> {
        let settings = self.rules.settings;
        let Some(held) = self.cases.get_mut(&id) else { return self.related.failed(&self.rules, now, id, version, text) };
        if held.version != version || !matches!(held.waiting, Waiting::ForAnswer) {
            return Vec::new();
        }
        held.faults = held.faults.saturating_add(1);
        let wait = settings.patience(held.faults);
        let mut effects = vec![Effect::Complain { case: id, text }];
        effects.extend(self.later(now, id, wait));
        effects
    }

    fn later(&mut self, now: u64, id: CaseId, seconds: u64) -> Vec<Effect> {
        let at = now.saturating_add(seconds.max(1));
        if let Some(held) = self.cases.get_mut(&id) {
            held.waiting = Waiting::Until(at);
        }
        vec![Effect::WakeAt(at)]
    }

    /// Stores a step, answers, and goes on. In this order: dying after the store repeats the work, dying before it repeats the input.
    fn commit(&mut self, now: u64, id: CaseId, step: Step, reply: Option<(u64, Reply)>) -> Vec<Effect> {
        let version = self.cases.get(&id).map_or(1, |held| held.version + 1);
        let event = Event { at: now, what: step.what, by: step.by };
        let change = Change { case: step.case.clone(), version, event };
        let beside = super::preserving::beside(&step.case);
        if version == 1
            && let Some(signed) = papers::signed_id(&step.case.file().order.0)
        {
            self.by_signed.insert(signed, id);
        }
        self.cases.insert(id, Held { case: step.case, version, faults: 0, waiting: Waiting::Idle });
        let mut effects = vec![Effect::Store(Box::new(change))];
        // Before the receipt: whoever has one may rely on it.
        effects.extend(beside);
        effects.extend(reply.map(|(to, reply)| Effect::Reply { to, reply }));
        if step.erase {
            effects.push(Effect::Erase { case: id });
        }
        effects.extend(self.resume(now, id));
        effects
    }

    fn request(&mut self, now: u64, from: u64, request: Request, entropy: &mut dyn Entropy) -> Vec<Effect> {
        let outcome = match request {
            Request::Order(document) => self.take_order(now, &document),
            Request::Withdrawal(document) => self.take_withdrawal(now, &document, entropy),
            Request::Related(document) => return self.take_related(now, from, document),
            Request::Approval { case, document } => self.on_case(case, |rules, held| super::desk::approve(rules, held, &document, now)),
            Request::Refusal { case, document } => self.on_case(case, |rules, held| super::desk::refuse(rules, held, &document, entropy)),
            Request::Retry { case, by } => self.on_case(case, |rules, held| super::desk::retry(rules, held, &by, now)),
        };
        match outcome {
            Ok(Taken::Step(id, step)) => {
                let number = step.case.file().number;
                let reply = Reply::Receipt { case: id, number, state: step.case.word() };
                self.commit(now, id, *step, Some((from, reply)))
            }
            Ok(Taken::Again(id)) => vec![Effect::Reply { to: from, reply: self.receipt(&id) }],
            Err(Refused { code, text, hint }) => vec![Effect::Reply { to: from, reply: Reply::Refused { code, text, hint } }],
        }
    }

    fn receipt(&self, id: &CaseId) -> Reply {
        match self.cases.get(id) {
            Some(held) => Reply::Receipt { case: *id, number: held.case.file().number, state: held.case.word() },
            None => Reply::Unknown,
        }
    }

    fn take_order(&mut self, now: u64, document: &[u8]) -> Result<Taken, Refused> {
        // R7: the same order again is the same case, even when it would no longer pass the pre-check.
        let id = papers::order_id(document)?;
        if self.cases.contains_key(&id) {
            return Ok(Taken::Again(id));
        }
        // And so is the same order under another r.
        if let Some(same) = papers::signed_id(document).and_then(|signed| self.by_signed.get(&signed)) {
            return Ok(Taken::Again(*same));
        }
        let number = self.next_number;
        let step = super::desk::receive(&self.rules, document, number, now)?;
        self.next_number += 1;
        Ok(Taken::Step(id, Box::new(step)))
    }

    fn take_withdrawal(&mut self, now: u64, document: &[u8], entropy: &mut dyn Entropy) -> Result<Taken, Refused> {
        let parent = papers::withdrawal_parent(document)?;
        let found = self.cases.iter().find(|(_, held)| papers::order_leaf(&held.case).map(papers::place) == Some(parent));
        let Some((id, held)) = found else {
            return Err(Refused::new("CASE-01", "no case for the order that this withdraws", "send it to the provider that has the order"));
        };
        let id = *id;
        match super::desk::withdraw(&self.rules, &held.case, document, now, entropy)? {
            Some(step) => Ok(Taken::Step(id, Box::new(step))),
            None => Ok(Taken::Again(id)),
        }
    }

    /// A leaf for later bundles. The case it hangs on does not change; it may be closed.
    fn take_related(&mut self, now: u64, from: u64, document: Vec<u8>) -> Vec<Effect> {
        let cases = self.cases.values().map(|held| &held.case);
        match self.related.take(&self.rules, cases, now, document) {
            Ok(TakenIn { case, number, state, store, work }) => {
                let mut effects: Vec<Effect> = store.into_iter().collect();
                effects.push(Effect::Reply { to: from, reply: Reply::Receipt { case, number, state } });
                effects.extend(work);
                effects
            }
            Err(Refused { code, text, hint }) => vec![Effect::Reply { to: from, reply: Reply::Refused { code, text, hint } }],
        }
    }

    fn on_case(&mut self, id: CaseId, step: impl FnOnce(&Rules, &Case) -> Result<Option<Step>, Refused>) -> Result<Taken, Refused> {
        let Some(held) = self.cases.get(&id) else {
            return Err(Refused::new("CASE-02", "there is no such case", "waarborg case list shows the cases"));
        };
        match step(&self.rules, &held.case)? {
            Some(step) => Ok(Taken::Step(id, Box::new(step))),
            None => Ok(Taken::Again(id)),
        }
    }
}

/// What became of a request that was not refused.
enum Taken {
    Step(CaseId, Box<Step>),
    /// It had been taken before; nothing changes.
    Again(CaseId),
}

/// States in which no answers with keys are kept.
fn holds_no_keys(case: &Case) -> bool {
    !matches!(case, Case::Asking(_) | Case::Opening(_) | Case::AwaitingRelease(_) | Case::Packing(_) | Case::Delivering(_))
}

//! Extensions, notices and confirmations (kinds 4, 5, 9): taken in, logged, and shown in every later bundle of their authority, so
//! that members can satisfy REL-24. Pure, like the core that owns it.

use super::core::Waiting;
use super::papers::{self, Refused};
use super::rules::Rules;
use super::work::{Done, Effect, Task, Work};
use crate::cases::related::{Related, RelatedChange, RelatedId, Shown};
use crate::cases::state::{Case, CaseId};
use crate::cases::{Digest32, Octets};
use std::collections::BTreeMap;
use verify::bundle::Bundle;
use verify::names::DirectoryId;
use verify::record::{Kind, Record, SignedRecord};
use verify::release::{Fact, HangsOn, Heard, related_says};

/// A leaf in memory, as far as the disk knows it.
struct Held {
    related: Related,
    faults: u32,
    waiting: Waiting,
}

/// All related leaves of one provider.
pub struct RelatedLeaves {
    held: BTreeMap<RelatedId, Held>,
}

/// What taking one in needs: nothing is stored or asked for a leaf that was there.
pub(super) struct TakenIn {
    /// The order's.
    pub case: CaseId,
    pub number: u64,
    pub state: &'static str,
    pub store: Option<Effect>,
    pub work: Option<Effect>,
}

impl RelatedLeaves {
    pub(super) fn new(loaded: impl IntoIterator<Item = (RelatedId, Related)>) -> RelatedLeaves {
        let held = loaded.into_iter().map(|(id, related)| (id, Held { related, faults: 0, waiting: Waiting::Idle }));
        RelatedLeaves { held: held.collect() }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&RelatedId, &Related)> {
        self.held.iter().map(|(id, held)| (id, &held.related))
    }

    pub(super) fn start(&mut self) -> Vec<Effect> {
        self.held.iter_mut().filter_map(|(id, held)| resume(*id, held)).collect()
    }

    pub(super) fn wake(&mut self, now: u64) -> Vec<Effect> {
        let due = self.held.iter_mut().filter(|(_, held)| matches!(held.waiting, Waiting::Until(at) if at <= now));
        due.filter_map(|(id, held)| resume(*id, held)).collect()
    }

    /// Checks a leaf as members will, once it is in the log, and keeps it. A leaf that is known is answered by its state.
    pub(super) fn take<'c>(
        &mut self,
        rules: &Rules,
        cases: impl Iterator<Item = &'c Case>,
        now: u64,
        document: Vec<u8>,
    ) -> Result<TakenIn, Refused> {
        let record = read(&document)?;
        let case = order_of(&record, cases)?;
        let order = papers::parse_order(&case.file().order.0)?;
        let (case, number, received) = (case.file().id, case.file().number, case.file().received);
        let id = Digest32(record.d());
        if let Some(held) = self.held.get(&id) {
            return Ok(TakenIn { case, number, state: held.related.word(), store: None, work: None });
        }
        let Some((_, fact)) = related_says(&rules.policy, &record, now) else {
            let hint = "extensions and confirmations are the court's to sign, notices the authority's";
            return Err(Refused::new("LOG-43", "who signs this kind, by the policy, did not sign it", hint));
        };
        counts(rules, order.document.record().record(), received, &record, fact, now)?;
        let related = Related::Submitted { document: Octets(document) };
        let state = related.word();
        let store = Effect::StoreRelated(Box::new(RelatedChange { id, related: related.clone(), at: now }));
        let held = self.held.entry(id).or_insert(Held { related, faults: 0, waiting: Waiting::Idle });
        Ok(TakenIn { case, number, state, store: Some(store), work: resume(id, held) })
    }

    pub(super) fn done(&mut self, rules: &Rules, now: u64, id: RelatedId, version: u64, done: Done) -> Vec<Effect> {
        let Some(held) = self.held.get_mut(&id).filter(|held| is_awaited(held, version)) else { return Vec::new() };
        let Done::Logged(leaf) = done else {
            return later(rules, now, id, held, "an answer that does not fit its question".to_owned());
        };
        if let Err(refused) = papers::included(rules, id.0, &leaf) {
            return later(rules, now, id, held, refused.to_string());
        }
        held.related = Related::Logged { document: held.related.document().clone(), leaf };
        held.waiting = Waiting::Idle;
        vec![Effect::StoreRelated(Box::new(RelatedChange { id, related: held.related.clone(), at: now }))]
    }

    pub(super) fn failed(&mut self, rules: &Rules, now: u64, id: RelatedId, version: u64, text: String) -> Vec<Effect> {
        match self.held.get_mut(&id).filter(|held| is_awaited(held, version)) {
            Some(held) => later(rules, now, id, held, text),
            None => Vec::new(),
        }
    }

    /// What a bundle of this authority shows under a head of `origin` with `size` leaves: the newest, in the order of the log. A leaf
    /// that the policy does not bear any more is left out, because members refuse the whole bundle for it (REL-12).
    pub(super) fn shown(&self, rules: &Rules, authority: &DirectoryId, origin: &str, size: u64, now: u64) -> Vec<Shown> {
        let mut found = Vec::new();
        for held in self.held.values() {
            let Related::Logged { document, leaf } = &held.related else { continue };
            let Ok(record) = SignedRecord::parse(&document.0) else { continue };
            let is_under = leaf.origin == origin && leaf.index < size;
            let is_theirs = record.record().authority() == Some(authority);
            if is_under && is_theirs && related_says(&rules.policy, &record, now).is_some() {
                found.push(Shown { document: document.clone(), index: leaf.index });
            }
        }
        found.sort_by_key(|shown| shown.index);
        found.split_off(found.len().saturating_sub(Bundle::RELATED_MAX))
    }
}

/// CASE-14
fn read(document: &[u8]) -> Result<SignedRecord, Refused> {
    let refuse = |text: String| Refused::new("CASE-14", text, "a withdrawal is handed in with waarborg order withdraw");
    let record = SignedRecord::parse(document).map_err(|error| refuse(error.to_string()))?;
    match record.kind() {
        Kind::Extension | Kind::Notice | Kind::Confirmation => Ok(record),
        _ => Err(refuse("this record is no extension, notice or confirmation".to_owned())),
    }
}

/// CASE-15: the case whose order leaf the record hangs on, of the same authority: members let none speak of another's order.
fn order_of<'c>(record: &SignedRecord, mut cases: impl Iterator<Item = &'c Case>) -> Result<&'c Case, Refused> {
    let refuse = |text: &str| Refused::new("CASE-15", text, "it names the order's place in ORDERS, and the order's authority");
    let (parent, authority) = (record.record().parent(), record.record().authority());
    let is_parent = |case: &&Case| parent.is_some() && papers::order_leaf(case).map(papers::place) == parent;
    let case = cases.find(is_parent).ok_or_else(|| refuse("no case for the order that this hangs on"))?;
    let order = papers::parse_order(&case.file().order.0)?;
    if authority != Some(&order.authority) {
        return Err(refuse("the order is another authority's"));
    }
    Ok(case)
}

/// CASE-18: members would not count it, or not as it stands, so it is not logged.
fn counts(rules: &Rules, order: &Record, received: u64, related: &SignedRecord, fact: Fact, now: u64) -> Result<(), Refused> {
    let refuse = |text: &str, hint: &str| Err(Refused::new("CASE-18", text, hint));
    match HangsOn::record(order).since(received).hears(&rules.policy, related.record(), fact, now) {
        Heard::Fact(counted) if counted == fact => Ok(()),
        Heard::Fact(_) => refuse("the extension reaches past the longest total time", "the policy has it as max_total_seal"),
        Heard::TooEarly => refuse("the quarter in which notice is due has not begun", "hand it in again when it has"),
        Heard::OfficeOver => refuse("the court's office was over before the order came in", "the court in force signs it"),
        Heard::OfAnother => refuse("it is about another order", "a notice names the order's C_ord, an extension is by the order's court"),
    }
}

/// The work of a state; the same for one just taken in and one just loaded.
fn resume(id: RelatedId, held: &mut Held) -> Option<Effect> {
    let Related::Submitted { document } = &held.related else { return None };
    // Cannot be missing: what does not parse is neither taken in nor loaded.
    let record = SignedRecord::parse(&document.0).ok()?;
    held.waiting = Waiting::ForAnswer;
    let task = Task::Log { commitment: record.commitment(), d: record.d(), urgent: false };
    Some(Effect::Work(Box::new(Work { case: id, version: held.related.version(), task })))
}

fn is_awaited(held: &Held, version: u64) -> bool {
    held.related.version() == version && matches!(held.waiting, Waiting::ForAnswer)
}

/// Again later, with growing patience.
fn later(rules: &Rules, now: u64, id: RelatedId, held: &mut Held, text: String) -> Vec<Effect> {
    held.faults = held.faults.saturating_add(1);
    let at = now.saturating_add(rules.settings.patience(held.faults));
    held.waiting = Waiting::Until(at);
    vec![Effect::Complain { case: id, text }, Effect::WakeAt(at)]
}

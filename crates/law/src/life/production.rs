//! Steps of production orders, and those that every order has.

use std::collections::{BTreeMap, BTreeSet};

use super::machine::{self, At, CaseFile, LifeRefusal, State, go};
use super::states::*;
use crate::clock::{self, Deadline};
use crate::gates::Admitted;
use crate::received::{Order, OrderKind, Reason};
use crate::rules::{PeriodName, RuleBook};

fn clock_of(book: &RuleBook, name: PeriodName, state: &str, at: u64) -> Result<Deadline, LifeRefusal> {
    clock::start(book, name, state, at).ok_or(LifeRefusal::NoPeriod)
}

impl At<Received> {
    /// LIF-01: a number, a clock, and preservation of everything it names, before anyone asks whether it is valid.
    pub fn receive(number: u64, hash: [u8; 32], order: &Order, state: &str, at: u64, book: &RuleBook) -> Result<At<Received>, LifeRefusal> {
        let is_emergency = order.is_emergency();
        let is_preservation = order.kind.value == OrderKind::EpocPr;
        let name = match (is_preservation, is_emergency) {
            (true, _) => PeriodName::Preservation,
            (false, true) => PeriodName::Emergency,
            (false, false) => PeriodName::Production,
        };
        let ids = order
            .identifiers
            .iter()
            .enumerate()
            .map(|(at, identifier)| identifier.id.as_ref().map_or_else(|| (at + 1).to_string(), |id| id.value.clone()));
        let file = CaseFile {
            number,
            original_hash: hash,
            received_at: at,
            state: state.to_owned(),
            is_preservation,
            is_emergency,
            is_notified: order.enforcing.is_some(),
            without_validation: order.without_validation.as_ref().is_some_and(|tick| tick.value),
            identifiers: ids.collect(),
            steps: Vec::new(),
        };
        Ok(machine::begin(file, Received { clock: clock_of(book, name, state, at)? }))
    }

    /// LIF-03: Form 3 F.
    pub fn clarify(self, question: &str, at: u64, book: &RuleBook) -> Result<At<Clarifying>, LifeRefusal> {
        let answer_due = clock_of(book, PeriodName::Clarification, &self.file().state, at)?;
        let state = Clarifying { clock: self.state().clock.clone(), asked_at: at, question: question.to_owned(), answer_due };
        go(machine::Clarify, self, at, state)
    }

    /// LIF-04: a notified order that is no emergency waits.
    pub fn hold(self, at: u64) -> Result<At<OnHold>, LifeRefusal> {
        if !self.file().is_notified || self.file().is_emergency {
            return Err(LifeRefusal::Notification);
        }
        let state = OnHold { clock: self.state().clock.clone() };
        go(machine::Hold, self, at, state)
    }

    /// LIF-14
    pub fn begin(self, admitted: &Admitted, at: u64) -> Result<At<Producing>, LifeRefusal> {
        check_admitted(self.file(), admitted)?;
        if self.file().is_notified && !self.file().is_emergency {
            return Err(LifeRefusal::Notification);
        }
        let state = Producing { clock: self.state().clock.clone(), overrides: admitted.decisions().len() };
        go(machine::Begin, self, at, state)
    }
}

fn check_admitted(file: &CaseFile, admitted: &Admitted) -> Result<(), LifeRefusal> {
    if file.is_preservation {
        return Err(LifeRefusal::WrongKind);
    }
    if *admitted.original_hash() == file.original_hash { Ok(()) } else { Err(LifeRefusal::AdmittedOther) }
}

impl At<Clarifying> {
    /// LIF-03: the clock goes on where it stood.
    pub fn clarified(self, at: u64) -> Result<At<Received>, LifeRefusal> {
        let paused = at.saturating_sub(self.state().asked_at);
        let state = Received { clock: self.state().clock.paused_for(paused) };
        go(machine::Clarified, self, at, state)
    }
}

impl At<OnHold> {
    /// LIF-04: then at once.
    pub fn consent(self, admitted: &Admitted, at: u64) -> Result<At<Producing>, LifeRefusal> {
        check_admitted(self.file(), admitted)?;
        let state = Producing { clock: self.state().clock.clone(), overrides: admitted.decisions().len() };
        go(machine::Consent, self, at, state)
    }

    /// LIF-04
    pub fn lapse(self, admitted: &Admitted, at: u64) -> Result<At<Producing>, LifeRefusal> {
        check_admitted(self.file(), admitted)?;
        if !self.state().clock.is_past(at) {
            return Err(LifeRefusal::HoldNotOver { until: self.state().clock.deadline_at });
        }
        let state = Producing { clock: self.state().clock.clone(), overrides: admitted.decisions().len() };
        go(machine::Lapse, self, at, state)
    }
}

/// LIF-10: of identifiers of the order, each once.
fn join(
    file: &CaseFile,
    known: &BTreeMap<String, Outcome>,
    new: BTreeMap<String, Outcome>,
) -> Result<BTreeMap<String, Outcome>, LifeRefusal> {
    let strange = new.keys().any(|id| !file.identifiers.contains(id) || known.contains_key(id));
    if strange || new.is_empty() {
        return Err(LifeRefusal::Outcomes);
    }
    Ok(known.iter().map(|(id, outcome)| (id.clone(), outcome.clone())).chain(new).collect())
}

fn answered(file: &CaseFile, outcomes: BTreeMap<String, Outcome>, book: &RuleBook) -> Result<Answered, LifeRefusal> {
    let all = outcomes.keys().collect::<BTreeSet<_>>() == file.identifiers.iter().collect();
    if !all || !outcomes.values().any(|outcome| matches!(outcome, Outcome::Produced { .. })) {
        return Err(LifeRefusal::Outcomes);
    }
    let may_object = file.is_emergency && file.is_notified;
    // LIF-05: its 96 hours run from the notification, which arrives with the order.
    let objection = may_object.then(|| clock_of(book, PeriodName::Objection, &file.state, file.received_at)).transpose()?;
    Ok(Answered { outcomes, objection })
}

impl At<Producing> {
    pub fn partly(self, outcomes: BTreeMap<String, Outcome>, at: u64) -> Result<At<PartlyProduced>, LifeRefusal> {
        let outcomes = join(self.file(), &BTreeMap::new(), outcomes)?;
        let state = PartlyProduced { clock: self.state().clock.clone(), overrides: self.state().overrides, outcomes };
        go(machine::Partly, self, at, state)
    }

    pub fn answer(self, outcomes: BTreeMap<String, Outcome>, at: u64, book: &RuleBook) -> Result<At<Answered>, LifeRefusal> {
        let outcomes = join(self.file(), &BTreeMap::new(), outcomes)?;
        let state = answered(self.file(), outcomes, book)?;
        go(machine::Answer, self, at, state)
    }

    pub fn nothing_held(self, at: u64) -> Result<At<NotHeld>, LifeRefusal> {
        let identifiers = self.file().identifiers.iter().cloned().collect();
        go(machine::NothingHeld, self, at, NotHeld { identifiers })
    }
}

impl At<PartlyProduced> {
    pub fn partly(self, outcomes: BTreeMap<String, Outcome>, at: u64) -> Result<At<PartlyProduced>, LifeRefusal> {
        let outcomes = join(self.file(), &self.state().outcomes, outcomes)?;
        let state = PartlyProduced { outcomes, ..self.state().clone() };
        go(machine::Partly, self, at, state)
    }

    pub fn answer(self, outcomes: BTreeMap<String, Outcome>, at: u64, book: &RuleBook) -> Result<At<Answered>, LifeRefusal> {
        let outcomes = join(self.file(), &self.state().outcomes, outcomes)?;
        let state = answered(self.file(), outcomes, book)?;
        go(machine::Answer, self, at, state)
    }
}

impl At<Answered> {
    /// LIF-05
    pub fn object(self, limit: Limit, grounds: &str, at: u64) -> Result<At<Recalled>, LifeRefusal> {
        match &self.state().objection {
            Some(until) if !until.is_past(at) => {}
            _ => return Err(LifeRefusal::ObjectionTooLate),
        }
        go(machine::Object, self, at, Recalled { limit, grounds: grounds.to_owned() })
    }
}

impl At<Conflicted> {
    pub fn uphold(self, admitted: &Admitted, at: u64) -> Result<At<Producing>, LifeRefusal> {
        check_admitted(self.file(), admitted)?;
        let state = Producing { clock: self.state().clock.clone(), overrides: admitted.decisions().len() };
        go(machine::Uphold, self, at, state)
    }

    pub fn lift(self, at: u64) -> Result<At<Lifted>, LifeRefusal> {
        go(machine::Lift, self, at, Lifted)
    }
}

/// LIF-12: a refused or unanswered order may be sent for enforcement.
pub trait Enforceable: State + Sized {
    fn enforce(from: At<Self>, at: u64, book: &RuleBook) -> Result<At<Enforcing>, LifeRefusal>;
}

impl At<Enforcing> {
    pub fn dispute(self, grounds: &str, at: u64) -> Result<At<Disputed>, LifeRefusal> {
        go(machine::Dispute, self, at, Disputed { grounds: grounds.to_owned() })
    }
}

macro_rules! from_each {
    ($($state:ident),* => $body:item) => { $(const _: () = { type Here = $state; $body };)* };
}

from_each! { Refused, NotHeld => impl Enforceable for Here {
    fn enforce(from: At<Here>, at: u64, book: &RuleBook) -> Result<At<Enforcing>, LifeRefusal> {
        let decision_due = clock_of(book, PeriodName::Recognition, &from.file().state, at)?;
        go(machine::Transfer, from, at, Enforcing { decision_due })
    }
} }

from_each! { Enforcing, Disputed => impl At<Here> {
    /// LIF-12: with the deadline that the enforcing authority sets.
    pub fn recognise(self, admitted: &Admitted, deadline: Deadline, at: u64) -> Result<At<Producing>, LifeRefusal> {
        check_admitted(self.file(), admitted)?;
        go(machine::Recognise, self, at, Producing { clock: deadline, overrides: admitted.decisions().len() })
    }

    pub fn decline(self, at: u64) -> Result<At<NotEnforced>, LifeRefusal> {
        go(machine::Decline, self, at, NotEnforced)
    }
} }

from_each! { Received, Clarifying, Producing => impl At<Here> {
    /// LIF-11: per identifier and ground; an identifier of "" is the whole certificate.
    pub fn refuse(self, grounds: BTreeMap<String, Vec<Reason>>, at: u64) -> Result<At<Refused>, LifeRefusal> {
        let strange = grounds.iter().any(|(id, given)| given.is_empty() || !(id.is_empty() || self.file().identifiers.contains(id)));
        if strange || grounds.is_empty() {
            return Err(LifeRefusal::Grounds);
        }
        go(machine::Refuse, self, at, Refused { grounds })
    }
} }

from_each! { Received, OnHold, Producing => impl At<Here> {
    /// LIF-06: within ten days of receipt.
    pub fn conflict(self, law: &str, at: u64, book: &RuleBook) -> Result<At<Conflicted>, LifeRefusal> {
        let last = clock_of(book, PeriodName::ThirdCountryObjection, &self.file().state, self.file().received_at)?;
        if last.is_past(at) {
            return Err(LifeRefusal::ConflictTooLate { until: last.deadline_at });
        }
        let state = Conflicted { clock: self.state().clock.clone(), law: law.to_owned() };
        go(machine::Invoke, self, at, state)
    }
} }

from_each! { OnHold, Producing, PartlyProduced => impl At<Here> {
    pub fn enforcing_refuses(self, grounds: &str, at: u64) -> Result<At<RefusedByEnforcing>, LifeRefusal> {
        if !self.file().is_notified {
            return Err(LifeRefusal::Notification);
        }
        go(machine::EnforcingRefuses, self, at, RefusedByEnforcing { grounds: grounds.to_owned() })
    }
} }

from_each! { Received, Clarifying, OnHold, Producing, Refused, Conflicted, Enforcing, Disputed, Preserving, PreservingForProduction => impl At<Here> {
    /// LIF-08
    pub fn withdraw(self, at: u64) -> Result<At<Withdrawn>, LifeRefusal> {
        go(machine::Withdraw, self, at, Withdrawn { after_delivery: false })
    }
} }

from_each! { PartlyProduced, Answered => impl At<Here> {
    /// LIF-08: what has left is the authority's to delete.
    pub fn withdraw(self, at: u64) -> Result<At<Withdrawn>, LifeRefusal> {
        go(machine::Withdraw, self, at, Withdrawn { after_delivery: true })
    }
} }

/// LIF-09: orders that came without validation, in any state in which a refusal of it still matters.
pub trait Invalidable: State + Sized {
    fn invalidate(from: At<Self>, at: u64) -> Result<At<ValidationRefused>, LifeRefusal>;
}

fn came_without(file: &CaseFile) -> Result<(), LifeRefusal> {
    if file.without_validation { Ok(()) } else { Err(LifeRefusal::NotUnvalidated) }
}

from_each! { Received, Clarifying, OnHold, Producing, Preserving => impl Invalidable for Here {
    fn invalidate(from: At<Here>, at: u64) -> Result<At<ValidationRefused>, LifeRefusal> {
        came_without(from.file())?;
        go(machine::Invalidate, from, at, ValidationRefused { after_delivery: false })
    }
} }

from_each! { PartlyProduced, Answered => impl Invalidable for Here {
    fn invalidate(from: At<Here>, at: u64) -> Result<At<ValidationRefused>, LifeRefusal> {
        came_without(from.file())?;
        go(machine::Invalidate, from, at, ValidationRefused { after_delivery: true })
    }
} }

//! The store's edge: an order in some state, and events by which it moves. A stored case is its events, replayed; nobody believes a
//! row's word for the state (LIF-15).

use std::collections::BTreeMap;

use super::machine::{At, CaseFile, LifeRefusal, STATES, State, Step};
use super::production::{Enforceable, Invalidable};
use super::states::*;
use crate::clock::Deadline;
use crate::gates::Admitted;
use crate::received::Reason;
use crate::rules::RuleBook;

macro_rules! cases {
    ($($state:ident),*) => {
        /// An order in whatever state it is.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Case { $($state(At<$state>)),* }

        impl Case {
            pub fn file(&self) -> &CaseFile {
                match self { $(Case::$state(at) => at.file()),* }
            }

            pub fn state(&self) -> &'static str {
                match self { $(Case::$state(_) => <$state as State>::NAME),* }
            }

            /// LIF-01
            pub fn preserves(&self) -> bool {
                match self { $(Case::$state(_) => <$state as State>::PRESERVES),* }
            }

            pub fn is_end(&self) -> bool {
                match self { $(Case::$state(_) => <$state as State>::IS_END),* }
            }
        }

        $(impl From<At<$state>> for Case {
            fn from(at: At<$state>) -> Case {
                Case::$state(at)
            }
        })*

        #[cfg(test)]
        const NAMES: &[&str] = &[$(<$state as State>::NAME),*];
    };
}

cases! {
    Received, Clarifying, OnHold, Producing, PartlyProduced, Answered, NotHeld, Refused, Conflicted, Lifted, Withdrawn, RefusedByEnforcing,
    Recalled, ValidationRefused, Enforcing, Disputed, NotEnforced, Preserving, PreservingForProduction, PreservationEnded
}

/// What happens to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Clarify { question: String },
    Clarified,
    Hold,
    Begin(Admitted),
    Consent(Admitted),
    Lapse(Admitted),
    EnforcingRefuses { grounds: String },
    Partly(BTreeMap<String, Outcome>),
    Answer(BTreeMap<String, Outcome>),
    NothingHeld,
    Refuse(BTreeMap<String, Vec<Reason>>),
    Conflict { law: String },
    Uphold(Admitted),
    Lift,
    Withdraw,
    Object { limit: Limit, grounds: String },
    ValidationRefused,
    Enforce,
    Recognise { admitted: Admitted, deadline: Deadline },
    Dispute { grounds: String },
    Decline,
    Preserve,
    Extend,
    FollowUp { production: String },
    Expire,
    Produced,
}

impl Event {
    /// As the picture calls it.
    pub fn step(&self) -> &'static str {
        match self {
            Event::Clarify { .. } => "clarify",
            Event::Clarified => "clarified",
            Event::Hold => "hold",
            Event::Begin(_) => "begin",
            Event::Consent(_) => "consent",
            Event::Lapse(_) => "lapse",
            Event::EnforcingRefuses { .. } => "enforcing-refuses",
            Event::Partly(_) => "partly",
            Event::Answer(_) => "answer",
            Event::NothingHeld => "nothing-held",
            Event::Refuse(_) => "refuse",
            Event::Conflict { .. } => "conflict",
            Event::Uphold(_) => "uphold",
            Event::Lift => "lift",
            Event::Withdraw => "withdraw",
            Event::Object { .. } => "object",
            Event::ValidationRefused => "validation-refused",
            Event::Enforce => "enforce",
            Event::Recognise { .. } => "recognise",
            Event::Dispute { .. } => "dispute",
            Event::Decline => "decline",
            Event::Preserve => "preserve",
            Event::Extend => "extend",
            Event::FollowUp { .. } => "follow-up",
            Event::Expire => "expire",
            Event::Produced => "produced",
        }
    }
}

/// The first arm whose state fits takes the step.
macro_rules! step {
    ($case:expr, $event:expr; $($state:ident $(| $more:ident)* => $at:ident $body:expr;)*) => {
        match $case {
            $(Case::$state($at) => Ok(Case::from($body?)), $(Case::$more($at) => Ok(Case::from($body?)),)*)*
            #[allow(unreachable_patterns)]
            other => Err(LifeRefusal::NoSuchStep { state: other.state(), step: $event }),
        }
    };
}

impl Case {
    /// Replays stored events. The first that does not hold refuses the whole (LIF-15).
    pub fn replay(received: At<Received>, events: &[(u64, Event)], book: &RuleBook) -> Result<Case, LifeRefusal> {
        events.iter().try_fold(Case::from(received), |case, (at, event)| case.apply(event.clone(), *at, book))
    }

    /// The steps taken so far.
    pub fn steps(&self) -> &[Step] {
        &self.file().steps
    }

    /// LIF-02
    pub fn apply(self, event: Event, at: u64, book: &RuleBook) -> Result<Case, LifeRefusal> {
        let name = event.step();
        match event {
            Event::Clarify { question } => step!(self, name; Received => c c.clarify(&question, at, book);),
            Event::Clarified => step!(self, name; Clarifying => c c.clarified(at);),
            Event::Hold => step!(self, name; Received => c c.hold(at);),
            Event::Begin(admitted) => step!(self, name; Received => c c.begin(&admitted, at);),
            Event::Consent(admitted) => step!(self, name; OnHold => c c.consent(&admitted, at);),
            Event::Lapse(admitted) => step!(self, name; OnHold => c c.lapse(&admitted, at);),
            Event::Partly(list) => step!(self, name; Producing | PartlyProduced => c c.partly(list, at);),
            Event::Answer(list) => step!(self, name; Producing | PartlyProduced => c c.answer(list, at, book);),
            Event::NothingHeld => step!(self, name; Producing => c c.nothing_held(at);),
            Event::Refuse(grounds) => step!(self, name; Received | Clarifying | Producing => c c.refuse(grounds, at);),
            Event::Conflict { law } => step!(self, name; Received | OnHold | Producing => c c.conflict(&law, at, book);),
            Event::Uphold(admitted) => step!(self, name; Conflicted => c c.uphold(&admitted, at);),
            Event::Lift => step!(self, name; Conflicted => c c.lift(at);),
            other => self.apply_later(other, at, book),
        }
    }

    fn apply_later(self, event: Event, at: u64, book: &RuleBook) -> Result<Case, LifeRefusal> {
        let name = event.step();
        match event {
            Event::EnforcingRefuses { grounds } => {
                step!(self, name; OnHold | Producing | PartlyProduced => c c.enforcing_refuses(&grounds, at);)
            }
            Event::Withdraw => step!(self, name;
                Received | Clarifying | OnHold | Producing | PartlyProduced | Answered | Refused | Conflicted | Enforcing | Disputed
                | Preserving | PreservingForProduction => c c.withdraw(at);),
            Event::Object { limit, grounds } => step!(self, name; Answered => c c.object(limit, &grounds, at);),
            Event::ValidationRefused => step!(self, name;
                Received | Clarifying | OnHold | Producing | PartlyProduced | Answered | Preserving => c Invalidable::invalidate(c, at);),
            Event::Enforce => step!(self, name; Refused | NotHeld => c Enforceable::enforce(c, at, book);),
            Event::Recognise { admitted, deadline } => step!(self, name; Enforcing | Disputed => c c.recognise(&admitted, deadline, at);),
            Event::Dispute { grounds } => step!(self, name; Enforcing => c c.dispute(&grounds, at);),
            Event::Decline => step!(self, name; Enforcing | Disputed => c c.decline(at);),
            Event::Preserve => step!(self, name; Received => c c.preserve(at);),
            Event::Extend => step!(self, name; Preserving => c c.extend(at, book);),
            Event::FollowUp { production } => step!(self, name; Preserving => c c.follow_up(&production, at);),
            Event::Expire => step!(self, name; Preserving => c c.expire(at);),
            Event::Produced => step!(self, name; PreservingForProduction => c c.produced(at);),
            other => Err(LifeRefusal::NoSuchStep { state: self.state(), step: other.step() }),
        }
    }
}

/// Every state name, for counters and stores.
pub fn state_names() -> impl Iterator<Item = &'static str> {
    STATES.iter().map(|(name, ..)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_knows_every_state_of_the_machine() {
        assert_eq!(NAMES.iter().copied().collect::<Vec<_>>(), state_names().collect::<Vec<_>>());
    }
}

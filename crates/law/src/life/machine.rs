//! The only way from one state to the next. An edge that is not in the table does not compile; the picture shows the table.

use std::collections::BTreeSet;

use super::states::*;

/// Why a step is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LifeRefusal {
    /// LIF-02: this state has no such step.
    NoSuchStep { state: &'static str, step: &'static str },
    /// LIF-02: earlier than the step before it.
    BackInTime,
    /// LIF-04: the hold is not over.
    HoldNotOver { until: u64 },
    /// LIF-05: the 96 hours are over, or there was no emergency with notification.
    ObjectionTooLate,
    /// LIF-06: the ten days are over.
    ConflictTooLate { until: u64 },
    /// LIF-07: the preservation is over, or was extended already.
    PreservationOver,
    /// LIF-07: it has not run out yet.
    PreservationRuns { until: u64 },
    /// LIF-09: it did not come without validation.
    NotUnvalidated,
    /// LIF-10: identifiers without an outcome, twice, or not of the order.
    Outcomes,
    /// LIF-11: no ground, or not of this order's identifiers.
    Grounds,
    /// LIF-14: the gates admitted another document.
    AdmittedOther,
    /// LIF-14: a notified order waits for the enforcing authority; one that is not does not.
    Notification,
    /// LIF-01: a preservation order is not produced, a production order is more than preserved.
    WrongKind,
    /// The rule files have no such period: never with [`crate::rules::RuleBook::with`].
    NoPeriod,
}

impl LifeRefusal {
    pub fn code(&self) -> &'static str {
        match self {
            LifeRefusal::NoSuchStep { .. } | LifeRefusal::BackInTime | LifeRefusal::NoPeriod => "LIF-02",
            LifeRefusal::HoldNotOver { .. } => "LIF-04",
            LifeRefusal::ObjectionTooLate => "LIF-05",
            LifeRefusal::ConflictTooLate { .. } => "LIF-06",
            LifeRefusal::PreservationOver | LifeRefusal::PreservationRuns { .. } => "LIF-07",
            LifeRefusal::NotUnvalidated => "LIF-09",
            LifeRefusal::Outcomes => "LIF-10",
            LifeRefusal::Grounds => "LIF-11",
            LifeRefusal::AdmittedOther | LifeRefusal::Notification => "LIF-14",
            LifeRefusal::WrongKind => "LIF-01",
        }
    }
}

impl std::fmt::Display for LifeRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.code())?;
        match self {
            LifeRefusal::NoSuchStep { state, step } => write!(f, "an order that is {state} can not {step}"),
            LifeRefusal::BackInTime => f.write_str("a step can not be earlier than the one before it"),
            LifeRefusal::HoldNotOver { until } => {
                write!(f, "nothing leaves before {until} (Unix time) without the enforcing authority's word")
            }
            LifeRefusal::ObjectionTooLate => f.write_str("the enforcing authority's 96 hours are over, or it had none"),
            LifeRefusal::ConflictTooLate { until } => write!(f, "a third country's law had to be invoked before {until} (Unix time)"),
            LifeRefusal::PreservationOver => f.write_str("the preservation is over, or was extended before"),
            LifeRefusal::PreservationRuns { until } => write!(f, "the preservation runs until {until} (Unix time)"),
            LifeRefusal::NotUnvalidated => f.write_str("the order did not come without validation"),
            LifeRefusal::Outcomes => f.write_str("every identifier of the order needs exactly one outcome"),
            LifeRefusal::Grounds => f.write_str("a refusal names a ground for identifiers of the order"),
            LifeRefusal::AdmittedOther => f.write_str("the gates admitted another document"),
            LifeRefusal::Notification => f.write_str("only an order with a notified authority waits, and it has to"),
            LifeRefusal::WrongKind => f.write_str("production and preservation orders have different lives"),
            LifeRefusal::NoPeriod => f.write_str("the rule files have no such period"),
        }
    }
}

impl std::error::Error for LifeRefusal {}

/// One step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub at: u64,
    pub edge: &'static str,
    pub from: &'static str,
    pub to: &'static str,
}

/// What an order has in every state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFile {
    /// Receipt number, given on arrival.
    pub number: u64,
    pub original_hash: [u8; 32],
    pub received_at: u64,
    /// The enforcing State whose calendar counts.
    pub state: String,
    pub is_preservation: bool,
    pub is_emergency: bool,
    /// An enforcing authority was notified (Section K).
    pub is_notified: bool,
    /// LIF-09: it came without prior validation; the outcome is unknown until a withdrawal comes.
    pub without_validation: bool,
    /// Ids of the identifiers in the order.
    pub identifiers: BTreeSet<String>,
    pub steps: Vec<Step>,
}

impl CaseFile {
    pub(super) fn last_at(&self) -> u64 {
        self.steps.last().map_or(self.received_at, |step| step.at)
    }
}

/// An order in state `S`. Made by [`At::receive`] and by steps only.
///
/// ```compile_fail
/// let file: law::life::CaseFile = todo!();
/// let state = law::life::At { file, state: law::life::Lifted };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<S> {
    file: CaseFile,
    state: S,
}

impl<S> At<S> {
    pub fn file(&self) -> &CaseFile {
        &self.file
    }

    pub fn state(&self) -> &S {
        &self.state
    }

    /// For a step that is refused: nothing was consumed that the caller still needs.
    pub(super) fn into_state(self) -> (CaseFile, S) {
        (self.file, self.state)
    }
}

/// First state of every order.
pub(super) fn begin(file: CaseFile, state: Received) -> At<Received> {
    At { file, state }
}

/// A state by its name in documents and pictures.
pub trait State {
    const NAME: &'static str;
    /// LIF-01: what the order names is preserved.
    const PRESERVES: bool;
    /// Nothing follows but what the law allows afterwards.
    const IS_END: bool;
}

macro_rules! state_names {
    ($($state:ident = $name:literal, preserves $preserves:literal, end $end:literal;)*) => {
        $(impl State for $state {
            const NAME: &'static str = $name;
            const PRESERVES: bool = $preserves;
            const IS_END: bool = $end;
        })*
        /// (name, preserves, end) in the order of the source.
        pub(super) const STATES: &[(&str, bool, bool)] = &[$(($name, $preserves, $end)),*];
    };
}

state_names! {
    Received = "received", preserves true, end false;
    Clarifying = "clarifying", preserves true, end false;
    OnHold = "on-hold", preserves true, end false;
    Producing = "producing", preserves true, end false;
    PartlyProduced = "partly-produced", preserves true, end false;
    Answered = "answered", preserves false, end true;
    NotHeld = "not-held", preserves false, end true;
    Refused = "refused", preserves true, end true;
    Conflicted = "conflicted", preserves true, end false;
    Lifted = "lifted", preserves false, end true;
    Withdrawn = "withdrawn", preserves false, end true;
    RefusedByEnforcing = "refused-by-enforcing-authority", preserves false, end true;
    Recalled = "recalled", preserves false, end true;
    ValidationRefused = "validation-refused", preserves false, end true;
    Enforcing = "enforcing", preserves true, end false;
    Disputed = "disputed", preserves true, end false;
    NotEnforced = "not-enforced", preserves false, end true;
    Preserving = "preserving", preserves true, end false;
    PreservingForProduction = "preserving-for-production", preserves true, end false;
    PreservationEnded = "preservation-ended", preserves false, end true;
}

/// An edge of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeRow {
    pub step: &'static str,
    pub en: &'static str,
    pub nl: &'static str,
    pub from: &'static str,
    pub to: &'static str,
}

/// A step from `From` to [`Edge::To`].
pub(super) trait Edge<From> {
    type To;
    const STEP: &'static str;
}

macro_rules! edges {
    ($($edge:ident = $step:literal, $en:literal, $nl:literal: $($from:ident),* => $to:ident;)*) => {
        $(pub(super) struct $edge;
        $(impl Edge<$from> for $edge {
            type To = $to;
            const STEP: &'static str = $step;
        })*)*
        const EDGES: &[EdgeRow] = &[$($(EdgeRow {
            step: $step, en: $en, nl: $nl, from: <$from as State>::NAME, to: <$to as State>::NAME,
        }),*),*];
    };
}

edges! {
    Clarify = "clarify", "Form 3 F asks for clarification; the clock stands still", "Formulier 3 F vraagt verduidelijking; de klok staat stil": Received => Clarifying;
    Clarified = "clarified", "the authority answered; the clock goes on", "de autoriteit antwoordde; de klok loopt verder": Clarifying => Received;
    Hold = "hold", "an enforcing authority was notified", "een uitvoerende autoriteit is in kennis gesteld": Received => OnHold;
    Begin = "begin", "admitted by the gates", "toegelaten door de poorten": Received => Producing;
    Consent = "consent", "the enforcing authority will not refuse", "de uitvoerende autoriteit weigert niet": OnHold => Producing;
    Lapse = "lapse", "day 10 ended and nobody refused", "dag 10 is voorbij en niemand weigerde": OnHold => Producing;
    EnforcingRefuses = "enforcing-refuses", "the enforcing authority refuses", "de uitvoerende autoriteit weigert": OnHold, Producing, PartlyProduced => RefusedByEnforcing;
    Partly = "partly", "some identifiers are answered", "enkele kenmerken zijn beantwoord": Producing, PartlyProduced => PartlyProduced;
    Answer = "answer", "every identifier has its outcome", "elk kenmerk heeft zijn uitkomst": Producing, PartlyProduced => Answered;
    NothingHeld = "nothing-held", "nothing asked for is stored", "niets van het gevraagde is voorhanden": Producing => NotHeld;
    Refuse = "refuse", "Form 3 D, per identifier and ground", "Formulier 3 D, per kenmerk en grond": Received, Clarifying, Producing => Refused;
    Invoke = "conflict", "Form 3 E: a third country's law forbids it", "Formulier 3 E: het recht van een derde land verbiedt het": Received, OnHold, Producing => Conflicted;
    Uphold = "uphold", "the court upholds the order", "de rechter handhaaft het bevel": Conflicted => Producing;
    Lift = "lift", "the court lifts the order", "de rechter heft het bevel op": Conflicted => Lifted;
    Withdraw = "withdraw", "the authority takes it back", "de autoriteit trekt het in": Received, Clarifying, OnHold, Producing, PartlyProduced, Answered, Refused, Conflicted, Enforcing, Disputed, Preserving, PreservingForProduction => Withdrawn;
    Object = "object", "the enforcing authority objects within 96 hours", "de uitvoerende autoriteit maakt binnen 96 uur bezwaar": Answered => Recalled;
    Invalidate = "validation-refused", "validation after the fact is refused", "validatie achteraf wordt geweigerd": Received, Clarifying, OnHold, Producing, PartlyProduced, Answered, Preserving => ValidationRefused;
    Transfer = "enforce", "the order is transferred for enforcement", "het bevel is overgedragen voor tenuitvoerlegging": Refused, NotHeld => Enforcing;
    Recognise = "recognise", "the enforcing authority recognises it and sets a deadline", "de uitvoerende autoriteit erkent het en stelt een termijn": Enforcing, Disputed => Producing;
    Dispute = "dispute", "we object to its enforcement", "wij maken bezwaar tegen de tenuitvoerlegging": Enforcing => Disputed;
    Decline = "decline", "the enforcing authority does not recognise it", "de uitvoerende autoriteit erkent het niet": Enforcing, Disputed => NotEnforced;
    Preserve = "preserve", "an EPOC-PR: held for 60 days", "een EPOC-PR: 60 dagen bewaard": Received => Preserving;
    Extend = "extend", "Form 6: 30 days on the existing expiry", "Formulier 6: 30 dagen na het bestaande einde": Preserving => Preserving;
    Follow = "follow-up", "Form 5: a production request follows", "Formulier 5: er volgt een verzoek tot verstrekking": Preserving => PreservingForProduction;
    Expire = "expire", "the time is over and no Form 5 came", "de tijd is om en er kwam geen formulier 5": Preserving => PreservationEnded;
    Produced = "produced", "the production order was answered", "het verstrekkingsbevel is beantwoord": PreservingForProduction => PreservationEnded;
}

/// Every edge, for pictures and tests.
pub fn edges() -> &'static [EdgeRow] {
    EDGES
}

/// Takes a step. The type of the edge says where it leads; nothing else builds an [`At`].
pub(super) fn go<S: State, E: Edge<S>>(_edge: E, from: At<S>, at: u64, to: E::To) -> Result<At<E::To>, LifeRefusal>
where
    E::To: State,
{
    let (mut file, _) = from.into_state();
    if at < file.last_at() {
        return Err(LifeRefusal::BackInTime);
    }
    file.steps.push(Step { at, edge: E::STEP, from: S::NAME, to: <E::To as State>::NAME });
    Ok(At { file, state: to })
}

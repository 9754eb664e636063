//! Form 3 from a report: which grounds answer which gates, with every identifier still preserved (ANS-01 to ANS-03).

use std::collections::BTreeMap;

use crate::gates::{Report, Verdict};
use crate::received::{Marked, Moment, NonExecution, Order, Place, PreservationState, Reason, ReasonGiven};

/// Why an answer is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerError {
    /// ANS-01: no ground is given, and no failing gate has one.
    NoGround,
    /// ANS-02: "" or an identifier that the order has not.
    UnknownIdentifier(String),
    /// ANS-03: a third-country conflict needs section E, immunity a person's explanation.
    NeedsExplanation(Reason),
}

impl AnswerError {
    pub fn code(&self) -> &'static str {
        match self {
            AnswerError::NoGround => "ANS-01",
            AnswerError::UnknownIdentifier(_) => "ANS-02",
            AnswerError::NeedsExplanation(_) => "ANS-03",
        }
    }
}

impl std::fmt::Display for AnswerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AnswerError::NoGround => f.write_str("ANS-01: no gate fails with a ground of Form 3, and none was given"),
            AnswerError::UnknownIdentifier(id) => write!(f, "ANS-02: the order has no identifier \"{id}\""),
            AnswerError::NeedsExplanation(reason) => write!(f, "ANS-03: ground {} needs a person's explanation", reason.number()),
        }
    }
}

impl std::error::Error for AnswerError {}

/// What a person adds to the gates.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Ground by identifier id; "" is the whole certificate.
    pub grounds: BTreeMap<String, Vec<Reason>>,
    pub explanation: Option<String>,
    /// Section F.
    pub clarification: Option<String>,
    pub signed_on: Option<u64>,
}

fn own<T>(value: T) -> Marked<T> {
    Marked::at(value, Place::default())
}

/// Ids of the identifiers; one without an id is its place in the list.
pub fn identifier_ids(order: &Order) -> Vec<String> {
    let ids = order.identifiers.iter().enumerate();
    ids.map(|(at, identifier)| identifier.id.as_ref().map_or_else(|| (at + 1).to_string(), |id| id.value.clone())).collect()
}

/// Form 3. Grounds of failing gates stand for the whole certificate; a person may name others per identifier.
pub fn non_execution(order: &Order, report: &Report, received_at: u64, words: Words) -> Result<NonExecution, AnswerError> {
    let ids = identifier_ids(order);
    // ANS-02
    if let Some(strange) = words.grounds.keys().find(|id| !id.is_empty() && !ids.contains(id)) {
        return Err(AnswerError::UnknownIdentifier(strange.clone()));
    }
    let mut grounds = words.grounds;
    let is_said = !grounds.is_empty();
    if !is_said {
        let failing = report.gates.iter().filter(|gate| gate.verdict == Verdict::Fail);
        let mut found: Vec<Reason> = failing.filter_map(|gate| gate.ground).collect();
        found.sort_unstable();
        found.dedup();
        if !found.is_empty() {
            grounds.insert(String::new(), found);
        }
    }
    // ANS-01: clarification alone is an answer too.
    if grounds.is_empty() && words.clarification.is_none() {
        return Err(AnswerError::NoGround);
    }
    // ANS-03
    let by_person = [Reason::ThirdCountryConflict, Reason::ImmunityOrPress, Reason::Impossible];
    if let Some(reason) = grounds.values().flatten().find(|reason| by_person.contains(reason) && words.explanation.is_none()) {
        return Err(AnswerError::NeedsExplanation(*reason));
    }
    // A person says of it that nothing is stored, and no more: then nothing is kept either. A gate's word is about a part only.
    let is_nothing =
        |id: &String| is_said && grounds.get(id).or_else(|| grounds.get("")).is_some_and(|reasons| *reasons == [Reason::NotStored]);
    let preserved: Vec<bool> = ids.iter().map(|id| !is_nothing(id)).collect();
    let mut form = NonExecution::answering(order);
    let spoken: Vec<_> = report.gates.iter().filter(|gate| gate.verdict == Verdict::Fail).map(|gate| gate.reason.en.clone()).collect();
    let explanation = words.explanation.or_else(|| (!spoken.is_empty()).then(|| spoken.join("; ")));
    form.reasons = grounds
        .into_iter()
        .map(|(id, reasons)| ReasonGiven {
            identifier: (!id.is_empty()).then(|| own(id)),
            reasons: reasons.into_iter().map(own).collect(),
            explanation: explanation.clone().map(own),
        })
        .collect();
    form.received_on = Some(own(Moment::Instant(received_at)));
    form.clarification = words.clarification.map(own);
    // LIF-01: whatever is wrong with it, what it names is preserved.
    let state = |(id, is): (String, bool)| PreservationState { identifier: Some(own(id)), is_preserved: own(is), explanation: None };
    form.preservation = ids.into_iter().zip(preserved).map(state).collect();
    form.signed_on = words.signed_on.map(|at| own(Moment::Instant(at)));
    Ok(form)
}

//! What happens to a received order, as it is stored: the events of `law::life` and what people state beside them.
//!
//! Loading replays: the gates' admission is made again from the verdicts that stood when it was given, and from the decisions of named
//! persons; a row that `law` does not take back is refused with the whole order (LIF-15, DSK-04).

use std::collections::BTreeMap;

use law::clock::Deadline;
use law::gates::{Admitted, Decision, GateResult, Report, Verdict, admit};
use law::life::{Event, Limit, Outcome};
use law::received::{Finding, Reason};
use law::rules::{PeriodName, RuleBook};
use law::{Say, gates};
use serde::{Deserialize, Serialize};

use crate::cases::Digest32;

/// The gates as they stood when an order was admitted: numbers and verdicts, no reasons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gates {
    pub original: Digest32,
    pub verdicts: Vec<(u8, String)>,
    pub rule_version: String,
    pub decisions: Vec<Decided>,
}

/// A named person's word on one gate (GAT-20).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    pub gate: u8,
    pub person: String,
    pub reason: String,
    pub at: u64,
}

/// A call to the registry's number (RGY-05).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Called {
    pub authority: String,
    pub number: String,
    pub called_by: String,
    pub confirmed_by: String,
    pub at: u64,
}

/// What became of one identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Fate {
    Produced { rows: u64 },
    NotHeld,
    Refused { ground: u8 },
}

/// One row of an order's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "what", rename_all = "kebab-case")]
pub enum Entry {
    /// No step of the order's life: what the gates are told from then on.
    CalledBack(Called),
    Decided(Decided),
    /// The enforcing authority answered the notification.
    EnforcingConsented {},
    Clarify {
        question: String,
    },
    Clarified {},
    Hold {},
    Begin {
        gates: Gates,
    },
    Consent {
        gates: Gates,
    },
    Lapse {
        gates: Gates,
    },
    EnforcingRefuses {
        grounds: String,
    },
    Partly {
        fates: BTreeMap<String, Fate>,
    },
    Answer {
        fates: BTreeMap<String, Fate>,
    },
    NothingHeld {},
    Refuse {
        /// Numbers of Form 3 D by identifier; "" is the whole certificate.
        grounds: BTreeMap<String, Vec<u8>>,
    },
    Conflict {
        law: String,
    },
    Uphold {
        gates: Gates,
    },
    Lift {},
    Withdraw {},
    Object {
        deletes: bool,
        grounds: String,
    },
    ValidationRefused {},
    Enforce {},
    Recognise {
        gates: Gates,
        /// First second after the deadline that the enforcing authority set.
        deadline_at: u64,
    },
    Dispute {
        grounds: String,
    },
    Decline {},
    Preserve {},
    Extend {},
    FollowUp {
        production: String,
    },
    Expire {},
    Produced {},
}

/// Why a stored row is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbelievable(pub String);

impl Gates {
    /// The verdicts of a report, with the decisions that an admission used.
    pub fn of(report: &Report, decisions: &[Decided]) -> Gates {
        Gates {
            original: Digest32(report.original_hash),
            verdicts: report.gates.iter().map(|gate| (gate.number, gate.verdict.code().to_owned())).collect(),
            rule_version: report.rule_version.clone(),
            decisions: decisions.to_vec(),
        }
    }

    /// Admitted again, by the same function as the first time.
    pub fn admitted(&self) -> Result<Admitted, Unbelievable> {
        let mut results = Vec::new();
        for (number, code) in &self.verdicts {
            let all = [Verdict::Pass, Verdict::Hold, Verdict::Person, Verdict::Fail];
            let verdict = all.into_iter().find(|verdict| verdict.code() == code).ok_or_else(|| Unbelievable(format!("verdict {code}")))?;
            results.push(stored_gate(*number, verdict));
        }
        let expected = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16];
        if !self.verdicts.iter().map(|(number, _)| *number).eq(expected) {
            return Err(Unbelievable("not the gates of arrival".to_owned()));
        }
        let report = Report {
            original_hash: self.original.0,
            schema: Finding::Yes,
            dictionary: Finding::Yes,
            scope: Finding::Yes,
            gates: results,
            notices: Vec::new(),
            rule_version: self.rule_version.clone(),
        };
        let decisions: Vec<_> = self.decisions.iter().map(|decided| decided.about(self.original)).collect();
        admit(&report, &decisions).map_err(|why| Unbelievable(format!("{}: the gates did not admit it", why.code())))
    }
}

fn stored_gate(number: u8, verdict: Verdict) -> GateResult {
    GateResult {
        number,
        verdict,
        reason: Say::new("", ""),
        mend: None,
        article: String::new(),
        check: false,
        place: None,
        ground: None,
        until: None,
    }
}

impl Decided {
    pub fn about(&self, original: Digest32) -> Decision {
        Decision { gate: self.gate, person: self.person.clone(), reason: self.reason.clone(), at: self.at, original_hash: original.0 }
    }
}

impl Fate {
    fn outcome(&self) -> Result<Outcome, Unbelievable> {
        Ok(match self {
            Fate::Produced { rows } => Outcome::Produced { rows: *rows },
            Fate::NotHeld => Outcome::NotHeld,
            Fate::Refused { ground } => Outcome::Refused(reason(*ground)?),
        })
    }
}

/// Ground of Form 3 D by its number.
pub fn reason(number: u8) -> Result<Reason, Unbelievable> {
    Reason::ALL.iter().copied().find(|reason| reason.number() == number).ok_or_else(|| Unbelievable(format!("ground {number}")))
}

fn outcomes(fates: &BTreeMap<String, Fate>) -> Result<BTreeMap<String, Outcome>, Unbelievable> {
    fates.iter().map(|(id, fate)| Ok((id.clone(), fate.outcome()?))).collect()
}

impl Entry {
    /// The step of the order's life; none for what people state beside it.
    pub fn event(&self, at: u64, book: &RuleBook) -> Result<Option<Event>, Unbelievable> {
        Ok(Some(match self {
            Entry::CalledBack(_) | Entry::Decided(_) | Entry::EnforcingConsented {} => return Ok(None),
            Entry::Clarify { question } => Event::Clarify { question: question.clone() },
            Entry::Clarified {} => Event::Clarified,
            Entry::Hold {} => Event::Hold,
            Entry::Begin { gates } => Event::Begin(gates.admitted()?),
            Entry::Consent { gates } => Event::Consent(gates.admitted()?),
            Entry::Lapse { gates } => Event::Lapse(gates.admitted()?),
            Entry::EnforcingRefuses { grounds } => Event::EnforcingRefuses { grounds: grounds.clone() },
            Entry::Partly { fates } => Event::Partly(outcomes(fates)?),
            Entry::Answer { fates } => Event::Answer(outcomes(fates)?),
            Entry::NothingHeld {} => Event::NothingHeld,
            Entry::Refuse { grounds } => {
                let reasons = |list: &Vec<u8>| list.iter().map(|number| reason(*number)).collect::<Result<Vec<_>, _>>();
                Event::Refuse(grounds.iter().map(|(id, list)| Ok((id.clone(), reasons(list)?))).collect::<Result<_, Unbelievable>>()?)
            }
            Entry::Conflict { law } => Event::Conflict { law: law.clone() },
            Entry::Uphold { gates } => Event::Uphold(gates.admitted()?),
            Entry::Lift {} => Event::Lift,
            Entry::Withdraw {} => Event::Withdraw,
            Entry::Object { deletes, grounds } => {
                Event::Object { limit: if *deletes { Limit::Delete } else { Limit::Conditions }, grounds: grounds.clone() }
            }
            Entry::ValidationRefused {} => Event::ValidationRefused,
            Entry::Enforce {} => Event::Enforce,
            Entry::Recognise { gates, deadline_at } => {
                Event::Recognise { admitted: gates.admitted()?, deadline: set_deadline(at, *deadline_at, book) }
            }
            Entry::Dispute { grounds } => Event::Dispute { grounds: grounds.clone() },
            Entry::Decline {} => Event::Decline,
            Entry::Preserve {} => Event::Preserve,
            Entry::Extend {} => Event::Extend,
            Entry::FollowUp { production } => Event::FollowUp { production: production.clone() },
            Entry::Expire {} => Event::Expire,
            Entry::Produced {} => Event::Produced,
        }))
    }

    /// Its word in the store's column and on screens: for steps that of the picture.
    pub fn word(&self) -> &'static str {
        match self {
            Entry::CalledBack(_) => "called-back",
            Entry::Decided(_) => "decided",
            Entry::EnforcingConsented {} => "enforcing-consented",
            Entry::Clarify { .. } => "clarify",
            Entry::Clarified {} => "clarified",
            Entry::Hold {} => "hold",
            Entry::Begin { .. } => "begin",
            Entry::Consent { .. } => "consent",
            Entry::Lapse { .. } => "lapse",
            Entry::EnforcingRefuses { .. } => "enforcing-refuses",
            Entry::Partly { .. } => "partly",
            Entry::Answer { .. } => "answer",
            Entry::NothingHeld {} => "nothing-held",
            Entry::Refuse { .. } => "refuse",
            Entry::Conflict { .. } => "conflict",
            Entry::Uphold { .. } => "uphold",
            Entry::Lift {} => "lift",
            Entry::Withdraw {} => "withdraw",
            Entry::Object { .. } => "object",
            Entry::ValidationRefused {} => "validation-refused",
            Entry::Enforce {} => "enforce",
            Entry::Recognise { .. } => "recognise",
            Entry::Dispute { .. } => "dispute",
            Entry::Decline {} => "decline",
            Entry::Preserve {} => "preserve",
            Entry::Extend {} => "extend",
            Entry::FollowUp { .. } => "follow-up",
            Entry::Expire {} => "expire",
            Entry::Produced {} => "produced",
        }
    }
}

fn set_deadline(at: u64, deadline_at: u64, book: &RuleBook) -> Deadline {
    Deadline {
        name: PeriodName::Recognition,
        received_at: at,
        starts_at: at,
        deadline_at,
        moved_from: None,
        without_holidays: false,
        rule_version: book.version.to_string(),
        article: "Art 16".to_owned(),
    }
}

/// Which gate stopped an order, for the counters: the worst verdict's word.
pub fn worst(report: &Report) -> &'static str {
    gates::Report::verdict(report).code()
}

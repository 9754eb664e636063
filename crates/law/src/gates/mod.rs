//! The 18 gates of law.md section 12. Each has a number, a verdict, a reason and an article, and says what the authority can mend.
//!
//! Gates 1 to 14 and 16 judge an order when it arrives; 13, 15, 17 and 18 judge its answer before it leaves. No gate stops the next one:
//! a person sees all verdicts. Schema, dictionary and scope are three verdicts that never hide each other (GAT-01 to GAT-21).

mod admitted;
mod competence;
mod course;
mod execution;
mod facts;
mod intake;
mod scope;

use std::fmt;

use crate::Say;
use crate::received::{Finding, Place, Reason};

pub use admitted::{Admitted, Decision, NotAdmitted, admit};
pub use execution::{MayLeave, judge_execution, may_leave};
pub use facts::{Course, EnforcingAnswer, Execution, Extracted, Facts, History, Provider, Route};

/// Number of a gate, 1 to 18.
pub type GateNumber = u8;

/// What a gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Pass,
    /// Waits for something that will come by itself or from the authority.
    Hold,
    /// A named person has to decide.
    Person,
    Fail,
}

impl Verdict {
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Hold => "hold",
            Verdict::Person => "person",
            Verdict::Fail => "fail",
        }
    }
}

/// One gate's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateResult {
    pub number: GateNumber,
    pub verdict: Verdict,
    pub reason: Say,
    /// What the authority can do about it.
    pub mend: Option<Say>,
    pub article: String,
    /// Nobody has compared the article with the official text yet.
    pub check: bool,
    pub place: Option<Place>,
    /// The ground of Form 3 D that answers it, where there is one.
    pub ground: Option<Reason>,
    /// Hold: until when.
    pub until: Option<u64>,
}

/// What a gate's function gives; the table adds number and article.
#[derive(Clone, Debug)]
pub(crate) struct Finds {
    verdict: Verdict,
    reason: Say,
    mend: Option<Say>,
    place: Option<Place>,
    ground: Option<Reason>,
    until: Option<u64>,
    article: Option<(String, bool)>,
}

impl Finds {
    fn new(verdict: Verdict, en: impl Into<String>, nl: impl Into<String>) -> Finds {
        Finds { verdict, reason: Say::new(en, nl), mend: None, place: None, ground: None, until: None, article: None }
    }

    pub(crate) fn pass(en: impl Into<String>, nl: impl Into<String>) -> Finds {
        Finds::new(Verdict::Pass, en, nl)
    }

    pub(crate) fn fail(en: impl Into<String>, nl: impl Into<String>) -> Finds {
        Finds::new(Verdict::Fail, en, nl)
    }

    pub(crate) fn person(en: impl Into<String>, nl: impl Into<String>) -> Finds {
        Finds::new(Verdict::Person, en, nl)
    }

    pub(crate) fn hold(until: Option<u64>, en: impl Into<String>, nl: impl Into<String>) -> Finds {
        Finds { until, ..Finds::new(Verdict::Hold, en, nl) }
    }

    pub(crate) fn mend(self, en: impl Into<String>, nl: impl Into<String>) -> Finds {
        Finds { mend: Some(Say::new(en, nl)), ..self }
    }

    pub(crate) fn at(self, place: &Place) -> Finds {
        Finds { place: Some(place.clone()), ..self }
    }

    pub(crate) fn at_if(self, place: Option<&Place>) -> Finds {
        Finds { place: place.cloned(), ..self }
    }

    pub(crate) fn ground(self, ground: Reason) -> Finds {
        Finds { ground: Some(ground), ..self }
    }

    /// Of a more precise rule than the gate's own.
    pub(crate) fn article(self, article: &str, check: bool) -> Finds {
        Finds { article: Some((article.to_owned(), check)), ..self }
    }

    fn named(self, number: GateNumber, facts: &Facts) -> GateResult {
        let own = || facts.book.gate(number).map(|gate| (gate.article.clone(), gate.check));
        let (article, check) = self.article.or_else(|| national_article(number, facts)).or_else(own).unwrap_or_default();
        let Finds { verdict, reason, mend, place, ground, until, .. } = self;
        GateResult { number, verdict, reason, mend, article, check, place, ground, until }
    }
}

/// Gates whose article in the table is of Regulation (EU) 2023/1543. The others rest on law that holds for every order.
const OF_THE_REGULATION: [GateNumber; 14] = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// A national order stands on its own article, in the words of its rule file, and never on one of the Regulation.
fn national_article(number: GateNumber, facts: &Facts) -> Option<(String, bool)> {
    let national = facts.received.order().and_then(|order| order.national.as_ref()).filter(|_| OF_THE_REGULATION.contains(&number))?;
    let known = facts.book.national.get(&national.country.value).and_then(|powers| powers.find(&national.article.value));
    let unknown = || (format!("{} {}", national.country.value, national.article.value), true);
    Some(known.map_or_else(unknown, |power| (power.source.clone(), power.check)))
}

type Gate = fn(&Facts) -> Finds;

/// Gates that judge an order on arrival.
const ON_ARRIVAL: [(GateNumber, Gate); 15] = [
    (1, intake::schema),
    (2, intake::signature),
    (3, intake::certificate),
    (4, intake::directory),
    (5, competence::role),
    (6, competence::threshold),
    (7, competence::validation),
    (8, competence::emergency),
    (9, scope::identifiers),
    (10, scope::time_range),
    (11, scope::capability),
    (12, course::notification),
    (13, course::state),
    (14, scope::addressee),
    (16, course::linkage),
];

/// All verdicts about one document, under one edition of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// SHA-256 of the document judged.
    pub original_hash: [u8; 32],
    pub schema: Finding,
    pub dictionary: Finding,
    /// The gates that look at what is asked: 5 to 12.
    pub scope: Finding,
    pub gates: Vec<GateResult>,
    pub notices: Vec<Notice>,
    pub rule_version: String,
}

/// Something that people must know and that is no gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: Say,
    pub place: Option<Place>,
}

impl Report {
    /// The worst of all verdicts.
    pub fn verdict(&self) -> Verdict {
        self.gates.iter().map(|gate| gate.verdict).max().unwrap_or(Verdict::Fail)
    }

    pub fn gate(&self, number: GateNumber) -> Option<&GateResult> {
        self.gates.iter().find(|gate| gate.number == number)
    }

    /// Gates that do not pass.
    pub fn open(&self) -> impl Iterator<Item = &GateResult> {
        self.gates.iter().filter(|gate| gate.verdict != Verdict::Pass)
    }
}

/// Runs every gate of arrival.
pub fn judge(facts: &Facts) -> Report {
    let gates: Vec<_> = ON_ARRIVAL.iter().map(|(number, gate)| gate(facts).named(*number, facts)).collect();
    let envelope = &facts.received.envelope;
    let scope = match gates.iter().find(|gate| (5..=12).contains(&gate.number) && gate.verdict == Verdict::Fail) {
        Some(gate) => Finding::no(format!("GAT-{:02}", gate.number), gate.reason.en.clone(), gate.place.clone()),
        None => Finding::Yes,
    };
    Report {
        original_hash: envelope.original_hash,
        schema: envelope.schema.clone(),
        dictionary: envelope.dictionary.clone(),
        scope,
        gates,
        notices: notices(facts),
        rule_version: facts.book.version.to_string(),
    }
}

fn notices(facts: &Facts) -> Vec<Notice> {
    let envelope = &facts.received.envelope;
    let mut notices = Vec::new();
    let mut tell = |text: Say, place: Option<&Place>| notices.push(Notice { text, place: place.cloned() });
    if let Some(place) = &envelope.quarantined {
        tell(
            Say::new(
                "Section M is for the enforcing authority only: it was set apart unread and goes into no log",
                "sectie M is alleen voor de uitvoerende autoriteit: ongelezen apart gezet en in geen logboek opgenomen",
            ),
            Some(place),
        );
    }
    for change in &envelope.normalised {
        let text = Say::new(
            format!("{}: read \"{}\" as \"{}\"", change.rule, change.was, change.now),
            format!("{}: \"{}\" gelezen als \"{}\"", change.rule, change.was, change.now),
        );
        tell(text, Some(&change.place));
    }
    if let Some(order) = facts.received.order() {
        if order.without_validation.as_ref().is_some_and(|tick| tick.value) {
            tell(
                Say::new(
                    "issued without prior validation: whether it is validated within 48 hours the provider is not told; expect a withdrawal",
                    "gegeven zonder voorafgaande validatie: of die binnen 48 uur volgt hoort de aanbieder niet; reken op een intrekking",
                ),
                order.without_validation.as_ref().map(|tick| &tick.place),
            );
        }
        tell(
            Say::new(
                "the person is not told by the provider; the issuing authority does that",
                "de aanbieder licht de betrokkene niet in; dat doet de uitvaardigende autoriteit",
            ),
            order.notice_delayed.first().map(|ground| &ground.place),
        );
    }
    notices
}

/// What each gate is about, for tables.
pub fn title(number: GateNumber) -> Say {
    let (en, nl) = match number {
        1 => ("the document reads", "het document is leesbaar"),
        2 => ("the signature is valid", "de handtekening klopt"),
        3 => ("the certificate was trusted when it signed", "het certificaat was vertrouwd toen het tekende"),
        4 => ("the signer is in the registry", "de ondertekenaar staat in het register"),
        5 => ("the authority may order this", "de autoriteit mag dit bevelen"),
        6 => ("the offence allows this", "het strafbare feit laat dit toe"),
        7 => ("who had to validate did", "wie moest valideren heeft dat gedaan"),
        8 => ("the emergency exception is used where it may be", "de uitzondering voor spoed geldt hier"),
        9 => ("the identifiers are specific", "de kenmerken zijn specifiek"),
        10 => ("the time range is closed and allowed", "de periode is gesloten en toegestaan"),
        11 => ("the provider has such data", "de aanbieder heeft zulke gegevens"),
        12 => ("the notification is consistent and its hold kept", "de kennisgeving klopt en haar opschorting geldt"),
        13 => ("the order is still open", "het bevel staat nog open"),
        14 => ("it is addressed to us, rightly", "het is terecht aan ons gericht"),
        15 => ("what was taken out is what was ordered", "wat eruit komt is wat bevolen is"),
        16 => ("the person is not ordered too often", "de persoon wordt niet te vaak bevraagd"),
        17 => ("the package goes the right way", "het pakket gaat langs de juiste weg"),
        _ => ("it stands in the public log", "het staat in het openbare logboek"),
    };
    Say::new(en, nl)
}

impl fmt::Display for GateResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GAT-{:02} {}: {}", self.number, self.verdict.code(), self.reason.en)
    }
}

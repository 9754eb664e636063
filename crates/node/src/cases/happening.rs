//! What happens to a case: a closed set, stored as a code with its parameters. Its words are chosen when it is read, so that a line
//! that was written years ago reads in either language.

use serde::{Deserialize, Serialize};
use verify::verdict::Language;

/// One event of a case. Names of files and members, codes and numbers only: the database's history is not sealed (T4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Happening {
    Received,
    Anchored,
    OrderLogged,
    UnderstandingApprovedFirst,
    UnderstandingApprovedSecond,
    UnderstandingApprovedThird,
    SlotsClosed {
        production: u32,
    },
    ValidityOver,
    IntentMade {
        attempt: u32,
        production: u32,
    },
    NothingThere,
    IntentLogged,
    TrusteesAsked,
    MoreAnswered,
    ThresholdsMet {
        members: Vec<String>,
    },
    /// `why` as in `Halted`; empty: too few members answered in time.
    NewIntent {
        why: Vec<String>,
    },
    Halted {
        production: u32,
        why: Vec<String>,
    },
    Opened {
        rows_out: u64,
        rows_held_back: u64,
    },
    ReleaseApprovedFirst,
    ReleaseApprovedSecond,
    PackageMade {
        name: String,
    },
    Delivered {
        name: String,
    },
    ProductionLeafLogged,
    ProductionLogged {
        production: u32,
    },
    LastLeafLogged,
    Closed,
    Refused {
        reason: u16,
    },
    NotHeld,
    Withdrawn,
    TakenUpAgain,
    /// All slots of an order to preserve are closed.
    SlotsToPreserve,
    HoldMade {
        until: u64,
        copied: u64,
    },
    HoldLogged,
    HoldOver,
    /// `why`: a code and what it means.
    HoldStopped {
        why: String,
    },
    /// A line that an earlier version of the program wrote, in its words.
    Earlier {
        text: String,
    },
}

impl Happening {
    /// As it stands in the database.
    pub fn to_row(&self) -> String {
        match self {
            Happening::Earlier { text } => text.clone(),
            coded => serde_json::to_string(coded).expect("Cannot fail: plain data with string keys"),
        }
    }

    /// What is no code of ours is a line of an earlier version: history is shown, whatever stands there.
    pub fn of_row(row: &str) -> Happening {
        let coded = serde_json::from_str::<Happening>(row).ok().filter(|happening| happening.to_row() == row);
        coded.unwrap_or_else(|| Happening::Earlier { text: row.to_owned() })
    }

    /// For people.
    pub fn text(&self, language: Language) -> String {
        match language {
            Language::English => self.english(),
            Language::Dutch => self.dutch(),
        }
    }

    fn english(&self) -> String {
        let heard = |why: &[String]| heard(why, Language::English);
        match self {
            Happening::Received => "order received".into(),
            Happening::Anchored => "what PUBLIC held before the order is noted".into(),
            Happening::OrderLogged => "the order is in the log; two officers are asked to approve it as understood".into(),
            Happening::UnderstandingApprovedFirst => "approved as understood by the first officer".into(),
            Happening::UnderstandingApprovedSecond => "approved as understood by the second officer".into(),
            Happening::UnderstandingApprovedThird => "approved as understood by a third officer: an account is flagged".into(),
            Happening::SlotsClosed { production } => format!("the slots of production {production} are closed"),
            Happening::ValidityOver => "the order's validity is over".into(),
            Happening::IntentMade { attempt, production } => format!("intent {attempt} of production {production} is made"),
            Happening::NothingThere => "no such selector on the days of these slots, nothing was asked for".into(),
            Happening::IntentLogged => "the intent is in the log".into(),
            Happening::TrusteesAsked => "the trustees are asked".into(),
            Happening::MoreAnswered => "more members have answered".into(),
            Happening::ThresholdsMet { members } => format!("both thresholds are met: {}", members.join(", ")),
            Happening::NewIntent { why } => format!("{}; a new intent is made", heard(why)),
            Happening::Halted { production, why } => format!("production {production} is halted: {}", heard(why)),
            Happening::Opened { rows_out, rows_held_back } => {
                format!("opened: {rows_out} rows out, {rows_held_back} held back; two officers are asked to approve")
            }
            Happening::ReleaseApprovedFirst => "release approved by the first officer".into(),
            Happening::ReleaseApprovedSecond => "release approved by the second officer".into(),
            Happening::PackageMade { name } => format!("package {name} is made"),
            Happening::Delivered { name } => format!("package {name} is delivered"),
            Happening::ProductionLeafLogged => "a leaf of the production is in the log".into(),
            Happening::ProductionLogged { production } => format!("production {production} is logged"),
            Happening::LastLeafLogged => "a last leaf of the case is in the log".into(),
            Happening::Closed => "the case is closed".into(),
            Happening::Refused { reason } => format!("refused, reason {reason}"),
            Happening::NotHeld => "answered \"not held\": no ordered selector exists on any ordered day".into(),
            Happening::Withdrawn => "withdrawn by the court or the issuing authority".into(),
            Happening::TakenUpAgain => "taken up again under a new intent".into(),
            Happening::SlotsToPreserve => "the slots to be preserved are closed; the sealer is asked to keep them".into(),
            Happening::HoldMade { until, copied } => format!("preserved until {until}: {copied} values kept"),
            Happening::HoldLogged => "the hold is in the log".into(),
            Happening::HoldOver => "the hold is over, what it kept is destroyed".into(),
            Happening::HoldStopped { why } => format!("the hold ends: {why}"),
            Happening::Earlier { text } => text.clone(),
        }
    }

    fn dutch(&self) -> String {
        let heard = |why: &[String]| heard(why, Language::Dutch);
        match self {
            Happening::Received => "bevel ontvangen".into(),
            Happening::Anchored => "wat PUBLIC vóór het bevel bevatte, is vastgelegd".into(),
            Happening::OrderLogged => "het bevel staat in het logboek; twee functionarissen moeten goedkeuren hoe het is begrepen".into(),
            Happening::UnderstandingApprovedFirst => "zoals begrepen goedgekeurd door de eerste functionaris".into(),
            Happening::UnderstandingApprovedSecond => "zoals begrepen goedgekeurd door de tweede functionaris".into(),
            Happening::UnderstandingApprovedThird => {
                "zoals begrepen goedgekeurd door een derde functionaris: een account is gemarkeerd".into()
            }
            Happening::SlotsClosed { production } => format!("de tijdvakken van verstrekking {production} zijn gesloten"),
            Happening::ValidityOver => "de geldigheid van het bevel is voorbij".into(),
            Happening::IntentMade { attempt, production } => format!("voornemen {attempt} van verstrekking {production} is gemaakt"),
            Happening::NothingThere => "dit kenmerk bestond niet op de dagen van deze tijdvakken, er is niets gevraagd".into(),
            Happening::IntentLogged => "het voornemen staat in het logboek".into(),
            Happening::TrusteesAsked => "de bewaarders zijn gevraagd".into(),
            Happening::MoreAnswered => "meer leden hebben geantwoord".into(),
            Happening::ThresholdsMet { members } => format!("beide drempels zijn gehaald: {}", members.join(", ")),
            Happening::NewIntent { why } => format!("{}; er komt een nieuw voornemen", heard(why)),
            Happening::Halted { production, why } => format!("verstrekking {production} ligt stil: {}", heard(why)),
            Happening::Opened { rows_out, rows_held_back } => {
                format!("geopend: {rows_out} rijen eruit, {rows_held_back} achtergehouden; twee functionarissen moeten goedkeuren")
            }
            Happening::ReleaseApprovedFirst => "verstrekking goedgekeurd door de eerste functionaris".into(),
            Happening::ReleaseApprovedSecond => "verstrekking goedgekeurd door de tweede functionaris".into(),
            Happening::PackageMade { name } => format!("pakket {name} is gemaakt"),
            Happening::Delivered { name } => format!("pakket {name} is afgeleverd"),
            Happening::ProductionLeafLogged => "een blad van de verstrekking staat in het logboek".into(),
            Happening::ProductionLogged { production } => format!("verstrekking {production} staat in het logboek"),
            Happening::LastLeafLogged => "een laatste blad van de zaak staat in het logboek".into(),
            Happening::Closed => "de zaak is gesloten".into(),
            Happening::Refused { reason } => format!("geweigerd, reden {reason}"),
            Happening::NotHeld => "beantwoord met \"niet voorhanden\": geen bevolen kenmerk bestond op een bevolen dag".into(),
            Happening::Withdrawn => "ingetrokken door de rechter of de uitvaardigende autoriteit".into(),
            Happening::TakenUpAgain => "weer opgepakt onder een nieuw voornemen".into(),
            Happening::SlotsToPreserve => "de te bewaren tijdvakken zijn gesloten; de verzegelaar moet ze behouden".into(),
            Happening::HoldMade { until, copied } => format!("bewaard tot {until}: {copied} waarden behouden"),
            Happening::HoldLogged => "de bewaring staat in het logboek".into(),
            Happening::HoldOver => "de bewaring is voorbij, wat zij behield is vernietigd".into(),
            Happening::HoldStopped { why } => format!("de bewaring eindigt: {why}"),
            Happening::Earlier { text } => text.clone(),
        }
    }
}

fn heard(why: &[String], language: Language) -> String {
    match (why, language) {
        ([], Language::English) => "too few members answered in time".into(),
        ([], Language::Dutch) => "te weinig leden hebben op tijd geantwoord".into(),
        (why, _) => why.iter().map(|line| cause(line, language)).collect::<Vec<_>>().join("; "),
    }
}

/// A line of `Halted::why` for people: in Dutch the sentence of its code goes first, and what the program found stays as it is.
pub fn cause(line: &str, language: Language) -> String {
    let code = line.split([':', ' ']).next().unwrap_or_default();
    let Some(dutch) = crate::refusals::sentence(code) else { return line.to_owned() };
    match language {
        Language::English => line.to_owned(),
        Language::Dutch => format!("{dutch} [{line}]"),
    }
}

/// Who did it, for people: roles are words, names are names.
pub fn role(by: &str, language: Language) -> &str {
    match (by, language) {
        ("log", Language::Dutch) => "logboek",
        ("trustees", Language::Dutch) => "bewaarders",
        _ => by,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Happening> {
        use Happening::*;
        let why = || vec!["approver-1: REL-24".to_owned()];
        vec![
            Received,
            Anchored,
            OrderLogged,
            UnderstandingApprovedFirst,
            UnderstandingApprovedSecond,
            UnderstandingApprovedThird,
            SlotsClosed { production: 71 },
            ValidityOver,
            IntentMade { attempt: 72, production: 71 },
            NothingThere,
            IntentLogged,
            TrusteesAsked,
            MoreAnswered,
            ThresholdsMet { members: vec!["guardian-2".into()] },
            NewIntent { why: why() },
            NewIntent { why: Vec::new() },
            Halted { production: 71, why: why() },
            Opened { rows_out: 73, rows_held_back: 74 },
            ReleaseApprovedFirst,
            ReleaseApprovedSecond,
            PackageMade { name: "p-1".into() },
            Delivered { name: "p-1".into() },
            ProductionLeafLogged,
            ProductionLogged { production: 71 },
            LastLeafLogged,
            Closed,
            Refused { reason: 75 },
            NotHeld,
            Withdrawn,
            TakenUpAgain,
            SlotsToPreserve,
            HoldMade { until: 76, copied: 77 },
            HoldLogged,
            HoldOver,
            HoldStopped { why: "approver-1: REL-24".to_owned() },
        ]
    }

    #[test]
    fn every_event_is_stored_as_its_code_and_reads_in_both_languages() {
        for happening in all() {
            let row = happening.to_row();
            assert!(row.starts_with("{\"event\":\""), "{row}");
            assert_eq!(Happening::of_row(&row), happening);
            let (english, dutch) = (happening.text(Language::English), happening.text(Language::Dutch));
            assert!(!english.is_empty() && !dutch.is_empty() && english != dutch, "{row}");
            for parameter in ["71", "72", "73", "74", "75", "76", "77", "guardian-2", "p-1", "approver-1: REL-24"] {
                let said = row.contains(parameter);
                assert_eq!((english.contains(parameter), dutch.contains(parameter)), (said, said), "{row}: {parameter}");
            }
        }
    }

    #[test]
    fn a_line_of_an_earlier_version_reads_as_it_was_written() {
        for line in ["the intent is in the log", "", "{\"event\":\"of-a-later-version\"}", "{\"event\":\"closed\",\"and\":1}"] {
            let happening = Happening::of_row(line);
            assert_eq!(happening, Happening::Earlier { text: line.to_owned() });
            assert_eq!((happening.to_row(), happening.text(Language::Dutch)), (line.to_owned(), line.to_owned()));
        }
    }

    #[test]
    fn a_cause_in_dutch_keeps_its_code_and_what_was_found() {
        let line = "GWY-11: segment 00aa is away";
        assert_eq!(cause(line, Language::English), line);
        assert_eq!(cause(line, Language::Dutch), "de opslag mist een segment dat PUBLIC noemt [GWY-11: segment 00aa is away]");
        assert_eq!(cause("approver-1: REL-24", Language::Dutch), "approver-1: REL-24");
    }
}

//! What is wrong with something from outside: a rule of docs/spec/standards-in.md, a place, a hint.

use crate::tree::Position;
use std::fmt;

/// One thing that breaks one rule. Safe to show to whoever sent the document: `was` is at most 80 characters of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub rule: Rule,
    pub at: Position,
    /// The elements from the root to the place, `/HI1Message/Header/Timestamp`; empty where none is known.
    pub path: String,
    pub was: String,
}

/// The same value as a list entry of a verdict: several can be found in one document.
pub type Finding = Refusal;

impl Refusal {
    pub fn new(rule: Rule, at: Position, was: &str) -> Refusal {
        Refusal { rule, at, path: String::new(), was: was.chars().take(80).collect() }
    }
    pub fn code(&self) -> &'static str {
        self.rule.code()
    }
    pub fn hint(&self) -> Words {
        self.rule.hint()
    }
    /// What [`fmt::Display`] says, in Dutch.
    pub fn in_dutch(&self) -> String {
        format!("{} op {}{}", self.rule.words().nl, self.at, self.tail())
    }
    fn tail(&self) -> String {
        let path = if self.path.is_empty() { String::new() } else { format!(" ({})", self.path) };
        let was = if self.was.is_empty() { String::new() } else { format!(": {:?}", self.was) };
        path + &was
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}{}", self.rule.words().en, self.at, self.tail())
    }
}
impl std::error::Error for Refusal {}

/// One sentence in both languages of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    pub en: &'static str,
    pub nl: &'static str,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $en:literal, $nl:literal, hint $hint_en:literal, $hint_nl:literal;)*) => {
        /// The rules of docs/spec/standards-in.md that a document from outside can break. Codes are never reused.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule { $($(#[$doc])* $name),* }
        impl Rule {
            pub const ALL: &[Rule] = &[$(Rule::$name),*];
            pub fn code(self) -> &'static str {
                match self { $(Rule::$name => $code),* }
            }
            pub fn words(self) -> Words {
                match self { $(Rule::$name => Words { en: $en, nl: $nl }),* }
            }
            /// What whoever sent it can do about it.
            pub fn hint(self) -> Words {
                match self { $(Rule::$name => Words { en: $hint_en, nl: $hint_nl }),* }
            }
        }
    };
}

rules! {
    TooLarge = "STD-01", "the document is larger than 5 MiB", "het document is groter dan 5 MiB",
        hint "send records or large files apart from the order", "stuur gegevens of grote bestanden los van het bevel";
    NotUtf8 = "STD-02", "the document is not UTF-8", "het document is geen UTF-8",
        hint "save it as UTF-8 and say so in its first line", "bewaar het als UTF-8 en vermeld dat op de eerste regel";
    Dtd = "STD-03", "a document type or entity declaration", "een documenttype- of entiteitdeclaratie",
        hint "no order format has one; remove it", "geen bevelformaat heeft die; haal haar weg";
    Entity = "STD-03", "an entity beyond the five of XML", "een entiteit buiten de vijf van XML",
        hint "write the characters themselves", "schrijf de tekens zelf";
    NotWellFormed = "STD-04", "not well-formed", "niet welgevormd",
        hint "the file is damaged or was edited by hand: export it again", "het bestand is beschadigd of met de hand bewerkt: exporteer het opnieuw";
    ProcessingInstruction = "STD-04", "a processing instruction", "een verwerkingsinstructie",
        hint "remove it: style sheets and the like have no place in an order", "haal haar weg: opmaak en dergelijke horen niet in een bevel";
    TooDeep = "STD-05", "nested more than 48 levels deep", "meer dan 48 niveaus diep genest",
        hint "no order format nests that deep", "geen bevelformaat nest zo diep";
    TooMany = "STD-06", "more than 20,000 elements or references, 100,000 lines, 500,000 escapes, 64 attributes in one or 64 namespaces",
        "meer dan 20.000 elementen of verwijzingen, 100.000 regels, 500.000 escapes, 64 attributen in één of 64 naamruimten",
        hint "split the order into several", "splits het bevel in meerdere";
    NotJson = "STD-07", "not strict JSON, or a member twice", "geen strikte JSON, of een lid dat twee keer voorkomt",
        hint "the file is damaged, or two programs would read it differently: export it again",
        "het bestand is beschadigd, of twee programma's zouden het verschillend lezen: exporteer het opnieuw";
    NotThisFormat = "STD-08", "no HI-1 message and no EU form", "geen HI-1-bericht en geen EU-formulier",
        hint "read here are HI1Message (TS 103 120) and the forms of Regulation (EU) 2023/1543",
        "gelezen worden HI1Message (TS 103 120) en de formulieren van Verordening (EU) 2023/1543";
    Unexpected = "STD-10", "the schema has no such element or attribute here", "het schema kent dit element of attribuut hier niet",
        hint "compare order and names with the schema of the version in the header", "vergelijk volgorde en namen met het schema van de versie in de kop";
    Missing = "STD-11", "a required element is missing", "een verplicht element ontbreekt",
        hint "add it", "voeg het toe";
    BadValue = "STD-12", "the value does not have the form of its type", "de waarde heeft niet de vorm van haar type",
        hint "TS 103 280 has one spelling for each type, see docs/spec/standards-in.md section 3",
        "TS 103 280 kent voor elk type één schrijfwijze, zie docs/spec/standards-in.md deel 3";
    UnknownType = "STD-13", "an object or national type that no loaded schema defines", "een object of nationaal type dat geen geladen schema kent",
        hint "name the type with its namespace; national extensions need their profile first",
        "noem het type met zijn naamruimte; nationale uitbreidingen vragen eerst hun profiel";
    UnknownEntry = "STD-30", "no known dictionary has this entry", "geen bekend woordenboek heeft deze waarde",
        hint "owner, name and value must all match the base file, the profile or the provider's configuration",
        "eigenaar, naam en waarde moeten alle in het basisbestand, het profiel of de configuratie van de aanbieder staan";
    WrongDictionary = "STD-31", "an entry of another field's dictionary", "een waarde uit het woordenboek van een ander veld",
        hint "use the dictionary that belongs to the field", "gebruik het woordenboek dat bij het veld hoort";
    UnknownFormat = "STD-32", "an identifier format that nobody defines", "een kenmerkformaat dat niemand definieert",
        hint "use a TS 103 280 type or a format of the provider's configuration", "gebruik een type van TS 103 280 of een formaat uit de configuratie van de aanbieder";
    NotOfItsFormat = "STD-33", "the identifier does not have the form that it names", "het kenmerk heeft niet de vorm die het noemt",
        hint "spell it as TS 103 280 does", "schrijf het zoals TS 103 280 dat doet";
    OutsideTime = "STD-40", "the task's time lies outside its authorisation's", "de tijd van de taak ligt buiten die van de machtiging",
        hint "narrow the task or extend the authorisation", "beperk de taak of verleng de machtiging";
    Interception = "STD-41", "interception in real time: this system has no tool for it", "aftappen in het heden: dit systeem heeft daar geen middel voor",
        hint "only disclosure (LDTask) and preservation (LPTask) are served; interception goes through the provider's own, separate way",
        "alleen verstrekking (LDTask) en bewaring (LPTask) worden bediend; aftappen loopt langs een eigen, andere weg van de aanbieder";
    OtherTask = "STD-41", "an object that is neither disclosure nor preservation", "een object dat verstrekking noch bewaring is",
        hint "take-down, traffic policies and destinations are not served here", "verwijdering, verkeersbeleid en bestemmingen worden hier niet bediend";
    Content = "STD-42", "content: message content is not disclosed through this system", "inhoud: dit systeem verstrekt geen inhoud van berichten",
        hint "ask for subscriber, identifying or traffic data", "vraag abonnee-, identificatie- of verkeersgegevens";
    NoAuthorisation = "STD-43", "a task without an authorisation in the message or on file", "een taak zonder machtiging in het bericht of het dossier",
        hint "associate the task with its authorisation", "verbind de taak met haar machtiging";
    NoIdentifier = "STD-44", "a task that names nobody", "een taak die niemand noemt",
        hint "name each identifier; there is no search by anything else", "noem elk kenmerk; zoeken op iets anders bestaat niet";
    OtherProvider = "STD-45", "addressed to another provider", "gericht aan een andere aanbieder",
        hint "send it to the provider that it names", "stuur het aan de aanbieder die het noemt";
    Backwards = "STD-46", "an end before its beginning", "een einde vóór zijn begin",
        hint "check the times", "controleer de tijden";
    FormUnknown = "STD-70", "the form has no such element here", "het formulier kent dit element hier niet",
        hint "compare with the form of the Regulation; nothing unknown is passed over", "vergelijk met het formulier van de Verordening; niets onbekends wordt overgeslagen";
    FormWord = "STD-71", "a code that stands in no list of the form", "een code die in geen lijst van het formulier staat",
        hint "use one of the form's own values", "gebruik een van de waarden van het formulier zelf";
    FormValue = "STD-72", "no date, number or yes/no where the form has one", "geen datum, getal of ja/nee waar het formulier die heeft",
        hint "dates as 2026-08-18, instants with their offset", "datums als 2026-08-18, tijdstippen met hun verschuiving";
}

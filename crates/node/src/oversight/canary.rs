//! Canary subjects (SEA-74, T20): ordinary accounts of the body of oversight, unknown to the ingest side. What they sent the overseer
//! wrote down itself, so an answer about them shows a sealer that passes records over, seals them for somebody else or makes them up.
//!
//! The overseer needs no word of the provider for this: its own notes, and packages that came under its own logged orders.

use std::collections::BTreeSet;
use std::path::PathBuf;

use seal::catalogue::{RecordType, format_rfc3339, parse_rfc3339};
use seal::selector::Selector;
use serde::Deserialize;
use serde_json::{Map, Value};
use verify::names::DirectoryId;
use verify::notice::CheckedNotice;
use verify::package::{Package, Refusal};
use verify::record::Value as Shown;

/// One canary in one category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// As orders name it: `account:@a:b`.
    pub selector: String,
    pub category: RecordType,
}

/// A line of the overseer's list: a subject, and where its notes are, relative to the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub subject: Subject,
    pub sent: PathBuf,
}

/// Why a list is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListError {
    /// Not TOML of this form.
    Form(String),
    UnknownCategory(String),
    /// SEA-03: not in its one spelling, so no order could name it.
    NotASelector(String),
    Empty,
}

impl std::fmt::Display for ListError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ListError::Form(what) => f.write_str(what),
            ListError::UnknownCategory(name) => write!(f, "\"{name}\" is no category"),
            ListError::NotASelector(name) => write!(f, "\"{name}\" is not a selector in its one spelling"),
            ListError::Empty => f.write_str("the list names no canary"),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    canaries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    selector: String,
    /// Slug of the category.
    category: String,
    sent: PathBuf,
}

/// The list (TOML). Nobody but the overseer reads it: a sealer that knows its canaries treats them well.
pub fn parse_list(text: &str) -> Result<Vec<Listed>, ListError> {
    let list: List = toml::from_str(text).map_err(|error| ListError::Form(error.message().to_owned()))?;
    let listed = |entry: Entry| {
        let category = RecordType::of_slug(&entry.category).ok_or(ListError::UnknownCategory(entry.category))?;
        if Selector::from_text(&entry.selector).is_err() {
            return Err(ListError::NotASelector(entry.selector));
        }
        Ok(Listed { subject: Subject { selector: entry.selector, category }, sent: entry.sent })
    };
    let listed = list.canaries.into_iter().map(listed).collect::<Result<Vec<_>, _>>()?;
    if listed.is_empty() { Err(ListError::Empty) } else { Ok(listed) }
}

/// One thing that a canary did, as the overseer noted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// By the overseer's clock, milliseconds since 1970 UTC.
    pub at_ms: u64,
    /// What the row must repeat. Fields that the overseer cannot know are left out.
    pub fields: Map<String, Value>,
}

/// Why a note is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteError {
    NotAnObject,
    /// `at` is missing, or has no zone (T16).
    NoTime,
    /// No field of the category has that name: nothing could ever fit it.
    UnknownField(String),
}

impl std::fmt::Display for NoteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoteError::NotAnObject => f.write_str("not one JSON object a line"),
            NoteError::NoTime => f.write_str("`at` is missing or no RFC 3339 time with its offset"),
            NoteError::UnknownField(name) => write!(f, "`{name}` is no field of the category (docs/catalogue.md)"),
        }
    }
}

impl Sent {
    /// A line of the overseer's notes: `at`, and fields as the rows of a package have them.
    pub fn parse(line: &str, category: RecordType) -> Result<Sent, NoteError> {
        let mut fields: Map<String, Value> = serde_json::from_str(line).map_err(|_| NoteError::NotAnObject)?;
        let at = fields.remove("at").and_then(|at| parse_rfc3339(at.as_str()?)).ok_or(NoteError::NoTime)?;
        let columns: Vec<String> = category.columns().into_iter().collect();
        match fields.keys().find(|name| !columns.contains(name)) {
            Some(name) => Err(NoteError::UnknownField(name.clone())),
            None => Ok(Sent { at_ms: at, fields }),
        }
    }

    fn fits(&self, row: &Row, tolerance_ms: u64) -> bool {
        let same = |(name, value): (&String, &Value)| row.fields.get(name) == Some(value);
        self.at_ms.abs_diff(row.at_ms) <= tolerance_ms && self.fields.iter().all(same)
    }
}

/// One row of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `datetime`.
    at_ms: u64,
    /// The second by which it was given to an hour (SEA-08).
    slot_time: u64,
    fields: Map<String, Value>,
}

/// What one package says about a subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// POSIX seconds, half-open: hours that it answers, cut to the ordered period.
    spans: Vec<(u64, u64)>,
    rows: Vec<Row>,
}

/// Largest file of rows that is read.
const FILE_LEN_MAX: usize = 1 << 30;

impl Answer {
    /// The package's items about that subject. The package itself has to be judged apart.
    pub fn of_package(package: &Package<'_>, subject: &Subject) -> Result<Answer, Refusal> {
        let (statement, category) = (package.statement(), subject.category.slug());
        let mut answer = Answer::default();
        let mut numbers = Vec::new();
        for (number, item) in (1u64..).zip(&statement.items) {
            if item.selector != subject.selector || item.category != category {
                continue;
            }
            numbers.push(number);
            for slot in statement.slots.iter().filter(|slot| slot.category == category) {
                let start = slot.slot_no.saturating_mul(u64::from(slot.slot_len));
                let (from, until) = (item.from.max(start), item.until.min(start.saturating_add(u64::from(slot.slot_len))));
                answer.spans.extend((from < until).then_some((from, until)));
            }
        }
        let file = verify::package::layout::records_jsonl(category);
        if package.names().any(|name| name == file) {
            let octets = package.file(&file, FILE_LEN_MAX)?;
            let lines = String::from_utf8_lossy(&octets).into_owned();
            answer.rows = lines.lines().filter_map(|line| row(line, &numbers)).collect();
        }
        Ok(answer)
    }

    fn covers(&self, second: u64) -> bool {
        self.spans.iter().any(|(from, until)| (*from..*until).contains(&second))
    }
}

/// A row that answers one of these items. The package's own reader took it already, so what does not read here is no row of theirs.
fn row(line: &str, items: &[u64]) -> Option<Row> {
    let mut fields: Map<String, Value> = serde_json::from_str(line).ok()?;
    let item = fields.remove("item")?.as_u64()?;
    fields.remove("row_id");
    let time = |name: &str| parse_rfc3339(fields.get(name)?.as_str()?);
    let (at_ms, received_ms) = (time("datetime")?, time("received_at")?);
    items.contains(&item).then(|| Row { at_ms, slot_time: at_ms.min(received_ms) / 1_000, fields })
}

/// What is not as the overseer knows it to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// No package answers this time: it was not asked for, not delivered, or said to hold nobody of that name.
    Unanswered { from: u64, until: u64 },
    /// The canary sent it and it is not there: passed over, or sealed for somebody else.
    Missing { at_ms: u64 },
    /// It is there and the canary never sent it.
    Stranger { at_ms: u64 },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = |at: &u64| format_rfc3339(at.saturating_mul(1_000));
        match self {
            Fault::Unanswered { from, until } => write!(f, "no answer from {} until {}", seconds(from), seconds(until)),
            Fault::Missing { at_ms } => write!(f, "what it sent at {} is missing", format_rfc3339(*at_ms)),
            Fault::Stranger { at_ms } => write!(f, "a row of {} is not what it sent", format_rfc3339(*at_ms)),
        }
    }
}

/// Somebody else asked about a canary (OVS-07): an account that only the overseer uses, so there was nothing to suspect it of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    pub selector: String,
    pub authority: DirectoryId,
    /// The order's leaf.
    pub origin: String,
    pub index: u64,
}

impl std::fmt::Display for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ordered records of {} ({} {})", self.authority, self.selector, self.origin, self.index)
    }
}

/// What a letter to a canary says (T20). An order of the overseer's own is no access.
pub fn accesses(letter: &CheckedNotice<'_>, canaries: &[Subject], own: &DirectoryId) -> Vec<Access> {
    let notice = letter.notice();
    let Some(Shown::Authority(authority)) = notice.order.shown(18) else { return Vec::new() };
    if authority == own {
        return Vec::new();
    }
    let of_intents = notice.intents.iter().flat_map(|intent| intent.identities.iter().map(|proven| proven.leaf.item.selector()));
    let named: Vec<&Selector> = notice.scope.iter().map(|proven| proven.leaf.selector()).chain(of_intents).collect();
    let is_named = |canary: &&Subject| Selector::from_text(&canary.selector).is_ok_and(|selector| named.contains(&&selector));
    let selectors: BTreeSet<&String> = canaries.iter().filter(is_named).map(|canary| &canary.selector).collect();
    let access = |selector: &String| Access {
        selector: selector.clone(),
        authority: authority.clone(),
        origin: letter.origin().to_owned(),
        index: letter.index(),
    };
    selectors.into_iter().map(access).collect()
}

/// What was asked about, and how far the two clocks may lie apart.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// POSIX seconds, half-open.
    pub from: u64,
    pub until: u64,
    pub tolerance_ms: u64,
}

/// Holds the answers about one subject against everything that it sent. Ascending; empty: all of it is there, and nothing else.
///
/// An hour that two packages answer is read from the first of them. `sent` holds the notes of the days around, too: a row near the
/// border may be of the other side by the provider's clock.
pub fn judge(sent: &[Sent], answers: &[Answer], asked: Asked) -> Vec<Fault> {
    let mut faults = unanswered(answers, asked);
    let is_answered = |second: u64| answers.iter().any(|answer| answer.covers(second));
    let mut rows: Vec<&Row> = Vec::new();
    for (number, answer) in answers.iter().enumerate() {
        let first = |row: &&Row| !answers[..number].iter().any(|earlier| earlier.covers(row.slot_time));
        rows.extend(answer.rows.iter().filter(first));
    }
    rows.sort_by_key(|row| row.at_ms);
    let mut sent: Vec<&Sent> = sent.iter().collect();
    sent.sort_by_key(|sent| sent.at_ms);
    for sent in sent {
        // Earliest note, earliest row: with one tolerance for all, no other pairing finds more.
        let found = rows.iter().position(|row| sent.fits(row, asked.tolerance_ms));
        let second = sent.at_ms / 1_000;
        match found {
            Some(place) => drop(rows.remove(place)),
            None if (asked.from..asked.until).contains(&second) && is_answered(second) => {
                faults.push(Fault::Missing { at_ms: sent.at_ms });
            }
            None => {}
        }
    }
    faults.extend(rows.into_iter().map(|row| Fault::Stranger { at_ms: row.at_ms }));
    faults.sort();
    faults
}

/// The parts of the time asked for that no answer covers.
fn unanswered(answers: &[Answer], asked: Asked) -> Vec<Fault> {
    let mut spans: Vec<(u64, u64)> = answers.iter().flat_map(|answer| answer.spans.iter().copied()).collect();
    spans.sort_unstable();
    let (mut faults, mut reached) = (Vec::new(), asked.from);
    for (from, until) in spans.into_iter().chain([(asked.until, asked.until)]) {
        let from = from.min(asked.until);
        if reached < from {
            faults.push(Fault::Unanswered { from: reached, until: from });
        }
        reached = reached.max(until);
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked = Asked { from: 3_600, until: 10_800, tolerance_ms: 2_000 };

    fn note(at: u64, to: &str) -> Sent {
        Sent { at_ms: at * 1_000, fields: Map::from_iter([("recipients".to_owned(), serde_json::json!([to]))]) }
    }

    fn written(at: u64, to: &str) -> Row {
        let fields = serde_json::json!({ "recipients": [to], "direction": "sent" });
        Row { at_ms: at * 1_000 + 700, slot_time: at, fields: fields.as_object().cloned().unwrap() }
    }

    fn answer(spans: &[(u64, u64)], rows: Vec<Row>) -> Answer {
        Answer { spans: spans.to_vec(), rows }
    }

    #[test]
    fn sea_74_all_of_it_and_nothing_else() {
        let sent = [note(4_000, "a"), note(4_001, "b"), note(9_000, "a"), note(20_000, "a")];
        let rows = || vec![written(4_000, "a"), written(4_001, "b"), written(9_000, "a")];
        let one = |rows| judge(&sent, &[answer(&[(3_600, 7_200), (7_200, 10_800)], rows)], ASKED);
        assert_eq!(one(rows()), []);
        // Passed over; sealed with another field; out of nowhere; twice; at another time.
        let less = rows().into_iter().skip(1).collect();
        assert_eq!(one(less), [Fault::Missing { at_ms: 4_000_000 }]);
        let mut other = rows();
        other[1] = written(4_001, "c");
        assert_eq!(one(other), [Fault::Missing { at_ms: 4_001_000 }, Fault::Stranger { at_ms: 4_001_700 }]);
        let more = rows().into_iter().chain([written(9_000, "a")]).collect();
        assert_eq!(one(more), [Fault::Stranger { at_ms: 9_000_700 }]);
        let mut moved = rows();
        moved[2] = written(9_003, "a");
        assert_eq!(one(moved), [Fault::Missing { at_ms: 9_000_000 }, Fault::Stranger { at_ms: 9_003_700 }]);
    }

    #[test]
    fn sea_74_no_answer_is_an_alarm_too_and_two_answers_are_one() {
        let sent = [note(4_000, "a"), note(9_000, "a")];
        assert_eq!(judge(&sent, &[], ASKED), [Fault::Unanswered { from: 3_600, until: 10_800 }]);
        let half = answer(&[(3_600, 7_200)], vec![written(4_000, "a")]);
        assert_eq!(judge(&sent, &[half.clone()], ASKED), [Fault::Unanswered { from: 7_200, until: 10_800 }]);
        let late = answer(&[(7_200, 10_800)], vec![written(9_000, "a")]);
        assert_eq!(judge(&sent, &[half.clone(), late.clone()], ASKED), []);
        assert_eq!(judge(&sent, &[half.clone(), late, half], ASKED), []);
    }

    #[test]
    fn sea_74_a_list_names_selectors_that_an_order_could_name() {
        let one = |selector: &str, category: &str| {
            format!("[[canaries]]\nselector = \"{selector}\"\ncategory = \"{category}\"\nsent = \"a.jsonl\"\n")
        };
        let good = parse_list(&one("account:@a:b.example", "traffic")).unwrap();
        assert_eq!((good.len(), good[0].subject.category), (1, RecordType::Traffic));
        assert_eq!(parse_list(&one("account:@a:b.example", "content")), Err(ListError::UnknownCategory("content".into())));
        assert_eq!(parse_list(&one("Account:@A", "traffic")), Err(ListError::NotASelector("Account:@A".into())));
        assert_eq!(parse_list("canaries = []"), Err(ListError::Empty));
        assert!(matches!(parse_list(&(one("account:@a:b.example", "traffic") + "real = true\n")), Err(ListError::Form(_))));
    }

    #[test]
    fn sea_74_a_note_that_no_row_could_fit_is_refused() {
        let read = |line| Sent::parse(line, RecordType::Traffic);
        let good = read(r#"{"at":"2026-11-20T10:00:00+01:00","recipients":["account:@b:c"]}"#).unwrap();
        assert_eq!((good.at_ms % 86_400_000, good.fields.len()), (9 * 3_600_000, 1));
        assert_eq!(read(r#"{"at":"2026-11-20T10:00:00","size":3}"#), Err(NoteError::NoTime));
        assert_eq!(read(r#"{"at":"2026-11-20T10:00:00Z","recipient":"x"}"#), Err(NoteError::UnknownField("recipient".into())));
        assert_eq!(read("[]"), Err(NoteError::NotAnObject));
    }
}

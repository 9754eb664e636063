//! Canary subjects (SEA-74, T20): ordinary accounts of the body of oversight, unknown to the ingest side. What they sent the overseer
//! wrote down itself, so an answer about them shows a sealer that passes records over, seals them for somebody else or makes them up.
//!
//! The overseer needs no word of the provider for this: its own notes, and packages that came under its own logged orders.

use seal::catalogue::{RecordType, format_rfc3339, parse_rfc3339};
use serde_json::{Map, Value};
use verify::package::{Package, Refusal};

/// One canary in one category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// As orders name it: `account:@a:b`.
    pub selector: String,
    pub category: RecordType,
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
    fn sea_74_a_note_that_no_row_could_fit_is_refused() {
        let read = |line| Sent::parse(line, RecordType::Traffic);
        let good = read(r#"{"at":"2026-11-20T10:00:00+01:00","recipients":["account:@b:c"]}"#).unwrap();
        assert_eq!((good.at_ms % 86_400_000, good.fields.len()), (9 * 3_600_000, 1));
        assert_eq!(read(r#"{"at":"2026-11-20T10:00:00","size":3}"#), Err(NoteError::NoTime));
        assert_eq!(read(r#"{"at":"2026-11-20T10:00:00Z","recipient":"x"}"#), Err(NoteError::UnknownField("recipient".into())));
        assert_eq!(read("[]"), Err(NoteError::NotAnObject));
    }
}

//! Rows: a JSONL file and its CSV twin, read together a line at a time.
//!
//! The columns are those of the closed catalogue and nothing else, so no package can carry a column for content (PKG-33).
//! The CSV is not parsed: it must be, octet for octet, what follows from the JSONL (PKG-32).

use super::digest::Sha256;
use super::json::{self, Object, Value};
use super::raw::FileReader;
use super::statement::ITEMS_MAX;
use super::{Refusal, layout};
use seal::catalogue::{RecordType, csv_cell, parse_rfc3339};
use std::collections::BTreeMap;

/// Number of the row in its file, from 1.
pub const ROW_ID: &str = "row_id";
/// Number of the ordered item that the row answers, from 1, in the order of `statement.json`.
pub const ITEM: &str = "item";
const MANDATORY: [&str; 3] = ["datetime", "message", "timestamp_desc"];

/// Columns of a category's CSV file, in order.
pub fn columns(record_type: RecordType) -> Vec<String> {
    [ROW_ID, ITEM].into_iter().map(str::to_owned).chain(record_type.columns()).collect()
}

/// The CSV header with its `\r\n`.
pub fn csv_header(record_type: RecordType) -> String {
    columns(record_type).join(",") + "\r\n"
}

/// The CSV row of a JSONL row, with its `\r\n`. An absent key is an empty cell. None: a value that no column can hold.
pub fn csv_row(columns: &[String], row: &Object) -> Option<String> {
    let mut out = String::new();
    for (place, name) in columns.iter().enumerate() {
        if place != 0 {
            out.push(',');
        }
        match row.get(name) {
            None => {}
            Some(Value::Text(text)) => out.push_str(&csv_cell(text)),
            Some(Value::Int(n)) => out.push_str(&n.to_string()),
            Some(Value::Bool(yes)) => out.push_str(if *yes { "true" } else { "false" }),
            Some(list @ Value::List(items)) if items.iter().all(|item| item.as_text().is_some()) => {
                out.push_str(&csv_cell(&list.to_text()))
            }
            Some(Value::List(_) | Value::Object(_) | Value::Null) => return None,
        }
    }
    out.push_str("\r\n");
    Some(out)
}

/// Count, first and last of the rows of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub rows: u64,
    /// (milliseconds since 1970 UTC, the text as it stands in the row); the earliest and the latest.
    pub first: Option<(u64, String)>,
    pub last: Option<(u64, String)>,
}

impl Span {
    pub fn add(&mut self, ms: u64, text: &str) {
        self.rows += 1;
        if self.first.as_ref().is_none_or(|(first, _)| ms < *first) {
            self.first = Some((ms, text.to_owned()));
        }
        if self.last.as_ref().is_none_or(|(last, _)| *last < ms) {
            self.last = Some((ms, text.to_owned()));
        }
    }
}

/// What was found in the rows of one category.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub rows: u64,
    /// By item number.
    pub items: BTreeMap<u64, Span>,
}

/// A run of rows that one query claims, and the running digest of their lines.
pub(super) struct Run {
    pub first_row: u64,
    pub rows: u64,
    pub digest: Sha256,
}

/// Reads both files of a category to their ends. Refuses PKG-30 to PKG-33.
pub(super) fn check(record_type: RecordType, jsonl: FileReader<'_>, csv: FileReader<'_>, runs: &mut [Run]) -> Result<Counted, Refusal> {
    let category = record_type.slug();
    let file = layout::records_jsonl(category);
    let columns = columns(record_type);
    let csv_differs = Refusal::CsvDiffers { file: layout::records_csv(category) };
    let mut lines = Lines { reader: jsonl, buffer: Vec::new(), at: 0 };
    let mut twin = Twin { reader: csv, buffer: Vec::new(), at: 0 };
    let mut counted = Counted::default();
    let mut run = 0;
    if !twin.continues_with(csv_header(record_type).as_bytes())? {
        return Err(csv_differs);
    }
    while let Some(line) = lines.next(&file)? {
        let number = counted.rows + 1;
        let row = row(&line, &file, number, &columns)?;
        // The runs of a sound package follow one another, so one place is enough; searching all of them for every row
        // would let a stranger multiply the one number by the other.
        while runs.get(run).is_some_and(|r| r.rows <= number.saturating_sub(r.first_row)) {
            run += 1;
        }
        if let Some(run) = runs.get_mut(run).filter(|r| r.first_row <= number) {
            run.digest.update(&line);
            run.digest.update(b"\n");
        }
        let malformed = Refusal::Row { file: file.clone(), line: number };
        let text = csv_row(&columns, &row).ok_or(malformed.clone())?;
        if !twin.continues_with(text.as_bytes())? {
            return Err(csv_differs);
        }
        let item = row.get(ITEM).and_then(Value::as_u64).filter(|item| *item <= ITEMS_MAX as u64).ok_or(malformed.clone())?;
        let datetime = row.get("datetime").and_then(Value::as_text).ok_or(malformed.clone())?;
        let ms = parse_rfc3339(datetime).ok_or(malformed)?;
        counted.items.entry(item).or_default().add(ms, datetime);
        counted.rows = number;
    }
    lines.reader.finish()?;
    if !twin.is_at_end()? {
        return Err(csv_differs);
    }
    twin.reader.finish()?;
    Ok(counted)
}

/// PKG-31, PKG-33: one line as a row.
fn row(line: &[u8], file: &str, number: u64, columns: &[String]) -> Result<Object, Refusal> {
    let value = Value::parse(line, json::LINE_LEN_MAX).map_err(|error| Refusal::Json { file: file.to_owned(), error })?;
    let malformed = Refusal::Row { file: file.to_owned(), line: number };
    let Value::Object(row) = value else { return Err(malformed) };
    if row.get(ROW_ID).and_then(Value::as_u64) != Some(number)
        || !MANDATORY.iter().all(|key| row.get(*key).is_some_and(|v| v.as_text().is_some()))
    {
        return Err(malformed);
    }
    if !row.keys().all(|key| columns.iter().any(|column| column == key)) {
        return Err(Refusal::Column { file: file.to_owned(), line: number });
    }
    Ok(row)
}

/// A file cut at line feeds; no line is longer than the limit, the last one ends in a line feed too.
struct Lines<'r> {
    reader: FileReader<'r>,
    buffer: Vec<u8>,
    at: usize,
}

impl Lines<'_> {
    fn next(&mut self, file: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let mut seen = 0;
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            if let Some(len) = rest.iter().skip(seen).position(|b| *b == b'\n') {
                let line = rest.iter().take(seen + len).copied().collect();
                self.at += seen + len + 1;
                return Ok(Some(line));
            }
            seen = rest.len();
            let too_long = json::JsonError::TooLong { len_max: json::LINE_LEN_MAX };
            if json::LINE_LEN_MAX < seen {
                return Err(Refusal::Json { file: file.to_owned(), error: too_long });
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            match self.reader.piece()? {
                Some(piece) => self.buffer.extend_from_slice(piece),
                None if seen == 0 => return Ok(None),
                None => return Err(Refusal::Json { file: file.to_owned(), error: json::JsonError::NotCanonical }),
            }
        }
    }
}

/// A file that is compared with what it should be, piece by piece.
struct Twin<'r> {
    reader: FileReader<'r>,
    buffer: Vec<u8>,
    at: usize,
}

impl Twin<'_> {
    fn continues_with(&mut self, mut expected: &[u8]) -> Result<bool, Refusal> {
        while !expected.is_empty() {
            if self.at == self.buffer.len() && !self.refill()? {
                return Ok(false);
            }
            let found = self.buffer.get(self.at..).unwrap_or_default();
            let len = found.len().min(expected.len());
            if found[..len] != expected[..len] {
                return Ok(false);
            }
            self.at += len;
            expected = &expected[len..];
        }
        Ok(true)
    }

    fn is_at_end(&mut self) -> Result<bool, Refusal> {
        Ok(self.at == self.buffer.len() && !self.refill()?)
    }

    fn refill(&mut self) -> Result<bool, Refusal> {
        self.buffer.clear();
        self.at = 0;
        if let Some(piece) = self.reader.piece()? {
            self.buffer.extend_from_slice(piece);
        }
        Ok(!self.buffer.is_empty())
    }
}

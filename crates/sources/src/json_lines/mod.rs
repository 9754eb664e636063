//! A growing file of JSON lines as a source: the simplest thing that every provider can write.
//!
//! Nothing is lost and nothing is guessed: a line that is not a record goes to the dead-letter file with its number and
//! the rule that it breaks, on disk before the batch is handed out. The dead-letter file holds what the provider sent,
//! unsealed; it is made readable for its owner only, and is the operator's to repair and feed again.

pub mod line;
mod rotated;

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read as _, Seek, SeekFrom, Write};
use std::path::PathBuf;

use seal::catalogue::push_json_text;

use crate::source::{Batch, Column, Description, Indexed, Position, Reading, Refused, Source, SourceError};
use line::{LINE_LEN_MAX, LineError};
use rotated::Found;

const HEAD: &str = "waarborg-json-lines/v1";

/// Most lines of one batch.
pub const LINES_MAX: usize = 2_000;

/// What a node's configuration says about one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonLinesConfig {
    pub path: PathBuf,
    pub dead_letters: PathBuf,
    /// The records' field `source`.
    pub source: String,
    /// Whether this run imports history (SEA-80).
    pub history: bool,
}

/// The source. Reads whole lines only: a line without its end is still being written.
pub struct JsonLines {
    config: JsonLinesConfig,
    lines_max: usize,
    keeps_letters: bool,
}

/// Where a position stands: what a person asks who wants to delete rotated files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: PathBuf,
    /// Read in that file.
    pub lines: u64,
    pub octets: u64,
    /// Rotated files that were read to their ends. If the position is a committed one, nothing needs them any more.
    pub behind: Vec<PathBuf>,
}

/// Where the file has been read to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct At {
    /// First 16 hexadecimal digits of SHA-256 of the first line: which file this is. Empty before the first line.
    file: String,
    offset: u64,
    /// Lines before the offset.
    lines: u64,
}

impl At {
    /// SRC-04
    fn parse(position: &Position) -> Result<At, SourceError> {
        if position.0.is_empty() {
            return Ok(At::default());
        }
        let foreign = || refusal("SRC-04", "the position was not written by this source");
        let parts: Vec<&str> = position.0.split(' ').collect();
        let [HEAD, file, offset, lines] = parts[..] else { return Err(foreign()) };
        let number = |text: &str| text.parse::<u64>().map_err(|_| foreign());
        let at = At { file: file.to_owned(), offset: number(offset)?, lines: number(lines)? };
        let is_hex = file.len() == 16 && file.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if is_hex && at.to_position() == *position { Ok(at) } else { Err(foreign()) }
    }

    fn to_position(&self) -> Position {
        match self.file.as_str() {
            "" => Position::default(),
            file => Position(format!("{HEAD} {file} {} {}", self.offset, self.lines)),
        }
    }
}

fn refusal(code: &'static str, reason: &str) -> SourceError {
    SourceError::Refusal { code, reason: reason.into() }
}

fn fault(what: &str) -> impl Fn(std::io::Error) -> SourceError + '_ {
    move |error| SourceError::Fault(format!("{what}: {}", error.kind()))
}

/// One line of the file: its octets without the end, or that it was longer than allowed.
struct Line {
    bytes: Vec<u8>,
    len: u64,
    is_too_long: bool,
}

impl JsonLines {
    pub fn new(config: JsonLinesConfig) -> JsonLines {
        JsonLines { config, lines_max: LINES_MAX, keeps_letters: true }
    }

    /// Smaller batches, for tests.
    pub fn with_lines_max(self, lines_max: usize) -> JsonLines {
        JsonLines { lines_max: lines_max.clamp(1, LINES_MAX), ..self }
    }

    /// For a look that leaves nothing behind: refused lines are reported only. A source that is followed keeps them.
    pub fn without_dead_letters(self) -> JsonLines {
        JsonLines { keeps_letters: false, ..self }
    }

    /// Where a position stands among the files, and which of them it has left behind.
    pub fn place(&self, position: &Position) -> Result<Place, SourceError> {
        let mut at = At::parse(position)?;
        let has_begun = !at.file.is_empty();
        let found = rotated::find(&self.config.path, &mut at)?;
        let behind = if has_begun { rotated::before(&self.config.path, &found)? } else { Vec::new() };
        Ok(Place { file: found.path, lines: at.lines, octets: at.offset, behind })
    }

    fn batch(&mut self, after: &Position, now_ms: u64) -> Result<Batch, SourceError> {
        let mut at = At::parse(after)?;
        let Found { mut file, next, .. } = rotated::find(&self.config.path, &mut at)?;
        go_to(&mut file, &at)?;
        let mut batch = Batch { history: self.config.history, ..Batch::default() };
        let mut letters = Vec::new();
        let mut is_at_end = false;
        while !is_at_end && batch.records.len() + batch.refused.len() < self.lines_max {
            let (line, read) = match next_line(&mut file).map_err(fault("the file cannot be read"))? {
                Some(line) => {
                    let read = self.record(&line, now_ms);
                    (line, read)
                }
                None => {
                    is_at_end = true;
                    // Nobody writes on in a file that the writer has left: what stands there without an end is refused, not dropped.
                    let cut = if next.is_some() { cut_line(&mut file, at.offset).map_err(fault("the file cannot be read"))? } else { None };
                    let Some(line) = cut else { break };
                    (line, Err(LineError { code: "SRC-08", reason: "the rotated file ends within this line".into() }))
                }
            };
            at.lines += 1;
            match read {
                Ok(record) => batch.records.push(record),
                Err(error) => {
                    letters.extend(letter(&at, &line, &error));
                    batch.refused.push(Refused { place: format!("line {}", at.lines), code: error.code, reason: error.reason });
                }
            }
            at.offset += line.len;
        }
        batch.more = !is_at_end || next.is_some();
        if let (true, Some(file)) = (is_at_end, next) {
            at = At { file, offset: 0, lines: 0 };
        }
        self.keep(&letters).map_err(fault("the dead-letter file cannot be written"))?;
        batch.position = at.to_position();
        Ok(batch)
    }

    fn record(&self, line: &Line, now_ms: u64) -> Result<Indexed, LineError> {
        if line.is_too_long {
            return Err(LineError { code: "SRC-02", reason: "the line is too long".into() });
        }
        line::parse(&line.bytes, &self.config.source, now_ms)
    }

    /// Appends the letters and forces them to disk: only then may the position move past their lines.
    fn keep(&self, letters: &[u8]) -> std::io::Result<()> {
        if letters.is_empty() || !self.keeps_letters {
            return Ok(());
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.config.dead_letters)?;
        file.write_all(letters)?;
        file.sync_all()
    }
}

/// SRC-05: the place must be inside, and at the beginning of a line.
fn go_to(file: &mut BufReader<File>, at: &At) -> Result<(), SourceError> {
    let bad_place = || refusal("SRC-05", "the file is shorter than the position, or was rewritten");
    if at.offset == 0 {
        return file.rewind().map_err(fault("the file cannot be read"));
    }
    let mut before = [0];
    file.seek(SeekFrom::Start(at.offset - 1)).map_err(|_| bad_place())?;
    file.read_exact(&mut before).map_err(|_| bad_place())?;
    if before == *b"\n" { Ok(()) } else { Err(bad_place()) }
}

/// What stands behind the last whole line, up to the limit.
fn cut_line(file: &mut BufReader<File>, offset: u64) -> std::io::Result<Option<Line>> {
    let len = file.get_ref().metadata()?.len().saturating_sub(offset);
    if len == 0 {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(LINE_LEN_MAX as u64).read_to_end(&mut bytes)?;
    Ok(Some(Line { bytes, len, is_too_long: LINE_LEN_MAX as u64 <= len }))
}

/// The next whole line, or nothing if there is none yet. A line beyond the limit is read past, not kept.
fn next_line(file: &mut impl BufRead) -> std::io::Result<Option<Line>> {
    let mut line = Line { bytes: Vec::new(), len: 0, is_too_long: false };
    loop {
        let some = file.fill_buf()?;
        if some.is_empty() {
            return Ok(None);
        }
        let end = some.iter().position(|b| *b == b'\n');
        let taken = end.map_or(some.len(), |at| at + 1);
        if line.bytes.len() <= LINE_LEN_MAX {
            line.bytes.extend_from_slice(&some[..end.unwrap_or(taken)]);
        }
        file.consume(taken);
        line.len += taken as u64;
        if end.is_some() {
            line.is_too_long = line.len > LINE_LEN_MAX as u64;
            return Ok(Some(line));
        }
    }
}

/// One dead letter as a JSON line: where, which rule, and what stood there (the beginning of a line that is too long;
/// the rest is found by `offset` and `octets`).
fn letter(at: &At, line: &Line, error: &LineError) -> Vec<u8> {
    let mut out = format!("{{\"code\":\"{}\",\"file\":\"{}\",\"line\":{},", error.code, at.file, at.lines);
    out.push_str(&format!("\"octets\":{},\"offset\":{},", line.len, at.offset));
    match std::str::from_utf8(&line.bytes) {
        Ok(text) => {
            out.push_str("\"raw\":");
            push_json_text(&mut out, text);
        }
        Err(_) => {
            let hex: String = line.bytes.iter().map(|b| format!("{b:02x}")).collect();
            out.push_str(&format!("\"raw_hex\":\"{hex}\""));
        }
    }
    out.push_str(",\"reason\":");
    push_json_text(&mut out, &error.reason);
    out.push_str("}\n");
    out.into_bytes()
}

impl Source for JsonLines {
    fn describe(&self) -> Description {
        let column = |name: &str, meaning, unit, origin| Column { name: name.into(), meaning, unit, origin };
        Description {
            name: self.config.source.clone(),
            system: "JSON lines in the catalogue's form (docs/catalogue.md)".into(),
            columns: vec![
                column("t_event_raw", "when it happened", "as t_event_unit says: s, ms, us, ns or rfc3339", "as clock says"),
                column("index", "selectors that the record is sealed under", "list of selectors", "provider"),
            ],
            slot_time: "t_event_raw",
            never_held: Vec::new(),
            content_barrier: "by the schema: a line with a field outside the catalogue is refused",
        }
    }

    fn is_history(&self) -> bool {
        self.config.history
    }

    fn next<'a>(&'a mut self, after: &'a Position, now_ms: u64) -> Reading<'a> {
        Box::pin(std::future::ready(self.batch(after, now_ms)))
    }
}

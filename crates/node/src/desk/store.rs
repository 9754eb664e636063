//! The desk's database: received orders, what happened to each, and the objects of HI-1. SQLite, beside the case database.
//!
//! Trusted: who can write it can make an order look older or withdrawn; nothing in it opens a record, since trustees judge the native
//! order. Who can read it and has the body key learns who is under order. In clear stand numbers, states, times, digests and names of
//! authorities; documents and what was said of them are sealed; persons and references are tags under the body key.
//! Needed for: every clock. Lost: orders are sent again, their clocks begin too late. Never restore an older copy beside a running one.
//!
//! Written with `synchronous = FULL`: what was answered survives a power cut (DSK-01). Entries are append-only by trigger.

use std::collections::BTreeMap;
use std::path::Path;

use law::rules::RuleBook;
use rusqlite::{Connection, OptionalExtension, params};
use seal::entropy::Entropy;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::entry::Entry;
use crate::cases::Digest32;
use crate::cases::body::{BodyError, BodyKey};

/// Why the database could not be used.
#[derive(Debug)]
pub enum DeskFault {
    Sqlite(rusqlite::Error),
    File(std::io::Error),
    Body(BodyError),
    /// The provider's vault, where what arrived is kept.
    Vault(String),
    /// A row contradicts itself or what `law` allows: evidence, not something to skip.
    Row {
        number: u64,
        text: String,
    },
    Schema {
        found: i64,
    },
    /// Kept rule files do not read any more.
    Rules {
        version: String,
        text: String,
    },
}

impl std::fmt::Display for DeskFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DeskFault::Sqlite(error) => write!(f, "desk database: {error}"),
            DeskFault::File(error) => write!(f, "desk database: {error}"),
            DeskFault::Body(error) => write!(f, "desk database: {error}"),
            DeskFault::Vault(text) => write!(f, "vault: {text}"),
            DeskFault::Row { number, text } => write!(f, "desk database, received order {number}: {text}"),
            DeskFault::Rules { version, text } => write!(f, "desk database, kept rules {version}: {text}"),
            DeskFault::Schema { found } => write!(f, "the desk database has schema {found}, this program reads {SCHEMA}"),
        }
    }
}

impl std::error::Error for DeskFault {}

impl From<rusqlite::Error> for DeskFault {
    fn from(error: rusqlite::Error) -> DeskFault {
        DeskFault::Sqlite(error)
    }
}

const SCHEMA: i64 = 3;

const TABLES: &str = "
CREATE TABLE received (
  number INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  door TEXT NOT NULL,
  sender TEXT NOT NULL,
  at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  preserves INTEGER NOT NULL,
  due INTEGER,
  verdict TEXT NOT NULL,
  rule_version TEXT NOT NULL,
  deadline_at INTEGER NOT NULL,
  document BLOB NOT NULL
) STRICT;
CREATE INDEX received_due ON received (due) WHERE due IS NOT NULL;
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  word TEXT NOT NULL,
  state TEXT NOT NULL,
  by TEXT NOT NULL,
  rules TEXT NOT NULL DEFAULT '',
  body BLOB NOT NULL,
  UNIQUE (number, version)
) STRICT;
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
CREATE TRIGGER documents_stay BEFORE UPDATE OF number, hash, at, document, deadline_at, rule_version ON received
  BEGIN SELECT RAISE(ABORT, 'what was received stays as it was received'); END;
CREATE TRIGGER documents_remain BEFORE DELETE ON received BEGIN SELECT RAISE(ABORT, 'what was received remains'); END;
CREATE TABLE tags (
  tag BLOB NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (tag, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE papers (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  at INTEGER NOT NULL,
  door TEXT NOT NULL,
  sender TEXT NOT NULL,
  number INTEGER,
  acted INTEGER NOT NULL,
  document BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE refusals (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  door TEXT NOT NULL,
  sender TEXT NOT NULL,
  hash BLOB NOT NULL,
  octets INTEGER NOT NULL,
  code TEXT NOT NULL
) STRICT;
CREATE TABLE cases (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  number INTEGER NOT NULL,
  ended TEXT,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_of ON cases (number);
CREATE TABLE objects (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  changed INTEGER NOT NULL,
  number INTEGER,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX objects_of ON objects (owner, changed);
CREATE INDEX objects_about ON objects (number);
CREATE TABLE answers (
  owner TEXT NOT NULL,
  txn TEXT NOT NULL,
  at INTEGER NOT NULL,
  digest BLOB NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (owner, txn)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_age ON answers (at);
CREATE TABLE rule_books (version TEXT PRIMARY KEY, texts TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

/// What we tell authorities by ourselves: each object once, and the message of each office that is not answered yet.
const OUTGOING: &str = "
CREATE TABLE outgoing (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL,
  object TEXT NOT NULL UNIQUE,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  txn TEXT,
  ended TEXT
) STRICT;
CREATE INDEX outgoing_open ON outgoing (owner, seq) WHERE ended IS NULL;
CREATE INDEX outgoing_about ON outgoing (number);
CREATE TABLE dispatches (
  txn TEXT PRIMARY KEY,
  owner TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  next INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
";

/// From the first schema: under which rules an entry was made was not written down.
const TO_SCHEMA_2: &str = "
ALTER TABLE entries ADD COLUMN rules TEXT NOT NULL DEFAULT '';
CREATE TABLE rule_books (version TEXT PRIMARY KEY, texts TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

/// One received order's columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub number: u64,
    pub hash: Digest32,
    pub door: String,
    pub sender: String,
    pub at: u64,
    pub version: u64,
    pub state: String,
    pub preserves: bool,
    pub due: Option<u64>,
    pub verdict: String,
    pub rule_version: String,
    /// As it stood in the receipt.
    pub deadline_at: u64,
}

/// One entry with when and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    pub at: u64,
    pub by: String,
    /// Version of the rules that it was made under; empty in what older programs wrote.
    pub rules: String,
    pub entry: Entry,
}

/// Keys under which the desk's own texts are sealed and tagged.
pub struct Sealing {
    key: BodyKey,
    tag: seal::secret::Secret<32>,
}

impl Sealing {
    pub fn new(key: BodyKey) -> Sealing {
        let tag = key.expose(|octets| seal::digest::sha256(&[b"waarborg/v1/desk-tag-key\0", &octets[..]]));
        Sealing { key, tag: seal::secret::Secret::new(tag) }
    }

    /// Equal texts have equal tags; without the body key nobody can test a guess. The key comes first and has a fixed length, and tags
    /// are compared, never extended, so plain SHA-256 is enough here.
    pub fn tag(&self, what: &str, text: &str) -> [u8; 32] {
        self.tag.expose(|key| seal::digest::sha256(&[&key[..], what.as_bytes(), b"\0", text.as_bytes()]))
    }

    /// A name that follows from the text, and that nobody without the body key foretells: case numbers stand in public, and an authority
    /// chooses the names of its own objects.
    pub fn uuid(&self, what: &str, text: &str) -> Option<standards::etsi::values::Uuid> {
        super::deliver::own_uuid(&[&self.tag(what, text)])
    }

    pub fn seal(&self, place: &str, octets: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, DeskFault> {
        self.key.seal(place.as_bytes(), octets, entropy).map_err(DeskFault::Body)
    }

    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, DeskFault> {
        self.key.open(place.as_bytes(), sealed).map_err(DeskFault::Body)
    }

    pub fn seal_json<T: Serialize>(&self, place: &str, value: &T, entropy: &mut dyn Entropy) -> Result<Vec<u8>, DeskFault> {
        let text = serde_json::to_vec(value).expect("Cannot fail: plain data with string keys");
        self.seal(place, &text, entropy)
    }

    pub fn open_json<T: DeserializeOwned>(&self, place: &str, sealed: &[u8]) -> Result<Option<T>, DeskFault> {
        Ok(serde_json::from_slice(&self.open(place, sealed)?).ok())
    }
}

/// Creates an empty database; refuses if the file exists.
pub fn create(path: &Path) -> Result<Connection, DeskFault> {
    crate::private_file::create(path).map_err(DeskFault::File)?;
    let db = connect(path)?;
    db.execute_batch(TABLES)?;
    db.execute_batch(OUTGOING)?;
    db.pragma_update(None, "user_version", SCHEMA)?;
    Ok(db)
}

/// Opens an existing one; never creates, so that a wrong path cannot look like an empty desk.
pub fn open(path: &Path) -> Result<Connection, DeskFault> {
    std::fs::metadata(path).map_err(DeskFault::File)?;
    let db = connect(path)?;
    let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match found {
        SCHEMA => Ok(db),
        1 | 2 => {
            let older = if found == 1 { TO_SCHEMA_2 } else { "" };
            db.execute_batch(&format!("BEGIN IMMEDIATE; {older} {OUTGOING} PRAGMA user_version = {SCHEMA}; COMMIT;"))?;
            Ok(db)
        }
        found => Err(DeskFault::Schema { found }),
    }
}

/// Rules under which lives were lived, by version.
pub type Books = BTreeMap<String, RuleBook>;

/// Keeps this book, and gives all that were ever kept: an entry is replayed with the rules that it was made under (LIF-15). Laws are public,
/// so their texts stand in clear.
pub fn keep_book(db: &Connection, book: &RuleBook) -> Result<Books, DeskFault> {
    let wrong = |version: &str, text: String| DeskFault::Rules { version: version.to_owned(), text };
    let version = book.version.to_string();
    let texts = serde_json::to_string(book.texts()).expect("Cannot fail: plain data");
    db.execute("INSERT OR IGNORE INTO rule_books (version, texts) VALUES (?1, ?2)", params![version, texts])?;
    let mut query = db.prepare("SELECT version, texts FROM rule_books")?;
    let rows = query.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut books = Books::new();
    for row in rows {
        let (version, texts) = row?;
        let texts: Vec<(String, String)> = serde_json::from_str(&texts).map_err(|error| wrong(&version, error.to_string()))?;
        let book = RuleBook::with(&texts).map_err(|error| wrong(&version, error.to_string()))?;
        if book.version.to_string() != version {
            return Err(wrong(&version, format!("the kept texts are those of {}", book.version)));
        }
        books.insert(version, book);
    }
    Ok(books)
}

fn connect(path: &Path) -> Result<Connection, DeskFault> {
    let db = Connection::open(path)?;
    db.busy_timeout(std::time::Duration::ZERO)?;
    db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    Ok(db)
}

const HEAD: &str = "number, hash, door, sender, at, version, state, preserves, due, verdict, rule_version, deadline_at FROM received";

fn head(row: &rusqlite::Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head {
        number: row.get(0)?,
        hash: Digest32(row.get(1)?),
        door: row.get(2)?,
        sender: row.get(3)?,
        at: row.get(4)?,
        version: row.get(5)?,
        state: row.get(6)?,
        preserves: row.get(7)?,
        due: row.get(8)?,
        verdict: row.get(9)?,
        rule_version: row.get(10)?,
        deadline_at: row.get(11)?,
    })
}

pub fn by_number(db: &Connection, number: u64) -> Result<Option<Head>, DeskFault> {
    Ok(db.prepare_cached(&format!("SELECT {HEAD} WHERE number = ?1"))?.query_row([number], head).optional()?)
}

pub fn by_hash(db: &Connection, hash: &Digest32) -> Result<Option<Head>, DeskFault> {
    Ok(db.prepare_cached(&format!("SELECT {HEAD} WHERE hash = ?1"))?.query_row([&hash.0[..]], head).optional()?)
}

/// Oldest first, at most `most` after `after`.
pub fn heads(db: &Connection, after: u64, most: u32) -> Result<Vec<Head>, DeskFault> {
    let mut query = db.prepare_cached(&format!("SELECT {HEAD} WHERE ?1 < number ORDER BY number LIMIT ?2"))?;
    Ok(query.query_map(params![after, most], head)?.collect::<Result<_, _>>()?)
}

/// Whose clock has run out, longest over first.
pub fn overdue(db: &Connection, now: u64) -> Result<Vec<Head>, DeskFault> {
    let mut query = db.prepare_cached(&format!("SELECT {HEAD} WHERE due <= ?1 ORDER BY due"))?;
    Ok(query.query_map([now], head)?.collect::<Result<_, _>>()?)
}

/// Orders taken in after `since` that preserve nothing any more.
pub fn ended_since(db: &Connection, since: u64) -> Result<Vec<Digest32>, DeskFault> {
    let mut query = db.prepare_cached("SELECT hash FROM received WHERE preserves = 0 AND ?1 < at ORDER BY number")?;
    Ok(query.query_map([since], |row| Ok(Digest32(row.get(0)?)))?.collect::<Result<_, _>>()?)
}

pub fn document(db: &Connection, number: u64) -> Result<Vec<u8>, DeskFault> {
    Ok(db.prepare_cached("SELECT document FROM received WHERE number = ?1")?.query_row([number], |row| row.get(0))?)
}

pub fn last_number(db: &Connection) -> Result<u64, DeskFault> {
    Ok(db.prepare_cached("SELECT coalesce(max(number), 0) FROM received")?.query_row([], |row| row.get(0))?)
}

pub fn insert(db: &Connection, head: &Head, sealed: &[u8]) -> Result<(), DeskFault> {
    let mut statement = db.prepare_cached(
        "INSERT INTO received (number, hash, door, sender, at, version, state, preserves, due, verdict, rule_version, deadline_at, document)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    let Head { number, hash, door, sender, at, version, state, preserves, due, verdict, rule_version, deadline_at } = head;
    statement.execute(params![
        number,
        &hash.0[..],
        door,
        sender,
        at,
        version,
        state,
        preserves,
        due,
        verdict,
        rule_version,
        deadline_at,
        sealed
    ])?;
    Ok(())
}

/// The next entry and the state that it leads to, in one.
pub fn append(db: &Connection, to: &Head, dated: &Dated, sealing: &Sealing, entropy: &mut dyn Entropy) -> Result<(), DeskFault> {
    let body = sealing.seal_json(&format!("entry/{}/{}", to.number, to.version), &dated.entry, entropy)?;
    db.prepare_cached("INSERT INTO entries (number, version, at, word, state, by, rules, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute(params![to.number, to.version, dated.at, dated.entry.word(), to.state, dated.by, dated.rules, body])?;
    let changed = db
        .prepare_cached("UPDATE received SET version = ?2, state = ?3, preserves = ?4, due = ?5 WHERE number = ?1 AND version = ?2 - 1")?
        .execute(params![to.number, to.version, to.state, to.preserves, to.due])?;
    match changed {
        1 => Ok(()),
        _ => Err(DeskFault::Row { number: to.number, text: format!("is not at version {}", to.version - 1) }),
    }
}

pub fn entries(db: &Connection, number: u64, sealing: &Sealing) -> Result<Vec<Dated>, DeskFault> {
    let mut query = db.prepare_cached("SELECT version, at, by, body, rules FROM entries WHERE number = ?1 ORDER BY version")?;
    let mut rows = query.query([number])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let version: u64 = row.get(0)?;
        let sealed: Vec<u8> = row.get(3)?;
        let broken = || DeskFault::Row { number, text: format!("entry {version} does not read") };
        let entry = sealing.open_json(&format!("entry/{number}/{version}"), &sealed)?.ok_or_else(broken)?;
        if version != out.len() as u64 + 2 {
            return Err(DeskFault::Row { number, text: format!("entry {version} follows {} others", out.len()) });
        }
        out.push(Dated { at: row.get(1)?, by: row.get(2)?, rules: row.get(4)?, entry });
    }
    Ok(out)
}

pub fn add_tag(db: &Connection, tag: &[u8; 32], number: u64, at: u64) -> Result<(), DeskFault> {
    db.prepare_cached("INSERT OR IGNORE INTO tags (tag, number, at) VALUES (?1, ?2, ?3)")?.execute(params![&tag[..], number, at])?;
    Ok(())
}

/// (order, when) of a tag, oldest first.
pub fn tagged(db: &Connection, tag: &[u8; 32]) -> Result<Vec<(u64, u64)>, DeskFault> {
    let mut query = db.prepare_cached("SELECT number, at FROM tags WHERE tag = ?1 ORDER BY number")?;
    Ok(query.query_map([&tag[..]], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}

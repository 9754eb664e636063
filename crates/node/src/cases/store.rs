//! The case database: one row a case, one row an event, SQLite.
//!
//! Trusted: who can write it can show officers another order than the court's, though not one that trustees would serve;
//! who can read it and has the store key learns who is under order. The file is 0600, bodies are sealed to the store key
//! (`cases::body`), and nothing in clear names a person: ids are digests, events are words.
//! Needed for: finishing what was begun, and opening every leaf when its time comes (`cases::records`). Lost: orders are sent again,
//! released keys are asked for again under new intents, and leaves whose records are gone become overdue for good.
//! Never restore an older copy: it would ask again, under new intents, for what was released. Members that were shown a newer head than
//! the copy knows of are what it is noticed by, and then nobody is asked (GWY-43).
//!
//! Written with `synchronous = FULL`: a state that was answered or acted on survives a power cut (R1).

use super::body::{BodyError, BodyKey};
use super::change::{Change, Event};
use super::happening::Happening;
use super::octets::{Digest32, Octets};
use super::records::record_of;
use super::related::{Related, RelatedChange, RelatedId};
use super::state::{Case, CaseId};
use crate::log::client::Head;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use seal::entropy::{Entropy, SystemEntropy};
use std::collections::BTreeMap;
use std::path::Path;
use verify::record::SignedRecord;

/// A case as loaded: parsed, not yet judged again (`cases::recheck`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub case: Case,
    pub version: u64,
    /// When it was last changed, POSIX seconds.
    pub changed: u64,
}

/// Why the database could not be used. All are faults but `Version` and `State`, which mean that our own invariant broke.
#[derive(Debug)]
pub enum StoreError {
    Sqlite(rusqlite::Error),
    File(std::io::Error),
    Body(BodyError),
    /// The row is not at the version before the change.
    Version {
        case: CaseId,
        stored: u64,
        change: u64,
    },
    /// The body does not parse, or says another state or case than its columns.
    State {
        case: String,
    },
    /// The database was made by another version of the program.
    Schema {
        found: i64,
    },
    /// The desk's database, which is written with the case.
    Desk(String),
    /// The provider's vault, which an order to preserve needs at once.
    Vault(String),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::Sqlite(error) => write!(f, "case database: {error}"),
            StoreError::File(error) => write!(f, "case database: {error}"),
            StoreError::Body(error) => write!(f, "case database: {error}"),
            StoreError::Version { case, stored, change } => {
                write!(
                    f,
                    "case {case} is at version {stored}, the change was made for {change}: does a second gateway run on this database?"
                )
            }
            StoreError::State { case } => write!(f, "the row of case {case} contradicts itself"),
            StoreError::Desk(text) | StoreError::Vault(text) => f.write_str(text),
            StoreError::Schema { found } => write!(f, "the case database has schema {found}, this program reads {SCHEMA}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        StoreError::Sqlite(error)
    }
}

/// 2: the table of related leaves. 3: the records that answer for leaves.
const SCHEMA: i64 = 3;

/// Events are append-only by trigger: the program has no statement that changes one, and a slip of a person at the SQL prompt is refused.
const TABLES: &str = "
CREATE TABLE cases (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  number INTEGER NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,
  changed INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  case_id BLOB NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  what TEXT NOT NULL,
  by TEXT NOT NULL,
  UNIQUE (case_id, version)
) STRICT;
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
";

/// A leaf goes from submitted to logged and never back.
const RELATED_TABLE: &str = "
CREATE TABLE related (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  state TEXT NOT NULL,
  changed INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER related_remain BEFORE DELETE ON related BEGIN SELECT RAISE(ABORT, 'related leaves stay'); END;
CREATE TRIGGER related_advance BEFORE UPDATE ON related WHEN old.state <> 'submitted' BEGIN SELECT RAISE(ABORT, 'the leaf is logged'); END;
";

/// The newest head of each log that was put before members (GWY-43). It grows with the step of the case that shows it.
const SHOWN_TABLE: &str = "
CREATE TABLE IF NOT EXISTS shown (origin TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS shown_grows BEFORE UPDATE ON shown WHEN new.size < old.size
  BEGIN SELECT RAISE(ABORT, 'heads only grow'); END;
";

/// A record is kept until PUBLIC shows it opened; then its values and salts go, and that it was opened stays.
const RECORDS_TABLE: &str = "
CREATE TABLE records (
  d BLOB PRIMARY KEY CHECK (length(d) = 32),
  state TEXT NOT NULL CHECK (state = 'kept' AND body IS NOT NULL OR state = 'opened' AND body IS NULL),
  changed INTEGER NOT NULL,
  body BLOB
) STRICT, WITHOUT ROWID;
CREATE TRIGGER records_remain BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, 'records stay until they are opened'); END;
CREATE TRIGGER records_advance BEFORE UPDATE ON records WHEN old.state <> 'kept' OR new.state <> 'opened'
BEGIN SELECT RAISE(ABORT, 'a record is opened once'); END;
";

/// The open database. One process at a time: it is opened with an exclusive lock, a second gateway fails to start.
pub struct CaseStore {
    connection: Connection,
    key: BodyKey,
}

impl CaseStore {
    /// Creates an empty database; refuses if the file exists, because an existing one is never overwritten.
    pub fn create(path: &Path, key: BodyKey) -> Result<CaseStore, StoreError> {
        crate::private_file::create(path).map_err(StoreError::File)?;
        let store = CaseStore { connection: connect(path)?, key };
        store.connection.execute_batch(TABLES)?;
        store.connection.execute_batch(RELATED_TABLE)?;
        store.connection.execute_batch(SHOWN_TABLE)?;
        store.connection.execute_batch(RECORDS_TABLE)?;
        store.connection.pragma_update(None, "user_version", SCHEMA)?;
        Ok(store)
    }

    /// Opens an existing database; never creates one, so that a wrong path cannot look like "no cases".
    pub fn open(path: &Path, key: BodyKey) -> Result<CaseStore, StoreError> {
        std::fs::metadata(path).map_err(StoreError::File)?;
        let mut store = CaseStore { connection: connect(path)?, key };
        store.bring_up_to_date()?;
        // No new schema number: a program that does not know the table leaves it alone.
        store.connection.execute_batch(SHOWN_TABLE)?;
        Ok(store)
    }

    /// Adds the tables that an earlier version lacks, in one transaction. The records that its cases still hold are kept from here on;
    /// those it dropped are gone, and their leaves become overdue.
    fn bring_up_to_date(&mut self) -> Result<(), StoreError> {
        let found: i64 = self.connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found == SCHEMA {
            return Ok(());
        }
        if !(1..SCHEMA).contains(&found) {
            return Err(StoreError::Schema { found });
        }
        let cases = self.load()?;
        let related = if found == 1 { Vec::new() } else { self.load_related()? };
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if found == 1 {
            tx.execute_batch(RELATED_TABLE)?;
        }
        tx.execute_batch(RECORDS_TABLE)?;
        for row in &cases {
            keep(&tx, &self.key, row.changed, &row.case.signed(), &mut SystemEntropy)?;
        }
        let newest = cases.iter().map(|row| row.changed).max().unwrap_or(0);
        for (_, related) in &related {
            keep(&tx, &self.key, newest, &[related.document()], &mut SystemEntropy)?;
        }
        tx.pragma_update(None, "user_version", SCHEMA)?;
        tx.commit()?;
        Ok(())
    }

    /// Writes one step. After `Ok` it is on the disk. Writing the same step again is refused by its version.
    pub fn apply(&mut self, change: &Change, entropy: &mut dyn Entropy) -> Result<(), StoreError> {
        let id = change.case.file().id;
        let body = serde_json::to_vec(&change.case).expect("Cannot fail: states are plain data with string keys");
        let sealed = self.key.seal(&id.0, &body, entropy).map_err(StoreError::Body)?;
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let stored: u64 = tx
            .query_row("SELECT version FROM cases WHERE id = ?1", [&id.0[..]], |row| row.get::<_, i64>(0))
            .optional()?
            .map_or(0, i64::unsigned_abs);
        if stored + 1 != change.version {
            return Err(StoreError::Version { case: id, stored, change: change.version });
        }
        let (number, version, at) = (sql(change.case.file().number), sql(change.version), sql(change.event.at));
        tx.execute(
            "INSERT INTO cases (id, number, version, state, changed, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET version = ?3, state = ?4, changed = ?5, body = ?6",
            params![&id.0[..], number, version, change.case.word(), at, sealed],
        )?;
        tx.execute(
            "INSERT INTO events (case_id, version, at, state, what, by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![&id.0[..], version, at, change.case.word(), change.event.what.to_row(), change.event.by],
        )?;
        for (origin, size) in shown_by(&change.case) {
            tx.execute(
                "INSERT INTO shown (origin, size) VALUES (?1, ?2) ON CONFLICT (origin) DO UPDATE SET size = max(size, ?2)",
                params![origin, sql(size)],
            )?;
        }
        // LOG-47: no leaf is sent of a record that is not kept.
        keep(&tx, &self.key, change.event.at, &change.case.signed(), entropy)?;
        tx.commit()?;
        Ok(())
    }

    /// GWY-43: the newest head of each log that was ever put before members, by origin.
    pub fn shown(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let mut statement = self.connection.prepare("SELECT origin, size FROM shown")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
        rows.collect::<Result<_, _>>().map_err(StoreError::Sqlite)
    }

    /// Every case, by receipt number. A row that contradicts itself stops the role: it is evidence, not something to skip.
    pub fn load(&self) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.connection.prepare("SELECT id, number, version, state, changed, body FROM cases ORDER BY number")?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let id: Vec<u8> = row.get(0)?;
            let state: String = row.get(3)?;
            let body: Vec<u8> = row.get(5)?;
            let broken = || StoreError::State { case: id.iter().map(|byte| format!("{byte:02x}")).collect() };
            let body = self.key.open(&id, &body).map_err(StoreError::Body)?;
            let case: Case = serde_json::from_slice(&body).map_err(|_| broken())?;
            let number = row.get::<_, i64>(1)?.unsigned_abs();
            if case.file().id.0[..] != id[..] || case.word() != state || case.file().number != number {
                return Err(broken());
            }
            out.push(Row { case, version: row.get::<_, i64>(2)?.unsigned_abs(), changed: row.get::<_, i64>(4)?.unsigned_abs() });
        }
        Ok(out)
    }

    /// Writes a related leaf's state. Written again after it is logged: refused by the database.
    pub fn apply_related(&mut self, change: &RelatedChange, entropy: &mut dyn Entropy) -> Result<(), StoreError> {
        let body = serde_json::to_vec(&change.related).expect("Cannot fail: plain data with string keys");
        let sealed = self.key.seal(&change.id.0, &body, entropy).map_err(StoreError::Body)?;
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute(
            "INSERT INTO related (id, state, changed, body) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET state = ?2, changed = ?3, body = ?4",
            params![&change.id.0[..], change.related.word(), sql(change.at), sealed],
        )?;
        keep(&tx, &self.key, change.at, &[change.related.document()], entropy)?;
        tx.commit()?;
        Ok(())
    }

    /// Every record that is not known to be opened, by D. Values and salts: for who may read cases (the desk's token).
    pub fn records(&self) -> Result<Vec<SignedRecord>, StoreError> {
        let mut statement = self.connection.prepare("SELECT d, body FROM records WHERE state = 'kept' ORDER BY d")?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let (d, body): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let body = self.key.open(&bound(&d), &body).map_err(StoreError::Body)?;
            let record = SignedRecord::parse(&body).ok().filter(|record| record.d()[..] == d[..]);
            out.push(record.ok_or_else(|| StoreError::State { case: d.iter().map(|byte| format!("{byte:02x}")).collect() })?);
        }
        Ok(out)
    }

    /// PUBLIC opens the leaves of these: their values and salts are not needed any more.
    pub fn opened(&mut self, records: &[Digest32], at: u64) -> Result<(), StoreError> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for d in records {
            let row = params![&d.0[..], sql(at)];
            tx.execute("UPDATE records SET state = 'opened', changed = ?2, body = NULL WHERE d = ?1 AND state = 'kept'", row)?;
        }
        tx.commit()?;
        Ok(())
    }

    /// Every related leaf, not yet judged again.
    pub fn load_related(&self) -> Result<Vec<(RelatedId, Related)>, StoreError> {
        let mut statement = self.connection.prepare("SELECT id, state, body FROM related ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, state, body): (Vec<u8>, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let broken = || StoreError::State { case: id.iter().map(|byte| format!("{byte:02x}")).collect() };
            let body = self.key.open(&id, &body).map_err(StoreError::Body)?;
            let related: Related = serde_json::from_slice(&body).map_err(|_| broken())?;
            if related.word() != state {
                return Err(broken());
            }
            let id = <[u8; 32]>::try_from(&id[..]).map_err(|_| broken())?;
            out.push((super::octets::Digest32(id), related));
        }
        Ok(out)
    }

    /// What happened to one case, oldest first.
    pub fn events(&self, case: &CaseId) -> Result<Vec<Event>, StoreError> {
        let mut statement = self.connection.prepare("SELECT at, what, by FROM events WHERE case_id = ?1 ORDER BY seq")?;
        let events = statement.query_map([&case.0[..]], |row| {
            let what = Happening::of_row(&row.get::<_, String>(1)?);
            Ok(Event { at: row.get::<_, i64>(0)?.unsigned_abs(), what, by: row.get(2)? })
        })?;
        events.collect::<Result<_, _>>().map_err(StoreError::Sqlite)
    }
}

/// The heads that a step fixes for its bundle.
fn shown_by(case: &Case) -> Vec<(String, u64)> {
    let Case::Asking(asking) = case else { return Vec::new() };
    let heads = [&asking.heads.orders, &asking.heads.public].into_iter().filter_map(|note| Head::parse(&note.0).ok());
    heads.map(|head| (head.origin, head.size)).collect()
}

/// Cannot lose anything: versions, numbers and POSIX seconds stay far below 2^63.
fn sql(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Writes the records of these documents that are not there yet.
fn keep(tx: &Transaction<'_>, key: &BodyKey, at: u64, documents: &[&Octets], entropy: &mut dyn Entropy) -> Result<(), StoreError> {
    for record in documents.iter().filter_map(|document| record_of(&document.0)) {
        let d = record.d();
        let known = tx.query_row("SELECT 1 FROM records WHERE d = ?1", [&d[..]], |_| Ok(())).optional()?;
        if known.is_none() {
            let sealed = key.seal(&bound(&d), &record.to_bytes(), entropy).map_err(StoreError::Body)?;
            tx.execute("INSERT INTO records (d, state, changed, body) VALUES (?1, 'kept', ?2, ?3)", params![&d[..], sql(at), sealed])?;
        }
    }
    Ok(())
}

/// What a record's body is sealed to: D of an order is its case's id too, and a case's body must not pass for a record.
fn bound(d: &[u8]) -> Vec<u8> {
    [d, b"record"].concat()
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    // A second gateway is to hear at once that the database is taken.
    connection.busy_timeout(std::time::Duration::ZERO)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::state::{File, Received};
    use seal::entropy::SeededEntropy;

    fn change(version: u64) -> Change {
        let file = File { id: Digest32([7; 32]), number: 1, received: 100, order: Octets(b"phone:+31612345678".to_vec()) };
        Change {
            case: Case::Received(Received { file }),
            version,
            event: Event { at: 100, what: Happening::Received, by: "court.example".into() },
        }
    }

    fn key() -> BodyKey {
        BodyKey::generate(&mut SeededEntropy::new([7; 32]))
    }

    #[test]
    fn what_was_applied_is_loaded_and_each_step_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.db");
        let entropy = &mut SeededEntropy::new([7; 32]);
        let mut store = CaseStore::create(&path, key()).unwrap();
        store.apply(&change(1), entropy).unwrap();
        assert!(matches!(store.apply(&change(1), entropy), Err(StoreError::Version { stored: 1, change: 1, .. })));
        store.apply(&change(2), entropy).unwrap();
        drop(store);
        let store = CaseStore::open(&path, key()).unwrap();
        let rows = store.load().unwrap();
        assert_eq!(rows, [Row { case: change(2).case, version: 2, changed: 100 }]);
        assert_eq!(store.events(&Digest32([7; 32])).unwrap().len(), 2);
    }

    #[test]
    fn a_line_of_history_from_before_the_codes_is_shown_beside_coded_ones() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = CaseStore::create(&folder.path().join("cases.db"), key()).unwrap();
        store.apply(&change(1), &mut SeededEntropy::new([7; 32])).unwrap();
        let earlier =
            "INSERT INTO events (case_id, version, at, state, what, by) VALUES (?1, 2, 101, 'submitted', 'the order is sent', 'log')";
        store.connection.execute(earlier, [&[7u8; 32][..]]).unwrap();
        let what: Vec<Happening> = store.events(&Digest32([7; 32])).unwrap().into_iter().map(|event| event.what).collect();
        assert_eq!(what, [Happening::Received, Happening::Earlier { text: "the order is sent".into() }]);
    }

    #[test]
    fn a_second_gateway_on_the_same_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.db");
        let mut first = CaseStore::create(&path, key()).unwrap();
        first.apply(&change(1), &mut SeededEntropy::new([7; 32])).unwrap();
        assert!(CaseStore::open(&path, key()).is_err());
    }

    #[test]
    fn t4_the_file_shows_no_selector() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.db");
        let mut store = CaseStore::create(&path, key()).unwrap();
        store.apply(&change(1), &mut SeededEntropy::new([7; 32])).unwrap();
        drop(store);
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            for needle in [&b"31612345678"[..], b"KzMxNjEyMzQ1Njc4", b"cGhvbmU6"] {
                assert!(!bytes.windows(needle.len()).any(|window| window == needle));
            }
        }
    }

    #[test]
    fn a_related_leaf_goes_on_and_never_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.db");
        let entropy = &mut SeededEntropy::new([7; 32]);
        let mut store = CaseStore::create(&path, key()).unwrap();
        let document = Octets(b"phone:+31612345678".to_vec());
        let submitted = RelatedChange { id: Digest32([8; 32]), related: Related::Submitted { document: document.clone() }, at: 100 };
        let leaf = crate::cases::state::Logged { origin: "log.example/orders/2026".into(), index: 7, proof: Octets(Vec::new()) };
        let logged = RelatedChange { related: Related::Logged { document, leaf }, ..submitted.clone() };
        store.apply_related(&submitted, entropy).unwrap();
        store.apply_related(&submitted, entropy).unwrap();
        store.apply_related(&logged, entropy).unwrap();
        assert!(store.apply_related(&submitted, entropy).is_err());
        assert!(store.connection.execute("DELETE FROM related", []).is_err());
        drop(store);
        let store = CaseStore::open(&path, key()).unwrap();
        assert_eq!(store.load_related().unwrap(), [(logged.id, logged.related)]);
    }

    #[test]
    fn a_database_from_before_related_leaves_gets_their_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.db");
        let mut store = CaseStore::create(&path, key()).unwrap();
        store.apply(&change(1), &mut SeededEntropy::new([7; 32])).unwrap();
        store.connection.execute_batch("DROP TABLE related; DROP TABLE records; PRAGMA user_version = 1;").unwrap();
        drop(store);
        let store = CaseStore::open(&path, key()).unwrap();
        assert_eq!((store.load().unwrap().len(), store.load_related().unwrap().len()), (1, 0));
        drop(store);
        assert!(CaseStore::open(&path, key()).is_ok());
    }

    fn order() -> Octets {
        let vector = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/vectors/order/good.txt")).unwrap();
        Octets(vector.split_once("\n\n").unwrap().1.as_bytes().to_vec())
    }

    fn with_order(version: u64) -> Change {
        let record = record_of(&order().0).unwrap();
        let file = File { id: Digest32(record.d()), number: 1, received: 100, order: order() };
        let event = Event { at: 100, what: Happening::Received, by: "court.example".into() };
        Change { case: Case::Received(Received { file }), version, event }
    }

    #[test]
    fn log_47_a_record_is_kept_with_the_state_that_sends_it_until_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.db");
        let entropy = &mut SeededEntropy::new([7; 32]);
        let mut store = CaseStore::create(&path, key()).unwrap();
        store.apply(&with_order(1), entropy).unwrap();
        // Where the state is refused, so is its record.
        assert!(store.apply(&with_order(1), entropy).is_err());
        store.apply(&with_order(2), entropy).unwrap();
        let record = record_of(&order().0).unwrap();
        assert_eq!(store.records().unwrap(), [record.clone()]);
        assert!(store.connection.execute("DELETE FROM records", []).is_err());
        store.opened(&[Digest32([9; 32]), Digest32(record.d())], 200).unwrap();
        store.opened(&[Digest32(record.d())], 300).unwrap();
        store.apply(&with_order(3), entropy).unwrap();
        assert_eq!(store.records().unwrap(), [], "opened once is opened");
        assert!(store.connection.execute("UPDATE records SET state = 'kept', body = x'00'", []).is_err());
        drop(store);
        assert_eq!(CaseStore::open(&path, key()).unwrap().records().unwrap(), []);
    }

    #[test]
    fn a_database_from_before_the_records_keeps_those_that_its_cases_hold() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.db");
        let entropy = &mut SeededEntropy::new([7; 32]);
        let mut store = CaseStore::create(&path, key()).unwrap();
        store.apply(&with_order(1), entropy).unwrap();
        store.connection.execute_batch("DROP TABLE records; PRAGMA user_version = 2;").unwrap();
        drop(store);
        let store = CaseStore::open(&path, key()).unwrap();
        assert_eq!(store.records().unwrap(), [record_of(&order().0).unwrap()]);
        drop(store);
        assert!(matches!(
            CaseStore::open(&path, BodyKey::generate(&mut SeededEntropy::new([8; 32]))).unwrap().records(),
            Err(StoreError::Body(_))
        ));
    }

    #[test]
    fn events_cannot_be_changed() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = CaseStore::create(&folder.path().join("cases.db"), key()).unwrap();
        store.apply(&change(1), &mut SeededEntropy::new([7; 32])).unwrap();
        assert!(store.connection.execute("UPDATE events SET what = 'nothing'", []).is_err());
        assert!(store.connection.execute("DELETE FROM events", []).is_err());
    }
}

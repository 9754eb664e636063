//! One row per origin in SQLite: the last head this witness cosigned.
//!
//! Trusted: who can set it back can make this witness cosign two histories. Never restore an older copy; a witness that lost
//! it gets a new name and key (LOG-72). Replaced only by compare-and-swap, synced to disk before it returns (LOG-22, LOG-71).

use std::path::Path;
use std::sync::Mutex;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use verify::log::checkpoint::{Checkpoint, empty_root};
use verify::log::witness::Stored;

/// The rows could not be read or written.
#[derive(Debug)]
pub struct RowsFault(pub String);

impl From<rusqlite::Error> for RowsFault {
    fn from(error: rusqlite::Error) -> RowsFault {
        RowsFault(error.to_string())
    }
}

/// A row: what was cosigned, when, and the log's note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub stored: Stored,
    /// Time of the cosignature; 0 before the first.
    pub time: u64,
    /// The log's own note, empty before the first.
    pub note: Vec<u8>,
}

/// Outcome of a compare-and-swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// With the time that the row has now: the later of its own and the given one.
    Done { time: u64 },
    /// Somebody else moved the row since it was read: judge again.
    Moved,
}

pub struct Rows {
    connection: Mutex<Connection>,
}

const SCHEMA: &str = "CREATE TABLE heads (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, \
                      time INTEGER NOT NULL, note BLOB NOT NULL) STRICT";

impl Rows {
    /// A new file; one that exists is refused by the caller.
    pub fn create(path: &Path) -> Result<Rows, RowsFault> {
        let rows = Rows::with(Connection::open(path)?)?;
        rows.locked()?.execute(SCHEMA, [])?;
        Ok(rows)
    }

    /// An existing file, never created (LOG-72).
    pub fn open(path: &Path) -> Result<Rows, RowsFault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Rows::with(Connection::open_with_flags(path, flags)?)
    }

    fn with(connection: Connection) -> Result<Rows, RowsFault> {
        // EXTRA also syncs the directory when the rollback journal goes: a swap that returned survives a power cut.
        connection.pragma_update(None, "synchronous", "EXTRA")?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        Ok(Rows { connection: Mutex::new(connection) })
    }

    fn locked(&self) -> Result<std::sync::MutexGuard<'_, Connection>, RowsFault> {
        self.connection.lock().map_err(|_| RowsFault("a request died while it held the rows".to_owned()))
    }

    /// Trusts an origin for the first time, at size 0. An origin that has a row keeps it.
    pub fn add(&self, origin: &str) -> Result<(), RowsFault> {
        let insert = "INSERT INTO heads VALUES (?1, 0, ?2, 0, x'') ON CONFLICT DO NOTHING";
        self.locked()?.execute(insert, params![origin, empty_root()])?;
        Ok(())
    }

    /// `None`: no row for this origin.
    pub fn get(&self, origin: &str) -> Result<Option<Row>, RowsFault> {
        let connection = self.locked()?;
        let mut select = connection.prepare_cached("SELECT size, root, time, note FROM heads WHERE origin = ?1")?;
        let read = |row: &rusqlite::Row<'_>| {
            let (size, time): (i64, i64) = (row.get(0)?, row.get(2)?);
            let stored = Stored { size: size.cast_unsigned(), root: row.get(1)? };
            Ok(Row { stored, time: time.cast_unsigned(), note: row.get(3)? })
        };
        Ok(select.query_row([origin], read).optional()?)
    }

    /// LOG-22: `head` in place of `old`, if the row still is `old`. Sizes are below 2^63 (a note's limit), so i64 holds them.
    pub fn swap(&self, old: &Stored, head: &Checkpoint, time: u64, note: &[u8]) -> Result<Swap, RowsFault> {
        let update = "UPDATE heads SET size = ?1, root = ?2, time = max(time, ?3), note = ?4 \
                      WHERE origin = ?5 AND size = ?6 AND root = ?7 RETURNING time";
        let (size, time) = (head.size.cast_signed(), time.cast_signed());
        let values = params![size, head.root, time, note, head.origin.as_str(), old.size.cast_signed(), old.root];
        let time: Option<i64> = self.locked()?.query_row(update, values, |row| row.get(0)).optional()?;
        Ok(time.map_or(Swap::Moved, |time| Swap::Done { time: time.cast_unsigned() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use verify::log::origin::Origin;

    fn head(size: u64, fill: u8) -> Checkpoint {
        Checkpoint { origin: Origin::parse("log.example/orders/2027").unwrap(), size, root: [fill; 32] }
    }

    #[test]
    fn log_22_of_two_swaps_from_one_row_one_is_done() {
        let dir = tempfile::tempdir().unwrap();
        let rows = Rows::create(&dir.path().join("heads.sqlite")).unwrap();
        rows.add("log.example/orders/2027").unwrap();
        let nothing = Stored::nothing();
        assert_eq!(rows.swap(&nothing, &head(9, 1), 5, b"n").unwrap(), Swap::Done { time: 5 });
        assert_eq!(rows.swap(&nothing, &head(12, 2), 6, b"m").unwrap(), Swap::Moved);
        drop(rows);
        let rows = Rows::open(&dir.path().join("heads.sqlite")).unwrap();
        let row = rows.get("log.example/orders/2027").unwrap().unwrap();
        assert_eq!(row, Row { stored: Stored { size: 9, root: [1; 32] }, time: 5, note: b"n".to_vec() });
        // Trusting it again changes nothing.
        rows.add("log.example/orders/2027").unwrap();
        assert_eq!(rows.get("log.example/orders/2027").unwrap().unwrap(), row);
        assert_eq!(rows.get("log.example/public/2027").unwrap(), None);
    }

    #[test]
    fn log_72_a_missing_file_is_not_made_by_opening() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Rows::open(&dir.path().join("heads.sqlite")).is_err());
    }
}

//! The reader process for Synapse on SQLite. SQLite has no roles, so this program makes the border and says so: it is
//! a process of its own, opens the file read-only, and an authorizer denies every column outside the allow-list before
//! SQLite prepares a query. It answers three kinds of line on stdin and runs no query text from outside.
//!
//! Trusted: whoever can change this binary can read the database, as can everybody who can read the file. The package
//! says "by program" for this source, not "by grant".

use std::io::{BufRead, Write};
use std::path::Path;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, OpenFlags, Row};
use serde::{Deserialize, Serialize};

use super::allow::may_read;
use super::queries::{Dialect, Queries};
use super::rows::{Answer, Ask, ContactRow, DeviceKeysRow, EventRow, MembershipRow, UserRow};

/// Longest request line: an [`Ask`] with the most gaps.
pub const REQUEST_LEN_MAX: usize = 1 << 20;

/// One line from the parent.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Request {
    /// Try to read every column of the database and say which could be read.
    SelfTest,
    Read(Box<Ask>),
}

/// One line to the parent.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Reply {
    SelfTest(Vec<Tried>),
    Rows(Box<Answer>),
    /// Without values: SQLite's error code only.
    Fault(String),
}

/// What happened when one column was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tried {
    pub table: String,
    pub column: String,
    pub is_readable: bool,
}

/// The authorizer. Everything that is not named here is denied: writing, attaching, pragmas, every other function.
/// A view or trigger in the database has no rights of its own: its columns pass here too.
fn allow_listed(context: AuthContext<'_>) -> Authorization {
    let is_allowed = match context.action {
        AuthAction::Select => true,
        // A query that needs no column, such as count(*), asks for the column "".
        AuthAction::Read { table_name, column_name } => {
            may_read(table_name, column_name) || column_name.is_empty() && super::allow::BASE.iter().any(|(table, _)| *table == table_name)
        }
        AuthAction::Function { function_name } => function_name == "count",
        AuthAction::Transaction { .. } => true,
        _ => false,
    };
    if is_allowed { Authorization::Allow } else { Authorization::Deny }
}

/// For naming the columns only: the schema table and the column pragma.
fn schema_only(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select => Authorization::Allow,
        AuthAction::Read { table_name, .. } if table_name.starts_with("sqlite_") || table_name.starts_with("pragma_table_") => {
            Authorization::Allow
        }
        AuthAction::Pragma { pragma_name: "table_xinfo", .. } => Authorization::Allow,
        AuthAction::Transaction { .. } => Authorization::Allow,
        _ => Authorization::Deny,
    }
}

/// A database that can be asked for allow-listed columns only.
pub struct Database {
    connection: Connection,
}

impl Database {
    pub fn open(path: &Path) -> rusqlite::Result<Database> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.authorizer(Some(allow_listed))?;
        Ok(Database { connection })
    }

    /// Every column of every table and view, hidden ones included, as `(table, column, declared type)`.
    fn columns(&mut self) -> rusqlite::Result<Vec<(String, String, String)>> {
        self.connection.authorizer(Some(schema_only))?;
        let result = self.read_columns();
        // Before anything else, also when the reading failed.
        self.connection.authorizer(Some(allow_listed))?;
        result
    }

    fn read_columns(&self) -> rusqlite::Result<Vec<(String, String, String)>> {
        let mut tables = self.connection.prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")?;
        let tables: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut columns = Vec::new();
        for table in tables {
            let mut info = self.connection.prepare(&format!("PRAGMA table_xinfo({})", quoted(&table)))?;
            let of_table = info.query_map([], |row| Ok((table.clone(), row.get(1)?, row.get(2)?)))?;
            columns.extend(of_table.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(columns)
    }

    /// Asks for every column once, as an ordinary query would.
    pub fn self_test(&mut self) -> rusqlite::Result<Vec<Tried>> {
        let mut tried = Vec::new();
        for (table, column, _) in self.columns()? {
            let query = format!("SELECT {} FROM {}", quoted(&column), quoted(&table));
            let is_readable = self.connection.prepare(&query).is_ok();
            tried.push(Tried { table, column, is_readable });
        }
        Ok(tried)
    }

    /// All rows of one batch and the schema, in one read transaction.
    pub fn read(&mut self, ask: &Ask) -> rusqlite::Result<Answer> {
        self.connection.execute_batch("BEGIN")?;
        let answer = self.columns().and_then(|columns| {
            let line = |(table, column, kind)| format!("{table} {column} {kind}");
            Ok(Answer { schema: columns.into_iter().map(line).collect(), ..self.rows(ask)? })
        });
        self.connection.execute_batch("COMMIT")?;
        answer
    }

    fn rows(&self, ask: &Ask) -> rusqlite::Result<Answer> {
        let q = Queries::new(Dialect::Sqlite, &ask.gaps);
        let (c, max) = (&self.connection, ask.rows_max);
        let mut answer = Answer { version: c.query_row(&q.version, [], |row| row.get(0))?, ..Answer::default() };
        answer.events = all(c, &q.events, (ask.events_after, max), event)?;
        let upto = answer.events.last().map_or(ask.events_after, |row| row.stream_ordering.max(ask.events_after));
        answer.events_counted = c.query_row(&q.events_counted, (ask.events_after, upto), |row| row.get(0))?;
        answer.memberships = all(c, &q.memberships, (ask.events_after, upto), membership)?;
        let (at, name) = &ask.users_after;
        answer.users = all(c, &q.users, (at, name, ask.settled_ms / 1_000, max), user)?;
        let (at, user_id, medium, address) = &ask.contacts_after;
        answer.contacts = all(c, &q.contacts, (at, user_id, medium, address, ask.settled_ms, max), contact)?;
        let (at, user_id, device_id) = &ask.device_keys_after;
        answer.device_keys = all(c, &q.device_keys, (at, user_id, device_id, ask.settled_ms, max), device_keys)?;
        if let Some(after) = &ask.census_after {
            answer.census = all(c, &q.census, (after, max), user)?;
            let last = answer.census.last().map_or(after, |row| &row.name);
            answer.census_contacts = all(c, &q.census_contacts, (after, last), contact)?;
        }
        Ok(answer)
    }

    fn answer(&mut self, line: &str) -> Reply {
        let fault = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(code) => Reply::Fault(format!("SQLite error {code:?}")),
            None => Reply::Fault("unreadable row".into()),
        };
        match serde_json::from_str(line) {
            Ok(Request::SelfTest) => self.self_test().map_or_else(fault, Reply::SelfTest),
            Ok(Request::Read(ask)) => self.read(&ask).map_or_else(fault, |answer| Reply::Rows(Box::new(answer))),
            Err(_) => Reply::Fault("unknown request".into()),
        }
    }

    /// Answers lines until the input ends.
    pub fn serve(&mut self, requests: impl BufRead, mut replies: impl Write) -> std::io::Result<()> {
        let mut requests = requests.take(REQUEST_LEN_MAX as u64);
        let mut line = String::new();
        while requests.read_line(&mut line)? > 0 {
            serde_json::to_writer(&mut replies, &self.answer(&line))?;
            replies.write_all(b"\n")?;
            replies.flush()?;
            line.clear();
            requests.set_limit(REQUEST_LEN_MAX as u64);
        }
        Ok(())
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn all<T>(
    connection: &Connection,
    query: &str,
    parameters: impl rusqlite::Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(query)?.query_map(parameters, read)?.collect()
}

fn event(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        stream_ordering: row.get(0)?,
        event_id: row.get(1)?,
        room_id: row.get(2)?,
        sender: row.get(3)?,
        origin_server_ts: row.get(4)?,
        received_ts: row.get(5)?,
        counted: row.get(6)?,
        interaction: row.get(7)?,
        wrapping: row.get(8)?,
        target: row.get(9)?,
        membership: row.get(10)?,
    })
}

fn membership(row: &Row<'_>) -> rusqlite::Result<MembershipRow> {
    Ok(MembershipRow { stream_ordering: row.get(0)?, room_id: row.get(1)?, user_id: row.get(2)?, joined: row.get(3)? })
}

fn user(row: &Row<'_>) -> rusqlite::Result<UserRow> {
    Ok(UserRow { name: row.get(0)?, creation_ts: row.get(1)?, account_kind: row.get(2)?, closed: row.get(3)?, display_name: row.get(4)? })
}

fn contact(row: &Row<'_>) -> rusqlite::Result<ContactRow> {
    Ok(ContactRow { user_id: row.get(0)?, medium: row.get(1)?, address: row.get(2)?, validated_at: row.get(3)?, added_at: row.get(4)? })
}

fn device_keys(row: &Row<'_>) -> rusqlite::Result<DeviceKeysRow> {
    Ok(DeviceKeysRow { user_id: row.get(0)?, device_id: row.get(1)?, ts_added_ms: row.get(2)? })
}

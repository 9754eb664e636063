//! The pinned schema: every table, column and type that a person has looked at.
//!
//! An upgrade of Synapse may add a column with content, or change a unit. So the connector stops at the first
//! difference (SRC-19, T17) until somebody has read it and given it a new pin. The pins of the tested version are built in.

use std::collections::BTreeSet;

use crate::source::SourceError;

const HEAD: &str = "waarborg-source-schema/v1";
const POSTGRES_94: &str = include_str!("schema-94-postgres.txt");
const SQLITE_94: &str = include_str!("schema-94-sqlite.txt");

/// Synapse makes these three while it fills its user directory (a background update; also when an administrator asks for it)
/// and drops them afterwards. They hold names of accounts and rooms, no view reads them, and the grants are tested all the same.
const PASSING: [&str; 5] = [
    "_temp_populate_user_directory_position position bigint",
    "_temp_populate_user_directory_rooms events ",
    "_temp_populate_user_directory_rooms events bigint",
    "_temp_populate_user_directory_rooms room_id text",
    "_temp_populate_user_directory_users user_id text",
];

/// Lines `table column type`, sorted, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaPin {
    columns: BTreeSet<String>,
}

impl SchemaPin {
    /// Synapse 1.163.2 (schema 94) on PostgreSQL.
    pub fn postgres_94() -> SchemaPin {
        SchemaPin::parse(POSTGRES_94).expect("Cannot fail: a test reads it")
    }

    /// Synapse 1.163.2 (schema 94) on SQLite.
    pub fn sqlite_94() -> SchemaPin {
        SchemaPin::parse(SQLITE_94).expect("Cannot fail: a test reads it")
    }

    /// Reads a pin file: the head line, then the columns in order.
    pub fn parse(text: &str) -> Result<SchemaPin, SourceError> {
        let refuse = || SourceError::Refusal { code: "SRC-19", reason: "not a schema pin, or not sorted".into() };
        let lines = text.strip_prefix(HEAD).and_then(|rest| rest.strip_prefix('\n')).ok_or_else(refuse)?;
        let columns: BTreeSet<String> = lines.lines().map(str::to_owned).collect();
        let pin = SchemaPin { columns };
        if pin.to_text() == text { Ok(pin) } else { Err(refuse()) }
    }

    /// From what a database shows, to be looked at and kept as a file.
    pub fn observed(schema: &[String]) -> SchemaPin {
        SchemaPin { columns: schema.iter().cloned().collect() }
    }

    pub fn to_text(&self) -> String {
        let lines: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        format!("{HEAD}\n{}\n", lines.join("\n"))
    }

    /// SRC-19: the first differences, or nothing.
    pub fn check(&self, schema: &[String]) -> Result<(), SourceError> {
        let is_passing = |line: &&String| PASSING.iter().any(|passing| line.eq_ignore_ascii_case(passing));
        let seen: BTreeSet<String> = schema.iter().filter(|line| !is_passing(line)).cloned().collect();
        let new = seen.difference(&self.columns).map(|line| format!("new: {line}"));
        let gone = self.columns.difference(&seen).map(|line| format!("gone: {line}"));
        let differences: Vec<String> = new.chain(gone).collect();
        if differences.is_empty() {
            return Ok(());
        }
        let shown = differences.iter().take(5).cloned().collect::<Vec<_>>().join("; ");
        let reason = format!("the schema differs from its pin in {} places: {shown}", differences.len());
        Err(SourceError::Refusal { code: "SRC-19", reason })
    }
}

//! The self-test on PostgreSQL: what the database itself says that our roles can reach.
//!
//! Asked of the catalogue of the database, for every column of every relation, views included, and not of our own
//! list: an upgrade or an administrator may have added what no list of ours knows.

use std::collections::BTreeSet;

use tokio_postgres::{Error, Transaction};

use super::allow::{VIEWS, VIEWS_ROLE, VIEWS_SCHEMA, is_forbidden, may_read};
use crate::source::SourceError;

/// Everything that the judgement needs, read in the snapshot of the batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The role that is logged in.
    pub reader: String,
    /// Role attributes of either role that must not be there, such as `superuser`.
    pub attributes: Vec<(String, String)>,
    /// Roles that either is a member of, directly or not.
    pub memberships: Vec<(String, String)>,
    /// Objects that either owns.
    pub owned: Vec<(String, String)>,
    /// role, schema, relation, column that the role can select.
    pub readable: Vec<(String, String, String, String)>,
    /// role, schema, relation or schema in which the role can write or create.
    pub writable: Vec<(String, String)>,
    /// schema.view and its owner, of what the reader can select.
    pub views: Vec<(String, String)>,
    /// Security definer functions that either may run.
    pub definer_functions: Vec<String>,
    /// Functions that reach files of the server and that either may run.
    pub file_functions: Vec<String>,
    pub views_role_exists: bool,
}

const ROLES: &str = "SELECT rolname::text, oid, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin \
     FROM pg_roles WHERE rolname = current_user OR rolname = $1";
const MEMBERSHIPS: &str = "WITH RECURSIVE over(member, role) AS ( \
       SELECT member, roleid FROM pg_auth_members UNION SELECT o.member, m.roleid FROM over o JOIN pg_auth_members m ON m.member = o.role) \
     SELECT u.rolname::text, r.rolname::text FROM over o JOIN pg_roles u ON u.oid = o.member JOIN pg_roles r ON r.oid = o.role \
     WHERE u.rolname = current_user OR u.rolname = $1";
const OWNED: &str = "SELECT r.rolname::text, o.name FROM pg_roles r JOIN ( \
       SELECT c.relowner AS owner, n.nspname || '.' || c.relname || ' (' || c.relkind::text || ')' AS name \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_toast' \
       UNION ALL SELECT proowner, 'function ' || proname FROM pg_proc \
       UNION ALL SELECT nspowner, 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_' \
       UNION ALL SELECT datdba, 'database ' || datname FROM pg_database) o ON o.owner = r.oid \
     WHERE r.rolname = current_user OR r.rolname = $1";
const READABLE: &str = "SELECT r.rolname::text, n.nspname::text, c.relname::text, a.attname::text \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles r \
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 't') AND a.attnum > 0 AND NOT a.attisdropped \
       AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND (r.rolname = current_user OR r.rolname = $1) \
       AND has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT')";
const WRITABLE: &str = "SELECT r.rolname::text, n.nspname || '.' || c.relname FROM pg_class c \
       JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles r \
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
       AND (r.rolname = current_user OR r.rolname = $1) AND c.relowner <> r.oid \
       AND (has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE') OR has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE, TRIGGER')) \
     UNION ALL SELECT r.rolname::text, 'schema ' || n.nspname FROM pg_namespace n, pg_roles r \
     WHERE (r.rolname = current_user OR r.rolname = $1) AND n.nspowner <> r.oid AND has_schema_privilege(r.oid, n.oid, 'CREATE')";
const VIEW_OWNERS: &str = "SELECT n.nspname || '.' || c.relname, o.rolname::text FROM pg_class c \
       JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner \
     WHERE c.relkind IN ('v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
       AND has_any_column_privilege(current_user, c.oid, 'SELECT')";
const FUNCTIONS: &str = "SELECT n.nspname || '.' || p.proname, p.prosecdef FROM pg_proc p \
       JOIN pg_namespace n ON n.oid = p.pronamespace, pg_roles r \
     WHERE (r.rolname = current_user OR r.rolname = $1) AND has_function_privilege(r.oid, p.oid, 'EXECUTE') \
       AND (p.prosecdef OR p.proname IN ('pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'lo_import', 'lo_export', \
            'pg_ls_logdir', 'dblink', 'dblink_exec', 'dblink_connect'))";

/// Reads what both roles can reach.
pub async fn observe(tx: &Transaction<'_>) -> Result<Reach, Error> {
    let mut reach = Reach { reader: tx.query_one("SELECT current_user::text", &[]).await?.get(0), ..Reach::default() };
    let pairs = |rows: Vec<tokio_postgres::Row>| rows.iter().map(|row| (row.get(0), row.get(1))).collect::<Vec<_>>();
    for row in tx.query(ROLES, &[&VIEWS_ROLE]).await? {
        let name: String = row.get(0);
        reach.views_role_exists |= name == VIEWS_ROLE;
        let attributes = ["superuser", "createrole", "createdb", "replication", "bypassrls"];
        for (at, attribute) in attributes.into_iter().enumerate() {
            if row.get(at + 2) {
                reach.attributes.push((name.clone(), attribute.to_owned()));
            }
        }
        if name == VIEWS_ROLE && row.get(7) {
            reach.attributes.push((name, "login".to_owned()));
        }
    }
    reach.memberships = pairs(tx.query(MEMBERSHIPS, &[&VIEWS_ROLE]).await?);
    reach.owned = pairs(tx.query(OWNED, &[&VIEWS_ROLE]).await?);
    let readable = tx.query(READABLE, &[&VIEWS_ROLE]).await?;
    reach.readable = readable.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect();
    reach.writable = pairs(tx.query(WRITABLE, &[&VIEWS_ROLE]).await?);
    reach.views = pairs(tx.query(VIEW_OWNERS, &[]).await?);
    for row in tx.query(FUNCTIONS, &[&VIEWS_ROLE]).await? {
        if row.get(1) { reach.definer_functions.push(row.get(0)) } else { reach.file_functions.push(row.get(0)) }
    }
    Ok(reach)
}

fn refuse(code: &'static str, reason: String) -> Result<(), SourceError> {
    Err(SourceError::Refusal { code, reason })
}

fn view_column(schema: &str, relation: &str, column: &str) -> bool {
    schema == VIEWS_SCHEMA && VIEWS.iter().any(|view| view.name == relation && view.columns.contains(&column))
}

impl Reach {
    /// Refuses to go on if either role can reach anything but its list. Pure, so every rule has its own test.
    pub fn judge(&self) -> Result<(), SourceError> {
        self.judge_roles()?;
        self.judge_columns()?;
        // SRC-15
        if let Some((role, what)) = self.writable.first() {
            return refuse("SRC-15", format!("{role} can change or create in {what}"));
        }
        // SRC-17: a view reads with its owner's rights; one of a mightier owner would read anything under any name.
        if let Some((view, owner)) = self.views.iter().find(|(_, owner)| owner != VIEWS_ROLE) {
            return refuse("SRC-17", format!("view {view} belongs to {owner}, not to {VIEWS_ROLE}"));
        }
        // SRC-18
        if let Some(function) = self.definer_functions.iter().chain(&self.file_functions).next() {
            return refuse("SRC-18", format!("function {function} can be run and reads with other rights"));
        }
        Ok(())
    }

    fn judge_roles(&self) -> Result<(), SourceError> {
        // SRC-28
        if !self.views_role_exists || self.reader == VIEWS_ROLE {
            return refuse("SRC-28", format!("the role {VIEWS_ROLE} and a reader of its own are needed: run synapse-grants.sql"));
        }
        // SRC-10
        if let Some((role, attribute)) = self.attributes.first() {
            return refuse("SRC-10", format!("role {role} has the attribute {attribute}"));
        }
        // SRC-11
        if let Some((role, of)) = self.memberships.first() {
            return refuse("SRC-11", format!("role {role} is a member of {of}"));
        }
        // SRC-12: an owner can read, and can grant to itself, whatever its grants say now.
        let ours: BTreeSet<String> =
            VIEWS.iter().map(|view| format!("{VIEWS_SCHEMA}.{} (v)", view.name)).chain([format!("schema {VIEWS_SCHEMA}")]).collect();
        match self.owned.iter().find(|(role, what)| role != VIEWS_ROLE || !ours.contains(what)) {
            Some((role, what)) => refuse("SRC-12", format!("role {role} owns {what}")),
            None => Ok(()),
        }
    }

    fn judge_columns(&self) -> Result<(), SourceError> {
        // SRC-13 before SRC-14, so that the worst is named first.
        let worst = |(_, _, table, column): &&(String, String, String, String)| is_forbidden(table, column);
        if let Some((role, schema, table, column)) = self.readable.iter().find(worst) {
            return refuse("SRC-13", format!("{role} can read {schema}.{table}.{column}: content or secrets"));
        }
        for (role, schema, table, column) in &self.readable {
            let is_view = view_column(schema, table, column);
            let is_base = schema == "public" && may_read(table, column);
            // The reader sees the views and nothing below them; the owner of the views sees both.
            if !(is_view || is_base && role == VIEWS_ROLE) {
                return refuse("SRC-14", format!("{role} can read {schema}.{table}.{column}, which is not on the list"));
            }
        }
        // SRC-16
        for view in VIEWS {
            for column in view.columns {
                let has = |(role, schema, table, name): &(String, String, String, String)| {
                    *role == self.reader && schema == VIEWS_SCHEMA && table == view.name && name == column
                };
                if !self.readable.iter().any(has) {
                    let reason = format!("{} cannot read {VIEWS_SCHEMA}.{}.{column}", self.reader, view.name);
                    return refuse("SRC-16", reason);
                }
            }
        }
        Ok(())
    }
}

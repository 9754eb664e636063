//! Synapse on PostgreSQL: one repeatable-read snapshot a batch, self-test and drift check inside the same snapshot.
//!
//! Trusted: the database's own catalogue. The claim "this process cannot read ciphertext or keys" is a claim about
//! grants, and anybody with access to that catalogue can check it (`crates/sources/sql/synapse-grants.sql`).

use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, Error, IsolationLevel, NoTls, Row, Transaction};

use super::postgres_check::{Reach, observe};
use super::queries::{Dialect, Queries};
use super::rows::{Answer, Ask, ContactRow, DeviceKeysRow, EventRow, MembershipRow, UserRow};
use super::schema::SchemaPin;
use crate::source::SourceError;

const SCHEMA: &str = "SELECT c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped";

/// A connection that is made when it is needed, and again after a fault.
pub struct PostgresReader {
    config: Config,
    pin: SchemaPin,
    client: Option<Client>,
}

fn fault(error: Error) -> SourceError {
    // The database's message may quote values; its code never does.
    let what = match error.code() {
        Some(code) => format!("PostgreSQL error {}", code.code()),
        None => "no connection to PostgreSQL".to_owned(),
    };
    SourceError::Fault(what)
}

impl PostgresReader {
    /// `connection`: `host=127.0.0.1 port=5432 dbname=synapse user=waarborg_reader`, or a Unix socket directory as host.
    /// SRC-25: other hosts are refused, because the connection is not encrypted; use a tunnel that ends on this machine.
    pub fn new(connection: &str, pin: SchemaPin) -> Result<PostgresReader, SourceError> {
        let refuse = |reason: &str| SourceError::Refusal { code: "SRC-25", reason: reason.into() };
        let config: Config = connection.parse().map_err(|_| refuse("the connection text cannot be read"))?;
        let is_here = |host: &Host| match host {
            Host::Tcp(name) => matches!(name.as_str(), "127.0.0.1" | "::1" | "localhost"),
            Host::Unix(_) => true,
        };
        if config.get_hosts().is_empty() || !config.get_hosts().iter().all(is_here) || !config.get_hostaddrs().is_empty() {
            return Err(refuse("the database must be reached over loopback or a Unix socket"));
        }
        Ok(PostgresReader { config, pin, client: None })
    }

    async fn client(&mut self) -> Result<&mut Client, SourceError> {
        if self.client.as_ref().is_none_or(Client::is_closed) {
            let (client, connection) = self.config.connect(NoTls).await.map_err(fault)?;
            // Ends by itself when the client is dropped; its error shows in the next query.
            tokio::spawn(connection);
            self.client = Some(client);
        }
        self.client.as_mut().ok_or_else(|| SourceError::Fault("no connection to PostgreSQL".into()))
    }

    /// What both roles can reach now, for `source check` and the tests.
    pub async fn reach(&mut self) -> Result<Reach, SourceError> {
        let tx = self.client().await?.transaction().await.map_err(fault)?;
        observe(&tx).await.map_err(fault)
    }

    /// The columns of the database, to make a new pin from.
    pub async fn schema(&mut self) -> Result<SchemaPin, SourceError> {
        let tx = self.client().await?.transaction().await.map_err(fault)?;
        Ok(SchemaPin::observed(&schema(&tx).await.map_err(fault)?))
    }

    /// Self-test, drift check and rows, all of one snapshot: a grant made between the test and the reading changes nothing.
    pub async fn read(&mut self, ask: &Ask) -> Result<Answer, SourceError> {
        let pin = self.pin.clone();
        let client = self.client().await?;
        let build = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
        let tx = build.start().await.map_err(fault)?;
        observe(&tx).await.map_err(fault)?.judge()?;
        let mut answer = Answer { schema: schema(&tx).await.map_err(fault)?, ..Answer::default() };
        pin.check(&answer.schema)?;
        rows(&tx, ask, &mut answer).await.map_err(fault)?;
        tx.commit().await.map_err(fault)?;
        Ok(answer)
    }
}

async fn schema(tx: &Transaction<'_>) -> Result<Vec<String>, Error> {
    Ok(tx.query(SCHEMA, &[]).await?.iter().map(|row| row.get(0)).collect())
}

async fn rows(tx: &Transaction<'_>, ask: &Ask, answer: &mut Answer) -> Result<(), Error> {
    let q = Queries::new(Dialect::Postgres, &ask.gaps);
    let max = i64::from(ask.rows_max);
    answer.snapshot = tx.query_one("SELECT pg_current_snapshot()::text", &[]).await?.get(0);
    answer.version = i64::from(tx.query_one(&q.version, &[]).await?.get::<_, i32>(0));
    answer.events = tx.query(&q.events, &[&ask.events_after, &max]).await?.iter().map(event).collect();
    let upto = answer.events.last().map_or(ask.events_after, |row| row.stream_ordering.max(ask.events_after));
    answer.events_counted = tx.query_one(&q.events_counted, &[&ask.events_after, &upto]).await?.get(0);
    answer.memberships = tx.query(&q.memberships, &[&ask.events_after, &upto]).await?.iter().map(membership).collect();
    let (at, name) = &ask.users_after;
    answer.users = tx.query(&q.users, &[at, name, &(ask.settled_ms / 1_000), &max]).await?.iter().map(user).collect();
    let (at, user_id, medium, address) = &ask.contacts_after;
    answer.contacts = tx.query(&q.contacts, &[at, user_id, medium, address, &ask.settled_ms, &max]).await?.iter().map(contact).collect();
    let (at, user_id, device_id) = &ask.device_keys_after;
    answer.device_keys =
        tx.query(&q.device_keys, &[at, user_id, device_id, &ask.settled_ms, &max]).await?.iter().map(device_keys).collect();
    if let Some(after) = &ask.census_after {
        answer.census = tx.query(&q.census, &[after, &max]).await?.iter().map(user).collect();
        let last = answer.census.last().map_or(after, |row| &row.name);
        answer.census_contacts = tx.query(&q.census_contacts, &[after, last]).await?.iter().map(contact).collect();
    }
    Ok(())
}

fn event(row: &Row) -> EventRow {
    EventRow {
        stream_ordering: row.get(0),
        event_id: row.get(1),
        room_id: row.get(2),
        sender: row.get(3),
        origin_server_ts: row.get(4),
        received_ts: row.get(5),
        counted: row.get::<_, i32>(6) == 1,
        interaction: row.get(7),
        wrapping: row.get(8),
        target: row.get(9),
        membership: row.get(10),
    }
}

fn membership(row: &Row) -> MembershipRow {
    MembershipRow { stream_ordering: row.get(0), room_id: row.get(1), user_id: row.get(2), joined: row.get::<_, i32>(3) == 1 }
}

fn user(row: &Row) -> UserRow {
    UserRow {
        name: row.get(0),
        creation_ts: row.get(1),
        account_kind: row.get(2),
        closed: row.get::<_, i32>(3) == 1,
        display_name: row.get(4),
    }
}

fn contact(row: &Row) -> ContactRow {
    ContactRow { user_id: row.get(0), medium: row.get(1), address: row.get(2), validated_at: row.get(3), added_at: row.get(4) }
}

fn device_keys(row: &Row) -> DeviceKeysRow {
    DeviceKeysRow { user_id: row.get(0), device_id: row.get(1), ts_added_ms: row.get(2) }
}

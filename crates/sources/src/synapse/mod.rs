//! Matrix Synapse as a source, on PostgreSQL and on SQLite.
//!
//! Events become traffic records, registrations and contacts subscriber and identification records, stored device keys
//! device records. Slots follow `received_ts`, the server's own clock; `origin_server_ts` can be set by anybody who
//! sends, so it is kept as `claimed` and never moves a record (decision record on event time).

pub mod allow;
pub mod position;
mod postgres;
pub mod postgres_check;
mod queries;
pub mod records;
pub mod rows;
mod schema;
mod sqlite;
pub mod sqlite_reader;

use std::path::PathBuf;

pub use postgres::PostgresReader;
pub use records::Provider;
pub use schema::SchemaPin;
pub use sqlite::{SqliteReader, judge};

use crate::source::{Batch, Column, Description, Position, Reading, Source, SourceError};
use position::{Read, has_more};

/// Most rows of each part of a batch.
pub const ROWS_MAX: u32 = 2_000;

/// How to reach a Synapse's database.
pub enum Access {
    /// A connection text of tokio-postgres; loopback or Unix socket.
    Postgres { connection: String },
    /// The database file, and the command line of the reader process.
    Sqlite { database: PathBuf, reader: Vec<String> },
}

/// What a node's configuration says about one Synapse.
pub struct SynapseConfig {
    pub provider: Provider,
    pub access: Access,
    /// `None`: the pin of the tested version.
    pub pin: Option<SchemaPin>,
    /// Whether this run imports history (SEA-80).
    pub history: bool,
}

enum Reader {
    Postgres(PostgresReader),
    Sqlite(SqliteReader),
}

/// The source. Nothing is read before its self-test has passed; every batch on PostgreSQL repeats it.
pub struct Synapse {
    provider: Provider,
    reader: Reader,
    history: bool,
    version: i64,
    rows_max: u32,
}

impl Synapse {
    pub fn new(config: SynapseConfig) -> Result<Synapse, SourceError> {
        let reader = match config.access {
            Access::Postgres { connection } => {
                let pin = config.pin.unwrap_or_else(SchemaPin::postgres_94);
                Reader::Postgres(PostgresReader::new(&connection, pin)?)
            }
            Access::Sqlite { database, reader } => {
                let pin = config.pin.unwrap_or_else(SchemaPin::sqlite_94);
                Reader::Sqlite(SqliteReader::new(reader, database, pin))
            }
        };
        Ok(Synapse { provider: config.provider, reader, history: config.history, version: 0, rows_max: ROWS_MAX })
    }

    /// Smaller batches, for slow machines and for tests.
    pub fn with_rows_max(self, rows_max: u32) -> Synapse {
        Synapse { rows_max: rows_max.clamp(1, ROWS_MAX), ..self }
    }

    /// The database's schema as it is now, to be read by a person and kept as the next pin (SRC-19).
    pub async fn schema(&mut self) -> Result<SchemaPin, SourceError> {
        match &mut self.reader {
            Reader::Postgres(reader) => reader.schema().await,
            Reader::Sqlite(reader) => reader.schema().await,
        }
    }

    async fn batch(&mut self, after: &Position, now_ms: u64) -> Result<Batch, SourceError> {
        let mut read = Read::parse(after)?;
        let ask = read.ask(now_ms, self.rows_max);
        let answer = match &mut self.reader {
            Reader::Postgres(reader) => reader.read(&ask).await?,
            Reader::Sqlite(reader) => reader.read(&ask).await?,
        };
        let made = records::make(&self.provider, &ask, &answer, now_ms)?;
        self.version = answer.version;
        Ok(Batch {
            records: made.records,
            refused: made.refused,
            position: read.after(&answer, now_ms, self.rows_max).to_position(),
            more: has_more(&answer, self.rows_max),
            history: self.history,
            snapshot: answer.snapshot,
        })
    }
}

impl Source for Synapse {
    fn describe(&self) -> Description {
        let column = |name: &str, meaning, unit, origin| Column { name: name.into(), meaning, unit, origin };
        Description {
            name: self.provider.source.clone(),
            system: format!("Matrix Synapse, schema {}", self.version),
            columns: vec![
                column("events.stream_ordering", "order in which this server stored the event", "number", "server"),
                column("events.received_ts", "when the server received the event", "ms since 1970 UTC", "server"),
                column("events.origin_server_ts", "claimed time", "ms since 1970 UTC", "sender: forgeable"),
                column("events.sender", "who sent it", "text", "server"),
                column("events.room_id", "conversation", "text", "server"),
                column("events.event_id", "message", "text", "server"),
                column("events.type", "kind, reduced to a word of a closed list", "text", "sender"),
                column("events.state_key", "only whether there is one", "yes or no", "sender"),
                column("room_memberships.membership", "who was in the conversation", "text", "server"),
                column("users.creation_ts", "registration", "s since 1970 UTC", "server"),
                column("users.name", "account", "text", "server"),
                column("profiles.displayname", "shown name, in monthly copies only", "text", "user"),
                column("user_threepids.added_at", "contact added", "ms since 1970 UTC", "server"),
                column("user_threepids.validated_at", "contact confirmed", "ms since 1970 UTC", "server"),
                column("user_threepids.address", "e-mail address or number", "text", "user, confirmed"),
                column("e2e_device_keys_json.ts_added_ms", "device keys stored", "ms since 1970 UTC", "server"),
                column("e2e_device_keys_json.device_id", "device", "text", "device"),
            ],
            slot_time: "events.received_ts",
            never_held: vec![
                "sizes of messages: the size stands only inside the content",
                "addresses and user agents: user_ips and devices keep the last use only, no event (SEA-79)",
                "log-ins and log-offs: not recorded as events",
                "removal of contacts and devices: the rows are deleted",
                "earlier keys of a device: a new upload overwrites the row",
            ],
            content_barrier: match self.reader {
                Reader::Postgres(_) => "by the database's grants, tested for every column before every batch",
                Reader::Sqlite(_) => "by this program: a reader process whose authorizer denies every other column",
            },
        }
    }

    fn is_history(&self) -> bool {
        self.history
    }

    fn next<'a>(&'a mut self, after: &'a Position, now_ms: u64) -> Reading<'a> {
        Box::pin(self.batch(after, now_ms))
    }
}

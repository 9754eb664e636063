//! What the script has started, and how to read it all.

use std::sync::LazyLock;

use seal::catalogue::Record;
use serde_json::Value;
use sources::synapse::{Access, Provider, Synapse, SynapseConfig};
use sources::{Batch, Indexed, Position, Refused, Source, SourceError};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

pub static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Far enough ahead that every row of the exchange has settled, near enough that no event looks old.
const AHEAD_MS: u64 = 120_000;

pub fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run lab/synapse_test.sh"))
}

pub fn now_ms() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    now.as_millis() as u64 + AHEAD_MS
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    Postgres,
    Sqlite,
}

impl Server {
    pub const BOTH: [Server; 2] = [Server::Postgres, Server::Sqlite];

    pub fn source(self) -> Synapse {
        let access = match self {
            Server::Postgres => Access::Postgres { connection: env("WAARBORG_LAB_READER") },
            Server::Sqlite => Access::Sqlite {
                database: env("WAARBORG_LAB_SQLITE").into(),
                reader: vec![env!("CARGO_BIN_EXE_waarborg-synapse-reader").into()],
            },
        };
        let provider = Provider { source: "synapse".into(), server_name: "waarborg.test".into() };
        Synapse::new(SynapseConfig { provider, access, pin: None, history: false }).unwrap()
    }

    /// What `traffic.py` wrote: `expected` or `admin`.
    pub fn said(self, what: &str) -> Value {
        let dir = match self {
            Server::Postgres => env("WAARBORG_LAB_SAID_POSTGRES"),
            Server::Sqlite => env("WAARBORG_LAB_SAID_SQLITE"),
        };
        serde_json::from_str(&std::fs::read_to_string(format!("{dir}/{what}.json")).unwrap()).unwrap()
    }

    /// Everything from the beginning, in batches of 7 rows.
    pub fn all(self) -> (Vec<Indexed>, Vec<Refused>, Position) {
        let mut source = self.source().with_rows_max(7);
        let (mut records, mut refused, mut position) = (Vec::new(), Vec::new(), Position::default());
        loop {
            let batch = next(&mut source, &position).unwrap();
            records.extend(batch.records);
            refused.extend(batch.refused);
            position = batch.position;
            if !batch.more {
                return (records, refused, position);
            }
        }
    }
}

pub fn next(source: &mut Synapse, after: &Position) -> Result<Batch, SourceError> {
    RUNTIME.block_on(source.next(after, now_ms()))
}

pub fn line(record: &Record) -> Value {
    serde_json::from_str(&record.json_line()).unwrap()
}

pub async fn connect(connection: &str) -> Client {
    let (client, driver) = tokio_postgres::connect(connection, NoTls).await.unwrap();
    tokio::spawn(driver);
    client
}

/// A superuser's connection. Holds a lock, so that tests that change grants do not disturb the others.
pub fn superuser() -> Client {
    RUNTIME.block_on(async {
        let client = connect(&env("WAARBORG_LAB_SUPERUSER")).await;
        client.execute("SELECT pg_advisory_lock(4711)", &[]).await.unwrap();
        client
    })
}

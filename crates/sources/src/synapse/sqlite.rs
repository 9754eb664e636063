//! The parent of the reader process: starts it, tests it before every first use, asks it for rows.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::allow::{BASE, FORBIDDEN, is_forbidden, may_read};
use super::position::Read;
use super::rows::{Answer, Ask};
use super::schema::SchemaPin;
use super::sqlite_reader::{Reply, Request, Tried};
use crate::source::SourceError;

/// Longest reply line: 64 MiB, far above the most rows of a batch.
const REPLY_LEN_MAX: u64 = 64 << 20;

/// How long a reply may take; a reader that hangs must not hang the sealer.
const REPLY_WAIT: Duration = Duration::from_secs(60);

/// A reader process that passed its self-test.
struct Running {
    _child: Child,
    requests: ChildStdin,
    replies: BufReader<ChildStdout>,
}

/// Starts the reader when it is needed, and again after a fault.
pub struct SqliteReader {
    /// The reader's command line without the database: `["/usr/bin/waarborg-synapse-reader"]`.
    command: Vec<String>,
    database: PathBuf,
    pin: SchemaPin,
    running: Option<Running>,
}

impl SqliteReader {
    pub fn new(command: Vec<String>, database: PathBuf, pin: SchemaPin) -> SqliteReader {
        SqliteReader { command, database, pin, running: None }
    }

    async fn running(&mut self) -> Result<&mut Running, SourceError> {
        if self.running.is_none() {
            let mut running = self.start()?;
            let tried = match running.ask(&Request::SelfTest).await? {
                Reply::SelfTest(tried) => tried,
                Reply::Fault(what) => return Err(SourceError::Fault(what)),
                Reply::Rows(_) => return Err(broken()),
            };
            judge(&tried)?;
            self.running = Some(running);
        }
        self.running.as_mut().ok_or_else(broken)
    }

    fn start(&self) -> Result<Running, SourceError> {
        let fault = |_| SourceError::Fault("the reader process does not start".into());
        let (program, arguments) = self.command.split_first().ok_or_else(|| SourceError::Fault("no reader program is named".into()))?;
        let mut child = Command::new(program)
            .args(arguments)
            .arg(&self.database)
            // Nothing of ours for it to read or to leak.
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(fault)?;
        let (Some(requests), Some(replies)) = (child.stdin.take(), child.stdout.take()) else { return Err(broken()) };
        Ok(Running { _child: child, requests, replies: BufReader::new(replies) })
    }

    /// The columns of the database, to make a new pin from. No rows are read.
    pub async fn schema(&mut self) -> Result<SchemaPin, SourceError> {
        let nothing = Read::default().ask(0, 0);
        match self.running().await?.ask(&Request::Read(Box::new(nothing))).await? {
            Reply::Rows(answer) => Ok(SchemaPin::observed(&answer.schema)),
            Reply::Fault(what) => Err(SourceError::Fault(what)),
            Reply::SelfTest(_) => Err(broken()),
        }
    }

    /// The rows of one batch. A reader that failed is not asked again: the next call starts and tests a new one.
    pub async fn read(&mut self, ask: &Ask) -> Result<Answer, SourceError> {
        let reply = self.running().await?.ask(&Request::Read(Box::new(ask.clone()))).await;
        match reply {
            Ok(Reply::Rows(answer)) => {
                self.pin.check(&answer.schema)?;
                Ok(*answer)
            }
            Ok(Reply::Fault(what)) => {
                self.running = None;
                Err(SourceError::Fault(what))
            }
            Ok(Reply::SelfTest(_)) => {
                self.running = None;
                Err(broken())
            }
            Err(error) => {
                self.running = None;
                Err(error)
            }
        }
    }
}

/// SRC-27: the process at the other end is not our reader.
fn broken() -> SourceError {
    SourceError::Refusal { code: "SRC-27", reason: "the reader process does not speak the reader's language".into() }
}

impl Running {
    async fn ask(&mut self, request: &Request) -> Result<Reply, SourceError> {
        let fault = |_| SourceError::Fault("the reader process is gone".into());
        let mut line = serde_json::to_string(request).map_err(|_| broken())?;
        line.push('\n');
        self.requests.write_all(line.as_bytes()).await.map_err(fault)?;
        self.requests.flush().await.map_err(fault)?;
        let mut reply = String::new();
        let mut replies = (&mut self.replies).take(REPLY_LEN_MAX);
        let reading = tokio::time::timeout(REPLY_WAIT, replies.read_line(&mut reply));
        let read = reading.await.map_err(|_| SourceError::Fault("the reader process hangs".into()))?.map_err(fault)?;
        if read == 0 {
            return Err(SourceError::Fault("the reader process is gone".into()));
        }
        serde_json::from_str(&reply).map_err(|_| broken())
    }
}

/// SRC-26: every column of the database was asked for. Something forbidden must have been there to be denied, what
/// is needed must be readable, and nothing else may be.
pub fn judge(tried: &[Tried]) -> Result<(), SourceError> {
    let refuse = |code, reason| Err(SourceError::Refusal { code, reason });
    let readable: Vec<&Tried> = tried.iter().filter(|t| t.is_readable).collect();
    if let Some(t) = readable.iter().find(|t| is_forbidden(&t.table, &t.column)) {
        return refuse("SRC-13", format!("the reader can read {}.{}: content or secrets", t.table, t.column));
    }
    if let Some(t) = readable.iter().find(|t| !may_read(&t.table, &t.column)) {
        return refuse("SRC-14", format!("the reader can read {}.{}, which is not on the list", t.table, t.column));
    }
    let needed = BASE.iter().flat_map(|(table, columns)| columns.iter().map(move |column| (*table, *column)));
    for (table, column) in needed {
        if !readable.iter().any(|t| t.table == table && t.column == column) {
            return refuse("SRC-16", format!("the reader cannot read {table}.{column}"));
        }
    }
    let denied = |(table, column): &&(&str, &str)| tried.iter().any(|t| t.table == *table && t.column == *column);
    if !FORBIDDEN.iter().any(|forbidden| denied(&forbidden)) {
        return refuse("SRC-26", "nothing forbidden was tried, so the test shows nothing".into());
    }
    Ok(())
}

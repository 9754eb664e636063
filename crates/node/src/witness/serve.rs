//! The witness as a process: add-checkpoint, the monitoring GET, evidence, `init` and `run`.

use std::fs::File;
use std::future::Future;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path as UrlPath, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use verify::log::note::{SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::refusal::Refusal;
use verify::log::vkey::{KeyKind, VerifierKey};
use verify::log::witness::{Config, Request, Stored, Verdict, judge};

use super::rows::{Row, Rows, RowsFault, Swap};
use crate::log::config::WitnessConfig;

/// Why a witness ended or never began.
#[derive(Debug)]
pub enum WitnessError {
    Config(String),
    /// LOG-72: no state, or none for a configured origin. Lost state means a new name and key.
    NoState(String),
    /// `init` refuses anything that exists.
    Exists(String),
    Locked,
    Rows(RowsFault),
}

impl WitnessError {
    pub fn code(&self) -> &'static str {
        match self {
            WitnessError::Config(_) => "CONFIG",
            WitnessError::NoState(_) | WitnessError::Exists(_) | WitnessError::Locked => "LOG-72",
            WitnessError::Rows(_) => "FAULT",
        }
    }
}

impl std::fmt::Display for WitnessError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WitnessError::Config(what) => write!(f, "configuration: {what}"),
            WitnessError::NoState(what) => write!(f, "no state: {what}"),
            WitnessError::Exists(what) => write!(f, "{what} exists already; init never overwrites"),
            WitnessError::Locked => f.write_str("another process runs on this state directory"),
            WitnessError::Rows(fault) => f.write_str(&fault.0),
        }
    }
}

/// What the handlers share.
struct Witness {
    config: Config,
    rows: Rows,
    signer: Signer,
    evidence: PathBuf,
}

fn rows_path(state_dir: &Path) -> PathBuf {
    state_dir.join("heads.sqlite")
}

fn logs(config: &WitnessConfig) -> Result<Config, WitnessError> {
    let wrong = |refusal: Refusal| WitnessError::Config(refusal.to_string());
    let mut logs = Config::default();
    for log in &config.logs {
        let origin = Origin::parse(&log.origin).map_err(wrong)?;
        let keys: Result<Vec<VerifierKey>, Refusal> = log.vkeys.iter().map(|text| VerifierKey::parse(text)).collect();
        let keys = keys.map_err(wrong)?;
        if keys.is_empty() || keys.iter().any(|key| !origin.is_name_of(key.name())) {
            return Err(WitnessError::Config(format!("{origin}: its keys are named like the origin (LOG-11)")));
        }
        logs.logs.insert(origin, keys);
    }
    Ok(logs)
}

/// `waarborg witness init`: the rows, each origin at size 0. Refuses anything that exists.
pub fn init(config: &WitnessConfig) -> Result<(), WitnessError> {
    let logs = logs(config)?;
    let path = rows_path(&config.state_dir);
    if path.exists() {
        return Err(WitnessError::Exists(path.display().to_string()));
    }
    let evidence = config.state_dir.join("evidence");
    std::fs::create_dir_all(&evidence).map_err(|error| WitnessError::Config(format!("{}: {error}", evidence.display())))?;
    let rows = Rows::create(&path).map_err(WitnessError::Rows)?;
    logs.logs.keys().try_for_each(|origin| rows.add(origin.as_str())).map_err(WitnessError::Rows)
}

/// `waarborg witness trust`: a row at size 0 for each origin of the configuration that has none. An explicit act, because
/// first use is the one moment at which a witness believes.
pub fn trust(config: &WitnessConfig) -> Result<(), WitnessError> {
    let rows = open_rows(config)?;
    logs(config)?.logs.keys().try_for_each(|origin| rows.add(origin.as_str())).map_err(WitnessError::Rows)
}

fn open_rows(config: &WitnessConfig) -> Result<Rows, WitnessError> {
    let path = rows_path(&config.state_dir);
    if !path.is_file() {
        return Err(WitnessError::NoState(path.display().to_string()));
    }
    Rows::open(&path).map_err(WitnessError::Rows)
}

/// A witness that runs.
pub struct Running {
    pub address: SocketAddr,
    serving: JoinHandle<()>,
    _lock: File,
}

impl Running {
    pub async fn until(self, shutdown: impl Future<Output = ()>) -> Result<(), WitnessError> {
        shutdown.await;
        self.serving.abort();
        // The next process may start at once.
        drop(self.serving.await);
        Ok(())
    }
}

/// `waarborg witness run`.
pub async fn run(config: WitnessConfig, shutdown: impl Future<Output = ()>) -> Result<(), WitnessError> {
    start(config).await?.until(shutdown).await
}

/// Checks the state and serves. Never creates (LOG-72).
pub async fn start(config: WitnessConfig) -> Result<Running, WitnessError> {
    let signer = crate::log::keys::load(&config.signing_key_file).map_err(|error| WitnessError::Config(error.to_string()))?;
    if signer.vkey().kind() != KeyKind::Cosignature || signer.vkey().name().as_str() != config.name {
        return Err(WitnessError::Config("the signing key is not this name's 0x04 key".to_owned()));
    }
    let logs = logs(&config)?;
    let rows = open_rows(&config)?;
    for origin in logs.logs.keys() {
        if rows.get(origin.as_str()).map_err(WitnessError::Rows)?.is_none() {
            return Err(WitnessError::NoState(format!("no row for {origin}")));
        }
    }
    let held = crate::log::run::advisory_lock(&config.state_dir).map_err(|_| WitnessError::Locked)?;
    let witness = Arc::new(Witness { config: logs, rows, signer, evidence: config.state_dir.join("evidence") });
    let bound = TcpListener::bind(&config.listen).await.and_then(|listener| listener.local_addr().map(|at| (listener, at)));
    let (listener, address) = bound.map_err(|error| WitnessError::Config(format!("{}: {error}", config.listen)))?;
    let router =
        Router::new().route("/add-checkpoint", post(add_checkpoint)).route("/{origin}/checkpoint", get(monitoring)).with_state(witness);
    let serving = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
    Ok(Running { address, serving, _lock: held })
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Body) -> Response {
    // LOG-73: 64 KiB. More is malformed, not "payload too large": the text knows 400 only.
    let Ok(body) = axum::body::to_bytes(body, Request::LEN_MAX).await else {
        return answer(&Verdict::Malformed(Refusal::NoteTooLong));
    };
    let now = crate::log::unix_now();
    // Signing and SQLite block; a witness is asked a few times a minute.
    let done = tokio::task::spawn_blocking(move || witness.add(&body, now)).await;
    match done {
        Ok(Ok(response)) => response,
        _ => (StatusCode::SERVICE_UNAVAILABLE, "try again later\n").into_response(),
    }
}

fn answer(verdict: &Verdict) -> Response {
    let status = StatusCode::from_u16(verdict.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let (content_type, body) = verdict.body();
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

impl Witness {
    fn add(&self, body: &[u8], now: u64) -> Result<Response, RowsFault> {
        let request = match Request::parse(body) {
            Ok(request) => request,
            Err(refusal) => return Ok(answer(&Verdict::Malformed(refusal))),
        };
        loop {
            let row = self.rows.get(request.head().origin.as_str())?;
            let stored = row.as_ref().map_or(Stored::nothing(), |row| row.stored);
            match judge(stored, &request, &self.config) {
                Verdict::Cosign { old, head } => {
                    // LOG-22: checked and stored in one atomic step, then signed, then answered. Moved: judge the new row.
                    if self.rows.swap(&old, &head, now, &request.checkpoint.to_bytes())? == Swap::Moved {
                        continue;
                    }
                    let line = self.signer.cosign(&head.to_text(), now).map_err(|refusal| RowsFault(refusal.to_string()))?;
                    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
                    return Ok((headers, format!("{}\n", line.to_line().trim_end())).into_response());
                }
                verdict => {
                    if matches!(verdict, Verdict::Inconsistent(_)) {
                        self.keep_evidence(body, row.as_ref())?;
                    }
                    return Ok(answer(&verdict));
                }
            }
        }
    }

    /// LOG-73: request and stored note, named by their hash, so a repeated request fills nothing up; synced before the answer.
    fn keep_evidence(&self, request: &[u8], row: Option<&Row>) -> Result<(), RowsFault> {
        let stored = row.map_or(&[][..], |row| &row.note);
        let id = verify::spelling::hex(&seal::digest::sha256(&[&seal::digest::sha256(&[request]), stored])[..8]);
        for (part, bytes) in [("request", request), ("stored", stored)] {
            let path = self.evidence.join(format!("{id}-{part}"));
            let written = File::create(&path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
            written.map_err(|error| RowsFault(format!("{}: {error}", path.display())))?;
        }
        Ok(())
    }

    /// The last cosigned head with log and witness lines. The line is made again with its stored time: Ed25519 gives the same.
    fn cosigned(&self, origin: &Origin) -> Result<Option<Vec<u8>>, RowsFault> {
        let Some(row) = self.rows.get(origin.as_str())?.filter(|row| row.time != 0) else {
            return Ok(None);
        };
        let broken = |refusal: Refusal| RowsFault(refusal.to_string());
        let note = SignedNote::parse(&row.note).map_err(broken)?;
        let line = self.signer.cosign(note.text(), row.time).map_err(broken)?;
        // The witness's own line first after the log's: at most 16 are written.
        let lines = note.signatures().iter().take(15).cloned().chain([line]).collect();
        Ok(Some(SignedNote::new(note.text().to_owned(), lines).map_err(broken)?.to_bytes()))
    }
}

async fn monitoring(State(witness): State<Arc<Witness>>, UrlPath(digest): UrlPath<String>) -> Response {
    let origin = witness.config.logs.keys().find(|origin| verify::spelling::hex(&origin.digest()) == digest).cloned();
    let Some(origin) = origin else {
        return (StatusCode::NOT_FOUND, "unknown origin\n").into_response();
    };
    match tokio::task::spawn_blocking(move || witness.cosigned(&origin)).await {
        Ok(Ok(Some(note))) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response(),
        Ok(Ok(None)) => (StatusCode::NOT_FOUND, "no checkpoint yet\n").into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "try again later\n").into_response(),
    }
}

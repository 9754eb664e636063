//! The witness as a process: add-checkpoint, the monitoring GET, evidence, `init` and `run`.

use std::fs::File;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path as UrlPath, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use verify::log::origin::Origin;
use verify::log::refusal::Refusal;
use verify::log::vkey::{KeyKind, VerifierKey};
use verify::log::witness::{Config, Request, Verdict};

use super::judge::{Answer, Witness};
use super::rows::{Rows, RowsFault};
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

const EVIDENCE: &str = "evidence";

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
    let evidence = config.state_dir.join(EVIDENCE);
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
    stop: oneshot::Sender<()>,
    _lock: File,
}

/// How long a request that is being answered may take after the stop.
const LAST_ANSWER: Duration = Duration::from_secs(5);

impl Running {
    pub async fn until(self, shutdown: impl Future<Output = ()>) -> Result<(), WitnessError> {
        let Running { mut serving, stop, .. } = self;
        shutdown.await;
        // The next process may start at once, and nobody is answered by this one any more, on an old connection neither.
        drop(stop);
        if tokio::time::timeout(LAST_ANSWER, &mut serving).await.is_err() {
            serving.abort();
            drop(serving.await);
        }
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
    let witness = Arc::new(Witness { config: logs, rows, signer, evidence: config.state_dir.join(EVIDENCE) });
    let bound = TcpListener::bind(&config.listen).await.and_then(|listener| listener.local_addr().map(|at| (listener, at)));
    let (listener, address) = bound.map_err(|error| WitnessError::Config(format!("{}: {error}", config.listen)))?;
    let router =
        Router::new().route("/add-checkpoint", post(add_checkpoint)).route("/{origin}/checkpoint", get(monitoring)).with_state(witness);
    let (stop, stopped) = oneshot::channel::<()>();
    let served = axum::serve(listener, router).with_graceful_shutdown(async { drop(stopped.await) });
    let serving = tokio::spawn(async move { drop(served.await) });
    Ok(Running { address, serving, stop, _lock: held })
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, body: Body) -> Response {
    // LOG-73: 64 KiB. More is malformed, not "payload too large": the text knows 400 only.
    let Ok(body) = axum::body::to_bytes(body, Request::LEN_MAX).await else {
        return respond(Answer::of(&Verdict::Malformed(Refusal::NoteTooLong)));
    };
    let now = crate::log::unix_now();
    // Signing and SQLite block; a witness is asked a few times a minute.
    let done = tokio::task::spawn_blocking(move || witness.add(&body, now)).await;
    match done {
        Ok(Ok(answer)) => respond(answer),
        failed => {
            // The log hears only that it is to come again; why, such as a full disk, is for the witness's own operator.
            match failed {
                Ok(Err(error)) => eprintln!("witness: {error:?}"),
                Err(error) => eprintln!("witness: {error}"),
                Ok(Ok(_)) => {}
            }
            (StatusCode::SERVICE_UNAVAILABLE, "try again later\n").into_response()
        }
    }
}

fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response()
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

//! A log as a process: `init` makes its state once, `run` never does (LOG-66).

use std::fs::File;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use seal::entropy::SystemEntropy;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use verify::log::checkpoint::{Checkpoint, empty_root};
use verify::log::origin::Origin;
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::{KeyKind, VerifierKey};

use super::config::{LogConfig, LogKind};
use super::engine::{Engine, PUBLIC_BATCH_MAX, Rules, Stop};
use super::late::Watch;
use super::reading::Reading;
use super::shell::{Event, SharedEngine, Shell, lock};
use super::startup::{self, StartError};
use super::state::State;
use super::store::{Created, Fault, Kept, Store};
use super::submit::{Allowances, RateCap, Submit};
use super::submitters::Submitters;
use super::tiles::Source;
use super::witness_client::WitnessClient;

/// Why a log ended or never began.
#[derive(Debug)]
pub enum RunError {
    /// The configuration or a file it names.
    Config(String),
    /// Another process holds the advisory lock (LOG-66).
    Locked,
    /// LOG-66: `init` refuses anything that exists.
    Exists(String),
    Start(StartError),
    Stopped(Stop),
    Fault(Fault),
}

impl RunError {
    pub fn code(&self) -> &'static str {
        match self {
            RunError::Config(_) => "CONFIG",
            RunError::Locked | RunError::Exists(_) => "LOG-66",
            RunError::Start(error) => error.code(),
            RunError::Stopped(stop) => stop.code(),
            RunError::Fault(_) => "FAULT",
        }
    }
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunError::Config(what) => write!(f, "configuration: {what}"),
            RunError::Locked => f.write_str("another process runs on this state directory"),
            RunError::Exists(path) => write!(f, "{path} exists already; init never overwrites"),
            RunError::Start(error) => write!(f, "{error:?}"),
            RunError::Stopped(stop) => write!(f, "{stop:?}"),
            RunError::Fault(fault) => f.write_str(&fault.what),
        }
    }
}

/// Everything the configuration names, read and checked against each other.
pub struct Loaded {
    pub rules: Rules,
    pub policy: TlogPolicy,
    pub origin: Origin,
    pub statement_keys: Vec<VerifierKey>,
}

fn read(path: &Path) -> Result<Vec<u8>, RunError> {
    std::fs::read(path).map_err(|error| RunError::Config(format!("{}: {error}", path.display())))
}

/// Vkeys, one a line.
pub fn statement_keys(text: &str) -> Result<Vec<VerifierKey>, RunError> {
    let key = |line| VerifierKey::parse(line).map_err(|refusal| RunError::Config(format!("statement keys: {refusal}")));
    text.lines().filter(|line| !line.is_empty()).map(key).collect()
}

impl Loaded {
    pub fn new(config: &LogConfig) -> Result<Loaded, RunError> {
        let wrong = |what: &str| RunError::Config(what.to_owned());
        let origin = Origin::parse(&config.origin).map_err(|refusal| RunError::Config(refusal.to_string()))?;
        let key = super::keys::load(&config.signing_key_file).map_err(|error| RunError::Config(error.to_string()))?;
        // LOG-11, LOG-12: the key is named like the origin and of type 0x01.
        if !origin.is_name_of(key.vkey().name()) || key.vkey().kind() != KeyKind::Ed25519 {
            return Err(wrong("the signing key is not this origin's 0x01 key (LOG-11)"));
        }
        let policy = TlogPolicy::parse(&read(&config.tlog_policy_file)?).map_err(|refusal| RunError::Config(refusal.to_string()))?;
        if !policy.log_keys(&origin).contains(&key.vkey()) {
            return Err(wrong("the tlog-policy does not list this log's key (LOG-27)"));
        }
        if config.tick_interval_s == 0 || config.batch_entries == 0 {
            return Err(wrong("tick_interval_s and batch_entries are at least 1"));
        }
        let statement_keys = kind_rules(config)?;
        let rules = Rules {
            kind: config.kind,
            origin: config.origin.clone(),
            inception_unix_s: config.inception_unix_s,
            tick_interval_s: config.tick_interval_s,
            batch_entries: config.batch_entries,
            key,
        };
        Ok(Loaded { rules, policy, origin, statement_keys })
    }
}

/// What only one kind has must be there for it and absent for the other: a forgotten line is not a default.
fn kind_rules(config: &LogConfig) -> Result<Vec<VerifierKey>, RunError> {
    let wrong = |what: &str| Err(RunError::Config(what.to_owned()));
    match config.kind {
        LogKind::Orders if config.submit.is_none() || config.dummy_keys_dir.is_none() => {
            wrong("an orders log needs [submit] and dummy_keys_dir")
        }
        LogKind::Orders if config.statement_keys_file.is_some() => wrong("statement_keys_file belongs to a public log"),
        LogKind::Orders => Ok(Vec::new()),
        LogKind::Public if has_orders_parts(config) => wrong("[submit], [daily_head], [late] and dummy_keys_dir belong to an orders log"),
        LogKind::Public if PUBLIC_BATCH_MAX < config.batch_entries => wrong("a public log takes at most 1,024 entries a tick"),
        LogKind::Public => match &config.statement_keys_file {
            Some(path) => statement_keys(&String::from_utf8_lossy(&read(path)?)),
            None => wrong("a public log needs statement_keys_file"),
        },
    }
}

fn has_orders_parts(config: &LogConfig) -> bool {
    config.submit.is_some() || config.dummy_keys_dir.is_some() || config.daily_head.is_some() || config.late.is_some()
}

/// `waarborg log init`: state directory, seq 0 over the empty tree. Refuses anything that exists (LOG-66).
pub async fn init(config: &LogConfig) -> Result<(), RunError> {
    let loaded = Loaded::new(config)?;
    for directory in [Some(&config.state_dir), config.dummy_keys_dir.as_ref()].into_iter().flatten() {
        let exists = std::fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some());
        if exists {
            return Err(RunError::Exists(directory.display().to_string()));
        }
        std::fs::create_dir_all(directory).map_err(|error| RunError::Config(format!("{}: {error}", directory.display())))?;
    }
    let store = Store::local(&config.state_dir).map_err(RunError::Fault)?;
    let state = first_state(&loaded.rules, &loaded.origin)?;
    match store.create(&State::path(0), state.to_bytes()).await {
        Ok(Created::New) => Ok(()),
        Ok(Created::Exists) => Err(RunError::Exists(State::path(0))),
        Err(fault) => Err(RunError::Fault(fault)),
    }
}

/// Seq 0: the empty tree, time = inception, so that the first tick is later.
pub fn first_state(rules: &Rules, origin: &Origin) -> Result<State, RunError> {
    let head = Checkpoint { origin: origin.clone(), size: 0, root: empty_root() };
    let note = rules.key.sign_note(&head.to_text()).map_err(|refusal| RunError::Config(refusal.to_string()))?;
    let (inception_unix_s, time) = (rules.inception_unix_s, rules.inception_unix_s);
    Ok(State { seq: 0, prev: [0; 32], inception_unix_s, time, staging: "none".to_owned(), note: note.to_bytes() })
}

/// LOG-66: one process a state directory. Held until dropped; the file stays.
pub fn advisory_lock(state_dir: &Path) -> Result<File, RunError> {
    let path = state_dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| RunError::Config(format!("{}: {error}", path.display())))?;
    file.try_lock().map_err(|_| RunError::Locked)?;
    Ok(file)
}

/// A log that runs: where it listens, and its end.
pub struct Running {
    pub reading: SocketAddr,
    pub submit: Option<SocketAddr>,
    pub engine: SharedEngine,
    ticking: JoinHandle<Result<(), RunError>>,
    listeners: Vec<JoinHandle<()>>,
    _lock: File,
}

impl Running {
    /// Until `shutdown`, or until the engine stops. A tick that runs is cut off as by a crash: start-up goes on from there, so
    /// the recovery path is used every day.
    pub async fn until(mut self, shutdown: impl Future<Output = ()>) -> Result<(), RunError> {
        let ended = tokio::select! {
            ended = &mut self.ticking => Some(ended),
            () = shutdown => None,
        };
        self.listeners.iter().for_each(JoinHandle::abort);
        match ended {
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => Err(RunError::Fault(Fault { what: "the ticking task died".to_owned() })),
            None => {
                self.ticking.abort();
                Ok(())
            }
        }
    }
}

/// `waarborg log run`.
pub async fn run(config: LogConfig, shutdown: impl Future<Output = ()>) -> Result<(), RunError> {
    start(config, Box::new(print_event)).await?.until(shutdown).await
}

/// One JSON line an event on standard error.
fn print_event(event: Event) {
    eprintln!("{}", serde_json::json!({ "schema": "waarborg-log-event/v1", "event": format!("{event:?}") }));
}

/// LOG-31: the width of a shard is what its first start said. Whoever shows dummies, and whoever audits, counts ticks by it.
async fn same_width(config: &LogConfig, store: &Store) -> Result<(), RunError> {
    if config.kind != LogKind::Orders {
        return Ok(());
    }
    let width = format!("{}\n", config.batch_entries);
    match store.keep("batch-entries", width.as_bytes()).await.map_err(RunError::Fault)? {
        Kept::Same => Ok(()),
        Kept::Differs => {
            let what =
                "batch_entries is not what this shard began with (the file batch-entries): a new width begins with the next shard (LOG-31)";
            Err(RunError::Config(what.to_owned()))
        }
    }
}

/// Checks the state, binds the listeners and begins to tick. Port 0 is the system's choice, told in `Running`.
pub async fn start(config: LogConfig, events: Box<dyn FnMut(Event) + Send>) -> Result<Running, RunError> {
    let loaded = Loaded::new(&config)?;
    if !config.state_dir.is_dir() {
        return Err(RunError::Start(StartError::NoState));
    }
    let held = advisory_lock(&config.state_dir)?;
    let store = Store::local(&config.state_dir).map_err(RunError::Fault)?;
    same_width(&config, &store).await?;
    let resumed = startup::resume(&store, &loaded.rules, super::unix_now()).await.map_err(RunError::Start)?;
    let timeout = Duration::from_millis(config.witness_timeout_ms);
    let source = Source::Store(store.clone());
    let witnesses = WitnessClient::new(&config.witnesses, &loaded.policy, loaded.origin, source, timeout)
        .map_err(|unknown| RunError::Config(format!("witness {} is not in the tlog-policy", unknown.name)))?;
    let (kind, tick) = (config.kind, config.tick_interval_s);
    let engine = Arc::new(Mutex::new(Engine::new(loaded.rules, loaded.policy.clone(), resumed)));

    let bind = |address: String| async move {
        let listener = TcpListener::bind(&address).await.map_err(|error| RunError::Config(format!("{address}: {error}")))?;
        let local = listener.local_addr().map_err(|error| RunError::Config(format!("{address}: {error}")))?;
        Ok::<_, RunError>((listener, local))
    };
    let (listener, reading) = bind(config.listen.clone()).await?;
    let statement_keys = Arc::new(loaded.statement_keys);
    let proofs = Arc::new(super::proofs::Proofs::new(Source::Store(store.clone())));
    let router = super::reading::router(Reading { kind, engine: engine.clone(), store: store.clone(), proofs, statement_keys });
    let mut listeners = vec![tokio::spawn(async move { drop(axum::serve(listener, router).await) })];
    let mut submit = None;
    if let Some(settings) = &config.submit {
        let tls = super::tls::server(&settings.certificate_file, &settings.private_key_file, &settings.client_certificates_sha256)
            .map_err(|error| RunError::Config(error.0))?;
        let (listener, address) = bind(settings.listen.clone()).await?;
        let cap = RateCap { leaves_per_tick_max: settings.leaves_per_tick_max, tick_interval_s: tick };
        let submitters = Submitters::open(&config.state_dir).map_err(|error| RunError::Config(format!("submitters: {error}")))?;
        let submitters = Arc::new(Mutex::new(submitters));
        if let Some(late) = &config.late {
            let watch = Watch::new(late, &config.origin, store.clone(), submitters.clone()).map_err(RunError::Config)?;
            listeners.push(tokio::spawn(watch.run()));
        }
        let allowances = Mutex::new(Allowances::default());
        let shared = Submit { engine: engine.clone(), acceptor: tls.into(), cap, allowances, submitters };
        listeners.push(tokio::spawn(super::submit::serve(listener, Arc::new(shared))));
        submit = Some(address);
    }
    let shell = Shell {
        engine: engine.clone(),
        store,
        witnesses,
        policy: loaded.policy,
        dummy_keys_dir: config.dummy_keys_dir,
        entropy: Box::new(SystemEntropy),
        events,
    };
    if let Some(daily) = config.daily_head {
        let daily = super::daily_head::Anchor::new(&daily, shell.store.clone()).map_err(RunError::Config)?;
        listeners.push(tokio::spawn(daily.run()));
    }
    let ticking = tokio::spawn(tick_for_ever(shell, tick));
    Ok(Running { reading, submit, engine, ticking, listeners, _lock: held })
}

/// Witnesses first (LOG-64), then a tick at every multiple of T (LOG-31). Missed ticks are not made up.
async fn tick_for_ever(mut shell: Shell, tick_interval_s: u64) -> Result<(), RunError> {
    while !shell.ask_witnesses().await.map_err(RunError::Stopped)? {
        // Witnesses that start after us are the normal case after a power cut; readers are served meanwhile.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    shell.resume(super::unix_now()).await.map_err(RunError::Stopped)?;
    loop {
        tokio::time::sleep(until_next(tick_interval_s)).await;
        shell.tick(super::unix_now()).await.map_err(RunError::Stopped)?;
        if lock(&shell.engine).is_stopped() {
            return Ok(());
        }
    }
}

/// Time to the next multiple of T in UTC.
fn until_next(tick_interval_s: u64) -> Duration {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let interval = Duration::from_secs(tick_interval_s);
    let into = since_epoch.as_nanos() % interval.as_nanos();
    interval - Duration::from_nanos(u64::try_from(into).unwrap_or(0))
}

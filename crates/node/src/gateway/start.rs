//! Starting a gateway: what `init` makes once and `run` finds.

use super::config::GatewayConfig;
use super::core::Gateway;
use super::emergencies;
use super::live::{Live, Logs, MemberHeads, OlderCopy, Provider, ShownHeads};
use super::rules::{Rules, Settings};
use super::shell::{self, Message, Shell};
use crate::cases::body::BodyKey;
use crate::cases::state::Case;
use crate::cases::store::CaseStore;
use crate::delivery::Shelves;
use crate::desk::listen::Hi1Door;
use crate::desk::{self, Desk, SharedDesk};
use crate::http::{self, Door};
use crate::log::client::{LogReader, OrdersSubmitter, PublicSubmitter};
use crate::log::keys;
use crate::private_file;
use seal::entropy::SystemEntropy;
use seal::hpke::PrivateKey;
use seal::secret::Secret;
use seal::selector::Selector;
use standards::delivery::Recipient;
use standards::package::PackageKey;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use verify::names::DirectoryId;
use verify::policy::Policy;
use verify::spelling::from_hex_exact;
use verify::statement::{EmergencyCount, SignedStatement, Statement};
use zeroize::Zeroizing;

/// Why a gateway did not start, or stopped. All are for the operator.
#[derive(Debug)]
pub struct NotRunning {
    pub why: Why,
    pub text: String,
}

/// What has to change before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A service or disk is away, and trying again may help.
    Fault,
    /// The configuration has to change.
    Configuration,
    /// This rule forbids it to go on.
    Rule(&'static str),
}

impl std::fmt::Display for NotRunning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

fn config_error(what: &str) -> impl Fn(&dyn std::fmt::Display) -> NotRunning {
    move |error| NotRunning { why: Why::Configuration, text: format!("{what}: {error}") }
}

fn fault(what: &str, error: impl std::fmt::Display) -> NotRunning {
    NotRunning { why: Why::Fault, text: format!("{what}: {error}") }
}

/// Makes the state folder, the outbox and an empty case database; refuses where a database is. `run` never does this, so that a
/// wrong path cannot look like a gateway without cases.
pub fn init(config: &GatewayConfig) -> Result<(), NotRunning> {
    private_file::folder(&config.state_dir).map_err(|error| fault("state_dir", error))?;
    private_file::folder(&config.outbox_dir).map_err(|error| fault("outbox_dir", error))?;
    let key = body_key(config)?;
    let wrong = |error: &dyn std::fmt::Display| NotRunning { why: Why::Configuration, text: error.to_string() };
    // A gateway that gets a desk later has its cases already; what is missing is made, what is there stays.
    let desk_only = config.desk.is_some() && database(config).exists() && !desk_database(config).exists();
    if !desk_only {
        CaseStore::create(&database(config), key).map_err(|error| wrong(&error))?;
    }
    if config.desk.is_some() {
        desk::store::create(&desk_database(config)).map_err(|error| wrong(&error))?;
    }
    Ok(())
}

/// The desk of received orders and its doors, where the configuration has one. The door of TS 103 120 ends with the process.
async fn open_desk(config: &GatewayConfig, rules: &Rules, provider: Arc<dyn Provider>) -> Result<Option<SharedDesk>, NotRunning> {
    let Some(own) = &config.desk else { return Ok(None) };
    let wrong = |text: String| NotRunning { why: Why::Configuration, text: format!("[desk] {text}") };
    let setup = Arc::new(own.setup(&rules.policy, shell::now()).map_err(wrong)?);
    let mut desk = Desk::open(&desk_database(config), body_key(config)?, Arc::clone(&setup)).map_err(|error| fault("desk", error))?;
    if let Some(etsi) = &own.etsi {
        desk = desk.with_shelf(etsi.shelf(&config.outbox_dir, &setup).map_err(wrong)?);
    }
    let desk = Arc::new(Mutex::new(desk.with_keeper(provider)));
    if let Some(etsi) = &own.etsi {
        let offer = etsi.offer(&setup, shell::now()).map_err(wrong)?;
        let door = Hi1Door::new(Arc::clone(&desk), offer, etsi.tls(&setup, shell::now()).map_err(wrong)?);
        let listener = TcpListener::bind(&etsi.listen).await.map_err(|error| fault(&etsi.listen, error))?;
        tokio::spawn(desk::listen::serve(listener, Arc::new(door)));
        tokio::spawn(desk::dispatch::run::run(Arc::clone(&desk), etsi.post(), rules.settings));
    }
    tokio::spawn(tick(Arc::clone(&desk)));
    Ok(Some(desk))
}

/// How often time is asked what it brings: clocks count whole hours and days.
const TICK: Duration = Duration::from_secs(30);

async fn tick(desk: SharedDesk) {
    loop {
        let desk = Arc::clone(&desk);
        let ticked = tokio::task::spawn_blocking(move || {
            let mut desk = desk::listen::lock(&desk);
            desk.tick(shell::now(), &mut SystemEntropy)?;
            desk.forget_answers(shell::now())
        });
        if let Ok(Err(fault)) = ticked.await {
            eprintln!("desk: {fault}");
        }
        tokio::time::sleep(TICK).await;
    }
}

/// How often it is asked whether the emergency counter rose.
const COUNT_EVERY: Duration = Duration::from_secs(60);

/// Publishes the emergency counter each day, and at once when a number rises (LOG-103). A restart says it again: the same statement is
/// the same leaf.
async fn count_emergencies(inbox: tokio::sync::mpsc::Sender<Message>, publisher: PublicSubmitter, rules: Arc<Rules>) {
    let (mut last, mut faults) = (None, 0);
    loop {
        let (reply, counted) = oneshot::channel();
        if inbox.send(Message::Emergencies { reply }).await.is_err() {
            return;
        }
        let Ok(next) = counted.await else { return };
        let mut wait = COUNT_EVERY;
        if emergencies::is_news(last.as_ref(), &next) {
            match publish(&publisher, &rules, next.clone()).await {
                Ok(()) => (last, faults) = (Some(next), 0),
                Err(text) => {
                    eprintln!("gateway: emergency-count: {text}");
                    faults += 1;
                    wait = Duration::from_secs(rules.settings.patience(faults));
                }
            }
        }
        tokio::time::sleep(wait).await;
    }
}

async fn publish(publisher: &PublicSubmitter, rules: &Rules, count: EmergencyCount) -> Result<(), String> {
    let signed = SignedStatement::sign(Statement::EmergencyCount(count), &[&rules.signer]).map_err(|error| error.to_string())?;
    publisher.submit(&signed.to_bytes()).await.map(drop).map_err(|error| error.to_string())
}

fn desk_database(config: &GatewayConfig) -> std::path::PathBuf {
    config.state_dir.join("desk.db")
}

fn database(config: &GatewayConfig) -> std::path::PathBuf {
    config.state_dir.join("cases.db")
}

fn body_key(config: &GatewayConfig) -> Result<BodyKey, NotRunning> {
    Ok(BodyKey::from_bytes(secret(&config.body_key_file)?))
}

/// A key file of 64 hexadecimal characters. T29: anything else and the program does not start.
fn secret(path: &Path) -> Result<Secret<32>, NotRunning> {
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| fault(&path.display().to_string(), error))?);
    let octets = from_hex_exact::<32>(text.trim_end_matches('\n'));
    octets.map(Secret::new).ok_or_else(|| config_error(&path.display().to_string())(&"not 64 hexadecimal characters"))
}

/// The rules of a configuration: policy, signing key, patience.
pub fn rules(config: &GatewayConfig) -> Result<Rules, NotRunning> {
    let path = config.policy_file.display().to_string();
    let bytes = std::fs::read(&config.policy_file).map_err(|error| fault(&path, error))?;
    let policy = Policy::parse(&bytes).map_err(|error| config_error(&path)(&error))?;
    let signer = keys::load(&config.signing_key_file)
        .map_err(|error| NotRunning { why: Why::Configuration, text: format!("{}: {error:?}", config.signing_key_file.display()) })?;
    let settings = Settings {
        poll_seconds: config.timing.poll_interval_ms.div_ceil(1000).max(1),
        retry_seconds: config.timing.retry_interval_s,
        retry_seconds_max: config.timing.retry_interval_max_s,
        attempts_max: config.timing.attempts_max,
    };
    let mut rules = Rules::new(policy, signer, settings)
        .map_err(|_| NotRunning { why: Why::Configuration, text: "signing_key_file is not the gateway key of the policy".to_owned() })?;
    if let Some(path) = &config.flagged_file {
        rules.flag(flagged(path)?);
    }
    Ok(rules)
}

/// A line that is no selector stops the start: an account that nobody can be asked for would be flagged in vain.
fn flagged(path: &Path) -> Result<Vec<Selector>, NotRunning> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| fault(&name, error))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let read = lines.map(|(number, line)| {
        let wrong =
            |error| config_error(&name)(&format!("line {}: {error}; a selector is written as in `account:@anna:example.org`", number + 1));
        Selector::from_text(line).map_err(wrong)
    });
    read.collect()
}

/// Loads every case and judges it again; a case that does not bear it stops the start, as evidence.
pub fn load(rules: &Arc<Rules>, store: &CaseStore) -> Result<Gateway, NotRunning> {
    let rows = store.load().map_err(|error| fault("cases", error))?;
    let mut loaded: Vec<(u64, Case)> = Vec::with_capacity(rows.len());
    for row in rows {
        super::recheck::case(rules, &row.case)
            .map_err(|error| NotRunning { why: Why::Configuration, text: format!("case {}: {error}", row.case.file().id) })?;
        loaded.push((row.version, row.case));
    }
    let related = store.load_related().map_err(|error| fault("cases", error))?;
    for (id, leaf) in &related {
        super::recheck::related(rules, id, leaf)
            .map_err(|error| NotRunning { why: Why::Configuration, text: format!("related leaf {id}: {error}") })?;
    }
    Ok(Gateway::new(Arc::clone(rules), loaded, related))
}

fn live(config: &GatewayConfig, rules: &Arc<Rules>, provider: Arc<dyn Provider>, shown: BTreeMap<String, u64>) -> Result<Live, NotRunning> {
    let limit = Duration::from_millis(config.timing.http_limit_ms);
    let times = rules.policy.times();
    let log = |what: &'static str| move |error: crate::log::client::ClientError| config_error(what)(&error);
    let logs = Logs {
        orders: LogReader::new(&config.orders.url, limit).map_err(log("orders.url"))?,
        public: LogReader::new(&config.public.url, limit).map_err(log("public.url"))?,
        submitter: OrdersSubmitter::new(config.orders.submit.clone()).map_err(log("orders.submit"))?,
        poll: Duration::from_millis(config.timing.poll_interval_ms),
        // Three ticks: after that the operator should hear that a log is late (LOG-102).
        patience: Duration::from_secs(3 * times.tick + 5),
        view: Default::default(),
    };
    let engine = PrivateKey::from_bytes(secret(&config.engine_key_file)?);
    let public = engine.public_key().map_err(|_| config_error("engine_key_file")(&"not a key"))?;
    if public.0 != rules.policy.parts().engine {
        return Err(config_error("engine_key_file")(&"not the engine key of the policy"));
    }
    let shelves = Shelves::open(&config.state_dir.join("workshop"), &config.outbox_dir).map_err(|error| fault("outbox_dir", error))?;
    Ok(Live {
        rules: Arc::clone(rules),
        logs,
        provider,
        engine,
        trustees: config.trustees.clone(),
        trustee_limit: Duration::from_millis(config.timing.trustee_limit_ms),
        member_heads: MemberHeads::open(&config.state_dir.join("member-heads"), origins(rules))
            .map_err(|error| fault("state_dir/member-heads", error))?,
        shown_heads: ShownHeads::new(shown),
        shelves,
        package_key: package_key(config, rules)?,
        timestamp_argv: config.package.timestamp_argv.clone(),
        recipients: recipients(config, rules)?,
        heavy: tokio::sync::Semaphore::new(super::live::HEAVY_MAX),
    })
}

/// Of both logs, under old and new keys.
fn origins(rules: &Rules) -> BTreeSet<String> {
    let logs = [rules.policy.orders(), rules.policy.public()];
    logs.into_iter().flat_map(|policy| policy.logs()).map(|log| log.origin.as_str().to_owned()).collect()
}

fn package_key(config: &GatewayConfig, rules: &Rules) -> Result<PackageKey, NotRunning> {
    let path = config.package.private_key_file.display().to_string();
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| fault(&path.display().to_string(), error));
    let key = Zeroizing::new(read(&config.package.private_key_file)?);
    let pem = Zeroizing::new(format!("{}\n{}", read(&config.package.certificate_file)?, &*key));
    let key = PackageKey::from_pem(&pem).map_err(|error| config_error(&path)(&error))?;
    if key.certificate_sha256() != rules.policy.parts().package_certificate {
        return Err(config_error(&path)(&"not the package certificate that the policy pins"));
    }
    Ok(key)
}

/// T10: a package goes to a certificate that the policy pins for that authority, or nowhere.
fn recipients(config: &GatewayConfig, rules: &Rules) -> Result<BTreeMap<String, Recipient>, NotRunning> {
    let mut found = BTreeMap::new();
    for (id, authority) in &config.authorities {
        let what = format!("authorities.\"{id}\"");
        let bytes = std::fs::read(&authority.certificate_file).map_err(|error| fault(&what, error))?;
        let directory_id = DirectoryId::parse(id).ok_or_else(|| config_error(&what)(&"not a directory id"))?;
        let pin = rules.policy.parts().deliveries.iter().find(|(pinned, _)| *pinned == directory_id);
        let (_, pin) = pin.ok_or_else(|| config_error(&what)(&"the policy pins no certificate for it"))?;
        found.insert(id.clone(), Recipient::new(&bytes, pin).map_err(|error| config_error(&what)(&error))?);
    }
    Ok(found)
}

/// Runs until `stop` says so. `started` hears the bound address. Inside a multi-threaded tokio runtime only.
pub async fn run(
    config: GatewayConfig,
    provider: Arc<dyn Provider>,
    mut stop: watch::Receiver<bool>,
    started: impl FnOnce(std::net::SocketAddr),
) -> Result<(), NotRunning> {
    let rules = Arc::new(rules(&config)?);
    let store = CaseStore::open(&database(&config), body_key(&config)?).map_err(|error| fault("cases", error))?;
    let live = Arc::new(live(&config, &rules, Arc::clone(&provider), store.shown().map_err(|error| fault("cases", error))?)?);
    let token = secret(&config.desk_token_file)?;
    let core = load(&rules, &store)?;
    live.is_older_copy().await.map_err(|older| NotRunning { why: Why::Rule(OlderCopy::CODE), text: older.to_string() })?;
    let limit = Duration::from_millis(config.timing.http_limit_ms);
    let publisher = PublicSubmitter::new(&config.public.url, limit).map_err(|error| config_error("public.url")(&error))?;
    let listener = TcpListener::bind(&config.listen).await.map_err(|error| fault(&config.listen, error))?;
    started(listener.local_addr().map_err(|error| fault(&config.listen, error))?);
    let (inbox, messages) = shell::inbox();
    let mut door_stop = stop.clone();
    let mut door = Door::new(inbox.clone(), token, config.outbox_dir.clone(), config.host_names.clone());
    let counting = tokio::spawn(count_emergencies(inbox.clone(), publisher, Arc::clone(&rules)));
    let mut shell = Shell::new(core, store, live, inbox);
    if let Some(desk) = open_desk(&config, &rules, provider).await? {
        door = door.with_desk(Arc::clone(&desk));
        shell = shell.with_desk(desk);
    }
    let serving = tokio::spawn(http::serve(door, listener, async move {
        let _ = door_stop.wait_for(|stop| *stop).await;
    }));
    let ended = shell.run(messages, async move {
        let _ = stop.wait_for(|stop| *stop).await;
    });
    let ended = ended.await;
    serving.abort();
    counting.abort();
    ended.map_err(|error| fault("cases", error))
}

/// New random token or key text, for `init` on the command line.
pub fn random_hex() -> String {
    use seal::entropy::Entropy;
    let mut octets = [0; 32];
    SystemEntropy.fill(&mut octets);
    verify::spelling::hex(&octets)
}

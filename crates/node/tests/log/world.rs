//! One log, its keys and its witnesses on loopback, in a temporary directory.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use node::log::config::{LogConfig, LogKind, SubmitConfig, WitnessAddress, WitnessConfig, WitnessedLog};
use node::log::engine::Engine;
use node::log::keys;
use node::log::run::Loaded;
use node::log::shell::{Event, Shell};
use node::log::startup::{self, StartError};
use node::log::store::Store;
use node::log::tiles::Source;
use node::log::witness_client::WitnessClient;
use node::witness;
use object_store::local::LocalFileSystem;
use seal::entropy::{SeededEntropy, SystemEntropy};
use tempfile::TempDir;
use verify::log::origin::Origin;
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::KeyKind;

use crate::faults::Faulty;

pub struct World {
    pub dir: TempDir,
    pub config: LogConfig,
    pub witnesses: Vec<witness::Running>,
    pub witness_configs: Vec<WitnessConfig>,
    pub faulty: Faulty,
    pub events: Arc<Mutex<Vec<Event>>>,
    /// Hex SHA-256 of the submit listener's certificate.
    pub server_pin: String,
}

fn certificate(dir: &std::path::Path, name: &str) -> (PathBuf, PathBuf, String) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let (cert, key) = (dir.join(format!("{name}.pem")), dir.join(format!("{name}.key.pem")));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (cert, key, verify::spelling::hex(&seal::digest::sha256(&[made.cert.der()])))
}

impl World {
    /// `n` witnesses of which `k` make a quorum; T = 1 s; ORDERS with B = 4.
    pub async fn new(kind: LogKind, n: usize, k: usize) -> World {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let origin = match kind {
            LogKind::Orders => "log.example/orders/2027",
            LogKind::Public => "log.example/public/2027",
        };
        let vkey = keys::generate(&at("log.key"), origin, KeyKind::Ed25519, &mut SystemEntropy).unwrap();
        let mut policy = format!("log {vkey}\n");
        let (mut names, mut addresses, mut running, mut witness_configs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for number in 0..n {
            let name = format!("witness.example/w{number}");
            let key_file = at(&format!("w{number}.key"));
            let witness_vkey = keys::generate(&key_file, &name, KeyKind::Cosignature, &mut SystemEntropy).unwrap();
            policy.push_str(&format!("witness w{number} {witness_vkey}\n"));
            let config = WitnessConfig {
                name,
                listen: "127.0.0.1:0".into(),
                state_dir: at(&format!("w{number}")),
                signing_key_file: key_file,
                logs: vec![WitnessedLog { origin: origin.into(), vkeys: vec![vkey.clone()] }],
            };
            witness::init(&config).unwrap();
            let started = witness::start(config.clone()).await.unwrap();
            addresses.push(WitnessAddress { name: format!("w{number}"), url: format!("http://{}", started.address), monitoring_url: None });
            names.push(format!("w{number}"));
            running.push(started);
            witness_configs.push(config);
        }
        policy.push_str(&format!("group all {k} {}\nquorum all\n", names.join(" ")));
        std::fs::write(at("tlog-policy.txt"), policy).unwrap();
        let statement_vkey = keys::generate(&at("statement.key"), "provider.example", KeyKind::Ed25519, &mut SystemEntropy).unwrap();
        std::fs::write(at("statement-keys.txt"), format!("{statement_vkey}\n")).unwrap();
        let (server_cert, server_key, server_pin) = certificate(dir.path(), "log");
        let (_, _, client_pin) = certificate(dir.path(), "gateway");
        certificate(dir.path(), "stranger");
        let orders = kind == LogKind::Orders;
        let submit = SubmitConfig {
            listen: "127.0.0.1:0".into(),
            certificate_file: server_cert,
            private_key_file: server_key,
            client_certificates_sha256: vec![client_pin],
            leaves_per_tick_max: 16,
        };
        let config = LogConfig {
            kind,
            origin: origin.into(),
            inception_unix_s: 1_700_000_000,
            state_dir: at("state"),
            signing_key_file: at("log.key"),
            tlog_policy_file: at("tlog-policy.txt"),
            witnesses: addresses,
            tick_interval_s: 1,
            batch_entries: if orders { 4 } else { 1_024 },
            witness_timeout_ms: 20_000,
            listen: "127.0.0.1:0".into(),
            submit: orders.then_some(submit),
            dummy_keys_dir: orders.then(|| at("dummies")),
            statement_keys_file: (!orders).then(|| at("statement-keys.txt")),
            daily_head: None,
            late: None,
        };
        node::log::init(&config).await.unwrap();
        let faulty = Faulty::new(Arc::new(LocalFileSystem::new_with_prefix(&config.state_dir).unwrap().with_automatic_cleanup(true)));
        World { dir, config, witnesses: running, witness_configs, faulty, events: Arc::default(), server_pin }
    }

    pub fn policy(&self) -> TlogPolicy {
        TlogPolicy::parse(&std::fs::read(&self.config.tlog_policy_file).unwrap()).unwrap()
    }

    pub fn source(&self) -> Source {
        Source::Store(Store::local(&self.config.state_dir).unwrap())
    }

    /// Start-up without processes: the checks of LOG-62 and LOG-63 on the (faulty) store, then a shell.
    pub async fn shell(&self, now: u64) -> Result<Shell, StartError> {
        let store = Store::new(Arc::new(self.faulty.clone()));
        let loaded = Loaded::new(&self.config).unwrap();
        let resumed = startup::resume(&store, &loaded.rules, now).await?;
        let source = Source::Store(store.clone());
        let timeout = Duration::from_millis(self.config.witness_timeout_ms);
        let origin = Origin::parse(&self.config.origin).unwrap();
        let witnesses = WitnessClient::new(&self.config.witnesses, &loaded.policy, origin, source, timeout).unwrap();
        let events = self.events.clone();
        Ok(Shell {
            engine: Arc::new(Mutex::new(Engine::new(loaded.rules, loaded.policy.clone(), resumed))),
            store,
            witnesses,
            policy: loaded.policy,
            dummy_keys_dir: self.config.dummy_keys_dir.clone(),
            entropy: Box::new(SeededEntropy::new([7; 32])),
            events: Box::new(move |event| events.lock().unwrap().push(event)),
        })
    }

    /// Stops witness `number`. Nobody answers at its address from now on, least of all the witness of another test.
    pub async fn stop_witness(&mut self, number: usize) {
        let running = self.witnesses.remove(number);
        let address = running.address;
        running.until(async {}).await.unwrap();
        let silent = awaited("the address of the witness", async || tokio::net::TcpListener::bind(address).await.ok()).await;
        tokio::spawn(async move { while silent.accept().await.is_ok() {} });
    }

    pub fn objects(&self, folder: &str) -> Vec<PathBuf> {
        fn walk(path: &std::path::Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
                if entry.path().is_dir() { walk(&entry.path(), found) } else { found.push(entry.path()) }
            }
        }
        let mut found = Vec::new();
        walk(&self.config.state_dir.join(folder), &mut found);
        found.sort();
        found
    }
}

/// A copy of a folder, made without a process of another program: a child that is being born holds all our locks for a moment, and a
/// test beside this one would find its own folder locked.
pub fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() { copy_folder(&entry.path(), &to) } else { assert!(std::fs::copy(entry.path(), to).is_ok()) }
    }
}

/// Simulated time near the real one, so that witnesses (who use the real clock) fall into the window.
pub fn base() -> u64 {
    node::log::unix_now()
}

/// How long anything here may take. Far more than it does take: on a machine that is busy elsewhere a test waits, and says nothing wrong.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Asks again and again until there is an answer.
pub async fn awaited<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let began = std::time::Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

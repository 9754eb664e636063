//! The real log process, killed (SIGKILL) again and again in the middle of its ticks: it starts again each time, nobody ever
//! sees two histories, and the audit finds nothing (log.md section 16, test 5).

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use node::log::client::{Head, LogReader};
use node::log::config::{WitnessConfig, WitnessedLog};
use node::log::keys;
use node::log::store::Store;
use node::log::tiles::Source;
use seal::entropy::SystemEntropy;
use verify::log::vkey::KeyKind;

const KILLS: u64 = 12;
const ORIGIN: &str = "kill.example/orders/2027";

fn waarborg(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waarborg"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Killed with the test, whatever happens in it.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn head(dir: &Path) -> Option<Head> {
    Head::parse(&std::fs::read(dir.join("state/checkpoint")).ok()?).ok()
}

/// Until the published head is larger than `than`.
fn await_growth(dir: &Path, than: u64) -> Head {
    let began = Instant::now();
    loop {
        if let Some(head) = head(dir).filter(|head| than < head.size) {
            return head;
        }
        assert!(began.elapsed() < Duration::from_secs(300), "no growth past {than}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Keys and policy in `dir`, and the witness's configuration.
fn prepare(dir: &Path) -> WitnessConfig {
    let vkey = keys::generate(&dir.join("log.key"), ORIGIN, KeyKind::Ed25519, &mut SystemEntropy).unwrap();
    let witness_vkey = keys::generate(&dir.join("w.key"), "kill.example/w", KeyKind::Cosignature, &mut SystemEntropy).unwrap();
    std::fs::write(dir.join("tlog-policy"), format!("log {vkey}\nwitness w {witness_vkey}\ngroup all 1 w\nquorum all\n")).unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["log".to_owned()]).unwrap();
    std::fs::write(dir.join("log.crt"), made.cert.pem()).unwrap();
    std::fs::write(dir.join("log.pem"), made.signing_key.serialize_pem()).unwrap();
    WitnessConfig {
        name: "kill.example/w".into(),
        listen: "127.0.0.1:0".into(),
        state_dir: dir.join("w"),
        signing_key_file: dir.join("w.key"),
        logs: vec![WitnessedLog { origin: ORIGIN.into(), vkeys: vec![vkey] }],
    }
}

fn configuration(witness: std::net::SocketAddr) -> String {
    format!(
        "kind = \"orders\"\norigin = \"{ORIGIN}\"\ninception_unix_s = 1700000000\nstate_dir = \"state\"\nsigning_key_file = \"log.key\"\n\
         tlog_policy_file = \"tlog-policy\"\ntick_interval_s = 1\nbatch_entries = 100\nwitness_timeout_ms = 20000\nlisten = \"127.0.0.1:0\"\n\
         dummy_keys_dir = \"dummies\"\n[submit]\nlisten = \"127.0.0.1:0\"\ncertificate_file = \"log.crt\"\nprivate_key_file = \"log.pem\"\n\
         client_certificates_sha256 = []\nleaves_per_tick_max = 1\n[[witnesses]]\nname = \"w\"\nurl = \"http://{witness}\"\n"
    )
}

#[test]
fn log_57_killed_in_the_middle_of_ticks_it_goes_on_with_one_history() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let witness = prepare(dir.path());
    node::witness::init(&witness).unwrap();
    let running = runtime.block_on(node::witness::start(witness)).unwrap();
    std::fs::write(dir.path().join("log.toml"), configuration(running.address)).unwrap();
    let config = dir.path().join("log.toml").display().to_string();
    assert!(waarborg(&["log", "init", &config]).status().unwrap().success());
    assert!(!waarborg(&["log", "init", &config]).status().unwrap().success(), "LOG-66");

    let mut heads: Vec<Head> = Vec::new();
    for kill in 0..=KILLS {
        let process = Process(waarborg(&["log", "run", &config]).spawn().unwrap());
        heads.push(await_growth(dir.path(), heads.last().map_or(0, |head| head.size)));
        // The next tick begins at a full second and takes some tens of milliseconds: kills spread over it.
        let into = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_millis();
        std::thread::sleep(Duration::from_millis(u64::from(1_000 - into) + kill * 7));
        drop(process);
    }
    // The last kill may have left a tick half-way: one more start, then everything is compared.
    let process = Process(waarborg(&["log", "run", &config]).spawn().unwrap());
    heads.push(await_growth(dir.path(), heads.last().map_or(0, |head| head.size)));
    drop(process);

    let state = dir.path().join("state").display().to_string();
    let policy = dir.path().join("tlog-policy").display().to_string();
    let audit = ["log", "audit", &state, "--policy", &policy, "--kind", "orders", "--tick-interval-s", "60", "--batch-entries", "100"];
    assert_eq!(waarborg(&audit).status().unwrap().code(), Some(0));
    let reader = LogReader::of(Source::Store(Store::local(Path::new(&state)).unwrap()));
    for pair in heads.windows(2) {
        runtime.block_on(reader.extends(&pair[0], &pair[1])).unwrap();
    }
    runtime.block_on(running.until(async {})).unwrap();
}

//! A split view, found and convicted by command from two files that two people kept (LOG-87, LOG-88, LOG-94).

use std::path::Path;
use std::process::{Command, Output};

use node::log::keys;
use seal::entropy::SystemEntropy;
use verify::log::checkpoint::Checkpoint;
use verify::log::origin::Origin;
use verify::log::vkey::KeyKind;

const ORIGIN: &str = "split.example/orders/2027";

fn waarborg(dir: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_waarborg")).args(words).current_dir(dir).output().unwrap()
}

#[test]
fn log_88_two_kept_checkpoints_convict_the_log_by_its_key_alone() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let vkey = keys::generate(&at("log.key"), ORIGIN, KeyKind::Ed25519, &mut SystemEntropy).unwrap();
    let witness = keys::generate(&at("w.key"), "split.example/w", KeyKind::Cosignature, &mut SystemEntropy).unwrap();
    std::fs::write(at("tlog-policy"), format!("log {vkey}\nwitness w {witness}\nquorum w\n")).unwrap();
    let log = keys::load(&at("log.key")).unwrap();
    for (name, root) in [("mine", [1; 32]), ("yours", [2; 32])] {
        let head = Checkpoint { origin: Origin::parse(ORIGIN).unwrap(), size: 8, root };
        std::fs::write(at(name), log.sign_note(&head.to_text()).unwrap().to_bytes()).unwrap();
    }
    let compare =
        |other| waarborg(dir.path(), &["log", "compare", "mine", other, "--policy", "tlog-policy", "--evidence", "evidence"]).status.code();
    assert_eq!(compare("mine"), Some(0));
    assert!(!at("evidence").exists());
    assert_eq!(compare("yours"), Some(14));
    // Twice is one file: evidence is named by what is in it and never replaced.
    assert_eq!(compare("yours"), Some(14));
    let files: Vec<_> = std::fs::read_dir(at("evidence")).unwrap().flatten().map(|entry| entry.path()).collect();
    assert_eq!(files.len(), 1);
    let file = files[0].display().to_string();
    let judged = waarborg(dir.path(), &["log", "evidence", &file, "--key", &vkey]);
    assert_eq!(judged.status.code(), Some(0));
    assert_eq!(String::from_utf8(judged.stdout).unwrap(), format!("same-size at {ORIGIN}: {ORIGIN}\n"));
    // With another log's key it convicts nobody.
    let other = keys::generate(&at("other.key"), ORIGIN, KeyKind::Ed25519, &mut SystemEntropy).unwrap();
    assert_eq!(waarborg(dir.path(), &["log", "evidence", &file, "--key", &other]).status.code(), Some(3));
}

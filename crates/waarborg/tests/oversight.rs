//! `waarborg canary`, the real program, on the samples of docs/samples.

use std::path::Path;
use std::process::{Command, Output};

fn sample(name: &str) -> String {
    format!("{}/../../docs/samples/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn waarborg(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_waarborg")).args(words).output().unwrap()
}

/// A policy of the vectors.
fn policy(folder: &Path) -> String {
    let vectors = format!("{}/../../testdata/vectors/policy", env!("CARGO_MANIFEST_DIR"));
    let texts = std::fs::read_dir(vectors).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let good = texts.into_iter().find(|text| text.starts_with("expect: accepted")).expect("a good vector");
    let path = folder.join("policy");
    std::fs::write(&path, good.split_once("\n\n").unwrap().1).unwrap();
    path.display().to_string()
}

#[test]
fn sea_74_an_order_for_a_day_of_all_canaries_reads_as_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("order.toml").display().to_string();
    let list = sample("canaries.toml");
    let words = ["canary", "draft", &list, "--authority", "toezicht.example", "--instrument", "national/nl/126n"];
    let more = ["--legal-basis", "Article \"9\"", "--day", "2026-11-20", "-o", &out];
    let made = waarborg(&[&words[..], &more[..]].concat());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = std::fs::read_to_string(&out).unwrap();
    for words in ["from = \"2026-11-20T00:00:00.000+00:00\"", "notice_due = \"2026-12-20\"", "@k.devries:example.org", "categories = [1]"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let drafted = waarborg(&["order", "draft", &out, "--policy", &policy(folder.path()), "-o", &format!("{out}.draft")]);
    // The vectors' directory has no overseer; the file itself is understood.
    let said = String::from_utf8_lossy(&drafted.stderr).into_owned();
    assert!(!said.contains("not understood"), "{said}");
}

#[test]
fn ovs_01_ovs_02_silence_about_a_canary_is_an_alarm_and_a_note_must_fit() {
    let folder = tempfile::tempdir().unwrap();
    let (policy, list) = (policy(folder.path()), sample("canaries.toml"));
    let silent = waarborg(&["canary", "check", &list, "--policy", &policy, "--day", "2026-11-20"]);
    let said = String::from_utf8_lossy(&silent.stdout).into_owned();
    assert_eq!(silent.status.code(), Some(3), "{said}");
    assert!(said.contains("SEA-74") && said.contains("no answer from 2026-11-20T00:00:00"), "{said}");
    // A package that is none answers nothing.
    let none = waarborg(&["canary", "check", &list, "--policy", &policy, "--day", "2026-11-20", "--package", &list]);
    assert_eq!((none.status.code(), String::from_utf8_lossy(&none.stdout).lines().count()), (Some(3), 2));
    let own = folder.path().join("canaries.toml");
    std::fs::copy(&list, &own).unwrap();
    std::fs::write(folder.path().join("canary-notes.jsonl"), "{\"at\":\"2026-11-20T10:00:00Z\",\"colour\":\"yellow\"}\n").unwrap();
    let wrong = waarborg(&["canary", "check", &own.display().to_string(), "--policy", &policy, "--day", "2026-11-20"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("OVS-01"));
}

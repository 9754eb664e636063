//! `waarborg bench` starts the program that measures, and has nothing of it inside (decision 0101).

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// A folder with `waarborg` in it, and beside it whatever the test lays there.
fn program(folder: &Path) -> impl Fn(&[&str]) -> Output {
    let own = folder.join("waarborg");
    std::fs::copy(env!("CARGO_BIN_EXE_waarborg"), &own).unwrap();
    let folder = folder.to_owned();
    move |words| Command::new(&own).arg("bench").args(words).env("PATH", &folder).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn bench_says_how_to_build_what_it_starts() {
    let folder = tempfile::tempdir().unwrap();
    let output = program(folder.path())(&["--quick"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(said(&output).contains("bench/run.sh"), "{}", said(&output));
}

#[test]
fn bench_hands_on_what_it_was_asked_and_how_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let bench = folder.path().join("waarborg-bench");
    std::fs::write(&bench, "#!/bin/sh\necho \"$@\"\ncase $* in *nothing*) exit 2 ;; *FULL*) exit 4 ;; esac\n").unwrap();
    std::fs::set_permissions(&bench, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = program(folder.path());
    let all = run(&["--quick", "--only", "log", "--plots", "P", "--save", "F"]);
    assert_eq!((all.status.code(), &all.stdout[..]), (Some(0), &b"--quick --only log --plots P --json F\n"[..]));
    let plain = run(&[]);
    assert_eq!((plain.status.code(), &plain.stdout[..]), (Some(0), &b"\n"[..]));
    let group = run(&["--only", "nothing"]);
    assert!(group.status.code() == Some(2) && said(&group).contains("group"), "{}", said(&group));
    assert_eq!(run(&["--save", "FULL"]).status.code(), Some(4));
}

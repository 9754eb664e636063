//! The third-party closure of the crates below the line is a golden file: a new crate is a visible diff.

use super::Finding;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

const GUARDED: &[&str] = &["seal", "verify", "trustee"];
/// The limit for the verifier: a stranger has to be able to read what they run.
const VERIFY_CRATES_MAX: usize = 25;

pub fn check(root: &Path) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for name in GUARDED {
        let path = golden_path(name);
        let golden = fs::read_to_string(root.join(&path)).unwrap_or_default();
        let now = closure(root, name)?;
        let count = now.len();
        if golden != render(&now) {
            let text = format!("third-party closure of {name} changed; argue for it in decision 0002, then `cargo xtask tidy --bless`");
            findings.push(Finding { path: path.clone(), line: 1, rule: "closure", text });
        }
        if *name == "verify" && VERIFY_CRATES_MAX < count {
            let text = format!("verify has {count} third-party crates, at most {VERIFY_CRATES_MAX} are allowed");
            findings.push(Finding { path, line: 1, rule: "closure", text });
        }
    }
    Ok(findings)
}

pub fn bless(root: &Path) -> io::Result<()> {
    for name in GUARDED {
        let path = root.join(golden_path(name));
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        fs::write(path, render(&closure(root, name)?))?;
    }
    Ok(())
}

fn golden_path(name: &str) -> PathBuf {
    Path::new("testdata/golden/closure").join(format!("{name}.txt"))
}

fn render(crates: &BTreeSet<String>) -> String {
    crates.iter().map(|line| format!("{line}\n")).collect()
}

/// `name version` of each third-party crate that is compiled for `name` or for its build scripts.
fn closure(root: &Path, name: &str) -> io::Result<BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args(["tree", "--locked", "--package", name, "--edges", "normal,build", "--prefix", "none", "--format", "{p}"])
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    // Our own crates are printed with their path in brackets; third-party crates are not.
    let third_party = text.lines().filter(|line| !line.contains('(') || line.contains("(proc-macro)"));
    Ok(third_party
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some(format!("{} {}", words.next()?, words.next()?.trim_start_matches('v')))
        })
        .collect())
}

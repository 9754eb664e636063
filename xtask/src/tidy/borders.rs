//! Who may use whom (decision 0001). The borders are about absence: what a crate cannot reach, it cannot leak.

use super::{Finding, SourceFile};

/// Each crate with the crates of ours that it may name under `[dependencies]`.
const MAY_USE: &[(&str, &[&str])] = &[
    ("seal", &[]),
    ("verify", &["seal"]),
    ("trustee", &["seal", "verify"]),
    ("law", &["seal", "verify"]),
    ("standards", &["seal", "verify", "law"]),
    ("sources", &["seal", "verify"]),
    ("node", &["seal", "verify", "law", "standards", "sources"]),
    ("waarborg", &["seal", "verify", "trustee", "law", "standards", "sources", "node"]),
    ("harness", &["seal", "verify", "trustee", "law", "standards", "sources", "node"]),
];

/// Third-party crates that may stand directly under `[dependencies]` below the line; each argued for in decision 0002.
const BELOW_THE_LINE: &[(&str, &[&str])] =
    &[("seal", &["blst", "aws-lc-rs", "zeroize", "subtle"]), ("verify", &["aws-lc-rs"]), ("trustee", &["aws-lc-rs", "zeroize"])];

pub fn check(tree: &[SourceFile]) -> Vec<Finding> {
    let ours: Vec<&str> = MAY_USE.iter().map(|(name, _)| *name).collect();
    let mut findings = Vec::new();
    for (name, allowed) in MAY_USE {
        let path = format!("crates/{name}/Cargo.toml");
        let Some(file) = tree.iter().find(|f| f.path.to_string_lossy() == path) else {
            continue;
        };
        for (line, dependency, whole) in dependencies(&file.text) {
            let mut find = |text: String| findings.push(Finding { path: file.path.clone(), line, rule: "border", text });
            if ours.contains(&dependency) && !allowed.contains(&dependency) {
                find(format!("{name} must not depend on {dependency}"));
            }
            let strict = BELOW_THE_LINE.iter().find(|(below, _)| below == name);
            if let Some((_, third_party)) = strict
                && !ours.contains(&dependency)
                && !third_party.contains(&dependency)
            {
                find(format!("{dependency} is not among the argued dependencies of {name} (decision 0002)"));
            }
            if !whole.contains("workspace = true") {
                find(format!("{dependency}: versions and features stand in the root Cargo.toml only"));
            }
        }
    }
    findings
}

/// (line number, name, whole line) of each entry under `[dependencies]`.
fn dependencies(text: &str) -> Vec<(usize, &str, &str)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        if line.starts_with('[') {
            inside = line.trim() == "[dependencies]";
            continue;
        }
        if !inside || line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let name = line.split(['.', '=', ' ']).next().unwrap_or("");
        found.push((number + 1, name, line));
    }
    found
}

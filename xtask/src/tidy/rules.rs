//! Rule numbers of `docs/spec`: each stands in the specification, in the code that enforces it and in a test.

use super::{Finding, SourceFile};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub fn check(tree: &[SourceFile]) -> Vec<Finding> {
    let defined = defined(tree);
    let mut findings = Vec::new();
    for (rule, (path, line)) in &defined {
        let lower = rule.to_lowercase().replace('-', "_");
        let mut in_code = false;
        let mut in_test = false;
        for file in tree.iter().filter(|f| f.is("rs")) {
            let (code, tests) = split_tests(file);
            in_code |= code.contains(rule.as_str());
            in_test |= tests.contains(&lower) || tests.contains(rule.as_str());
        }
        if !in_code {
            let text = format!("{rule} is not cited where it is enforced");
            findings.push(Finding { path: path.clone(), line: *line, rule: "rule number", text });
        }
        if !in_test && !in_vectors(rule) {
            let text = format!("{rule} has no test or vector that names it");
            findings.push(Finding { path: path.clone(), line: *line, rule: "rule number", text });
        }
    }
    findings
}

/// A rule is defined where `docs/spec` begins an item with its number in bold: `- **POL-03** …`.
fn defined(tree: &[SourceFile]) -> BTreeMap<String, (PathBuf, usize)> {
    let mut found = BTreeMap::new();
    for file in tree.iter().filter(|f| f.is("md") && f.is_under("docs/spec")) {
        for (number, line) in file.text.lines().enumerate() {
            let Some(rest) = line.trim_start().trim_start_matches(['-', '|', ' ']).strip_prefix("**") else { continue };
            let name = rest.split("**").next().unwrap_or("");
            if is_rule(name) {
                found.entry(name.to_owned()).or_insert((file.path.clone(), number + 1));
            }
        }
    }
    found
}

fn is_rule(name: &str) -> bool {
    let Some((letters, digits)) = name.split_once('-') else { return false };
    letters.len() == 3
        && letters.chars().all(|c| c.is_ascii_uppercase())
        && (2..=3).contains(&digits.len())
        && digits.chars().all(|c| c.is_ascii_digit())
}

/// (product code, test code): files under `tests/` and what follows `#[cfg(test)]` are tests.
fn split_tests(file: &SourceFile) -> (&str, &str) {
    let is_test_file = file.path.components().any(|c| c.as_os_str() == "tests") || file.is_under("crates/harness");
    if is_test_file {
        return ("", &file.text);
    }
    let at = file.text.find("#[cfg(test)]").unwrap_or(file.text.len());
    file.text.split_at(at)
}

fn in_vectors(rule: &str) -> bool {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testdata/vectors");
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
                if head.lines().next().is_some_and(|line| line.contains(rule)) {
                    return true;
                }
            }
        }
    }
    false
}

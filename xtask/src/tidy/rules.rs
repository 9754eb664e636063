//! Rule numbers of `docs/spec`: each stands in the specification, in the code that enforces it and in a test, or in
//! `docs/spec/open-rules.md` with the reason why no program enforces it (yet). So gaps are written down, not forgotten.

use super::{Finding, SourceFile};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const OPEN_RULES: &str = "docs/spec/open-rules.md";

pub fn check(tree: &[SourceFile]) -> Vec<Finding> {
    let open = open_rules(tree);
    let mut findings = Vec::new();
    let (code, tests) = all_code_and_tests(tree);
    let vectors = first_lines_of_vectors();
    for (rule, (path, line)) in &defined(tree) {
        let in_code = code.contains(rule.as_str());
        let in_test =
            tests.contains(&rule.to_lowercase().replace('-', "_")) || tests.contains(rule.as_str()) || vectors.contains(rule.as_str());
        let mut find = |text: String| findings.push(Finding { path: path.clone(), line: *line, rule: "rule number", text });
        match (open.contains(rule), in_code, in_test) {
            (true, true, true) => find(format!("{rule} is cited in code and test, so it does not belong into {OPEN_RULES}")),
            (false, false, _) => find(format!("{rule} is not cited where it is enforced")),
            (false, true, false) => find(format!("{rule} has no test or vector that names it")),
            _ => {}
        }
    }
    findings
}

/// A rule is defined where `docs/spec` prints its number in bold.
fn defined(tree: &[SourceFile]) -> BTreeMap<String, (PathBuf, usize)> {
    let mut found = BTreeMap::new();
    for file in tree.iter().filter(|f| f.is("md") && f.is_under("docs/spec") && f.path != Path::new(OPEN_RULES)) {
        for (number, line) in file.text.lines().enumerate() {
            for name in line.split("**").skip(1).step_by(2).filter(|name| is_rule(name)) {
                found.entry(name.to_owned()).or_insert((file.path.clone(), number + 1));
            }
        }
    }
    found
}

/// The rules of the first column of the table in `docs/spec/open-rules.md`.
fn open_rules(tree: &[SourceFile]) -> BTreeSet<String> {
    let page = tree.iter().find(|file| file.path == Path::new(OPEN_RULES));
    let lines = page.map(|file| file.text.lines()).into_iter().flatten();
    let first_cells = lines.filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    first_cells.flat_map(|cell| cell.split([',', ' '])).filter(|name| is_rule(name)).map(str::to_owned).collect()
}

fn is_rule(name: &str) -> bool {
    let Some((letters, digits)) = name.split_once('-') else { return false };
    letters.len() == 3
        && letters.chars().all(|c| c.is_ascii_uppercase())
        && (2..=3).contains(&digits.len())
        && digits.chars().all(|c| c.is_ascii_digit())
}

fn all_code_and_tests(tree: &[SourceFile]) -> (String, String) {
    let (mut code, mut tests) = (String::new(), String::new());
    for file in tree.iter().filter(|f| (f.is("rs") && !f.is_under("xtask")) || f.is("sql")) {
        let (c, t) = split_tests(file);
        code.push_str(c);
        tests.push_str(t);
    }
    (code, tests)
}

/// (product code, test code): files under `tests/`, files called `tests.rs`, the harness, and what follows `#[cfg(test)]`.
fn split_tests(file: &SourceFile) -> (&str, &str) {
    let is_test_file =
        file.path.components().any(|c| c.as_os_str() == "tests") || file.path.ends_with("tests.rs") || file.is_under("crates/harness");
    if is_test_file {
        return ("", &file.text);
    }
    let at = file.text.find("#[cfg(test)]").unwrap_or(file.text.len());
    file.text.split_at(at)
}

/// The verdict lines of `testdata/vectors`, joined.
fn first_lines_of_vectors() -> String {
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testdata/vectors")];
    let mut lines = String::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
                lines.push_str(head.lines().next().unwrap_or(""));
                lines.push('\n');
            }
        }
    }
    lines
}

//! What `./test` installs on somebody's machine is what README says that it installs.

use super::{Finding, SourceFile};
use std::collections::BTreeSet;
use std::path::Path;

const SCRIPT: &str = "test";
const PAGE: &str = "README.md";

pub fn check(tree: &[SourceFile]) -> Vec<Finding> {
    let find = |path: &str| tree.iter().find(|file| file.path == Path::new(path));
    let (Some(script), Some(page)) = (find(SCRIPT), find(PAGE)) else {
        return Vec::new();
    };
    let installed: BTreeSet<&str> = script
        .text
        .split("missing+=(")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .flat_map(|(names, _)| names.split_whitespace())
        .collect();
    let line = page.text.lines().enumerate().find(|(_, line)| line.starts_with("./test ") && line.contains("installs"));
    let named: BTreeSet<&str> = line
        .and_then(|(_, line)| line.split_once("missing): "))
        .and_then(|(_, rest)| rest.split_once(','))
        .map(|(names, _)| names.split_whitespace().collect())
        .unwrap_or_default();
    let number = line.map_or(1, |(number, _)| number + 1);
    let finding = |text: String| Finding { path: page.path.clone(), line: number, rule: "installs", text };
    let unsaid = installed.difference(&named).map(|name| finding(format!("./test installs {name}, and does not say so")));
    let stale = named.difference(&installed).map(|name| finding(format!("./test does not install {name}")));
    unsaid.chain(stale).collect()
}

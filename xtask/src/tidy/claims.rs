//! Claims about attacks: every test that `docs/incidents.md` names exists where it says, and every attack of the list has its line.

use super::{Finding, SourceFile};
use std::path::{Component, Path, PathBuf};

const PAGE: &str = "docs/incidents.md";
/// T1 to T32 of docs/spec/threats.md.
const ATTACKS: std::ops::RangeInclusive<u32> = 1..=32;

pub fn check(tree: &[SourceFile]) -> Vec<Finding> {
    let Some(page) = tree.iter().find(|file| file.path == Path::new(PAGE)) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let mut find = |line: usize, text: String| findings.push(Finding { path: page.path.clone(), line, rule: "claim", text });
    for (number, line) in page.text.lines().enumerate() {
        for (name, target) in tests_named(line) {
            let path = resolve(target);
            let exists = tree.iter().find(|file| file.path == path).is_some_and(|file| file.text.contains(&format!("fn {name}(")));
            if !exists {
                find(number + 1, format!("there is no test `{name}` in {}", path.display()));
            }
        }
    }
    for attack in ATTACKS {
        if !page.text.lines().any(|line| line.starts_with(&format!("| T{attack} |"))) {
            find(1, format!("T{attack} has no line"));
        }
    }
    findings
}

/// (name, link) of each ``[`name`](link.rs)``.
fn tests_named(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split("[`").skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once("`](")?;
        let (target, _) = rest.split_once(')')?;
        target.ends_with(".rs").then_some((name, target))
    })
}

fn resolve(target: &str) -> PathBuf {
    let mut path = PathBuf::from(PAGE);
    path.pop();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

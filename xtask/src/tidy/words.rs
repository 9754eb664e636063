//! Words that stand nowhere, `unsafe` that stands in two modules, links that lead somewhere.

use super::{Finding, SourceFile};
use std::path::{Component, Path, PathBuf};

/// (what, why). Split in two so that this file does not find itself.
const BANNED: &[(&[&str], &str)] = &[
    (&["#[ign", "ore"], "a test that does not run proves nothing; make it run or remove it"),
    (&["todo", "!("], "unfinished code is not merged"),
    (&["unimpl", "emented!"], "unfinished code is not merged"),
    (&["/wo", "rk/"], "no machine path in the tree"),
    (&["/ro", "ot/"], "no machine path in the tree"),
    (&["index.cra", "tes.io"], "no registry host in the tree"),
    (&["static.cra", "tes.io"], "no registry host in the tree"),
    (&["pypi", ".org"], "no registry host in the tree"),
    (&["npmjs", ".org"], "no registry host in the tree"),
    (&["deb.deb", "ian.org"], "no registry host in the tree"),
];
const BANNED_NAMES: &[&str] = &["utils", "util", "misc", "common", "helpers"];
/// The last one goes into the copy of `cargo xtask mutants` and into nothing that ships.
const UNSAFE_MODULES: &[&str] = &["crates/seal/src/bindings.rs", "crates/seal/src/memory.rs", "mutants/switch/cut.rs"];

pub fn check(tree: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree {
        let stem = file.path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        if file.is("rs") && BANNED_NAMES.contains(&stem.as_str()) {
            let text = format!("`{stem}` says nothing about what is inside");
            findings.push(Finding { path: file.path.clone(), line: 1, rule: "name", text });
        }
        for (number, line) in file.text.lines().enumerate() {
            let mut find = |rule, text: String| findings.push(Finding { path: file.path.clone(), line: number + 1, rule, text });
            for (parts, why) in BANNED {
                let word = parts.concat();
                // A compile_fail example in a doc comment may leave a value out; product code may not.
                let example = word.ends_with('(') && line.trim_start().starts_with("//");
                if line.contains(&word) && !example {
                    find("banned word", format!("`{word}`: {why}"));
                }
            }
            let todo = ["TO", "DO"].concat();
            if line.contains(&todo) && !line.contains(&format!("{todo}(#")) && file.is("rs") {
                find("banned word", format!("{todo} without an issue number"));
            }
        }
        findings.extend(unsafe_outside(file));
    }
    findings
}

/// SEA-83: `unsafe` stands in two named modules of `seal`, and every crate root says that it stands nowhere else.
fn unsafe_outside(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let named = UNSAFE_MODULES.iter().any(|module| file.path == Path::new(module));
    if !file.is("rs") || named {
        return findings;
    }
    for (number, line) in file.text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        let keyword = ["uns", "afe"].concat();
        if [" {", " fn", " impl", " extern"].iter().any(|after| code.contains(&format!("{keyword}{after}"))) {
            let text = "unsafe outside the two named modules (SEA-83)".to_owned();
            findings.push(Finding { path: file.path.clone(), line: number + 1, rule: "unsafe", text });
        }
    }
    let is_root = file.path.ends_with("src/lib.rs") || file.path.ends_with("src/main.rs");
    let says = file.text.contains("#![forbid(unsafe_code)]") || file.text.contains("#![deny(unsafe_code)]");
    if is_root && !says {
        let text = "a crate root forbids unsafe code (SEA-83)".to_owned();
        findings.push(Finding { path: file.path.clone(), line: 1, rule: "unsafe", text });
    }
    findings
}

/// A relative Markdown link must name a file of the tree.
pub fn check_links(tree: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.iter().filter(|file| file.is("md")) {
        for (number, line) in file.text.lines().enumerate() {
            for target in links(line) {
                let target = target.split('#').next().unwrap_or("");
                if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                    continue;
                }
                let path = normal(&file.path.parent().unwrap_or(Path::new("")).join(target));
                let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
                if !tree.iter().any(|f| f.path == path || f.path.starts_with(&path)) && !root.join(&path).exists() {
                    let text = format!("link to {target} leads nowhere");
                    findings.push(Finding { path: file.path.clone(), line: number + 1, rule: "link", text });
                }
            }
        }
    }
    findings
}

fn links(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find("](") {
        rest = &rest[at + 2..];
        if let Some(end) = rest.find(')') {
            found.push(&rest[..end]);
        }
    }
    found
}

fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

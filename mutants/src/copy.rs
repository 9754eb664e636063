//! The copy of the tree in which every check can be taken away.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::Path;

use crate::sites::{self, Site};
use crate::wrap;

/// The crates whose checks are taken away.
pub const MUTATED: &[&str] = &["verify", "trustee", "law"];
/// What is not copied; folders of that name further in are, except `target`.
const SKIPPED: &[&str] = &["target", ".git", "node_modules", "fuzz", "mutants", "waarborg-demo"];

pub struct Copied {
    pub sites: Vec<Site>,
    /// Of all files that may decide a verdict: what is judged, its judges, their test data. Verdicts are of one tree.
    pub digest: u64,
}

/// Copies and mutates. `judges`: the crates whose tests are asked.
pub fn make(root: &Path, to: &Path, judges: &[&str]) -> io::Result<Copied> {
    let decides = |path: &str| {
        let of = |name: &&str| path.starts_with(&format!("crates/{name}/"));
        path.starts_with("testdata/") || judges.iter().chain(&["seal", "verify"]).any(of)
    };
    let mut files = Vec::new();
    list(root, "", &mut files)?;
    // Numbers go through the crates in the order in which they stand above: a change of `law` builds nothing below it again.
    let place_of = |path: &String| MUTATED.iter().position(|name| path.starts_with(&format!("crates/{name}/")));
    files.sort_by_cached_key(|path| (place_of(path), path.clone()));
    let mut sites = Vec::new();
    let mut hasher = DefaultHasher::new();
    for path in &files {
        let octets = fs::read(root.join(path))?;
        if decides(path) {
            path.hash(&mut hasher);
            octets.hash(&mut hasher);
        }
        let octets = if is_mutated(path) {
            let text = String::from_utf8(octets).map_err(io::Error::other)?;
            let found = sites::find(path, &text, sites.len()).map_err(|e| io::Error::other(format!("{path}: {e}")))?;
            sites.extend(found.sites);
            let text = otherwise(path, wrap::apply(&text, &found.wraps))?;
            // What is put around conditions has parentheses to spare.
            if path.ends_with("/src/lib.rs") { format!("#![allow(warnings)] {text}").into_bytes() } else { text.into_bytes() }
        } else if OTHERWISE.iter().any(|(file, _, _)| file == path) {
            otherwise(path, String::from_utf8(octets).map_err(io::Error::other)?)?.into_bytes()
        } else if path == SWITCH_IN {
            [&octets, DECLARED.as_bytes()].concat()
        } else {
            octets
        };
        write(&to.join(path), &octets)?;
    }
    write(&to.join(SWITCH_AT), SWITCH.as_bytes())?;
    files.push(SWITCH_AT.to_owned());
    remove_gone(to, &files)?;
    Ok(Copied { sites, digest: hasher.finish() })
}

/// Of an earlier tree: cargo would build a test that is no more.
fn remove_gone(to: &Path, files: &[String]) -> io::Result<()> {
    let kept: BTreeSet<&String> = files.iter().collect();
    let mut found = Vec::new();
    list(to, "", &mut found)?;
    found.iter().filter(|path| !kept.contains(path)).try_for_each(|path| fs::remove_file(to.join(path)))
}

/// Files that have not changed keep their time, so that cargo builds what changed only.
fn write(target: &Path, octets: &[u8]) -> io::Result<()> {
    if fs::read(target).ok().is_some_and(|old| old == octets) {
        return Ok(());
    }
    fs::create_dir_all(target.parent().unwrap_or(target))?;
    fs::write(target, octets)
}

/// What is otherwise in the copy: a test must do all that it does in its own thread, which is the one that splits; so it calls the
/// member's program instead of starting it. And it dies of the first vector, not after the last.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("crates/verify/src/threads.rs", "threads.max(1)", "threads.min(1).max(1)"),
    (
        "crates/verify/tests/vectors/main.rs",
        "if verdict != vector.expect {",
        "assert_eq!(verdict, vector.expect);\n            if verdict != vector.expect {",
    ),
    ("crates/trustee/tests/support/mod.rs", "    pub fn run_with(", concat!(include_str!("../switch/inside.rs"), "    pub fn run_with(")),
    (
        "crates/trustee/tests/support/mod.rs",
        "let mut child = Command::new(",
        "if true {\n            return self.inside(words, input);\n        }\n        let mut child = Command::new(",
    ),
];

fn otherwise(path: &str, mut text: String) -> io::Result<String> {
    for (_, from, to) in OTHERWISE.iter().filter(|(file, _, _)| *file == path) {
        if !text.contains(from) {
            return Err(io::Error::other(format!("{path} is not the file it was: where is `{from}`?")));
        }
        text = text.replace(from, to);
    }
    Ok(text)
}

/// Whether the checks of this file are to be taken away: product code of the crates named above.
fn is_mutated(path: &str) -> bool {
    let inside = MUTATED.iter().any(|name| path.starts_with(&format!("crates/{name}/src/")));
    inside && path.ends_with(".rs") && !path.ends_with("/tests.rs")
}

fn list(root: &Path, folder: &str, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        if SKIPPED.contains(&path.as_str()) || name == "target" {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            list(root, &path, found)?;
        } else if kind.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

/// The crate below all; `verify` has a test that its own sources ask nobody, the environment included.
const SWITCH_IN: &str = "crates/seal/src/lib.rs";
const DECLARED: &str = "\n#[doc(hidden)]\n#[allow(unsafe_code, missing_docs)]\npub mod cut;\n";
const SWITCH_AT: &str = "crates/seal/src/cut.rs";
const SWITCH: &str = include_str!("../switch/cut.rs");

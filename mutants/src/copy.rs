//! The copy of the tree in which every check can be taken away.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::Path;

use crate::sites::{self, Site};
use crate::wrap;

/// The crates whose checks are taken away.
pub const MUTATED: &[&str] = &["verify", "trustee"];
/// Folders whose change makes old verdicts void.
const COUNTED: &[&str] = &["crates/seal/", "crates/verify/", "crates/trustee/", "testdata/"];
/// What is not copied.
const SKIPPED: &[&str] = &["target", ".git", "node_modules", "fuzz", "mutants", "waarborg-demo"];

pub struct Copied {
    pub sites: Vec<Site>,
    /// Of the mutated crates, what they stand on, and their test data: verdicts are of one tree.
    pub digest: u64,
}

/// Copies and mutates. Files that have not changed keep their time, so that cargo builds what changed only.
pub fn make(root: &Path, to: &Path) -> io::Result<Copied> {
    let mut files = Vec::new();
    list(root, "", &mut files)?;
    files.sort();
    let mut sites = Vec::new();
    let mut hasher = DefaultHasher::new();
    for path in &files {
        let octets = fs::read(root.join(path))?;
        if COUNTED.iter().any(|folder| path.starts_with(folder)) {
            path.hash(&mut hasher);
            octets.hash(&mut hasher);
        }
        let octets = if path == SWITCH_IN {
            [&octets, SWITCH.as_bytes()].concat()
        } else if is_mutated(path) {
            let text = String::from_utf8(octets).map_err(io::Error::other)?;
            let found = sites::find(path, &text, sites.len()).map_err(|e| io::Error::other(format!("{path}: {e}")))?;
            sites.extend(found.sites);
            wrap::apply(&text, &found.wraps).into_bytes()
        } else {
            octets
        };
        let target = to.join(path);
        if fs::read(&target).ok().is_none_or(|old| old != octets) {
            fs::create_dir_all(target.parent().unwrap_or(to))?;
            fs::write(&target, octets)?;
        }
    }
    Ok(Copied { sites, digest: hasher.finish() })
}

/// Whether the checks of this file are to be taken away: product code of the two crates.
fn is_mutated(path: &str) -> bool {
    let inside = MUTATED.iter().any(|name| path.starts_with(&format!("crates/{name}/src/")));
    inside && path.ends_with(".rs") && !path.ends_with("/tests.rs")
}

fn list(root: &Path, folder: &str, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            list(root, &path, found)?;
        } else if kind.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

/// The crate below both; `verify` has a test that its own sources ask nobody, the environment included.
const SWITCH_IN: &str = "crates/seal/src/lib.rs";
/// Put at the end of that file, in the copy. `WAARBORG_CUT` names the check that is away; `WAARBORG_REACHED` names a file to
/// which the number of every check that is come by is added once.
const SWITCH: &str = r#"
#[doc(hidden)]
#[allow(clippy::all, missing_docs)]
pub fn cut(id: usize) -> bool {
    use std::io::Write;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, Ordering};
    static AWAY: OnceLock<(Option<usize>, Option<std::ffi::OsString>)> = OnceLock::new();
    static SEEN: [AtomicBool; 8192] = [const { AtomicBool::new(false) }; 8192];
    let (away, reached) = AWAY.get_or_init(|| {
        let away = std::env::var("WAARBORG_CUT").ok().and_then(|word| word.parse().ok());
        (away, std::env::var_os("WAARBORG_REACHED"))
    });
    if let Some(path) = reached {
        if !SEEN[id].load(Ordering::Relaxed) && !SEEN[id].swap(true, Ordering::Relaxed) {
            if let Ok(mut file) = std::fs::OpenOptions::new().append(true).create(true).open(path) {
                let _ = file.write_all(format!("{id}\n").as_bytes());
            }
        }
    }
    *away == Some(id)
}
"#;

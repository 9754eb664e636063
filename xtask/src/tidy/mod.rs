//! The rules of the tree. Each check is a function from the files to findings; CONTRIBUTING.md gives the reasons.

pub mod borders;
mod claims;
pub mod closure;
mod files;
mod installs;
mod lengths;
mod rules;
mod words;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use files::{SourceFile, read_tree};

/// One broken habit: where, which rule, and what to do about it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub path: PathBuf,
    pub line: usize,
    pub rule: &'static str,
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path.display(), self.line, self.rule, self.text)
    }
}

/// Runs every check over the tree at `root`. An empty answer means tidy.
pub fn check(root: &Path) -> io::Result<Vec<Finding>> {
    let tree = read_tree(root)?;
    let mut findings = check_files(&tree);
    findings.extend(closure::check(root)?);
    findings.sort();
    Ok(findings)
}

/// The checks that need nothing but the files; apart, so that tests can feed them invented trees.
pub fn check_files(tree: &[SourceFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(borders::check(tree));
    findings.extend(lengths::check(tree));
    findings.extend(words::check(tree));
    findings.extend(words::check_links(tree));
    findings.extend(rules::check(tree));
    findings.extend(claims::check(tree));
    findings.extend(installs::check(tree));
    findings
}

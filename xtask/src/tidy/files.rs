//! The text files of the tree, read once.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A text file with its path relative to the root, `/`-separated.
#[derive(Debug, Clone)]
pub struct SourceFile {
    pub path: PathBuf,
    pub text: String,
}

impl SourceFile {
    pub fn is(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|found| found == extension)
    }

    pub fn is_under(&self, folder: &str) -> bool {
        self.path.starts_with(folder)
    }
}

const SKIPPED_FOLDERS: &[&str] = &["target", ".git", "node_modules"];
/// What commands of ours write below the root and git ignores: whoever ran the demo has a tidy tree still.
const WRITTEN: &[&str] = &["waarborg-demo", "fuzz/corpus", "fuzz/artifacts"];
/// Texts without an ending.
const SCRIPTS: &[&str] = &[".ci/run", "test", "demo"];
const TEXT: &[&str] = &["rs", "md", "toml", "sh", "py", "go", "js", "sql", "html", "yml", "yaml"];

/// Reads every text file below `root`; binary files and test data are not texts that we write.
pub fn read_tree(root: &Path) -> io::Result<Vec<SourceFile>> {
    let mut found = Vec::new();
    walk(root, Path::new(""), &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<SourceFile>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = folder.join(&*name);
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !SKIPPED_FOLDERS.contains(&&*name) && !WRITTEN.iter().any(|written| path == Path::new(written)) {
                walk(root, &path, found)?;
            }
            continue;
        }
        let is_text = path.extension().is_some_and(|e| TEXT.contains(&&*e.to_string_lossy()));
        let is_script = SCRIPTS.iter().any(|script| path == Path::new(script));
        if kind.is_file() && (is_text || is_script) && !path.starts_with("testdata") {
            found.push(SourceFile { text: fs::read_to_string(root.join(&path))?, path });
        }
    }
    Ok(())
}

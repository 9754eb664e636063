//! A file appears under its name whole or not at all: temporary file, fsync, check, rename, fsync of the folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The temporary file; gone unless it was renamed.
struct Partial {
    path: PathBuf,
    is_placed: bool,
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_placed {
            // Nothing to do about a failure here: the name begins with a dot and the next attempt overwrites it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes `name` into `folder` by `fill`, looks at the written file with `check`, then gives it its name.
///
/// Mode 0600: a production names persons. An older file of that name is replaced, so that a repeated step ends in the
/// same state; a failure at any point leaves the older file, or none, and no half-written one (T14, R5).
pub fn place<E: From<io::Error>>(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    check: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<PathBuf, E> {
    let target = folder.join(name);
    let mut partial = Partial { path: folder.join(format!(".{name}.partial")), is_placed: false };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = BufWriter::new(options.open(&partial.path)?);
    fill(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    check(&partial.path)?;
    fs::rename(&partial.path, &target)?;
    partial.is_placed = true;
    // Without this the new name may be lost in a power cut although the bytes are there.
    File::open(folder)?.sync_all()?;
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_failure_while_filling_or_checking_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let failing = |_: &mut dyn Write| Err(io::Error::other("disk full"));
        assert!(place(folder.path(), "a", failing, |_| Ok::<(), io::Error>(())).is_err());
        assert!(names(folder.path()).is_empty());
        let filled = |out: &mut dyn Write| out.write_all(b"x");
        assert!(place(folder.path(), "a", filled, |_| Err::<(), io::Error>(io::Error::other("not readable"))).is_err());
        assert!(names(folder.path()).is_empty());
        place(folder.path(), "a", filled, |_| Ok::<(), io::Error>(())).unwrap();
        assert_eq!(names(folder.path()), ["a"]);
        // An older file survives a failed attempt.
        assert!(place(folder.path(), "a", failing, |_| Ok::<(), io::Error>(())).is_err());
        assert_eq!(fs::read(folder.path().join("a")).unwrap(), b"x");
    }
}

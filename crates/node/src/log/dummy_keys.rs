//! Day keys of the dummies, one file a UTC day (LOG-33).
//!
//! Trusted: who reads them can tell real leaves from dummies. Back them up apart: lost, that day's leaves can never be shown
//! to be dummies and count as overdue. Erased once the day is disclosed.

use std::io::Write;
use std::path::{Path, PathBuf};

use seal::entropy::Entropy;
use seal::secret::Secret;

use verify::calendar::Day;

use super::keys::{KeyFileError, open_new};

/// The day key for the tick at `now`, drawn and stored durably at the first tick of its day.
pub fn of_day(directory: &Path, now: u64, entropy: &mut dyn Entropy) -> Result<Secret<32>, KeyFileError> {
    let path = path(directory, Day::containing(now));
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut key = [0; 32];
            entropy.fill(&mut key);
            let mut file = open_new(&path)?;
            let line = format!("{}\n", verify::spelling::hex(&key));
            file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(KeyFileError::File)?;
            // The name must survive too: a leaf made with a key that a crash loses is overdue for ever.
            std::fs::File::open(directory).and_then(|dir| dir.sync_all()).map_err(KeyFileError::File)?;
            Ok(Secret::new(key))
        }
        Err(error) => Err(KeyFileError::File(error)),
    }
}

fn parse(text: &str) -> Result<Secret<32>, KeyFileError> {
    let key = text.strip_suffix('\n').and_then(verify::spelling::from_hex_exact::<32>);
    key.map(Secret::new).ok_or(KeyFileError::Malformed)
}

/// Every day key in the directory, oldest first.
pub fn all(directory: &Path) -> Result<Vec<Secret<32>>, KeyFileError> {
    let found = std::fs::read_dir(directory).map_err(KeyFileError::File)?;
    let mut paths: Vec<PathBuf> = found.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "key"));
    paths.sort();
    paths.iter().map(|path| parse(&std::fs::read_to_string(path).map_err(KeyFileError::File)?)).collect()
}

/// `<yyyy-mm-dd>.key`.
pub fn path(directory: &Path, day: Day) -> PathBuf {
    directory.join(format!("{day}.key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::entropy::SeededEntropy;

    const DAY_S: u64 = 86_400;

    #[test]
    fn log_33_one_key_a_day_kept_over_restarts() {
        let dir = tempfile::tempdir().unwrap();
        let mut entropy = SeededEntropy::new([1; 32]);
        let mut at = |now| of_day(dir.path(), now, &mut entropy).unwrap().expose(|key| *key);
        let first = at(DAY_S + 5);
        assert_eq!(at(2 * DAY_S - 1), first);
        assert_ne!(at(2 * DAY_S), first);
    }
}

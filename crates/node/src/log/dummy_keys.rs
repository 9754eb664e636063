//! Day keys of the dummies, one file a UTC day (LOG-33).
//!
//! Trusted: who reads them can tell real leaves from dummies. Back them up apart: lost, that day's leaves can never be shown
//! to be dummies and count as overdue. Erased once the day is disclosed.

use std::io::Write;
use std::path::{Path, PathBuf};

use seal::entropy::Entropy;
use seal::secret::Secret;

use super::keys::{KeyFileError, open_new};

const DAY_S: u64 = 86_400;

/// The day key for the tick at `now`, drawn and stored durably at the first tick of its day.
pub fn of_day(directory: &Path, now: u64, entropy: &mut dyn Entropy) -> Result<Secret<32>, KeyFileError> {
    let path = path(directory, now / DAY_S);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let key = text.strip_suffix('\n').and_then(verify::spelling::from_hex_exact::<32>);
            key.map(Secret::new).ok_or(KeyFileError::Malformed)
        }
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

/// `<yyyy-mm-dd>.key`.
pub fn path(directory: &Path, day: u64) -> PathBuf {
    directory.join(format!("{}.key", date(day)))
}

/// The Gregorian date of a day since 1970-01-01, by eras of 400 years that start in March.
pub fn date(day: u64) -> String {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{of_month:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use seal::entropy::SeededEntropy;

    #[test]
    fn dates() {
        let known = [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_818, "2026-12-31"), (20_819, "2027-01-01")];
        for (day, text) in known {
            assert_eq!(date(day), text);
        }
    }

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

//! `waarborg keys certificate`: self-signed certificates where a foreign program needs one.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use seal::digest::sha256;
use standards::certificates::{self, Unmade};
use verify::spelling::hex;

use crate::commands::keys::write_new;
use crate::exit::Failure;

const DAY_S: u64 = 86_400;

/// What a certificate is for.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Purpose {
    /// Signs packages (ECDSA P-256)
    Package,
    /// Packages are encrypted to it (RSA 3072)
    Delivery,
    /// One end of the mutual TLS between gateway and log (ECDSA P-256)
    Tls,
}

impl From<Purpose> for certificates::Purpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Package => certificates::Purpose::Package,
            Purpose::Delivery => certificates::Purpose::Delivery,
            Purpose::Tls => certificates::Purpose::Tls,
        }
    }
}

/// Writes OUT.crt and OUT.pem, both create-only; gives the SHA-256 of the certificate, which policies and peers pin.
pub fn make(purpose: Purpose, organisation: &str, days: u32, out: &Path) -> Result<String, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    // From yesterday, so that a receiver whose clock is a little behind accepts it.
    let (from, until) = (now.saturating_sub(DAY_S), now.saturating_add(u64::from(days) * DAY_S));
    let made = certificates::make(purpose.into(), organisation, from, until).map_err(|unmade| match unmade {
        Unmade::Terms => Failure::refused("KEYS-02", "an organisation has 1 to 64 characters, a validity at least one day", "see --help"),
        Unmade::Failed => Failure::unavailable("the key could not be made", "the system's randomness or the library failed; try again"),
    })?;
    write_new(&with_ending(out, "pem"), made.key.as_bytes())?;
    write_new(&with_ending(out, "crt"), made.certificate.as_bytes())?;
    Ok(hex(&sha256(&[&made.der])))
}

fn with_ending(out: &Path, ending: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_of_each_kind_are_made_once() {
        let folder = tempfile::tempdir().unwrap();
        for (name, purpose) in [("a", Purpose::Package), ("b", Purpose::Delivery), ("c", Purpose::Tls)] {
            let out = folder.path().join(name);
            make(purpose, "Body", 30, &out).unwrap();
            assert!(std::fs::read_to_string(with_ending(&out, "crt")).unwrap().contains("BEGIN CERTIFICATE"));
            assert!(make(purpose, "Body", 30, &out).is_err());
            assert!(make(purpose, "", 30, &folder.path().join("none")).is_err_and(|failure| failure.code == "KEYS-02"));
        }
    }
}

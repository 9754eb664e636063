//! Case bodies at rest: sealed to a key of their own, so that the database file alone names nobody (T4).
//!
//! Honest note: the gateway has to read its cases, so the key is on the gateway's machine too, in a file of its own that the
//! runbook puts on another volume (or into the machine's TPM). A copy of the database, its backup or its disk alone shows
//! nothing; an intruder who reads the running process's memory reads what the gateway reads.

use seal::entropy::Entropy;
use seal::hpke::{self, PrivateKey};
use seal::secret::Secret;

const INFO: &[u8] = b"waarborg/v1/case-body\0";

/// The key to which bodies are sealed. No `Debug`, no `Clone`.
pub struct BodyKey(PrivateKey);

/// A body that is not ours, was moved to another case, or was changed.
#[derive(Debug, PartialEq, Eq)]
pub enum BodyError {
    Seal,
    Open,
}

impl std::fmt::Display for BodyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            BodyError::Seal => "a case could not be sealed",
            BodyError::Open => "a case does not open with this store key",
        })
    }
}

impl BodyKey {
    pub fn generate(entropy: &mut dyn Entropy) -> BodyKey {
        BodyKey(PrivateKey::generate(entropy))
    }

    pub fn from_bytes(bytes: Secret<32>) -> BodyKey {
        BodyKey(PrivateKey::from_bytes(bytes))
    }

    /// To store it; 32 octets.
    pub fn expose<R>(&self, f: impl FnOnce(&[u8; 32]) -> R) -> R {
        self.0.expose(f)
    }

    pub(crate) fn seal(&self, case: &[u8], body: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, BodyError> {
        let to = self.0.public_key().map_err(|_| BodyError::Seal)?;
        hpke::seal(&to, INFO, case, body, entropy).map_err(|_| BodyError::Seal)
    }

    pub(crate) fn open(&self, case: &[u8], sealed: &[u8]) -> Result<Vec<u8>, BodyError> {
        hpke::open(&self.0, INFO, case, sealed).map_err(|_| BodyError::Open)
    }
}

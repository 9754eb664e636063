//! The provider's package signing key: ECDSA P-256 and its certificate.

use super::Refusal;

/// ECDSA P-256 key with its certificate. Not `Debug`, not `Clone`; the private key lives in aws-lc-rs.
pub struct PackageKey {
    certificate: Vec<u8>,
}

impl PackageKey {
    /// A fresh key with a self-signed certificate for `organisation`, valid between two UNIX times.
    /// Returns the key and the PEM file to keep (private key and certificate, mode 0600 is the caller's).
    pub fn generate(organisation: &str, from: u64, until: u64) -> Result<(PackageKey, String), Refusal> {
        let _ = (organisation, from, until);
        Err(Refusal::Key { what: "not generated" })
    }
    /// From PEM: a PKCS #8 `PRIVATE KEY` and the signer's `CERTIFICATE`, then its chain if any.
    pub fn from_pem(text: &str) -> Result<PackageKey, Refusal> {
        let _ = text;
        Err(Refusal::Key { what: "no key" })
    }
    /// SHA-256 of the DER certificate: the value that the policy pins.
    pub fn certificate_sha256(&self) -> [u8; 32] {
        [0; 32]
    }
    /// The DER certificate.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }
}

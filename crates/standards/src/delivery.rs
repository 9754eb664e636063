//! Delivery: a package encrypted to the authority's certificate.
//!
//! CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084), the content key transported by RSA-OAEP with SHA-256.
//! aws-lc-rs has AES-GCM for whole buffers only, so a delivery is made in memory; larger productions are pulled in parts.

use verify::package::Refusal;

/// Largest package that is encrypted in one piece.
pub const PLAIN_LEN_MAX: usize = 2 * 1024 * 1024 * 1024;

/// The authority's certificate (RSA, 2048 to 8192 bits), pinned by its SHA-256.
pub struct Recipient {
    certificate: Vec<u8>,
}

impl Recipient {
    /// From PEM or DER; `pinned` is the SHA-256 in the policy.
    pub fn new(certificate: &[u8], pinned: &[u8; 32]) -> Result<Recipient, Refusal> {
        let _ = (certificate, pinned);
        Err(Refusal::OtherRecipient)
    }
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }
}

/// The encrypted package, DER (`.asice.p7m`).
pub fn encrypt(package: Vec<u8>, recipient: &Recipient) -> Result<Vec<u8>, Refusal> {
    let _ = (package, recipient);
    Err(Refusal::OtherRecipient)
}

/// The package, if the envelope is for this certificate and opens with its private key (PKCS #8, PEM).
pub fn decrypt(envelope: &[u8], certificate: &[u8], private_key_pem: &str) -> Result<Vec<u8>, Refusal> {
    let _ = (envelope, certificate, private_key_pem);
    Err(Refusal::OtherRecipient)
}

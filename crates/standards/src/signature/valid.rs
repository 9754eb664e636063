//! The first verdict: these octets were signed with the key of this certificate.

use super::Certificate;
use std::sync::Arc;
use verify::package::digest::sha256;

/// How the signature is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Xml,
    Cms,
    Pdf,
    Jws,
}

/// How much of the document that came in the signed octets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All that a reader of the document is shown.
    Whole,
    /// A PDF that was signed, then added to and signed again: the first `signed` of `of` octets (SIG-35).
    Earlier { signed: usize, of: usize },
}

/// A signature that verifies. Says nothing about who the signer is.
///
/// ```compile_fail
/// let forged = standards::signature::Valid { format: standards::signature::Format::Xml };
/// ```
#[derive(Clone, Debug)]
pub struct Valid {
    pub(super) format: Format,
    pub(super) coverage: Coverage,
    pub(super) octets: Arc<Vec<u8>>,
    pub(super) certificate: Certificate,
    pub(super) others: Vec<Vec<u8>>,
    pub(super) claimed_time: Option<u64>,
    pub(super) is_certificate_signed: bool,
}

impl Valid {
    pub fn format(&self) -> Format {
        self.format
    }
    pub fn coverage(&self) -> Coverage {
        self.coverage
    }
    /// SIG-16: what was signed. XML: the canonical octets of the whole document without its signatures, so without comments,
    /// entities or CDATA; PDF: the file as signed; CMS, JWS: the content. Whoever acts on an order reads it from here.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }
    /// The same, shared: documents are large, and are held once.
    pub(super) fn shared(&self) -> Arc<Vec<u8>> {
        self.octets.clone()
    }
    pub fn octets_sha256(&self) -> [u8; 32] {
        sha256(&[&self.octets])
    }
    /// The signer's certificate, as sent. Not trusted yet.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
    /// The other certificates that came along, unchecked: possible links of a path.
    pub fn others(&self) -> &[Vec<u8>] {
        &self.others
    }
    /// When the signer says it signed, seconds since 1970 UTC. A claim: it is covered by the signature, but by nobody else.
    pub fn claimed_time(&self) -> Option<u64> {
        self.claimed_time
    }
    /// Does the signature itself name the certificate (XAdES, CAdES, PAdES, JAdES)? If not, another certificate on the same key
    /// could stand in its place; trust is then about the certificate that came along.
    pub fn is_certificate_signed(&self) -> bool {
        self.is_certificate_signed
    }
}

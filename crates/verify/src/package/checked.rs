//! The structure layer.

use super::statement::CompletenessStatement;
use super::{ConsistentPackage, LogFile, Refusal, SignedPackage, Source};

/// A package whose structure is right: layout, bag, ASiC manifest, documents and rows agree. Who signed it is open.
pub struct Package<'a> {
    source: &'a dyn Source,
    statement: CompletenessStatement,
    log: LogFile,
}

impl<'a> Package<'a> {
    pub(super) fn check(source: &'a dyn Source) -> Result<Package<'a>, Refusal> {
        let _ = source;
        Err(Refusal::MimeType)
    }

    /// Names of all files, in container order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }
    /// Names of the files in `data/evidence/`, ascending.
    pub fn evidence(&self) -> Vec<String> {
        Vec::new()
    }
    /// A whole file of at most `len_max` octets. Its SHA-256 is compared again with the one that was checked.
    pub fn file(&self, name: &str, len_max: usize) -> Result<Vec<u8>, Refusal> {
        let _ = (name, len_max, self.source.size());
        Err(Refusal::Unreadable)
    }
    /// SHA-256 of a file, as the signed manifest has it.
    pub fn digest(&self, name: &str) -> Option<[u8; 32]> {
        let _ = name;
        None
    }
    /// SHA-256 of META-INF/ASiCManifest.xml: what the receipt leaf commits to, with [`Package::signature_digest`].
    pub fn manifest_digest(&self) -> [u8; 32] {
        [0; 32]
    }
    /// SHA-256 of META-INF/signature.p7s.
    pub fn signature_digest(&self) -> [u8; 32] {
        [0; 32]
    }
    pub fn statement(&self) -> &CompletenessStatement {
        &self.statement
    }
    pub fn log(&self) -> &LogFile {
        &self.log
    }
    /// Rows of a category, counted by reading the JSONL file.
    pub fn rows(&self, category: &str) -> Option<u64> {
        let _ = category;
        None
    }
    /// The package, if its signature verifies and the signer's certificate has the SHA-256 that the policy names (PKG-40 to PKG-53).
    pub fn signed_by(self, certificate: &[u8; 32], stamp: super::StampPin) -> Result<SignedPackage<'a>, Refusal> {
        let _ = (certificate, stamp);
        Err(Refusal::SignerNotPinned { certificate: [0; 32] })
    }
    /// The package, if its signature verifies under the certificate inside. Says nothing about who that is.
    pub fn signed_by_anyone(self) -> Result<ConsistentPackage<'a>, Refusal> {
        Err(Refusal::SignerNotPinned { certificate: [0; 32] })
    }
}

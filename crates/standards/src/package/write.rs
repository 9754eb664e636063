//! From a draft to a file.

use super::{Failure, PackageDraft, PackageKey, Refusal};
use std::path::{Path, PathBuf};

/// All files but the signature. Same draft, same octets.
pub struct Assembled {}

/// A signed package, not yet on disk.
pub struct Signed {}

/// A time-stamp request to be sent by HTTP POST, `Content-Type: application/timestamp-query`.
pub struct StampRequest {
    pub bytes: Vec<u8>,
}

impl PackageDraft {
    pub fn assemble(self) -> Result<Assembled, Refusal> {
        Err(Refusal::Statement { what: "not assembled" })
    }
}

impl Assembled {
    /// Signs (CAdES-B). `signing_time` in seconds since 1970 UTC.
    pub fn sign(self, key: &PackageKey, signing_time: u64) -> Result<Signed, Refusal> {
        let _ = (key, signing_time);
        Err(Refusal::Statement { what: "not signed" })
    }
}

impl Signed {
    /// What a time-stamp authority is asked. `nonce` is random.
    pub fn stamp_request(&self, nonce: u64) -> StampRequest {
        let _ = nonce;
        StampRequest { bytes: Vec::new() }
    }
    /// Adds the authority's answer (`application/timestamp-reply`) after checking it against the request.
    pub fn with_stamp(self, request: &StampRequest, reply: &[u8]) -> Result<Signed, Refusal> {
        let _ = (request, reply);
        Err(Refusal::Stamp { what: "not checked" })
    }
    /// SHA-256 of META-INF/ASiCManifest.xml and of META-INF/signature.p7s, for the receipt leaf.
    pub fn digests(&self) -> ([u8; 32], [u8; 32]) {
        ([0; 32], [0; 32])
    }
    /// The container.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Refusal> {
        Err(Refusal::Statement { what: "not signed" })
    }
    /// Writes `production-<id>.asice` into a folder: temporary file, fsync, rename, fsync of the folder.
    pub fn place(&self, folder: &Path) -> Result<PathBuf, Failure> {
        let _ = folder;
        Err(Failure::Refused(Refusal::Statement { what: "not signed" }))
    }
}

/// Assembles, signs and places in one call, without a time stamp.
pub fn write(draft: PackageDraft, key: &PackageKey, signing_time: u64, folder: &Path) -> Result<PathBuf, Failure> {
    draft.assemble()?.sign(key, signing_time)?.place(folder)
}

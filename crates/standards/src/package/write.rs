//! From assembled files to one signed file on disk.

use super::assemble::Assembled;
use super::part::{FileSource, Part, Parts, insert, write_container};
use super::{Failure, PackageDraft, PackageKey, Refusal};
use crate::place::place;
use std::path::{Path, PathBuf};
use verify::package::asic::AsicManifest;
use verify::package::digest::sha256;
use verify::package::{RawPackage, StampPin, layout, stamp};

/// A signed package, not yet on disk.
pub struct Signed {
    parts: Parts,
    production: String,
    certificate: [u8; 32],
    manifest_digest: [u8; 32],
    signature_digest: [u8; 32],
}

/// A time-stamp request, to be sent by HTTP POST as `application/timestamp-query`.
pub struct StampRequest {
    pub bytes: Vec<u8>,
    imprint: [u8; 32],
    nonce: u64,
}

impl Assembled {
    /// SHA-256 of META-INF/ASiCManifest.xml: fixed by the draft, known before anything is signed.
    pub fn manifest_digest(&self) -> [u8; 32] {
        sha256(&[&self.manifest])
    }

    /// Signs (CAdES-B). `signing_time` in seconds since 1970 UTC, within the certificate's validity.
    pub fn sign(self, key: &PackageKey, signing_time: u64) -> Result<Signed, Refusal> {
        let signature = key.sign(&self.manifest, signing_time)?;
        let (manifest_digest, signature_digest) = (self.manifest_digest(), sha256(&[&signature]));
        let mut parts = self.parts;
        insert(&mut parts, layout::SIGNATURE.to_owned(), Part::bytes(signature))?;
        let certificate = key.certificate_sha256();
        Ok(Signed { parts, production: self.production, certificate, manifest_digest, signature_digest })
    }
}

impl Signed {
    /// What a time-stamp authority is asked: to stamp the stamp's own manifest, which names the signed manifest and the
    /// signature. `nonce` is random.
    pub fn stamp_request(&self, nonce: u64) -> StampRequest {
        let imprint = sha256(&[&self.stamp_manifest()]);
        StampRequest { bytes: stamp::request(&imprint, nonce), imprint, nonce }
    }

    fn stamp_manifest(&self) -> Vec<u8> {
        AsicManifest::of_stamp(self.manifest_digest, self.signature_digest).to_bytes()
    }

    /// Adds the authority's answer (`application/timestamp-reply`) if its token is sound and answers this request.
    /// Whether the authority is the right one is for the policy's pin, at reading.
    pub fn with_stamp(mut self, request: &StampRequest, reply: &[u8]) -> Result<Signed, Refusal> {
        let token = stamp::token_of_reply(reply).ok_or(Refusal::Stamp { what: "the authority did not grant it" })?;
        let (info, _) = stamp::check_token(&token)?;
        if info.imprint != request.imprint || info.nonce.is_none_or(|nonce| nonce != nonce_content(request.nonce)) {
            return Err(Refusal::Stamp { what: "the answer is to another request" });
        }
        let manifest = self.stamp_manifest();
        insert(&mut self.parts, layout::STAMP_MANIFEST.to_owned(), Part::bytes(manifest))?;
        insert(&mut self.parts, layout::STAMP.to_owned(), Part::bytes(token))?;
        Ok(self)
    }

    /// SHA-256 of META-INF/ASiCManifest.xml and of META-INF/signature.p7s, for the receipt leaf. A stamp changes neither.
    pub fn digests(&self) -> ([u8; 32], [u8; 32]) {
        (self.manifest_digest, self.signature_digest)
    }

    /// `production-<id>.asice`
    pub fn file_name(&self) -> String {
        format!("production-{}.asice", self.production)
    }

    /// The container in memory, read by the strict reader before it is returned.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        write_container(&self.parts, &mut bytes)?;
        self.read_again(&bytes)?;
        Ok(bytes)
    }

    /// Writes the container into a folder: temporary file, fsync, strict reader, rename. On a failure there is no file.
    pub fn place(&self, folder: &Path) -> Result<PathBuf, Failure> {
        let check = |path: &Path| self.read_again(&FileSource::open(path)?);
        place(folder, &self.file_name(), |out| write_container(&self.parts, out), check)
    }

    /// The same judgement that the receiver will make. It catches a draft whose parts contradict each other (a count, a
    /// digest, a slot without evidence) and our own mistakes, before anybody has the file.
    fn read_again(&self, source: &dyn verify::package::Source) -> Result<(), Failure> {
        RawPackage::read(source)?.check()?.signed_by(&self.certificate, StampPin::NotChecked)?;
        Ok(())
    }
}

/// Content octets of the nonce's INTEGER.
fn nonce_content(nonce: u64) -> Vec<u8> {
    verify::package::der::unsigned(&nonce.to_be_bytes()).split_off(2)
}

/// Assembles, signs and places in one call, without a time stamp.
pub fn write(draft: PackageDraft, key: &PackageKey, signing_time: u64, folder: &Path) -> Result<PathBuf, Failure> {
    draft.assemble()?.sign(key, signing_time)?.place(folder)
}

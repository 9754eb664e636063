//! `META-INF/ASiCManifest.xml` (ETSI EN 319 162-1 annex A.4) in the one spelling that we write.
//!
//! Read as a template, line by line, and written again for comparison: no XML parser, so no entities, no namespaces
//! and no comments to be fooled by.

use super::digest::Sums;
use super::{Refusal, layout};
use crate::spelling;
use std::collections::BTreeMap;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n";
const TAIL: &str = "</asic:ASiCManifest>\n";
const OBJECT: [&str; 4] = [
    "<asic:DataObjectReference URI=\"",
    "\" MimeType=\"",
    "\"><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue>",
    "</ds:DigestValue></asic:DataObjectReference>",
];
/// Octets that one object's line takes at most: the template, a name, a media type, 44 of base64.
const OBJECT_LEN_MAX: usize = 400 + layout::NAME_LEN_MAX;

/// Files and their SHA-256, and the file that signs (or stamps) this manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsicManifest {
    /// The signature or token over this manifest.
    pub signed_by: &'static str,
    pub objects: BTreeMap<String, [u8; 32]>,
}

impl AsicManifest {
    /// The manifest that the signature covers: every file that exists before it (PKG-21).
    pub fn of_package(files: &BTreeMap<String, Sums>) -> AsicManifest {
        let signed = files.iter().filter(|(name, _)| layout::is_signed(name));
        AsicManifest { signed_by: layout::SIGNATURE, objects: signed.map(|(name, sums)| (name.clone(), sums.sha256)).collect() }
    }

    /// The time stamp's own manifest: the signed manifest and the signature (PKG-50).
    pub fn of_stamp(manifest: [u8; 32], signature: [u8; 32]) -> AsicManifest {
        let objects = [(layout::ASIC_MANIFEST.to_owned(), manifest), (layout::SIGNATURE.to_owned(), signature)];
        AsicManifest { signed_by: layout::STAMP, objects: objects.into() }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = String::from(HEAD);
        out.push_str(&self.reference());
        for (name, digest) in &self.objects {
            let parts = [name, layout::media_type(name), &spelling::base64(digest), "\n"];
            for (fixed, part) in OBJECT.iter().zip(parts) {
                out.push_str(fixed);
                out.push_str(part);
            }
        }
        out.push_str(TAIL);
        out.into_bytes()
    }

    fn reference(&self) -> String {
        format!("<asic:SigReference URI=\"{}\" MimeType=\"{}\"/>\n", self.signed_by, layout::media_type(self.signed_by))
    }

    /// Longest manifest for so many files.
    pub fn len_max(files: usize) -> usize {
        1000 + files * OBJECT_LEN_MAX
    }

    /// Reads a manifest named `file`. Refuses PKG-20.
    pub fn parse(bytes: &[u8], file: &'static str, signed_by: &'static str) -> Result<AsicManifest, Refusal> {
        let spelling = Refusal::AsicSpelling { file };
        let mut manifest = AsicManifest { signed_by, objects: BTreeMap::new() };
        let text = std::str::from_utf8(bytes).map_err(|_| spelling.clone())?;
        let body = text.strip_prefix(HEAD).and_then(|rest| rest.strip_prefix(manifest.reference().as_str())?.strip_suffix(TAIL));
        for line in body.ok_or(spelling.clone())?.lines() {
            let (name, digest) = object(line).ok_or(spelling.clone())?;
            manifest.objects.insert(name, digest);
        }
        // Order, duplicates, media types and stray octets all show here.
        if manifest.to_bytes() != bytes {
            return Err(spelling);
        }
        Ok(manifest)
    }

    /// PKG-21 and PKG-22: exactly these files, with exactly these digests.
    pub fn check(&self, expected: &AsicManifest) -> Result<(), Refusal> {
        let names = self.objects.keys().chain(expected.objects.keys());
        for name in names {
            match (self.objects.get(name), expected.objects.get(name)) {
                (Some(claimed), Some(found)) if claimed == found => {}
                (Some(_), Some(_)) => return Err(Refusal::AsicDigest { file: name.clone() }),
                _ => return Err(Refusal::AsicListing { file: name.clone() }),
            }
        }
        Ok(())
    }
}

fn object(line: &str) -> Option<(String, [u8; 32])> {
    let (name, rest) = line.strip_prefix(OBJECT[0])?.split_once(OBJECT[1])?;
    let (_, rest) = rest.split_once(OBJECT[2])?;
    let digest = spelling::from_base64_exact(rest.strip_suffix(OBJECT[3])?)?;
    layout::is_name(name).then(|| (name.to_owned(), digest))
}

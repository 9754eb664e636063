//! The BagIt side of a package (RFC 8493), as texts that follow from the files and the statement.
//!
//! The reader makes the same texts and compares octets: nothing of a bag is parsed. Unzipped, the package is a valid
//! bag; it is not a "serialised bag", which would need a base directory and so no `mimetype` at the root.

use super::digest::Sums;
use super::layout;
use super::statement::CompletenessStatement;
use crate::spelling;
use seal::catalogue::format_rfc3339;
use std::collections::BTreeMap;

/// Which of the two digests a manifest has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Sha256,
    Sha512,
}

pub const DECLARATION: &[u8] = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// `manifest-<algorithm>.txt`: the files of `data/`.
pub fn payload_manifest(algorithm: Algorithm, files: &BTreeMap<String, Sums>) -> Vec<u8> {
    manifest(algorithm, files.iter().filter(|(name, _)| layout::is_payload(name)))
}

/// `tagmanifest-<algorithm>.txt`: the tag files outside META-INF (the signature cannot stand in what it covers).
pub fn tag_manifest(algorithm: Algorithm, files: &BTreeMap<String, Sums>) -> Vec<u8> {
    manifest(algorithm, files.iter().filter(|(name, _)| layout::is_tag_file(name)))
}

fn manifest<'a>(algorithm: Algorithm, files: impl Iterator<Item = (&'a String, &'a Sums)>) -> Vec<u8> {
    let mut out = String::new();
    for (name, sums) in files {
        out.push_str(&match algorithm {
            Algorithm::Sha256 => spelling::hex(&sums.sha256),
            Algorithm::Sha512 => spelling::hex(&sums.sha512),
        });
        out.push_str("  ");
        out.push_str(name);
        out.push('\n');
    }
    out.into_bytes()
}

/// `bag-info.txt`: sender, recipient and reference (2025/1550), and the payload's octets and files.
pub fn info(statement: &CompletenessStatement, files: &BTreeMap<String, Sums>) -> Vec<u8> {
    let (mut octets, mut count) = (0u64, 0u64);
    for (_, sums) in files.iter().filter(|(name, _)| layout::is_payload(name)) {
        octets += sums.size;
        count += 1;
    }
    let written = format_rfc3339(statement.written.saturating_mul(1000));
    let day = written.split('T').next().unwrap_or("");
    format!(
        "Source-Organization: {}\nExternal-Identifier: {}\nInternal-Sender-Identifier: {}\nBagging-Date: {day}\n\
         Payload-Oxum: {octets}.{count}\nBag-Software-Agent: waarborg package v1\nWaarborg-Recipient: {}\n",
        statement.sender, statement.case_reference, statement.production, statement.recipient
    )
    .into_bytes()
}

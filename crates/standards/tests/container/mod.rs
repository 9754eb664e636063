//! Taking a package apart, changing it, and putting it together so that only the intended rule is broken.
#![allow(dead_code, reason = "each test file uses its own part of this one")]

use std::collections::BTreeMap;
use verify::package::asic::AsicManifest;
use verify::package::bag::{self, Algorithm};
use verify::package::digest::Sums;
use verify::package::statement::CompletenessStatement;
use verify::package::zip::{Entry, end_records, read_directory};
use verify::package::{RawPackage, Refusal, layout};

/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

pub fn files(container: &[u8]) -> Files {
    let entries = read_directory(container).unwrap();
    let content = |entry: &Entry| container[entry.data_offset() as usize..entry.end() as usize].to_vec();
    entries.iter().map(|entry| (entry.name.clone(), content(entry))).collect()
}

/// A container of these entries in this order, made from the templates.
pub fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut entries) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let entry = Entry { name: (*name).to_owned(), crc: Sums::of(content).crc, size: content.len() as u64, offset: out.len() as u64 };
        out.extend(entry.local_header());
        out.extend_from_slice(content);
        entries.push(entry);
    }
    let offset = out.len() as u64;
    for entry in &entries {
        out.extend(entry.central_record());
    }
    let len = out.len() as u64 - offset;
    out.extend(end_records(entries.len() as u64, offset, len));
    out
}

/// `mimetype` first, the rest by name: the right order.
pub fn zip_in_order(files: &Files) -> Vec<u8> {
    let mut list: Vec<(&str, &[u8])> = files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    list.sort_by_key(|(name, _)| (*name != layout::MIMETYPE, *name));
    zip_of(&list)
}

fn sums(files: &Files) -> BTreeMap<String, Sums> {
    files.iter().map(|(name, content)| (name.clone(), Sums::of(content))).collect()
}

/// Makes bag and ASiC manifest fit the files again, as a signer would who wants to deceive.
pub fn refresh(files: &mut Files) {
    if let Ok(statement) = CompletenessStatement::parse(&files[layout::STATEMENT]) {
        files.insert(layout::BAG_INFO.into(), bag::info(&statement, &sums(files)));
    }
    for (name, algorithm) in [(layout::MANIFEST_256, Algorithm::Sha256), (layout::MANIFEST_512, Algorithm::Sha512)] {
        files.insert(name.into(), bag::payload_manifest(algorithm, &sums(files)));
    }
    refresh_tags(files);
}

pub fn refresh_tags(files: &mut Files) {
    for (name, algorithm) in [(layout::TAG_MANIFEST_256, Algorithm::Sha256), (layout::TAG_MANIFEST_512, Algorithm::Sha512)] {
        files.insert(name.into(), bag::tag_manifest(algorithm, &sums(files)));
    }
    refresh_asic(files);
}

pub fn refresh_asic(files: &mut Files) {
    files.insert(layout::ASIC_MANIFEST.into(), AsicManifest::of_package(&sums(files)).to_bytes());
}

/// The verdict on ZIP and structure; signatures are not looked at.
pub fn structure(container: &[u8]) -> Result<(), Refusal> {
    RawPackage::read(&container)?.check().map(|_| ())
}

pub fn code(verdict: Result<(), Refusal>) -> &'static str {
    verdict.err().map_or("accepted", |refusal| refusal.code())
}

/// Replaces the only occurrence.
pub fn replace(content: &mut Vec<u8>, from: &str, to: &str) {
    let text = String::from_utf8(content.clone()).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from:?}");
    *content = text.replace(from, to).into_bytes();
}

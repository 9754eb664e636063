//! Containers that a strict reader must refuse: each case breaks one rule of PKG-01 to PKG-09.

mod container;
mod sample;

use container::{Files, code, files, refresh, structure, zip_in_order, zip_of};
use verify::package::digest::Sums;
use verify::package::zip::{Entry, end_records};
use verify::package::{RawPackage, Refusal, Source, layout};

const LOCAL: usize = 30;

/// Offset of the central directory and of the first central record after `mimetype`'s.
fn directory(bytes: &[u8]) -> usize {
    let at = bytes.len() - 22 + 16;
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

fn good() -> Vec<u8> {
    let (bytes, _, _) = sample::package();
    assert_eq!(code(structure(&bytes)), "accepted");
    bytes
}

/// Puts other octets at a place of the first local header (`mimetype`) and at the same field of its central record.
fn in_both_headers(bytes: &mut [u8], field: usize, value: &[u8]) {
    let central = directory(bytes) + field + 2;
    bytes[field..field + value.len()].copy_from_slice(value);
    bytes[central..central + value.len()].copy_from_slice(value);
}

#[test]
fn pkg_02_headers_of_another_spelling_are_refused() {
    let good = good();
    let cases: [(usize, &[u8], &str); 8] = [
        (4, &[20, 0], "another version needed"),
        (6, &[1, 0], "encrypted"),
        (6, &[8, 0], "data descriptor"),
        (6, &[0, 8], "UTF-8 flag"),
        (8, &[8, 0], "deflated"),
        (8, &[14, 0], "LZMA"),
        (10, &[1, 0], "another time"),
        (12, &[0, 0], "another date"),
    ];
    for (field, value, why) in cases {
        let mut bytes = good.clone();
        in_both_headers(&mut bytes, field, value);
        assert_eq!(code(structure(&bytes)), "PKG-02", "{why}");
    }
    // Only in the central directory: symbolic link, comment length, disk number, internal attributes, made by.
    for (field, value) in [(38, 0o120_777u32 << 16), (38, 0o100_755 << 16), (34, 1), (36, 1), (4, 0x0A_002D)] {
        let mut bytes = good.clone();
        let at = directory(&bytes) + field;
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        assert_eq!(code(structure(&bytes)), "PKG-02", "central field {field}");
    }
    // The two headers disagree on the size.
    let mut bytes = good.clone();
    bytes[22] ^= 1;
    assert_eq!(code(structure(&bytes)), "PKG-02");
}

#[test]
fn pkg_02_an_extra_field_on_mimetype_is_refused() {
    let bytes = good();
    let mut with_extra = bytes[..LOCAL + 8].to_vec();
    with_extra[28] = 4;
    with_extra.extend([0x75, 0x70, 0, 0]);
    with_extra.extend_from_slice(&bytes[LOCAL + 8..]);
    // The offsets behind it are those of before; the first difference is found first.
    let at = with_extra.len() - 22 + 16;
    let moved = directory(&bytes) as u32 + 4;
    with_extra[at..at + 4].copy_from_slice(&moved.to_le_bytes());
    assert_eq!(code(structure(&with_extra)), "PKG-02");
}

#[test]
fn pkg_03_gaps_overlaps_prefixes_and_tails_are_refused() {
    let good = good();
    let mut tail = good.clone();
    tail.push(0);
    assert_eq!(code(structure(&tail)), "PKG-03", "trailing octet");
    let prefix = [b"#!/bin/sh\n".as_slice(), &good].concat();
    assert_eq!(code(structure(&prefix)), "PKG-03", "prefix");
    let mut comment = good.clone();
    let at = comment.len() - 2;
    comment[at] = 3;
    comment.extend(b"abc");
    assert_eq!(code(structure(&comment)), "PKG-03", "archive comment");
    // A gap between the last file and the directory.
    let at = directory(&good);
    let mut gap = [&good[..at], b"hidden", &good[at..]].concat();
    let place = gap.len() - 22 + 16;
    gap[place..place + 4].copy_from_slice(&(at as u32 + 6).to_le_bytes());
    assert_eq!(code(structure(&gap)), "PKG-03", "gap");
    // A file whose record was left out of the directory.
    let list: Vec<(&str, &[u8])> = vec![("mimetype", layout::MIMETYPE_TEXT), ("bagit.txt", b"x")];
    let two = zip_of(&list);
    let second = Entry { name: "bagit.txt".into(), crc: Sums::of(b"x").crc, size: 1, offset: 0 }.central_record().len();
    let offset = directory(&two);
    let mut hidden = two[..two.len() - 22 - second].to_vec();
    hidden.extend(end_records(1, offset as u64, (two.len() - 22 - second - offset) as u64));
    assert_eq!(code(structure(&hidden)), "PKG-03", "hidden entry");
    // Two records of one local header: the overlap of a classic bomb.
    let one = zip_of(&[("mimetype", layout::MIMETYPE_TEXT)]);
    let offset = directory(&one);
    let record = &one[offset..one.len() - 22];
    let mut overlap = [&one[..offset], record, record].concat();
    overlap.extend(end_records(2, offset as u64, 2 * record.len() as u64));
    assert_eq!(code(structure(&overlap)), "PKG-03", "overlap");
    assert_eq!(code(structure(&[0; 22])), "PKG-03", "no end record");
    assert_eq!(code(structure(&[0xFF; 200])), "PKG-03", "octets that would claim more entries than a package may have");
    // A file that claims to reach into the directory.
    let mut long = good.clone();
    in_both_headers(&mut long, 18, &u32::MAX.to_le_bytes()[..3]);
    assert!(matches!(code(structure(&long)), "PKG-02" | "PKG-03"));
}

#[test]
fn pkg_03_the_end_stands_once_and_nothing_beside_the_records_in_the_directory() {
    // A second copy of the end: what the last octets say fits, and the first copy is where they say.
    let good = good();
    assert_eq!(code(structure(&[&good[..], &good[good.len() - 22..]].concat())), "PKG-03", "twice");
    // Octets behind the last record, counted as part of the directory.
    let one = zip_of(&[("mimetype", layout::MIMETYPE_TEXT)]);
    let offset = directory(&one);
    let len = one.len() - 22 - offset;
    for more in [&b""[..], b"hidden"] {
        let end = end_records(1, offset as u64, (len + more.len()) as u64);
        let bytes = [&one[..offset + len], more, &end].concat();
        let verdict = RawPackage::read(&bytes).err().map(|refusal| refusal.code());
        assert_eq!(verdict, (!more.is_empty()).then_some("PKG-03"), "{more:?}");
    }
}

#[test]
fn pkg_04_zip_slip_bidi_and_control_names_are_refused() {
    let names = [
        "../../etc/passwd",
        "/etc/passwd",
        "data/../../x",
        "C:\\x",
        "data\\x",
        "data/\u{202e}cod.exe",
        "data/a\u{7}b",
        "data/a\0b",
        "data/",
        "data/.hidden",
        "data/nul",
        "data/order/a b",
        "data/order/é.pdf",
        "data/order/\u{430}.pdf",
    ];
    for name in names {
        let bytes = zip_of(&[("mimetype", layout::MIMETYPE_TEXT), (name, b"x")]);
        assert_eq!(code(structure(&bytes)), "PKG-04", "{name:?}");
    }
    // Octets that are not UTF-8 at all.
    let mut bytes = zip_of(&[("mimetype", layout::MIMETYPE_TEXT), ("data", b"x")]);
    let at = bytes.windows(4).rposition(|window| window == b"data").unwrap();
    bytes[at] = 0xFF;
    assert_eq!(code(structure(&bytes)), "PKG-04");
    assert_eq!(Refusal::Name { entry: 2 }.to_string(), "entry 2 of the ZIP file has a name that is not allowed");
}

#[test]
fn pkg_05_duplicates_and_another_order_are_refused() {
    let mime = ("mimetype", layout::MIMETYPE_TEXT);
    let cases: [&[(&str, &[u8])]; 4] = [
        &[mime, ("bagit.txt", b"a"), ("bagit.txt", b"b")],
        &[mime, ("BagIt.txt", b"a"), ("bagit.txt", b"b")],
        &[mime, ("b", b""), ("a", b"")],
        &[mime, ("mimetype", b"x")],
    ];
    for list in cases {
        assert_eq!(code(structure(&zip_of(list))), "PKG-05", "{list:?}");
    }
}

#[test]
fn pkg_06_a_wrong_crc_is_refused() {
    let mut bytes = good();
    in_both_headers(&mut bytes, 14, &[1, 2, 3, 4]);
    assert_eq!(code(structure(&bytes)), "PKG-06");
    let mut bytes = good();
    bytes[LOCAL + 8] ^= 1;
    assert_eq!(code(structure(&bytes)), "PKG-06");
}

#[test]
fn pkg_07_mimetype_must_be_first_and_exact() {
    assert_eq!(code(structure(&zip_of(&[("bagit.txt", b"x"), ("mimetype", layout::MIMETYPE_TEXT)]))), "PKG-07");
    assert_eq!(code(structure(&zip_of(&[]))), "PKG-07");
    let mut changed = files(&good());
    for text in [&b"application/vnd.etsi.asic-e+zip\n"[..], b"application/vnd.etsi.asic-s+zip", b""] {
        changed.insert("mimetype".into(), text.to_vec());
        assert!(matches!(code(structure(&zip_in_order(&changed))), "PKG-07" | "PKG-01"), "{text:?}");
    }
}

#[test]
fn pkg_08_files_outside_the_layout_and_missing_ones_are_refused() {
    let good = files(&good());
    let extra = [
        "data/manifest-sha256.txt",
        "data/data/statement.json",
        "META-INF/ASiCManifest2.xml",
        "META-INF/signature2.p7s",
        "fetch.txt",
        "META-INF/manifest.xml",
        "data/README.it.html",
        "data/records/traffic.parquet",
        "data/order/deep/x.xml",
        "data/evidence/traffic.wbe",
        "data/records/device.jsonl",
        "META-INF/timestamp.tst",
        "META-INF/ASiCManifest-timestamp.xml",
        "data/schema/device.json",
    ];
    for name in extra {
        let mut changed = good.clone();
        changed.insert(name.into(), b"x".to_vec());
        refresh(&mut changed);
        assert_eq!(code(structure(&zip_in_order(&changed))), "PKG-08", "{name}");
    }
    for name in good.keys().filter(|name| *name != "mimetype" && !name.starts_with("data/evidence/") && !name.starts_with("data/order/")) {
        let mut changed: Files = good.clone();
        changed.remove(name);
        assert_eq!(code(structure(&zip_in_order(&changed))), "PKG-08", "{name}");
    }
}

/// A file that is mostly zeros and exists only here.
struct Sparse {
    size: u64,
    pieces: Vec<(u64, Vec<u8>)>,
}

impl Source for Sparse {
    fn size(&self) -> u64 {
        self.size
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), Refusal> {
        into.fill(0);
        for (from, piece) in &self.pieces {
            for (place, byte) in (*from..).zip(piece) {
                if let Some(slot) = place.checked_sub(at).and_then(|n| into.get_mut(n as usize)) {
                    *slot = *byte;
                }
            }
        }
        Ok(())
    }
}

/// Entries with their sizes, of which no content exists.
fn sparse(files: &[(&str, u64)]) -> (Sparse, Vec<Entry>) {
    let (mut pieces, mut entries, mut at) = (Vec::new(), Vec::new(), 0);
    for (name, size) in files {
        let entry = Entry { name: (*name).to_owned(), crc: 0, size: *size, offset: at };
        pieces.push((at, entry.local_header()));
        at = entry.end();
        entries.push(entry);
    }
    let directory: Vec<u8> = entries.iter().flat_map(Entry::central_record).collect();
    let end = [directory.as_slice(), &end_records(entries.len() as u64, at, directory.len() as u64)].concat();
    let size = at + end.len() as u64;
    pieces.push((at, end));
    (Sparse { size, pieces }, entries)
}

#[test]
fn pkg_09_zip64_is_used_exactly_where_a_number_does_not_fit() {
    // 5 GiB in one file, another file behind it, and the directory beyond 4 GiB.
    let list = [("mimetype", 31), ("a", 5 << 30), ("b", 7), ("c", u64::from(u32::MAX) - 1)];
    let (source, entries) = sparse(&list);
    let raw = RawPackage::read(&source).unwrap();
    assert_eq!(raw.names().collect::<Vec<_>>(), ["mimetype", "a", "b", "c"]);
    let lens: Vec<usize> = entries.iter().map(|entry| entry.local_header().len()).collect();
    assert_eq!(lens, [38, 51, 31, 31]);
    let lens: Vec<usize> = entries.iter().map(|entry| entry.central_record().len()).collect();
    assert_eq!(lens, [54, 67, 59, 59]);
    // Each number alone brings the ZIP64 end records, and with them only is it read.
    let (fit, no_fit) = (u64::from(u32::MAX) - 1, u64::from(u32::MAX));
    assert_eq!(end_records(0xFFFE, fit, fit).len(), 22);
    for (count, offset, len) in [(0xFFFF, 0, 0), (1, no_fit, 0), (1, 0, no_fit)] {
        assert_eq!(end_records(count, offset, len).len(), 56 + 20 + 22, "{count} {offset} {len}");
    }
    // A directory that does not fit is always too large for its entries, which are counted in the same records.
    let end = end_records(5, 0, no_fit + 1);
    let source = Sparse { size: no_fit + 1 + end.len() as u64, pieces: vec![(no_fit + 1, end)] };
    assert_eq!(RawPackage::read(&source).err().unwrap().code(), "PKG-01");
    // ZIP64 end records where none are needed.
    let mut bytes = zip_of(&[("mimetype", layout::MIMETYPE_TEXT)]);
    let end = bytes.split_off(bytes.len() - 22);
    let wide = end_records(1 << 17, directory(&[&bytes[..], &end].concat()) as u64, 54);
    bytes.extend(&wide[..wide.len() - 22]);
    bytes.extend(end);
    assert_eq!(code(structure(&bytes)), "PKG-03");
}

#[test]
fn pkg_01_claims_of_enormous_sizes_cost_nothing() {
    assert_eq!(code(structure(&[0; 21])), "PKG-01");
    let (mut source, _) = sparse(&[("mimetype", 31)]);
    source.size = (1 << 42) + 1;
    assert_eq!(RawPackage::read(&source).err().unwrap().code(), "PKG-01");
    // A tiny file that claims 2^40 entries, a directory of 2^60 octets, or an entry of a tebibyte.
    let mut many = end_records(1 << 40, 0, 0);
    many.splice(0..0, [0; 100]);
    assert_eq!(code(structure(&many)), "PKG-01");
    for (count, offset, len) in [(1 << 17, 0, 1 << 60), (1 << 17, 1 << 60, 0), (1 << 17, u64::MAX, u64::MAX), (1, u64::MAX, 46)] {
        assert_eq!(code(structure(&end_records(count, offset, len))), "PKG-03");
    }
    let entry = Entry { name: "mimetype".into(), crc: 0, size: 1 << 41, offset: 0 };
    let record = entry.central_record();
    let bomb = [record.as_slice(), &end_records(1, 0, record.len() as u64)].concat();
    assert_eq!(code(structure(&bomb)), "PKG-03");
    let entry = Entry { size: u64::MAX, ..entry };
    let record = entry.central_record();
    let bomb = [record.as_slice(), &end_records(1, 0, record.len() as u64)].concat();
    assert_eq!(code(structure(&bomb)), "PKG-01");
    let entry = Entry { size: 0, offset: (1 << 42) + 1, ..entry };
    let record = entry.central_record();
    let bomb = [record.as_slice(), &end_records(1, 0, record.len() as u64)].concat();
    assert_eq!(code(structure(&bomb)), "PKG-01", "an entry beyond what a container may hold");
    // One entry more than allowed, with a directory of a size that would fit them.
    let count = (1 << 18) + 1;
    let crowd = [vec![0; count * 50].as_slice(), &end_records(count as u64, 0, count as u64 * 50)].concat();
    assert_eq!(code(structure(&crowd)), "PKG-01");
    // A directory far larger than its entries can need.
    let padded = [vec![0; 10_000].as_slice(), &end_records(2, 0, 10_000)].concat();
    assert_eq!(code(structure(&padded)), "PKG-01");
}

#[test]
fn a_source_that_changes_or_fails_while_it_is_read_is_noticed() {
    struct Changing {
        bytes: Vec<u8>,
        reads: std::cell::Cell<usize>,
        changes_after: usize,
    }
    impl Source for Changing {
        fn size(&self) -> u64 {
            self.bytes.size()
        }
        fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), Refusal> {
            self.reads.set(self.reads.get() + 1);
            self.bytes.read_at(at, into)?;
            if self.changes_after < self.reads.get() {
                into[0] ^= 1;
            }
            Ok(())
        }
    }
    let bytes = good();
    let verdict = |changes_after| {
        let source = Changing { bytes: bytes.clone(), reads: 0.into(), changes_after };
        let verdict = RawPackage::read(&source).and_then(|raw| raw.check()).map(|_| ());
        (code(verdict), source.reads.get())
    };
    let (accepted, reads) = verdict(usize::MAX);
    assert_eq!(accepted, "accepted");
    for after in 0..reads {
        assert_ne!(verdict(after).0, "accepted", "changed after {after} reads");
    }
    // After the check: a file of any octets, so that only its digest can tell.
    let source = Changing { bytes: bytes.clone(), reads: 0.into(), changes_after: reads };
    let package = RawPackage::read(&source).unwrap().check().unwrap();
    assert_eq!(package.file("data/order/epoc.xml", 100), Err(Refusal::Unreadable));
}

/// Storage of which exactly one read fails.
struct Failing<'a> {
    whole: &'a dyn Source,
    reads: std::cell::Cell<usize>,
    fails_at: usize,
}

impl Source for Failing<'_> {
    fn size(&self) -> u64 {
        self.whole.size()
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), Refusal> {
        self.reads.set(self.reads.get() + 1);
        if self.reads.get() == self.fails_at { Err(Refusal::Unreadable) } else { self.whole.read_at(at, into) }
    }
}

/// A fault of our own storage must not be told of as the sender's: whichever read fails, that is the answer.
#[test]
fn a_read_that_fails_is_a_fault_and_no_broken_rule() {
    let each_fails = |whole: &dyn Source, judge: &dyn Fn(&Failing<'_>) -> Result<(), Refusal>| {
        let verdict = |fails_at| {
            let source = Failing { whole, reads: 0.into(), fails_at };
            (code(judge(&source)), source.reads.get())
        };
        let (accepted, reads) = verdict(usize::MAX);
        assert_eq!(accepted, "accepted");
        for fails_at in 1..=reads {
            assert_eq!(verdict(fails_at).0, "FAULT", "read {fails_at} of {reads}");
        }
        reads
    };
    let bytes = good();
    let files = files(&bytes).len();
    let reads = each_fails(&bytes, &|source| RawPackage::read(source)?.check().map(|_| ()));
    assert!(2 * files < reads, "headers, sums, and what is read again");
    let (wide, _) = sparse(&[("mimetype", 31), ("a", 5 << 30)]);
    // End, its ZIP64 record, both compared, the directory, two headers.
    assert_eq!(each_fails(&wide, &|source| RawPackage::read(source).map(|_| ())), 6);
}

/// Storage that gives one container at first and another of the same length later.
struct Later<'a> {
    at_first: &'a [u8],
    then: &'a [u8],
    reads: std::cell::Cell<usize>,
    changes_after: usize,
}

impl Source for Later<'_> {
    fn size(&self) -> u64 {
        self.at_first.size()
    }
    fn read_at(&self, at: u64, into: &mut [u8]) -> Result<(), Refusal> {
        self.reads.set(self.reads.get() + 1);
        let now = if self.reads.get() <= self.changes_after { self.at_first } else { self.then };
        now.read_at(at, into)
    }
}

/// Rows that were summed as something else and are right only when they are read as rows: nobody signed those.
#[test]
fn rows_that_become_right_after_they_were_summed_are_noticed() {
    for name in ["data/records/traffic.jsonl", "data/records/traffic.csv"] {
        let then = good();
        let mut summed = files(&then);
        let content = summed.get_mut(name).unwrap();
        let place = content.len() / 2;
        content[place] ^= 1;
        refresh(&mut summed);
        let at_first = zip_in_order(&summed);
        assert_eq!(at_first.len(), then.len());
        let verdict = |changes_after| {
            let source = Later { at_first: &at_first, then: &then, reads: 0.into(), changes_after };
            (code(RawPackage::read(&source).and_then(|raw| raw.check()).map(|_| ())), source.reads.get())
        };
        let (accepted, reads) = verdict(0);
        assert_eq!(accepted, "accepted");
        // The end, which is read and then compared, is the same in both; from the directory on they differ.
        let verdicts: Vec<_> = (3..=reads).map(|changes_after| verdict(changes_after).0).collect();
        assert!(verdicts.contains(&"FAULT") && !verdicts.contains(&"accepted"), "{name}: {verdicts:?}");
    }
}

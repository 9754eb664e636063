//! Writing a production and reading it back by the strict reader.

mod sample;

use standards::package::{Content, Failure, PackageKey, Refusal, write};
use verify::package::{RawPackage, StampPin, layout};

fn code(failure: &Failure) -> &'static str {
    match failure {
        Failure::Refused(refusal) => refusal.code(),
        Failure::Fault(_) => "FAULT",
    }
}

#[test]
fn a_production_comes_back_as_it_was_written() {
    let (bytes, certificate, _) = sample::package();
    let package = RawPackage::read(&bytes).unwrap().check().unwrap();
    assert_eq!(package.statement(), &sample::draft().statement);
    assert_eq!(package.log(), &sample::draft().log);
    assert_eq!((package.rows("traffic"), package.rows("subscriber"), package.rows("device")), (Some(3), Some(1), None));
    assert_eq!(package.evidence(), ["data/evidence/subscriber-498692.wbe", "data/evidence/traffic-498692.wbe"]);
    assert_eq!(package.file("data/order/epoc.xml", 8).unwrap(), b"<order/>");
    assert_eq!(package.file("data/order/epoc.xml", 7).unwrap_err().code(), "PKG-01");
    assert_eq!(package.file("data/order/none", 7).unwrap_err().code(), "PKG-08");
    let signed = package.signed_by(&certificate, StampPin::NotChecked).unwrap();
    assert_eq!(signed.signer().signing_time, sample::SIGNED);
    assert_eq!(signed.signer().subject, "Example Provider, package signing");
    assert!(signed.stamp().is_none());
}

#[test]
fn pkg_46_another_certificate_than_the_pinned_one_is_refused() {
    let (bytes, _, _) = sample::package();
    let other = sample::key().certificate_sha256();
    let refused = RawPackage::read(&bytes).unwrap().check().unwrap().signed_by(&other, StampPin::NotChecked);
    assert_eq!(refused.err().unwrap().code(), "PKG-46");
    let anyone = RawPackage::read(&bytes).unwrap().check().unwrap().signed_by_anyone().unwrap();
    assert_eq!(anyone.claimed_signer().subject, "Example Provider, package signing");
}

#[test]
fn pkg_47_nothing_is_signed_outside_the_certificate_s_validity() {
    let (key, _) = PackageKey::generate("Example Provider", sample::SIGNED, sample::SIGNED + 10).unwrap();
    for (time, is_signed) in
        [(sample::SIGNED - 1, false), (sample::SIGNED, true), (sample::SIGNED + 10, true), (sample::SIGNED + 11, false)]
    {
        assert_eq!(sample::draft().assemble().unwrap().sign(&key, time).is_ok(), is_signed);
    }
    assert!(PackageKey::generate("", 0, 1).is_err() && PackageKey::generate("x", 1, 1).is_err());
}

#[test]
fn two_builds_are_equal_up_to_the_signature() {
    let (first, second) = (sample::draft().assemble().unwrap(), sample::draft().assemble().unwrap());
    assert_eq!(first.manifest_digest(), second.manifest_digest());
    let (first, _, _) = sample::package();
    let (second, _, _) = sample::package();
    let read = |bytes: &Vec<u8>| {
        let package = RawPackage::read(bytes).unwrap().check().unwrap();
        let names: Vec<String> = package.names().filter(|name| *name != layout::SIGNATURE).map(str::to_owned).collect();
        names.into_iter().map(|name| (package.digest(&name), name)).collect::<Vec<_>>()
    };
    assert_eq!(read(&first), read(&second));
    assert_ne!(first, second, "ECDSA draws a nonce");
}

#[test]
fn t14_a_draft_that_contradicts_itself_leaves_no_file() {
    type Change = fn(&mut standards::package::PackageDraft);
    let cases: [(Change, &str); 13] = [
        (|d| d.tables[0].rows.truncate(2), "PKG-35"),
        (|d| d.queries[0].rows = 3, "PKG-35"),
        (|d| d.queries.truncate(3), "PKG-35"),
        (|d| d.statement.items[0].rows_counted_again = 2, "PKG-34"),
        (|d| d.statement.items[0].first = Some("2026-11-21T20:00:06.007+00:00".into()), "PKG-34"),
        (|d| d.tables[0].rows[0].item = 2, "PKG-34"),
        (|d| d.tables[0].rows[0].item = 3, "PKG-34"),
        (|d| d.statement.slots[2].is_covered_wholly = true, "PKG-34"),
        (|d| d.evidence.truncate(1), "PKG-34"),
        (|d| d.order.clear(), "PKG-08"),
        (|d| d.order[0].name = "../epoc.xml".into(), "PKG-08"),
        (|d| d.order[1].name = "epoc.xml".into(), "PKG-08"),
        (|d| d.statement.recipient = "\u{202e}ytirohtuA".into(), "PKG-34"),
    ];
    let key = sample::key();
    let folder = tempfile::tempdir().unwrap();
    for (number, (change, expected)) in cases.into_iter().enumerate() {
        let mut draft = sample::draft();
        change(&mut draft);
        let failure = write(draft, &key, sample::SIGNED, folder.path()).unwrap_err();
        assert_eq!(code(&failure), expected, "case {number}: {failure}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "case {number}");
    }
    let path = write(sample::draft(), &key, sample::SIGNED, folder.path()).unwrap();
    assert_eq!(path.file_name().unwrap(), "production-2026-0001.asice");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn t14_a_part_on_disk_that_is_missing_or_changes_leaves_no_file() {
    let key = sample::key();
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("evidence");
    let with_part = || {
        let mut draft = sample::draft();
        draft.evidence[0].content = Content::File(part.clone());
        draft.assemble()
    };
    assert!(matches!(with_part(), Err(Failure::Fault(_))));
    std::fs::write(&part, vec![7; 200_000]).unwrap();
    let signed = with_part().unwrap().sign(&key, sample::SIGNED).unwrap();
    std::fs::write(&part, vec![8; 200_000]).unwrap();
    assert!(matches!(signed.place(folder.path()), Err(Failure::Refused(Refusal::Changed { .. }))));
    std::fs::write(&part, vec![7; 200_000]).unwrap();
    signed.place(folder.path()).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    // A folder that is not there: a fault, and nothing else.
    assert!(matches!(signed.place(&folder.path().join("absent")), Err(Failure::Fault(_))));
}

#[test]
fn t31_hostile_values_are_harmless_in_every_format() {
    let (bytes, _, _) = sample::package();
    let package = RawPackage::read(&bytes).unwrap().check().unwrap();
    let hidden = |c: char| seal::catalogue::is_hidden(c) && !matches!(c, '\n' | '\r');
    for name in package.names() {
        let text = String::from_utf8_lossy(&package.file(name, usize::MAX).unwrap()).into_owned();
        if !name.ends_with(".p7s") {
            assert!(!text.contains(hidden), "{name}");
        }
        if name.ends_with(".csv") {
            let mut cells = text.split("\r\n").flat_map(|line| line.split(','));
            assert!(!cells.any(|cell| cell.starts_with(['=', '@', '\t']) || cell.starts_with("\"=")), "{name}");
        }
        if name.ends_with(".html") {
            assert!(!text.contains("<script") && !text.contains("<b>"), "{name}");
        }
    }
    let traffic = String::from_utf8(package.file("data/records/traffic.jsonl", 10_000).unwrap()).unwrap();
    assert!(traffic.contains("\\u202efdp.exe\\u001b[2J"), "the raw value is kept");
}

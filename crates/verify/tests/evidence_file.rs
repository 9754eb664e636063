//! The `.wbe` file: one spelling, strict order, parts that belong together (SEA-02, SEA-64).

mod support;

use seal::identity::Category;
use support::*;
use verify::evidence::{EvidenceError, EvidenceFile};
use verify::names::Span;
use verify::statement::{SignedStatement, Statement};

fn made() -> (Good, EvidenceFile) {
    let mut good = Plan {
        order: Box::new(|_, terms| terms.period = Span::new(terms.period.from() - 60, terms.period.until() + 60).unwrap()),
        ..Plan::default()
    }
    .build();
    let production = good.production(Shape { sorted: true, ..Shape::default() });
    let file = production.evidence.into_values().next().unwrap();
    (good, file)
}

#[test]
fn sea_02_one_spelling_and_nothing_before_or_after() {
    let (_, file) = made();
    let octets = file.to_bytes();
    let again = EvidenceFile::parse(&octets).unwrap();
    assert_eq!(again.to_bytes(), octets);
    assert_eq!((again.category, again.slot), (Category::TRAFFIC, support::case::slot(10)));
    // Cut anywhere: refused. Fields that are read by their length make most of these fall on a length.
    for len in (0..octets.len()).step_by(7).chain([octets.len() - 1]) {
        assert!(EvidenceFile::parse(&octets[..len]).is_err(), "{len} octets");
    }
    assert_eq!(EvidenceFile::parse(&[&octets[..], &[0]].concat()).unwrap_err(), EvidenceError::Length);
}

#[test]
fn sea_02_a_changed_octet_is_refused_or_is_another_file() {
    let (_, file) = made();
    let octets = file.to_bytes();
    // No octet is ignored: what still parses re-encodes to exactly the changed octets.
    for at in (0..octets.len()).step_by(11) {
        let mut changed = octets.clone();
        changed[at] ^= 0x01;
        if let Ok(other) = EvidenceFile::parse(&changed) {
            assert_eq!(other.to_bytes(), changed, "octet {at}");
        }
    }
}

fn changed(octets: &[u8], at: usize, to: &[u8]) -> EvidenceError {
    let mut octets = octets.to_vec();
    octets[at..at + to.len()].copy_from_slice(to);
    EvidenceFile::parse(&octets).unwrap_err()
}

#[test]
fn sea_02_fields_that_are_none() {
    let (_, file) = made();
    let octets = file.to_bytes();
    assert_eq!(changed(&octets, 0, b"WBG1-EPO"), EvidenceError::Header);
    assert_eq!(changed(&octets, 8, &[0, 2]), EvidenceError::Header);
    // SEA-55: category 0xFFFF is nobody's.
    assert_eq!(changed(&octets, 10, &[0xff, 0xff]), EvidenceError::Field { what: "category" });
    assert_eq!(changed(&octets, 12, &[0, 0, 0, 1]), EvidenceError::Field { what: "slot length" });
    assert_eq!(changed(&octets, 16, &[0xff; 8]), EvidenceError::Field { what: "slot" });
    // No identity at all.
    assert!(EvidenceFile::parse(&octets[..24]).is_err());
    let id = 26 + 2;
    assert_eq!(changed(&octets, id, b"X"), EvidenceError::Field { what: "identity" });
    let statement = id + file.identities[0].identity.to_bytes().len() + 48;
    assert_eq!(changed(&octets, statement, &[0xff; 4]), EvidenceError::Field { what: "statement length" });
    let close = file.slot_close.statement.to_bytes().len() + file.slot_close.proof.to_bytes().len() + 8;
    let count = statement + close;
    assert_eq!(changed(&octets, count, &[0xff; 4]), EvidenceError::Field { what: "number of epochs" });
    assert_eq!(changed(&octets, count + 4, b"X"), EvidenceError::OtherStatement { what: "epoch" });
    assert_eq!(changed(&octets, count + 4 + 240, b"X"), EvidenceError::OtherStatement { what: "segment" });
    assert_eq!(EvidenceFile::parse(&octets[..8]).unwrap_err().code(), "SEA-02");
}

#[test]
fn sea_02_the_parts_of_an_identity_are_bounded() {
    let (_, file) = made();
    let octets = file.to_bytes();
    let part = file.epochs[0].parts[0].as_ref().unwrap();
    let mut tail = Vec::new();
    part.entries.iter().for_each(|entry| entry.write(&mut tail));
    let entries = tail.len();
    part.absence.entries.iter().for_each(|entry| entry.write(&mut tail));
    // From the end: entries, one octet of absence count, eight of entry count, 544 of the bucket, one flag.
    let absent = octets.len() - (tail.len() - entries) - 1;
    let count = absent - entries - 8;
    let flag = count - 544 - 1;
    assert_eq!(changed(&octets, absent, &[3]), EvidenceError::Field { what: "absence proof" });
    assert_eq!(changed(&octets, flag, &[2]), EvidenceError::Field { what: "opened flag" });
    // A count of 2^64 - 1 entries ends where the octets end, not where memory does.
    assert_eq!(changed(&octets, count, &[0xff; 8]), EvidenceError::Field { what: "entry" });
}

#[test]
fn sea_64_identities_are_of_the_slot_and_ascend() {
    let (_, file) = made();
    let mut none = file.clone();
    none.identities.clear();
    none.epochs.iter_mut().for_each(|epoch| epoch.parts.clear());
    assert_eq!(none.check(), Err(EvidenceError::Identities));
    let mut twice = file.clone();
    twice.identities.push(file.identities[0].clone());
    assert_eq!(twice.check(), Err(EvidenceError::Identities));
    let mut other = file.clone();
    other.category = Category::IP;
    assert_eq!(other.check(), Err(EvidenceError::Identities));
    let mut moved = file;
    moved.slot = moved.slot.next();
    assert_eq!(moved.check(), Err(EvidenceError::Identities));
}

#[test]
fn sea_64_statements_are_about_this_slot_and_these_epochs() {
    let (good, file) = made();
    let other = |what| Err(EvidenceError::OtherStatement { what });
    let mut wrong = file.clone();
    wrong.slot_close = file.epochs[0].epoch.clone();
    assert_eq!(wrong.check(), other("slot-close"));
    let mut wrong = file.clone();
    let close = support::case::slot_close(11, &[file.epochs[0].leaf]);
    wrong.slot_close.statement = SignedStatement::sign(Statement::SlotClose(close), &[good.world.signer("provider")]).unwrap();
    assert_eq!(wrong.check(), other("slot-close"));
    let mut wrong = file.clone();
    wrong.epochs[0].epoch = file.epochs[0].segment.clone();
    assert_eq!(wrong.check(), other("epoch"));
    let mut wrong = file.clone();
    wrong.epochs[0].segment = file.epochs[0].epoch.clone();
    assert_eq!(wrong.check(), other("segment"));
    let mut wrong = file.clone();
    wrong.epochs[0].leaf.epoch_hash[0] ^= 1;
    assert_eq!(wrong.check(), other("segment"));
    let mut wrong = file.clone();
    let sorted = Statement::SegmentSorted(vec![[7; 32]]);
    wrong.epochs[0].sorted[0].statement = SignedStatement::sign(sorted, &[good.world.signer("auditor")]).unwrap();
    assert_eq!(wrong.check(), other("segment-sorted"));
    let mut wrong = file.clone();
    wrong.epochs[0].sorted[0] = file.slot_close;
    assert_eq!(wrong.check(), other("segment-sorted"));
}

#[test]
fn sea_64_epochs_stand_in_order_once_each_and_are_opened_where_they_take_the_slot() {
    let (_, file) = made();
    let mut twice = file.clone();
    twice.epochs.push(file.epochs[0].clone());
    assert_eq!(twice.check(), Err(EvidenceError::Epochs));
    let mut closed = file.clone();
    closed.epochs[0].parts[0] = None;
    assert_eq!(closed.check(), Err(EvidenceError::Opened));
    let mut fewer = file.clone();
    fewer.epochs[0].parts.clear();
    assert_eq!(fewer.check(), Err(EvidenceError::Opened));
    assert_eq!(file.check(), Ok(()));
}

#[test]
fn sea_64_an_epoch_of_another_hour_has_no_business_in_the_file() {
    let mut good = Plan {
        order: Box::new(|_, terms| terms.period = Span::new(terms.period.from() - 60, terms.period.until() + 60).unwrap()),
        ..Plan::default()
    }
    .build();
    let production = good.production(Shape::default());
    let files: Vec<EvidenceFile> = production.evidence.into_values().collect();
    for (mine, theirs) in [(0, 1), (1, 0)] {
        let mut file = files[mine].clone();
        file.epochs = files[theirs].epochs.clone();
        assert_eq!(file.check(), Err(EvidenceError::Epochs), "{theirs} in {mine}");
    }
}

#[test]
fn sea_64_what_a_file_says_is_asked_when_it_is_read() {
    let (_, file) = made();
    let mut none = file.clone();
    none.identities.clear();
    none.epochs.iter_mut().for_each(|epoch| epoch.parts.clear());
    assert!(EvidenceFile::parse(&file.to_bytes()).is_ok());
    assert_eq!(EvidenceFile::parse(&none.to_bytes()).unwrap_err(), EvidenceError::Identities);
    // Octets of nothing: only what is claimed is large.
    assert_eq!(EvidenceFile::parse(&vec![0; EvidenceFile::LEN_MAX + 1]).unwrap_err(), EvidenceError::Length);
    assert_eq!(EvidenceFile::parse(&[0; 64]).unwrap_err(), EvidenceError::Header);
}

/// The evidence of both slots of the good case.
fn two_files() -> (Good, [EvidenceFile; 2]) {
    let mut good = Plan {
        order: Box::new(|_, terms| terms.period = Span::new(terms.period.from() - 60, terms.period.until() + 60).unwrap()),
        ..Plan::default()
    }
    .build();
    let production = good.production(Shape::default());
    let files: Vec<EvidenceFile> = production.evidence.into_values().collect();
    (good, files.try_into().unwrap_or_else(|_| panic!("two slots")))
}

#[test]
fn sea_64_a_statement_is_about_the_epoch_beside_it() {
    let (_, [file, other]) = two_files();
    let mut wrong = file.clone();
    wrong.epochs[0].epoch = other.epochs[0].epoch.clone();
    assert_eq!(wrong.check(), Err(EvidenceError::OtherStatement { what: "epoch" }));
    let mut wrong = file.clone();
    wrong.epochs[0].segment = other.epochs[0].segment.clone();
    assert_eq!(wrong.check(), Err(EvidenceError::OtherStatement { what: "segment" }));
    assert_eq!(file.check(), Ok(()));
}

#[test]
fn sea_63_a_late_epoch_for_another_hour_stands_under_the_close_of_its_own_unopened() {
    let (good, [file, _]) = two_files();
    let with_late = |start: u64, covers: u64, opened: bool| {
        let mut file = file.clone();
        let mut late = file.epochs[0].clone();
        (late.header.start, late.header.end) = (start, start + 900);
        let covered = support::case::slot(covers);
        late.header.cover = Some(seal::epoch::Cover { from: covered.start(), to: covered.end() });
        late.leaf.epoch_hash = late.header.hash();
        let signed = |statement| SignedStatement::sign(statement, &[good.world.signer("sealer")]).unwrap();
        late.epoch.statement = signed(Statement::Epoch(late.header.clone()));
        late.segment.statement = signed(Statement::Segment(late.leaf));
        late.sorted.clear();
        if !opened {
            late.parts.iter_mut().for_each(|part| *part = None);
        }
        file.epochs.push(late);
        file.epochs.sort_by_key(|epoch| (file.slot.end() < epoch.header.end, epoch.leaf.epoch_hash));
        file.check()
    };
    // The file is of the slot from 10:00 to 11:00.
    assert_eq!(with_late(at(10, 0), 8, false), Ok(()), "closed within the slot, for an hour before it");
    assert_eq!(with_late(at(10, 0), 8, true), Err(EvidenceError::Opened));
    assert_eq!(with_late(at(12, 0), 10, true), Ok(()), "closed later, for this slot");
    assert_eq!(with_late(at(12, 0), 8, false), Err(EvidenceError::Epochs), "closed later, for another");
}

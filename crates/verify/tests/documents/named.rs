//! DOC-04 and DOC-05: a reader names the line that is wrong, and does not leave it to the comparison of the whole (DOC-06).

use verify::bundle::Bundle;
use verify::committee_record::{CommitteeRecord, RecordedMember};
use verify::document::DocumentError;
use verify::intent::IntentDocument;
use verify::log::note::SignedNote;
use verify::order::OrderDocument;
use verify::policy::{CommitteeName, Policy};
use verify::receipt::{ReleaseAnswer, ReleaseReceipt, SignedReceipt};
use verify::record::Opening;

use crate::answers::{MEMBER, permit};
use crate::orders::{good, text};
use crate::support::world::{PROVIDER, World};

/// What a refusal says of the document.
fn said(refusal: Option<impl std::fmt::Display>) -> String {
    let said = refusal.map_or_else(|| "accepted".to_owned(), |refusal| refusal.to_string());
    said[said.find("DOC-").unwrap_or(0)..].to_owned()
}

/// The refusal names the value of this line.
fn is_value_of(key: &str, refusal: Option<impl std::fmt::Display>) {
    let said = said(refusal);
    assert!(said.starts_with("DOC-04: ") && said.contains(&format!("\"{key}\"")), "{key}: {said}");
}

fn is_left_over(refusal: Option<impl std::fmt::Display>) {
    let said = said(refusal);
    assert!(said.starts_with("DOC-05: "), "{said}");
}

fn more(text: &str) -> Vec<u8> {
    format!("{text}more 1\n").into_bytes()
}

/// The first two lines of this key, each in the other's place.
fn turned(text: &str, key: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with(key)).collect();
    let changed = text.replace(&format!("{}\n{}\n", lines[0], lines[1]), &format!("{}\n{}\n", lines[1], lines[0]));
    assert_ne!(changed, text);
    changed
}

fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn doc_05_what_is_left_over_is_not_left_to_the_comparison() {
    let good = good();
    is_left_over(OrderDocument::parse(&more(&text(good.order.to_bytes()))).err());
    is_left_over(IntentDocument::parse(&more(&text(good.intent.to_bytes()))).err());
    is_left_over(Bundle::parse(&more(&text(good.bundle.to_bytes()))).err());
    is_left_over(Policy::parse(&more(&text(good.policy.to_bytes().to_vec()))).err());
    let receipt = ReleaseReceipt::of(&permit(&good), MEMBER, b"x");
    let receipt = SignedReceipt::sign(receipt, good.world.signer("guardian-2")).unwrap();
    let answer = ReleaseAnswer { receipt, sealed: Some(b"x".to_vec()) };
    is_left_over(ReleaseAnswer::parse(&more(&text(answer.to_bytes()))).err());
}

#[test]
fn doc_04_rows_out_of_order_are_named() {
    let good = good();
    let order = text(good.order.to_bytes());
    is_value_of("frame", OrderDocument::parse(turned(&order, "frame ").as_bytes()).err());
    let row = order.lines().find(|line| line.starts_with("frame ")).unwrap();
    is_value_of("frame", OrderDocument::parse(changed(&order, row, &format!("{row}\n{row}")).as_bytes()).err());
    let opening = text(good.order.record().opening(&[]).to_bytes());
    is_value_of("field", Opening::parse(turned(&opening, "field ").as_bytes()).err());
    let field = opening.lines().find(|line| line.starts_with("field ")).unwrap();
    is_value_of("field", Opening::parse(changed(&opening, field, &format!("{field}\n{field}")).as_bytes()).err());
    // The comparison would not see these: they are kept in the order in which they stand.
    let from = |sizes: &[u64]| {
        let mut bundle = good.bundle.clone();
        bundle.orders_head.from = sizes.iter().map(|size| (*size, vec![[1; 32]])).collect();
        Bundle::parse(&bundle.to_bytes()).err()
    };
    assert_eq!(from(&[17, 18]), None);
    is_value_of("from", from(&[18, 17]));
    is_value_of("from", from(&[18, 18]));
}

#[test]
fn pol_01_the_line_of_a_policy_that_is_wrong_is_named() {
    let policy = text(World::new(7).policy().to_bytes().to_vec());
    let named = |key: &str, from: &str, to: &str| is_value_of(key, Policy::parse(changed(&policy, from, to).as_bytes()).err());
    named("flag", "\nin-force", "\nflag demos\nin-force");
    named("limit", "limit identities-per-intent ", "limit identities-per-order ");
    named("committee", "committee approvers ", "committee guardians ");
    named("category", " only-sealed ", " only-sealing ");
    // A log policy may have tabs, a line of a document may not.
    let orders = policy.lines().find(|line| line.starts_with("orders witness ")).unwrap();
    named("orders", orders, &orders.replacen("witness ", "witness\t", 1));
}

#[test]
fn rcp_01_the_line_of_a_receipt_that_is_wrong_is_named() {
    let good = good();
    let receipt = SignedReceipt::sign(ReleaseReceipt::of(&permit(&good), MEMBER, b"x"), good.world.signer("guardian-2")).unwrap();
    let whole = text(receipt.to_bytes());
    let named = |key: &str, from: &str, to: &str| {
        let note = SignedNote::parse(changed(&whole, from, to).as_bytes()).unwrap();
        is_value_of(key, SignedReceipt::parse(&note.to_bytes()).err());
    };
    named("flag", "waarborg-receipt/v1\n", "waarborg-receipt/v1\nflag demos\n");
    named("member", "member guardians 2\n", "member guardians 0\n");
}

fn recorded() -> CommitteeRecord {
    let parts = World::new(7).parts.key.guardians;
    let member = |row: &verify::policy::MemberRow| RecordedMember {
        receipt_key: row.receipt_key.clone(),
        name: format!("Person {}", row.index),
        organisation: row.organisation.clone(),
    };
    CommitteeRecord {
        committee: CommitteeName::Guardians,
        provider: PROVIDER.0,
        generation: parts.generation,
        members: parts.members.iter().map(member).collect(),
        key: parts.committee,
        transcript: [7; 32],
    }
}

#[test]
fn sea_14_a_committees_record_has_one_spelling_and_all_its_members() {
    let record = text(recorded().to_bytes());
    let read = |text: &str| CommitteeRecord::parse(text.as_bytes());
    assert_eq!(text(read(&record).unwrap().to_bytes()), record);
    assert_eq!(read(&record).unwrap().to_policy().members, World::new(7).parts.key.guardians.members);
    is_left_over(CommitteeRecord::parse(&more(&record)).err());
    is_value_of("of", read(&changed(&record, "of 5\n", "of 6\n")).err());
    let last = &record[record.find("member 5 ").unwrap()..record.find("transcript ").unwrap()];
    is_value_of("of", read(&changed(&record, last, "")).err());
    is_value_of("polynomial", read(&changed(&record, "polynomial 0 ", "polynomial ")).err());
    for (from, to) in [("polynomial 0 ", "polynomial 1 "), ("member 1 ", "member 2 ")] {
        assert_eq!(read(&changed(&record, from, to)).err(), Some(DocumentError::NotCanonical), "{from}");
    }
}

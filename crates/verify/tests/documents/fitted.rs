//! ORD-03, ORD-04, ORD-07, INT-03, INT-04, BUN-03: documents whose author made every commitment fit, so that only what they say is wrong.

use seal::identity::Category;
use seal::merkle;
use seal::selector::Selector;
use verify::bundle::{Bundle, BundleError, HoldPart, Place, RelatedPart, StatementPart};
use verify::intent::{IntentDocument, IntentError, release_root};
use verify::log::note::SignedNote;
use verify::log::proof::TlogProof;
use verify::order::*;
use verify::record::{DraftRecord, Field, Record, RecordError, SignedRecord, Value};
use verify::spelling::{base64, from_base64_exact, hex};

use crate::orders::{draft, good, text};
use crate::support::Good;
use crate::support::case::scope_item;

const NAMED: &str = "phone:+31612345678";

/// The same record with other values, under the old signature: who signs is asked elsewhere.
fn with_values(signed: &SignedRecord, values: &[Value]) -> SignedRecord {
    let other = |field: &Field| values.iter().find(|value| value.id() == field.value.id()).unwrap_or(&field.value).clone();
    let fields = signed.record().fields().values().map(|field| Field { value: other(field), ..field.clone() });
    let record = Record::from_fields(fields.collect()).unwrap();
    DraftRecord { record, r: *signed.r() }.signed(signed.signature().to_vec())
}

/// A document with another record in its part.
fn in_place(document: &str, old: &SignedRecord, new: &SignedRecord) -> String {
    let part = |record: &SignedRecord| format!("part record {}\n{}\n", record.to_bytes().len(), text(record.to_bytes()));
    assert!(document.contains(&part(old)));
    document.replacen(&part(old), &part(new), 1)
}

type Items = Vec<([u8; 32], ScopeItem)>;

/// The fixture's order with these scope lines and values; root, number and frame are those of what it says.
fn fitted(good: &Good, items: &Items, values: &[Value]) -> OrderDocument {
    let signed = good.order.record();
    let document = text(good.order.to_bytes());
    let salt = document.lines().find_map(|line| line.strip_prefix("count-salt ")).and_then(from_base64_exact::<32>).unwrap();
    let hashes: Vec<_> = items.iter().map(|(eta, item)| merkle::leaf_hash(&scope_leaf(eta, item))).collect();
    let count: u64 = items.iter().map(|(_, item)| item.count()).sum();
    let own = [Value::ScopeRoot(merkle::root(&hashes)), Value::IdentityCount(count_commitment(&salt, count as u32))];
    let record = with_values(signed, &[values, own.as_slice()].concat());
    // The frame names the same selectors: those of the scope.
    let (rho, salts) = good.order.frame_salts();
    let shown = frame_values(record.record(), good.order.scope());
    let digests = shown.iter().map(|(number, octets)| (*number, frame_field_digest(&salts[number], *number, octets))).collect();
    let record = with_values(&record, &[Value::OrderFrame(order_commitment(rho, &frame_octets(&digests)))]);
    let line = |(eta, item): &([u8; 32], ScopeItem)| {
        let (category, len) = (item.category().number(), item.slot_len().seconds());
        format!("scope {} {category} {len} {} {} {}\n", base64(eta), item.first(), item.last(), item.selector())
    };
    let scope = document.lines().find(|line| line.starts_with("scope ")).unwrap();
    let document = document.replacen(&format!("{scope}\n"), &items.iter().map(line).collect::<String>(), 1);
    OrderDocument::parse(in_place(&document, signed, &record).as_bytes()).unwrap()
}

/// Items of the named person in these runs of hours, in their one order.
fn runs(hours: &[(u64, u64)]) -> Items {
    let item = |(first, last): &(u64, u64)| scope_item(NAMED, Category::TRAFFIC, *first, *last);
    let mut items: Items = hours.iter().map(item).zip(1u8..).map(|(item, eta)| ([eta; 32], item)).collect();
    items.sort_by_key(|(eta, item)| merkle::leaf_hash(&scope_leaf(eta, item)));
    items
}

#[test]
fn ord_03_a_scope_whose_root_fits_is_still_in_order_and_without_overlaps() {
    let good = good();
    let judged = |items: &Items| fitted(&good, items, &[]).check().err();
    let apart = runs(&[(10, 10), (11, 11)]);
    assert_eq!(judged(&apart), None);
    let turned: Items = apart.iter().rev().cloned().collect();
    assert_eq!(judged(&turned), Some(OrderError::Scope));
    assert_eq!(judged(&runs(&[(10, 11), (11, 11)])), Some(OrderError::Scope), "an hour twice");
    assert_eq!(judged(&vec![apart[0].clone(), apart[0].clone()]), Some(OrderError::Scope), "a line twice");
}

#[test]
fn ord_03_a_scope_has_at_most_4096_items() {
    let items = |count: u32| {
        let one = |n: u32| ([7; 32], scope_item(&format!("phone:+316{n:08}"), Category::TRAFFIC, 10, 10));
        Scope::new((0..count).map(one).collect()).err()
    };
    assert_eq!((items(4_096), items(4_097)), (None, Some(OrderError::Scope)));
}

#[test]
fn ord_04_a_frame_has_a_salt_for_each_of_its_fields_and_no_more() {
    let order = text(good().order.to_bytes());
    let last = order.lines().rfind(|line| line.starts_with("frame ")).unwrap();
    let more = order.replacen(last, &format!("{last}\nframe 65000 {}", base64(&[7; 32])), 1);
    assert_eq!(OrderDocument::parse(more.as_bytes()).unwrap().check().err(), Some(OrderError::Frame));
}

#[test]
fn ord_07_categories_and_selectors_of_the_record_are_those_of_the_scope() {
    let good = good();
    let judged = |values: &[Value]| fitted(&good, &runs(&[(10, 11)]), values).check().err();
    assert_eq!(judged(&[]), None);
    assert_eq!(judged(&[Value::Categories(vec![Category::TRAFFIC, Category::IP])]), Some(OrderError::ScopeOfOtherOrder));
    let other = Selector::from_text("phone:+31687654321").unwrap();
    assert_eq!(judged(&[Value::Selectors(vec![other])]), Some(OrderError::ScopeOfOtherOrder));
}

#[test]
fn ord_07_selectors_that_do_not_fit_into_a_field_stand_in_the_scope_alone() {
    let persons = |count: u32| {
        let items = (0..count).map(|n| scope_item(&format!("phone:+316{n:08}"), Category::TRAFFIC, 10, 11)).collect();
        let draft = draft(|t| t.items = items).unwrap();
        (draft.record().selectors().map(<[Selector]>::len), draft.scope().selectors().len())
    };
    assert_eq!((persons(200), persons(300)), ((Some(200), 200), (None, 300)));
    // Nothing else is left out for being long.
    let long = draft(|t| t.legal_basis = "a".repeat(Value::LEN_MAX + 1)).err();
    assert_eq!(long, Some(OrderError::Record(RecordError::ValueTooLong { id: 4 })));
}

#[test]
fn ord_08_attesters_are_shown_a_draft_that_hangs_together() {
    let attested = draft(|t| {
        t.original = Some(b"a letter".to_vec());
        t.attesters = Some(vec![[1; 32], [2; 32]]);
    });
    let honest = attested.unwrap();
    let changed = text(honest.to_bytes()).replace(NAMED, "phone:+31612345679");
    let changed = OrderDraft::parse(changed.as_bytes()).unwrap();
    assert!(honest.attest(&[[0; 64]; 2]).is_ok());
    assert_eq!(changed.attest(&[[0; 64]; 2]).err(), Some(OrderError::Scope));
}

#[test]
fn int_03_and_04_rows_ascend_also_where_the_root_is_of_the_rows_as_they_stand() {
    let good = good();
    let document = text(good.intent.to_bytes());
    let turned = |key: &str| {
        let rows: Vec<&str> = document.lines().filter(|line| line.starts_with(key)).collect();
        document.replace(&format!("{}\n{}\n", rows[0], rows[1]), &format!("{}\n{}\n", rows[1], rows[0]))
    };
    let identities = IntentDocument::parse(turned("identity ").as_bytes()).unwrap();
    assert_eq!(identities.derive(good.policy.key_id()).err(), Some(IntentError::Identities));
    let released = |ids: &[[u8; 32]]| {
        let lines: String = good.intent.release().iter().map(|id| format!("release {}\n", hex(id))).collect();
        let other: String = ids.iter().map(|id| format!("release {}\n", hex(id))).collect();
        let record = with_values(good.intent.record(), &[Value::ReleaseSet(release_root(ids))]);
        let document = in_place(&document.replace(&lines, &other), good.intent.record(), &record);
        IntentDocument::parse(document.as_bytes()).unwrap().check_release()
    };
    let (first, second) = (good.intent.release()[0], good.intent.release()[1]);
    assert_eq!(released(&[first, second]), Ok(()));
    assert_eq!(released(&[second, first]), Err(IntentError::ReleaseSet));
    assert_eq!(released(&[first, first]), Err(IntentError::ReleaseSet));
}

#[test]
fn bun_03_at_most_4096_related_leaves_and_holds() {
    let good = good();
    let place = Place { index: 0, path: Vec::new() };
    let record = good.intent.record().clone();
    let many = |related: usize, holds: usize| {
        let hold = HoldPart {
            order: good.order.clone(),
            order_place: place.clone(),
            logged: TlogProof::new(0, Vec::new(), SignedNote::parse(&good.bundle.orders_head.note).unwrap()),
            outcome: record.clone(),
            outcome_place: place.clone(),
            expiry: 0,
            copied: 0,
        };
        let mut bundle = good.bundle.clone();
        bundle.related = vec![RelatedPart { record: record.clone(), place: place.clone() }; related];
        bundle.holds = vec![hold; holds];
        Bundle::parse(&bundle.to_bytes()).err()
    };
    assert_eq!((many(4_096, 0), many(4_097, 0)), (None, Some(BundleError::TooManyParts)));
    assert_eq!((many(0, 4_096), many(0, 4_097)), (None, Some(BundleError::TooManyParts)));
    assert!(many(4_097, 0).unwrap().is_limit());
}

#[test]
fn bun_03_at_most_131072_statements() {
    let good = good();
    let shortest = good.bundle.statements.iter().min_by_key(|part| part.statement.to_bytes().len()).unwrap();
    let part = StatementPart { statement: shortest.statement.clone(), place: Place { index: 0, path: Vec::new() } };
    let mut bundle = good.bundle.clone();
    bundle.statements = vec![part; (1 << 17) + 1];
    assert_eq!(Bundle::parse(&bundle.to_bytes()).err(), Some(BundleError::TooManyParts));
}

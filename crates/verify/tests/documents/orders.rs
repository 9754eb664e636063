//! ORD-01 to ORD-08, INT-01 to INT-05, BUN-01 to BUN-03.

use seal::identity::{Category, KeyId};
use verify::bundle::Bundle;
use verify::intent::IntentDocument;
use verify::names::Span;
use verify::order::*;
use verify::record::{Kind, Value};
use verify::spelling::base64;

use crate::support::case::{scope_item, slot};
use crate::support::world::at;
use crate::support::{Good, Plan};

pub fn good() -> Good {
    Plan::default().build()
}

pub fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// Replaces the first line with this key.
fn with(text: &str, key: &str, line: &str) -> String {
    let old = text.lines().find(|l| l.starts_with(&format!("{key} "))).unwrap();
    text.replacen(&format!("{old}\n"), line, 1)
}

#[test]
fn ord_01_an_order_has_one_spelling() {
    let order = text(good().order.to_bytes());
    let code = |text: &str| OrderDocument::parse(text.as_bytes()).err().map(|e| e.code());
    assert_eq!(code(&order), None);
    assert_eq!(OrderDocument::parse(order.as_bytes()).unwrap().to_bytes(), order.as_bytes());
    for changed in [
        format!("{order}\n"),
        with(&order, "rho", ""),
        with(&order, "frame", "frame 1 AAAA\n"),
        order.replace("phone:+31", "phone: +31"),
        order.replace(" 1 3600 ", " 01 3600 "),
        order.replace(" 1 3600 ", " 65535 3600 "),
        order.replace(" 1 3600 ", " 1 3601 "),
    ] {
        assert_eq!(code(&changed), Some("ORD-01"));
    }
}

fn checked(change: impl Fn(&str) -> String) -> Option<&'static str> {
    let order = text(good().order.to_bytes());
    let changed = change(&order);
    assert_ne!(changed, order);
    OrderDocument::parse(changed.as_bytes()).unwrap().check().err().map(|e| e.code())
}

#[test]
fn ord_03_to_06_every_hash_stands_for_what_is_shown() {
    let other = base64(&[7; 32]);
    assert_eq!(checked(|o| with(o, "scope", &with_eta(o, &other))), Some("ORD-03"));
    assert_eq!(checked(|o| o.replace("phone:+31612345678", "phone:+31612345679")), Some("ORD-03"));
    assert_eq!(checked(|o| with(o, "rho", &format!("rho {other}\n"))), Some("ORD-04"));
    assert_eq!(checked(|o| with(o, "frame", &format!("frame 1 {other}\n"))), Some("ORD-04"), "another salt");
    assert_eq!(checked(|o| with(o, "frame", "")), Some("ORD-04"), "a frame field left out");
    assert_eq!(checked(|o| with(o, "count-salt", &format!("count-salt {other}\n"))), Some("ORD-05"));
    assert_eq!(checked(|o| format!("{o}part original 1\nx\n")), Some("ORD-06"), "an original that the record does not name");
}

fn with_eta(order: &str, eta: &str) -> String {
    let line = order.lines().find(|l| l.starts_with("scope ")).unwrap();
    let words: Vec<&str> = line.splitn(3, ' ').collect();
    format!("scope {eta} {}\n", words[2])
}

/// What drafting refuses, with this change of the terms.
fn drafted(change: impl FnOnce(&mut OrderTerms)) -> Option<&'static str> {
    draft(change).err().map(|e| e.code())
}

pub fn draft(change: impl FnOnce(&mut OrderTerms)) -> Result<OrderDraft, OrderError> {
    let good = good();
    let record = good.order.record().record();
    let mut terms = OrderTerms {
        kind: Kind::Order,
        instrument: record.instrument().unwrap().clone(),
        court: record.court().cloned(),
        legal_basis: "Article 5".to_owned(),
        authority: record.authority().unwrap().clone(),
        provider: record.provider().unwrap(),
        period: record.period().unwrap(),
        case_ref: None,
        validity: record.validity().unwrap(),
        seal_until: record.seal_until().unwrap(),
        notice_due: record.notice_due().unwrap(),
        policy_hash: record.policy_hash().unwrap(),
        items: vec![scope_item("phone:+31612345678", Category::TRAFFIC, 10, 11)],
        original: None,
        attesters: None,
    };
    change(&mut terms);
    let mut entropy = seal::entropy::SeededEntropy::new([1; 32]);
    OrderDraft::draw(terms, &mut entropy)
}

#[test]
fn ord_02_03_06_07_08_a_draft_hangs_together() {
    assert_eq!(drafted(|_| ()), None);
    assert_eq!(drafted(|t| t.kind = Kind::Preservation), None);
    assert_eq!(drafted(|t| t.kind = Kind::Withdrawal), Some("ORD-01"), "a withdrawal has not the fields of an order");
    assert_eq!(drafted(|t| t.items.clear()), Some("ORD-03"));
    let twice = |t: &mut OrderTerms| t.items.push(scope_item("phone:+31612345678", Category::TRAFFIC, 11, 11));
    assert_eq!(drafted(twice), Some("ORD-03"), "an overlap would count a slot twice");
    let next = |t: &mut OrderTerms| t.items.push(scope_item("phone:+31612345678", Category::IP, 10, 11));
    assert_eq!(drafted(next), None);
    let apart = |t: &mut OrderTerms| {
        t.items = [10, 11].map(|hour| scope_item("phone:+31612345678", Category::TRAFFIC, hour, hour)).to_vec();
    };
    assert_eq!(drafted(apart), None, "one run ends where the next begins");
    assert_eq!(drafted(|t| t.attesters = Some(vec![[1; 32], [2; 32]])), Some("ORD-06"), "attested without an original");
    let span = |from: u64, until: u64| Span::new(from, until).unwrap();
    assert_eq!(drafted(|t| t.period = span(at(10, 59), at(11, 1))), None, "both ends may stick out");
    assert_eq!(drafted(|t| t.period = span(at(11, 0), at(11, 30))), Some("ORD-07"), "the first slot lies outside");
    assert_eq!(drafted(|t| t.period = span(at(10, 0), at(11, 0))), Some("ORD-07"), "the last slot lies outside");
    assert_eq!(drafted(|t| t.seal_until = t.notice_due - 1), Some("ORD-08"));
    assert_eq!(drafted(|t| t.notice_due += 1), Some("ORD-01"), "notice is due at midnight");
}

#[test]
fn ord_02_a_record_of_another_kind_is_no_order() {
    let good = good();
    let order = text(good.order.to_bytes());
    let intent = text(good.intent.record().to_bytes());
    let old = text(good.order.record().to_bytes());
    let changed = order.replacen(&format!("part record {}\n{old}\n", old.len()), &format!("part record {}\n{intent}\n", intent.len()), 1);
    let document = OrderDocument::parse(changed.as_bytes()).unwrap();
    assert_eq!(document.check().err().map(|e| e.code()), Some("ORD-02"));
}

#[test]
fn ord_04_the_frame_names_each_selector_apart() {
    let good = good();
    let values = frame_values(good.order.record().record(), good.order.scope());
    assert!(values.contains_key(&0x100) && !values.contains_key(&0x101));
    assert_eq!(values[&10], (4u16 * 26 + 1).to_be_bytes(), "1 April 2026 lies in the second quarter");
    assert_eq!(values.len(), 10);
}

#[test]
fn ord_08_a_draft_is_read_back_before_it_is_signed() {
    let good = good();
    let mut entropy = seal::entropy::SeededEntropy::new([1; 32]);
    let _ = &mut entropy;
    // A draft whose enclosures were changed on the way to the court does not get a signature.
    let order = text(good.order.to_bytes());
    let record = text(good.order.record().to_bytes());
    let unsigned: String = record.lines().filter(|l| !l.starts_with("signature ")).map(|l| format!("{l}\n")).collect();
    let draft =
        order.replacen(&format!("part record {}\n{record}", record.len()), &format!("part record {}\n{unsigned}", unsigned.len()), 1);
    let honest = OrderDraft::parse(draft.as_bytes()).unwrap();
    assert!(honest.sign(good.world.signer("court")).is_ok());
    let changed = OrderDraft::parse(draft.replace("phone:+31612345678", "phone:+31612345679").as_bytes()).unwrap();
    assert_eq!(changed.sign(good.world.signer("court")).err().map(|e| e.code()), Some("ORD-03"));
}

#[test]
fn int_01_an_intent_has_one_spelling() {
    let intent = text(good().intent.to_bytes());
    let code = |text: &str| IntentDocument::parse(text.as_bytes()).err().map(|e| e.code());
    assert_eq!(code(&intent), None);
    for changed in [
        format!("{intent}\n"),
        intent.replace(" 1 3600 ", " 1 03600 "),
        with(&intent, "release", "release AB\n"),
        with(&intent, "salt", "salt 2026-01-01 AAAA x\n"),
        intent.replace("day 2026-01-01", "day 2026-1-1"),
    ] {
        assert_eq!(code(&changed), Some("INT-01"));
    }
}

fn intent_code(change: impl Fn(&str) -> String, key_id: Option<KeyId>) -> Option<&'static str> {
    let good = good();
    let changed = change(&text(good.intent.to_bytes()));
    let document = IntentDocument::parse(changed.as_bytes()).unwrap();
    document.check(key_id.unwrap_or(good.policy.key_id())).err().map(|e| e.code())
}

#[test]
fn int_03_to_05_identities_segments_and_salts() {
    let same = |t: &str| t.to_owned();
    assert_eq!(intent_code(same, None), None);
    assert_eq!(intent_code(same, Some(KeyId([1; 32]))), Some("INT-03"));
    assert_eq!(intent_code(|t| with(t, "identity", ""), None), Some("INT-03"));
    let turned = |t: &str| {
        let lines: Vec<&str> = t.lines().filter(|l| l.starts_with("identity ")).collect();
        t.replace(&format!("{}\n{}\n", lines[0], lines[1]), &format!("{}\n{}\n", lines[1], lines[0]))
    };
    assert_eq!(intent_code(turned, None), Some("INT-03"));
    assert_eq!(intent_code(|t| with(t, "release", ""), None), Some("INT-04"));
    assert_eq!(intent_code(|t| with(t, "day", ""), None), Some("INT-05"));
    let twice = |t: &str| {
        let line = t.lines().find(|l| l.starts_with("salt ")).unwrap();
        t.replace(&format!("{line}\n"), &format!("{line}\n{line}\n"))
    };
    assert_eq!(intent_code(twice, None), Some("INT-05"));
}

#[test]
fn int_02_only_kind_12() {
    let good = good();
    let (intent, order) = (text(good.intent.to_bytes()), text(good.order.record().to_bytes()));
    let old = text(good.intent.record().to_bytes());
    let changed = intent.replacen(&format!("part record {}\n{old}\n", old.len()), &format!("part record {}\n{order}\n", order.len()), 1);
    let document = IntentDocument::parse(changed.as_bytes()).unwrap();
    assert_eq!(document.check(good.policy.key_id()).err().map(|e| e.code()), Some("INT-02"));
}

#[test]
fn int_05_what_leaves_the_provider_has_no_day_secret() {
    let good = good();
    let public = good.intent.without_salts();
    assert!(!text(public.to_bytes()).contains(&base64(&crate::support::case::DAY_SECRET)));
    assert_eq!(public.record().d(), good.intent.record().d());
    assert_eq!(public.check(good.policy.key_id()).unwrap(), good.identities);
}

#[test]
fn bun_01_02_03_the_container() {
    let good = good();
    let bytes = good.bundle.to_bytes();
    let code = |bytes: &[u8]| Bundle::parse(bytes).err().map(|e| e.code());
    assert_eq!(Bundle::parse(&bytes).unwrap(), good.bundle);
    assert_eq!(code(&bytes[1..]), Some("BUN-01"));
    assert_eq!(code(&[bytes.as_slice(), b"x"].concat()), Some("BUN-01"));
    let text = text(bytes);
    assert_eq!(code(text.replacen("rho ", "rha ", 1).as_bytes()), Some("BUN-02"));
    assert_eq!(code(text.replacen("waarborg-public/v1 epoch\nheader ", "waarborg-public/v1 epoch\nhaeder ", 1).as_bytes()), Some("BUN-02"));
    assert_eq!(
        code(text.replacen("\u{2014} waarborg.example/orders/2026 ", "\u{2014} waarborg.example/orders/2026  ", 1).as_bytes()),
        Some("BUN-02")
    );
    let mut long = good.bundle.clone();
    long.statements[0].place.path = vec![[0; 32]; 64];
    assert_eq!(code(&long.to_bytes()), Some("BUN-03"));
    assert!(Bundle::parse(&long.to_bytes()).unwrap_err().is_limit());
}

#[test]
fn sea_53_scope_items_are_runs_of_slots() {
    let item = scope_item("phone:+31612345678", Category::TRAFFIC, 10, 11);
    assert_eq!((item.count(), item.start(), item.end()), (2, slot(10).start(), slot(11).end()));
    assert!(ScopeItem::new(item.selector().clone(), Category::TRAFFIC, item.slot_len(), 5, 4).is_none());
    assert!(ScopeItem::new(item.selector().clone(), Category::TRAFFIC, item.slot_len(), 0, u64::MAX).is_none());
    let (len, largest) = (item.slot_len(), (1 << 62) / 3_600);
    let run = |first: u64, last: u64| ScopeItem::new(item.selector().clone(), Category::TRAFFIC, len, first, last);
    assert!(run(largest - 1, largest).is_some() && run(largest, largest + 1).is_none() && run(u64::MAX, u64::MAX).is_none());
    assert!(Value::parse(7, &[0; 16]).is_none());
}

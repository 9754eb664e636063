//! A received order and the native cases that answer it.

use std::collections::BTreeMap;

use node::cases::state::*;
use node::cases::{Digest32, ItemDiff, Octets, ScopeDiff, SlotDiff};
use node::desk::{Ask, NotTaken};
use node::gateway::work::Done;
use seal::entropy::{SeededEntropy, SystemEntropy};
use seal::identity::{Category, ProviderId, SlotLen};
use seal::secret::Secret;
use seal::selector::Selector;
use seal::signature::SigningKey;
use verify::log::note::Signer;
use verify::log::vkey::{KeyKind, KeyName};
use verify::names::{DirectoryId, Instrument, Span};
use verify::order::{OrderDraft, OrderTerms, ScopeItem};
use verify::record::{Kind, key_digest};

use crate::house::*;

/// The sample's period: 2026-11-01, 08:00 to 12:30 UTC.
const FROM: u64 = 1_793_520_000;
const UNTIL: u64 = FROM + 16_200;

/// The native order that two attesters signed for this original.
pub fn attested(original: &str, seed: u8) -> Vec<u8> {
    asking(original, seed, "phone:+31612345678", Category::SUBSCRIBER, (FROM, UNTIL))
}

fn asking(original: &str, seed: u8, selector: &str, category: Category, period: (u64, u64)) -> Vec<u8> {
    native(Kind::Order, original, seed, selector, category, period)
}

fn native(kind: Kind, original: &str, seed: u8, selector: &str, category: Category, period: (u64, u64)) -> Vec<u8> {
    native_of(kind, original, seed, (selector, category), period, period)
}

/// Its period, and the slots that its one item names.
fn native_of(
    kind: Kind,
    original: &str,
    seed: u8,
    (selector, category): (&str, Category),
    period: (u64, u64),
    slots: (u64, u64),
) -> Vec<u8> {
    let (from, until) = period;
    let attesters = [1u8, 2].map(|n| {
        let key = SigningKey::from_seed(Secret::new([n; 32])).unwrap();
        Signer::new(KeyName::parse(&format!("attester-{n}.example")).unwrap(), KeyKind::Ed25519, key)
    });
    let selector = Selector::from_text(selector).unwrap();
    let item = ScopeItem::new(selector, category, SlotLen::HOUR, slots.0 / 3_600, (slots.1 - 1) / 3_600).unwrap();
    let terms = OrderTerms {
        kind,
        instrument: Instrument::parse("epoc").unwrap(),
        court: None,
        legal_basis: "326 Sr".into(),
        authority: DirectoryId::parse("parket.example").unwrap(),
        provider: ProviderId([5; 16]),
        period: Span::new(from, until).unwrap(),
        case_ref: None,
        validity: Span::new(RECEIVED, RECEIVED + 30 * DAY).unwrap(),
        seal_until: 1_830_297_600,
        notice_due: 1_830_297_600 - 86_400 * 100,
        policy_hash: [3; 32],
        items: vec![item],
        original: Some(original.as_bytes().to_vec()),
        attesters: Some(attesters.iter().map(|signer| key_digest(signer.vkey().key())).collect()),
    };
    let draft = OrderDraft::draw(terms, &mut SeededEntropy::new([seed; 32])).unwrap();
    let signatures: Vec<_> = attesters.iter().map(|signer| signer.sign_message(&draft.record().message())).collect();
    draft.attest(&signatures).unwrap().to_bytes()
}

pub fn file(order: &[u8]) -> File {
    let id = node::gateway::papers::order_id(order).unwrap();
    File { id, number: 1, received: RECEIVED, order: Octets(order.to_vec()) }
}

pub fn logged() -> Logged {
    Logged { origin: "orders.example".into(), index: 1, proof: Octets(Vec::new()) }
}

fn anchor() -> Anchor {
    Anchor { public: Octets(Vec::new()), orders: Octets(Vec::new()) }
}

pub fn batch() -> Batch {
    Batch { sequence: 1, attempt: 1, first_slot: FROM / 3_600, last_slot: UNTIL / 3_600 }
}

/// Two officers approved a production with so many rows out.
pub fn packing(order: &[u8], rows: u64) -> Case {
    let approvals = [Octets(Vec::new()), Octets(Vec::new())];
    let mandate = Mandate {
        file: file(order),
        anchor: anchor(),
        leaf: logged(),
        approvals: approvals.to_vec(),
        served: Vec::new(),
        next_slot: FROM / 3_600,
        owed: Vec::new(),
        withdrawal: None,
    };
    let intended = Intended { mandate, batch: batch(), intent: Octets(Vec::new()), anchor: anchor() };
    let soaked = Soaking { intended, leaf: logged() };
    let heads = Heads { orders: Octets(Vec::new()), public: Octets(Vec::new()), taken: RECEIVED };
    let asked = Asking { soaked, heads, answers: BTreeMap::new(), related: Vec::new(), holds: Vec::new() };
    let slot = SlotDiff { slot: 1, whole: true, absent: false, epochs: 1, late_epochs: 0, rows_out: rows, rows_held_back: 2 };
    let item = ItemDiff { selector: "phone:+31612345678".into(), category: 5, slots: vec![slot] };
    let scope = ScopeDiff { sequence: 1, items: vec![item], records: Vec::new() };
    Case::Packing(Packing { asked, scope, approvals, approved: RECEIVED })
}

fn closed(order: &[u8], ending: Ending) -> Case {
    let package =
        PackageFacts { name: "p".into(), size: 1, encrypted: Digest32([0; 32]), manifest: Digest32([0; 32]), signature: Digest32([0; 32]) };
    let served = Served { batch: batch(), package, delivered: RECEIVED, release_index: 1, receipt_index: 2 };
    let served = if matches!(ending, Ending::Completed | Ending::Lapsed { .. }) { vec![served] } else { Vec::new() };
    let leaves = LeafQueue::new(Vec::new());
    Case::Closed(Closed { file: file(order), leaf: logged(), served, ending, leaves, at: RECEIVED })
}

fn may(house: &House, order: &[u8]) -> Result<(), String> {
    house.desk.may_go_on(order).map_err(|error| match error {
        NotTaken::Refused(refused) => refused.code,
        NotTaken::Fault(fault) => panic!("{fault}"),
    })
}

pub fn follow(house: &mut House, case: &Case) -> Option<u64> {
    house.desk.follow(house.now, case, &mut SystemEntropy).unwrap()
}

#[test]
fn dsk_08_an_attested_order_goes_on_only_while_its_original_stands() {
    let mut house = House::new();
    let (original, order) = (epoc(1), attested(&epoc(1), 1));
    assert_eq!(may(&house, &order), Err("DSK-08".into()), "never received here");
    let number = house.order(&original).number;
    assert_eq!(may(&house, &order), Err("DSK-08".into()), "not admitted");
    house.act(number, call()).unwrap();
    assert_eq!(may(&house, &order), Ok(()));
    assert_eq!(may(&house, &attested(&epoc(2), 1)), Err("DSK-08".into()), "another original");
    house.act(number, Ask::Withdraw {}).unwrap();
    assert_eq!(may(&house, &order), Err("DSK-08".into()), "withdrawn: not even its second approval");
}

#[test]
fn dsk_08_a_withdrawal_stops_what_is_under_way() {
    let mut house = House::new();
    let number = house.order(&epoc(1)).number;
    house.act(number, call()).unwrap();
    let order = attested(&epoc(1), 1);
    assert_eq!(house.desk.stops(&packing(&order, 3)).unwrap(), None);
    house.act(number, Ask::Withdraw {}).unwrap();
    let stopped = house.desk.stops(&packing(&order, 3)).unwrap();
    assert!(matches!(&stopped, Some(Done::Stopped { code, .. }) if code == "DSK-08"), "{stopped:?}");
    // What is over is still written down.
    assert_eq!(house.desk.stops(&closed(&order, Ending::Completed)).unwrap(), None);
}

#[test]
fn dsk_08_a_native_order_asks_for_nothing_that_the_original_does_not() {
    let mut house = House::new();
    let number = house.order(&epoc(1)).number;
    house.act(number, call()).unwrap();
    let (phone, class) = ("phone:+31612345678", Category::SUBSCRIBER);
    let within = asking(&epoc(1), 1, phone, class, (FROM + 3_600, UNTIL - 3_600));
    assert_eq!(may(&house, &within), Ok(()), "part of it");
    for (what, order) in [
        ("another person", asking(&epoc(1), 1, "phone:+31699999999", class, (FROM, UNTIL))),
        ("another category", asking(&epoc(1), 1, phone, Category::LOCATION, (FROM, UNTIL))),
        ("an earlier hour", asking(&epoc(1), 1, phone, class, (FROM - 3_600, UNTIL))),
        ("a later hour", asking(&epoc(1), 1, phone, class, (FROM, UNTIL + 3_600))),
    ] {
        assert_eq!(may(&house, &order), Err("DSK-08".into()), "{what}");
    }
}

#[test]
fn dsk_08_an_order_to_preserve_is_produced_by_nothing() {
    let mut house = House::new();
    let letter = preservation();
    let loaded = {
        let number = house.order(&letter).number;
        assert_eq!(house.act(number, call()).unwrap(), "preserving");
        house.desk.load(number, house.now).unwrap().unwrap()
    };
    let terms = law::import::terms(loaded.received.order().unwrap()).unwrap();
    let (selector, categories) = &terms[0].items[0];
    let category = Category::new(categories[0]).unwrap();
    let period = (terms[0].period.from(), terms[0].period.until());
    assert_eq!(may(&house, &asking(&letter, 1, &selector.to_string(), category, period)), Err("DSK-08".into()));
}

/// What is attested to preserve goes on while the received order stands, admitted or not, and lets its hold last no longer.
#[test]
fn dsk_08_an_order_to_preserve_may_be_kept_before_it_is_admitted_and_no_longer_than_it_runs() {
    let mut house = House::new();
    let letter = preservation();
    let number = house.order(&letter).number;
    let loaded = house.desk.load(number, house.now).unwrap().unwrap();
    let terms = law::import::terms(loaded.received.order().unwrap()).unwrap();
    let (selector, categories) = &terms[0].items[0];
    let category = Category::new(categories[0]).unwrap();
    let period = (terms[0].period.from(), terms[0].period.until());
    let keeping = native(Kind::Preservation, &letter, 1, &selector.to_string(), category, period);
    assert_eq!(may(&house, &keeping), Ok(()), "received, and nobody called back yet");
    let other = native(Kind::Preservation, &letter, 1, "phone:+31699999999", category, period);
    assert_eq!(may(&house, &other), Err("DSK-08".into()), "another person");
    let until = |house: &House| house.desk.preserves_until(&keeping, house.now).unwrap();
    assert_eq!(until(&house), Some(u64::MAX));
    house.act(number, call()).unwrap();
    let due = house.desk.head(number).unwrap().unwrap().due;
    assert_eq!(until(&house), due, "60 days, as the law counts them");
    assert!(house.act(number, Ask::Extend {}).is_ok() && due < until(&house), "and 30 more");
    // A case that keeps answers nobody.
    assert_eq!(follow(&mut house, &closed(&keeping, Ending::Completed)), Some(number));
    assert_eq!(house.state(number), "preserving");
    house.act(number, Ask::Withdraw {}).unwrap();
    assert_eq!((may(&house, &keeping), until(&house)), (Err("DSK-08".into()), Some(house.now)));
    let Case::Packing(s) = packing(&keeping, 0) else { panic!() };
    let case = Case::Preserving(Preserving { mandate: s.asked.mandate().clone() });
    assert!(matches!(house.desk.stops(&case).unwrap(), Some(Done::Stopped { .. })));
    // To produce from what only preserves stays refused.
    assert_eq!(may(&house, &asking(&letter, 1, &selector.to_string(), category, period)), Err("DSK-08".into()));
}

#[test]
fn dsk_09_what_the_case_does_moves_the_order() {
    for (ending, rows, state) in [
        (Ending::Completed, 3, "answered"),
        (Ending::Completed, 0, "not-held"),
        (Ending::Refused { reason: NOT_HELD }, 0, "not-held"),
        (Ending::NotHeld, 0, "not-held"),
        (Ending::Refused { reason: 209 }, 0, "refused"),
        (Ending::Refused { reason: 600 }, 0, "producing"),
        (Ending::Withdrawn { document: Octets(Vec::new()) }, 0, "withdrawn"),
    ] {
        let mut house = House::new();
        let number = house.order(&epoc(1)).number;
        house.act(number, call()).unwrap();
        let order = attested(&epoc(1), 1);
        assert_eq!(follow(&mut house, &packing(&order, rows)), Some(number));
        assert_eq!(house.state(number), "producing", "approved is not delivered");
        // Killed here: the note is on the disk, and the same case says the rest after the restart.
        let mut house = house.reopened();
        follow(&mut house, &packing(&order, rows));
        follow(&mut house, &closed(&order, ending.clone()));
        follow(&mut house, &closed(&order, ending.clone()));
        assert_eq!(house.state(number), state, "{ending:?}");
        let entries = house.desk.load(number, house.now).unwrap().unwrap().entries;
        assert_eq!(entries.len(), if state == "producing" { 2 } else { 3 }, "said once: {ending:?}");
        assert_eq!(house.desk.cases_of(number).unwrap().len(), 1);
    }
}

/// One native order may ask for a part of the received one: it is answered when the parts together are all of it, whatever their order.
#[test]
fn dsk_09_what_no_ended_case_asked_for_is_not_answered() {
    let phone = "phone:+31612345678";
    let of = |parts: &[(u64, u64)], category: Category| {
        let mut house = House::new();
        let number = house.order(&epoc(1)).number;
        house.act(number, call()).unwrap();
        for (seed, part) in (1u8..).zip(parts) {
            let order = asking(&epoc(1), seed, phone, category, *part);
            follow(&mut house, &packing(&order, 3));
            follow(&mut house, &closed(&order, Ending::Completed));
        }
        house.state(number)
    };
    let hour = |n: u64| FROM + n * 3_600;
    let class = Category::SUBSCRIBER;
    assert_eq!(of(&[(hour(2), hour(3))], class), "producing", "one hour of five");
    assert_eq!(of(&[(hour(1), UNTIL)], class), "producing", "all but the first");
    assert_eq!(of(&[(hour(0), hour(4))], class), "producing", "all but the last half hour");
    assert_eq!(of(&[(hour(3), UNTIL), (hour(0), hour(2))], class), "producing", "an hour is missing in the middle");
    assert_eq!(of(&[(hour(3), UNTIL), (hour(0), hour(3))], class), "answered");
    assert_eq!(of(&[(hour(0), hour(4)), (hour(1), UNTIL)], class), "answered");
    assert_eq!(of(&[(FROM, UNTIL)], Category::LOCATION), "producing", "of another category");
}

/// What a case did not come to before its order lapsed, nobody has looked for: neither rows nor "not held".
#[test]
fn dsk_09_what_a_lapsed_case_did_not_come_to_is_not_answered() {
    let phone = "phone:+31612345678";
    let after = |lapsed: u64, then: Option<(u64, u64)>| {
        let mut house = House::new();
        let number = house.order(&epoc(1)).number;
        house.act(number, call()).unwrap();
        let order = attested(&epoc(1), 1);
        follow(&mut house, &packing(&order, 3));
        follow(&mut house, &closed(&order, Ending::Lapsed { from: lapsed }));
        if let Some(period) = then {
            let rest = asking(&epoc(1), 2, phone, Category::SUBSCRIBER, period);
            follow(&mut house, &packing(&rest, 3));
            follow(&mut house, &closed(&rest, Ending::Completed));
        }
        house.state(number)
    };
    assert_eq!(after(FROM, None), "producing", "nothing was served");
    assert_eq!(after(FROM + 3_600, None), "producing", "one hour was");
    assert_eq!(after(FROM + 3_600, Some((FROM + 3_600, UNTIL))), "answered");
    assert_eq!(after(UNTIL, None), "answered", "it lapsed when nothing was left");
}

/// A case that ended for a reason that the issuing authority has no word for answers nothing, and stops no other one from answering.
#[test]
fn dsk_09_a_case_without_an_answer_stops_no_other() {
    for first in [1u8, 2] {
        let mut house = House::new();
        let number = house.order(&epoc(1)).number;
        house.act(number, call()).unwrap();
        let (mistaken, right) = (attested(&epoc(1), first), attested(&epoc(1), 3 - first));
        follow(&mut house, &closed(&mistaken, Ending::Refused { reason: 600 }));
        assert_eq!(house.state(number), "producing");
        follow(&mut house, &packing(&right, 3));
        follow(&mut house, &closed(&right, Ending::Completed));
        assert_eq!(house.state(number), "answered");
    }
}

/// The period of the order is not what it asks for: its items are.
#[test]
fn dsk_09_an_order_over_the_whole_time_that_names_one_hour_answers_one_hour() {
    let mut house = House::new();
    let number = house.order(&epoc(1)).number;
    house.act(number, call()).unwrap();
    let order = native_of(Kind::Order, &epoc(1), 1, ("phone:+31612345678", Category::SUBSCRIBER), (FROM, UNTIL), (FROM, FROM + 3_600));
    follow(&mut house, &packing(&order, 3));
    follow(&mut house, &closed(&order, Ending::Completed));
    assert_eq!(house.state(number), "producing");
}

#[test]
fn dsk_09_a_case_of_another_original_moves_nothing() {
    let mut house = House::new();
    let number = house.order(&epoc(1)).number;
    house.act(number, call()).unwrap();
    assert_eq!(follow(&mut house, &closed(&attested(&epoc(2), 1), Ending::Completed)), None);
    assert_eq!(house.state(number), "producing");
}

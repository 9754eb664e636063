//! The gateway's emergency counter over real orders: what is counted, from when on, and what settles it (LOG-90, LOG-103).

#[path = "../../verify/tests/support/mod.rs"]
mod fixture;

use fixture::world::{ORDERS, PROVIDER, at};
use fixture::{Good, Plan};
use node::cases::related::Related;
use node::cases::state::*;
use node::cases::{Digest32, Octets};
use node::gateway::emergencies::{count, is_news};
use node::gateway::rules::{Rules, Settings};
use node::log::keys;
use seal::entropy::SeededEntropy;
use verify::calendar::{DAY, Day};
use verify::log::note::SignedNote;
use verify::log::proof::TlogProof;
use verify::names::DirectoryId;
use verify::policy::Policy;
use verify::record::{DraftRecord, Kind, Parent, Record, Value};
use verify::statement::EmergencyCount;

/// When the witnesses saw the order's leaf.
const LOGGED: u64 = fixture::world::DAY_ZERO + 14 * 3_600 + 20 * 60;

fn emergency() -> Good {
    let mut plan = Plan { soak: Some(0), order_signer: "prosecutor".to_owned(), ..Plan::default() };
    plan.policy(|_, policy| policy.directory[0].emergencies = vec![seal::identity::Category::TRAFFIC]);
    plan.order(|_, terms| (terms.kind, terms.court) = (Kind::Emergency, None));
    plan.build()
}

fn rules(good: &Good) -> Rules {
    let settings = Settings { poll_seconds: 1, retry_seconds: 1, retry_seconds_max: 1, attempts_max: 1 };
    let signer = keys::parse(&good.world.key_file("gateway")).unwrap();
    let rules = Rules::new(Policy::parse(good.policy.to_bytes()).unwrap(), signer, settings);
    rules.unwrap_or_else(|_| panic!("the policy's gateway key"))
}

fn leaf(good: &Good) -> Logged {
    let place = &good.bundle.order_place;
    let proof = TlogProof::new(place.index, place.path.clone(), SignedNote::parse(&good.bundle.orders_head.note).unwrap());
    Logged { origin: ORDERS.to_owned(), index: place.index, proof: Octets(proof.to_bytes()) }
}

fn file(good: &Good) -> File {
    File { id: Digest32(good.order.record().d()), number: 1, received: at(13, 0), order: Octets(good.order.to_bytes()) }
}

/// The same order again as a case of its own; `served`: keys were given for it.
fn closed(good: &Good, served: bool) -> Case {
    let package =
        PackageFacts { name: "p".into(), size: 1, encrypted: Digest32([0; 32]), manifest: Digest32([0; 32]), signature: Digest32([0; 32]) };
    let batch = Batch { sequence: 1, attempt: 1, first_slot: 1, last_slot: 1 };
    let one = Served { batch, package, delivered: 1, release_index: 1, receipt_index: 2 };
    let served = if served { vec![one] } else { Vec::new() };
    let leaves = LeafQueue::new(Vec::new());
    Case::Closed(Closed { file: file(good), leaf: leaf(good), served, ending: Ending::Completed, leaves, at: 1 })
}

fn related(good: &Good, kind: Kind, parent: u64, is_logged: bool) -> Related {
    let id = |text: &str| DirectoryId::parse(text).unwrap();
    let mut values =
        vec![Value::Kind(kind), Value::Provider(PROVIDER), Value::Parent(Parent::new(ORDERS, parent)), Value::Authority(id("nl.om"))];
    match kind {
        Kind::Confirmation => values.push(Value::Court(id("nl.rechtbank"))),
        _ => values.extend([Value::OrderFrame([1; 32]), Value::IdsRoot([2; 32])]),
    }
    let entropy = &mut SeededEntropy::new([3; 32]);
    let draft = DraftRecord::draw(Record::draw(values, entropy).unwrap(), entropy);
    let signature = good.world.signer("court").sign_message(&draft.record.message());
    let document = Octets(draft.signed(signature.to_vec()).to_bytes());
    match is_logged {
        true => Related::Logged { document, leaf: leaf(good) },
        false => Related::Submitted { document },
    }
}

fn numbers(count: &EmergencyCount) -> (u64, u64, u64) {
    (count.emergencies, count.unconfirmed, count.overdue)
}

#[test]
fn log_90_log_103_an_emergency_is_counted_until_its_confirmation_is_logged() {
    let good = emergency();
    let (rules, case) = (rules(&good), closed(&good, true));
    let index = good.bundle.order_place.index;
    let at = |now: u64, related: &[Related]| numbers(&count(&rules, [&case].into_iter(), related.iter(), now));
    assert_eq!(at(LOGGED + DAY, &[]), (1, 0, 0));
    assert_eq!(at(LOGGED + DAY + 1, &[]), (1, 1, 0));
    assert_eq!(at(LOGGED + 2 * DAY + 1, &[]), (1, 1, 1), "48 hours by the policy");
    let settles = |kind, parent, is_logged| at(LOGGED + 9 * DAY, &[related(&good, kind, parent, is_logged)]) == (1, 0, 0);
    assert!(settles(Kind::Confirmation, index, true));
    assert!(!settles(Kind::Confirmation, index, false), "it is in the log or it is none");
    assert!(!settles(Kind::Confirmation, index + 1, true), "another order's");
    assert!(!settles(Kind::Notice, index, true));
    // An order that waits for its leaf is in no count, and an order with a court is no emergency.
    let waits = Case::Received(Received { file: file(&good) });
    assert_eq!(numbers(&count(&rules, [&waits].into_iter(), [].into_iter(), LOGGED)), (0, 0, 0));
    let ordinary = closed(&Plan::default().build(), true);
    assert_eq!(numbers(&count(&rules, [&ordinary].into_iter(), [].into_iter(), LOGGED)), (0, 0, 0));
}

#[test]
fn sea_70_three_overdue_confirmations_show_the_unit_as_suspended() {
    let good = emergency();
    let rules = rules(&good);
    let suspended = |cases: &[Case], now| count(&rules, cases.iter(), [].into_iter(), now).suspended;
    let three = |served| vec![closed(&good, served), closed(&good, served), closed(&good, served)];
    let late = LOGGED + 3 * DAY;
    assert_eq!(suspended(&three(true), late), [DirectoryId::parse("unit.nl.om").unwrap()]);
    assert_eq!(suspended(&three(true)[..2], late), []);
    assert_eq!(suspended(&three(false), late), [], "members hold nothing against whom they gave no keys");
    assert_eq!(suspended(&three(true), LOGGED + 2 * DAY), []);
}

#[test]
fn log_103_a_count_is_published_daily_and_at_once_when_a_number_rises() {
    let said = |day: u32, emergencies, unconfirmed, overdue| EmergencyCount {
        day: Day(day),
        emergencies,
        unconfirmed,
        overdue,
        suspended: Vec::new(),
    };
    let last = said(10, 3, 1, 0);
    assert!(is_news(None, &last) && !is_news(Some(&last), &last));
    assert!(is_news(Some(&last), &said(11, 3, 1, 0)));
    for risen in [said(10, 4, 1, 0), said(10, 3, 2, 0), said(10, 3, 0, 1)] {
        assert!(is_news(Some(&last), &risen));
    }
    assert!(!is_news(Some(&last), &said(10, 3, 0, 0)), "what has become less can wait for the day's end");
}

//! REL-35: what a package's parts show to everyone, one thing otherwise at a time.

use verify::log::note::SignedNote;
use verify::log::proof::TlogProof;
use verify::names::{DirectoryId, Span};
use verify::record::{DraftRecord, Kind, Parent, Record, SignedRecord, Value};
use verify::release::{OfflineError, OfflineParts, Refusal, judge_offline};
use verify::statement::Statement;

use crate::answers::parts;
use crate::support::world::{DAY_ZERO, ORDERS, PROVIDER, PUBLIC, World, at};
use crate::support::{Good, Plan};

fn confirmation(world: &World, order: Parent) -> SignedRecord {
    let id = |text: &str| DirectoryId::parse(text).unwrap();
    let values = vec![
        Value::Kind(Kind::Confirmation),
        Value::Provider(PROVIDER),
        Value::Parent(order),
        Value::Authority(id("nl.om")),
        Value::Court(id("nl.rechtbank")),
    ];
    let mut entropy = seal::entropy::SeededEntropy::new([3; 32]);
    let draft = DraftRecord::draw(Record::draw(values, &mut entropy).unwrap(), &mut entropy);
    let signature = world.signer("court").sign_message(&draft.record.message());
    draft.signed(signature.to_vec())
}

/// The order's court confirms what needs no confirmation, so that a related leaf is there.
fn with_related() -> (Good, OfflineParts) {
    let mut plan = Plan::default();
    plan.related = Box::new(|world, order| vec![confirmation(world, order)]);
    let good = plan.build();
    let mut parts = parts(&good);
    let proof = |place: &verify::bundle::Place| TlogProof::new(place.index, place.path.clone(), parts.order.1.checkpoint.clone());
    parts.related = good.bundle.related.iter().map(|part| (part.record.clone(), proof(&part.place))).collect();
    (good, parts)
}

/// A checkpoint of an earlier size that the same witnesses cosigned at the same time.
fn earlier(good: &Good, origin: &str) -> SignedNote {
    let log = if origin == PUBLIC { &good.public } else { &good.orders };
    let witnesses: Vec<_> = good.world.witnesses().into_iter().map(|witness| (witness, at(14, 20))).collect();
    SignedNote::parse(&log.note(log.size() - 1, good.world.signer(origin), &witnesses)).unwrap()
}

#[test]
fn rel_35_all_proofs_of_a_log_are_under_one_checkpoint() {
    let judged = |change: fn(&Good, &mut OfflineParts)| {
        let (good, mut parts) = with_related();
        change(&good, &mut parts);
        judge_offline(parts, &good.policy, 1).map(|_| ()).err()
    };
    assert_eq!(judged(|_, _| ()), None);
    let two = Some(OfflineError::TwoCheckpoints);
    assert_eq!(judged(|good, parts| parts.order.1.checkpoint = earlier(good, ORDERS)), two);
    assert_eq!(judged(|good, parts| parts.related[0].1.checkpoint = earlier(good, ORDERS)), two);
    assert_eq!(judged(|good, parts| parts.statements[1].1.checkpoint = earlier(good, PUBLIC)), two);
    assert_eq!(judged(|good, parts| parts.statements.last_mut().unwrap().1.checkpoint = earlier(good, PUBLIC)), two);
}

#[test]
fn rel_35_a_package_without_statements_shows_no_head_of_public() {
    let good = Plan::default().build();
    let none = OfflineParts { statements: Vec::new(), ..parts(&good) };
    assert!(matches!(judge_offline(none, &good.policy, 1), Err(OfflineError::Refused(Refusal::Origin(_)))));
}

#[test]
fn rel_35_rel_15_everyone_compares_the_release_set_with_the_segments_shown() {
    let mut plan = Plan::default();
    plan.intent(|_, t| t.release.extend([[7; 32]]));
    let good = plan.build();
    assert!(matches!(judge_offline(parts(&good), &good.policy, 1), Err(OfflineError::Refused(Refusal::ReleaseSet))));
}

#[test]
fn rel_35_rel_10_when_a_member_first_saw_the_order_is_the_members_word() {
    // The office ended between the pair before the order and the tick.
    let mut plan = Plan::default();
    plan.policy(|_, policy| policy.directory[2].in_force = Span::new(DAY_ZERO - 30 * 86_400, at(14, 10)).unwrap());
    let good = plan.build();
    assert_eq!(good.verdict(), Some(10));
    assert!(judge_offline(parts(&good), &good.policy, 1).is_ok());
}

#[test]
fn rel_35_rel_22_a_policy_that_the_package_does_not_show_in_public_is_the_members_word() {
    let good = Plan::default().build();
    let carried = |shown: bool| {
        let mut parts = parts(&good);
        parts.statements.retain(|(signed, _)| shown || !matches!(signed.statement(), Statement::Policy(_)));
        judge_offline(parts, &good.policy, 1).unwrap().not_carried().contains(&22)
    };
    assert_eq!((carried(true), carried(false)), (false, true));
}

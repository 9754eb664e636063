//! RCP-01 to RCP-05, APR-01 to APR-04, and the offline form of the list.

use verify::approval::*;
use verify::log::note::SignedNote;
use verify::log::proof::TlogProof;
use verify::policy::{CommitteeName, MemberId};
use verify::receipt::*;
use verify::release::{Judgement, OfflineError, OfflineParts, Permit, Refusal, judge_offline};

use crate::support::world::at;
use crate::support::{Good, Plan};

pub fn permit(good: &Good) -> Permit {
    match good.judge() {
        Judgement::Granted(pending) => pending.store(|_| Ok::<(), ()>(())).unwrap(),
        Judgement::Refused(refused) => panic!("{}", refused.refusal()),
    }
}

pub const MEMBER: MemberId = MemberId { committee: CommitteeName::Guardians, index: 2 };

fn answer(good: &Good, sealed: &[u8], key: &str) -> ReleaseAnswer {
    let receipt = ReleaseReceipt::of(&permit(good), MEMBER, sealed);
    let receipt = SignedReceipt::sign(receipt, good.world.signer(key)).unwrap();
    ReleaseAnswer { receipt, sealed: Some(sealed.to_vec()) }
}

#[test]
fn rcp_01_02_03_an_answer_is_its_members() {
    let good = Plan::default().build();
    let right = answer(&good, b"sealed", "guardian-2");
    let bytes = right.to_bytes();
    assert_eq!(Answer::parse(&bytes, &good.policy), Ok(Answer::Release(right.clone())));
    let code = |bytes: &[u8]| Answer::parse(bytes, &good.policy).err().map(|e| e.code());
    assert_eq!(code(&[bytes.as_slice(), b"\n"].concat()), Some("RCP-01"));
    assert_eq!(code(&answer(&good, b"sealed", "guardian-3").to_bytes()), Some("RCP-02"));
    let other = ReleaseAnswer { sealed: Some(b"Sealed".to_vec()), ..right.clone() };
    assert_eq!(code(&other.to_bytes()), Some("RCP-03"));
    let stripped = right.without_keys();
    assert_eq!(ReleaseAnswer::parse(&stripped.to_bytes()), Ok(stripped.clone()));
    assert_eq!(code(&stripped.to_bytes()), Some("RCP-03"), "a combiner needs the keys");
    assert_eq!(stripped.receipt.verify(&good.policy), Ok(()), "a package does not");
    assert_eq!(right.receipt.receipt().octets().len(), 8 + 8 + 2 + 8 + 32);
}

#[test]
fn rel_32_a_demo_receipt_says_so() {
    let good = Plan::default().build();
    let mut receipt = ReleaseReceipt::of(&permit(&good), MEMBER, b"x");
    receipt.is_demo = true;
    let signed = SignedReceipt::sign(receipt, good.world.signer("guardian-2")).unwrap();
    assert_eq!(SignedReceipt::parse(&signed.to_bytes()), Ok(signed.clone()));
    assert_eq!(signed.verify(&good.policy).map_err(|e| e.code()), Err("RCP-02"));
}

#[test]
fn rcp_04_one_head_one_case_each_member_once() {
    let good = Plan::default().build();
    let receipt = |index: u8| ReleaseReceipt { member: MemberId { index, ..MEMBER }, ..ReleaseReceipt::of(&permit(&good), MEMBER, b"x") };
    let (a, b) = (receipt(1), receipt(2));
    assert_eq!(one_case(&[&a, &b]), Ok(()));
    assert_eq!(one_case(&[&a, &a]).map_err(|e| e.code()), Err("RCP-04"));
    assert_eq!(one_case(&[]).map_err(|e| e.code()), Err("RCP-04"));
    let mut fork = b.clone();
    fork.head.root = [9; 32];
    assert_eq!(one_case(&[&a, &fork]).map_err(|e| e.code()), Err("RCP-04"), "another head");
    let other = ReleaseReceipt { intent_d: [9; 32], ..b.clone() };
    assert_eq!(one_case(&[&a, &other]).map_err(|e| e.code()), Err("RCP-04"));
    let sign = |r: &ReleaseReceipt, key| SignedReceipt::sign(r.clone(), good.world.signer(key)).unwrap();
    let (first, second) = (sign(&a, "guardian-1"), sign(&b, "guardian-2"));
    assert_eq!(receipts_digest(&[first.clone(), second.clone()]), receipts_digest(&[second, first]));
}

#[test]
fn rcp_05_an_envelope_is_for_these_identities() {
    let keys = PartialKeys { leaf_index: 7, member: MEMBER, keys: vec![([1; 32], [2; 48]), ([3; 32], [4; 48])] };
    let octets = keys.encode();
    let asked = [[1; 32], [3; 32]];
    assert_eq!(PartialKeys::decode(&octets, 7, MEMBER, &asked), Ok(keys));
    let other = MemberId { index: 3, ..MEMBER };
    for (octets, index, member, asked) in [
        (&octets[..], 8, MEMBER, &asked[..]),
        (&octets, 7, other, &asked),
        (&octets, 7, MEMBER, &asked[..1]),
        (&octets[..octets.len() - 1], 7, MEMBER, &asked),
        (&octets, 7, MEMBER, &[[3; 32], [1; 32]]),
        (&octets[..9], 7, MEMBER, &[]),
    ] {
        assert_eq!(PartialKeys::decode(octets, index, member, asked).map_err(|e| e.code()), Err("RCP-05"));
    }
}

#[test]
fn rel_28_a_refusal_is_signed_and_names_the_rule() {
    let mut plan = Plan::default();
    plan.bundle(|_, b| b.requester = [1; 32]);
    let good = plan.build();
    let Judgement::Refused(refused) = good.judge() else { panic!("granted") };
    let said = RefusalAnswer {
        member: MEMBER,
        time: good.now,
        bundle: *refused.bundle_digest(),
        order_d: refused.order_d().copied(),
        rule: refused.refusal().rule(),
        text: refused.refusal().to_string(),
    };
    let bytes = said.sign(good.world.signer("guardian-2")).unwrap();
    assert_eq!(Answer::parse(&bytes, &good.policy), Ok(Answer::Refusal(said.clone())));
    let forged = said.sign(good.world.signer("guardian-1")).unwrap();
    assert_eq!(Answer::parse(&forged, &good.policy).map_err(|e| e.code()), Err("RCP-02"));
    assert!(refused.changes().iter().all(|c| !matches!(c, verify::release::KeptChange::Counted { .. })));
}

fn approve(good: &Good, officer: &str, stage: Stage, digest: [u8; 32]) -> SignedApproval {
    let approval = Approval { stage, order_d: good.order.record().d(), digest, time: at(14, 2) };
    let signed = SignedApproval::sign(approval, good.world.signer(officer)).unwrap();
    SignedApproval::parse(&signed.to_bytes()).unwrap()
}

#[test]
fn rel_33_apr_01_to_04_two_persons_approve_exactly_this() {
    let good = Plan::default().build();
    let (order_d, digest) = (good.order.record().d(), before_keys_digest(&good.order.record().d(), &good.intent.record().d()));
    let by = |officer: &str| approve(&good, officer, Stage::BeforeKeys, digest);
    let check = |list: &[SignedApproval], requester: Option<&str>| {
        let requester = requester.map(|name| good.world.signer(name).vkey().name());
        two_persons(list, &good.policy, Stage::BeforeKeys, &order_d, &digest, requester).map(|a| a.officers().clone())
    };
    assert!(check(&[by("officer-1"), by("officer-2")], None).is_ok());
    let code = |list: &[SignedApproval], requester| check(list, requester).map_err(|e| e.code()).err();
    assert_eq!(code(&[by("officer-1"), by("stranger")], None), Some("APR-02"));
    assert_eq!(code(&[by("officer-1"), approve(&good, "officer-2", Stage::BeforeDelivery, digest)], None), Some("APR-03"));
    assert_eq!(code(&[by("officer-1"), approve(&good, "officer-2", Stage::BeforeKeys, [1; 32])], None), Some("APR-03"));
    let of_another_order = Approval { stage: Stage::BeforeKeys, order_d: [1; 32], digest, time: at(14, 2) };
    let of_another_order = SignedApproval::sign(of_another_order, good.world.signer("officer-2")).unwrap();
    assert_eq!(code(&[by("officer-1"), of_another_order], None), Some("APR-03"));
    assert_eq!(code(&[by("officer-1"), by("officer-1")], None), Some("APR-04"));
    assert_eq!(code(&[by("officer-1")], None), Some("APR-04"));
    assert_eq!(code(&[by("officer-1"), by("officer-2")], Some("officer-2")), Some("APR-04"), "the requester does not approve");
    assert!(check(&[by("officer-1"), by("officer-2"), by("officer-3")], Some("officer-2")).is_ok());
    let bytes = [by("officer-1").to_bytes(), b"x".to_vec()].concat();
    assert_eq!(SignedApproval::parse(&bytes).map_err(|e| e.code()), Err("APR-01"));
}

#[test]
fn rel_33_apr_04_who_holds_a_share_does_not_approve() {
    // A second key of the person who sits among the guardians; POL-13 sees another key.
    let mut key = seal::entropy::SeededEntropy::new([4; 32]);
    let key = seal::signature::SigningKey::generate(&mut key).unwrap();
    let name = verify::log::vkey::KeyName::parse("guardian-1").unwrap();
    let holder = verify::log::note::Signer::new(name, verify::log::vkey::KeyKind::Ed25519, key);
    let mut plan = Plan::default();
    let vkey = holder.vkey().clone();
    plan.policy(move |_, policy| policy.officers.push(vkey));
    let good = plan.build();
    let order_d = good.order.record().d();
    let digest = before_keys_digest(&order_d, &good.intent.record().d());
    let by = |signer: &verify::log::note::Signer| {
        SignedApproval::sign(Approval { stage: Stage::BeforeKeys, order_d, digest, time: at(14, 2) }, signer).unwrap()
    };
    let of = |list: &[SignedApproval]| two_persons(list, &good.policy, Stage::BeforeKeys, &order_d, &digest, None).err().map(|e| e.code());
    let (first, second) = (by(good.world.signer("officer-1")), by(good.world.signer("officer-2")));
    assert_eq!((of(&[first.clone(), second]), of(&[first, by(&holder)])), (None, Some("APR-04")));
}

pub fn parts(good: &Good) -> OfflineParts {
    let b = &good.bundle;
    let proof =
        |place: &verify::bundle::Place, note: &[u8]| TlogProof::new(place.index, place.path.clone(), SignedNote::parse(note).unwrap());
    OfflineParts {
        order: (b.order.clone(), proof(&b.order_place, &b.orders_head.note)),
        intent: (b.intent.without_salts(), proof(&b.intent_place, &b.orders_head.note)),
        statements: b.statements.iter().map(|s| (s.statement.clone(), proof(&s.place, &b.public_head.note))).collect(),
        related: Vec::new(),
        order_anchor: b.order_anchor.clone(),
        intent_anchor: b.intent_anchor.clone(),
    }
}

#[test]
fn rel_35_everyone_repeats_the_list_at_the_cosigned_tick() {
    let good = Plan::default().build();
    let verified = judge_offline(parts(&good), &good.policy, 1).unwrap();
    assert_eq!((verified.tick(), verified.identities()), (at(14, 20), good.identities.as_slice()));
    let not_carried: Vec<u8> = verified.not_carried().iter().copied().collect();
    assert_eq!(not_carried, [19, 21], "the salts stay with the provider, the requester is the provider's own engine");
    let mut few = parts(&good);
    few.statements.truncate(1);
    let verdict = judge_offline(few, &good.policy, 1).map_err(|e| e.to_string());
    assert!(verdict.is_err());
    let mut forged = parts(&good);
    forged.order.1.index += 1;
    assert!(matches!(judge_offline(forged, &good.policy, 1), Err(OfflineError::Refused(Refusal::OrderNotLogged))));
    let mut two = parts(&good);
    two.order.1 = TlogProof::new(two.order.1.index, Vec::new(), SignedNote::parse(&good.bundle.public_head.note).unwrap());
    assert!(matches!(judge_offline(two, &good.policy, 1), Err(OfflineError::TwoCheckpoints)));
    let mut without = parts(&good);
    (without.order_anchor, without.intent_anchor) = (None, None);
    assert!(judge_offline(without, &good.policy, 1).unwrap().not_carried().contains(&17), "then P4 is not shown");
}

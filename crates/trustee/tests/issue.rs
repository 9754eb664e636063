//! One bundle that every rule accepts, through the member's own program: what is written, in which order, and what is handed over.

#[path = "../../verify/tests/support/mod.rs"]
mod fixture;
#[path = "support/paper.rs"]
mod paper;
#[path = "support/seat.rs"]
mod seat;

use fixture::{Good, Plan};
use paper::{DEATHS, Paper};
use seal::entropy::SeededEntropy;
use seal::hpke;
use seal::points::{G1Point, G2Point, pairings_equal};
use seat::{ID, at, engine, furnish, good, sit};
use trustee::adopted::{self, PolicyRefusal};
use trustee::audit::Audit;
use trustee::disk::Disk;
use trustee::issue::{self, IssueError};
use trustee::kept;
use trustee::state::StateError;
use verify::receipt::{Answer, PartialKeys};

fn furnished(good: &Good) -> Paper {
    let paper = Paper::default();
    furnish(&paper, good, &at(good.now - 600));
    paper
}

fn answer(paper: Paper, good: &Good, bundle: &[u8], now: u64) -> (Paper, Result<issue::Answer, IssueError>) {
    let state = sit(paper);
    let given = issue::answer(&state, &good.policy, bundle, &at(now), &mut SeededEntropy::new([5; 32]));
    (state.into_disk(), given)
}

fn rule(answer: &issue::Answer, good: &Good) -> u8 {
    assert!(!answer.is_released);
    match Answer::parse(&answer.bytes, &good.policy).unwrap() {
        Answer::Refusal(refusal) => refusal.rule,
        Answer::Release(_) => panic!("released"),
    }
}

#[test]
fn sea_57_a_granted_bundle_gives_partial_keys_that_only_the_engine_can_open() {
    let good = good(Plan::default());
    let (paper, given) = answer(furnished(&good), &good, &good.bundle.to_bytes(), good.now);
    let given = given.unwrap();
    assert!(given.is_released);
    let Answer::Release(release) = Answer::parse(&given.bytes, &good.policy).unwrap() else { panic!("refused") };
    let receipt = release.receipt.receipt();
    assert_eq!((receipt.member, receipt.time, receipt.order_d), (ID, good.now, good.order.record().d()));
    let sealed = release.verify(&good.policy).unwrap();
    let index = good.bundle.order_place.index;
    let leaf = verify::release::order_leaf(good.order.record().record(), index).unwrap();
    let opened = hpke::open(&engine(), &leaf, b"", sealed).unwrap();
    let digests: Vec<[u8; 32]> = good.identities.iter().map(|id| id.digest()).collect();
    let keys = PartialKeys::decode(&opened, index, ID, &digests).unwrap();
    let member_key = good.policy.committee(ID.committee).member_key(ID.index).unwrap();
    for ((_, point), identity) in keys.keys.iter().zip(&good.identities) {
        let point = G1Point::parse(point).unwrap();
        assert!(pairings_equal(&point, &G2Point::generator(), &identity.point(), member_key));
    }
    // Bound to this order: with another order's leaf the envelope stays shut.
    let other = verify::release::order_leaf(good.order.record().record(), index + 1).unwrap();
    assert!(hpke::open(&engine(), &other, b"", sealed).is_err());
    // REL-25: the line is there, without selector or salt (TSE-65).
    let log = Audit::open(&paper).unwrap();
    let line = &log.entries()[0].text;
    assert!(line.contains("released 2 identities") && !line.contains("+31"), "{line}");
}

#[test]
fn rel_15_and_sea_58_the_same_bundle_again_is_refused_and_counted_once() {
    let good = good(Plan::default());
    let bundle = good.bundle.to_bytes();
    let (paper, first) = answer(furnished(&good), &good, &bundle, good.now);
    assert!(first.unwrap().is_released);
    let (paper, second) = answer(paper, &good, &bundle, good.now + 1);
    assert_eq!(rule(&second.unwrap(), &good), 15);
    let kept = kept::look(&paper).unwrap();
    assert_eq!(kept.account(&good.place()).unwrap().identities, 2);
    assert_eq!(Audit::open(&paper).unwrap().entries().len(), 2);
}

#[test]
fn rel_25_killed_at_any_write_nothing_leaves_without_trace_and_no_counter_is_lost() {
    let good = good(Plan::default());
    let bundle = good.bundle.to_bytes();
    let fresh = furnished(&good);
    let (rehearsal, _) = answer(fresh.restarted(), &good, &bundle, good.now);
    let writes = rehearsal.writes();
    assert!(7 <= writes, "two heads, time, intent, counters, debt, line: {writes}");
    for death_at in 0..writes {
        for death in DEATHS {
            let (paper, given) = answer(fresh.restarted().dying(death_at, death), &good, &bundle, good.now);
            // Dead before the end: no octet of an answer exists.
            assert!(given.is_err(), "{death_at} {death:?}");
            let after = paper.restarted();
            let used_up = kept::look(&after).unwrap().to_bytes() != good.kept.to_bytes();
            let counted = kept::look(&after).unwrap().account(&good.place()).map_or(0, |account| account.identities);
            let lines = Audit::open(&after).unwrap().entries().len();
            let (after, again) = answer(after, &good, &bundle, good.now + 1);
            let again = again.unwrap();
            let kept = kept::look(&after).unwrap();
            // Either the intent was not yet used and this is the first release, or it was and nothing is released any more.
            if again.is_released {
                assert_eq!(counted, 0, "{death_at} {death:?}: counters are raised after the intent is used");
                assert_eq!(kept.account(&good.place()).unwrap().identities, 2);
            } else {
                assert_eq!(rule(&again, &good), 15);
                assert!(used_up);
                assert_eq!(kept.account(&good.place()).map_or(0, |account| account.identities), counted);
            }
            let log = Audit::open(&after).unwrap();
            assert_eq!(log.entries().len(), lines + 1);
            let said = log.entries().last().unwrap().text.contains("released");
            assert_eq!(said, again.is_released);
        }
    }
}

#[test]
fn rel_05_a_clock_that_went_back_or_drifted_is_a_signed_refusal() {
    let good = good(Plan::default());
    let bundle = good.bundle.to_bytes();
    let paper = Paper::default();
    furnish(&paper, &good, &at(good.now + 1));
    let (paper, given) = answer(paper, &good, &bundle, good.now);
    assert_eq!(rule(&given.unwrap(), &good), 5);
    assert!(Audit::open(&paper).unwrap().entries()[0].text.contains("has been seen"));
    // Wrong by an hour, in each direction: the witnesses' times show it.
    for now in [good.now + 3_600, good.now - 3_600] {
        let paper = Paper::default();
        furnish(&paper, &good, &at(good.now - 7_200));
        let (paper, given) = answer(paper, &good, &bundle, now);
        assert_eq!(rule(&given.unwrap(), &good), 5);
        assert_eq!(kept::last_seen(&paper).unwrap().wall, good.now - 7_200, "a refused time is not kept");
    }
}

#[test]
fn tru_07_and_08_only_an_adopted_policy_of_this_member_judges() {
    let good = good(Plan::default());
    let bytes = good.policy.to_bytes();
    let paper = furnished(&good);
    let state = sit(paper.restarted());
    assert!(adopted::pinned(&state, bytes).is_ok());
    let changed = String::from_utf8(bytes.to_vec()).unwrap().replace("Fixture policy", "Friendly policy");
    assert!(matches!(adopted::pinned(&state, changed.as_bytes()), Err(PolicyRefusal::NotAdopted)));
    let empty = paper.restarted();
    empty.take("policy");
    assert!(matches!(adopted::pinned(&sit(empty), bytes), Err(PolicyRefusal::NoneAdopted)));
    // TRU-08: another receipt key, another generation, another committee key, another provider.
    let mut parts = good.policy.parts().clone();
    let swapped = parts.key.guardians.members[0].receipt_key.clone();
    parts.key.guardians.members[0].receipt_key = parts.key.guardians.members[1].receipt_key.clone();
    parts.key.guardians.members[1].receipt_key = swapped;
    let policy = verify::policy::Policy::from_parts(parts).unwrap();
    assert!(matches!(adopted::check(&state, policy.to_bytes()), Err(PolicyRefusal::OtherMember)));
    for change in [
        (|parts| parts.key.guardians.generation = 2) as fn(&mut verify::policy::PolicyParts),
        |parts| parts.key.guardians.committee.polynomial.swap(1, 2),
        |parts| parts.provider.0[0] ^= 1,
    ] {
        let mut parts = good.policy.parts().clone();
        change(&mut parts);
        let policy = verify::policy::Policy::from_parts(parts).unwrap();
        assert!(matches!(adopted::check(&state, policy.to_bytes()), Err(PolicyRefusal::OtherCommittee)));
    }
}

#[test]
fn tru_09_sea_56_and_sea_60_the_share_is_loaded_after_the_last_durable_step() {
    let good = good(Plan::default());
    let paper = furnished(&good);
    paper.take("share-1.key");
    let (paper, given) = answer(paper, &good, &good.bundle.to_bytes(), good.now);
    assert!(matches!(given, Err(IssueError::State(StateError::Missing { file })) if file == "share-1.key"));
    // The trace was there before the share was looked for.
    assert_eq!(Audit::open(&paper).unwrap().entries().len(), 1);
    // A refusal never looks for it.
    let paper = furnished(&good);
    paper.take("share-1.key");
    let (_, given) = answer(paper, &good, b"no bundle", good.now);
    assert_eq!(rule(&given.unwrap(), &good), 1);
}

#[test]
fn tru_10_what_no_rule_can_read_is_refused_and_signed() {
    let good = good(Plan::default());
    let bundle = good.bundle.to_bytes();
    let mut paper = furnished(&good);
    for bytes in [&b""[..], b"waarborg-bundle/v1\n", &bundle[..bundle.len() - 1], &[0xff; 1000]] {
        let (after, given) = answer(paper, &good, bytes, good.now);
        assert_eq!(rule(&given.unwrap(), &good), 1);
        paper = after;
    }
    // Not a refusal: nothing is kept of it but its line.
    assert_eq!(kept::look(&paper).unwrap().to_bytes(), good.kept.to_bytes());
    assert_eq!(Audit::open(&paper).unwrap().entries().len(), 4);
}

#[test]
fn rel_20_and_27_a_member_of_another_generation_or_place_does_not_release() {
    let good = good(Plan::default());
    let paper = furnished(&good);
    // The state of another member under this folder.
    let other = verify::release::Kept::at_ceremony(verify::policy::MemberId { index: 3, ..ID }, &mut SeededEntropy::new([1; 32]));
    for (file, bytes) in kept::empty_files(&other, &at(good.now - 600)) {
        paper.replace(file, &bytes).unwrap();
    }
    let (_, given) = answer(paper, &good, &good.bundle.to_bytes(), good.now);
    assert!(matches!(given, Err(IssueError::State(StateError::Damaged { .. }))));
}

//! Committees, shares, partial keys, and the combination that names who is wrong.

use proptest::prelude::*;
use seal::committee::{CombineError, Committee, CommitteeError, Culprits, IdentityKey, KeyError, Partials, PublicKey, Share, combine};
use seal::entropy::SeededEntropy;
use seal::identity::Identity;
use seal::points::{G1Point, G2Point, PointError, Scalar};

use crate::world::{START, World, body, slot};

fn identities(world: &World, count: u8) -> Vec<Identity> {
    (0..count).map(|number| world.identity(number, slot(START))).collect()
}

fn combined(world: &World, a: &Partials, g: &Partials, ids: &[Identity]) -> Result<Vec<[u8; 48]>, CombineError> {
    let (a, g) = ((&world.approvers.checked, a), (&world.guardians.checked, g));
    let keys = combine(a, g, &world.public, ids, &mut SeededEntropy::new([5; 32]))?;
    Ok(keys.iter().map(IdentityKey::to_bytes).collect())
}

#[test]
fn tse_42_any_threshold_of_members_gives_the_same_keys_and_they_check_singly() {
    let world = World::new();
    let ids = identities(&world, 3);
    let reference: Vec<[u8; 48]> = world.keys(&ids).iter().map(IdentityKey::to_bytes).collect();
    for approvers in [&[1u8, 2][..], &[2, 3], &[1, 2, 3]] {
        for guardians in [&[1u8, 2, 3][..], &[1, 4, 5], &[1, 2, 3, 4, 5]] {
            let a = world.approvers.partials(approvers, &ids);
            let g = world.guardians.partials(guardians, &ids);
            assert_eq!(combined(&world, &a, &g, &ids), Ok(reference.clone()));
        }
    }
    for (identity, key) in ids.iter().zip(&reference) {
        assert!(IdentityKey::check(key, identity, &world.public).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn sea_62_one_wrong_partial_key_is_named(id in 0usize..4, approver in any::<bool>(), member in 0usize..2) {
        let world = World::new();
        let ids = identities(&world, 4);
        let mut a = world.approvers.partials(&[1, 2], &ids);
        let mut g = world.guardians.partials(&[2, 4, 5], &ids);
        let (partials, members) = if approver { (&mut a, [1u8, 2]) } else { (&mut g, [2, 5]) };
        let culprit = members[member];
        partials.get_mut(&culprit).unwrap()[id] = G1Point::hash(b"wrong", b"anything");
        let expected = match approver {
            true => Culprits { approvers: vec![culprit], guardians: vec![] },
            false => Culprits { approvers: vec![], guardians: vec![culprit] },
        };
        prop_assert_eq!(combined(&world, &a, &g, &ids), Err(CombineError::Culprits(expected)));
    }
}

#[test]
fn sea_62_two_wrong_keys_of_one_member_do_not_cancel_out() {
    let world = World::new();
    let ids = identities(&world, 2);
    let a = world.approvers.partials(&[1, 2], &ids);
    let mut g = world.guardians.partials(&[1, 2, 3], &ids);
    // The sum over both identities is right; only the random coefficients see it.
    let shift = G1Point::generator();
    let minus = shift.multiply(&Scalar::zero().subtract(&Scalar::from_u64(1))).unwrap();
    let wrong = g.get_mut(&2).unwrap();
    wrong[0] = wrong[0].add(&shift).unwrap();
    wrong[1] = wrong[1].add(&minus).unwrap();
    let culprits = Culprits { approvers: vec![], guardians: vec![2] };
    assert_eq!(combined(&world, &a, &g, &ids), Err(CombineError::Culprits(culprits)));
}

#[test]
fn combining_refuses_wrong_counts_indexes_and_keys() {
    let world = World::new();
    let ids = identities(&world, 2);
    let (a, g) = (world.approvers.partials(&[1, 2], &ids), world.guardians.partials(&[1, 2, 3], &ids));
    let few = world.approvers.partials(&[1], &ids);
    assert_eq!(combined(&world, &few, &g, &ids), Err(CombineError::TooFew { got: 1, need: 2 }));
    let short = world.approvers.partials(&[1, 2], &ids[..1]);
    assert_eq!(combined(&world, &short, &g, &ids), Err(CombineError::Count(1)));
    for index in [0, 4] {
        let mut foreign = a.clone();
        foreign.insert(index, foreign[&1].clone());
        assert_eq!(combined(&world, &foreign, &g, &ids), Err(CombineError::Index(index)));
    }
    // A partial key under another member's number.
    let mut swapped = a.clone();
    let (one, two) = (swapped[&1].clone(), swapped[&2].clone());
    swapped.insert(1, two);
    swapped.insert(2, one);
    let both = Culprits { approvers: vec![1, 2], guardians: vec![] };
    assert_eq!(combined(&world, &swapped, &g, &ids), Err(CombineError::Culprits(both)));
    let other = PublicKey::of_point(G2Point::generator());
    let answer = combine((&world.approvers.checked, &a), (&world.guardians.checked, &g), &other, &ids, &mut SeededEntropy::new([5; 32]));
    assert_eq!(answer.unwrap_err(), CombineError::OtherPublicKey);
    // Honest members of a committee that is no part of the public key.
    let stranger = body(60, 2, 3);
    let answer = combine(
        (&stranger.checked, &stranger.partials(&[1, 2], &ids)),
        (&world.guardians.checked, &g),
        &world.public,
        &ids,
        &mut SeededEntropy::new([5; 32]),
    );
    assert_eq!(answer.unwrap_err(), CombineError::CommitteesDoNotSum);
    assert_eq!(combined(&world, &Partials::from([(1, vec![]), (2, vec![])]), &world.guardians.partials(&[1, 2, 3], &[]), &[]), Ok(vec![]));
}

#[test]
fn tse_21_one_committee_alone_makes_no_key() {
    let world = World::new();
    let ids = identities(&world, 1);
    for committee in [&world.approvers, &world.guardians] {
        let members: Vec<u8> = (1..=committee.checked.need()).collect();
        let partials = committee.partials(&members, &ids);
        let alone = members.iter().map(|index| {
            let coefficient = seal::committee::lagrange_at_zero(*index, &members).unwrap();
            partials[index][0].multiply(&coefficient).unwrap()
        });
        let key = alone.reduce(|sum, point| sum.add(&point).unwrap()).unwrap().to_bytes();
        assert_eq!(IdentityKey::check(&key, &ids[0], &world.public).unwrap_err(), KeyError::DoesNotFit);
    }
}

#[test]
fn sea_10_a_committee_without_majority_is_refused() {
    let good = body(10, 2, 3).checked.committee().clone();
    for (need, of) in [(2, 4), (2, 1), (3, 2), (0, 0), (33, 65)] {
        let bad = Committee { need, of, ..good.clone() };
        assert_eq!(bad.check(), Err(CommitteeError::NoMajority { need, of }));
    }
}

#[test]
fn tse_26_a_rogue_key_without_proof_of_possession_is_refused() {
    let honest = body(20, 3, 5);
    let x = Scalar::key_gen(&[99; 32], b"test");
    // P_rogue = x·P2 - P_honest: the sum would be x·P2, known to the rogue alone.
    let minus_one = Scalar::zero().subtract(&Scalar::from_u64(1));
    let minus_honest = honest.checked.committee().public.multiply(&minus_one).unwrap();
    let public = G2Point::public_of(&x).unwrap().add(&minus_honest).unwrap();
    let pop = Committee::possession_point(&public).multiply(&x).unwrap();
    let rogue = Committee { public, polynomial: vec![public], pop, need: 1, of: 1 };
    assert_eq!(rogue.check(), Err(CommitteeError::Possession));
}

#[test]
fn sea_11_a_proof_of_possession_is_no_partial_key_and_the_reverse() {
    let good = body(10, 2, 3).checked.committee().clone();
    let other = body(11, 2, 3).checked.committee().clone();
    let bad = Committee { pop: other.pop, ..good.clone() };
    assert_eq!(bad.check(), Err(CommitteeError::Possession));
    let hashed_as_identity = G1Point::hash(&good.public.to_bytes(), seal::labels::IDENTITY_DST);
    assert_ne!(hashed_as_identity, Committee::possession_point(&good.public));
}

#[test]
fn the_polynomial_belongs_to_the_public_key() {
    let good = body(10, 2, 3).checked.committee().clone();
    let other = body(30, 2, 3).checked.committee().clone();
    let short = Committee { polynomial: good.polynomial[..1].to_vec(), ..good.clone() };
    assert_eq!(short.check(), Err(CommitteeError::Polynomial));
    let foreign = Committee { polynomial: other.polynomial, ..good.clone() };
    assert_eq!(foreign.check(), Err(CommitteeError::Polynomial));
}

#[test]
fn sea_12_a_share_off_the_polynomial_or_with_a_wrong_index_is_refused() {
    let committee = body(10, 2, 3);
    let secret = || committee.shares[0].secret().duplicate();
    assert!(Share::new(1, secret(), &committee.checked).is_ok());
    assert_eq!(Share::new(2, secret(), &committee.checked).err(), Some(CommitteeError::ShareNotOnPolynomial(2)));
    assert_eq!(Share::new(0, secret(), &committee.checked).err(), Some(CommitteeError::Index(0)));
    assert_eq!(Share::new(4, secret(), &committee.checked).err(), Some(CommitteeError::Index(4)));
}

#[test]
fn sea_11_a_key_that_is_copied_with_its_proof_makes_no_second_committee() {
    let one = body(10, 2, 3);
    assert_eq!(PublicKey::sum(&one.checked, &one.checked), Err(CommitteeError::SameKey));
}

#[test]
fn sea_13_a_sum_at_infinity_is_refused() {
    let one = body(10, 2, 3);
    let minus_one = Scalar::zero().subtract(&Scalar::from_u64(1));
    let secret = Scalar::key_gen(&[10; 32], b"test").multiply(&minus_one);
    let public = G2Point::public_of(&secret).unwrap();
    let pop = Committee::possession_point(&public).multiply(&secret).unwrap();
    let opposite = Committee { public, polynomial: vec![public], pop, need: 1, of: 1 }.check().unwrap();
    assert_eq!(PublicKey::sum(&one.checked, &opposite), Err(CommitteeError::Point(PointError::Infinity)));
}

#[test]
fn tse_25_additive_identities_would_be_forgeable() {
    // A toy copy of what SEA-05 forbids: identity point = H(subject) + H(slot). Three keys give a fourth.
    let s = Scalar::key_gen(&[1; 32], b"toy");
    let hash = |text: &str| G1Point::hash(text.as_bytes(), b"toy");
    let key = |subject: &str, slot: &str| hash(subject).add(&hash(slot)).unwrap().multiply(&s).unwrap();
    let minus_one = Scalar::zero().subtract(&Scalar::from_u64(1));
    let forged = key("B", "1").add(&key("A", "2")).unwrap().add(&key("A", "1").multiply(&minus_one).unwrap()).unwrap();
    assert_eq!(forged, key("B", "2"));
    // The product hashes the whole identity at once; the same combination of its keys fits nothing.
    let world = World::new();
    let (first, second) = (slot(START), slot(START).next());
    let ids = [world.identity(1, first), world.identity(0, second), world.identity(0, first)];
    let points: Vec<G1Point> = world.keys(&ids).iter().map(|key| G1Point::parse(&key.to_bytes()).unwrap()).collect();
    let forged = points[0].add(&points[1]).unwrap().add(&points[2].multiply(&minus_one).unwrap()).unwrap();
    let target = world.identity(1, second);
    assert_eq!(IdentityKey::check(&forged.to_bytes(), &target, &world.public).unwrap_err(), KeyError::DoesNotFit);
}

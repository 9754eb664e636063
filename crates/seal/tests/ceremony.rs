//! The ceremony as its members go through it, and every way in which one of them can cheat.

use std::collections::{BTreeMap, BTreeSet};

use seal::ceremony::*;
use seal::committee::*;
use seal::entropy::{Entropy, SeededEntropy};
use seal::identity::*;
use seal::points::{G1Point, G2Point, Scalar, pairings_equal};
use seal::selector::Selector;

fn entropy(seed: u8) -> SeededEntropy {
    SeededEntropy::new([seed; 32])
}

fn terms(need: u8, of: u8) -> Terms {
    Terms::new(need, of, [need; 32]).unwrap()
}

/// All dealings and, for each member, what it received.
fn round_one(terms: &Terms, dealers: &[u8], entropy: &mut dyn Entropy) -> (Vec<CheckedDealing>, BTreeMap<u8, Vec<CheckedShare>>) {
    let mut dealings = Vec::new();
    let mut received: BTreeMap<u8, Vec<CheckedShare>> = BTreeMap::new();
    for dealer in dealers {
        let (dealing, shares) = deal(terms, *dealer, entropy).unwrap();
        let dealing = dealing.check(terms, *dealer, None).unwrap();
        for (member, share) in shares {
            received.entry(member).or_default().push(dealing.receive(member, share).unwrap());
        }
        dealings.push(dealing);
    }
    (dealings, received)
}

fn identity(public: &PublicKey, selector: &str, no: u64) -> Identity {
    let slot = Slot::new(SlotLen::HOUR, no).unwrap();
    let selector = Selector::from_text(selector).unwrap();
    Identity::new(public.key_id(), ProviderId([7; 16]), Category::TRAFFIC, slot, selector, Salt([9; 16])).unwrap()
}

fn partials(shares: &[Share], members: &[u8], ids: &[Identity]) -> Partials {
    let of = |share: &Share| ids.iter().map(|id| share.partial_key(id).unwrap().point).collect();
    shares.iter().filter(|share| members.contains(&share.index())).map(|share| (share.index(), of(share))).collect()
}

#[test]
fn sea_10_only_a_majority_makes_terms() {
    for (need, of) in [(2, 3), (2, 2), (3, 5), (33, 64)] {
        assert!(Terms::new(need, of, [0; 32]).is_ok(), "{need} of {of}");
    }
    for (need, of) in [(1, 1), (1, 3), (2, 4), (4, 3), (0, 0), (2, 5), (40, 65)] {
        assert_eq!(Terms::new(need, of, [0; 32]).unwrap_err(), CeremonyError::BadThreshold { need, of });
    }
}

#[test]
fn tse_42_every_majority_of_both_committees_opens_the_same_key() {
    let mut chance = entropy(1);
    let (approvers, a) = dealt_committee(2, 3, &mut chance).unwrap();
    let (guardians, g) = dealt_committee(3, 5, &mut chance).unwrap();
    let public = PublicKey::sum(&approvers, &guardians).unwrap();
    let ids = [identity(&public, "phone:+31612345678", 500_000), identity(&public, "phone:+31612345678", 500_001)];
    let mut seen: BTreeSet<[u8; 48]> = BTreeSet::new();
    for some_a in [[1, 2], [1, 3], [2, 3]] {
        for some_g in [[1, 2, 3], [1, 4, 5], [2, 3, 5]] {
            let (pa, pg) = (partials(&a, &some_a, &ids), partials(&g, &some_g, &ids));
            let keys = combine((&approvers, &pa), (&guardians, &pg), &public, &ids, &mut chance).unwrap();
            seen.insert(keys[0].to_bytes());
        }
    }
    assert_eq!(seen.len(), 1);
}

#[test]
fn tse_20_fewer_than_the_threshold_open_nothing() {
    let mut chance = entropy(2);
    let (approvers, a) = dealt_committee(2, 3, &mut chance).unwrap();
    let (guardians, g) = dealt_committee(3, 5, &mut chance).unwrap();
    let public = PublicKey::sum(&approvers, &guardians).unwrap();
    let ids = [identity(&public, "account:@a:example.org", 500_000)];
    let (pa, pg) = (partials(&a, &[1, 2], &ids), partials(&g, &[1, 5], &ids));
    let error = combine((&approvers, &pa), (&guardians, &pg), &public, &ids, &mut chance).err().unwrap();
    assert_eq!(error, CombineError::TooFew { got: 2, need: 3 });
    // Lagrange over too few is a number, and the wrong one.
    let two = BTreeSet::from([1, 5]);
    let wrong = seal::sharing::lagrange_at_zero(&two).unwrap().iter().fold(None::<G1Point>, |sum, (member, weight)| {
        let part = pg[member][0].multiply(weight).unwrap();
        Some(sum.map_or(part, |sum| sum.add(&part).unwrap()))
    });
    let hashed = ids[0].point();
    assert!(!pairings_equal(&wrong.unwrap(), &G2Point::generator(), &hashed, &guardians.committee().public));
}

#[test]
fn tse_21_one_committee_alone_opens_nothing() {
    let mut chance = entropy(3);
    let (approvers, a) = dealt_committee(2, 3, &mut chance).unwrap();
    let (guardians, g) = dealt_committee(3, 5, &mut chance).unwrap();
    let public = PublicKey::sum(&approvers, &guardians).unwrap();
    let ids = [identity(&public, "email:a@example.org", 500_000)];
    let (pa, pg) = (partials(&a, &[1, 2, 3], &ids), partials(&g, &[1, 2, 3, 4, 5], &ids));
    let none = Partials::new();
    for (x, y) in [(&pa, &none), (&none, &pg)] {
        let error = combine((&approvers, x), (&guardians, y), &public, &ids, &mut chance).err().unwrap();
        assert!(matches!(error, CombineError::TooFew { got: 0, .. }));
    }
    // A committee that answers in the place of the other: its own parts fit its own key only, and it is named.
    let as_guardians: Partials = (1u8..).zip(pa.values().cloned()).collect();
    let error = combine((&approvers, &pa), (&guardians, &as_guardians), &public, &ids, &mut chance).err().unwrap();
    let culprits = Culprits { approvers: vec![], guardians: vec![1, 2, 3] };
    assert_eq!(error, CombineError::Culprits(culprits));
    assert!(combine((&approvers, &pa), (&guardians, &pg), &public, &ids, &mut chance).is_ok());
}

#[test]
fn tse_26_a_rogue_committee_key_has_no_proof_of_possession() {
    let mut chance = entropy(4);
    let (honest, _) = dealt_committee(2, 3, &mut chance).unwrap();
    // P_c = x·P2 - P_other: the sum with the other committee would be x·P2, whose secret one party knows.
    let x = Scalar::key_gen(&[5; 32], b"rogue");
    let minus_one = Scalar::zero().subtract(&Scalar::from_u64(1));
    let minus_other = honest.committee().public.multiply(&minus_one).unwrap();
    let rogue = G2Point::public_of(&x).unwrap().add(&minus_other).unwrap();
    let slope = G2Point::public_of(&Scalar::key_gen(&[6; 32], b"slope")).unwrap();
    let proof_of_x = Committee::possession_point(&rogue).multiply(&x).unwrap();
    for pop in [proof_of_x, honest.committee().pop] {
        let committee = Committee { public: rogue, polynomial: vec![rogue, slope], pop, need: 2, of: 3 };
        assert_eq!(committee.check().unwrap_err(), CommitteeError::Possession);
    }
}

#[test]
fn a_dealer_with_a_rogue_constant_term_is_named() {
    let mut chance = entropy(5);
    let terms = terms(2, 3);
    let (honest, _) = deal(&terms, 1, &mut chance).unwrap();
    let (mut rogue, _) = deal(&terms, 2, &mut chance).unwrap();
    let x = Scalar::key_gen(&[7; 32], b"rogue");
    let minus_one = Scalar::zero().subtract(&Scalar::from_u64(1));
    rogue.commitments[0] = G2Point::public_of(&x).unwrap().add(&honest.commitments[0].multiply(&minus_one).unwrap()).unwrap();
    assert_eq!(rogue.check(&terms, 2, None).unwrap_err(), CeremonyError::NoPossession { dealer: 2 });
}

#[test]
fn a_proof_of_another_dealer_or_ceremony_is_refused() {
    let mut chance = entropy(6);
    let (dealing, _) = deal(&terms(2, 3), 1, &mut chance).unwrap();
    assert!(dealing.clone().check(&terms(2, 3), 1, None).is_ok());
    assert_eq!(dealing.clone().check(&terms(2, 3), 2, None).unwrap_err(), CeremonyError::NoPossession { dealer: 2 });
    let other = Terms::new(2, 3, [99; 32]).unwrap();
    assert_eq!(dealing.clone().check(&other, 1, None).unwrap_err(), CeremonyError::NoPossession { dealer: 1 });
    assert_eq!(dealing.clone().check(&terms(3, 5), 1, None).unwrap_err(), CeremonyError::WrongDegree { dealer: 1 });
    assert_eq!(dealing.check(&terms(2, 3), 0, None).unwrap_err(), CeremonyError::BadNumber { number: 0 });
}

#[test]
fn sea_12_a_wrong_share_names_its_dealer() {
    let mut chance = entropy(7);
    let terms = terms(2, 3);
    let (dealing, mut shares) = deal(&terms, 3, &mut chance).unwrap();
    let dealing = dealing.check(&terms, 3, None).unwrap();
    let (one, two) = (shares.remove(&1).unwrap(), shares.remove(&2).unwrap());
    assert!(matches!(dealing.receive(2, one), Err(CeremonyError::WrongShare { dealer: 3 })));
    assert!(matches!(dealing.receive(0, two.duplicate()), Err(CeremonyError::WrongShare { dealer: 3 })));
    assert!(dealing.receive(2, two).is_ok());
}

#[test]
fn sea_11_a_wrong_part_of_the_proof_names_its_member() {
    let mut chance = entropy(8);
    let terms = terms(2, 3);
    let (dealings, received) = round_one(&terms, &[1, 2, 3], &mut chance);
    let polynomial = sum_dealings(&terms, &dealings, Kind::New).unwrap();
    let mut parts = BTreeMap::new();
    for (member, got) in received {
        let share = sum_shares(&terms, &polynomial, member, got, Kind::New).unwrap();
        parts.insert(member, share.possession_part(&polynomial).unwrap());
    }
    let mut swapped = parts.clone();
    swapped.insert(2, parts[&3]);
    let refused = combine_possession(&terms, polynomial.clone(), &swapped).unwrap_err();
    assert_eq!(refused, CeremonyError::WrongPossessionPart { member: 2 });
    let one = BTreeMap::from([(1, parts[&1])]);
    let refused = combine_possession(&terms, polynomial.clone(), &one).unwrap_err();
    assert_eq!(refused, CeremonyError::TooFewParts { got: 1, need: 2 });
    // Any two parts give the same proof.
    let with = |members: [u8; 2]| members.into_iter().map(|m| (m, parts[&m])).collect::<BTreeMap<_, _>>();
    let first = combine_possession(&terms, polynomial.clone(), &with([1, 2])).unwrap();
    let second = combine_possession(&terms, polynomial, &with([2, 3])).unwrap();
    assert_eq!(first, second);
}

#[test]
fn an_absent_dealer_is_left_out_and_too_few_dealers_make_no_key() {
    let mut chance = entropy(9);
    let terms = terms(3, 5);
    let (dealings, mut received) = round_one(&terms, &[1, 2, 4], &mut chance);
    let polynomial = sum_dealings(&terms, &dealings, Kind::New).unwrap();
    // Member 3 dealt nothing and still gets a share.
    assert!(sum_shares(&terms, &polynomial, 3, received.remove(&3).unwrap(), Kind::New).is_ok());
    let (few, _) = round_one(&terms, &[1, 2], &mut chance);
    assert_eq!(sum_dealings(&terms, &few, Kind::New).unwrap_err(), CeremonyError::TooFewDealers { got: 2, need: 3 });
    let (twice, _) = round_one(&terms, &[1, 1, 2, 4], &mut chance);
    assert_eq!(sum_dealings(&terms, &twice, Kind::New).unwrap_err(), CeremonyError::NotTheSameDealers);
    let (stranger, _) = round_one(&terms, &[1, 2, 6], &mut chance);
    assert_eq!(sum_dealings(&terms, &stranger, Kind::New).unwrap_err(), CeremonyError::BadNumber { number: 6 });
}

#[test]
fn shares_of_other_dealers_than_the_polynomial_are_refused() {
    let mut chance = entropy(10);
    let terms = terms(2, 3);
    let (dealings, mut received) = round_one(&terms, &[1, 2, 3], &mut chance);
    let polynomial = sum_dealings(&terms, &dealings, Kind::New).unwrap();
    let mut got = received.remove(&1).unwrap();
    got.pop();
    let error = sum_shares(&terms, &polynomial, 1, got, Kind::New).err().unwrap();
    assert_eq!(error, CeremonyError::NotTheSameDealers);
    let error = sum_shares(&terms, &polynomial, 1, received.remove(&2).unwrap(), Kind::New).err().unwrap();
    assert_eq!(error, CeremonyError::BadNumber { number: 1 });
}

/// Deals the shares of `old` members again to a committee of other numbers.
fn reshare(
    old: &CheckedCommittee,
    shares: &[Share],
    from: &[u8],
    terms: &Terms,
    chance: &mut dyn Entropy,
) -> (CheckedCommittee, Vec<Share>) {
    let kind = Kind::Again { old_need: old.need() };
    let mut dealings = Vec::new();
    let mut received: BTreeMap<u8, Vec<CheckedShare>> = BTreeMap::new();
    for share in shares.iter().filter(|share| from.contains(&share.index())) {
        let (dealing, dealt) = deal_again(terms, share, chance).unwrap();
        let dealing = dealing.check(terms, share.index(), Some(old.member_key(share.index()).unwrap())).unwrap();
        for (member, value) in dealt {
            received.entry(member).or_default().push(dealing.receive(member, value).unwrap());
        }
        dealings.push(dealing);
    }
    let polynomial = sum_dealings(terms, &dealings, kind).unwrap();
    let new: Vec<_> = received.into_iter().map(|(m, got)| (m, sum_shares(terms, &polynomial, m, got, kind).unwrap())).collect();
    let parts = new.iter().map(|(m, share)| (*m, share.possession_part(&polynomial).unwrap())).collect();
    let committee = combine_possession(terms, polynomial, &parts).unwrap();
    let shares = new.into_iter().map(|(_, share)| share.prove(&committee).unwrap()).collect();
    (committee, shares)
}

#[test]
fn tse_44_a_reshare_keeps_key_and_opened_identities() {
    let mut chance = entropy(11);
    let (approvers, a) = dealt_committee(2, 3, &mut chance).unwrap();
    let (old, shares) = dealt_committee(3, 5, &mut chance).unwrap();
    let public = PublicKey::sum(&approvers, &old).unwrap();
    let ids = [identity(&public, "phone:+31612345678", 500_000)];
    let pa = partials(&a, &[1, 2], &ids);
    let before = combine((&approvers, &pa), (&old, &partials(&shares, &[1, 2, 3], &ids)), &public, &ids, &mut chance).unwrap();
    // One dealer absent, other threshold, other size.
    for (from, need, of) in [(vec![1, 3, 4], 4, 6), (vec![1, 2, 3, 5], 2, 3), (vec![2, 4, 5], 3, 5)] {
        let (new, fresh) = reshare(&old, &shares, &from, &terms(need, of), &mut chance);
        assert_eq!(new.committee().public, old.committee().public);
        assert_eq!(new.committee().pop, old.committee().pop);
        let members: Vec<u8> = (of - need + 1..=of).collect();
        let pg = partials(&fresh, &members, &ids);
        let after = combine((&approvers, &pa), (&new, &pg), &public, &ids, &mut chance).unwrap();
        assert_eq!(after[0].to_bytes(), before[0].to_bytes());
    }
}

#[test]
fn tse_20_shares_of_two_generations_do_not_mix() {
    let mut chance = entropy(12);
    let (approvers, a) = dealt_committee(2, 3, &mut chance).unwrap();
    let (old, shares) = dealt_committee(3, 5, &mut chance).unwrap();
    let public = PublicKey::sum(&approvers, &old).unwrap();
    let (new, fresh) = reshare(&old, &shares, &[1, 2, 3], &terms(3, 5), &mut chance);
    let ids = [identity(&public, "phone:+31612345678", 500_000)];
    let pa = partials(&a, &[1, 2], &ids);
    let mut mixed = partials(&fresh, &[1, 2], &ids);
    mixed.extend(partials(&shares, &[3], &ids));
    let error = combine((&approvers, &pa), (&new, &mixed), &public, &ids, &mut chance).err().unwrap();
    assert_eq!(error, CombineError::Culprits(Culprits { approvers: vec![], guardians: vec![3] }));
    assert_eq!(Share::new(3, shares[2].secret().duplicate(), &new).err().unwrap(), CommitteeError::ShareNotOnPolynomial(3));
}

#[test]
fn sea_17_a_reshare_of_something_else_than_the_old_share_is_named() {
    let mut chance = entropy(13);
    let (old, _) = dealt_committee(2, 3, &mut chance).unwrap();
    let terms = terms(2, 3);
    let (forged, _) = deal(&terms, 2, &mut chance).unwrap();
    let expected = old.member_key(2).unwrap();
    assert_eq!(forged.check(&terms, 2, Some(expected)).unwrap_err(), CeremonyError::NotItsOldShare { dealer: 2 });
}

#[test]
fn tse_27_points_that_are_none_are_refused() {
    let mut infinity = [0u8; 96];
    infinity[0] = 0xc0;
    assert_eq!(G2Point::parse(&infinity).unwrap_err(), seal::points::PointError::Infinity);
    let mut flat = [0u8; 48];
    flat[0] = 0xc0;
    assert_eq!(G1Point::parse(&flat).unwrap_err(), seal::points::PointError::Infinity);
    let good = G2Point::generator().to_bytes();
    let mut spelled_otherwise = good;
    spelled_otherwise[0] &= 0x7f;
    assert!(G2Point::parse(&spelled_otherwise).is_err());
    // x = 4 on the curve of G1, order not q.
    let mut outside = [0u8; 48];
    (outside[0], outside[47]) = (0x80, 4);
    assert_eq!(G1Point::parse(&outside).unwrap_err(), seal::points::PointError::OutsideSubgroup);
}

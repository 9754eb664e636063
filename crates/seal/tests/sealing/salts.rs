//! The salt map of a day.

use proptest::prelude::*;
use seal::identity::Salt;
use seal::salt_map::{SaltError, SaltMap, SaltProof, SaltRoot};
use seal::secret::Secret;
use seal::selector::Selector;

fn account(number: u8) -> Selector {
    Selector::parse(Selector::ACCOUNT, format!("@user{number}:example").as_bytes()).unwrap()
}

fn secret() -> Secret<32> {
    Secret::new([0x44; 32])
}

fn map(count: u8) -> (SaltMap, SaltRoot) {
    let entries: Vec<(Selector, Salt)> = (0..count).map(|number| (account(number), Salt([number + 1; 16]))).collect();
    let map = SaltMap::build(&secret(), entries.iter().map(|(selector, salt)| (selector, salt)));
    let root = map.root();
    (map, root)
}

#[test]
fn sea_52_a_salt_is_accepted_only_with_its_proof() {
    let (map, root) = map(9);
    let (selector, salt) = (account(3), Salt([4; 16]));
    let proof = map.prove_presence(&secret(), &selector, &salt).unwrap();
    assert_eq!(proof.verify_presence(&root, &secret(), &selector, &salt), Ok(()));
    // TSE-32: a wrong salt would give an empty answer in silence.
    assert_eq!(proof.verify_presence(&root, &secret(), &selector, &Salt([5; 16])), Err(SaltError::OtherSalt));
    assert_eq!(proof.verify_presence(&root, &secret(), &account(4), &salt), Err(SaltError::OtherSalt));
    assert_eq!(proof.verify_presence(&root, &Secret::new([1; 32]), &selector, &salt), Err(SaltError::OtherSalt));
    assert!(map.prove_presence(&secret(), &selector, &Salt([5; 16])).is_none());
    let stale = self::map(8).1;
    assert!(matches!(proof.verify_presence(&stale, &secret(), &selector, &salt), Err(SaltError::Merkle(_))));
    assert_eq!(proof.verify_absence(&root, &secret(), &selector), Err(SaltError::OtherKind));
}

#[test]
fn sea_52_absence_needs_the_adjacent_leaves() {
    let (map, root) = map(9);
    let absent: Vec<Selector> = (100..130).map(account).collect();
    let proofs: Vec<SaltProof> = absent.iter().map(|selector| map.prove_absence(&secret(), selector).unwrap()).collect();
    for (selector, proof) in absent.iter().zip(&proofs) {
        assert_eq!(proof.verify_absence(&root, &secret(), selector), Ok(()));
        assert_eq!(proof.verify_presence(&root, &secret(), selector, &Salt([1; 16])), Err(SaltError::OtherKind));
    }
    assert!(map.prove_absence(&secret(), &account(3)).is_none());
    // Another selector's neighbours do not fit a selector that is present.
    for proof in &proofs {
        assert!(proof.verify_absence(&root, &secret(), &account(3)).is_err());
    }
    let leaves = |proof: &SaltProof| match proof {
        SaltProof::Absent(leaves) => leaves.clone(),
        SaltProof::Present(_) => vec![],
    };
    let two: Vec<_> = proofs.iter().map(leaves).filter(|leaves| leaves.len() == 2).collect();
    let apart = two.iter().flat_map(|a| two.iter().map(move |b| (a, b))).find(|(a, b)| a[0] != b[0] && a[1] != b[0] && a[0] != b[1]);
    let (a, b) = apart.unwrap();
    for forged in [vec![a[0].clone(), b[1].clone()], vec![a[1].clone(), a[0].clone()], vec![a[0].clone()], vec![]] {
        let forged = SaltProof::Absent(forged);
        assert!(absent.iter().all(|selector| forged.verify_absence(&root, &secret(), selector).is_err()));
    }
}

#[test]
fn an_empty_day_has_a_map_too() {
    let (map, root) = map(0);
    let proof = map.prove_absence(&secret(), &account(1)).unwrap();
    assert_eq!(proof.verify_absence(&root, &secret(), &account(1)), Ok(()));
    assert!(proof.verify_absence(&self::map(1).1, &secret(), &account(1)).is_err());
}

#[test]
fn a_number_that_changed_hands_stands_there_with_both_salts() {
    let selector = account(1);
    let (old, new) = (Salt([1; 16]), Salt([2; 16]));
    let map = SaltMap::build(&secret(), [(&selector, &old), (&selector, &new), (&selector, &new)]);
    assert_eq!(map.root().count, 2);
    for salt in [old, new] {
        let proof = map.prove_presence(&secret(), &selector, &salt).unwrap();
        assert_eq!(proof.verify_presence(&map.root(), &secret(), &selector, &salt), Ok(()));
    }
}

proptest! {
    #[test]
    fn sea_02_salt_proofs_have_one_spelling(count in 0u8..20, ask in 0u8..40, rest in prop::collection::vec(any::<u8>(), 0..300)) {
        let (map, _) = map(count);
        let selector = account(ask);
        let present = map.prove_presence(&secret(), &selector, &Salt([ask + 1; 16]));
        let proof = present.or_else(|| map.prove_absence(&secret(), &selector)).unwrap();
        let octets = proof.to_bytes();
        prop_assert!(octets.len() <= SaltProof::LEN_MAX);
        prop_assert_eq!(SaltProof::parse(&octets), Ok(proof));
        prop_assert_eq!(SaltProof::parse(&[&octets[..], &[0]].concat()), Err(SaltError::Shape));
        prop_assert_eq!(SaltProof::parse(&octets[..octets.len() - 1]), Err(SaltError::Shape));
        if let Ok(parsed) = SaltProof::parse(&rest) {
            prop_assert_eq!(parsed.to_bytes(), rest);
        }
    }
}

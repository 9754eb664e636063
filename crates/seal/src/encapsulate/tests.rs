//! Both encapsulation ways against each other, and the cache of public pairings.

use proptest::prelude::*;

use super::*;
use crate::identity::{Category, ProviderId, Salt, Slot, SlotLen};
use crate::selector::Selector;

const Q: [u64; 4] = [0xffff_ffff_0000_0001, 0x53bd_a402_fffe_5bfe, 0x3339_d808_09a1_d805, 0x73ed_a753_299d_7d48];

fn public() -> PublicKey {
    PublicKey::of_point(G2Point::public_of(&Scalar::key_gen(&[9; 32], b"test")).unwrap())
}

fn identity(public: &PublicKey, number: u8) -> Identity {
    let selector = Selector::parse(Selector::SELF_TEST, &[number; 16]).unwrap();
    let slot = Slot::containing(SlotLen::HOUR, 1_767_225_600);
    Identity::new(public.key_id(), ProviderId([1; 16]), Category::TRAFFIC, slot, selector, Salt::ZERO).unwrap()
}

fn octets_of(limbs: [u64; 4]) -> [u8; 32] {
    let mut out = [0; 32];
    for (part, limb) in out.chunks_exact_mut(8).zip(limbs.iter().rev()) {
        part.copy_from_slice(&limb.to_be_bytes());
    }
    out
}

fn both_ways_agree(octets: &[u8; 32]) {
    let public = public();
    let identity = identity(&public, 1);
    let Ok(r) = Scalar::parse(octets) else { return };
    let (secret, _) = EpochSecret::new(r, &public).unwrap();
    let paired = secret.pair(&identity);
    let raised = secret.raise(&PublicPairing::compute(&identity, &public).unwrap());
    paired.expose(|a| raised.expose(|b| assert_eq!(a, b, "{octets:02x?}")));
}

#[test]
fn sea_26_and_27_edges_of_r_give_equal_octets_both_ways() {
    let below_q = |distance: u64| octets_of([Q[0] - distance, Q[1], Q[2], Q[3]]);
    let z = u128::from(Z_ABS);
    let z_squared = z * z;
    let edges = [
        octets_of([1, 0, 0, 0]),
        octets_of([2, 0, 0, 0]),
        octets_of([Z_ABS - 1, 0, 0, 0]),
        octets_of([Z_ABS, 0, 0, 0]),
        octets_of([z_squared as u64, (z_squared >> 64) as u64, 0, 0]),
        octets_of([(z_squared - 1) as u64, ((z_squared - 1) >> 64) as u64, 0, 0]),
        below_q(1),
        below_q(2),
    ];
    edges.iter().for_each(both_ways_agree);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    // TSE-43
    #[test]
    fn sea_26_and_27_random_r_gives_equal_octets_both_ways(limbs in any::<[u64; 4]>(), keep in 0u8..16) {
        // Zero digits: knock out limbs, so that short and sparse values occur.
        let mut limbs = limbs;
        for (k, limb) in limbs.iter_mut().enumerate() {
            if keep >> k & 1 == 0 {
                *limb = 0;
            }
        }
        limbs[3] &= 0x3fff_ffff_ffff_ffff;
        both_ways_agree(&octets_of(limbs));
    }

    #[test]
    fn sea_27_digits_recompose(limbs in any::<[u64; 4]>()) {
        let mut limbs = limbs;
        limbs[3] &= 0x3fff_ffff_ffff_ffff;
        prop_assume!(limbs != [0; 4]);
        let r = Scalar::parse(&octets_of(limbs)).unwrap();
        let mut out = [0; 4];
        digits(&r.0, &mut out);
        prop_assert!(out.iter().all(|digit| *digit < Z_ABS));
        let z = Scalar::from_u64(Z_ABS);
        let sum = out.iter().rev().fold(Scalar::zero(), |sum, digit| sum.multiply(&z).add(&Scalar::from_u64(*digit)));
        prop_assert!(sum.to_secret().equals(&r.to_secret()));
    }
}

#[test]
fn sea_28_a_poisoned_cache_value_is_refused() {
    let public = public();
    let (one, two) = (identity(&public, 1), identity(&public, 2));
    let node_key = HmacKey::new(&[5; 32]);
    let stored = PublicPairing::compute(&one, &public).unwrap().to_stored(&node_key);
    assert!(PublicPairing::from_stored(&stored, &one, &node_key).is_some());
    // The value of another identity, another node's value, and a changed value.
    assert!(PublicPairing::from_stored(&stored, &two, &node_key).is_none());
    assert!(PublicPairing::from_stored(&stored, &one, &HmacKey::new(&[6; 32])).is_none());
    for position in [0, 100, GT_LEN - 1, GT_LEN, PublicPairing::STORED_LEN - 1] {
        let mut poisoned = stored;
        poisoned[position] ^= 1;
        assert!(PublicPairing::from_stored(&poisoned, &one, &node_key).is_none());
    }
}

#[test]
fn sea_28_a_value_outside_the_group_is_refused_even_with_its_tag() {
    let public = public();
    let one = identity(&public, 1);
    let node_key = HmacKey::new(&[5; 32]);
    let mut stored = [0; PublicPairing::STORED_LEN];
    stored[47] = 2;
    let tag = node_key.sign(&[labels::PAIRING_CACHE, &one.digest(), &stored[..GT_LEN]]);
    stored[GT_LEN..].copy_from_slice(&tag);
    assert!(PublicPairing::from_stored(&stored, &one, &node_key).is_none());
}

#[test]
fn a_pairing_is_not_made_for_an_identity_of_another_key() {
    let other = PublicKey::of_point(G2Point::generator());
    assert!(PublicPairing::compute(&identity(&public(), 1), &other).is_none());
}

#[test]
fn sea_21_the_epoch_scalar_depends_on_entropy_node_key_lease_and_start() {
    let draw = |seed, node, lease, start| {
        let mut entropy = crate::entropy::SeededEntropy::new([seed; 32]);
        draw_epoch_scalar(&mut entropy, &Secret::new([node; 32]), lease, start).to_secret()
    };
    let reference = draw(1, 1, 1, 1);
    assert!(reference.equals(&draw(1, 1, 1, 1)));
    for other in [draw(2, 1, 1, 1), draw(1, 2, 1, 1), draw(1, 1, 2, 1), draw(1, 1, 1, 2)] {
        assert!(!reference.equals(&other));
    }
}

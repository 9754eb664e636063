//! Many keys in one equation (SEA-62, SEA-85): Σ c_k · d_k against Σ c_k · H1(ID_k), two pairings for all of them.
//!
//! With 128-bit coefficients that the keys could not be chosen by, a wrong key passes with probability 2^-128; decision 0100
//! has the argument. Every point is in the subgroup of prime order before it gets here, or small-order parts would cancel.

use crate::bindings as blst;
use crate::committee::{IdentityKey, KeyError, PublicKey, wipe};
use crate::digest::sha256;
use crate::entropy::Entropy;
use crate::identity::Identity;
use crate::labels;
use crate::points::{G1Point, G2Point, pairings_equal};

/// A public 128-bit number, little-endian.
pub(super) type Coefficient = [u8; 16];

/// Which of several shown keys was refused, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongKey {
    /// Position in the list that was given.
    pub position: usize,
    pub error: KeyError,
}

impl std::fmt::Display for WrongKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "key {}: {}", self.position, self.error)
    }
}

impl std::error::Error for WrongKey {}

impl IdentityKey {
    /// As [`IdentityKey::check`] for each pair, in one equation whose coefficients are hashed from all of them (SEA-85): the
    /// same answer for the same octets on every machine, about 0.15 ms a key and not 1 ms.
    ///
    /// When the equation fails, each key is checked alone, in order, and the first wrong one is named.
    pub fn check_all(shown: &[(&[u8; 48], &Identity)], public: &PublicKey) -> Result<Vec<IdentityKey>, WrongKey> {
        if let Some(keys) = all_fit(shown, public) {
            return Ok(keys);
        }
        let alone = |(position, (octets, identity)): (usize, &(&[u8; 48], &Identity))| {
            IdentityKey::check(octets, identity, public).map_err(|error| WrongKey { position, error })
        };
        shown.iter().enumerate().map(alone).collect()
    }
}

/// The keys, if every one of them is a point and names this public key, and the equation holds.
fn all_fit(shown: &[(&[u8; 48], &Identity)], public: &PublicKey) -> Option<Vec<IdentityKey>> {
    let key = |(octets, identity): &(&[u8; 48], &Identity)| {
        let point = G1Point::parse(octets).ok().filter(|_| identity.key_id() == public.key_id())?;
        Some(IdentityKey { identity: (*identity).clone(), point })
    };
    let keys: Vec<IdentityKey> = shown.iter().map(key).collect::<Option<_>>()?;
    if let [one] = keys.as_slice() {
        return pairings_equal(&one.point, &G2Point::generator(), &one.identity.point(), public.point()).then_some(keys);
    }
    let hashes: Vec<blst::G1Affine> = keys.iter().map(|key| key.identity.point().0).collect();
    let mut points: Vec<blst::G1Affine> = keys.iter().map(|key| key.point.0).collect();
    let fit = fits(&points, &hashes, public.point(), &hashed(shown, public));
    points.iter_mut().for_each(wipe);
    fit.then_some(keys)
}

/// c_k = first 16 octets of SHA-256(label ‖ s ‖ be64(k)), s = SHA-256(label ‖ comp(P_pub) ‖ be64(n) ‖ { SHA-256(ID_k) ‖ d_k }*).
///
/// Everything that the equation is about goes in: whoever changes a key changes every coefficient (SEA-85). The two inputs
/// under one label have different lengths, 48 octets and at least 112.
fn hashed(shown: &[(&[u8; 48], &Identity)], public: &PublicKey) -> Vec<Coefficient> {
    let mut all = Vec::with_capacity(80 * shown.len());
    for (octets, identity) in shown {
        all.extend_from_slice(&identity.digest());
        all.extend_from_slice(*octets);
    }
    let seed = sha256(&[labels::KEY_BATCH, &public.point().to_bytes(), &(shown.len() as u64).to_be_bytes(), &all]);
    let coefficient = |k: u64| {
        let mut out = [0; 16];
        out.copy_from_slice(&sha256(&[labels::KEY_BATCH, &seed, &k.to_be_bytes()])[..16]);
        out
    };
    (0..shown.len() as u64).map(coefficient).collect()
}

/// Fresh ones: for who combines partial keys and may draw (SEA-62).
pub(super) fn drawn(count: usize, entropy: &mut dyn Entropy) -> Vec<Coefficient> {
    let mut draw = || {
        let mut coefficient = [0; 16];
        entropy.fill(&mut coefficient);
        coefficient
    };
    (0..count).map(|_| draw()).collect()
}

/// Whether e(Σ c_k · key_k, P2) = e(Σ c_k · hash_k, public).
pub(super) fn fits(keys: &[blst::G1Affine], hashes: &[blst::G1Affine], public: &G2Point, coefficients: &[Coefficient]) -> bool {
    // A key at infinity would slip through the sum of nothing; none is ever right.
    if keys.iter().any(blst::g1_is_infinity) {
        return false;
    }
    let left = blst::g1_combination(keys, coefficients);
    let right = blst::g1_combination(hashes, coefficients);
    keys.is_empty() || blst::pairings_equal(&left, &blst::g2_generator(), &right, &public.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Category, ProviderId, Salt, Slot, SlotLen};
    use crate::points::Scalar;
    use crate::selector::Selector;

    struct Shown {
        public: PublicKey,
        identities: Vec<Identity>,
        keys: Vec<G1Point>,
    }

    impl Shown {
        /// `count` right keys.
        fn new(count: u64) -> Shown {
            let secret = Scalar::key_gen(&[7; 32], b"batch");
            let public = PublicKey::of_point(G2Point::public_of(&secret).unwrap());
            let selector = Selector::from_text("phone:+31612345678").unwrap();
            let identity = |no| {
                let slot = Slot::new(SlotLen::HOUR, no).unwrap();
                Identity::new(public.key_id(), ProviderId([1; 16]), Category::TRAFFIC, slot, selector.clone(), Salt([2; 16])).unwrap()
            };
            let identities: Vec<Identity> = (0..count).map(identity).collect();
            let keys = identities.iter().map(|id| id.point().multiply(&secret).unwrap()).collect();
            Shown { public, identities, keys }
        }

        fn octets(&self) -> Vec<[u8; 48]> {
            self.keys.iter().map(G1Point::to_bytes).collect()
        }

        fn check(&self) -> Result<usize, WrongKey> {
            let octets = self.octets();
            let pairs: Vec<_> = octets.iter().zip(&self.identities).collect();
            let keys = IdentityKey::check_all(&pairs, &self.public)?;
            assert!(keys.iter().zip(&octets).all(|(key, octets)| key.to_bytes() == *octets));
            Ok(keys.len())
        }

        fn coefficients(&self) -> Vec<Coefficient> {
            let octets = self.octets();
            hashed(&octets.iter().zip(&self.identities).collect::<Vec<_>>(), &self.public)
        }

        fn shift(&mut self, position: usize, by: &Scalar) {
            self.keys[position] = self.keys[position].add(&G1Point::generator().multiply(by).unwrap()).unwrap();
        }
    }

    fn scalar(coefficient: &Coefficient) -> Scalar {
        let mut octets = [0; 32];
        octets[16..].iter_mut().zip(coefficient.iter().rev()).for_each(|(out, octet)| *out = *octet);
        Scalar::parse(&octets).unwrap()
    }

    const WRONG: KeyError = KeyError::DoesNotFit;

    #[test]
    fn sea_85_right_keys_pass_in_any_number() {
        for count in [0, 1, 2, 3, 33, 64] {
            assert_eq!(Shown::new(count).check(), Ok(count as usize));
        }
    }

    #[test]
    fn sea_85_a_wrong_key_among_many_is_named() {
        for position in [0, 1, 7] {
            let mut shown = Shown::new(8);
            shown.shift(position, &Scalar::from_u64(1));
            assert_eq!(shown.check(), Err(WrongKey { position, error: WRONG }));
        }
        let mut alone = Shown::new(1);
        alone.shift(0, &Scalar::from_u64(1));
        assert_eq!(alone.check(), Err(WrongKey { position: 0, error: WRONG }));
    }

    // Without coefficients, or with small ones, these two errors cancel in the sum.
    #[test]
    fn sea_85_errors_that_cancel_are_found() {
        let mut shown = Shown::new(4);
        let one = Scalar::from_u64(1);
        shown.shift(1, &one);
        shown.shift(3, &Scalar::zero().subtract(&one));
        assert_eq!(shown.check(), Err(WrongKey { position: 1, error: WRONG }));
        let mut swapped = Shown::new(4);
        swapped.keys.swap(0, 2);
        assert_eq!(swapped.check(), Err(WrongKey { position: 0, error: WRONG }));
    }

    // Who could know the coefficients before the keys are fixed would choose errors that they cancel.
    #[test]
    fn sea_85_coefficients_follow_every_key_identity_and_the_public_key() {
        let mut shown = Shown::new(3);
        let known = shown.coefficients();
        shown.shift(0, &scalar(&known[1]));
        shown.shift(1, &Scalar::zero().subtract(&scalar(&known[0])));
        assert_eq!(shown.check(), Err(WrongKey { position: 0, error: WRONG }));
        assert!(shown.coefficients().iter().zip(&known).all(|(now, before)| now != before));
        let mut other = Shown::new(3);
        other.identities[2] = Shown::new(4).identities.remove(3);
        assert!(other.coefficients().iter().zip(&known).all(|(now, before)| now != before));
        let mut elsewhere = Shown::new(3);
        elsewhere.public = PublicKey::of_point(G2Point::public_of(&Scalar::from_u64(5)).unwrap());
        assert!(elsewhere.coefficients().iter().zip(&known).all(|(now, before)| now != before));
        assert!(known.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn sea_85_no_point_and_another_public_key_are_named_too() {
        let shown = Shown::new(3);
        let mut octets = shown.octets();
        octets[2] = [0xff; 48];
        let pairs: Vec<_> = octets.iter().zip(&shown.identities).collect();
        let answer = IdentityKey::check_all(&pairs, &shown.public).map(|keys| keys.len());
        assert!(matches!(answer, Err(WrongKey { position: 2, error: KeyError::Point(_) })));
        let elsewhere = PublicKey::of_point(G2Point::public_of(&Scalar::from_u64(5)).unwrap());
        let octets = shown.octets();
        let pairs: Vec<_> = octets.iter().zip(&shown.identities).collect();
        let answer = IdentityKey::check_all(&pairs, &elsewhere).map(|keys| keys.len());
        assert_eq!(answer, Err(WrongKey { position: 0, error: KeyError::OtherPublicKey }));
    }
}

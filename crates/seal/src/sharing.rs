//! Shamir's sharing over the scalars of BLS12-381, with Feldman's public commitments in G2.
//!
//! A polynomial is as secret as the key it hides. It lives only while a dealer deals; nothing here stores it.

use std::collections::{BTreeMap, BTreeSet};

use crate::committee;
use crate::entropy::Entropy;
use crate::points::{G1Point, G2Point, PointError, Scalar};
use crate::secret::Secret;

/// A secret polynomial a_0 + a_1·x + … of `need` coefficients; the value at 0 is what is shared.
pub struct Polynomial(Vec<Scalar>);

impl Polynomial {
    /// `need` random coefficients.
    pub fn random(need: u8, entropy: &mut dyn Entropy) -> Polynomial {
        Polynomial((0..need).map(|_| random_scalar(entropy)).collect())
    }

    /// Random but for the constant term.
    pub fn random_with(constant: Scalar, need: u8, entropy: &mut dyn Entropy) -> Polynomial {
        let rest = (1..need).map(|_| random_scalar(entropy));
        Polynomial(std::iter::once(constant).chain(rest).collect())
    }

    /// A_k = a_k · P2, in the order of the powers.
    pub fn commitments(&self) -> Result<Vec<G2Point>, PointError> {
        self.0.iter().map(G2Point::public_of).collect()
    }

    /// The share of a member; never ask for index 0, which is the secret itself.
    pub fn at(&self, index: u8) -> Scalar {
        let x = Scalar::from_u64(u64::from(index));
        self.0.iter().rev().fold(Scalar::zero(), |sum, coefficient| sum.multiply(&x).add(coefficient))
    }

    /// `point` times the constant term: the shape of a signature by it.
    pub fn multiply_with_constant(&self, point: &G1Point) -> Result<G1Point, PointError> {
        point.multiply(self.0.first().ok_or(PointError::BadScalar)?)
    }
}

/// A scalar from 32 random octets through the standard's KeyGen, which is uniform to within 2^-128 and never zero.
fn random_scalar(entropy: &mut dyn Entropy) -> Scalar {
    let ikm = Secret::<32>::fill_with(|out| entropy.fill(out));
    ikm.expose(|ikm| Scalar::key_gen(ikm, crate::labels::DEALING_SCALAR))
}

/// SEA-12: s·P2 = Σ index^k · A_k. Index 0 is refused.
pub fn share_fits(share: &Scalar, index: u8, commitments: &[G2Point]) -> bool {
    // A zero share has no public point; it is refused by `public_of`.
    match (index, G2Point::public_of(share), G2Point::evaluate(commitments, index)) {
        (0, _, _) | (_, Err(_), _) | (_, _, Err(_)) => false,
        (_, Ok(own), Ok(expected)) => own == expected,
    }
}

/// Lagrange's coefficients at zero for a set of indexes; `None` when 0 is among them.
pub fn lagrange_at_zero(indexes: &BTreeSet<u8>) -> Option<BTreeMap<u8, Scalar>> {
    let all: Vec<u8> = indexes.iter().copied().collect();
    all.iter().map(|index| Some((*index, committee::lagrange_at_zero(*index, &all)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;
    use proptest::prelude::*;

    fn secrets_equal(a: &Scalar, b: &Scalar) -> bool {
        a.to_secret().equals(&b.to_secret())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn tse_14_any_need_shares_give_the_secret(seed: [u8; 32], need in 1u8..6, extra in 0u8..5, skip in 0u8..5) {
            let mut entropy = SeededEntropy::new(seed);
            let polynomial = Polynomial::random(need, &mut entropy);
            let skip = skip.min(extra);
            let chosen: BTreeSet<u8> = (1 + skip..=need + skip).collect();
            let weights = lagrange_at_zero(&chosen).unwrap();
            let sum = weights.iter().fold(Scalar::zero(), |sum, (i, w)| sum.add(&w.multiply(&polynomial.at(*i))));
            prop_assert!(secrets_equal(&sum, &polynomial.at(0)));
            let fewer: BTreeSet<u8> = chosen.iter().copied().skip(1).collect();
            let weights = lagrange_at_zero(&fewer).unwrap();
            let sum = weights.iter().fold(Scalar::zero(), |sum, (i, w)| sum.add(&w.multiply(&polynomial.at(*i))));
            prop_assert!(!secrets_equal(&sum, &polynomial.at(0)));
        }
    }

    #[test]
    fn sea_12_a_share_fits_its_own_index_only() {
        let polynomial = Polynomial::random(3, &mut SeededEntropy::new([3; 32]));
        let public = polynomial.commitments().unwrap();
        assert!(share_fits(&polynomial.at(2), 2, &public));
        assert!(!share_fits(&polynomial.at(2), 3, &public));
        assert!(!share_fits(&polynomial.at(0), 0, &public), "index 0 is the key itself");
        assert!(!share_fits(&Scalar::zero(), 2, &public));
        assert!(!share_fits(&polynomial.at(2), 2, &[]));
        assert!(lagrange_at_zero(&BTreeSet::from([0, 1])).is_none());
    }
}

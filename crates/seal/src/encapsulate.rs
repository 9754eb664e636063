//! Making and recovering the shared value Z of an identity and an epoch (section 6).
//!
//! Sealing: Z = e(H1(ID), R), or Z = g^r with the cached public pairing g = e(H1(ID), P_pub); both give the same octets
//! (SEA-26). Opening: Z = e(d, U).

use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

use crate::bindings::{self as blst, Fp12, Fr, G2Affine, Lines};
use crate::committee::{IdentityKey, PublicKey};
use crate::digest::{HmacKey, hmac_sha256};
use crate::entropy::Entropy;
use crate::identity::Identity;
use crate::labels;
use crate::memory::Locked;
use crate::points::{G2Point, PointError, Scalar};
use crate::secret::Secret;

/// Octets of a value of the target group.
pub const GT_LEN: usize = 576;

/// |z|, the absolute value of the curve parameter.
const Z_ABS: u64 = 0xd201_0000_0001_0000;

/// GTbytes(Z). Wiped on drop; lives only until the keys are derived from it (SEA-29).
pub struct SharedValue(Secret<GT_LEN>);

impl SharedValue {
    fn of(mut value: Fp12) -> SharedValue {
        let octets = Secret::fill_with(|out| blst::gt_octets(&value, out));
        blst::gt_wipe(&mut value);
        SharedValue(octets)
    }

    pub fn expose<R>(&self, read: impl for<'a> FnOnce(&'a [u8; GT_LEN]) -> R) -> R {
        self.0.expose(read)
    }
}

/// Draws r: operating-system randomness, hedged with the node's own key (SEA-21), so that a broken generator alone does
/// not give the epoch away.
pub fn draw_epoch_scalar(entropy: &mut dyn Entropy, node_key: &Secret<32>, lease: u32, start: u64) -> Scalar {
    let ikm = Secret::<64>::fill_with(|ikm| {
        entropy.fill(&mut ikm[..32]);
        let mut hedge = node_key.expose(|key| hmac_sha256(key, &[&lease.to_be_bytes(), &start.to_be_bytes()]));
        ikm[32..].copy_from_slice(&hedge);
        hedge.zeroize();
    });
    ikm.expose(|ikm| Scalar::key_gen(ikm, labels::EPOCH_SECRET))
}

/// The secret side of one open epoch: digits of r, R and its Miller lines, in locked memory (SEA-23).
///
/// Whoever holds it (and W) opens every record of the epoch (SEA-24): it never leaves the process and is wiped at close.
pub struct EpochSecret {
    material: Locked<Material>,
}

#[derive(Clone, Copy)]
struct Material {
    digits: [u64; 4],
    point: G2Affine,
    lines: Lines,
}

impl Default for Material {
    fn default() -> Self {
        Material { digits: [0; 4], point: G2Affine::default(), lines: [Default::default(); 68] }
    }
}

impl EpochSecret {
    /// From r; also gives U = r · P2 for the header. Consumes r, so that the locked copy is the only one.
    pub fn new(r: Scalar, public: &PublicKey) -> Result<(EpochSecret, G2Point), PointError> {
        let u = G2Point::public_of(&r)?;
        let mut sealing = public.point().multiply(&r)?;
        let material = Locked::fill_with(|material: &mut Material| {
            digits(&r.0, &mut material.digits);
            material.point = sealing.0;
            blst::prepare_lines(&mut material.lines, &material.point);
        });
        sealing.0.x.fp.iter_mut().chain(&mut sealing.0.y.fp).for_each(|fp| fp.l.zeroize());
        Ok((EpochSecret { material }, u))
    }

    /// Z by one pairing with prepared lines.
    pub fn pair(&self, identity: &Identity) -> SharedValue {
        self.material.expose(|material| SharedValue::of(blst::pairing_with_lines(&identity.point().0, &material.lines)))
    }

    /// Z as a power of the public pairing of the same identity: a third of the time (SEA-26, SEA-27).
    pub fn raise(&self, public: &PublicPairing) -> SharedValue {
        self.material.expose(|material| SharedValue::of(power(&public.value, &material.digits)))
    }

    pub fn is_locked(&self) -> bool {
        self.material.is_locked()
    }
}

impl std::fmt::Debug for EpochSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EpochSecret(..)")
    }
}

/// Z on the opening side: e(d, U).
pub fn decapsulate(key: &IdentityKey, u: &G2Point) -> SharedValue {
    SharedValue::of(blst::pairing(&key.point().0, &u.0))
}

/// GTbytes(e(P1, P2)): a published constant, against which other libraries compare their normalisation (section 3.3).
pub fn generator_pairing() -> [u8; GT_LEN] {
    let mut out = [0; GT_LEN];
    blst::gt_octets(&blst::pairing(&blst::g1_generator(), &blst::g2_generator()), &mut out);
    out
}

/// g = e(H1(ID), P_pub) of one identity. Public data, but a wrong one makes records that nobody can open: stored values
/// carry an HMAC under the node key (SEA-28).
pub struct PublicPairing {
    identity: [u8; 32],
    value: Fp12,
}

impl PublicPairing {
    /// GT octets and tag.
    pub const STORED_LEN: usize = GT_LEN + 32;

    pub fn compute(identity: &Identity, public: &PublicKey) -> Option<PublicPairing> {
        // An identity under another key than it names could be sealed to the wrong committees.
        (identity.key_id() == public.key_id())
            .then(|| PublicPairing { identity: identity.digest(), value: blst::pairing(&identity.point().0, &public.point().0) })
    }

    /// SHA-256 of the identity this belongs to.
    pub fn identity_digest(&self) -> &[u8; 32] {
        &self.identity
    }

    pub fn to_stored(&self, node_key: &HmacKey) -> [u8; PublicPairing::STORED_LEN] {
        let (mut out, mut octets) = ([0; PublicPairing::STORED_LEN], [0; GT_LEN]);
        blst::gt_octets(&self.value, &mut octets);
        out[..GT_LEN].copy_from_slice(&octets);
        out[GT_LEN..].copy_from_slice(&node_key.sign(&[labels::PAIRING_CACHE, &self.identity, &octets]));
        out
    }

    /// `None` when the tag does not fit identity and value, or the value is no member of the group.
    pub fn from_stored(stored: &[u8; PublicPairing::STORED_LEN], identity: &Identity, node_key: &HmacKey) -> Option<PublicPairing> {
        let (mut octets, mut tag) = ([0; GT_LEN], [0; 32]);
        octets.copy_from_slice(&stored[..GT_LEN]);
        tag.copy_from_slice(&stored[GT_LEN..]);
        let identity = identity.digest();
        // SEA-28
        if !node_key.verify(&[labels::PAIRING_CACHE, &identity, &octets], &tag) {
            return None;
        }
        let value = blst::gt_from_octets(&octets).filter(blst::gt_in_group)?;
        Some(PublicPairing { identity, value })
    }
}

impl std::fmt::Debug for PublicPairing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PublicPairing(..)")
    }
}

/// r = Σ r_k · |z|^k, four digits below |z|. Constant-time: long division bit by bit, because a division instruction
/// takes a time that depends on its operands.
fn digits(r: &Fr, out: &mut [u64; 4]) {
    let mut value = [0u64; 4];
    let octets = Scalar(*r).to_secret();
    octets.expose(|octets| {
        for (limb, part) in value.iter_mut().rev().zip(octets.chunks_exact(8)) {
            *limb = part.iter().fold(0, |limb, octet| limb << 8 | u64::from(*octet));
        }
    });
    for digit in out.iter_mut().take(3) {
        *digit = divide_by_z(&mut value);
    }
    // r < q < |z|⁴, so the third quotient is the last digit.
    out[3] = value[0];
    value.zeroize();
}

/// Divides in place and returns the remainder.
fn divide_by_z(value: &mut [u64; 4]) -> u64 {
    let mut remainder: u64 = 0;
    for bit in (0..256).rev() {
        let (limb, shift) = (bit / 64, bit % 64);
        // 65 bits: remainder < |z| < 2⁶⁴, so the doubled value may carry.
        let carry = remainder >> 63;
        let doubled = remainder << 1 | (value[limb] >> shift & 1);
        let (difference, borrow) = doubled.overflowing_sub(Z_ABS);
        let fits = subtle::Choice::from((carry as u8) | u8::from(!borrow));
        remainder = u64::conditional_select(&doubled, &difference, fits);
        let quotient_bit = u64::from(fits.unwrap_u8());
        value[limb] = value[limb] & !(1 << shift) | quotient_bit << shift;
    }
    remainder
}

/// g^r = g^{r_0} · conj(φ(g))^{r_1} · φ²(g)^{r_2} · conj(φ³(g))^{r_3} for g of order q: φ acts as the power p ≡ z = -|z|
/// (SEA-27). The four powers run together over one table of the 16 products, read in constant time.
fn power(base: &Fp12, digits: &[u64; 4]) -> Fp12 {
    let bases = [
        *base,
        blst::gt_conjugate(&blst::gt_frobenius(base, 1)),
        blst::gt_frobenius(base, 2),
        blst::gt_conjugate(&blst::gt_frobenius(base, 3)),
    ];
    let mut table = [blst::gt_one(); 16];
    for (position, factor) in bases.iter().enumerate() {
        for below in 0..1usize << position {
            table[below | 1 << position] = if below == 0 { *factor } else { blst::gt_multiply(&table[below], factor) };
        }
    }
    let mut result = blst::gt_one();
    let mut factor = blst::gt_one();
    for bit in (0..64).rev() {
        let index = digits.iter().enumerate().fold(0u8, |index, (k, digit)| index | ((digit >> bit & 1) as u8) << k);
        select(&mut factor, &table, index);
        let mut squared = blst::gt_square(&result);
        blst::gt_wipe(&mut result);
        result = blst::gt_multiply(&squared, &factor);
        blst::gt_wipe(&mut squared);
    }
    blst::gt_wipe(&mut factor);
    result
}

/// Reads every row of the table, whatever the index: one mask a row, so that the compiler can use wide registers.
fn select(out: &mut Fp12, table: &[Fp12; 16], index: u8) {
    limbs_mut(out).for_each(|limb| *limb = 0);
    for (row, candidate) in (0u8..).zip(table) {
        // `ct_eq` hides from the compiler that the mask is all ones or all zeros, so it cannot become a branch.
        let mask = 0u64.wrapping_sub(u64::from(row.ct_eq(&index).unwrap_u8()));
        for (target, source) in limbs_mut(out).zip(limbs(candidate)) {
            *target |= source & mask;
        }
    }
}

fn limbs(value: &Fp12) -> impl Iterator<Item = &u64> {
    value.fp6.iter().flat_map(|fp6| &fp6.fp2).flat_map(|fp2| &fp2.fp).flat_map(|fp| &fp.l)
}

fn limbs_mut(value: &mut Fp12) -> impl Iterator<Item = &mut u64> {
    value.fp6.iter_mut().flat_map(|fp6| &mut fp6.fp2).flat_map(|fp2| &mut fp2.fp).flat_map(|fp| &mut fp.l)
}

#[cfg(test)]
mod tests;

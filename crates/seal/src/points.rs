//! Points and scalars of BLS12-381 as values that are always valid.
//!
//! A [`G1Point`] or [`G2Point`] is canonical, in the right subgroup and not infinity (SEA-02, SEA-13): the constructors
//! are the only place that checks, and every operation that could reach infinity says so.

use zeroize::Zeroize;

use crate::bindings as blst;
use crate::secret::Secret;

/// Why octets are no valid point or scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointError {
    /// Not the canonical compressed form of a curve point.
    NotCanonical,
    /// On the curve, but outside the prime-order subgroup.
    OutsideSubgroup,
    /// The point at infinity.
    Infinity,
    /// Not below the group order, or zero where zero is refused.
    BadScalar,
}

impl std::fmt::Display for PointError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            PointError::NotCanonical => "not a canonical curve point",
            PointError::OutsideSubgroup => "point outside the subgroup",
            PointError::Infinity => "point at infinity",
            PointError::BadScalar => "scalar out of range",
        })
    }
}

impl std::error::Error for PointError {}

/// An integer modulo the group order q. Treated as secret: wiped on drop, not printable, not copyable.
pub struct Scalar(pub(crate) blst::Fr);

impl Scalar {
    /// 32 big-endian octets, 0 < value < q.
    pub fn parse(octets: &[u8; 32]) -> Result<Scalar, PointError> {
        if octets.iter().fold(0, |all, octet| all | octet) == 0 {
            return Err(PointError::BadScalar);
        }
        blst::fr_from_octets(octets).map(Scalar).ok_or(PointError::BadScalar)
    }

    pub fn from_u64(value: u64) -> Scalar {
        Scalar(blst::fr_from_u64(value))
    }

    /// KeyGen of draft-irtf-cfrg-bls-signature; `ikm` of at least 32 octets. Never zero.
    pub fn key_gen(ikm: &[u8], info: &[u8]) -> Scalar {
        Scalar(blst::keygen(ikm, info))
    }

    /// 32 big-endian octets.
    pub fn to_secret(&self) -> Secret<32> {
        Secret::fill_with(|out| blst::fr_to_octets(&self.0, out))
    }

    pub fn add(&self, other: &Scalar) -> Scalar {
        Scalar(blst::fr_add(&self.0, &other.0))
    }

    pub fn subtract(&self, other: &Scalar) -> Scalar {
        Scalar(blst::fr_subtract(&self.0, &other.0))
    }

    pub fn multiply(&self, other: &Scalar) -> Scalar {
        Scalar(blst::fr_multiply(&self.0, &other.0))
    }

    /// 1/self; `None` for zero.
    pub fn inverse(&self) -> Option<Scalar> {
        (!self.is_zero()).then(|| Scalar(blst::fr_inverse(&self.0)))
    }

    /// The value zero, for sums.
    pub fn zero() -> Scalar {
        Scalar(blst::Fr::default())
    }

    pub fn is_zero(&self) -> bool {
        // The Montgomery form of zero is zero.
        self.0.l.iter().fold(0, |all, limb| all | limb) == 0
    }

    /// A second copy. Explicit, because each copy of a secret is one more to lose.
    pub fn duplicate(&self) -> Scalar {
        Scalar(self.0)
    }
}

impl Drop for Scalar {
    fn drop(&mut self) {
        self.0.l.zeroize();
    }
}

impl std::fmt::Debug for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scalar(..)")
    }
}

/// A point of G1, 48 octets compressed.
#[derive(Clone, Copy)]
pub struct G1Point(pub(crate) blst::G1Affine);

impl G1Point {
    pub const LEN: usize = 48;

    pub fn parse(octets: &[u8; 48]) -> Result<G1Point, PointError> {
        let point = blst::g1_uncompress(octets).ok_or(PointError::NotCanonical)?;
        if blst::g1_is_infinity(&point) {
            return Err(PointError::Infinity);
        }
        // blst decompresses points of the whole curve: the subgroup check is ours.
        if !blst::g1_in_subgroup(&point) {
            return Err(PointError::OutsideSubgroup);
        }
        // One spelling for each point, whatever the library tolerates (SEA-02).
        if blst::g1_compress(&point) != *octets {
            return Err(PointError::NotCanonical);
        }
        Ok(G1Point(point))
    }

    pub fn to_bytes(&self) -> [u8; 48] {
        blst::g1_compress(&self.0)
    }

    /// Uncompressed x ‖ y, for comparison with published vectors.
    pub fn coordinates(&self) -> [u8; 96] {
        blst::g1_serialize(&self.0)
    }

    pub fn generator() -> G1Point {
        G1Point(blst::g1_generator())
    }

    /// RFC 9380 hash_to_curve, suite `BLS12381G1_XMD:SHA-256_SSWU_RO_`, under the given domain separation.
    pub fn hash(message: &[u8], dst: &[u8]) -> G1Point {
        G1Point(blst::g1_hash(message, dst))
    }

    /// Constant-time (SEA-60). Refuses the scalar zero.
    pub fn multiply(&self, scalar: &Scalar) -> Result<G1Point, PointError> {
        G1Point::finite(blst::g1_multiply(&self.0, &scalar.0))
    }

    pub fn add(&self, other: &G1Point) -> Result<G1Point, PointError> {
        G1Point::finite(blst::g1_add(&self.0, &other.0))
    }

    fn finite(point: blst::G1Affine) -> Result<G1Point, PointError> {
        if blst::g1_is_infinity(&point) { Err(PointError::Infinity) } else { Ok(G1Point(point)) }
    }
}

impl PartialEq for G1Point {
    fn eq(&self, other: &Self) -> bool {
        blst::g1_equal(&self.0, &other.0)
    }
}

impl Eq for G1Point {}

impl std::fmt::Debug for G1Point {
    /// Without content: partial and combined keys are points too (SEA-57).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("G1Point(..)")
    }
}

/// A point of G2, 96 octets compressed.
#[derive(Clone, Copy)]
pub struct G2Point(pub(crate) blst::G2Affine);

impl G2Point {
    pub const LEN: usize = 96;

    pub fn parse(octets: &[u8; 96]) -> Result<G2Point, PointError> {
        let point = blst::g2_uncompress(octets).ok_or(PointError::NotCanonical)?;
        if blst::g2_is_infinity(&point) {
            return Err(PointError::Infinity);
        }
        if !blst::g2_in_subgroup(&point) {
            return Err(PointError::OutsideSubgroup);
        }
        if blst::g2_compress(&point) != *octets {
            return Err(PointError::NotCanonical);
        }
        Ok(G2Point(point))
    }

    pub fn to_bytes(&self) -> [u8; 96] {
        blst::g2_compress(&self.0)
    }

    pub fn generator() -> G2Point {
        G2Point(blst::g2_generator())
    }

    /// scalar · P2, constant-time.
    pub fn public_of(scalar: &Scalar) -> Result<G2Point, PointError> {
        G2Point::generator().multiply(scalar)
    }

    pub fn multiply(&self, scalar: &Scalar) -> Result<G2Point, PointError> {
        G2Point::finite(blst::g2_multiply(&self.0, &scalar.0))
    }

    pub fn add(&self, other: &G2Point) -> Result<G2Point, PointError> {
        G2Point::finite(blst::g2_add(&self.0, &other.0))
    }

    /// Σ xᵏ · coefficientₖ: a public polynomial at x, by Horner. Refuses the empty polynomial.
    pub fn evaluate(coefficients: &[G2Point], x: u8) -> Result<G2Point, PointError> {
        let x = Scalar::from_u64(u64::from(x));
        let (highest, lower) = coefficients.split_last().ok_or(PointError::Infinity)?;
        let sum = lower.iter().rev().fold(highest.0, |sum, coefficient| {
            // Raw values: an inner sum may pass through infinity, only the end must not.
            blst::g2_add(&blst::g2_multiply(&sum, &x.0), &coefficient.0)
        });
        G2Point::finite(sum)
    }

    fn finite(point: blst::G2Affine) -> Result<G2Point, PointError> {
        if blst::g2_is_infinity(&point) { Err(PointError::Infinity) } else { Ok(G2Point(point)) }
    }
}

impl PartialEq for G2Point {
    fn eq(&self, other: &Self) -> bool {
        blst::g2_equal(&self.0, &other.0)
    }
}

impl Eq for G2Point {}

impl std::fmt::Debug for G2Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("G2Point(")?;
        self.to_bytes().iter().try_for_each(|octet| write!(f, "{octet:02x}"))?;
        f.write_str(")")
    }
}

/// Whether e(p1, q1) = e(p2, q2).
pub fn pairings_equal(p1: &G1Point, q1: &G2Point, p2: &G1Point, q2: &G2Point) -> bool {
    blst::pairings_equal(&p1.0, &q1.0, &p2.0, &q2.0)
}

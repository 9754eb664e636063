//! Safe wrappers of the pairing library blst. One of the two modules with `unsafe` (SEA-83).
//!
//! Every call hands blst pointers to live, correctly sized values of blst's own types (or slices with their length) and
//! nothing escapes a call; that is the whole safety argument. The wrappers check nothing else: subgroup, infinity and
//! canonical form are checked in [`crate::points`].

use blst::*;
use zeroize::Zeroize;

pub(crate) type G1Affine = blst_p1_affine;
pub(crate) type G2Affine = blst_p2_affine;
pub(crate) type Fp12 = blst_fp12;
pub(crate) type Fr = blst_fr;

/// The Miller lines of one G2 point: 68 values, 19,584 octets.
pub(crate) type Lines = [blst_fp6; 68];

// -- points of G1

/// Decompresses; the result is on the curve, canonical, but not yet known to lie in the subgroup. `None` otherwise.
pub(crate) fn g1_uncompress(octets: &[u8; 48]) -> Option<G1Affine> {
    let mut out = G1Affine::default();
    let answer = unsafe { blst_p1_uncompress(&mut out, octets.as_ptr()) };
    (answer == BLST_ERROR::BLST_SUCCESS).then_some(out)
}

pub(crate) fn g1_in_subgroup(point: &G1Affine) -> bool {
    unsafe { blst_p1_affine_in_g1(point) }
}

pub(crate) fn g1_is_infinity(point: &G1Affine) -> bool {
    unsafe { blst_p1_affine_is_inf(point) }
}

pub(crate) fn g1_equal(a: &G1Affine, b: &G1Affine) -> bool {
    unsafe { blst_p1_affine_is_equal(a, b) }
}

pub(crate) fn g1_compress(point: &G1Affine) -> [u8; 48] {
    let mut out = [0; 48];
    unsafe { blst_p1_affine_compress(out.as_mut_ptr(), point) };
    out
}

/// x and y, 48 octets each.
pub(crate) fn g1_serialize(point: &G1Affine) -> [u8; 96] {
    let mut out = [0; 96];
    unsafe { blst_p1_affine_serialize(out.as_mut_ptr(), point) };
    out
}

pub(crate) fn g1_generator() -> G1Affine {
    unsafe { *blst_p1_affine_generator() }
}

/// RFC 9380 hash_to_curve to G1, SHA-256, SSWU, random oracle.
pub(crate) fn g1_hash(message: &[u8], dst: &[u8]) -> G1Affine {
    let mut out = blst_p1::default();
    unsafe {
        blst_hash_to_g1(&mut out, message.as_ptr(), message.len(), dst.as_ptr(), dst.len(), std::ptr::null(), 0);
    }
    g1_affine(&out)
}

fn g1_affine(point: &blst_p1) -> G1Affine {
    let mut out = G1Affine::default();
    unsafe { blst_p1_to_affine(&mut out, point) };
    out
}

/// Constant-time multiplication by a 255-bit scalar (blst's windowed, table-scanning path).
pub(crate) fn g1_multiply(point: &G1Affine, scalar: &Fr) -> G1Affine {
    let (mut jacobian, mut out) = (blst_p1::default(), blst_p1::default());
    let scalar = scalar_of(scalar);
    unsafe {
        blst_p1_from_affine(&mut jacobian, point);
        blst_p1_mult(&mut out, &jacobian, scalar.b.as_ptr(), 255);
    }
    let affine = g1_affine(&out);
    // A partial key, and in coordinates that say more about the scalar than the point does (SEA-23, SEA-57).
    [&mut out.x, &mut out.y, &mut out.z].into_iter().for_each(|fp| fp.l.zeroize());
    affine
}

pub(crate) fn g1_add(a: &G1Affine, b: &G1Affine) -> G1Affine {
    let (mut jacobian, mut out) = (blst_p1::default(), blst_p1::default());
    unsafe {
        blst_p1_from_affine(&mut jacobian, a);
        blst_p1_add_or_double_affine(&mut out, &jacobian, b);
    }
    g1_affine(&out)
}

/// Σ scalarₖ · pointₖ with public 128-bit scalars, little-endian. Variable time.
pub(crate) fn g1_combination(points: &[G1Affine], scalars: &[[u8; 16]]) -> G1Affine {
    debug_assert_eq!(points.len(), scalars.len());
    let count = points.len().min(scalars.len());
    if count == 0 {
        return G1Affine::default();
    }
    let mut out = blst_p1::default();
    // blst reads "pointer, null" as "the rest follows in one array".
    let point_list = [points.as_ptr(), std::ptr::null()];
    let scalar_list = [scalars.as_ptr().cast::<u8>(), std::ptr::null()];
    unsafe {
        let mut scratch = vec![0u64; blst_p1s_mult_pippenger_scratch_sizeof(count).div_ceil(8)];
        blst_p1s_mult_pippenger(&mut out, point_list.as_ptr(), count, scalar_list.as_ptr(), 128, scratch.as_mut_ptr().cast());
    }
    g1_affine(&out)
}

// -- points of G2

/// As [`g1_uncompress`].
pub(crate) fn g2_uncompress(octets: &[u8; 96]) -> Option<G2Affine> {
    let mut out = G2Affine::default();
    let answer = unsafe { blst_p2_uncompress(&mut out, octets.as_ptr()) };
    (answer == BLST_ERROR::BLST_SUCCESS).then_some(out)
}

pub(crate) fn g2_in_subgroup(point: &G2Affine) -> bool {
    unsafe { blst_p2_affine_in_g2(point) }
}

pub(crate) fn g2_is_infinity(point: &G2Affine) -> bool {
    unsafe { blst_p2_affine_is_inf(point) }
}

pub(crate) fn g2_equal(a: &G2Affine, b: &G2Affine) -> bool {
    unsafe { blst_p2_affine_is_equal(a, b) }
}

pub(crate) fn g2_compress(point: &G2Affine) -> [u8; 96] {
    let mut out = [0; 96];
    unsafe { blst_p2_affine_compress(out.as_mut_ptr(), point) };
    out
}

pub(crate) fn g2_generator() -> G2Affine {
    unsafe { *blst_p2_affine_generator() }
}

fn g2_affine(point: &blst_p2) -> G2Affine {
    let mut out = G2Affine::default();
    unsafe { blst_p2_to_affine(&mut out, point) };
    out
}

/// Constant-time multiplication by a 255-bit scalar.
pub(crate) fn g2_multiply(point: &G2Affine, scalar: &Fr) -> G2Affine {
    let (mut jacobian, mut out) = (blst_p2::default(), blst_p2::default());
    let scalar = scalar_of(scalar);
    unsafe {
        blst_p2_from_affine(&mut jacobian, point);
        blst_p2_mult(&mut out, &jacobian, scalar.b.as_ptr(), 255);
    }
    let affine = g2_affine(&out);
    // R, while an epoch is opened (SEA-23).
    [&mut out.x, &mut out.y, &mut out.z].into_iter().flat_map(|fp2| &mut fp2.fp).for_each(|fp| fp.l.zeroize());
    affine
}

pub(crate) fn g2_add(a: &G2Affine, b: &G2Affine) -> G2Affine {
    let (mut jacobian, mut out) = (blst_p2::default(), blst_p2::default());
    unsafe {
        blst_p2_from_affine(&mut jacobian, a);
        blst_p2_add_or_double_affine(&mut out, &jacobian, b);
    }
    g2_affine(&out)
}

// -- scalars modulo q

fn scalar_of(fr: &Fr) -> blst_scalar {
    let mut out = blst_scalar::default();
    unsafe { blst_scalar_from_fr(&mut out, fr) };
    out
}

/// 32 big-endian octets below q; `None` at q and above. Zero is allowed.
pub(crate) fn fr_from_octets(octets: &[u8; 32]) -> Option<Fr> {
    let (mut scalar, mut out) = (blst_scalar::default(), Fr::default());
    unsafe {
        blst_scalar_from_bendian(&mut scalar, octets.as_ptr());
        if !blst_scalar_fr_check(&scalar) {
            return None;
        }
        blst_fr_from_scalar(&mut out, &scalar);
    }
    Some(out)
}

pub(crate) fn fr_to_octets(fr: &Fr, out: &mut [u8; 32]) {
    let scalar = scalar_of(fr);
    unsafe { blst_bendian_from_scalar(out.as_mut_ptr(), &scalar) };
}

pub(crate) fn fr_from_u64(value: u64) -> Fr {
    let mut out = Fr::default();
    unsafe { blst_fr_from_uint64(&mut out, [value, 0, 0, 0].as_ptr()) };
    out
}

pub(crate) fn fr_add(a: &Fr, b: &Fr) -> Fr {
    let mut out = Fr::default();
    unsafe { blst_fr_add(&mut out, a, b) };
    out
}

pub(crate) fn fr_subtract(a: &Fr, b: &Fr) -> Fr {
    let mut out = Fr::default();
    unsafe { blst_fr_sub(&mut out, a, b) };
    out
}

pub(crate) fn fr_multiply(a: &Fr, b: &Fr) -> Fr {
    let mut out = Fr::default();
    unsafe { blst_fr_mul(&mut out, a, b) };
    out
}

/// The inverse; zero gives zero.
pub(crate) fn fr_inverse(a: &Fr) -> Fr {
    let mut out = Fr::default();
    unsafe { blst_fr_inverse(&mut out, a) };
    out
}

/// KeyGen of draft-irtf-cfrg-bls-signature.
pub(crate) fn keygen(ikm: &[u8], info: &[u8]) -> Fr {
    let (mut scalar, mut out) = (blst_scalar::default(), Fr::default());
    unsafe {
        blst_keygen(&mut scalar, ikm.as_ptr(), ikm.len(), info.as_ptr(), info.len());
        blst_fr_from_scalar(&mut out, &scalar);
    }
    out
}

// -- the target group

pub(crate) fn pairing(p: &G1Affine, q: &G2Affine) -> Fp12 {
    let (mut miller, mut out) = (Fp12::default(), Fp12::default());
    unsafe {
        blst_miller_loop(&mut miller, q, p);
        blst_final_exp(&mut out, &miller);
    }
    gt_wipe(&mut miller);
    out
}

/// Whether e(p1, q1) = e(p2, q2), with one final exponentiation.
pub(crate) fn pairings_equal(p1: &G1Affine, q1: &G2Affine, p2: &G1Affine, q2: &G2Affine) -> bool {
    let (mut left, mut right) = (Fp12::default(), Fp12::default());
    unsafe {
        blst_miller_loop(&mut left, q1, p1);
        blst_miller_loop(&mut right, q2, p2);
        blst_fp12_finalverify(&left, &right)
    }
}

pub(crate) fn prepare_lines(lines: &mut Lines, q: &G2Affine) {
    unsafe { blst_precompute_lines(lines.as_mut_ptr(), q) };
}

pub(crate) fn pairing_with_lines(p: &G1Affine, lines: &Lines) -> Fp12 {
    let (mut miller, mut out) = (Fp12::default(), Fp12::default());
    unsafe {
        blst_miller_loop_lines(&mut miller, lines.as_ptr(), p);
        blst_final_exp(&mut out, &miller);
    }
    gt_wipe(&mut miller);
    out
}

/// Z, and what leads to it, is wiped where it was (SEA-29).
pub(crate) fn gt_wipe(value: &mut Fp12) {
    let fps = value.fp6.iter_mut().flat_map(|fp6| &mut fp6.fp2).flat_map(|fp2| &mut fp2.fp);
    fps.for_each(|fp| fp.l.zeroize());
}

pub(crate) fn gt_one() -> Fp12 {
    unsafe { *blst_fp12_one() }
}

pub(crate) fn gt_multiply(a: &Fp12, b: &Fp12) -> Fp12 {
    let mut out = Fp12::default();
    unsafe { blst_fp12_mul(&mut out, a, b) };
    out
}

/// Squaring for members of the cyclotomic subgroup only.
pub(crate) fn gt_square(a: &Fp12) -> Fp12 {
    let mut out = Fp12::default();
    unsafe { blst_fp12_cyclotomic_sqr(&mut out, a) };
    out
}

/// The inverse, for members of the cyclotomic subgroup.
pub(crate) fn gt_conjugate(a: &Fp12) -> Fp12 {
    let mut out = *a;
    unsafe { blst_fp12_conjugate(&mut out) };
    out
}

/// φⁿ, n = 1, 2 or 3.
pub(crate) fn gt_frobenius(a: &Fp12, n: usize) -> Fp12 {
    debug_assert!((1..=3).contains(&n));
    let mut out = Fp12::default();
    unsafe { blst_fp12_frobenius_map(&mut out, a, n) };
    out
}

pub(crate) fn gt_in_group(a: &Fp12) -> bool {
    unsafe { blst_fp12_in_group(a) }
}

pub(crate) fn gt_octets(a: &Fp12, out: &mut [u8; 576]) {
    unsafe { blst_bendian_from_fp12(out.as_mut_ptr(), a) };
}

/// The inverse of [`gt_octets`]. `None` when a coefficient is not below p.
pub(crate) fn gt_from_octets(octets: &[u8; 576]) -> Option<Fp12> {
    let mut out = Fp12::default();
    for (position, coefficient) in octets.chunks_exact(48).enumerate() {
        // Octets run over w⁰ … w⁵, each (c0, c1); blst stores Fp12 as Fp6[w²=v], so w^k lies at fp6[k mod 2].fp2[k div 2].
        let power = position / 2;
        let target = &mut out.fp6[power % 2].fp2[power / 2].fp[position % 2];
        unsafe { blst_fp_from_bendian(target, coefficient.as_ptr()) };
    }
    let mut again = [0; 576];
    gt_octets(&out, &mut again);
    (again == *octets).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gt_octets_round_trip() {
        let value = pairing(&g1_generator(), &g2_generator());
        let mut octets = [0; 576];
        gt_octets(&value, &mut octets);
        assert_eq!(gt_from_octets(&octets).unwrap(), value);
        assert!(gt_in_group(&value));
        assert!(gt_from_octets(&[0xff; 576]).is_none());
    }
}

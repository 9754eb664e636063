//! SHA-256, HMAC-SHA-256 and HKDF-SHA-256 over parts. The only place that calls the hash library.

use aws_lc_rs::{digest, hmac};
use zeroize::Zeroize;

use crate::secret::Secret;

/// SHA-256 over the parts, in order, without separators: callers fix lengths in their layouts.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    // Nothing is copied, so nothing has to be wiped.
    if let [only] = parts {
        return to_array(digest::digest(&digest::SHA256, only).as_ref());
    }
    let len: usize = parts.iter().map(|part| part.len()).sum();
    if len <= SHORT {
        return sha256_short(parts, len);
    }
    sha256_long(parts)
}

/// As [`sha256`], of octets that are no secret, such as nodes of a public tree: what passed over the stack is not wiped, which for
/// a node costs as much as hashing it.
pub(crate) fn sha256_public(parts: &[&[u8]]) -> [u8; 32] {
    let mut buffer = [0; 512];
    let mut len = 0;
    for part in parts {
        let Some(place) = buffer.get_mut(len..len + part.len()) else { return sha256_long(parts) };
        place.copy_from_slice(part);
        len += part.len();
    }
    to_array(digest::digest(&digest::SHA256, &buffer[..len]).as_ref())
}

fn sha256_long(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    to_array(context.finish().as_ref())
}

/// Inputs up to here are put together on the stack and hashed in one call: a context of the library is allocated and costs more
/// than two blocks. Longer ones gain nothing, because the stack is wiped octet by octet.
const SHORT: usize = 136;

fn sha256_short(parts: &[&[u8]], len: usize) -> [u8; 32] {
    let mut buffer = [0; SHORT];
    let mut rest = buffer.as_mut_slice();
    for part in parts {
        let (place, behind) = rest.split_at_mut(part.len());
        place.copy_from_slice(part);
        rest = behind;
    }
    let hash = to_array(digest::digest(&digest::SHA256, &buffer[..len]).as_ref());
    // K_loc, w_b and identities pass through here (SEA-23).
    buffer[..len].zeroize();
    hash
}

/// HMAC-SHA-256 over the parts, in order.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    HmacKey::new(key).sign(parts)
}

/// A prepared HMAC key: for many tags under one key.
pub struct HmacKey(hmac::Key);

impl HmacKey {
    pub fn new(key: &[u8]) -> Self {
        HmacKey(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        to_array(context.sign().as_ref())
    }

    /// Compares in constant time.
    pub fn verify(&self, parts: &[&[u8]], tag: &[u8; 32]) -> bool {
        subtle::ConstantTimeEq::ct_eq(&self.sign(parts)[..], &tag[..]).into()
    }
}

/// HKDF-Extract (RFC 5869).
///
/// Written on HMAC and not taken from aws-lc-rs: that one keeps a copy of the input key material on the heap and never
/// shows the PRK, which the known answers fix.
pub fn hkdf_extract(salt: &[u8], ikm: &[u8]) -> Secret<32> {
    Secret::new(hmac_sha256(salt, &[ikm]))
}

/// HKDF-Expand (RFC 5869) to `N` octets, `N` at most 255 · 32.
pub fn hkdf_expand<const N: usize>(prk: &Secret<32>, info: &[&[u8]]) -> Secret<N> {
    const { assert!(N <= 255 * 32) };
    let key = prk.expose(|prk| HmacKey::new(prk));
    let mut previous = [0u8; 32];
    let out = Secret::fill_with(|out: &mut [u8; N]| {
        for (number, chunk) in (1u8..).zip(out.chunks_mut(32)) {
            let mut parts: Vec<&[u8]> = Vec::with_capacity(info.len() + 2);
            if number != 1 {
                parts.push(&previous);
            }
            parts.extend_from_slice(info);
            let counter = [number];
            parts.push(&counter);
            let mut block = key.sign(&parts);
            previous = block;
            block.zeroize();
            chunk.copy_from_slice(&previous[..chunk.len()]);
        }
    });
    previous.zeroize();
    out
}

/// HKDF-SHA-256, both steps.
pub fn hkdf<const N: usize>(salt: &[u8], ikm: &[u8], info: &[&[u8]]) -> Secret<N> {
    hkdf_expand(&hkdf_extract(salt, ikm), info)
}

fn to_array(octets: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(octets);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_inputs_hash_alike_wherever_they_are_cut() {
        let octets: Vec<u8> = (0..=255).chain(0..=255).chain(0..=255).collect();
        for len in [0, 1, 55, 56, 64, SHORT - 1, SHORT, SHORT + 1, 300, 511, 512, 513, 700] {
            let mut context = digest::Context::new(&digest::SHA256);
            context.update(&octets[..len]);
            let expected = to_array(context.finish().as_ref());
            for cut in [0, len / 3, len] {
                let parts: [&[u8]; 3] = [&octets[..cut], &[], &octets[cut..len]];
                assert_eq!((sha256(&parts), sha256_public(&parts)), (expected, expected), "{len} octets cut at {cut}");
            }
        }
    }
}

//! Ed25519 signatures (aws-lc).

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};

use crate::entropy::Entropy;
use crate::secret::Secret;

/// Why a key or a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// Not a canonical Ed25519 public key of large order.
    BadKey,
    /// The signature does not fit key and message.
    BadSignature,
}

impl std::fmt::Display for SignatureError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SignatureError::BadKey => "not a valid Ed25519 public key",
            SignatureError::BadSignature => "the signature does not fit",
        })
    }
}

impl std::error::Error for SignatureError {}

/// An Ed25519 private key. Never printed or copied; kept by its role as a 32-octet seed.
pub struct SigningKey {
    seed: Secret<32>,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    pub fn generate(entropy: &mut dyn Entropy) -> Result<SigningKey, SignatureError> {
        SigningKey::from_seed(Secret::fill_with(|seed| entropy.fill(seed)))
    }

    /// From the RFC 8032 seed.
    pub fn from_seed(seed: Secret<32>) -> Result<SigningKey, SignatureError> {
        let pair = seed.expose(|seed| Ed25519KeyPair::from_seed_unchecked(seed)).map_err(|_| SignatureError::BadKey)?;
        Ok(SigningKey { seed, pair })
    }

    /// The seed, for the key file only.
    pub fn seed(&self) -> &Secret<32> {
        &self.seed
    }

    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut out = [0; 64];
        out.copy_from_slice(self.pair.sign(message).as_ref());
        out
    }

    pub fn verifying_key(&self) -> VerifyingKey {
        let mut out = [0; 32];
        out.copy_from_slice(self.pair.public_key().as_ref());
        VerifyingKey(out)
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({:?})", self.verifying_key())
    }
}

/// An Ed25519 public key: canonical encoding, not of small order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifyingKey([u8; 32]);

impl VerifyingKey {
    /// Refuses non-canonical encodings and the points of order 1, 2, 4 and 8, under which one signature fits many messages.
    pub fn parse(octets: &[u8]) -> Result<VerifyingKey, SignatureError> {
        let key: [u8; 32] = octets.try_into().map_err(|_| SignatureError::BadKey)?;
        let mut y = key;
        y[31] &= 0x7f;
        if !below_field_prime(&y) || SMALL_ORDER_Y.contains(&y) {
            return Err(SignatureError::BadKey);
        }
        ParsedPublicKey::new(&ED25519, key).map_err(|_| SignatureError::BadKey)?;
        Ok(VerifyingKey(key))
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        let key = ParsedPublicKey::new(&ED25519, self.0).map_err(|_| SignatureError::BadKey)?;
        key.verify_sig(message, signature).map_err(|_| SignatureError::BadSignature)
    }
}

impl std::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VerifyingKey(")?;
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))?;
        f.write_str(")")
    }
}

/// Little-endian y below 2^255 - 19.
fn below_field_prime(y: &[u8; 32]) -> bool {
    !(y[31] == 0x7f && y[1..31].iter().all(|&octet| octet == 0xff) && 0xed <= y[0])
}

/// The y coordinates (sign bit cleared) of the eight points of small order.
const SMALL_ORDER_Y: [[u8; 32]; 5] = [
    [0; 32],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
        0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
        0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    #[test]
    fn signs_and_verifies() {
        let key = SigningKey::generate(&mut SeededEntropy::new([1; 32])).unwrap();
        let public = VerifyingKey::parse(key.verifying_key().as_bytes()).unwrap();
        let signature = key.sign(b"message");
        assert_eq!(public.verify(b"message", &signature), Ok(()));
        assert_eq!(public.verify(b"messagf", &signature), Err(SignatureError::BadSignature));
        assert_eq!(public.verify(b"message", &signature[..63]), Err(SignatureError::BadSignature));
    }

    #[test]
    fn rfc_8032_test_1() {
        let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let key = SigningKey::from_seed(Secret::new(seed)).unwrap();
        assert_eq!(key.verifying_key().as_bytes(), &hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
        assert_eq!(key.sign(b"")[..4], [0xe5, 0x56, 0x43, 0x00]);
    }

    #[test]
    fn small_order_and_non_canonical_keys_are_refused() {
        for y in SMALL_ORDER_Y {
            let mut signed = y;
            signed[31] |= 0x80;
            assert_eq!(VerifyingKey::parse(&y), Err(SignatureError::BadKey));
            assert_eq!(VerifyingKey::parse(&signed), Err(SignatureError::BadKey));
        }
        let mut prime_plus_three = [0xff; 32];
        (prime_plus_three[0], prime_plus_three[31]) = (0xf0, 0x7f);
        assert_eq!(VerifyingKey::parse(&prime_plus_three), Err(SignatureError::BadKey));
        assert_eq!(VerifyingKey::parse(&[2; 31]), Err(SignatureError::BadKey));
    }

    fn hex(text: &str) -> [u8; 32] {
        let mut out = [0; 32];
        for (octet, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
            *octet = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        }
        out
    }
}

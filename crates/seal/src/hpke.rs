//! HPKE (RFC 9180), base mode, one suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
//!
//! Used for two things only: partial keys to the disclosure engine (sealing.md 3.5) and dealt shares to the members of a
//! ceremony. Every message has its own encapsulation, so the sequence number is always 0 and there is no context object
//! that could be used twice. All derived values are at most 32 octets, so HKDF-Expand is a single HMAC.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, UnparsedPublicKey, X25519};
use zeroize::Zeroize;

use crate::digest::hmac_sha256;
use crate::entropy::Entropy;
use crate::secret::Secret;

/// Octets that sealing adds: encapsulated key (32) and tag (16).
pub const OVERHEAD: usize = 48;

/// Longest plaintext. Above any list of partial keys that a policy allows (65,536 identities of 80 octets).
pub const PLAINTEXT_MAX: usize = 8 << 20;

const ENC: usize = 32;
const TAG: usize = 16;
const KEM_SUITE: &[u8] = b"KEM\x00\x20";
const SUITE: &[u8] = b"HPKE\x00\x20\x00\x01\x00\x02";
const VERSION: &[u8] = b"HPKE-v1";
const BASE_MODE: u8 = 0;

/// Why a message was not sealed or not opened. Opening never says more than `DoesNotOpen`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HpkeError {
    /// A public key that is not 32 octets, or is one of the points of small order (RFC 7748, all-zero secret).
    BadPublicKey,
    /// Shorter than encapsulated key and tag, or longer than the limit.
    BadLength,
    /// Wrong key, other info, other associated data, or changed octets.
    DoesNotOpen,
}

/// A receiver's X25519 key. 32 octets; only its holder may see it.
pub struct PrivateKey(Secret<32>);

/// A receiver's public key, 32 octets. Public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// 32 octets; other lengths are refused. Points of small order are refused when the key is used.
    pub fn parse(bytes: &[u8]) -> Result<PublicKey, HpkeError> {
        <[u8; 32]>::try_from(bytes).map(PublicKey).map_err(|_| HpkeError::BadPublicKey)
    }
}

impl PrivateKey {
    /// A new key from 32 random octets.
    pub fn generate(entropy: &mut dyn Entropy) -> PrivateKey {
        let mut bytes = [0u8; 32];
        entropy.fill(&mut bytes);
        let key = PrivateKey(Secret::new(bytes));
        bytes.zeroize();
        key
    }

    /// A key that was stored. X25519 takes every 32 octets.
    pub fn from_bytes(bytes: Secret<32>) -> PrivateKey {
        PrivateKey(bytes)
    }

    /// For storing the key; nothing else needs its octets.
    pub fn expose<R>(&self, f: impl for<'a> FnOnce(&'a [u8; 32]) -> R) -> R {
        self.0.expose(f)
    }

    /// The public key that belongs to it.
    pub fn public_key(&self) -> Result<PublicKey, HpkeError> {
        let public = self.agreement_key()?.compute_public_key().map_err(|_| HpkeError::BadPublicKey)?;
        PublicKey::parse(public.as_ref())
    }

    fn agreement_key(&self) -> Result<agreement::PrivateKey, HpkeError> {
        self.0.expose(|bytes| agreement::PrivateKey::from_private_key(&X25519, bytes)).map_err(|_| HpkeError::BadPublicKey)
    }
}

/// Seals one message to one receiver: encapsulated key (32) || ciphertext || tag (16).
///
/// `info` and `aad` are not in the result; who opens must give the same. A new ephemeral key is drawn for every call.
pub fn seal(to: &PublicKey, info: &[u8], aad: &[u8], plaintext: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, HpkeError> {
    seal_with(&PrivateKey::generate(entropy), to, info, aad, plaintext)
}

fn seal_with(ephemeral: &PrivateKey, to: &PublicKey, info: &[u8], aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, HpkeError> {
    if PLAINTEXT_MAX < plaintext.len() {
        return Err(HpkeError::BadLength);
    }
    let enc = ephemeral.public_key()?;
    let (key, nonce) = key_and_nonce(ephemeral, to, &enc, to, info)?;
    // Full capacity at once: a growing Vec would leave copies of the plaintext behind.
    let mut sealed = Vec::with_capacity(ENC + plaintext.len() + TAG);
    sealed.extend_from_slice(&enc.0);
    sealed.extend_from_slice(plaintext);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(aad), &mut sealed[ENC..]).map_err(|_| HpkeError::BadLength)?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// Opens what [`seal`] made. The plaintext is the caller's to erase.
pub fn open(key: &PrivateKey, info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, HpkeError> {
    if sealed.len() < OVERHEAD || PLAINTEXT_MAX + OVERHEAD < sealed.len() {
        return Err(HpkeError::BadLength);
    }
    let (enc, ciphertext) = sealed.split_at(ENC);
    let enc = PublicKey::parse(enc)?;
    let own = key.public_key()?;
    let (aead, nonce) = key_and_nonce(key, &enc, &enc, &own, info)?;
    let mut buffer = ciphertext.to_vec();
    let length = match aead.open_in_place(nonce, Aad::from(aad), &mut buffer) {
        Ok(plaintext) => plaintext.len(),
        Err(_) => {
            buffer.zeroize();
            return Err(HpkeError::DoesNotOpen);
        }
    };
    buffer.truncate(length);
    Ok(buffer)
}

/// Decap/Encap and the key schedule of RFC 9180 sections 4.1 and 5.1, for sequence number 0.
fn key_and_nonce(
    mine: &PrivateKey,
    theirs: &PublicKey,
    enc: &PublicKey,
    receiver: &PublicKey,
    info: &[u8],
) -> Result<(LessSafeKey, Nonce), HpkeError> {
    let peer = UnparsedPublicKey::new(&X25519, theirs.0);
    let shared = agreement::agree(&mine.agreement_key()?, peer, HpkeError::BadPublicKey, |dh| {
        // RFC 9180 section 7.1.4. The library refuses it too; the rule stands here so that it cannot get lost.
        if dh.iter().all(|octet| *octet == 0) {
            return Err(HpkeError::BadPublicKey);
        }
        let eae = labeled_extract(KEM_SUITE, &[], b"eae_prk", dh);
        Ok(labeled_expand(KEM_SUITE, &eae, b"shared_secret", &[&enc.0, &receiver.0], 32))
    })?;
    let psk_id_hash = labeled_extract(SUITE, &[], b"psk_id_hash", &[]);
    let info_hash = labeled_extract(SUITE, &[], b"info_hash", info);
    let secret = shared.expose(|salt| labeled_extract(SUITE, salt, b"secret", &[]));
    let context = psk_id_hash.expose(|p| info_hash.expose(|i| [&[BASE_MODE], &p[..], &i[..]].concat()));
    let key = labeled_expand(SUITE, &secret, b"key", &[&context], 32);
    let base_nonce = labeled_expand(SUITE, &secret, b"base_nonce", &[&context], 12);
    let key = key.expose(|k| UnboundKey::new(&AES_256_GCM, k)).map_err(|_| HpkeError::DoesNotOpen)?;
    let nonce = base_nonce.expose(|n| Nonce::try_assume_unique_for_key(&n[..12])).map_err(|_| HpkeError::DoesNotOpen)?;
    Ok((LessSafeKey::new(key), nonce))
}

fn labeled_extract(suite: &[u8], salt: &[u8], label: &[u8], ikm: &[u8]) -> Secret<32> {
    Secret::new(hmac_sha256(salt, &[VERSION, suite, label, ikm]))
}

/// One block of HKDF-Expand; `length` (at most 32) enters the hash, the caller takes that many octets.
fn labeled_expand(suite: &[u8], prk: &Secret<32>, label: &[u8], info: &[&[u8]], length: u8) -> Secret<32> {
    let head = [0, length];
    let mut parts: Vec<&[u8]> = vec![&head, VERSION, suite, label];
    parts.extend_from_slice(info);
    parts.push(&[1]);
    Secret::new(prk.expose(|key| hmac_sha256(key, &parts)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    fn from_hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
    }

    fn key(text: &str) -> PrivateKey {
        PrivateKey::from_bytes(Secret::new(from_hex(text).try_into().unwrap()))
    }

    fn vectors() -> Vec<std::collections::BTreeMap<String, String>> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/vectors/hpke/x25519-sha256-aes256gcm.txt");
        let text = std::fs::read_to_string(path).unwrap();
        text.split("\n\n")
            .map(|block| {
                block
                    .lines()
                    .filter(|line| !line.starts_with('#'))
                    .filter_map(|line| line.split_once('='))
                    .map(|(k, v)| (k.to_owned(), v.to_owned()))
                    .collect()
            })
            .filter(|case: &std::collections::BTreeMap<_, _>| !case.is_empty())
            .collect()
    }

    #[test]
    fn tse_06_hpke_gives_the_published_answers() {
        let cases = vectors();
        assert_eq!(cases.len(), 4);
        for v in cases {
            let (receiver, ephemeral) = (key(&v["sk_r"]), key(&v["sk_e"]));
            let public = receiver.public_key().unwrap();
            assert_eq!(public.0.to_vec(), from_hex(&v["pk_r"]));
            let (info, aad, plaintext) = (from_hex(&v["info"]), from_hex(&v["aad"]), from_hex(&v["plaintext"]));
            let sealed = seal_with(&ephemeral, &public, &info, &aad, &plaintext).unwrap();
            assert_eq!(sealed, from_hex(&v["sealed"]));
            assert_eq!(open(&receiver, &info, &aad, &sealed).unwrap(), plaintext);
        }
    }

    #[test]
    fn another_key_info_aad_or_octet_does_not_open() {
        let mut entropy = SeededEntropy::new([7; 32]);
        let (alice, bob) = (PrivateKey::generate(&mut entropy), PrivateKey::generate(&mut entropy));
        let public = alice.public_key().unwrap();
        let sealed = seal(&public, b"info", b"aad", b"share", &mut entropy).unwrap();
        assert_eq!(sealed.len(), 5 + OVERHEAD);
        assert_eq!(open(&alice, b"info", b"aad", &sealed).unwrap(), b"share");
        assert_eq!(open(&bob, b"info", b"aad", &sealed).unwrap_err(), HpkeError::DoesNotOpen);
        assert_eq!(open(&alice, b"onfi", b"aad", &sealed).unwrap_err(), HpkeError::DoesNotOpen);
        assert_eq!(open(&alice, b"info", b"daa", &sealed).unwrap_err(), HpkeError::DoesNotOpen);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&alice, b"info", b"aad", &changed).is_err(), "octet {at}");
        }
        assert_eq!(open(&alice, b"info", b"aad", &sealed[..OVERHEAD - 1]).unwrap_err(), HpkeError::BadLength);
    }

    #[test]
    fn two_messages_never_share_an_encapsulation() {
        let mut entropy = SeededEntropy::new([8; 32]);
        let public = PrivateKey::generate(&mut entropy).public_key().unwrap();
        let one = seal(&public, b"", b"", b"same", &mut entropy).unwrap();
        let two = seal(&public, b"", b"", b"same", &mut entropy).unwrap();
        assert_ne!(one[..32], two[..32]);
        assert_ne!(one[32..], two[32..]);
    }

    #[test]
    fn points_of_small_order_are_refused() {
        let mut entropy = SeededEntropy::new([9; 32]);
        let mut one = [0u8; 32];
        one[0] = 1;
        for low in [[0u8; 32], one] {
            assert_eq!(seal(&PublicKey(low), b"", b"", b"x", &mut entropy).unwrap_err(), HpkeError::BadPublicKey);
            let mine = PrivateKey::generate(&mut entropy);
            let sealed = [&low[..], &[0u8; 20]].concat();
            assert_eq!(open(&mine, b"", b"", &sealed).unwrap_err(), HpkeError::BadPublicKey);
        }
        assert_eq!(PublicKey::parse(&[1; 31]).unwrap_err(), HpkeError::BadPublicKey);
    }
}

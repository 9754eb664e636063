//! Keys, locators and ciphertexts of the records of one identity in one epoch (sections 3.2 and 7).

use aws_lc_rs::aead;
use zeroize::Zeroize;

use crate::digest::{hkdf_expand, hkdf_extract, sha256};
use crate::encapsulate::SharedValue;
use crate::identity::{Identity, Suite};
use crate::labels;
use crate::merkle::Hash;
use crate::secret::Secret;

/// 32 octets that say nothing to anybody without the keys of identity and epoch (SEA-31). Names a record's place.
pub type Locator = [u8; 32];

/// Longest encoded record (SEA-37).
pub const RECORD_MAX: usize = 65_470;
/// Longest plaintext and ciphertext.
pub const PLAINTEXT_MAX: usize = 65_472;
pub const CIPHERTEXT_MAX: usize = PLAINTEXT_MAX + TAG;
/// Shortest ciphertext: one block of padding.
pub const CIPHERTEXT_MIN: usize = BLOCK + TAG;
/// Counters stay below (SEA-32).
pub const COUNTER_END: u64 = 1 << 32;

const BLOCK: usize = 64;
const TAG: usize = 16;

/// Why a ciphertext did not open, or a record did not seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordError {
    /// Longer than [`RECORD_MAX`] (SEA-37).
    TooLong,
    /// A counter of 2^32 or more (SEA-32).
    CounterEnd,
    /// The ciphertext is not a multiple of 64 octets and a tag.
    Length,
    /// The AEAD refused it: another key, another counter, or changed.
    Ciphertext,
    /// Length field or padding not as the layout says (SEA-40).
    Padding,
}

impl std::fmt::Display for RecordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            RecordError::TooLong => "record too long",
            RecordError::CounterEnd => "counter at its end",
            RecordError::Length => "ciphertext of wrong length",
            RecordError::Ciphertext => "ciphertext does not open",
            RecordError::Padding => "padding or length field wrong",
        })
    }
}

impl std::error::Error for RecordError {}

/// PRK = HKDF-Extract(w_b, Z): both locks in one key.
pub fn extract(z: &SharedValue, w_b: &[u8; 32]) -> Secret<32> {
    z.expose(|z| hkdf_extract(w_b, z))
}

/// K_loc ‖ K_enc of one identity in one epoch.
pub fn derive_keys(z: SharedValue, w_b: &[u8; 32], epoch_hash: &Hash, identity: &Identity) -> Secret<64> {
    let prk = extract(&z, w_b);
    // Z ends here (SEA-29).
    drop(z);
    let id = identity.to_bytes();
    // Cannot lose anything: an identity has at most 91 + 255 octets.
    let id_len = (id.len() as u16).to_be_bytes();
    hkdf_expand(&prk, &[labels::KEY_SCHEDULE, epoch_hash, &id_len, id])
}

/// L_i from K_loc, the first half of the keys.
pub fn locator(keys: &[u8; 64], counter: u64) -> Locator {
    sha256(&[&1u32.to_be_bytes(), &keys[..32], labels::LOCATOR, &counter.to_be_bytes()])
}

/// Seals one encoded record under K_enc and a counter that is used once (SEA-32).
pub fn seal(suite: Suite, keys: &[u8; 64], counter: u64, record: &[u8]) -> Result<Vec<u8>, RecordError> {
    let mut out = Vec::with_capacity((2 + record.len()).next_multiple_of(BLOCK) + TAG);
    seal_into(&mut out, suite, keys, counter, record)?;
    Ok(out)
}

/// As [`seal`], behind what `out` holds; on an error it holds what it held, and no plaintext.
pub fn seal_into(out: &mut Vec<u8>, suite: Suite, keys: &[u8; 64], counter: u64, record: &[u8]) -> Result<(), RecordError> {
    if RECORD_MAX < record.len() {
        return Err(RecordError::TooLong);
    }
    let len = u16::try_from(record.len()).map_err(|_| RecordError::TooLong)?;
    let (key, nonce) = (aead_key(suite, keys)?, nonce(counter)?);
    let padded = (2 + record.len()).next_multiple_of(BLOCK);
    let from = out.len();
    // Room for the tag too: a vector that grows leaves a copy behind, which at this point may hold the plaintext.
    out.reserve(padded + TAG);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(record);
    out.resize(from + padded, 0);
    match key.seal_in_place_separate_tag(nonce, associated_data(), &mut out[from..]) {
        Ok(tag) => out.extend_from_slice(tag.as_ref()),
        Err(_) => {
            out[from..].zeroize();
            out.truncate(from);
            return Err(RecordError::Ciphertext);
        }
    }
    Ok(())
}

/// Opens C_i and returns the encoded record. Checks tag, length field and zero padding (SEA-40).
pub fn open(suite: Suite, keys: &[u8; 64], counter: u64, ciphertext: &[u8]) -> Result<Vec<u8>, RecordError> {
    if !is_ciphertext_len(ciphertext.len()) {
        return Err(RecordError::Length);
    }
    let mut buffer = ciphertext.to_vec();
    let plaintext =
        aead_key(suite, keys)?.open_in_place(nonce(counter)?, associated_data(), &mut buffer).map_err(|_| RecordError::Ciphertext)?;
    let record = unpad(plaintext).map(<[u8]>::to_vec);
    buffer.zeroize();
    record
}

/// Whether a ciphertext can have this length at all.
pub fn is_ciphertext_len(len: usize) -> bool {
    (CIPHERTEXT_MIN..=CIPHERTEXT_MAX).contains(&len) && (len - TAG).is_multiple_of(BLOCK)
}

fn unpad(plaintext: &[u8]) -> Result<&[u8], RecordError> {
    let [high, low, rest @ ..] = plaintext else { return Err(RecordError::Padding) };
    let len = usize::from(u16::from_be_bytes([*high, *low]));
    // One padding for each record: no whole block may be spare (SEA-02).
    if RECORD_MAX < len || rest.len() < len || (2 + len).next_multiple_of(BLOCK) != plaintext.len() {
        return Err(RecordError::Padding);
    }
    let (record, padding) = rest.split_at(len);
    if padding.iter().any(|&octet| octet != 0) {
        return Err(RecordError::Padding);
    }
    Ok(record)
}

fn aead_key(suite: Suite, keys: &[u8; 64]) -> Result<aead::LessSafeKey, RecordError> {
    let algorithm = match suite {
        Suite::Gcm => &aead::AES_256_GCM,
        Suite::GcmSiv => &aead::AES_256_GCM_SIV,
    };
    // Expanded again for each record, so that the library's own copy of K_enc, which lies on the ordinary heap, is wiped
    // at once and never waits for a core dump (SEA-23).
    aead::UnboundKey::new(algorithm, &keys[32..]).map(aead::LessSafeKey::new).map_err(|_| RecordError::Ciphertext)
}

fn nonce(counter: u64) -> Result<aead::Nonce, RecordError> {
    if COUNTER_END <= counter {
        return Err(RecordError::CounterEnd);
    }
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&counter.to_be_bytes());
    Ok(aead::Nonce::assume_unique_for_key(nonce))
}

fn associated_data() -> aead::Aad<&'static [u8]> {
    aead::Aad::from(labels::RECORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [u8; 64] = [3; 64];

    fn raw(plaintext: &[u8]) -> Vec<u8> {
        let mut buffer = plaintext.to_vec();
        let key = aead_key(Suite::GcmSiv, &KEYS).unwrap();
        key.seal_in_place_append_tag(nonce(0).unwrap(), associated_data(), &mut buffer).unwrap();
        buffer
    }

    #[test]
    fn sea_37_lengths_up_to_the_limit_round_trip() {
        for suite in [Suite::Gcm, Suite::GcmSiv] {
            for len in [0, 1, 61, 62, 63, 126, 127, 4_095, RECORD_MAX - 1, RECORD_MAX] {
                let record = vec![7; len];
                let sealed = seal(suite, &KEYS, 5, &record).unwrap();
                assert_eq!(open(suite, &KEYS, 5, &sealed).unwrap(), record);
            }
            assert_eq!(seal(suite, &KEYS, 5, &vec![7; RECORD_MAX + 1]), Err(RecordError::TooLong));
        }
    }

    #[test]
    fn sea_32_counters_end_at_two_to_the_32() {
        assert!(seal(Suite::GcmSiv, &KEYS, COUNTER_END - 1, b"x").is_ok());
        assert_eq!(seal(Suite::GcmSiv, &KEYS, COUNTER_END, b"x"), Err(RecordError::CounterEnd));
        assert_eq!(open(Suite::GcmSiv, &KEYS, COUNTER_END, &[0; 80]), Err(RecordError::CounterEnd));
    }

    #[test]
    fn sea_40_padding_and_length_field_are_checked() {
        let mut plaintext = [0; 64];
        plaintext[1] = 3;
        assert_eq!(open(Suite::GcmSiv, &KEYS, 0, &raw(&plaintext)), Ok(vec![0; 3]));
        plaintext[63] = 1;
        assert_eq!(open(Suite::GcmSiv, &KEYS, 0, &raw(&plaintext)), Err(RecordError::Padding));
        plaintext[63] = 0;
        plaintext[1] = 63;
        assert_eq!(open(Suite::GcmSiv, &KEYS, 0, &raw(&plaintext)), Err(RecordError::Padding));
        // A spare block of padding would be a second spelling of the same record.
        let mut spare = [0; 128];
        spare[1] = 3;
        assert_eq!(open(Suite::GcmSiv, &KEYS, 0, &raw(&spare)), Err(RecordError::Padding));
    }

    #[test]
    fn tse_24_a_changed_or_moved_ciphertext_does_not_open() {
        let sealed = seal(Suite::GcmSiv, &KEYS, 0, b"record").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(Suite::GcmSiv, &KEYS, 0, &changed), Err(RecordError::Ciphertext));
        }
        assert_eq!(open(Suite::GcmSiv, &KEYS, 1, &sealed), Err(RecordError::Ciphertext));
        assert_eq!(open(Suite::Gcm, &KEYS, 0, &sealed), Err(RecordError::Ciphertext));
        assert_eq!(open(Suite::GcmSiv, &[4; 64], 0, &sealed), Err(RecordError::Ciphertext));
        assert_eq!(open(Suite::GcmSiv, &KEYS, 0, &sealed[..79]), Err(RecordError::Length));
        assert_eq!(open(Suite::GcmSiv, &KEYS, 0, &[0; 16]), Err(RecordError::Length));
    }
}

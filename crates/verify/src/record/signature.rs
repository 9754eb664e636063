//! Who vouches for a record: one signer, or the k attesters of LOG-101.

use seal::digest::sha256;
use seal::signature::VerifyingKey;

use super::{Digest, Opening, RecordError, SignedRecord, Value};
use crate::log::leaf;

/// The digest by which field 24 names an attester: SHA-256 of the 32 octets of the Ed25519 public key.
pub fn key_digest(key: &VerifyingKey) -> Digest {
    sha256(&[key.as_bytes()])
}

/// The order_signature of an attested record: u8 k || k × (u16 len || signature), in the order of field 24.
pub fn attestation_bytes(signatures: &[[u8; 64]]) -> Vec<u8> {
    let mut octets = vec![signatures.len() as u8];
    for signature in signatures {
        octets.extend_from_slice(&64u16.to_be_bytes());
        octets.extend_from_slice(signature);
    }
    octets
}

fn attestation_signatures(octets: &[u8]) -> Option<Vec<[u8; 64]>> {
    let (count, mut rest) = octets.split_first()?;
    let mut signatures = Vec::new();
    for _ in 0..*count {
        let (len, after) = rest.split_first_chunk::<2>()?;
        if u16::from_be_bytes(*len) != 64 {
            return None;
        }
        let (signature, after) = after.split_first_chunk::<64>()?;
        signatures.push(*signature);
        rest = after;
    }
    rest.is_empty().then_some(signatures)
}

impl SignedRecord {
    /// LOG-100, native: this key signed the record.
    pub fn verify_native(&self, key: &VerifyingKey) -> Result<(), RecordError> {
        let signature: &[u8; 64] = self.signature().try_into().map_err(|_| RecordError::BadSignature)?;
        key.verify(&self.record().message(), signature).map_err(|_| RecordError::BadSignature)
    }

    /// LOG-101: the attesters that field 24 names are among `keys`, there are exactly `need` of them, and each signed.
    ///
    /// The digests of field 24 ascend strictly, so k signatures are k distinct persons.
    pub fn verify_attested(&self, keys: &[&VerifyingKey], need: u8) -> Result<(), RecordError> {
        let named = self.record().attesters().ok_or(RecordError::BadAttestation)?;
        let signatures = attestation_signatures(self.signature()).ok_or(RecordError::BadAttestation)?;
        if named.len() != usize::from(need) || signatures.len() != named.len() {
            return Err(RecordError::BadAttestation);
        }
        let message = self.record().message();
        for (digest, signature) in named.iter().zip(&signatures) {
            let key = keys.iter().find(|k| key_digest(k) == *digest).ok_or(RecordError::BadAttestation)?;
            key.verify(&message, signature).map_err(|_| RecordError::BadAttestation)?;
        }
        Ok(())
    }
}

impl Opening {
    /// LOG-48: this key signed the record that is opened.
    pub fn verify_native(&self, key: &VerifyingKey) -> Result<(), RecordError> {
        let signature: &[u8; 64] = self.signature().try_into().map_err(|_| RecordError::BadSignature)?;
        key.verify(&leaf::signed_message(&self.record_hash()), signature).map_err(|_| RecordError::BadSignature)
    }

    /// LOG-101 of an opening: `need` distinct attesters of `keys` signed it, in the order of field 24 if that is shown.
    pub fn verify_attested(&self, keys: &[&VerifyingKey], need: u8) -> Result<(), RecordError> {
        let signatures = attestation_signatures(self.signature()).ok_or(RecordError::BadAttestation)?;
        let message = leaf::signed_message(&self.record_hash());
        let signer = |signature: &[u8; 64]| keys.iter().find(|key| key.verify(&message, signature).is_ok()).map(|key| key_digest(key));
        let found: Option<Vec<Digest>> = signatures.iter().map(signer).collect();
        let found = found.ok_or(RecordError::BadAttestation)?;
        // Field 24 ascends strictly, and so do its signers: k signatures are k distinct persons.
        let named = !matches!(self.shown(24), Some(Value::Attesters(named)) if *named != found);
        let distinct = found.windows(2).all(|pair| pair[0] < pair[1]);
        if named && distinct && found.len() == usize::from(need) && need != 0 { Ok(()) } else { Err(RecordError::BadAttestation) }
    }
}

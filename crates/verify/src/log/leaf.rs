//! The ORDERS leaf: from a record's fields to 49 opaque octets (section 4).
//!
//! Hashing only. What the fields mean, and which a kind needs, is `verify::record`.

use seal::digest::{hmac_sha256, sha256};
use seal::merkle::{self, Hash};

/// Octets of every ORDERS entry.
pub const ENTRY_LEN: usize = 49;

const ENTRY_LABEL: &[u8; 17] = b"waarborg-leaf/v1\n";

/// H_i: one field, hidden by its own salt (LOG-35). `value` is at most 4,096 octets (LOG-39), so its length fits.
pub fn field_hash(id: u8, salt: &[u8; 32], value: &[u8]) -> Hash {
    let len = u32::try_from(value.len()).unwrap_or(u32::MAX).to_be_bytes();
    sha256(&[b"waarborg-field/v1\n", &[id], salt, &len, value])
}

/// R: the record as the list of its field hashes, ids ascending. No field at all is the dummy's record (LOG-37).
///
/// `None`: more than 32 fields, or ids not strictly ascending (LOG-39).
pub fn record_root(fields: &[(u8, Hash)]) -> Option<Hash> {
    let count = u8::try_from(fields.len()).ok().filter(|n| *n <= 32)?;
    if !fields.is_sorted_by(|a, b| a.0 < b.0) {
        return None;
    }
    let mut message = b"waarborg-record/v1\n".to_vec();
    message.push(count);
    for (id, hash) in fields {
        message.push(*id);
        message.extend_from_slice(hash);
    }
    Some(sha256(&[&message]))
}

/// What the signer of a record of any kind signs (LOG-34).
pub fn signed_message(record_root: &Hash) -> Vec<u8> {
    [b"waarborg-order/v1\n".as_slice(), record_root].concat()
}

/// C: hides R and the signature under r (LOG-38); what a submitter sends to the log, 32 octets.
pub fn commitment(r: &[u8; 32], record_root: &Hash, order_signature: &[u8]) -> Hash {
    hmac_sha256(r, &[record_root, &sha256(&[order_signature])])
}

/// D: what the log computes from C itself, so that no octet in ORDERS is a submitter's choice (LOG-30).
pub fn commitment_d(commitment: &Hash) -> Hash {
    sha256(&[b"waarborg-commit/v1\n", commitment])
}

/// The entry of 49 octets.
pub fn entry(d: &Hash) -> [u8; ENTRY_LEN] {
    let mut entry = [0; ENTRY_LEN];
    entry[..17].copy_from_slice(ENTRY_LABEL);
    entry[17..].copy_from_slice(d);
    entry
}

/// D of an entry; none if these are not the octets of an ORDERS entry.
pub fn d_of_entry(entry: &[u8]) -> Option<Hash> {
    entry.strip_prefix(ENTRY_LABEL.as_slice())?.try_into().ok()
}

/// The RFC 6962 leaf hash of the entry for D.
pub fn leaf_hash(d: &Hash) -> Hash {
    merkle::leaf_hash(&entry(d))
}

/// R of every dummy: a record without fields (LOG-37).
pub fn dummy_record_root() -> Hash {
    sha256(&[b"waarborg-record/v1\n", &[0]])
}

/// r of the dummy with this number: only who has the day key can show later that the leaf was one (LOG-33).
pub fn dummy_r(day_key: &[u8; 32], counter: u64) -> [u8; 32] {
    hmac_sha256(day_key, &[b"waarborg-dummy/v1\n", &counter.to_be_bytes()])
}

/// C of a dummy: its record has no fields, its signature is empty (LOG-37).
pub fn dummy_commitment(r: &[u8; 32]) -> Hash {
    commitment(r, &dummy_record_root(), &[])
}

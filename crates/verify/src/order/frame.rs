//! The order frame: a form of the order in which single fields can be shown or blacked out, for the person's notice (NOT-01).
//!
//! The values are not written down a second time: they follow from the record and the scope, so a frame cannot say
//! something else than the order.

use std::collections::BTreeMap;

use seal::digest::sha256;
use seal::labels;

use super::Scope;
use crate::calendar::Day;
use crate::record::{Digest, Record, Value};

/// Frame field numbers. Selectors have one field each, from `SELECTOR` upward, in the order of field 8.
pub const ORIGINAL: u16 = 1;
pub const ISSUING_AUTHORITY: u16 = 2;
pub const COURT: u16 = 3;
pub const LEGAL_BASIS: u16 = 4;
pub const PROVIDER: u16 = 5;
pub const CATEGORIES: u16 = 6;
pub const PERIOD: u16 = 7;
pub const CASE_REFERENCE: u16 = 9;
pub const DUE_QUARTER: u16 = 10;
pub const SELECTOR: u16 = 0x100;

/// The frame's values, by field number.
pub fn frame_values(record: &Record, scope: &Scope) -> BTreeMap<u16, Vec<u8>> {
    let mut values = BTreeMap::new();
    let copied = [(ORIGINAL, 22), (ISSUING_AUTHORITY, 18), (COURT, 3), (LEGAL_BASIS, 4), (PROVIDER, 5), (CATEGORIES, 6)];
    for (number, field) in copied.into_iter().chain([(PERIOD, 7), (CASE_REFERENCE, 9)]) {
        if let Some(value) = record.value(field) {
            values.insert(number, value.to_bytes());
        }
    }
    if let Some(quarter) = record.notice_due().and_then(|due| Day::containing(due).quarter()) {
        values.insert(DUE_QUARTER, quarter.to_be_bytes().to_vec());
    }
    for (number, selector) in (SELECTOR..).zip(scope.selectors()) {
        values.insert(number, Value::Selectors(vec![selector]).to_bytes());
    }
    values
}

/// The digest of one field: what stands in the frame.
pub fn frame_field_digest(eta: &[u8; 32], number: u16, value: &[u8]) -> Digest {
    let len = (value.len() as u32).to_be_bytes();
    sha256(&[labels::ORDER_FRAME, eta, &number.to_be_bytes(), &len, value])
}

/// The frame's octets from its digests, ascending by number.
pub fn frame_octets(digests: &BTreeMap<u16, Digest>) -> Vec<u8> {
    let mut out = labels::ORDER_FRAME.to_vec();
    out.extend_from_slice(&(digests.len() as u16).to_be_bytes());
    for (number, digest) in digests {
        out.extend_from_slice(&number.to_be_bytes());
        out.extend_from_slice(digest);
    }
    out
}

/// C_ord, field 19.
pub fn order_commitment(rho: &[u8; 32], frame: &[u8]) -> Digest {
    sha256(&[labels::ORDER_COMMITMENT, rho, &sha256(&[frame])])
}

/// n_ids_commit, field 20.
pub fn count_commitment(count_salt: &[u8; 32], count: u32) -> Digest {
    sha256(&[labels::IDENTITY_COUNT, count_salt, &count.to_be_bytes()])
}

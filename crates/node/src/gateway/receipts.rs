//! Members' answers as documents: signature, place, heads, intent.

use super::answers::Said;
use super::rules::Rules;
use super::steps::Unusable;
use crate::cases::Octets;
use crate::cases::state::Asking;

pub(super) fn check(_rules: &Rules, _asking: &Asking, _member: &str, _document: &Octets) -> Said {
    Said::Unusable("not yet".to_owned())
}

pub(super) fn digest(document: &Octets) -> Result<[u8; 32], Unusable> {
    Ok(seal::digest::sha256(&[&document.0]))
}

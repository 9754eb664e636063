//! The gateway's own records: intent aside, these are kinds 6 (refusal), 11 (outcome), 13 (release) and 14 (receipt).
//! Each is drawn and signed once, stored, and only then submitted.

use super::rules::Rules;
use crate::cases::{Digest32, Octets};
use seal::entropy::Entropy;
use verify::names::DirectoryId;
use verify::record::{DraftRecord, Kind, Parent, Record, RecordError, SignedRecord, Value};

/// Where a record hangs and for whom.
pub(super) struct Under<'a> {
    /// The leaf of the order (kinds 6, 11) or of the intent (kinds 13, 14).
    pub parent: Parent,
    pub authority: &'a DirectoryId,
}

/// Kind 13: the digest of the trustees' receipts, in the order of member numbers.
pub(super) fn release(rules: &Rules, under: &Under<'_>, receipts: Digest32, entropy: &mut dyn Entropy) -> Result<Octets, RecordError> {
    sign(rules, Kind::Release, under, vec![Value::ReleaseSet(receipts.0)], entropy)
}

/// Kind 14: the digest of the package, over manifest and signature.
pub(super) fn receipt(rules: &Rules, under: &Under<'_>, package: Digest32, entropy: &mut dyn Entropy) -> Result<Octets, RecordError> {
    sign(rules, Kind::Receipt, under, vec![Value::ReleaseSet(package.0)], entropy)
}

/// Kind 11: the order is done with.
pub(super) fn outcome(rules: &Rules, under: &Under<'_>, entropy: &mut dyn Entropy) -> Result<Octets, RecordError> {
    sign(rules, Kind::Outcome, under, vec![Value::StatHash], entropy)
}

/// Kind 6 (SEA-59): the reason stands inside the commitment.
pub(super) fn refusal(rules: &Rules, under: &Under<'_>, reason: u16, entropy: &mut dyn Entropy) -> Result<Octets, RecordError> {
    sign(rules, Kind::Refusal, under, vec![Value::Reason(reason)], entropy)
}

fn sign(rules: &Rules, kind: Kind, under: &Under<'_>, mut values: Vec<Value>, entropy: &mut dyn Entropy) -> Result<Octets, RecordError> {
    values.push(Value::Kind(kind));
    values.push(Value::Provider(rules.policy.parts().provider));
    values.push(Value::Parent(under.parent));
    values.push(Value::Authority(under.authority.clone()));
    let draft = DraftRecord::draw(Record::draw(values, entropy)?, entropy);
    let signature = rules.signer.sign_message(&draft.record.message());
    Ok(Octets(draft.signed(signature.to_vec()).to_bytes()))
}

/// C and D of a stored record of ours.
pub(super) fn commitment(record: &Octets) -> Result<([u8; 32], [u8; 32]), RecordError> {
    let record = SignedRecord::parse(&record.0)?;
    Ok((record.commitment(), record.d()))
}

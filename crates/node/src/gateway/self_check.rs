//! GWY-34: nothing goes out that the verifier, which everybody has, would not accept.
//!
//! Proofs are read from the logs once more when a package is made. A tile that comes back wrong then would make a package whose rows
//! are right and whose evidence proves nothing, in the hands of an authority that cannot ask for it again: an intent opens once.

use super::work::Fault;
use verify::package::{RawPackage, StampPin};
use verify::policy::Policy;
use verify::verdict::{self, Signature, Supplies};

/// Judges a package as its recipient will, before it is encrypted. A fault and no stop: what is wrong was read, and is read again.
pub fn accepts(policy: &Policy, package: &Vec<u8>) -> Result<(), Fault> {
    let unsound = |why: String| Fault(format!("GWY-34: our own verifier refuses the package: {why}; it is made again"));
    let checked = RawPackage::read(package).and_then(RawPackage::check).map_err(|refusal| unsound(refusal.to_string()))?;
    let certificate = policy.parts().package_certificate;
    // The stamp's authority was judged when it answered.
    let signed = checked.signed_by(&certificate, StampPin::NotChecked).map_err(|refusal| unsound(refusal.to_string()))?;
    let signature = Signature { signer: signed.signer().clone(), stamp: signed.stamp().cloned() };
    let report = verdict::judge(signed.package(), &signature, policy, &Supplies::none());
    match report.failures.first() {
        // The rule alone: what was seen may quote the package, and this goes to the operator's journal.
        Some(failure) => Err(unsound(failure.rule.to_string())),
        None => Ok(()),
    }
}

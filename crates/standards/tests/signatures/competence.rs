//! The third verdict: who asks the registry, and what it may answer.

use crate::table::{Inputs, cases, check};
use standards::signature::{Competences, NotCompetent, Trusted, judge_competence, judge_trust};

/// A registry with one authority.
struct Registry {
    certificate: [u8; 32],
    from: u64,
    until: Option<u64>,
    may: &'static str,
}

impl Competences for Registry {
    type Ask = &'static str;
    fn authority(&self, signer: &Trusted, ask: &&'static str) -> Result<String, NotCompetent> {
        if signer.certificate().sha256() != self.certificate {
            return Err(NotCompetent::Unknown);
        }
        if signer.at() < self.from || self.until.is_some_and(|until| until < signer.at()) {
            return Err(NotCompetent::NotInForce { from: self.from, until: self.until });
        }
        if *ask == self.may { Ok("XX-court-1".to_owned()) } else { Err(NotCompetent::NotForThis { what: (*ask).to_owned() }) }
    }
}

/// SIG-60, SIG-61, SIG-62: unknown, not in force, not for this; each apart from the other two verdicts.
#[test]
fn sig_60_to_62_trusted_is_not_competent() {
    let inputs = Inputs::read();
    let case = |name: &str| cases().into_iter().find(|case| case.name == name).unwrap();
    let valid = check(&case("exclusive.xml"), &inputs).unwrap().remove(0);
    let trusted = judge_trust(&valid, &inputs.store, inputs.received).unwrap();
    let certificate = valid.certificate().sha256();
    let registry = |from: u64, until: Option<u64>| Registry { certificate, from, until, may: "subscriber" };

    let competent = judge_competence(&trusted, &registry(0, None), &"subscriber").unwrap();
    assert_eq!((competent.authority(), competent.octets_sha256()), ("XX-court-1", valid.octets_sha256()));
    let refused = |registry: Registry, ask: &'static str| judge_competence(&trusted, &registry, &ask).unwrap_err().code();
    assert_eq!(refused(Registry { certificate: [0; 32], ..registry(0, None) }, "subscriber"), "SIG-60");
    assert_eq!(refused(registry(inputs.received + 1, None), "subscriber"), "SIG-61");
    assert_eq!(refused(registry(0, Some(inputs.received - 1)), "subscriber"), "SIG-61");
    assert_eq!(refused(registry(0, None), "traffic"), "SIG-62");

    // The verdicts are apart: valid and not trusted; valid, trusted and not competent.
    let stranger = check(&case("unknown-root.xml"), &inputs).unwrap().remove(0);
    assert!(judge_trust(&stranger, &inputs.store, inputs.received).is_err());
}

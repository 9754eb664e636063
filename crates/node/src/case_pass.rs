//! A pass for one case (T5, GWY-53): what an officer carries instead of the desk's token. Stolen, it shows that case until its last day, and
//! nothing else: no list, no other case, no records, no step.
//!
//! Made from the token without asking the gateway, so it is written down nowhere and costs no table; a new token ends all of them
//! (decision 0152).

use seal::digest::HmacKey;
use seal::secret::Secret;

use crate::cases::{CaseId, Digest32};

const LABEL: &[u8] = b"waarborg/v1/case-pass\0";
const BEGIN: &str = "waarborg-case-pass";

/// The longest that a pass may last.
pub const DAYS_MAX: u64 = 31;

/// One case, until when, and the tag over both. Unchecked: [`CasePass::admits`] is the check.
pub struct CasePass {
    case: CaseId,
    until: u64,
    tag: [u8; 32],
}

fn key(token: &Secret<32>) -> HmacKey {
    token.expose(|octets| HmacKey::new(octets))
}

impl CasePass {
    /// `until`: POSIX seconds.
    pub fn issue(token: &Secret<32>, case: CaseId, until: u64) -> CasePass {
        CasePass { case, until, tag: key(token).sign(&[LABEL, &case.0, &until.to_be_bytes()]) }
    }

    /// The case that it claims to be for.
    pub fn case(&self) -> CaseId {
        self.case
    }

    /// Is it this door's, for this case, and not over?
    pub fn admits(&self, token: &Secret<32>, case: &CaseId, now: u64) -> bool {
        self.case == *case && now < self.until && key(token).verify(&[LABEL, &self.case.0, &self.until.to_be_bytes()], &self.tag)
    }

    /// One word, as a file holds it and a request carries it.
    pub fn to_text(&self) -> String {
        format!("{BEGIN}.{}.{}.{}", self.case, self.until, Digest32(self.tag))
    }

    pub fn parse(text: &str) -> Option<CasePass> {
        let mut parts = text.strip_prefix(BEGIN)?.strip_prefix('.')?.split('.');
        let (case, until, tag) = (Digest32::from_hex(parts.next()?)?, parts.next()?.parse().ok()?, Digest32::from_hex(parts.next()?)?);
        let pass = CasePass { case, until, tag: tag.0 };
        // One spelling, and nothing behind it.
        (pass.to_text() == text).then_some(pass)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gwy_53_t5_a_pass_is_for_one_case_one_door_and_its_time() {
        let (token, case, until) = (Secret::new([7; 32]), Digest32([1; 32]), 1_000);
        let pass = CasePass::issue(&token, case, until);
        let read = CasePass::parse(&pass.to_text()).unwrap();
        assert!(read.admits(&token, &case, until - 1));
        assert!(!read.admits(&token, &case, until), "over");
        assert!(!read.admits(&token, &Digest32([2; 32]), until - 1), "another case");
        assert!(!read.admits(&Secret::new([8; 32]), &case, until - 1), "another door, or the token was changed");
        let other = CasePass::issue(&token, Digest32([2; 32]), until);
        let moved = CasePass { case, ..other };
        assert!(!moved.admits(&token, &case, until - 1), "the case is under the tag");
        let longer = CasePass { until: until + 1, ..read };
        assert!(!longer.admits(&token, &case, until), "and its end");
        for text in [
            String::new(),
            pass.to_text() + ".",
            pass.to_text().replace(".1000.", ".01000."),
            pass.to_text().replace(".1000.", ".+1000."),
            pass.to_text().to_uppercase(),
            Digest32([7; 32]).to_string(),
        ] {
            assert!(CasePass::parse(&text).is_none(), "{text}");
        }
    }
}

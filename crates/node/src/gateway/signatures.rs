//! Approvals and refusals: what an officer signs about a case (REL-33, APR-01 to APR-04).
//!
//! Approval 1 is over the order as understood, not over an intent: it comes before salts are looked up (SEA-54), and it holds
//! for every slot that the order lists, so a prospective order does not wake two people every hour (decision 0060).

use super::papers::Refused;
use super::rules::Rules;
use crate::cases::state::CaseId;
use crate::cases::{Digest32, Octets};
use verify::approval::{Approval, ApprovalError, SignedApproval, Stage};
use verify::document::{Reader, Writer, canonical};
use verify::log::note::{SignedNote, Signer};
use verify::policy::Policy;

/// Officers' clocks and ours may differ by this much; an approval from further ahead is refused, an old one is not.
const AHEAD_SECONDS: u64 = 300;

impl From<ApprovalError> for Refused {
    fn from(error: ApprovalError) -> Refused {
        Refused::new(
            error.code(),
            error.to_string(),
            "waarborg case approve makes approvals; it needs a key that the policy names as an officer's",
        )
    }
}

/// The officer who signed this approval, if it is for exactly this.
pub(super) fn check_approval(
    rules: &Rules,
    document: &[u8],
    stage: Stage,
    case: &CaseId,
    digest: &Digest32,
    now: u64,
) -> Result<String, Refused> {
    let signed = SignedApproval::parse(document)?;
    let approval = signed.approval();
    if approval.stage != stage || approval.order_d != case.0 || approval.digest != digest.0 {
        return Err(ApprovalError::OfOtherThing.into());
    }
    if now.saturating_add(AHEAD_SECONDS) < approval.time {
        return Err(Refused::new("CASE-09", "the approval is dated in the future", "check the clock of the officer's machine"));
    }
    let officer = signed.officer(&rules.policy)?;
    let name = officer.as_str().to_owned();
    // APR-04: a person who holds a share does not also sit at the desk; persons are told apart by their names.
    let parts = &rules.policy.parts().key;
    if parts.approvers.members.iter().chain(&parts.guardians.members).any(|row| *row.receipt_key.name() == officer) {
        return Err(ApprovalError::NotTwoPersons.into());
    }
    Ok(name)
}

/// Who signed a stored approval.
pub(super) fn officer_of(rules: &Rules, document: &Octets) -> Result<String, Refused> {
    Ok(SignedApproval::parse(&document.0)?.officer(&rules.policy)?.as_str().to_owned())
}

/// What an officer signs to refuse a case: a note of four lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRefusal {
    pub case: CaseId,
    /// Code of field 21, in the leaf of kind 6.
    pub reason: u16,
    pub time: u64,
}

const HEADER: &str = "waarborg-case-refusal/v1";

impl CaseRefusal {
    fn to_text(&self) -> String {
        let mut w = Writer::new(HEADER);
        w.bytes("order", &self.case.0).line("reason", self.reason).line("time", self.time);
        String::from_utf8_lossy(&w.finish()).into_owned()
    }

    pub fn sign(&self, officer: &Signer) -> Result<Vec<u8>, verify::log::Refusal> {
        Ok(officer.sign_note(&self.to_text())?.to_bytes())
    }

    /// The refusal and the officer of the policy who signed it.
    pub fn parse(bytes: &[u8], policy: &Policy) -> Result<(CaseRefusal, String), Refused> {
        let bad = |text: String| Refused::new("CASE-10", text, "waarborg case refuse makes refusals");
        let note = SignedNote::parse(bytes).map_err(|error| bad(error.to_string()))?;
        let text = note.text().as_bytes();
        let read = || -> Result<CaseRefusal, verify::document::DocumentError> {
            let mut r = Reader::open(text, HEADER, 4_096)?;
            let case = Digest32(r.bytes("order")?);
            let reason = r.parsed("reason", |value| u16::try_from(verify::spelling::decimal(value)?).ok())?;
            let refusal = CaseRefusal { case, reason, time: r.decimal("time")? };
            r.end()?;
            canonical(text, refusal.to_text().as_bytes())?;
            Ok(refusal)
        };
        let refusal = read().map_err(|error| bad(error.to_string()))?;
        let keys: Vec<_> = policy.parts().officers.iter().collect();
        let lines = note.verify(&keys).map_err(|_| Refused::from(ApprovalError::NotAnOfficer))?;
        let [line] = &lines[..] else { return Err(ApprovalError::NotAnOfficer.into()) };
        Ok((refusal, keys[line.key].name().as_str().to_owned()))
    }
}

/// The officer and the reason, if the refusal is of this case.
pub(super) fn check_refusal(rules: &Rules, document: &[u8], case: &CaseId) -> Result<(String, u16), Refused> {
    let (refusal, officer) = CaseRefusal::parse(document, &rules.policy)?;
    if refusal.case != *case {
        return Err(ApprovalError::OfOtherThing.into());
    }
    Ok((officer, refusal.reason))
}

/// An officer's approval, for the officer's own program.
pub fn approve(case: &CaseId, stage: Stage, digest: &Digest32, time: u64, officer: &Signer) -> Result<Vec<u8>, Refused> {
    let approval = Approval { stage, order_d: case.0, digest: digest.0, time };
    Ok(SignedApproval::sign(approval, officer)?.to_bytes())
}

//! A person's approval at the provider's desk: before any key (stage 1) and before delivery (stage 2), two persons each.
//!
//! `docs/spec/intent.md`, APR-01 to APR-04; REL-33.

use std::collections::BTreeSet;

use seal::digest::sha256;

use crate::document::{DocumentError, Reader, Writer, canonical};
use crate::log::note::{SignedNote, Signer};
use crate::log::vkey::KeyName;
use crate::log::{self};
use crate::policy::Policy;
use crate::record::Digest;
use crate::spelling::{from_hex_exact, hex};

/// What is approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The order against identities and slots, before the intent is logged.
    BeforeKeys,
    /// Rows out and rows held back, before delivery.
    BeforeDelivery,
}

impl Stage {
    pub fn number(self) -> u8 {
        match self {
            Stage::BeforeKeys => 1,
            Stage::BeforeDelivery => 2,
        }
    }

    fn parse(text: &str) -> Option<Stage> {
        [Stage::BeforeKeys, Stage::BeforeDelivery].into_iter().find(|s| text == s.number().to_string())
    }
}

/// Why an approval does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalError {
    /// APR-01: the spelling.
    Document(DocumentError),
    /// APR-01: the note around it.
    Note(log::Refusal),
    /// APR-02: not signed by an officer of the policy.
    NotAnOfficer,
    /// APR-03: another stage, order, or digest.
    OfOtherThing,
    /// APR-04: not two distinct persons, or one of them asked for the case or holds a share.
    NotTwoPersons,
}

impl ApprovalError {
    pub fn code(&self) -> &'static str {
        match self {
            ApprovalError::Document(_) | ApprovalError::Note(_) => "APR-01",
            ApprovalError::NotAnOfficer => "APR-02",
            ApprovalError::OfOtherThing => "APR-03",
            ApprovalError::NotTwoPersons => "APR-04",
        }
    }
}

impl std::fmt::Display for ApprovalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = match self {
            ApprovalError::Document(e) => return write!(f, "APR-01: {e}"),
            ApprovalError::Note(e) => return write!(f, "APR-01: {e}"),
            ApprovalError::NotAnOfficer => "not signed by an officer of the policy",
            ApprovalError::OfOtherThing => "the approval is of another stage, order or digest",
            ApprovalError::NotTwoPersons => "not two persons who neither asked for the case nor hold a share",
        };
        write!(f, "{}: {text}", self.code())
    }
}

impl std::error::Error for ApprovalError {}

impl From<DocumentError> for ApprovalError {
    fn from(e: DocumentError) -> ApprovalError {
        ApprovalError::Document(e)
    }
}

impl From<log::Refusal> for ApprovalError {
    fn from(e: log::Refusal) -> ApprovalError {
        ApprovalError::Note(e)
    }
}

/// What one person approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub stage: Stage,
    pub order_d: Digest,
    /// [`before_keys_digest`] or the digest of the scope diff.
    pub digest: Digest,
    pub time: u64,
}

/// What stage 1 approves: this order with exactly this intent.
pub fn before_keys_digest(order_d: &Digest, intent_d: &Digest) -> Digest {
    sha256(&[b"waarborg-approval/v1\n", order_d, intent_d])
}

const HEADER: &str = "waarborg-approval/v1";

impl Approval {
    fn to_text(&self) -> String {
        let mut w = Writer::new(HEADER);
        w.line("stage", self.stage.number()).bytes("order", &self.order_d);
        w.line("digest", hex(&self.digest)).line("time", self.time);
        String::from_utf8_lossy(&w.finish()).into_owned()
    }

    fn from_text(text: &str) -> Result<Approval, DocumentError> {
        let mut r = Reader::open(text.as_bytes(), HEADER, 4_096)?;
        let approval = Approval {
            stage: r.parsed("stage", Stage::parse)?,
            order_d: r.bytes("order")?,
            digest: r.parsed("digest", from_hex_exact::<32>)?,
            time: r.decimal("time")?,
        };
        r.end()?;
        canonical(text.as_bytes(), approval.to_text().as_bytes())?;
        Ok(approval)
    }
}

/// With the person's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedApproval {
    note: SignedNote,
    approval: Approval,
}

impl SignedApproval {
    pub fn sign(approval: Approval, officer: &Signer) -> Result<SignedApproval, ApprovalError> {
        Ok(SignedApproval { note: officer.sign_note(&approval.to_text())?, approval })
    }

    pub fn parse(bytes: &[u8]) -> Result<SignedApproval, ApprovalError> {
        let note = SignedNote::parse(bytes)?;
        let approval = Approval::from_text(note.text())?;
        Ok(SignedApproval { note, approval })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.note.to_bytes()
    }

    pub fn approval(&self) -> &Approval {
        &self.approval
    }

    /// APR-02: which officer of the policy signed it.
    pub fn officer(&self, policy: &Policy) -> Result<KeyName, ApprovalError> {
        let keys: Vec<_> = policy.parts().officers.iter().collect();
        let lines = self.note.verify(&keys).map_err(|_| ApprovalError::NotAnOfficer)?;
        match lines.as_slice() {
            [one] => keys.get(one.key).map(|k| k.name().clone()).ok_or(ApprovalError::NotAnOfficer),
            _ => Err(ApprovalError::NotAnOfficer),
        }
    }
}

/// Two persons approved exactly this. Made by [`two_persons`] only.
///
/// ```compile_fail
/// let approved = verify::approval::Approved { digest: [0; 32], stage: todo!(), officers: todo!() };
/// ```
#[derive(Debug)]
pub struct Approved {
    stage: Stage,
    digest: Digest,
    officers: [KeyName; 2],
}

impl Approved {
    pub fn stage(&self) -> Stage {
        self.stage
    }

    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    pub fn officers(&self) -> &[KeyName; 2] {
        &self.officers
    }
}

/// Checks that two persons approved (REL-33). `requester` is who asked for the case at the desk, if it was a person with a key.
pub fn two_persons(
    approvals: &[SignedApproval],
    policy: &Policy,
    stage: Stage,
    order_d: &Digest,
    digest: &Digest,
    requester: Option<&KeyName>,
) -> Result<Approved, ApprovalError> {
    let mut officers = BTreeSet::new();
    for signed in approvals {
        let a = &signed.approval;
        // APR-03
        if a.stage != stage || a.order_d != *order_d || a.digest != *digest {
            return Err(ApprovalError::OfOtherThing);
        }
        officers.insert(signed.officer(policy)?);
    }
    // APR-04: keys of members are other keys by POL-13, so the person is told by the name.
    let members = policy.parts().key.approvers.members.iter().chain(&policy.parts().key.guardians.members);
    let holders: BTreeSet<&KeyName> = members.map(|m| m.receipt_key.name()).collect();
    officers.retain(|name| !holders.contains(name) && Some(name) != requester);
    let mut two = officers.into_iter();
    match (two.next(), two.next()) {
        (Some(first), Some(second)) => Ok(Approved { stage, digest: *digest, officers: [first, second] }),
        _ => Err(ApprovalError::NotTwoPersons),
    }
}

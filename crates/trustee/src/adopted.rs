//! The pinned policy: which rules this member judges by is a decision of a person, made with `adopt` (TRU-07).
//!
//! Trusted like the share itself: a policy says whose signature is an order. The relay hands a policy file to `judge` too, but
//! only to fail early when the two sides disagree.

use verify::policy::{Policy, PolicyError};

use crate::disk::Disk;
use crate::state::{State, StateError};

const FILE: &str = "policy";

/// Why a policy is not adopted, or not judged by.
#[derive(Debug)]
pub enum PolicyRefusal {
    /// It is no valid policy.
    Invalid(PolicyError),
    /// TRU-08: it does not state this member's receipt key under this member's number.
    OtherMember,
    /// TRU-08: it states another committee key, or another generation of its shares.
    OtherCommittee,
    /// TRU-07: no policy was adopted yet.
    NoneAdopted,
    /// TRU-07: the policy given is not the adopted one.
    NotAdopted,
    /// The state folder.
    State(StateError),
}

impl From<StateError> for PolicyRefusal {
    fn from(error: StateError) -> Self {
        PolicyRefusal::State(error)
    }
}

impl PolicyRefusal {
    /// The broken rule.
    pub fn code(&self) -> &'static str {
        match self {
            PolicyRefusal::Invalid(error) => error.code(),
            PolicyRefusal::OtherMember | PolicyRefusal::OtherCommittee => "TRU-08",
            PolicyRefusal::NoneAdopted | PolicyRefusal::NotAdopted => "TRU-07",
            PolicyRefusal::State(_) => "REL-27",
        }
    }
}

/// Reads a policy and checks that it speaks of this member and of its newest share (TRU-08).
pub fn check(state: &State<impl Disk>, bytes: &[u8]) -> Result<Policy, PolicyRefusal> {
    let policy = Policy::parse(bytes).map_err(PolicyRefusal::Invalid)?;
    let member = state.member();
    let stated = policy.member(member.id).ok_or(PolicyRefusal::OtherMember)?;
    if stated.receipt_key != member.receipt_key {
        return Err(PolicyRefusal::OtherMember);
    }
    let generation = state.newest()?.ok_or(PolicyRefusal::OtherCommittee)?;
    let (record, _) = state.record(generation)?;
    let parts = policy.committee_parts(member.id.committee);
    if parts.committee != record.key || parts.generation != generation || policy.parts().provider.0 != record.provider {
        return Err(PolicyRefusal::OtherCommittee);
    }
    Ok(policy)
}

/// Pins a policy that was checked.
pub fn pin(state: &State<impl Disk>, policy: &Policy) -> Result<(), StateError> {
    Ok(state.disk().replace(FILE, policy.to_bytes())?)
}

/// The adopted policy. `given` is what the caller thinks it is.
///
/// Checked again: a reshare since then makes the adopted policy one of an older generation.
pub fn pinned(state: &State<impl Disk>, given: &[u8]) -> Result<Policy, PolicyRefusal> {
    let bytes = state.disk().read(FILE).map_err(StateError::from)?.ok_or(PolicyRefusal::NoneAdopted)?;
    if bytes != given {
        return Err(PolicyRefusal::NotAdopted);
    }
    check(state, &bytes)
}

//! The policy document: what everyone pins and nobody argues about at run time.
//!
//! [`Policy`] exists only as a document that kept every rule POL-01 to POL-16 of `docs/spec/policy.md`; whoever holds one may rely
//! on its committees being sound, its keys distinct and its times safe. It is pinned by its SHA-256.

mod check;
mod error;
mod parts;
mod text;

use seal::committee::{CheckedCommittee, PublicKey};
use seal::digest::sha256;
use seal::identity::{Category, KeyId, SlotLen};

use crate::calendar::DAY;
use crate::log::tlog_policy::TlogPolicy;
use crate::log::vkey::VerifierKey;
use crate::names::DirectoryId;
use crate::record::Digest;

pub use check::KEY_WAITING_MIN;
pub use error::PolicyError;
pub use parts::*;

/// A policy document that keeps all rules.
pub struct Policy {
    parts: PolicyParts,
    bytes: Vec<u8>,
    hash: Digest,
    slot_len: SlotLen,
    orders: TlogPolicy,
    public: TlogPolicy,
    approvers: CheckedCommittee,
    guardians: CheckedCommittee,
    public_key: PublicKey,
}

impl Policy {
    /// Reads a policy file: one spelling, every rule.
    pub fn parse(bytes: &[u8]) -> Result<Policy, PolicyError> {
        let policy = Policy::from_parts(text::read(bytes)?)?;
        crate::document::canonical(bytes, &policy.bytes)?;
        Ok(policy)
    }

    /// Makes a policy from its parts; how `waarborg policy make` and the demo write one.
    pub fn from_parts(parts: PolicyParts) -> Result<Policy, PolicyError> {
        check::parts(&parts)?;
        let slot_len = SlotLen::new(parts.times.slot_len).map_err(|_| PolicyError::SlotLength)?;
        let (orders, public) = check::logs(&parts)?;
        let approvers = check::committee(&parts.key.approvers)?;
        let guardians = check::committee(&parts.key.guardians)?;
        let public_key = PublicKey::sum(&approvers, &guardians).map_err(|_| PolicyError::Committee)?;
        let bytes = text::write(&parts);
        // What the parts say must be what the bytes say: a name with a line break in it would not come back, nor what is too long.
        text::read(&bytes)?;
        let hash = sha256(&[&bytes]);
        Ok(Policy { parts, bytes, hash, slot_len, orders, public, approvers, guardians, public_key })
    }

    pub fn to_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the document; what orders name in field 14.
    pub fn hash(&self) -> &Digest {
        &self.hash
    }

    pub fn parts(&self) -> &PolicyParts {
        &self.parts
    }

    pub fn times(&self) -> &Times {
        &self.parts.times
    }

    pub fn limits(&self) -> &Limits {
        &self.parts.limits
    }

    pub fn is_demo(&self) -> bool {
        self.parts.demo
    }

    pub fn slot_len(&self) -> SlotLen {
        self.slot_len
    }

    /// The log policy of ORDERS.
    pub fn orders(&self) -> &TlogPolicy {
        &self.orders
    }

    /// The log policy of PUBLIC.
    pub fn public(&self) -> &TlogPolicy {
        &self.public
    }

    pub fn committee(&self, name: CommitteeName) -> &CheckedCommittee {
        match name {
            CommitteeName::Approvers => &self.approvers,
            CommitteeName::Guardians => &self.guardians,
        }
    }

    pub fn committee_parts(&self, name: CommitteeName) -> &CommitteeParts {
        match name {
            CommitteeName::Approvers => &self.parts.key.approvers,
            CommitteeName::Guardians => &self.parts.key.guardians,
        }
    }

    /// P_pub.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    pub fn key_id(&self) -> KeyId {
        self.public_key.key_id()
    }

    /// From then on no key of this period is made: period and longest retention are over (SEA-49). POSIX seconds.
    pub fn key_ends(&self) -> u64 {
        let longest = self.parts.categories.iter().map(|rule| u64::from(rule.retention_days) * DAY).max().unwrap_or(0);
        self.parts.key.period.until().saturating_add(longest)
    }

    pub fn member(&self, id: MemberId) -> Option<&MemberRow> {
        self.committee_parts(id.committee).members.iter().find(|m| m.index == id.index)
    }

    pub fn category(&self, category: Category) -> Option<&CategoryRule> {
        self.parts.categories.iter().find(|c| c.category == category)
    }

    pub fn instrument(&self, name: &crate::names::Instrument) -> Option<&InstrumentRule> {
        self.parts.instruments.iter().find(|i| i.instrument == *name)
    }

    pub fn authority(&self, id: &DirectoryId) -> Option<&DirectoryEntry> {
        self.parts.directory.iter().find(|e| e.id == *id)
    }

    /// REL-22: is this the policy that an order names, or one that this policy continues?
    pub fn answers_for(&self, policy_hash: &Digest) -> bool {
        *policy_hash == self.hash || self.parts.continues.contains(policy_hash)
    }

    /// SEA-70: the latest suspension of a unit that is lifted.
    pub fn lifted(&self, unit: &DirectoryId) -> Option<u64> {
        self.parts.lifts.iter().find(|(u, _)| u == unit).map(|(_, time)| *time)
    }

    /// REL-30: the organisation, if there is one, that alone holds both thresholds.
    pub fn sole_holder(&self) -> Option<&str> {
        let holds = |name: CommitteeName, organisation: &str| {
            let parts = self.committee_parts(name);
            let seats = parts.members.iter().filter(|m| m.organisation == organisation).count();
            usize::from(parts.committee.need) <= seats
        };
        let rows = self.parts.key.approvers.members.iter();
        rows.map(|m| m.organisation.as_str()).find(|o| holds(CommitteeName::Approvers, o) && holds(CommitteeName::Guardians, o))
    }

    /// Who may sign a PUBLIC statement of a kind, and how many of them must (log.md section 5). None: nobody may.
    pub fn statement_signers(&self, kind: &str) -> Option<(Vec<&VerifierKey>, u8)> {
        let p = &self.parts;
        let one = |keys: &[VerifierKey]| keys.len().min(1) as u8;
        Some(match kind {
            "policy" | "registry" => (p.policy_keys.keys.iter().collect(), p.policy_keys.need),
            "epoch" | "segment" => (p.sealers.iter().collect(), one(&p.sealers)),
            "slot-close" | "salt-map" | "shred" => (vec![&p.provider_key], 1),
            "segment-sorted" => (p.auditors.iter().collect(), one(&p.auditors)),
            "emergency-count" => (vec![&p.gateway], 1),
            "open" => (vec![&p.gateway, &p.provider_key], 1),
            "renew" => (p.renewers.iter().collect(), one(&p.renewers)),
            "dummy" | "default" | "statistics" | "head" | "shard-end" => (p.log_operators.iter().collect(), one(&p.log_operators)),
            _ => return None,
        })
    }

    /// Receipt keys of a committee: all of them sign `ceremony`, each its own `share-deletion`.
    pub fn receipt_keys(&self, name: CommitteeName) -> Vec<&VerifierKey> {
        self.committee_parts(name).members.iter().map(|m| &m.receipt_key).collect()
    }
}

impl std::fmt::Debug for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Policy({}, {})", self.parts.name, crate::spelling::hex(&self.hash))
    }
}

impl DirectoryEntry {
    /// LOG-100: was this office in force then, and competent to sign a native order for all of these?
    pub fn may_sign(&self, categories: &[Category], at: u64) -> bool {
        self.in_force.covers(at) && categories.iter().all(|c| self.signs.contains(c))
    }

    /// SEA-69: the same for an emergency order without prior validation.
    pub fn may_sign_emergency(&self, categories: &[Category], at: u64) -> bool {
        self.in_force.covers(at) && categories.iter().all(|c| self.emergencies.contains(c))
    }

    /// REL-10, T9: in force at this time, and for so long that everybody could have seen the new key before.
    pub fn is_usable(&self, at: u64, times: &Times) -> bool {
        self.in_force.covers(at) && self.in_force.from().saturating_add(times.key_waiting) <= at
    }

    /// REL-22: may it receive all of these?
    pub fn may_request(&self, categories: &[Category]) -> bool {
        categories.iter().all(|c| self.requests.contains(c))
    }
}

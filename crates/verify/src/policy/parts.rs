//! What a policy document is made of. Plain data: [`super::Policy::from_parts`] is where it is judged.

use seal::committee::Committee;
use seal::identity::{Category, ProviderId};

use crate::log::vkey::VerifierKey;
use crate::names::{DirectoryId, Instrument, Span};

/// Everything in a policy document, in the order of its lines (`docs/spec/policy.md`).
#[derive(Clone, Debug)]
pub struct PolicyParts {
    /// A name for people.
    pub name: String,
    pub provider: ProviderId,
    pub provider_name: String,
    /// SEA-78: times of seconds, `DEMO` on everything.
    pub demo: bool,
    pub in_force: Span,
    /// SHA-256 of earlier policies whose orders are judged under this one (REL-22), such as before a reshare. Ascending.
    pub continues: Vec<[u8; 32]>,
    pub times: Times,
    pub limits: Limits,
    /// The log policy of ORDERS (c2sp.org/tlog-policy), standby logs included.
    pub orders: String,
    /// The log policy of PUBLIC.
    pub public: String,
    pub key: KeyParts,
    /// Ascending by number.
    pub categories: Vec<CategoryRule>,
    /// Ascending by name.
    pub instruments: Vec<InstrumentRule>,
    /// Ascending by id.
    pub directory: Vec<DirectoryEntry>,
    /// LOG-100: the persons of the approvers who may attest, and how many of them it takes.
    pub attesters: Quorum,
    /// Desk persons: two of them approve before and after the opening.
    pub officers: Vec<VerifierKey>,
    pub gateway: VerifierKey,
    /// HPKE key of the disclosure engine (X25519), REL-21.
    pub engine: [u8; 32],
    pub sealers: Vec<VerifierKey>,
    /// Signs slot-close, salt-map, shred.
    pub provider_key: VerifierKey,
    /// Sign segment-sorted.
    pub auditors: Vec<VerifierKey>,
    /// Sign dummy, default, statistics, head, shard-end.
    pub log_operators: Vec<VerifierKey>,
    /// Sign renew.
    pub renewers: Vec<VerifierKey>,
    /// Sign policy statements, k of n.
    pub policy_keys: Quorum,
    /// SHA-256 of the certificate (DER) that signs packages.
    pub package_certificate: [u8; 32],
    /// SHA-256 of the certificate that an authority receives packages under. Ascending by authority.
    pub deliveries: Vec<(DirectoryId, [u8; 32])>,
    /// SEA-70: units whose suspension before that time is lifted. Ascending by unit.
    pub lifts: Vec<(DirectoryId, u64)>,
}

/// Times, all in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// LOG-47: longest time until an index is opened, shown to be a dummy, or renewed.
    pub max_seal: u64,
    /// LOG-50: where renewing ends.
    pub max_total_seal: u64,
    /// F of REL-05.
    pub freshness: u64,
    /// T and B of the beat of ORDERS. B counts leaves: the soak is B leaves long (REL-16).
    pub tick: u64,
    pub batch: u64,
    /// SEA-42: time after the end of a slot until its key may exist.
    pub grace: u64,
    pub slot_len: u32,
    pub epoch_len: u32,
    /// SEA-70: an emergency order must be confirmed within this time.
    pub confirm_within: u64,
    /// T9: a directory entry's key is not used for this long after the entry is in force.
    pub key_waiting: u64,
}

impl Times {
    /// When everything about a slot, or about epochs that end in it, has been told in PUBLIC: grace, and three ticks for the
    /// statements to appear (decision 0012).
    pub fn told_by(&self, slot_end: u64) -> u64 {
        slot_end.saturating_add(self.grace).saturating_add(self.tick.saturating_mul(3))
    }
}

/// REL-02 and REL-23. All at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// REL-02: identities of one intent.
    pub identities_per_intent: u64,
    /// Identities a member issues for in one UTC day.
    pub identities_per_day: u64,
    pub identities_per_order: u64,
    /// Distinct slots of one order.
    pub slots_per_order: u64,
    /// Orders of one authority in the window, emergencies not counted.
    pub orders_per_authority: u64,
    /// Emergency orders of one authority in the window.
    pub emergencies_per_authority: u64,
    /// Linkage: slots of one selector over all orders of one authority in the window.
    pub slots_per_selector: u64,
    /// The window of the three above, seconds.
    pub window: u64,
}

/// The committee keys of one period (SEA-16).
#[derive(Clone, Debug)]
pub struct KeyParts {
    /// Slots of this key lie in it.
    pub period: Span,
    pub approvers: CommitteeParts,
    pub guardians: CommitteeParts,
}

/// One committee: its public polynomial and who its members are.
#[derive(Clone, Debug)]
pub struct CommitteeParts {
    pub committee: Committee,
    /// Counts refreshes and reshares of the shares (SEA-17); the public key stays.
    pub generation: u32,
    /// Ascending by index, 1 to n.
    pub members: Vec<MemberRow>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Shamir index.
    pub index: u8,
    /// Signs receipts and refusals; its name is the member's name.
    pub receipt_key: VerifierKey,
    pub organisation: String,
}

/// Which committee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommitteeName {
    Approvers,
    Guardians,
}

impl CommitteeName {
    pub fn parse(text: &str) -> Option<CommitteeName> {
        match text {
            "approvers" => Some(CommitteeName::Approvers),
            "guardians" => Some(CommitteeName::Guardians),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            CommitteeName::Approvers => "approvers",
            CommitteeName::Guardians => "guardians",
        }
    }

    /// High octet of a member number (sealing.md 3.5).
    pub fn octet(self) -> u8 {
        match self {
            CommitteeName::Approvers => 1,
            CommitteeName::Guardians => 2,
        }
    }
}

/// A member's place: committee in the high octet, Shamir index in the low one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MemberId {
    pub committee: CommitteeName,
    pub index: u8,
}

impl MemberId {
    pub fn number(self) -> u16 {
        u16::from_be_bytes([self.committee.octet(), self.index])
    }

    pub fn from_number(number: u16) -> Option<MemberId> {
        let [committee, index] = number.to_be_bytes();
        let committee = match committee {
            1 => CommitteeName::Approvers,
            2 => CommitteeName::Guardians,
            _ => return None,
        };
        (index != 0).then_some(MemberId { committee, index })
    }
}

impl std::fmt::Display for MemberId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.committee.as_str(), self.index)
    }
}

/// SEA-79: a category with its reason to exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryRule {
    pub category: Category,
    pub slug: String,
    pub retention_days: u32,
    pub source: Source,
    pub assurance: AssuranceRule,
    pub purpose: String,
    pub legal_basis: String,
}

/// SEA-79: does the source keep what was sealed?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    OnlySealed,
    /// Verdicts on P1, P2 and P7 read `provider's word`.
    Readable {
        days: u32,
    },
}

/// LOG-100: which assurance suffices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssuranceRule {
    NativeOnly,
    AttestedToo,
}

/// REL-22: what an instrument may be used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstrumentRule {
    pub instrument: Instrument,
    /// Ascending.
    pub categories: Vec<Category>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Court,
    Prosecutor,
    Police,
    Oversight,
}

impl Role {
    pub fn parse(text: &str) -> Option<Role> {
        Some(match text {
            "court" => Role::Court,
            "prosecutor" => Role::Prosecutor,
            "police" => Role::Police,
            "oversight" => Role::Oversight,
            _ => return None,
        })
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Court => "court",
            Role::Prosecutor => "prosecutor",
            Role::Police => "police",
            Role::Oversight => "oversight",
        }
    }
}

/// An authority or court that this provider answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryEntry {
    pub id: DirectoryId,
    /// The unit that three overdue confirmations suspend (SEA-70).
    pub unit: DirectoryId,
    pub role: Role,
    pub key: VerifierKey,
    pub in_force: Span,
    /// May validate native orders for these (LOG-100). Ascending, as the next two.
    pub signs: Vec<Category>,
    /// May issue emergency orders for these without prior validation (SEA-69).
    pub emergencies: Vec<Category>,
    /// May receive these (REL-22).
    pub requests: Vec<Category>,
}

/// `need` of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quorum {
    pub need: u8,
    pub keys: Vec<VerifierKey>,
}

//! Who takes part in every world: keys, policy, committees with real shares. Made once, the same for all seeds.

use seal::ceremony::dealt_committee;
use seal::committee::Share;
use seal::digest::sha256;
use seal::entropy::{Entropy, SeededEntropy};
use seal::epoch::Timing;
use seal::hpke::PrivateKey;
use seal::identity::Category;
use seal::secret::Secret;
use seal::signature::SigningKey;
use standards::package::PackageKey;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use trustee::adopted;
use trustee::clock::Reading;
use trustee::kept;
use trustee::state::State;
use verify::committee_record::{CommitteeRecord, RecordedMember};
use verify::log::note::Signer;
use verify::log::vkey::{KeyKind, KeyName, VerifierKey};
use verify::names::{DirectoryId, Span};
use verify::policy::*;
use verify::release::Kept;
use verify::statement::{SignedStatement, Statement};

use super::disk::Paper;
use super::season::Season;
use crate::fixture;

pub use crate::fixture::world::{DAY_ZERO, ORDERS, PROVIDER, PUBLIC};

/// Names of the witnesses in the log policies; three of them are the quorum.
pub const WITNESSES: [&str; 4] = ["w1", "w2", "w3", "w4"];
pub const TICK: u64 = 300;
pub const BATCH: u64 = 4;
pub const SLOT: u64 = 3_600;
pub const EPOCH: u32 = 1_800;
pub const GRACE: u64 = 900;
/// Of every category.
pub const RETENTION_DAYS: u32 = 40;

/// Who is who. A trustee's folder is copied from here into each world.
pub struct Cast {
    pub policy: Arc<Policy>,
    pub members: BTreeMap<MemberId, Paper>,
    pub shares: BTreeMap<CommitteeName, Vec<Share>>,
    pub package_key: PackageKey,
    engine: Secret<32>,
    /// What PUBLIC holds before anything else: the policy and both ceremonies.
    pub foundations: Vec<Vec<u8>>,
    /// The same people, under the policies of spring and autumn: no key lives for a year.
    others: [OnceCell<Box<Cast>>; 2],
}

/// A key that everybody in the world knows how to make from its name: the adversary signs with it only where it is corrupt.
pub fn signer(name: &str) -> Signer {
    let kind = if name.ends_with("/witness") { KeyKind::Cosignature } else { KeyKind::Ed25519 };
    let key = SigningKey::from_seed(Secret::new(seed_of(name))).expect("a key");
    Signer::new(KeyName::parse(name).expect("a name"), kind, key)
}

fn seed_of(name: &str) -> [u8; 32] {
    sha256(&[b"waarborg world ", name.as_bytes()])
}

pub fn witness_name(short: &str) -> String {
    format!("{short}.example/witness")
}

fn vkey(name: &str) -> VerifierKey {
    signer(name).vkey().clone()
}

/// A key for the laboratory: it signs packages in worlds and nowhere else.
const PACKAGE_KEY: &str = include_str!("../../../../testdata/worlds/package-key.pem");

struct Made {
    parts: CommitteeParts,
    papers: BTreeMap<MemberId, Paper>,
    shares: Vec<Share>,
}

impl Cast {
    pub fn new() -> Cast {
        Cast::under(Season::NewYear)
    }

    /// The cast of a season, made when it is first asked for.
    pub fn of(&self, season: Season) -> &Cast {
        let [spring, autumn] = &self.others;
        match season {
            Season::NewYear => self,
            Season::Spring => spring.get_or_init(|| Box::new(Cast::under(season))),
            Season::Autumn => autumn.get_or_init(|| Box::new(Cast::under(season))),
        }
    }

    fn under(season: Season) -> Cast {
        let mut entropy = SeededEntropy::new([0x57; 32]);
        let engine = Secret::<32>::fill_with(|octets| entropy.fill(octets));
        let engine_public = engine.expose(|octets| PrivateKey::from_bytes(Secret::new(*octets)).public_key().expect("a public key"));
        let package_key = PackageKey::from_pem(PACKAGE_KEY).expect("the laboratory's key");
        let approvers = committee(CommitteeName::Approvers, 2, 3, &mut entropy);
        let guardians = committee(CommitteeName::Guardians, 3, 5, &mut entropy);
        let mut parts = fixture::World::new(57).parts;
        fill(&mut parts, &approvers.parts, &guardians.parts);
        parts.key.period = season.key_period();
        parts.engine = engine_public.0;
        parts.package_certificate = package_key.certificate_sha256();
        let policy = Arc::new(Policy::from_parts(parts).expect("a policy"));
        let members: BTreeMap<MemberId, Paper> = approvers.papers.into_iter().chain(guardians.papers).collect();
        for paper in members.values() {
            let state = State::open(paper.clone()).expect("a member");
            adopted::check(&state, policy.to_bytes()).expect("the policy is of this member");
            adopted::pin(&state, &policy).expect("pinned");
        }
        let foundations = foundations(&policy, &members);
        let shares = [(CommitteeName::Approvers, approvers.shares), (CommitteeName::Guardians, guardians.shares)].into();
        Cast { policy, members, shares, package_key, engine, foundations, others: Default::default() }
    }

    pub fn engine(&self) -> PrivateKey {
        self.engine.expose(|octets| PrivateKey::from_bytes(Secret::new(*octets)))
    }

    pub fn timing(&self) -> Timing {
        Timing::new(self.policy.slot_len(), EPOCH, GRACE as u32).expect("timing")
    }

    /// The name under which a member's answers are kept.
    pub fn member_name(&self, id: MemberId) -> String {
        self.policy.member(id).expect("a member").receipt_key.name().as_str().to_owned()
    }

    pub fn share(&self, id: MemberId) -> &Share {
        self.shares[&id.committee].iter().find(|share| share.index() == id.index).expect("a share")
    }
}

impl Default for Cast {
    fn default() -> Cast {
        Cast::new()
    }
}

/// Members with folders of their own, and the key that their ceremony made.
fn committee(name: CommitteeName, need: u8, of: u8, entropy: &mut SeededEntropy) -> Made {
    let (checked, shares) = dealt_committee(need, of, entropy).expect("a committee");
    let mut states = Vec::new();
    for index in 1..=of {
        let id = MemberId { committee: name, index };
        let reading = Reading { wall: DAY_ZERO, machine: None };
        let files = kept::empty_files(&Kept::at_ceremony(id, entropy), &reading);
        let organisation = format!("Organisation of {} {index}", name.as_str());
        states.push(State::init(Paper::default(), id, "Member", &organisation, &files, entropy).expect("a member"));
    }
    let recorded = states.iter().map(|state| {
        let member = state.member();
        RecordedMember { receipt_key: member.receipt_key.clone(), name: member.name.clone(), organisation: member.organisation.clone() }
    });
    let record = CommitteeRecord {
        committee: name,
        provider: PROVIDER.0,
        generation: 0,
        key: checked.committee().clone(),
        members: recorded.collect(),
        transcript: [0x77; 32],
    };
    let row = |state: &State<Paper>| {
        let member = state.member();
        MemberRow { index: member.id.index, receipt_key: member.receipt_key.clone(), organisation: member.organisation.clone() }
    };
    let parts = CommitteeParts { committee: checked.committee().clone(), generation: 0, members: states.iter().map(row).collect() };
    let mut papers = BTreeMap::new();
    for (state, share) in states.into_iter().zip(&shares) {
        state.store_share(&record, share).expect("stored");
        papers.insert(state.member().id, state.into_disk());
    }
    Made { parts, papers, shares }
}

/// The fixture's policy with the keys of this cast.
fn fill(parts: &mut PolicyParts, approvers: &CommitteeParts, guardians: &CommitteeParts) {
    parts.name = "World policy".to_owned();
    parts.times = Times { tick: TICK, batch: BATCH, grace: GRACE, epoch_len: EPOCH, slot_len: SLOT as u32, ..parts.times };
    parts.categories.iter_mut().for_each(|rule| rule.retention_days = RETENTION_DAYS);
    parts.orders = log_policy(ORDERS);
    parts.public = log_policy(PUBLIC);
    parts.key.approvers = approvers.clone();
    parts.key.guardians = guardians.clone();
    for (entry, name) in parts.directory.iter_mut().zip(["prosecutor", "police", "court"]) {
        entry.key = vkey(name);
    }
    parts.directory.push(overseer(parts.directory[0].in_force));
    parts.attesters.keys = ["attester-1", "attester-2", "attester-3"].map(vkey).to_vec();
    parts.officers = ["officer-1", "officer-2", "officer-3"].map(vkey).to_vec();
    parts.gateway = vkey("gateway");
    parts.sealers = vec![vkey("sealer")];
    parts.provider_key = vkey("provider");
    parts.auditors = vec![vkey("auditor")];
    parts.log_operators = vec![vkey("log-operator")];
    parts.renewers = vec![vkey("renewer")];
    parts.policy_keys.keys = ["policy-1", "policy-2"].map(vkey).to_vec();
}

/// The body of oversight: it may sign orders about traffic, which it asks for about accounts of its own (SEA-74).
fn overseer(in_force: Span) -> DirectoryEntry {
    let id = |name: &str| DirectoryId::parse(name).expect("an id");
    DirectoryEntry {
        id: id(super::script::OVERSEER),
        unit: id("unit.nl.toezicht"),
        role: Role::Oversight,
        key: vkey("overseer"),
        in_force,
        signs: vec![Category::TRAFFIC],
        emergencies: Vec::new(),
        requests: vec![Category::TRAFFIC],
    }
}

fn log_policy(origin: &str) -> String {
    let mut text = format!("log {}\n", vkey(origin));
    for short in WITNESSES {
        text.push_str(&format!("witness {short} {}\n", vkey(&witness_name(short))));
    }
    text + "group W 3 w1 w2 w3 w4\nquorum W\n"
}

fn foundations(policy: &Policy, members: &BTreeMap<MemberId, Paper>) -> Vec<Vec<u8>> {
    let notice = fixture::case::policy_notice(policy, DAY_ZERO);
    let (first, second) = (signer("policy-1"), signer("policy-2"));
    let mut said = vec![SignedStatement::sign(Statement::Policy(notice), &[&first, &second]).expect("a statement").to_bytes()];
    for name in [CommitteeName::Approvers, CommitteeName::Guardians] {
        let ceremony = fixture::case::ceremony(policy, name);
        let signers: Vec<Signer> = members.iter().filter(|(id, _)| id.committee == name).map(|(_, paper)| receipt_signer(paper)).collect();
        let signers: Vec<&Signer> = signers.iter().collect();
        said.push(SignedStatement::sign(Statement::Ceremony(ceremony), &signers).expect("a statement").to_bytes());
    }
    said
}

/// The key with which a member signs receipts.
pub fn receipt_signer(paper: &Paper) -> Signer {
    let state = State::open(paper.clone()).expect("a member");
    let key = &state.member().receipt_key;
    Signer::new(key.name().clone(), key.kind(), state.receipt_key().expect("a key"))
}

//! Who takes part, and the policy that names them all.

use std::collections::BTreeMap;

use seal::ceremony::dealt_committee;
use seal::committee::Share;
use seal::entropy::SeededEntropy;
use seal::identity::{Category, ProviderId, Salt};
use seal::selector::Selector;
use seal::signature::SigningKey;
use verify::log::note::Signer;
use verify::log::vkey::{KeyKind, KeyName, VerifierKey};
use verify::names::{DirectoryId, Instrument, Span};
use verify::policy::*;
use verify::record::Digest;

/// 1 January 2026, 00:00 UTC.
pub const DAY_ZERO: u64 = 1_767_225_600;

/// A time of that day.
pub fn at(hour: u64, minute: u64) -> u64 {
    DAY_ZERO + hour * 3_600 + minute * 60
}

pub const PROVIDER: ProviderId = ProviderId([0xaa; 16]);
pub const ENGINE: [u8; 32] = [0xe5; 32];
pub const ORDERS: &str = "waarborg.example/orders/2026";
pub const STANDBY: &str = "standby.example/orders/2026";
pub const PUBLIC: &str = "waarborg.example/public/2026";

pub struct World {
    pub entropy: SeededEntropy,
    signers: BTreeMap<String, Signer>,
    seeds: BTreeMap<String, [u8; 32]>,
    pub parts: PolicyParts,
    pub shares: BTreeMap<CommitteeName, Vec<Share>>,
    /// Subjects of this provider and their salts.
    pub subjects: Vec<(Selector, Salt)>,
}

impl World {
    pub fn new(seed: u8) -> World {
        let mut entropy = SeededEntropy::new([seed; 32]);
        let (mut signers, mut seeds) = (BTreeMap::new(), BTreeMap::new());
        for (name, kind) in people() {
            let key = SigningKey::generate(&mut entropy).expect("a key");
            seeds.insert(name.to_owned(), key.seed().expose(|seed| *seed));
            signers.insert(name.to_owned(), Signer::new(KeyName::parse(name).expect("a name"), kind, key));
        }
        let (approvers, approver_shares) = dealt_committee(2, 3, &mut entropy).expect("a committee");
        let (guardians, guardian_shares) = dealt_committee(3, 5, &mut entropy).expect("a committee");
        let seats = |prefix: &str, n: u8| -> Vec<MemberRow> {
            let row = |index| {
                let name = format!("{prefix}-{index}");
                let key = signers[&name].vkey().clone();
                MemberRow { index, receipt_key: key, organisation: format!("Organisation of {name}") }
            };
            (1..=n).map(row).collect()
        };
        let key = KeyParts {
            period: Span::new(DAY_ZERO, DAY_ZERO + 90 * 86_400).expect("a span"),
            approvers: CommitteeParts { committee: approvers.committee().clone(), generation: 1, members: seats("approver", 3) },
            guardians: CommitteeParts { committee: guardians.committee().clone(), generation: 1, members: seats("guardian", 5) },
        };
        let parts = policy_parts(&signers, key);
        let shares = [(CommitteeName::Approvers, approver_shares), (CommitteeName::Guardians, guardian_shares)].into();
        let subjects = vec![
            (Selector::from_text("phone:+31612345678").expect("a selector"), Salt([0x5a; 16])),
            (Selector::from_text("phone:+31687654321").expect("a selector"), Salt([0x5b; 16])),
        ];
        World { entropy, signers, seeds, parts, shares, subjects }
    }

    /// The same key once more, for whoever has to own one.
    pub fn own_signer(seed: u8, name: &str) -> Signer {
        World::new(seed).signers.remove(name).expect("a name")
    }

    pub fn signer(&self, name: &str) -> &Signer {
        &self.signers[name]
    }

    /// The same key as a file of the command line has it.
    pub fn key_file(&self, name: &str) -> String {
        let vkey = self.signer(name).vkey();
        let material = [&[0x01][..], &self.seeds[name]].concat();
        format!("PRIVATE+KEY+{name}+{}+{}\n", verify::spelling::hex(&vkey.hash().0), verify::spelling::base64(&material))
    }

    /// Four operators; three of them are the quorum.
    pub fn witnesses(&self) -> [&Signer; 4] {
        ["w1", "w2", "w3", "w4"].map(|name| self.signer(&format!("{name}.example/witness")))
    }

    pub fn policy(&self) -> Policy {
        Policy::from_parts(self.parts.clone()).expect("a policy")
    }

    pub fn receipt_signers(&self, name: CommitteeName) -> Vec<&Signer> {
        let rows = match name {
            CommitteeName::Approvers => &self.parts.key.approvers.members,
            CommitteeName::Guardians => &self.parts.key.guardians.members,
        };
        rows.iter().map(|m| self.signer(m.receipt_key.name().as_str())).collect()
    }
}

fn people() -> Vec<(&'static str, KeyKind)> {
    let ed = [
        ORDERS,
        STANDBY,
        PUBLIC,
        "approver-1",
        "approver-2",
        "approver-3",
        "guardian-1",
        "guardian-2",
        "guardian-3",
        "guardian-4",
        "guardian-5",
        "court",
        "police",
        "prosecutor",
        "attester-1",
        "attester-2",
        "attester-3",
        "officer-1",
        "officer-2",
        "officer-3",
        "gateway",
        "sealer",
        "provider",
        "auditor",
        "log-operator",
        "renewer",
        "policy-1",
        "policy-2",
        "stranger",
    ];
    let witnesses = ["w1.example/witness", "w2.example/witness", "w3.example/witness", "w4.example/witness"];
    let ed = ed.into_iter().map(|name| (name, KeyKind::Ed25519));
    ed.chain(witnesses.into_iter().map(|name| (name, KeyKind::Cosignature))).collect()
}

fn policy_parts(signers: &BTreeMap<String, Signer>, key: KeyParts) -> PolicyParts {
    let vkey = |name: &str| -> VerifierKey { signers[name].vkey().clone() };
    let id = |text: &str| DirectoryId::parse(text).expect("an id");
    let year = Span::new(DAY_ZERO, DAY_ZERO + 365 * 86_400).expect("a span");
    let category = |number, slug: &str, assurance| CategoryRule {
        category: Category::new(number).expect("a category"),
        slug: slug.to_owned(),
        retention_days: 180,
        source: Source::OnlySealed,
        assurance,
        purpose: "abuse handling".to_owned(),
        legal_basis: "Article 6(1)(f) GDPR".to_owned(),
    };
    let (traffic, ip) = (Category::TRAFFIC, Category::IP);
    PolicyParts {
        name: "Fixture policy".to_owned(),
        provider: PROVIDER,
        provider_name: "Example Messenger".to_owned(),
        demo: false,
        in_force: year,
        continues: Vec::new(),
        times: times(),
        limits: limits(),
        orders: log_policy(&[vkey(ORDERS), vkey(STANDBY)], signers),
        public: log_policy(&[vkey(PUBLIC)], signers),
        key,
        categories: vec![category(1, "traffic", AssuranceRule::AttestedToo), category(3, "ip", AssuranceRule::NativeOnly)],
        instruments: vec![
            InstrumentRule { instrument: Instrument::parse("epoc").expect("a name"), categories: vec![traffic, ip] },
            InstrumentRule { instrument: Instrument::parse("national/nl/126n").expect("a name"), categories: vec![ip] },
        ],
        directory: directory(signers, Span::new(DAY_ZERO - 30 * 86_400, DAY_ZERO + 365 * 86_400).expect("a span")),
        attesters: Quorum { need: 2, keys: ["attester-1", "attester-2", "attester-3"].map(vkey).to_vec() },
        officers: ["officer-1", "officer-2", "officer-3"].map(vkey).to_vec(),
        gateway: vkey("gateway"),
        engine: ENGINE,
        sealers: vec![vkey("sealer")],
        provider_key: vkey("provider"),
        auditors: vec![vkey("auditor")],
        log_operators: vec![vkey("log-operator")],
        renewers: vec![vkey("renewer")],
        policy_keys: Quorum { need: 2, keys: ["policy-1", "policy-2"].map(vkey).to_vec() },
        package_certificate: [0xcc; 32],
        deliveries: vec![(id("nl.om"), [0xdd; 32])],
        lifts: Vec::new(),
    }
}

fn log_policy(logs: &[VerifierKey], signers: &BTreeMap<String, Signer>) -> String {
    let mut text: String = logs.iter().map(|log| format!("log {log}\n")).collect();
    for name in ["w1", "w2", "w3", "w4"] {
        text.push_str(&format!("witness {name} {}\n", signers[&format!("{name}.example/witness")].vkey()));
    }
    text + "group W 3 w1 w2 w3 w4\nquorum W\n"
}

/// SHA-256 of nothing in particular, for places that only need some digest.
pub fn some_digest(byte: u8) -> Digest {
    [byte; 32]
}

fn times() -> Times {
    Times {
        max_seal: 366 * 86_400,
        max_total_seal: 3 * 366 * 86_400,
        freshness: 900,
        tick: 300,
        batch: 4,
        grace: 1_800,
        slot_len: 3_600,
        epoch_len: 900,
        confirm_within: 48 * 3_600,
        key_waiting: 3 * 86_400,
    }
}

fn limits() -> Limits {
    Limits {
        identities_per_intent: 8,
        identities_per_day: 100,
        identities_per_order: 50,
        slots_per_order: 50,
        orders_per_authority: 10,
        emergencies_per_authority: 3,
        slots_per_selector: 40,
        window: 30 * 86_400,
    }
}

fn directory(signers: &BTreeMap<String, Signer>, year: Span) -> Vec<DirectoryEntry> {
    let id = |text: &str| DirectoryId::parse(text).expect("an id");
    let (traffic, ip) = (Category::TRAFFIC, Category::IP);
    let entry = |name: &str, who: &str, role, signs: &[Category], emergencies: &[Category], requests: &[Category]| DirectoryEntry {
        id: id(name),
        unit: id(&format!("unit.{name}")),
        role,
        key: signers[who].vkey().clone(),
        in_force: year,
        signs: signs.to_vec(),
        emergencies: emergencies.to_vec(),
        requests: requests.to_vec(),
    };
    vec![
        entry("nl.om", "prosecutor", Role::Prosecutor, &[ip], &[ip], &[traffic, ip]),
        entry("nl.politie", "police", Role::Police, &[], &[traffic, ip], &[traffic, ip]),
        entry("nl.rechtbank", "court", Role::Court, &[traffic, ip], &[], &[]),
    ]
}

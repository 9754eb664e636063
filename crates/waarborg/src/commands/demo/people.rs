//! Who takes part in the demo, and the keys that they make for themselves.

use super::stage::{Program, Stage};
use crate::exit::Failure;
use std::collections::BTreeMap;

pub const PROVIDER_ID: &str = "64656d6f2d70726f7669646572000001";
pub const AUTHORITY: &str = "nl.politie-demo";
pub const COURT: &str = "nl.rechtbank-demo";

/// (folder and name, organisation) of each member; three approvers, two of whom must act; five guardians, three of whom must.
pub const APPROVERS: &[(&str, &str)] = &[
    ("approver-1", "Registry of the court"),
    ("approver-2", "Privacy officer of the provider"),
    ("approver-3", "Security officer of the provider"),
];
pub const GUARDIANS: &[(&str, &str)] = &[
    ("guardian-1", "Oversight body"),
    ("guardian-2", "Chamber of notaries"),
    ("guardian-3", "University"),
    ("guardian-4", "Civil rights organisation"),
    ("guardian-5", "Bar association"),
];
pub const WITNESSES: &[&str] = &["witness-1", "witness-2", "witness-3", "witness-4"];
/// Three of four must cosign: no split view while at most one is bad (log.md section 8).
pub const WITNESSES_NEEDED: usize = 3;

/// The vkeys that go into the policy, by role.
pub struct Keys {
    vkeys: BTreeMap<&'static str, String>,
    /// Hexadecimal public key of the disclosure engine.
    pub engine: String,
    /// SHA-256 of the certificate with which the gateway submits to ORDERS, and of the one with which ORDERS answers.
    pub submitter_certificate: String,
    pub log_certificate: String,
}

impl Keys {
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.vkeys.iter().map(|(role, vkey)| (*role, vkey.as_str()))
    }

    pub fn vkey(&self, role: &str) -> &str {
        self.vkeys.get(role).map_or("", String::as_str)
    }
}

/// (role, file, name in notes)
const SIGNERS: &[(&str, &str, &str)] = &[
    ("court", "court/court.key", "rechtbank-demo"),
    ("authority", "authority/authority.key", "politie-demo"),
    ("stranger", "stranger/stranger.key", "rechtbank-demo"),
    ("officer-1", "provider/desk/officer-1.key", "officer-1"),
    ("officer-2", "provider/desk/officer-2.key", "officer-2"),
    ("attester-1", "provider/desk/attester-1.key", "attester-1"),
    ("attester-2", "provider/desk/attester-2.key", "attester-2"),
    ("gateway", "provider/gateway/gateway.key", "gateway.demo"),
    ("sealer", "provider/sealer/sealer.key", "sealer.demo"),
    ("provider", "provider/sealer/provider.key", "provider.demo"),
    ("auditor", "auditor/auditor.key", "auditor.demo"),
    ("operator", "log-public/operator.key", "log-operator.demo"),
    ("renewer", "court/renewer.key", "renewer.demo"),
    ("policy-1", "court/policy.key", "policy-1.demo"),
    ("policy-2", "auditor/policy.key", "policy-2.demo"),
    ("policy-3", "provider/policy.key", "policy-3.demo"),
];

/// Every role makes its own keys in its own folder; only public halves come back.
pub fn make_keys(stage: &Stage, year: u32) -> Result<Keys, Failure> {
    let mut vkeys = BTreeMap::new();
    for (role, file, key_name) in SIGNERS {
        vkeys.insert(*role, new_key(stage, file, key_name, false)?);
    }
    for (role, log) in [("orders-log", "orders"), ("public-log", "public")] {
        let file = format!("log-{log}/log.key");
        vkeys.insert(role, new_key(stage, &file, &origin(log, year), false)?);
    }
    for witness in WITNESSES {
        let file = format!("{witness}/witness.key");
        vkeys.insert(witness, new_key(stage, &file, &format!("{witness}.demo"), true)?);
    }
    let engine = stage.quiet(Program::Waarborg, &["keys", "engine", "--out", &stage.word("provider/gateway/engine.key")])?;
    stage.quiet(Program::Waarborg, &["keys", "engine", "--out", &stage.word("provider/gateway/cases.key")])?;
    stage.quiet(Program::Waarborg, &["keys", "token", "--out", &stage.word("provider/desk/desk.token")])?;
    let submitter_certificate = certificate(stage, "tls", "Demo provider", "provider/gateway/submit")?;
    let log_certificate = certificate(stage, "tls", "Demo log", "log-orders/submit")?;
    certificate(stage, "package", "Demo provider", "provider/gateway/package")?;
    certificate(stage, "delivery", "Demo police", "authority/delivery")?;
    Ok(Keys { vkeys, engine, submitter_certificate, log_certificate })
}

pub fn origin(log: &str, year: u32) -> String {
    format!("demo.example/{log}/{year}")
}

fn new_key(stage: &Stage, file: &str, key_name: &str, witness: bool) -> Result<String, Failure> {
    if let Some((folder, _)) = file.rsplit_once('/') {
        stage.folder(folder)?;
    }
    let out = stage.word(file);
    let mut words = vec!["keys", "new", "--name", key_name, "--out", &out];
    if witness {
        words.push("--witness");
    }
    stage.quiet(Program::Waarborg, &words)
}

fn certificate(stage: &Stage, purpose: &str, organisation: &str, out: &str) -> Result<String, Failure> {
    let out = stage.word(out);
    stage.quiet(Program::Waarborg, &["keys", "certificate", "--purpose", purpose, "--organisation", organisation, "--out", &out])
}

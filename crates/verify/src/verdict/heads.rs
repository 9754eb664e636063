//! Cosigned heads, each verified once: a month of evidence names a few of them thousands of times.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::evidence::ProvenStatement;
use crate::log::Refusal;
use crate::log::proof::TlogProof;
use crate::log::quorum::Witnessed;
use crate::log::tlog_policy::TlogPolicy;
use crate::policy::Policy;
use crate::statement::StatementError;

/// Verified heads of one log policy.
pub(super) struct Heads<'p> {
    policy: &'p TlogPolicy,
    seen: Mutex<BTreeMap<[u8; 32], Result<Arc<Witnessed>, Refusal>>>,
}

impl<'p> Heads<'p> {
    pub(super) fn new(policy: &'p TlogPolicy) -> Heads<'p> {
        Heads { policy, seen: Mutex::new(BTreeMap::new()) }
    }

    /// REL-03, REL-04.
    pub(super) fn verify(&self, note: &[u8]) -> Result<Arc<Witnessed>, Refusal> {
        let key = seal::digest::sha256(&[note]);
        // A thread that panicked while inserting left a map without its entry, which is as good as before.
        let mut seen = self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        seen.entry(key).or_insert_with(|| self.policy.check(note, None).map(Arc::new)).clone()
    }

    /// REL-03, REL-04, REL-08: a leaf under the head of its proof.
    pub(super) fn include(&self, proof: &TlogProof, leaf_hash: [u8; 32]) -> Result<Arc<Witnessed>, Refusal> {
        let head = self.verify(&proof.checkpoint.to_bytes())?;
        head.include(proof.index, leaf_hash, &proof.path)?;
        Ok(head)
    }
}

/// Why a statement does not count.
pub(super) enum NotProven {
    Head(Refusal),
    Statement(StatementError),
}

impl NotProven {
    /// The rule under which `release.md` names it.
    pub(super) fn rule(&self) -> &'static str {
        match self {
            NotProven::Head(refusal) => refusal.code(),
            NotProven::Statement(error) => error.code(),
        }
    }
}

impl std::fmt::Display for NotProven {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotProven::Head(refusal) => refusal.fmt(f),
            NotProven::Statement(error) => error.fmt(f),
        }
    }
}

/// A statement signed by those who may say it (LOG-44), under a cosigned head of PUBLIC. Gives the head.
pub(super) fn statement(policy: &Policy, public: &Heads<'_>, shown: &ProvenStatement) -> Result<Arc<Witnessed>, NotProven> {
    let (keys, need) = policy.statement_signers(shown.statement.statement().kind()).unwrap_or_default();
    shown.statement.verify(&keys, need).map_err(NotProven::Statement)?;
    public.include(&shown.proof, shown.statement.leaf_hash()).map_err(NotProven::Head)
}

/// Names of the keys that signed a statement.
pub(super) fn signers(policy: &Policy, shown: &ProvenStatement) -> Vec<String> {
    let (keys, _) = policy.statement_signers(shown.statement.statement().kind()).unwrap_or_default();
    let lines = shown.statement.note().verify_known(&keys).unwrap_or_default();
    lines.iter().filter_map(|line| keys.get(line.key)).map(|key| key.name().to_string()).collect()
}

//! Order and intent, judged again from the package by the trustees' own list: REL-01 to REL-22 (REL-35).

use std::collections::{BTreeMap, BTreeSet};

use seal::epoch::EpochHeader;
use seal::identity::{Identity, Slot};

use super::failure::Failure;
use super::report::Place;
use crate::bundle::Anchor;
use crate::evidence::{EvidenceFile, ProvenStatement};
use crate::intent::IntentDocument;
use crate::log::checkpoint::Checkpoint;
use crate::log::proof::TlogProof;
use crate::log::quorum::Vote;
use crate::order::OrderDocument;
use crate::package::{LogFile, LoggedDocument};
use crate::policy::Policy;
use crate::record::{Assurance, Digest, Kind, SignedRecord, key_digest};
use crate::release::{OfflineError, OfflineParts, judge_offline};
use crate::statement::{SignedStatement, Statement};

/// Order and intent that passed. Made only by [`check`].
pub(super) struct Case {
    pub order: OrderDocument,
    pub intent: IntentDocument,
    pub identities: Vec<Identity>,
    /// The cosigned tick at which everything is judged.
    pub now: u64,
    /// D of order and of intent.
    pub order_d: Digest,
    pub intent_d: Digest,
    /// The head of ORDERS under which both stand.
    pub head: Checkpoint,
    /// Who cosigned the head under which both stand.
    pub votes: Vec<Vote>,
    /// The directory id that signed a native order.
    pub signer: String,
    /// Names of the attesters, and the digest of what they compared.
    pub attested: Option<(Vec<String>, Digest)>,
    /// Rules whose parts the package does not carry.
    pub not_carried: BTreeSet<u8>,
    /// Slots in which a salt rests on a map that is not shown to be old enough; none without salts.
    pub young_salts: Option<BTreeSet<Slot>>,
    /// What PUBLIC held before the order: its size, and until when ORDERS had no such order.
    pub before_order: Option<(u64, u64)>,
    /// What PUBLIC held before the intent.
    pub before_intent: Option<u64>,
    /// Every late epoch that the package names anywhere.
    pub late_epochs: Vec<EpochHeader>,
}

impl Case {
    pub(super) fn is_emergency(&self) -> bool {
        self.order.record().kind() == Kind::Emergency
    }

    /// Whether a slot was over, with grace and three ticks for its statements, before the order existed (decision 0012).
    pub(super) fn is_past(&self, policy: &Policy, slot: Slot) -> bool {
        let from = self.order.record().record().validity().map_or(0, |validity| validity.from());
        let until = self.before_order.map_or(from, |(_, time)| from.max(time));
        policy.times().told_by(slot.end()) <= until
    }
}

fn inner(rule: impl Into<String>, part: &'static str, error: impl std::fmt::Display) -> Failure {
    Failure::inner(rule, Place::Package, part, error)
}

/// Order and intent as documents, hashes recomputed. Also without a policy.
pub(super) fn documents(log: &LogFile) -> Result<(OrderDocument, IntentDocument), Failure> {
    let order = OrderDocument::parse(&log.order.document).map_err(|e| inner("REL-01", "order", e))?;
    order.check().map_err(|e| inner("REL-07", "order", e))?;
    let intent = IntentDocument::parse(&log.intent.document).map_err(|e| inner("REL-01", "intent", e))?;
    intent.check_release().map_err(|e| inner("REL-15", "intent", e))?;
    Ok((order, intent))
}

/// Runs the list over the log file and the statements of all evidence files.
pub(super) fn check(log: &LogFile, evidence: &[EvidenceFile], policy: &Policy, threads: usize) -> Result<Case, Failure> {
    let (order, intent) = documents(log)?;
    let proof = |document: &LoggedDocument, part| TlogProof::parse(&document.proof).map_err(|e| inner("REL-01", part, e));
    let (order_proof, intent_proof) = (proof(&log.order, "order proof")?, proof(&log.intent, "intent proof")?);
    let related = log.related.iter().map(|shown| {
        let record = SignedRecord::parse(&shown.document).map_err(|e| inner("REL-01", "related", e))?;
        Ok((record, proof(shown, "related")?))
    });
    let statements = statements(log, evidence)?;
    let late_epochs = late_epochs(&statements);
    let parts = OfflineParts {
        order: (order.clone(), order_proof),
        intent: (intent.clone(), intent_proof.clone()),
        statements,
        related: related.collect::<Result<Vec<_>, Failure>>()?,
        order_anchor: log.order_anchor.clone(),
        intent_anchor: log.intent_anchor.clone(),
    };
    let verified = judge_offline(parts, policy, threads).map_err(|error| match error {
        OfflineError::Refused(refusal) => inner(refusal.code(), "case", refusal),
        OfflineError::TwoCheckpoints => inner("REL-13", "case", error),
    })?;
    let head = policy.orders().check(&intent_proof.checkpoint.to_bytes(), None).map_err(|e| inner(e.code(), "intent proof", e))?;
    let anchored = |anchor: &Option<Anchor>| -> Option<(u64, u64)> {
        let anchor = anchor.as_ref()?;
        let public = policy.public().check(&anchor.public, None).ok()?;
        let orders = policy.orders().check(&anchor.orders, None).ok()?;
        Some((public.head().size, orders.not_before()))
    };
    let (signer, attested) = signers(policy, &order);
    Ok(Case {
        identities: verified.identities().to_vec(),
        now: verified.tick(),
        order_d: *verified.order_d(),
        intent_d: *verified.intent_d(),
        votes: head.votes().to_vec(),
        head: head.head().clone(),
        not_carried: verified.not_carried().clone(),
        young_salts: verified.young_salts().cloned(),
        before_order: anchored(&log.order_anchor),
        before_intent: anchored(&log.intent_anchor).map(|(size, _)| size),
        late_epochs,
        order,
        intent,
        signer,
        attested,
    })
}

/// Every statement once: those of the log file and of all evidence files, `segment-sorted` apart, which may come later than
/// the case's head of PUBLIC and is judged for itself.
fn statements(log: &LogFile, evidence: &[EvidenceFile]) -> Result<Vec<(SignedStatement, TlogProof)>, Failure> {
    let mut all: BTreeMap<(u64, Digest), (SignedStatement, TlogProof)> = BTreeMap::new();
    // By place and by content: of two that claim one place both are judged, and one of them fails.
    let mut add = |shown: &ProvenStatement| {
        let key = (shown.proof.index, shown.statement.leaf_hash());
        all.entry(key).or_insert_with(|| (shown.statement.clone(), shown.proof.clone()));
    };
    for file in evidence {
        add(&file.slot_close);
        file.epochs.iter().flat_map(|epoch| [&epoch.epoch, &epoch.segment]).for_each(&mut add);
    }
    for shown in &log.statements {
        let shown = ProvenStatement::parse(&shown.document, &shown.proof).map_err(|e| inner("REL-01", "statement", e))?;
        add(&shown);
    }
    Ok(all.into_values().collect())
}

/// The late epochs that stand in the log file or in any evidence file; all are judged with the case.
fn late_epochs(statements: &[(SignedStatement, TlogProof)]) -> Vec<EpochHeader> {
    let mut late: BTreeMap<Digest, EpochHeader> = BTreeMap::new();
    for (statement, _) in statements {
        if let Statement::Epoch(header) = statement.statement()
            && header.is_late()
        {
            late.insert(header.hash(), header.clone());
        }
    }
    late.into_values().collect()
}

type Signers = (String, Option<(Vec<String>, Digest)>);

/// Who vouches for the order: one office, or attesters by name (REL-10, REL-11 have checked them).
fn signers(policy: &Policy, order: &OrderDocument) -> Signers {
    let record = order.record().record();
    if record.assurance() != Some(Assurance::Attested) {
        let court = record.court().filter(|_| record.kind() == Kind::Order);
        return (court.or(record.authority()).map(ToString::to_string).unwrap_or_default(), None);
    }
    let named = record.attesters().unwrap_or_default();
    let keys = policy.parts().attesters.keys.iter().filter(|vkey| named.contains(&key_digest(vkey.key())));
    let names = keys.map(|vkey| vkey.name().to_string()).collect();
    (String::new(), Some((names, record.original_hash().unwrap_or_default())))
}

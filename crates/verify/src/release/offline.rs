//! The same list for everyone else (REL-35): REL-01 to REL-22 from a package, at the cosigned tick of the intent.

use std::collections::BTreeSet;

use seal::identity::{Identity, Slot};

use super::chain::Viewer;
use super::kept::Kept;
use super::log_rules::Parsed;
use super::refusal::Refusal;
use crate::bundle::{Anchor, Bundle, HeadPart, Place, RelatedPart, StatementPart};
use crate::intent::IntentDocument;
use crate::log::note::SignedNote;
use crate::log::proof::TlogProof;
use crate::order::OrderDocument;
use crate::policy::{CommitteeName, MemberId, Policy};
use crate::record::{Digest, SignedRecord};
use crate::statement::SignedStatement;

/// What a package carries of a bundle.
#[derive(Clone, Debug)]
pub struct OfflineParts {
    pub order: (OrderDocument, TlogProof),
    /// Usually without the days' secrets and salt proofs.
    pub intent: (IntentDocument, TlogProof),
    pub statements: Vec<(SignedStatement, TlogProof)>,
    pub related: Vec<(SignedRecord, TlogProof)>,
    pub order_anchor: Option<Anchor>,
    pub intent_anchor: Option<Anchor>,
}

/// Why the parts are not one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfflineError {
    /// The proofs of one log are under different checkpoints.
    TwoCheckpoints,
    /// The rules refuse.
    Refused(Refusal),
}

impl std::fmt::Display for OfflineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OfflineError::TwoCheckpoints => f.write_str("the proofs of one log are under different checkpoints"),
            OfflineError::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl std::error::Error for OfflineError {}

/// What the rules establish about a package. Made by [`judge_offline`] only.
#[derive(Debug)]
pub struct Verified {
    identities: Vec<Identity>,
    tick: u64,
    order_d: Digest,
    intent_d: Digest,
    not_carried: BTreeSet<u8>,
    young_salts: Option<BTreeSet<Slot>>,
}

impl Verified {
    pub fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// The cosigned time at which everything was judged.
    pub fn tick(&self) -> u64 {
        self.tick
    }

    pub fn order_d(&self) -> &Digest {
        &self.order_d
    }

    pub fn intent_d(&self) -> &Digest {
        &self.intent_d
    }

    /// Rules whose parts the package does not carry; what they would show is the word of those who ran them.
    pub fn not_carried(&self) -> &BTreeSet<u8> {
        &self.not_carried
    }

    /// Slots in which some salt rests on a map that is not shown to be older than the order (than the intent, for slots that were
    /// not over by then); none if the package shows no salts.
    pub fn young_salts(&self) -> Option<&BTreeSet<Slot>> {
        self.young_salts.as_ref()
    }
}

/// Judges what a package carries, on so many threads; the answer does not depend on their number.
pub fn judge_offline(parts: OfflineParts, policy: &Policy, threads: usize) -> Result<Verified, OfflineError> {
    let bundle = bundle_of(parts)?;
    judge_bundle_offline(bundle, policy, threads).map_err(OfflineError::Refused)
}

fn judge_bundle_offline(bundle: Bundle, policy: &Policy, threads: usize) -> Result<Verified, Refusal> {
    let parsed = Parsed::of(bundle);
    let nobody = Kept::nobody(MemberId { committee: CommitteeName::Approvers, index: 1 });
    let passed = super::through_rule_22(&parsed, policy, Viewer::Verifier { threads }, &nobody, &mut Vec::new())?;
    let (case, facts) = (passed.case, passed.facts);
    Ok(Verified {
        tick: facts.logged.order.heads.orders().not_before(),
        order_d: *facts.logged.order.order.d(),
        intent_d: facts.intent_d(),
        not_carried: case.not_carried,
        young_salts: case.young_salts,
        identities: facts.identities,
    })
}

fn bundle_of(parts: OfflineParts) -> Result<Bundle, OfflineError> {
    let orders = parts.intent.1.checkpoint.clone();
    same(&parts.order.1, Some(&orders))?;
    let public = parts.statements.first().map(|(_, proof)| proof.checkpoint.clone());
    let mut statements = Vec::new();
    for (statement, proof) in parts.statements {
        same(&proof, public.as_ref())?;
        statements.push(StatementPart { statement, place: place_of(&proof) });
    }
    let mut related = Vec::new();
    for (record, proof) in parts.related {
        same(&proof, Some(&orders))?;
        related.push(RelatedPart { record, place: place_of(&proof) });
    }
    Ok(Bundle {
        order_place: place_of(&parts.order.1),
        order: parts.order.0,
        intent_place: place_of(&parts.intent.1),
        intent: parts.intent.0,
        orders_head: HeadPart { note: orders.to_bytes(), from: Vec::new() },
        public_head: HeadPart { note: public.map(|note| note.to_bytes()).unwrap_or_default(), from: Vec::new() },
        order_anchor: parts.order_anchor,
        intent_anchor: parts.intent_anchor,
        statements,
        related,
        holds: Vec::new(),
        requester: [0; 32],
    })
}

fn place_of(proof: &TlogProof) -> Place {
    Place { index: proof.index, path: proof.path.clone() }
}

/// The text decides: two proofs may have gathered their cosignatures at different moments.
fn same(proof: &TlogProof, note: Option<&SignedNote>) -> Result<(), OfflineError> {
    let equal = note.is_some_and(|note| note.text() == proof.checkpoint.text());
    if equal { Ok(()) } else { Err(OfflineError::TwoCheckpoints) }
}

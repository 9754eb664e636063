//! A loaded case is judged again: the row's word for its state counts for nothing.
//!
//! Checked: the order recomputes and is the case's; leaves are in ORDERS; the intent hangs on the order and stays inside
//! batch and order; both approvals are by two officers, over exactly this. Not asked again: validity and freshness, which belong
//! to the moment.

use super::leaves;
use super::papers::{self, Refused, parse_order};
use super::preserving;
use super::rules::Rules;
use super::signatures;
use crate::cases::related::{Related, RelatedId};
use crate::cases::state::*;
use crate::cases::{Digest32, Octets};
use std::collections::BTreeSet;
use verify::approval::Stage;
use verify::record::SignedRecord;

/// Refuses a case whose stored documents do not carry its state.
pub fn case(rules: &Rules, case: &Case) -> Result<(), Refused> {
    let file = case.file();
    let order = parse_order(&file.order.0)?;
    if order.id() != file.id {
        return Err(broken("the order is another one"));
    }
    if let Some(leaf) = papers::order_leaf(case) {
        papers::included(rules, order.d, leaf)?;
    }
    if let Some(mandate) = case.mandate() {
        let digest = papers::understanding(file)?;
        distinct(rules, &mandate.approvals, Stage::BeforeKeys, &file.id, &digest)?;
    }
    if let Some(intended) = intended(case) {
        papers::check_intent(rules, &intended.mandate, intended.batch, &intended.intent)?;
    }
    if let Some(soaked) = soaked(case) {
        let (_, d) = papers::intent_leaf(&soaked.intended.intent).map_err(|error| broken(&error.to_string()))?;
        papers::included(rules, d, &soaked.leaf)?;
    }
    if let Case::Announcing(s) = case {
        preserving::check(rules, &s.mandate, &s.made)?;
    }
    if let (Some(hold), Some(mandate)) = (case.hold(), case.mandate()) {
        preserving::check(rules, mandate, &hold.made)?;
        let (_, d) = leaves::commitment(&hold.made.outcome).map_err(|error| broken(&error.to_string()))?;
        papers::included(rules, d, &hold.leaf)?;
    }
    if let Case::Packing(s) = case {
        distinct(rules, &s.approvals, Stage::BeforeDelivery, &file.id, &s.scope.digest(&file.id))?;
    }
    // Those that are not complete yet: the next approval counts on them.
    match case {
        Case::AwaitingApproval(s) => persons(rules, &s.approvals, Stage::BeforeKeys, &file.id, &papers::understanding(file)?).map(drop)?,
        Case::AwaitingRelease(s) => persons(rules, &s.approvals, Stage::BeforeDelivery, &file.id, &s.scope.digest(&file.id)).map(drop)?,
        _ => {}
    }
    Ok(())
}

/// A stored related leaf is the one it is kept as, and in ORDERS if it says so. Who signed it is asked for each bundle: the policy
/// may have changed.
pub fn related(rules: &Rules, id: &RelatedId, related: &Related) -> Result<(), Refused> {
    let record = SignedRecord::parse(&related.document().0).map_err(|error| broken(&error.to_string()))?;
    if record.d() != id.0 {
        return Err(broken("the leaf is another one"));
    }
    match related {
        Related::Submitted { .. } => Ok(()),
        Related::Logged { leaf, .. } => papers::included(rules, record.d(), leaf),
    }
}

fn broken(text: &str) -> Refused {
    Refused::new("CASE-20", text, "keep the database as evidence; see the runbook")
}

fn distinct(rules: &Rules, approvals: &[Octets], stage: Stage, case: &CaseId, digest: &Digest32) -> Result<(), Refused> {
    match persons(rules, approvals, stage, case, digest)? {
        0 | 1 => Err(broken("fewer than two persons approved")),
        _ => Ok(()),
    }
}

/// How many approved exactly this, each once.
fn persons(rules: &Rules, approvals: &[Octets], stage: Stage, case: &CaseId, digest: &Digest32) -> Result<usize, Refused> {
    let mut names = BTreeSet::new();
    for approval in approvals {
        names.insert(signatures::check_approval(rules, &approval.0, stage, case, digest, u64::MAX)?);
    }
    if names.len() == approvals.len() { Ok(names.len()) } else { Err(broken("one person approved twice")) }
}

fn intended(case: &Case) -> Option<&Intended> {
    match case {
        Case::Intended(s) => Some(s),
        other => soaked(other).map(|s| &s.intended),
    }
}

fn soaked(case: &Case) -> Option<&Soaking> {
    match case {
        Case::Soaking(s) => Some(s),
        Case::Asking(s) => Some(&s.soaked),
        Case::Opening(s) => Some(&s.asked.soaked),
        Case::AwaitingRelease(s) => Some(&s.asked.soaked),
        Case::Packing(s) => Some(&s.asked.soaked),
        _ => None,
    }
}

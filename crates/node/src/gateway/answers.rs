//! The trustees' answers: which count, when both thresholds are met, and what is left to do when they are not.

use super::core::Step;
use super::leaves::{self, Under};
use super::papers;
use super::rules::Rules;
use super::steps::Unusable;
use super::work::Answer;
use crate::cases::happening::Happening;
use crate::cases::state::{Asking, Batch, Case, Drafting, Halted, Mandate, Opening, PackageFacts};
use crate::cases::{Digest32, Octets};
use seal::entropy::Entropy;
use std::collections::BTreeMap;
use verify::policy::{CommitteeName, MemberId};

/// What one member's signed answer says, after checking it.
pub(super) enum Said {
    Released,
    /// The rule it named.
    Refused(String),
    /// It does not verify, or names other heads or another intent: somebody on the way lies or errs.
    Unusable(String),
}

/// Takes a round of answers in. Both thresholds met: open. Progress: keep it and ask the rest. No way left to a threshold
/// under this intent: a new intent, or people.
pub(super) fn gather(
    rules: &Rules,
    s: &Asking,
    given: Vec<(String, Answer)>,
    now: u64,
    entropy: &mut dyn Entropy,
) -> Result<Option<Step>, Unusable> {
    let mut answers = s.answers.clone();
    let mut problems = BTreeMap::new();
    for (member, answer) in given {
        let document = match answer {
            Answer::Document(document) => document,
            Answer::Fault(_) => continue,
        };
        match super::receipts::check(rules, s, &member, &document) {
            Said::Released => {
                answers.insert(member, document);
            }
            Said::Refused(rule) => {
                problems.insert(member, rule);
            }
            Said::Unusable(text) => {
                problems.insert(member, format!("GWY-40 {text}"));
            }
        }
    }
    let grown = answers.len() > s.answers.len();
    let asked = Asking { answers, ..s.clone() };
    if is_met(rules, &asked.answers, |_| false) {
        let what = Happening::ThresholdsMet { members: asked.answers.keys().cloned().collect() };
        return Ok(Some(Step::new(Case::Opening(Opening { asked }), what, "trustees")));
    }
    let stale = asked.heads.taken.saturating_add(rules.policy.times().freshness) <= now;
    let reachable = is_met(rules, &asked.answers, |member| !problems.contains_key(member));
    if reachable && !stale {
        let step = || Step::new(Case::Asking(asked), Happening::MoreAnswered, "trustees");
        return if grown { Ok(Some(step())) } else { Err(Unusable::NoProgress) };
    }
    again_or_halt(rules, &asked, problems, stale, entropy).map(Some)
}

/// Is the threshold of both committees met by those who answered, counting also those that `still_may`?
fn is_met(rules: &Rules, answers: &BTreeMap<String, Octets>, still_may: impl Fn(&str) -> bool) -> bool {
    [CommitteeName::Approvers, CommitteeName::Guardians].into_iter().all(|name| {
        let parts = rules.policy.committee_parts(name);
        let counts = |member: &str| answers.contains_key(member) || still_may(member);
        let count = parts.members.iter().filter(|row| counts(row.receipt_key.name().as_str())).count();
        usize::from(parts.committee.need) <= count
    })
}

/// Rules whose refusal a new intent under newer heads can cure: stale heads, a member that has seen a newer head, an intent
/// that was used although we lost the answer, clocks and ticks not there yet.
const CURABLE: [&str; 6] = ["REL-05", "REL-06", "REL-15", "REL-16", "REL-17", "REL-19"];

fn again_or_halt(
    rules: &Rules,
    asked: &Asking,
    problems: BTreeMap<String, String>,
    stale: bool,
    entropy: &mut dyn Entropy,
) -> Result<Step, Unusable> {
    let batch = asked.batch();
    let curable = stale || problems.values().all(|rule| CURABLE.contains(&rule.as_str()));
    let why: Vec<String> = problems.iter().map(|(member, rule)| format!("{member}: {rule}")).collect();
    let mandate = abandoned(rules, asked, entropy)?;
    let mut step = if curable && batch.attempt % rules.settings.attempts_max.max(1) != 0 {
        let batch = Batch { attempt: batch.attempt + 1, ..batch };
        Step::new(Case::Drafting(Drafting { mandate, batch }), Happening::NewIntent { why }, "trustees")
    } else {
        let why = if why.is_empty() { vec!["GWY-41: too few members answered in time".to_owned()] } else { why };
        let what = Happening::Halted { production: batch.sequence, why: why.clone() };
        Step::new(Case::Halted(Halted { mandate, batch, why, nothing_found: None }), what, "trustees")
    };
    step.erase = true;
    Ok(step)
}

/// The mandate of a batch that is given up. Keys that members gave for it were used: their release leaf is owed.
pub(super) fn abandoned(rules: &Rules, asked: &Asking, entropy: &mut dyn Entropy) -> Result<Mandate, Unusable> {
    let mut mandate = asked.mandate().clone();
    if !asked.answers.is_empty() {
        mandate.owed.push(release_record(rules, asked, entropy)?);
    }
    Ok(mandate)
}

/// Kind 13, over the receipts of the members whose keys were used, in the order of their numbers.
pub(super) fn release_record(rules: &Rules, asked: &Asking, entropy: &mut dyn Entropy) -> Result<Octets, Unusable> {
    let order = papers::parse_order(&asked.mandate().file.order.0)?;
    let under = Under { parent: papers::place(&asked.soaked.leaf), authority: &order.authority };
    Ok(leaves::release(rules, &under, receipts_digest(asked)?, entropy)?)
}

/// Kind 14, over the digests of manifest and signature, which fix every file of the package.
pub(super) fn receipt_record(rules: &Rules, asked: &Asking, package: &PackageFacts, entropy: &mut dyn Entropy) -> Result<Octets, Unusable> {
    let order = papers::parse_order(&asked.mandate().file.order.0)?;
    let under = Under { parent: papers::place(&asked.soaked.leaf), authority: &order.authority };
    Ok(leaves::receipt(rules, &under, package_digest(package), entropy)?)
}

/// What field 13 of the release leaf names.
pub(super) fn receipts_digest(asked: &Asking) -> Result<Digest32, Unusable> {
    Ok(Digest32(verify::receipt::receipts_digest(&super::receipts::signed(asked)?)))
}

/// What field 13 of the receipt leaf names (package.md section 8).
pub fn package_digest(package: &PackageFacts) -> Digest32 {
    Digest32(seal::digest::sha256(&[&b"waarborg-package/v1\n"[..], &package.manifest.0, &package.signature.0]))
}

/// The place of the member of this name.
pub(super) fn member_id(rules: &Rules, name: &str) -> Option<MemberId> {
    [CommitteeName::Approvers, CommitteeName::Guardians].into_iter().find_map(|committee| {
        let rows = &rules.policy.committee_parts(committee).members;
        let row = rows.iter().find(|row| row.receipt_key.name().as_str() == name)?;
        Some(MemberId { committee, index: row.index })
    })
}

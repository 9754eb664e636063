//! The one list that stands between a bundle and a share: REL-01 to REL-25 of `docs/spec/release.md`, in this order.
//!
//! [`judge`] is pure: bundle, pinned policy, kept state, the member's own clock. Each rule is a function that takes the proof of the
//! rule before it. What has to be stored comes as values; [`Pending::store`] gives the [`Permit`] only after each was stored.
//!
//! There is no other way to a share: no override, no break-glass, no setting (REL-29, SEA-72). Every slot of a prospective order comes with a
//! new intent and goes through all of it again; nothing but the kept state is carried over (REL-26).

mod budget_rules;
mod chain;
mod intent_rules;
mod kept;
mod kept_text;
mod log_rules;
mod offline;
mod order_rules;
mod party_rules;
mod permit;
mod refusal;
mod related;
mod salt_rules;
mod slot_rules;

pub use budget_rules::{Counted, rel_23, rel_24};
pub use chain::{Case, Clock, Heads, Member, Passed};
pub use intent_rules::{Derived, IntentFacts, rel_13, rel_14, rel_15, rel_16};
pub use kept::{Account, Fact, Kept, KeptChange, KeptHead};
pub use log_rules::{Parsed, rel_01, rel_02, rel_03, rel_04, rel_05, rel_06};
pub use offline::{OfflineError, OfflineParts, Verified, judge_offline};
pub use order_rules::{OrderFacts, preservation_stands, rel_07, rel_08, rel_09, rel_10, rel_11, rel_12};
pub use party_rules::{rel_20, rel_21, rel_22};
pub use permit::{Permit, order_leaf, rel_25};
pub use refusal::Refusal;
pub use related::{HangsOn, Heard, related_says};
pub use salt_rules::rel_19;
pub use slot_rules::{hold_digest, rel_17, rel_18};

use chain::Viewer;

use crate::policy::Policy;
use crate::record::Digest;

/// What came out, with everything that must be stored before anybody hears of it.
#[derive(Debug)]
pub enum Judgement {
    Granted(Box<Pending>),
    Refused(Refused),
}

/// A permit that waits for its changes to be stored.
#[derive(Debug)]
pub struct Pending {
    permit: Permit,
    changes: Vec<KeptChange>,
}

impl Pending {
    pub fn changes(&self) -> &[KeptChange] {
        &self.changes
    }

    /// Stores each change durably, in order, and only then gives the permit (REL-06, REL-15, REL-23, REL-25).
    ///
    /// If `store` fails, the permit is gone: the bundle has to be judged again, and the intent may by then be used up. That
    /// is the safe side (REL-27).
    pub fn store<E>(self, mut store: impl FnMut(&KeptChange) -> Result<(), E>) -> Result<Permit, E> {
        self.changes.iter().try_for_each(&mut store)?;
        Ok(self.permit)
    }
}

/// A refusal and what was learned on the way: heads stay even then, counters only if REL-24 was passed (REL-28).
#[derive(Debug)]
pub struct Refused {
    refusal: Refusal,
    bundle: Digest,
    order: Option<Digest>,
    changes: Vec<KeptChange>,
}

impl Refused {
    pub fn refusal(&self) -> &Refusal {
        &self.refusal
    }

    /// SHA-256 of the bundle's octets.
    pub fn bundle_digest(&self) -> &Digest {
        &self.bundle
    }

    /// D of the order, if the bundle read at all.
    pub fn order_d(&self) -> Option<&Digest> {
        self.order.as_ref()
    }

    pub fn changes(&self) -> &[KeptChange] {
        &self.changes
    }

    /// Stores the changes; then the refusal may be answered.
    pub fn store<E>(self, mut store: impl FnMut(&KeptChange) -> Result<(), E>) -> Result<Refusal, E> {
        self.changes.iter().try_for_each(&mut store)?;
        Ok(self.refusal)
    }
}

/// Judges a bundle for one member. Refuses at the first rule that fails and names it.
pub fn judge(bytes: &[u8], policy: &Policy, member: Member, kept: &Kept, clock: Clock) -> Judgement {
    let mut changes = Vec::new();
    let mut order = None;
    let outcome = rel_01(bytes).and_then(|parsed| {
        order = Some(parsed.bundle().order.record().d());
        run(&parsed, policy, Viewer::Member(member, clock), kept, &mut changes)
    });
    match outcome {
        Ok(permit) => Judgement::Granted(Box::new(Pending { permit, changes })),
        Err(refusal) => {
            let bundle = seal::digest::sha256(&[bytes]);
            changes.push(KeptChange::Audit { line: permit::refusal_line(&refusal, &bundle, clock) });
            Judgement::Refused(Refused { refusal, bundle, order, changes })
        }
    }
}

fn run(parsed: &Parsed, policy: &Policy, viewer: Viewer, kept: &Kept, changes: &mut Vec<KeptChange>) -> Result<Permit, Refusal> {
    let passed = through_rule_22(parsed, policy, viewer, kept, changes)?;
    changes.extend(budget_rules::learned_from_public(&passed.facts, &passed.case));
    // What this bundle showed counts for the debts it is judged by, as if it were stored already; the order's own account too,
    // which REL-23 stores anew.
    let mut known = kept.clone();
    changes.iter().for_each(|change| known.apply(change));
    let (passed, counted) = rel_23(passed, &known)?;
    counted.iter().for_each(|change| known.apply(change));
    if let Some(change) = budget_rules::suspension(&passed, &known) {
        known.apply(&change);
        changes.push(change);
    }
    let passed = rel_24(passed, &known)?;
    // What an authority's debt stops costs it nothing: no key was computed, and it asks again with the same budget.
    changes.extend(counted);
    let (permit, trace) = rel_25(passed)?;
    changes.extend(trace);
    Ok(permit)
}

/// REL-02 to REL-22: what members and verifiers share.
fn through_rule_22<'a>(
    parsed: &'a Parsed,
    policy: &'a Policy,
    viewer: Viewer,
    kept: &'a Kept,
    changes: &mut Vec<KeptChange>,
) -> Result<Passed<'a, 22, Derived<'a>>, Refusal> {
    let passed = rel_02(parsed.begin(policy, kept, viewer))?;
    let passed = rel_05(rel_04(rel_03(passed)?)?)?;
    let (passed, heads) = match rel_06(passed) {
        Ok(forward) => forward,
        Err(refusal) => {
            changes.extend(log_rules::stop(kept, parsed.bundle(), &refusal));
            return Err(refusal);
        }
    };
    changes.extend(heads);
    let passed = rel_11(rel_10(rel_09(rel_08(rel_07(passed)?)?)?)?)?;
    let (passed, learned) = rel_12(passed)?;
    changes.extend(learned);
    let passed = rel_16(rel_15(rel_14(rel_13(passed)?)?)?)?;
    let passed = rel_18(rel_17(passed)?)?;
    rel_22(rel_21(rel_20(rel_19(passed)?)?)?)
}

//! REL-25: the trace, and then the one value a share accepts.

use seal::identity::Identity;
use seal::labels;

use super::budget_rules::Counted;
use super::chain::{Clock, Passed, Viewer};
use super::kept::KeptChange;
use super::refusal::Refusal;
use crate::calendar::Day;
use crate::log::checkpoint::Checkpoint;
use crate::policy::MemberId;
use crate::record::{Digest, Record};
use crate::spelling::hex;

/// All 25 rules hold and everything is stored: the share may multiply these identities, once, for this requester.
///
/// Made by REL-25 and handed out by [`super::Pending::store`] only; not copied; the share takes it by value.
#[derive(Debug)]
pub struct Permit {
    identities: Vec<Identity>,
    requester: [u8; 32],
    member: Option<MemberId>,
    head: Checkpoint,
    order_d: Digest,
    order_index: u64,
    intent_d: Digest,
    order_leaf: [u8; 163],
    bundle: Digest,
    time: u64,
    is_demo: bool,
}

impl Permit {
    /// Derived by the judge itself, in the order of ids_root.
    pub fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// HPKE key to seal to.
    pub fn requester(&self) -> &[u8; 32] {
        &self.requester
    }

    /// The member this permit was judged for; no other may use it.
    pub fn member(&self) -> Option<MemberId> {
        self.member
    }

    /// (origin, size, root) that was judged under.
    pub fn head(&self) -> &Checkpoint {
        &self.head
    }

    pub fn order_d(&self) -> &Digest {
        &self.order_d
    }

    pub fn order_index(&self) -> u64 {
        self.order_index
    }

    pub fn intent_d(&self) -> &Digest {
        &self.intent_d
    }

    /// The 163 octets that the envelope is bound to (HPKE info, sealing.md 3.5).
    pub fn order_leaf(&self) -> &[u8; 163] {
        &self.order_leaf
    }

    /// SHA-256 of the bundle.
    pub fn bundle_digest(&self) -> &Digest {
        &self.bundle
    }

    /// The member's clock when it judged.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// REL-32.
    pub fn is_demo(&self) -> bool {
        self.is_demo
    }
}

/// The order leaf of sealing.md 3.5, built from the record's fields (LOG-42). `ref_index` is the order's own index: it has no parent.
pub fn order_leaf(record: &Record, index: u64) -> Option<[u8; 163]> {
    let quarter = Day::containing(record.notice_due()?).quarter()?;
    let parts: [&[u8]; 9] = [
        labels::ORDER_LEAF,
        &[record.kind().number()],
        &record.provider()?.0,
        &quarter.to_be_bytes(),
        &record.order_frame()?,
        &record.scope_root()?,
        &record.identity_count()?,
        &[0; 32],
        &index.to_be_bytes(),
    ];
    parts.concat().try_into().ok()
}

/// REL-25 The trace is written durably, and only then the share multiplies.
pub fn rel_25(passed: Passed<'_, 24, Counted<'_>>) -> Result<(Permit, Vec<KeptChange>), Refusal> {
    let passed = passed.then(|facts| facts);
    let (case, facts) = (&passed.case, &passed.facts);
    let order = &facts.derived.logged.order;
    let index = case.bundle.order_place.index;
    let order_leaf = order_leaf(order.record(), index).ok_or(Refusal::NotAnOrderForKeys { kind: order.record().kind().number() })?;
    let permit = Permit {
        identities: facts.derived.identities.clone(),
        requester: case.bundle.requester,
        member: match case.viewer {
            Viewer::Member(member, _) => Some(member.id),
            Viewer::Verifier { .. } => None,
        },
        head: order.heads.orders().head().clone(),
        order_d: *order.order.d(),
        order_index: index,
        intent_d: facts.derived.intent_d(),
        order_leaf,
        bundle: case.digest,
        time: facts.now,
        is_demo: case.policy.is_demo(),
    };
    let trace = vec![KeptChange::Released { order: order.place }, KeptChange::Audit { line: release_line(&permit) }];
    Ok((permit, trace))
}

/// No names of people, and neither selectors nor salts: the audit log may be shown (TSE-65).
fn release_line(permit: &Permit) -> String {
    let head = format!("{} {} {}", permit.head.origin, permit.head.size, hex(&permit.head.root));
    let (order, intent) = (hex(&permit.order_d), hex(&permit.intent_d));
    let demo = if permit.is_demo { " DEMO" } else { "" };
    format!("{} released {} identities order {order} intent {intent} head {head}{demo}", permit.time, permit.identities.len())
}

pub(super) fn refusal_line(refusal: &Refusal, bundle: &Digest, clock: Clock) -> String {
    let time = match clock {
        Clock::Sure(now) => now.to_string(),
        Clock::Unsure => "-".to_owned(),
    };
    format!("{time} refused {} bundle {}", refusal.code(), hex(bundle))
}

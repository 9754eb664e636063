//! REL-01 to REL-06: the octets, and the heads of both logs.

use std::collections::BTreeSet;

use seal::digest::sha256;

use super::chain::{Case, Clock, Heads, Passed, Viewer};
use super::kept::{Kept, KeptChange, KeptHead};
use super::refusal::Refusal;
use crate::bundle::{Bundle, HeadPart};
use crate::log::quorum::{Fresh, Identified, Window, Witnessed};
use crate::policy::Policy;
use crate::record::Digest;

/// A bundle that reads, and the digest of its octets. Made by `rel_01` only.
#[derive(Debug)]
pub struct Parsed {
    bundle: Bundle,
    digest: Digest,
}

/// REL-01 Every object parses strictly and re-encodes to the same octets.
pub fn rel_01(bytes: &[u8]) -> Result<Parsed, Refusal> {
    let bundle = Bundle::parse(bytes).map_err(|e| if e.is_limit() { Refusal::TooLarge(e) } else { Refusal::Unreadable(e) })?;
    Ok(Parsed { bundle, digest: sha256(&[bytes]) })
}

impl Parsed {
    /// For a bundle that was put together from parts that parsed (verifiers).
    pub(super) fn of(bundle: Bundle) -> Parsed {
        let digest = sha256(&[&bundle.to_bytes()]);
        Parsed { bundle, digest }
    }

    pub(super) fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    pub(super) fn begin<'a>(&'a self, policy: &'a Policy, kept: &'a Kept, viewer: Viewer) -> Passed<'a, 1, ()> {
        let (bundle, digest) = (&self.bundle, self.digest);
        Passed { case: Case { bundle, digest, policy, kept, viewer, not_carried: BTreeSet::new(), young_salts: None }, facts: () }
    }
}

/// REL-02 Limits before any cryptography. The sizes of notes, paths, records and values were limits of reading.
pub fn rel_02(passed: Passed<'_, 1, ()>) -> Result<Passed<'_, 2, ()>, Refusal> {
    let limit = passed.case.policy.limits().identities_per_intent;
    let asked = passed.case.bundle.intent.identities().len();
    if limit < asked as u64 {
        return Err(Refusal::TooManyIdentities { limit });
    }
    Ok(passed.then(|()| ()))
}

/// REL-03 Origins and log keys are pinned.
pub fn rel_03<'a>(passed: Passed<'a, 2, ()>) -> Result<Passed<'a, 3, (Identified<'a>, Identified<'a>)>, Refusal> {
    let (bundle, policy) = (passed.case.bundle, passed.case.policy);
    let orders = policy.orders().identify(&bundle.orders_head.note).map_err(Refusal::Origin)?;
    let public = policy.public().identify(&bundle.public_head.note).map_err(Refusal::Origin)?;
    Ok(passed.then(|()| (orders, public)))
}

/// REL-04 The quorum of the pinned policy, whenever it cosigned.
pub fn rel_04<'a>(passed: Passed<'a, 3, (Identified<'a>, Identified<'a>)>) -> Result<Passed<'a, 4, (Witnessed, Witnessed)>, Refusal> {
    let Passed { case, facts: (orders, public) } = passed;
    let orders = orders.witnessed().map_err(Refusal::Quorum)?;
    let public = public.witnessed().map_err(Refusal::Quorum)?;
    Ok(Passed::<'a, 3, ()> { case, facts: () }.then(|()| (orders, public)))
}

/// REL-05 The quorum cosigned within [now - F, now + 60 s].
pub fn rel_05<'a>(passed: Passed<'a, 4, (Witnessed, Witnessed)>) -> Result<Passed<'a, 5, Heads>, Refusal> {
    let Passed { case, facts: (orders, public) } = passed;
    let window = match case.viewer {
        Viewer::Member(_, Clock::Unsure) => return Err(Refusal::ClockUnsure),
        Viewer::Member(_, Clock::Sure(now)) => Window::around(now, case.policy.times().freshness),
        // A package is judged at its own tick, so its heads are as fresh as they ever will be (REL-35).
        Viewer::Verifier { .. } => Window { from: 0, until: u64::MAX },
    };
    let recent = |head: Witnessed, log| -> Result<Fresh, Refusal> { head.fresh(log, window).map_err(|_| Refusal::NotFresh) };
    let statements = case.bundle.statements.len();
    let orders = recent(orders, case.policy.orders())?;
    let public = recent(public, case.policy.public())?;
    Ok(Passed::<'a, 4, ()> { case, facts: () }.then(|()| Heads::new(orders, public, statements)))
}

/// REL-06 No way back: both heads extend the stored ones. Gives the changes to store before any release.
pub fn rel_06<'a>(passed: Passed<'a, 5, Heads>) -> Result<(Passed<'a, 6, Heads>, Vec<KeptChange>), Refusal> {
    let case = &passed.case;
    if case.kept.stopped().is_some() {
        return Err(Refusal::Stopped);
    }
    let orders = forward(case.kept, passed.facts.orders(), &case.bundle.orders_head)?;
    let public = forward(case.kept, passed.facts.public(), &case.bundle.public_head)?;
    Ok((passed.then(|heads| heads), vec![orders, public]))
}

fn forward(kept: &Kept, new: &Witnessed, part: &HeadPart) -> Result<KeptChange, Refusal> {
    let head = new.head();
    // The first head of an origin that the pinned policy names is taken as it is: a new year's shard, or the standby log.
    if let Some(old) = kept.heads.get(&head.origin) {
        if old.size == head.size && old.root != head.root {
            return Err(Refusal::TwoHistories { origin: head.origin.to_string() });
        }
        if old.size != head.size {
            let path = part.from.iter().find(|(size, _)| *size == old.size).map(|(_, path)| path);
            let path = path.filter(|_| old.size < head.size).ok_or(Refusal::NoWayForward { stored: old.size })?;
            // Nobody signed the path: a wrong one convicts no log. As a witness does, the member signs nothing and goes on (decision 0158).
            new.extends(old.size, old.root, path)
                .map_err(|_| Refusal::NotExtended { origin: head.origin.to_string(), stored: old.size })?;
        }
    }
    let head_now = KeptHead { size: head.size, root: head.root, note: part.note.clone() };
    Ok(KeptChange::Head { origin: head.origin.clone(), head: head_now })
}

/// What to keep when REL-06 saw two histories: everything stops, both signed notes stay (LOG-87).
pub(super) fn stop(kept: &Kept, bundle: &Bundle, refusal: &Refusal) -> Option<KeptChange> {
    let Refusal::TwoHistories { origin } = refusal else { return None };
    let old = kept.heads.iter().find(|(known, _)| known.as_str() == origin).map(|(_, head)| head.note.clone());
    let new = [&bundle.orders_head, &bundle.public_head].into_iter().map(|part| part.note.clone());
    Some(KeptChange::Stopped { reason: refusal.to_string(), evidence: old.into_iter().chain(new).collect() })
}

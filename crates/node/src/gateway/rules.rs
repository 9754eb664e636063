//! What the core judges by: the pinned policy, the gateway's own signing key, and its patience.

use super::papers::Order;
use seal::selector::Selector;
use std::collections::BTreeSet;
use verify::log::note::Signer;
use verify::policy::Policy;

/// Patience, in seconds, and how many intents one batch may use up before people have to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    pub poll_seconds: u64,
    pub retry_seconds: u64,
    pub retry_seconds_max: u64,
    pub attempts_max: u32,
}

impl Settings {
    /// How long to wait after this many faults in a row: twice as long each time, up to a limit.
    pub fn patience(&self, faults: u32) -> u64 {
        let wait = self.retry_seconds.saturating_mul(1 << faults.min(16).saturating_sub(1));
        wait.min(self.retry_seconds_max).max(1)
    }
}

/// Everything that a judgement of the core depends on besides the case and the time.
pub struct Rules {
    pub policy: Policy,
    /// Signs records of kinds 6, 11, 12, 13 and 14; its verifier key stands in the policy.
    pub signer: Signer,
    pub settings: Settings,
    /// Accounts whose owner has a role that the law protects, as far as the provider knows it (T28, GAT-09).
    flagged: BTreeSet<Selector>,
}

/// The key file is not the gateway key of the policy.
#[derive(Debug, PartialEq, Eq)]
pub struct NotTheGateway;

impl Rules {
    /// Refuses a signing key that the policy does not name: every record we sign would be refused by every trustee.
    pub fn new(policy: Policy, signer: Signer, settings: Settings) -> Result<Rules, NotTheGateway> {
        if policy.parts().gateway != *signer.vkey() {
            return Err(NotTheGateway);
        }
        Ok(Rules { policy, signer, settings, flagged: BTreeSet::new() })
    }

    pub fn flag(&mut self, accounts: impl IntoIterator<Item = Selector>) {
        self.flagged.extend(accounts);
    }

    /// How many officers approve an order before keys are asked for: two (REL-33), and a third where it names a flagged account (T28).
    pub fn officers(&self, order: &Order) -> usize {
        let is_flagged = order.document.scope().items().any(|item| self.flagged.contains(item.selector()));
        if is_flagged { 3 } else { 2 }
    }

    pub fn slot_start(&self, slot: u64) -> u64 {
        slot.saturating_mul(u64::from(self.policy.times().slot_len))
    }

    /// The first and the last slot of an order that lie in our key period. Members refuse all others (REL-20): an order over a border
    /// of periods is sent to the gateway of each, and each serves its part (SEA-16). `None`: none of them is ours.
    pub fn own_slots(&self, first: u64, last: u64) -> Option<(u64, u64)> {
        let (period, len) = (self.policy.parts().key.period, u64::from(self.policy.times().slot_len));
        let (first, last) = (first.max(period.from().div_ceil(len)), last.min((period.until() / len).checked_sub(1)?));
        (first <= last).then_some((first, last))
    }

    /// The first and the last slot that this gateway serves of an order that it took in.
    pub fn ends(&self, order: &Order) -> (u64, u64) {
        self.own_slots(order.first_slot, order.last_slot).unwrap_or((order.first_slot, order.last_slot))
    }

    /// When a key for the slot may exist at the earliest: its end and the grace (SEA-42, SEA-67).
    pub fn slot_ripe(&self, slot: u64) -> u64 {
        self.slot_start(slot.saturating_add(1)).saturating_add(self.policy.times().grace)
    }

    /// The last slot of which PUBLIC should have told everything by `now` (decision 0012).
    pub fn last_told(&self, now: u64) -> Option<u64> {
        let times = self.policy.times();
        (now.checked_sub(times.told_by(0))? / u64::from(times.slot_len)).checked_sub(1)
    }

    /// The last slot that is ripe at `now`, if any is.
    pub fn last_ripe(&self, now: u64) -> Option<u64> {
        let len = u64::from(self.policy.times().slot_len);
        (now.checked_sub(self.policy.times().grace)? / len).checked_sub(1)
    }
}

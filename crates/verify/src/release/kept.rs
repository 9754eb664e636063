//! What a member keeps between two bundles (REL-27), as text: heads, used intents, counters, and what each authority still owes.
//!
//! Judging never changes it; it gives [`KeptChange`] values, which the member's program stores durably, in order, before it
//! uses its share. A member without this file is resharded; it never starts from an empty one.

use std::collections::{BTreeMap, BTreeSet};

use seal::digest::hmac_sha256;
use seal::entropy::Entropy;
use seal::merkle::Hash;
use seal::selector::Selector;

use crate::log::origin::Origin;
use crate::names::DirectoryId;
use crate::policy::MemberId;
use crate::record::{Digest, Kind, Parent};

/// The last head seen of one log, with the note that signed it: evidence needs the signature (LOG-87).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptHead {
    pub size: u64,
    pub root: Hash,
    pub note: Vec<u8>,
}

/// What a member remembers of an order it was asked to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// D of its leaf.
    pub d: Digest,
    /// R of its record: what its signer signed. The same order has another leaf in the standby log, or under another r, and one R.
    pub record: Digest,
    /// C_ord: what a notice about it names.
    pub frame: Digest,
    pub kind: Kind,
    pub authority: DirectoryId,
    /// The court that it names, if one took part.
    pub court: Option<DirectoryId>,
    pub unit: DirectoryId,
    /// Unix seconds of the first bundle.
    pub first: u64,
    /// Raised before release, never lowered (REL-23).
    pub identities: u64,
    pub slots: u64,
    /// LOG-47: until when it must be opened or renewed.
    pub deadline: u64,
    /// LOG-52: raised by extensions.
    pub notice_due: u64,
    /// NOT-12: a notice before this is none.
    pub notice_from: u64,
    /// SEA-70: emergencies only.
    pub confirm_due: Option<u64>,
    pub is_released: bool,
    pub is_noticed: bool,
    pub is_opened: bool,
    pub is_confirmed: bool,
}

/// A member's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub(super) member: MemberId,
    /// Makes selectors in the linkage counters unreadable without this file.
    pub(super) link_key: [u8; 32],
    pub(super) stopped: Option<String>,
    pub(super) heads: BTreeMap<Origin, KeptHead>,
    pub(super) used: BTreeSet<Digest>,
    /// UTC day number to identities.
    pub(super) days: BTreeMap<u64, u64>,
    pub(super) orders: BTreeMap<Parent, Account>,
    /// (authority, selector tag, time) to slots.
    pub(super) links: BTreeMap<(DirectoryId, Digest, u64), u64>,
    pub(super) withdrawn: BTreeSet<Parent>,
    pub(super) suspended: BTreeMap<DirectoryId, u64>,
}

/// One durable step. Applying the same one twice changes nothing but counters, which only rise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptChange {
    /// REL-06: before any release.
    Head { origin: Origin, head: KeptHead },
    /// REL-06: two histories of one log. Nothing is released until a person resumes; the evidence is never deleted.
    Stopped { reason: String, evidence: Vec<Vec<u8>> },
    /// What the logs showed about an earlier order.
    Learned { order: Parent, fact: Fact },
    /// SEA-70.
    Suspended { unit: DirectoryId, at: u64 },
    /// REL-15.
    Used { intent: Digest },
    /// REL-23.
    Counted { day: u64, order: Parent, account: Account, links: Vec<(Digest, u64)>, now: u64, identities: u64 },
    /// REL-27: from now on the authority owes notice, opening and, in an emergency, confirmation.
    Released { order: Parent },
    /// REL-25, and for refusals: one line of the member's own log.
    Audit { line: String },
}

/// What a leaf or statement says about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Noticed,
    Extended { notice_due: u64 },
    Confirmed,
    Withdrawn,
    Opened,
    Renewed { deadline: u64 },
}

impl Kept {
    /// The state of a member that just took its share in a ceremony. Never again after that (REL-27).
    pub fn at_ceremony(member: MemberId, entropy: &mut dyn Entropy) -> Kept {
        let mut link_key = [0u8; 32];
        entropy.fill(&mut link_key);
        Kept { link_key, ..Kept::nobody(member) }
    }

    /// The state of somebody who never saw a bundle: verifiers offline (REL-35).
    pub(super) fn nobody(member: MemberId) -> Kept {
        Kept {
            member,
            link_key: [0; 32],
            stopped: None,
            heads: BTreeMap::new(),
            used: BTreeSet::new(),
            days: BTreeMap::new(),
            orders: BTreeMap::new(),
            links: BTreeMap::new(),
            withdrawn: BTreeSet::new(),
            suspended: BTreeMap::new(),
        }
    }

    pub fn member(&self) -> MemberId {
        self.member
    }

    /// The stored heads: what a gateway must prove consistency from.
    pub fn heads(&self) -> impl Iterator<Item = (&Origin, &KeptHead)> {
        self.heads.iter()
    }

    /// Why nothing is released, if so.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// A person has looked at the evidence.
    pub fn resume(&mut self) {
        self.stopped = None;
    }

    pub fn account(&self, order: &Parent) -> Option<&Account> {
        self.orders.get(order)
    }

    /// Every account of the order with this R: one for each leaf that it was logged under.
    pub(super) fn accounts_of<'k>(&'k self, record: &'k Digest) -> impl Iterator<Item = &'k Account> {
        self.orders.values().filter(move |account| account.record == *record)
    }

    pub fn accounts(&self) -> impl Iterator<Item = (&Parent, &Account)> {
        self.orders.iter()
    }

    /// The name of a selector in the linkage counters of one authority.
    pub(super) fn link_tag(&self, authority: &DirectoryId, selector: &Selector) -> Digest {
        let len = (authority.as_str().len() as u16).to_be_bytes();
        let parts = [&len[..], authority.as_str().as_bytes(), &[selector.sel_type()], selector.as_bytes()];
        hmac_sha256(&self.link_key, &parts)
    }

    /// Makes one change. What the file holds afterwards is `to_bytes`.
    pub fn apply(&mut self, change: &KeptChange) {
        match change {
            KeptChange::Head { origin, head } => {
                // LOG-59 for members: a smaller head never replaces a larger one, whatever order changes are replayed in.
                if self.heads.get(origin).is_none_or(|kept| kept.size <= head.size) {
                    self.heads.insert(origin.clone(), head.clone());
                }
            }
            KeptChange::Stopped { reason, .. } => self.stopped = Some(reason.clone()),
            KeptChange::Learned { order, fact } => self.learn(order, *fact),
            KeptChange::Suspended { unit, at } => {
                let since = self.suspended.entry(unit.clone()).or_insert(*at);
                *since = (*since).max(*at);
            }
            KeptChange::Used { intent } => drop(self.used.insert(*intent)),
            KeptChange::Counted { day, order, account, links, now, identities } => {
                *self.days.entry(*day).or_insert(0) += identities;
                self.orders.insert(*order, account.clone());
                for (tag, slots) in links {
                    *self.links.entry((account.authority.clone(), *tag, *now)).or_insert(0) += slots;
                }
            }
            KeptChange::Released { order } => {
                if let Some(account) = self.orders.get_mut(order) {
                    account.is_released = true;
                }
            }
            KeptChange::Audit { .. } => {}
        }
    }

    fn learn(&mut self, order: &Parent, fact: Fact) {
        if fact == Fact::Withdrawn {
            self.withdrawn.insert(*order);
        }
        let Some(record) = self.orders.get(order).map(|account| account.record) else { return };
        for (place, account) in self.orders.iter_mut().filter(|(_, account)| account.record == record) {
            match fact {
                // About the order, whichever of its leaves the fact hangs on.
                Fact::Noticed => account.is_noticed = true,
                Fact::Extended { notice_due } => account.notice_due = account.notice_due.max(notice_due),
                Fact::Confirmed => account.is_confirmed = true,
                // About this leaf: the other one is as sealed as it was.
                Fact::Opened if place == order => account.is_opened = true,
                Fact::Renewed { deadline } if place == order => account.deadline = account.deadline.max(deadline),
                Fact::Opened | Fact::Renewed { .. } | Fact::Withdrawn => {}
            }
        }
    }

    /// Forgets counters that no window reaches any more. Heads, used intents and debts are never forgotten.
    pub fn prune(&mut self, now: u64, window: u64) {
        let oldest = now.saturating_sub(window);
        self.links.retain(|(_, _, time), _| oldest <= *time);
        self.days.retain(|day, _| oldest / 86_400 <= *day);
    }
}

//! What a leaf that hangs on an order says about it, and whether it may (LOG-43, LOG-50, NOT-12). Kinds 4, 5, 9 and 10.

use super::chain::Heads;
use super::kept::{Account, Fact};
use crate::bundle::RelatedPart;
use crate::calendar::Day;
use crate::names::DirectoryId;
use crate::policy::{Policy, Role};
use crate::record::{Digest, Kind, Parent, Record, SignedRecord};

/// LOG-43: a related leaf that is in the log and signed by who signs its kind, and what it says about which order.
pub(super) fn related_fact(policy: &Policy, heads: &Heads, part: &RelatedPart, now: u64) -> Option<(Parent, Fact)> {
    if !heads.orders_holds(part.record.leaf_hash(), &part.place) {
        return None;
    }
    related_says(policy, &part.record, now)
}

/// LOG-43: what a record of kind 4, 5, 9 or 10 says about which order, if who signs its kind signed it and was in force. Whether it
/// is in the log is asked apart, and so is whether that order hears it ([`HangsOn::hears`]).
pub fn related_says(policy: &Policy, signed: &SignedRecord, now: u64) -> Option<(Parent, Fact)> {
    let record = signed.record();
    if record.provider() != Some(policy.parts().provider) {
        return None;
    }
    let court = || record.court().and_then(|id| policy.authority(id)).filter(|e| e.role == Role::Court);
    let authority = || record.authority().and_then(|id| policy.authority(id));
    let (signer, fact) = match record.kind() {
        Kind::Extension => (court(), Fact::Extended { notice_due: record.notice_due()? }),
        Kind::Confirmation => (court(), Fact::Confirmed),
        Kind::Withdrawal if record.court().is_some() => (court(), Fact::Withdrawn),
        Kind::Withdrawal => (authority(), Fact::Withdrawn),
        Kind::Notice => (authority(), Fact::Noticed),
        _ => return None,
    };
    // The leaf has no time of its own; an office that had not begun by now cannot have signed it. A withdrawal takes away, so that
    // it need not wait for a new key's time (T9).
    let waiting = if record.kind() == Kind::Withdrawal { 0 } else { policy.times().key_waiting };
    let signer = signer.filter(|e| e.in_force.from().saturating_add(waiting) <= now)?;
    signed.verify_native(signer.key.key()).ok()?;
    Some((record.parent()?, fact))
}

/// What of an order decides whether a related leaf is about it.
#[derive(Clone, Copy, Debug)]
pub struct HangsOn<'a> {
    authority: Option<&'a DirectoryId>,
    court: Option<&'a DirectoryId>,
    /// C_ord.
    frame: Option<Digest>,
    /// NOT-12.
    notice_from: u64,
    /// When it was first seen, if it was.
    first: Option<u64>,
}

/// What an order makes of a related leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It counts, as far as it may.
    Fact(Fact),
    /// NOT-12: no notice yet. It is not counted; the authority gives one when it is due.
    TooEarly,
    /// LOG-43: of a court whose office was over when the order was seen. It is not counted: a key that is over gives nothing more.
    OfficeOver,
    /// It is about another order, by its authority, its court or its C_ord.
    OfAnother,
}

impl<'a> HangsOn<'a> {
    /// An order that is at hand.
    pub fn record(record: &'a Record) -> HangsOn<'a> {
        let due = record.notice_due().unwrap_or(u64::MAX);
        let notice_from = Day::containing(due).quarter_begins().start();
        HangsOn { authority: record.authority(), court: record.court(), frame: record.order_frame(), notice_from, first: None }
    }

    /// First seen at this time.
    pub fn since(self, first: u64) -> HangsOn<'a> {
        HangsOn { first: Some(first), ..self }
    }

    pub(super) fn account(account: &'a Account) -> HangsOn<'a> {
        HangsOn {
            authority: Some(&account.authority),
            court: account.court.as_ref(),
            frame: Some(account.frame),
            notice_from: account.notice_from,
            first: Some(account.first),
        }
    }

    /// One authority says nothing about another one's order, one court nothing about what another court ordered, and a notice is about
    /// the order whose C_ord it names.
    pub fn hears(&self, policy: &Policy, related: &Record, fact: Fact, now: u64) -> Heard {
        let by_its_court = self.court.is_none() || related.court() == self.court;
        let seen = self.first.unwrap_or(now);
        let lasted = related.court().and_then(|court| policy.authority(court)).is_some_and(|office| seen < office.in_force.until());
        let is_about = match fact {
            Fact::Noticed => related.order_frame() == self.frame,
            Fact::Extended { .. } | Fact::Confirmed => by_its_court,
            // It only takes away: any court may.
            _ => true,
        };
        if related.authority() != self.authority || !is_about {
            return Heard::OfAnother;
        }
        match fact {
            Fact::Extended { .. } | Fact::Confirmed if !lasted => Heard::OfficeOver,
            Fact::Noticed if now < self.notice_from => Heard::TooEarly,
            // LOG-50, NOT-04: no extension reaches further than renewing may.
            Fact::Extended { notice_due } => {
                let last = seen.saturating_add(policy.times().max_total_seal);
                Heard::Fact(Fact::Extended { notice_due: notice_due.min(last) })
            }
            fact => Heard::Fact(fact),
        }
    }
}

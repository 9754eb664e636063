//! Records that answer for a leaf (LOG-47): kept from before the leaf can be sent until PUBLIC shows it opened.
//!
//! A leaf says nothing by itself; who has its record can open it, and nobody else can. So the record is written in the transaction
//! of the state that sends it, and outlives the state: cases drop intents, releases and receipts when they are delivered.

use super::octets::Octets;
use super::state::{Case, Mandate};
use verify::intent::IntentDocument;
use verify::order::OrderDocument;
use verify::record::SignedRecord;

/// The signed record of an order, of an intent, or of itself. What does not parse has no D, so no leaf of it can have been sent.
pub fn record_of(document: &[u8]) -> Option<SignedRecord> {
    if let Ok(order) = OrderDocument::parse(document) {
        return Some(order.record().clone());
    }
    if let Ok(intent) = IntentDocument::parse(document) {
        return Some(intent.record().clone());
    }
    SignedRecord::parse(document).ok()
}

impl Case {
    /// Every signed document of this state whose leaf is in ORDERS, or may be as soon as the state is stored.
    pub fn signed(&self) -> Vec<&Octets> {
        let mut found = vec![&self.file().order];
        if let Some(Mandate { owed, withdrawal, .. }) = self.mandate() {
            found.extend(owed);
            found.extend(withdrawal);
        }
        match self {
            Case::Intended(s) => found.push(&s.intent),
            Case::Soaking(s) => found.push(&s.intended.intent),
            Case::Asking(s) => found.push(&s.soaked.intended.intent),
            Case::Opening(s) => found.push(&s.asked.soaked.intended.intent),
            Case::AwaitingRelease(s) => found.push(&s.asked.soaked.intended.intent),
            Case::Packing(s) => found.push(&s.asked.soaked.intended.intent),
            Case::Delivering(s) => found.extend([&s.release, &s.receipt]),
            Case::Reporting(s) => found.extend(&s.leaves.records),
            Case::Closing(s) => found.extend(&s.leaves.records),
            Case::Closed(s) => found.extend(&s.leaves.records),
            Case::Received(_) | Case::Submitted(_) | Case::AwaitingApproval(_) => {}
            Case::Announcing(s) => {
                found.push(&s.made.outcome);
                found.extend(s.before.iter().map(|before| &before.made.outcome));
            }
            Case::Preserved(s) => found.push(&s.hold.made.outcome),
            Case::Standing(_) | Case::Preserving(_) | Case::Drafting(_) | Case::Halted(_) => {}
        }
        found
    }
}

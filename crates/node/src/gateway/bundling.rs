//! Which statements of PUBLIC bear on a batch: for the bundle that trustees judge, and for the opening itself.

use super::public_view::{EpochStatements, Incomplete, PublicView, SlotStatements};
use super::work::Fault;
use crate::cases::state::{Batch, ShownHold};
use std::collections::{BTreeMap, BTreeSet};
use verify::bundle::{HoldPart, Place};
use verify::intent::IntentDocument;
use verify::log::proof::TlogProof;
use verify::order::OrderDocument;
use verify::policy::Policy;
use verify::record::SignedRecord;

/// The statements of every slot that the intent asks for: its `slot-close`, all epochs of its interval, and the late epochs
/// that the intent names. A late epoch closed after the intent was drawn is not part of it.
pub fn slots(
    policy: &Policy,
    view: &PublicView,
    intent: &IntentDocument,
    batch: Batch,
    limit: u64,
) -> Result<Vec<SlotStatements>, Incomplete> {
    let slots: BTreeSet<u64> = intent.identities().iter().map(|row| row.slot.no()).collect();
    let release: BTreeSet<[u8; 32]> = intent.release().iter().copied().collect();
    let len = u64::from(policy.times().slot_len);
    let mut out = Vec::with_capacity(slots.len());
    for slot in slots.into_iter().filter(|slot| (batch.first_slot..=batch.last_slot).contains(slot)) {
        let mut found = view.slot(len, slot, limit)?;
        found.late.retain(|late: &EpochStatements| release.contains(&late.segment.says.digest()));
        out.push(found);
    }
    Ok(out)
}

/// A hold for the bundle, with the places of its two leaves.
pub fn hold(shown: &ShownHold, order_place: Place, outcome_place: Place) -> Result<HoldPart, Fault> {
    let fault = |error: &dyn std::fmt::Display| Fault(error.to_string());
    let made = &shown.hold.made;
    Ok(HoldPart {
        order: OrderDocument::parse(&shown.order.0).map_err(|error| fault(&error))?,
        order_place,
        logged: TlogProof::parse(&shown.order_proof.0).map_err(|error| fault(&error))?,
        outcome: SignedRecord::parse(&made.outcome.0).map_err(|error| fault(&error))?,
        outcome_place,
        expiry: made.expires_at,
        copied: made.copied,
    })
}

/// Every entry that the judgement needs, by index: policy and ceremonies, salt maps of the days used, and what bears on the slots.
pub fn entries(
    policy: &Policy,
    view: &PublicView,
    intent: &IntentDocument,
    batch: Batch,
    limit: u64,
) -> Result<BTreeMap<u64, Vec<u8>>, Incomplete> {
    let mut entries: BTreeMap<u64, Vec<u8>> = view.foundations(policy, limit).into_iter().collect();
    for slot in slots(policy, view, intent, batch, limit)? {
        entries.insert(slot.close.index, slot.close.entry);
        for epoch in slot.epochs.into_iter().chain(slot.late) {
            entries.insert(epoch.epoch.index, epoch.epoch.entry);
            entries.insert(epoch.segment.index, epoch.segment.entry);
        }
    }
    for row in intent.salts() {
        entries.extend(view.salt_maps(row.day, limit).map(|map| (map.index, map.entry.clone())));
    }
    Ok(entries)
}

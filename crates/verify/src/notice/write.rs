//! Making a notice out of what the authority has: its order, the intents under it, and their log proofs.

use std::collections::BTreeMap;

use seal::merkle;
use seal::selector::Selector;

use super::check::{NEVER_SHOWN, NoticeError};
use super::{FrameField, IntentPart, Notice, OwnIdentity, Proven};
use crate::calendar::Day;
use crate::intent::{IntentDocument, identity_leaf};
use crate::log::proof::TlogProof;
use crate::order::{OrderDocument, ScopeItem, frame_field_digest, frame_values};
use crate::policy::Policy;
use crate::record::Digest;

/// Frame fields that every letter shows; categories and period of the whole order may be about others.
const SHOWN: [u16; 6] = [1, 2, 3, 4, 5, 10];
/// Record fields that the opened order leaf shows in a letter.
const ORDER_SHOWN: [u8; 7] = [1, 5, 12, 16, 18, 19, 23];
const INTENT_SHOWN: [u8; 5] = [1, 5, 15, 18, 25];
const FRAME_SELECTOR: u16 = 0x100;

/// What a notice is made of.
pub struct NoticeParts<'a> {
    pub policy: &'a Policy,
    pub order: &'a OrderDocument,
    pub order_proof: TlogProof,
    pub intents: Vec<(&'a IntentDocument, TlogProof)>,
    /// The person's own; everything else in the order is withheld.
    pub selectors: Vec<Selector>,
    /// Frame fields that the law withholds besides (NOT-11).
    pub withheld: Vec<u16>,
    pub remedies: String,
}

impl NoticeParts<'_> {
    /// NOT-12: not before the quarter in which it is due.
    pub fn draft(self, now: u64) -> Result<Notice, NoticeError> {
        let record = self.order.record().record();
        let due = record.notice_due().and_then(|due| Day::containing(due).quarter());
        if Day::containing(now).quarter() < due {
            return Err(NoticeError::BeforeDue);
        }
        let scope = self.scope();
        if scope.is_empty() {
            return Err(NoticeError::Empty);
        }
        let hide = |shown: &[u8]| -> Vec<u8> { (1..=25).filter(|id| !shown.contains(id) || NEVER_SHOWN.contains(id)).collect() };
        let intents = self.intents.iter().map(|(intent, proof)| {
            let opening = intent.record().opening(&hide(&INTENT_SHOWN));
            Ok(IntentPart { opening, proof: proof.clone(), identities: self.identities(intent)? })
        });
        let intents = intents.collect::<Result<Vec<_>, NoticeError>>()?;
        Ok(Notice {
            provider_name: self.policy.parts().provider_name.clone(),
            key_id: self.policy.key_id().0,
            order: self.order.record().opening(&hide(&ORDER_SHOWN)),
            order_proof: self.order_proof.clone(),
            rho: *self.order.frame_salts().0,
            frame: self.frame(),
            scope,
            intents,
            remedies: self.remedies,
        })
    }

    fn frame(&self) -> BTreeMap<u16, FrameField> {
        let values = frame_values(self.order.record().record(), self.order.scope());
        let own: Vec<Vec<u8>> =
            self.selectors.iter().map(|selector| crate::record::Value::Selectors(vec![selector.clone()]).to_bytes()).collect();
        let field = |(number, value): (u16, Vec<u8>)| {
            let eta = *self.order.frame_salts().1.get(&number)?;
            let may = if number < FRAME_SELECTOR { SHOWN.contains(&number) } else { own.contains(&value) };
            let field = if may && !self.withheld.contains(&number) {
                FrameField::Shown { eta, value }
            } else {
                FrameField::Withheld(frame_field_digest(&eta, number, &value))
            };
            Some((number, field))
        };
        values.into_iter().filter_map(field).collect()
    }

    fn scope(&self) -> Vec<Proven<ScopeItem>> {
        let items = self.order.scope().salted();
        let own = items.iter().enumerate().filter(|(_, (_, item))| self.selectors.contains(item.selector()));
        let proven = own.map(|(position, (eta, item))| Proven {
            eta: *eta,
            index: position as u64,
            size: items.len() as u64,
            path: self.order.scope().path(position),
            leaf: item.clone(),
        });
        proven.collect()
    }

    fn identities(&self, intent: &IntentDocument) -> Result<Vec<Proven<OwnIdentity>>, NoticeError> {
        let not_of = NoticeError::NotOfOrder { what: "an intent" };
        let derived = intent.derive(self.policy.key_id()).map_err(|_| not_of.clone())?;
        let rows = intent.identities();
        let hashes: Vec<Digest> =
            rows.iter().zip(&derived).map(|(row, identity)| merkle::leaf_hash(&identity_leaf(&row.eta, identity))).collect();
        let mut own = Vec::new();
        for (position, row) in rows.iter().enumerate().filter(|(_, row)| self.selectors.contains(&row.selector)) {
            let (len, no) = (row.slot.len(), row.slot.no());
            let item = ScopeItem::new(row.selector.clone(), row.category, len, no, no).ok_or(not_of.clone())?;
            own.push(Proven {
                eta: row.eta,
                index: position as u64,
                size: rows.len() as u64,
                path: merkle::inclusion_path(&hashes, position),
                leaf: OwnIdentity { salt: row.salt, item },
            });
        }
        Ok(own)
    }
}

//! Making the intent of a batch: salts and their proofs from the vault, segments from PUBLIC, everything older than an anchor.

use super::Live;
use crate::cases::Octets;
use crate::cases::state::{Batch, Logged};
use crate::gateway::papers::{Order, parse_order, place};
use crate::gateway::public_view::{PublicView, SlotStatements};
use crate::gateway::work::{Done, Fault};
use crate::log::client::Head;
use seal::entropy::SystemEntropy;
use seal::identity::{Category, Salt, Slot};
use seal::salt_map::{SaltProof, SaltRoot};
use seal::secret::Secret;
use seal::selector::Selector;
use std::collections::{BTreeMap, BTreeSet};
use verify::calendar::Day;
use verify::intent::{IntentDocument, IntentTerms, SaltRow};

/// What the vault says of a selector on a day, against one published map of that day.
pub enum Salted {
    Present { salt: Salt, proof: SaltProof, day_secret: Secret<32> },
    Absent { proof: SaltProof, day_secret: Secret<32> },
}

/// The provider's salts. `None`: nothing can be proven against this map (it is of another state of the vault).
pub trait Salts {
    fn salt(&self, day: Day, selector: &Selector, map: &SaltRoot) -> Result<Option<Salted>, Fault>;
}

/// What a batch asks for, as far as it exists.
#[derive(Default)]
struct Asked {
    identities: Vec<(Salt, Category, Slot, Selector)>,
    rows: Vec<SaltRow>,
    days: BTreeMap<Day, [u8; 32]>,
}

impl Live {
    pub(super) async fn draft(&self, order: &Octets, leaf: &Logged, batch: Batch) -> Result<Done, Fault> {
        let order = parse_order(&order.0).map_err(|error| Fault(error.to_string()))?;
        let anchor = self.logs.anchor(&self.rules).await?;
        let limit = Head::parse(&anchor.public.0)?.size;
        self.logs.follow(&self.rules).await?;
        let view = self.logs.view.lock().await;
        let asked = self.salted(&order, batch, &view, limit)?;
        if asked.identities.is_empty() {
            return Ok(Done::NothingThere);
        }
        let release = self.release_set(&asked, &view, limit)?;
        drop(view);
        let terms = IntentTerms {
            provider: self.rules.policy.parts().provider,
            authority: order.authority.clone(),
            order: place(leaf),
            key_id: self.rules.policy.key_id(),
            identities: asked.identities,
            release,
            days: asked.days,
            salts: asked.rows,
        };
        let intent = IntentDocument::draw(terms, &self.rules.signer, &mut SystemEntropy).map_err(|error| Fault(error.to_string()))?;
        Ok(Done::Drafted { intent: Octets(intent.to_bytes()), anchor })
    }

    /// Looks up every ordered (selector, category, slot) of the batch; each (day, selector) once.
    fn salted(&self, order: &Order, batch: Batch, view: &PublicView, limit: u64) -> Result<Asked, Fault> {
        let mut known: BTreeMap<(Day, Selector), Option<Salt>> = BTreeMap::new();
        let mut asked = Asked::default();
        for item in order.document.scope().items() {
            for number in item.first().max(batch.first_slot)..=item.last().min(batch.last_slot) {
                let slot = Slot::new(item.slot_len(), number).map_err(|error| Fault(error.to_string()))?;
                let day = Day::containing(slot.start());
                let place = (day, item.selector().clone());
                let salt = match known.get(&place) {
                    Some(salt) => *salt,
                    None => {
                        let salt = self.salt(day, item.selector(), view, limit, &mut asked)?;
                        known.insert(place, salt);
                        salt
                    }
                };
                if let Some(salt) = salt {
                    asked.identities.push((salt, item.category(), slot, item.selector().clone()));
                }
            }
        }
        Ok(asked)
    }

    fn salt(&self, day: Day, selector: &Selector, view: &PublicView, limit: u64, asked: &mut Asked) -> Result<Option<Salt>, Fault> {
        if !selector.needs_salt() {
            return Ok(Some(Salt::ZERO));
        }
        let last_segment = view.last_segment_of(day, limit);
        for map in view.salt_maps(day, limit).collect::<Vec<_>>().into_iter().rev() {
            let root = SaltRoot { root: map.says.root, count: map.says.leaves };
            let (salt, proof, secret) = match self.provider.salt(day, selector, &root)? {
                Some(Salted::Present { salt, proof, day_secret }) => (Some(salt), proof, day_secret),
                // REL-19: a map that is older than the day's last segment may lack a newcomer, so it proves no absence.
                Some(Salted::Absent { proof, day_secret }) if last_segment.is_none_or(|last| last < map.index) => (None, proof, day_secret),
                _ => continue,
            };
            secret.expose(|secret| asked.days.insert(day, *secret));
            asked.rows.push(SaltRow { day, selector: selector.clone(), proof });
            return Ok(salt);
        }
        Err(Fault(format!("no published salt map of {day} says anything of an ordered selector yet")))
    }

    /// REL-15: the segments of every epoch shown that takes a slot asked for.
    fn release_set(&self, asked: &Asked, view: &PublicView, limit: u64) -> Result<BTreeSet<[u8; 32]>, Fault> {
        let len = u64::from(self.rules.policy.times().slot_len);
        let slots: BTreeSet<Slot> = asked.identities.iter().map(|(_, _, slot, _)| *slot).collect();
        let mut release = BTreeSet::new();
        for slot in &slots {
            let SlotStatements { epochs, late, .. } = view.slot(len, slot.no(), limit).map_err(|error| Fault(error.to_string()))?;
            for found in epochs.iter().chain(&late) {
                if slots.iter().any(|slot| found.epoch.says.admits(*slot).is_ok()) {
                    release.insert(found.segment.says.digest());
                }
            }
        }
        Ok(release)
    }
}

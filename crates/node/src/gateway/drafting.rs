//! Drawing the intent of a batch: salts and their proofs from the provider, segments from PUBLIC, everything below `limit`, the size
//! of the PUBLIC head that is older than the intent. Pure over view and salts; `live` and the fault matrix call the same.

use super::papers::{Order, place};
use super::public_view::{PublicView, SlotStatements};
use super::rules::Rules;
use super::work::Fault;
use crate::cases::state::{Batch, Logged};
use seal::entropy::Entropy;
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

/// Where everything is looked up.
pub struct Sources<'a> {
    pub rules: &'a Rules,
    pub view: &'a PublicView,
    /// Only leaves below it count.
    pub limit: u64,
    pub salts: &'a dyn Salts,
}

/// The intent of a batch. `None`: no ordered selector exists on any of its days, there is nothing to ask for.
pub fn draw(
    sources: &Sources<'_>,
    order: &Order,
    leaf: &Logged,
    batch: Batch,
    entropy: &mut dyn Entropy,
) -> Result<Option<IntentDocument>, Fault> {
    let asked = sources.salted(order, batch)?;
    if asked.identities.is_empty() {
        return Ok(None);
    }
    let release = sources.release_set(&asked)?;
    let terms = IntentTerms {
        provider: sources.rules.policy.parts().provider,
        authority: order.authority.clone(),
        order: place(leaf),
        key_id: sources.rules.policy.key_id(),
        identities: asked.identities,
        release,
        days: asked.days,
        salts: asked.rows,
    };
    IntentDocument::draw(terms, &sources.rules.signer, entropy).map(Some).map_err(|error| Fault(error.to_string()))
}

impl Sources<'_> {
    /// Looks up every ordered (selector, category, slot) of the batch; each (day, selector) once.
    fn salted(&self, order: &Order, batch: Batch) -> Result<Asked, Fault> {
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
                        let salt = self.salt(day, item.selector(), &mut asked)?;
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

    fn salt(&self, day: Day, selector: &Selector, asked: &mut Asked) -> Result<Option<Salt>, Fault> {
        if !selector.needs_salt() {
            return Ok(Some(Salt::ZERO));
        }
        let last_segment = self.view.last_segment_of(day, self.limit);
        for map in self.view.salt_maps(day, self.limit).collect::<Vec<_>>().into_iter().rev() {
            let root = SaltRoot { root: map.says.root, count: map.says.leaves };
            let (salt, proof, secret) = match self.salts.salt(day, selector, &root)? {
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
    fn release_set(&self, asked: &Asked) -> Result<BTreeSet<[u8; 32]>, Fault> {
        let len = u64::from(self.rules.policy.times().slot_len);
        let slots: BTreeSet<Slot> = asked.identities.iter().map(|(_, _, slot, _)| *slot).collect();
        let mut release = BTreeSet::new();
        for slot in &slots {
            let SlotStatements { epochs, late, .. } =
                self.view.slot(len, slot.no(), self.limit).map_err(|error| Fault(error.to_string()))?;
            for found in epochs.iter().chain(&late) {
                if slots.iter().any(|slot| found.epoch.says.admits(*slot).is_ok()) {
                    release.insert(found.segment.says.digest());
                }
            }
        }
        Ok(release)
    }
}

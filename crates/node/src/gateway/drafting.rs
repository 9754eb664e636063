//! Drawing the intent of a batch: salts and their proofs from the provider, segments from PUBLIC, everything below `limit`, the size
//! of the PUBLIC head that is older than the intent. Pure over view and salts; `live` and the fault matrix call the same.

use super::papers::{Order, place};
use super::public_view::{Placed, PublicView, SlotStatements};
use super::rules::Rules;
use super::work::Fault;
use crate::cases::state::{Anchor, Batch, Logged};
use seal::entropy::Entropy;
use seal::identity::{Category, Salt, Slot};
use seal::salt_map::{SaltProof, SaltRoot};
use seal::secret::Secret;
use seal::selector::Selector;
use std::collections::{BTreeMap, BTreeSet};
use verify::calendar::Day;
use verify::intent::{IntentDocument, IntentTerms, SaltRow};
use verify::statement::SaltMapRoot;

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

impl Asked {
    /// One proof may serve past and later slots.
    fn note(&mut self, day: Day, selector: &Selector, proof: SaltProof, secret: &Secret<32>) {
        secret.expose(|secret| self.days.insert(day, *secret));
        let row = SaltRow { day, selector: selector.clone(), proof };
        if !self.rows.contains(&row) {
            self.rows.push(row);
        }
    }
}

/// What there was before the order: the size of PUBLIC, and until when ORDERS had no such leaf (decision 0012).
#[derive(Clone, Copy, Debug)]
pub struct BeforeOrder {
    size: u64,
    until: u64,
}

impl BeforeOrder {
    pub fn of(rules: &Rules, order: &Order, anchor: &Anchor) -> Result<BeforeOrder, Fault> {
        let fault = |error: verify::log::Refusal| Fault(error.to_string());
        let public = rules.policy.public().check(&anchor.public.0, None).map_err(fault)?;
        let orders = rules.policy.orders().check(&anchor.orders.0, None).map_err(fault)?;
        Ok(BeforeOrder { size: public.head().size, until: orders.not_before().max(order.validity.0) })
    }
}

/// Where everything is looked up.
pub struct Sources<'a> {
    pub rules: &'a Rules,
    pub view: &'a PublicView,
    /// Only leaves below it count.
    pub limit: u64,
    pub before: BeforeOrder,
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
        let mut ordered: BTreeMap<(Day, Selector), BTreeSet<(Slot, Category)>> = BTreeMap::new();
        for item in order.document.scope().items() {
            for number in item.first().max(batch.first_slot)..=item.last().min(batch.last_slot) {
                let slot = Slot::new(item.slot_len(), number).map_err(|error| Fault(error.to_string()))?;
                let place = (Day::containing(slot.start()), item.selector().clone());
                ordered.entry(place).or_default().insert((slot, item.category()));
            }
        }
        let mut asked = Asked::default();
        for ((day, selector), places) in ordered {
            let slots: BTreeSet<Slot> = places.iter().map(|(slot, _)| *slot).collect();
            let Some(salt) = self.salt(day, &selector, &slots, &mut asked)? else { continue };
            asked.identities.extend(places.into_iter().map(|(slot, category)| (salt, category, slot, selector.clone())));
        }
        Ok(asked)
    }

    /// The salt of a selector on a day, with the proofs that trustees want to see for these slots (REL-19).
    fn salt(&self, day: Day, selector: &Selector, slots: &BTreeSet<Slot>, asked: &mut Asked) -> Result<Option<Salt>, Fault> {
        if !selector.needs_salt() {
            return Ok(Some(Salt::ZERO));
        }
        let maps: Vec<&Placed<SaltMapRoot>> = self.view.salt_maps(day, self.limit).collect();
        let say = |map: &Placed<SaltMapRoot>| {
            let answer = self.salts.salt(day, selector, &SaltRoot { root: map.says.root, count: map.says.leaves })?;
            Ok::<_, Fault>(answer.map(|said| (map.index, said)))
        };
        let newest = |before: u64| maps.iter().rev().filter(move |map| map.index < before).find_map(|map| say(map).transpose()).transpose();
        let nothing = || Fault(format!("no published salt map of {day} is such that it says anything of an ordered selector yet"));
        let (past, later): (Vec<Slot>, Vec<Slot>) = slots.iter().partition(|slot| self.is_past(**slot));
        // The newest map of all is asked first, for two holders stand in no older one.
        let (placed, now) = newest(self.limit)?.ok_or_else(nothing)?;
        // GWY-36: who became known by a late record stands in the next map, and that is waited for.
        let shown = slots.iter().filter_map(|slot| self.view.last_segment_for(*slot, self.limit, |_| true)).max();
        if matches!(now, Salted::Absent { .. }) && shown.is_some_and(|last| placed < last) {
            return Err(nothing());
        }
        let then = newest(self.before.size)?;
        let mut absences: Vec<&[Slot]> = Vec::new();
        let salt = match (now, then) {
            (Salted::Present { salt, .. }, Some((_, Salted::Present { salt: old, proof, day_secret }))) if salt == old => {
                asked.note(day, selector, proof, &day_secret);
                Some(salt)
            }
            // Known only since the order: trustees want to see that it was unknown before.
            (Salted::Present { salt, proof, day_secret }, _) => {
                asked.note(day, selector, proof, &day_secret);
                absences.push(&past);
                Some(salt)
            }
            (Salted::Absent { .. }, _) => {
                absences.extend([&past[..], &later[..]]);
                None
            }
        };
        for slots in absences.into_iter().filter(|slots| !slots.is_empty()) {
            let (before, behind) = self.window(slots);
            let (proof, secret) = match newest(before)? {
                Some((index, Salted::Absent { proof, day_secret })) if behind.is_none_or(|last| last < index) => (proof, day_secret),
                _ => return Err(nothing()),
            };
            asked.note(day, selector, proof, &secret);
        }
        Ok(salt)
    }

    fn is_past(&self, slot: Slot) -> bool {
        self.rules.policy.times().told_by(slot.end()) <= self.before.until
    }

    /// Where in PUBLIC a map has to stand to say that somebody was unknown in these slots, all past or all later: below the one place,
    /// behind the other.
    fn window(&self, slots: &[Slot]) -> (u64, Option<u64>) {
        let is_past = slots.iter().all(|slot| self.is_past(*slot));
        let before = if is_past { self.before.size } else { self.limit };
        let told = |slot: Slot, end: u64| is_past && self.is_past(Slot::containing(slot.len(), end.saturating_sub(1)));
        let last = |slot: &Slot| self.view.last_segment_for(*slot, self.limit, |end| told(*slot, end));
        (before, slots.iter().filter_map(last).max())
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

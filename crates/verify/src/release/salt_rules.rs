//! REL-19: under which salts the records of the named persons lie, as it was told before anybody could have known whom to hide.

use std::collections::{BTreeMap, BTreeSet};

use seal::identity::{Identity, Salt, Slot};
use seal::salt_map::{SaltProof, SaltRoot};
use seal::secret::Secret;
use seal::selector::Selector;

use super::chain::{Case, Heads, Passed};
use super::intent_rules::Derived;
use super::refusal::Refusal;
use crate::calendar::Day;
use crate::intent::SaltRow;
use crate::statement::Statement;

/// REL-19 Each salt is proven by a salt map of its day that stood in PUBLIC before the order (later slots: before the intent), or
/// the person is shown to have been unknown by then (decision 0014).
pub fn rel_19<'a>(passed: Passed<'a, 18, Derived<'a>>) -> Result<Passed<'a, 19, Derived<'a>>, Refusal> {
    let mut passed = passed;
    if passed.case.is_verifier() && passed.case.bundle.intent.salts().is_empty() {
        passed.case.not_carried.insert(19);
        return Ok(passed.then(|facts| facts));
    }
    let (case, facts) = (&passed.case, &passed.facts);
    case.bundle.intent.check_salts().map_err(|_| Refusal::SaltNotProven)?;
    let asked = salts_asked(&facts.identities)?;
    let said = Said::of(case, facts, &asked)?;
    let mut young = BTreeSet::new();
    for identity in facts.identities.iter().filter(|id| id.selector().needs_salt()) {
        let place = place_of(identity);
        let known = said.present.get(&place).ok_or(Refusal::SaltNotProven)?;
        let slot = identity.slot();
        match facts.in_time.size_before(case, slot) {
            Some(before) if known.iter().any(|at| *at < before) => continue,
            // First known later, as a number that was registered after the order. Whoever was known before must not get a second salt.
            Some(_) if !said.was_unknown(case, facts, place, slot) => return Err(Refusal::SaltMapYoung { slot: slot.start() }),
            _ => young.insert(slot),
        };
    }
    for place in said.absent.keys() {
        for slot in not_asked(facts, *place) {
            match facts.in_time.size_before(case, slot) {
                Some(_) if !said.was_unknown(case, facts, *place, slot) => return Err(Refusal::SaltMapYoung { slot: slot.start() }),
                Some(_) => {}
                None => drop(young.insert(slot)),
            }
        }
    }
    passed.case.young_salts = Some(young);
    Ok(passed.then(|facts| facts))
}

/// A selector on a day.
type Place<'a> = (Day, &'a Selector);

fn place_of(identity: &Identity) -> Place<'_> {
    (Day::containing(identity.slot().start()), identity.selector())
}

/// One salt for each selector and day: one row of an intent proves one.
fn salts_asked(identities: &[Identity]) -> Result<BTreeMap<Place<'_>, Salt>, Refusal> {
    let mut asked = BTreeMap::new();
    for identity in identities.iter().filter(|id| id.selector().needs_salt()) {
        let salt = *asked.entry(place_of(identity)).or_insert(identity.salt());
        if salt != identity.salt() {
            return Err(Refusal::SaltNotProven);
        }
    }
    Ok(asked)
}

/// Slots of the intent in which the order names this selector and the intent does not ask for it.
fn not_asked<'b>(facts: &'b Derived<'_>, (day, selector): Place<'b>) -> impl Iterator<Item = Slot> + 'b {
    let scope = facts.logged.order.order.document().scope();
    facts.slots.iter().copied().filter(move |slot| {
        let ordered = scope.items().any(|item| item.names(selector, item.category(), *slot));
        let asked = || facts.identities.iter().any(|id| id.slot() == *slot && id.selector() == selector);
        Day::containing(slot.start()) == day && ordered && !asked()
    })
}

/// What the salt maps say: for each selector and day, where in PUBLIC the maps stand that prove it.
struct Said<'a> {
    present: BTreeMap<Place<'a>, Vec<u64>>,
    absent: BTreeMap<Place<'a>, Vec<u64>>,
}

impl<'a> Said<'a> {
    fn of(case: &Case<'a>, facts: &Derived<'_>, asked: &BTreeMap<Place<'_>, Salt>) -> Result<Said<'a>, Refusal> {
        let maps = maps(case, &facts.logged.order.heads, facts.in_time.before_intent());
        let mut said = Said { present: BTreeMap::new(), absent: BTreeMap::new() };
        for row in case.bundle.intent.salts() {
            let place = (row.day, &row.selector);
            let (known, salt) = match &row.proof {
                // Of somebody who is not asked for it says nothing, and nothing rests on it.
                SaltProof::Present(_) => match asked.get(&place) {
                    Some(salt) => (&mut said.present, Some(salt)),
                    None => continue,
                },
                SaltProof::Absent(_) => (&mut said.absent, None),
            };
            let proven = proven_at(case, maps.get(&row.day), row, salt);
            if proven.is_empty() {
                return Err(Refusal::SaltNotProven);
            }
            known.entry(place).or_default().extend(proven);
        }
        Ok(said)
    }

    /// Does a map that is old enough, and behind everything that may hold records of this slot, know no such selector?
    fn was_unknown(&self, case: &Case<'_>, facts: &Derived<'_>, place: Place<'_>, slot: Slot) -> bool {
        let Some(before) = facts.in_time.size_before(case, slot) else { return false };
        let behind = facts.epochs.last_segment(slot, case, &facts.in_time);
        self.absent.get(&place).is_some_and(|at| at.iter().any(|at| *at < before && behind.is_none_or(|last| last < *at)))
    }
}

/// The salt maps that count, by day: the provider's, in PUBLIC under the head, told before the intent.
fn maps(case: &Case<'_>, heads: &Heads, before: Option<u64>) -> BTreeMap<Day, Vec<(SaltRoot, u64)>> {
    let mut maps: BTreeMap<Day, Vec<(SaltRoot, u64)>> = BTreeMap::new();
    for (number, part) in case.bundle.statements.iter().enumerate() {
        let (Statement::SaltMap(map), index) = (part.statement.statement(), part.place.index) else { continue };
        let in_time = before.is_none_or(|size| index < size);
        if map.provider == case.policy.parts().provider && in_time && heads.statement_holds(case, number) {
            maps.entry(map.day).or_default().push((SaltRoot { root: map.root, count: map.leaves }, index));
        }
    }
    maps
}

/// Where the maps of the row's day stand that prove the row.
fn proven_at(case: &Case<'_>, maps: Option<&Vec<(SaltRoot, u64)>>, row: &SaltRow, salt: Option<&Salt>) -> Vec<u64> {
    let Some(secret) = case.bundle.intent.day_secret(row.day) else { return Vec::new() };
    let secret = Secret::new(*secret);
    let says = |root: &SaltRoot| match salt {
        Some(salt) => row.proof.verify_presence(root, &secret, &row.selector, salt).is_ok(),
        None => row.proof.verify_absence(root, &secret, &row.selector).is_ok(),
    };
    maps.into_iter().flatten().filter(|(root, _)| says(root)).map(|(_, index)| *index).collect()
}

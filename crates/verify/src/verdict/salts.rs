//! Salts against the salt maps of their days (REL-19, SEA-52).

use std::collections::BTreeMap;

use seal::identity::{Category, Salt, Slot};
use seal::salt_map::{SaltProof, SaltRoot};
use seal::secret::Secret;
use seal::selector::Selector;

use super::case::Case;
use super::failure::{Failure, What};
use super::heads::{self, Heads};
use super::report::Place;
use crate::calendar::Day;
use crate::evidence::ProvenStatement;
use crate::intent::SaltRow;
use crate::package::LogFile;
use crate::policy::Policy;
use crate::statement::Statement;

/// What the salt maps of the package say.
pub(super) struct Salts {
    roots: BTreeMap<Day, SaltRoot>,
}

fn not_proven() -> Failure {
    Failure::new("REL-19", Place::Package, What::SaltNotProven)
}

impl Salts {
    /// The salt-map statements of the package, each signed by the provider and under a cosigned head of PUBLIC. Of two for one
    /// day the later one in PUBLIC holds: a map grows during its day.
    pub(super) fn read(log: &LogFile, policy: &Policy, public: &Heads<'_>) -> Result<Salts, Failure> {
        let mut latest: BTreeMap<Day, (u64, SaltRoot)> = BTreeMap::new();
        for shown in &log.statements {
            let shown = ProvenStatement::parse(&shown.document, &shown.proof)
                .map_err(|e| Failure::inner("REL-01", Place::Package, "statement", e))?;
            let Statement::SaltMap(map) = shown.statement.statement() else { continue };
            heads::statement(policy, public, &shown).map_err(|e| Failure::inner(e.rule(), Place::Package, "salt-map", e))?;
            if map.provider != policy.parts().provider {
                return Err(Failure::new("REL-20", Place::Package, What::OtherProvider));
            }
            let (index, root) = (shown.proof.index, SaltRoot { root: map.root, count: map.leaves });
            let entry = latest.entry(map.day).or_insert((index, root));
            if entry.0 < index {
                *entry = (index, root);
            }
        }
        Ok(Salts { roots: latest.into_iter().map(|(day, (_, root))| (day, root)).collect() })
    }

    /// Every salt of the intent, by presence. Selectors that need none have none (SEA-04), which the identity itself ensures.
    pub(super) fn check(&self, case: &Case) -> Result<(), Failure> {
        let mut proven: BTreeMap<(Day, &Selector), Salt> = BTreeMap::new();
        for id in case.identities.iter().filter(|id| id.selector().needs_salt()) {
            let key = (Day::containing(id.slot().start()), id.selector());
            match proven.get(&key) {
                Some(salt) if *salt == id.salt() => continue,
                Some(_) => return Err(not_proven()),
                None => {}
            }
            let (secret, root, proof) = self.found(case, key.0, key.1).ok_or(not_proven())?;
            proof.verify_presence(&root, &secret, id.selector(), &id.salt()).map_err(|_| not_proven())?;
            proven.insert(key, id.salt());
        }
        Ok(())
    }

    /// Whether the map of the slot's day shows that there is no such selector.
    pub(super) fn is_absent(&self, case: &Case, selector: &Selector, slot: Slot) -> bool {
        let Some((secret, root, proof)) = self.found(case, Day::containing(slot.start()), selector) else { return false };
        proof.verify_absence(&root, &secret, selector).is_ok()
    }

    fn found(&self, case: &Case, day: Day, selector: &Selector) -> Option<(Secret<32>, SaltRoot, SaltProof)> {
        let row: &SaltRow = case.intent.salts().iter().find(|row| row.day == day && row.selector == *selector)?;
        let secret = Secret::new(*case.intent.day_secret(day)?);
        Some((secret, *self.roots.get(&day)?, row.proof.clone()))
    }
}

/// Selectors that the order names in a slot and the intent does not ask for: each must be absent from the day's map, or the
/// answer would leave an ordered person out (promise P3). Gives whether there are any.
pub(super) fn absent_in(case: &Case, salts: &Salts, category: Category, slot: Slot) -> Result<bool, Failure> {
    let mut any = false;
    let asked = |s: &Selector| case.identities.iter().any(|id| id.category() == category && id.slot() == slot && id.selector() == s);
    for item in case.order.scope().items().filter(|item| item.names(item.selector(), category, slot)) {
        if asked(item.selector()) {
            continue;
        }
        if !salts.is_absent(case, item.selector(), slot) {
            return Err(not_proven());
        }
        any = true;
    }
    Ok(any)
}

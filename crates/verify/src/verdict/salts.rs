//! Whom the order names and the intent does not ask for: the salt map must know no such selector (SEA-52).

use seal::identity::{Category, Slot};
use seal::salt_map::SaltProof;
use seal::selector::Selector;

use super::case::Case;
use super::failure::{Failure, What};
use super::report::Place;
use crate::calendar::Day;

/// Whether some ordered selector is not asked for in this slot. If the package carries salt proofs (REL-19 has checked each of
/// them), there must be one of absence for it; if it carries none, that there was no account is the provider's word.
pub(super) fn absent_in(case: &Case, category: Category, slot: Slot, place: Place) -> Result<bool, Failure> {
    let asked = |s: &Selector| case.identities.iter().any(|id| id.category() == category && id.slot() == slot && id.selector() == s);
    let day = Day::containing(slot.start());
    let proven = |s: &Selector| {
        let mut rows = case.intent.salts().iter().filter(|row| row.day == day && row.selector == *s);
        rows.any(|row| matches!(row.proof, SaltProof::Absent(_)))
    };
    let named = case.order.scope().items().filter(|item| item.names(item.selector(), category, slot));
    let absent: Vec<&Selector> = named.map(|item| item.selector()).filter(|s| !asked(s)).collect();
    if !case.intent.salts().is_empty() && !absent.iter().all(|s| proven(s)) {
        return Err(Failure::new("SEA-52", place, What::AbsenceNotProven));
    }
    Ok(!absent.is_empty())
}

/// Whether this slot's identities rest on salts at all.
pub(super) fn needed_in(case: &Case, category: Category, slot: Slot) -> bool {
    let mut here = case.identities.iter().filter(|id| id.category() == category && id.slot() == slot);
    here.any(|id| id.selector().needs_salt())
}

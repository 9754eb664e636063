//! Partial keys put together by hand: the product's `combine` counts first and would refuse what might do harm.
//!
//! Every subset of what one committee gave, with every subset of the other's, none included, by a Lagrange interpolation of our own; a
//! sum is a key if it pairs with the public key, and that is all that is asked of it.

use seal::committee::PublicKey;
use seal::identity::Identity;
use seal::points::{G1Point, G2Point, Scalar, pairings_equal};
use std::collections::BTreeMap;
use verify::policy::{CommitteeName, MemberId};

/// Whether any of them, together, are the key of the identity.
pub fn finds_key(given: &BTreeMap<MemberId, G1Point>, identity: &Identity, public: &PublicKey) -> bool {
    let sums = |name: CommitteeName| {
        let points = of(given, name);
        let chosen = |set: u32| points.iter().enumerate().filter(move |(place, _)| set >> place & 1 == 1).map(|(_, point)| *point);
        (0..1 << points.len()).map(|set| at_zero(&chosen(set).collect::<Vec<_>>())).collect::<Vec<Option<G1Point>>>()
    };
    let (approvers, guardians) = (sums(CommitteeName::Approvers), sums(CommitteeName::Guardians));
    approvers.iter().any(|a| guardians.iter().filter_map(|g| both(a, g)).any(|sum| fits(&sum, identity, public)))
}

/// The key that all of them give together, if they do.
pub fn key_of_all(given: &BTreeMap<MemberId, G1Point>, identity: &Identity, public: &PublicKey) -> Option<G1Point> {
    let sum = |name| at_zero(&of(given, name));
    both(&sum(CommitteeName::Approvers), &sum(CommitteeName::Guardians)).filter(|sum| fits(sum, identity, public))
}

fn of(given: &BTreeMap<MemberId, G1Point>, name: CommitteeName) -> Vec<(u8, G1Point)> {
    given.iter().filter(|(id, _)| id.committee == name).map(|(id, point)| (id.index, *point)).collect()
}

fn both(a: &Option<G1Point>, g: &Option<G1Point>) -> Option<G1Point> {
    match (a, g) {
        (Some(a), Some(g)) => a.add(g).ok(),
        (one, other) => one.or(*other),
    }
}

fn fits(sum: &G1Point, identity: &Identity, public: &PublicKey) -> bool {
    pairings_equal(sum, &G2Point::generator(), &identity.point(), public.point())
}

/// The value at 0 of the polynomial through these points, in the exponent. None: of no points, or infinity.
fn at_zero(points: &[(u8, G1Point)]) -> Option<G1Point> {
    let number = |index: u8| Scalar::from_u64(u64::from(index));
    let part = |(index, point): &(u8, G1Point)| {
        let (mut above, mut below) = (Scalar::from_u64(1), Scalar::from_u64(1));
        for (other, _) in points.iter().filter(|(other, _)| other != index) {
            above = above.multiply(&number(*other));
            below = below.multiply(&number(*other).subtract(&number(*index)));
        }
        point.multiply(&above.multiply(&below.inverse()?)).ok()
    };
    let mut parts = points.iter().map(part);
    let first = parts.next()??;
    parts.try_fold(first, |sum, part| sum.add(&part?).ok())
}

#[cfg(test)]
mod tests {
    use super::super::cast::{Cast, DAY_ZERO, PROVIDER, SLOT};
    use super::*;
    use seal::identity::{Category, Salt, Slot};
    use seal::selector::Selector;

    fn identity(cast: &Cast, salt: u8) -> Identity {
        let slot = Slot::new(cast.policy.slot_len(), DAY_ZERO / SLOT).expect("a slot");
        let selector = Selector::from_text("account:@jan:example.org").expect("a selector");
        Identity::new(cast.policy.key_id(), PROVIDER, Category::TRAFFIC, slot, selector, Salt([salt; 16])).expect("an identity")
    }

    fn given(cast: &Cast, identity: &Identity, approvers: &[u8], guardians: &[u8]) -> BTreeMap<MemberId, G1Point> {
        let of = |committee, indexes: &[u8]| indexes.iter().map(|index| MemberId { committee, index: *index }).collect::<Vec<_>>();
        let members = of(CommitteeName::Approvers, approvers).into_iter().chain(of(CommitteeName::Guardians, guardians));
        members.map(|id| (id, cast.share(id).partial_key(identity).expect("a partial key").point)).collect()
    }

    /// The thresholds are 2 of 3 and 3 of 5.
    #[test]
    fn exactly_a_threshold_of_both_finds_the_key_and_one_fewer_does_not() {
        let cast = Cast::new();
        let asked = identity(&cast, 1);
        let finds =
            |approvers: &[u8], guardians: &[u8]| finds_key(&given(&cast, &asked, approvers, guardians), &asked, cast.policy.public_key());
        for (approvers, guardians) in [([1, 2], [1, 2, 3]), ([2, 3], [1, 3, 5]), ([1, 3], [3, 4, 5])] {
            assert!(finds(&approvers, &guardians), "{approvers:?} and {guardians:?}");
        }
        assert!(finds(&[1, 2, 3], &[1, 2, 3, 4, 5]), "all of them");
        for (approvers, guardians) in [(&[1, 2, 3][..], &[4, 5][..]), (&[1], &[1, 2, 3, 4, 5]), (&[1, 2, 3], &[]), (&[], &[1, 2, 3, 4, 5])]
        {
            assert!(!finds(approvers, guardians), "{approvers:?} and {guardians:?}");
        }
    }

    #[test]
    fn a_wrong_partial_key_is_left_out_where_others_do_and_never_stands_in_for_one() {
        let cast = Cast::new();
        let (asked, other) = (identity(&cast, 1), identity(&cast, 2));
        let liar = MemberId { committee: CommitteeName::Guardians, index: 2 };
        let wrong = cast.share(liar).partial_key(&other).expect("a partial key").point;
        let finds = |guardians: &[u8]| {
            let mut points = given(&cast, &asked, &[1, 2], guardians);
            points.insert(liar, wrong);
            finds_key(&points, &asked, cast.policy.public_key())
        };
        assert!(finds(&[1, 3, 4]));
        assert!(!finds(&[1, 3]));
    }
}

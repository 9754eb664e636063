//! The chain that makes leaving a check out a compile error.
//!
//! `Passed<'_, N, F>` says: rules 1 to N were checked, in this order, on this one bundle; F is what was found out. Each rule takes
//! the value of the rule before and gives the next; values cannot be made, copied or taken from another bundle.
//!
//! ```compile_fail
//! // Nobody outside can say that a rule was passed.
//! let case: verify::release::Case<'static> = todo!();
//! let passed: verify::release::Passed<'static, 25, ()> = verify::release::Passed { case, facts: () };
//! ```
//! ```compile_fail
//! // Rule 8 takes what rule 7 gives, not what rule 6 gives.
//! fn skip(passed: verify::release::Passed<'_, 6, verify::release::Heads>) {
//!     let _ = verify::release::rel_08(passed);
//! }
//! ```
//! ```compile_fail
//! // A permit is made by rule 25 only.
//! let permit = verify::release::Permit { identities: Vec::new() };
//! ```

use std::collections::BTreeSet;
use std::sync::OnceLock;

use seal::identity::Slot;

use super::kept::Kept;
use crate::bundle::{Bundle, Place, StatementPart};
use crate::log::quorum::{Fresh, Witnessed};
use crate::policy::{MemberId, Policy};
use crate::record::Digest;
use crate::threads::share;

/// The member whose share is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: MemberId,
    /// Of its share (SEA-17).
    pub generation: u32,
}

/// The member's own time, from two sources (REL-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    Sure(u64),
    Unsure,
}

impl Clock {
    /// Seconds that the two may differ by.
    pub const APART_MAX: u64 = 30;

    /// The earlier of two sources that agree; a slot then ends late rather than early.
    pub fn of_two(first: u64, second: u64) -> Clock {
        if first.abs_diff(second) <= Clock::APART_MAX { Clock::Sure(first.min(second)) } else { Clock::Unsure }
    }
}

/// Who asks: a member before its share is used, or a verifier afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Viewer {
    Member(Member, Clock),
    /// Who may use so many threads; a member works alone.
    Verifier {
        threads: usize,
    },
}

/// Everything a rule may look at.
#[derive(Debug)]
pub struct Case<'a> {
    pub(super) bundle: &'a Bundle,
    pub(super) digest: Digest,
    pub(super) policy: &'a Policy,
    pub(super) kept: &'a Kept,
    pub(super) viewer: Viewer,
    /// Rules that a verifier could not check because the package does not carry the part.
    pub(super) not_carried: BTreeSet<u8>,
    /// Slots in which a salt rests on a map that may have been made with the order at hand, once REL-19 has looked.
    pub(super) young_salts: Option<BTreeSet<Slot>>,
}

/// Rules 1 to `RULE` hold for this bundle.
#[derive(Debug)]
#[must_use]
pub struct Passed<'a, const RULE: u8, F> {
    pub(super) case: Case<'a>,
    pub(super) facts: F,
}

macro_rules! each_rule_gives_the_next {
    ($($from:literal => $to:literal,)*) => { $(
        impl<'a, F> Passed<'a, $from, F> {
            /// The value of the next rule. Called once, at the end of that rule.
            pub(super) fn then<G>(self, facts: impl FnOnce(F) -> G) -> Passed<'a, $to, G> {
                Passed { case: self.case, facts: facts(self.facts) }
            }
        }
    )* };
}

each_rule_gives_the_next! {
    1 => 2, 2 => 3, 3 => 4, 4 => 5, 5 => 6, 6 => 7, 7 => 8, 8 => 9, 9 => 10, 10 => 11, 11 => 12, 12 => 13, 13 => 14, 14 => 15,
    15 => 16, 16 => 17, 17 => 18, 18 => 19, 19 => 20, 20 => 21, 21 => 22, 22 => 23, 23 => 24, 24 => 25,
}

/// The two heads of the bundle after REL-06.
#[derive(Debug)]
pub struct Heads {
    orders: Fresh,
    public: Fresh,
    /// What [`Heads::statement_holds`] found for each statement of the bundle: several rules ask about the same one, and a month
    /// has thousands.
    held: Vec<OnceLock<bool>>,
}

impl Heads {
    /// For one bundle of so many statements.
    pub(super) fn new(orders: Fresh, public: Fresh, statements: usize) -> Heads {
        Heads { orders, public, held: (0..statements).map(|_| OnceLock::new()).collect() }
    }

    pub(super) fn orders(&self) -> &Witnessed {
        self.orders.witnessed()
    }

    pub(super) fn public(&self) -> &Witnessed {
        self.public.witnessed()
    }

    /// Is this leaf hash at its place in ORDERS?
    pub(super) fn orders_holds(&self, leaf_hash: Digest, place: &Place) -> bool {
        self.orders().include(place.index, leaf_hash, &place.path).is_ok()
    }

    /// Is this statement of the bundle in PUBLIC, and signed by who must sign its kind?
    pub(super) fn statement_holds(&self, case: &Case<'_>, number: usize) -> bool {
        let look = || {
            let Some(part) = case.statement(number) else { return false };
            let Some((keys, need)) = case.policy.statement_signers(part.statement.statement().kind()) else { return false };
            let place = &part.place;
            self.public().include(place.index, part.statement.leaf_hash(), &place.path).is_ok()
                && part.statement.verify(&keys, need).is_ok()
        };
        self.held.get(number).is_some_and(|held| *held.get_or_init(look))
    }

    /// Looks at all statements at once, for a viewer with threads; whoever asks later finds the answers.
    pub(super) fn look_ahead(&self, case: &Case<'_>) {
        if let Viewer::Verifier { threads } = case.viewer {
            let numbers: Vec<usize> = (0..case.bundle.statements.len()).collect();
            share(&numbers, threads, |number| self.statement_holds(case, *number));
        }
    }
}

impl<'a> Case<'a> {
    /// A member's now; for a verifier the cosigned tick (REL-35).
    pub(super) fn now(&self, orders: &Witnessed) -> u64 {
        match self.viewer {
            Viewer::Member(_, Clock::Sure(now)) => now,
            // REL-05 has refused an unsure clock before anybody asks.
            Viewer::Member(_, Clock::Unsure) | Viewer::Verifier { .. } => orders.not_before(),
        }
    }

    pub(super) fn is_verifier(&self) -> bool {
        matches!(self.viewer, Viewer::Verifier { .. })
    }

    pub(super) fn statement(&self, number: usize) -> Option<&'a StatementPart> {
        self.bundle.statements.get(number)
    }
}

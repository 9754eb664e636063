//! A hand's breadth of wrong code: what the world would do if the product did that. Only tests ask for it.
//!
//! An invariant that no sabotage breaks guards nothing yet.

use node::gateway::production::Production;

/// What is broken, at a seam between the product and the world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sabotage {
    #[default]
    None,
    /// T15: of the rows of an hour one is forgotten, and both counts with it.
    ForgetsARow,
    /// A row stands in the answer twice.
    DoublesARow,
    /// The adversary has a whole threshold of both committees.
    SharesLeak,
}

impl Sabotage {
    pub fn is(self, other: Sabotage) -> bool {
        self == other
    }

    /// Between opening and packing.
    pub fn production(self, mut production: Production) -> Production {
        let Some(item) = production.items.iter_mut().find(|item| !item.rows.is_empty()) else { return production };
        match self {
            Sabotage::ForgetsARow => drop(item.rows.pop()),
            Sabotage::DoublesARow => item.rows.push(item.rows[0].clone()),
            _ => return production,
        }
        // A consistent liar: the counts follow.
        let delta = |count: &mut u64| *count = if self == Sabotage::ForgetsARow { count.saturating_sub(1) } else { *count + 1 };
        let slot = item.diff.slots.iter_mut().find(|slot| 0 < slot.rows_out);
        if let Some(slot) = slot {
            delta(&mut slot.rows_out);
        }
        for diff in &mut production.scope.items {
            if diff.selector == item.diff.selector && diff.category == item.diff.category {
                *diff = item.diff.clone();
            }
        }
        production
    }
}

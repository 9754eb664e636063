//! The whole life of an order. Each state is a type of its own with exactly its own data; transitions consume it; there is no other way
//! from one to the next (`machine`). The picture in docs/order-life.md is made from the same table (LIF-01 to LIF-15).

mod case;
mod machine;
mod picture;
mod preservation;
mod production;
mod states;

pub use case::{Case, Event, state_names};
pub use machine::{At, CaseFile, EdgeRow, LifeRefusal, Step, edges};
pub use picture::page;
pub use production::{Enforceable, Invalidable};
pub use states::{
    Answered, Clarifying, Conflicted, Disputed, Enforcing, Lifted, Limit, NotEnforced, NotHeld, OnHold, Outcome, PartlyProduced,
    PreservationEnded, Preserving, PreservingForProduction, Producing, Recalled, Received, Refused, RefusedByEnforcing, ValidationRefused,
    Withdrawn,
};

//! One good case, made with real seal calls: two small committees, two logs with four witnesses, sealed slots, an order, an intent.
//!
//! Tests change one thing before [`Plan::build`] and look which rule names it. `harness::fixture` is this same module.
//! Everything comes from one seed, so two runs make the same octets.
#![allow(dead_code, unused_imports)]

pub mod breaks;
pub mod case;
pub mod logs;
pub mod production;
pub mod world;

pub use case::{Good, Plan};
pub use logs::LogSim;
pub use production::{Production, Shape};
pub use world::{World, at};

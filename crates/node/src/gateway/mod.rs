//! The gateway: takes signed orders and drives each case to its package, step by step.
//!
//! `core` is pure (`handle(now, input) -> effects`); `work` is what it asks of the world.

pub mod answers;
pub mod bundling;
pub mod config;
pub mod core;
pub mod desk;
pub mod drafting;
pub mod emergencies;
pub mod keys;
mod leaves;
pub mod live;
pub mod opening;
pub mod packing;
pub mod papers;
mod precheck;
pub mod preserving;
pub mod production;
pub mod public_view;
mod receipts;
pub mod recheck;
mod related;
pub mod rules;
pub mod self_check;
pub mod shell;
pub mod signatures;
pub mod start;
mod steps;
pub mod trim;
pub mod view;
pub mod work;

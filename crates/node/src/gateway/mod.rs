//! The gateway: takes signed orders and drives each case to its package, step by step.
//!
//! `core` is pure (`handle(now, input) -> effects`); `work` is what it asks of the world.

pub mod config;
mod leaves;
pub mod rules;
pub mod trim;
pub mod work;

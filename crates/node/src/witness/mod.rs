//! The witness: cosigns a log's checkpoints, only ever forward (log.md 2.5, LOG-71 to LOG-73).
//!
//! `verify::log::witness::judge` decides; `rows` stores durably before `judge` signs anything; `serve` speaks HTTP.

pub mod judge;
pub mod rows;
pub mod serve;

pub use serve::{Running, WitnessError, init, run, start, trust};

//! The two logs, ORDERS and PUBLIC: one engine, one reader, one audit (log.md sections 2, 3, 7, 8, 12).
//!
//! The thinking is in the pure parts (`engine`, `tree`, `ranges`, `startup`); `shell` performs their effects in order on a
//! store, `client` reads a log over HTTP or from a directory and makes every proof itself from tiles (LOG-21).

pub mod audit;
pub mod client;
pub mod config;
pub mod daily_head;
pub mod disclosure;
pub mod dummy_keys;
pub mod engine;
pub mod entries;
pub mod fetch;
pub mod follow;
pub mod keys;
pub mod late;
pub mod mirror;
pub mod openings;
pub mod overdue;
pub mod peaks;
pub mod proofs;
pub mod queue;
pub mod ranges;
pub mod reading;
pub mod recover;
pub mod run;
pub mod shell;
pub mod sorted;
pub mod startup;
pub mod state;
pub mod store;
pub mod submit;
pub mod submitters;
pub mod tiles;
pub mod tls;
pub mod tree;
pub mod views;
pub mod witness_client;

pub use run::{Running, init, run, start};

/// POSIX seconds: the clock of the shells; pure parts take it as an argument.
pub fn unix_now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

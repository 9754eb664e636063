//! The sealer: takes records from sources, seals them, and commits what it has finished.
//!
//! `core` thinks, `shell` acts. Nothing durable but sealed octets ever leaves it: the epoch secret is in memory only, so
//! after a crash the records since the last commit are read from their source again, under a new lease
//! (docs/decisions/0022-sealer-commits.md).

pub mod commit;
pub mod config;
pub mod core;
pub mod holding;
pub mod periods;
mod progress;
pub mod publish;
mod set_back;
mod shell;
mod start;

pub use config::SealerConfig;
pub use shell::{Event, Failure, Hands, Report, Running, begin, digest_key, init, start, start_with};
pub use start::{Found, find, sealed_positions};

#[cfg(test)]
mod tests;

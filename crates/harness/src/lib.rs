//! What tests that span crates share; no product code.
#![forbid(unsafe_code)]

/// One good case with every party to it; the same module as `verify`'s own tests use.
#[path = "../../verify/tests/support/mod.rs"]
pub mod fixture;

pub mod chance;
pub mod coalitions;
pub mod kills;
pub mod oracle;
pub mod traffic;
pub mod world;

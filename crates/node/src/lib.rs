//! The roles that talk: gateway, log, witness, sealer, vault and store.
#![forbid(unsafe_code)]

pub mod case_pass;
pub mod cases;
pub mod delivery;
pub mod desk;
pub mod gateway;
pub mod http;
pub mod log;
pub mod oversight;
pub mod private_file;
pub mod refusals;
pub mod relay;
pub mod sealer;
pub mod segment_store;
pub mod vault;
pub mod witness;

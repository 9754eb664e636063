//! The log and the witness as processes would run them, with faults (log.md section 16, tests 5 to 8, 10 and 12).

mod audit;
mod core;
mod deleted_row;
mod departures;
mod faults;
#[path = "../../../verify/tests/support/mod.rs"]
mod fixture;
mod late;
mod matrix;
mod monitor;
mod orders;
mod public;
mod secrecy;
mod startup;
mod witness;
mod world;

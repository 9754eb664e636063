//! A member of one of the two committees: makes its share at the ceremony, and uses it for nothing but `judge`.
//!
//! The only code that touches a key share. No sockets, no threads, no clock of its own but in the commands: bundles come on
//! stdin, answers go to stdout, and every file is text that can be carried on a stick.

#![forbid(unsafe_code)]

pub mod adopted;
pub mod audit;
pub mod ceremony;
pub mod cli;
pub mod clock;
pub mod comparison;
pub mod disk;
pub mod documents;
pub mod issue;
pub mod kept;
pub mod key_file;
pub mod signing;
pub mod state;

// The good case and the disk of paper of the tests beside this crate, for the test that needs the inside of `issue`.
#[cfg(test)]
extern crate self as trustee;
#[cfg(test)]
#[path = "../../verify/tests/support/mod.rs"]
mod fixture;
#[cfg(test)]
#[path = "../tests/support/paper.rs"]
mod paper;
#[cfg(test)]
#[path = "../tests/support/seat.rs"]
mod seat;

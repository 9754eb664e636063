//! Crashes for real: every role a process of the shipped programs, killed with SIGKILL again and again, and counted against the
//! ground truth at the end.
//!
//! Failure conditions: a record that is in no package although it was ordered (lost), or in one twice, or in two (doubled); an intent
//! that a trustee released for and ORDERS does not hold, a production without release and receipt leaf, a log that does not audit or
//! shrank (unlogged); a role that does not start again; an order that is not served when the killing stops.
//! Allowed: any delay, a new intent for an old one, productions in pieces, a new order where what was told came after the old one (REL-17).
//! Not determined by the seed: where a kill at a moment finds a process. Kills at a step are at that step.
//!
//! The product has no hook for this: [`steps`] loads a library of ours into its processes.

pub mod campaign;
pub mod count;
pub mod feed;
pub mod house;
pub mod load;
pub mod orders;
pub mod programs;
pub mod service;
pub mod steps;

/// What went wrong with the tests' own surroundings, or what was found: one sentence for a person.
pub type Trouble = String;

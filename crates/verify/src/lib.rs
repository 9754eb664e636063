//! The documents that everyone exchanges, and the one place where they are judged.
//!
//! No secrets, no I/O, no clock: what a document means is a function of its octets, a pinned policy and a time that the
//! caller names. Who judges with it: trustees before a key is used, gateways before they ask, everyone else afterwards.

#![forbid(unsafe_code)]

pub mod accountability;
pub mod approval;
pub mod bundle;
pub mod calendar;
pub mod committee_record;
pub mod document;
pub mod evidence;
pub mod intent;
pub mod log;
pub mod names;
pub mod notice;
pub mod order;
pub mod package;
pub mod policy;
pub mod receipt;
pub mod record;
pub mod release;
pub mod spelling;
pub mod statement;
mod threads;
pub mod verdict;

//! ETSI TS 103 120 V1.23.1 (HI-1, the warrant interface): objects, messages, XML and JSON, three verdicts, the desk.
//!
//! Names follow the schema, so that a reader can hold the specification beside them. What concerns interception is
//! recognised and refused: there is no model for it here.

pub mod approval;
pub mod authorisation;
pub mod codec;

pub mod config;
pub mod core;
pub mod delivery;
pub mod desk;
pub mod dictionary;
pub mod document;
pub mod formats;
pub mod message;
pub mod names;
pub mod notification;
pub mod object;
pub mod profile;
#[cfg(test)]
mod sample;
pub mod task;
pub mod time;
pub mod values;
pub mod verdict;

//! The sealing construction: identities, committees, epochs, segments and the proofs over them.
//!
//! Knows nothing of orders, logs, files, networks or clocks. Time and randomness come in as arguments.
//! Normative text: docs/spec, rules SEA-01 to SEA-84; known answers: testdata/vectors/sealing.
//! `unsafe` stands in two modules only, `bindings` (the pairing library) and `memory` (locked pages), see SEA-83.
#![deny(unsafe_code)]

#[allow(unsafe_code)]
mod bindings;
pub mod catalogue;
pub mod ceremony;
pub mod committee;
pub mod digest;
pub mod encapsulate;
pub mod entropy;
pub mod epoch;
pub mod hpke;
pub mod identity;
pub mod labels;
pub mod locator;
#[allow(unsafe_code)]
pub mod memory;
pub mod merkle;
mod normal_form;
pub mod open;
pub mod points;
pub mod retention;
pub mod salt_map;
pub mod secret;
pub mod segment;
pub mod selector;
pub mod sharing;
pub mod shred;
pub mod signature;

//! The construction from outside: sealing, committees, opening, proofs, and everything that must be refused.

#[path = "sealing/classifier.rs"]
mod classifier;
#[path = "sealing/committees.rs"]
mod committees;
#[path = "sealing/epochs.rs"]
mod epochs;
#[path = "sealing/leakage.rs"]
mod leakage;
#[path = "sealing/opening.rs"]
mod opening;
#[path = "sealing/salts.rs"]
mod salts;
#[path = "sealing/segments.rs"]
mod segments;
#[path = "sealing/standards.rs"]
mod standards;
#[path = "sealing/structure.rs"]
mod structure;
mod support;
#[path = "sealing/values.rs"]
mod values;
#[path = "sealing/world.rs"]
mod world;

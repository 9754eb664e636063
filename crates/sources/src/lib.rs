//! Records out of real systems: a provider's data in, checked records of the catalogue out.
//!
//! A source never sees content: what it could read is refused before it starts (`synapse`), or has no field to go
//! to (`json_lines`). It seals nothing and keeps nothing but its position.
#![forbid(unsafe_code)]

pub mod json_lines;
pub mod source;
pub mod synapse;

pub use source::{Batch, Column, Description, Indexed, Position, Reading, Refused, Source, SourceError};

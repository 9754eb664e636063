//! verify

pub mod package;

//! Codecs between outside formats and the documents of `verify`. Hostile input, no network.
//!
//! Files are touched in two places only: reading parts of a package that the caller names by path, and placing a
//! finished file under its name (`place`).
#![forbid(unsafe_code)]

pub mod answer;
pub mod certificates;
pub mod delivery;
pub mod epoc;
pub mod etsi;
pub mod incoming;
pub mod package;
mod pem;
mod place;
pub mod refusal;
pub mod signature;
pub mod tree;

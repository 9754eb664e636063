//! Codecs between outside formats and the documents of `verify`. Hostile input, no network.
#![forbid(unsafe_code)]

pub mod delivery;
pub mod package;

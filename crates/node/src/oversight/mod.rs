//! What a body of oversight does with its own eyes: canary subjects (SEA-74), samples of segments (T22), the end of a key (SEA-49).
//!
//! Pure but for reading a log and a store that anybody may read. Nothing in here is a role of the provider.

pub mod canary;
pub mod deletion;
pub mod sample;

//! What the law says about an order as it was received: who may give it, by when it must be answered, and when it must be refused.
//!
//! Pure: no network, no disk, no clock. The facts of the law are data (`rules/*.toml`, each with its source article); the code
//! here is what follows from them. `docs/spec/received-orders.md` gives the rules numbers.
#![forbid(unsafe_code)]

pub mod answer;
pub mod clock;
pub mod counters;
pub mod explain;
pub mod gates;
pub mod identifier;
pub mod import;
pub mod life;
pub mod native;
pub mod received;
pub mod registry;
pub mod rules;
mod say;
pub mod transcription;

pub use say::Say;
pub use verify::verdict::Language;

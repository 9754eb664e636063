//! Cases: one order each. Its states as types (`state`), what an opened batch would hand over (`scope`), and the database (`store`).

pub mod body;
pub mod change;
pub mod happening;
pub mod octets;
pub mod records;
pub mod related;
pub mod scope;
pub mod state;
pub mod store;
pub mod understanding;

pub use octets::{Digest32, Octets};
pub use scope::{ItemDiff, ScopeDiff, SlotDiff};
pub use state::{Batch, Case, CaseId};

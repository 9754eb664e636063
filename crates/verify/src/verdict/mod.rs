//! What a production package proves, promise by promise and hour by hour (package.md section 7).
//!
//! [`judge`] is a pure function of the package's contents, its signature, a pinned policy and what the reader has besides
//! (segments, the tiles of PUBLIC). It gives a [`Report`]: a value; programs only print it. Each line says exactly one of
//! `proven`, `attested by` names, `provider's word`, and where parts differ it says the weakest. What contradicts itself or
//! the policy is no weak verdict but a [`Failure`]: then nothing is claimed at all.
//!
//! Times are judged at the cosigned tick of the intent, never at the reader's clock (REL-35).

mod case;
mod contents;
mod failure;
mod heads;
mod judge;
mod promises;
mod render;
mod replay;
mod report;
mod rows;
mod salts;
mod slot;
mod trustees;
mod words;

pub use contents::{Contents, PublicTiles, Segments, Signature, Supplies};
pub use failure::{Failure, What};
pub use judge::{consistent, judge};
pub use render::{escape, to_json, to_text};
pub use report::{Cell, Part, Place, Promise, Reason, Report, SlotReport, Trust, Verdict};
pub use words::Language;

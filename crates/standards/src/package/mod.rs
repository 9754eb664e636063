//! Writing a production package: [`PackageDraft`] -> [`Assembled`] -> [`Signed`] -> one file.
//!
//! Reproducible: two builds of the same draft are equal octet for octet up to the signature and the time stamp.
//! Normative text: docs/spec/package.md; the strict reader is `verify::package`, and every package is read by it before
//! it gets its name. Rows stand in memory while a package is assembled; evidence and order files may stay on disk.

mod assemble;
mod case;
mod cover;
mod cover_words;
mod draft;
mod failure;
mod key;
mod part;
mod write;

pub use assemble::Assembled;
pub use draft::{Action, Content, EvidenceFile, OrderFile, PackageDraft, QueryRun, Row, Table};
pub use failure::{Failure, Refusal};
pub use key::PackageKey;
pub use part::FileSource;
pub use write::{Signed, StampRequest, write};

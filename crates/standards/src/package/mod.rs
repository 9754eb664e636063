//! Writing a production package: [`PackageDraft`] -> [`Assembled`] -> [`Signed`] -> one file.
//!
//! Reproducible: two builds of the same draft are equal octet for octet up to the signature and the time stamp.
//! Normative text: docs/spec/package.md; the strict reader is `verify::package`.

mod draft;
mod failure;
mod key;
mod write;

pub use draft::{Action, Column, ColumnKind, EvidenceFile, OrderFile, PackageDraft, Query, Row, Schema, Table, Words};
pub use failure::{Failure, Refusal};
pub use key::PackageKey;
pub use write::{Assembled, Signed, StampRequest, write};

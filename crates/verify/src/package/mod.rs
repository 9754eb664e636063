//! Production packages: an ASiC-E container that unzips to a BagIt bag, read as hostile input.
//!
//! [`RawPackage`] (a ZIP file of the one allowed shape) -> [`Package`] (layout, manifests, digests, documents and rows
//! checked) -> [`SignedPackage`] (signed by the certificate that the policy pins) or [`ConsistentPackage`] (a signature
//! that verifies, by nobody in particular). Nothing is extracted, nothing allocates by a length that a sender chose.
//! What the rows and the evidence prove is judged elsewhere, from the checked package. Rules: docs/spec/package.md.

mod checked;
pub mod json;
mod log_file;
mod raw;
mod refusal;
pub mod signed;
mod source;
pub mod statement;

pub use checked::Package;
pub use log_file::{LogFile, Logged};
pub use raw::RawPackage;
pub use refusal::Refusal;
pub use signed::{ConsistentPackage, SignedPackage, Signer, StampPin, TimeStamp};
pub use source::Source;

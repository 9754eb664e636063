//! Production packages: an ASiC-E container that unzips to a BagIt bag, read as hostile input.
//!
//! [`RawPackage`] (a ZIP file of the one allowed shape) -> [`Package`] (layout, manifests, digests, documents and rows
//! checked) -> [`SignedPackage`] (signed by the certificate that the policy pins) or [`ConsistentPackage`] (a signature
//! that verifies, by nobody in particular). Nothing is extracted, nothing allocates by a length that a sender chose.
//! What the rows and the evidence prove is judged elsewhere, from the checked package. Rules: docs/spec/package.md.
//!
//! Most parts are templates: the reader makes the octets that must be there with the functions of the writer and
//! compares, so that each part has one spelling and there is little to parse.

pub mod asic;
pub mod asn1_time;
pub mod bag;
pub mod certificate;
mod checked;
pub mod cms;
pub mod crc;
pub mod der;
pub mod digest;
pub mod json;
pub mod layout;
mod log_file;
mod members;
pub mod oids;
pub mod queries;
mod raw;
mod refusal;
pub mod schema;
mod signed;
mod source;
pub mod stamp;
pub mod statement;
pub mod table;
pub mod zip;

pub use checked::Package;
pub use log_file::{LogFile, LoggedDocument};
pub use raw::RawPackage;
pub use refusal::Refusal;
pub use signed::{ConsistentPackage, SignedPackage, Signer, StampPin, TimeStamp};
pub use source::Source;

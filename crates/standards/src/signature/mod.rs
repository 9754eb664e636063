//! Signatures on incoming orders: XML-DSig and XAdES, CMS and CAdES, PDF and PAdES, JWS. Hostile input.
//!
//! Three verdicts, three types, in this order:
//!
//! 1. [`Valid`]: these octets were signed with the key in this certificate. It carries the octets, and a reader uses
//!    those and not the document that came in, so that what was checked is what is read (SIG-16).
//! 2. [`Trusted`]: somebody whom this provider pinned vouched for the signer at that time.
//! 3. [`Competent`]: the registry lets this signer sign this.
//!
//! None is made outside this module, and each needs the one before it. A signature that is valid says nothing of the
//! signer; ETSI's own example is valid and signed by a certificate that nobody issued. Rules: docs/spec/signatures-in.md.

mod algorithm;
mod certificate;
pub mod cms;
mod competent;
mod der;
mod intake;
pub mod jws;
pub mod pdf;
mod refusal;
mod trust;
mod trusted_list;
mod valid;
mod words;
pub mod xml;

pub use certificate::{Certificate, Quality};
pub use competent::{Competences, Competent, NotCompetent, judge_competence};
pub use intake::{Asked, Intake};
pub use refusal::Refusal;
pub use trust::{Anchor, Standing, Store, Trusted, judge_trust};
pub use trusted_list::{StatedList, TrustedList};
pub use valid::{Coverage, Format, Valid};
pub use words::Words;

/// Largest PDF and CMS content: what the push route of the Regulation takes (25 MB), counted generously. XML and JSON end where their reader
/// does, at [`crate::tree::BYTES_MAX`].
pub const DOCUMENT_MAX: usize = 25 * 1024 * 1024;
/// Most signatures on one document: issuing authority, validating authority, their seals.
pub const SIGNATURES_MAX: usize = 4;
/// Most certificates beside one signature.
pub const CERTIFICATES_MAX: usize = 8;
/// Clocks of signer and provider may differ by this much, in seconds.
pub const CLOCK_DIFFERENCE_MAX: u64 = 300;

//! The C2SP transparency-log formats as Waarborg reads them, the leaf of ORDERS, and the judgements on them.
//!
//! Everything a log, a witness, a trustee or an auditor exchanges about heads and inclusion has its one parser here
//! (`docs/spec/log.md`). No I/O, no clock, no secrets but a signer that the caller lends (LOG-02, LOG-99).
//!
//! Bytes become proof values in steps that cannot be left out:
//! `SignedNote` → `quorum::Identified` (REL-03) → `quorum::Witnessed` (REL-04) → `quorum::Fresh` (REL-05) → `quorum::Included`.

pub mod checkpoint;
pub mod cosignature;
pub mod leaf;
pub mod note;
pub mod origin;
pub mod proof;
pub mod quorum;
pub mod refusal;
pub mod split;
pub mod tile;
pub mod tlog_policy;
pub mod vkey;
pub mod witness;

pub use refusal::Refusal;

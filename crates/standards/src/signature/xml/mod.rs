//! XML-DSig and XAdES: enveloped signatures over a whole document.

mod canonical;
mod scan;
mod signature;
mod time;
mod xades;

pub use canonical::{Canonical, Method};
pub use scan::{Limits, Parsed};
pub use signature::{check, check_within, signatures};
pub(super) use time::seconds;

/// http://www.w3.org/2000/09/xmldsig#
pub(super) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

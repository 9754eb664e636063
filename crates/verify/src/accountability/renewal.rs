//! What a renewal body looks at before it signs (LOG-49): in private, the court's extension.

use super::signs_kind;
use crate::calendar::Day;
use crate::policy::Policy;
use crate::record::{Kind, Parent, SignedRecord};
use crate::statement::Renewals;

/// Why nothing is renewed; each is LOG-49.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRenewed {
    /// Not a record of kind 4.
    NoExtension,
    /// Not signed by a court or prosecutor of the policy.
    NotSigned,
    /// It extends an order of another log.
    OtherLog,
}

impl std::fmt::Display for NotRenewed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            NotRenewed::NoExtension => "LOG-49: this is no extension",
            NotRenewed::NotSigned => "LOG-49: no court of the policy signed this extension",
            NotRenewed::OtherLog => "LOG-49: it extends an order of another log",
        })
    }
}

impl std::error::Error for NotRenewed {}

/// The renewal that an extension of an order in this log calls for: to the day on which its seal ends.
pub fn renewal(policy: &Policy, origin: &str, extension: &SignedRecord) -> Result<Renewals, NotRenewed> {
    let record = extension.record();
    let (Kind::Extension, Some(parent), Some(until)) = (extension.kind(), record.parent(), record.seal_until()) else {
        return Err(NotRenewed::NoExtension);
    };
    if !signs_kind(policy, Kind::Extension, &extension.opening(&[])) {
        return Err(NotRenewed::NotSigned);
    }
    if Parent::new(origin, parent.index) != parent {
        return Err(NotRenewed::OtherLog);
    }
    Ok(Renewals { log: origin.to_owned(), rows: vec![(parent.index, Day::containing(until))] })
}

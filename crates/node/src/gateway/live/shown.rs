//! The newest head of each log that this gateway ever put before its members (GWY-43). A member's own head comes from our bundles
//! alone, so one that holds a newer head was asked by a later life of this gateway than the case database knows of: the database was
//! put back to an older copy, and would ask again for what was released already.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// GWY-43.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderCopy {
    pub member: String,
    pub origin: String,
    pub told: u64,
    pub shown: u64,
}

impl OlderCopy {
    pub const CODE: &'static str = "GWY-43";
}

impl std::fmt::Display for OlderCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let OlderCopy { member, origin, told, shown } = self;
        write!(
            f,
            "{}: {member} was shown {origin} at size {told}, and the case database knows of {shown}: it was put back to an older \
             copy, and nobody is asked for keys again",
            Self::CODE
        )
    }
}

/// Sizes by origin, as the case database holds them.
#[derive(Debug, Default)]
pub struct ShownHeads(Mutex<BTreeMap<String, u64>>);

impl ShownHeads {
    pub fn new(known: BTreeMap<String, u64>) -> ShownHeads {
        ShownHeads(Mutex::new(known))
    }

    /// A head that the case database holds, on its way to the members.
    pub fn show(&self, origin: &str, size: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let had = known.entry(origin.to_owned()).or_default();
        *had = size.max(*had);
    }

    /// Holds what a member has against what was shown. Of a log that was never shown nothing is said: a database that has shown
    /// nothing yet is a new one.
    pub fn compare(&self, member: &str, told: &[(String, u64)]) -> Result<(), OlderCopy> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (origin, told) in told {
            if let Some(shown) = known.get(origin).filter(|shown| *shown < told) {
                let (member, origin) = (member.to_owned(), origin.clone());
                return Err(OlderCopy { member, origin, told: *told, shown: *shown });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gwy_43_a_member_that_was_shown_more_convicts_the_database() {
        let shown = ShownHeads::new(BTreeMap::from([("x/orders".to_owned(), 40)]));
        let told = |size| vec![("x/orders".to_owned(), size), ("x/public".to_owned(), 9)];
        assert_eq!(shown.compare("guardian-1", &told(40)), Ok(()));
        assert_eq!(shown.compare("guardian-1", &told(12)), Ok(()), "it was away");
        let older = OlderCopy { member: "guardian-1".into(), origin: "x/orders".into(), told: 44, shown: 40 };
        assert_eq!(shown.compare("guardian-1", &told(44)), Err(older));
        shown.show("x/orders", 48);
        shown.show("x/orders", 41);
        assert_eq!(shown.compare("guardian-1", &told(48)), Ok(()), "another case showed it");
        shown.show("x/public", 8);
        assert!(shown.compare("guardian-1", &told(48)).is_err());
    }
}

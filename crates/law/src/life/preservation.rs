//! Steps of preservation orders: 60 days, once 30 more, and as long as a production needs (LIF-07).

use super::machine::{self, At, LifeRefusal, go};
use super::states::*;
use crate::clock;
use crate::rules::RuleBook;

/// Art 11(2): one extension \[check].
const EXTENSIONS_MAX: u32 = 1;

impl At<Received> {
    pub fn preserve(self, at: u64) -> Result<At<Preserving>, LifeRefusal> {
        if !self.file().is_preservation {
            return Err(LifeRefusal::WrongKind);
        }
        let state = Preserving { until: self.state().clock.clone(), extensions: 0 };
        go(machine::Preserve, self, at, state)
    }
}

impl At<Preserving> {
    /// Form 6: on the expiry that stands, whatever date the form carries.
    pub fn extend(self, at: u64, book: &RuleBook) -> Result<At<Preserving>, LifeRefusal> {
        let Preserving { until, extensions } = self.state();
        if until.is_past(at) || EXTENSIONS_MAX <= *extensions {
            return Err(LifeRefusal::PreservationOver);
        }
        let state = Preserving { until: clock::extend(book, until).ok_or(LifeRefusal::NoPeriod)?, extensions: extensions + 1 };
        go(machine::Extend, self, at, state)
    }

    /// Form 5.
    pub fn follow_up(self, production: &str, at: u64) -> Result<At<PreservingForProduction>, LifeRefusal> {
        if self.state().until.is_past(at) {
            return Err(LifeRefusal::PreservationOver);
        }
        go(machine::Follow, self, at, PreservingForProduction { production: production.to_owned() })
    }

    pub fn expire(self, at: u64) -> Result<At<PreservationEnded>, LifeRefusal> {
        if !self.state().until.is_past(at) {
            return Err(LifeRefusal::PreservationRuns { until: self.state().until.deadline_at });
        }
        go(machine::Expire, self, at, PreservationEnded { produced: false })
    }
}

impl At<PreservingForProduction> {
    pub fn produced(self, at: u64) -> Result<At<PreservationEnded>, LifeRefusal> {
        go(machine::Produced, self, at, PreservationEnded { produced: true })
    }
}

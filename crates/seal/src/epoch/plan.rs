//! Which epochs a node may open: the arithmetic of slots, intervals and covers.

use crate::epoch::{Cover, DAY, EPOCH_MAX, IMPORT_MAX, STRAGGLING_MAX};
use crate::identity::{Category, ProviderId, Slot, SlotLen, Suite};

/// Why times or a plan were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// Below 5 s, above an hour, or no divisor of the slot length (SEA-19, SEA-78).
    EpochLength,
    /// Below 2 s (SEA-78).
    Grace,
    /// A late plan for nothing, or for slots of two days (SEA-80).
    Cover,
    /// A late plan for a slot that is not over (SEA-80).
    SlotNotOver,
    /// A late epoch longer than an hour, an import longer than a day (SEA-80).
    TooLong,
}

impl std::fmt::Display for PlanError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            PlanError::EpochLength => "epoch length not allowed",
            PlanError::Grace => "grace too short",
            PlanError::Cover => "a late epoch covers slots of one day",
            PlanError::SlotNotOver => "a late epoch covers only slots that are over",
            PlanError::TooLong => "late epoch too long",
        })
    }
}

impl std::error::Error for PlanError {}

/// The lengths that one policy document fixes for all categories, seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    slot_len: SlotLen,
    epoch_len: u32,
    grace: u32,
}

impl Timing {
    pub fn new(slot_len: SlotLen, epoch_len: u32, grace: u32) -> Result<Timing, PlanError> {
        let in_range = (5..=EPOCH_MAX).contains(&u64::from(epoch_len));
        if !in_range || slot_len.seconds() % epoch_len != 0 {
            return Err(PlanError::EpochLength);
        }
        if grace < 2 {
            return Err(PlanError::Grace);
        }
        Ok(Timing { slot_len, epoch_len, grace })
    }

    pub fn slot_len(self) -> SlotLen {
        self.slot_len
    }

    pub fn epoch_len(self) -> u64 {
        u64::from(self.epoch_len)
    }

    pub fn grace(self) -> u64 {
        u64::from(self.grace)
    }

    /// How long after its end the last epoch of a slot takes stragglers: 60 s, never longer than the grace (SEA-19).
    pub fn straggling(self) -> u64 {
        STRAGGLING_MAX.min(self.grace())
    }

    /// The aligned interval of an epoch that holds a time.
    pub fn interval(self, at: u64) -> (u64, u64) {
        let start = at - at % self.epoch_len();
        (start, start + self.epoch_len())
    }
}

/// What an epoch will be, before it has a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochPlan {
    pub(super) suite: Suite,
    pub(super) provider: ProviderId,
    pub(super) category: Category,
    pub(super) lease: u32,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) cover: Option<Cover>,
    pub(super) timing: Timing,
}

impl EpochPlan {
    /// The live epoch that holds `at` (SEA-19).
    pub fn live(timing: Timing, provider: ProviderId, category: Category, lease: u32, at: u64) -> EpochPlan {
        let (start, end) = timing.interval(at);
        EpochPlan { suite: Suite::GcmSiv, provider, category, lease, start, end, cover: None, timing }
    }

    /// A late epoch over the slots `first` to `last` of one day, in the aligned interval that holds `at` (SEA-80).
    pub fn late(
        timing: Timing,
        provider: ProviderId,
        category: Category,
        lease: u32,
        at: u64,
        (first, last): (Slot, Slot),
    ) -> Result<EpochPlan, PlanError> {
        let (start, end) = timing.interval(at);
        let plan = EpochPlan::live(timing, provider, category, lease, at);
        plan.covering(first, last, start, end, EPOCH_MAX)
    }

    /// A late epoch for imported history, `seconds` long from `start`, at most a day (SEA-80).
    pub fn import(
        timing: Timing,
        provider: ProviderId,
        category: Category,
        lease: u32,
        (start, seconds): (u64, u64),
        (first, last): (Slot, Slot),
    ) -> Result<EpochPlan, PlanError> {
        let plan = EpochPlan::live(timing, provider, category, lease, start);
        plan.covering(first, last, start, start.saturating_add(seconds), IMPORT_MAX)
    }

    fn covering(self, first: Slot, last: Slot, start: u64, end: u64, len_max: u64) -> Result<EpochPlan, PlanError> {
        let cover = Cover { from: first.start(), to: last.end() };
        let of_slot_len = first.len() == self.timing.slot_len && last.len() == self.timing.slot_len;
        // A cover from second 0 of 1970 would need no special case if 0, 0 did not mean "live".
        if !of_slot_len || cover.to <= cover.from || cover.from / DAY != (cover.to - 1) / DAY {
            return Err(PlanError::Cover);
        }
        if start < cover.to {
            return Err(PlanError::SlotNotOver);
        }
        if end <= start || len_max < end - start {
            return Err(PlanError::TooLong);
        }
        Ok(EpochPlan { start, end, cover: Some(cover), ..self })
    }

    /// The same plan under suite 1, where hardware excludes restored snapshots (SEA-35).
    pub fn with_suite(self, suite: Suite) -> EpochPlan {
        EpochPlan { suite, ..self }
    }

    pub fn category(&self) -> Category {
        self.category
    }

    pub fn lease(&self) -> u32 {
        self.lease
    }

    pub fn start(&self) -> u64 {
        self.start
    }

    pub fn end(&self) -> u64 {
        self.end
    }

    pub fn cover(&self) -> Option<Cover> {
        self.cover
    }

    /// UTC day whose W seals this epoch: the day of the events, also when they come late (SEA-80).
    pub fn day(&self) -> u64 {
        self.cover.map_or(self.start, |cover| cover.from) / DAY
    }
}

//! Epochs: one lease, one category, one interval of receive time, one secret r (section 5).

mod header;
mod plan;
mod running;

pub use header::{Cover, EpochHeader, HeaderError, Misplaced};
pub use plan::{EpochPlan, PlanError, Timing};
pub use running::{ClosedEpoch, EpochMaterials, OpenEpoch, SealError, SealedEntry};

/// Longest live or late epoch, seconds (SEA-19, SEA-80).
pub const EPOCH_MAX: u64 = 3_600;

/// Longest epoch of an import, seconds (SEA-80).
pub const IMPORT_MAX: u64 = 86_400;

/// Longest time after the end of a slot in which its last epoch takes stragglers, seconds (SEA-19).
pub const STRAGGLING_MAX: u64 = 60;

const DAY: u64 = 86_400;

#[cfg(test)]
mod tests;

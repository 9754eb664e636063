//! The gateway: takes signed orders and drives each case to its package, step by step.
//!
//! `core` is pure (`handle(now, input) -> effects`), `shell` performs the effects.

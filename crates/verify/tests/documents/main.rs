//! Policy, order, intent, bundle, answers, approvals: each rule of their pages has a case that fails by it.

mod answers;
mod fitted;
mod named;
mod offline;
mod orders;
mod policies;
mod spelling;
#[path = "../support/mod.rs"]
mod support;

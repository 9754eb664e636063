//! Policy, order, intent, bundle, answers, approvals: each rule of their pages has a case that fails by it.

mod answers;
mod orders;
mod policies;
mod spelling;
#[path = "../support/mod.rs"]
mod support;

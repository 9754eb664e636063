//! An order as every gate sees it where nothing is known besides: what the targets of received orders share. Made once: a target
//! that reads rule files and dictionaries for each input finds little else to do.

use law::gates::{Facts, History, Provider};
use law::received::Received;
use law::registry::Editions;
use law::rules::RuleBook;
use std::sync::LazyLock;

/// 2026-11-20.
pub const RECEIVED: u64 = 1_795_191_000;

static BOOK: LazyLock<RuleBook> = LazyLock::new(|| RuleBook::embedded().expect("built in"));
static REGISTRY: LazyLock<Editions> = LazyLock::new(Editions::default);
static PROVIDER: LazyLock<Provider> = LazyLock::new(|| Provider::unknown("NL"));
static HISTORY: LazyLock<History> = LazyLock::new(History::default);

pub fn of(received: &Received) -> Facts<'_> {
    Facts {
        received,
        book: &BOOK,
        registry: &REGISTRY,
        provider: &PROVIDER,
        history: &HISTORY,
        called_back: None,
        received_at: RECEIVED,
        now: RECEIVED,
    }
}

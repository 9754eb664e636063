//! Reading both logs into the ledger of secrecy: every ORDERS leaf is opened, shown to be a dummy, or renewed in time
//! (LOG-45 to LOG-54). What follows from them is `verify::accountability`; anyone can compute it.

use verify::accountability::{Fault, Ledger, Terms, Weight};
use verify::calendar::Day;
use verify::log::quorum::Window;

use super::audit::{Finding, Grade};
use super::client::{ClientError, LogReader};

/// Replays PUBLIC, then ORDERS, each under its published head, which has to stand under one of the policies: whoever answers in a
/// log's place could leave out what was disclosed, and accuse whom it pleases. Without a policy document PUBLIC's head is the
/// business of the caller's `audit`.
pub async fn ledger(orders: &LogReader, public: &LogReader, terms: Terms) -> Result<Ledger, ClientError> {
    ledger_and(orders, public, terms, None, &mut |_, _| ()).await
}

/// The same; PUBLIC's head is of that time, and `each` hears every entry of ORDERS.
pub async fn ledger_and(
    orders: &LogReader,
    public: &LogReader,
    terms: Terms,
    window: Option<Window>,
    each: &mut (dyn FnMut(u64, &[u8]) + Send),
) -> Result<Ledger, ClientError> {
    let mut ledger = Ledger::new(terms);
    let public_head = match ledger.terms().policies.is_empty() {
        false => public.believed(ledger.terms().public_policies(), window).await?,
        true => public.head().await?,
    };
    public.replay(&public_head, &mut |index, entry| ledger.hear_public(index, entry)).await?;
    let orders_head = orders.believed(ledger.terms().orders_policies(), None).await?;
    if orders_head.origin != ledger.terms().origin {
        return Err(ClientError::Malformed("ORDERS has another origin"));
    }
    let mut hear = |index: u64, entry: &[u8]| {
        ledger.hear_order(index, entry);
        each(index, entry);
    };
    orders.replay(&orders_head, &mut hear).await?;
    Ok(ledger)
}

/// Findings on `today`: overdue indexes, disclosures that do not match their leaf, renewals without an opened extension, notices
/// that were not given, defaults that were not said, counters that were wrong.
pub async fn overdue(orders: &LogReader, public: &LogReader, terms: Terms, today: Day) -> Result<Vec<Finding>, ClientError> {
    let ledger = ledger(orders, public, terms).await?;
    Ok(ledger.faults(today).into_iter().map(of_fault).collect())
}

/// A public fault as the monitor reports it.
pub fn of_fault(fault: Fault) -> Finding {
    let grade = match fault.weight {
        Weight::Failed => Grade::VerificationFailed,
        Weight::Overdue => Grade::Overdue,
    };
    Finding { grade, code: fault.code, what: fault.what }
}

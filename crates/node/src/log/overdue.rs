//! Reading both logs into the ledger of secrecy: every ORDERS leaf is opened, shown to be a dummy, or renewed in time
//! (LOG-45 to LOG-54). What follows from them is `verify::accountability`; anyone can compute it.

use verify::accountability::{Fault, Ledger, Terms, Weight};
use verify::calendar::Day;

use super::audit::{Finding, Grade};
use super::client::{ClientError, LogReader};

/// Replays PUBLIC, then ORDERS, each under its published head. Whether those heads may be believed is the policy's matter: ORDERS'
/// is judged here, PUBLIC's by the caller's `audit`.
pub async fn ledger(orders: &LogReader, public: &LogReader, terms: Terms) -> Result<Ledger, ClientError> {
    ledger_and(orders, public, terms, &mut |_, _| ()).await
}

/// The same, and `each` hears every entry of ORDERS.
pub async fn ledger_and(
    orders: &LogReader,
    public: &LogReader,
    terms: Terms,
    each: &mut (dyn FnMut(u64, &[u8]) + Send),
) -> Result<Ledger, ClientError> {
    let mut ledger = Ledger::new(terms);
    let public_head = public.head().await?;
    public.replay(&public_head, &mut |index, entry| ledger.hear_public(index, entry)).await?;
    let orders_head = orders.head().await?;
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

//! Which of the records that somebody keeps have to be opened by a day (LOG-47, LOG-51).
//!
//! Found by reading both logs whole, as anybody does: no request tells which leaves are real, or whose (LOG-21).

use std::collections::BTreeMap;

use seal::secret::Secret;
use verify::accountability::{Ledger, Terms};
use verify::calendar::Day;
use verify::log::leaf::d_of_entry;
use verify::record::{Digest, SignedRecord};

use super::client::{ClientError, LogReader};
use super::disclosure::disclosure_day;
use super::overdue::ledger_and;

/// What there is to do for the records that are kept.
#[derive(Debug, Default)]
pub struct Duties {
    /// To be opened by now, with the index of their leaves, ascending.
    pub due: Vec<(u64, SignedRecord)>,
    /// Opened in PUBLIC.
    pub open: u64,
    /// Their day has not come, or no head dates them yet.
    pub later: u64,
    /// No leaf has their D: they were not sent, or not to this log.
    pub unlogged: u64,
}

/// Reads both logs and tells what is due on `today`. `secret` draws the days, and is shared with who shows the dummies (LOG-51).
pub async fn duties(
    orders: &LogReader,
    public: &LogReader,
    terms: Terms,
    records: Vec<SignedRecord>,
    secret: &Secret<32>,
    today: Day,
) -> Result<Duties, ClientError> {
    let mut kept: BTreeMap<Digest, SignedRecord> = records.into_iter().map(|record| (record.d(), record)).collect();
    let mut placed = BTreeMap::new();
    let mut find = |index: u64, entry: &[u8]| {
        // A leaf that came in twice is two duties with one record.
        if let Some(record) = d_of_entry(entry).and_then(|d| kept.get(&d)) {
            placed.insert(index, record.clone());
        }
    };
    let ledger = ledger_and(orders, public, terms, None, &mut find).await?;
    placed.values().for_each(|record| drop(kept.remove(&record.d())));
    let mut duties = Duties { unlogged: kept.len() as u64, ..Duties::default() };
    for (index, record) in placed {
        match () {
            () if ledger.is_disclosed(index) => duties.open += 1,
            () if is_due(&ledger, index, secret, today) => duties.due.push((index, record)),
            () => duties.later += 1,
        }
    }
    Ok(duties)
}

/// Has the day that was drawn for the index come? A renewal moves it with the deadline.
pub fn is_due(ledger: &Ledger, index: u64, secret: &Secret<32>, today: Day) -> bool {
    ledger.deadline(index).is_some_and(|deadline| disclosure_day(secret, index, deadline) <= today)
}

//! Showing dummies to be dummies, and which day an index is disclosed (LOG-33, LOG-48, LOG-51).

use std::collections::BTreeMap;

use seal::digest::hmac_sha256;
use seal::merkle::Hash;
use seal::secret::Secret;
use verify::calendar::Day;
use verify::log::leaf;
use verify::statement::{Dummies, Statement};

use super::client::{ClientError, Head, LogReader};

/// Disclosures lie in the last so many days before the deadline (LOG-51).
const WINDOW_DAYS: u64 = 30;

/// Which of `from..to` are dummies of these day keys, and their r: found from the log's entries alone.
///
/// A dummy's counter lies in the range of indexes of its tick (`engine`), so each tick of `batch_entries` needs as many hashes
/// as it has leaves, for each day key that may be its own; the key of the tick before is tried first.
pub async fn dummies(
    reader: &LogReader,
    head: &Head,
    day_keys: &[Secret<32>],
    batch_entries: u32,
    range: std::ops::Range<u64>,
) -> Result<Vec<(u64, [u8; 32])>, ClientError> {
    let batch = u64::from(batch_entries.max(1));
    let (mut found, mut likely) = (Vec::new(), 0);
    let mut base = range.start - range.start % batch;
    while base < range.end.min(head.size) {
        let end = (base + batch).min(head.size);
        let entries = reader.entries(base, end, head).await?;
        for try_no in 0..day_keys.len() {
            let which = (likely + try_no) % day_keys.len();
            let of_tick = match_tick(&day_keys[which], base, &entries);
            if !of_tick.is_empty() {
                likely = which;
                found.extend(of_tick.into_iter().filter(|(index, _)| range.contains(index)));
                break;
            }
        }
        base = end;
    }
    Ok(found)
}

/// The dummies among one tick's entries, ascending by index.
fn match_tick(day_key: &Secret<32>, base: u64, entries: &[Vec<u8>]) -> Vec<(u64, [u8; 32])> {
    let counters = base..base + entries.len() as u64;
    let made: BTreeMap<Hash, [u8; 32]> = counters
        .map(|counter| {
            let r = day_key.expose(|key| leaf::dummy_r(key, counter));
            (leaf::commitment_d(&leaf::dummy_commitment(&r)), r)
        })
        .collect();
    let r_of = |entry: &Vec<u8>| leaf::d_of_entry(entry).and_then(|d| made.get(&d).copied());
    (base..).zip(entries).filter_map(|(index, entry)| Some((index, r_of(entry)?))).collect()
}

/// The `dummy` statements of these rows, a thousand each.
pub fn statements(log: &str, rows: &[(u64, [u8; 32])]) -> Vec<Statement> {
    let chunks = rows.chunks(Statement::ROWS_MAX);
    chunks.map(|rows| Statement::Dummy(Dummies { log: log.to_owned(), rows: rows.to_vec() })).collect()
}

/// The day on which `index` is disclosed: one of the last 30 before its deadline, drawn alike for real leaves and dummies, so
/// that the day says nothing (LOG-51). `secret` is shared by those who disclose and never published.
pub fn disclosure_day(secret: &Secret<32>, index: u64, deadline: Day) -> Day {
    let drawn = secret.expose(|key| hmac_sha256(key, &[b"waarborg-disclosure-day/v1\n", &index.to_be_bytes()]));
    let mut octets = [0; 8];
    octets.copy_from_slice(&drawn[..8]);
    // 2^64 mod 30 is 16: the bias is below 2^-59, and a second draw would need a second label.
    let back = 1 + u64::from_be_bytes(octets) % WINDOW_DAYS;
    Day(deadline.0.saturating_sub(u32::try_from(back).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_51_days_lie_in_the_window_and_are_spread_alike() {
        let mut counts = BTreeMap::new();
        for index in 0..30_000 {
            *counts.entry(disclosure_day(&Secret::new([1; 32]), index, Day(1_000)).0).or_insert(0u32) += 1;
        }
        assert_eq!((counts.keys().min(), counts.keys().max()), (Some(&970), Some(&999)));
        assert!(counts.values().all(|count| count.abs_diff(1_000) < 160), "{counts:?}");
    }
}

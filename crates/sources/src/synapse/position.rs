//! Where the connector has read to in each of Synapse's streams, and which event numbers it still waits for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rows::{Answer, Ask};
use crate::source::{Position, SourceError};

const HEAD: &str = "waarborg-synapse/v1 ";

/// Synapse gives event numbers out before it commits, so a lower number can appear after a higher one. A missing
/// number is asked for again this long; no transaction of Synapse lives longer.
pub const GAP_WAIT_MS: u64 = 600_000;

/// Synapse persists at most 100 events in one transaction, and a handful of transactions at a time.
const GAP_NUMBERS_MAX: i64 = 1_000;

/// Rows that have only their time for an order are read this long after it, for the same reason.
pub const SETTLE_MS: u64 = 60_000;

/// Everything that has been read. One spelling (sorted, no spaces), refused when it is not ours (SRC-04).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Read {
    pub events: i64,
    /// Missing event number -> when it was missed, milliseconds since 1970.
    pub gaps: BTreeMap<i64, u64>,
    pub users: (i64, String),
    pub contacts: (i64, String, String, String),
    pub device_keys: (i64, String, String),
    /// Month of the last monthly copy that was begun, counted from year 0; 0: none yet.
    pub census_month: u64,
    /// Last account of that copy that was read; `None`: the copy is complete.
    pub census_name: Option<String>,
}

impl Read {
    pub fn parse(position: &Position) -> Result<Read, SourceError> {
        if position.0.is_empty() {
            return Ok(Read::default());
        }
        let foreign = || SourceError::Refusal { code: "SRC-04", reason: "the position was not written by this source".into() };
        let text = position.0.strip_prefix(HEAD).ok_or_else(foreign)?;
        let read: Read = serde_json::from_str(text).map_err(|_| foreign())?;
        if read.to_position() == *position { Ok(read) } else { Err(foreign()) }
    }

    pub fn to_position(&self) -> Position {
        let text = serde_json::to_string(self).expect("Cannot fail: numbers and text only");
        Position(format!("{HEAD}{text}"))
    }

    /// The question for the next batch. A new month begins a new copy of all accounts.
    pub fn ask(&mut self, now_ms: u64, rows_max: u32) -> Ask {
        let month = month_of(now_ms);
        if self.census_month < month && self.census_name.is_none() {
            self.census_month = month;
            self.census_name = Some(String::new());
        }
        Ask {
            events_after: self.events,
            gaps: self.gaps.keys().copied().collect(),
            users_after: self.users.clone(),
            contacts_after: self.contacts.clone(),
            device_keys_after: self.device_keys.clone(),
            census_after: self.census_name.clone(),
            settled_ms: i64::try_from(now_ms.saturating_sub(SETTLE_MS)).unwrap_or(i64::MAX),
            rows_max,
        }
    }

    /// The position after the answer.
    pub fn after(mut self, answer: &Answer, now_ms: u64, rows_max: u32) -> Read {
        self.note_gaps(answer, now_ms);
        if let Some(last) = answer.users.last() {
            self.users = (last.creation_ts.unwrap_or_default(), last.name.clone());
        }
        if let Some(last) = answer.contacts.last() {
            self.contacts = (last.added_at, last.user_id.clone(), last.medium.clone(), last.address.clone());
        }
        if let Some(last) = answer.device_keys.last() {
            self.device_keys = (last.ts_added_ms, last.user_id.clone(), last.device_id.clone());
        }
        if self.census_name.is_some() {
            let is_whole = answer.census.len() < rows_max as usize;
            self.census_name = answer.census.last().map(|user| user.name.clone()).filter(|_| !is_whole);
        }
        self
    }

    fn note_gaps(&mut self, answer: &Answer, now_ms: u64) {
        for row in &answer.events {
            self.gaps.remove(&row.stream_ordering);
            if row.stream_ordering <= self.events {
                continue;
            }
            // A row that old has nobody in flight before it: rolled back, purged, or another stream's numbers.
            let is_recent = row.received_ts.is_none_or(|at| at.max(0) as u64 + GAP_WAIT_MS > now_ms);
            if is_recent && self.events > 0 {
                let first = (self.events + 1).max(row.stream_ordering - GAP_NUMBERS_MAX);
                self.gaps.extend((first..row.stream_ordering).map(|missing| (missing, now_ms)));
            }
            self.events = row.stream_ordering;
        }
        self.gaps.retain(|_, missed| *missed + GAP_WAIT_MS > now_ms);
    }
}

/// Whether any part of the answer was cut at the most rows, so that more waits now.
pub fn has_more(answer: &Answer, rows_max: u32) -> bool {
    let max = rows_max as usize;
    [answer.events.len(), answer.users.len(), answer.contacts.len(), answer.device_keys.len(), answer.census.len()]
        .into_iter()
        .any(|len| len >= max)
}

/// Months since year 0, from the calendar of the catalogue.
fn month_of(now_ms: u64) -> u64 {
    let text = seal::catalogue::format_rfc3339(now_ms);
    let number = |part: &str| part.parse::<u64>().unwrap_or_default();
    number(text.get(..4).unwrap_or_default()) * 12 + number(text.get(5..7).unwrap_or_default())
}

//! What the connector asks a Synapse database in one snapshot, and what it gets: rows as they stand there.
//!
//! The same two values for PostgreSQL and SQLite, so that everything after the reading is one pure function
//! (`records`). On SQLite they also are the lines between the reader process and its parent.

use serde::{Deserialize, Serialize};

/// One batch's question. All parts are read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Events with a greater stream ordering, and these single ones (`position`: gaps).
    pub events_after: i64,
    pub gaps: Vec<i64>,
    pub users_after: (i64, String),
    pub contacts_after: (i64, String, String, String),
    pub device_keys_after: (i64, String, String),
    /// Accounts by name after this one, for the monthly copy; `None`: not now.
    pub census_after: Option<String>,
    /// Rows that are ordered by their time are read up to this moment only, milliseconds since 1970.
    pub settled_ms: i64,
    /// Most rows of each part.
    pub rows_max: u32,
}

/// The rows of one snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The database's own name of the snapshot.
    pub snapshot: String,
    /// Synapse's schema version.
    pub version: i64,
    /// Every column of the database, `table column type`, sorted.
    pub schema: Vec<String>,
    pub events: Vec<EventRow>,
    /// The number of events in the same range by an aggregate of its own, outliers and rejected ones left out.
    pub events_counted: i64,
    /// Every membership change, up to the last event, of the rooms in which the events stand.
    pub memberships: Vec<MembershipRow>,
    pub users: Vec<UserRow>,
    pub contacts: Vec<ContactRow>,
    pub device_keys: Vec<DeviceKeysRow>,
    pub census: Vec<UserRow>,
    /// Contacts of the accounts in `census`.
    pub census_contacts: Vec<ContactRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRow {
    pub stream_ordering: i64,
    pub event_id: String,
    pub room_id: String,
    pub sender: Option<String>,
    /// Milliseconds, by the sender's side: forgeable.
    pub origin_server_ts: Option<i64>,
    /// Milliseconds, by the server's own clock.
    pub received_ts: Option<i64>,
    /// False for outliers and rejected events: they did not happen here.
    pub counted: bool,
    pub interaction: String,
    pub wrapping: String,
    /// Whom a membership event is about.
    pub target: Option<String>,
    pub membership: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MembershipRow {
    pub stream_ordering: i64,
    pub room_id: String,
    pub user_id: String,
    pub joined: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserRow {
    pub name: String,
    /// SECONDS, unlike every other time in this database.
    pub creation_ts: Option<i64>,
    pub account_kind: String,
    pub closed: bool,
    pub display_name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactRow {
    pub user_id: String,
    /// `email` or `msisdn`.
    pub medium: String,
    pub address: String,
    /// Milliseconds, both.
    pub validated_at: i64,
    pub added_at: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceKeysRow {
    pub user_id: String,
    pub device_id: String,
    /// Milliseconds.
    pub ts_added_ms: i64,
}

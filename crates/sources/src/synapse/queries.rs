//! The fixed queries. Nothing else is ever sent to the database, and nothing in them comes from outside but numbers
//! and keyset values.

use super::allow::{VIEWS, VIEWS_SCHEMA};

/// How a database spells a view and a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Postgres,
    Sqlite,
}

/// `$1` after, `$2` most rows.
const EVENTS: &str = "SELECT stream_ordering, event_id, room_id, sender, origin_server_ts, received_ts, counted, \
     interaction, wrapping, target, membership FROM {events} \
     WHERE stream_ordering > $1 OR stream_ordering IN ({gaps}) ORDER BY stream_ordering LIMIT $2";
/// `$1` after, `$2` up to.
const EVENTS_COUNTED: &str = "SELECT count(*) FROM {events} \
     WHERE counted = 1 AND (stream_ordering > $1 AND stream_ordering <= $2 OR stream_ordering IN ({gaps}))";
/// `$1` after, `$2` up to.
const MEMBERSHIPS: &str = "SELECT stream_ordering, room_id, user_id, joined FROM {memberships} \
     WHERE stream_ordering <= $2 AND room_id IN (SELECT room_id FROM {events} \
       WHERE stream_ordering > $1 AND stream_ordering <= $2 OR stream_ordering IN ({gaps})) \
     ORDER BY stream_ordering";
/// `$1`, `$2` after (time, name), `$3` settled, in the column's own unit (seconds), `$4` most rows.
const USERS: &str = "SELECT name, creation_ts, account_kind, closed, display_name FROM {users} \
     WHERE (creation_ts, name) > ($1, $2) AND creation_ts <= $3 ORDER BY creation_ts, name LIMIT $4";
/// `$1` .. `$4` after (time, user, medium, address), `$5` settled, `$6` most rows.
const CONTACTS: &str = "SELECT user_id, medium, address, validated_at, added_at FROM {contacts} \
     WHERE (added_at, user_id, medium, address) > ($1, $2, $3, $4) AND added_at <= $5 \
     ORDER BY added_at, user_id, medium, address LIMIT $6";
/// `$1` .. `$3` after (time, user, device), `$4` settled, `$5` most rows.
const DEVICE_KEYS: &str = "SELECT user_id, device_id, ts_added_ms FROM {device_keys} \
     WHERE (ts_added_ms, user_id, device_id) > ($1, $2, $3) AND ts_added_ms <= $4 \
     ORDER BY ts_added_ms, user_id, device_id LIMIT $5";
/// `$1` after, `$2` most rows.
const CENSUS: &str = "SELECT name, creation_ts, account_kind, closed, display_name FROM {users} \
     WHERE name > $1 ORDER BY name LIMIT $2";
/// `$1` after, `$2` up to.
const CENSUS_CONTACTS: &str = "SELECT user_id, medium, address, validated_at, added_at FROM {contacts} \
     WHERE user_id > $1 AND user_id <= $2 ORDER BY user_id, medium, address";
const VERSION: &str = "SELECT version FROM {schema_version}";

/// Every query in one dialect.
pub struct Queries {
    pub events: String,
    pub events_counted: String,
    pub memberships: String,
    pub users: String,
    pub contacts: String,
    pub device_keys: String,
    pub census: String,
    pub census_contacts: String,
    pub version: String,
}

impl Queries {
    /// `gaps` are written into the text: whole numbers, and both databases differ in how they pass a list.
    pub fn new(dialect: Dialect, gaps: &[i64]) -> Queries {
        let list = gaps.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let list = if list.is_empty() { "NULL".to_owned() } else { list };
        let write = |query: &str| {
            let mut text = query.replace("{gaps}", &list);
            for view in VIEWS {
                let stands = match dialect {
                    Dialect::Postgres => format!("{VIEWS_SCHEMA}.{}", view.name),
                    Dialect::Sqlite => format!("({}) AS {}", view.query, view.name),
                };
                text = text.replace(&format!("{{{}}}", view.name), &stands);
            }
            if dialect == Dialect::Sqlite { text.replace('$', "?") } else { text }
        };
        Queries {
            events: write(EVENTS),
            events_counted: write(EVENTS_COUNTED),
            memberships: write(MEMBERSHIPS),
            users: write(USERS),
            contacts: write(CONTACTS),
            device_keys: write(DEVICE_KEYS),
            census: write(CENSUS),
            census_contacts: write(CENSUS_CONTACTS),
            version: write(VERSION),
        }
    }
}

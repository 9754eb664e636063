//! What may be read from Synapse, and what must be out of reach. The one list that both databases are held to.

/// Columns of Synapse's own tables that the connector needs. Nothing else may be readable: not to the role of the
/// views on PostgreSQL, not to the reader process on SQLite. Last-value columns (`user_ips`, `devices.last_seen`) are
/// not here: from them no history is made (SEA-79).
pub const BASE: &[(&str, &[&str])] = &[
    ("e2e_device_keys_json", &["user_id", "device_id", "ts_added_ms"]),
    (
        "events",
        &[
            "event_id",
            "type",
            "room_id",
            "outlier",
            "origin_server_ts",
            "received_ts",
            "sender",
            "stream_ordering",
            "state_key",
            "rejection_reason",
        ],
    ),
    ("profiles", &["full_user_id", "displayname"]),
    ("room_memberships", &["event_id", "user_id", "room_id", "membership"]),
    ("schema_version", &["version"]),
    ("user_threepids", &["user_id", "medium", "address", "validated_at", "added_at"]),
    ("users", &["name", "creation_ts", "is_guest", "deactivated", "user_type", "appservice_id"]),
];

/// The role that owns the views on PostgreSQL. It cannot log in.
pub const VIEWS_ROLE: &str = "waarborg_views";
/// The schema that holds them.
pub const VIEWS_SCHEMA: &str = "waarborg";

/// One view: its name, its columns, its query. On PostgreSQL the connector's role can read the views and nothing
/// below them; on SQLite the same queries stand as subqueries. The type text of an event is chosen by the sending
/// client and could carry content, so only a word from a closed list leaves the view; of a state key only that it is there.
pub struct View {
    pub name: &'static str,
    pub columns: &'static [&'static str],
    pub query: &'static str,
}

pub const VIEWS: &[View] = &[
    View {
        name: "contacts",
        columns: &["user_id", "medium", "address", "validated_at", "added_at"],
        query: "SELECT user_id, medium, address, validated_at, added_at FROM user_threepids",
    },
    View {
        name: "device_keys",
        columns: &["user_id", "device_id", "ts_added_ms"],
        query: "SELECT user_id, device_id, ts_added_ms FROM e2e_device_keys_json",
    },
    View {
        name: "events",
        columns: &[
            "stream_ordering",
            "event_id",
            "room_id",
            "sender",
            "origin_server_ts",
            "received_ts",
            "counted",
            "interaction",
            "wrapping",
            "target",
            "membership",
        ],
        query: "SELECT e.stream_ordering, e.event_id, e.room_id, e.sender, e.origin_server_ts, e.received_ts,
    CASE WHEN e.outlier OR e.rejection_reason IS NOT NULL THEN 0 ELSE 1 END AS counted,
    CASE WHEN e.type = 'm.room.member' THEN 'membership'
         WHEN e.state_key IS NOT NULL THEN 'settings'
         WHEN e.type IN ('m.room.encrypted', 'm.room.message', 'm.sticker') THEN 'message'
         WHEN e.type IN ('m.call.invite', 'm.call.candidates', 'm.call.answer', 'm.call.select_answer',
                         'm.call.negotiate', 'm.call.reject', 'm.call.hangup') THEN 'call'
         ELSE 'other' END AS interaction,
    CASE WHEN e.type = 'm.room.encrypted' THEN 'encrypted'
         WHEN e.type IN ('m.room.message', 'm.sticker') THEN 'plain'
         ELSE 'unknown' END AS wrapping,
    m.user_id AS target, m.membership
FROM events e LEFT JOIN room_memberships m ON m.event_id = e.event_id",
    },
    View {
        name: "memberships",
        columns: &["stream_ordering", "room_id", "user_id", "joined"],
        query: "SELECT e.stream_ordering, m.room_id, m.user_id,
    CASE WHEN m.membership = 'join' THEN 1 ELSE 0 END AS joined
FROM room_memberships m JOIN events e ON e.event_id = m.event_id
WHERE NOT e.outlier AND e.rejection_reason IS NULL",
    },
    View { name: "schema_version", columns: &["version"], query: "SELECT version FROM schema_version" },
    View {
        name: "users",
        columns: &["name", "creation_ts", "account_kind", "closed", "display_name"],
        query: "SELECT u.name, u.creation_ts,
    CASE WHEN u.appservice_id IS NOT NULL OR u.user_type = 'bot' THEN 'service'
         WHEN u.is_guest = 1 THEN 'guest'
         WHEN u.user_type = 'support' THEN 'staff'
         ELSE 'person' END AS account_kind,
    CASE WHEN u.deactivated = 1 THEN 1 ELSE 0 END AS closed,
    p.displayname AS display_name
FROM users u LEFT JOIN profiles p ON p.full_user_id = u.name",
    },
];

/// Columns with secrets, content or key material. This list protects nothing, the allow-list does; it makes the
/// self-test say what is within reach, and gives it something that must be denied.
pub const FORBIDDEN: &[(&str, &str)] = &[
    ("access_tokens", "token"),
    ("account_data", "content"),
    ("account_validity", "renewal_token"),
    ("dehydrated_devices", "device_data"),
    ("delayed_events", "content"),
    ("deleted_pushers", "pushkey"),
    ("device_federation_outbox", "messages_json"),
    ("device_inbox", "message_json"),
    ("e2e_cross_signing_keys", "keydata"),
    ("e2e_device_keys_json", "key_json"),
    ("e2e_fallback_keys_json", "key_json"),
    ("e2e_one_time_keys_json", "key_json"),
    ("e2e_room_keys", "session_data"),
    ("e2e_room_keys_versions", "auth_data"),
    ("event_json", "json"),
    ("event_reports", "content"),
    ("event_search", "value"),
    ("event_search", "vector"),
    ("event_search_content", "c4value"),
    ("event_search_segments", "block"),
    ("events", "content"),
    ("federation_inbound_events_staging", "event_json"),
    ("login_tokens", "token"),
    ("open_id_tokens", "token"),
    ("pushers", "access_token"),
    ("pushers", "pushkey"),
    ("received_transactions", "response_json"),
    ("refresh_tokens", "token"),
    ("registration_tokens", "token"),
    ("room_account_data", "content"),
    ("room_stats_state", "topic"),
    ("room_tags", "content"),
    ("server_keys_json", "key_json"),
    ("threepid_guest_access_tokens", "guest_access_token"),
    ("threepid_validation_session", "client_secret"),
    ("threepid_validation_token", "token"),
    ("user_directory_search", "value"),
    ("user_directory_search", "vector"),
    ("user_directory_search_content", "c1value"),
    ("user_filters", "filter_json"),
    ("user_ips", "access_token"),
    ("users", "password_hash"),
];

/// Whether the connector may read this column of Synapse's own tables.
pub fn may_read(table: &str, column: &str) -> bool {
    BASE.iter().any(|(t, columns)| *t == table && columns.contains(&column))
}

/// Whether the column is known to hold secrets, content or key material.
pub fn is_forbidden(table: &str, column: &str) -> bool {
    FORBIDDEN.contains(&(table, column))
}

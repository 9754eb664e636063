//! The reader process on a small database with the shape of Synapse's, trap 5 included: a plaintext message in an
//! encrypted room, standing in `event_json`, in `events.content` and in the search index.

use std::path::PathBuf;
use std::sync::LazyLock;

use rusqlite::Connection;
use sources::synapse::sqlite_reader::{Database, Tried};
use sources::synapse::{Access, Provider, SchemaPin, Synapse, SynapseConfig, judge};
use sources::{Batch, Position, Source, SourceError};

use super::records::NOW;

const SCHEMA: &str = "
CREATE TABLE events (stream_ordering INTEGER PRIMARY KEY, event_id TEXT, type TEXT, room_id TEXT, content TEXT, outlier BOOL,
  origin_server_ts BIGINT, received_ts BIGINT, sender TEXT, state_key TEXT, rejection_reason TEXT);
CREATE TABLE event_json (event_id TEXT, json TEXT);
CREATE VIRTUAL TABLE event_search USING fts4(event_id, room_id, sender, key, value);
CREATE TABLE room_memberships (event_id TEXT, user_id TEXT, room_id TEXT, membership TEXT, display_name TEXT);
CREATE TABLE users (name TEXT, password_hash TEXT, creation_ts BIGINT, is_guest SMALLINT, deactivated SMALLINT, user_type TEXT,
  appservice_id TEXT);
CREATE TABLE profiles (full_user_id TEXT, displayname TEXT);
CREATE TABLE user_threepids (user_id TEXT, medium TEXT, address TEXT, validated_at BIGINT, added_at BIGINT);
CREATE TABLE e2e_device_keys_json (user_id TEXT, device_id TEXT, ts_added_ms BIGINT, key_json TEXT);
CREATE TABLE user_ips (user_id TEXT, access_token TEXT, ip TEXT, last_seen BIGINT);
CREATE TABLE schema_version (version INTEGER);
INSERT INTO schema_version VALUES (94);
INSERT INTO users VALUES ('@alice:waarborg.test', '$2b$secret', 1795296312, 0, 0, NULL, NULL);
INSERT INTO users VALUES ('@bob:waarborg.test', '$2b$secret', 1795296313, 0, 0, NULL, NULL);
INSERT INTO profiles VALUES ('@alice:waarborg.test', 'Alice');
INSERT INTO events VALUES (1, '$1', 'm.room.member', '!r:x', '{}', 0, 1795296314000, 1795296314001, '@alice:waarborg.test', '@alice:waarborg.test', NULL);
INSERT INTO events VALUES (2, '$2', 'm.room.member', '!r:x', '{}', 0, 1795296315000, 1795296315001, '@bob:waarborg.test', '@bob:waarborg.test', NULL);
INSERT INTO events VALUES (3, '$3', 'm.room.message', '!r:x', '{\"body\":\"SECRET-PLAINTEXT\"}', 0, 1795296316000, 1795296316001, '@alice:waarborg.test', NULL, NULL);
INSERT INTO events VALUES (4, '$4', 'SECRET-PLAINTEXT in a type', '!r:x', '{}', 0, 1795296317000, 1795296317001, '@alice:waarborg.test', NULL, NULL);
INSERT INTO events VALUES (5, '$5', 'm.room.encrypted', '!r:x', '{}', 1, 1795296318000, 1795296318001, '@alice:waarborg.test', NULL, NULL);
INSERT INTO events VALUES (6, '$6', 'm.room.encrypted', '!r:x', '{}', 0, 1795296318000, 1795296318001, '@alice:waarborg.test', NULL, 'auth');
INSERT INTO room_memberships VALUES ('$1', '@alice:waarborg.test', '!r:x', 'join', 'Alice');
INSERT INTO room_memberships VALUES ('$2', '@bob:waarborg.test', '!r:x', 'join', 'Bob');
INSERT INTO event_json VALUES ('$3', '{\"content\":{\"body\":\"SECRET-PLAINTEXT\"}}');
INSERT INTO event_search VALUES ('$3', '!r:x', '@alice:waarborg.test', 'content.body', 'SECRET-PLAINTEXT');
INSERT INTO e2e_device_keys_json VALUES ('@alice:waarborg.test', 'ALICEe9d2b67f', 1795296313500, '{\"keys\":\"SECRET-KEY\"}');
";

struct Lab {
    dir: tempfile::TempDir,
}

impl Lab {
    fn new(extra: &str) -> Lab {
        let lab = Lab { dir: tempfile::tempdir().unwrap() };
        let connection = Connection::open(lab.file()).unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        connection.execute_batch(extra).unwrap();
        lab
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("homeserver.db")
    }

    fn pin(&self) -> SchemaPin {
        let mut database = Database::open(&self.file()).unwrap();
        let read = Position::default();
        let mut read = sources::synapse::position::Read::parse(&read).unwrap();
        SchemaPin::observed(&database.read(&read.ask(NOW, 10)).unwrap().schema)
    }

    fn source(&self, reader: Vec<String>) -> Synapse {
        let provider = Provider { source: "synapse".into(), server_name: "waarborg.test".into() };
        let access = Access::Sqlite { database: self.file(), reader };
        Synapse::new(SynapseConfig { provider, access, pin: Some(self.pin()), history: false }).unwrap()
    }
}

fn reader() -> Vec<String> {
    vec![env!("CARGO_BIN_EXE_waarborg-synapse-reader").into()]
}

/// One for all calls: the pipes to a reader live and die with their runtime.
static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| tokio::runtime::Runtime::new().unwrap());

fn next(source: &mut Synapse, after: &Position) -> Result<Batch, SourceError> {
    RUNTIME.block_on(source.next(after, NOW))
}

/// A stand-in for the reader: a shell script that answers the same line for ever.
fn liar(lab: &Lab, reply: &str) -> Vec<String> {
    let script = lab.dir.path().join("liar.sh");
    std::fs::write(&script, format!("while read -r line; do printf '%s\\n' '{reply}'; done\n")).unwrap();
    vec!["/bin/sh".into(), script.to_str().unwrap().into()]
}

fn refused(result: Result<Batch, SourceError>) -> &'static str {
    match result {
        Err(SourceError::Refusal { code, .. }) => code,
        Err(SourceError::Fault(_)) => "fault",
        Err(_) => "another error",
        Ok(_) => "accepted",
    }
}

#[test]
fn trap_5_the_plaintext_is_in_the_file_and_cannot_be_reached() {
    let lab = Lab::new("");
    let mut source = lab.source(reader());
    let batch = next(&mut source, &Position::default()).unwrap();
    let shown: String = batch.records.iter().map(|i| i.record.json_line() + &i.record.csv_row()).collect();
    assert!(std::fs::read(lab.file()).unwrap().windows(16).any(|w| w == b"SECRET-PLAINTEXT"), "the trap is set");
    assert!(!shown.contains("SECRET") && !shown.contains("$2b$"));
    assert!(shown.contains("\"wrapping\":\"plain\""), "that it was plain is said");
}

#[test]
fn the_reader_gives_what_happened_and_nothing_twice() {
    let lab = Lab::new("");
    let mut source = lab.source(reader());
    let batch = next(&mut source, &Position::default()).unwrap();
    let count = |slug: &str| batch.records.iter().filter(|i| i.record.record_type().slug() == slug).count();
    // Two joins, two messages with two copies each; the outlier and the rejected event give nothing.
    assert_eq!((count("traffic"), count("subscriber"), count("device")), (6, 4, 1));
    assert!(batch.refused.is_empty());
    let again = next(&mut source, &batch.position).unwrap();
    assert_eq!((again.records.len(), again.more), (0, false));
}

#[test]
fn small_batches_give_the_same_records_as_one() {
    let lab = Lab::new("");
    let whole = next(&mut lab.source(reader()), &Position::default()).unwrap();
    let mut source = lab.source(reader()).with_rows_max(1);
    let (mut position, mut lines) = (Position::default(), Vec::new());
    loop {
        let batch = next(&mut source, &position).unwrap();
        lines.extend(batch.records.iter().map(|i| i.record.json_line()));
        position = batch.position;
        if !batch.more {
            break;
        }
    }
    let mut expected: Vec<String> = whole.records.iter().map(|i| i.record.json_line()).collect();
    expected.sort();
    lines.sort();
    assert_eq!(lines, expected);
}

#[test]
fn every_column_off_the_list_is_denied_by_sqlite_itself() {
    let lab = Lab::new("CREATE VIEW innocent AS SELECT json AS event_id FROM event_json;");
    let tried = Database::open(&lab.file()).unwrap().self_test().unwrap();
    let is_readable = |table: &str, column: &str| tried.iter().find(|t| t.table == table && t.column == column).map(|t| t.is_readable);
    assert_eq!(is_readable("events", "sender"), Some(true));
    for (table, column) in [
        ("events", "content"),
        ("event_json", "json"),
        ("event_search", "value"),
        ("event_search_content", "c4value"),
        ("users", "password_hash"),
        ("user_ips", "ip"),
        ("user_ips", "last_seen"),
        ("e2e_device_keys_json", "key_json"),
        ("room_memberships", "display_name"),
        ("innocent", "event_id"),
    ] {
        assert_eq!(is_readable(table, column), Some(false), "{table}.{column}");
    }
    assert!(judge(&tried).is_ok());
}

#[test]
fn the_reader_cannot_write() {
    let lab = Lab::new("");
    let before = std::fs::read(lab.file()).unwrap();
    let mut source = lab.source(reader());
    next(&mut source, &Position::default()).unwrap();
    assert_eq!(std::fs::read(lab.file()).unwrap(), before);
    let absent = lab.dir.path().join("absent.db");
    assert!(Database::open(&absent).is_err());
    assert!(!absent.exists(), "nothing is created");
}

fn tried(without: &[(&str, &str)], readable: &[(&str, &str)]) -> Vec<Tried> {
    let lab = Lab::new("");
    let mut tried = Database::open(&lab.file()).unwrap().self_test().unwrap();
    let is_in = |list: &[(&str, &str)], t: &Tried| list.iter().any(|(table, column)| t.table == *table && t.column == *column);
    tried.retain(|t| !is_in(without, t));
    for t in &mut tried {
        t.is_readable |= is_in(readable, t);
    }
    tried
}

fn judged(tried: Vec<Tried>) -> &'static str {
    match judge(&tried) {
        Ok(()) => "accepted",
        Err(SourceError::Refusal { code, .. }) => code,
        Err(_) => "fault",
    }
}

#[test]
fn src_13_a_reader_that_can_read_content_is_refused() {
    assert_eq!(judged(tried(&[], &[])), "accepted");
    assert_eq!(judged(tried(&[], &[("event_json", "json")])), "SRC-13");
}

#[test]
fn src_14_a_reader_that_can_read_more_than_the_list_is_refused() {
    assert_eq!(judged(tried(&[], &[("user_ips", "last_seen")])), "SRC-14");
}

#[test]
fn src_16_a_reader_that_cannot_read_what_is_needed_is_refused() {
    assert_eq!(judged(tried(&[("events", "received_ts")], &[])), "SRC-16");
}

#[test]
fn src_26_a_self_test_that_tried_nothing_forbidden_shows_nothing() {
    let only_allowed: Vec<Tried> = tried(&[], &[]).into_iter().filter(|t| t.is_readable).collect();
    assert_eq!(judged(only_allowed), "SRC-26");
}

#[test]
fn src_26_a_source_whose_reader_fails_the_test_does_not_start() {
    let lab = Lab::new("");
    let honest = Database::open(&lab.file()).unwrap().self_test().unwrap();
    let open: Vec<Tried> = honest.into_iter().map(|t| Tried { is_readable: true, ..t }).collect();
    let reply = serde_json::json!({ "SelfTest": open }).to_string();
    assert_eq!(refused(next(&mut lab.source(liar(&lab, &reply)), &Position::default())), "SRC-13");
    let reply = serde_json::json!({ "SelfTest": [] }).to_string();
    assert_eq!(refused(next(&mut lab.source(liar(&lab, &reply)), &Position::default())), "SRC-16");
}

#[test]
fn src_27_a_process_that_is_not_the_reader_is_refused() {
    let lab = Lab::new("");
    assert_eq!(refused(next(&mut lab.source(liar(&lab, "hello")), &Position::default())), "SRC-27");
    assert_eq!(refused(next(&mut lab.source(vec!["/bin/false".into()]), &Position::default())), "fault");
    assert_eq!(refused(next(&mut lab.source(vec!["/nonexistent".into()]), &Position::default())), "fault");
}

#[test]
fn src_19_t17_a_changed_schema_stops_the_connector_in_the_middle() {
    let lab = Lab::new("");
    let mut source = lab.source(reader());
    let batch = next(&mut source, &Position::default()).unwrap();
    let connection = Connection::open(lab.file()).unwrap();
    // What Synapse makes for a minute while it fills its user directory.
    let passing = "CREATE TABLE _temp_populate_user_directory_rooms AS SELECT room_id, count(*) AS events FROM events GROUP BY room_id;
        CREATE TABLE _temp_populate_user_directory_position (position BIGINT NOT NULL);
        CREATE TABLE _temp_populate_user_directory_users AS SELECT name AS user_id FROM users";
    connection.execute_batch(passing).unwrap();
    assert!(next(&mut source, &batch.position).is_ok());
    connection.execute_batch("ALTER TABLE events ADD COLUMN plaintext TEXT").unwrap();
    assert_eq!(refused(next(&mut source, &batch.position)), "SRC-19");
    let pin = RUNTIME.block_on(source.schema()).unwrap();
    assert!(pin.to_text().contains("\nevents plaintext TEXT\n"), "what a person reads before the next pin");
    assert!(pin == lab.pin());
}

#[test]
fn a_reader_that_died_is_started_and_tested_again() {
    let lab = Lab::new("");
    // Hands two lines on, the self-test and one batch, and then ends the reader.
    let one = "IFS= read -r line; printf '%s\\n' \"$line\"";
    let script = format!("{{ {one}; {one}; }} | '{}' \"$0\"", reader()[0]);
    let mut source = lab.source(vec!["/bin/sh".into(), "-c".into(), script]);
    let first = next(&mut source, &Position::default()).unwrap();
    assert_eq!(refused(next(&mut source, &first.position)), "fault");
    assert!(next(&mut source, &first.position).is_ok());
}

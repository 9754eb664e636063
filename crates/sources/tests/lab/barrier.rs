//! The border on PostgreSQL: what the database itself lets the reader see, and every change that must stop the connector.

use sources::synapse::allow::FORBIDDEN;
use sources::synapse::{PostgresReader, SchemaPin};
use sources::{Position, SourceError};

use super::world::*;

#[test]
fn every_column_of_every_table_is_denied_to_the_reader() {
    let _alone = superuser();
    RUNTIME.block_on(async {
        let reader = connect(&env("WAARBORG_LAB_READER")).await;
        let pin = SchemaPin::postgres_94().to_text();
        let (mut tried, mut forbidden) = (0, 0);
        for line in pin.lines().skip(1) {
            let [table, column, ..] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("a pin line") };
            let error = reader.simple_query(&format!("SELECT \"{column}\" FROM public.\"{table}\" LIMIT 0")).await.unwrap_err();
            assert_eq!(error.code().map(|c| c.code()), Some("42501"), "{table}.{column}");
            tried += 1;
            forbidden += usize::from(FORBIDDEN.contains(&(table, column)));
        }
        println!("{tried} columns denied by PostgreSQL, {forbidden} of them with content or secrets");
        assert!(tried > 800 && forbidden >= 37);
    });
}

#[test]
fn the_shipped_pin_is_this_servers_schema() {
    let _alone = superuser();
    let mut reader = PostgresReader::new(&env("WAARBORG_LAB_READER"), SchemaPin::postgres_94()).unwrap();
    assert!(RUNTIME.block_on(reader.schema()).unwrap() == SchemaPin::postgres_94());
}

/// A running connector, one change by an administrator, the next batch.
fn after(change: &str, undo: &str) -> &'static str {
    let client = superuser();
    let mut source = Server::Postgres.source();
    let first = next(&mut source, &Position::default()).unwrap();
    RUNTIME.block_on(client.batch_execute(change)).unwrap();
    let second = next(&mut source, &first.position);
    let restarted = next(&mut Server::Postgres.source(), &Position::default());
    RUNTIME.block_on(client.batch_execute(undo)).unwrap();
    assert!(next(&mut source, &first.position).is_ok(), "the undo does not undo");
    match (second, restarted) {
        (Err(SourceError::Refusal { code, reason }), Err(SourceError::Refusal { code: again, .. })) => {
            println!("{code}: {reason}");
            assert_eq!(code, again, "running and restarted judge alike");
            code
        }
        (second, _) => panic!("went on: {}", second.is_ok()),
    }
}

#[test]
fn src_10_a_superuser_is_refused() {
    assert_eq!(after("ALTER ROLE waarborg_reader SUPERUSER", "ALTER ROLE waarborg_reader NOSUPERUSER"), "SRC-10");
    assert_eq!(after("ALTER ROLE waarborg_views LOGIN", "ALTER ROLE waarborg_views NOLOGIN"), "SRC-10");
}

#[test]
fn src_11_a_membership_is_refused_also_through_another_role() {
    assert_eq!(after("GRANT pg_read_all_data TO waarborg_reader", "REVOKE pg_read_all_data FROM waarborg_reader"), "SRC-11");
    assert_eq!(after("CREATE ROLE middle; GRANT synapse TO middle; GRANT middle TO waarborg_reader", "DROP ROLE middle",), "SRC-11");
}

#[test]
fn src_12_an_owner_is_refused() {
    assert_eq!(after("CREATE TABLE public.mine(); ALTER TABLE public.mine OWNER TO waarborg_reader", "DROP TABLE public.mine"), "SRC-12");
    assert_eq!(
        after(
            "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION public.mine() OWNER TO waarborg_views",
            "DROP FUNCTION public.mine()"
        ),
        "SRC-12"
    );
}

#[test]
fn src_13_each_forbidden_column_stops_a_running_connector() {
    for (table, column) in FORBIDDEN.iter().filter(|(t, c)| SchemaPin::postgres_94().to_text().contains(&format!("\n{t} {c} "))) {
        let role = if column.len() % 2 == 0 { "waarborg_reader" } else { "waarborg_views" };
        let grant = format!("GRANT SELECT ({column}) ON public.{table} TO {role}");
        let revoke = format!("REVOKE SELECT ({column}) ON public.{table} FROM {role}");
        assert_eq!(after(&grant, &revoke), "SRC-13", "{table}.{column}");
    }
}

#[test]
fn src_14_a_grant_to_everybody_is_seen() {
    assert_eq!(
        after("GRANT SELECT (ip, last_seen) ON public.user_ips TO PUBLIC", "REVOKE SELECT (ip, last_seen) ON public.user_ips FROM PUBLIC"),
        "SRC-14"
    );
    assert_eq!(
        after(
            "CREATE VIEW waarborg.innocent AS SELECT json AS event_id FROM public.event_json; GRANT SELECT ON waarborg.innocent TO waarborg_reader",
            "DROP VIEW waarborg.innocent"
        ),
        "SRC-14"
    );
    assert_eq!(
        after(
            "CREATE MATERIALIZED VIEW public.innocent AS SELECT json AS event_id FROM public.event_json; GRANT SELECT ON public.innocent TO waarborg_views",
            "DROP MATERIALIZED VIEW public.innocent"
        ),
        "SRC-14"
    );
}

#[test]
fn src_15_writing_is_refused() {
    assert_eq!(
        after(
            "GRANT UPDATE (deactivated) ON public.users TO waarborg_reader",
            "REVOKE UPDATE (deactivated) ON public.users FROM waarborg_reader"
        ),
        "SRC-15"
    );
    assert_eq!(after("GRANT CREATE ON SCHEMA public TO waarborg_reader", "REVOKE CREATE ON SCHEMA public FROM waarborg_reader"), "SRC-15");
}

#[test]
fn src_16_a_revoked_grant_is_refused() {
    assert_eq!(
        after("REVOKE SELECT ON waarborg.users FROM waarborg_reader", "GRANT SELECT ON waarborg.users TO waarborg_reader"),
        "SRC-16"
    );
}

#[test]
fn src_17_a_view_of_a_superuser_under_our_name_is_refused() {
    assert_eq!(after("ALTER VIEW waarborg.events OWNER TO postgres", "ALTER VIEW waarborg.events OWNER TO waarborg_views"), "SRC-17");
}

#[test]
fn src_18_a_security_definer_function_is_refused() {
    assert_eq!(
        after(
            "CREATE FUNCTION public.peek() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT json FROM public.event_json LIMIT 1'",
            "DROP FUNCTION public.peek()",
        ),
        "SRC-18"
    );
    assert_eq!(
        after(
            "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO waarborg_reader",
            "REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM waarborg_reader"
        ),
        "SRC-18"
    );
}

#[test]
fn src_19_t17_a_changed_schema_stops_a_running_connector() {
    assert_eq!(after("ALTER TABLE public.events ADD COLUMN plaintext text", "ALTER TABLE public.events DROP COLUMN plaintext"), "SRC-19");
    assert_eq!(after("CREATE TABLE public.new_in_synapse (a text)", "DROP TABLE public.new_in_synapse"), "SRC-19");
}

/// As synapse/storage/databases/main/user_directory.py of the pinned version makes them.
#[test]
fn src_19_the_tables_that_synapse_makes_for_a_minute_stop_nothing() {
    let tables = "CREATE TABLE public._temp_populate_user_directory_rooms AS
            SELECT room_id, count(*) AS events FROM public.current_state_events GROUP BY room_id;
        CREATE TABLE public._temp_populate_user_directory_position (position BIGINT NOT NULL);
        CREATE TABLE public._temp_populate_user_directory_users AS SELECT name AS user_id FROM public.users";
    let drop = "DROP TABLE public._temp_populate_user_directory_rooms, public._temp_populate_user_directory_position,
        public._temp_populate_user_directory_users";
    let client = superuser();
    RUNTIME.block_on(client.batch_execute(tables)).unwrap();
    let read = next(&mut Server::Postgres.source(), &Position::default());
    let open = "GRANT SELECT ON public._temp_populate_user_directory_users TO waarborg_reader";
    RUNTIME.block_on(client.batch_execute(open)).unwrap();
    let granted = next(&mut Server::Postgres.source(), &Position::default());
    RUNTIME.block_on(client.batch_execute(drop)).unwrap();
    assert!(read.is_ok());
    assert!(matches!(granted, Err(SourceError::Refusal { code: "SRC-14", .. })), "but nobody reads them");
}

#[test]
fn src_28_without_our_roles_nothing_starts() {
    let client = superuser();
    let renamed = "ALTER ROLE waarborg_views RENAME TO waarborg_views_gone";
    RUNTIME.block_on(client.batch_execute(renamed)).unwrap();
    let result = next(&mut Server::Postgres.source(), &Position::default());
    RUNTIME.block_on(client.batch_execute("ALTER ROLE waarborg_views_gone RENAME TO waarborg_views")).unwrap();
    assert!(matches!(result, Err(SourceError::Refusal { code: "SRC-28", .. })));
}

//! What the roles can reach, judged: one test for each way in which the connector refuses to start.

use sources::SourceError;
use sources::synapse::PostgresReader;
use sources::synapse::SchemaPin;
use sources::synapse::allow::{BASE, FORBIDDEN, VIEWS, VIEWS_ROLE, VIEWS_SCHEMA};
use sources::synapse::postgres_check::Reach;

/// Exactly what `synapse-grants.sql` grants.
fn good() -> Reach {
    let mut reach = Reach { reader: "waarborg_reader".into(), views_role_exists: true, ..Reach::default() };
    for view in VIEWS {
        reach.views.push((format!("{VIEWS_SCHEMA}.{}", view.name), VIEWS_ROLE.into()));
        reach.owned.push((VIEWS_ROLE.into(), format!("{VIEWS_SCHEMA}.{} (v)", view.name)));
        for column in view.columns {
            for role in ["waarborg_reader", VIEWS_ROLE] {
                reach.readable.push((role.into(), VIEWS_SCHEMA.into(), view.name.into(), (*column).into()));
            }
        }
    }
    reach.owned.push((VIEWS_ROLE.into(), format!("schema {VIEWS_SCHEMA}")));
    for (table, columns) in BASE {
        for column in *columns {
            reach.readable.push((VIEWS_ROLE.into(), "public".into(), (*table).into(), (*column).into()));
        }
    }
    reach
}

fn code(change: impl FnOnce(&mut Reach)) -> &'static str {
    let mut reach = good();
    change(&mut reach);
    match reach.judge() {
        Ok(()) => "accepted",
        Err(SourceError::Refusal { code, .. }) => code,
        Err(_) => "fault",
    }
}

fn readable(role: &str, schema: &str, table: &str, column: &str) -> &'static str {
    code(|reach| reach.readable.push((role.into(), schema.into(), table.into(), column.into())))
}

#[test]
fn the_shipped_grants_are_accepted() {
    assert_eq!(code(|_| ()), "accepted");
}

#[test]
fn src_10_a_role_with_powers_is_refused() {
    assert_eq!(code(|r| r.attributes.push(("waarborg_reader".into(), "superuser".into()))), "SRC-10");
}

#[test]
fn src_11_a_member_of_another_role_is_refused() {
    assert_eq!(code(|r| r.memberships.push(("waarborg_reader".into(), "pg_read_all_data".into()))), "SRC-11");
}

#[test]
fn src_12_an_owner_is_refused() {
    assert_eq!(code(|r| r.owned.push(("waarborg_reader".into(), "public.t (r)".into()))), "SRC-12");
    assert_eq!(code(|r| r.owned.push((VIEWS_ROLE.into(), "public.t (r)".into()))), "SRC-12");
    assert_eq!(code(|r| r.owned.push(("waarborg_reader".into(), format!("schema {VIEWS_SCHEMA}")))), "SRC-12");
}

#[test]
fn src_13_each_forbidden_column_is_refused_by_name() {
    for (table, column) in FORBIDDEN {
        for role in ["waarborg_reader", VIEWS_ROLE] {
            assert_eq!(readable(role, "public", table, column), "SRC-13", "{table}.{column}");
        }
    }
}

#[test]
fn src_14_a_column_off_the_list_is_refused() {
    assert_eq!(readable(VIEWS_ROLE, "public", "user_ips", "ip"), "SRC-14");
    assert_eq!(readable("waarborg_reader", "public", "devices", "last_seen"), "SRC-14");
    assert_eq!(readable("waarborg_reader", "public", "events", "sender"), "SRC-14", "the reader sees views only");
    assert_eq!(readable("waarborg_reader", VIEWS_SCHEMA, "events", "type"), "SRC-14");
    assert_eq!(readable("waarborg_reader", "other", "events", "sender"), "SRC-14");
    assert_eq!(readable(VIEWS_ROLE, "pg_toast", "pg_toast_1", "chunk_data"), "SRC-14");
}

#[test]
fn sea_79_last_value_columns_are_never_on_the_list() {
    let columns: Vec<String> = BASE.iter().flat_map(|(t, cs)| cs.iter().map(move |c| format!("{t}.{c}"))).collect();
    assert!(columns.iter().all(|c| !c.starts_with("user_ips.") && !c.starts_with("devices.") && !c.contains("last_seen")));
    for (table, column) in [("user_ips", "last_seen"), ("user_ips", "ip"), ("devices", "ip"), ("devices", "user_agent")] {
        assert_eq!(readable(VIEWS_ROLE, "public", table, column), "SRC-14");
    }
}

#[test]
fn src_15_a_role_that_can_write_is_refused() {
    assert_eq!(code(|r| r.writable.push(("waarborg_reader".into(), "public.users".into()))), "SRC-15");
}

#[test]
fn src_16_a_missing_grant_is_refused() {
    assert_eq!(code(|r| r.readable.retain(|(_, _, table, column)| !(table == "events" && column == "counted"))), "SRC-16");
}

#[test]
fn src_17_a_view_of_another_owner_is_refused() {
    assert_eq!(code(|r| r.views[0].1 = "postgres".into()), "SRC-17");
}

#[test]
fn src_18_a_function_with_other_rights_is_refused() {
    assert_eq!(code(|r| r.definer_functions.push("public.read_all".into())), "SRC-18");
    assert_eq!(code(|r| r.file_functions.push("pg_catalog.pg_read_file".into())), "SRC-18");
}

#[test]
fn src_28_without_the_views_role_nothing_starts() {
    assert_eq!(code(|r| r.views_role_exists = false), "SRC-28");
    assert_eq!(code(|r| r.reader = VIEWS_ROLE.into()), "SRC-28");
}

#[test]
fn src_25_an_unencrypted_way_to_another_machine_is_refused() {
    let new = |text: &str| match PostgresReader::new(text, SchemaPin::postgres_94()) {
        Ok(_) => "accepted",
        Err(SourceError::Refusal { code, .. }) => code,
        Err(_) => "fault",
    };
    assert_eq!(new("host=127.0.0.1 user=waarborg_reader dbname=synapse"), "accepted");
    assert_eq!(new("host=/var/run/postgresql user=waarborg_reader"), "accepted");
    for bad in [
        "host=db.example.org user=waarborg_reader",
        "host=127.0.0.1,db.example.org user=waarborg_reader",
        "host=localhost hostaddr=203.0.113.1 user=waarborg_reader",
        "user=waarborg_reader",
        "nonsense",
    ] {
        assert_eq!(new(bad), "SRC-25", "{bad}");
    }
}

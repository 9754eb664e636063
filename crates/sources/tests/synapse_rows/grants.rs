//! The SQL file says what the code says, and the pins are readable.

use std::path::Path;

use sources::SourceError;
use sources::synapse::SchemaPin;
use sources::synapse::allow::{BASE, FORBIDDEN, VIEWS, VIEWS_SCHEMA, may_read};

fn sql() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/synapse-grants.sql")).unwrap()
}

#[test]
fn the_grants_file_grants_exactly_the_allow_list() {
    let sql = sql();
    let granted: Vec<&str> = sql.lines().filter(|line| line.starts_with("GRANT SELECT (")).collect();
    let expected: Vec<String> =
        BASE.iter().map(|(table, columns)| format!("GRANT SELECT ({}) ON public.{table} TO waarborg_views;", columns.join(", "))).collect();
    assert_eq!(granted, expected);
}

#[test]
fn the_views_are_those_of_the_code() {
    let sql = sql();
    for view in VIEWS {
        let text = format!("CREATE OR REPLACE VIEW {VIEWS_SCHEMA}.{} AS\n{};\n", view.name, view.query);
        assert!(sql.contains(&text), "{}", view.name);
    }
    assert_eq!(sql.matches("CREATE OR REPLACE VIEW").count(), VIEWS.len());
    assert_eq!(sql.matches("GRANT").count(), BASE.len() + VIEWS.len() + 2, "no other grant");
}

#[test]
fn nothing_forbidden_is_on_the_allow_list() {
    assert!(FORBIDDEN.iter().all(|(table, column)| !may_read(table, column)));
    assert!(FORBIDDEN.is_sorted());
}

#[test]
fn every_column_of_the_lists_is_in_a_pin() {
    let pins = [SchemaPin::postgres_94().to_text(), SchemaPin::sqlite_94().to_text()];
    let is_in = |pin: &String, table: &str, column: &str| pin.contains(&format!("\n{table} {column} "));
    for (table, columns) in BASE {
        for column in *columns {
            assert!(pins.iter().all(|pin| is_in(pin, table, column)), "{table}.{column}");
        }
    }
    for (table, column) in FORBIDDEN {
        assert!(pins.iter().any(|pin| is_in(pin, table, column)), "{table}.{column}");
    }
}

#[test]
fn src_19_every_difference_from_the_pin_stops_the_connector() {
    let pin = SchemaPin::postgres_94();
    let lines: Vec<String> = pin.to_text().lines().skip(1).map(str::to_owned).collect();
    assert!(pin.check(&lines).is_ok());
    let stopped = |lines: Vec<String>| matches!(pin.check(&lines), Err(SourceError::Refusal { code: "SRC-19", .. }));
    assert!(stopped(lines[1..].to_vec()), "a column is gone");
    assert!(stopped([lines.clone(), vec!["events plaintext text".into()]].concat()), "a column is new");
    let with = |line: &str| [lines.clone(), vec![line.to_owned()]].concat();
    assert!(pin.check(&with("_temp_populate_user_directory_users user_id text")).is_ok(), "Synapse's own, for a minute");
    assert!(stopped(with("_temp_populate_user_directory_users password text")), "the same table, another column");
    let retyped = |l: &String| if l == "events received_ts bigint" { "events received_ts timestamp".into() } else { l.clone() };
    assert!(stopped(lines.iter().map(retyped).collect()), "a column has another type");
    let refused = |text: &str| matches!(SchemaPin::parse(text), Err(SourceError::Refusal { code: "SRC-19", .. }));
    assert!(refused("events content text\n"));
    assert!(refused("waarborg-source-schema/v1\nb b text\na a text\n"));
}

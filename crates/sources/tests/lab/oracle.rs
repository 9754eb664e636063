//! What the connector gives, compared with what others say: the server's admin API, plain SQL, the script that sent it.

use std::collections::{BTreeMap, BTreeSet};

use seal::catalogue::Stamp;
use serde_json::Value;
use sources::{Indexed, Source};

use super::world::*;

const ALICE: &str = "@alice:waarborg.test";
const BOB: &str = "@bob:waarborg.test";

fn of<'a>(records: &'a [Indexed], slug: &'a str) -> impl Iterator<Item = (String, Value)> + 'a {
    let is = move |i: &&Indexed| i.record.record_type().slug() == slug;
    records.iter().filter(is).map(|i| (i.selectors[0].to_string(), line(&i.record)))
}

/// Who got a copy of an event, and its lines.
fn copies(records: &[Indexed], event_id: &Value) -> BTreeMap<String, Value> {
    of(records, "traffic").filter(|(_, line)| line["message_id"] == *event_id).collect()
}

fn holders(copies: &BTreeMap<String, Value>) -> Vec<&str> {
    copies.keys().map(String::as_str).collect()
}

const BOTH: [&str; 2] = ["account:@alice:waarborg.test", "account:@bob:waarborg.test"];

#[test]
fn trap_5_and_every_other_content_is_out_of_reach() {
    let _alone = superuser();
    for server in Server::BOTH {
        let (records, refused, _) = server.all();
        assert!(records.len() > 60, "{server:?}: {}", records.len());
        for Indexed { record, .. } in &records {
            let shown = record.json_line() + &record.csv_row();
            assert!(!shown.contains("PLAINTEXT"), "{server:?}: {shown}");
        }
        assert!(refused.is_empty(), "{server:?}: {refused:?}");
        let plain = copies(&records, &server.said("expected")["plain"]);
        assert_eq!(holders(&plain), BOTH);
        assert!(plain.values().all(|line| line["wrapping"] == "plain" && line["interaction"] == "message"));
        let typed = copies(&records, &server.said("expected")["typed"]);
        assert!(typed.values().all(|line| line["interaction"] == "other"));
        println!("{server:?}: {} records, none with plaintext", records.len());
    }
}

#[test]
fn copies_follow_the_membership_of_the_moment() {
    let _alone = superuser();
    for server in Server::BOTH {
        let (records, _, _) = server.all();
        let sent = server.said("expected");
        assert_eq!(holders(&copies(&records, &sent["alone"])), [BOTH[0]], "bob had left");
        let again = copies(&records, &sent["again"]);
        assert_eq!(holders(&again), BOTH, "bob was back");
        assert_eq!(again[BOTH[0]]["direction"], "sent");
        assert_eq!(again[BOTH[1]]["direction"], "received");
    }
}

#[test]
fn sea_08_a_claimed_time_is_kept_and_moves_nothing() {
    let _alone = superuser();
    for server in Server::BOTH {
        let (records, _, _) = server.all();
        let sent = server.said("expected");
        let history = &copies(&records, &sent["history"])[BOTH[0]];
        assert_eq!(history["claimed_raw"], sent["history_ms"].to_string());
        let received: u64 = history["t_event_raw"].as_str().unwrap().parse().unwrap();
        assert!(received.abs_diff(now_ms()) < 3_600_000, "the slot follows the server's clock");
        let forged = &copies(&records, &sent["forged"])[BOTH[0]];
        assert_eq!((&forged["claimed_implausible"], &forged["claimed"]), (&"1".into(), &Value::Null));
    }
}

/// An independent count: members of the moment by SQL, not by replay.
#[test]
fn t12_traffic_equals_plain_sql() {
    let client = superuser();
    let (records, _, _) = Server::Postgres.all();
    let rows = RUNTIME
        .block_on(client.query(
            "SELECT e.event_id, array_agg(m.user_id ORDER BY m.user_id) FROM events e, LATERAL ( \
           SELECT DISTINCT ON (x.user_id) x.user_id, x.membership FROM room_memberships x \
           WHERE x.room_id = e.room_id AND x.event_stream_ordering <= e.stream_ordering \
           ORDER BY x.user_id, x.event_stream_ordering DESC) m \
         WHERE e.state_key IS NULL AND m.membership = 'join' GROUP BY e.event_id",
            &[],
        ))
        .unwrap();
    assert!(rows.len() > 25);
    for row in &rows {
        let (event, members): (String, Vec<String>) = (row.get(0), row.get(1));
        let expected: Vec<String> = members.iter().map(|m| format!("account:{m}")).collect();
        assert_eq!(holders(&copies(&records, &event.into())), expected);
    }
    let count =
        RUNTIME.block_on(client.query_one("SELECT count(*) FROM events WHERE NOT outlier AND rejection_reason IS NULL", &[])).unwrap();
    let events: BTreeSet<String> = of(&records, "traffic").map(|(_, line)| line["message_id"].to_string()).collect();
    println!("{} events by psql, {} by the connector", count.get::<_, i64>(0), events.len());
    assert_eq!(events.len() as i64, count.get::<_, i64>(0));
}

#[test]
fn accounts_devices_and_contacts_equal_the_admin_api() {
    let _alone = superuser();
    for server in Server::BOTH {
        let (records, _, _) = server.all();
        for (user, answer) in server.said("admin").as_object().unwrap() {
            let own = format!("account:{user}");
            let subscriber: Vec<Value> = of(&records, "subscriber").filter(|(s, _)| *s == own).map(|(_, l)| l).collect();
            let by = |action: &str| subscriber.iter().find(|l| l["action"] == action).unwrap_or_else(|| panic!("{user}: {action}"));
            // The admin API of one user gives seconds.
            let created = answer["user"]["creation_ts"].as_u64().unwrap();
            assert_eq!(by("registered")["t_event_raw"], created.to_string());
            assert_eq!(by("registered")["t_event_unit"], "s");
            assert_eq!(by("registered").get("display_name"), None, "today's name is not the name of that day");
            assert_eq!(by("observed")["display_name"], answer["user"]["displayname"]);
            assert_eq!(by("observed")["closed"], answer["user"]["deactivated"]);
            let contacts: BTreeSet<String> = answer["user"]["threepids"].as_array().unwrap().iter().map(contact).collect();
            let held: BTreeSet<String> =
                of(&records, "identification").filter(|(_, l)| l["holder"] == own).map(|(selector, _)| selector).collect();
            assert_eq!(held, contacts, "{user}");
            let devices: BTreeSet<&str> =
                answer["devices"]["devices"].as_array().unwrap().iter().map(|d| d["device_id"].as_str().unwrap()).collect();
            let stored: Vec<Value> = of(&records, "device").filter(|(s, _)| *s == own).map(|(_, l)| l).collect();
            assert!(stored.iter().all(|l| devices.contains(l["device"].as_str().unwrap())));
            let encrypting = usize::from(user == ALICE || user == BOB);
            assert_eq!(stored.len(), encrypting, "{user}: one device with keys, from e2ee.py");
            assert!(!answer["whois"]["devices"].as_object().unwrap().is_empty(), "the admin API knows last addresses");
        }
        assert_eq!(of(&records, "ip-session").count(), 0, "and none of them became an event (SEA-79)");
        assert!(server.source().describe().never_held.iter().any(|what| what.contains("last use only")));
    }
}

fn contact(threepid: &Value) -> String {
    let address = threepid["address"].as_str().unwrap();
    match threepid["medium"].as_str() {
        Some("email") => format!("email:{address}"),
        _ => format!("phone:+{address}"),
    }
}

#[test]
fn t31_a_hostile_name_comes_back_raw_and_harmless() {
    let _alone = superuser();
    for server in Server::BOTH {
        let (records, _, _) = server.all();
        let name = server.said("expected")["name"].clone();
        let of_alice = records.iter().find(|i| line(&i.record)["display_name"] == name).expect("alice's monthly copy");
        assert!(!of_alice.record.json_line().chars().any(seal::catalogue::is_hidden));
        assert!(of_alice.record.csv_row().contains("'=HYPERLINK"));
    }
}

#[test]
fn both_databases_give_the_same_kinds_and_nothing_comes_twice() {
    let _alone = superuser();
    let kinds = |server: Server| {
        let (records, _, position) = server.all();
        assert!(next(&mut server.source(), &position).unwrap().records.is_empty());
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        for Indexed { record, .. } in &records {
            *counts.entry(record.record_type().slug()).or_default() += 1;
            let is_seconds = matches!(record.common().t_event, Stamp::Seconds(_));
            assert!(record.record_type().slug() == "subscriber" || !is_seconds);
        }
        counts
    };
    let (postgres, sqlite) = (kinds(Server::Postgres), kinds(Server::Sqlite));
    println!("{postgres:?}");
    assert_eq!(postgres, sqlite);
}

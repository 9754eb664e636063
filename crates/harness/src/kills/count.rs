//! The count at the end, against the ground truth: lost, doubled, unlogged, sealed for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use node::log::client::LogReader;
use node::log::store::Store;
use node::log::tiles::Source;
use node::log::{disclosure, dummy_keys};
use verify::log::leaf::d_of_entry;
use verify::package::RawPackage;
use verify::record::SignedRecord;
use verify::spelling::from_base64;

use super::Trouble;
use super::feed::{Name, name, truth};
use super::house::{House, TRUSTEES};
use super::orders::Order;
use super::programs::output;

/// What was found. `lost`, `doubled`, `unlogged` and `sealed_for_ever` have to be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub records: u64,
    pub packages: u64,
    /// Intents that trustees released for.
    pub intents: u64,
    /// Orders that came before what was told of their hours, and were ordered anew.
    pub refused: u64,
    pub lost: Vec<String>,
    pub doubled: Vec<String>,
    pub unlogged: Vec<String>,
    /// Leaves in ORDERS that are no dummies and that the gateway has no record of: nobody could ever open them (LOG-47).
    pub sealed_for_ever: Vec<String>,
    /// Leaves that it has the record of.
    pub openable: u64,
}

impl Found {
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.unlogged.is_empty() && self.sealed_for_ever.is_empty()
    }

    pub fn add(&mut self, other: Found) {
        self.records += other.records;
        self.packages += other.packages;
        self.intents += other.intents;
        self.refused += other.refused;
        self.lost.extend(other.lost);
        self.doubled.extend(other.doubled);
        self.unlogged.extend(other.unlogged);
        self.sealed_for_ever.extend(other.sealed_for_ever);
        self.openable += other.openable;
    }
}

/// Counts what the closed orders gave.
pub fn count(house: &House, orders: &[Order]) -> Result<Found, Trouble> {
    let mut found = Found::default();
    for order in orders {
        one_order(house, order, &mut found)?;
    }
    trustees(house, &mut found)?;
    audits(house, &mut found)?;
    openings(house, &mut found)?;
    Ok(found)
}

fn one_order(house: &House, order: &Order, found: &mut Found) -> Result<(), Trouble> {
    let case = order.case().ok_or("an order without a case")?;
    let gateway = format!("http://127.0.0.1:{}", house.gateway);
    let words = ["case", "show", case, "--json", "--gateway", &gateway, "--token", &house.word("provider/desk/desk.token")];
    let shown: serde_json::Value = serde_json::from_str(&house.waarborg(&words)?).map_err(|error| error.to_string())?;
    let mut rows: BTreeMap<Name, u64> = BTreeMap::new();
    let mut named = BTreeSet::new();
    for production in shown["productions"].as_array().into_iter().flatten() {
        let file = production["file"].as_str().ok_or("a production without a file")?;
        for leaf in ["release_leaf", "receipt_leaf"] {
            if production[leaf].as_u64().is_none() {
                found.unlogged.push(format!("order {}: {file} has no {leaf}", order.number));
            }
        }
        named.insert(file.trim_end_matches(".p7m").to_owned());
        for row in open(house, file)? {
            *rows.entry(row).or_default() += 1;
        }
        found.packages += 1;
    }
    // Nothing lies in the outbox that the case does not answer for.
    let prefix = format!("production-{}", &case[..16]);
    for entry in std::fs::read_dir(house.path("provider/outbox")).map_err(|error| error.to_string())?.flatten() {
        let file = entry.file_name().to_string_lossy().trim_end_matches(".p7m").to_owned();
        if file.starts_with(&prefix) && !named.contains(&file) {
            found.unlogged.push(format!("order {}: the outbox has {file}, the case does not", order.number));
        }
    }
    if order.is_refused() {
        // Its hours are those of the order that followed.
        found.refused += 1;
        return Ok(());
    }
    compare(order.number, &truth(&house.dir, order.from, order.until)?, &rows, found);
    Ok(())
}

/// Rows against records: each once.
pub fn compare(order: u64, truth: &BTreeMap<Name, u64>, rows: &BTreeMap<Name, u64>, found: &mut Found) {
    found.records += truth.values().sum::<u64>();
    for (record, times) in truth {
        if rows.get(record).copied().unwrap_or(0) < *times {
            found.lost.push(format!("order {order}: {} {}", record.0, record.1));
        }
    }
    for (row, times) in rows {
        if truth.get(row).copied().unwrap_or(0) < *times {
            found.doubled.push(format!("order {order}: {} {}, {times} times", row.0, row.1));
        }
    }
}

/// Opens a package as the police do, has a stranger verify it, and gives its rows.
fn open(house: &House, file: &str) -> Result<Vec<Name>, Trouble> {
    let name_opened = file.trim_end_matches(".p7m");
    let (from, to) = (house.word(&format!("provider/outbox/{name_opened}.p7m")), house.word(&format!("authority/{name_opened}")));
    std::fs::remove_file(&to).ok();
    let (certificate, key) = (house.word("authority/delivery.crt"), house.word("authority/delivery.pem"));
    house.waarborg(&["package", "open", &from, "--certificate", &certificate, "--key", &key, "--out", &to])?;
    super::programs::run(&house.programs.verify, &[&to, "--policy", &house.word("policy")])?;
    let octets = std::fs::read(&to).map_err(|error| error.to_string())?;
    let package = RawPackage::read(&octets).and_then(|raw| raw.check()).map_err(|error| format!("{file}: {error}"))?;
    let rows = package.file("data/records/traffic.jsonl", 1 << 26).map_err(|error| format!("{file}: {error}"))?;
    let lines = String::from_utf8_lossy(&rows).into_owned();
    lines.lines().map(|line| serde_json::from_str(line).map(|row| name(&row)).map_err(|error| error.to_string())).collect()
}

/// P2: whatever a trustee released for stands in ORDERS. The log is asked for the receipt of each intent.
fn trustees(house: &House, found: &mut Found) -> Result<(), Trouble> {
    let mut intents = BTreeSet::new();
    for member in TRUSTEES {
        let text = std::fs::read(house.path(&format!("{member}/audit"))).map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let mut own = BTreeSet::new();
        for line in text.lines().filter(|line| line.contains(" released ")) {
            let intent = line.split(' ').skip_while(|word| *word != "intent").nth(1).ok_or("a release without an intent")?;
            // REL-15: once for each intent, however often it was killed.
            if !own.insert(intent.to_owned()) {
                found.doubled.push(format!("{member} released twice for intent {intent}"));
            }
            intents.insert(intent.to_owned());
        }
    }
    let port = house.port(house.place("log-orders"))?;
    for intent in &intents {
        if !has_receipt(port, intent)? {
            found.unlogged.push(format!("trustees released for intent {intent}, and ORDERS does not hold it"));
        }
    }
    found.intents = intents.len() as u64;
    Ok(())
}

fn has_receipt(port: u16, d: &str) -> Result<bool, Trouble> {
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "GET /receipt/{d} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    asked().map(|answer| answer.starts_with("HTTP/1.1 200")).map_err(|error| error.to_string())
}

/// Both logs, every tile and entry, by the command that anybody runs.
fn audits(house: &House, found: &mut Found) -> Result<(), Trouble> {
    for (log, batch) in [("orders", "16"), ("public", "1024")] {
        let (state, policy) = (house.word(&format!("log-{log}/state")), house.word(&format!("log-{log}/tlog-policy")));
        // The beat has gaps where the log was dead: every tick that it made is there, and a minute's gap is no finding here.
        let words = ["log", "audit", &state, "--kind", log, "--policy", &policy, "--tick-interval-s", "60", "--batch-entries", batch];
        let audit = output(&house.programs.waarborg, &words)?;
        if !audit.status.success() {
            let said = String::from_utf8_lossy(&audit.stderr).trim().to_owned();
            found.unlogged.push(format!("log {log}: the audit ends with {}: {said}", audit.status));
        }
    }
    Ok(())
}

/// LOG-47: what is in ORDERS and no dummy, the gateway can open; and the command that opens what is due comes through.
fn openings(house: &House, found: &mut Found) -> Result<(), Trouble> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let kept = records(house)?;
    let store = Store::local(&house.path("log-orders/state")).map_err(|fault| fault.what)?;
    let day_keys = dummy_keys::all(&house.path("log-orders/dummy-keys")).map_err(|error| text(&error))?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| text(&error))?;
    let (dummies, entries) = runtime.block_on(async {
        let reader = LogReader::of(Source::Store(store));
        let head = reader.head().await.map_err(|error| text(&error))?;
        let rows = disclosure::dummies(&reader, &head, &day_keys, BATCH, 0..head.size).await.map_err(|error| text(&error))?;
        let entries = reader.entries(0, head.size, &head).await.map_err(|error| text(&error))?;
        Ok::<_, Trouble>((rows.into_iter().map(|(index, _)| index).collect::<BTreeSet<u64>>(), entries))
    })?;
    for (index, entry) in (0..).zip(&entries).filter(|(index, _)| !dummies.contains(index)) {
        match d_of_entry(entry).is_some_and(|d| kept.contains(&d)) {
            true => found.openable += 1,
            false => found.sealed_for_ever.push(format!("index {index}")),
        }
    }
    let secret = house.word("day.secret");
    std::fs::write(&secret, "ab".repeat(32)).map_err(|error| text(&error))?;
    let (gateway, token) = (format!("http://127.0.0.1:{}", house.gateway), house.word("provider/desk/desk.token"));
    let (orders, public) = (house.word("log-orders/state"), house.word("log-public/state"));
    let (policy, key, out) = (house.word("policy"), house.word("provider/gateway/gateway.key"), house.word("openings"));
    let words = ["log", "openings", "--gateway", &gateway, "--token", &token, "--orders", &orders, "--public", &public];
    house.waarborg(&[&words[..], &["--policy", &policy, "--key", &key, "--day-secret", &secret, "--out", &out]].concat())?;
    Ok(())
}

/// Entries of a tick, as the demo's log has it.
const BATCH: u32 = 16;

/// D of every record that the gateway keeps.
fn records(house: &House) -> Result<BTreeSet<[u8; 32]>, Trouble> {
    let token = std::fs::read_to_string(house.path("provider/desk/desk.token")).map_err(|error| error.to_string())?;
    let asked = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(("127.0.0.1", house.gateway))?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        write!(stream, "GET /records HTTP/1.0\r\nAuthorization: Bearer {}\r\n\r\n", token.trim())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    let answer = asked().map_err(|error| error.to_string())?;
    let body =
        answer.windows(4).position(|window| window == b"\r\n\r\n").map(|at| &answer[at + 4..]).ok_or("no answer from the gateway")?;
    let body: serde_json::Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let record = |row: &serde_json::Value| SignedRecord::parse(&from_base64(row.as_str()?)?).ok();
    let rows = body["records"].as_array().ok_or("the gateway shows no records")?;
    Ok(rows.iter().filter_map(record).map(|record| record.d()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[(&str, u64)]) -> BTreeMap<Name, u64> {
        list.iter().map(|(id, times)| (((*id).to_owned(), "sent".to_owned()), *times)).collect()
    }

    #[test]
    fn a_count_sees_what_is_lost_doubled_and_foreign() {
        let mut found = Found::default();
        compare(1, &names(&[("a", 1), ("b", 1)]), &names(&[("a", 1), ("b", 1)]), &mut found);
        assert!(found.is_clean());
        compare(2, &names(&[("a", 1), ("b", 1)]), &names(&[("a", 2), ("c", 1)]), &mut found);
        assert_eq!(found.lost, ["order 2: b sent"]);
        assert_eq!(found.doubled, ["order 2: a sent, 2 times", "order 2: c sent, 1 times"]);
    }
}

//! The ground truth: which rows an order must return, read off the story.
//!
//! Written apart from the product: no type, time or rule of it is used here. What is compared is the package's own text.

use crate::traffic::{Kind, Row};
use serde_json::Value;
use std::collections::BTreeMap;

/// One ordered thing: a selector in one category, over a half-open time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    pub selector: String,
    pub category: u16,
    /// POSIX seconds.
    pub from: u64,
    pub until: u64,
}

/// The rows that it must return, by the time of the event. Rows arrive after they happened, so that time also names their hour.
pub fn rows<'s>(story: &'s [Row], ordered: &Ordered) -> Vec<&'s Row> {
    let mut found = Vec::new();
    for row in story {
        let inside = ordered.from * 1_000 <= row.event_ms && row.event_ms < ordered.until * 1_000;
        let theirs = row.subjects.iter().any(|subject| *subject == ordered.selector);
        if inside && theirs && row.category() == ordered.category {
            found.push(row);
        }
    }
    found.sort_by_key(|row| (row.event_ms, row.number));
    found
}

/// How many of them lie in each hour: the second count (T14), from another walk over the story.
pub fn hours(story: &[Row], ordered: &Ordered) -> BTreeMap<u64, u64> {
    let mut counts = BTreeMap::new();
    let theirs = story.iter().filter(|row| row.subjects.contains(&ordered.selector) && row.category() == ordered.category);
    for second in theirs.map(|row| row.event_ms / 1_000).filter(|second| (ordered.from..ordered.until).contains(second)) {
        *counts.entry(second / 3_600).or_default() += 1;
    }
    counts
}

/// What of a row a package must repeat, in one line.
pub fn line_of(row: &Row) -> String {
    let what = match &row.kind {
        Kind::Message { sender, recipients, sent, size } => {
            format!("{} {sender} > {} {size}", if *sent { "sent" } else { "received" }, recipients.join(","))
        }
        Kind::Login { account, address, port, trust } => {
            format!("login {account} {address} {} {trust}", port.map_or(String::from("-"), |port| port.to_string()))
        }
    };
    format!("{} {} {what}", row.number, row.event_ms)
}

/// The same from one line of a package. `Err`: what is missing.
pub fn line_in_package(line: &str) -> Result<String, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let text = |name: &str| value[name].as_str().map(ToOwned::to_owned).ok_or_else(|| format!("no {name} in {line}"));
    let number = |name: &str| value[name].as_u64().ok_or_else(|| format!("no {name} in {line}"));
    let time: u64 = text("t_event_raw")?.parse().map_err(|_| format!("no time in {line}"))?;
    let what = if value["sender"].is_string() {
        let recipients: Vec<&str> = value["recipients"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!("{} {} > {} {}", text("direction")?, text("sender")?, recipients.join(","), number("size")?)
    } else {
        let port = value["port"].as_u64().map_or(String::from("-"), |port| port.to_string());
        format!("login {} {} {port} {}", text("account")?, text("address")?, text("address_trust")?)
    };
    Ok(format!("{} {time} {what}", number("source_row")?))
}

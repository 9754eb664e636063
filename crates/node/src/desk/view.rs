//! Received orders as people of the desk see them: JSON with a versioned schema, plain words inside.

use law::explain::{explain, utc};
use serde_json::{Value, json};

use super::core::{Desk, NotTaken, Receipt, clocks, unknown};
use super::store::{DeskFault, Head};
use super::work::Work;

/// Heads of one answer.
pub const PAGE: u32 = 500;

pub fn receipt(receipt: &Receipt) -> Value {
    json!({
        "schema": "waarborg-desk-receipt/v1", "number": receipt.number, "received_at": utc(receipt.received_at),
        "original_sha256": receipt.hash.to_string(), "state": receipt.state, "deadline_at": utc(receipt.deadline_at),
        "rule_version": receipt.rule_version, "preserved": receipt.preserves,
    })
}

pub fn head(head: &Head, now: u64) -> Value {
    json!({
        "number": head.number, "state": head.state, "received_at": utc(head.at), "door": head.door, "sender": head.sender,
        "due_at": head.due.map(utc), "overdue": head.due.is_some_and(|due| due <= now), "preserved": head.preserves,
        "verdict": head.verdict, "original_sha256": head.hash.to_string(),
    })
}

pub fn list(desk: &Desk, heads: &[Head], now: u64) -> Result<Value, DeskFault> {
    let papers: Vec<Value> = desk
        .papers()?
        .into_iter()
        .map(|(at, hash, number)| json!({ "at": utc(at), "sha256": hash.to_string(), "number": number }))
        .collect();
    let rows: Vec<Value> = heads.iter().map(|one| head(one, now)).collect();
    Ok(json!({ "schema": "waarborg-desk-list/v1", "orders": rows, "papers": papers, "more": heads.len() == PAGE as usize }))
}

/// Everything about one order; the gates are asked again, as of now.
pub fn show(desk: &mut Desk, number: u64, now: u64, language: law::Language) -> Result<Value, NotTaken> {
    let loaded = desk.load(number, now)?.ok_or_else(unknown)?;
    let setup = std::sync::Arc::clone(desk.setup());
    let facts = setup.facts(&loaded.received, &loaded.history, loaded.called_back.as_ref(), (loaded.head.at, now));
    let report = law::gates::judge(&facts);
    let source = std::str::from_utf8(&loaded.original).ok();
    let running: Vec<Value> = clocks(&setup, &loaded)
        .iter()
        .map(|clock| json!({ "name": clock.name.code(), "deadline_at": utc(clock.deadline_at), "article": clock.article, "rule_version": clock.rule_version }))
        .collect();
    let history: Vec<Value> = loaded
        .entries
        .iter()
        .map(|dated| json!({ "at": utc(dated.at), "by": dated.by, "step": dated.entry.word(), "what": dated.entry }))
        .collect();
    let cases: Vec<Value> =
        desk.cases_of(number)?.into_iter().map(|(id, ended)| json!({ "case": id.to_string(), "ended": ended })).collect();
    let mut shown = head(&loaded.head, now);
    shown["schema"] = json!("waarborg-desk-order/v1");
    shown["clocks"] = json!(running);
    // The receipt's clock stands as it was told, whatever a corrected rule file says today (DSK-04).
    shown["receipt"] = json!({ "deadline_at": utc(loaded.head.deadline_at), "rule_version": loaded.head.rule_version });
    shown["history"] = json!(history);
    shown["cases"] = json!(cases);
    let told = desk
        .told(number)?
        .into_iter()
        .map(|one| json!({ "at": utc(one.at), "object": one.object, "ended": one.ended, "tries": one.tries }));
    shown["told"] = json!(told.collect::<Vec<_>>());
    shown["explanation"] = json!(explain(&facts, &report, source, language));
    Ok(shown)
}

/// DSK-28 gives the same to who sent the order by messages.
pub fn form_3(desk: &mut Desk, number: u64, now: u64) -> Result<Value, NotTaken> {
    let loaded = desk.load(number, now)?.ok_or_else(unknown)?;
    let setup = std::sync::Arc::clone(desk.setup());
    let entropy = &mut seal::entropy::SystemEntropy;
    let form = Work { db: &desk.db, setup: &setup, sealing: &desk.sealing, books: &desk.books, keeper: desk.keeper.as_deref(), entropy }
        .form_3(&loaded, now)?;
    Ok(json!({ "schema": "waarborg-desk-form-3/v1", "number": number, "xml": super::documents::xml(form)? }))
}

//! What an officer sees: order text, what the system understood, what was found and what would be held back.

use super::View;
use crate::Global;
use crate::words::Word;
use node::cases::happening::{Happening, cause, role};
use node::cases::understanding::{self, utc};
use node::cases::{ScopeDiff, SlotDiff};
use serde_json::{Value, json};
use verify::approval::SignedApproval;
use verify::spelling::from_base64;

/// Prints the whole case.
pub fn show(view: &View, global: Global) {
    if global.json {
        let mut json = view.json.clone();
        json["understood"] = json!(understanding::lines(view.order.record().record(), view.order.scope()));
        println!("{json}");
        return;
    }
    let word = |word: Word| word.text(global.lang);
    let text = |key: &str| view.json[key].as_str().unwrap_or("-");
    if view.json["demo"] == json!(true) {
        println!("DEMO");
    }
    println!("{} {} · {} {}", word(Word::Case), view.id, word(Word::Receipt), view.json["number"]);
    println!("{} {} · {} {}", word(Word::State), text("state"), word(Word::WaitsFor), waits(text("waits_for"), global));
    println!("{} {}", word(Word::Received), utc(view.json["received"].as_u64().unwrap_or(0)));
    println!("\n{}:", word(Word::Understood));
    for line in understanding::lines(view.order.record().record(), view.order.scope()) {
        println!("  {line}");
    }
    for signed in approvals(view) {
        println!("{} {signed}", word(Word::Officers));
    }
    if view.json["officers"] == json!(3) {
        println!("{}", word(Word::ThreeOfficers));
    }
    if let Some(scope) = &view.scope {
        scope_diff(scope, global);
    }
    for why in view.json["why"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        println!("  {}", cause(why, global.lang.into()));
    }
    let productions = view.json["productions"].as_array().cloned().unwrap_or_default();
    if !productions.is_empty() {
        println!("\n{}:", word(Word::Productions));
    }
    for production in productions {
        println!("  {} {} ({} bytes)", production["sequence"], production["file"].as_str().unwrap_or("-"), production["bytes"]);
    }
    println!("\n{}:", word(Word::History));
    view.json["events"].as_array().into_iter().flatten().for_each(|found| event(found, global));
}

/// One line of history.
pub fn event(event: &Value, global: Global) {
    if global.json {
        println!("{event}");
        return;
    }
    let text = |key: &str| event[key].as_str().unwrap_or("-");
    println!("  {}  {} [{}]", utc(event["at"].as_u64().unwrap_or(0)), what(event, global), role(text("by"), global.lang.into()));
}

/// In the reader's language if the gateway says what happened by its code, else in the gateway's words.
fn what(event: &Value, global: Global) -> String {
    let mut coded = event.clone();
    if let Some(members) = coded.as_object_mut() {
        ["at", "what", "by"].iter().for_each(|name| drop(members.remove(*name)));
    }
    match serde_json::from_value::<Happening>(coded) {
        Ok(happening) => happening.text(global.lang.into()),
        Err(_) => event["what"].as_str().unwrap_or("-").to_owned(),
    }
}

fn waits(waits_for: &str, global: Global) -> &'static str {
    let word = match waits_for {
        "approval-1" => Word::WaitsApproval1,
        "approval-2" => Word::WaitsApproval2,
        "people" => Word::WaitsPeople,
        "nothing" => Word::WaitsNothing,
        _ => Word::WaitsMachine,
    };
    word.text(global.lang)
}

/// Names on the approvals as they claim; who really signed is checked by the gateway and in `order`'s records.
fn approvals(view: &View) -> Vec<String> {
    let documents = view.json["approvals"].as_array().into_iter().flatten().filter_map(Value::as_str).filter_map(from_base64);
    let signed = documents.filter_map(|bytes| SignedApproval::parse(&bytes).ok().map(|signed| (bytes, signed)));
    signed
        .map(|(bytes, signed)| {
            let note = verify::log::note::SignedNote::parse(&bytes).ok();
            let names: Vec<String> = note.iter().flat_map(|note| note.signatures()).map(|line| line.name().as_str().to_owned()).collect();
            format!("{} ({})", names.join(", "), utc(signed.approval().time))
        })
        .collect()
}

/// "Ordered …; will release …; held back …", per item, then per slot.
fn scope_diff(scope: &ScopeDiff, global: Global) {
    let word = |word: Word| word.text(global.lang);
    println!("\n{} ({}):", word(Word::ScopeDiff), scope.sequence);
    println!("  {} {}", scope.rows_out(), word(Word::RowsOut));
    println!("  {} {}", scope.rows_held_back(), word(Word::RowsHeld));
    for item in &scope.items {
        println!("  {} · {}", item.selector, item.category);
        for slot in &item.slots {
            println!("    {:>12}  {:>6} / {:<6} {}", slot.slot, slot.rows_out, slot.rows_held_back, slot_word(slot, global));
        }
    }
}

fn slot_word(slot: &SlotDiff, global: Global) -> &'static str {
    let word = match slot {
        SlotDiff { absent: true, .. } => Word::NoSelector,
        SlotDiff { whole: true, .. } => Word::Whole,
        _ => Word::Partly,
    };
    word.text(global.lang)
}

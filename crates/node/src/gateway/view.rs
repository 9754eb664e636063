//! Cases as the desk sees them: JSON with a versioned schema. What an officer signs is computed by the officer's own program
//! from the order and the scope in here, so a gateway that shows one thing and files another gets a signature over what it showed.

use super::core::Gateway;
use super::rules::Rules;
use crate::cases::change::Event;
use crate::cases::octets::Octets;
use crate::cases::state::{Case, Ending, Served};
use serde_json::{Value, json};
use verify::spelling::base64;
use verify::verdict::Language;

/// Every case, oldest first: id, number, state. Names nobody.
pub fn list(core: &Gateway) -> Value {
    let mut cases: Vec<&Case> = core.cases().map(|(_, case)| case).collect();
    cases.sort_by_key(|case| case.file().number);
    let rows: Vec<Value> = cases.into_iter().map(head).collect();
    json!({ "schema": "waarborg-cases/v1", "cases": rows })
}

/// One case with its documents and its history.
pub fn show(rules: &Rules, case: &Case, events: &[Event]) -> Value {
    let mut view = head(case);
    let events: Vec<Value> = events.iter().map(|event| line(event)).collect();
    view["schema"] = json!("waarborg-case/v1");
    view["policy_sha256"] = json!(verify::spelling::hex(rules.policy.hash()));
    view["demo"] = json!(rules.policy.is_demo());
    view["order"] = json!(base64(&case.file().order.0));
    view["events"] = json!(events);
    view["approvals"] = json!(approvals(case).iter().map(|document| base64(&document.0)).collect::<Vec<_>>());
    view["productions"] = json!(productions(case).iter().map(production).collect::<Vec<_>>());
    if let Some(leaf) = super::papers::order_leaf(case) {
        view["leaf"] = json!({ "origin": leaf.origin, "index": leaf.index });
    }
    if let Some(batch) = case.batch() {
        view["batch"] = json!({
            "sequence": batch.sequence, "attempt": batch.attempt, "first_slot": batch.first_slot, "last_slot": batch.last_slot,
        });
    }
    match case {
        Case::AwaitingApproval(s) => {
            let order = super::papers::parse_order(&s.file.order.0);
            view["officers"] = json!(order.map_or(2, |order| rules.officers(&order)));
        }
        Case::AwaitingRelease(s) => view["scope"] = json!(s.scope),
        Case::Packing(s) => view["scope"] = json!(s.scope),
        Case::Preserved(s) => {
            let made = &s.hold.made;
            view["hold"] = json!({ "until": made.expires_at, "copied": made.copied, "leaf": s.hold.leaf.index });
        }
        Case::Halted(s) => view["why"] = json!(s.why),
        Case::Closing(s) => view["ending"] = json!(ending(&s.ending)),
        Case::Closed(s) => view["ending"] = json!(ending(&s.ending)),
        _ => {}
    }
    view
}

/// One line of history: the code with its parameters, and its words in English for programs that only show them.
fn line(event: &Event) -> Value {
    let mut line = json!(event.what);
    line["at"] = json!(event.at);
    line["what"] = json!(event.what.text(Language::English));
    line["by"] = json!(event.by);
    line
}

fn head(case: &Case) -> Value {
    let file = case.file();
    json!({
        "id": file.id.to_string(), "number": file.number, "received": file.received,
        "state": case.word(), "waits_for": waits_for(case),
    })
}

/// Stable words: `approval-1`, `approval-2`, `people`, `machine`, `nothing`.
fn waits_for(case: &Case) -> &'static str {
    match case {
        Case::AwaitingApproval(_) => "approval-1",
        Case::AwaitingRelease(_) => "approval-2",
        Case::Halted(_) => "people",
        Case::Closed(_) => "nothing",
        _ => "machine",
    }
}

/// Approvals of the stage at hand, else those of the order.
fn approvals(case: &Case) -> &[Octets] {
    match case {
        Case::AwaitingApproval(s) => &s.approvals,
        Case::AwaitingRelease(s) => &s.approvals,
        Case::Packing(s) => &s.approvals,
        other => other.mandate().map_or(&[], |mandate| &mandate.approvals),
    }
}

fn productions(case: &Case) -> &[Served] {
    match case {
        Case::Closing(s) => &s.served,
        Case::Closed(s) => &s.served,
        other => other.mandate().map_or(&[], |mandate| &mandate.served),
    }
}

fn production(served: &Served) -> Value {
    json!({
        "sequence": served.batch.sequence, "first_slot": served.batch.first_slot, "last_slot": served.batch.last_slot,
        "file": served.package.name, "bytes": served.package.size, "sha256": served.package.encrypted,
        "delivered": served.delivered, "release_leaf": served.release_index, "receipt_leaf": served.receipt_index,
    })
}

fn ending(ending: &Ending) -> &'static str {
    match ending {
        Ending::Completed => "completed",
        Ending::Lapsed { .. } => "lapsed",
        Ending::Refused { .. } => "refused",
        Ending::NotHeld => "not-held",
        Ending::Withdrawn { .. } => "withdrawn",
    }
}

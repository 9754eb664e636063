//! A report as text for people and as JSON for programs. Decides nothing.

use seal::catalogue::{format_rfc3339, is_hidden};

use super::failure::Failure;
use super::report::{Cell, Place, Promise, Report, SlotReport, Trust};
use super::words::Language;
use crate::package::json::{Value, object};
use crate::spelling::hex;

/// Text from a package, safe for a terminal: control, zero-width and bidirectional characters become `\u{…}`, so that no name
/// can move the cursor, hide, or turn a line around.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match is_hidden(c) {
            true => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            false => out.push(c),
        }
    }
    out
}

fn time(seconds: u64) -> String {
    let text = format_rfc3339(seconds.saturating_mul(1_000));
    // Whole seconds, UTC.
    text.get(..19).map_or(text.clone(), |whole| format!("{whole}Z"))
}

/// The UTC day of a time.
pub(super) fn day(seconds: u64) -> String {
    time(seconds).get(..10).unwrap_or_default().to_owned()
}

/// The report for people. Every line is escaped; under a demo key every line begins with `DEMO` (SEA-78).
pub fn to_text(report: &Report, language: Language) -> String {
    let mut lines = head(report, language);
    if !report.failures.is_empty() {
        lines.push(language.pick("VERIFICATION FAILED: nothing is claimed", "CONTROLE MISLUKT: er wordt niets beweerd").to_owned());
        lines.extend(report.failures.iter().map(|failure| failed(failure, language)));
    } else {
        match report.trust {
            Trust::Nobody => {
                lines.push(language.pick("internally consistent, signer unknown", "intern consistent, ondertekenaar onbekend").to_owned());
            }
            Trust::Policy { .. } => Promise::ALL.into_iter().for_each(|promise| promise_lines(report, promise, language, &mut lines)),
        }
    }
    let mark = if report.demo { "DEMO " } else { "" };
    lines.iter().map(|line| format!("{mark}{}\n", escape(line))).collect()
}

fn head(report: &Report, language: Language) -> Vec<String> {
    let mut lines = vec![format!("{} {}", language.pick("production", "verstrekking"), report.production)];
    match &report.trust {
        Trust::Policy { name, hash, provider } => {
            lines.push(format!("{} {name} ({provider}), SHA-256 {}", language.pick("policy", "beleid"), hex(hash)));
            lines.push(format!("{} {}", language.pick("signed by", "ondertekend door"), report.signer));
        }
        // Without a policy nothing a package says about itself is repeated as if it were known.
        Trust::Nobody => return lines,
    }
    if let Some((at, pinned)) = report.stamp {
        let known = match pinned {
            true => "",
            false => language.pick(", not checked against a trust list", ", niet vergeleken met een vertrouwenslijst"),
        };
        lines.push(format!("{} {}{known}", language.pick("time stamp", "tijdstempel"), time(at)));
    }
    if let Some(at) = report.judged_at {
        let what = language.pick("judged at the cosigned tick of the intent,", "beoordeeld op de medeondertekende tik van het voornemen,");
        lines.push(format!("{what} {}", time(at)));
    }
    if let Some((names, original)) = &report.attested {
        let what = language.pick("order attested by", "bevel bevestigd door");
        lines.push(format!("{what} {}; SHA-256 {}", names.join(", "), hex(original)));
    }
    if let Some(holder) = &report.sole_holder {
        let what = language.pick("this organisation alone can open", "deze organisatie kan alleen openen");
        lines.push(format!("P6: not independent: {what}: {holder}"));
    }
    lines.push(format!("{} {}", language.pick("rows", "rijen"), report.rows));
    lines
}

fn failed(failure: &Failure, language: Language) -> String {
    let place = match &failure.place {
        Place::Package => String::new(),
        Place::Slot { category, start, end } => format!(" {category} {} – {}", time(*start), time(*end)),
    };
    format!("  {}{place}: {}", failure.rule, failure.what.words(language))
}

/// Hours that follow each other in one category with the same verdict and sentence share a line; the JSON has each hour.
fn promise_lines(report: &Report, promise: Promise, language: Language, lines: &mut Vec<String>) {
    lines.push(format!("{} {}", promise.code(), promise.title(language)));
    let mut runs: Vec<(&SlotReport, u64, u64, String)> = Vec::new();
    for slot in &report.slots {
        let text = cell_words(&slot.cells[promise as usize], language);
        match runs.last_mut() {
            Some((first, end, count, same)) if first.category == slot.category && *end == slot.start && *same == text => {
                (*end, *count) = (slot.end, *count + 1);
            }
            _ => runs.push((slot, slot.end, 1, text)),
        }
    }
    for (first, end, count, text) in runs {
        let slots = if count == 1 { language.pick("slot", "tijdvak") } else { language.pick("slots", "tijdvakken") };
        lines.push(format!("  {} {} – {} ({count} {slots}): {text}", first.category, time(first.start), time(end)));
    }
}

fn cell_words(cell: &Cell, language: Language) -> String {
    let weakest = cell.weakest();
    format!("{}; {} [{}]", cell.verdict().words(language), weakest.reason.words(language), weakest.reason.rule())
}

/// The report for programs: every hour, every promise, every part. One canonical JSON object and a line feed.
pub fn to_json(report: &Report) -> Vec<u8> {
    let (trust, policy) = match &report.trust {
        Trust::Nobody => ("nobody", Value::Null),
        Trust::Policy { name, hash, provider } => (
            "policy",
            object([("name", name.as_str().into()), ("provider", provider.as_str().into()), ("sha256", hex(hash).into())]).into(),
        ),
    };
    let result = match (report.failures.is_empty(), &report.trust) {
        (false, _) => "failed",
        (true, Trust::Nobody) => "internally consistent, signer unknown",
        (true, Trust::Policy { .. }) => "verified",
    };
    let optional = |text: Option<String>| text.map_or(Value::Null, Value::from);
    let attested = report
        .attested
        .as_ref()
        .map_or(Value::Null, |(names, original)| object([("by", list(names)), ("original_sha256", hex(original).into())]).into());
    let stamp = report.stamp.map_or(Value::Null, |(at, pinned)| object([("pinned", pinned.into()), ("time", at.into())]).into());
    let members = [
        ("format", "waarborg-verdict/v1".into()),
        ("result", result.into()),
        ("demo", report.demo.into()),
        ("production", report.production.as_str().into()),
        ("trust", trust.into()),
        ("policy", policy),
        ("signer", optional((report.trust != Trust::Nobody).then(|| report.signer.clone()))),
        ("time_stamp", stamp),
        ("judged_at", report.judged_at.map_or(Value::Null, Value::from)),
        ("not_independent", optional(report.sole_holder.clone())),
        ("attested", attested),
        ("rows", report.rows.into()),
        ("failures", Value::List(report.failures.iter().map(failure_value).collect())),
        ("slots", Value::List(report.slots.iter().map(slot_value).collect())),
    ];
    Value::Object(object(members)).to_document()
}

fn list(names: &[String]) -> Value {
    Value::List(names.iter().map(|name| name.as_str().into()).collect())
}

fn failure_value(failure: &Failure) -> Value {
    let mut members = object([("rule", failure.rule.as_str().into()), ("text", failure.what.words(Language::English).into())]);
    if let Place::Slot { category, start, end } = &failure.place {
        members.insert("category".to_owned(), category.as_str().into());
        members.insert("start".to_owned(), (*start).into());
        members.insert("end".to_owned(), (*end).into());
    }
    Value::Object(members)
}

fn slot_value(slot: &SlotReport) -> Value {
    let promises = Promise::ALL.iter().zip(&slot.cells).map(|(promise, cell)| (promise.code(), cell_value(cell)));
    object([
        ("category", slot.category.as_str().into()),
        ("start", slot.start.into()),
        ("end", slot.end.into()),
        ("covered", if slot.is_covered_wholly { "wholly" } else { "partly" }.into()),
        ("promises", Value::Object(promises.map(|(code, value)| (code.to_owned(), value)).collect())),
    ])
    .into()
}

fn cell_value(cell: &Cell) -> Value {
    let part = |part: &super::report::Part| -> Value {
        object([
            ("verdict", part.verdict.code().into()),
            (
                "names",
                match &part.verdict {
                    super::report::Verdict::AttestedBy(names) => list(names),
                    _ => Value::List(Vec::new()),
                },
            ),
            ("rule", part.reason.rule().into()),
            ("reason", part.reason.words(Language::English).into()),
        ])
        .into()
    };
    let names = match cell.verdict() {
        super::report::Verdict::AttestedBy(names) => list(&names),
        _ => Value::List(Vec::new()),
    };
    object([
        ("verdict", cell.verdict().code().into()),
        ("names", names),
        ("rule", cell.weakest().reason.rule().into()),
        ("parts", Value::List(cell.parts().map(part).collect())),
    ])
    .into()
}

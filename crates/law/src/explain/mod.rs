//! An order in plain words: what it is, who signed it, what it asks, when it is due, which gate fails and what to do (EXP-01 to EXP-04).

mod names;
mod tables;

use std::fmt::Write;

use seal::catalogue::format_rfc3339;
use verify::verdict::escape;

pub use names::{class_name, form_name, reason_name};
pub use tables::classes;

use crate::clock::{self, Deadline};
use crate::gates::{Facts, Report, Verdict, title};
use crate::received::{Body, Finding, Moment, NonExecution, Order, OrderKind, Place, SignatureVerdict, TimeRange};
use crate::rules::PeriodName;
use crate::{Language, Say};

/// RFC 3339 in UTC.
pub fn utc(unix_seconds: u64) -> String {
    unix_seconds.checked_mul(1_000).map_or_else(|| "-".to_owned(), format_rfc3339)
}

/// The clocks that run from receipt.
pub fn deadlines(facts: &Facts) -> Vec<Deadline> {
    let Some(order) = facts.received.order() else { return Vec::new() };
    let start = |name| clock::start(facts.book, name, &facts.provider.state, facts.received_at);
    let names: &[PeriodName] = match (order.kind.value, order.is_emergency()) {
        (OrderKind::EpocPr, _) => &[PeriodName::Preservation],
        // National law sets its own terms in the order itself.
        (OrderKind::National, _) => &[],
        (OrderKind::Epoc, true) if order.enforcing.is_some() => &[PeriodName::Emergency, PeriodName::Objection],
        (OrderKind::Epoc, true) => &[PeriodName::Emergency],
        (OrderKind::Epoc, false) => &[PeriodName::Production, PeriodName::ThirdCountryObjection],
    };
    names.iter().filter_map(|name| start(*name)).collect()
}

/// Everything, as text. `source`: the document's own text for the marks, if it is text.
pub fn explain(facts: &Facts, report: &Report, source: Option<&str>, language: Language) -> String {
    let say = |en: &str, nl: &str| Say::new(en, nl).text(language).to_owned();
    let mut out = String::new();
    let _ = writeln!(out, "{}", form_name(facts.received).text(language));
    if let Body::Order(order) = &facts.received.body {
        head(&mut out, facts, order, language);
    }
    signatures(&mut out, &facts.received.envelope.signatures, report, language);
    for deadline in deadlines(facts) {
        let name = names::period_name(deadline.name);
        let _ = writeln!(out, "  {:<13}{} ({}, {})", name.text(language), utc(deadline.deadline_at), deadline.article, say("UTC", "UTC"));
        if deadline.without_holidays {
            let _ = writeln!(
                out,
                "  {:<13}{}",
                "",
                say(
                    "no public holidays are known for that State and year: it may be later, never earlier",
                    "voor die staat en dat jaar zijn geen feestdagen bekend: het kan later zijn, nooit eerder"
                )
            );
        }
    }
    if let Body::Order(order) = &facts.received.body {
        out.push_str(&classes(facts, order, language));
    }
    let _ = writeln!(out, "\n{}", say("Gates", "Poorten"));
    for gate in &report.gates {
        let verdict = names::verdict_name(gate.verdict);
        let _ = writeln!(out, "  {:>2} {:<9} {}", gate.number, verdict.text(language), title(gate.number).text(language));
        if gate.verdict == Verdict::Pass {
            continue;
        }
        let _ = writeln!(out, "     {}", escape(gate.reason.text(language)));
        let check = if gate.check {
            say(" [not yet compared with the official text]", " [nog niet met de officiële tekst vergeleken]")
        } else {
            String::new()
        };
        let _ = writeln!(out, "     {}{check}", gate.article);
        if let Some(place) = &gate.place {
            mark(&mut out, place, source, language);
        }
        if let Some(until) = gate.until {
            let _ = writeln!(out, "     {} {}", say("until", "tot"), utc(until));
        }
        if let Some(mend) = &gate.mend {
            let _ = writeln!(out, "     {}: {}", say("the authority can", "de autoriteit kan"), mend.text(language));
        }
        if let Some(ground) = gate.ground.filter(|_| gate.verdict == Verdict::Fail) {
            let _ = writeln!(
                out,
                "     {} {}: {}",
                say("Form 3, ground", "Formulier 3, grond"),
                ground.number(),
                reason_name(ground).text(language)
            );
        }
    }
    for notice in &report.notices {
        let _ = writeln!(out, "  !  {}", escape(notice.text.text(language)));
    }
    three_verdicts(&mut out, report, language);
    let _ = writeln!(out, "\n{}", say("What to do", "Wat te doen"));
    for line in what_to_do(facts, report) {
        let _ = writeln!(out, "  - {}", line.text(language));
    }
    let _ = writeln!(out, "\n{} {}", say("rules", "regels"), report.rule_version);
    out
}

fn head(out: &mut String, facts: &Facts, order: &Order, language: Language) {
    let say = |en: &str, nl: &str| Say::new(en, nl).text(language).to_owned();
    let mut line = |key: String, text: String| {
        let _ = writeln!(out, "  {key:<13}{}", escape(&text));
    };
    let party = |party: &crate::received::Party| {
        let part = |value: &Option<crate::received::Marked<String>>| value.as_ref().map_or("-", |value| value.value.as_str()).to_owned();
        format!("{}, {} {}", part(&party.name), say("file", "zaaknummer"), part(&party.file_number))
    };
    let state = order.issuing_state.as_ref().map_or("-", |state| state.value.as_str());
    line(say("from", "van"), format!("{} ({state})", party(&order.issuing)));
    if let Some(validating) = &order.validating {
        line(say("validated", "gevalideerd"), party(validating));
    }
    for requested in &order.requested {
        let options: Vec<_> = requested.options.iter().map(|option| option.value.code()).collect();
        line(say("asks for", "vraagt"), format!("{}: {}", class_name(requested.class.value).text(language), options.join(", ")));
        if let Some(other) = &requested.other {
            line(String::new(), other.value.clone());
        }
    }
    for identifier in &order.identifiers {
        let ranges: Vec<_> = order.ranges_of(identifier).into_iter().map(|range| range_text(&range.value, language)).collect();
        line(say("about", "over"), format!("{} {} {}", identifier.kind.value.code(), identifier.value.value, ranges.join("; ")));
    }
    line(say("received", "ontvangen"), utc(facts.received_at));
}

fn moment_text(moment: Option<&Moment>) -> String {
    match moment {
        Some(Moment::Day(day)) => day.to_string(),
        Some(Moment::Instant(at)) => utc(*at),
        Some(Moment::Unzoned(text)) => format!("{text}?"),
        None => "...".to_owned(),
    }
}

fn range_text(range: &TimeRange, language: Language) -> String {
    let until = Say::new("until", "tot");
    format!("{} {} {}", moment_text(range.start.as_ref()), until.text(language), moment_text(range.end.as_ref()))
}

/// EXP-02: valid, trusted, competent: three words that never stand for each other.
fn signatures(out: &mut String, signatures: &[SignatureVerdict], report: &Report, language: Language) {
    let say = |en: &str, nl: &str| Say::new(en, nl).text(language).to_owned();
    if signatures.is_empty() {
        let _ = writeln!(out, "  {:<13}{}", say("signed", "getekend"), say("by nobody", "door niemand"));
    }
    let passes = |number| report.gate(number).is_some_and(|gate| gate.verdict == Verdict::Pass);
    for signature in signatures {
        let word = |finding: &Finding| match finding {
            Finding::Yes => say("yes", "ja"),
            Finding::No { code, .. } => format!("{} ({code})", say("no", "nee")),
            Finding::Unknown { .. } => say("unknown", "onbekend"),
        };
        // The registry knows the signer; the gates know the order.
        let competent = match &signature.competent {
            Finding::No { .. } => word(&signature.competent),
            unknown if !signature.trusted.is_yes() => word(unknown),
            _ if passes(4) && passes(5) && passes(7) => say("yes", "ja"),
            _ => say("no", "nee"),
        };
        let _ = writeln!(out, "  {:<13}{} {}", say("signed", "getekend"), signature.technique, escape(&signature.signer));
        let _ = writeln!(
            out,
            "  {:<13}{} {}; {} {}; {} {competent}",
            "",
            say("signature valid:", "handtekening klopt:"),
            word(&signature.valid),
            say("trusted at that time:", "toen vertrouwd:"),
            word(&signature.trusted),
            say("competent for this:", "hiervoor bevoegd:"),
        );
        if let Finding::Unknown { why } = &signature.valid {
            let _ = writeln!(out, "  {:<13}{}: {}", "", say("of what it covers", "over wat zij dekt"), escape(why));
        }
        if let Some(key) = &signature.key_digest {
            let name = say("SHA-256 for the registry:", "SHA-256 voor het register:");
            let _ = writeln!(out, "  {:<13}{name} {}", "", verify::spelling::hex(key));
        }
    }
}

/// EXP-03: the line of the source with a mark under the place.
fn mark(out: &mut String, place: &Place, source: Option<&str>, language: Language) {
    let say = |en: &str, nl: &str| Say::new(en, nl).text(language).to_owned();
    let _ = writeln!(
        out,
        "     {} {}, {} {} ({})",
        say("line", "regel"),
        place.line,
        say("column", "kolom"),
        place.column,
        escape(&place.path)
    );
    // What lies inside another document has no line in this file.
    let text = source.filter(|_| place.document == 0).and_then(|text| text.lines().nth((place.line as usize).checked_sub(1)?));
    let Some(text) = text else { return };
    let column = (place.column as usize).saturating_sub(1);
    let skip = column.saturating_sub(60);
    let shown: String = text.chars().skip(skip).take(100).collect();
    let before: String = text.chars().skip(skip).take(column - skip).collect();
    let _ = writeln!(out, "       | {}", escape(&shown));
    let _ = writeln!(out, "       | {}^", " ".repeat(escape(&before).chars().count()));
}

fn three_verdicts(out: &mut String, report: &Report, language: Language) {
    let say = |en: &str, nl: &str| Say::new(en, nl).text(language).to_owned();
    let word = |finding: &Finding| match finding {
        Finding::Yes => say("valid", "geldig"),
        Finding::No { code, .. } => format!("{} ({code})", say("not valid", "niet geldig")),
        Finding::Unknown { .. } => say("not checked", "niet gecontroleerd"),
    };
    let _ = writeln!(
        out,
        "\n{} {}; {} {}; {} {}",
        say("schema", "schema"),
        word(&report.schema),
        say("dictionary", "woordenlijst"),
        word(&report.dictionary),
        say("scope", "reikwijdte"),
        word(&report.scope)
    );
}

/// EXP-04
fn what_to_do(facts: &Facts, report: &Report) -> Vec<Say> {
    let mut lines = Vec::new();
    if facts.received.order().is_some() {
        lines.push(Say::new("preserve now what it names, whatever the gates say", "bewaar nu wat het noemt, wat de poorten ook zeggen"));
    }
    let numbers = |verdict: Verdict| {
        let list: Vec<_> = report.gates.iter().filter(|gate| gate.verdict == verdict).map(|gate| gate.number.to_string()).collect();
        list.join(", ")
    };
    match report.verdict() {
        Verdict::Pass => lines.push(Say::new(
            "every gate passes: import it, two officers compare, then it goes to the log and the trustees",
            "elke poort is open: importeer het, twee functionarissen vergelijken, dan gaat het naar het logboek en de bewaarders",
        )),
        Verdict::Fail => lines.push(Say::new(
            format!(
                "do not produce: gates {} fail; answer with Form 3 (order answer), and ask for what can be mended",
                numbers(Verdict::Fail)
            ),
            format!(
                "verstrek niet: poorten {} zijn dicht; antwoord met formulier 3 (order answer), en vraag wat hersteld kan worden",
                numbers(Verdict::Fail)
            ),
        )),
        Verdict::Person | Verdict::Hold => {}
    }
    if !numbers(Verdict::Person).is_empty() {
        lines.push(Say::new(
            format!("a named person decides gates {}, with a reason that is kept", numbers(Verdict::Person)),
            format!("een persoon met naam beslist over poorten {}, met een reden die bewaard blijft", numbers(Verdict::Person)),
        ));
    }
    if !numbers(Verdict::Hold).is_empty() {
        lines.push(Say::new(
            format!("wait for gates {}: nothing leaves before", numbers(Verdict::Hold)),
            format!("wacht op poorten {}: eerder gaat er niets uit", numbers(Verdict::Hold)),
        ));
    }
    lines
}

/// Form 3 in its sections, for a terminal or a letter.
pub fn form_3(form: &NonExecution, language: Language) -> String {
    let say = |en: &str, nl: &str| Say::new(en, nl).text(language).to_owned();
    let mut out = String::new();
    let text = |value: &Option<crate::received::Marked<String>>| value.as_ref().map_or("-".to_owned(), |value| escape(&value.value));
    let moment = |value: &Option<crate::received::Marked<Moment>>| moment_text(value.as_ref().map(|value| &value.value));
    let certificate = match form.certificate.as_ref().map(|kind| kind.value) {
        Some(OrderKind::EpocPr) => "EPOC-PR",
        Some(OrderKind::Epoc) => "EPOC",
        _ => "-",
    };
    let _ = writeln!(
        out,
        "{}\nA  {certificate}",
        say("Form 3: impossibility, non-execution, clarification", "Formulier 3: onmogelijkheid, niet-uitvoering, verduidelijking")
    );
    let _ = writeln!(
        out,
        "B  {}, {}; {} {}",
        text(&form.issuing.name),
        text(&form.issuing.file_number),
        say("received", "ontvangen"),
        moment(&form.received_on)
    );
    let _ = writeln!(out, "C  {}, {}", text(&form.addressee), text(&form.addressee_file_number));
    for given in &form.reasons {
        let about = given.identifier.as_ref().map_or_else(|| say("the whole certificate", "het hele certificaat"), |id| escape(&id.value));
        for reason in &given.reasons {
            let _ = writeln!(out, "D  {about}: {} {}", reason.value.number(), reason_name(reason.value).text(language));
        }
        if let Some(explanation) = &given.explanation {
            let _ = writeln!(out, "   {}", escape(&explanation.value));
        }
    }
    if let Some(question) = &form.clarification {
        let _ = writeln!(out, "F  {}", escape(&question.value));
    }
    for state in &form.preservation {
        let about = state.identifier.as_ref().map_or_else(|| "-".to_owned(), |id| escape(&id.value));
        let word =
            if state.is_preserved.value { say("is preserved", "wordt bewaard") } else { say("is not preserved", "wordt niet bewaard") };
        let _ = writeln!(out, "G  {about}: {word}");
    }
    let _ = writeln!(out, "H  {}; {}", text(&form.authorised_person), moment(&form.signed_on));
    out
}

//! What is printed: nothing but consistency without a policy, `DEMO` on every line of a demo, nothing that moves a cursor.

mod support;

use support::production::signature;
use support::*;
use verify::names::Span;
use verify::package::json::Value;
use verify::verdict::{Cell, Language, Part, Promise, Reason, Report, Supplies, Verdict, consistent, escape, judge, to_json, to_text};

fn whole() -> Plan {
    let order = |_: &mut World, terms: &mut verify::order::OrderTerms| {
        terms.period = Span::new(terms.period.from() - 60, terms.period.until() + 60).unwrap();
    };
    Plan { order: Box::new(order), ..Plan::default() }
}

fn made(plan: Plan) -> (Report, Report) {
    let mut good = plan.build();
    let production = good.production(Shape::default());
    (judge(&production, &signature(), &good.policy, &Supplies::none()), consistent(&production, &signature()))
}

#[test]
fn rel_35_without_a_policy_nothing_is_claimed() {
    let (_, report) = made(whole());
    for (language, sentence) in
        [(Language::English, "internally consistent, signer unknown"), (Language::Dutch, "intern consistent, ondertekenaar onbekend")]
    {
        let text = to_text(&report, language);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains(sentence), "{text}");
        for claim in ["proven", "attested", "provider", "bewezen", "bevestigd", "aanbieder", "P1", "CN="] {
            assert!(!text.contains(claim), "{claim} in {text}");
        }
    }
    let json = String::from_utf8(to_json(&report)).unwrap();
    assert!(json.contains("\"result\":\"internally consistent, signer unknown\"") && json.contains("\"slots\":[]"));
}

#[test]
fn every_promise_is_printed_with_exactly_one_verdict_an_hour() {
    let (report, _) = made(whole());
    let text = to_text(&report, Language::English);
    for promise in Promise::ALL {
        assert!(text.lines().any(|line| line.starts_with(&format!("{} ", promise.code()))), "{text}");
    }
    for line in text.lines().filter(|line| line.starts_with("  traffic")) {
        let verdicts = [": proven;", ": attested by ", ": provider's word;"];
        assert_eq!(verdicts.iter().filter(|v| line.contains(**v)).count(), 1, "{line}");
        assert!(line.ends_with(']'), "a rule number: {line}");
    }
    // Both hours have the same verdict, so they share a line.
    assert!(text.contains("traffic 2026-01-01T10:00:00Z – 2026-01-01T12:00:00Z (2 slots): proven"), "{text}");
    let dutch = to_text(&report, Language::Dutch);
    assert_eq!(dutch.lines().count(), text.lines().count());
    assert!(dutch.contains(": bewezen;") && dutch.contains("woord van de aanbieder"), "{dutch}");
}

#[test]
fn json_says_every_part_of_every_hour() {
    let (report, _) = made(whole());
    let octets = to_json(&report);
    let Ok(Value::Object(report)) = Value::parse_document(&octets) else { panic!("canonical JSON") };
    let slots = report["slots"].as_list().unwrap();
    assert_eq!(slots.len(), 2);
    for slot in slots {
        let promises = slot.as_object().unwrap()["promises"].as_object().unwrap();
        assert_eq!(promises.len(), 10);
        for cell in promises.values() {
            let cell = cell.as_object().unwrap();
            assert!(["proven", "attested", "provider"].contains(&cell["verdict"].as_text().unwrap()));
            assert!(!cell["parts"].as_list().unwrap().is_empty());
        }
    }
    assert_eq!((report["result"].as_text(), report["signer"].as_text()), (Some("verified"), Some("CN=Example Messenger")));
}

#[test]
fn hours_share_a_line_only_if_they_follow_each_other_and_say_the_same() {
    let (report, _) = made(whole());
    let lines = |change: fn(&mut Report)| {
        let mut report = report.clone();
        change(&mut report);
        let text = to_text(&report, Language::English);
        (text.matches("(1 slot)").count(), text.matches("(2 slots)").count())
    };
    assert_eq!(lines(|_| ()), (0, 10));
    assert_eq!(lines(|report| report.slots[1].category = "ip-session".to_owned()), (20, 0), "another category");
    assert_eq!(lines(|report| report.slots[1].start += 60), (20, 0), "a gap");
    let other = |report: &mut Report| report.slots[1].cells[8] = Cell::new(Part::word(Reason::NotCheckable), Vec::new());
    assert_eq!(lines(other), (2, 9), "another verdict for one promise");
}

#[test]
fn a_promise_attested_in_several_parts_names_everybody_once() {
    let attested = |names: &[&str]| Part::attested(names.iter().map(|name| (*name).to_owned()).collect(), Reason::SegmentsFetched);
    let more = vec![attested(&["b", "c"]), Part::proven(Reason::Checked), attested(&["c", "d", "a"])];
    let cell = Cell::new(attested(&["a", "b"]), more);
    assert_eq!(cell.verdict(), Verdict::AttestedBy(["a", "b", "c", "d"].map(str::to_owned).to_vec()));
}

#[test]
fn sea_78_demo_stands_on_every_line() {
    let plan = Plan { policy: Box::new(|_, parts| parts.demo = true), ..whole() };
    let (report, unknown) = made(plan);
    assert_eq!(report.failures, []);
    for report in [report, unknown] {
        for language in [Language::English, Language::Dutch] {
            let text = to_text(&report, language);
            assert!(text.lines().all(|line| line.starts_with("DEMO ")), "{text}");
        }
    }
}

#[test]
fn failures_are_printed_alone() {
    let mut good = whole().build();
    let mut production = good.production(Shape::default());
    production.statement.slots[0].epochs = 9;
    let report = judge(&production, &signature(), &good.policy, &Supplies::none());
    assert_eq!(report.exit_code(), 3);
    let text = to_text(&report, Language::English);
    assert!(text.contains("VERIFICATION FAILED") && text.contains("SEA-81 traffic 2026-01-01T10:00:00Z"), "{text}");
    assert!(!text.contains("proven") && !text.contains("P1 "), "{text}");
    assert!(String::from_utf8(to_json(&report)).unwrap().contains("\"result\":\"failed\""));
}

#[test]
fn log_05_nothing_from_a_package_moves_the_cursor_or_turns_a_line() {
    assert_eq!(escape("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
    assert_eq!(escape("a\u{202e}b\u{200f}\r\n"), "a\\u{202e}b\\u{200f}\\u{d}\\u{a}");
    assert_eq!(escape("één – ok"), "één – ok");
    let mut good = whole().build();
    let production = good.production(Shape::default());
    let mut signer = signature();
    signer.signer.subject = "CN=\u{202e}evil\u{1b}[31m".to_owned();
    let text = to_text(&judge(&production, &signer, &good.policy, &Supplies::none()), Language::English);
    assert!(text.contains("CN=\\u{202e}evil\\u{1b}[31m"), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !seal::catalogue::is_hidden(c)));
}

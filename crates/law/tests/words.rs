//! TRN, ANS and EXP rules: transcriptions, Form 3, plain words. And that the samples in the docs are read.

mod stage;

use std::collections::BTreeMap;

use law::Language;
use law::answer::{Words, non_execution};
use law::explain::{explain, form_3};
use law::gates::Provider;
use law::received::*;
use law::registry::Registry;
use law::transcription;
use stage::*;

fn sample(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../docs/samples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_samples_in_the_docs_are_read() {
    let provider = Provider::parse(&sample("provider.toml")).unwrap();
    Registry::parse(&sample("registry.toml")).unwrap();
    let mut stage = Stage::epoc();
    stage.received = transcription::read(&sample("received.toml"), [9; 32]).unwrap();
    stage.provider = provider;
    let open: Vec<_> = stage.report().open().map(|gate| gate.number).collect();
    // A letter for traffic data: unsigned, and no call-back mends that.
    assert_eq!(open, [2, 3, 4]);
    assert!(!stage.order().requested.is_empty());
}

#[test]
fn trn_01_a_transcription_reads_strictly() {
    let good = sample("received.toml");
    for (from, to) in [
        ("kind = \"PHONE_NUMBER\"", "kind = \"PHONE\""),
        ("form = \"national\"", "form = \"letter\""),
        ("article = ", "artikel = "),
        ("[issuing]\n", "[issuing]\ntelefoon = \"1\"\n"),
        ("value = \"+31612345678\"\n", ""),
        ("form = \"national\"", "form = \"withdrawal\""),
    ] {
        assert!(good.contains(from));
        assert_eq!(transcription::read(&good.replacen(from, to, 1), [0; 32]).unwrap_err().code(), "TRN-01", "{from}");
    }
    assert_eq!(transcription::read(&"#".repeat((256 << 10) + 1), [0; 32]).unwrap_err().code(), "TRN-01");
}

#[test]
fn trn_02_a_form_has_its_own_fields_only() {
    let good = sample("received.toml");
    let refused = |from: &str, to: &str| transcription::read(&good.replacen(from, to, 1), [0; 32]).unwrap_err().code();
    assert_eq!(refused("form = \"national\"", "form = \"EPOC\""), "TRN-02");
    assert_eq!(refused("form = \"national\"", "form = \"EPOC-PR\"\ndeadlines = [\"IMMINENT_THREAT_TO_LIFE\"]"), "TRN-02");
    assert_eq!(refused("[addressee]", "[follow_up]\nreference = \"x\"\n[addressee]"), "TRN-02");
}

#[test]
fn trn_03_places_and_times_are_as_written() {
    let text = sample("received.toml").replacen("2026-11-01T09:00:00+01:00", "2026-11-01T09:00:00", 1);
    let received = transcription::read(&text, [0; 32]).unwrap();
    let order = received.order().unwrap();
    let range = order.time_range.as_ref().unwrap();
    assert_eq!(range.value.start, Some(Moment::Unzoned("2026-11-01T09:00:00".into())));
    assert_eq!((range.place.line, range.place.column), (4, 8));
    assert_eq!(order.issuing.signed_on.as_ref().unwrap().value, transcription::moment("2026-11-20"));
    assert!(matches!(transcription::moment("2026-11-20"), Moment::Day(_)));
    assert_eq!(transcription::moment("1970-01-01T01:00:00+01:00"), Moment::Instant(0));
}

#[test]
fn exp_01_exp_03_the_place_that_a_gate_objects_to_is_marked_in_the_source() {
    let text = sample("received.toml").replacen("+31612345678", "0612345678", 1);
    let mut stage = Stage::epoc();
    stage.received = transcription::read(&text, [9; 32]).unwrap();
    stage.provider = Provider::parse(&sample("provider.toml")).unwrap();
    let told = explain(&stage.facts(), &stage.report(), Some(&text), Language::English);
    assert!(told.contains("national order NL 126n, transcription"), "{told}");
    let at = told.find("       | value = \"0612345678\"\n       |         ^\n");
    assert!(at.is_some(), "{told}");
    // Both languages say the same things.
    let dutch = explain(&stage.facts(), &stage.report(), Some(&text), Language::Dutch);
    assert_eq!(told.lines().count(), dutch.lines().count());
    assert!(dutch.contains("Wat te doen") && dutch.contains("DICHT"));
}

#[test]
fn exp_02_three_words_about_a_signature_never_stand_for_each_other() {
    let mut stage = Stage::epoc();
    stage.received.envelope.signatures[0].trusted = Finding::no("SIG-20", "revoked", None);
    let told = |stage: &Stage| explain(&stage.facts(), &stage.report(), None, Language::English);
    let untrusted = told(&stage);
    // Whoever is not trusted is nobody of whom the registry could say more.
    assert!(untrusted.contains("signature valid: yes; trusted at that time: no (SIG-20); competent for this: unknown"), "{untrusted}");
    stage.received.envelope.signatures[0].trusted = Finding::Yes;
    assert!(told(&stage).contains("trusted at that time: yes; competent for this: yes"));
    stage.received.envelope.signatures[0].competent = Finding::no("SIG-62", "not for traffic data", None);
    assert!(told(&stage).contains("trusted at that time: yes; competent for this: no (SIG-62)"));
    stage.received.envelope.signatures[0].valid = Finding::unknown("it covers the first 3 of 9 octets");
    assert!(told(&stage).contains("signature valid: unknown") && told(&stage).contains("of what it covers: it covers the first 3 of 9"));
    assert!(told(&stage).contains(&format!("SHA-256 for the registry: {}", "11".repeat(32))));
}

#[test]
fn exp_04_what_to_do_depends_on_the_verdicts() {
    let told = |stage: &Stage| explain(&stage.facts(), &stage.report(), None, Language::English);
    assert!(told(&Stage::epoc()).contains("every gate passes"));
    let mut stage = Stage::epoc();
    stage.order().conditions.thresholds.clear();
    stage.order().other_information = text("x\u{202e}y");
    let words = told(&stage);
    assert!(words.contains("gates 6 fail") && words.contains("decides gates 11") && words.contains("preserve now"));
    assert!(words.contains("Form 3, ground 7"));
    assert!(!words.contains('\u{202e}'), "T31: hidden characters stay out of the terminal");
    assert!(words.contains("message-record") || words.contains("whom messaged and when: EU traffic, NL 126n with judge, US 2703(d) order"));
}

#[test]
fn ans_01_ans_02_ans_03_form_3_is_made_from_the_gates_and_keeps_everything_preserved() {
    let mut stage = Stage::epoc();
    let report = stage.report();
    let order = stage.order().clone();
    assert_eq!(non_execution(&order, &report, RECEIVED, Words::default()).unwrap_err().code(), "ANS-01");
    let question = Words { clarification: Some("which account?".into()), ..Words::default() };
    assert!(non_execution(&order, &report, RECEIVED, question).unwrap().reasons.is_empty());
    let ground = |id: &str, reason| Words { grounds: BTreeMap::from([(id.to_owned(), vec![reason])]), ..Words::default() };
    assert_eq!(non_execution(&order, &report, RECEIVED, ground("9", Reason::NotStored)).unwrap_err().code(), "ANS-02");
    assert_eq!(non_execution(&order, &report, RECEIVED, ground("1", Reason::ImmunityOrPress)).unwrap_err().code(), "ANS-03");
    stage.order().conditions.thresholds.clear();
    let form = non_execution(&order, &stage.report(), RECEIVED, Words::default()).unwrap();
    assert_eq!(form.reasons[0].reasons[0].value, Reason::OffenceNotCovered);
    assert!(form.preservation.iter().all(|state| state.is_preserved.value) && form.preservation.len() == 1);
    let letter = form_3(&form, Language::Dutch);
    assert!(letter.contains("D  het hele certificaat: 7 ") && letter.contains("G  1: wordt bewaard"), "{letter}");
}

//! TRN, ANS and EXP rules: transcriptions, Form 3, plain words. And that the samples in the docs are read.

mod stage;

use std::collections::BTreeMap;

use law::Language;
use law::answer::{Words, non_execution};
use law::explain::{explain, form_3};
use law::gates::{Provider, Verdict};
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
    // Of what a person finds not to be there, nothing is kept.
    let kept = |words| non_execution(&order, &report, RECEIVED, words).unwrap().preservation[0].is_preserved.value;
    assert!(
        !kept(ground("1", Reason::NotStored)) && !kept(ground("", Reason::NotStored)) && kept(ground("1", Reason::InsufficientInformation))
    );
    stage.order().conditions.thresholds.clear();
    let form = non_execution(&order, &stage.report(), RECEIVED, Words::default()).unwrap();
    assert_eq!(form.reasons[0].reasons[0].value, Reason::OffenceNotCovered);
    assert!(form.preservation.iter().all(|state| state.is_preserved.value) && form.preservation.len() == 1);
    // "Not stored" by a gate alone is about a part, such as what lies before the retention: the rest is kept.
    let mut report = stage.report();
    report.gates.iter_mut().filter(|gate| gate.verdict == Verdict::Fail).for_each(|gate| gate.ground = Some(Reason::NotStored));
    let by_gate = non_execution(stage.order(), &report, RECEIVED, Words::default()).unwrap();
    assert_eq!(by_gate.reasons[0].reasons[0].value, Reason::NotStored);
    assert!(by_gate.preservation[0].is_preserved.value);
    let letter = form_3(&form, Language::Dutch);
    assert!(letter.contains("D  het hele certificaat: 7 ") && letter.contains("G  1: wordt bewaard"), "{letter}");
}

fn told(stage: &Stage) -> String {
    explain(&stage.facts(), &stage.report(), None, Language::English)
}

#[test]
fn exp_01_the_clocks_that_run_and_what_is_not_known_of_them() {
    let mut stage = Stage::epoc();
    stage.order().deadlines = vec![m(DeadlineChoice::ThreatToLife)];
    let names = |stage: &Stage| law::explain::deadlines(&stage.facts()).iter().map(|deadline| deadline.name).collect::<Vec<_>>();
    use law::rules::PeriodName::*;
    assert_eq!(names(&stage), [Emergency]);
    stage.order().enforcing = Some(EnforcingAuthority::default());
    assert_eq!(names(&stage), [Emergency, Objection]);
    assert_eq!(names(&Stage::epoc()), [Production, ThirdCountryObjection]);
    let mut stage = Stage::epoc();
    assert!(!told(&stage).contains("no public holidays are known"));
    stage.provider.state = "XX".into();
    assert!(told(&stage).contains("no public holidays are known"));
}

#[test]
fn exp_01_only_what_does_not_pass_is_explained_and_only_what_fails_has_a_ground() {
    let good = told(&Stage::epoc());
    assert!(!good.contains("[not yet compared") && !good.contains("nothing is suspended"), "{good}");
    // An article that nobody compared says so, one that somebody did does not.
    let mut stage = Stage::epoc();
    stage.order().conditions.thresholds.clear();
    assert!(told(&stage).contains("Art 5(4) [not yet compared"));
    let mut dutch = Stage::article_126n();
    dutch.order().national.as_mut().unwrap().judge_reference = None;
    let words = told(&dutch);
    assert!(words.contains("ECLI:NL:HR:2022:475\n"), "{words}");
    // A doubt has a ground for the person who decides, and none to answer with.
    let mut stage = Stage::epoc();
    stage.provider.flagged.insert("USER_ID:@anna:example".into());
    assert!(stage.report().gate(9).unwrap().ground.is_some() && !told(&stage).contains("Form 3, ground"));
}

#[test]
fn exp_02_competent_is_what_registry_role_and_validation_say_together() {
    let says = |stage: &Stage| {
        let words = told(stage);
        ["competent for this: yes", "competent for this: no"].map(|word| words.contains(word))
    };
    assert_eq!(says(&Stage::epoc()), [true, false]);
    let mut unknown = Stage::epoc();
    unknown.received.envelope.signatures[0].key_digest = Some([0x44; 32]);
    let mut role = Stage::epoc();
    role.order().issuing.kind = Some(m(AuthorityKind::Prosecutor));
    let mut unvalidated = Stage::emergency();
    unvalidated.order().without_validation = None;
    unvalidated.order().deadlines = vec![m(DeadlineChoice::WithinTenDays)];
    for (number, stage) in [(4, unknown), (5, role), (7, unvalidated)] {
        assert_eq!(says(&stage), [false, true], "gate {number}");
    }
    assert!(!told(&Stage::epoc()).contains("by nobody"));
    let mut unsigned = Stage::epoc();
    unsigned.received.envelope.signatures.clear();
    assert!(told(&unsigned).contains("by nobody"));
}

#[test]
fn exp_03_a_place_inside_another_document_marks_no_line_of_this_one() {
    let text = sample("received.toml");
    let mut stage = Stage::epoc();
    stage.order().identifiers[0].value = Marked::at("*".into(), Place { document: 1, ..Place::new(4, 8, "value") });
    let words = |stage: &Stage| explain(&stage.facts(), &stage.report(), Some(&text), Language::English);
    assert!(words(&stage).contains("line 4, column 8") && !words(&stage).contains("       | "));
    stage.order().identifiers[0].value.place.document = 0;
    assert!(words(&stage).contains("       | "));
}

#[test]
fn exp_04_each_line_of_what_to_do_stands_where_it_belongs() {
    let lines = |stage: &Stage| {
        ["preserve now", "every gate passes", "do not produce", "a named person decides", "wait for gates"]
            .map(|line| told(stage).contains(line))
    };
    assert_eq!(lines(&Stage::epoc()), [true, true, false, false, false]);
    let mut held = Stage::subscriber();
    held.received.envelope.signatures.clear();
    assert_eq!(lines(&held), [true, false, false, false, true]);
    let mut persons = Stage::epoc();
    persons.order().other_information = text("x");
    assert_eq!(lines(&persons), [true, false, false, true, false]);
    // A form that orders nothing preserves nothing new.
    assert_eq!(lines(&Stage::extension()), [false, true, false, false, false]);
}

#[test]
fn exp_01_what_the_law_calls_it_is_said_once_for_each_field_and_purpose() {
    let rows = |stage: &mut Stage| {
        let order = stage.order().clone();
        law::explain::classes(&stage.facts(), &order, Language::English)
    };
    let mut stage = Stage::epoc();
    stage.order().requested = vec![requested(DataClass::Traffic, &[DataOption::IpConnectionRecords])];
    let pattern = rows(&mut stage);
    stage.order().requested.push(requested(DataClass::Traffic, &[DataOption::IpConnectionRecords]));
    assert_eq!(rows(&mut stage), pattern);
    // The same field for another purpose has another class.
    stage.order().requested.push(requested(DataClass::Identification, &[DataOption::IpConnectionRecords]));
    assert_eq!(rows(&mut stage).matches(": EU ").count(), 2 * pattern.matches(": EU ").count());
    stage.order().requested = vec![requested(DataClass::Subscriber, &[DataOption::SubscriberOther])];
    assert_eq!(rows(&mut stage), "");
    // Where all agree nothing is the strictest.
    let mut stage = Stage::subscriber();
    let all = rows(&mut stage);
    assert!(all.contains("! the strictest holds") && all.matches('!').count() < all.matches(": EU ").count(), "{all}");
}

#[test]
fn ans_01_ans_03_a_persons_grounds_stand_instead_of_the_gates() {
    let with = |id: &str, reason, explanation: Option<&str>| Words {
        grounds: BTreeMap::from([(id.to_owned(), vec![reason])]),
        explanation: explanation.map(str::to_owned),
        ..Words::default()
    };
    let grounds = |form: &NonExecution| {
        let of = |given: &ReasonGiven| (given.identifier.as_ref().map(|id| id.value.clone()), given.reasons[0].value);
        form.reasons.iter().map(of).collect::<Vec<_>>()
    };
    let mut stage = Stage::epoc();
    stage.provider.flagged.insert("USER_ID:@anna:example".into());
    stage.order().addressee.name = text("Another Ltd");
    let (order, report) = (stage.order().clone(), stage.report());
    let made = |words: Words| non_execution(&order, &report, RECEIVED, words).unwrap();
    // Only what fails is a ground, not what a person still decides; and only that is told.
    let own = made(Words::default());
    assert_eq!(grounds(&own), [(None, Reason::ServiceNotCovered)]);
    assert_eq!(own.reasons[0].explanation.as_ref().unwrap().value, "it is not addressed to this provider");
    assert_eq!(grounds(&made(with("1", Reason::NotStored, None))), [(Some("1".into()), Reason::NotStored)]);
    assert_eq!(grounds(&made(with("", Reason::NotStored, None))), [(None, Reason::NotStored)]);
    assert_eq!(
        grounds(&made(with("1", Reason::ImmunityOrPress, Some("a lawyer's account")))),
        [(Some("1".into()), Reason::ImmunityOrPress)]
    );
    // Where nothing fails there is nothing to tell.
    let mut good = Stage::epoc();
    let (order, report) = (good.order().clone(), good.report());
    assert_eq!(non_execution(&order, &report, RECEIVED, with("1", Reason::NotStored, None)).unwrap().reasons[0].explanation, None);
    // Form 3 says of each identifier whether it is preserved.
    let mut form = own;
    form.preservation[0].is_preserved = m(false);
    assert!(form_3(&form, Language::English).contains("G  1: is not preserved"));
}

#[test]
fn trn_02_each_field_that_a_form_has_not() {
    let good = sample("received.toml");
    let refused = |changes: &[(&str, &str)]| {
        let text = changes.iter().fold(good.clone(), |text, (from, to)| text.replacen(from, to, 1));
        transcription::read(&text, [0; 32]).unwrap_err().to_string()
    };
    let no_national = |text: &str| text.contains("[national]");
    assert!(no_national(&good));
    let preservation = ("form = \"national\"", "form = \"EPOC-PR\"\ndeadlines = [\"IMMINENT_THREAT_TO_LIFE\"]");
    assert!(refused(&[preservation]).contains("no deadlines"));
    let enforcing = ("[addressee]", "[enforcing]\nname = \"x\"\n[addressee]");
    assert!(refused(&[("form = \"national\"", "form = \"EPOC-PR\""), enforcing]).contains("no enforcing"));
    assert!(transcription::read(&"#".repeat((256 << 10) + 1), [0; 32]).unwrap_err().to_string().contains("longer than"));
}

//! GAT-05 to GAT-11 where a rule file decides: what a lawyer may change has to matter, and what nobody may change has not.

mod stage;

use law::gates::Verdict;
use law::received::*;
use law::rules::{PeriodName, RuleBook, Unit};
use stage::*;

use Verdict::{Fail, Pass, Person};

fn gate(stage: &Stage, number: u8) -> Verdict {
    stage.report().gate(number).unwrap().verdict
}

fn text_of(file: &str) -> String {
    std::fs::read_to_string(format!("{}/rules/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The embedded book with pieces of one file replaced, wherever they stand.
fn book(file: &str, changes: &[(&str, &str)]) -> RuleBook {
    let mut text = text_of(file);
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is not in {file}");
        text = text.replace(from, to);
    }
    RuleBook::with(&[(file.to_owned(), text)]).unwrap()
}

/// A Dutch order under this article for these boxes, without a judge's reference.
fn dutch(article: &str, class: DataClass, options: &[DataOption]) -> Stage {
    let mut stage = Stage::article_126n();
    stage.order().requested = vec![requested(class, options)];
    let national = stage.order().national.as_mut().unwrap();
    (national.article, national.judge_reference) = (m(article.to_owned()), None);
    stage
}

#[test]
fn gat_05_who_may_issue_and_who_may_validate_are_two_lists() {
    let judges_only = "may_issue = [\"JUDGE_COURT_OR_INVESTIGATING_JUDGE\"]";
    let nobody_validates = (
        "may_validate = [\"JUDGE_COURT_OR_INVESTIGATING_JUDGE\"]\narticle = \"Art 4(2)\"",
        "may_validate = [\"PUBLIC_PROSECUTOR\"]\narticle = \"Art 4(2)\"",
    );
    let mut stage = Stage::epoc();
    stage.book = book("eu-2023-1543.toml", &[nobody_validates]);
    assert_eq!(gate(&stage, 5), Pass, "it issues; who may validate is nothing to it");
    stage.order().validating = Some(Party { kind: Some(m(AuthorityKind::Judge)), ..Party::default() });
    assert_eq!(gate(&stage, 5), Fail, "it validated, which it may not");
    stage.book = book("eu-2023-1543.toml", &[(judges_only, "may_issue = []")]);
    assert_eq!(gate(&stage, 5), Pass);
    stage.order().validating = None;
    assert_eq!(gate(&stage, 5), Fail);
    // The police signed, and a judge is said to have validated: whose key it is outweighs what the form says.
    let mut stage = Stage::emergency();
    stage.order().without_validation = None;
    stage.order().deadlines = vec![m(DeadlineChoice::WithinTenDays)];
    stage.order().validating = Some(Party { kind: Some(m(AuthorityKind::Judge)), ..Party::default() });
    assert_eq!(gate(&stage, 5), Fail);
}

#[test]
fn gat_05_an_order_for_preservation_has_other_issuers_than_one_for_production() {
    let prosecutor = |mut stage: Stage| {
        stage.received.envelope.signatures = vec![signature([0x22; 32])];
        stage.order().issuing_state = text("NL");
        stage.order().issuing.kind = Some(m(AuthorityKind::Prosecutor));
        gate(&stage, 5)
    };
    assert_eq!((prosecutor(Stage::preservation()), prosecutor(Stage::epoc())), (Pass, Fail));
}

#[test]
fn gat_05_no_rule_file_makes_interception_or_decryption_served() {
    for article in ["126m", "126nh"] {
        let mut stage = dutch(article, DataClass::Traffic, &[DataOption::TrafficOther]);
        stage.order().national.as_mut().unwrap().judge_reference = text("RC 26/123");
        let told = |stage: &Stage| {
            let report = stage.report();
            let gate = report.gate(5).unwrap();
            (gate.verdict, gate.ground, gate.reason.en.clone())
        };
        let before = told(&stage);
        assert_eq!((before.0, before.1), (Fail, Some(Reason::NotStored)));
        stage.book = book("nl-sv.toml", &[("served = false", "served = true")]);
        assert_eq!(told(&stage), before, "{article}");
    }
    // What is not served is refused with the words of its row.
    let report = dutch("126ng(2)", DataClass::Content, &[DataOption::Mailbox]).report();
    assert_eq!((report.gate(5).unwrap().verdict, report.gate(5).unwrap().ground), (Fail, Some(Reason::NotStored)));
    assert!(report.gate(5).unwrap().reason.en.contains("no record type"));
}

#[test]
fn gat_05_where_an_article_always_needs_the_judge_it_is_refused_without_one() {
    let mut stage = dutch("126ng(2)", DataClass::Content, &[DataOption::Mailbox]);
    stage.book = book("nl-sv.toml", &[("served = false", "served = true")]);
    assert_eq!(gate(&stage, 5), Fail);
    stage.order().national.as_mut().unwrap().judge_reference = text("RC 26/123");
    assert_eq!(gate(&stage, 5), Pass);
}

#[test]
fn gat_05_interference_is_serious_by_purpose_and_by_time() {
    let class_of = |class| {
        let mut stage = dutch("126n", class, &[DataOption::IpConnectionRecords]);
        stage.order().national.as_mut().unwrap().purpose = None;
        gate(&stage, 5)
    };
    // Where nothing is said, the class says what it is for.
    assert_eq!((class_of(DataClass::Identification), class_of(DataClass::Traffic)), (Pass, Person));
    let mut stage = dutch("126n", DataClass::Traffic, &[DataOption::IpConnectionRecords]);
    stage.order().national.as_mut().unwrap().purpose = Some(m(Purpose::Identify));
    assert_eq!(gate(&stage, 5), Pass, "the lowest rank is no serious interference");
    // A lawyer may weigh data of the future otherwise.
    let mut rows = Vec::new();
    for line in text_of("fields.toml").lines() {
        let (past, future) = (line.replace("time = \"any\"", "time = \"past\""), line.replace("time = \"any\"", "time = \"future\""));
        match line.contains("regime = \"nl\"") && line.contains("rank = 3") {
            true => rows.extend([past, future.replace("rank = 3", "rank = 1")]),
            false => rows.push(line.to_owned()),
        }
    }
    let mut stage = dutch("126n", DataClass::Traffic, &[DataOption::BaseStation]);
    stage.book = RuleBook::with(&[("fields.toml".to_owned(), rows.join("\n"))]).unwrap();
    assert_eq!(gate(&stage, 5), Person);
    stage.order().national.as_mut().unwrap().future_until = Some(m(Moment::Instant(RECEIVED + DAY)));
    assert_eq!(gate(&stage, 5), Pass);
}

#[test]
fn gat_05_only_what_the_article_reaches_weighs() {
    let no_groups = ("\"session-times\", \"group-membership\", \"ip-port-time\"]\nen", "\"session-times\", \"ip-port-time\"]\nen");
    let messages_too = ("fields = [\"profile-photo\"", "fields = [\"message-record\", \"call-record\", \"profile-photo\"");
    let mut stage = dutch("126ng(1)", DataClass::Traffic, &[DataOption::TrafficOther]);
    assert_eq!(gate(&stage, 5), Person, "it reaches membership of groups");
    let higher = ("ranks_max = 2\nfields = [\"profile-photo\"", "ranks_max = 3\nfields = [\"profile-photo\"");
    stage.book = book("nl-sv.toml", &[no_groups, higher]);
    assert_eq!(gate(&stage, 5), Pass, "it does not name message records");
    stage.book = book("nl-sv.toml", &[no_groups, messages_too]);
    assert_eq!(gate(&stage, 5), Pass, "message records rank above what it reaches");
    // A box is refused if no field under it is both named and low enough.
    let mut calls = dutch("126ng(1)", DataClass::Traffic, &[DataOption::MobileTimes]);
    calls.book = book("nl-sv.toml", &[messages_too]);
    assert_eq!(gate(&calls, 5), Fail);
    assert_eq!(gate(&dutch("126nd", DataClass::Traffic, &[DataOption::Volume]), 5), Fail);
    // Free text is gate 11's.
    let free = dutch("126na", DataClass::Subscriber, &[DataOption::UserInformation, DataOption::SubscriberOther]);
    assert_eq!((gate(&free, 5), gate(&free, 11)), (Pass, Person));
}

#[test]
fn gat_05_gates_of_every_order_keep_their_article_under_a_national_one() {
    let report = Stage::article_126n().report();
    assert!(report.gate(3).unwrap().article.contains("910/2014"), "{}", report.gate(3).unwrap().article);
    assert!(report.gate(16).unwrap().article.starts_with("C-470/21"), "{}", report.gate(16).unwrap().article);
}

#[test]
fn gat_06_the_condition_is_one_of_those_of_this_order_and_class() {
    // Preservation needs none.
    let mut stage = Stage::preservation();
    stage.order().conditions.thresholds.clear();
    assert_eq!(stage.report().verdict(), Pass);
    let mut stage = Stage::epoc();
    stage.book = book("eu-2023-1543.toml", &[("one_of = [\"MAXIMUM_CUSTODIAL_THREE_YEARS\", ", "one_of = [")]);
    assert_eq!(gate(&stage, 6), Fail, "ticked, and no longer a condition");
    stage.order().conditions.thresholds.push(m(Threshold::Terrorism));
    assert_eq!(gate(&stage, 6), Pass);
}

#[test]
fn gat_11_content_is_refused_in_its_own_words_whatever_box_is_ticked() {
    for options in [&[][..], &[DataOption::MessageBackup]] {
        let mut stage = Stage::epoc();
        stage.order().requested.push(requested(DataClass::Content, options));
        let report = stage.report();
        let gate = report.gate(11).unwrap();
        assert!(gate.verdict == Fail && gate.reason.en.contains("no record type"), "{gate}");
    }
}

#[test]
fn clk_03_one_day_is_not_stretched_to_two_working_days() {
    let book = RuleBook::embedded().unwrap();
    // Thursday 19 November 2026, 09:00 in the Netherlands; Friday ends at 23:00 UTC.
    let (thursday, friday_ends) = (1_795_075_200, 1_795_215_600);
    let run = |count| law::clock::run(&book, PeriodName::Production, (Unit::Days, count), "none", "NL", thursday);
    assert_eq!(run(1).deadline_at, friday_ends);
    assert_eq!(run(2).deadline_at, friday_ends + 3 * DAY, "Saturday: the end of Monday");
}

#[test]
fn clk_03_what_moves_out_of_a_year_that_nobody_gave_is_said() {
    // 31 December 2028 is a Sunday; only 2029 is given.
    let holidays = text_of("holidays.toml");
    let head = holidays.split("[[states]]").next().unwrap();
    let state =
        "[[states]]\nstate = \"NL\"\nwinter_minutes = 60\nsource = \"test\"\ncheck = true\n[[states.years]]\nyear = 2029\ndays = []\n";
    let book = RuleBook::with(&[("holidays.toml".to_owned(), format!("{head}{state}"))]).unwrap();
    let received = verify::calendar::Day::parse("2028-12-21").unwrap().start() + 10 * HOUR;
    let deadline = law::clock::start(&book, PeriodName::Production, "NL", received).unwrap();
    assert!(deadline.moved_from.is_some() && deadline.without_holidays);
}

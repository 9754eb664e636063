//! GAT-02 to GAT-20 where two conditions stand together: each of them alone decides.

mod stage;

use law::gates::{Decision, Execution, Extracted, Provider, Route, Verdict, admit, may_leave};
use law::received::*;
use law::registry::{Edition, Editions, Registry};
use stage::*;
use verify::calendar::Day;
use verify::names::Span;

use Verdict::{Fail, Hold, Pass, Person};

fn gate(stage: &Stage, number: u8) -> Verdict {
    stage.report().gate(number).unwrap().verdict
}

/// The stage's registry with something written otherwise.
fn registry(stage: &mut Stage, from: &str, to: &str) {
    let texts = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stage/mod.rs")).unwrap();
    let text = texts.split("r#\"").nth(1).unwrap().split("\"#").next().unwrap();
    assert!(text.contains(from), "{from}");
    let registry = Registry::parse(&text.replace(from, to)).unwrap();
    stage.registry = Editions::new(vec![Edition { registry, logged_at: RECEIVED - 100 * DAY }]);
}

#[test]
fn gat_02_what_a_call_back_suffices_for() {
    let unsigned = |mut stage: Stage, who: &str, number: &str| {
        stage.received.envelope.signatures.clear();
        stage.call_back(who, number);
        gate(&stage, 2)
    };
    let court = |stage: Stage| unsigned(stage, "court.example", "+4930123456");
    let dutch = |stage: Stage| unsigned(stage, "prosecutor.example", "+31201234567");
    // Preservation of anything, since nothing leaves.
    assert_eq!(court(Stage::preservation()), Pass);
    let mut content = Stage::epoc();
    content.order().requested = vec![requested(DataClass::Content, &[DataOption::Mailbox])];
    assert_eq!(court(content), Fail);
    let mut both = Stage::subscriber();
    both.order().requested.push(requested(DataClass::Identification, &[DataOption::IpConnectionRecords]));
    assert_eq!(court(both), Pass);
    let mut identification = Stage::article_126n();
    identification.order().requested = vec![requested(DataClass::Identification, &[DataOption::IpConnectionRecords])];
    assert_eq!(dutch(identification), Pass);
    let mut mixed = Stage::article_126n();
    mixed.order().requested.push(requested(DataClass::Subscriber, &[DataOption::UserInformation]));
    assert_eq!(dutch(mixed), Fail);
    // A form that orders nothing waits for the call like any other.
    let mut extension = Stage::extension();
    extension.received.envelope.signatures.clear();
    assert_eq!(gate(&extension, 2), Hold);
    extension.call_back("court.example", "+4930123456");
    assert_eq!(gate(&extension, 2), Pass);
}

#[test]
fn gat_04_a_signature_that_nobody_checked_names_nobody() {
    let unchecked = || SignatureVerdict { valid: Finding::unknown("no means"), ..signature(KEY) };
    let mut stage = Stage::epoc();
    stage.received.envelope.signatures = vec![unchecked()];
    assert_eq!((gate(&stage, 2), gate(&stage, 4)), (Person, Fail));
    // The first key that the registry knows counts, wherever it stands.
    let mut stage = Stage::epoc();
    stage.received.envelope.signatures = vec![unchecked(), signature([0x44; 32]), signature(KEY)];
    assert_eq!((gate(&stage, 2), gate(&stage, 4)), (Pass, Pass));
    // An unsigned order of an authority that was called, and holds no more: that is known, nothing is waited for.
    let mut stage = Stage::subscriber();
    stage.received.envelope.signatures.clear();
    stage.call_back("court.example", "+4930123456");
    assert_eq!(gate(&stage, 4), Pass);
    stage.registry = Editions::new(Vec::new());
    assert_eq!(gate(&stage, 4), Fail);
}

#[test]
fn gat_05_who_answers_for_it_is_whose_kind_is_weighed() {
    // A validating party without a kind says nothing about the issuing one.
    only(5, Person, Stage::epoc(), |s| {
        s.order().issuing.kind = Some(m(AuthorityKind::Prosecutor));
        s.order().validating = Some(Party::default());
    });
    // A prosecutor may issue what is not traffic; a judge validated this, so the prosecutor need not be able to.
    let mut stage = Stage::epoc();
    stage.order().issuing.kind = Some(m(AuthorityKind::Prosecutor));
    stage.order().validating = Some(Party { kind: Some(m(AuthorityKind::Judge)), ..Party::default() });
    assert_eq!(stage.report().verdict(), Pass);
    let mut stage = Stage::emergency();
    stage.order().issuing.kind = None;
    stage.received.envelope.signatures = vec![signature([0x44; 32])];
    assert_eq!(gate(&stage, 5), Fail, "nobody says what the authority is");
}

#[test]
fn gat_05_the_registrys_emergencies_are_for_emergencies_and_their_classes() {
    let police = "signs = [\"SUBSCRIBER\", \"USER_IDENTIFICATION\"]\nemergencies = [\"SUBSCRIBER\", \"USER_IDENTIFICATION\"]";
    let entered = |emergencies: &str| {
        let mut stage = Stage::emergency();
        registry(&mut stage, police, &format!("signs = []\nemergencies = [{emergencies}]"));
        stage
    };
    let mut stage = entered("\"SUBSCRIBER\"");
    assert_eq!(stage.report().verdict(), Pass);
    stage.order().without_validation = None;
    stage.order().deadlines = vec![m(DeadlineChoice::WithinTenDays)];
    assert_eq!((gate(&stage, 5), gate(&stage, 7)), (Fail, Fail), "it is no emergency, and nobody validated it");
    assert_eq!(gate(&entered("\"USER_IDENTIFICATION\""), 5), Fail);
}

#[test]
fn gat_05_126n_without_the_judges_reference_is_a_persons_where_a_judge_ordered_it_not() {
    let mut stage = Stage::article_126n();
    stage.order().national.as_mut().unwrap().judge_reference = None;
    assert_eq!(gate(&stage, 5), Person);
    registry(&mut stage, "kind = \"PUBLIC_PROSECUTOR\"", "kind = \"JUDGE_COURT_OR_INVESTIGATING_JUDGE\"");
    assert_eq!(gate(&stage, 5), Pass, "the judge needs no other one's reference");
}

#[test]
fn gat_06_gat_07_each_condition_alone() {
    // The provision alone, or the offence alone, names it.
    for change in [|s: &mut Stage| s.order().conditions.offence = None, |s: &mut Stage| s.order().conditions.provision = None] {
        let mut stage = Stage::subscriber();
        change(&mut stage);
        assert_eq!(stage.report().verdict(), Pass);
    }
    // A tick that says no is no exception.
    only(7, Fail, Stage::emergency(), |s| {
        s.order().without_validation = Some(m(false));
        s.order().deadlines = vec![m(DeadlineChoice::WithinTenDays)];
    });
    let mut stage = Stage::epoc();
    stage.order().without_validation = Some(m(false));
    assert_eq!(stage.report().verdict(), Pass);
    assert!(!stage.report().notices.iter().any(|notice| notice.text.en.contains("withdrawal")));
}

#[test]
fn gat_09_an_unknown_kind_and_a_wrong_form_are_two_reasons() {
    let ground = |identifier: Identifier| {
        let mut stage = Stage::epoc();
        stage.order().identifiers = vec![identifier];
        let report = stage.report();
        let gate = report.gate(9).unwrap().clone();
        (gate.verdict, gate.ground)
    };
    assert_eq!(ground(identifier(IdentifierKind::Mac, "aa:bb:cc:00:11:22")), (Fail, Some(Reason::InsufficientInformation)));
    assert_eq!(ground(identifier(IdentifierKind::Mac, "aa:bb")), (Fail, Some(Reason::ManifestErrors)));
    assert_eq!(ground(identifier(IdentifierKind::UserId, " ")), (Fail, Some(Reason::ManifestErrors)));
}

#[test]
fn gat_10_each_edge_of_the_time_alone() {
    let own =
        |until: u64| OwnOrder { d: None, categories: vec![1], valid_from: 1, valid_until: until, seal_until: RECEIVED, notice_due: 0 };
    let mut stage = Stage::epoc();
    stage.order().own = Some(own(stage.now + 1));
    assert_eq!(stage.report().verdict(), Pass);
    // What was authorised has two ends.
    only(10, Fail, Stage::epoc(), |s| s.order().authorised = Some(range(RECEIVED - 10 * DAY + 1, RECEIVED)));
    let mut stage = Stage::epoc();
    stage.order().authorised = Some(range(RECEIVED - 10 * DAY, RECEIVED - 9 * DAY));
    assert_eq!(stage.report().verdict(), Pass);
    // Tomorrow is not today.
    let tomorrow = Day(Day::containing(RECEIVED).0 + 1);
    only(10, Fail, Stage::epoc(), |s| {
        s.order().identifiers[0].ranges =
            vec![m(TimeRange { start: Some(Moment::Instant(RECEIVED - DAY)), end: Some(Moment::Day(tomorrow)) })];
    });
    let open = |start: Option<u64>, end: Option<u64>| m(TimeRange { start: start.map(Moment::Instant), end: end.map(Moment::Instant) });
    only(10, Fail, Stage::epoc(), |s| s.order().identifiers[0].ranges = vec![open(None, Some(RECEIVED - DAY))]);
    only(10, Fail, Stage::epoc(), |s| s.order().identifiers[0].ranges = vec![range(RECEIVED - DAY, RECEIVED - DAY)]);
}

#[test]
fn gat_10_what_stands_in_place_of_an_identifiers_range() {
    let without = |mut stage: Stage| {
        stage.order().identifiers[0].ranges.clear();
        stage
    };
    // Its class has one; it was seen at a time; the order has one for all; nothing in it needs one; nothing leaves.
    let mut stage = without(Stage::epoc());
    stage.order().requested[0].range = Some(range(RECEIVED - 2 * DAY, RECEIVED - DAY));
    assert_eq!(stage.report().verdict(), Pass);
    let mut stage = without(Stage::epoc());
    stage.order().identifiers[0].seen_at = vec![m(Moment::Instant(RECEIVED - DAY))];
    assert_eq!(stage.report().verdict(), Pass);
    let mut stage = without(Stage::epoc());
    stage.order().time_range = Some(range(RECEIVED - 2 * DAY, RECEIVED - DAY));
    assert_eq!(stage.report().verdict(), Pass);
    assert_eq!(without(Stage::subscriber()).report().verdict(), Pass);
    assert_eq!(without(Stage::preservation()).report().verdict(), Pass);
    // Its own range outweighs that of the order.
    let mut stage = Stage::epoc();
    stage.order().time_range = Some(range(5, 4));
    assert_eq!(stage.report().verdict(), Pass);
}

#[test]
fn gat_11_a_preservation_order_may_name_what_is_not_answered() {
    for (class, option) in [(DataClass::Content, DataOption::Mailbox), (DataClass::Traffic, DataOption::Tickets)] {
        let mut stage = Stage::preservation();
        stage.order().requested.push(requested(class, &[option]));
        assert_eq!(gate(&stage, 11), Pass, "{option:?}");
    }
    only(11, Person, Stage::epoc(), |s| s.order().requested[0].other = text("and whatever else"));
}

#[test]
fn gat_12_an_emergency_beside_each_of_the_ten_day_boxes() {
    only(12, Person, Stage::epoc(), |s| {
        s.order().deadlines = vec![m(DeadlineChoice::ThreatToLife), m(DeadlineChoice::AtEndOfTenDays)];
        s.order().enforcing = Some(EnforcingAuthority::default());
    });
    // Notified, and the other of the two boxes.
    only(12, Fail, Stage::epoc(), |s| s.order().enforcing = Some(EnforcingAuthority::default()));
    // One class of several that knows notification suffices.
    let mut stage = Stage::subscriber();
    stage.order().requested.push(requested(DataClass::Traffic, &[DataOption::TrafficOther]));
    stage.order().conditions.thresholds = vec![m(Threshold::ThreeYears)];
    stage.order().deadlines = vec![m(DeadlineChoice::ThreatToLife)];
    stage.order().enforcing = Some(EnforcingAuthority::default());
    assert_eq!(stage.report().verdict(), Pass);
}

#[test]
fn gat_13_only_an_extension_is_held_against_its_days() {
    let expiry = |kind: FollowUpKind, at: Moment| {
        let mut stage = Stage::extension();
        let Body::FollowUp(form) = &mut stage.received.body else { panic!() };
        form.kind = m(kind);
        form.requested_expiry = Some(m(at));
        gate(&stage, 13)
    };
    let until = RECEIVED + 5 * DAY;
    assert_eq!(expiry(FollowUpKind::Extension, Moment::Instant(until + 31 * DAY)), Pass, "the day on which it ends is all of it");
    assert_eq!(expiry(FollowUpKind::Extension, Moment::Instant(until + 31 * DAY + 1)), Person);
    assert_eq!(expiry(FollowUpKind::Extension, Moment::Unzoned("2026-12-01T00:00".into())), Person);
    assert_eq!(expiry(FollowUpKind::SubsequentProduction, Moment::Instant(until + 400 * DAY)), Pass);
}

#[test]
fn gat_14_a_name_or_an_office_of_ours_suffices() {
    let office = |id: &str| Some(m(Office { country: "NL".into(), id: id.into() }));
    let mut stage = Stage::epoc();
    stage.order().addressee.name = text("Another Ltd");
    stage.order().addressee.office = office("nl-berichten ");
    assert_eq!(stage.report().verdict(), Pass);
    stage.order().addressee.office = office("NL-ANDERE");
    assert_eq!(gate(&stage, 14), Fail);
    // A service may be called by our own name.
    let mut stage = Stage::epoc();
    stage.order().addressee.provider_concerned = text(" berichten bv");
    assert_eq!(stage.report().verdict(), Pass);
    // One who has names only, or identifiers only, is somebody.
    for (names, identifiers) in [(vec!["Berichten BV".to_owned()], Vec::new()), (Vec::new(), vec!["NL-BERICHTEN".to_owned()])] {
        let mut stage = Stage::epoc();
        stage.provider = Provider { names, identifiers, ..stage.provider };
        stage.order().addressee.office = office("NL-BERICHTEN");
        assert_eq!(stage.report().verdict(), Pass);
    }
    let mut stage = Stage::emergency();
    stage.order().addressee.capacity = Some(m(Capacity::AnyEstablishmentInEmergency));
    assert_eq!(stage.report().verdict(), Pass);
    stage.order().addressee.capacity = Some(m(Capacity::LegalRepresentative));
    assert_eq!(stage.report().verdict(), Pass);
    let mut stage = Stage::epoc();
    stage.order().addressee.capacity = Some(m(Capacity::LegalRepresentative));
    assert_eq!(stage.report().verdict(), Pass);
}

#[test]
fn gat_16_orders_that_came_later_are_not_counted() {
    let mut stage = Stage::epoc();
    stage.history.linkage.insert("USER_ID:@anna:example".into(), vec![RECEIVED - DAY, RECEIVED - 2 * DAY, RECEIVED + 1]);
    assert_eq!(stage.report().verdict(), Pass);
    stage.history.linkage.insert("USER_ID:@anna:example".into(), vec![RECEIVED - DAY, RECEIVED - 2 * DAY, RECEIVED]);
    assert_eq!(gate(&stage, 16), Person);
}

fn rows(identifier: &str, option: DataOption, from: u64, until: u64) -> Extracted {
    Extracted { identifier: identifier.into(), option, span: Span::new(from, until), rows: 1 }
}

fn leaves(stage: &Stage, extracted: Vec<Extracted>) -> Result<(), String> {
    let execution = Execution { extracted, package_bytes: 1, route: Route::Push, logged: Some((4, 5)) };
    may_leave(&stage.facts(), &execution).map(|_| ()).map_err(|open| {
        assert_eq!(open.iter().map(|gate| (gate.number, gate.verdict)).collect::<Vec<_>>(), [(15, Fail)]);
        open[0].reason.en.clone()
    })
}

/// Two persons, traffic of the second only, subscriber data of both.
fn two_persons() -> Stage {
    let mut stage = Stage::epoc();
    let mut second = identifier(IdentifierKind::UserId, "@bo:example");
    second.id = text("2");
    stage.order().identifiers.push(second);
    stage.order().requested[0].identifiers = vec![m("2".to_owned())];
    stage.order().requested.push(requested(DataClass::Subscriber, &[DataOption::UserInformation]));
    stage
}

#[test]
fn gat_15_t12_a_kind_is_ordered_of_those_whom_it_is_ordered_of() {
    let stage = two_persons();
    let (from, until) = (RECEIVED - 10 * DAY, RECEIVED - 9 * DAY);
    assert_eq!(leaves(&stage, vec![rows("@bo:example", DataOption::TrafficOther, from, until)]), Ok(()));
    assert_eq!(leaves(&stage, vec![rows("@anna:example", DataOption::UserInformation, from, until)]), Ok(()));
    let refused = leaves(&stage, vec![rows("@anna:example", DataOption::TrafficOther, from, until)]).unwrap_err();
    assert!(refused.contains("of a kind"), "{refused}");
    // Rows without a time stand outside of no range.
    let timeless = Extracted { span: None, ..rows("@anna:example", DataOption::UserInformation, from, until) };
    assert_eq!(leaves(&stage, vec![timeless]), Ok(()));
}

#[test]
fn gat_15_t12_the_range_of_the_kind_outweighs_that_of_the_person() {
    let mut stage = Stage::epoc();
    stage.order().requested[0].range = Some(range(RECEIVED - 5 * DAY, RECEIVED - 4 * DAY));
    let traffic = |from: u64, until: u64| leaves(&stage, vec![rows("@anna:example", DataOption::TrafficOther, from, until)]);
    assert_eq!(traffic(RECEIVED - 5 * DAY, RECEIVED - 4 * DAY), Ok(()));
    assert!(traffic(RECEIVED - 10 * DAY, RECEIVED - 9 * DAY).unwrap_err().contains("outside the ordered time"));
    // Any one of several ranges, and each whole: not from one into the next.
    let mut stage = Stage::epoc();
    stage.order().identifiers[0].ranges.push(range(RECEIVED - 7 * DAY, RECEIVED - 6 * DAY));
    let traffic = |from: u64, until: u64| leaves(&stage, vec![rows("@anna:example", DataOption::TrafficOther, from, until)]);
    assert_eq!(traffic(RECEIVED - 7 * DAY, RECEIVED - 6 * DAY), Ok(()));
    assert!(traffic(RECEIVED - 10 * DAY, RECEIVED - 6 * DAY).is_err());
    // Without any range there is none to be outside of (subscriber data).
    let mut stage = Stage::subscriber();
    stage.order().identifiers[0].ranges.clear();
    assert_eq!(leaves(&stage, vec![rows("@anna:example", DataOption::UserInformation, 5, 6)]), Ok(()));
}

#[test]
fn gat_15_t12_more_persons_than_ordered_are_seen_first() {
    let stage = Stage::epoc();
    let anna = rows("@anna:example", DataOption::TrafficOther, RECEIVED - 10 * DAY, RECEIVED - 9 * DAY);
    let carol = Extracted { identifier: "@carol:example".into(), ..anna.clone() };
    assert!(leaves(&stage, vec![anna.clone(), carol.clone()]).unwrap_err().contains("more persons"));
    assert!(leaves(&stage, vec![carol]).unwrap_err().contains("does not name"));
    assert_eq!(leaves(&two_persons(), vec![Extracted { option: DataOption::UserInformation, ..anna }]), Ok(()));
}

#[test]
fn the_scope_verdict_is_of_the_gates_that_look_at_what_is_asked() {
    for (change, is_yes) in [
        ((|s: &mut Stage| s.order().addressee.name = text("Another Ltd")) as fn(&mut Stage), true),
        (|s: &mut Stage| s.received.envelope.signatures[0].key_digest = Some([0x44; 32]), true),
        (|s: &mut Stage| s.order().other_information = text("only calls"), true),
        (|s: &mut Stage| s.order().identifiers.clear(), false),
    ] {
        let mut stage = Stage::epoc();
        change(&mut stage);
        let report = stage.report();
        assert!(report.verdict() != Pass);
        assert_eq!(report.scope.is_yes(), is_yes, "{:?}", report.open().map(ToString::to_string).collect::<Vec<_>>());
    }
}

#[test]
fn gat_20_a_doubt_of_a_gate_that_may_not_fail_is_a_persons_and_so_is_the_failure_of_another() {
    let decision = |gate: u8| Decision { gate, person: "An".into(), reason: "looked".into(), at: RECEIVED, original_hash: [9; 32] };
    let mut stage = Stage::epoc();
    stage.order().issuing.kind = Some(m(AuthorityKind::Prosecutor));
    assert_eq!(gate(&stage, 5), Person);
    assert_eq!(admit(&stage.report(), &[decision(5)]).unwrap().decisions(), [decision(5)]);
    let mut stage = Stage::epoc();
    stage.order().addressee.name = text("Another Ltd");
    assert_eq!(gate(&stage, 14), Fail);
    assert_eq!(admit(&stage.report(), &[decision(14)]).unwrap().decisions(), [decision(14)]);
}

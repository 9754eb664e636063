//! GAT-01 to GAT-21. Each case is a good order with the smallest change that one gate alone objects to: whoever takes that gate out
//! sees the case admitted and the test fail.

mod stage;

use law::gates::{Course, Decision, EnforcingAnswer, Execution, Extracted, Route, Verdict, admit, judge_execution, may_leave};
use law::received::*;
use law::registry::{Edition, Editions, Registry};
use stage::*;
use verify::names::Span;

use Verdict::{Fail, Hold, Person};

#[test]
fn good_orders_pass_every_gate_and_are_admitted() {
    for stage in [Stage::epoc(), Stage::subscriber(), Stage::emergency(), Stage::article_126n(), Stage::preservation(), Stage::extension()]
    {
        let report = stage.report();
        assert_eq!(report.gates.len(), 15);
        assert_eq!(report.open().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
        assert!(report.schema.is_yes() && report.dictionary.is_yes() && report.scope.is_yes());
        assert_eq!(admit(&report, &[]).unwrap().original_hash(), &[9; 32]);
    }
}

#[test]
fn gat_01_a_document_that_does_not_read_fails_and_a_doubtful_one_is_a_persons() {
    let no = || Finding::no("STD-01", "wrong", None);
    only(1, Fail, Stage::epoc(), |s| s.received.envelope.schema = no());
    only(1, Person, Stage::epoc(), |s| s.received.envelope.dictionary = no());
    only(1, Person, Stage::epoc(), |s| s.received.envelope.schema = Finding::unknown("no schema"));
    only(1, Person, Stage::epoc(), |s| {
        s.received.envelope.differences =
            vec![Difference { what: "data category".into(), message: m("SubscriberData".into()), form: m("TRAFFIC".into()) }];
    });
    // The three verdicts stand apart: a failing dictionary hides neither schema nor scope.
    let mut stage = Stage::epoc();
    stage.received.envelope.dictionary = no();
    stage.order().conditions.thresholds.clear();
    let report = stage.report();
    assert!(report.schema.is_yes() && !report.dictionary.is_yes());
    assert!(matches!(&report.scope, Finding::No { code, .. } if code == "GAT-06"));
}

#[test]
fn gat_02_a_broken_signature_fails_even_beside_a_good_one() {
    only(2, Fail, Stage::epoc(), |s| {
        let broken = SignatureVerdict { valid: Finding::no("SIG-01", "digest", None), ..signature(KEY) };
        s.received.envelope.signatures.push(broken);
    });
    only(2, Person, Stage::epoc(), |s| {
        // Known otherwise who it is, so that gates 3 and 4 pass.
        s.called_back = None;
        let unchecked = SignatureVerdict { valid: Finding::unknown("no means"), ..signature(KEY) };
        s.received.envelope.signatures = vec![unchecked];
        s.call_back("court.example", "+4930123456");
    });
}

#[test]
fn gat_02_t6_an_unsigned_order_waits_for_the_call_back_and_never_suffices_for_traffic() {
    let unsigned = |s: &mut Stage| s.received.envelope.signatures.clear();
    let mut stage = Stage::subscriber();
    unsigned(&mut stage);
    assert!(stage.report().open().all(|gate| gate.verdict == Hold));
    assert_eq!(stage.report().open().map(|gate| gate.number).collect::<Vec<_>>(), [2, 3, 4]);
    stage.call_back("court.example", "+4930123456");
    assert_eq!(stage.report().verdict(), Verdict::Pass);
    // The call was about another document.
    stage.received.envelope.original_hash = [8; 32];
    assert_eq!(stage.report().gate(2).unwrap().verdict, Hold);
    let mut stage = Stage::epoc();
    unsigned(&mut stage);
    stage.call_back("court.example", "+4930123456");
    assert_eq!(stage.report().gate(2).unwrap().verdict, Fail);
    assert_eq!(stage.report().gate(3).unwrap().verdict, Fail);
    let mut stage = Stage::article_126n();
    unsigned(&mut stage);
    stage.call_back("prosecutor.example", "+31201234567");
    assert_eq!(stage.report().gate(2).unwrap().verdict, Fail);
}

#[test]
fn gat_03_t11_an_untrusted_certificate_fails_and_a_weak_signature_needs_the_call_back() {
    only(3, Fail, Stage::epoc(), |s| s.received.envelope.signatures[0].trusted = Finding::no("SIG-20", "revoked", None));
    only(3, Person, Stage::epoc(), |s| s.received.envelope.signatures[0].trusted = Finding::unknown("no list"));
    only(3, Fail, Stage::epoc(), |s| s.received.envelope.signatures[0].level = SignatureLevel::Advanced);
    let mut stage = only(3, Hold, Stage::subscriber(), |s| s.received.envelope.signatures[0].level = SignatureLevel::Simple);
    stage.call_back("court.example", "+4930123456");
    assert_eq!(stage.report().verdict(), Verdict::Pass);
}

/// What a lawyer reads beside the verdicts on a national order is national law, and what holds for every order.
#[test]
fn gat_05_a_national_order_is_judged_by_national_articles() {
    for (article, source) in [("126n", "Art 126n Sv"), ("126na", "Art 126na Sv"), ("126xyz", "NL 126xyz")] {
        let mut stage = Stage::article_126n();
        stage.order().national.as_mut().unwrap().article.value = article.into();
        let report = stage.report();
        for gate in &report.gates {
            let own = gate.article.contains(source) || gate.article.contains("HR 5-4-2022");
            let general = gate.article.contains("910/2014") || gate.article.starts_with("C-470/21");
            assert!(own || general, "{article}, gate {}: {}", gate.number, gate.article);
        }
    }
    assert!(Stage::epoc().report().gate(9).unwrap().article.starts_with("Art 5(5)"));
}

/// Two authorities that the registry knows: the one that gates 4 and 5 take for the sender has to be strong itself.
#[test]
fn gat_03_no_known_signer_stands_for_another() {
    let weak = || SignatureVerdict { level: SignatureLevel::Advanced, ..signature(KEY) };
    only(3, Fail, Stage::epoc(), |s| s.received.envelope.signatures = vec![weak(), signature([0x22; 32])]);
    only(3, Person, Stage::epoc(), |s| {
        let unknown = SignatureVerdict { trusted: Finding::unknown("no list"), ..signature(KEY) };
        s.received.envelope.signatures = vec![unknown, signature([0x22; 32])];
    });
    // Nor does a call to another authority help a weak signer.
    let mut stage = Stage::subscriber();
    stage.received.envelope.signatures = vec![weak()];
    stage.call_back("police.example", "+4930654321");
    assert_eq!(stage.report().gate(3).unwrap().verdict, Hold);
}

/// Strength is not lent: neither by a signature over a part, nor by a stranger beside the one whom the registry knows.
#[test]
fn gat_03_sig_35_only_the_known_signer_of_the_whole_is_weighed() {
    let weak = || SignatureVerdict { level: SignatureLevel::Advanced, ..signature(KEY) };
    let over_a_part = SignatureVerdict { valid: Finding::unknown("it covers the first 3 of 9 octets"), ..signature(KEY) };
    only(3, Fail, Stage::epoc(), |s| s.received.envelope.signatures = vec![weak(), over_a_part]);
    only(3, Fail, Stage::epoc(), |s| s.received.envelope.signatures = vec![signature([0x44; 32]), weak()]);
    let mut stage = Stage::epoc();
    stage.received.envelope.signatures.push(SignatureVerdict { level: SignatureLevel::Advanced, ..signature([0x44; 32]) });
    assert_eq!(stage.report().verdict(), Verdict::Pass, "a weak stranger beside a good signature takes nothing away");
}

#[test]
fn gat_04_t7_an_unknown_key_fails_and_a_new_one_waits() {
    only(4, Fail, Stage::epoc(), |s| s.received.envelope.signatures[0].key_digest = Some([0x44; 32]));
    only(4, Fail, Stage::epoc(), |s| s.order().issuing_state = text("FR"));
    let stage = only(4, Hold, Stage::epoc(), |s| {
        let texts = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stage/mod.rs")).unwrap();
        let registry = texts.split("r#\"").nth(1).unwrap().split("\"#").next().unwrap().to_owned();
        let registry = Registry::parse(&registry).unwrap();
        s.registry = Editions::new(vec![Edition { registry, logged_at: RECEIVED - HOUR }]);
    });
    assert_eq!(stage.report().gate(4).unwrap().until, Some(RECEIVED + 71 * HOUR));
}

#[test]
fn gat_05_a_prosecutor_can_not_order_traffic_data_and_a_court_can() {
    only(5, Fail, Stage::epoc(), |s| {
        s.received.envelope.signatures = vec![signature([0x22; 32])];
        s.order().issuing_state = text("NL");
        s.order().issuing.kind = Some(m(AuthorityKind::Prosecutor));
    });
    only(5, Person, Stage::epoc(), |s| s.order().issuing.kind = Some(m(AuthorityKind::Prosecutor)));
    only(5, Fail, Stage::subscriber(), |s| s.order().requested.clear());
    // Not entered for the class: the kind alone does not suffice.
    only(5, Fail, Stage::epoc(), |s| {
        let texts = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stage/mod.rs")).unwrap();
        let registry =
            texts.split("r#\"").nth(1).unwrap().split("\"#").next().unwrap().replacen("\"TRAFFIC\", \"CONTENT\"", "\"CONTENT\"", 1);
        let registry = Registry::parse(&registry).unwrap();
        s.registry = Editions::new(vec![Edition { registry, logged_at: RECEIVED - 30 * DAY }]);
    });
    // Whoever Section J names: the police alone signed.
    let mut stage = Stage::emergency();
    let order = stage.order();
    order.without_validation = None;
    order.validating = Some(Party { kind: Some(m(AuthorityKind::Judge)), ..Party::default() });
    order.requested = vec![requested(DataClass::Traffic, &[DataOption::TrafficOther])];
    order.conditions.thresholds = vec![m(Threshold::ThreeYears)];
    let open: Vec<_> = stage.report().open().map(|gate| (gate.number, gate.verdict)).collect();
    assert_eq!(open, [(5, Fail), (7, Hold)]);
}

#[test]
fn gat_05_dutch_articles_reach_what_they_reach() {
    let article = |s: &mut Stage, article: &str| s.order().national.as_mut().unwrap().article = m(article.to_owned());
    // 126na is for identification.
    only(5, Fail, Stage::article_126n(), |s| article(s, "126na"));
    only(5, Person, Stage::article_126n(), |s| article(s, "126xyz"));
    // Live interception and decryption are refused with words.
    let stage = only(5, Fail, Stage::article_126n(), |s| article(s, "126m"));
    assert!(stage.report().gate(5).unwrap().reason.en.contains("126n"));
    only(5, Fail, Stage::article_126n(), |s| article(s, "126nh"));
    only(5, Fail, Stage::article_126n(), |s| s.order().national = None);
    // 126ni preserves.
    let mut stage = Stage::article_126n();
    article(&mut stage, "126ni");
    assert_eq!(stage.report().verdict(), Verdict::Pass);
    // The police may identify.
    let mut stage = Stage::article_126n();
    article(&mut stage, "126na");
    stage.order().requested = vec![requested(DataClass::Subscriber, &[DataOption::UserInformation])];
    stage.order().issuing.kind = Some(m(AuthorityKind::Other));
    stage.received.envelope.signatures = vec![signature([0x33; 32])];
    stage.order().issuing_state = text("DE");
    assert_eq!(stage.report().verdict(), Verdict::Pass);
    // But not ask for traffic.
    stage.order().requested = vec![requested(DataClass::Traffic, &[DataOption::TrafficOther])];
    article(&mut stage, "126n");
    assert_eq!(stage.report().gate(5).unwrap().verdict, Fail);
}

#[test]
fn gat_05_hr_5_4_2022_without_the_judges_reference_a_person_looks() {
    let stage = only(5, Person, Stage::article_126n(), |s| s.order().national.as_mut().unwrap().judge_reference = None);
    assert!(stage.report().gate(5).unwrap().article.contains("ECLI:NL:HR:2022:475"));
    // Identification under the same article is no serious interference.
    let mut stage = Stage::article_126n();
    stage.order().requested = vec![requested(DataClass::Subscriber, &[DataOption::RegistrationInformation])];
    stage.order().national.as_mut().unwrap().judge_reference = None;
    assert_eq!(stage.report().verdict(), Verdict::Pass);
}

#[test]
fn gat_06_traffic_data_need_a_ticked_condition_and_a_named_offence() {
    only(6, Fail, Stage::epoc(), |s| s.order().conditions.thresholds.clear());
    only(6, Fail, Stage::subscriber(), |s| {
        s.order().conditions.offence = None;
        s.order().conditions.provision = None;
    });
}

#[test]
fn gat_07_another_authority_needs_validation_by_one_who_may() {
    let police = |s: &mut Stage| s.order().issuing.kind = Some(m(AuthorityKind::Other));
    // The court's key signed, so that the role gate has its judge; nobody validated.
    let mut stage = Stage::epoc();
    police(&mut stage);
    assert_eq!(stage.report().gate(7).unwrap().verdict, Fail);
    stage.order().validating = Some(Party { kind: Some(m(AuthorityKind::Judge)), ..Party::default() });
    assert_eq!(stage.report().verdict(), Verdict::Pass);
    // The police signed for itself, without an emergency.
    only(7, Fail, Stage::emergency(), |s| {
        s.order().without_validation = None;
        s.order().deadlines = vec![m(DeadlineChoice::WithinTenDays)];
    });
    // What the registry knows of who signed holds also where the form is silent.
    only(7, Fail, Stage::emergency(), |s| {
        s.order().issuing.kind = None;
        s.order().without_validation = None;
        s.order().deadlines = vec![m(DeadlineChoice::WithinTenDays)];
    });
    let mut stage = Stage::epoc();
    police(&mut stage);
    stage.order().validating = Some(Party { kind: Some(m(AuthorityKind::Prosecutor)), ..Party::default() });
    assert_eq!(stage.report().gate(7).unwrap().verdict, Fail);
}

/// Section J says that a judge validated it; the police alone signed, and the court was called back about it or not.
/// Whoever signed first answers for an order that nobody validated, also when one who could have validated it signed after them.
#[test]
fn gat_05_without_validation_the_first_signer_is_the_sender() {
    let mut stage = Stage::epoc();
    stage.received.envelope.signatures = vec![signature([0x33; 32]), signature(KEY)];
    let first = stage.report().gate(5).unwrap().verdict;
    stage.received.envelope.signatures.reverse();
    assert_eq!((first, stage.report().gate(5).unwrap().verdict), (Fail, Verdict::Pass));
}

#[test]
fn gat_07_who_validated_is_seen_from_who_signed_and_not_from_section_j() {
    let validated = |keys: &[[u8; 32]]| {
        let mut stage = Stage::subscriber();
        stage.received.envelope.signatures = keys.iter().copied().map(signature).collect();
        stage.order().issuing.kind = Some(m(AuthorityKind::Other));
        stage.order().validating = Some(Party { kind: Some(m(AuthorityKind::Judge)), ..Party::default() });
        stage
    };
    let (police, court) = ([0x33; 32], KEY);
    assert_eq!(validated(&[police]).report().gate(7).unwrap().verdict, Hold);
    assert_eq!(validated(&[[0x44; 32]]).report().gate(7).unwrap().verdict, Hold, "a stranger validates nothing");
    for both in [[police, court], [court, police]] {
        assert_eq!(validated(&both).report().verdict(), Verdict::Pass, "whoever may validate answers for it, in either order");
    }
    let mut stage = validated(&[police, court]);
    stage.received.envelope.signatures[1].level = SignatureLevel::Simple;
    assert_eq!(stage.report().gate(7).unwrap().verdict, Hold, "a weak signature validates nothing by itself");
    stage.call_back("court.example", "+4930123456");
    assert_eq!(stage.report().gate(7).unwrap().verdict, Verdict::Pass);
    let mut stage = validated(&[]);
    stage.call_back("court.example", "+4930123456");
    assert_eq!(stage.report().verdict(), Verdict::Pass);
    let mut stage = validated(&[police, court]);
    stage.received.envelope.signatures[1].trusted = Finding::no("SIG-50", "no list has it", None);
    assert_eq!(stage.report().gate(7).unwrap().verdict, Hold, "nor does a strong one that nobody vouches for");
    // A call to the court says nothing of what the police signed; a call to the police does not confirm the court's weak signature.
    let mut stage = validated(&[police]);
    stage.call_back("court.example", "+4930123456");
    assert_eq!(stage.report().gate(7).unwrap().verdict, Hold);
    let mut stage = validated(&[police, court]);
    for signature in &mut stage.received.envelope.signatures {
        signature.level = SignatureLevel::Simple;
    }
    stage.call_back("police.example", "+4930654321");
    assert_eq!(stage.report().gate(3).unwrap().verdict, Hold);
    // For traffic data nobody validates by telephone.
    let mut stage = Stage::epoc();
    stage.received.envelope.signatures.clear();
    stage.order().issuing.kind = Some(m(AuthorityKind::Other));
    stage.order().validating = Some(Party { kind: Some(m(AuthorityKind::Judge)), ..Party::default() });
    stage.call_back("court.example", "+4930123456");
    assert_eq!(stage.report().gate(7).unwrap().verdict, Hold);
}

#[test]
fn gat_08_the_emergency_exception_is_for_identity_and_preservation_only() {
    only(8, Fail, Stage::emergency(), |s| s.order().deadlines = vec![m(DeadlineChoice::WithinTenDays)]);
    only(8, Fail, Stage::article_126n(), |s| s.order().without_validation = Some(m(true)));
    only(8, Fail, Stage::epoc(), |s| {
        s.order().without_validation = Some(m(true));
        s.order().deadlines = vec![m(DeadlineChoice::ThreatToLife)];
    });
    let mut stage = Stage::preservation();
    stage.order().without_validation = Some(m(true));
    assert_eq!(stage.report().verdict(), Verdict::Pass);
    assert!(stage.report().notices.iter().any(|notice| notice.text.en.contains("withdrawal")));
}

#[test]
fn gat_09_identifiers_are_specific_well_formed_and_known() {
    only(9, Fail, Stage::epoc(), |s| s.order().identifiers.clear());
    only(9, Fail, Stage::epoc(), |s| s.order().identifiers[0].value = m("*".into()));
    only(9, Fail, Stage::epoc(), |s| s.order().identifiers.push(identifier(IdentifierKind::Phone, "0612345678")));
    only(9, Fail, Stage::epoc(), |s| s.order().identifiers.push(identifier(IdentifierKind::Mac, "aa:bb:cc:00:11:22")));
    only(9, Person, Stage::epoc(), |s| s.order().identifiers = vec![identifier(IdentifierKind::IpRange, "10.0.0.0/24")]);
}

#[test]
fn gat_09_t28_a_flagged_account_needs_an_extra_person() {
    let stage = only(9, Person, Stage::epoc(), |s| {
        s.provider.flagged.insert("USER_ID:@anna:example".into());
    });
    assert_eq!(stage.report().gate(9).unwrap().ground, Some(Reason::ImmunityOrPress));
}

#[test]
fn gat_10_time_is_closed_zoned_past_and_authorised() {
    let ranges = |s: &mut Stage, range: Marked<TimeRange>| s.order().identifiers[0].ranges = vec![range];
    let open = TimeRange { start: Some(Moment::Instant(RECEIVED - DAY)), end: None };
    let unzoned = TimeRange { start: Some(Moment::Unzoned("2026-11-01T08:00".into())), end: Some(Moment::Instant(RECEIVED)) };
    only(10, Fail, Stage::epoc(), |s| ranges(s, m(open)));
    only(10, Fail, Stage::epoc(), |s| ranges(s, m(unzoned)));
    only(10, Fail, Stage::epoc(), |s| ranges(s, range(RECEIVED - DAY, RECEIVED - 2 * DAY)));
    only(10, Fail, Stage::epoc(), |s| ranges(s, range(RECEIVED - DAY, RECEIVED + 1)));
    only(10, Fail, Stage::epoc(), |s| s.order().identifiers[0].ranges.clear());
    only(10, Fail, Stage::epoc(), |s| s.order().identifiers[0].seen_at = vec![m(Moment::Unzoned("08:00".into()))]);
    only(10, Fail, Stage::epoc(), |s| s.order().requested[0].range = Some(range(5, 4)));
    // ETSI's request4: a task that ends after its authorisation.
    only(10, Fail, Stage::epoc(), |s| s.order().authorised = Some(range(RECEIVED - 20 * DAY, RECEIVED - 9 * DAY - 1)));
    only(10, Fail, Stage::epoc(), |s| {
        s.order().own =
            Some(OwnOrder { d: None, categories: vec![1], valid_from: 1, valid_until: RECEIVED, seal_until: RECEIVED, notice_due: 0 });
    });
    // A range of days until today is a range of the past.
    let today = verify::calendar::Day::containing(RECEIVED);
    let mut stage = Stage::epoc();
    ranges(&mut stage, m(TimeRange { start: Some(Moment::Day(today)), end: Some(Moment::Day(today)) }));
    assert_eq!(stage.report().verdict(), Verdict::Pass);
}

#[test]
fn gat_10_article_126n_reaches_three_months_ahead_and_no_further() {
    let mut stage = Stage::article_126n();
    stage.order().identifiers[0].ranges = vec![range(RECEIVED - DAY, RECEIVED + 92 * DAY)];
    assert_eq!(stage.report().verdict(), Verdict::Pass);
    only(10, Fail, stage, |s| s.order().identifiers[0].ranges = vec![range(RECEIVED - DAY, RECEIVED + 92 * DAY + 1)]);
}

#[test]
fn gat_11_only_what_is_published_is_answered_and_never_content() {
    only(11, Fail, Stage::epoc(), |s| {
        s.order().requested.push(requested(DataClass::Content, &[DataOption::MessageBackup]));
    });
    only(11, Fail, Stage::epoc(), |s| s.order().requested[0].options.push(m(DataOption::Tickets)));
    only(11, Person, Stage::epoc(), |s| s.order().other_information = text("only the first of the month"));
    only(11, Person, Stage::subscriber(), |s| s.order().requested[0].options.push(m(DataOption::SubscriberOther)));
    assert!(law::gates::Provider::parse("names = []\nidentifiers = []\nstate = \"NL\"\nservices = []\nanswers = [\"MAILBOX\"]\nidentifier_kinds = []\nrole = \"CONTROLLER\"\n").is_err());
}

#[test]
fn gat_12_notification_is_consistent_and_its_hold_is_kept() {
    let notified = |s: &mut Stage| {
        s.order().deadlines = vec![m(DeadlineChoice::AtEndOfTenDays)];
        s.order().enforcing = Some(EnforcingAuthority { name: text("Parket"), ..EnforcingAuthority::default() });
    };
    let mut stage = only(12, Hold, Stage::epoc(), notified);
    // 20 November, 17:10: the tenth day is Monday the 30th.
    assert_eq!(stage.report().gate(12).unwrap().until, Some(1_796_079_600));
    stage.history.enforcing = Some(EnforcingAnswer::Consents { at: RECEIVED + DAY });
    assert_eq!(stage.report().verdict(), Verdict::Pass);
    stage.history.enforcing = Some(EnforcingAnswer::Refuses { at: RECEIVED + DAY });
    assert_eq!(stage.report().gate(12).unwrap().verdict, Fail);
    stage.history.enforcing = None;
    stage.now = 1_796_079_600;
    assert_eq!(stage.report().verdict(), Verdict::Pass);
    only(12, Fail, Stage::epoc(), |s| s.order().deadlines = vec![m(DeadlineChoice::AtEndOfTenDays)]);
    only(12, Fail, Stage::epoc(), |s| s.order().enforcing = Some(EnforcingAuthority::default()));
    only(12, Fail, Stage::subscriber(), notified);
    only(12, Person, Stage::epoc(), |s| {
        notified(s);
        s.order().deadlines.push(m(DeadlineChoice::WithinTenDays));
    });
    only(12, Person, Stage::epoc(), |s| s.order().deadlines.clear());
    only(12, Person, Stage::emergency(), |s| s.order().deadlines.push(m(DeadlineChoice::WithinTenDays)));
}

#[test]
fn gat_12_in_an_emergency_notification_suspends_nothing() {
    let mut stage = Stage::epoc();
    stage.order().deadlines = vec![m(DeadlineChoice::ThreatToLife)];
    stage.order().enforcing = Some(EnforcingAuthority::default());
    assert_eq!(stage.report().verdict(), Verdict::Pass);
}

#[test]
fn gat_13_r7_an_order_is_answered_once() {
    for course in [Course::Withdrawn, Course::Refused, Course::Expired, Course::Executed] {
        only(13, Fail, Stage::epoc(), |s| {
            s.history.orders.insert("6f9619ff-8b86-d011-b42d-00cf4fc964ff".into(), course);
        });
        only(13, Fail, Stage::epoc(), |s| {
            s.history.orders.insert("09".repeat(32), course);
        });
    }
    let mut stage = Stage::epoc();
    stage.history.orders.insert("09".repeat(32), Course::Open);
    assert_eq!(stage.report().verdict(), Verdict::Pass);
}

#[test]
fn gat_13_follow_ups_name_a_preservation_that_runs() {
    only(13, Fail, Stage::extension(), |s| s.history.preservations.clear());
    only(13, Fail, Stage::extension(), |s| {
        s.history.preservations.insert("PR-1".into(), RECEIVED);
    });
    only(13, Person, Stage::extension(), |s| {
        let Body::FollowUp(form) = &mut s.received.body else { panic!() };
        // A converter's "now + 60 days".
        form.requested_expiry = Some(m(Moment::Instant(RECEIVED + 60 * DAY)));
    });
}

#[test]
fn gat_14_it_is_addressed_to_us_in_our_role() {
    only(14, Fail, Stage::epoc(), |s| s.order().addressee.name = text("Another Ltd"));
    only(14, Fail, Stage::epoc(), |s| s.order().addressee.provider_concerned = text("Another Service"));
    only(14, Person, Stage::epoc(), |s| s.order().addressee.capacity = Some(m(Capacity::AnyEstablishmentInEmergency)));
    only(14, Fail, Stage::epoc(), |s| s.order().conditions.role = Some(m(DataRole::Processor)));
    only(14, Person, Stage::epoc(), |s| {
        s.order().conditions.role = Some(m(DataRole::Processor));
        s.order().conditions.role_reason = text("the controller is unknown");
    });
}

#[test]
fn gat_11_gat_14_if_nobody_says_who_we_are_a_person_looks() {
    let mut stage = Stage::epoc();
    stage.provider = law::gates::Provider::unknown("NL");
    let open: Vec<_> = stage.report().open().map(|gate| (gate.number, gate.verdict)).collect();
    assert_eq!(open, [(11, Person), (14, Person)]);
}

#[test]
fn gat_16_the_fourth_order_about_one_person_in_a_year_is_a_persons() {
    let times = |at: &[u64]| at.to_vec();
    let named = "USER_ID:@anna:example".to_owned();
    only(16, Person, Stage::epoc(), |s| {
        s.history.linkage.insert(named.clone(), times(&[RECEIVED - DAY, RECEIVED - 2 * DAY, RECEIVED - 365 * DAY]));
    });
    let mut stage = Stage::epoc();
    stage.history.linkage.insert(named, times(&[RECEIVED - DAY, RECEIVED - 2 * DAY, RECEIVED - 366 * DAY]));
    assert_eq!(stage.report().verdict(), Verdict::Pass);
}

fn answer() -> Execution {
    Execution {
        extracted: vec![Extracted {
            identifier: "@anna:example".into(),
            option: DataOption::TrafficOther,
            span: Span::new(RECEIVED - 10 * DAY, RECEIVED - 9 * DAY),
            rows: 12,
        }],
        package_bytes: 26_214_400,
        route: Route::Push,
        logged: Some((4, 5)),
    }
}

fn only_execution(number: u8, change: impl FnOnce(&mut Execution)) {
    let stage = Stage::epoc();
    let mut execution = answer();
    assert!(may_leave(&stage.facts(), &execution).is_ok());
    change(&mut execution);
    let open = may_leave(&stage.facts(), &execution).unwrap_err();
    assert_eq!(open.iter().map(|gate| (gate.number, gate.verdict)).collect::<Vec<_>>(), [(number, Fail)]);
}

#[test]
fn gat_15_t12_nothing_comes_out_that_was_not_ordered() {
    only_execution(15, |e| e.extracted[0].identifier = "@bob:example".into());
    only_execution(15, |e| e.extracted[0].option = DataOption::UserInformation);
    only_execution(15, |e| e.extracted[0].span = Span::new(RECEIVED - 10 * DAY - 1, RECEIVED - 9 * DAY));
    only_execution(15, |e| e.extracted[0].span = Span::new(RECEIVED - 10 * DAY, RECEIVED - 9 * DAY + 1));
    only_execution(15, |e| e.extracted.push(Extracted { identifier: "@carol:example".into(), rows: 0, ..e.extracted[0].clone() }));
}

#[test]
fn gat_17_a_large_package_goes_by_manifest_with_a_window_of_10_to_45_days() {
    only_execution(17, |e| e.package_bytes += 1);
    only_execution(17, |e| e.route = Route::Pull { days: 9 });
    only_execution(17, |e| e.route = Route::Pull { days: 46 });
    let mut large = answer();
    (large.package_bytes, large.route) = (u64::MAX, Route::Pull { days: 45 });
    assert!(may_leave(&Stage::epoc().facts(), &large).is_ok());
}

#[test]
fn gat_18_nothing_leaves_before_its_entry_stands_in_the_log() {
    only_execution(18, |e| e.logged = None);
    only_execution(18, |e| e.logged = Some((5, 5)));
}

#[test]
fn gat_21_an_order_withdrawn_meanwhile_does_not_leave() {
    let mut stage = Stage::epoc();
    stage.history.orders.insert("09".repeat(32), Course::Withdrawn);
    let open = may_leave(&stage.facts(), &answer()).unwrap_err();
    assert_eq!(open.iter().map(|gate| gate.number).collect::<Vec<_>>(), [13]);
    assert_eq!(judge_execution(&stage.facts(), &answer()).len(), 4);
}

#[test]
fn gat_19_gat_20_a_named_person_decides_what_is_a_persons_and_nothing_else() {
    let decision = |gate: u8| Decision { gate, person: "An".into(), reason: "looked".into(), at: RECEIVED, original_hash: [9; 32] };
    let mut stage = Stage::epoc();
    stage.order().other_information = text("only calls");
    let report = stage.report();
    assert_eq!(admit(&report, &[]).unwrap_err().code(), "GAT-19");
    assert_eq!(admit(&report, &[decision(9)]).unwrap_err().code(), "GAT-19");
    let admitted = admit(&report, &[decision(11), decision(9)]).unwrap();
    assert_eq!(admitted.decisions(), [decision(11)]);
    let refused = |d: Decision| admit(&report, &[d]).unwrap_err().code();
    assert_eq!(refused(Decision { person: " ".into(), ..decision(11) }), "GAT-20");
    assert_eq!(refused(Decision { reason: String::new(), ..decision(11) }), "GAT-20");
    assert_eq!(refused(Decision { original_hash: [8; 32], ..decision(11) }), "GAT-20");
    // Nobody may overlook these.
    let mut stage = Stage::epoc();
    stage.received.envelope.signatures[0].key_digest = Some([0x44; 32]);
    assert_eq!(admit(&stage.report(), &[decision(4)]).unwrap_err().code(), "GAT-20");
    // Nor decide that waiting is over.
    let mut stage = Stage::subscriber();
    stage.received.envelope.signatures.clear();
    assert_eq!(admit(&stage.report(), &[decision(2), decision(3), decision(4)]).unwrap_err().code(), "GAT-20");
}

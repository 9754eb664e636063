//! Each promise with each verdict that it can have (package.md section 7, REL-35).

mod support;

use seal::identity::Category;
use seal::secret::Secret;
use support::production::signature;
use support::*;
use verify::names::Span;
use verify::order::OrderTerms;
use verify::policy::{PolicyParts, Source};
use verify::verdict::{Promise, Reason, Report, Supplies, Verdict, judge};

/// The good case with a period that holds both of its hours.
fn whole() -> Plan {
    Plan { order: Box::new(|_, terms| hold_whole_hours(terms)), ..Plan::default() }
}

fn hold_whole_hours(terms: &mut OrderTerms) {
    terms.period = Span::new(terms.period.from() - 60, terms.period.until() + 60).unwrap();
}

fn report(good: &Good, production: &Production, supplies: &Supplies<'_>) -> Report {
    let report = judge(production, &signature(), &good.policy, supplies);
    assert_eq!(report.failures, [], "nothing contradicts");
    report
}

fn made(plan: Plan, shape: Shape) -> (Good, Production) {
    let mut good = plan.build();
    let production = good.production(shape);
    (good, production)
}

fn plain(plan: Plan, shape: Shape) -> Report {
    let (good, production) = made(plan, shape);
    report(&good, &production, &Supplies::none())
}

/// Verdict and deciding reason of a promise in the first hour.
fn of(report: &Report, promise: Promise) -> (Verdict, Reason) {
    let cell = &report.slots[0].cells[promise as usize];
    (cell.verdict(), cell.weakest().reason.clone())
}

fn names(list: &[&str]) -> Verdict {
    Verdict::AttestedBy(list.iter().map(|name| (*name).to_owned()).collect())
}

const MEMBERS: [&str; 5] = [
    "Organisation of approver-1",
    "Organisation of approver-2",
    "Organisation of guardian-1",
    "Organisation of guardian-2",
    "Organisation of guardian-3",
];

fn readable(parts: &mut PolicyParts) {
    parts.categories[0].source = Source::Readable { days: 200 };
}

fn attested(world: &mut World, terms: &mut OrderTerms) {
    hold_whole_hours(terms);
    let mut keys = ["attester-1", "attester-2"].map(|name| verify::record::key_digest(world.signer(name).vkey().key()));
    keys.sort_unstable();
    terms.attesters = Some(keys.to_vec());
    terms.original = Some(b"<EPOC/>".to_vec());
    terms.court = None;
}

#[test]
fn sea_65_p1_rows_are_exactly_what_was_ordered() {
    let report = plain(whole(), Shape::default());
    assert_eq!(of(&report, Promise::OnlyOrdered), (Verdict::Proven, Reason::RowsAreOrdered { signer: "nl.rechtbank".into() }));
    assert_eq!((report.rows, report.slots.len(), report.judged_at), (2, 2, Some(at(14, 20))));
}

#[test]
fn log_101_p1_and_p10_of_an_attested_order_name_the_attesters() {
    let report = plain(Plan { order: Box::new(attested), ..Plan::default() }, Shape::default());
    let both = names(&["attester-1", "attester-2"]);
    assert_eq!(of(&report, Promise::OnlyOrdered), (both.clone(), Reason::OrderAttested));
    assert_eq!(of(&report, Promise::PersonHears).0, both);
    assert_eq!(report.attested.unwrap().0, ["attester-1", "attester-2"]);
}

#[test]
fn sea_64_an_hour_covered_in_part_is_the_providers_word() {
    let report = plain(Plan::default(), Shape::default());
    assert!(!report.slots[0].is_covered_wholly);
    for (promise, reason) in [
        (Promise::OnlyOrdered, Reason::TrimmedByProvider),
        (Promise::AllOrdered, Reason::TrimmedByProvider),
        (Promise::NotMadeUp, Reason::NotShownBefore),
        (Promise::Gone, Reason::LockNotShown),
        (Promise::AnyoneChecks, Reason::NotCheckable),
    ] {
        assert_eq!(of(&report, promise), (Verdict::ProvidersWord, reason));
    }
    // The log's trace and the types of the rows do not depend on the hour.
    assert_eq!(of(&report, Promise::Trace).0, Verdict::Proven);
    assert_eq!(of(&report, Promise::NeverContent), (Verdict::Proven, Reason::RegisteredTypes));
}

#[test]
fn sea_79_a_readable_source_makes_p1_p2_p7_the_providers_word() {
    let plan = Plan { policy: Box::new(|_, parts| readable(parts)), ..whole() };
    let report = plain(plan, Shape::default());
    for promise in [Promise::OnlyOrdered, Promise::Trace, Promise::Gone] {
        assert_eq!(of(&report, promise), (Verdict::ProvidersWord, Reason::ReadableAtSource { days: 200 }));
    }
    assert_eq!(of(&report, Promise::NotMadeUp).0, Verdict::Proven);
}

#[test]
fn rel_13_p2_order_and_intent_stand_in_the_log() {
    let report = plain(whole(), Shape::default());
    let witnesses = ["w1", "w2", "w3", "w4"].map(str::to_owned).to_vec();
    assert_eq!(of(&report, Promise::Trace), (Verdict::Proven, Reason::Logged { witnesses }));
}

#[test]
fn sea_44_p3_without_anybody_at_the_segments_is_the_providers_word() {
    let report = plain(whole(), Shape::default());
    assert_eq!(of(&report, Promise::AllOrdered), (Verdict::ProvidersWord, Reason::SegmentNotFetched { segments: 1 }));
}

#[test]
fn sea_63_p3_late_epochs_unseen_are_the_providers_word() {
    let report = plain(whole(), Shape { sorted: true, ..Shape::default() });
    assert_eq!(of(&report, Promise::AllOrdered), (Verdict::ProvidersWord, Reason::LateEpochsUnseen));
}

#[test]
fn sea_44_p3_is_attested_by_the_auditor_who_fetched() {
    let (good, production) = made(whole(), Shape { sorted: true, ..Shape::default() });
    let report = report(&good, &production, &Supplies { public: Some(&production), ..Supplies::none() });
    assert_eq!(of(&report, Promise::AllOrdered), (names(&["auditor"]), Reason::SegmentsFetched));
}

#[test]
fn sea_44_p3_is_proven_with_segments_and_public() {
    let (good, production) = made(whole(), Shape::default());
    let supplies = Supplies { segments: Some(&production), public: Some(&production), threads: 2 };
    let report = report(&good, &production, &supplies);
    assert_eq!(of(&report, Promise::AllOrdered).0, Verdict::Proven);
    let reasons: Vec<_> = report.slots[0].cells[2].parts().map(|part| part.reason.clone()).collect();
    let entries = good.public.size();
    assert_eq!(reasons, [Reason::OpenedAgain, Reason::SegmentsAtHand, Reason::PublicReplayed { entries }, Reason::SaltsShown]);
}

#[test]
fn rel_19_p3_salts_that_are_not_carried_rest_on_the_members() {
    let (good, production) = made(whole(), Shape { salts: false, ..Shape::default() });
    let supplies = Supplies { segments: Some(&production), public: Some(&production), threads: 1 };
    assert_eq!(of(&report(&good, &production, &supplies), Promise::AllOrdered), (names(&MEMBERS), Reason::SaltsByMembers));
    let (good, production) = made(whole(), Shape { salts: false, receipts: (0, 0), ..Shape::default() });
    let supplies = Supplies { segments: Some(&production), public: Some(&production), threads: 1 };
    assert_eq!(of(&report(&good, &production, &supplies), Promise::AllOrdered), (Verdict::ProvidersWord, Reason::SaltsNotShown));
}

/// A second person in the order, of whom the map of the day knows nothing.
fn with_stranger(salts: bool) -> (Good, Production) {
    let mut plan = whole();
    plan.order = Box::new(|_, terms| {
        hold_whole_hours(terms);
        terms.items.push(support::case::scope_item("phone:+31600000000", Category::TRAFFIC, 10, 11));
    });
    plan.intent = Box::new(|world, terms| {
        use seal::salt_map::SaltMap;
        let secret = Secret::new(support::case::DAY_SECRET);
        let map = SaltMap::build(&secret, world.subjects.iter().map(|(selector, salt)| (selector, salt)));
        let selector = seal::selector::Selector::from_text("phone:+31600000000").unwrap();
        let proof = map.prove_absence(&secret, &selector).unwrap();
        let day = verify::calendar::Day::containing(support::world::DAY_ZERO);
        terms.salts.push(verify::intent::SaltRow { day, selector, proof });
    });
    made(plan, Shape { salts, ..Shape::default() })
}

#[test]
fn sea_52_p3_an_absent_person_is_the_providers_word() {
    for salts in [true, false] {
        let (good, production) = with_stranger(salts);
        let supplies = Supplies { segments: Some(&production), public: Some(&production), threads: 1 };
        let report = report(&good, &production, &supplies);
        assert_eq!(of(&report, Promise::AllOrdered), (Verdict::ProvidersWord, Reason::NoSuchSelector), "salts: {salts}");
    }
}

#[test]
fn log_46_p4_past_hours_were_committed_before_the_order() {
    assert_eq!(of(&plain(whole(), Shape::default()), Promise::NotMadeUp), (Verdict::Proven, Reason::CommittedBeforeOrder));
}

#[test]
fn log_46_p4_later_hours_were_committed_before_the_intent() {
    // The order begins at 10:30: neither hour was over by then.
    let mut plan = whole();
    plan.order = Box::new(|_, terms| {
        hold_whole_hours(terms);
        terms.validity = Span::new(at(10, 30), at(10, 30) + 86_400).unwrap();
    });
    plan.bundle = Box::new(|_, bundle| bundle.order_anchor = None);
    assert_eq!(of(&plain(plan, Shape::default()), Promise::NotMadeUp), (Verdict::Proven, Reason::CommittedBeforeIntent));
}

#[test]
fn log_46_p4_without_the_orders_anchor_is_the_providers_word() {
    let plan = Plan { bundle: Box::new(|_, bundle| bundle.order_anchor = None), ..whole() };
    assert_eq!(of(&plain(plan, Shape::default()), Promise::NotMadeUp), (Verdict::ProvidersWord, Reason::ShownOnlyBeforeIntent));
}

#[test]
fn log_46_p4_without_the_intents_anchor_is_the_providers_word() {
    let plan = Plan { bundle: Box::new(|_, bundle| bundle.intent_anchor = None), ..whole() };
    assert_eq!(of(&plain(plan, Shape::default()), Promise::NotMadeUp), (Verdict::ProvidersWord, Reason::NotShownBefore));
}

#[test]
fn sea_09_p6_rests_on_the_members_of_both_committees() {
    assert_eq!(of(&plain(whole(), Shape::default()), Promise::NoOneAlone), (names(&MEMBERS), Reason::ReceiptsOfBoth));
    for receipts in [(0, 0), (1, 3), (2, 2)] {
        let report = plain(whole(), Shape { receipts, ..Shape::default() });
        assert_eq!(of(&report, Promise::NoOneAlone), (Verdict::ProvidersWord, Reason::NoReceipts), "{receipts:?}");
    }
}

#[test]
fn rel_30_p6_one_organisation_with_both_thresholds_is_not_independent() {
    let plan = Plan {
        policy: Box::new(|_, parts| {
            let all = parts.key.approvers.members.iter_mut().chain(&mut parts.key.guardians.members);
            all.for_each(|row| row.organisation = "Example Messenger".to_owned());
        }),
        ..whole()
    };
    let report = plain(plan, Shape::default());
    let holder = "Example Messenger".to_owned();
    assert_eq!(report.sole_holder.as_ref(), Some(&holder));
    assert_eq!(of(&report, Promise::NoOneAlone), (Verdict::ProvidersWord, Reason::NotIndependent { holder }));
    let text = verify::verdict::to_text(&report, verify::verdict::Language::English);
    assert!(text.contains("P6: not independent"), "{text}");
}

#[test]
fn sea_65_p7_needs_the_retention_values() {
    assert_eq!(of(&plain(whole(), Shape::default()), Promise::Gone), (Verdict::Proven, Reason::RetentionLock));
}

/// A hold stays with the members: its order may name others than this package does.
#[test]
fn rel_18_p7_what_was_past_its_retention_rests_on_the_members() {
    let past = |shape| {
        let mut plan = whole();
        plan.policy(|_, policy| policy.categories[0].retention_days = 2);
        (plan.head_time, plan.now) = (at(14, 20) + 2 * 86_400, at(14, 21) + 2 * 86_400);
        of(&plain(plan, shape), Promise::Gone)
    };
    assert_eq!(past(Shape::default()), (names(&MEMBERS), Reason::HeldByMembers));
    assert_eq!(past(Shape { receipts: (0, 0), ..Shape::default() }), (Verdict::ProvidersWord, Reason::HoldNotShown));
}

#[test]
fn log_102_p8_is_measured_between_the_intents_tick_and_the_last_receipt() {
    let limit = 3 * 300 + 2;
    let took = |after| of(&plain(whole(), Shape { released_after: after, ..Shape::default() }), Promise::Seconds);
    assert_eq!(took(2), (names(&MEMBERS), Reason::Took { seconds: 2, limit }));
    assert_eq!(took(limit), (names(&MEMBERS), Reason::Took { seconds: limit, limit }));
    assert_eq!(took(limit + 1), (Verdict::ProvidersWord, Reason::TookTooLong { seconds: limit + 1, limit }));
    let none = plain(whole(), Shape { receipts: (2, 0), ..Shape::default() });
    assert_eq!(of(&none, Promise::Seconds), (Verdict::ProvidersWord, Reason::NoReceipts));
}

#[test]
fn log_102_p8_an_emergency_has_two_ticks() {
    let mut plan = whole();
    plan.order = Box::new(|_, terms| {
        hold_whole_hours(terms);
        terms.kind = verify::record::Kind::Emergency;
        terms.authority = verify::names::DirectoryId::parse("nl.politie").unwrap();
        terms.court = None;
    });
    plan.intent = Box::new(|_, terms| terms.authority = verify::names::DirectoryId::parse("nl.politie").unwrap());
    plan.order_signer = "police".to_owned();
    let report = plain(plan, Shape { released_after: 603, ..Shape::default() });
    assert_eq!(of(&report, Promise::Seconds), (Verdict::ProvidersWord, Reason::TookTooLong { seconds: 603, limit: 602 }));
}

#[test]
fn rel_35_p9_is_what_could_be_checked_here() {
    assert_eq!(of(&plain(whole(), Shape::default()), Promise::AnyoneChecks), (Verdict::Proven, Reason::Checked));
}

#[test]
fn log_52_p10_the_due_date_stands_in_the_logged_order() {
    let due = support::world::DAY_ZERO + 90 * 86_400;
    assert_eq!(of(&plain(whole(), Shape::default()), Promise::PersonHears), (Verdict::Proven, Reason::NoticeDue { at: due }));
}

/// Members refuse a salt that rests on a map younger than the order (`release/rules.rs`), and so does who looks at a package.
#[test]
fn rel_19_p3_a_salt_map_published_after_the_order_ends_the_verification() {
    let mut plan = whole();
    plan.later = |statement| matches!(statement, verify::statement::Statement::SaltMap(_));
    let (good, production) = made(plan, Shape::default());
    let supplies = Supplies { segments: Some(&production), public: Some(&production), threads: 1 };
    let report = judge(&production, &signature(), &good.policy, &supplies);
    assert_eq!(report.failures.first().map(|failure| failure.rule.as_str()), Some("REL-19"));
}

#[test]
fn rel_19_p3_without_the_orders_anchor_the_salts_are_the_providers_word() {
    let plan = Plan { bundle: Box::new(|_, bundle| bundle.order_anchor = None), ..whole() };
    let (good, production) = made(plan, Shape::default());
    let supplies = Supplies { segments: Some(&production), public: Some(&production), threads: 1 };
    assert_eq!(of(&report(&good, &production, &supplies), Promise::AllOrdered), (Verdict::ProvidersWord, Reason::SaltsShownLate));
}

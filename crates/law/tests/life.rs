//! LIF-01 to LIF-15: the life of an order, step by step, and what each step refuses.

mod stage;

use std::collections::{BTreeMap, BTreeSet};

use law::clock;
use law::gates::{Admitted, admit};
use law::life::{At, Case, Event, LifeRefusal, Limit, Outcome, Received, edges, page, state_names};
use law::received::{DeadlineChoice, EnforcingAuthority, IdentifierKind, Reason};
use law::rules::PeriodName;
use stage::*;

fn receive(stage: &mut Stage) -> At<Received> {
    let (book, hash, at) = (stage.book.clone(), stage.received.envelope.original_hash, stage.received_at);
    At::receive(17, hash, stage.order(), "NL", at, &book).unwrap()
}

fn admitted(stage: &Stage) -> Admitted {
    admit(&stage.report(), &[]).unwrap()
}

fn outcomes(list: &[(&str, Outcome)]) -> BTreeMap<String, Outcome> {
    list.iter().map(|(id, outcome)| ((*id).to_owned(), outcome.clone())).collect()
}

/// An emergency of a court for traffic data, with notification and without prior validation ticked if asked.
fn notified_emergency() -> Stage {
    let mut stage = Stage::epoc();
    stage.order().deadlines = vec![m(DeadlineChoice::ThreatToLife)];
    stage.order().enforcing = Some(EnforcingAuthority::default());
    stage
}

const ROWS: Outcome = Outcome::Produced { rows: 3 };

#[test]
fn lif_01_receipt_preserves_before_anyone_asks_whether_it_is_valid() {
    let mut stage = Stage::epoc();
    // Nobody knows the signer: still preserved.
    stage.received.envelope.signatures.clear();
    let case = Case::from(receive(&mut stage));
    assert!(case.preserves() && case.file().number == 17 && !case.is_end());
    let preservation = receive(&mut Stage::preservation());
    assert_eq!(preservation.state().clock.name, PeriodName::Preservation);
    // The two kinds of order have different lives.
    let admitted = admitted(&Stage::preservation());
    assert_eq!(preservation.clone().begin(&admitted, RECEIVED).unwrap_err(), LifeRefusal::WrongKind);
    assert_eq!(receive(&mut Stage::epoc()).preserve(RECEIVED).unwrap_err().code(), "LIF-01");
    // Refused orders stay preserved, withdrawn and answered ones not.
    let grounds = BTreeMap::from([("1".to_owned(), vec![Reason::Incomplete])]);
    assert!(Case::from(receive(&mut Stage::epoc()).refuse(grounds, RECEIVED).unwrap()).preserves());
    assert!(!Case::from(receive(&mut Stage::epoc()).withdraw(RECEIVED).unwrap()).preserves());
}

#[test]
fn lif_02_steps_do_not_go_back_in_time_and_states_know_their_steps() {
    let case = receive(&mut Stage::epoc());
    assert_eq!(case.clone().withdraw(RECEIVED - 1).unwrap_err(), LifeRefusal::BackInTime);
    let stage = Stage::epoc();
    let refused = Case::from(case).apply(Event::Lift, RECEIVED, &stage.book).unwrap_err();
    assert_eq!(refused, LifeRefusal::NoSuchStep { state: "received", step: "lift" });
}

#[test]
fn lif_03_clarification_stops_the_clock() {
    let stage = Stage::epoc();
    let case = receive(&mut Stage::epoc());
    let deadline = case.state().clock.deadline_at;
    let asked = case.clarify("which account?", RECEIVED + HOUR, &stage.book).unwrap();
    assert_eq!(asked.state().answer_due.name, PeriodName::Clarification);
    assert!(Case::from(asked.clone()).preserves());
    let again = asked.clarified(RECEIVED + HOUR + 2 * DAY).unwrap();
    assert_eq!(again.state().clock.deadline_at, deadline + 2 * DAY);
}

#[test]
fn lif_04_lif_14_a_notified_order_waits_until_day_10_or_consent() {
    let mut stage = Stage::epoc();
    stage.order().deadlines = vec![m(DeadlineChoice::AtEndOfTenDays)];
    stage.order().enforcing = Some(EnforcingAuthority::default());
    let case = receive(&mut stage);
    stage.now = case.state().clock.deadline_at;
    let admitted = admitted(&stage);
    assert_eq!(case.clone().begin(&admitted, RECEIVED + 1).unwrap_err(), LifeRefusal::Notification);
    let held = case.hold(RECEIVED + 1).unwrap();
    let until = held.state().clock.deadline_at;
    assert_eq!(held.clone().lapse(&admitted, until - 1).unwrap_err(), LifeRefusal::HoldNotOver { until });
    assert!(held.clone().lapse(&admitted, until).is_ok());
    assert!(held.clone().consent(&admitted, RECEIVED + DAY).is_ok());
    assert_eq!(Case::from(held.enforcing_refuses("immunity", RECEIVED + DAY).unwrap()).state(), "refused-by-enforcing-authority");
    assert_eq!(receive(&mut Stage::epoc()).hold(RECEIVED).unwrap_err().code(), "LIF-14");
}

#[test]
fn lif_14_the_gates_admit_this_document_and_no_other() {
    let mut stage = Stage::epoc();
    let case = receive(&mut stage);
    stage.received.envelope.original_hash = [8; 32];
    assert_eq!(case.begin(&admitted(&stage), RECEIVED).unwrap_err(), LifeRefusal::AdmittedOther);
}

#[test]
fn lif_05_the_enforcing_authority_objects_within_96_hours_of_an_emergency() {
    let mut stage = notified_emergency();
    let book = stage.book.clone();
    let producing = receive(&mut stage).begin(&admitted(&stage), RECEIVED + 60).unwrap();
    let answered = producing.answer(outcomes(&[("1", ROWS)]), RECEIVED + HOUR, &book).unwrap();
    let until = answered.state().objection.clone().unwrap().deadline_at;
    // 17:10, so from 18:00 on.
    assert_eq!(until, RECEIVED + 50 * 60 + 96 * HOUR);
    let recalled = answered.clone().object(Limit::Delete, "press", until - 1).unwrap();
    assert_eq!(recalled.state().limit, Limit::Delete);
    assert_eq!(answered.object(Limit::Delete, "press", until).unwrap_err().code(), "LIF-05");
    // Without notification there is nobody to object.
    let mut stage = Stage::epoc();
    let producing = receive(&mut stage).begin(&admitted(&stage), RECEIVED + 60).unwrap();
    let answered = producing.answer(outcomes(&[("1", ROWS)]), RECEIVED + HOUR, &book).unwrap();
    assert_eq!(answered.object(Limit::Conditions, "press", RECEIVED + HOUR).unwrap_err(), LifeRefusal::ObjectionTooLate);
}

#[test]
fn lif_06_a_third_countrys_law_is_invoked_within_ten_days() {
    let mut stage = Stage::epoc();
    let book = stage.book.clone();
    let until = receive(&mut stage).state().clock.deadline_at;
    let conflicted = receive(&mut stage).conflict("18 U.S.C. 2702", until - 1, &book).unwrap();
    assert!(Case::from(conflicted.clone()).preserves());
    assert!(conflicted.clone().uphold(&admitted(&stage), until).is_ok());
    assert_eq!(Case::from(conflicted.lift(until).unwrap()).state(), "lifted");
    let late = receive(&mut stage).conflict("18 U.S.C. 2702", until, &book).unwrap_err();
    assert_eq!(late, LifeRefusal::ConflictTooLate { until });
}

#[test]
fn lif_07_preservation_is_60_days_and_once_30_more_and_as_long_as_production_needs() {
    let book = Stage::epoc().book;
    let preserving = receive(&mut Stage::preservation()).preserve(RECEIVED).unwrap();
    let until = preserving.state().until.deadline_at;
    assert_eq!(until, clock::start(&book, PeriodName::Preservation, "NL", RECEIVED).unwrap().deadline_at);
    assert_eq!(preserving.clone().expire(until - 1).unwrap_err(), LifeRefusal::PreservationRuns { until });
    assert!(preserving.clone().expire(until).is_ok());
    assert_eq!(preserving.clone().extend(until, &book).unwrap_err(), LifeRefusal::PreservationOver);
    let longer = preserving.clone().extend(until - 1, &book).unwrap();
    assert_eq!(longer.state().until.deadline_at, until + 30 * DAY);
    assert_eq!(longer.clone().extend(until, &book).unwrap_err().code(), "LIF-07");
    let kept = longer.follow_up("EPOC 26/7", until + DAY).unwrap();
    assert!(Case::from(kept.clone()).preserves());
    assert!(kept.produced(until + 400 * DAY).unwrap().state().produced);
    assert_eq!(preserving.follow_up("EPOC 26/7", until).unwrap_err(), LifeRefusal::PreservationOver);
}

#[test]
fn lif_08_withdrawal_is_possible_in_every_state_that_is_not_an_end_and_after_answers() {
    let from: BTreeSet<_> = edges().iter().filter(|edge| edge.to == "withdrawn").map(|edge| edge.from).collect();
    for case in every_state() {
        let (state, end) = (case.state(), case.is_end());
        let taken = case.apply(Event::Withdraw, u64::MAX / 4, &Stage::epoc().book).is_ok();
        assert_eq!(taken, from.contains(state), "{state}");
        assert!(taken || end, "{state} is open and can not be withdrawn");
    }
}

#[test]
fn lif_09_late_validation_refused_ends_it_wherever_it_is() {
    let mut stage = Stage::emergency();
    let book = stage.book.clone();
    let case = receive(&mut stage);
    assert!(case.file().without_validation);
    let refused = Case::from(case.clone()).apply(Event::ValidationRefused, RECEIVED + HOUR, &book).unwrap();
    assert_eq!(refused.state(), "validation-refused");
    let answered = case.begin(&admitted(&stage), RECEIVED).unwrap().answer(outcomes(&[("1", ROWS)]), RECEIVED, &book).unwrap();
    let Case::ValidationRefused(after) = Case::from(answered).apply(Event::ValidationRefused, RECEIVED + 3 * DAY, &book).unwrap() else {
        panic!()
    };
    assert!(after.state().after_delivery);
    // An order that came validated has no such end.
    let other = Case::from(receive(&mut Stage::epoc())).apply(Event::ValidationRefused, RECEIVED, &book).unwrap_err();
    assert_eq!(other, LifeRefusal::NotUnvalidated);
}

#[test]
fn lif_10_every_identifier_has_exactly_one_outcome() {
    let mut stage = Stage::epoc();
    let book = stage.book.clone();
    let mut second = identifier(IdentifierKind::Phone, "+31612345678");
    second.id = text("2");
    stage.order().identifiers.push(second);
    let producing = receive(&mut stage).begin(&admitted(&stage), RECEIVED).unwrap();
    let refused = |list: &[(&str, Outcome)]| producing.clone().answer(outcomes(list), RECEIVED, &book).unwrap_err();
    assert_eq!(refused(&[("1", ROWS)]), LifeRefusal::Outcomes);
    assert_eq!(refused(&[("1", ROWS), ("3", ROWS)]), LifeRefusal::Outcomes);
    // Nothing produced at all is another state.
    assert_eq!(refused(&[("1", Outcome::NotHeld), ("2", Outcome::NotHeld)]), LifeRefusal::Outcomes);
    assert_eq!(Case::from(producing.clone().nothing_held(RECEIVED).unwrap()).state(), "not-held");
    let partly = producing.clone().partly(outcomes(&[("1", Outcome::Refused(Reason::ImmunityOrPress))]), RECEIVED).unwrap();
    assert_eq!(partly.clone().partly(outcomes(&[("1", ROWS)]), RECEIVED).unwrap_err(), LifeRefusal::Outcomes);
    assert_eq!(producing.partly(outcomes(&[]), RECEIVED).unwrap_err(), LifeRefusal::Outcomes);
    let answered = partly.answer(outcomes(&[("2", ROWS)]), RECEIVED, &book).unwrap();
    assert_eq!(answered.state().outcomes.len(), 2);
}

#[test]
fn lif_11_a_refusal_names_grounds_for_identifiers_of_the_order() {
    let case = receive(&mut Stage::epoc());
    let refuse = |id: &str, grounds: Vec<Reason>| case.clone().refuse(BTreeMap::from([(id.to_owned(), grounds)]), RECEIVED);
    assert!(refuse("1", vec![Reason::NotStored, Reason::Incomplete]).is_ok());
    assert!(refuse("", vec![Reason::ServiceNotCovered]).is_ok());
    assert_eq!(refuse("2", vec![Reason::NotStored]).unwrap_err().code(), "LIF-11");
    assert_eq!(refuse("1", vec![]).unwrap_err(), LifeRefusal::Grounds);
    assert_eq!(case.refuse(BTreeMap::new(), RECEIVED).unwrap_err(), LifeRefusal::Grounds);
}

#[test]
fn lif_12_enforcement_decides_within_five_working_days_and_may_be_disputed() {
    let mut stage = Stage::epoc();
    let book = stage.book.clone();
    let grounds = BTreeMap::from([("1".to_owned(), vec![Reason::Impossible])]);
    let refused = receive(&mut stage).refuse(grounds, RECEIVED).unwrap();
    let Case::Enforcing(enforcing) = Case::from(refused).apply(Event::Enforce, RECEIVED + DAY, &book).unwrap() else { panic!() };
    assert_eq!(enforcing.state().decision_due.name, PeriodName::Recognition);
    let deadline = clock::start(&book, PeriodName::Production, "NL", RECEIVED + 7 * DAY).unwrap();
    let disputed = enforcing.clone().dispute("not stored", RECEIVED + 2 * DAY).unwrap();
    assert_eq!(Case::from(disputed.clone().decline(RECEIVED + 3 * DAY).unwrap()).state(), "not-enforced");
    let producing = disputed.recognise(&admitted(&stage), deadline.clone(), RECEIVED + 7 * DAY).unwrap();
    assert_eq!(producing.state().clock, deadline);
    assert!(enforcing.decline(RECEIVED + 2 * DAY).is_ok());
}

#[test]
fn lif_13_the_picture_in_the_docs_is_that_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/order-life.md");
    if std::env::var_os("WAARBORG_BLESS").is_some() {
        std::fs::write(path, page()).unwrap();
    }
    assert!(std::fs::read_to_string(path).unwrap_or_default() == page(), "stale: WAARBORG_BLESS=1 cargo test -p law --test life");
    // Everything in the picture can be reached, and every state is in it.
    let mut reached = BTreeSet::from(["received"]);
    while edges().iter().any(|edge| reached.contains(edge.from) && reached.insert(edge.to)) {}
    assert_eq!(reached, state_names().collect());
}

#[test]
fn lif_15_a_stored_case_is_its_events_replayed() {
    let mut stage = Stage::epoc();
    let book = stage.book.clone();
    let first = receive(&mut stage);
    let events = vec![
        (RECEIVED + 1, Event::Begin(admitted(&stage))),
        (RECEIVED + 2, Event::Answer(outcomes(&[("1", ROWS)]))),
        (RECEIVED + 3, Event::Withdraw),
    ];
    let case = Case::replay(first.clone(), &events, &book).unwrap();
    assert_eq!(case.state(), "withdrawn");
    assert_eq!(case.steps().iter().map(|step| step.edge).collect::<Vec<_>>(), ["begin", "answer", "withdraw"]);
    // An event that does not fit refuses the whole; a row that says "answered" would not have been believed.
    let torn = &events[1..];
    assert_eq!(Case::replay(first, torn, &book).unwrap_err().code(), "LIF-02");
}

/// One case in each state, by a shortest way through the public steps.
fn every_state() -> Vec<Case> {
    let book = Stage::epoc().book;
    let starts = [Stage::epoc(), Stage::emergency(), Stage::preservation(), notified_emergency(), {
        let mut stage = Stage::epoc();
        stage.order().deadlines = vec![m(DeadlineChoice::AtEndOfTenDays)];
        stage.order().enforcing = Some(EnforcingAuthority::default());
        stage.history.enforcing = Some(law::gates::EnforcingAnswer::Consents { at: RECEIVED });
        stage
    }];
    let mut found: BTreeMap<&str, Case> = BTreeMap::new();
    for mut stage in starts {
        let admitted = admitted(&stage);
        let grounds = BTreeMap::from([("1".to_owned(), vec![Reason::Incomplete])]);
        let one = outcomes(&[("1", ROWS)]);
        let deadline = clock::start(&book, PeriodName::Production, "NL", RECEIVED).unwrap();
        let words = || "x".to_owned();
        let events = [
            Event::Clarify { question: words() },
            Event::Hold,
            Event::Begin(admitted.clone()),
            Event::Consent(admitted.clone()),
            Event::EnforcingRefuses { grounds: words() },
            Event::Partly(one.clone()),
            Event::Answer(one),
            Event::NothingHeld,
            Event::Refuse(grounds),
            Event::Conflict { law: words() },
            Event::Lift,
            Event::Withdraw,
            Event::Object { limit: Limit::Delete, grounds: words() },
            Event::ValidationRefused,
            Event::Enforce,
            Event::Recognise { admitted, deadline },
            Event::Dispute { grounds: words() },
            Event::Decline,
            Event::Preserve,
            Event::FollowUp { production: words() },
            Event::Produced,
        ];
        let mut queue = vec![Case::from(receive(&mut stage))];
        let mut seen = BTreeSet::new();
        while let Some(case) = queue.pop() {
            if seen.insert(case.state()) {
                queue.extend(events.iter().filter_map(|event| case.clone().apply(event.clone(), RECEIVED + 1, &book).ok()));
                found.entry(case.state()).or_insert(case);
            }
        }
    }
    let states: BTreeSet<_> = found.keys().copied().collect();
    assert_eq!(states, state_names().collect(), "a state that nothing reaches");
    found.into_values().collect()
}

#[test]
fn lif_02_the_dispatch_takes_exactly_the_edges_of_the_picture() {
    let book = Stage::epoc().book;
    let drawn: BTreeSet<_> = edges().iter().map(|edge| (edge.from, edge.step)).collect();
    let steps: BTreeSet<_> = edges().iter().map(|edge| edge.step).collect();
    for case in every_state() {
        // Events that need no admission: the others are covered above.
        for event in
            [Event::Clarified, Event::Hold, Event::Lift, Event::Withdraw, Event::Enforce, Event::Decline, Event::Preserve, Event::Produced]
        {
            assert!(steps.contains(event.step()));
            let refused = case.clone().apply(event.clone(), u64::MAX / 4, &book).err();
            let no_such = matches!(refused, Some(LifeRefusal::NoSuchStep { .. }));
            assert_eq!(no_such, !drawn.contains(&(case.state(), event.step())), "{} {}", case.state(), event.step());
        }
    }
}

/// A notified order that is no emergency, ten days after it came.
fn notified() -> Stage {
    let mut stage = Stage::epoc();
    stage.order().deadlines = vec![m(DeadlineChoice::AtEndOfTenDays)];
    stage.order().enforcing = Some(EnforcingAuthority::default());
    stage.now = receive(&mut stage).state().clock.deadline_at;
    stage
}

#[test]
fn lif_14_every_way_into_production_takes_the_admission_of_this_document() {
    let mut stage = notified();
    let book = stage.book.clone();
    let own = admitted(&stage);
    let other = {
        let mut stage = notified();
        stage.received.envelope.original_hash = [8; 32];
        admitted(&stage)
    };
    let held = receive(&mut stage).hold(RECEIVED).unwrap();
    let until = held.state().clock.deadline_at;
    assert!(held.clone().consent(&own, RECEIVED).is_ok() && held.clone().lapse(&own, until).is_ok());
    assert_eq!(held.clone().consent(&other, RECEIVED).unwrap_err(), LifeRefusal::AdmittedOther);
    assert_eq!(held.clone().lapse(&other, until).unwrap_err(), LifeRefusal::AdmittedOther);
    let conflicted = held.conflict("18 U.S.C. 2702", RECEIVED, &book).unwrap();
    assert_eq!(conflicted.uphold(&other, RECEIVED).unwrap_err(), LifeRefusal::AdmittedOther);
    let grounds = BTreeMap::from([("1".to_owned(), vec![Reason::Impossible])]);
    let refused = Case::from(receive(&mut stage).refuse(grounds, RECEIVED).unwrap());
    let Case::Enforcing(enforcing) = refused.apply(Event::Enforce, RECEIVED, &book).unwrap() else { panic!() };
    let deadline = clock::start(&book, PeriodName::Production, "NL", RECEIVED).unwrap();
    let disputed = enforcing.clone().dispute("not stored", RECEIVED).unwrap();
    assert_eq!(enforcing.recognise(&other, deadline.clone(), RECEIVED).unwrap_err(), LifeRefusal::AdmittedOther);
    assert_eq!(disputed.recognise(&other, deadline, RECEIVED).unwrap_err(), LifeRefusal::AdmittedOther);
}

#[test]
fn lif_04_lif_05_lif_14_emergency_and_notification_each_alone() {
    // An emergency does not wait, notified or not.
    assert_eq!(receive(&mut notified_emergency()).hold(RECEIVED).unwrap_err(), LifeRefusal::Notification);
    // Nobody who was not notified refuses.
    let mut plain = Stage::epoc();
    let producing = receive(&mut plain).begin(&admitted(&plain), RECEIVED).unwrap();
    assert_eq!(producing.enforcing_refuses("immunity", RECEIVED).unwrap_err(), LifeRefusal::Notification);
    // 96 hours take both: an emergency that nobody was notified of has none, nor has a notified order that was no emergency.
    let mut alone = Stage::epoc();
    alone.order().deadlines = vec![m(DeadlineChoice::ThreatToLife)];
    let book = alone.book.clone();
    let answered =
        receive(&mut alone).begin(&admitted(&alone), RECEIVED).unwrap().answer(outcomes(&[("1", ROWS)]), RECEIVED, &book).unwrap();
    assert_eq!(answered.state().objection, None);
    let mut stage = notified();
    let consented = receive(&mut stage).hold(RECEIVED).unwrap().consent(&admitted(&stage), RECEIVED).unwrap();
    let answered = consented.answer(outcomes(&[("1", ROWS)]), RECEIVED, &book).unwrap();
    assert_eq!(answered.state().objection, None);
}

#[test]
fn lif_09_lif_10_what_came_validated_is_not_invalidated_and_strangers_have_no_outcome() {
    let mut stage = Stage::epoc();
    let book = stage.book.clone();
    stage.order().without_validation = Some(m(false));
    let case = receive(&mut stage);
    assert!(!case.file().without_validation && !case.file().is_emergency);
    let producing = case.begin(&admitted(&stage), RECEIVED).unwrap();
    assert_eq!(producing.clone().partly(outcomes(&[("3", ROWS)]), RECEIVED).unwrap_err(), LifeRefusal::Outcomes);
    let answered = Case::from(producing.answer(outcomes(&[("1", ROWS)]), RECEIVED, &book).unwrap());
    assert_eq!(answered.apply(Event::ValidationRefused, RECEIVED, &book).unwrap_err(), LifeRefusal::NotUnvalidated);
    // The tick alone makes it an emergency.
    let mut stage = Stage::emergency();
    stage.order().deadlines.clear();
    let case = receive(&mut stage);
    assert!(case.file().without_validation && case.file().is_emergency);
    assert_eq!(case.state().clock.name, PeriodName::Emergency);
}

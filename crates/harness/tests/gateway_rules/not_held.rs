//! Cases that stop, and the answer "not held": a case in which nobody was found ends with it, and no other does.

use super::*;

fn refused(desk: &mut Desk, reason: u16) -> Option<Reply> {
    let refusal = CaseRefusal { case: desk.id(), reason, time: desk.outside.now };
    let document = refusal.sign(scene().good.world.signer("officer-3")).unwrap();
    desk.request(Request::Refusal { case: desk.id(), document })
}

/// The request, with an answer of our own for each task of the intent.
fn with_drafts(desk: &mut Desk, request: Request, draft: impl Fn() -> Result<Done, Fault>) {
    desk.reply = None;
    desk.drive(vec![Input::Request { from: 0, request }], |_, task| matches!(task, Task::Draft { .. }).then(&draft));
}

fn second_approval(desk: &Desk) -> Request {
    let digest = papers::understanding(desk.case().file()).unwrap();
    Request::Approval { case: desk.id(), document: desk.approval("officer-2", Stage::BeforeKeys, &digest, desk.outside.now) }
}

/// Halted: nobody of the ordered names was ever here.
fn nobody_found() -> Desk {
    let mut desk = Desk::approved_once();
    let approval = second_approval(&desk);
    with_drafts(&mut desk, approval, || Ok(Done::NothingThere));
    desk
}

#[test]
fn gwy_15_a_case_in_which_nobody_is_found_is_answered_not_held() {
    let mut desk = nobody_found();
    let Case::Halted(halted) = desk.case() else { panic!("{}", desk.case().word()) };
    assert_eq!(halted.nothing_found, Some(desk.outside.now));
    assert!(halted.why[0].contains("waarborg case not-held"), "{:?}", halted.why);
    assert!(matches!(refused(&mut desk, NOT_HELD), Some(Reply::Receipt { state: "closing" | "closed", .. })));
    let Case::Closed(closed) = desk.case() else { panic!("{}", desk.case().word()) };
    assert_eq!(closed.ending, Ending::NotHeld);
    let record = verify::record::SignedRecord::parse(&closed.leaves.records[0].0).unwrap();
    assert_eq!((record.kind(), record.record().reason()), (Kind::Refusal, Some(NOT_HELD)));
    assert!(desk.outside.outbox.is_empty());
    // R7: the same answer again changes nothing.
    assert!(matches!(refused(&mut desk, NOT_HELD), Some(Reply::Receipt { state: "closed", .. })));
    recheck::case(&scene().rules, &desk.case()).unwrap();
}

#[test]
fn case_16_not_held_answers_no_case_in_which_somebody_may_be_found() {
    let mut desk = Desk::with_order();
    assert_eq!(code(refused(&mut desk, NOT_HELD)), "CASE-16");
    let mut desk = Desk::opened();
    assert_eq!(code(refused(&mut desk, NOT_HELD)), "CASE-16");
    desk.approve("officer-1");
    let digest = match desk.case() {
        Case::AwaitingRelease(s) => s.scope.digest(&desk.id()),
        other => panic!("{}", other.word()),
    };
    let document = desk.approval("officer-2", Stage::BeforeDelivery, &digest, desk.outside.now);
    let request = Request::Approval { case: desk.id(), document };
    let stopped = || Done::Stopped { code: "GWY-19".into(), text: "other rows".into() };
    desk.drive(vec![Input::Request { from: 0, request }], |_, task| matches!(task, Task::Pack(_)).then(|| Ok(stopped())));
    assert!(matches!(desk.case(), Case::Halted(_)));
    assert_eq!(code(refused(&mut desk, NOT_HELD)), "CASE-16");
    assert!(matches!(refused(&mut desk, 12), Some(Reply::Receipt { .. })), "another reason is admitted");
}

#[test]
fn case_17_who_was_not_found_is_looked_for_again_with_growing_patience() {
    let mut desk = nobody_found();
    let (settings, case) = (scene().rules.settings, desk.id());
    let again = || Request::Retry { case, by: "desk".into() };
    for attempt in 1..=3 {
        assert_eq!(code(desk.request(again())), "CASE-17");
        desk.outside.now += settings.patience(attempt) - 1;
        assert_eq!(code(desk.request(again())), "CASE-17");
        desk.outside.now += 1;
        with_drafts(&mut desk, again(), || Ok(Done::NothingThere));
        assert!(matches!(desk.reply, Some(Reply::Receipt { .. })), "{:?}", desk.reply);
        let Case::Halted(halted) = desk.case() else { panic!("{}", desk.case().word()) };
        assert_eq!((halted.batch.attempt, halted.nothing_found), (attempt + 1, Some(desk.outside.now)));
    }
    assert!(settings.patience(1) <= settings.patience(2));
    assert_eq!(settings.patience(u32::MAX), settings.retry_seconds_max.max(1), "no wait is longer");
}

#[test]
fn case_05_a_case_whose_intent_cannot_be_made_is_no_trap() {
    let mut desk = Desk::approved_once();
    let approval = second_approval(&desk);
    with_drafts(&mut desk, approval, || Err(Fault("no published salt map says anything of an ordered selector yet".into())));
    let Case::Drafting(_) = desk.case() else { panic!("{}", desk.case().word()) };
    assert_eq!(code(refused(&mut desk, NOT_HELD)), "CASE-16", "nobody has looked through a map");
    assert!(matches!(refused(&mut desk, 12), Some(Reply::Receipt { .. })));
    let Case::Closed(closed) = desk.case() else { panic!("{}", desk.case().word()) };
    assert_eq!(closed.ending, Ending::Refused { reason: 12 });
}

/// As the shell answers for a task whose received order is withdrawn.
#[test]
fn dsk_08_a_stop_halts_a_production_at_every_task() {
    let stopped = || Done::Stopped { code: "DSK-08".into(), text: "received order 1 is withdrawn".into() };
    for word in ["draft", "log", "heads", "ask", "open"] {
        let mut desk = Desk::approved_once();
        let approval = second_approval(&desk);
        desk.drive(vec![Input::Request { from: 0, request: approval }], |_, task| (task.word() == word).then(|| Ok(stopped())));
        let Case::Halted(halted) = desk.case() else { panic!("{word}: {}", desk.case().word()) };
        assert!(halted.why[0].starts_with("DSK-08"), "{word}: {:?}", halted.why);
        recheck::case(&scene().rules, &desk.case()).unwrap();
    }
    for word in ["pack", "publish"] {
        let mut desk = Desk::opened();
        desk.approve("officer-1");
        let Case::AwaitingRelease(s) = desk.case() else { panic!("{}", desk.case().word()) };
        let document = desk.approval("officer-2", Stage::BeforeDelivery, &s.scope.digest(&desk.id()), desk.outside.now);
        let request = Request::Approval { case: desk.id(), document };
        desk.drive(vec![Input::Request { from: 0, request }], |_, task| (task.word() == word).then(|| Ok(stopped())));
        let Case::Halted(halted) = desk.case() else { panic!("{word}: {}", desk.case().word()) };
        assert_eq!(halted.mandate.owed.len(), 1, "{word}: the keys that were used are told");
        assert!(desk.outside.outbox.is_empty(), "{word}");
        recheck::case(&scene().rules, &desk.case()).unwrap();
    }
}

#[test]
fn gwy_15_gwy_19_stops_halt_the_case_with_their_code() {
    for (code, stage) in [("GWY-15", "draft"), ("GWY-19", "pack")] {
        let mut desk = if stage == "draft" { Desk::approved_once() } else { Desk::opened() };
        let digest = match desk.case() {
            Case::AwaitingRelease(s) => (Stage::BeforeDelivery, s.scope.digest(&desk.id())),
            other => (Stage::BeforeKeys, papers::understanding(other.file()).unwrap()),
        };
        if stage == "pack" {
            desk.approve("officer-1");
        }
        let document = desk.approval("officer-2", digest.0, &digest.1, desk.outside.now);
        let request = Request::Approval { case: desk.id(), document };
        desk.drive(vec![Input::Request { from: 0, request }], |_, task| match task {
            Task::Draft { .. } => Some(Ok(Done::NothingThere)),
            Task::Pack(_) => Some(Ok(Done::Stopped { code: "GWY-19".into(), text: "other rows".into() })),
            _ => None,
        });
        let Case::Halted(halted) = desk.case() else { panic!("{}", desk.case().word()) };
        assert!(halted.why[0].starts_with(code), "{:?}", halted.why);
        assert!(desk.outside.outbox.is_empty());
    }
}

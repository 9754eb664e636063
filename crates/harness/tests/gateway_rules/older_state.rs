//! A log that shows the gateway an older state (GWY-33), or is behind (GWY-35): found by worlds 1151 and 2601, where a case waited for
//! ever.

use super::*;
use node::cases::state::Heads;
use node::log::client::Head;

fn approved_twice(desk: &mut Desk, answer: impl FnMut(&mut Outside<'static>, &Task) -> Option<Result<Done, Fault>>) {
    let digest = papers::understanding(desk.case().file()).unwrap();
    let document = desk.approval("officer-2", Stage::BeforeKeys, &digest, desk.outside.now);
    let request = Request::Approval { case: desk.id(), document };
    desk.drive(vec![Input::Request { from: 0, request }], answer);
}

/// `asked` with a head of PUBLIC that many leaves shorter.
fn heads(outside: &mut Outside<'static>, task: &Task, shorter: u64) -> Option<Result<Done, Fault>> {
    let Task::Heads { size_min } = task else { return None };
    let work = node::gateway::work::Work { case: Digest32([0; 32]), version: 0, task: Task::Heads { size_min: *size_min } };
    let Ok(Done::Heads(heads)) = outside.perform(&work) else { panic!() };
    let size = Head::parse(&heads.public.0).unwrap().size;
    Some(Ok(Done::Heads(Heads { public: outside.public_head(size - shorter), ..heads })))
}

#[test]
fn gwy_33_heads_older_than_the_intents_are_asked_for_again() {
    let mut desk = Desk::approved_once();
    approved_twice(&mut desk, |outside, task| heads(outside, task, 1));
    assert!(matches!(desk.case(), Case::Soaking(_)), "{}", desk.case().word());
    assert!(desk.complaints.iter().any(|text| text.contains("GWY-33")), "{:?}", desk.complaints);
    desk.outside.now += 600;
    desk.drive(vec![Input::Wake], |outside, task| heads(outside, task, 0));
    assert!(matches!(desk.case(), Case::AwaitingRelease(_)), "{} {:?}", desk.case().word(), desk.complaints);
}

#[test]
fn gwy_33_a_view_that_ends_before_a_head_is_no_word_about_what_is_missing() {
    let policy = &scene().rules.policy;
    let mut view = PublicView::default();
    for part in &scene().good.bundle.statements {
        view.push(policy, part.statement.to_bytes());
    }
    view.reaches(view.size()).unwrap();
    let Fault(text) = view.reaches(view.size() + 1).unwrap_err();
    assert!(text.contains("GWY-33"), "{text}");
}

#[test]
fn gwy_35_an_order_waits_for_public_to_catch_up_and_not_for_ever() {
    let behind = |outside: &mut Outside<'static>, task: &Task| {
        let Task::Anchor = task else { return None };
        let work = node::gateway::work::Work { case: Digest32([0; 32]), version: 0, task: Task::Anchor };
        let Ok(Done::Anchored(anchor, _)) = outside.perform(&work) else { panic!() };
        Some(Ok(Done::Anchored(anchor, Some(slot(9).no()))))
    };
    let mut desk = Desk::new();
    let received = desk.outside.now;
    desk.drive(vec![Input::Request { from: 0, request: Request::Order(scene().good.order.to_bytes()) }], behind);
    assert!(matches!(desk.case(), Case::Received(_)), "{}", desk.case().word());
    assert!(desk.complaints.iter().any(|text| text.contains("GWY-35")), "{:?}", desk.complaints);
    desk.outside.now = received + 3_599;
    desk.drive(vec![Input::Wake], behind);
    assert!(matches!(desk.case(), Case::Received(_)), "{}", desk.case().word());
    desk.outside.now = received + 7_200;
    desk.drive(vec![Input::Wake], behind);
    assert!(matches!(desk.case(), Case::AwaitingApproval(_)), "{} {:?}", desk.case().word(), desk.complaints);
}

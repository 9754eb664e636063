//! T28: an order about a flagged account needs one person more.

use super::*;

/// Three officers of the policy, and the person whom the order names is flagged, or somebody else is.
fn desk_with(flagged: fn(&Scene) -> Selector) -> Desk {
    let mut scene = Scene::new(|_| {});
    let account = flagged(&scene);
    Arc::get_mut(&mut scene.rules).unwrap().flag([account]);
    let scene: &'static Scene = Box::leak(Box::new(scene));
    let gateway = Gateway::new(Arc::clone(&scene.rules), [], []);
    let outside = Outside::new(scene, at(13, 54), |_| 0);
    let mut desk = Desk { outside, gateway, entropy: SeededEntropy::new([62; 32]), reply: None, complaints: Vec::new(), kept: Vec::new() };
    desk.request(Request::Order(scene.good.order.to_bytes()));
    desk
}

fn waits(desk: &Desk) -> bool {
    matches!(desk.case(), Case::AwaitingApproval(_))
}

#[test]
fn rel_33_t28_an_order_about_a_flagged_account_waits_for_a_third_officer() {
    let mut desk = desk_with(|scene| scene.good.order.scope().items().next().unwrap().selector().clone());
    let shown = |desk: &Desk| node::gateway::view::show(desk.gateway.rules(), &desk.case(), &[])["officers"].clone();
    assert_eq!(shown(&desk), 3);
    desk.approve("officer-1");
    desk.approve("officer-2");
    assert!(waits(&desk), "two do not suffice: {}", desk.case().word());
    desk.outside.now += 1;
    assert_eq!(code(desk.approve("officer-2")), "CASE-04", "nor one of them again");
    assert!(waits(&desk));
    desk.approve("officer-3");
    assert!(!waits(&desk), "{:?}", desk.complaints);
    let mandate = desk.case().mandate().unwrap().clone();
    assert_eq!(mandate.approvals.len(), 3, "all three are kept with the case");
    recheck::case(desk.gateway.rules(), &desk.case()).unwrap();
    // Another account's flag asks nobody.
    let mut desk = desk_with(|_| Selector::from_text("account:@somebody-else:example.org").unwrap());
    assert_eq!(shown(&desk), 2);
    desk.approve("officer-1");
    desk.approve("officer-2");
    assert!(!waits(&desk), "{:?}", desk.complaints);
}

//! An order over the border of two key periods: the gateway of each period serves its own part, and no member gives a key of the other
//! (SEA-16, REL-20).

use super::*;
use harness::fixture::world::DAY_ZERO;

/// The gateway of a policy whose committee key is good for this time only, with an order for the hours 10 and 11.
fn gateway_of(period: Span) -> Desk {
    let scene = Scene::new(move |plan| {
        let set = std::mem::replace(&mut plan.policy, Box::new(|_, _| {}));
        plan.policy = Box::new(move |world, parts| {
            set(world, parts);
            parts.key.period = period;
        });
        plan.order = Box::new(|_, terms| terms.period = Span::new(slot(10).start(), slot(11).end()).unwrap());
    });
    // As long as the test: a scene outlives every desk that it has.
    let scene: &'static Scene = Box::leak(Box::new(scene));
    let gateway = Gateway::new(Arc::clone(&scene.rules), [], []);
    let outside = Outside::new(scene, at(13, 54), |_| 0);
    let mut desk = Desk { outside, gateway, entropy: SeededEntropy::new([61; 32]), reply: None, complaints: Vec::new(), kept: Vec::new() };
    desk.request(Request::Order(scene.good.order.to_bytes()));
    desk
}

#[test]
fn sea_16_rel_20_each_period_serves_its_part_of_an_order_over_the_border() {
    let border = slot(11).start();
    let periods = [(DAY_ZERO, border, slot(10).no()), (border, DAY_ZERO + 90 * 86_400, slot(11).no())];
    for (from, until, own) in periods {
        let mut desk = gateway_of(Span::new(from, until).unwrap());
        desk.approve("officer-1");
        desk.approve("officer-2");
        let Case::AwaitingRelease(waiting) = desk.case() else { panic!("{} {:?}", desk.case().word(), desk.complaints) };
        let batch = waiting.asked.batch();
        assert_eq!((batch.first_slot, batch.last_slot), (own, own), "keys of both committees, for its own hour");
        desk.approve("officer-1");
        desk.approve("officer-2");
        let Case::Closed(closed) = desk.case() else { panic!("{} {:?}", desk.case().word(), desk.complaints) };
        assert_eq!(closed.served.len(), 1, "its part is served, and the other is another's");
    }
}

#[test]
fn rel_20_an_order_about_another_period_is_not_taken_in() {
    let mut desk = gateway_of(Span::new(slot(12).start(), DAY_ZERO + 90 * 86_400).unwrap());
    assert_eq!(code(desk.reply.take()), "REL-20");
    assert!(desk.gateway.cases().next().is_none());
}

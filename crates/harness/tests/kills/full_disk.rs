//! R5: the disk of each role is full for a while. It says so and waits or ends; it never panics; with space again everything that was
//! acknowledged is there and goes on.

use harness::kills::count::count;
use harness::kills::feed::{Feed, unix_ms};
use harness::kills::house::{GRACE_S, House, SLOT_S};
use harness::kills::orders::{self, Order};

use crate::{PATIENCE, go_on, go_on_until};

/// Whose disk is full, and who says so.
const CASES: &[(&[&str], &str)] = &[
    (&["gateway"], "gateway"),
    (&["log-orders"], "log-orders"),
    (&["trustee"], "gateway"),
    (&["sealer"], "sealer"),
    (&["log-public"], "log-public"),
    // Two of four: without them no quorum, so nothing is published while they cannot remember.
    (&["witness-1", "witness-2"], "witness-2"),
];

#[test]
fn r5_a_full_disk_is_said_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::found(&dir.path().join("house")).unwrap();
    let feed = Feed::begin(&house.dir);
    let mut next = (unix_ms() / 1_000).next_multiple_of(SLOT_S);
    let mut placed: Vec<Order> = Vec::new();
    while unix_ms() / 1_000 < next + SLOT_S + GRACE_S + 2 {
        go_on(&mut house, &mut placed, 1);
    }
    for (victims, teller) in CASES {
        let until = (unix_ms() / 1_000 - GRACE_S - 2) / SLOT_S * SLOT_S;
        if next < until {
            placed.push(Order::sign(&house, placed.len() as u64 + 1, next, until).unwrap());
            next = until;
        }
        let before = house.services[house.place(teller)].said_all().len();
        victims.iter().for_each(|victim| house.steps.fill(victim).unwrap());
        go_on_until(&mut house, &mut placed, &format!("{teller} tells of a full disk"), |house| {
            let said = &house.services[house.place(teller)].said_all()[before..];
            ["No space left on device", "database or disk is full"].iter().any(|words| said.contains(words))
        });
        // And some time longer: full is a state, not a moment.
        go_on(&mut house, &mut placed, 3);
        victims.iter().for_each(|victim| house.steps.make_room(victim));
        for service in &house.services {
            let said = service.said_all();
            assert!(!said.contains("panicked") && !said.contains(" BUG"), "{}: {said}", service.name);
        }
        go_on(&mut house, &mut placed, 2);
    }
    drop(feed);
    orders::finish(&mut house, &mut placed, PATIENCE).unwrap();
    let found = count(&house, &placed).unwrap();
    assert!(found.is_clean() && 0 < found.records, "{found:#?}");
}

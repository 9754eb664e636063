//! R5: the disk of each role is full for a while. It says so and waits or ends; it never panics; with space again everything that was
//! acknowledged is there and goes on.

use std::time::{Duration, Instant};

use harness::kills::count::count;
use harness::kills::feed::{Feed, unix_ms};
use harness::kills::house::{GRACE_S, House, SLOT_S};
use harness::kills::orders::{self, Order};

/// Attends to the house for a while, as a service manager and people do.
fn go_on(house: &mut House, orders: &mut [Order], seconds: u64) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(seconds) {
        house.keep_running().unwrap();
        orders::attend(house, orders).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn r5_a_full_disk_stops_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::found(&dir.path().join("house")).unwrap();
    let feed = Feed::begin(&house.dir);
    let from = (unix_ms() / 1_000).next_multiple_of(SLOT_S);
    let mut placed: Vec<Order> = Vec::new();
    while unix_ms() / 1_000 < from + SLOT_S + GRACE_S + 2 {
        go_on(&mut house, &mut placed, 1);
    }
    let mut next = from;
    for (number, victims) in
        (1..).zip([&["gateway"][..], &["log-orders"], &["trustee"], &["sealer"], &["log-public"], &["witness-1", "witness-2"]])
    {
        let until = (unix_ms() / 1_000 - GRACE_S - 2) / SLOT_S * SLOT_S;
        if next < until {
            placed.push(Order::sign(&house, number, next, until).unwrap());
            next = until;
        }
        victims.iter().for_each(|victim| house.steps.fill(victim).unwrap());
        go_on(&mut house, &mut placed, 6);
        victims.iter().for_each(|victim| house.steps.make_room(victim));
        for service in &house.services {
            let said = service.said_all();
            println!("=== {victims:?} {} ended {}\n{}", service.name, service.ended, service.said());
            assert!(!said.contains("panicked"), "{}: {said}", service.name);
        }
        go_on(&mut house, &mut placed, 4);
    }
    drop(feed);
    orders::finish(&mut house, &mut placed, Duration::from_secs(180)).unwrap();
    let found = count(&house, &placed).unwrap();
    assert!(found.is_clean(), "{found:#?}");
}

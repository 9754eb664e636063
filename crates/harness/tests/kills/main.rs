//! Real processes of the shipped programs, killed, on full disks, and put back to older images (R1, R5, R10 of threats.md).
//!
//! `target/debug/kills --times 1000` does the first by the thousand.

use std::time::{Duration, Instant};

use harness::kills::house::House;
use harness::kills::orders::{self, Order};

/// How long anything here may take. Far more than it does take.
const PATIENCE: Duration = Duration::from_secs(300);

mod full_disk;
mod killed;
mod old_image;

/// Attends to the house for a while, as a service manager and people do.
fn go_on(house: &mut House, orders: &mut Vec<Order>, seconds: u64) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(seconds) {
        house.keep_running().unwrap();
        orders::attend(house, orders).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The same until something is so: a machine that is busy elsewhere takes longer, and that is no finding.
fn go_on_until(house: &mut House, orders: &mut Vec<Order>, what: &str, is_so: impl Fn(&House) -> bool) {
    let began = Instant::now();
    while !is_so(house) {
        let said = || house.services.iter().map(|service| service.said()).collect::<Vec<_>>();
        assert!(began.elapsed() < PATIENCE, "{what}: not in {PATIENCE:?}; {:#?}", said());
        go_on(house, orders, 1);
    }
}

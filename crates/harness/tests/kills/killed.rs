//! The quick part of `kills`.

use harness::kills::campaign::{run, walk};
use harness::kills::house::House;
use harness::kills::load::{self, Plan};

#[test]
fn r1_killed_anywhere_nothing_is_lost_doubled_or_unlogged() {
    let dir = tempfile::tempdir().unwrap();
    let tally = run(&dir.path().join("house"), 11, 10, &mut |_| {}).unwrap();
    assert!(10 <= tally.kills);
    assert!(tally.found.is_clean(), "{:#?}", tally.found);
    // A house that nobody asked anything would be clean too.
    assert!(0 < tally.found.packages && 0 < tally.found.records && 0 < tally.found.intents, "{:?}", tally.found);
    // LOG-47: order, intent, release, receipt and outcome at least.
    assert!(5 <= tally.found.openable, "{:?}", tally.found);
}

/// The short form of `order-load` : what was receipted is there, once, and in the log.
#[test]
fn orders_by_the_dozen_survive_a_killed_gateway() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::found(&dir.path().join("house")).unwrap();
    let plan = Plan { steady_per_second: 4, steady_seconds: 2, burst_per_second: 20, burst_seconds: 1, kills: 1 };
    let figures = load::run(&mut house, plan).unwrap();
    assert!(figures.is_clean(), "{figures:?}");
    assert_eq!((figures.sent, figures.kills), (28, 1));
}

/// The first steps of each process that holds what must not be lost; all of them by `kills --walk 48`.
#[test]
fn r1_killed_at_its_first_write_steps_each_in_turn() {
    let dir = tempfile::tempdir().unwrap();
    let tally = walk(&dir.path().join("house"), &["gateway", "sealer", "trustee"], 1..=2, &mut |_| {}).unwrap();
    assert!(tally.found.is_clean(), "{:#?}", tally.found);
    assert!(0 < tally.found.packages && 0 < tally.found.records && 0 < tally.found.intents, "{:?}", tally.found);
    for victim in ["gateway", "sealer"] {
        let died: u64 = tally.at_steps.iter().filter(|((who, _), _)| who == victim).map(|(_, times)| times).sum();
        assert!(2 <= died, "{victim} was killed at {died} of its steps: {:?}", tally.at_steps);
    }
}

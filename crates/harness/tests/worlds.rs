//! Worlds by seed (STYLE 3.15).

use harness::world::cast::Cast;
use harness::world::sabotage::Sabotage;
use harness::world::{Outcome, Plan, run};

fn undisturbed(seed: u64) -> Outcome {
    run(&Cast::new(), Plan::undisturbed(seed))
}

#[test]
fn an_undisturbed_world_serves_every_order() {
    let mut packages = 0;
    for seed in 0..6 {
        let outcome = undisturbed(seed);
        assert_eq!(outcome.broken, None, "seed {seed}");
        packages += outcome.packages;
    }
    assert!(3 < packages);
}

/// The first broken invariant of any of the first worlds under a sabotage.
fn broken_by(sabotage: Sabotage) -> Option<&'static str> {
    let cast = Cast::new();
    (0..6).find_map(|seed| run(&cast, Plan { sabotage, ..Plan::undisturbed(seed) }).broken).map(|broken| broken.invariant)
}

#[test]
fn t15_an_answer_with_a_row_less_or_more_is_noticed() {
    assert_eq!(broken_by(Sabotage::ForgetsARow), Some("rows-equal-the-oracle"));
    assert_eq!(broken_by(Sabotage::DoublesARow), Some("rows-equal-the-oracle"));
}

#[test]
fn a_leaked_threshold_is_noticed() {
    assert_eq!(broken_by(Sabotage::SharesLeak), Some("fewer-than-threshold-learn-nothing"));
}

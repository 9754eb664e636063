//! Worlds by seed (STYLE 3.15).

use harness::world::cast::Cast;
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

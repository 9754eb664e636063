//! Worlds by seed (STYLE 3.15). Three hundred of them: `worlds --from 0 --seeds 300`, a step of `./test`.

use harness::world::cast::Cast;
use harness::world::fault::Fault;
use harness::world::invariant::Invariant;
use harness::world::sabotage::{CATCHES, Catch, Sabotage};
use harness::world::saved::Saved;
use harness::world::{Plan, run};
use std::collections::BTreeSet;

#[test]
fn an_undisturbed_world_serves_every_order() {
    let (cast, mut packages) = (Cast::new(), 0);
    for seed in 0..6 {
        let outcome = run(&cast, Plan::undisturbed(seed));
        assert_eq!(outcome.broken, None, "seed {seed}");
        packages += outcome.packages;
    }
    assert!(3 < packages);
}

fn saved() -> Vec<(String, Saved)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/worlds");
    let files = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let lists = files.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    let read = |path: std::path::PathBuf| {
        let saved = Saved::parse(&std::fs::read_to_string(&path).expect("a file"));
        (path.display().to_string(), saved.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    };
    lists.map(read).collect()
}

/// What once broke an invariant holds now; what broke it under wrong code breaks it still, and only under that.
#[test]
fn every_saved_world_is_played_again() {
    let (cast, saved) = (Cast::new(), saved());
    assert!(!saved.is_empty());
    for (path, list) in saved {
        if list.sabotage != Sabotage::None {
            assert_eq!(list.breaks(&cast).as_deref(), Some(list.broke.as_str()), "{path}");
        }
        assert_eq!(Saved { sabotage: Sabotage::None, ..list }.breaks(&cast), None, "{path}");
    }
}

/// 2525: a proof was read wrongly when the package was made. 2601: an order came while PUBLIC was behind. 5271: somebody was known by a
/// late record only, and stood in no map yet.
#[test]
fn gwy_34_gwy_35_gwy_36_hold_where_they_were_found_missing() {
    let cast = Cast::new();
    for (path, list) in saved() {
        if ["/2525.json", "/2601.json", "/5271.json"].iter().any(|name| path.ends_with(name)) {
            let outcome = run(&cast, list.plan());
            assert_eq!(outcome.broken, None, "{path}");
            assert_ne!(outcome.packages, 0, "{path}");
        }
    }
}

/// T15 among them: an answer with a row less or more.
fn are_caught<'c>(catches: impl Iterator<Item = &'c Catch>) {
    let cast = Cast::new();
    let mut missed = Vec::new();
    for catch in catches {
        let first = catch.first(&cast, 0..6).map(|(_, broken)| (broken.invariant, broken.what));
        if first.as_ref().map(|(invariant, _)| *invariant) != Some(catch.invariant) {
            missed.push(format!("{:?} should break {}: {first:?}", catch.sabotage, catch.invariant));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn t15_wrong_code_of_the_first_half_is_caught() {
    are_caught(CATCHES.iter().step_by(2));
}

#[test]
fn t15_wrong_code_of_the_second_half_is_caught() {
    are_caught(CATCHES.iter().skip(1).step_by(2));
}

#[test]
fn every_invariant_is_broken_by_some_wrong_code() {
    let caught: BTreeSet<Invariant> = CATCHES.iter().map(|catch| catch.invariant).collect();
    assert_eq!(caught.into_iter().collect::<Vec<_>>(), Invariant::ALL);
}

/// Among the faults of a seed the one that matters is found again.
#[test]
fn a_failing_list_shrinks_to_what_breaks_it() {
    let cast = Cast::new();
    let catch = CATCHES.iter().find(|catch| catch.sabotage == Sabotage::MonitorSleeps).expect("a catch");
    let Some((plan, _)) = catch.first(&cast, 0..6) else { panic!("it is not caught") };
    let noise = Plan::of_seed(3).faults.into_iter().chain(Plan::of_seed(4).faults);
    let list: Vec<Fault> = noise.take(4).chain(plan.faults.clone()).collect();
    let short = Saved { faults: list, ..Saved::of(&plan) }.shortened(&cast);
    assert_eq!((short.broke.as_str(), short.faults), (catch.invariant.as_str(), plan.faults));
}

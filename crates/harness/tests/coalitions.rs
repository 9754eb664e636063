//! TSE-70, TSE-71: what every coalition opens, held against a model after every step; and that a difference would show.

use harness::coalitions::{Flaw, Saved, Step, draw, play, shortened};
use harness::world::cast::Cast;

#[test]
fn tse_70_tse_71_every_coalition_opens_what_the_model_gives_it_and_no_row_less() {
    let cast = Cast::new();
    let mut opened = 0;
    for seed in 0..24 {
        let steps = draw(seed);
        match play(&cast, seed, &steps, Flaw::None) {
            Ok(counts) => opened += counts.opened,
            Err(difference) => panic!("seed {seed}: {difference:?} of {:?}", shortened(&cast, seed, &steps, Flaw::None)),
        }
    }
    assert!(1_000 < opened, "only {opened} rows were opened");
}

/// Lists that once made a difference.
#[test]
fn tse_70_saved_lists_make_no_difference() {
    let cast = Cast::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/coalitions");
    let mut played = 0;
    for file in std::fs::read_dir(folder).expect("the saved lists").flatten() {
        let text = std::fs::read_to_string(file.path()).expect("a file");
        let saved = Saved::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.path().display()));
        assert_eq!(play(&cast, saved.seed, &saved.steps, Flaw::None).map(drop), Ok(()), "{}", file.path().display());
        played += 1;
    }
    assert!(1 <= played);
}

/// Each flaw with the seeds below which it must have shown.
#[test]
fn tse_70_wrong_code_makes_a_difference() {
    let cast = Cast::new();
    for flaw in [
        Flaw::KeysComeBack,
        Flaw::HoldsStay,
        Flaw::NobodyIsErased,
        Flaw::RecordsAreLost,
        Flaw::OrdersReachFurther,
        Flaw::SharesAreWorthMore,
    ] {
        let shows = |seed: &u64| play(&cast, *seed, &draw(*seed), flaw).is_err();
        assert!((0..60).any(|seed| shows(&seed)), "{flaw:?} makes no difference");
    }
}

#[test]
fn a_list_of_steps_is_shortened_to_what_makes_the_difference() {
    let cast = Cast::new();
    let steps = vec![
        Step::Notice,
        Step::Ingest { subject: 0, category: 0 },
        Step::StealSalts,
        Step::Pass { halves: 3 },
        Step::Erase { subject: 0 },
        Step::Notice,
    ];
    let short = shortened(&cast, 1, &steps, Flaw::NobodyIsErased);
    assert_eq!(short, [Step::Ingest { subject: 0, category: 0 }, Step::Pass { halves: 3 }, Step::Erase { subject: 0 }]);
}

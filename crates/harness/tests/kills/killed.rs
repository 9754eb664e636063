//! The quick part of `kills`.

use harness::kills::campaign::run;

#[test]
fn r1_killed_anywhere_nothing_is_lost_doubled_or_unlogged() {
    let dir = tempfile::tempdir().unwrap();
    let tally = run(&dir.path().join("house"), 11, 10, &mut |_| {}).unwrap();
    assert!(10 <= tally.kills);
    assert!(tally.found.is_clean(), "{:#?}", tally.found);
    // A house that nobody asked anything would be clean too.
    assert!(0 < tally.found.packages && 0 < tally.found.records && 0 < tally.found.intents, "{:?}", tally.found);
}

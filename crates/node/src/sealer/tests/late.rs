//! The grace of a slot, and a stop that is longer.

use super::*;

/// Found by killing real processes: an order for the slot was served between its close and that of the late epoch, without them.
#[tokio::test]
async fn sea_81_a_slot_is_not_closed_while_records_of_it_wait_in_a_late_epoch() {
    let mut world = World::new(None).await;
    let mut life = world.live().await;
    for now in T0..=T0 + 5 {
        world.second(&mut life, now).await.unwrap();
    }
    // Away until the grace of the first slot is over. A record of it came meanwhile.
    drop(life);
    let mut life = world.live().await;
    for now in T0 + 14..T0 + 18 {
        world.second(&mut life, now).await.unwrap();
    }
    let commits = world.commits().await;
    let late = commits.iter().position(|commit| epochs(commit.clone()).iter().any(|epoch| epoch.header.is_late()));
    let closed = commits.iter().position(|commit| matches!(commit.done, Done::Slots { .. }));
    assert!(late.is_some() && late < closed, "late epoch in commit {late:?}, slot closed in {closed:?}");
}

#[tokio::test]
async fn sea_42_a_slot_is_closed_when_its_grace_is_over_and_not_before() {
    let mut world = World::new(None).await;
    let mut life = world.live().await;
    let mut asks = |now_ms, read_from_ms| {
        let effects = life.sealer.handle(now_ms, tick(read_from_ms));
        effects.iter().any(|effect| matches!(effect, Effect::AskSaltMaps { .. }))
    };
    let over = (T0 + u64::from(LEN) + timing().grace()) * 1_000;
    assert!(!asks(over - 1, over - 1));
    // A round that took long: its sources were asked before the grace was over, and may hold more of the slot now.
    assert!(!asks(over + 9_000, over - 1));
    assert!(asks(over + 9_000, over));
}

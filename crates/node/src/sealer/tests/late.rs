//! A stop that is longer than the grace.

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

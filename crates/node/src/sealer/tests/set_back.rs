//! Vault and store, put back to an older copy.

use super::super::set_back::Known;
use super::*;

async fn is_set_back(folder: &std::path::Path, log: &FakeLog) -> bool {
    is_set_back_under(signer("sealer.test", 3), folder, log).await
}

async fn is_set_back_under(sealer: Signer, folder: &std::path::Path, log: &FakeLog) -> bool {
    let (vault, store) = (Vault::open(&folder.join("vault")).unwrap(), SegmentStore::local(&folder.join("store")).unwrap());
    let found = find(&store, &vault, timing().slot_len()).await.unwrap();
    let signers = Signers { sealer, provider: signer("provider.test", 4) };
    let known = Known::find(&store, &signers, found.recovered.next_slot, PROVIDER).await.unwrap();
    known.is_set_back(log).await.unwrap()
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    assert!(std::process::Command::new("cp").arg("-r").args([from, to]).status().unwrap().success());
}

/// PUBLIC cannot tell: the store is the newest, and a lease would be given out twice.
#[tokio::test]
async fn sea_20_a_vault_that_was_put_back_alone_is_refused() {
    let mut world = World::new(None).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let older = elsewhere.path().join("vault");
    copy(&world.vault_path(), &older);
    let mut life = world.live().await;
    for now in T0..T0 + 20 {
        world.second(&mut life, now).await.unwrap();
    }
    // Long quiet: the last commits tell of no lease.
    let quiet = 3 * seal::epoch::EPOCH_MAX;
    for round in 1..4 {
        let now = T0 + round * quiet;
        world.turn(&mut life, now, tick(now * 1_000)).await.unwrap();
        world.publish(&mut life).await;
    }
    drop(life);
    let (store, newest) = (world.store(), Vault::open(&world.vault_path()).unwrap());
    assert!(find(&store, &newest, timing().slot_len()).await.is_ok());
    let older = Vault::open(&older).unwrap();
    let found = find(&store, &older, timing().slot_len()).await;
    assert!(matches!(found, Err(Failure::Refused(why)) if why.starts_with("SEA-20")));
}

#[tokio::test]
async fn sea_20_a_store_that_was_put_back_is_seen_before_it_publishes() {
    let mut world = World::new(None).await;
    let mut life = world.live().await;
    for now in T0..T0 + 8 {
        world.second(&mut life, now).await.unwrap();
    }
    drop(life);
    let elsewhere = tempfile::tempdir().unwrap();
    let older = elsewhere.path().join("copy");
    copy(&world.folder, &older);
    assert!(!is_set_back(&older, &world.log).await, "nothing has happened since");
    let mut life = world.live().await;
    for now in T0 + 8..T0 + 14 {
        world.second(&mut life, now).await.unwrap();
    }
    assert!(is_set_back(&older, &world.log).await);
    // A commit that PUBLIC has, and of which a crash kept the mark: no reason to stop.
    let mut published = world.log.entries.lock().unwrap().len();
    for now in T0 + 14..T0 + 20 {
        while let Ok((seq, statements)) = life.commits.try_recv() {
            while !advance(&world.log, &statements).await.unwrap() {}
            published += usize::from(0 < seq);
        }
        let input = tick(now * 1_000);
        world.turn(&mut life, now, input).await.unwrap();
    }
    drop(life);
    assert!(0 < published);
    assert!(!is_set_back(&world.folder, &world.log).await);
}

/// Vault and store are lost, `init` made others under the same keys within the slot of the old ones' last epoch; or the sealer has a
/// new key and the provider the old one. PUBLIC then holds much that was said under a key of ours, and nothing that was forgotten.
#[tokio::test]
async fn sea_20_a_new_store_and_a_new_key_are_no_older_copy() {
    let mut world = World::new(None).await;
    let mut life = world.live().await;
    for now in T0..T0 + 16 {
        world.second(&mut life, now).await.unwrap();
    }
    drop(life);
    let starts = world.commits().await.into_iter().flat_map(epochs).map(|epoch| epoch.header.start);
    let new = World::begun(None, T0 + 18).await;
    assert_eq!(starts.max(), Some(T0 + 10), "in the slot in which the new store begins");
    assert!(!is_set_back(&new.folder, &world.log).await);
    assert!(!is_set_back_under(signer("sealer.test", 5), &world.folder, &world.log).await);
}

/// What tells of an older copy when the sealer seals nothing, and when nothing is closed.
#[tokio::test]
async fn sea_20_an_epoch_or_a_slot_close_alone_tells_of_an_older_copy() {
    let mut world = World::new(None).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let older = elsewhere.path().join("copy");
    copy(&world.folder, &older);
    let mut life = world.live().await;
    for now in T0..T0 + 16 {
        world.second(&mut life, now).await.unwrap();
    }
    let entries = world.log.entries.lock().unwrap().clone();
    let only = |is_it: fn(&Statement) -> bool| {
        let is_it = |entry: &&Vec<u8>| is_it(SignedStatement::parse(entry).unwrap().statement());
        FakeLog { entries: Mutex::new(entries.iter().filter(is_it).cloned().collect()), folder: None }
    };
    assert!(is_set_back(&older, &only(|statement| matches!(statement, Statement::Epoch(_)))).await);
    assert!(is_set_back(&older, &only(|statement| matches!(statement, Statement::SlotClose(_)))).await);
}

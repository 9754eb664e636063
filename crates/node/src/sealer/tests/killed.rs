//! A sealer that is killed at any write while it makes a hold, destroys a day's key and ends the hold (SEA-68, SEA-73).
//!
//! A kill is a trigger in the vault's own database: the write that it meets fails, its transaction is rolled back, and the life ends there. So
//! every row that is written, changed or deleted is met once. What is between two rows of one key, its file, is put back by hand.

use super::*;
use crate::vault::{HoldAnswer, HoldItem, HoldKey, HoldPaper};

const HOLD: Hash = [9; 32];
const DAY: u64 = 86_400;
/// The retention of the test's sealer is 30 days.
const EXPIRES: u64 = T0 + 60 * DAY;

/// What a hold has: epoch, bucket, value with its path.
type Held = Vec<(Vec<u8>, Vec<u8>, Vec<u8>)>;

struct Scene {
    folder: tempfile::TempDir,
    items: Vec<HoldItem>,
}

/// Records of two categories, sealed, and a paper that waits for the sealer.
async fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new(None).await;
    let mut life = world.live().await;
    let records = (0..3).map(|row| salted(&mut life, row)).collect();
    world
        .turn(&mut life, T0, Input::Batch { source: "test".into(), records, position: Position("3".into()), history: false })
        .await
        .unwrap();
    world.turn(&mut life, T0 + 6, tick((T0 + 6) * 1_000)).await.unwrap();
    let item = |category| {
        let selector = Selector::from_text(ROWS[0].subjects[0]).unwrap();
        HoldItem { category, selector, from: T0, until: T0 + u64::from(LEN) }
    };
    assert!(life.hands.vault.hold_ask(&paper(), &mut *life.hands.entropy).unwrap().is_none());
    drop(life);
    copy_all(&world.folder, folder.path());
    Scene { folder, items: vec![item(Category::DEVICE), item(Category::LOCATION)] }
}

fn paper() -> HoldPaper {
    HoldPaper { hold: HOLD, order: b"order".to_vec(), proof: b"proof".to_vec(), expires_at: EXPIRES }
}

fn copy_all(from: &std::path::Path, to: &std::path::Path) {
    let from = from.join(".");
    assert!(std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

fn database(folder: &std::path::Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join("vault/vault.db")).unwrap()
}

/// The write number `after`, counted from now, is not made any more.
fn kill_after(folder: &std::path::Path, after: u64) {
    let mut text = format!("create table kill (after integer); insert into kill values ({after});");
    for table in ["held", "held_item", "held_paper", "retention", "sealed"] {
        for event in ["insert", "update", "delete"] {
            text.push_str(&format!(
                "create trigger kill_{event}_{table} before {event} on {table} begin
                 select case when (select after from kill) = 0 then raise(abort, 'killed') end;
                 update kill set after = after - 1; end;"
            ));
        }
    }
    database(folder).execute_batch(&text).unwrap();
}

/// The process is started again: nothing stands in its way any more.
fn start_again(folder: &std::path::Path) {
    let database = database(folder);
    let names: Vec<String> = {
        let mut query = database.prepare("select name from sqlite_master where type = 'trigger'").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    for name in names {
        database.execute_batch(&format!("drop trigger {name}")).unwrap();
    }
    database.execute_batch("drop table if exists kill").unwrap();
}

fn held(folder: &std::path::Path) -> Held {
    let database = database(folder);
    let key = HoldKey::new(crate::private_file::read_key(&folder.join("vault/hold.key")).unwrap().unwrap());
    let mut query = database.prepare("select epoch, place, proof from held where hold = ?1 order by epoch, place").unwrap();
    let rows = query.query_map([&HOLD[..]], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))).unwrap();
    let opened = rows.map(Result::unwrap).map(|(epoch, place, sealed)| {
        let proof = key.open(&HOLD, place.as_slice().try_into().unwrap(), &sealed).unwrap();
        (epoch, place, proof)
    });
    opened.collect()
}

/// The kill came before the file was gone: the row that says so has to bring it to its end.
fn put_back(folder: &std::path::Path, keys: &std::path::Path) {
    let database = database(folder);
    let mut query = database.prepare("select category, day from retention where state = 'shredding'").unwrap();
    let rows = query.query_map([], |row| Ok(format!("{}/{}.key", row.get::<_, u16>(0)?, row.get::<_, u64>(1)?))).unwrap();
    for file in rows.map(Result::unwrap) {
        std::fs::copy(keys.join(&file), folder.join("vault/retention").join(&file)).unwrap();
    }
}

fn key_files(folder: &std::path::Path) -> usize {
    let categories = std::fs::read_dir(folder.join("vault/retention")).unwrap().flatten();
    categories.map(|category| std::fs::read_dir(category.path()).unwrap().count()).sum()
}

/// What the sealer does about the paper, as `serve_holds` does for one that bears a hold.
async fn serve(hands: &mut Hands, items: &[HoldItem], now: u64) -> Result<(), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    for paper in hands.vault.hold_asked().map_err(|error| text(&error))? {
        let copied = hands.make_hold(&paper, items, now).await.map_err(|error| text(&error))?;
        let answer = HoldAnswer::Made { expires_at: paper.expires_at, copied, outcome: copied.to_be_bytes().to_vec() };
        hands.vault.hold_answer(&paper, &answer).map_err(|error| text(&error))?;
    }
    Ok(())
}

/// A day's round: keep, destroy, say so, delete.
async fn round(hands: &mut Hands, now: u64) -> Result<(), String> {
    let shredded = hands.perform(now, &Effect::Expire { today: now / DAY }).await.map_err(|error| error.to_string())?;
    let Some(Input::Shredded(keys)) = shredded else { panic!("another answer") };
    for key in keys {
        hands.perform(now, &Effect::NoteShredded(key)).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Serve,
    Round(u64),
}

async fn take(world: &mut World, scene: &Scene, step: Step) -> Result<(), String> {
    let mut life = world.live().await;
    match step {
        Step::Serve => serve(&mut life.hands, &scene.items, T0 + DAY).await,
        Step::Round(days) => round(&mut life.hands, T0 + days * DAY).await,
    }
}

async fn segments(world: &World, epochs: &[Hash]) -> usize {
    let mut there = 0;
    for epoch in epochs {
        there += usize::from(world.store().segment(epoch).await.unwrap().is_some());
    }
    there
}

/// All steps, killed at the `after`-th write of step `dies`. True: it was killed.
async fn run(scene: &Scene, steps: &[Step], dies: usize, after: u64, puts_back: bool, expected: &Held) -> bool {
    let temporary = tempfile::tempdir().unwrap();
    copy_all(scene.folder.path(), temporary.path());
    let mut world = World::at(temporary.path());
    let epochs: Vec<Hash> = world.commits().await.into_iter().flat_map(epochs).map(|epoch| epoch.leaf.epoch_hash).collect();
    let folder = temporary.path();
    let mut was_killed = false;
    for (number, step) in steps.iter().enumerate() {
        let what = format!("{steps:?}, killed at write {after} of step {dies}");
        if number == dies {
            let keys = tempfile::tempdir().unwrap();
            copy_all(&folder.join("vault/retention"), keys.path());
            kill_after(folder, after);
            let ended = take(&mut world, scene, *step).await;
            was_killed = ended.is_err();
            assert!(!was_killed || ended.as_ref().unwrap_err().contains("killed"), "{ended:?}");
            start_again(folder);
            if puts_back {
                put_back(folder, keys.path());
            }
            let is_before_end = !matches!(step, Step::Round(60..));
            if key_files(folder) < epochs.len() && is_before_end && number != 0 {
                assert_eq!(&held(folder), expected, "a key is gone, so everything that is held is there: {what}");
            }
        }
        take(&mut world, scene, *step).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        let is_kept = matches!(step, Step::Round(31));
        if is_kept {
            assert_eq!(&held(folder), expected, "nothing lost, nothing twice: {what}");
            assert_eq!(key_files(folder), 0, "the keys are destroyed: {what}");
            assert_eq!(segments(&world, &epochs).await, expected.len(), "{what}");
        }
    }
    assert!(held(folder).is_empty() && segments(&world, &epochs).await == 0, "the hold has ended: after {after} of step {dies}");
    let vault = Vault::open(&world.vault_path()).unwrap();
    assert!(vault.unlogged_shreds().unwrap().is_empty() && vault.hold_items(0).unwrap().is_empty());
    was_killed
}

#[tokio::test]
async fn sea_68_a_sealer_that_is_killed_at_any_write_loses_nothing_and_keeps_nothing_twice() {
    let scene = scene().await;
    let steps = [Step::Serve, Step::Round(31), Step::Round(60)];
    // Undisturbed: what the hold has then is what it must always have.
    let calm = {
        let temporary = tempfile::tempdir().unwrap();
        copy_all(scene.folder.path(), temporary.path());
        let mut world = World::at(temporary.path());
        take(&mut world, &scene, Step::Serve).await.unwrap();
        take(&mut world, &scene, Step::Round(31)).await.unwrap();
        held(temporary.path())
    };
    assert!(2 <= calm.len(), "a value of each category");
    for dies in 0..steps.len() {
        let mut after = 0;
        while run(&scene, &steps, dies, after, false, &calm).await {
            run(&scene, &steps, dies, after, true, &calm).await;
            after += 1;
        }
        assert!(3 < after, "step {dies} writes more than that");
    }
}

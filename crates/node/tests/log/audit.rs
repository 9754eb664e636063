//! The audit finds every flipped bit and a missing file; recovery takes only the cosigned history (LOG-65, LOG-94, test 6).

use node::log::audit::{self, Finding, Grade, Promise};
use node::log::client::LogReader;
use node::log::config::LogKind;
use node::log::mirror::{MirrorError, mirror};
use node::log::recover::{RecoverError, recover};
use node::log::run::RunError;
use node::log::shell::lock;
use node::log::store::Store;
use node::log::tiles::Source;

use crate::world::{World, base, copy_folder};

fn promise() -> Promise {
    Promise { kind: LogKind::Orders, tick_interval_s: 1, batch_entries: 100, freshness_s: 600, statement_keys: Vec::new() }
}

async fn grown(ticks: u64) -> (World, u64) {
    let mut world = World::new(LogKind::Orders, 1, 1).await;
    world.config.batch_entries = 100;
    let start = base();
    let mut shell = world.shell(start).await.unwrap();
    for tick in 0..ticks {
        shell.tick(start + tick).await.unwrap();
    }
    (world, start + ticks)
}

async fn findings(world: &World, now: u64) -> Vec<Finding> {
    audit::audit(&LogReader::of(world.source()), &world.policy(), &promise(), now).await
}

#[tokio::test(flavor = "multi_thread")]
async fn log_94_t2_every_flipped_or_missing_object_is_found() {
    let (world, now) = grown(6).await;
    assert_eq!(findings(&world, now).await, []);
    let mut objects = world.objects("tile");
    assert_eq!(objects.len(), 8, "{objects:?}");
    objects.push(world.config.state_dir.join("checkpoint"));
    for path in objects {
        let own = std::fs::read(&path).unwrap();
        for at in [0, own.len() / 2, own.len() - 2] {
            let mut flipped = own.clone();
            flipped[at] ^= 1;
            std::fs::write(&path, &flipped).unwrap();
            let found = findings(&world, now).await;
            assert!(3 <= audit::exit_status(&found), "{} at {at}", path.display());
            if path.to_string_lossy().contains("/tile/") {
                assert_eq!(audit::exit_status(&found), Grade::Inconsistent as u8, "{} at {at}: {found:?}", path.display());
            } else {
                // A head that the log or its witnesses did not sign accuses nobody.
                assert!(audit::exit_status(&found) < Grade::Inconsistent as u8, "at {at}: {found:?}");
            }
        }
        std::fs::remove_file(&path).unwrap();
        let superfluous = path.to_string_lossy().contains(".p/") && !of_head(&path);
        let missing = if superfluous { 0 } else { Grade::Unavailable as u8 };
        assert_eq!(audit::exit_status(&findings(&world, now).await), missing, "{} missing", path.display());
        std::fs::write(&path, own).unwrap();
    }
    assert_eq!(findings(&world, now).await, []);
}

/// Partials of the head at 600 leaves; older ones were published once and are no part of it.
fn of_head(path: &std::path::Path) -> bool {
    ["tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/002.p/88"].iter().any(|name| path.ends_with(name))
}

#[tokio::test(flavor = "multi_thread")]
async fn log_94_stale_short_and_narrow_have_their_own_status() {
    let (world, now) = grown(1).await;
    let status = async |promise: &Promise, now| {
        audit::exit_status(&audit::audit(&LogReader::of(world.source()), &world.policy(), promise, now).await)
    };
    assert_eq!(status(&promise(), now).await, 0);
    assert_eq!(status(&promise(), now + 700).await, Grade::BeatBroken as u8);
    assert_eq!(status(&Promise { tick_interval_s: 900, ..promise() }, now + 700).await, Grade::Stale as u8);
    assert_eq!(status(&Promise { batch_entries: 16, ..promise() }, now).await, Grade::BeatBroken as u8);
    let note = verify::log::note::SignedNote::parse(&std::fs::read(world.config.state_dir.join("checkpoint")).unwrap()).unwrap();
    let alone = verify::log::note::SignedNote::new(note.text().to_owned(), note.signatures()[..1].to_vec()).unwrap();
    std::fs::write(world.config.state_dir.join("checkpoint"), alone.to_bytes()).unwrap();
    assert_eq!(status(&promise(), now).await, Grade::QuorumShort as u8);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_65_recovery_takes_the_cosigned_history_and_nothing_less() {
    let (world, now) = grown(2).await;
    let old = world.dir.path().join("old");
    let full = world.dir.path().join("full");
    let copy = |to: &std::path::Path| copy_folder(&world.config.state_dir, to);
    let from = |dir: &std::path::Path| LogReader::of(Source::Store(Store::local(dir).unwrap()));
    copy(&old);
    let mut shell = world.shell(now).await.unwrap();
    for tick in 0..3 {
        shell.tick(now + tick).await.unwrap();
    }
    let size = lock(&shell.engine).size();
    drop(shell);
    copy(&full);
    assert!(matches!(recover(&world.config, &from(&full)).await, Err(RecoverError::NotNeeded { .. })));
    // Disaster: the disk comes back with an older copy.
    std::fs::remove_dir_all(&world.config.state_dir).unwrap();
    std::fs::rename(&old, &world.config.state_dir).unwrap();
    let mut shell = world.shell(now + 3).await.unwrap();
    assert!(shell.ask_witnesses().await.is_err());
    drop(shell);
    // A copy that is too small, or has one wrong entry, is refused.
    assert!(matches!(recover(&world.config, &from(&world.config.state_dir)).await, Err(RecoverError::Copy(_))));
    let bundle = full.join("tile/entries/000");
    let own = std::fs::read(&bundle).unwrap();
    let mut flipped = own.clone();
    flipped[70] ^= 1;
    std::fs::write(&bundle, flipped).unwrap();
    assert!(matches!(recover(&world.config, &from(&full)).await, Err(RecoverError::Copy(_))));
    std::fs::write(&bundle, own).unwrap();
    let recovered = recover(&world.config, &from(&full)).await.unwrap();
    assert_eq!(recovered.size, size);
    assert!(recovered.remark.starts_with("recovered log.example/orders/2027 at size 500 "));
    // It goes on from there, and the audit agrees.
    let mut shell = world.shell(now + 4).await.unwrap();
    assert_eq!(shell.ask_witnesses().await, Ok(true));
    shell.resume(now + 4).await.unwrap();
    shell.tick(now + 5).await.unwrap();
    assert_eq!(lock(&shell.engine).size(), size + 100);
    assert_eq!(findings(&world, now + 5).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_68_a_mirror_is_a_full_copy_or_an_older_one() {
    let (world, now) = grown(3).await;
    let log = LogReader::of(world.source());
    let dir = world.dir.path().join("mirror");
    std::fs::create_dir(&dir).unwrap();
    let copy = Store::local(&dir).unwrap();
    mirror(&log, &log.head().await.unwrap(), &copy).await.unwrap();
    let mirrored = LogReader::of(Source::Store(copy.clone()));
    assert_eq!(audit::audit(&mirrored, &world.policy(), &promise(), now).await, []);
    // The log goes on; a tile of the copy that was changed is noticed, not overwritten.
    let mut shell = world.shell(now).await.unwrap();
    shell.tick(now).await.unwrap();
    let bundle = dir.join("tile/entries/000");
    let own = std::fs::read(&bundle).unwrap();
    std::fs::write(&bundle, b"changed").unwrap();
    let head = log.head().await.unwrap();
    assert!(matches!(mirror(&log, &head, &copy).await, Err(MirrorError::Differs { .. })));
    std::fs::write(&bundle, own).unwrap();
    mirror(&log, &head, &copy).await.unwrap();
    assert_eq!(audit::audit(&mirrored, &world.policy(), &promise(), now).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_65_recovery_needs_enough_witnesses_and_the_lock() {
    let (mut world, _) = grown(1).await;
    let reader = LogReader::of(world.source());
    let held = node::log::run::advisory_lock(&world.config.state_dir).unwrap();
    assert!(matches!(recover(&world.config, &reader).await, Err(RecoverError::Run(RunError::Locked))));
    drop(held);
    world.stop_witness(0).await;
    assert!(matches!(recover(&world.config, &reader).await, Err(RecoverError::TooFewWitnesses)));
}

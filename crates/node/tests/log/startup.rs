//! Start-up refusals (LOG-62 to LOG-66), bit flips (test 6), two engines on one store (test 7).

use node::log::config::LogKind;
use node::log::engine::Stop;
use node::log::run::RunError;
use node::log::shell::lock;
use node::log::startup::StartError;
use node::log::submit::orders_leaf;

use crate::world::{World, base, copy_folder};

/// A log of some ticks, every one published.
async fn grown(ticks: u64) -> (World, u64) {
    let world = World::new(LogKind::Orders, 1, 1).await;
    let start = base();
    let mut shell = world.shell(start).await.unwrap();
    assert_eq!(shell.ask_witnesses().await, Ok(true));
    for tick in 0..ticks {
        shell.tick(start + tick).await.unwrap();
    }
    (world, start + ticks)
}

async fn refusal(world: &World, now: u64) -> StartError {
    world.shell(now).await.err().expect("must not start")
}

#[tokio::test(flavor = "multi_thread")]
async fn log_62_a_gap_or_a_changed_state_object_is_refused() {
    let (world, now) = grown(3).await;
    let states = world.objects("state");
    let second = std::fs::read(&states[1]).unwrap();
    std::fs::remove_file(&states[1]).unwrap();
    assert!(matches!(refusal(&world, now).await, StartError::ChainBroken { .. }));
    let mut flipped = second.clone();
    let last = flipped.len() - 2;
    flipped[last] ^= 1;
    std::fs::write(&states[1], flipped).unwrap();
    assert!(matches!(refusal(&world, now).await, StartError::ChainBroken { .. }));
    std::fs::write(&states[1], second).unwrap();
    assert!(world.shell(now).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn log_63_another_configuration_or_clock_is_refused() {
    let (mut world, now) = grown(2).await;
    assert!(matches!(refusal(&world, now - 100).await, StartError::ClockBack { .. }));
    world.config.inception_unix_s += 1;
    assert!(matches!(refusal(&world, now).await, StartError::OtherInception { .. }));
    world.config.inception_unix_s -= 1;
    // Another key of the same name, listed in the policy.
    let other = world.dir.path().join("other.key");
    let vkey =
        node::log::keys::generate(&other, &world.config.origin, verify::log::vkey::KeyKind::Ed25519, &mut seal::entropy::SystemEntropy)
            .unwrap();
    let policy = std::fs::read_to_string(&world.config.tlog_policy_file).unwrap();
    std::fs::write(&world.config.tlog_policy_file, format!("log {vkey}\n{policy}")).unwrap();
    let own = std::mem::replace(&mut world.config.signing_key_file, other);
    assert!(matches!(refusal(&world, now).await, StartError::OtherKey));
    world.config.signing_key_file = own;
    assert!(world.shell(now).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn log_63_published_head_must_be_a_prefix() {
    let (world, now) = grown(3).await;
    let (longer, _) = grown(5).await;
    let published = world.config.state_dir.join("checkpoint");
    let own = std::fs::read(&published).unwrap();
    // Another log's note: not our signature.
    std::fs::copy(longer.config.state_dir.join("checkpoint"), &published).unwrap();
    assert!(matches!(refusal(&world, now).await, StartError::PublishedNotOurs));
    // Our signature over another history of a smaller and of a larger size.
    let signer = node::log::keys::load(&world.config.signing_key_file).unwrap();
    let forged = |size: u64| {
        let origin = verify::log::origin::Origin::parse(&world.config.origin).unwrap();
        let head = verify::log::checkpoint::Checkpoint { origin, size, root: [5; 32] };
        signer.sign_note(&head.to_text()).unwrap().to_bytes()
    };
    std::fs::write(&published, forged(7)).unwrap();
    assert!(matches!(refusal(&world, now).await, StartError::PublishedNotPrefix { published: 7 }));
    std::fs::write(&published, forged(700)).unwrap();
    assert!(matches!(refusal(&world, now).await, StartError::PublishedLarger { published: 700, .. }));
    std::fs::write(&published, own).unwrap();
    assert!(world.shell(now).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn log_61_flipped_bits_at_the_right_edge_only_stop_us() {
    let (world, now) = grown(3).await;
    for path in world.objects("tile").iter().filter(|path| path.ends_with("000.p/12")) {
        let own = std::fs::read(path).unwrap();
        for at in [0, own.len() / 2, own.len() - 1] {
            let mut flipped = own.clone();
            flipped[at] ^= 0x10;
            std::fs::write(path, flipped).unwrap();
            assert!(matches!(refusal(&world, now).await, StartError::EdgeDiffers { size: 12 }), "{}", path.display());
        }
        std::fs::write(path, own).unwrap();
    }
    assert!(world.shell(now).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn log_64_an_old_copy_of_the_state_is_refused_by_the_witnesses() {
    let (world, now) = grown(2).await;
    let copy = world.dir.path().join("copy");
    copy_folder(&world.config.state_dir, &copy);
    let mut shell = world.shell(now).await.unwrap();
    shell.tick(now).await.unwrap();
    drop(shell);
    std::fs::remove_dir_all(&world.config.state_dir).unwrap();
    std::fs::rename(&copy, &world.config.state_dir).unwrap();
    let mut shell = world.shell(now + 1).await.unwrap();
    let refused = shell.ask_witnesses().await;
    assert_eq!(refused, Err(Stop::StateIsOld { witness: "w0".into(), witnessed: 12, ours: 8 }));
    // And an engine that never asked stops at the witness's answer, before anything is published.
    let before = std::fs::read(world.config.state_dir.join("checkpoint")).unwrap();
    assert!(matches!(shell.resume(now + 1).await, Err(Stop::StateIsOld { .. })));
    assert_eq!(std::fs::read(world.config.state_dir.join("checkpoint")).unwrap(), before);
    assert!(lock(&shell.engine).is_stopped());
}

#[tokio::test(flavor = "multi_thread")]
async fn log_64_too_few_answers_do_not_suffice() {
    let mut world = World::new(LogKind::Orders, 4, 3).await;
    let mut shell = world.shell(base()).await.unwrap();
    assert_eq!(shell.ask_witnesses().await, Ok(true));
    // n - k + 1 = 2 answers are needed.
    world.stop_witness(0).await;
    world.stop_witness(0).await;
    assert_eq!(shell.ask_witnesses().await, Ok(true));
    world.stop_witness(0).await;
    assert_eq!(shell.ask_witnesses().await, Ok(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn log_58_without_quorum_ticks_go_on_and_nothing_is_published() {
    let mut world = World::new(LogKind::Orders, 3, 3).await;
    let start = base();
    let mut shell = world.shell(start).await.unwrap();
    shell.tick(start).await.unwrap();
    let published = std::fs::read(world.config.state_dir.join("checkpoint")).unwrap();
    world.stop_witness(2).await;
    let leaf = orders_leaf(&[3; 32], false);
    lock(&shell.engine).admit(leaf.clone());
    for tick in 1..5 {
        shell.tick(start + tick).await.unwrap();
    }
    assert_eq!(lock(&shell.engine).size(), 20);
    assert_eq!(lock(&shell.engine).published_index(&leaf.key), None);
    assert_eq!(std::fs::read(world.config.state_dir.join("checkpoint")).unwrap(), published);
    // It comes back: the newest head alone is sent and published, with everything before it.
    let again = node::witness::start(world.witness_configs[2].clone()).await.unwrap();
    world.config.witnesses[2].url = format!("http://{}", again.address);
    drop(shell);
    let mut shell = world.shell(start + 5).await.unwrap();
    shell.resume(start + 5).await.unwrap();
    assert!(lock(&shell.engine).published_index(&leaf.key).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn log_55_of_two_engines_on_one_store_the_later_one_stops() {
    let (world, now) = grown(1).await;
    let (mut one, mut two) = (world.shell(now).await.unwrap(), world.shell(now).await.unwrap());
    one.tick(now).await.unwrap();
    assert_eq!(two.tick(now).await, Err(Stop::CommitUnknown { seq: 2 }));
    one.tick(now + 1).await.unwrap();
    assert!(two.tick(now + 2).await.is_ok_and(|()| lock(&two.engine).is_stopped()));
    let mut again = world.shell(now + 3).await.unwrap();
    again.tick(now + 3).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn log_66_run_never_creates_and_init_never_overwrites() {
    let world = World::new(LogKind::Orders, 1, 1).await;
    assert!(matches!(node::log::init(&world.config).await, Err(RunError::Exists(_))));
    let first = node::log::start(world.config.clone(), Box::new(drop)).await.unwrap();
    assert!(matches!(node::log::start(world.config.clone(), Box::new(drop)).await, Err(RunError::Locked)));
    first.until(async {}).await.unwrap();
    let mut elsewhere = world.config.clone();
    elsewhere.state_dir = world.dir.path().join("nothing");
    assert!(matches!(node::log::start(elsewhere.clone(), Box::new(drop)).await, Err(RunError::Start(StartError::NoState))));
    std::fs::create_dir(&elsewhere.state_dir).unwrap();
    assert!(matches!(node::log::start(elsewhere, Box::new(drop)).await, Err(RunError::Start(StartError::NoState))));
}

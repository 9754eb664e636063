//! The monitor: following a log, and a split view found and convicted from two sides (LOG-87 to LOG-89, LOG-94).

use std::path::{Path, PathBuf};

use node::log::audit::{Grade, Promise, exit_status};
use node::log::client::LogReader;
use node::log::config::LogKind;
use node::log::follow::{Followed, Look, look, look_at_witness};
use node::log::store::Store;
use node::log::tiles::Source;
use node::log::views::{View, compare};
use verify::log::note::SignedNote;
use verify::log::split::{Evidence, Kind};

use crate::world::{World, base, copy_folder};

fn promise() -> Promise {
    Promise { kind: LogKind::Orders, tick_interval_s: 1, batch_entries: 4, freshness_s: 600, statement_keys: Vec::new() }
}

async fn tick(world: &World, from: u64, ticks: u64) {
    let mut shell = world.shell(from).await.unwrap();
    for tick in 0..ticks {
        shell.tick(from + tick).await.unwrap();
    }
}

fn reader(dir: &Path) -> LogReader {
    LogReader::of(Source::Store(Store::local(dir).unwrap()))
}

fn copy(world: &World, name: &str) -> PathBuf {
    let to = world.dir.path().join(name);
    copy_folder(&world.config.state_dir, &to);
    to
}

/// The state of another history under the same keys: the log's operator lies, and the first entry that differs is `at`.
async fn forked(world: &mut World, start: u64, common: u64, more: u64) -> PathBuf {
    tick(world, start, common).await;
    let other = copy(world, "other");
    // The two continue with other leaves: the entropy is seeded, so other counters need another seed, that is another leaf.
    let mut shell = world.shell(start + common).await.unwrap();
    node::log::shell::lock(&shell.engine).admit(node::log::submit::orders_leaf(&[5; 32], false));
    for n in 0..more {
        shell.tick(start + common + n).await.unwrap();
    }
    drop(shell);
    let own = world.config.state_dir.clone();
    let parked = world.dir.path().join("first");
    std::fs::rename(&own, &parked).unwrap();
    std::fs::rename(&other, &own).unwrap();
    parked
}

async fn look_once(dir: &Path, world: &World, kept: Option<&Followed>, now: u64) -> Look {
    look(&reader(dir), &world.policy(), &promise(), kept, now).await
}

#[tokio::test(flavor = "multi_thread")]
async fn log_94_following_reads_what_is_new_and_rebuilds_the_root_on_what_was_kept() {
    let mut world = World::new(LogKind::Orders, 1, 1).await;
    world.config.batch_entries = 100;
    let (start, dir) = (base(), world.config.state_dir.clone());
    tick(&world, start, 3).await;
    let first = look_once(&dir, &world, None, start + 3).await;
    assert_eq!((&first.findings[..], first.read), (&[][..], 300));
    let kept = Followed::parse(&first.next.unwrap().to_bytes()).unwrap();
    tick(&world, start + 3, 1).await;
    let second = look_once(&dir, &world, Some(&kept), start + 4).await;
    assert_eq!((&second.findings[..], second.read), (&[][..], 100));
    let next = second.next.unwrap();
    assert_eq!(next.witnessed().unwrap().size, 400);
    // A state file that was changed is refused, not believed.
    let bytes = String::from_utf8(next.to_bytes()).unwrap();
    let changed = bytes.replacen("peak ", "peak A", 1);
    assert!(Followed::parse(changed.as_bytes()).is_err());
    // Nothing new: the quorum grows old.
    let stale = look_once(&dir, &world, Some(&next), start + 3_000).await;
    assert_eq!(exit_status(&stale.findings), Grade::BeatBroken as u8);
    // An entry that changed after it was read shows in what is new only; one that is new and wrong shows now.
    tick(&world, start + 4, 1).await;
    let bundle = world.objects("tile/entries").into_iter().find(|path| path.ends_with("001.p/244")).unwrap();
    let mut octets = std::fs::read(&bundle).unwrap();
    let last = octets.len() - 1;
    octets[last] ^= 1;
    std::fs::write(&bundle, octets).unwrap();
    let wrong = look_once(&dir, &world, Some(&next), start + 5).await;
    assert_eq!(exit_status(&wrong.findings), Grade::Inconsistent as u8);
    // Nothing is followed; that the log signed it is remembered.
    let wrong = wrong.next.unwrap();
    assert_eq!((wrong.witnessed(), wrong.newest().unwrap().size), (next.witnessed(), 500));
}

#[tokio::test(flavor = "multi_thread")]
async fn log_59_an_older_head_is_stale_and_another_history_is_not() {
    let world = World::new(LogKind::Orders, 1, 1).await;
    let start = base();
    tick(&world, start, 2).await;
    let old = std::fs::read(world.config.state_dir.join("checkpoint")).unwrap();
    tick(&world, start + 2, 2).await;
    let kept = look_once(&world.config.state_dir, &world, None, start + 4).await.next.unwrap();
    std::fs::write(world.config.state_dir.join("checkpoint"), old).unwrap();
    let again = look_once(&world.config.state_dir, &world, Some(&kept), start + 4).await;
    assert_eq!((exit_status(&again.findings), again.findings[0].code, again.next.is_none()), (Grade::Stale as u8, "LOG-59", true));
}

#[tokio::test(flavor = "multi_thread")]
async fn log_87_and_88_a_split_view_is_found_and_convicted_from_two_files() {
    let mut world = alone().await;
    let (start, files) = (base(), world.dir.path().to_owned());
    let first = forked(&mut world, start, 3, 2).await;
    let second = world.config.state_dir.clone();
    tick(&world, start + 3, 2).await;
    // Two checkpoints of one size, as two people kept them.
    let views = |a: Vec<u8>, b: Vec<u8>| [View::of_file("a", &a).unwrap(), View::of_file("b", &b).unwrap()];
    let note = |dir: &Path| std::fs::read(dir.join("checkpoint")).unwrap_or_else(|_| state_note(dir));
    let found = compare(&views(note(&first), note(&second)), &world.policy()).await;
    assert_eq!(exit_status(&found.findings), Grade::Inconsistent as u8, "{:?}", found.findings);
    let kinds: Vec<Kind> = found.evidence.iter().map(|(evidence, _)| evidence.kind).collect();
    assert_eq!(kinds, [Kind::SameSize]);
    // The file convicts by itself.
    let file = files.join("split.evidence");
    std::fs::write(&file, found.evidence[0].0.to_bytes()).unwrap();
    let conviction = Evidence::parse(&std::fs::read(&file).unwrap()).unwrap().judge(&node::log::views::keys(&world.policy())).unwrap();
    assert_eq!(conviction.culprits, [world.config.origin.as_str()]);
    // One history convicts nobody.
    let same = compare(&views(note(&first), note(&first)), &world.policy()).await;
    assert!(same.findings.is_empty() && same.evidence.is_empty());
}

/// Whoever can write a file, or stands between us and an address, makes no log inconsistent; and a log that lied is not acquitted by a
/// line that makes its head count for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn log_89_log_94_a_head_that_the_log_did_not_sign_accuses_nobody() {
    use verify::log::checkpoint::Checkpoint;
    use verify::log::note::{NoteSignature, SignedNote};
    let world = World::new(LogKind::Orders, 1, 1).await;
    let start = base();
    tick(&world, start, 2).await;
    let own = reader(&world.config.state_dir);
    let truth = own.head().await.unwrap();
    let signer = node::log::keys::load(&world.config.signing_key_file).unwrap();
    let origin = verify::log::origin::Origin::parse(&world.config.origin).unwrap();
    let forged = |size: u64, is_signed: bool| {
        let text = Checkpoint { origin: origin.clone(), size, root: [9; 32] }.to_text();
        let line = signer.sign(&text).unwrap();
        let mut payload = line.payload().to_vec();
        payload[7] ^= 1;
        let spoiled = NoteSignature::new(line.name().clone(), line.key_hash(), payload);
        let lines = if is_signed { vec![spoiled, line] } else { vec![spoiled] };
        SignedNote::new(text, lines).unwrap().to_bytes()
    };
    let kept = look_once(&world.config.state_dir, &world, None, start + 2).await.next.unwrap();
    for (size, is_signed, evidence) in
        [(truth.size, false, 0), (truth.size - 4, false, 0), (truth.size + 4, false, 0), (truth.size, true, 1)]
    {
        let views = [View::of_reader("log", own.clone()).await.unwrap(), View::of_file("file", &forged(size, is_signed)).unwrap()];
        let found = compare(&views, &world.policy()).await;
        let grade = if evidence == 0 { Grade::VerificationFailed } else { Grade::Inconsistent };
        assert_eq!((exit_status(&found.findings), found.evidence.len()), (grade as u8, evidence), "{size}: {:?}", found.findings);
        // A follower neither.
        let between = copy(&world, &format!("between-{size}-{is_signed}"));
        std::fs::write(between.join("checkpoint"), forged(size, is_signed)).unwrap();
        let look = look_once(&between, &world, Some(&kept), start + 2).await;
        assert_eq!((exit_status(&look.findings), look.evidence.len()), (grade as u8, evidence), "{size}: {:?}", look.findings);
        assert!(look.next.is_none(), "{size}");
    }
    // What a host leaves out is unavailable.
    let without = copy(&world, "without");
    std::fs::remove_dir_all(without.join("tile/entries")).unwrap();
    let look = look_once(&without, &world, None, start + 2).await;
    assert_eq!(exit_status(&look.findings), Grade::Unavailable as u8, "{:?}", look.findings);
}

/// A witness that cosigned later what is smaller convicts itself; the log it lies about is watched on.
#[tokio::test(flavor = "multi_thread")]
async fn log_94_a_witness_that_lies_makes_no_second_history() {
    use verify::log::note::SignedNote;
    let world = World::new(LogKind::Orders, 1, 1).await;
    let (start, own) = (base(), world.config.state_dir.clone());
    tick(&world, start, 2).await;
    let note = SignedNote::parse(&std::fs::read(own.join("checkpoint")).unwrap()).unwrap();
    let witness = node::log::keys::load(&world.witness_configs[0].signing_key_file).unwrap();
    let lines = vec![note.signatures()[0].clone(), witness.cosign(note.text(), start + 500).unwrap()];
    std::fs::write(own.join("checkpoint"), SignedNote::new(note.text().to_owned(), lines).unwrap().to_bytes()).unwrap();
    let kept = look_once(&own, &world, None, start + 3).await.next.unwrap();
    tick(&world, start + 3, 1).await;
    let look = look_once(&own, &world, Some(&kept), start + 4).await;
    let kinds: Vec<Kind> = look.evidence.iter().map(|(evidence, _)| evidence.kind).collect();
    assert_eq!((kinds, exit_status(&look.findings)), (vec![Kind::WitnessRollback], Grade::Inconsistent as u8));
    assert_eq!(look.next.unwrap().witnessed().unwrap().size, 12);
    assert!(!Kind::WitnessRollback.convicts_log() && !Kind::WitnessFork.convicts_log() && Kind::Extension.convicts_log());
}

/// What an honest copy shows that lags is old, and nothing more.
#[tokio::test(flavor = "multi_thread")]
async fn log_59_a_copy_that_lags_is_stale() {
    let world = World::new(LogKind::Orders, 1, 1).await;
    let start = base();
    tick(&world, start, 2).await;
    let lagging = copy(&world, "lagging");
    tick(&world, start + 2, 2).await;
    let kept = look_once(&world.config.state_dir, &world, None, start + 4).await.next.unwrap();
    let look = look_once(&lagging, &world, Some(&kept), start + 4).await;
    assert_eq!((exit_status(&look.findings), look.next.is_none()), (Grade::Stale as u8, true), "{:?}", look.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_87_across_sizes_the_first_entry_that_differs_convicts() {
    let mut world = alone().await;
    let start = base();
    let first = forked(&mut world, start, 3, 2).await;
    let second = world.config.state_dir.clone();
    tick(&world, start + 3, 4).await;
    for dir in [&first, &second] {
        std::fs::write(dir.join("checkpoint"), state_note(dir)).unwrap();
    }
    let views = [View::of_reader("first", reader(&first)).await.unwrap(), View::of_reader("second", reader(&second)).await.unwrap()];
    assert!(views[0].head.size < views[1].head.size);
    let found = compare(&views, &world.policy()).await;
    assert_eq!(exit_status(&found.findings), Grade::Inconsistent as u8, "{:?}", found.findings);
    let (evidence, conviction) = &found.evidence[0];
    assert_eq!((evidence.kind, conviction.culprits.len()), (Kind::SameIndex, 1));
    // A follower that kept the first story is not led into the second.
    let kept = look_once(&first, &world, None, start).await;
    let led = look(&reader(&second), &world.policy(), &promise(), kept.next.as_ref(), start).await;
    assert!(exit_status(&led.findings) == Grade::Inconsistent as u8 && led.next.is_none(), "{:?}", led.findings);
}

/// The notes of all states, oldest first.
fn state_notes(dir: &Path) -> Vec<Vec<u8>> {
    let mut states: Vec<PathBuf> = std::fs::read_dir(dir.join("state")).unwrap().flatten().map(|entry| entry.path()).collect();
    states.sort();
    let note = |path: PathBuf| std::fs::read_to_string(path).unwrap().split_once("\n\n").unwrap().1.as_bytes().to_vec();
    states.into_iter().map(note).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_94_a_head_without_a_quorum_is_remembered_and_never_followed() {
    let mut world = World::new(LogKind::Orders, 1, 1).await;
    let (start, own) = (base(), world.config.state_dir.clone());
    tick(&world, start, 3).await;
    let kept = look_once(&own, &world, None, start + 3).await.next.unwrap();
    let (other, truth) = (copy(&world, "other"), world.dir.path().join("truth"));
    // The true history goes on, cosigned; another one, with other leaves, goes on without any witness.
    tick(&world, start + 3, 2).await;
    std::fs::rename(&own, &truth).unwrap();
    std::fs::rename(&other, &own).unwrap();
    let common = state_notes(&own).len();
    world.config.witnesses.clear();
    let mut shell = world.shell(start + 3).await.unwrap();
    node::log::shell::lock(&shell.engine).admit(node::log::submit::orders_leaf(&[5; 32], false));
    for n in 0..3 {
        shell.tick(start + 3 + n).await.unwrap();
    }
    drop(shell);
    let forged: Vec<Vec<u8>> = state_notes(&own).into_iter().skip(common).collect();
    assert!(3 <= forged.len());
    // Smaller than the true one, as large, larger.
    let mut convicted = 0;
    for note in &forged {
        std::fs::write(own.join("checkpoint"), note).unwrap();
        let led = look_once(&own, &world, Some(&kept), start + 6).await;
        assert_eq!(exit_status(&led.findings), Grade::QuorumShort as u8, "{:?}", led.findings);
        let led = Followed::parse(&led.next.unwrap().to_bytes()).unwrap();
        assert_eq!(led.witnessed(), kept.witnessed(), "it is no history");
        assert!(kept.witnessed().unwrap().size < led.newest().unwrap().size, "and not forgotten");
        let back = look_once(&truth, &world, Some(&led), start + 6).await;
        if 20 < led.newest().unwrap().size {
            // Too small yet to be held against it: it is followed, and the other is not forgotten.
            assert_eq!(exit_status(&back.findings), Grade::Stale as u8, "{:?}", back.findings);
            let next = back.next.unwrap();
            assert_eq!((next.witnessed().unwrap().size, next.newest()), (20, led.newest()));
            continue;
        }
        assert_eq!(exit_status(&back.findings), Grade::Inconsistent as u8, "{:?}", back.findings);
        assert_eq!(back.heads, [led.newest().unwrap().note.clone(), back.next.as_ref().unwrap().witnessed().unwrap().note.clone()]);
        convicted += back.evidence.len();
        let next = back.next.expect("what a quorum cosigned goes on");
        assert_eq!((next.witnessed().unwrap().size, next.newest()), (20, next.witnessed()));
        let calm = look_once(&truth, &world, Some(&next), start + 6).await;
        assert!(calm.findings.is_empty(), "it is told once: {:?}", calm.findings);
    }
    assert_eq!(convicted, 1, "of one size two roots convict by themselves");
    // Nobody cosigned either story: the first one stays, and where the second is large enough to be held against it, it is told.
    let second = state_notes(&truth).pop().unwrap();
    std::fs::write(truth.join("checkpoint"), without_witnesses(&second)).unwrap();
    for (note, grade) in [(&forged[0], Grade::Inconsistent), (forged.last().unwrap(), Grade::QuorumShort)] {
        std::fs::write(own.join("checkpoint"), note).unwrap();
        let first = look_once(&own, &world, None, start + 6).await.next.unwrap();
        assert!(first.witnessed().is_none());
        let again = Followed::parse(&first.to_bytes()).unwrap();
        let led = look_once(&truth, &world, Some(&again), start + 6).await;
        assert_eq!(exit_status(&led.findings), grade as u8, "{:?}", led.findings);
        let newest = led.next.as_ref().unwrap_or(&again).newest().unwrap().note.clone();
        assert_eq!((led.next.is_none(), newest), (grade == Grade::Inconsistent, note.clone()));
    }
}

/// The log's own signature, and nobody else's.
fn without_witnesses(note: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(note).unwrap();
    let (body, signatures) = text.split_once("\n\n").unwrap();
    let own = signatures.lines().next().unwrap();
    format!("{body}\n\n{own}\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_89_what_a_witness_holds_is_compared_with_what_the_log_shows() {
    let world = World::new(LogKind::Orders, 1, 1).await;
    let start = base();
    tick(&world, start, 2).await;
    let prefix = format!("http://{}", world.witnesses[0].address);
    let own = reader(&world.config.state_dir);
    let look = look_at_witness(&prefix, &own, &world.policy(), &world.config.origin).await;
    assert!(look.findings.is_empty() && look.evidence.is_empty(), "{:?}", look.findings);
    // The log's own key over another root of the same size, shown to us alone.
    let signer = node::log::keys::load(&world.config.signing_key_file).unwrap();
    let origin = verify::log::origin::Origin::parse(&world.config.origin).unwrap();
    let forged = verify::log::checkpoint::Checkpoint { origin, size: 8, root: [9; 32] };
    std::fs::write(world.config.state_dir.join("checkpoint"), signer.sign_note(&forged.to_text()).unwrap().to_bytes()).unwrap();
    let look = look_at_witness(&prefix, &own, &world.policy(), &world.config.origin).await;
    assert_eq!(look.evidence.len(), 1, "{:?}", look.findings);
    assert_eq!(look.evidence[0].0.kind, Kind::SameSize);
}

/// A log whose only witness never answers: nothing is published, but every state holds a head that the log alone signed.
async fn alone() -> World {
    let mut world = World::new(LogKind::Orders, 1, 1).await;
    std::fs::write(&world.config.tlog_policy_file, split_policy(&world)).unwrap();
    world.config.witnesses.clear();
    world
}

fn split_policy(world: &World) -> String {
    let log = std::fs::read_to_string(&world.config.tlog_policy_file).unwrap();
    let line = log.lines().find(|line| line.starts_with("log ")).unwrap().to_owned();
    let key = node::log::keys::generate(
        &world.dir.path().join("away.key"),
        "away.example/w",
        verify::log::vkey::KeyKind::Cosignature,
        &mut seal::entropy::SystemEntropy,
    );
    format!("{line}\nwitness away {}\nquorum away\n", key.unwrap())
}

/// The head of the newest state, signed by the log: what an unpublished tick leaves.
fn state_note(dir: &Path) -> Vec<u8> {
    let newest = std::fs::read_dir(dir.join("state")).unwrap().flatten().map(|entry| entry.path()).max().unwrap();
    let text = std::fs::read_to_string(newest).unwrap();
    let note = text.split_once("\n\n").unwrap().1;
    SignedNote::parse(note.as_bytes()).unwrap().to_bytes()
}

//! T2 (Athens): monitoring and logging were bypassed, and an accident told. Here the operator takes one row out of the log, with key,
//! store and program at hand, and everybody who looks is told within a tick.

use std::time::Duration;

use node::log::audit::{Grade, Promise, exit_status};
use node::log::client::LogReader;
use node::log::config::LogKind;
use node::log::engine::Stop;
use node::log::fetch::Fetch;
use node::log::follow::look;
use node::log::store::Store;
use node::log::submit::orders_leaf;
use node::log::tiles::Source;
use node::log::views::{View, compare};
use verify::log::checkpoint::Checkpoint;
use verify::log::note::SignedNote;
use verify::log::split::Kind;
use verify::log::witness::Request;

use crate::world::{World, base, copy_folder};

#[tokio::test(flavor = "multi_thread")]
async fn log_64_log_87_t2_a_deleted_row_is_told_by_log_witness_and_monitor_within_a_tick() {
    let mut world = World::new(LogKind::Orders, 1, 1).await;
    let (start, own, truth) = (base(), world.config.state_dir.clone(), world.dir.path().join("truth"));
    let promise = Promise { kind: LogKind::Orders, tick_interval_s: 1, batch_entries: 4, freshness_s: 600, statement_keys: Vec::new() };
    world.shell(start).await.unwrap().tick(start).await.unwrap();
    let before = world.dir.path().join("before");
    copy_folder(&own, &before);
    // An opening is logged, and the monitor has seen its tick.
    let mut shell = world.shell(start + 1).await.unwrap();
    node::log::shell::lock(&shell.engine).admit(orders_leaf(&[5; 32], false));
    shell.tick(start + 1).await.unwrap();
    drop(shell);
    let reader = |dir: &std::path::Path| LogReader::of(Source::Store(Store::local(dir).unwrap()));
    let seen = look(&reader(&own), &world.policy(), &promise, None, start + 1).await;
    let kept = seen.next.filter(|_| seen.findings.is_empty()).unwrap();
    // The same log without that tick. Our program does not go on from there.
    std::fs::rename(&own, &truth).unwrap();
    std::fs::rename(&before, &own).unwrap();
    let mut honest = world.shell(start + 2).await.unwrap();
    assert!(matches!(honest.ask_witnesses().await, Err(Stop::StateIsOld { witnessed: 8, ours: 4, .. })));
    drop(honest);
    // So another one does, that asks no witness, until it is past what was seen.
    world.config.witnesses.clear();
    let mut lying = world.shell(start + 2).await.unwrap();
    for now in start + 2..start + 4 {
        lying.tick(now).await.unwrap();
    }
    drop(lying);
    let states = std::fs::read_dir(own.join("state")).unwrap().flatten().map(|entry| entry.path());
    let text = std::fs::read_to_string(states.max().unwrap()).unwrap();
    let note = SignedNote::parse(text.split_once("\n\n").unwrap().1.as_bytes()).unwrap();
    let size = Checkpoint::of_note(&note).unwrap().size;
    assert_eq!(size, 12);
    // The witness does not cosign it, whatever it is sent: it holds 8 of the true history.
    let path = Source::Store(Store::local(&own).unwrap()).consistency(8, size).await.unwrap();
    let request = Request::new(8, path, note.clone()).unwrap().to_bytes();
    let url = format!("http://{}/add-checkpoint", world.witnesses[0].address);
    let answer = Fetch::new(Duration::from_secs(20)).post(&url, request, 65_536).await.unwrap();
    assert_eq!(answer.status, 422, "inconsistent");
    // The monitor is shown the history without the row, and says so at once; who compares convicts.
    std::fs::write(own.join("checkpoint"), note.to_bytes()).unwrap();
    let led = look(&reader(&own), &world.policy(), &promise, Some(&kept), start + 4).await;
    assert_eq!(exit_status(&led.findings), Grade::Inconsistent as u8, "{:?}", led.findings);
    let views = [View::of_reader("truth", reader(&truth)).await.unwrap(), View::of_reader("now", reader(&own)).await.unwrap()];
    let found = compare(&views, &world.policy()).await;
    assert_eq!(exit_status(&found.findings), Grade::Inconsistent as u8, "{:?}", found.findings);
    let (evidence, conviction) = &found.evidence[0];
    assert_eq!((evidence.kind, &conviction.culprits[..]), (Kind::SameIndex, &[world.config.origin.clone()][..]));
}

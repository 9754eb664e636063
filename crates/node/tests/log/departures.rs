//! Fake witnesses, one per departure of log.md section 8 and log-interop.md section 5, and liars (test 12).
//!
//! Each answers exactly as recorded there; the client must come to the same result with each.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use node::log::config::LogKind;
use node::log::engine::{Alarm, Stop};
use node::log::fetch::Answer;
use node::log::shell::{Event, lock};
use node::log::witness_client::{Meaning, meaning};

use crate::world::{World, base};

/// Serves one fixed answer to everything.
async fn fake(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(any(move || {
        let answer = answer.clone();
        async move { answer() }
    }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn fake_at(answer: impl Fn(String) -> Response + Clone + Send + Sync + 'static) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(any(move |uri: axum::http::Uri| {
        let answer = answer.clone();
        async move { answer(uri.path().to_owned()) }
    }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn plain(status: u16, content_type: &'static str, body: impl Into<String>) -> Response {
    (StatusCode::from_u16(status).unwrap(), [("content-type", content_type)], body.into()).into_response()
}

/// One tick of a log whose second witness of three is the fake one; k = 2, so the log must get through without it.
async fn tick_with(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) -> (Result<(), Stop>, Vec<Event>, World) {
    let mut world = World::new(LogKind::Orders, 3, 2).await;
    world.config.witnesses[1].url = fake(answer).await;
    world.config.witness_timeout_ms = 20_000;
    let start = base();
    let mut shell = world.shell(start).await.unwrap();
    let outcome = shell.tick(start).await;
    if outcome.is_ok() {
        assert_eq!(lock(&shell.engine).size(), 4);
    }
    let events = world.events.lock().unwrap().clone();
    (outcome, events, world)
}

async fn no_signature(answer: impl Fn() -> Response + Clone + Send + Sync + 'static) {
    let (outcome, events, world) = tick_with(answer).await;
    assert_eq!(outcome, Ok(()));
    assert!(events.iter().any(|event| matches!(event, Event::Witness { name, .. } if name == "w1")), "{events:?}");
    let head = std::fs::read(world.config.state_dir.join("checkpoint")).unwrap();
    assert_eq!(world.policy().check(&head, None).unwrap().votes().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_76_no_meaning_is_read_into_403_404_500_or_a_redirect() {
    for status in [301, 400, 403, 404, 429, 500, 503] {
        no_signature(move || plain(status, "text/plain", "no\n")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn log_77_lying_oversize_and_foreign_lines_are_dropped() {
    no_signature(|| plain(200, "text/plain", "")).await;
    no_signature(|| plain(200, "text/plain", "\u{2014} witness.example/w1 AAAA\n")).await;
    no_signature(|| plain(200, "text/plain", "x".repeat(70_000))).await;
    // A well-formed line of another witness.
    let seed = seal::secret::Secret::new([3; 32]);
    let key = seal::signature::SigningKey::from_seed(seed).unwrap();
    let name = verify::log::vkey::KeyName::parse("witness.example/w1").unwrap();
    let stranger = verify::log::note::Signer::new(name, verify::log::vkey::KeyKind::Cosignature, key);
    let line = stranger.cosign("log.example/orders/2027\n4\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", base()).unwrap();
    let line = format!("{}\n", line.to_line().trim_end());
    no_signature(move || plain(200, "text/plain", line.clone())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_witness_costs_its_time_limit_and_nothing_else() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut world = World::new(LogKind::Orders, 3, 2).await;
    world.config.witnesses[0].url = url;
    world.config.witness_timeout_ms = 3_000;
    let start = base();
    let mut shell = world.shell(start).await.unwrap();
    // It never answers: a log that waited for it would wait until the end of the test.
    tokio::time::timeout(Duration::from_secs(60), shell.tick(start)).await.unwrap().unwrap();
    assert!(world.config.state_dir.join("checkpoint").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn log_76_log_64_a_larger_size_without_a_head_of_ours_is_no_signature_and_stops_nothing() {
    no_signature(|| plain(409, "text/x.tlog.size", "4711\n")).await;
}

/// A head of 4711 leaves that the second witness cosigned, and our own key if it says so.
fn larger(signed_by_us: bool) -> (Arc<Mutex<Vec<u8>>>, impl Fn(&World) + Clone) {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let put = shown.clone();
    let make = move |world: &World| {
        let origin = verify::log::origin::Origin::parse(&world.config.origin).unwrap();
        let text = verify::log::checkpoint::Checkpoint { origin, size: 4711, root: [5; 32] }.to_text();
        let ours = node::log::keys::load(&world.config.signing_key_file).unwrap();
        let witness = node::log::keys::load(&world.witness_configs[1].signing_key_file).unwrap();
        let mut lines = vec![witness.cosign(&text, base()).unwrap()];
        if signed_by_us {
            lines.insert(0, ours.sign(&text).unwrap());
        }
        *put.lock().unwrap() = verify::log::note::SignedNote::new(text, lines).unwrap().to_bytes();
    };
    (shown, make)
}

#[tokio::test(flavor = "multi_thread")]
async fn log_64_a_witness_stops_a_log_with_the_logs_own_signature_and_with_nothing_else() {
    for signed_by_us in [true, false] {
        let (shown, make) = larger(signed_by_us);
        let mut world = World::new(LogKind::Orders, 3, 2).await;
        make(&world);
        let answer = move |path: String| match path.ends_with("/checkpoint") {
            true => (StatusCode::OK, shown.lock().unwrap().clone()).into_response(),
            false => plain(409, "text/x.tlog.size", "4711\n"),
        };
        world.config.witnesses[1].url = fake_at(answer).await;
        let mut shell = world.shell(base()).await.unwrap();
        let old = Stop::StateIsOld { witness: "w1".into(), witnessed: 4711, ours: 0 };
        assert_eq!(shell.ask_witnesses().await, if signed_by_us { Err(old) } else { Ok(true) });
        let stopped = shell.tick(base()).await;
        assert_eq!(stopped.is_err(), signed_by_us, "{stopped:?}");
        assert_eq!(world.config.state_dir.join("checkpoint").exists(), !signed_by_us);
    }
}

/// LOG-64: who claims more and shows nothing has not answered; so many that they could be a quorum, and nothing is signed.
#[tokio::test(flavor = "multi_thread")]
async fn log_64_those_who_claim_more_are_no_answers() {
    let mut world = World::new(LogKind::Orders, 4, 3).await;
    for (liars, may_sign) in [(1, true), (2, true), (3, false)] {
        world.config.witnesses[liars - 1].url = fake(|| plain(409, "text/x.tlog.size", "4711\n")).await;
        let mut shell = world.shell(base()).await.unwrap();
        assert_eq!(shell.ask_witnesses().await, Ok(may_sign), "{liars}");
        let told = world.events.lock().unwrap().clone();
        assert!(told.iter().any(|event| matches!(event, Event::Witness { why, .. } if why.contains("4711"))), "{told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn log_76_a_409_that_never_agrees_gets_one_retry() {
    no_signature(|| plain(409, "text/x.tlog.size", "2\n")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn log_23_log_88_inconsistency_is_an_alarm_with_both_notes_kept() {
    // transparency-dev/witness before PR #576: 409 without the size type for a split view; the text says 422.
    for (status, content_type) in [(422, "text/plain"), (409, "text/plain; charset=utf-8"), (409, "")] {
        let (outcome, events, world) = tick_with(move || plain(status, content_type, "held: another root\n")).await;
        assert_eq!(outcome, Ok(()));
        assert!(events.contains(&Event::ClaimsInconsistency { name: "w1".into(), status }), "{events:?}");
        assert!(!events.iter().any(|event| matches!(event, Event::Alarm(Alarm::NoQuorum { .. }))));
        let kept = world.objects("evidence");
        assert_eq!(kept.len(), 2);
        assert!(kept.iter().any(|path| std::fs::read(path).unwrap() == b"held: another root\n"));
    }
}

#[test]
fn log_76_every_status_has_one_meaning() {
    let answer =
        |status, content_type: &str, body: &str| Answer { status, content_type: content_type.into(), body: body.to_owned().into() };
    let size = "text/x.tlog.size";
    for (given, expected) in [
        (answer(200, "", ""), Meaning::Signed),
        (answer(409, size, "70\n"), Meaning::Holds(70)),
        (answer(409, size, "100\n"), Meaning::Holds(100)),
        (answer(409, size, "101\n"), Meaning::Ahead(101)),
        (answer(409, size, "070\n"), Meaning::ClaimsInconsistency),
        (answer(409, size, "70"), Meaning::ClaimsInconsistency),
        (answer(409, size, "seventy\n"), Meaning::ClaimsInconsistency),
        (answer(409, "text/plain", "70\n"), Meaning::ClaimsInconsistency),
        (answer(422, size, "70\n"), Meaning::ClaimsInconsistency),
        (answer(404, "", ""), Meaning::Nothing),
        (answer(403, "", ""), Meaning::Nothing),
        (answer(500, "", ""), Meaning::Nothing),
        (answer(202, "", ""), Meaning::Nothing),
    ] {
        assert_eq!(meaning(&given, 100), expected, "{given:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn log_75_only_the_logs_own_line_is_sent() {
    let mut world = World::new(LogKind::Orders, 2, 1).await;
    let (sent, asked) = std::sync::mpsc::channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.config.witnesses[1].url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(any(move |body: axum::body::Bytes| {
        sent.send(body).unwrap();
        async { StatusCode::NOT_FOUND }
    }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let start = base();
    let mut shell = world.shell(start).await.unwrap();
    // The second tick comes after a published head with the other witness's line.
    shell.tick(start).await.unwrap();
    shell.tick(start + 1).await.unwrap();
    let requests: Vec<_> = asked.try_iter().map(|body| verify::log::witness::Request::parse(&body).unwrap()).collect();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!((request.old, request.checkpoint.signatures().len()), (0, 1));
        assert!(request.to_bytes().len() < 16_384);
    }
}

//! ORDERS as a process: mutual TLS in, receipts out.

use node::log::client::{ClientError, LogReader, OrdersSubmitter, SubmitterConfig, Urgency};
use node::log::config::LogKind;
use node::log::submit::orders_leaf;
use verify::log::leaf;
use verify::log::proof::TlogProof;

use crate::world::{PATIENCE, World, awaited};

pub fn submitter(world: &World, address: std::net::SocketAddr, who: &str, pin: &str) -> OrdersSubmitter {
    OrdersSubmitter::new(SubmitterConfig {
        address: address.to_string(),
        server_certificate_sha256: pin.to_owned(),
        certificate_file: world.dir.path().join(format!("{who}.pem")),
        private_key_file: world.dir.path().join(format!("{who}.key.pem")),
        timeout_ms: 60_000,
    })
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_29_log_30_a_commitment_becomes_a_receipt_that_the_policy_accepts() {
    let world = World::new(LogKind::Orders, 3, 3).await;
    let running = node::log::start(world.config.clone(), Box::new(drop)).await.unwrap();
    let submit = running.submit.unwrap();
    let gateway = submitter(&world, submit, "gateway", &world.server_pin);
    let c = [42; 32];
    gateway.submit(&c, Urgency::Normal).await.unwrap();
    gateway.submit(&c, Urgency::Urgent).await.unwrap();
    let reader = LogReader::new(&format!("http://{}", running.reading), PATIENCE).unwrap();
    let d = leaf::commitment_d(&c);
    let proof = TlogProof::parse(&reader.await_receipt(&d, PATIENCE).await.unwrap()).unwrap();
    let logged = proof.verify(leaf::leaf_hash(&d), &world.policy(), None).unwrap();
    assert_eq!(logged.head().votes().len(), 3);
    assert!(proof.verify(leaf::leaf_hash(&[0; 32]), &world.policy(), None).is_err());

    // LOG-31: constant width, and every byte made by the log; the two submissions are one leaf.
    let head = reader.head().await.unwrap();
    assert_eq!(head.size % 4, 0);
    let mut seen = 0;
    reader
        .replay(&head, &mut |_, entry| {
            assert_eq!(entry.len(), 49);
            seen += u32::from(entry == orders_leaf(&c, false).entry);
        })
        .await
        .unwrap();
    assert_eq!(seen, 1);
    let entries = reader.entries(proof.index, proof.index + 1, &head).await.unwrap();
    assert_eq!(entries, [orders_leaf(&c, false).entry]);
    reader.inclusion_of(proof.index, &leaf::leaf_hash(&d), &head).await.unwrap();

    // The log goes on, and the newer head extends the older one.
    let newer = awaited("a larger head", async || reader.head().await.ok().filter(|newer| head.size < newer.size)).await;
    reader.extends(&head, &newer).await.unwrap();
    assert_eq!(reader.receipt(&[1; 32]).await.unwrap(), None);
    running.until(async {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn log_29_strangers_and_other_servers_get_no_connection() {
    let world = World::new(LogKind::Orders, 1, 1).await;
    let running = node::log::start(world.config.clone(), Box::new(drop)).await.unwrap();
    let submit = running.submit.unwrap();
    let stranger = submitter(&world, submit, "stranger", &world.server_pin);
    assert!(matches!(stranger.submit(&[1; 32], Urgency::Normal).await, Err(ClientError::Unavailable(_))));
    let fooled = submitter(&world, submit, "gateway", &"00".repeat(32));
    assert!(matches!(fooled.submit(&[1; 32], Urgency::Normal).await, Err(ClientError::Unavailable(_))));
    assert_eq!(node::log::shell::lock(&running.engine).waiting(), 0);
    // LOG-29: the cap. 16 a tick, four ticks' worth at once.
    let gateway = submitter(&world, submit, "gateway", &world.server_pin);
    let mut refused = 0;
    for n in 0..200u8 {
        match gateway.submit(&[n; 32], Urgency::Normal).await {
            Ok(()) => {}
            Err(ClientError::Refused { status: 429, .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(0 < refused);
    running.until(async {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn log_21_log_01_readers_get_c2sp_paths_and_nothing_else() {
    let world = World::new(LogKind::Orders, 1, 1).await;
    let running = node::log::start(world.config.clone(), Box::new(drop)).await.unwrap();
    let base = format!("http://{}", running.reading);
    let reader = LogReader::new(&base, PATIENCE).unwrap();
    awaited("a head", async || reader.head().await.ok().filter(|head| 0 < head.size)).await;
    let fetch = node::log::fetch::Fetch::new(PATIENCE);
    let status = async |path: &str| fetch.get(&format!("{base}/{path}"), 1 << 20).await.unwrap().status;
    assert_eq!(status("tile/0/000.p/4").await, 200);
    assert_eq!(status("tile/entries/000.p/4").await, 200);
    for hostile in [
        "state/00000000000000000000",
        "tile/../state/00000000000000000000",
        "tile/%2e%2e/state/00000000000000000000",
        "tile/8/0/000.p/4",
        "tile/64/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/0.p/4",
        "staging/x",
        "lock",
        "proof/0",
        "proof/1",
        "receipt/ff",
        "evidence/x",
    ] {
        assert_eq!(status(hostile).await, 404, "{hostile}");
    }
    running.until(async {}).await.unwrap();
}

/// Dummies are found again and ticks are audited by the width (decision 0159).
#[tokio::test(flavor = "multi_thread")]
async fn log_31_a_shard_keeps_the_width_that_it_began_with() {
    let world = World::new(LogKind::Orders, 1, 1).await;
    let mut config = world.config.clone();
    let start = async |config: &node::log::config::LogConfig| match node::log::start(config.clone(), Box::new(drop)).await {
        Ok(running) => running.until(async {}).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    assert_eq!(start(&config).await, Ok(()));
    for width in [2, 8] {
        config.batch_entries = width;
        assert!(start(&config).await.is_err_and(|text| text.contains("LOG-31")), "{width}");
    }
    config.batch_entries = world.config.batch_entries;
    config.tick_interval_s += 1;
    assert_eq!(start(&config).await, Ok(()), "T may change");
}

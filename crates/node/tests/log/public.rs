//! PUBLIC: statements by keys of the policy, idle heads cosigned again.

use node::log::client::{ClientError, LogReader, PublicSubmitter};
use node::log::config::LogKind;
use node::log::keys;
use verify::log::proof::TlogProof;

use crate::world::{PATIENCE, World, awaited};

fn statement(world: &World, text: &str) -> Vec<u8> {
    keys::load(&world.dir.path().join("statement.key")).unwrap().sign_note(text).unwrap().to_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_44_statements_of_policy_keys_are_logged_as_received() {
    let world = World::new(LogKind::Public, 2, 2).await;
    let running = node::log::start(world.config.clone(), Box::new(drop)).await.unwrap();
    let base = format!("http://{}", running.reading);
    let submitter = PublicSubmitter::new(&base, PATIENCE).unwrap();
    let reader = LogReader::new(&base, PATIENCE).unwrap();
    let mut keys = Vec::new();
    for n in 0..40 {
        keys.push(submitter.submit(&statement(&world, &format!("waarborg-public/v1 note\nindex {n}\n"))).await.unwrap());
    }
    let mut indexes = Vec::new();
    for key in &keys {
        let proof = TlogProof::parse(&reader.await_receipt(key, PATIENCE).await.unwrap()).unwrap();
        proof.verify(*key, &world.policy(), None).unwrap();
        indexes.push(proof.index);
    }
    assert_eq!(indexes, (0..40).collect::<Vec<_>>());
    // Again is the same leaf, not another one: the next new one stands right behind the forty.
    submitter.submit(&statement(&world, "waarborg-public/v1 note\nindex 3\n")).await.unwrap();
    let next = submitter.submit(&statement(&world, "waarborg-public/v1 note\nindex 40\n")).await.unwrap();
    let proof = TlogProof::parse(&reader.await_receipt(&next, PATIENCE).await.unwrap()).unwrap();
    assert_eq!(proof.index, 40);

    let stranger = seal::signature::SigningKey::generate(&mut seal::entropy::SystemEntropy).unwrap();
    let name = verify::log::vkey::KeyName::parse("provider.example").unwrap();
    let stranger = verify::log::note::Signer::new(name, verify::log::vkey::KeyKind::Ed25519, stranger);
    let foreign = stranger.sign_note("waarborg-public/v1 note\nindex 3\n").unwrap().to_bytes();
    for refused in [foreign, statement(&world, "waarborg-private/v1 note\n"), b"no note".to_vec()] {
        assert!(matches!(submitter.submit(&refused).await, Err(ClientError::Refused { status: 422, .. })));
    }
    running.until(async {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn log_15_an_idle_head_gets_a_fresh_time_and_no_state() {
    let world = World::new(LogKind::Public, 1, 1).await;
    let running = node::log::start(world.config.clone(), Box::new(drop)).await.unwrap();
    let reader = LogReader::new(&format!("http://{}", running.reading), PATIENCE).unwrap();
    let time = async || {
        let head = reader.head().await.ok()?;
        Some((head.size, world.policy().check(&head.note, None).unwrap().not_before()))
    };
    assert_eq!(time().await, None, "an empty tree is not published");
    let submitter = PublicSubmitter::new(&format!("http://{}", running.reading), PATIENCE).unwrap();
    let key = submitter.submit(&statement(&world, "waarborg-public/v1 note\n")).await.unwrap();
    reader.await_receipt(&key, PATIENCE).await.unwrap();
    let first = time().await.unwrap();
    let later = awaited("a fresh time", async || time().await.filter(|later| first.1 < later.1)).await;
    assert_eq!((first.0, later.0), (1, 1));
    assert_eq!(world.objects("state").iter().filter(|path| path.to_string_lossy().contains("/state/0")).count(), 2);
    running.until(async {}).await.unwrap();
}

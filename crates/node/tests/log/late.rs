//! LOG-54 over two real logs: who handed in an overdue leaf is named in PUBLIC and hands in nothing more, until the leaf is disclosed.

use node::log::client::{ClientError, LogReader, PublicSubmitter, Urgency};
use node::log::config::{LateConfig, LogKind};
use node::log::keys;
use node::log::late::Watch;
use node::log::store::Store;
use node::log::submitters::Submitters;
use std::sync::{Arc, Mutex};
use verify::calendar::Day;
use verify::log::Refusal;
use verify::log::leaf;
use verify::log::proof::TlogProof;
use verify::names::DirectoryId;
use verify::statement::{Dummies, LateSubmitter, SignedStatement, Statement};

use crate::fixture;
use crate::orders::submitter;
use crate::world::{PATIENCE, World, base};

/// A policy of these logs whose operator has the test's statement key; the rest of it is the fixture's.
fn policy(public: &World, orders: &World, statement_key: &std::path::Path) -> Vec<u8> {
    let mut people = fixture::World::new(7);
    people.parts.public = std::fs::read_to_string(&public.config.tlog_policy_file).unwrap();
    people.parts.orders = std::fs::read_to_string(&orders.config.tlog_policy_file).unwrap();
    people.parts.log_operators = vec![keys::load(statement_key).unwrap().vkey().clone()];
    people.policy().to_bytes().to_vec()
}

fn watch(orders: &World, config: &LateConfig) -> Watch {
    let submitters = Arc::new(Mutex::new(Submitters::open(&orders.config.state_dir).unwrap()));
    Watch::new(config, &orders.config.origin, Store::local(&orders.config.state_dir).unwrap(), submitters).unwrap()
}

/// Hands the commitment in at the log as it stands on its disk, and tells whether it took it.
async fn is_taken(orders: &World, c: &[u8; 32]) -> bool {
    let running = node::log::start(orders.config.clone(), Box::new(drop)).await.unwrap();
    let gateway = submitter(orders, running.submit.unwrap(), "gateway", &orders.server_pin);
    let taken = match gateway.submit(c, Urgency::Urgent).await {
        Ok(()) => true,
        Err(ClientError::Refused { status: 403, text }) if text.contains("LOG-54") => false,
        Err(error) => panic!("{error}"),
    };
    running.until(async {}).await.unwrap();
    taken
}

/// Whoever answers in a log's place, or shows PUBLIC as it was, could leave out a disclosure: nobody is named or blocked on it.
async fn heads_that_do_not_count(public: &World, orders: &World, config: &LateConfig, day: Day) {
    let refused = async |config: &LateConfig, now: u64| match watch(orders, config).look(day, now).await {
        Err(ClientError::NotBelieved(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(config, base() + 2 * 900).await, Refusal::NotFresh);
    let (other_public, other_orders) = (World::new(LogKind::Public, 1, 1).await, World::new(LogKind::Orders, 1, 1).await);
    let foreign = orders.dir.path().join("foreign-policy");
    let config = LateConfig { policy_files: vec![foreign.clone()], ..config.clone() };
    for (public, orders) in [(&other_public, orders), (public, &other_orders)] {
        std::fs::write(&foreign, policy(public, orders, &config.statement_key_file)).unwrap();
        assert_eq!(refused(&config, base()).await, Refusal::NotSignedByLog);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn log_54_who_handed_in_an_overdue_leaf_is_named_and_blocked_until_it_is_disclosed() {
    let (public, orders) = (World::new(LogKind::Public, 1, 1).await, World::new(LogKind::Orders, 1, 1).await);
    let publishing = node::log::start(public.config.clone(), Box::new(drop)).await.unwrap();
    let url = format!("http://{}", publishing.reading);
    let reader = LogReader::new(&url, PATIENCE).unwrap();
    let (statement_key, publisher) = (public.dir.path().join("statement.key"), PublicSubmitter::new(&url, PATIENCE).unwrap());
    let publish = async |statement: Statement| {
        let signed = SignedStatement::sign(statement, &[&keys::load(&statement_key).unwrap()]).unwrap();
        let key = publisher.submit(&signed.to_bytes()).await.unwrap();
        reader.await_receipt(&key, PATIENCE).await.unwrap();
    };

    // One leaf of the gateway's among the dummies, and a head that dates them.
    let (r, logging) = ([5; 32], node::log::start(orders.config.clone(), Box::new(drop)).await.unwrap());
    let c = leaf::dummy_commitment(&r);
    submitter(&orders, logging.submit.unwrap(), "gateway", &orders.server_pin).submit(&c, Urgency::Normal).await.unwrap();
    let own = LogReader::new(&format!("http://{}", logging.reading), PATIENCE).unwrap();
    let proof = TlogProof::parse(&own.await_receipt(&leaf::commitment_d(&c), PATIENCE).await.unwrap()).unwrap();
    let head = own.head().await.unwrap();
    publish(Statement::Head(head.note.clone())).await;
    logging.until(async {}).await.unwrap();

    let policy_file = orders.dir.path().join("policy");
    std::fs::write(&policy_file, policy(&public, &orders, &statement_key)).unwrap();
    let pin = orders.config.submit.as_ref().unwrap().client_certificates_sha256[0].clone();
    let mut config = LateConfig {
        public_url: url.clone(),
        statement_key_file: statement_key.clone(),
        policy_files: vec![policy_file],
        operator: "log.example".into(),
        submitters: [(pin.clone(), "gateway.example".to_owned())].into(),
    };
    let due = Day(Day::containing(base()).0 + 366);
    let on = |days: u32| Day(due.0 + days);
    let early = watch(&orders, &config).look(on(2), base()).await.unwrap();
    assert!(early.named.is_empty() && early.blocked.is_empty(), "an opening may be on its way");

    heads_that_do_not_count(&public, &orders, &config, on(3)).await;
    assert!(is_taken(&orders, &[8; 32]).await);

    // A submitter whom the configuration does not name is blocked all the same, and the operator hears of it.
    let names = std::mem::take(&mut config.submitters);
    assert!(watch(&orders, &config).look(on(3), base()).await.is_err());
    assert!(!is_taken(&orders, &[9; 32]).await);
    config.submitters = names;

    let late = watch(&orders, &config).look(on(3), base()).await.unwrap();
    let name = |text: &str| DirectoryId::parse(text).unwrap();
    let named = |index| LateSubmitter { log: orders.config.origin.clone(), index, submitter: name("gateway.example") };
    assert!(late.named.contains(&named(proof.index)));
    assert_eq!(late.blocked.len(), 1);
    assert!(late.named.iter().all(|said| said.index == proof.index || said.submitter == name("log.example")), "dummies are the operator's");
    // A restart changes nothing, and neither does asking for a leaf that is in the log.
    assert!(!is_taken(&orders, &c).await);

    // Said once is said.
    let key = SignedStatement::sign(Statement::Default(late.named[0].clone()), &[&keys::load(&statement_key).unwrap()]).unwrap();
    reader.await_receipt(&key.leaf_hash(), PATIENCE).await.unwrap();
    let head = reader.head().await.unwrap();
    let again = watch(&orders, &config).look(on(4), base()).await.unwrap();
    assert!(!again.named.contains(&late.named[0]) && again.blocked == late.blocked, "{} entries", head.size);

    // Disclosed is free.
    publish(Statement::Dummy(Dummies { log: orders.config.origin.clone(), rows: vec![(proof.index, r)] })).await;
    assert!(watch(&orders, &config).look(on(5), base()).await.unwrap().blocked.is_empty());
    assert!(is_taken(&orders, &[9; 32]).await);
    publishing.until(async {}).await.unwrap();
}

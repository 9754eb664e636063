//! Accountability of secrecy over two real logs: daily heads, dummies shown, overdue found (LOG-45 to LOG-48, test 11).

use node::log::audit::Grade;
use node::log::client::{LogReader, PublicSubmitter};
use node::log::config::{DailyHead, LogKind};
use node::log::disclosure;
use node::log::dummy_keys;
use node::log::keys;
use node::log::overdue::overdue;
use node::log::shell::lock;
use node::log::submit::orders_leaf;
use verify::accountability::Terms;
use verify::calendar::Day;
use verify::statement::{Dummies, SignedStatement, Statement};

use crate::world::{PATIENCE, World, awaited, base};

#[tokio::test(flavor = "multi_thread")]
async fn log_45_log_47_log_48_an_undisclosed_index_is_overdue_after_its_deadline() {
    let public = World::new(LogKind::Public, 1, 1).await;
    let running = node::log::start(public.config.clone(), Box::new(drop)).await.unwrap();
    let url = format!("http://{}", running.reading);
    let mut orders = World::new(LogKind::Orders, 1, 1).await;
    orders.config.daily_head = Some(DailyHead { public_url: url.clone(), statement_key_file: public.dir.path().join("statement.key") });
    let logging = node::log::start(orders.config.clone(), Box::new(drop)).await.unwrap();
    lock(&logging.engine).admit(orders_leaf(&[5; 32], false));
    let public_reader = LogReader::new(&url, PATIENCE).unwrap();
    awaited("the daily head", async || public_reader.head().await.ok()).await;
    logging.until(async {}).await.unwrap();
    let (covered, origin) = (covered_by_head(&public_reader).await, orders.config.origin.clone());
    let terms = || Terms {
        origin: origin.clone(),
        orders: orders.policy(),
        max_seal_days: 366,
        max_total_seal_days: 1_000,
        confirm_within: 86_400,
        policies: Vec::new(),
        until: None,
    };
    let today = Day::containing(base());
    let on = async |day: Day| overdue(&orders_reader_of(&orders), &public_reader, terms(), day).await.unwrap();
    assert_eq!(on(Day(today.0 + 366)).await, []);
    let late = on(Day(today.0 + 368)).await;
    assert_eq!(late.len() as u64, covered, "{late:?}");
    assert!(late.iter().all(|finding| finding.grade == Grade::Overdue && finding.code == "LOG-47"));
    // LOG-54: after a week more the log has to say who submitted what is still sealed.
    let later = on(Day(today.0 + 375)).await;
    assert_eq!(later.iter().filter(|finding| finding.code == "LOG-54").count() as u64, covered);

    // The dummies are shown; what remains overdue is the one real leaf, if the first head covers it.
    let reader = orders_reader_of(&orders);
    let whole = reader.head().await.unwrap();
    let day_keys = dummy_keys::all(orders.config.dummy_keys_dir.as_ref().unwrap()).unwrap();
    let rows = disclosure::dummies(&reader, &whole, &day_keys, 4, 0..whole.size).await.unwrap();
    assert_eq!(rows.len() as u64, whole.size - 1);
    let signer = keys::load(&public.dir.path().join("statement.key")).unwrap();
    let submitter = PublicSubmitter::new(&url, PATIENCE).unwrap();
    let publish = async |statement: Statement| {
        let signed = SignedStatement::sign(statement, &[&signer]).unwrap().to_bytes();
        let key = submitter.submit(&signed).await.unwrap();
        public_reader.await_receipt(&key, PATIENCE).await.unwrap();
    };
    for statement in disclosure::statements(&origin, &rows) {
        publish(statement).await;
    }
    let late = on(Day(today.0 + 368)).await;
    assert!(late.len() <= 1, "{late:?}");

    // A wrong r is no disclosure and is said to be none.
    let real = (0..whole.size).find(|index| rows.iter().all(|(row, _)| row != index)).unwrap();
    publish(Statement::Dummy(Dummies { log: origin.clone(), rows: vec![(real, [1; 32])] })).await;
    let wrong = on(today).await;
    assert_eq!((wrong.len(), wrong[0].code), (1, "LOG-48"));
    running.until(async {}).await.unwrap();
}

fn orders_reader_of(orders: &World) -> LogReader {
    LogReader::of(orders.source())
}

/// How many ORDERS leaves the daily head covers.
async fn covered_by_head(public: &LogReader) -> u64 {
    let (head, mut covered) = (public.head().await.unwrap(), 0);
    let mut read = |_: u64, entry: &[u8]| {
        if let Statement::Head(note) = SignedStatement::parse(entry).unwrap().statement() {
            covered = node::log::client::Head::parse(note).unwrap().size;
        }
    };
    public.replay(&head, &mut read).await.unwrap();
    covered
}

//! The witness by HTTP: the answers of log.md 2.5, races, lost state.

use node::log::config::LogKind;
use node::log::fetch::{Answer, Fetch};
use node::witness::WitnessError;
use node::witness::judge::Witness;
use node::witness::rows::Rows;
use seal::merkle::{Hash, leaf_hash};
use verify::log::checkpoint::Checkpoint;
use verify::log::note::{NoteSignature, SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::quorum::Window;
use verify::log::vkey::{KeyKind, KeyName};
use verify::log::witness::{Config, Request, usable_lines};

use crate::world::{PATIENCE, World};

struct Log {
    signer: Signer,
    leaves: Vec<Hash>,
}

impl Log {
    fn of(world: &World) -> Log {
        let signer = node::log::keys::load(&world.config.signing_key_file).unwrap();
        Log { signer, leaves: (0..100u8).map(|n| leaf_hash(&[n])).collect() }
    }
    fn twin(&self, from: usize) -> Vec<Hash> {
        let mut leaves = self.leaves.clone();
        leaves[from..].iter_mut().for_each(|leaf| leaf[0] ^= 1);
        leaves
    }
    fn note(&self, leaves: &[Hash]) -> SignedNote {
        let origin = Origin::parse(self.signer.vkey().name().as_str()).unwrap();
        let head = Checkpoint { origin, size: leaves.len() as u64, root: seal::merkle::root(leaves) };
        self.signer.sign_note(&head.to_text()).unwrap()
    }
    fn request(&self, old: usize, leaves: &[Hash]) -> Vec<u8> {
        let path = if old == 0 { Vec::new() } else { seal::merkle::consistency_path(leaves, old) };
        Request::new(old as u64, path, self.note(leaves)).unwrap().to_bytes()
    }
}

async fn post(world: &World, body: Vec<u8>) -> Answer {
    let url = format!("{}/add-checkpoint", world.config.witnesses[0].url);
    Fetch::new(PATIENCE).post(&url, body, 65_536).await.unwrap()
}

async fn status(world: &World, body: Vec<u8>) -> u16 {
    post(world, body).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_the_table() {
    let world = World::new(LogKind::Public, 1, 1).await;
    let log = Log::of(&world);
    let at = |size: usize| log.leaves[..size].to_vec();
    assert_eq!(status(&world, b"garbage".to_vec()).await, 400);
    assert_eq!(status(&world, vec![b'a'; 70_000]).await, 400);
    let signed = post(&world, log.request(0, &at(5))).await;
    assert_eq!(signed.status, 200);
    let line = std::str::from_utf8(&signed.body).unwrap().strip_suffix('\n').unwrap();
    let vkey = world.policy().witnesses()[0].vkey.clone();
    assert!(NoteSignature::parse(line).unwrap().verify(&vkey, log.note(&at(5)).text()).unwrap().is_some());
    // 409 with the size, and its type.
    let other = post(&world, log.request(3, &at(9))).await;
    assert_eq!((other.status, other.content_type.as_str(), &other.body[..]), (409, "text/x.tlog.size", &b"5\n"[..]));
    // 400: old above the size. 422: wrong proof, another root at the same size. 200: the same head again.
    let above = Request::new(9, Vec::new(), log.note(&at(5))).unwrap().to_bytes();
    assert_eq!(status(&world, above).await, 400);
    assert_eq!(status(&world, log.request(5, &log.twin(2)[..9])).await, 422);
    assert_eq!(status(&world, log.request(5, &log.twin(2)[..5])).await, 422);
    assert_eq!(status(&world, log.request(5, &at(5))).await, 200);
    assert_eq!(status(&world, log.request(5, &at(70))).await, 200);
    // Rolling back: the old size is not ours any more.
    assert_eq!(status(&world, log.request(0, &at(5))).await, 409);
    // 403: nobody's signature. 404: another origin.
    let mut foreign = log.note(&at(80)).to_bytes();
    let end = foreign.len() - 4;
    foreign[end] = if foreign[end] == b'A' { b'B' } else { b'A' };
    let request = [b"old 70\n\n", &foreign[..]].concat();
    assert!([400, 403].contains(&status(&world, request).await));
    let unknown = String::from_utf8(log.request(0, &at(5))).unwrap().replace("log.example/public", "log.example/secret");
    assert_eq!(status(&world, unknown.into_bytes()).await, 404);
    // LOG-73: evidence of both 422, request and stored note each.
    let evidence = std::fs::read_dir(world.witness_configs[0].state_dir.join("evidence")).unwrap().count();
    assert_eq!(evidence, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn monitoring_shows_the_last_cosigned_head() {
    let world = World::new(LogKind::Public, 1, 1).await;
    let log = Log::of(&world);
    let origin = Origin::parse(&world.config.origin).unwrap();
    let url = format!("{}/{}/checkpoint", world.config.witnesses[0].url, verify::spelling::hex(&origin.digest()));
    let fetch = Fetch::new(PATIENCE);
    assert_eq!(fetch.get(&url, 65_536).await.unwrap().status, 404);
    post(&world, log.request(0, &log.leaves[..7])).await;
    let shown = fetch.get(&url, 65_536).await.unwrap();
    let witnessed = world.policy().check(&shown.body, None).unwrap();
    assert_eq!(witnessed.head().size, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_22_racing_requests_never_split_the_witness() {
    let world = World::new(LogKind::Public, 1, 1).await;
    let log = Log::of(&world);
    assert_eq!(status(&world, log.request(0, &log.leaves[..10])).await, 200);
    // Eight different continuations of size 10, of which at most one can be cosigned.
    let mut asked = Vec::new();
    for n in 0..8usize {
        let mut leaves = log.leaves[..12 + n].to_vec();
        leaves[11][1] ^= n as u8;
        asked.push(post(&world, log.request(10, &leaves)));
    }
    let answers = futures::future::join_all(asked).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_72_lost_state_is_not_silent_trust() {
    let mut world = World::new(LogKind::Public, 1, 1).await;
    let log = Log::of(&world);
    assert_eq!(status(&world, log.request(0, &log.leaves[..10])).await, 200);
    assert!(matches!(node::witness::start(world.witness_configs[0].clone()).await, Err(WitnessError::Locked)));
    world.stop_witness(0).await;
    let mut config = world.witness_configs[0].clone();
    assert!(matches!(node::witness::init(&config), Err(WitnessError::Exists(_))));
    // A new log in the configuration has no row: an explicit act is needed.
    config.logs.push(node::log::config::WitnessedLog {
        origin: "log.example/orders/2027".into(),
        vkeys: vec![log.signer.vkey().to_string().replace("public", "orders")],
    });
    assert!(node::witness::start(config).await.is_err());
    // The state survives a restart; without it, no start.
    let running = node::witness::start(world.witness_configs[0].clone()).await.unwrap();
    world.config.witnesses[0].url = format!("http://{}", running.address);
    assert_eq!(status(&world, log.request(0, &log.leaves[..3])).await, 409);
    running.until(async {}).await.unwrap();
    std::fs::remove_file(world.witness_configs[0].state_dir.join("heads.sqlite")).unwrap();
    assert!(matches!(node::witness::start(world.witness_configs[0].clone()).await, Err(WitnessError::NoState(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn log_71_the_row_is_stored_when_the_answer_comes() {
    let world = World::new(LogKind::Public, 1, 1).await;
    let log = Log::of(&world);
    for size in [4, 9, 33] {
        let old = world_row(&world).stored.size;
        assert_eq!(status(&world, log.request(old as usize, &log.leaves[..size])).await, 200);
        // Another connection to the file, as after a crash.
        let row = world_row(&world);
        assert_eq!((row.stored.size, row.stored.root), (size as u64, seal::merkle::root(&log.leaves[..size])));
    }
}

fn world_row(world: &World) -> node::witness::rows::Row {
    let rows = node::witness::rows::Rows::open(&world.witness_configs[0].state_dir.join("heads.sqlite")).unwrap();
    rows.get(&world.config.origin).unwrap().unwrap()
}

/// What anybody can send again, with other paths and other lines: nothing of it stays, and the head that is shown keeps the log's own line.
#[tokio::test(flavor = "multi_thread")]
async fn log_73_copies_of_one_request_are_kept_once_and_strange_lines_never() {
    let world = World::new(LogKind::Public, 1, 1).await;
    let log = Log::of(&world);
    let strange = |n: u8| {
        let key = seal::signature::SigningKey::from_seed(seal::secret::Secret::new([n; 32])).unwrap();
        Signer::new(KeyName::parse(&format!("strange-{n}.example")).unwrap(), KeyKind::Ed25519, key)
    };
    let with_lines = |note: &SignedNote, n: u8| {
        let lines =
            (0..15).map(|k| strange(100 + 15 * n + k).sign(note.text()).unwrap()).chain(note.signatures().iter().cloned()).collect();
        SignedNote::new(note.text().to_owned(), lines).unwrap()
    };
    let send = async |old: u64, path: Vec<Hash>, note: SignedNote| status(&world, Request::new(old, path, note).unwrap().to_bytes()).await;
    assert_eq!(send(0, Vec::new(), with_lines(&log.note(&log.leaves[..5]), 0)).await, 200);
    // The same head again, and strange lines before the log's.
    assert_eq!(send(5, Vec::new(), with_lines(&log.note(&log.leaves[..5]), 1)).await, 200);
    let shown = Fetch::new(PATIENCE);
    let origin = Origin::parse(&world.config.origin).unwrap();
    let url = format!("{}/{}/checkpoint", world.config.witnesses[0].url, verify::spelling::hex(&origin.digest()));
    let shown = shown.get(&url, 65_536).await.unwrap().body;
    assert_eq!(world.policy().check(&shown, None).unwrap().head().size, 5);
    assert_eq!(SignedNote::parse(&shown).unwrap().signatures().len(), 2, "the log's line and the witness's");

    let evidence = || std::fs::read_dir(world.witness_configs[0].state_dir.join("evidence")).map_or(0, Iterator::count);
    for n in 0..4u8 {
        assert_eq!(send(5, vec![[n; 32]], with_lines(&log.note(&log.leaves[..9]), n)).await, 422);
        assert_eq!(evidence(), 2, "one request, one stored note");
    }
    // Another head is another contradiction.
    assert_eq!(send(5, vec![[9; 32]], log.note(&log.twin(2)[..9])).await, 422);
    assert_eq!(evidence(), 4);
    let files = || std::fs::read_dir(world.witness_configs[0].state_dir.join("evidence")).unwrap().map(|file| file.unwrap().path());
    for file in files() {
        assert!(!String::from_utf8(std::fs::read(&file).unwrap()).unwrap().contains("strange"));
        std::fs::write(file, b"as it was").unwrap();
    }
    // LOG-88: what is there is not written again.
    assert_eq!(send(5, vec![[10; 32]], log.note(&log.twin(2)[..9])).await, 422);
    assert!(files().count() == 4 && files().all(|file| std::fs::read(file).unwrap() == b"as it was"));
}

/// A larger head at an earlier time is evidence against a witness (LOG-87): its own clock must not make it.
#[tokio::test(flavor = "multi_thread")]
async fn log_22_log_87_a_clock_that_steps_back_convicts_no_witness() {
    let world = World::new(LogKind::Public, 1, 1).await;
    let log = Log::of(&world);
    let dir = tempfile::tempdir().unwrap();
    let rows = Rows::create(&dir.path().join("heads.sqlite")).unwrap();
    rows.add(&world.config.origin).unwrap();
    let key = seal::signature::SigningKey::from_seed(seal::secret::Secret::new([3; 32])).unwrap();
    let signer = Signer::new(KeyName::parse("w.example/witness").unwrap(), KeyKind::Cosignature, key);
    let logs = [(Origin::parse(&world.config.origin).unwrap(), vec![log.signer.vkey().clone()])].into();
    let witness = Witness { config: Config { logs }, rows, signer, evidence: dir.path().to_owned() };
    for (old, size, now, signed) in [(0, 10, 200, 200), (10, 11, 199, 200), (11, 12, 1, 200), (12, 13, 201, 201)] {
        let answer = witness.add(&log.request(old, &log.leaves[..size]), now).unwrap();
        let note = log.note(&log.leaves[..size]);
        let at = Window { from: signed, until: signed };
        let lines = usable_lines(answer.body.as_bytes(), note.text(), witness.signer.vkey(), at).unwrap();
        assert_eq!((answer.status, lines.len()), (200, 1), "size {size} at {now} is signed as of {signed}");
    }
}

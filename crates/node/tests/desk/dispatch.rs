//! What we send to an authority's own system: a real TLS server of hers on loopback, that drops, refuses, answers twice or is another.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use law::registry::{Endpoint, Registry};
use node::cases::state::Case;
use node::desk::dispatch::core::{Dispatch, Effect, Ending, Input, Item, Line, handle};
use node::desk::dispatch::post::Post;
use node::desk::dispatch::run::run;
use node::desk::{Ask, Desk, Setup};
use node::gateway::rules::Settings;
use seal::entropy::SystemEntropy;
use standards::etsi::core::*;
use standards::etsi::delivery::{Delivered, DeliveryObject};
use standards::etsi::message::{Message, Received, Signatures};
use standards::etsi::object::Kind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::deliver::{NAME, completed, kept, shelf};
use crate::house::*;
use crate::joined::{attested, packing};
use crate::senders::{from_germany, send};
use crate::tls::{Papers, answers, asking, authorisation, cancel, get, known, status};

const SETTINGS: Settings = Settings { poll_seconds: 1, retry_seconds: 30, retry_seconds_max: 3_600, attempts_max: 5 };

/// What the authority does with one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Takes,
    /// Has it, and the line breaks before the answer.
    Drops,
    /// Refuses this action, takes the others.
    Refuses(u64),
    RefusesAll,
    AnswersAnother,
    Says(u16),
    Rubbish,
}

/// The authority's own system: what came in, by transaction, and how often each.
struct Authority {
    address: SocketAddr,
    came: Arc<Mutex<Vec<String>>>,
    serving: tokio::task::JoinHandle<()>,
}

fn parsed(text: &str) -> Message {
    Received::parse(text.as_bytes()).unwrap().schema().unwrap()
}

fn requests(message: &Message) -> Vec<ActionRequest> {
    let Payload::Request(request) = &message.payload else { panic!() };
    request.actions.actions.to_vec()
}

fn answer(text: &str, does: Does) -> String {
    let message = parsed(text);
    let taken = |action: &ActionRequest| match &action.request {
        Request::Deliver(deliver) => Response::Deliver(DeliverResponse { identifier: deliver.identifier.clone() }),
        Request::Create(create) => Response::Create(ObjectResponse { identifier: create.object.base.identifier.clone(), object: None }),
        other => panic!("{other:?}"),
    };
    let error = || standards::etsi::desk::ActionError::Refused.information("not of this case");
    let response = |action: &ActionRequest| ActionResponse {
        identifier: action.identifier,
        response: if does == Does::Refuses(action.identifier) { Response::Error(error()) } else { taken(action) },
    };
    let payload = if does == Does::RefusesAll {
        ResponsePayload::Error(error())
    } else {
        let all = requests(&message).iter().map(response).collect();
        ResponsePayload::Actions(ActionResponses { actions: standards::etsi::codec::Some1::new(all).unwrap() })
    };
    let mut header = message.header.clone();
    if does == Does::AnswersAnother {
        header.transaction = uuid(99);
    }
    Message { header, payload: Payload::Response(payload), signatures: Signatures::default() }.to_xml()
}

impl Authority {
    /// Does in turn what the list says, and takes everything after it.
    async fn serve(papers: &Papers, name: &str, does: Vec<Does>) -> Authority {
        let pin = verify::spelling::hex(&papers.fingerprint("desk"));
        let tls = node::log::tls::server(&papers.path(name, "crt"), &papers.path(name, "key"), &[pin]).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, came) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let inbox = Arc::clone(&came);
        let serving = tokio::spawn(async move {
            let mut does = does.into_iter();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let Ok(mut stream) = tokio_rustls::TlsAcceptor::from(Arc::clone(&tls)).accept(socket).await else { continue };
                let mut read = Vec::new();
                let body = loop {
                    let mut chunk = [0; 65_536];
                    let len = stream.read(&mut chunk).await.unwrap();
                    if len == 0 {
                        break None;
                    }
                    read.extend_from_slice(&chunk[..len]);
                    let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
                    let head = String::from_utf8(read[..end].to_vec()).unwrap().to_lowercase();
                    assert!(head.starts_with("post /hi1 http/1.1"), "{head}");
                    let size: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
                    if read.len() == end + 4 + size {
                        break Some(String::from_utf8(read[end + 4..].to_vec()).unwrap());
                    }
                };
                let Some(text) = body else { continue };
                let what = does.next().unwrap_or(Does::Takes);
                inbox.lock().unwrap().push(text.clone());
                let (code, answer) = match what {
                    Does::Drops => continue,
                    Does::Says(code) => (code, "later".to_owned()),
                    Does::Rubbish => (200, "<html/>".to_owned()),
                    what => (200, answer(&text, what)),
                };
                let head = format!("HTTP/1.1 {code} Said\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
                // The other side may be gone: then it asks again.
                let _ = stream.write_all(format!("{head}{answer}").as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Authority { address, came, serving }
    }

    fn came(&self) -> Vec<String> {
        self.came.lock().unwrap().clone()
    }
}

/// The registry has this address and the prosecutor's certificate.
fn setup_for(papers: &Papers, address: SocketAddr) -> Setup {
    let setup = known(papers);
    let now = node::gateway::shell::now();
    let office = law::received::Office { country: "NL".into(), id: "PARKET".into() };
    let law::registry::Standing::InForce(own) = setup.registry.by_office(&office, now) else { panic!() };
    let mut own = own.clone();
    own.deliver =
        Some(Endpoint { host: "127.0.0.1".into(), port: address.port(), path: "/hi1".into(), certificate: papers.fingerprint("parket") });
    let registry = Registry { authorities: vec![own], ..Registry::parse(&sample("registry.toml")).unwrap() };
    Setup { registry: law::registry::Editions::new(vec![law::registry::Edition { registry, logged_at: 0 }]), ..setup }
}

/// Two authorities at one address, as where one system serves both.
fn setup_for_two(papers: &Papers, address: SocketAddr) -> Setup {
    let (one, both) = (setup_for(papers, address), known(papers));
    let now = node::gateway::shell::now();
    let own = |setup: &Setup, country: &str, id: &str| {
        let office = law::received::Office { country: country.into(), id: id.into() };
        let law::registry::Standing::InForce(found) = setup.registry.by_office(&office, now) else { panic!("{id}") };
        found.clone()
    };
    let (parket, mut court) = (own(&one, "NL", "PARKET"), own(&both, "DE", "AG-1"));
    court.deliver = parket.deliver.clone();
    let registry = Registry { authorities: vec![parket, court], ..Registry::parse(&sample("registry.toml")).unwrap() };
    Setup { registry: law::registry::Editions::new(vec![law::registry::Edition { registry, logged_at: 0 }]), ..one }
}

fn post(papers: &Papers) -> Post {
    Post { certificate_file: papers.path("desk", "crt"), private_key_file: papers.path("desk", "key") }
}

fn house_for(papers: &Papers, address: SocketAddr, outbox: &Path) -> House {
    let mut house = House::with(setup_for(papers, address));
    house.now = node::gateway::shell::now();
    house.desk = house.desk.with_shelf(shelf(outbox, None));
    house
}

fn reopened(house: House, outbox: &Path) -> House {
    let (setup, path) = (Arc::clone(house.desk.setup()), house.path());
    drop(house.desk);
    House { desk: Desk::open(&path, body_key(), setup).unwrap().with_shelf(shelf(outbox, None)), folder: house.folder, now: house.now }
}

/// One look at the queue: everything that is due is sent, and what comes back is noted. Gives how many were sent.
async fn turn(house: &mut House, post: &Post) -> usize {
    let letters = house.desk.due(house.now, &SETTINGS, &BTreeSet::new(), 4).unwrap();
    let sent = letters.len();
    for letter in letters {
        let said = post.send(&letter.endpoint, letter.octets).await.and_then(|answer| letter.expected.read(&answer));
        house.desk.came_back(house.now, &SETTINGS, &letter.owner, letter.transaction, said).unwrap();
    }
    sent
}

/// Until nothing is due at this time.
async fn turns(house: &mut House, post: &Post) {
    while turn(house, post).await != 0 {}
}

fn ended(house: &House, number: u64) -> Vec<String> {
    house.desk.told(number).unwrap().into_iter().map(|told| told.ended.unwrap_or_else(|| format!("waits {}", told.tries))).collect()
}

fn transaction(text: &str) -> String {
    parsed(text).header.transaction.as_str().to_owned()
}

fn delivered(text: &str) -> Option<DeliveryObject> {
    requests(&parsed(text)).into_iter().find_map(|action| match action.request {
        Request::Deliver(DeliverRequest { object, .. }) => match object.kind {
            Kind::Delivery(body) => Some(body),
            _ => None,
        },
        _ => None,
    })
}

fn follow(house: &mut House, case: &Case) {
    house.desk.follow(house.now, case, &mut SystemEntropy).unwrap();
}

/// Order 1 from the prosecutor, admitted, with this package in the outbox and its production offered.
fn produced(house: &mut House, outbox: &Path, package: &[u8]) -> String {
    let order = message(&epoc(1), 1);
    send(house, "NL", "PARKET", &order);
    house.act(1, call()).unwrap();
    std::fs::write(outbox.join(NAME), package).unwrap();
    follow(house, &packing(&attested(&order, 1), 3));
    follow(house, &completed(&order, package));
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_24_dsk_25_a_production_is_delivered_once_whatever_breaks() {
    let papers = Papers::new();
    let outbox = tempfile::tempdir().unwrap();
    // The receipt's and admission's notifications; then the delivery: dropped, 503, rubbish, another's answer, and at last taken.
    let does = vec![Does::Takes, Does::Takes, Does::Drops, Does::Says(503), Does::Rubbish, Does::AnswersAnother];
    let authority = Authority::serve(&papers, "parket", does).await;
    let (mut house, post) = (house_for(&papers, authority.address, outbox.path()), post(&papers));
    let order = message(&epoc(1), 1);
    send(&mut house, "NL", "PARKET", &order);
    turns(&mut house, &post).await;
    house.act(1, call()).unwrap();
    turns(&mut house, &post).await;
    let before = authority.came().len();
    assert_eq!(before, 2);
    let package = vec![0xa5; 300_000];
    std::fs::write(outbox.path().join(NAME), &package).unwrap();
    follow(&mut house, &packing(&attested(&order, 1), 3));
    follow(&mut house, &completed(&order, &package));
    for tries in 1..=4 {
        assert_eq!(turn(&mut house, &post).await, 1, "try {tries}");
        assert_eq!(turn(&mut house, &post).await, 0, "not again before its time");
        // As after kill -9, and with a package that is offered again.
        house = reopened(house, outbox.path());
        follow(&mut house, &completed(&order, &package));
        let wait = SETTINGS.patience(tries);
        house.now += wait - 1;
        assert_eq!(turn(&mut house, &post).await, 0, "waits {wait} s");
        house.now += 1;
    }
    turns(&mut house, &post).await;
    let came = authority.came();
    let tries: Vec<&String> = came[before..].iter().filter(|text| delivered(text).is_some()).collect();
    assert_eq!(tries.len(), 5);
    assert!(tries.iter().all(|text| *text == tries[0]), "the same transaction, to the octet");
    let Some(Delivered::Binary(data)) = delivered(tries[0]).unwrap().delivery else { panic!() };
    assert_eq!(data.data.0, package);
    kept("dispatch-delivery", tries[0]);
    let all: BTreeSet<String> = came.iter().map(|text| transaction(text)).collect();
    assert_eq!(all.len(), came.len() - 4, "every other message came once");
    assert!(ended(&house, 1).iter().all(|ended| ended == "acknowledged"), "{:?}", ended(&house, 1));
    // What the authority has taken is so also for who polls.
    let list = send(&mut house, "NL", "PARKET", &asking(7, &[crate::deliver::DELIVERIES.to_owned()]));
    let Response::List(list) = &answers(&list)[0] else { panic!() };
    let got = send(&mut house, "NL", "PARKET", &asking(8, &[get(list.records[0].identifier.as_str())]));
    assert_eq!(status(&answers(&got)[0]), "ETSI/DeliveryStatus/Acknowledged");
    // Dropped after everything, as by a kill between answer and note: nothing is sent again.
    house = reopened(house, outbox.path());
    house.now += DAY;
    assert_eq!(turn(&mut house, &post).await, 0);
    authority.serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_24_t10_only_the_pinned_certificate_gets_anything() {
    let papers = Papers::new();
    let outbox = tempfile::tempdir().unwrap();
    // At the registry's address stands another system, with another certificate.
    let other = Authority::serve(&papers, "ag", Vec::new()).await;
    let mut house = house_for(&papers, other.address, outbox.path());
    produced(&mut house, outbox.path(), b"package");
    let post = post(&papers);
    for _ in 0..3 {
        assert_eq!(turn(&mut house, &post).await, 1);
        house.now += 3_600;
    }
    assert_eq!(other.came().len(), 0, "the handshake ended before a word was said");
    assert!(ended(&house, 1).iter().all(|ended| ended.starts_with("waits")), "nothing is lost: {:?}", ended(&house, 1));
    other.serving.abort();

    // The authority moves: a new edition of the registry, and what waited goes there, in its order.
    let own = Authority::serve(&papers, "parket", Vec::new()).await;
    let path = house.path();
    let House { desk, folder, now } = house;
    drop(desk);
    let setup = Arc::new(setup_for(&papers, own.address));
    let desk = Desk::open(&path, body_key(), setup).unwrap().with_shelf(shelf(outbox.path(), None));
    let mut house = House { desk, folder, now };
    turns(&mut house, &post).await;
    assert!(ended(&house, 1).iter().all(|ended| ended == "acknowledged"), "{:?}", ended(&house, 1));
    // DSK-28: the receipt comes first, as a document; a question goes there too.
    assert!(own.came()[0].contains("receipt.json"));
    let words = own.came().concat();
    let places: Vec<_> = ["1: received", "1: producing", "<DELIVER>"].map(|word| words.find(word).unwrap()).to_vec();
    assert!(places.is_sorted(), "{places:?}");
    send(&mut house, "NL", "PARKET", &message(&epoc(2), 2));
    house.act(2, Ask::Clarify { question: "Which account?".into() }).unwrap();
    turns(&mut house, &post).await;
    assert!(own.came().iter().any(|text| text.contains("EPOCDocumentType") && text.contains("Which account?")), "{:?}", own.came());
    own.serving.abort();
}

/// Who does not answer keeps one place, however many offices it is; what is damaged of one office keeps no other's back.
#[tokio::test(flavor = "multi_thread")]
async fn dsk_25_an_address_has_one_message_at_a_time_and_an_office_waits_for_no_other() {
    let papers = Papers::new();
    let outbox = tempfile::tempdir().unwrap();
    let authority = Authority::serve(&papers, "parket", Vec::new()).await;
    let mut house = House::with(setup_for_two(&papers, authority.address));
    house.now = node::gateway::shell::now();
    house.desk = house.desk.with_shelf(shelf(outbox.path(), None));
    send(&mut house, "NL", "PARKET", &message(&epoc(1), 1));
    send(&mut house, "DE", "AG-1", &from_germany(&message(&epoc(2), 2)));
    let owners = |house: &mut House, busy: &[&str]| {
        let busy: BTreeSet<String> = busy.iter().map(|&owner| owner.to_owned()).collect();
        let letters = house.desk.due(house.now, &SETTINGS, &busy, 4).unwrap();
        letters.into_iter().map(|letter| letter.owner).collect::<Vec<_>>()
    };
    assert_eq!(owners(&mut house, &["NL/PARKET"]), Vec::<String>::new(), "its address is taken");
    assert_eq!(owners(&mut house, &[]), ["DE/AG-1"], "one of two");
    assert_eq!(owners(&mut house, &[]), ["NL/PARKET"], "the other waits for an answer, and for its time");
    house.now += DAY;
    assert_eq!(owners(&mut house, &[]), ["DE/AG-1"]);

    // The message of one office is damaged on the disk: the other's goes out.
    let (setup, path) = (Arc::clone(house.desk.setup()), house.path());
    drop(house.desk);
    let db = rusqlite::Connection::open(&path).unwrap();
    assert_eq!(db.execute("UPDATE dispatches SET body = x'00' WHERE owner = 'DE/AG-1'", []).unwrap(), 1);
    drop(db);
    let desk = Desk::open(&path, body_key(), setup).unwrap().with_shelf(shelf(outbox.path(), None));
    house = House { desk, folder: house.folder, now: house.now + DAY };
    assert_eq!(owners(&mut house, &[]), ["NL/PARKET"]);
    authority.serving.abort();
}

/// A disk that does not answer for a moment is no other file.
#[tokio::test(flavor = "multi_thread")]
async fn dsk_27_a_package_that_can_not_be_read_now_waits() {
    let papers = Papers::new();
    let outbox = tempfile::tempdir().unwrap();
    let authority = Authority::serve(&papers, "parket", Vec::new()).await;
    let mut house = house_for(&papers, authority.address, outbox.path());
    produced(&mut house, outbox.path(), b"package");
    // Whoever runs the tests may read everything; a folder in its place no one can read as a file.
    std::fs::rename(outbox.path().join(NAME), outbox.path().join("kept")).unwrap();
    std::fs::create_dir(outbox.path().join(NAME)).unwrap();
    turns(&mut house, &post(&papers)).await;
    assert!(ended(&house, 1).iter().any(|ended| ended.starts_with("waits")), "{:?}", ended(&house, 1));
    std::fs::remove_dir(outbox.path().join(NAME)).unwrap();
    std::fs::rename(outbox.path().join("kept"), outbox.path().join(NAME)).unwrap();
    house.now += DAY;
    turns(&mut house, &post(&papers)).await;
    assert!(ended(&house, 1).iter().all(|ended| ended == "acknowledged"), "{:?}", ended(&house, 1));
    authority.serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_26_each_action_is_answered_for_itself() {
    let papers = Papers::new();
    let outbox = tempfile::tempdir().unwrap();
    let authority = Authority::serve(&papers, "parket", vec![Does::Refuses(1), Does::RefusesAll]).await;
    let mut house = house_for(&papers, authority.address, outbox.path());
    produced(&mut house, outbox.path(), b"package");
    let before = house.desk.told(1).unwrap().len();
    let post = post(&papers);
    turns(&mut house, &post).await;
    let came = authority.came();
    let first = requests(&parsed(&came[0])).len();
    assert!(2 <= first, "what was told before the production goes together");
    kept("dispatch-notifications", &came[0]);
    let ended = ended(&house, 1);
    assert_eq!(ended.len(), before);
    assert_eq!(ended[0], "acknowledged");
    assert_eq!(ended[1], "refused 456 STD-56: not of this case", "{ended:?}");
    // DSK-01: what she says may name a person; on the disk it is sealed.
    let folder = house.path().parent().unwrap().to_owned();
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    assert!(files.into_iter().all(|octets| !String::from_utf8_lossy(&octets).contains("not of this case")));
    assert!(ended[2..first].iter().all(|ended| ended == "acknowledged"));
    assert!(ended[first].starts_with("refused 456"), "an error for all is one for each: {ended:?}");
    // Refused by her system, it is there for whoever asks for it.
    let list = send(&mut house, "NL", "PARKET", &asking(7, &[crate::deliver::DELIVERIES.to_owned()]));
    let Response::List(list) = &answers(&list)[0] else { panic!() };
    let got = send(&mut house, "NL", "PARKET", &asking(8, &[get(list.records[0].identifier.as_str())]));
    assert_eq!(status(&answers(&got)[0]), "ETSI/DeliveryStatus/Available");
    authority.serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_27_of_an_order_that_does_not_stand_nothing_is_delivered() {
    let papers = Papers::new();
    let outbox = tempfile::tempdir().unwrap();
    let does = vec![Does::Takes, Does::Drops];
    let authority = Authority::serve(&papers, "parket", does).await;
    let mut house = house_for(&papers, authority.address, outbox.path());
    let order = produced(&mut house, outbox.path(), b"package");
    let post = post(&papers);
    // Notifications, then the delivery: it may have arrived, nobody knows.
    assert_eq!((turn(&mut house, &post).await, turn(&mut house, &post).await), (1, 1));
    send(&mut house, "NL", "PARKET", &asking(6, &[cancel(&authorisation(&order))]));
    house.now += DAY;
    turns(&mut house, &post).await;
    let came = authority.came();
    assert_eq!(came.iter().filter(|text| delivered(text).is_some()).count(), 1, "not once more");
    let ended = ended(&house, 1);
    assert_eq!(ended.iter().filter(|ended| *ended == "over").count(), 1, "{ended:?}");
    assert!(came.last().unwrap().contains("1: withdrawn"), "the withdrawal itself is told");
    authority.serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_27_what_was_fetched_meanwhile_or_is_another_file_is_not_sent() {
    for (what, file, ending) in [("fetched", b"package", "over"), ("another file", b"PACKAGE", "refused DSK-22")] {
        let papers = Papers::new();
        let outbox = tempfile::tempdir().unwrap();
        let authority = Authority::serve(&papers, "parket", Vec::new()).await;
        let mut house = house_for(&papers, authority.address, outbox.path());
        produced(&mut house, outbox.path(), b"package");
        if what == "fetched" {
            let list = send(&mut house, "NL", "PARKET", &asking(7, &[crate::deliver::DELIVERIES.to_owned()]));
            let Response::List(list) = &answers(&list)[0] else { panic!() };
            send(&mut house, "NL", "PARKET", &asking(8, &[crate::deliver::wish(list.records[0].identifier.as_str(), "Received")]));
        }
        std::fs::write(outbox.path().join(NAME), file).unwrap();
        turns(&mut house, &post(&papers)).await;
        assert!(authority.came().iter().all(|text| delivered(text).is_none()), "{what}");
        let ended = ended(&house, 1);
        assert_eq!(ended.iter().filter(|ended| ended.starts_with(ending)).count(), 1, "{what}: {ended:?}");
        authority.serving.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_24_who_has_no_address_polls_and_nothing_waits_for_it() {
    let papers = Papers::new();
    let outbox = tempfile::tempdir().unwrap();
    let mut house = House::with(known(&papers));
    house.now = node::gateway::shell::now();
    house.desk = house.desk.with_shelf(shelf(outbox.path(), None));
    produced(&mut house, outbox.path(), b"package");
    assert_eq!((house.desk.told(1).unwrap(), turn(&mut house, &post(&papers)).await), (Vec::new(), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_25_too_large_to_push_is_told_with_its_manifest_and_the_loop_sends_it() {
    let papers = Papers::new();
    let outbox = tempfile::tempdir().unwrap();
    let authority = Authority::serve(&papers, "parket", vec![Does::Drops, Does::Says(500)]).await;
    let mut setup = setup_for(&papers, authority.address);
    setup.book.delivery.push_bytes_max = 999;
    let mut house = House::with(setup);
    house.now = node::gateway::shell::now();
    house.desk = house.desk.with_shelf(shelf(outbox.path(), Some(30)));
    produced(&mut house, outbox.path(), &[7; 1_000]);
    let House { desk, folder: _folder, .. } = house;
    let desk = Arc::new(Mutex::new(desk));
    // The loop itself, with a wait of a second: it goes on until everything is acknowledged.
    let running = tokio::spawn(run(Arc::clone(&desk), post(&papers), Settings { retry_seconds: 1, retry_seconds_max: 1, ..SETTINGS }));
    loop {
        let told = desk.lock().unwrap().told(1).unwrap();
        if told.iter().all(|one| one.ended.as_deref() == Some("acknowledged")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    running.abort();
    let came = authority.came();
    let body = came.iter().find_map(|text| delivered(text)).unwrap();
    let Some(Delivered::Url(url)) = &body.delivery else { panic!("{body:?}") };
    assert!(url.url.as_str().starts_with("https://hi1.example:8443/deliveries/"));
    assert!(body.manifest.is_some());
    kept("dispatch-delivery-to-fetch", came.iter().find(|text| delivered(text).is_some()).unwrap());
    authority.serving.abort();
}

fn item(number: u32, is_delivery: bool) -> Item {
    Item { object: uuid(number), is_delivery, is_over: false }
}

/// What the database does, in memory.
fn apply(line: &mut Line, effects: &[Effect], ended: &mut Vec<(String, Ending)>) -> Option<Dispatch> {
    let mut sent = None;
    for effect in effects {
        match effect {
            Effect::Open(dispatch) => {
                assert!(line.open.is_none(), "one message at a time");
                line.waiting.retain(|item| !dispatch.items.contains(item));
                line.open = Some(dispatch.clone());
            }
            Effect::Later { tries, next, .. } => {
                let open = line.open.as_mut().unwrap();
                (open.tries, open.next) = (*tries, *next);
            }
            Effect::End { object, ending } => {
                line.waiting.retain(|item| item.object != *object);
                ended.push((object.as_str().to_owned(), ending.clone()));
            }
            Effect::Close { transaction } => assert_eq!(line.open.take().unwrap().transaction, *transaction),
            Effect::Send { transaction } => {
                sent = line.open.clone();
                assert_eq!(sent.as_ref().unwrap().transaction, *transaction);
            }
            Effect::Complain(_) => {}
        }
    }
    sent
}

proptest::proptest! {
    /// Whatever the other side does, each object is told in one message only, ends once, and a production is alone in its own.
    #[test]
    fn dsk_25_a_line_tells_each_object_in_one_message(
        kinds in proptest::collection::vec(proptest::bool::ANY, 1..90),
        back in proptest::collection::vec(0u8..4, 0..400),
    ) {
        let waiting: Vec<Item> = kinds.iter().enumerate().map(|(at, kind)| item(at as u32, *kind)).collect();
        let (mut line, mut ended, mut now) = (Line { open: None, waiting: waiting.clone() }, Vec::new(), 1_000);
        let mut messages = std::collections::BTreeMap::<String, Vec<Item>>::new();
        let mut back = back.into_iter();
        while line != Line::default() {
            let effects = handle(now, &line, &SETTINGS, Input::Look);
            let Some(open) = apply(&mut line, &effects, &mut ended) else {
                now += 1_000;
                continue;
            };
            assert!(now < open.next, "its next time is written before it is sent");
            assert!(open.items.len() == 1 || open.items.iter().all(|item| !item.is_delivery));
            assert!(open.items.len() <= 64);
            let before = messages.insert(open.transaction.as_str().to_owned(), open.items.clone());
            assert!(before.is_none_or(|before| before == open.items));
            let said = match back.next() {
                Some(0) => Err("no answer".to_owned()),
                Some(1) => Ok(open.items.iter().enumerate().map(|(at, _)| if at % 2 == 0 { Ok(()) } else { Err("no".into()) }).collect()),
                Some(2) => Ok(Vec::new()),
                _ => Ok(vec![Ok(()); open.items.len()]),
            };
            let transaction = open.transaction.clone();
            let stale = handle(now, &line, &SETTINGS, Input::Back { transaction: uuid(999), said: said.clone() });
            assert!(stale.is_empty(), "an answer to what is not open");
            let effects = handle(now, &line, &SETTINGS, Input::Back { transaction, said });
            apply(&mut line, &effects, &mut ended);
        }
        let told: Vec<String> = ended.iter().map(|(object, _)| object.clone()).collect();
        let all: Vec<String> = waiting.iter().map(|item| item.object.as_str().to_owned()).collect();
        assert_eq!(told, all, "in their order, each once");
        assert_eq!(messages.values().map(Vec::len).sum::<usize>(), waiting.len());
    }
}

/// Case numbers stand in public: whoever could compute the name of a delivery would put an object of theirs there first.
#[test]
fn dsk_22_names_of_what_we_offer_hang_on_the_desks_key() {
    let name = |seed| {
        let key = node::cases::body::BodyKey::generate(&mut seal::entropy::SeededEntropy::new([seed; 32]));
        node::desk::store::Sealing::new(key).uuid("waarborg/v1/delivery", "case object 1").unwrap()
    };
    assert_eq!(name(7), name(7));
    assert_ne!(name(7), name(8));
}

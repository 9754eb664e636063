//! The door of TS 103 120 with a real TLS client: create, get, list, update, deliver, configuration; idempotent across a restart.

use std::path::Path;
use std::sync::{Arc, Mutex};

use node::desk::SharedDesk;
use node::desk::config::EtsiConfig;
use node::desk::listen::{Hi1Door, Limits, serve};
use standards::etsi::core::*;
use standards::etsi::message::{Message, Received};
use standards::etsi::object::Kind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;

use crate::house::*;

pub struct Papers {
    folder: tempfile::TempDir,
}

impl Papers {
    pub fn new() -> Papers {
        let papers = Papers { folder: tempfile::tempdir().unwrap() };
        for name in ["desk", "parket", "ag", "stranger"] {
            let made = rcgen::generate_simple_self_signed(vec![format!("{name}.example")]).unwrap();
            std::fs::write(papers.path(name, "crt"), made.cert.pem()).unwrap();
            std::fs::write(papers.path(name, "key"), made.signing_key.serialize_pem()).unwrap();
        }
        papers
    }

    pub fn path(&self, name: &str, end: &str) -> std::path::PathBuf {
        self.folder.path().join(format!("{name}.{end}"))
    }

    pub fn fingerprint(&self, name: &str) -> [u8; 32] {
        use rustls::pki_types::pem::PemObject;
        let certificate = rustls::pki_types::CertificateDer::from_pem_file(self.path(name, "crt")).unwrap();
        node::log::tls::fingerprint(&certificate)
    }

    fn config(&self) -> EtsiConfig {
        EtsiConfig {
            listen: "127.0.0.1:0".into(),
            certificate_file: self.path("desk", "crt"),
            private_key_file: self.path("desk", "key"),
            country: "NL".into(),
            unique_identifier: "NL-EXAMPLE".into(),
            fetch: None,
        }
    }

    pub async fn serve(&self, house: House) -> (std::net::SocketAddr, SharedDesk, tempfile::TempDir, tokio::task::JoinHandle<()>) {
        self.serve_within(house, Limits::default()).await
    }

    async fn serve_within(
        &self,
        house: House,
        limits: Limits,
    ) -> (std::net::SocketAddr, SharedDesk, tempfile::TempDir, tokio::task::JoinHandle<()>) {
        let House { desk, folder, .. } = house;
        let setup = Arc::clone(desk.setup());
        let desk = Arc::new(Mutex::new(desk));
        let config = self.config();
        let door = Hi1Door::new(
            Arc::clone(&desk),
            config.offer(&setup, RECEIVED).unwrap(),
            config.tls(&setup, node::gateway::shell::now()).unwrap(),
        )
        .with_limits(limits);
        let listener = TcpListener::bind(&config.listen).await.unwrap();
        let address = listener.local_addr().unwrap();
        (address, desk, folder, tokio::spawn(serve(listener, Arc::new(door))))
    }

    /// One POST on a connection of its own. None: the handshake or the connection ended.
    pub async fn post(&self, who: &str, address: std::net::SocketAddr, body: &str) -> Option<(u16, String)> {
        let head = format!("POST /hi1 HTTP/1.1\r\nhost: desk.example\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        let (code, text) = self.ask(self.connect(who, address).await?, &format!("{head}{body}")).await?;
        Some((code, String::from_utf8(text).unwrap()))
    }

    /// One GET.
    pub async fn fetch(&self, who: &str, address: std::net::SocketAddr, path: &str) -> Option<(u16, Vec<u8>)> {
        let head = format!("GET {path} HTTP/1.1\r\nhost: desk.example\r\nconnection: close\r\n\r\n");
        self.ask(self.connect(who, address).await?, &head).await
    }

    /// A connection after its handshake, as its client sees it: the door may close it still.
    pub async fn connect(&self, who: &str, address: std::net::SocketAddr) -> Option<TlsStream<TcpStream>> {
        let pin = verify::spelling::hex(&self.fingerprint("desk"));
        let tls = node::log::tls::client(&self.path(who, "crt"), &self.path(who, "key"), &pin).unwrap();
        let socket = TcpStream::connect(address).await.unwrap();
        let name = rustls::pki_types::ServerName::try_from("desk.example").unwrap();
        tokio_rustls::TlsConnector::from(tls).connect(name, socket).await.ok()
    }

    async fn ask(&self, mut stream: TlsStream<TcpStream>, request: &str) -> Option<(u16, Vec<u8>)> {
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
        let code = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
        Some((code, answer[end + 4..].to_vec()))
    }
}

/// The registry must be in force now: the door asks the machine's clock.
pub fn house(papers: &Papers) -> House {
    House::with(known(papers))
}

pub fn known(papers: &Papers) -> node::desk::Setup {
    let mut setup = setup(&[papers.fingerprint("parket")]);
    let mut registry = law::registry::Registry::parse(&sample("registry.toml")).unwrap();
    let own = registry.authorities.iter_mut().find(|one| one.id.to_string() == "parket.example").unwrap();
    own.keys = vec![papers.fingerprint("parket")];
    own.offices = vec![law::received::Office { country: "NL".into(), id: "PARKET".into() }];
    (own.from, own.until) = (verify::calendar::Day(0), verify::calendar::Day(40_000));
    let other = registry.authorities.iter_mut().find(|one| one.id.to_string() == "rechtbank.example").unwrap();
    other.keys = vec![papers.fingerprint("ag")];
    other.offices = vec![law::received::Office { country: "DE".into(), id: "AG-1".into() }];
    (other.from, other.until) = (verify::calendar::Day(0), verify::calendar::Day(40_000));
    setup.registry = law::registry::Editions::new(vec![law::registry::Edition { registry, logged_at: 0 }]);
    setup
}

pub fn answers(text: &str) -> Vec<Response> {
    let message: Message = Received::parse(text.as_bytes()).unwrap().schema().unwrap();
    match message.payload {
        Payload::Response(ResponsePayload::Actions(all)) => all.actions.iter().map(|one| one.response.clone()).collect(),
        Payload::Response(ResponsePayload::Error(error)) => vec![Response::Error(error)],
        Payload::Request(_) => panic!("a request as an answer"),
    }
}

/// A message of the same header with other actions.
pub fn asking(transaction: u32, actions: &[String]) -> String {
    let text = message(&epoc(1), transaction);
    let (before, after) = (text.find("<ActionRequest>").unwrap(), text.rfind("</ActionRequests>").unwrap());
    let all: String = actions
        .iter()
        .enumerate()
        .map(|(number, action)| format!("<ActionRequest><ActionIdentifier>{number}</ActionIdentifier>{action}</ActionRequest>"))
        .collect();
    format!("{}{all}{}", &text[..before], &text[after..])
}

pub fn authorisation(text: &str) -> String {
    let message = Received::parse(text.as_bytes()).unwrap().schema().unwrap();
    let Payload::Request(request) = message.payload else { panic!() };
    let found = request.actions.actions.iter().find_map(|action| match &action.request {
        Request::Create(create) if matches!(create.object.kind, Kind::Authorisation(_)) => {
            Some(create.object.base.identifier.as_str().to_owned())
        }
        _ => None,
    });
    found.unwrap()
}

pub fn get(id: &str) -> String {
    format!("<GET><Identifier>{id}</Identifier></GET>")
}

pub fn cancel(id: &str) -> String {
    let entry = |name: &str, value: &str| {
        format!("<common:Owner>ETSI</common:Owner><common:Name>{name}</common:Name><common:Value>{value}</common:Value>")
    };
    format!(
        "<UPDATE><HI1Object xsi:type=\"auth:AuthorisationObject\"><ObjectIdentifier>{id}</ObjectIdentifier><auth:AuthorisationDesiredStatus>{}</auth:AuthorisationDesiredStatus></HI1Object></UPDATE>",
        entry("AuthorisationDesiredStatus", "Cancelled")
    )
}

pub fn status(response: &Response) -> String {
    match response {
        Response::Get(got) => standards::etsi::desk::status_word(&got.object).unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_10_only_a_certificate_of_the_registry_finishes_a_handshake() {
    let papers = Papers::new();
    let (address, desk, _folder, serving) = papers.serve(house(&papers)).await;
    assert!(papers.post("stranger", address, &message(&epoc(1), 1)).await.is_none());
    assert_eq!(desk.lock().unwrap().heads(0, 10).unwrap().len(), 0);
    // Another office's name under this certificate: answered, and nothing is done.
    let other = message(&epoc(1), 2).replace(">PARKET<", ">RB-VOORBEELD<");
    let (code, text) = papers.post("parket", address, &other).await.unwrap();
    assert_eq!(code, 200);
    assert!(matches!(&answers(&text)[..], [Response::Error(error)] if error.description.as_str().starts_with("STD-50")), "{text}");
    let (code, text) = papers.post("parket", address, "<HI1Message/>").await.unwrap();
    assert_eq!((code, desk.lock().unwrap().refusals(9).unwrap().len()), (400, 1), "{text}");
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_11_dsk_14_an_order_through_the_door_and_its_states_back() {
    let papers = Papers::new();
    let (address, desk, folder, serving) = papers.serve(house(&papers)).await;
    let order = message(&epoc(1), 1);
    let (code, first) = papers.post("parket", address, &order).await.unwrap();
    assert_eq!(code, 200, "{first}");
    assert!(answers(&first).iter().all(|one| matches!(one, Response::Create(_))), "{first}");
    let id = authorisation(&order);
    let (_, text) = papers.post("parket", address, &asking(2, &[get(&id), get(uuid(77).as_str())])).await.unwrap();
    let got = answers(&text);
    assert_eq!(status(&got[0]), "ETSI/AuthorisationStatus/SubmittedToCSP");
    assert!(matches!(&got[1], Response::Error(error) if error.description.as_str().starts_with("STD-52")), "each action for itself");
    assert_eq!(
        desk.lock().unwrap().act(node::gateway::shell::now(), 1, "An", call(), &mut seal::entropy::SystemEntropy).unwrap().state,
        "producing"
    );
    let (_, text) = papers.post("parket", address, &asking(3, &[get(&id)])).await.unwrap();
    assert_eq!(status(&answers(&text)[0]), "ETSI/AuthorisationStatus/Approved");

    // kill -9: nothing is in memory only. The same transaction hears the same octets, another content is refused.
    serving.abort();
    let _ = serving.await;
    let setup = Arc::clone(desk.lock().unwrap().setup());
    while 1 < Arc::strong_count(&desk) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    drop(desk);
    let desk = node::desk::Desk::open(&folder.path().join("desk.db"), body_key(), setup).unwrap();
    let (address, desk, _folder, serving) = papers.serve(House { folder, desk, now: RECEIVED }).await;
    assert_eq!(papers.post("parket", address, &order).await.unwrap().1, first);
    let (_, text) = papers.post("parket", address, &message(&epoc(2), 1)).await.unwrap();
    assert!(matches!(&answers(&text)[..], [Response::Error(error)] if error.description.as_str().starts_with("STD-51")), "{text}");
    assert_eq!(desk.lock().unwrap().heads(0, 10).unwrap().len(), 1);

    let list = "<LIST><ObjectType><common:Owner>ETSI</common:Owner><common:Name>ObjectType</common:Name><common:Value>Notification</common:Value></ObjectType></LIST>";
    let config = "<GETCSPCONFIG/>".to_owned();
    let (_, text) = papers.post("parket", address, &asking(4, &[list.to_owned(), config, cancel(&id)])).await.unwrap();
    let got = answers(&text);
    assert!(matches!(&got[0], Response::List(list) if 2 <= list.records.len()), "receipt and admission were told: {text}");
    assert!(matches!(&got[1], Response::GetCspConfig(config) if !config.targeting.configurations.is_empty()));
    assert!(!text.contains("Content"), "content is not offered");
    assert!(matches!(got[2], Response::Update(_)), "{text}");
    assert_eq!(desk.lock().unwrap().head(1).unwrap().unwrap().state, "withdrawn");
    let (_, text) = papers.post("parket", address, &asking(5, &[get(&id)])).await.unwrap();
    assert_eq!(status(&answers(&text)[0]), "ETSI/AuthorisationStatus/Cancelled");
    serving.abort();
    check_schema(folder_of(&papers), &text);
}

fn folder_of(papers: &Papers) -> &Path {
    papers.folder.path()
}

/// What the door wrote reads as a message again; xmllint's judgement of all messages is interop/etsi.sh's.
fn check_schema(folder: &Path, text: &str) {
    std::fs::write(folder.join("answer.xml"), text).unwrap();
    assert!(Received::parse(text.as_bytes()).unwrap().schema().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_12_dsk_13_answers_are_kept_for_a_time_and_lists_are_pages() {
    let papers = Papers::new();
    let (address, desk, _folder, serving) = papers.serve(house(&papers)).await;
    let order = message(&epoc(1), 1);
    papers.post("parket", address, &order).await.unwrap();
    let now = node::gateway::shell::now();
    let days = node::desk::hi1::ANSWERS_KEPT_DAYS;
    assert_eq!(desk.lock().unwrap().forget_answers(now + (days - 1) * DAY).unwrap(), 0);
    assert_eq!(desk.lock().unwrap().forget_answers(now + (days + 1) * DAY).unwrap(), 1);
    let (_, text) = papers.post("parket", address, &order).await.unwrap();
    assert!(
        answers(&text).iter().all(|one| matches!(one, Response::Error(error) if error.description.as_str().starts_with("STD-5"))),
        "it cannot be done twice: {text}"
    );
    assert_eq!(desk.lock().unwrap().heads(0, 10).unwrap().len(), 1);
    let most = "<LIST><MaximumObjectCount>1</MaximumObjectCount></LIST>".to_owned();
    let (_, text) = papers.post("parket", address, &asking(9, &[most])).await.unwrap();
    assert!(matches!(&answers(&text)[0], Response::List(list) if list.records.len() == 1), "{text}");
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_10_who_stands_on_the_doorstep_keeps_nobody_else_from_it() {
    let papers = Papers::new();
    // Nothing here ends by time: what is refused is refused by count.
    let limits = Limits { handshake: std::time::Duration::from_secs(3_600), handshakes_of_one: 3, connections_of_one: 2 };
    let (address, _desk, _folder, serving) = papers.serve_within(house(&papers), limits).await;
    let stranger = async || {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        socket.connect(address).await.unwrap()
    };
    let mut standing = Vec::new();
    for _ in 0..3 {
        standing.push(stranger().await);
    }
    // Accepted in their order, so the fourth finds three before it.
    let mut fourth = stranger().await;
    let mut nothing = [0];
    assert!(matches!(fourth.read(&mut nothing).await, Ok(0) | Err(_)), "sent away");
    let (code, _) = papers.post("parket", address, &message(&epoc(1), 1)).await.unwrap();
    assert_eq!(code, 200, "from another address");

    let (mut held, list) = (Vec::new(), asking(5, &["<LIST></LIST>".to_owned()]));
    for _ in 0..2 {
        let mut stream = papers.connect("parket", address).await.unwrap();
        // Answered, so that the door has counted it, and kept open.
        let head = format!("POST / HTTP/1.1\r\nhost: desk.example\r\ncontent-length: {}\r\n\r\n", list.len());
        stream.write_all(format!("{head}{list}").as_bytes()).await.unwrap();
        assert_ne!(stream.read(&mut nothing).await.unwrap(), 0);
        held.push(stream);
    }
    assert_eq!(papers.post("parket", address, &list).await, None, "a third of the same certificate");
    let from_germany = list.replace(">PARKET<", ">AG-1<").replacen(">NL<", ">DE<", 1);
    assert_eq!(papers.post("ag", address, &from_germany).await.unwrap().0, 200, "another authority");
    serving.abort();
}

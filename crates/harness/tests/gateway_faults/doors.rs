//! One order from the door of TS 103 120, over mutual TLS, through the desk, the gateway's core and the members' judges and keys, to the
//! Delivery that the court fetches at the same door. The world's clock is the door's, so the registry's 72 hours and the ten days of a
//! notified order pass as days of the world.

use super::joined::{Court, Joined, NOTIFIED, epoc, scene_of};
use super::*;
use law::registry::Endpoint;
use node::desk::config::EtsiConfig;
use node::desk::deliver::Shelf;
use node::desk::dispatch::post::Post;
use node::desk::listen::{Hi1Door, serve};
use standards::epoc::hi1;
use standards::etsi::approval::DictionaryEntry;
use standards::etsi::core::{
    ActionRequest, ActionRequests, EndpointId, GetRequest, ListRequest, Payload, Request, RequestPayload, Response, ResponsePayload,
};
use standards::etsi::delivery::Delivered;
use standards::etsi::message::{Message, Received, Signatures};
use standards::etsi::object::Kind as Object;
use standards::etsi::values::{IsoCountryCode, LongString, Uuid};
use standards::etsi::verdict::Setting;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use verify::package::RawPackage;

/// Certificates of the desk's door and of the court's own system.
struct Papers(PathBuf);

impl Papers {
    fn new(folder: &Path) -> Papers {
        let papers = Papers(folder.to_owned());
        for name in ["desk", "court", "stranger"] {
            let made = rcgen::generate_simple_self_signed(vec![format!("{name}.example")]).unwrap();
            std::fs::write(papers.path(name, "der"), made.cert.der()).unwrap();
            std::fs::write(papers.path(name, "crt"), made.cert.pem()).unwrap();
            std::fs::write(papers.path(name, "key"), made.signing_key.serialize_pem()).unwrap();
        }
        papers
    }

    fn path(&self, name: &str, end: &str) -> PathBuf {
        self.0.join(format!("{name}.{end}"))
    }

    fn fingerprint(&self, name: &str) -> [u8; 32] {
        seal::digest::sha256(&[&std::fs::read(self.path(name, "der")).unwrap()])
    }

    fn post(&self, name: &str) -> Post {
        Post { certificate_file: self.path(name, "crt"), private_key_file: self.path(name, "key") }
    }
}

fn office(unique: &str) -> EndpointId {
    EndpointId { country: IsoCountryCode::parse("NL").unwrap(), unique: LongString::parse(unique).unwrap() }
}

fn transaction(number: u32) -> Uuid {
    Uuid::parse(&format!("5e3f9a52-1c6b-4c58-9d3e-{number:012x}")).unwrap()
}

/// The form as a message in JSON, with the court's signature inside (JWS over its canonical form).
fn order(court: &Court, at: u64) -> Vec<u8> {
    let body = standards::incoming::read(epoc(NOTIFIED).as_bytes(), &Setting::reader()).unwrap().body;
    let envelope = hi1::Envelope {
        sender: office("RB-VOORBEELD"),
        receiver: office("NL-EXAMPLE"),
        transaction: transaction(1),
        at: at as i64,
        expiry: None,
        tasks: Vec::new(),
    };
    let json = hi1::to_message(&body, &envelope).unwrap().message.to_json().unwrap();
    // Sorted members without spaces: for these values the canonical form of RFC 8785.
    let mut members: serde_json::Value = serde_json::from_str(&json).unwrap();
    let [protected, _, signature] = court.parts(&members.to_string());
    members["Signature"] = serde_json::json!({ "protected": protected, "signature": signature });
    members.to_string().into_bytes()
}

/// Of the same office, with these actions.
fn asking(number: u32, requests: Vec<Request>) -> Vec<u8> {
    let body = standards::incoming::read(epoc(NOTIFIED).as_bytes(), &Setting::reader()).unwrap().body;
    let envelope = hi1::Envelope {
        sender: office("RB-VOORBEELD"),
        receiver: office("NL-EXAMPLE"),
        transaction: transaction(number),
        at: 0,
        expiry: None,
        tasks: Vec::new(),
    };
    let header = hi1::to_message(&body, &envelope).unwrap().message.header;
    let actions = (0..).zip(requests).map(|(identifier, request)| ActionRequest { identifier, request }).collect();
    let actions = ActionRequests { actions: standards::etsi::codec::Some1::new(actions).unwrap() };
    let payload = Payload::Request(RequestPayload { actions });
    Message { header, payload, signatures: Signatures::default() }.to_xml().into_bytes()
}

fn answers(octets: &[u8]) -> Vec<Response> {
    let message = Received::parse(octets).unwrap().schema().unwrap();
    match message.payload {
        Payload::Response(ResponsePayload::Actions(all)) => all.actions.iter().map(|one| one.response.clone()).collect(),
        other => panic!("{other:?}"),
    }
}

fn list(kind: &str) -> Request {
    let object_type = DictionaryEntry::etsi("ObjectType", kind);
    let none = ListRequest { object_type, last_changed: None, last_changed_timespan: None, maximum: None, status: None, country: None };
    Request::List(none)
}

fn listed(response: &Response) -> Vec<Uuid> {
    let Response::List(list) = response else { panic!("{response:?}") };
    list.records.iter().map(|record| record.identifier.clone()).collect()
}

#[test]
fn dsk_10_dsk_22_from_the_tls_door_through_the_members_to_the_delivery() {
    let (court, folder) = (Court::new(), tempfile::tempdir().unwrap());
    let papers = Papers::new(folder.path());
    let original = order(&court, at(9, 0));
    let scene = scene_of(original.clone());
    let run = Run::new(&scene, Story::Past, Kill::Never, folder.path());
    let outbox = folder.path().join("outbox");
    std::fs::create_dir_all(&outbox).unwrap();
    let desk = court.desk_with(folder.path(), &[papers.fingerprint("court")]);
    let setup = Arc::clone(desk.setup());
    let desk = desk.with_shelf(Shelf { outbox: outbox.clone(), own: office("NL-EXAMPLE"), fetch: None });
    let mut joined = Joined { run, shared: Arc::new(Mutex::new(desk)), number: 1, outbox: Some(outbox) };

    let clock = Arc::new(AtomicU64::new(joined.run.outside.now));
    let config = EtsiConfig {
        listen: "127.0.0.1:0".into(),
        certificate_file: papers.path("desk", "crt"),
        private_key_file: papers.path("desk", "key"),
        country: "NL".into(),
        unique_identifier: "NL-EXAMPLE".into(),
        fetch: None,
    };
    let now = joined.run.outside.now;
    let of_the_world = Arc::clone(&clock);
    let door = Hi1Door::new(Arc::clone(&joined.shared), config.offer(&setup, now).unwrap(), config.tls(&setup, now).unwrap())
        .with_clock(Arc::new(move || of_the_world.load(Ordering::SeqCst)));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = runtime.spawn(serve(listener, Arc::new(door)));
    let there = Endpoint { host: "127.0.0.1".into(), port, path: "/hi1".into(), certificate: papers.fingerprint("desk") };
    let say = |who: &str, octets: Vec<u8>, now: u64| {
        clock.store(now, Ordering::SeqCst);
        runtime.block_on(papers.post(who).send(&there, octets))
    };

    assert!(say("stranger", original.clone(), now).is_err(), "no handshake");
    // Before the registry's 72 hours are over nobody is known by it.
    assert!(say("court", original.clone(), at(0, 0) - 8 * 86_400).is_err_and(|text| text.contains("403")));
    let taken = answers(&say("court", original.clone(), now).unwrap());
    assert!(taken.iter().all(|one| matches!(one, Response::Create(_))), "{taken:?}");
    assert_eq!(joined.state(), "on-hold", "every gate passes, and the enforcing authority was notified");
    let lapse = joined.due();
    let none = answers(&say("court", asking(2, vec![list("Delivery")]), lapse - 1).unwrap());
    assert!(listed(&none[0]).is_empty());
    joined.at(lapse);
    assert_eq!(joined.state(), "producing");
    joined.until(|case| matches!(case, Case::Closed(_)));
    assert_eq!((joined.run.outside.outbox.len(), joined.state()), (1, "answered".to_owned()));
    assert!(joined.run.outside.releases.len() >= 5, "both thresholds");

    let now = joined.run.outside.now;
    let found = listed(&answers(&say("court", asking(3, vec![list("Delivery")]), now).unwrap())[0]);
    let [delivery] = &found[..] else { panic!("{found:?}") };
    let got = answers(&say("court", asking(4, vec![Request::Get(GetRequest { identifier: delivery.clone() })]), now).unwrap());
    let Response::Get(got) = &got[0] else { panic!("{got:?}") };
    let Object::Delivery(body) = &got.object.kind else { panic!("{got:?}") };
    let Some(Delivered::Binary(data)) = &body.delivery else { panic!("{body:?}") };
    assert_eq!(data.data.0, *joined.run.outside.outbox.values().next().unwrap(), "what the members' keys opened and two officers approved");
    let raw = RawPackage::read(&data.data.0).unwrap();
    let package = raw.check().unwrap();
    assert!(0 < package.statement().items.iter().map(|item| item.rows).sum::<u64>());
    assert_eq!(package.file("data/order/original.bin", 1 << 20).unwrap(), original, "the court's own message lies in it");
    serving.abort();
}

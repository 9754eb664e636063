//! What was produced, through the door of TS 103 120 to who sent the order there.

use std::path::Path;

use node::cases::Digest32;
use node::cases::state::*;
use node::desk::Ask;
use node::desk::deliver::Shelf;
use seal::entropy::SystemEntropy;
use standards::etsi::core::{ListResponse, Response};
use standards::etsi::delivery::{Delivered, DeliveryObject, ManifestContents, UrlObject};
use standards::etsi::object::Kind;
use verify::package::digest::Sums;

use crate::house::*;
use crate::joined::{attested, batch, file, logged, packing};
use crate::senders::from_germany;
use crate::tls::{Papers, answers, asking, authorisation, cancel, get, known, status};

pub const NAME: &str = "production-1-1.asice.p7m";

pub fn shelf(outbox: &Path, fetch: Option<u32>) -> Shelf {
    let fetch = fetch.map(|days| ("https://hi1.example:8443/".to_owned(), days));
    Shelf { outbox: outbox.to_owned(), own: endpoint("NL", "NL-EXAMPLE"), fetch }
}

/// The case of the order in this message, which delivered this package now.
pub fn completed(order: &str, octets: &[u8]) -> Case {
    let encrypted = Digest32(seal::digest::sha256(&[octets]));
    let none = Digest32([0; 32]);
    let package = PackageFacts { name: NAME.into(), size: octets.len() as u64, encrypted, manifest: none, signature: none };
    let delivered = node::gateway::shell::now();
    let served = vec![Served { batch: batch(), package, delivered, release_index: 1, receipt_index: 2 }];
    let leaves = LeafQueue::new(Vec::new());
    let file = file(&attested(order, 1));
    Case::Closed(Closed { file, leaf: logged(), served, ending: Ending::Completed, leaves, at: delivered })
}

pub const DELIVERIES: &str = "<LIST><ObjectType><common:Owner>ETSI</common:Owner><common:Name>ObjectType</common:Name><common:Value>Delivery</common:Value></ObjectType></LIST>";

fn list(response: &Response) -> &ListResponse {
    if let Response::List(list) = response { list } else { panic!("{response:?}") }
}

fn delivery(response: &Response) -> (DeliveryObject, Vec<String>) {
    let Response::Get(got) = response else { panic!("{response:?}") };
    let Kind::Delivery(body) = &got.object.kind else { panic!("{got:?}") };
    (body.clone(), got.object.associated().iter().map(|id| id.as_str().to_owned()).collect())
}

fn octets(body: &DeliveryObject) -> Vec<u8> {
    let Some(Delivered::Binary(data)) = &body.delivery else { panic!("{body:?}") };
    data.data.0.clone()
}

pub fn wish(id: &str, value: &str) -> String {
    let word =
        format!("<common:Owner>ETSI</common:Owner><common:Name>DeliveryDesiredStatus</common:Name><common:Value>{value}</common:Value>");
    format!(
        "<UPDATE><HI1Object xmlns:d=\"http://uri.etsi.org/03120/common/2019/10/Delivery\" xsi:type=\"d:DeliveryObject\"><ObjectIdentifier>{id}</ObjectIdentifier><d:DeliveryDesiredStatus>{word}</d:DeliveryDesiredStatus></HI1Object></UPDATE>"
    )
}

/// For `interop/etsi.sh`, which has xmllint look at every message that we wrote.
pub fn kept(name: &str, text: &str) {
    if let Some(folder) = std::env::var_os("ETSI_SAMPLES") {
        std::fs::write(Path::new(&folder).join(format!("{name}.xml")), text).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_22_a_production_is_got_by_who_sent_the_order_and_by_nobody_else() {
    let papers = Papers::new();
    let outbox = tempfile::tempdir().unwrap();
    let mut house = House::with(known(&papers));
    house.desk = house.desk.with_shelf(shelf(outbox.path(), None));
    let (address, desk, _folder, serving) = papers.serve(house).await;
    let order = message(&epoc(1), 1);
    papers.post("parket", address, &order).await.unwrap();
    let now = node::gateway::shell::now();
    desk.lock().unwrap().act(now, 1, "An", call(), &mut SystemEntropy).unwrap();
    let package = vec![0xa5; 3_000_000];
    std::fs::write(outbox.path().join(NAME), &package).unwrap();
    let follow = |case: &Case| desk.lock().unwrap().follow(now, case, &mut SystemEntropy).unwrap();
    follow(&packing(&attested(&order, 1), 3));
    let (_, text) = papers.post("parket", address, &asking(2, &[DELIVERIES.to_owned()])).await.unwrap();
    assert!(list(&answers(&text)[0]).records.is_empty(), "approved is not delivered");
    // Said twice, as after a restart, it is one delivery.
    let case = completed(&order, &package);
    assert_eq!((follow(&case), follow(&case)), (Some(1), Some(1)));
    assert_eq!(desk.lock().unwrap().head(1).unwrap().unwrap().state, "answered");

    let (_, text) = papers.post("parket", address, &asking(3, &[DELIVERIES.to_owned()])).await.unwrap();
    let found = answers(&text);
    let [record] = &list(&found[0]).records[..] else { panic!("{text}") };
    let id = record.identifier.as_str().to_owned();
    let (_, text) = papers.post("parket", address, &asking(4, &[get(&id)])).await.unwrap();
    let (body, tasks) = delivery(&answers(&text)[0]);
    assert_eq!(octets(&body), package);
    assert_eq!((body.sequence_number, tasks.len()), (Some(1), 1));
    assert_eq!(status(&answers(&text)[0]), "ETSI/DeliveryStatus/Available");
    kept("door-delivery", &text);
    // Four copies are what an answer holds.
    let six: Vec<String> = (0..6).map(|_| get(&id)).collect();
    let (_, text) = papers.post("parket", address, &asking(5, &six)).await.unwrap();
    assert_eq!((text.matches("<GETResponse>").count(), text.matches("STD-86").count()), (4, 2));

    // Another authority: it is not there, by neither way.
    let theirs = from_germany(&asking(6, &[DELIVERIES.to_owned(), get(&id), wish(&id, "Received")]));
    let (_, text) = papers.post("ag", address, &theirs).await.unwrap();
    let got = answers(&text);
    assert!(list(&got[0]).records.is_empty());
    assert!(got[1..].iter().all(|one| matches!(one, Response::Error(error) if error.description.as_str().starts_with("STD-52"))), "{text}");

    let (_, text) = papers.post("parket", address, &asking(7, &[wish(&id, "Received")])).await.unwrap();
    assert!(matches!(&answers(&text)[0], Response::Update(_)), "{text}");
    assert!(desk.lock().unwrap().papers().unwrap().is_empty(), "nobody has to look at a receipt");
    let (_, text) = papers.post("parket", address, &asking(8, &[get(&id)])).await.unwrap();
    assert_eq!(status(&answers(&text)[0]), "ETSI/DeliveryStatus/Received");
    assert_eq!(octets(&delivery(&answers(&text)[0]).0), package, "got as often as is asked");

    // Somebody put another file there: it is not handed over.
    std::fs::write(outbox.path().join(NAME), vec![0xa6; 3_000_000]).unwrap();
    let (_, text) = papers.post("parket", address, &asking(9, &[get(&id)])).await.unwrap();
    assert_eq!(status(&answers(&text)[0]), "ETSI/DeliveryStatus/Error");
    assert!(octets(&delivery(&answers(&text)[0]).0).is_empty());
    std::fs::write(outbox.path().join(NAME), &package).unwrap();

    papers.post("parket", address, &asking(10, &[cancel(&authorisation(&order))])).await.unwrap();
    assert_eq!(desk.lock().unwrap().head(1).unwrap().unwrap().state, "withdrawn");
    let (_, text) = papers.post("parket", address, &asking(11, &[get(&id)])).await.unwrap();
    assert_eq!(status(&answers(&text)[0]), "ETSI/DeliveryStatus/Expired");
    assert!(octets(&delivery(&answers(&text)[0]).0).is_empty(), "of a withdrawn order nothing is handed over");
    serving.abort();
}

fn url(body: &DeliveryObject) -> UrlObject {
    let Some(Delivered::Url(url)) = &body.delivery else { panic!("{body:?}") };
    url.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn dsk_22_what_is_too_large_to_push_is_fetched_within_its_window() {
    let papers = Papers::new();
    let outbox = tempfile::tempdir().unwrap();
    let mut setup = known(&papers);
    // The law's 25 MB, in small.
    setup.book.delivery.push_bytes_max = 999_999;
    let mut house = House::with(setup);
    house.desk = house.desk.with_shelf(shelf(outbox.path(), Some(30)));
    let (address, desk, _folder, serving) = papers.serve(house).await;
    let order = message(&epoc(1), 1);
    papers.post("parket", address, &order).await.unwrap();
    let now = node::gateway::shell::now();
    desk.lock().unwrap().act(now, 1, "An", call(), &mut SystemEntropy).unwrap();
    let package: Vec<u8> = (0..1_000_000u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(outbox.path().join(NAME), &package).unwrap();
    desk.lock().unwrap().follow(now, &packing(&attested(&order, 1), 3), &mut SystemEntropy).unwrap();
    desk.lock().unwrap().follow(now, &completed(&order, &package), &mut SystemEntropy).unwrap();

    let (_, text) = papers.post("parket", address, &asking(2, &[DELIVERIES.to_owned()])).await.unwrap();
    let id = list(&answers(&text)[0]).records[0].identifier.as_str().to_owned();
    let (_, text) = papers.post("parket", address, &asking(3, &[get(&id)])).await.unwrap();
    let (body, _) = delivery(&answers(&text)[0]);
    let url = url(&body);
    let sums = Sums::of(&package);
    assert_eq!((url.url.as_str(), url.content_length), (&*format!("https://hi1.example:8443/deliveries/{id}"), Some(1_000_000)));
    assert_eq!(url.checksums.unwrap().checksums[1].checksum.as_str(), verify::spelling::hex(&sums.sha512));
    let Some(standards::etsi::delivery::Manifest::External(schema)) = body.manifest else { panic!() };
    let Some(ManifestContents::Binary(manifest)) = schema.contents else { panic!() };
    let manifest: serde_json::Value = serde_json::from_slice(&manifest.data.0).unwrap();
    assert_eq!((&manifest["order"]["reference"], &manifest["recipient"]), (&"2026-0001".into(), &"Parket Voorbeeld".into()));
    assert_eq!((&manifest["files"][0]["name"], &manifest["means"]["type"]), (&NAME.into(), &"link".into()));
    kept("door-delivery-to-fetch", &text);

    let path = format!("/deliveries/{id}");
    assert_eq!(papers.fetch("parket", address, &path).await.unwrap(), (200, package.clone()));
    let (code, absent) = papers.fetch("ag", address, &path).await.unwrap();
    assert_eq!(
        (code, Some(absent)),
        (404, papers.fetch("parket", address, "/deliveries/other").await.map(|(_, text)| text)),
        "looks absent"
    );
    assert_eq!(papers.fetch("stranger", address, &path).await, None);
    for other in ["/", "/deliveries/", "/deliveries/../desk.db", "/production-1-1.asice.p7m"] {
        assert_eq!(papers.fetch("parket", address, other).await.unwrap().0, 404, "{other}");
    }
    let offices = [endpoint("NL", "PARKET")];
    let there = |at: u64| desk.lock().unwrap().fetch(at, &offices, &id).unwrap().is_some();
    // The window is whole days; its last one is the thirtieth after today.
    assert!(there(now + 29 * DAY) && !there(now + 31 * DAY));
    desk.lock().unwrap().act(now, 1, "An", Ask::Withdraw {}, &mut SystemEntropy).unwrap();
    assert_eq!(papers.fetch("parket", address, &path).await.unwrap().0, 404, "of a withdrawn order nothing is handed over");
    serving.abort();
}

#[test]
fn dsk_22_nothing_is_offered_that_is_not_what_was_made_or_has_no_way_out() {
    let outbox = tempfile::tempdir().unwrap();
    let order = message(&epoc(1), 1);
    let package = vec![7; 2_000];
    for (what, small, file, offered) in [
        ("as it was made", false, Some(package.clone()), 1),
        ("another file", false, Some(vec![8; 2_000]), 0),
        ("no file", false, None, 0),
        ("too large, and nowhere to fetch it", true, Some(package.clone()), 0),
    ] {
        let mut setup = setup(&[]);
        if small {
            setup.book.delivery.push_bytes_max = 1_999;
        }
        let mut house = House::with(setup);
        house.desk = house.desk.with_shelf(shelf(outbox.path(), None));
        crate::senders::send(&mut house, "NL", "PARKET", &order);
        house.act(1, call()).unwrap();
        let _ = std::fs::remove_file(outbox.path().join(NAME));
        if let Some(octets) = file {
            std::fs::write(outbox.path().join(NAME), octets).unwrap();
        }
        crate::joined::follow(&mut house, &packing(&attested(&order, 1), 3));
        // As after kill -9 between the case's step and the desk's note of it.
        let (path, setup) = (house.path(), std::sync::Arc::clone(house.desk.setup()));
        let House { desk, folder, now } = house;
        drop(desk);
        let desk = node::desk::Desk::open(&path, body_key(), setup).unwrap().with_shelf(shelf(outbox.path(), None));
        let mut house = House { desk, folder, now };
        for _ in 0..2 {
            crate::joined::follow(&mut house, &completed(&order, &package));
        }
        let answer = crate::senders::send(&mut house, "NL", "PARKET", &asking(2, &[DELIVERIES.to_owned()]));
        assert_eq!(list(&answers(&answer)[0]).records.len(), offered, "{what}");
        assert_eq!(house.state(1), "answered", "what the case did stands: {what}");
    }
}

#[test]
fn dsk_22_an_order_of_another_door_has_no_delivery_here() {
    let outbox = tempfile::tempdir().unwrap();
    let mut house = House::new();
    house.desk = house.desk.with_shelf(shelf(outbox.path(), None));
    let number = house.order(&epoc(1)).number;
    house.act(number, call()).unwrap();
    std::fs::write(outbox.path().join(NAME), b"package").unwrap();
    crate::joined::follow(&mut house, &packing(&attested(&epoc(1), 1), 3));
    crate::joined::follow(&mut house, &completed(&epoc(1), b"package"));
    drop(house.desk);
    let db = rusqlite::Connection::open(house.folder.path().join("desk.db")).unwrap();
    assert_eq!(db.query_row("SELECT count(*) FROM objects", [], |row| row.get::<_, u64>(0)).unwrap(), 0);
}

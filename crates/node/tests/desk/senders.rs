//! One sender's objects, another's order.

use node::desk::Desk;
use node::desk::config::EtsiConfig;
use rusqlite::Connection;
use seal::entropy::SystemEntropy;
use standards::epoc::hi1;

use crate::house::*;

/// One message of this office, as its certificate brings it.
pub fn send(house: &mut House, country: &str, office: &str, text: &str) -> String {
    let config = EtsiConfig {
        listen: String::new(),
        certificate_file: "none".into(),
        private_key_file: "none".into(),
        country: "NL".into(),
        unique_identifier: "NL-EXAMPLE".into(),
        fetch: None,
    };
    let offer = config.offer(house.desk.setup(), RECEIVED).unwrap();
    let offices = [endpoint(country, office)];
    house.desk.hi1(house.now, &offer, &offices, text.as_bytes(), &mut SystemEntropy).unwrap().text
}

pub fn from_germany(text: &str) -> String {
    text.replace(">PARKET<", ">AG-1<").replacen(">NL<", ">DE<", 1)
}

/// (owner, kind, order) of the objects that say they belong to an order.
fn objects(db: &Connection) -> Vec<(String, String, u64)> {
    let mut query = db.prepare("SELECT owner, kind, number FROM objects WHERE number IS NOT NULL").unwrap();
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn dsk_14_whoever_names_anothers_order_files_nothing_under_it() {
    let mut house = House::new();
    send(&mut house, "NL", "PARKET", &message(&epoc(1), 1));
    let letter = "form = \"form-6\"\n[issuing]\nname = \"AG\"\n[follow_up]\nreference = \"2026-0001\"\n";
    let body = law::transcription::read(letter, [0; 32]).unwrap().body;
    let envelope = hi1::Envelope {
        sender: endpoint("DE", "AG-1"),
        receiver: endpoint("NL", "NL-EXAMPLE"),
        transaction: uuid(2),
        at: RECEIVED as i64,
        expiry: None,
        tasks: Vec::new(),
    };
    let text = hi1::to_message(&body, &envelope).unwrap().message.to_xml();
    let answer = send(&mut house, "DE", "AG-1", &text);
    let papers = house.desk.papers().unwrap();
    assert_eq!((papers.len(), papers.first().and_then(|paper| paper.2)), (1, Some(1)), "a person looks: {answer}");
    let House { desk, folder, .. } = house;
    drop(desk);
    let db = Connection::open(folder.path().join("desk.db")).unwrap();
    let all: u64 = db.query_row("SELECT count(*) FROM objects WHERE owner = 'DE/AG-1'", [], |row| row.get(0)).unwrap();
    assert_ne!(all, 0, "its objects are kept, as its own");
    assert!(objects(&db).iter().all(|(owner, ..)| owner == "NL/PARKET"), "{:?}", objects(&db));
}

#[test]
fn dsk_14_a_state_is_told_to_who_sent_the_order_and_to_nobody_else() {
    let mut house = House::new();
    send(&mut house, "NL", "PARKET", &message(&epoc(1), 1));
    send(&mut house, "DE", "AG-1", &from_germany(&message(&epoc(2), 2)));
    assert_eq!(house.desk.head(2).unwrap().unwrap().sender, "DE/AG-1");
    let (path, setup) = (house.path(), std::sync::Arc::clone(house.desk.setup()));
    let House { desk, folder, now } = house;
    drop(desk);
    // However another's objects came under this number: they neither change nor turn the notification to their owner.
    let db = Connection::open(&path).unwrap();
    db.execute("UPDATE objects SET number = 1 WHERE owner = 'DE/AG-1'", []).unwrap();
    let before: Vec<_> = objects(&db).into_iter().filter(|(owner, ..)| owner == "DE/AG-1").collect();
    drop(db);
    let mut house = House { desk: Desk::open(&path, body_key(), setup).unwrap(), folder, now };
    assert_eq!(house.act(1, call()).unwrap(), "producing");
    let House { desk, folder, .. } = house;
    drop(desk);
    let db = Connection::open(folder.path().join("desk.db")).unwrap();
    let after: Vec<_> = objects(&db).into_iter().filter(|(owner, ..)| owner == "DE/AG-1").collect();
    assert_eq!(after, before, "no notification of another's order");
    let status = "SELECT status FROM objects WHERE owner = ?1 AND kind LIKE '%uthorisation%'";
    let of = |owner: &str| db.query_row(status, [owner], |row| row.get::<_, String>(0)).unwrap();
    assert!(of("NL/PARKET").ends_with("Approved"));
    assert!(of("DE/AG-1").ends_with("SubmittedToCSP"));
}

//! The receipt and Form 3 as objects of who sent the order.

use law::received::Body;
use node::desk::Ask;
use standards::etsi::core::Response;
use standards::etsi::document::Document;
use standards::etsi::object::Kind;

use crate::deliver::kept;
use crate::house::*;
use crate::senders::{from_germany, send};
use crate::tls::{answers, asking, get};

fn list(kind: &str) -> String {
    format!(
        "<LIST><ObjectType><common:Owner>ETSI</common:Owner><common:Name>ObjectType</common:Name><common:Value>{kind}</common:Value></ObjectType></LIST>"
    )
}

/// Everything of this kind that the prosecutor gets, as the answers to LIST and GET have it.
fn got(house: &mut House, kind: &str, transaction: u32) -> Vec<(String, Kind, Vec<String>)> {
    let listed = send(house, "NL", "PARKET", &asking(transaction, &[list(kind)]));
    let Response::List(records) = &answers(&listed)[0] else { panic!("{listed}") };
    let gets: Vec<String> = records.records.iter().map(|record| get(record.identifier.as_str())).collect();
    let text = send(house, "NL", "PARKET", &asking(transaction + 1, &gets));
    let object = |response: &Response| {
        let Response::Get(got) = response else { panic!("{text}") };
        let about = got.object.associated().iter().map(|id| id.as_str().to_owned()).collect();
        (got.object.base.identifier.as_str().to_owned(), got.object.kind.clone(), about)
    };
    let all = answers(&text).iter().map(object).collect();
    kept(&format!("door-{kind}-{transaction}"), &text);
    all
}

fn documents(house: &mut House, transaction: u32) -> Vec<(String, Document, Vec<String>)> {
    let all = got(house, "Document", transaction).into_iter();
    all.filter_map(|(id, kind, about)| if let Kind::Document(body) = kind { Some((id, body, about)) } else { None }).collect()
}

fn contents(document: &Document) -> Vec<u8> {
    let body = document.body.as_ref().unwrap();
    let contents = body.contents.as_ref().unwrap().0.clone();
    let sum = verify::spelling::hex(&seal::digest::sha256(&[&contents]));
    assert_eq!(body.checksum.as_ref().unwrap().as_str(), sum);
    contents
}

fn named(documents: &[(String, Document, Vec<String>)], name: &str) -> Vec<(Document, Vec<String>)> {
    let fits = |document: &Document| document.name.as_ref().is_some_and(|own| own.as_str() == name);
    documents.iter().filter(|(_, document, _)| fits(document)).map(|(_, document, about)| (document.clone(), about.clone())).collect()
}

#[test]
fn dsk_28_the_receipt_and_form_3_are_documents_of_who_sent_the_order() {
    let mut house = House::new();
    let order = message(&epoc(1), 1);
    send(&mut house, "NL", "PARKET", &order);
    // Said again it is the same order with the same receipt.
    send(&mut house, "NL", "PARKET", &order);
    let first = documents(&mut house, 10);
    let receipts = named(&first, "receipt.json");
    let [(receipt, about)] = &receipts[..] else { panic!("{first:?}") };
    let said: serde_json::Value = serde_json::from_slice(&contents(receipt)).unwrap();
    assert_eq!((said["number"].as_u64(), said["preserved"].as_bool()), (Some(1), Some(true)));
    assert_eq!(said["original_sha256"], verify::spelling::hex(&seal::digest::sha256(&[order.as_bytes()])));
    assert_eq!(about.len(), 2, "the authorisation and its task");
    assert!(named(&first, "Form3.xml").is_empty());

    house.now += 60;
    house.act(1, Ask::Clarify { question: "Which of the two accounts?".into() }).unwrap();
    let second = documents(&mut house, 20);
    let forms = named(&second, "Form3.xml");
    let [(form, about)] = &forms[..] else { panic!("{second:?}") };
    assert_eq!(form.document_type.as_ref().unwrap().value.as_str(), "Form3");
    let Body::NonExecution(read) = standards::epoc::read_form(&contents(form)).unwrap().body else { panic!() };
    assert_eq!(read.clarification.unwrap().value, "Which of the two accounts?");
    let told = got(&mut house, "Notification", 30);
    let wish = told.iter().find(|(_, kind, _)| match kind {
        Kind::Notification(body) => body.notification_type.as_ref().is_some_and(|word| word.value.as_str() == "ClarificationNeeded"),
        _ => false,
    });
    let (id, Kind::Notification(wish), _) = wish.unwrap() else { panic!() };
    assert_eq!(wish.details.as_ref().unwrap().as_str(), "Which of the two accounts?");
    assert!(about.contains(id), "the form hangs on its notification");

    house.now += 60;
    house.act(1, Ask::Clarified {}).unwrap();
    assert_eq!(named(&documents(&mut house, 40), "Form3.xml").len(), 1, "an answer of theirs is no form of ours");
    house.act(1, Ask::Refuse { grounds: [(String::new(), vec![4])].into() }).unwrap();
    let third = named(&documents(&mut house, 50), "Form3.xml");
    assert_eq!(third.len(), 2);
    let grounds = |document: &Document| match standards::epoc::read_form(&contents(document)).unwrap().body {
        Body::NonExecution(read) => read.reasons.iter().flat_map(|given| &given.reasons).map(|reason| reason.value.number()).collect(),
        _ => Vec::new(),
    };
    assert!(third.iter().any(|(document, _)| grounds(document) == [4]));

    // Nobody else sees them.
    let (id, ..) = &first[0];
    let text = send(&mut house, "DE", "AG-1", &from_germany(&asking(60, &[list("Document"), get(id)])));
    let all = answers(&text);
    assert!(matches!(&all[0], Response::List(none) if none.records.is_empty()), "{text}");
    assert!(matches!(&all[1], Response::Error(error) if error.description.as_str().starts_with("STD-52")), "{text}");
}

#[test]
fn dsk_28_an_order_by_other_doors_has_no_documents_here() {
    let mut house = House::new();
    let number = house.order(&epoc(1)).number;
    house.act(number, Ask::Refuse { grounds: [(String::new(), vec![4])].into() }).unwrap();
    let House { desk, folder, .. } = house;
    drop(desk);
    let db = rusqlite::Connection::open(folder.path().join("desk.db")).unwrap();
    assert_eq!(db.query_row("SELECT count(*) FROM objects", [], |row| row.get::<_, u64>(0)).unwrap(), 0);
}

/// A database as the first program wrote it: the second's columns and the third's tables taken away again.
fn older(path: &std::path::Path, schema: u32) {
    let db = rusqlite::Connection::open(path).unwrap();
    let third = "DROP TABLE outgoing; DROP TABLE dispatches; PRAGMA user_version = 2;";
    let second = "
        DROP TABLE rule_books;
        DROP TRIGGER entries_stay; DROP TRIGGER entries_remain;
        CREATE TABLE first (seq INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL,
          word TEXT NOT NULL, state TEXT NOT NULL, by TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (number, version)) STRICT;
        INSERT INTO first SELECT seq, number, version, at, word, state, by, body FROM entries;
        DROP TABLE entries;
        ALTER TABLE first RENAME TO entries;
        CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
        CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
        PRAGMA user_version = 1;";
    db.execute_batch(third).unwrap();
    if schema == 1 {
        db.execute_batch(second).unwrap();
    }
}

/// Every row of every table that the first schema had, by its columns of then.
fn rows(path: &std::path::Path) -> Vec<String> {
    let db = rusqlite::Connection::open(path).unwrap();
    let tables = [
        ("received", "number, hash, door, sender, at, version, state, preserves, due, verdict, rule_version, deadline_at, document"),
        ("entries", "seq, number, version, at, word, state, by, body"),
        ("tags", "tag, number, at"),
        ("papers", "hash, at, door, sender, number, acted, document"),
        ("refusals", "seq, at, door, sender, hash, octets, code"),
        ("cases", "id, number, ended, body"),
        ("objects", "id, owner, kind, status, changed, number, body"),
        ("answers", "owner, txn, at, digest, body"),
    ];
    let mut all = Vec::new();
    for (table, columns) in tables {
        let mut query = db.prepare(&format!("SELECT {columns} FROM {table} ORDER BY 1, 2")).unwrap();
        let width = query.column_count();
        let row = |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get::<_, rusqlite::types::Value>(at)).collect::<Result<Vec<_>, _>>();
        let found: Vec<_> = query.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap();
        all.extend(found.into_iter().map(|row| format!("{table} {row:?}")));
    }
    all
}

#[test]
fn an_older_database_is_opened_and_loses_nothing() {
    for schema in [1, 2] {
        let mut house = House::new();
        let order = message(&epoc(1), 1);
        let answer = send(&mut house, "NL", "PARKET", &order);
        house.act(1, call()).unwrap();
        assert!(house.take("<x/>").is_err());
        house.act(1, Ask::Refuse { grounds: [(String::new(), vec![4])].into() }).unwrap();
        let (path, setup) = (house.path(), std::sync::Arc::clone(house.desk.setup()));
        let House { desk, folder, now } = house;
        drop(desk);
        older(&path, schema);
        let before = rows(&path);
        assert!(10 < before.len());
        // Opened twice: the second time there is nothing to do.
        for _ in 0..2 {
            drop(node::desk::Desk::open(&path, body_key(), std::sync::Arc::clone(&setup)).unwrap());
            assert_eq!(rows(&path), before, "schema {schema}");
        }
        let desk = node::desk::Desk::open(&path, body_key(), setup).unwrap();
        let mut house = House { desk, folder, now };
        // The history is replayed, the transaction is answered as before, and life goes on with rules written down.
        assert_eq!((house.state(1), house.desk.load(1, now).unwrap().unwrap().entries.len()), ("refused".to_owned(), 3));
        assert_eq!(send(&mut house, "NL", "PARKET", &order), answer);
        let second = house.order(&epoc(2)).number;
        house.act(second, call()).unwrap();
        house
            .desk
            .due(
                now,
                &node::gateway::rules::Settings { poll_seconds: 1, retry_seconds: 1, retry_seconds_max: 1, attempts_max: 1 },
                &Default::default(),
                1,
            )
            .unwrap();
        drop(house.desk);
        let db = rusqlite::Connection::open(&path).unwrap();
        let schema: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        let unnamed: u32 = db.query_row("SELECT count(*) FROM entries WHERE rules = ''", [], |row| row.get(0)).unwrap();
        let told: u32 = db.query_row("SELECT count(*) FROM outgoing", [], |row| row.get(0)).unwrap();
        assert_eq!((schema, told), (3, 0));
        assert!(unnamed == 0 || unnamed == 3, "{unnamed}");
    }
}

#[test]
fn a_database_of_a_later_program_is_not_opened() {
    let house = House::new();
    let (path, setup) = (house.path(), std::sync::Arc::clone(house.desk.setup()));
    let House { desk, folder: _folder, .. } = house;
    drop(desk);
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 4").unwrap();
    let refused = node::desk::Desk::open(&path, body_key(), setup);
    assert!(matches!(refused, Err(node::desk::store::DeskFault::Schema { found: 4 })));
}

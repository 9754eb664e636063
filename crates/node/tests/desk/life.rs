//! Taking in, judging, moving, and what of it survives.

use law::counters::{Every, csv};
use node::desk::{Ask, Taken};

use crate::house::*;

#[test]
fn dsk_01_a_receipt_is_of_what_is_on_the_disk_and_the_same_document_is_one_order() {
    let mut house = House::new();
    let receipt = house.order(&epoc(1));
    assert_eq!((receipt.number, receipt.received_at, receipt.preserves), (1, RECEIVED, true));
    // Ten days end on Monday 30 November, 24:00 in the Netherlands.
    assert_eq!(receipt.deadline_at, 1_796_079_600);
    assert_eq!(house.order(&epoc(2)).number, 2);
    let mut house = house.reopened();
    house.now += 60;
    assert_eq!(house.order(&epoc(1)), receipt, "sent again: the same number, the same time");
    assert_eq!(house.order(&epoc(3)).number, 3, "numbers go on after a restart");
    assert_eq!(house.desk.heads(0, 10).unwrap().len(), 3);
}

#[test]
fn t4_the_file_names_nobody() {
    let mut house = House::new();
    let receipt = house.order(&epoc(1));
    house.act(receipt.number, call()).unwrap();
    let folder = house.folder;
    drop(house.desk);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let octets = std::fs::read(entry.unwrap().path()).unwrap();
        for needle in [&b"31612345678"[..], b"KzMxNjEyMzQ1Njc4", b"2026-0001", b"Parket Voorbeeld"] {
            assert!(!octets.windows(needle.len()).any(|window| window == needle), "{}", String::from_utf8_lossy(needle));
        }
    }
}

#[test]
fn dsk_02_a_used_transaction_with_another_content_is_refused() {
    let mut house = House::new();
    let taken = house.take_through("etsi", "NL/PARKET", message(&epoc(1), 1).as_bytes()).unwrap();
    assert!(matches!(taken, Taken::Order(_)));
    assert_eq!(refused(house.take_through("etsi", "NL/PARKET", message(&epoc(2), 1).as_bytes())), "DSK-02");
    // The name of a transaction is its sender's own: another sender does not know of it.
    assert!(house.take_through("etsi", "DE/AG-1", message(&epoc(2), 1).as_bytes()).is_ok());
}

#[test]
fn dsk_03_of_what_does_not_read_only_the_refusal_stays() {
    let mut house = House::new();
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaaaaaaaaaaaaaaaaSECRETaaaaaa\">]><Form1>&a;</Form1>";
    let code = refused(house.take(bomb));
    assert_eq!(refused(house.take("\u{1}not toml")), "TRN-01");
    let rows = house.desk.refusals(10).unwrap();
    assert_eq!((rows.len(), &rows[1].3, rows[1].2), (2, &code, bomb.len() as u64));
    assert!(house.desk.heads(0, 10).unwrap().is_empty());
    let folder = house.folder;
    drop(house.desk);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let octets = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!octets.windows(6).any(|window| window == b"SECRET"));
    }
}

#[test]
fn dsk_04_nobody_believes_a_rows_word_for_the_state() {
    let mut house = House::new();
    let receipt = house.order(&epoc(1));
    house.act(receipt.number, call()).unwrap();
    assert_eq!(house.state(1), "producing");
    let path = house.path();
    let folder = house.folder;
    let setup = std::sync::Arc::clone(house.desk.setup());
    drop(house.desk);
    let tampered = rusqlite::Connection::open(&path).unwrap();
    assert!(tampered.execute("DELETE FROM entries", []).is_err(), "entries are append-only");
    assert!(tampered.execute("UPDATE received SET at = 1", []).is_err(), "what was received stays");
    tampered.execute("UPDATE received SET state = 'answered'", []).unwrap();
    drop(tampered);
    let mut desk = node::desk::Desk::open(&path, body_key(), setup).unwrap();
    assert!(matches!(desk.load(1, RECEIVED), Err(node::desk::NotTaken::Fault(_))));
    drop(folder);
}

#[test]
fn dsk_05_a_step_that_the_law_has_not_there_is_refused_and_leaves_no_trace() {
    let mut house = House::new();
    let number = house.order(&epoc(1)).number;
    assert_eq!(house.act(number, Ask::Uphold {}).unwrap_err(), "GAT-19");
    assert_eq!(house.act(number, Ask::NothingHeld {}).unwrap_err(), "LIF-02");
    assert_eq!(house.act(99, Ask::Withdraw {}).unwrap_err(), "DSK-05");
    let wrong = Ask::CalledBack {
        authority: "parket.example".into(),
        number: "+31600000000".into(),
        called_by: "An".into(),
        confirmed_by: "Bo".into(),
    };
    assert_eq!(house.act(number, wrong).unwrap_err(), "RGY-05", "a number from the message is no number of the registry");
    let decided = Ask::Decide { gate: 4, person: "An".into(), reason: "I know them".into() };
    assert_eq!(house.act(number, decided).unwrap_err(), "GAT-20");
    assert_eq!(house.desk.load(number, house.now).unwrap().unwrap().entries.len(), 0);
}

#[test]
fn a_call_back_admits_and_clarification_stops_the_clock() {
    let mut house = House::new();
    let number = house.order(&epoc(1)).number;
    assert_eq!(house.state(number), "received", "unsigned: it waits for a call-back");
    assert_eq!(house.act(number, Ask::Clarify { question: "which service?".into() }).unwrap(), "clarifying");
    house.now += 2 * DAY;
    assert_eq!(house.act(number, Ask::Clarified {}).unwrap(), "received");
    assert_eq!(house.desk.head(number).unwrap().unwrap().due, Some(1_796_079_600 + 2 * DAY));
    assert_eq!(house.act(number, call()).unwrap(), "producing");
    let mut house = house.reopened();
    assert_eq!(house.state(number), "producing");
    house.now += 11 * DAY;
    assert_eq!(house.desk.overdue(house.now).unwrap().len(), 1, "its clock ran out and nothing left");
    let shown = node::desk::view::show(&mut house.desk, number, house.now, law::Language::Dutch).unwrap();
    assert_eq!((shown["overdue"].as_bool(), shown["history"].as_array().unwrap().len()), (Some(true), 4));
    assert!(shown["explanation"].as_str().unwrap().contains("Poorten"));
}

/// Traffic data, notified: signed by nobody, so that a person's decisions have to carry it as far as they may.
fn notified(number: u32) -> String {
    let enforcing = "<SectionK><EnforcingAuthority><eio:NameOfAuthority>OM</eio:NameOfAuthority></EnforcingAuthority></SectionK>";
    epoc(number)
        .replace("<WithinTenDays>AS_SOON_AS_POSSIBLE</WithinTenDays>", "<WithinTenDays>AT_THE_END_OF_TEN_DAYS</WithinTenDays>")
        .replace("</Form1>", &format!("{enforcing}</Form1>"))
}

#[test]
fn dsk_06_time_moves_what_only_waits_for_it() {
    let mut house = House::new();
    let letter = preservation();
    let number = house.order(&letter).number;
    assert_eq!(house.state(number), "received");
    assert_eq!(house.act(number, call()).unwrap(), "preserving");
    house.now += 59 * DAY;
    assert!(house.tick().is_empty());
    house.now += 4 * DAY;
    assert_eq!(house.tick(), [number]);
    assert_eq!(house.state(number), "preservation-ended");
    assert!(!house.desk.head(number).unwrap().unwrap().preserves);
    // A notified order for subscriber data contradicts itself (GAT-12): it is neither suspended nor begun by itself.
    let number = house.order(&notified(9)).number;
    house.act(number, call()).unwrap();
    assert_eq!(house.state(number), "received");
}

#[test]
fn dsk_07_a_paper_acts_only_from_whom_the_order_came() {
    let mut house = House::new();
    let order = message(&epoc(1), 1);
    let Taken::Order(receipt) = house.take_through("etsi", "NL/PARKET", order.as_bytes()).unwrap() else { panic!() };
    let letter = "form = \"withdrawal\"\n[issuing]\nname = \"Parket Voorbeeld\"\n[follow_up]\nreference = \"2026-0001\"\n";
    let taken = house.take(letter).unwrap();
    assert_eq!(taken, Taken::Paper { number: Some(receipt.number), acted: false }, "a typed letter is nobody's signature");
    assert_eq!(house.state(receipt.number), "received");
    assert_eq!(house.desk.papers().unwrap().len(), 1, "a person looks");
    assert_eq!(house.take(letter).unwrap(), taken, "the same letter again is the same paper");
    assert_eq!(house.act(receipt.number, Ask::Withdraw {}).unwrap(), "withdrawn");
}

#[test]
fn gat_16_the_linkage_counter_counts_persons_over_all_orders() {
    let mut house = House::new();
    let limit = house.desk.setup().book.linkage.orders_max;
    for number in 1..=limit + 1 {
        house.order(&epoc(number));
    }
    let last = u64::from(limit) + 1;
    let loaded = house.desk.load(last, house.now).unwrap().unwrap();
    let shown = node::desk::view::show(&mut house.desk, last, house.now, law::Language::English).unwrap();
    assert!(shown["explanation"].as_str().unwrap().contains("pattern of a life"), "{}", loaded.head.verdict);
    assert_eq!(house.act(last, call()).unwrap(), "received", "a person decides");
    let decided = Ask::Decide { gate: 16, person: "A. Bakker".into(), reason: "one case, read together".into() };
    assert_eq!(house.act(last, decided).unwrap(), "producing");
}

#[test]
fn dsk_15_the_counters_are_a_query_over_the_desk() {
    let mut house = House::new();
    for number in 1..=11 {
        let number = house.order(&epoc(number)).number;
        if number == 1 {
            let grounds = [(String::new(), vec![4])].into();
            assert_eq!(house.act(number, Ask::Refuse { grounds }).unwrap(), "refused");
        }
        if number == 2 {
            assert_eq!(house.act(number, Ask::Withdraw {}).unwrap(), "withdrawn");
        }
    }
    let rows = house.desk.counters(2026, Every::Year, house.now).unwrap();
    let (key, row) = rows.iter().next().unwrap();
    assert_eq!((rows.len(), key.state.as_str(), row.received, row.identifiers), (1, "NL", 11, 11));
    assert_eq!((row.endings["refused-4"], row.endings["withdrawn"], row.endings["open"]), (1, 1, 9));
    let text = csv(&rows);
    assert!(text.contains("2026,NL,e-evidence,,production,SUBSCRIBER,no,11,11,0"), "{text}");
    assert!(house.desk.counters(2025, Every::Year, house.now).unwrap().is_empty());
}

#[test]
fn dsk_17_what_arrives_is_kept_before_its_receipt_and_no_longer_than_it_stands() {
    let vault = std::sync::Arc::new(Vault::default());
    let mut house = House::new().with_vault(&vault);
    house.order(&epoc(1));
    let held = || vault.held.lock().unwrap().clone();
    let (items, until) = held().into_values().next().unwrap();
    assert_eq!((items.len(), until), (1, RECEIVED + 10 * DAY), "nobody has looked at it yet");
    let item = &items[0];
    assert_eq!((item.selector.to_string(), item.category.number()), ("phone:+31612345678".to_owned(), 5));
    assert_eq!((item.from, item.until), (1_793_520_000, 1_793_520_000 + 16_200), "no hour that it does not name");
    house.order(&epoc(1));
    assert!(house.take("\u{1}not toml").is_err());
    assert_eq!(held().len(), 1, "the same order is one hold, and what does not read keeps nothing");
    // What is over keeps nothing, also after a restart.
    let second = house.order(&epoc(2)).number;
    house.act(second, Ask::Withdraw {}).unwrap();
    assert_eq!(held().len(), 2);
    let mut house = house.reopened().with_vault(&vault);
    house.tick();
    assert_eq!(held().len(), 1);
    // A vault that cannot keep it: nothing is answered, and nothing stored.
    vault.is_full.store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(matches!(house.take(&epoc(3)), Err(node::desk::NotTaken::Fault(_))));
    assert_eq!(house.desk.heads(0, 10).unwrap().len(), 2);
}

/// The rule files with another time for preservation orders.
fn corrected() -> law::rules::RuleBook {
    let today = law::rules::RuleBook::embedded().unwrap();
    let (name, text) = today.texts().iter().find(|(name, _)| name == "eu-2023-1543.toml").unwrap().clone();
    let at = text.find("name = \"preservation\"").unwrap();
    let shorter = format!("{}{}", &text[..at], text[at..].replacen("count = 60", "count = 10", 1));
    assert_ne!(shorter, text);
    law::rules::RuleBook::with(&[(name, shorter)]).unwrap()
}

#[test]
fn lif_15_a_life_is_replayed_with_the_rules_that_it_was_lived_under() {
    let mut house = House::new();
    let number = house.order(&preservation()).number;
    house.act(number, call()).unwrap();
    house.now += 40 * DAY;
    assert_eq!(house.act(number, Ask::Extend {}).unwrap(), "preserving", "in time: 60 days have not passed");
    let due = house.desk.head(number).unwrap().unwrap().due;
    // A lawyer finds that it should have been ten days: what was done in good time stays done, and its clock is the one that was told.
    let mut house = house.under(corrected());
    let loaded = house.desk.load(number, house.now).unwrap().unwrap();
    assert_eq!((loaded.life.state(), loaded.head.due), ("preserving", due));
    assert_ne!(loaded.entries[0].rules, house.desk.setup().book.version.to_string());
    // A new order lives under the new rules, and both go on living side by side after the next correction.
    let letter = preservation().replace("2026-0042", "2026-0077").replace("+31612345678", "+31612345679");
    let second = house.order(&letter).number;
    assert_ne!(second, number);
    house.act(second, call()).unwrap();
    let mut house = house.under(law::rules::RuleBook::embedded().unwrap());
    let due_of = |house: &House, number| house.desk.head(number).unwrap().unwrap().due.unwrap() - house.now;
    assert!(due_of(&house, second) < 20 * DAY && 20 * DAY < due_of(&house, number));
    for number in [number, second] {
        assert_eq!(house.desk.load(number, house.now).unwrap().unwrap().life.state(), "preserving");
    }
}

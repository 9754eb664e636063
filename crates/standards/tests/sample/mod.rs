//! A small production: two categories, three items, two slots covered wholly and one in part, hostile values.
#![allow(dead_code, reason = "each test file uses its own part of this one")]

use seal::catalogue::{
    Clock, Common, Direction, Interaction, Party, PartyKind, Record, RecordType, Stamp, Subscriber, SubscriberAction, Traffic,
};
use standards::package::{Action, Content, EvidenceFile, OrderFile, PackageDraft, PackageKey, QueryRun, Row, Table};
use verify::package::statement::{CategoryAnswer, CompletenessStatement, Gap, Item, Outcome, SlotAnswer};
use verify::package::{LogFile, LoggedDocument};

/// 2026-11-21T20:00:00Z, start of an hour.
pub const HOUR: u64 = 1_795_291_200;
/// When the sample is signed.
pub const SIGNED: u64 = HOUR + 7_200;

/// A text that attacks spreadsheets, HTML, terminals and eyes at once.
pub const HOSTILE: &str = "=cmd|'/C calc'!A0 <script>alert(1)</script> \u{202e}fdp.exe\u{1b}[2J \"quoted\", and\r\nmore";

fn common(second: u64) -> Common {
    Common {
        t_event: Stamp::Milliseconds((HOUR + second) * 1000 + 7),
        clock: Clock::Server,
        source: "synapse".into(),
        source_row: Some(second + 1),
    }
}

fn record(second: u64, body: impl Into<seal::catalogue::Body>) -> Record {
    Record::new(common(second), (HOUR + second) * 1000 + 900, body).unwrap()
}

fn traffic(second: u64, conversation: &str) -> Record {
    let body = Traffic {
        interaction: Interaction::Message,
        direction: Direction::Sent,
        sender: Party::new(PartyKind::Account, "@alice:waarborg.test"),
        recipients: Some(vec![
            Party::new(PartyKind::Account, "@bob:waarborg.test"),
            Party::new(PartyKind::Account, "@carol:waarborg.test"),
        ]),
        recipients_total: Some(2),
        part: None,
        parts: None,
        membership: None,
        conversation: Some(conversation.into()),
        message_id: None,
        wrapping: None,
        size: Some(0),
        duration: None,
        protocol: Some("matrix".into()),
        route: None,
        claimed: None,
        claimed_implausible: None,
    };
    record(second, body)
}

fn subscriber() -> Record {
    let body = Subscriber {
        action: SubscriberAction::Registered,
        account: Party::new(PartyKind::Account, "@alice:waarborg.test"),
        account_kind: None,
        display_name: Some(HOSTILE.into()),
        name: None,
        birth_date: None,
        postal_address: None,
        contacts: None,
        contacts_confirmed: None,
        payment: None,
        service: None,
        registered: Some(Stamp::Rfc3339("2023-11-14T23:13:20+01:00".into())),
        closed: Some(false),
    };
    record(30, body)
}

fn item(selector: &str, category: &str, outcome: Outcome, rows: &[&Record]) -> Item {
    let mut times: Vec<u64> = rows.iter().map(|record| record.t_event_ms()).collect();
    times.sort_unstable();
    let text = |ms: Option<&u64>| ms.map(|ms| seal::catalogue::format_rfc3339(*ms));
    Item {
        selector: selector.into(),
        category: category.into(),
        from: HOUR,
        until: HOUR + 3600,
        outcome,
        rows: rows.len() as u64,
        rows_counted_again: rows.len() as u64,
        held_back: 1,
        first: text(times.first()),
        last: text(times.last()),
        gaps: vec![Gap { from: HOUR + 600, until: HOUR + 660, reason: "source restarted".into() }],
    }
}

fn logged(name: &str) -> LoggedDocument {
    LoggedDocument { document: format!("{name} document").into_bytes(), proof: format!("{name} proof").into_bytes() }
}

fn slot(category: &str, slot_no: u64, is_covered_wholly: bool) -> SlotAnswer {
    SlotAnswer { category: category.into(), slot_len: 3600, slot_no, is_covered_wholly, epochs: 4, late_epochs: 0 }
}

/// The traffic rows answer items 1 and 2, the subscriber row item 3.
pub fn draft() -> PackageDraft {
    let traffics = [traffic(10, "!room:waarborg.test"), traffic(20, HOSTILE), traffic(5, "!room:waarborg.test")];
    let subscriber = subscriber();
    let statement = CompletenessStatement {
        production: "2026-0001".into(),
        is_demo: true,
        order: [1; 32],
        intent: [2; 32],
        original: Some([3; 32]),
        case_reference: "RC-2026/17 <b>&amp;".into(),
        sender: "Example Provider".into(),
        recipient: "Example Authority".into(),
        written: SIGNED,
        categories: vec![
            CategoryAnswer { category: "subscriber".into(), readable_days: None },
            CategoryAnswer { category: "traffic".into(), readable_days: Some(30) },
        ],
        items: vec![
            item("account:@alice:waarborg.test", "traffic", Outcome::Rows, &[&traffics[0], &traffics[1], &traffics[2]]),
            item("account:@nobody:waarborg.test", "traffic", Outcome::NoDataHeld { reason: "no such account on that day".into() }, &[]),
            item("account:@alice:waarborg.test", "subscriber", Outcome::Rows, &[&subscriber]),
        ],
        slots: vec![slot("subscriber", HOUR / 3600, true), slot("traffic", HOUR / 3600, true), slot("traffic", HOUR / 3600 + 1, false)],
    };
    let evidence = |category: &str| EvidenceFile {
        category: category.into(),
        slot_no: HOUR / 3600,
        content: Content::Bytes(b"WBG1-EVD as its own format has it".to_vec()),
    };
    let query = |category: &str, rows: u64| QueryRun {
        category: category.into(),
        query_sha256: [9; 32],
        connector: "sealed-segments".into(),
        connector_version: "0.1.0".into(),
        snapshot: "epochs 1 to 4".into(),
        rows,
    };
    let action = |name: &str, performer: &str, from: u64| Action { name: name.into(), performer: performer.into(), from, until: from + 5 };
    PackageDraft {
        statement,
        order: vec![
            OrderFile { name: "epoc.xml".into(), content: Content::Bytes(b"<order/>".to_vec()) },
            OrderFile { name: "validation.json".into(), content: Content::Bytes(b"{}\n".to_vec()) },
        ],
        tables: vec![
            Table { record_type: RecordType::Traffic, rows: traffics.into_iter().map(|record| Row { item: 1, record }).collect() },
            Table { record_type: RecordType::Subscriber, rows: vec![Row { item: 3, record: subscriber }] },
        ],
        evidence: vec![evidence("traffic"), evidence("subscriber")],
        queries: vec![query("traffic", 2), query("traffic", 0), query("traffic", 1), query("subscriber", 1)],
        actions: vec![action("order logged", "Example Provider", SIGNED - 60), action("opened", "Example Provider", SIGNED - 10)],
        log: LogFile {
            order: logged("order"),
            intent: logged("intent"),
            related: vec![],
            statements: vec![logged("policy")],
            order_anchor: None,
            intent_anchor: None,
            receipts: vec![b"receipt".to_vec()],
        },
    }
}

pub fn key() -> PackageKey {
    PackageKey::generate("Example Provider", SIGNED - 86_400, SIGNED + 86_400 * 365).unwrap().0
}

/// The sample, signed by a fresh key: (container, SHA-256 of the certificate, key).
pub fn package() -> (Vec<u8>, [u8; 32], PackageKey) {
    let key = key();
    let bytes = draft().assemble().unwrap().sign(&key, SIGNED).unwrap().to_bytes().unwrap();
    (bytes, key.certificate_sha256(), key)
}

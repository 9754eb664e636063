//! One way to break each rule of the list, so that any two can be broken together.

use verify::calendar::DAY;
use verify::names::{DirectoryId, Instrument, Span};
use verify::order::OrderDocument;
use verify::record::{Kind, Parent};
use verify::release::{Account, KeptChange};
use verify::statement::Statement;

use super::world::{DAY_ZERO, at};
use super::{Plan, logs, world};

/// The good case two days later, so that a short retention can be over.
pub fn plan() -> Plan {
    Plan { slots: vec![10], head_time: at(14, 20) + 2 * DAY, now: at(14, 21) + 2 * DAY, ..Plan::default() }
}

/// Breaks exactly this rule and leaves all others as they are, also if another one is broken besides.
pub fn break_rule(rule: u8, p: &mut Plan) {
    match rule {
        2 => p.bundle(|_, b| b.order_place.path.resize(64, [0; 32])),
        3 => p.bundle(|_, b| b.public_head.note = b.orders_head.note.clone()),
        4 => p.bundle(|w, b| {
            let note = verify::log::note::SignedNote::parse(&b.orders_head.note).expect("as planned");
            let head = verify::log::checkpoint::Checkpoint::of_note(&note).expect("as planned");
            let time = note.signatures()[1].payload()[..8].try_into().map(u64::from_be_bytes).expect("as planned");
            b.orders_head.note = logs::sign(&head, w.signer(world::ORDERS), &[(w.witnesses()[0], time), (w.witnesses()[1], time)]);
        }),
        5 => p.head_time = at(14, 0) + 2 * DAY,
        6 => p.bundle(|_, b| b.public_head.from.clear()),
        7 => p.bundle(|_, b| {
            let text = String::from_utf8(b.order.to_bytes()).expect("as planned");
            let line = text.lines().find(|l| l.starts_with("rho ")).expect("as planned");
            let other = format!("rho {}", verify::spelling::base64(&[7; 32]));
            b.order = OrderDocument::parse(text.replacen(line, &other, 1).as_bytes()).expect("as planned");
        }),
        8 => p.bundle(|_, b| b.order_place.path[0] = [0; 32]),
        9 => p.order(|_, t| t.kind = Kind::Preservation),
        10 => p.policy(|_, policy| policy.directory[2].signs.clear()),
        11 => p.order_signer = "stranger".to_owned(),
        12 => p.order(|_, t| t.validity = Span::new(at(13, 50), at(14, 10) + 2 * DAY).expect("as planned")),
        13 => p.intent_signer = "stranger".to_owned(),
        14 => p.intent(|_, t| t.identities[0].1 = seal::identity::Category::LOCATION),
        15 => p.intent(|_, t| t.release.extend([[7; 32]])),
        16 => p.soak = Some(1),
        17 => p.statements(|_, said| said.retain(|s| !matches!(s.statement, Statement::SlotClose(_)))),
        18 => p.policy(|_, policy| policy.categories[0].retention_days = 1),
        19 => p.intent(|_, t| t.salts.clear()),
        20 => p.policy(|_, policy| policy.key.period = Span::new(DAY_ZERO, at(10, 0)).expect("as planned")),
        21 => p.bundle(|_, b| b.requester = [1; 32]),
        22 => p.order(|_, t| t.instrument = Instrument::parse("unknown").expect("as planned")),
        23 => p.kept(|_, kept| {
            let today = at(14, 21) / 86_400 + 2;
            let account = other_account(at(9, 0));
            let order = Parent::new(world::ORDERS, 1);
            kept.apply(&KeptChange::Counted { day: today, order, account, links: Vec::new(), now: at(9, 0), identities: 100 });
        }),
        24 => p.kept(|_, kept| kept.apply(&KeptChange::Suspended { unit: DirectoryId::parse("unit.nl.om").expect("an id"), at: at(9, 0) })),
        _ => unreachable!("no such rule"),
    }
}

/// What a member remembers of another order of the same authority.
pub fn other_account(first: u64) -> Account {
    let id = |text: &str| DirectoryId::parse(text).expect("an id");
    Account {
        d: [0xd; 32],
        record: [0xe; 32],
        frame: [1; 32],
        kind: Kind::Order,
        authority: id("nl.om"),
        court: None,
        unit: id("unit.nl.om"),
        first,
        identities: 5,
        slots: 5,
        deadline: DAY_ZERO + 300 * DAY,
        notice_due: DAY_ZERO + 90 * DAY,
        notice_from: 0,
        confirm_due: None,
        is_released: false,
        is_noticed: false,
        is_opened: false,
        is_confirmed: false,
    }
}

//! Communications that never happened, shaped like those that do: heavy tails, bursts, a daily and weekly rhythm, clock changes,
//! numbers that change hands, addresses that many share, and planted persons whose every record is known.
//!
//! Nothing in here uses a type of the product: what an order must return is read off these rows by `oracle`, and by nobody's
//! query. Calibration: `calibration` and its test. One seed, the same rows.

pub mod calibration;
mod people;
mod times;

use crate::chance::Chance;
use people::{People, Person};
pub use times::local_offset;

/// Categories as the catalogue numbers them.
pub const TRAFFIC: u16 = 1;
pub const IP: u16 = 3;

/// How much, and when.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub persons: u64,
    /// POSIX seconds, half-open.
    pub from: u64,
    pub until: u64,
    /// Messages to aim at; a heavy tail seldom hits it.
    pub messages: u64,
    /// One login for so many messages.
    pub messages_a_login: u64,
    /// Rows that reach the sealer late, one in so many; 0: none.
    pub late_one_in: u64,
}

/// What a record is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Message { sender: String, recipients: Vec<String>, sent: bool, size: u64 },
    Login { account: String, address: String, port: Option<u16>, trust: &'static str },
}

/// One row as the provider's system writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// From 1, in order of arrival.
    pub number: u64,
    pub event_ms: u64,
    pub arrives_ms: u64,
    /// Whom it is kept under.
    pub subjects: Vec<String>,
    pub kind: Kind,
}

/// A number that belongs to somebody else from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reassigned {
    pub selector: String,
    pub from: u64,
}

/// Everything that happened.
#[derive(Clone, Debug)]
pub struct Story {
    pub shape: Shape,
    /// By arrival.
    pub rows: Vec<Row>,
    pub reassigned: Vec<Reassigned>,
    /// Accounts whose rows a test may order: the planted ones first.
    pub accounts: Vec<String>,
    pub phones: Vec<String>,
    /// Addresses that more than one account used.
    pub shared_addresses: Vec<String>,
    /// Addresses with a port.
    pub ports: Vec<String>,
}

impl Row {
    pub fn category(&self) -> u16 {
        match self.kind {
            Kind::Message { .. } => TRAFFIC,
            Kind::Login { .. } => IP,
        }
    }

    /// The line that a provider writes (docs/catalogue.md).
    pub fn json_line(&self) -> String {
        let list = |items: &[String]| items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(",");
        let index = list(&self.subjects);
        let (number, time) = (self.number, self.event_ms);
        let body = match &self.kind {
            Kind::Message { sender, recipients, sent, size } => format!(
                "\"category\":\"traffic\",\"interaction\":\"message\",\"direction\":\"{}\",\"sender\":\"{sender}\",\"recipients\":[{}],\
                 \"recipients_total\":{},\"message_id\":\"m{number}\",\"wrapping\":\"encrypted\",\"size\":{size}",
                if *sent { "sent" } else { "received" },
                list(recipients),
                recipients.len(),
            ),
            Kind::Login { account, address, port, trust } => format!(
                "\"category\":\"ip-session\",\"action\":\"login\",\"account\":\"{account}\",\"address\":\"{address}\",{}\
                 \"address_trust\":\"{trust}\"",
                port.map(|port| format!("\"port\":{port},")).unwrap_or_default(),
            ),
        };
        format!(
            "{{{body},\"clock\":\"server\",\"source_row\":{number},\"t_event_raw\":\"{time}\",\"t_event_unit\":\"ms\",\"index\":[{index}]}}"
        )
    }
}

/// The story of a seed.
pub fn tell(seed: u64, shape: Shape) -> Story {
    let chance = Chance::new(seed);
    let people = People::make(shape, &mut chance.fork("people"));
    let mut rows = Vec::new();
    let mut when = chance.fork("times");
    let mut what = chance.fork("rows");
    for sender in 0..people.list.len() {
        for at in times::of(&people.list[sender], shape, &mut when) {
            let others = people.recipients(sender, &mut what);
            message(&people, sender, &others, at, shape, &mut what, &mut rows);
            answer(&people, sender, &others, at, shape, &mut what, &mut rows);
            if what.one_in(1, shape.messages_a_login) {
                rows.push(login(&people.list[sender], at.saturating_sub(what.below(60_000)).max(shape.from * 1_000), &mut what));
            }
        }
    }
    borders(&people, shape, &mut rows);
    for row in &mut rows {
        row.arrives_ms = arrival(row.event_ms, shape, &mut what);
    }
    // Row order is arrival; what arrives together keeps the order of the events.
    rows.sort_by_key(|row| (row.arrives_ms, row.event_ms));
    for (number, row) in (1..).zip(&mut rows) {
        row.number = number;
    }
    let (shared_addresses, ports) = (shared(&rows), ports(&rows));
    let accounts = people.list.iter().map(|person| person.account.clone()).collect();
    let phones = people.list.iter().filter_map(|person| person.phone.clone()).collect();
    Story { shape, rows, reassigned: people.reassigned, accounts, phones, shared_addresses, ports }
}

fn arrival(event_ms: u64, shape: Shape, chance: &mut Chance) -> u64 {
    let usual = event_ms + chance.below(4_000);
    if shape.late_one_in == 0 || !chance.one_in(1, shape.late_one_in) {
        return usual;
    }
    // Seconds, minutes, hours: through the straggling time, past it, and past the next slot.
    event_ms + [20_000, 90_000, 1_900_000, 5_400_000][chance.below(4) as usize] + chance.below(30_000)
}

/// The sender's copy under the sender, one copy for each recipient under that recipient.
fn message(people: &People, sender: usize, others: &[usize], at_ms: u64, shape: Shape, chance: &mut Chance, rows: &mut Vec<Row>) {
    let size = 200 + chance.below(900);
    let name = |person: &Person| person.account.clone();
    let recipients: Vec<String> = others.iter().map(|other| name(&people.list[*other])).collect();
    let sender_name = name(&people.list[sender]);
    let copy = |sent: bool, person: &Person, recipients: Vec<String>| Row {
        number: 0,
        event_ms: at_ms,
        arrives_ms: 0,
        subjects: person.subjects(at_ms / 1_000),
        kind: Kind::Message { sender: sender_name.clone(), recipients, sent, size },
    };
    rows.push(copy(true, &people.list[sender], recipients));
    for other in others {
        rows.push(copy(false, &people.list[*other], vec![name(&people.list[*other])]));
    }
    debug_assert!(shape.from * 1_000 <= at_ms && at_ms < shape.until * 1_000);
}

/// A message to one person is often answered within minutes: pairs that write both ways, and quick gaps.
fn answer(people: &People, sender: usize, others: &[usize], at_ms: u64, shape: Shape, chance: &mut Chance, rows: &mut Vec<Row>) {
    let [other] = others else { return };
    let later = at_ms + 5_000 + chance.below(600_000);
    if people.list[*other].rate > 0.0 && chance.unit() < people::RECIPROCITY && later < shape.until * 1_000 {
        message(people, *other, &[sender], later, shape, chance, rows);
    }
}

fn login(person: &Person, at_ms: u64, chance: &mut Chance) -> Row {
    let (address, port, trust) = person.address(chance);
    // Behind shared addresses the axis with the port is the one that names somebody; both are kept.
    let mut subjects = vec![person.account.clone(), format!("ip:{address}")];
    subjects.extend(port.map(|port| format!("ip:{address}:{port}")));
    Row { number: 0, event_ms: at_ms, arrives_ms: 0, subjects, kind: Kind::Login { account: person.account.clone(), address, port, trust } }
}

/// The first planted person writes at the first and the last millisecond of every hour, and on its border.
fn borders(people: &People, shape: Shape, rows: &mut Vec<Row>) {
    let planted = &people.list[0];
    let mut hour = shape.from.div_ceil(3_600) * 3_600;
    while hour < shape.until {
        for at_ms in [hour * 1_000 - 1, hour * 1_000] {
            if at_ms < shape.from * 1_000 {
                continue;
            }
            let kind =
                Kind::Message { sender: planted.account.clone(), recipients: vec![people.list[1].account.clone()], sent: true, size: 200 };
            rows.push(Row { number: 0, event_ms: at_ms, arrives_ms: 0, subjects: planted.subjects(at_ms / 1_000), kind });
        }
        hour += 3 * 3_600;
    }
}

fn ports(rows: &[Row]) -> Vec<String> {
    let with_port = |row: &Row| match &row.kind {
        Kind::Login { address, port: Some(port), .. } => Some(format!("ip:{address}:{port}")),
        _ => None,
    };
    rows.iter().filter_map(with_port).collect()
}

fn shared(rows: &[Row]) -> Vec<String> {
    let mut users: std::collections::BTreeMap<&str, std::collections::BTreeSet<&str>> = Default::default();
    for row in rows {
        if let Kind::Login { account, address, .. } = &row.kind {
            users.entry(address).or_default().insert(account);
        }
    }
    users.into_iter().filter(|(_, accounts)| 1 < accounts.len()).map(|(address, _)| format!("ip:{address}")).collect()
}

//! Orders through the house, by the commands that people type. Every step is tried again until it succeeds: that is all that a court,
//! an authority or an officer has to know about a process that died.

use std::time::{Duration, Instant};

use super::Trouble;
use super::feed::{PEOPLE, unix_ms};
use super::house::House;

/// An order for everybody's records of a period.
#[derive(Clone, Debug)]
pub struct Order {
    pub number: u64,
    /// Unix seconds, half-open, at borders of slots.
    pub from: u64,
    pub until: u64,
    pub stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    Signed,
    /// The gateway answered: from here on it may not be lost.
    Received {
        case: String,
    },
    Closed {
        case: String,
    },
    /// What REL-17 wants of a past hour was told after the order, because a process was dead: no order of that time can have the
    /// hour (LOG-46, decision 0012). The desk refuses it, and the court orders anew, under the number that stands here.
    Refused {
        case: String,
        anew: Option<u64>,
    },
}

/// What the desk shows of one case.
struct Row {
    id: String,
    state: String,
    waits_for: String,
}

fn time(seconds: u64) -> String {
    seal::catalogue::format_rfc3339(seconds * 1_000)
}

impl Order {
    /// Drafted by the police, signed by the court; needs no process of the house.
    pub fn sign(house: &House, number: u64, from: u64, until: u64) -> Result<Order, Trouble> {
        let now = unix_ms() / 1_000;
        let notice = verify::calendar::Day::containing(now + 180 * 86_400);
        let mut text = format!(
            "kind = \"order\"\ninstrument = \"national/nl/126n\"\ncourt = \"nl.rechtbank-demo\"\nauthority = \"nl.politie-demo\"\n\
             legal_basis = \"Article 126n Sv\"\ncase_reference = \"KILLS-{number}\"\nperiod = {{ from = \"{}\", until = \"{}\" }}\n\
             validity = {{ from = \"{}\", until = \"{}\" }}\nseal_until = \"{}\"\nnotice_due = \"{notice}\"\n",
            time(from),
            time(until),
            time(now - 3_600),
            time(now + 86_400),
            time(now + 300 * 86_400),
        );
        for person in PEOPLE {
            text.push_str(&format!("\n[[items]]\nselector = \"account:{person}\"\ncategories = [1]\n"));
        }
        let input = house.word(&format!("authority/kills-{number}.toml"));
        std::fs::write(&input, text).map_err(|error| error.to_string())?;
        let (draft, signed) = (house.word(&format!("authority/kills-{number}.draft")), signed(house, number));
        house.waarborg(&["order", "draft", &input, "--policy", &house.word("policy"), "--out", &draft])?;
        house.waarborg(&["order", "sign", &draft, "--key", &house.word("court/court.key"), "--out", &signed])?;
        Ok(Order { number, from, until, stage: Stage::Signed })
    }

    pub fn case(&self) -> Option<&str> {
        match &self.stage {
            Stage::Signed => None,
            Stage::Received { case } | Stage::Closed { case } | Stage::Refused { case, .. } => Some(case),
        }
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed { .. } | Stage::Refused { anew: Some(_), .. })
    }

    pub fn is_refused(&self) -> bool {
        matches!(self.stage, Stage::Refused { .. })
    }
}

/// Where the signed order stands.
pub fn signed(house: &House, number: u64) -> String {
    house.word(&format!("court/kills-{number}.order"))
}

/// One round of everybody's work on the open orders. What fails is left for the next round. `Err`: an order that was received is gone.
pub fn attend(house: &House, orders: &mut Vec<Order>) -> Result<(), Trouble> {
    order_anew(house, orders)?;
    let gateway = format!("http://127.0.0.1:{}", house.gateway);
    for order in orders.iter_mut().filter(|order| order.stage == Stage::Signed) {
        let sent = house.waarborg(&["order", "send", &signed(house, order.number), "--gateway", &gateway, "--json"]);
        let receipt: serde_json::Value = sent.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        if let Some(case) = receipt["case"].as_str() {
            order.stage = Stage::Received { case: case.to_owned() };
        }
    }
    let token = house.word("provider/desk/desk.token");
    let desk = ["--gateway", &gateway, "--token", &token];
    let Some(rows) = rows(house, &desk) else { return Ok(()) };
    for order in orders.iter_mut() {
        let Stage::Received { case } = &order.stage else { continue };
        let Some(row) = rows.iter().find(|row| row.id == *case) else {
            return Err(format!("order {} was received as {case}, and the desk no longer has it", order.number));
        };
        match (row.state.as_str(), row.waits_for.as_str()) {
            ("closed", _) => order.stage = Stage::Closed { case: case.clone() },
            (_, "approval-1" | "approval-2") => {
                for officer in ["officer-1", "officer-2"] {
                    let key = house.word(&format!("provider/desk/{officer}.key"));
                    let words = [&["case", "approve", case, "--key", &key, "--yes", case][..], &desk].concat();
                    // One that has approved already is refused, and a gateway that is away is asked again.
                    house.waarborg(&words).ok();
                }
            }
            ("halted", _) if told_too_late(house, case, &desk) => {
                let key = house.word("provider/desk/officer-1.key");
                let words = ["case", "refuse", case, "--key", &key, "--reason", "17", "--yes", case];
                if house.waarborg(&[&words[..], &desk].concat()).is_ok() {
                    order.stage = Stage::Refused { case: case.clone(), anew: None };
                }
            }
            ("halted", _) => {
                house.waarborg(&[&["case", "retry", case][..], &desk].concat()).ok();
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether the members refuse by REL-17: a new intent changes nothing then.
fn told_too_late(house: &House, case: &str, desk: &[&str]) -> bool {
    let shown = house.waarborg(&[&["case", "show", case, "--json"][..], desk].concat()).unwrap_or_default();
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap_or_default();
    shown["why"].to_string().contains("REL-17")
}

/// A new order of the court for each that was refused.
fn order_anew(house: &House, orders: &mut Vec<Order>) -> Result<(), Trouble> {
    for place in 0..orders.len() {
        let number = orders.len() as u64 + 1;
        let Order { from, until, stage: Stage::Refused { anew, .. }, .. } = &mut orders[place] else { continue };
        if anew.is_none() {
            *anew = Some(number);
            let order = Order::sign(house, number, *from, *until)?;
            orders.push(order);
        }
    }
    Ok(())
}

/// `None`: the gateway does not answer now.
fn rows(house: &House, desk: &[&str]) -> Option<Vec<Row>> {
    let text = house.waarborg(&[&["case", "list", "--json"][..], desk].concat()).ok()?;
    let cases: serde_json::Value = serde_json::from_str(&text).ok()?;
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let row = |row| Row { id: text(row, "id"), state: text(row, "state"), waits_for: text(row, "waits_for") };
    Some(cases["cases"].as_array()?.iter().map(row).collect())
}

/// With nobody killing: attends until every order is closed.
pub fn finish(house: &mut House, orders: &mut Vec<Order>, patience: Duration) -> Result<(), Trouble> {
    let began = Instant::now();
    while !orders.iter().all(Order::is_closed) {
        house.keep_running()?;
        attend(house, orders)?;
        if patience < began.elapsed() {
            let open: Vec<String> = orders.iter().filter(|order| !order.is_closed()).map(|order| format!("{order:?}")).collect();
            let token = house.word("provider/desk/desk.token");
            let gateway = format!("http://127.0.0.1:{}", house.gateway);
            let list = house.waarborg(&["case", "list", "--gateway", &gateway, "--token", &token]).unwrap_or_else(|error| error);
            return Err(format!("not served after the killing stopped: {}\n{list}", open.join(", ")));
        }
        std::thread::sleep(Duration::from_millis(300));
    }
    Ok(())
}

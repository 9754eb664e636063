//! Orders by the thousand into a house of real processes: taken in by the gateway, checked, stored, receipted, and their leaves in the
//! log, with the gateway killed with -9 in the middle. Nobody approves them, so nothing is produced.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::Trouble;
use super::feed::unix_ms;
use super::house::House;
use super::orders::{self, Order};

/// So many a second for so long, then a burst; the gateway dies so often in the burst.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub steady_per_second: u64,
    pub steady_seconds: u64,
    pub burst_per_second: u64,
    pub burst_seconds: u64,
    pub kills: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub sent: usize,
    pub kills: u64,
    /// Receipted, and the desk does not have it, or has it twice, or ORDERS has no leaf of it.
    pub lost: usize,
    pub doubled: usize,
    pub unlogged: usize,
    /// From sending to receipt, while the rate was steady.
    pub steady_median_ms: u64,
    pub steady_worst_ms: u64,
    /// From the first order of the burst to its last receipt, and to its last leaf.
    pub burst_receipted_ms: u64,
    pub burst_logged_ms: u64,
    /// Processor time of gateway, logs and witnesses for one order, all their threads.
    pub cpu_ms_per_order: f64,
}

impl Figures {
    pub fn is_clean(&self) -> bool {
        (self.lost, self.doubled, self.unlogged) == (0, 0, 0)
    }
}

/// Sends all orders of the plan, which were signed before, and waits until each has its leaf.
pub fn run(house: &mut House, plan: Plan) -> Result<Figures, Trouble> {
    let steady = plan.steady_per_second * plan.steady_seconds;
    let count = steady + plan.burst_per_second * plan.burst_seconds;
    eprintln!("signing {count} orders, each by a process of its own");
    let signed = sign(house, count)?;
    eprintln!("sending {steady}, {} a second", plan.steady_per_second);
    let before = processor_ms(house);
    let mut figures = Figures { sent: signed.len(), ..Figures::default() };
    let (first, burst) = signed.split_at(usize::try_from(steady).unwrap_or(0));

    let mut times = Vec::new();
    let mut cases = Vec::new();
    let began = Instant::now();
    for (order, number) in first.iter().zip(0u64..) {
        sleep_until(began + Duration::from_millis(number * 1_000 / plan.steady_per_second.max(1)));
        let sent = Instant::now();
        cases.push(send_until_receipted(house, order)?);
        times.push(u64::try_from(sent.elapsed().as_millis()).unwrap_or(u64::MAX));
    }
    times.sort_unstable();
    figures.steady_median_ms = times.get(times.len() / 2).copied().unwrap_or(0);
    figures.steady_worst_ms = times.last().copied().unwrap_or(0);

    eprintln!("sending {}, {} a second", burst.len(), plan.burst_per_second);
    let began = Instant::now();
    let gateway = house.place("gateway");
    for (order, number) in burst.iter().zip(0u64..) {
        sleep_until(began + Duration::from_millis(number * 1_000 / plan.burst_per_second.max(1)));
        // In equal parts of the burst, none at its end.
        let at = (number + 1) * (plan.kills + 1) / (burst.len() as u64).max(1);
        if figures.kills < plan.kills.min(at) {
            figures.kills += u64::from(house.services[gateway].kill());
            house.start(gateway)?;
        }
        cases.push(send_until_receipted(house, order)?);
    }
    figures.burst_receipted_ms = ms(began);
    eprintln!("receipted; waiting for their leaves");
    await_leaves(house, cases.len())?;
    figures.burst_logged_ms = ms(began);
    figures.cpu_ms_per_order = (processor_ms(house) - before) as f64 / signed.len().max(1) as f64;
    settle(house, cases, &mut figures)?;
    Ok(figures)
}

/// All of the same past hour: what is asked is no part of this figure, and no two are the same order.
fn sign(house: &House, count: u64) -> Result<Vec<Vec<u8>>, Trouble> {
    let until = unix_ms() / 1_000 / super::house::SLOT_S * super::house::SLOT_S;
    let one = |number| {
        Order::sign(house, number, until - super::house::SLOT_S, until)?;
        std::fs::read(orders::signed(house, number)).map_err(|error| error.to_string())
    };
    (1..=count).map(one).collect()
}

/// Tries again until there is a receipt, as a sender must whose gateway has died. Gives the case's number.
fn send_until_receipted(house: &mut House, order: &[u8]) -> Result<String, Trouble> {
    let began = Instant::now();
    loop {
        let (status, body) = ask(house.gateway, "POST", "/orders", None, order).unwrap_or_default();
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
        match (status, answer["case"].as_str()) {
            (200..=299, Some(case)) => return Ok(case.to_owned()),
            (422, _) => return Err(format!("an order is refused: {body}")),
            _ if Duration::from_secs(60) < began.elapsed() => {
                return Err(format!("no receipt in a minute; the last answer is {status} {body}"));
            }
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
        house.keep_running()?;
    }
}

/// (status, body); one connection for each request, as a sender from elsewhere has.
fn ask(port: u16, method: &str, path: &str, token: Option<&str>, body: &[u8]) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let login = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = body.len();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{login}Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    Ok((status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()))
}

/// The desk's list: numbers of cases, and whether their leaf is in the log (they wait for a person then).
fn listed(house: &House) -> Result<Vec<(String, bool)>, Trouble> {
    let token = std::fs::read_to_string(house.path("provider/desk/desk.token")).map_err(|error| error.to_string())?;
    let (_, body) = ask(house.gateway, "GET", "/cases", Some(token.trim()), b"").map_err(|error| error.to_string())?;
    let cases: serde_json::Value = serde_json::from_str(&body).map_err(|error| format!("{error}: {body}"))?;
    let row = |row: &serde_json::Value| (row["id"].as_str().unwrap_or_default().to_owned(), row["waits_for"] == "approval-1");
    Ok(cases["cases"].as_array().into_iter().flatten().map(row).collect())
}

/// Until `count` orders have their leaf, or ten minutes are over: what is not logged then is counted.
fn await_leaves(house: &mut House, count: usize) -> Result<(), Trouble> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(600) {
        house.keep_running()?;
        if listed(house).is_ok_and(|rows| count <= rows.iter().filter(|(_, is_logged)| *is_logged).count()) {
            break;
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    Ok(())
}

fn settle(house: &House, mut cases: Vec<String>, figures: &mut Figures) -> Result<(), Trouble> {
    let rows = listed(house)?;
    let log = house.port(house.place("log-orders"))?;
    figures.lost = cases.iter().filter(|case| !rows.iter().any(|(id, _)| id == *case)).count();
    for case in &cases {
        // Of the log itself, not of the gateway's word for it.
        let (status, _) = ask(log, "GET", &format!("/receipt/{case}"), None, b"").map_err(|error| error.to_string())?;
        figures.unlogged += usize::from(status != 200);
    }
    let receipted = cases.len();
    cases.sort_unstable();
    cases.dedup();
    figures.doubled = rows.len().saturating_sub(cases.len()) + (receipted - cases.len());
    Ok(())
}

fn ms(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn sleep_until(moment: Instant) {
    std::thread::sleep(moment.saturating_duration_since(Instant::now()));
}

/// What the processes that run now used since they started. A gateway that was killed takes its share with it, so a figure with kills
/// in it is a little low.
fn processor_ms(house: &House) -> u64 {
    let ids = house.services.iter().filter_map(super::service::Service::id);
    ids.filter_map(|id| {
        let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        // utime and stime, in hundredths of a second on every Linux that we know.
        Some(10 * (fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?))
    })
    .sum()
}

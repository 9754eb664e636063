//! Orders by the thousand through the door of TS 103 120 of a real process that is killed with -9 in the middle: what was receipted is
//! there, once. The test is the short form; `cargo run --release -p node --example desk_load` the long one.

use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use node::cases::Digest32;
use node::desk::config::EtsiConfig;
use node::desk::listen::{Hi1Door, PARALLEL_OF_ONE_MAX, serve};
use node::desk::{Desk, Setup};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::house::{DAY, RECEIVED, body_key, epoc, message, sample};

/// Orders a second for so long, then a burst; the process dies so often in the burst.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub steady_per_second: u32,
    pub steady_seconds: u32,
    pub burst_per_second: u32,
    pub burst_seconds: u32,
    pub kills: u32,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub sent: u32,
    pub lost: u32,
    pub doubled: u32,
    pub kills: u32,
    pub steady_median_ms: u128,
    pub steady_worst_ms: u128,
    /// From the first order of the burst to the receipt of its last.
    pub burst_ms: u128,
}

/// Certificates of the desk and of one authority.
pub fn papers(folder: &Path) {
    for name in ["desk", "parket"] {
        let made = rcgen::generate_simple_self_signed(vec![format!("{name}.example")]).unwrap();
        std::fs::write(folder.join(format!("{name}.crt")), made.cert.pem()).unwrap();
        std::fs::write(folder.join(format!("{name}.key")), made.signing_key.serialize_pem()).unwrap();
    }
}

fn fingerprint(folder: &Path, name: &str) -> [u8; 32] {
    use rustls::pki_types::pem::PemObject;
    let certificate = rustls::pki_types::CertificateDer::from_pem_file(folder.join(format!("{name}.crt"))).unwrap();
    node::log::tls::fingerprint(&certificate)
}

/// The sample's registry with that authority in force, by whatever clock this machine has.
pub fn setup(certificate: [u8; 32]) -> Setup {
    let mut setup = crate::house::setup(&[certificate]);
    let mut registry = law::registry::Registry::parse(&sample("registry.toml")).unwrap();
    let own = registry.authorities.iter_mut().find(|one| one.id.to_string() == "parket.example").unwrap();
    own.keys = vec![certificate];
    own.offices = vec![law::received::Office { country: "NL".into(), id: "PARKET".into() }];
    (own.from, own.until) = (verify::calendar::Day(0), verify::calendar::Day(40_000));
    setup.registry = law::registry::Editions::new(vec![law::registry::Edition { registry, logged_at: 0 }]);
    setup
}

/// The child: a desk on its file, its door, and the port in a file when it is open. Ends by being killed.
pub fn child(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let setup = Arc::new(setup(fingerprint(folder, "parket")));
        let path = folder.join("desk.db");
        let desk = match path.exists() {
            true => Desk::open(&path, body_key(), Arc::clone(&setup)),
            false => Desk::create(&path, body_key(), Arc::clone(&setup)),
        };
        let config = EtsiConfig {
            listen: "127.0.0.1:0".into(),
            certificate_file: folder.join("desk.crt"),
            private_key_file: folder.join("desk.key"),
            country: "NL".into(),
            unique_identifier: "NL-EXAMPLE".into(),
            fetch: None,
        };
        let desk = Arc::new(Mutex::new(desk.unwrap()));
        let door = Hi1Door::new(desk, config.offer(&setup, RECEIVED).unwrap(), config.tls(&setup, node::gateway::shell::now()).unwrap());
        let listener = TcpListener::bind(&config.listen).await.unwrap();
        node::private_file::write_whole(&folder.join("port"), listener.local_addr().unwrap().to_string().as_bytes()).unwrap();
        serve(listener, Arc::new(door)).await;
    });
}

/// Another person each time: one person named a hundred thousand times is no load but a case for gate 16.
fn order(number: u32) -> String {
    message(&epoc(number).replace("+31612345678", &format!("+316{number:08}")), number)
}

async fn post(folder: &Path, body: &str) -> Option<u16> {
    let address = std::fs::read_to_string(folder.join("port")).ok()?;
    let pin = verify::spelling::hex(&fingerprint(folder, "desk"));
    let tls = node::log::tls::client(&folder.join("parket.crt"), &folder.join("parket.key"), &pin).ok()?;
    let socket = TcpStream::connect(&address).await.ok()?;
    let name = rustls::pki_types::ServerName::try_from("desk.example").ok()?;
    let mut stream = tokio_rustls::TlsConnector::from(tls).connect(name, socket).await.ok()?;
    let head = format!("POST / HTTP/1.1\r\nhost: desk.example\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.ok()?;
    stream.write_all(body.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).ok()?;
    // A cut answer is no receipt.
    answer.contains("</HI1Message>").then(|| answer.get(9..12)?.parse().ok())?
}

/// Sends until there is a receipt, as an authority's system does: the same transaction again and again.
async fn receipted(folder: &Path, places: &Semaphore, body: &str) -> u128 {
    let _place = places.acquire().await.unwrap();
    let since = Instant::now();
    while post(folder, body).await != Some(200) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    since.elapsed().as_millis()
}

/// `start`: the child's command, given its folder.
pub async fn run(folder: &Path, start: impl Fn(&Path) -> Command, plan: Plan) -> Figures {
    papers(folder);
    let spawn = || -> Child {
        let _ = std::fs::remove_file(folder.join("port"));
        start(folder).spawn().unwrap()
    };
    let mut process = spawn();
    let places = Arc::new(Semaphore::new(PARALLEL_OF_ONE_MAX));
    let (mut figures, mut next, mut steady) = (Figures::default(), 1, Vec::new());
    let send = |number: u32| {
        let (folder, places) = (folder.to_owned(), Arc::clone(&places));
        tokio::spawn(async move { receipted(&folder, &places, &order(number)).await })
    };
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / u64::from(plan.steady_per_second)));
    for _ in 0..plan.steady_per_second * plan.steady_seconds {
        tick.tick().await;
        steady.push(send(next));
        next += 1;
    }
    let mut times = Vec::new();
    for one in steady {
        times.push(one.await.unwrap());
    }
    times.sort_unstable();
    figures.steady_median_ms = times.get(times.len() / 2).copied().unwrap_or(0);
    figures.steady_worst_ms = times.last().copied().unwrap_or(0);
    let since = Instant::now();
    let total = plan.burst_per_second * plan.burst_seconds;
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / u64::from(plan.burst_per_second)));
    let mut burst = Vec::new();
    for sent in 0..total {
        tick.tick().await;
        burst.push(send(next));
        next += 1;
        if 0 < plan.kills && (sent + 1) % (total / (plan.kills + 1)).max(1) == 0 && figures.kills < plan.kills {
            process.kill().unwrap();
            process.wait().unwrap();
            figures.kills += 1;
            process = spawn();
        }
    }
    for one in burst {
        one.await.unwrap();
    }
    figures.burst_ms = since.elapsed().as_millis();
    process.kill().unwrap();
    process.wait().unwrap();
    figures.sent = next - 1;
    count(folder, &mut figures);
    figures
}

/// What is on the disk, by another process than the one that wrote it.
fn count(folder: &Path, figures: &mut Figures) {
    let setup = Arc::new(setup(fingerprint(folder, "parket")));
    let desk = Desk::open(&folder.join("desk.db"), body_key(), setup).unwrap();
    let is_there = |number: u32| desk.by_hash(&Digest32::of(order(number).as_bytes())).unwrap().is_some();
    figures.lost = (1..=figures.sent).filter(|number| !is_there(*number)).count() as u32;
    let (mut all, mut after) = (0, 0);
    loop {
        let page = desk.heads(after, 1_000).unwrap();
        let Some(last) = page.last() else { break };
        after = last.number;
        all += page.len() as u32;
    }
    figures.doubled = all - (figures.sent - figures.lost);
    assert_eq!(desk.overdue(node::gateway::shell::now() + 30 * DAY).unwrap().len() as u32, all, "every order has its clock");
}

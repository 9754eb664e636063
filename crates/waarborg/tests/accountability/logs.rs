//! Two logs with a clock of their own, behind HTTP: entries, tiles and cosigned heads are made as the format has them, and time goes as
//! the story wants it. What a log as a process does is tested where its engine is.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use node::log::tree::TileTree;
use verify::calendar::{DAY, Day};
use verify::log::leaf;
use verify::log::note::{SignedNote, Signer};
use verify::log::proof::TlogProof;
use verify::statement::{SignedStatement, Statement};

use crate::fixture::LogSim;
use crate::fixture::world::{ORDERS, PUBLIC, World};

/// What the log's dummies are made with, all of one day.
pub const DAY_KEY: [u8; 32] = [0xd0; 32];
/// Leaves of a tick.
pub const BATCH: u64 = 16;

pub struct Log {
    pub sim: LogSim,
    pub dir: PathBuf,
    tree: TileTree,
    note: Vec<u8>,
}

impl Log {
    fn new(origin: &str, dir: PathBuf) -> Log {
        Log { sim: LogSim::new(origin), dir, tree: TileTree::empty(), note: Vec::new() }
    }

    /// A head over everything that was pushed, cosigned at this time.
    fn publish(&mut self, world: &World, time: u64) {
        let (tree, files) = self.tree.extend(&self.sim.entries[self.tree.size() as usize..]);
        for file in files {
            let path = self.dir.join(file.place.to_string());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.bytes).unwrap();
        }
        self.tree = tree;
        let cosigned: Vec<(&Signer, u64)> = world.witnesses().into_iter().map(|witness| (witness, time)).collect();
        self.note = self.sim.note(self.sim.size(), world.signer(self.sim.origin.as_str()), &cosigned);
        std::fs::create_dir_all(&self.dir).unwrap();
        std::fs::write(self.dir.join("checkpoint"), &self.note).unwrap();
    }

    /// Dummies fill the tick.
    fn fill(&mut self) {
        while self.sim.size() % BATCH != 0 {
            self.dummy();
        }
    }

    pub fn dummy(&mut self) {
        let r = leaf::dummy_r(&DAY_KEY, self.sim.size());
        self.sim.push(&leaf::entry(&leaf::commitment_d(&leaf::dummy_commitment(&r))));
    }

    fn receipt(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        let published = self.tree.size();
        let is_it = |entry: &[u8]| leaf::d_of_entry(entry) == Some(*key) || seal::merkle::leaf_hash(entry) == *key;
        let index = self.sim.entries[..published as usize].iter().position(|entry| is_it(entry))? as u64;
        let note = SignedNote::parse(&self.note).unwrap();
        Some(TlogProof::new(index, self.sim.place(index, published).path, note).to_bytes())
    }
}

pub struct Logs {
    pub world: World,
    pub orders: Log,
    pub public: Log,
    /// POSIX seconds.
    pub now: u64,
}

impl Logs {
    pub fn new(world: World, dir: &std::path::Path, now: u64) -> Logs {
        Logs { world, orders: Log::new(ORDERS, dir.join("orders")), public: Log::new(PUBLIC, dir.join("public")), now }
    }

    pub fn tick(&mut self) {
        self.orders.fill();
        self.orders.publish(&self.world, self.now);
        self.public.publish(&self.world, self.now);
    }

    /// The beginning of a day: its head of ORDERS stands in PUBLIC (LOG-45).
    pub fn day(&mut self, day: Day) {
        self.now = u64::from(day.0) * DAY + 5;
        self.tick();
        let head = self.orders.note.clone();
        self.say(Statement::Head(head), "log-operator");
    }

    pub fn say(&mut self, statement: Statement, signer: &str) {
        let signed = SignedStatement::sign(statement, &[self.world.signer(signer)]).unwrap();
        self.public.sim.push(&signed.to_bytes());
        self.tick();
    }
}

pub type Shared = Arc<Mutex<Logs>>;

/// Serves one of the two; gives its address.
pub fn serve(logs: &Shared, which: fn(&mut Logs) -> &mut Log) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let logs = logs.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, &logs, which);
        }
    });
    address
}

fn answer(mut stream: TcpStream, logs: &Shared, which: fn(&mut Logs) -> &mut Log) {
    let Some((method, path, body)) = request(&mut stream) else { return };
    let mut logs = logs.lock().unwrap();
    let found = match (method.as_str(), path.as_str()) {
        ("POST", "/statement") => {
            let signed = SignedStatement::parse(&body).is_ok();
            if signed && which(&mut logs).receipt(&seal::merkle::leaf_hash(&body)).is_none() {
                which(&mut logs).sim.push(&body);
                logs.tick();
            }
            signed.then(Vec::new)
        }
        ("GET", path) => match path.strip_prefix("/receipt/") {
            Some(key) => verify::spelling::from_hex_exact::<32>(key).and_then(|key| which(&mut logs).receipt(&key)),
            None => std::fs::read(which(&mut logs).dir.join(path.trim_start_matches('/'))).ok(),
        },
        _ => None,
    };
    let status = match (&found, method.as_str()) {
        (None, _) => "404 Not Found",
        (Some(_), "POST") => "202 Accepted",
        _ => "200 OK",
    };
    let body = found.unwrap_or_default();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

fn request(stream: &mut TcpStream) -> Option<(String, String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        stream.read_exact(&mut octet).ok()?;
        head.extend(octet);
    }
    let head = String::from_utf8(head).ok()?;
    let mut words = head.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some((method, path, body))
}

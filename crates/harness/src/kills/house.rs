//! A founded house: `waarborg demo` makes keys, ceremonies, policy and configurations as people would, and is stopped (SIGINT, which
//! stops its processes) as soon as the gateway listens. From then on the processes are ours.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Trouble;
use super::programs::{Programs, run};
use super::service::Service;
use super::steps::Steps;

/// (name, role, configuration). Witnesses first: logs ask them before they sign (LOG-64).
const SERVICES: &[(&str, &str, &str)] = &[
    ("witness-1", "witness", "witness-1/witness.toml"),
    ("witness-2", "witness", "witness-2/witness.toml"),
    ("witness-3", "witness", "witness-3/witness.toml"),
    ("witness-4", "witness", "witness-4/witness.toml"),
    ("log-orders", "log", "log-orders/log.toml"),
    ("log-public", "log", "log-public/log.toml"),
    ("sealer", "sealer", "provider/sealer/sealer.toml"),
    ("gateway", "gateway", "provider/gateway/gateway.toml"),
];

/// The members' folders.
pub const TRUSTEES: &[&str] =
    &["approver-1", "approver-2", "approver-3", "guardian-1", "guardian-2", "guardian-3", "guardian-4", "guardian-5"];

/// Seconds of a slot, and of its grace, in the demo's policy.
pub const SLOT_S: u64 = 10;
pub const GRACE_S: u64 = 2;

pub struct House {
    pub dir: PathBuf,
    pub programs: Programs,
    pub steps: Steps,
    pub services: Vec<Service>,
    pub gateway: u16,
}

impl House {
    /// Founds a house in `dir`, which must not exist or be an earlier one, and starts its processes.
    pub fn found(dir: &Path) -> Result<House, Trouble> {
        let programs = Programs::find()?;
        // A port that was free when the demo looked may be somebody else's when a role binds it: houses are founded beside each other.
        let founded = found(dir, &programs).or_else(|_| found(dir, &programs)).or_else(|_| found(dir, &programs));
        let (dir, gateway) = founded?;
        let steps = Steps::build(&dir.join("steps"))?;
        let services = SERVICES.iter().map(|(name, role, config)| Service::new(name, role, &dir, config)).collect();
        let mut house = House { dir, programs, steps, services, gateway };
        for place in 0..house.services.len() {
            house.start(place)?;
            // A log that finds no witness ends; started by itself in good order, nobody ends.
            if SERVICES[place].1 != "sealer" {
                house.await_port(place)?;
            }
        }
        Ok(house)
    }

    /// Another beat for both logs: an entry every so many seconds, in ORDERS with so many leaves. The policy keeps the demo's, so nothing
    /// is released in such a house, and what is measured is the way to the leaf.
    pub fn set_beat(&mut self, tick_s: u64, leaves: u64) -> Result<(), Trouble> {
        // PUBLIC too: a gateway takes no head of ORDERS that is older than the one of PUBLIC (GWY-32).
        for name in ["log-public", "log-orders"] {
            let place = self.place(name);
            self.services[place].kill();
            let config = self.path(SERVICES[place].2);
            let mut text = std::fs::read_to_string(&config).map_err(|error| error.to_string())?;
            let lines = [("tick_interval_s = 1\n", tick_s), ("batch_entries = 16\n", leaves), ("leaves_per_tick_max = 16\n", leaves)];
            for (line, value) in lines {
                let name = line.split(' ').next().unwrap_or_default();
                text = text.replace(line, &format!("{name} = {value}\n"));
            }
            if !text.contains(&format!("tick_interval_s = {tick_s}\n")) {
                return Err(format!("{} has no tick to change", SERVICES[place].2));
            }
            std::fs::write(&config, text).map_err(|error| error.to_string())?;
            self.start(place)?;
            self.await_port(place)?;
        }
        Ok(())
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.dir.join(relative)
    }

    /// The same as a word of a command.
    pub fn word(&self, relative: &str) -> String {
        self.path(relative).display().to_string()
    }

    pub fn waarborg(&self, words: &[&str]) -> Result<String, Trouble> {
        run(&self.programs.waarborg, words)
    }

    pub fn start(&mut self, place: usize) -> Result<(), Trouble> {
        self.services[place].start(&self.programs.waarborg, &self.steps)
    }

    /// The place of a service in the list.
    pub fn place(&self, name: &str) -> usize {
        self.services.iter().position(|service| service.name == name).unwrap_or_default()
    }

    /// Starts what has ended although nobody killed it, as a service manager would. A process that ends by itself again and again
    /// is a finding: the house does not come back.
    pub fn keep_running(&mut self) -> Result<(), Trouble> {
        for place in 0..self.services.len() {
            let service = &mut self.services[place];
            if service.end().is_some() {
                service.ended += u64::from(!self.steps.has_died(service.name));
            }
            if !service.is_there() {
                self.start(place)?;
            }
        }
        Ok(())
    }

    /// The port that a service's configuration names.
    pub fn port(&self, place: usize) -> Result<u16, Trouble> {
        let text = std::fs::read_to_string(self.path(SERVICES[place].2)).map_err(|error| error.to_string())?;
        port_of(&text).ok_or_else(|| format!("{} names no port", SERVICES[place].2))
    }

    fn await_port(&mut self, place: usize) -> Result<(), Trouble> {
        let (port, began) = (self.port(place)?, Instant::now());
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if PATIENCE < began.elapsed() {
                return Err(format!("{} does not listen: {}", self.services[place].name, self.services[place].said()));
            }
            self.keep_running_one(place)?;
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn keep_running_one(&mut self, place: usize) -> Result<(), Trouble> {
        if self.services[place].end().is_some() {
            self.services[place].ended += 1;
            return self.start(place);
        }
        Ok(())
    }

    /// Process ids of the trustees that judge at this moment, in this house.
    pub fn judging(&self) -> Vec<u32> {
        let own = self.dir.display().to_string();
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        ids.filter(|id| {
            let words = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).into_owned();
            let program = words.split('\0').next().unwrap_or_default();
            program.ends_with("waarborg-trustee") && words.contains("\0judge\0") && words.contains(&own)
        })
        .collect()
    }
}

const PATIENCE: Duration = Duration::from_secs(60);

fn port_of(config: &str) -> Option<u16> {
    let line = config.lines().find_map(|line| line.strip_prefix("listen = \"127.0.0.1:"))?;
    line.strip_suffix('"')?.parse().ok()
}

/// The demo in its own process, ended when nobody needs it.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            // Its own handler stops its processes; SIGKILL would leave them behind.
            Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().ok();
            self.0.wait().ok();
        }
    }
}

fn found(dir: &Path, programs: &Programs) -> Result<(PathBuf, u16), Trouble> {
    let folder = dir.parent().ok_or("a folder is needed")?;
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let story = std::fs::File::create(dir.with_extension("founding.log")).map_err(|error| error.to_string())?;
    let errors = story.try_clone().map_err(|error| error.to_string())?;
    let mut command = Command::new(&programs.waarborg);
    command.args(["demo", "--fresh", "--dir"]).arg(dir).stdin(Stdio::null()).stdout(story).stderr(errors);
    let mut demo = Demo(command.spawn().map_err(|error| error.to_string())?);
    let began = Instant::now();
    loop {
        let config = std::fs::read_to_string(dir.join("provider/gateway/gateway.toml")).unwrap_or_default();
        let port = port_of(&config).filter(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok());
        if let Some(port) = port {
            drop(demo);
            let dir = dir.canonicalize().map_err(|error| error.to_string())?;
            return Ok((dir, port));
        }
        if let Ok(Some(status)) = demo.0.try_wait() {
            // The end of what it said: a test's folder is gone when somebody looks.
            let said = std::fs::read_to_string(dir.with_extension("founding.log")).unwrap_or_default();
            let last = said.lines().rev().take(12).collect::<Vec<_>>();
            return Err(format!("the founding ended with {status}: {}", last.into_iter().rev().collect::<Vec<_>>().join("\n")));
        }
        if 3 * PATIENCE < began.elapsed() {
            return Err("the founding takes too long".to_owned());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

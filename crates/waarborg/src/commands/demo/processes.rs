//! The demo's child processes: each role is a real process with its own folder; none outlives the demo.

use crate::exit::Failure;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Started services; dropped means stopped, also when the demo fails half-way.
#[derive(Default)]
pub struct Services {
    running: Vec<(String, Child)>,
}

impl Services {
    /// Starts `program args…` with its output in `log`.
    pub fn start(&mut self, name: &str, program: &Path, args: &[String], log: &Path) -> Result<(), Failure> {
        let out = File::create(log).map_err(|error| Failure::file(log, &error))?;
        let err = out.try_clone().map_err(|error| Failure::file(log, &error))?;
        let child = Command::new(program).args(args).stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let child = child.map_err(|error| Failure::file(program, &error))?;
        self.running.push((name.to_owned(), child));
        Ok(())
    }

    /// The name of a service that has ended although it should run, if there is one.
    pub fn ended(&mut self) -> Option<String> {
        self.running.iter_mut().find_map(|(name, child)| match child.try_wait() {
            Ok(Some(status)) => Some(format!("{name} ended ({status})")),
            _ => None,
        })
    }

    pub fn stop(&mut self, name: &str) {
        for (_, child) in self.running.iter_mut().filter(|(running, _)| running == name) {
            end(child);
        }
        self.running.retain(|(running, _)| running != name);
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        for (_, child) in self.running.iter_mut().rev() {
            end(child);
        }
    }
}

fn end(child: &mut Child) {
    // Every role is built to survive this at any moment; a kind word first would test less.
    let _ = child.kill();
    let _ = child.wait();
}

/// A port on loopback that is free now.
pub fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
    listener.map(|address| address.port()).map_err(|error| Failure::unavailable(format!("no free port: {error}"), ""))
}

/// Waits until something accepts connections on the port.
pub fn await_port(port: u16, services: &mut Services) -> Result<(), Failure> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Ok(());
        }
        if let Some(text) = services.ended() {
            return Err(Failure::unavailable(text, "its output is in the demo folder, *.log"));
        }
        std::thread::sleep(Duration::from_millis(30));
    }
    Err(Failure::unavailable(format!("nothing answers on port {port}"), "its output is in the demo folder, *.log"))
}

/// The binaries of this build: the one that runs, and its two siblings beside it.
pub struct Programs {
    pub waarborg: PathBuf,
    pub trustee: PathBuf,
    pub verify: PathBuf,
}

impl Programs {
    pub fn find() -> Result<Programs, Failure> {
        let waarborg = std::env::current_exe().map_err(|error| Failure::unavailable(error.to_string(), ""))?;
        let sibling = |name: &str| -> Result<PathBuf, Failure> {
            let path = waarborg.with_file_name(name);
            if path.exists() {
                return Ok(path);
            }
            let text = format!("{name} does not stand beside waarborg");
            Err(Failure::unavailable(text, "build all binaries: cargo build --workspace --bins"))
        };
        Ok(Programs { trustee: sibling("waarborg-trustee")?, verify: sibling("waarborg-verify")?, waarborg: waarborg.clone() })
    }
}

/// Runs a command to its end and gives its output whatever the exit status was.
pub fn run(program: &Path, args: &[String]) -> Result<Output, Failure> {
    Command::new(program).args(args).stdin(Stdio::null()).output().map_err(|error| Failure::file(program, &error))
}

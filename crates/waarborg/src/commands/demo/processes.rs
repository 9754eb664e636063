//! The demo's child processes: each role is a real process with its own folder; none outlives the demo.

use crate::exit::Failure;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Started services; dropped means stopped, also when the demo fails half-way or is interrupted.
pub struct Services {
    running: Arc<Mutex<Running>>,
}

#[derive(Default)]
struct Running {
    children: Vec<(String, Child)>,
    last: Vec<Box<dyn FnOnce() + Send>>,
}

impl Running {
    fn end(&mut self) {
        for (_, mut child) in self.children.drain(..).rev() {
            // Every role is built to survive this at any moment; a kind word first would test less.
            let _ = child.kill();
            let _ = child.wait();
        }
        self.last.drain(..).for_each(|last| last());
    }
}

impl Services {
    /// No service yet. From now on an interrupt ends what runs before it ends the demo; children never outlive it.
    pub fn begin() -> Services {
        let running = Arc::new(Mutex::new(Running::default()));
        let interrupted = Arc::clone(&running);
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(crate::commands::log::end());
            // Held until the process is gone, so that nothing more is started.
            let mut running = interrupted.lock().unwrap_or_else(PoisonError::into_inner);
            running.end();
            eprintln!("interrupted; every process of the demo is stopped");
            std::process::exit(130);
        });
        Services { running }
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something that is no child of ours and has to be stopped after the services.
    pub fn at_the_end(&self, stop: impl FnOnce() + Send + 'static) {
        self.lock().last.push(Box::new(stop));
    }

    /// Starts `program args…` with its output in `log`.
    pub fn start(&mut self, name: &str, program: &Path, args: &[String], log: &Path) -> Result<(), Failure> {
        let out = File::create(log).map_err(|error| Failure::file(log, &error))?;
        let err = out.try_clone().map_err(|error| Failure::file(log, &error))?;
        let mut running = self.lock();
        let child = Command::new(program).args(args).stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let child = child.map_err(|error| Failure::file(program, &error))?;
        running.children.push((name.to_owned(), child));
        Ok(())
    }

    /// The name of a service that has ended although it should run, if there is one.
    pub fn ended(&mut self) -> Option<String> {
        self.lock().children.iter_mut().find_map(|(name, child)| match child.try_wait() {
            Ok(Some(status)) => Some(format!("{name} ended ({status})")),
            _ => None,
        })
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        self.lock().end();
    }
}

/// A port on loopback that is free now.
pub fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
    listener.map(|address| address.port()).map_err(|error| Failure::unavailable(format!("no free port: {error}"), ""))
}

/// Waits until something accepts connections on the port.
pub fn await_port(port: u16, services: &mut Services) -> Result<(), Failure> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(120) {
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
            Err(Failure::unavailable(text, "build all three: cargo build --bins -p waarborg -p trustee -p verify"))
        };
        Ok(Programs { trustee: sibling("waarborg-trustee")?, verify: sibling("waarborg-verify")?, waarborg: waarborg.clone() })
    }
}

/// Runs a command to its end and gives its output whatever the exit status was.
pub fn run(program: &Path, args: &[String]) -> Result<Output, Failure> {
    Command::new(program).args(args).stdin(Stdio::null()).output().map_err(|error| Failure::file(program, &error))
}

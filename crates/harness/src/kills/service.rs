//! One role as a process: started, killed, started again.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::Trouble;
use super::steps::Steps;

/// A role of the house, running or not.
pub struct Service {
    pub name: &'static str,
    role: &'static str,
    config: PathBuf,
    output: PathBuf,
    child: Option<Child>,
    /// How often it ended by itself, such as a log that finds no quorum of witnesses at its start: a service manager starts it again.
    pub ended: u64,
}

impl Service {
    /// `config` relative to the house's folder.
    pub fn new(name: &'static str, role: &'static str, house: &Path, config: &str) -> Service {
        let output = house.join(format!("{name}.kills.log"));
        Service { name, role, config: house.join(config), output, child: None, ended: 0 }
    }

    pub fn start(&mut self, program: &Path, steps: &Steps) -> Result<(), Trouble> {
        let output = OpenOptions::new().create(true).append(true).open(&self.output).map_err(|error| error.to_string())?;
        let errors = output.try_clone().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.args([self.role, "run"]).arg(&self.config).stdin(Stdio::null()).stdout(output).stderr(errors);
        steps.load(self.name, &mut command);
        self.child = Some(command.spawn().map_err(|error| format!("{}: {error}", self.name))?);
        Ok(())
    }

    /// SIGKILL, now. True if it was running.
    pub fn kill(&mut self) -> bool {
        let Some(mut child) = self.child.take() else { return false };
        let running = matches!(child.try_wait(), Ok(None));
        child.kill().ok();
        child.wait().ok();
        running
    }

    /// How it ended, if it has; then it is no longer there.
    pub fn end(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().ok()??;
        self.child = None;
        Some(status)
    }

    /// Its process, if it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    pub fn is_there(&self) -> bool {
        self.child.is_some()
    }

    /// Waits for its end.
    pub fn await_end(&mut self, patience: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        while began.elapsed() < patience {
            if let Some(status) = self.end() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// The last lines that it wrote.
    pub fn said(&self) -> String {
        let text = std::fs::read(&self.output).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(6)..].join("\n")
    }

    /// Everything that it wrote.
    pub fn said_all(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.output).unwrap_or_default()).into_owned()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

//! The library that counts a process's writes from inside, so that the product needs no hook: built with the C compiler that the
//! product's own dependencies need anyway, loaded with `LD_PRELOAD` (Linux).

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Trouble;
use super::programs::run;

const SOURCE: &str = include_str!("steps.c");

/// The built library and the files with which it is told what to do.
#[derive(Clone, Debug)]
pub struct Steps {
    folder: PathBuf,
}

/// Where a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// 1 is the first thing that it does to a file.
    pub number: u64,
    /// A write is done by half first.
    pub torn: bool,
}

impl Steps {
    /// Builds the library in `folder`.
    pub fn build(folder: &Path) -> Result<Steps, Trouble> {
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        let steps = Steps { folder: folder.to_owned() };
        let (source, library) = (folder.join("steps.c"), steps.library());
        std::fs::write(&source, SOURCE).map_err(|error| error.to_string())?;
        let words = ["-O1", "-shared", "-fPIC", "-o", &library.display().to_string(), &source.display().to_string(), "-ldl"];
        run(Path::new("cc"), &words)?;
        Ok(steps)
    }

    fn library(&self) -> PathBuf {
        self.folder.join("steps.so")
    }

    /// What the library reads for one service, and for the trustees.
    fn order(&self, service: &str) -> PathBuf {
        self.folder.join(format!("{service}.step"))
    }

    fn full(&self, service: &str) -> PathBuf {
        self.folder.join(format!("{service}.full"))
    }

    /// Lets a service's process load the library.
    pub fn load(&self, service: &str, command: &mut Command) {
        command.env("LD_PRELOAD", self.library());
        command.env("KILLS_SERVICE", self.order(service)).env("KILLS_FULL", self.full(service));
        command.env("KILLS_TRUSTEE", self.order("trustee")).env("KILLS_FULL_TRUSTEE", self.full("trustee"));
    }

    /// The next process of `service` that starts dies there.
    pub fn arm(&self, service: &str, step: Step) -> Result<(), Trouble> {
        let (order, draft) = (self.order(service), self.folder.join("draft"));
        std::fs::write(&draft, format!("{} {}\n", step.number, u8::from(step.torn))).map_err(|error| error.to_string())?;
        std::fs::rename(draft, order).map_err(|error| error.to_string())
    }

    /// Takes the order back, if nobody took it.
    pub fn disarm(&self, service: &str) {
        std::fs::remove_file(self.order(service)).ok();
    }

    /// The call at which a process of `service` died, once it has; forgotten when told.
    pub fn died_at(&self, service: &str) -> Option<String> {
        let (path, call) = self.death(service)?;
        std::fs::remove_file(path).ok();
        Some(call)
    }

    pub fn has_died(&self, service: &str) -> bool {
        self.death(service).is_some()
    }

    fn death(&self, service: &str) -> Option<(PathBuf, String)> {
        let prefix = format!("{service}.step.");
        let entries = std::fs::read_dir(&self.folder).ok()?;
        let own = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
        own.map(|entry| entry.path()).find_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            let call = text.strip_suffix('\n')?;
            // Before its death there stands what it was told: two numbers.
            let died = !call.is_empty() && !call.starts_with(|c: char| c.is_ascii_digit());
            died.then(|| (path.clone(), call.to_owned()))
        })
    }

    /// From now on the disk of `service` (`trustee`: of all trustees) is full, until [`Steps::make_room`].
    pub fn fill(&self, service: &str) -> Result<(), Trouble> {
        std::fs::write(self.full(service), "").map_err(|error| error.to_string())
    }

    pub fn make_room(&self, service: &str) {
        std::fs::remove_file(self.full(service)).ok();
    }
}

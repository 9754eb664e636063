//! The stage: the demo's folder, its programs and services, and the way every step runs a command as a person would.

use super::narrator::Narrator;
use super::processes::{Programs, Services, run};
use crate::exit::Failure;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// Which of the three programs a step runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Program {
    Waarborg,
    Trustee,
    Verify,
}

pub struct Stage {
    pub narrator: Narrator,
    pub dir: PathBuf,
    pub services: Services,
    programs: Programs,
}

/// Marks a folder as ours, so that `--fresh` never removes anything else.
const MARK: &str = "made-by-waarborg-demo";

impl Stage {
    /// Makes the folder. An existing one is refused, or with `fresh` removed if an earlier demo made it.
    pub fn set(dir: &Path, fresh: bool, narrator: Narrator) -> Result<Stage, Failure> {
        let programs = Programs::find()?;
        if dir.exists() {
            let ours = dir.join(MARK).exists();
            if !fresh || !ours {
                let text = format!("{} exists", dir.display());
                let hint = if ours { "add --fresh to remove that earlier demo, or name another --dir" } else { "name another --dir" };
                return Err(Failure::refused("DEMO-01", text, hint));
            }
            fs::remove_dir_all(dir).map_err(|error| Failure::file(dir, &error))?;
        }
        fs::create_dir_all(dir).map_err(|error| Failure::file(dir, &error))?;
        let dir = dir.canonicalize().map_err(|error| Failure::file(dir, &error))?;
        let stage = Stage { narrator, dir, services: Services::begin(), programs };
        stage.write(MARK, "This folder is made, and with --fresh removed, by `waarborg demo`.\n")?;
        Ok(stage)
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.dir.join(relative)
    }

    /// The same as a command-line word.
    pub fn word(&self, relative: &str) -> String {
        self.path(relative).display().to_string()
    }

    /// Writes a file below the folder, making the folders above it.
    pub fn write(&self, relative: &str, text: &str) -> Result<(), Failure> {
        let path = self.path(relative);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
        }
        fs::write(&path, text).map_err(|error| Failure::file(&path, &error))
    }

    pub fn read(&self, relative: &str) -> Result<Vec<u8>, Failure> {
        let path = self.path(relative);
        fs::read(&path).map_err(|error| Failure::file(&path, &error))
    }

    pub fn folder(&self, relative: &str) -> Result<(), Failure> {
        let path = self.path(relative);
        fs::create_dir_all(&path).map_err(|error| Failure::file(&path, &error))
    }

    /// Runs a command that must succeed and shows it; gives back its standard output without the last line break.
    pub fn show(&self, program: Program, words: &[&str]) -> Result<String, Failure> {
        self.print(program, words);
        self.quiet(program, words)
    }

    /// The same without showing the command.
    pub fn quiet(&self, program: Program, words: &[&str]) -> Result<String, Failure> {
        let output = self.output(program, words)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if output.status.code().is_none() {
            return Err(Failure::unavailable(format!("{} was interrupted", name(program)), ""));
        }
        let text = format!("`{} {}` ended with {}: {said}", name(program), words.join(" "), output.status);
        Err(Failure::unavailable(text, "this is a bug of the demo, please report it"))
    }

    /// Runs a command that must be refused; gives what it said. Its success would be the worst news of all.
    pub fn refused(&self, program: Program, words: &[&str]) -> Result<String, Failure> {
        self.print(program, words);
        let output = self.output(program, words)?;
        let said = [&output.stderr[..], &output.stdout[..]].map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned());
        let said = said.iter().find(|text| !text.is_empty()).cloned().unwrap_or_default();
        match output.status.code() {
            Some(1 | 3) => Ok(said),
            _ => Err(Failure::unavailable(format!("this had to be refused and was not: {said}"), "please report it")),
        }
    }

    pub fn output(&self, program: Program, words: &[&str]) -> Result<Output, Failure> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        run(self.program(program), &words)
    }

    /// The folder of the three programs.
    pub fn programs_folder(&self) -> String {
        self.programs.waarborg.parent().map(|folder| folder.display().to_string()).unwrap_or_default()
    }

    pub fn program(&self, program: Program) -> &Path {
        match program {
            Program::Waarborg => &self.programs.waarborg,
            Program::Trustee => &self.programs.trustee,
            Program::Verify => &self.programs.verify,
        }
    }

    /// Starts a service in the background; its output goes to `<name>.log`.
    pub fn serve(&mut self, service: &str, words: &[&str]) -> Result<(), Failure> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let log = self.path(&format!("{service}.log"));
        self.services.start(service, &self.programs.waarborg, &words, &log)
    }

    pub fn print(&self, program: Program, words: &[&str]) {
        let mut line = vec![name(program).to_owned()];
        line.extend(words.iter().map(|word| if word.contains(' ') { format!("'{word}'") } else { (*word).to_owned() }));
        self.narrator.command(&line, &self.dir);
    }
}

fn name(program: Program) -> &'static str {
    match program {
        Program::Waarborg => "waarborg",
        Program::Trustee => "waarborg-trustee",
        Program::Verify => "waarborg-verify",
    }
}

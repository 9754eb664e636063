//! The shipped programs, found beside the one that runs, and run to their end.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::Trouble;

/// Where the programs are.
#[derive(Clone, Debug)]
pub struct Programs {
    pub waarborg: PathBuf,
    pub verify: PathBuf,
}

impl Programs {
    /// In the folder of the running program, or (a test) in the one above.
    pub fn find() -> Result<Programs, Trouble> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        for folder in own.ancestors().skip(1).take(2) {
            let all = ["waarborg", "waarborg-trustee", "waarborg-verify"].map(|name| folder.join(name));
            if all.iter().all(|program| program.is_file()) {
                let [waarborg, _, verify] = all;
                return Ok(Programs { waarborg, verify });
            }
        }
        Err("the programs are not built: cargo build --bins -p waarborg -p trustee -p verify".to_owned())
    }
}

/// Runs a program to its end; its standard output if it succeeded, else what it said.
pub fn run(program: &Path, words: &[&str]) -> Result<String, Trouble> {
    let output = output(program, words)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [&output.stderr[..], &output.stdout[..]].map(|octets| String::from_utf8_lossy(octets).trim().to_owned());
    Err(format!("`{}` ended with {}: {}", words.join(" "), output.status, said.join(" ")))
}

/// The same, whatever the end was.
pub fn output(program: &Path, words: &[&str]) -> Result<Output, Trouble> {
    let made = Command::new(program).args(words).stdin(Stdio::null()).output();
    made.map_err(|error| format!("{}: {error}", program.display()))
}

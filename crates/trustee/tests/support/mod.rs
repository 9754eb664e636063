//! Runs the real program, as people would, in folders that go away.
#![allow(dead_code)]

pub mod paper;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub const PROVIDER: &str = "00112233445566778899aabbccddeeff";

/// A room with a table and one folder for each member.
pub struct Room {
    dir: tempfile::TempDir,
}

/// What a call gave.
#[derive(Debug)]
pub struct Call {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Call {
    pub fn done(self) -> Call {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Exit code and rule.
    pub fn refused(self, code: i32, rule: &str) -> Call {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.err.contains(rule), "{rule} expected: {self:?}");
        assert!(self.err.contains("\n  hint: "), "two lines: {self:?}");
        self
    }
}

impl Room {
    pub fn new() -> Room {
        let room = Room { dir: tempfile::tempdir().unwrap() };
        std::fs::create_dir(room.path("table")).unwrap();
        room
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn table(&self, file: &str) -> PathBuf {
        self.path("table").join(file)
    }

    /// Runs the program in this room.
    pub fn run(&self, words: &[&str]) -> Call {
        self.run_with(words, b"")
    }

    pub fn run_with(&self, words: &[&str], input: &[u8]) -> Call {
        use std::io::Write;
        let mut child = Command::new(env!("CARGO_BIN_EXE_waarborg-trustee"))
            .args(words)
            .current_dir(self.dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that refuses early closes its input: that is no failure of the test.
        let _ = child.stdin.take().unwrap().write_all(input);
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        Call { code: status.code().unwrap(), out: String::from_utf8(stdout).unwrap(), err: String::from_utf8(stderr).unwrap() }
    }

    pub fn init(&self, committee: &str, of: u8) {
        for n in 1..=of {
            self.init_one(&state(committee, n), committee, n);
        }
    }

    pub fn init_one(&self, state: &str, committee: &str, n: u8) -> Call {
        let (index, name, body) = (n.to_string(), format!("Person {n}"), format!("Body {n} of the {committee}"));
        let words = ["init", "--state", state, "--committee", committee, "--index", &index];
        self.run(&[&words[..], &["--name", &name, "--organisation", &body, "--table", "table"]].concat()).done()
    }

    /// `ceremony <step>` of one member.
    pub fn step(&self, step: &str, committee: &str, n: u8, need: u8, more: &[&str]) -> Call {
        let (state, need) = (state(committee, n), need.to_string());
        let words = ["ceremony", step, "--state", &state, "--table", "table", "--need", &need, "--provider", PROVIDER];
        self.run(&[&words[..], more].concat())
    }

    /// All members through one step.
    pub fn all(&self, step: &str, committee: &str, members: &[u8], need: u8, more: &[&str]) {
        for n in members {
            self.step(step, committee, *n, need, more).done();
        }
    }

    /// A whole ceremony; gives the record.
    pub fn whole_ceremony(&self, committee: &str, need: u8, of: u8) -> Vec<u8> {
        self.init(committee, of);
        let members: Vec<u8> = (1..=of).collect();
        for step in ["deal", "accept", "finish"] {
            self.all(step, committee, &members, need, &[]);
        }
        std::fs::read(self.table(&format!("committee-{committee}.txt"))).unwrap()
    }

    pub fn read(&self, path: impl AsRef<Path>) -> Vec<u8> {
        std::fs::read(self.dir.path().join(path)).unwrap()
    }
}

pub fn state(committee: &str, n: u8) -> String {
    format!("{committee}-{n}")
}

/// Changes one line of a text file.
pub fn edit(path: &Path, change: impl Fn(&str) -> Option<String>) {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<String> = text.lines().map(|line| change(line).unwrap_or(line.to_owned())).collect();
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

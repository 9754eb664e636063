//! The commands: words in, text out, one exit code. Everything from outside comes through [`Shell`], so that tests can
//! stand in for clock, chance and people.

mod args;
mod ceremony;
mod destroy;
mod help;
mod judge;
mod member;
mod policy;
mod refusals;
mod speech;
mod table;

use std::io::{Read, Write};

use seal::entropy::Entropy;

use crate::ceremony::CeremonyRefusal;
use crate::clock::Reading;
use crate::disk::FolderError;
use crate::state::StateError;

pub use help::{COMMANDS, Command};
pub use speech::Language;

/// What a command may touch besides the folders it is given.
pub struct Shell<'a> {
    /// Standard output: what other programs or the table read.
    pub out: &'a mut dyn Write,
    /// Standard error: what people read.
    pub err: &'a mut dyn Write,
    /// Standard input.
    pub input: &'a mut dyn Read,
    /// Keys, polynomials, encapsulations.
    pub entropy: &'a mut dyn Entropy,
    /// The clocks.
    pub clock: &'a dyn Fn() -> Reading,
}

/// How a command ended. The numbers are the process' exit codes, and those of every program of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; for `judge`: released.
    Done = 0,
    /// A rule refused; for `judge` the signed refusal stands on standard output.
    Refused = 1,
    /// The words made no command.
    Usage = 2,
    /// Files of the ceremony or of the state do not verify.
    NotVerified = 3,
    /// The surroundings failed: disk, lock, input.
    Fault = 4,
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// Words that make no command; with what is wrong.
    Usage(String),
    /// A rule of the ceremony.
    Ceremony(Box<CeremonyRefusal>),
    /// The state folder.
    State(StateError),
    /// The state folder could not be opened.
    Folder(FolderError),
    /// A rule of the state, with its number.
    Rule { code: &'static str, english: String, dutch: String },
    /// An invariant of ours broke: keep everything and tell the makers.
    Bug(&'static str),
    /// A file or stream outside the state.
    Outside { what: String, error: std::io::Error },
}

impl From<CeremonyRefusal> for Failure {
    fn from(refusal: CeremonyRefusal) -> Self {
        Failure::Ceremony(Box::new(refusal))
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        Failure::State(error)
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        Failure::Folder(error)
    }
}

impl Failure {
    /// The one table from failure to exit code.
    fn exit(&self) -> Exit {
        match self {
            Failure::Usage(_) => Exit::Usage,
            Failure::Ceremony(_) | Failure::Rule { .. } => Exit::NotVerified,
            Failure::State(StateError::Fault(_)) => Exit::Fault,
            Failure::State(_) => Exit::NotVerified,
            Failure::Folder(FolderError::NotEmpty | FolderError::OpenToOthers) => Exit::NotVerified,
            Failure::Folder(_) | Failure::Outside { .. } | Failure::Bug(_) => Exit::Fault,
        }
    }
}

/// Runs one command line, without the program's name.
pub fn run(words: &[String], shell: &mut Shell<'_>) -> Exit {
    let language = speech::language(words);
    let done = match args::parse(words) {
        Err(wrong) => Err(Failure::Usage(wrong)),
        Ok(args::Parsed::Help(command)) => {
            print(shell.out, &help::text(command, language));
            return Exit::Done;
        }
        Ok(args::Parsed::Run(command, args)) => (command.run)(&args, language, shell),
    };
    match done {
        Ok(exit) => exit,
        Err(failure) => {
            print(shell.err, &refusals::two_lines(&failure, language));
            failure.exit()
        }
    }
}

/// Writes text for people. A closed pipe is no reason to stop half-way through a ceremony.
fn print(to: &mut dyn Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

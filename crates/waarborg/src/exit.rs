//! What a command ends with: one of five exit codes, and at most two lines on stderr.
//!
//! Errors have two lines: what happened (with its stable code) and what to do about it. Scripts read the exit
//! status, people read the lines; `--json` prints the same two as one object.

use std::process::ExitCode;

use crate::{Global, Lang};

/// The exit codes of every `waarborg` command. They are part of the public interface: never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Someone broke a rule; nothing was changed.
    Refused = 1,
    /// The command line, a configuration file or an input file was not understood.
    Usage = 2,
    /// A check of a package, proof or signature failed.
    VerificationFailed = 3,
    /// A service, file or network peer was not there; trying again later may help.
    Unavailable = 4,
}

/// Why a command did not end with 0. `hint` may be empty, then one line is printed.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub exit: Exit,
    /// Stable: `ORD-07`, `CASE-03`, `USAGE`, `IO`.
    pub code: String,
    pub text: String,
    pub hint: String,
    /// Text and hint in Dutch, where a rule has them.
    pub dutch: Option<Box<(String, String)>>,
}

/// What every command's `run` gives back.
pub type Outcome = Result<(), Failure>;

impl Failure {
    pub fn new(exit: Exit, code: &str, text: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure { exit, code: code.to_owned(), text: text.into(), hint: hint.into(), dutch: None }
    }

    /// Someone broke the rule `code`.
    pub fn refused(code: &str, text: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::new(Exit::Refused, code, text, hint)
    }

    /// The caller's input is not what the command takes.
    pub fn usage(text: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, "USAGE", text, hint)
    }

    /// A check came out negative.
    pub fn verification(code: &str, text: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::new(Exit::VerificationFailed, code, text, hint)
    }

    /// Our surroundings failed.
    pub fn unavailable(text: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::new(Exit::Unavailable, "FAULT", text, hint)
    }

    /// A file could not be read or written: the commonest fault, said the same way everywhere.
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Failure {
        let hint = match error.kind() {
            std::io::ErrorKind::AlreadyExists => "nothing is ever overwritten: choose another name, or move the older file away",
            std::io::ErrorKind::IsADirectory => "a file is wanted here, not a folder",
            _ => "check the path and its permissions",
        };
        Failure::unavailable(format!("{}: {error}", path.display()), hint)
    }

    /// The same in Dutch.
    pub fn in_dutch(self, text: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure { dutch: Some(Box::new((text.into(), hint.into()))), ..self }
    }

    fn word(&self, lang: Lang) -> &'static str {
        match (self.exit, lang) {
            (Exit::Refused, Lang::En) => "refused",
            (Exit::Usage, Lang::En) => "not understood",
            (Exit::VerificationFailed, Lang::En) => "verification failed",
            (Exit::Unavailable, Lang::En) => "unavailable",
            (Exit::Refused, Lang::Nl) => "geweigerd",
            (Exit::Usage, Lang::Nl) => "niet begrepen",
            (Exit::VerificationFailed, Lang::Nl) => "controle mislukt",
            (Exit::Unavailable, Lang::Nl) => "niet beschikbaar",
        }
    }

    /// The two lines as a person reads them.
    pub fn lines(&self, lang: Lang) -> String {
        let known = node::refusals::dutch(&self.code, &self.text);
        let (text, hint) = match (&self.dutch, &known, lang) {
            (Some(dutch), _, Lang::Nl) => (&dutch.0, &dutch.1),
            (None, Some(dutch), Lang::Nl) => (&dutch.text, &dutch.hint),
            _ => (&self.text, &self.hint),
        };
        let mut lines = format!("{} {}: {text}", self.word(lang), self.code);
        if !hint.is_empty() {
            lines.push_str(if lang == Lang::Nl { "\n  tip: " } else { "\n  hint: " });
            lines.push_str(hint);
        }
        lines
    }

    /// The same as one JSON object with a versioned schema name.
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "schema": "waarborg-failure/v1", "exit": self.exit as u8, "code": self.code,
            "text": self.text, "hint": self.hint,
        })
    }
}

/// Prints the failure, if there is one, and turns the outcome into the process's exit status.
pub fn finish(outcome: Outcome, global: Global) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if global.json {
                eprintln!("{}", failure.json());
            } else {
                eprintln!("{}", failure.lines(global.lang));
            }
            ExitCode::from(failure.exit as u8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_two_lines_with_its_code() {
        let failure = Failure::refused("ORD-07", "the approval names another order", "ask again");
        assert_eq!(failure.lines(Lang::En), "refused ORD-07: the approval names another order\n  hint: ask again");
        assert_eq!(failure.lines(Lang::Nl), "geweigerd ORD-07: the approval names another order\n  tip: ask again");
        let failure = failure.in_dutch("de goedkeuring noemt een ander bevel", "vraag het opnieuw");
        assert_eq!(failure.lines(Lang::Nl), "geweigerd ORD-07: de goedkeuring noemt een ander bevel\n  tip: vraag het opnieuw");
        assert_eq!(failure.json()["exit"], 1);
        let failure = Failure::refused("CASE-07", "case 0102 is not halted", "nothing is to be done");
        assert_eq!(failure.lines(Lang::En), "refused CASE-07: case 0102 is not halted\n  hint: nothing is to be done");
        assert_eq!(failure.lines(Lang::Nl), "geweigerd CASE-07: zaak 0102 ligt niet stil\n  tip: er is niets te doen");
    }

    #[test]
    fn exit_codes_never_move() {
        assert_eq!([Exit::Refused as u8, Exit::Usage as u8, Exit::VerificationFailed as u8, Exit::Unavailable as u8], [1, 2, 3, 4]);
    }
}

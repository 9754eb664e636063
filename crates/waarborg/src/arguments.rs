//! What the arguments that many commands share are: said once, in the same words everywhere. A command that means something
//! else by a name says so itself, and keeps its own words.

use clap::{Arg, Command};

const SHARED: &[(&str, &str)] = &[
    ("case", "The case's id or its beginning, or its receipt number"),
    ("code", "The code that the letter carries"),
    ("config", "The role's configuration file (TOML); docs/samples has one for each role"),
    ("days", "How many days it is valid"),
    ("dir", "The folder"),
    ("entry", "File with the entry's bytes"),
    ("envelope", "The delivered package (.p7m)"),
    ("file", "The file"),
    ("from", "First index"),
    ("gateway", "The gateway's address"),
    ("index", "The entry's place in the log, from 0"),
    ("interval_s", "How long to wait between two looks, in seconds"),
    ("key", "File with the key"),
    ("input", "What a person writes (TOML); docs/samples has one for each"),
    ("kind", "Which of the two logs it is"),
    ("limit_s", "How long to wait, in seconds"),
    ("max_seal_days", "Longest time that an entry may stay sealed, in days"),
    ("notice", "The notice letter as a file"),
    ("order", "The order document"),
    ("organisation", "The body that the certificate names"),
    ("out", "Where to write; what exists is never overwritten"),
    ("patience_s", "How long to wait for the cosigned checkpoint, in seconds"),
    ("person", "Who decides, attests or calls"),
    ("policy", "The policy by which is judged"),
    ("proof", "File with the proof"),
    ("purpose", "What it is for"),
    ("statement", "File with the signed statement"),
    ("to", "Index after the last"),
    ("vkey", "The verifier key"),
    ("year", "The calendar year, UTC, such as 2027"),
    ("yes", "The case's id or its beginning once more; without it nothing is signed"),
];

/// Every argument of this command and of those below it has a description.
pub fn described(command: Command) -> Command {
    command.mut_args(describe).mut_subcommands(described)
}

fn describe(arg: Arg) -> Arg {
    let words = SHARED.iter().find(|(id, _)| arg.get_id() == id);
    match (arg.get_help(), words) {
        (None, Some((_, words))) => arg.help(*words),
        _ => arg,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn undescribed(command: &Command, path: &str, found: &mut Vec<String>) {
        let path = format!("{path} {}", command.get_name());
        found.extend(command.get_arguments().filter(|arg| arg.get_help().is_none()).map(|arg| format!("{path}: {}", arg.get_id())));
        if command.get_about().is_none() {
            found.push(path.clone());
        }
        command.get_subcommands().for_each(|below| undescribed(below, &path, found));
    }

    #[test]
    fn every_command_and_every_argument_says_what_it_is() {
        let mut found = Vec::new();
        undescribed(&described(crate::Cli::command()), "", &mut found);
        assert!(found.is_empty(), "without a description: {found:#?}");
    }
}

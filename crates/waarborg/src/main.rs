//! `waarborg`: the command line of every role but the trustee and the verifier, which have binaries of their own.
//!
//! This file only dispatches. Each command lives in `commands/<noun>.rs` as `Args` (what clap reads) and
//! `run(args, global) -> Outcome`; exit codes and error lines are in `exit.rs`.
#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod door;
mod exit;
mod words;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::process::ExitCode;

/// The language of what people read. Codes, keys and JSON are the same in each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    #[default]
    En,
    Nl,
}

impl From<Lang> for verify::verdict::Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::English,
            Lang::Nl => Self::Dutch,
        }
    }
}

/// Options that every command takes.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct Global {
    /// Print one JSON object (versioned schema) instead of text; errors too
    #[arg(long, global = true)]
    pub json: bool,
    /// Language of texts for people
    #[arg(long, global = true, value_enum, default_value_t = Lang::En)]
    pub lang: Lang,
}

/// Access to communications records that is narrow, logged and checkable.
///
/// Exit status: 0 done, 1 refused, 2 usage, 3 verification failed, 4 unavailable.
#[derive(Parser)]
#[command(name = "waarborg", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Draft, sign, show, send and withdraw orders (authority and court)
    Order(commands::order::Args),
    /// Look at cases, approve or refuse them (officers of the provider)
    Case(commands::case::Args),
    /// Received orders: take in, look at, move (desk of the provider)
    Desk(commands::desk::Args),
    /// The gateway: takes orders, drives each case to its package
    Gateway(commands::gateway::Args),
    /// Make, show and check policy documents
    Policy(commands::policy::Args),
    /// The registry of authorities: check an edition, announce it, see who may order and whom to call back
    Registry(commands::registry::Args),
    /// Open a delivered package
    Package(commands::package::Args),
    /// Make and open the notice to the person
    Notice(commands::notice::Args),
    /// Make signing keys
    Keys(commands::keys::Args),
    /// Check a source of records
    Source(commands::source::Args),
    /// The sealer: seals records as they arrive
    Sealer(commands::sealer::Args),
    /// Run the whole story on this machine
    Demo(commands::demo::Args),
    /// A log: ORDERS or PUBLIC
    Log(commands::log::Args),
    /// Accounts of the body of oversight: is everything that they sent there? (overseer)
    Canary(commands::canary::Args),
    /// Samples of segments that an auditor reads (overseer)
    Sample(commands::sample::Args),
    /// The public counts of a year: make them, or recompute them
    Stats(commands::stats::Args),
    /// A witness
    Witness(commands::witness::Args),
    /// Measure on this machine, beside what others need for the same
    Bench(commands::bench::Args),
}

/// A reader that goes away (`| head`) is no bug to be reported: what runs is unwound, and nothing is said.
fn be_quiet_when_nobody_reads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !info.payload_as_str().is_some_and(|text| text.starts_with("failed printing to std")) {
            usual(info);
        }
    }));
}

fn main() -> ExitCode {
    be_quiet_when_nobody_reads();
    let matches = arguments::described(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let global = cli.global;
    let outcome = match cli.command {
        Command::Order(args) => commands::order::run(args, global),
        Command::Case(args) => commands::case::run(args, global),
        Command::Desk(args) => commands::desk::run(args, global),
        Command::Gateway(args) => commands::gateway::run(args, global),
        Command::Policy(args) => commands::policy::run(args, global),
        Command::Registry(args) => commands::registry::run(args, global),
        Command::Package(args) => commands::package::run(args, global),
        Command::Notice(args) => commands::notice::run(args, global),
        Command::Keys(args) => commands::keys::run(args, global),
        Command::Source(args) => commands::source::run(args, global),
        Command::Sealer(args) => commands::sealer::run(args, global),
        Command::Demo(args) => commands::demo::run(args, global),
        Command::Log(args) => commands::log::run(args, global),
        Command::Canary(args) => commands::canary::run(args, global),
        Command::Sample(args) => commands::sample::run(args, global),
        Command::Stats(args) => commands::stats::run(args, global),
        Command::Witness(args) => commands::witness::run(args, global),
        Command::Bench(args) => commands::bench::run(args),
    };
    exit::finish(outcome, global)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        crate::arguments::described(super::Cli::command()).debug_assert();
    }
}

//! `waarborg bench`: measures beside the peers. The measuring is `waarborg-bench`, a program of its own: it brings others' libraries along,
//! and the product has none of them (decision 0101).

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::Command;

use crate::exit::{Exit, Failure, Outcome};

const PROGRAM: &str = "waarborg-bench";
const HINT: &str =
    "build it with bench/run.sh --quick in the source tree; it then lies in target/release, where it is found beside this program";

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  waarborg bench --quick               seconds: that everything runs; its figures say nothing
  waarborg bench --only sealing,log    two groups, at the sizes of the bars
  waarborg bench                       all: about half an hour, 8 GB of disk, 2 GB of memory

What the figures mean: docs/benchmarks.md.")]
pub struct Args {
    /// The smallest sizes
    #[arg(long)]
    quick: bool,
    /// Groups, such as sealing,log
    #[arg(long, value_name = "GROUP,...")]
    only: Option<OsString>,
    /// Folder for drawings (SVG)
    #[arg(long, value_name = "FOLDER")]
    plots: Option<PathBuf>,
    /// File for the same figures as JSON
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

pub fn run(args: Args) -> Outcome {
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(PROGRAM)).filter(|path| path.is_file());
    let mut command = Command::new(beside.unwrap_or_else(|| PROGRAM.into()));
    if args.quick {
        command.arg("--quick");
    }
    let values = [("--only", args.only), ("--plots", args.plots.map(OsString::from)), ("--json", args.save.map(OsString::from))];
    for (name, value) in values {
        command.args(value.into_iter().flat_map(|value| [OsString::from(name), value]));
    }
    match command.status().map(|status| status.code()) {
        Ok(Some(0)) => Ok(()),
        Ok(Some(2)) => Err(Failure::new(Exit::Usage, "USAGE", "there is no such group", "the groups stand above")),
        Ok(_) => Err(Failure::unavailable(format!("{PROGRAM} did not end well"), "what it said stands above")),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::unavailable(format!("{PROGRAM} is not here"), HINT)),
        Err(error) => Err(Failure::unavailable(format!("{PROGRAM}: {error}"), HINT)),
    }
}

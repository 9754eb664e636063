//! `waarborg demo`: the whole story on embedded defaults, one real process for each role, loopback only.

mod narrator;
mod processes;
mod provider;

use crate::Global;
use crate::exit::{Failure, Outcome};
use std::path::PathBuf;

/// Run the whole story on this machine: sealing, order, log, trustees, package, verification, and five wrong things
#[derive(clap::Args)]
pub struct Args {
    /// Where the demo leaves its files
    #[arg(long, default_value = "waarborg-demo")]
    dir: PathBuf,
    /// Remove an earlier demo in that folder first
    #[arg(long)]
    fresh: bool,
    /// Use a real Matrix Synapse with two real encrypted clients (see lab/)
    #[arg(long)]
    synapse: bool,
}

pub fn run(_args: Args, _global: Global) -> Outcome {
    Err(Failure::usage("waarborg demo is not in this build yet", ""))
}

//! `waarborg demo`: the whole story on embedded defaults, one real process for each role, loopback only.

mod ceremony;
mod desk;
mod house;
mod narrator;
mod order;
mod people;
mod person;
mod policy;
mod processes;
mod provider;
mod stage;
mod stamps;
mod story;
mod synapse;
mod talk;
mod traffic;
mod wrong;

use crate::Global;
use crate::exit::Outcome;
use std::path::PathBuf;

/// Run the whole story on this machine: sealing, order, log, trustees, package, verification, and five wrong things
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  waarborg demo\n  waarborg demo --lang nl --dir my-demo\n  waarborg demo --synapse")]
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
    /// Where the scripts of lab/ are
    #[arg(long, default_value = "lab")]
    lab: PathBuf,
    /// At the end, while everything still runs, run this command in the demo's folder, such as bash; WAARBORG_GATEWAY and the like tell it where things are
    #[arg(long)]
    then: Option<String>,
}

pub fn run(args: Args, global: Global) -> Outcome {
    story::tell(&args, global)
}

//! `waarborg order`.

use crate::Global;
use crate::exit::{Failure, Outcome};

#[derive(clap::Args)]
pub struct Args {}

pub fn run(_args: Args, _global: Global) -> Outcome {
    Err(Failure::usage("waarborg order is not in this build yet", ""))
}

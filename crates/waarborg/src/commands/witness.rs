//! `waarborg witness`: cosigns a log's checkpoints, only ever forward.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use node::log::config::WitnessConfig;
use node::witness::WitnessError;

use crate::Global;
use crate::exit::{Failure, Outcome};

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Create a witness's state, each log at size 0; refuses anything that exists
    Init { config: PathBuf },
    /// Run a witness until it is told to end; refuses to start without its state
    Run { config: PathBuf },
    /// Trust logs that are new in the configuration, from size 0
    Trust { config: PathBuf },
}

pub fn run(args: Args, global: Global) -> Outcome {
    match args.command {
        Command::Init { config } => {
            let config = load(&config)?;
            node::witness::init(&config).map_err(stopped)?;
            super::log::tell_ready(&config.state_dir, global);
            Ok(())
        }
        Command::Trust { config } => node::witness::trust(&load(&config)?).map_err(stopped),
        Command::Run { config } => {
            let config = load(&config)?;
            let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::unavailable(error.to_string(), ""))?;
            runtime.block_on(node::witness::run(config, super::log::end())).map_err(stopped)
        }
    }
}

fn load(config: &Path) -> Result<WitnessConfig, Failure> {
    WitnessConfig::load(config).map_err(|error| Failure::usage(error, "docs/samples/witness.toml is a sample"))
}

fn stopped(error: WitnessError) -> Failure {
    let text = error.to_string();
    match error {
        WitnessError::Config(_) => Failure::usage(text, "see docs/samples/witness.toml"),
        WitnessError::Rows(_) => Failure::unavailable(text, "check the state directory"),
        ref other => Failure::refused(other.code(), text, "a witness that lost its state gets a new name and key"),
    }
}

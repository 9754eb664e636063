//! `waarborg sealer`: seals records as they arrive.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use node::sealer::{self, Event, SealerConfig};
use serde::Deserialize;

use crate::Global;
use crate::commands::source::{SourceInput, open_all};
use crate::exit::{Failure, Outcome};

/// The sealer: seals records as they arrive
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  waarborg sealer init sealer.toml\n  waarborg sealer run sealer.toml")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Create vault and store; refuses anything that exists
    Init { config: PathBuf },
    /// Follow the sources until told to end
    Run { config: PathBuf },
}

/// sealer.toml: the sealer's own table, and its sources. Sample: docs/samples/sealer.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealerInput {
    pub sealer: SealerConfig,
    pub sources: Vec<SourceInput>,
}

/// Reads the file; gives the folder that relative paths start from.
pub fn read(path: &Path) -> Result<(SealerInput, PathBuf), Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let mut input: SealerInput = toml::from_str(&text)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display()), "docs/samples/sealer.toml is a sample"))?;
    let base = path.parent().unwrap_or(Path::new("")).to_owned();
    let config = &mut input.sealer;
    for path in
        [&mut config.vault_dir, &mut config.store_dir, &mut config.policy_file, &mut config.sealer_key_file, &mut config.provider_key_file]
    {
        *path = base.join(&*path);
    }
    Ok((input, base))
}

pub fn run(args: Args, _global: Global) -> Outcome {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    match args.command {
        Command::Init { config } => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
            runtime.block_on(sealer::init(&read(&config)?.0.sealer, now)).map_err(|error| stopped(&error))
        }
        Command::Run { config } => runtime.block_on(follow(&config)),
    }
}

async fn follow(config: &Path) -> Outcome {
    let (input, base) = read(config)?;
    let sources = open_all(&input.sources, &base)?;
    let running = sealer::start(&input.sealer, Box::new(tell)).await.map_err(|error| stopped(&error))?;
    running.until(sources, super::log::end()).await.map_err(|error| stopped(&error))
}

/// One line an event on stderr: figures and names of sources, never of persons.
fn tell(event: Event) {
    match event {
        Event::SourceStopped { source, code } => eprintln!("source {source} stopped ({code}): a person has to look"),
        Event::SourceRefused { source, count } => eprintln!("source {source}: {count} rows are no records"),
        Event::Waiting { what } => eprintln!("waiting: {what}"),
        Event::Started { .. } | Event::Committed { .. } | Event::Published { .. } | Event::Counts(_) => eprintln!("{event:?}"),
    }
}

fn stopped(failure: &sealer::Failure) -> Failure {
    match failure {
        sealer::Failure::Refused(what) => Failure::refused("SEALER", *what, "docs/operate/sealer.md"),
        sealer::Failure::Fenced => Failure::refused("SEA-34", failure.to_string(), "stop the other sealer, then start this one again"),
        sealer::Failure::Fault(what) => Failure::unavailable(what.clone(), "start it again: it goes on where it committed last"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_understood_and_a_misspelt_key_is_not() {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples/sealer.toml");
        let (input, _) = read(&sample).unwrap();
        assert_eq!(input.sources.len(), 2);
        let text = std::fs::read_to_string(&sample).unwrap().replace("poll_interval_ms", "poll_interval");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealer.toml");
        std::fs::write(&path, text).unwrap();
        assert_eq!(read(&path).unwrap_err().code, "USAGE");
    }
}

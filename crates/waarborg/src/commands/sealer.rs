//! `waarborg sealer`: begin a vault and a store once, then seal records as they arrive.

use super::source::{SourceInput, open_all};
use crate::Global;
use crate::exit::{Failure, Outcome};
use crate::words::Word;
use clap::Subcommand;
use node::sealer::{self, Event, SealerConfig};
use serde::Deserialize;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// The sealer: seals records as they arrive
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  waarborg sealer init sealer.toml\n  waarborg sealer run sealer.toml")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make vault and store; slots are closed from the present one on
    Init { config: PathBuf },
    /// Seal until interrupted
    Run { config: PathBuf },
}

/// `sealer.toml`: the sealer and its sources. Relative paths are relative to the file. Sample: docs/samples/sealer.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealerFile {
    pub sealer: SealerConfig,
    #[serde(default)]
    pub sources: Vec<SourceInput>,
}

impl SealerFile {
    pub fn load(path: &Path) -> Result<SealerFile, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        let mut file: SealerFile = toml::from_str(&text).map_err(|error| {
            Failure::usage(format!("{}: {}", path.display(), error.message()), "docs/samples/sealer.toml shows every key")
        })?;
        let base = path.parent().unwrap_or(Path::new(""));
        let sealer = &mut file.sealer;
        for path in [
            &mut sealer.vault_dir,
            &mut sealer.store_dir,
            &mut sealer.policy_file,
            &mut sealer.sealer_key_file,
            &mut sealer.provider_key_file,
        ] {
            *path = base.join(&*path);
        }
        sealer.key_policy_files.iter_mut().for_each(|path| *path = base.join(&*path));
        Ok(file)
    }
}

pub(super) fn failure(error: sealer::Failure) -> Failure {
    match error {
        sealer::Failure::Refused(what) => Failure::refused("SEALER", what, "see docs/operate"),
        sealer::Failure::Fenced => Failure::refused("SEA-34", "another sealer writes to this store", "stop one of them"),
        sealer::Failure::Fault(what) => Failure::unavailable(what, "it goes on where it stopped when it is started again"),
    }
}

pub fn run(args: Args, global: Global) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    match args.command {
        Command::Init { config } => {
            let file = SealerFile::load(&config)?;
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
            runtime.block_on(sealer::init(&file.sealer, now)).map_err(failure)?;
            if !global.json {
                println!("{}: {}", Word::Ready.text(global.lang), file.sealer.vault_dir.display());
            }
            Ok(())
        }
        Command::Run { config } => {
            let file = SealerFile::load(&config)?;
            let base = config.parent().unwrap_or(Path::new("")).to_owned();
            runtime.block_on(async {
                let sources = open_all(file.sources, &base, true)?;
                let running = sealer::start(&file.sealer, Box::new(move |event| tell(&event, global))).await.map_err(failure)?;
                running.until(sources, super::gateway::interrupted()).await.map_err(failure)
            })
        }
    }
}

/// One line an event, on stderr: numbers and codes, never a name.
fn tell(event: &Event, global: Global) {
    if global.json {
        eprintln!("{}", json!({ "schema": "waarborg-sealer-event/v1", "event": format!("{event:?}") }));
    } else {
        eprintln!("sealer: {event:?}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_read_and_unknown_keys_are_refused() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples/sealer.toml");
        let file = SealerFile::load(&path).unwrap();
        assert_eq!(file.sources.len(), 2);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(toml::from_str::<SealerFile>(&format!("colour = 1\n{text}")).is_err());
        assert!(toml::from_str::<SealerFile>(&text.replace("kind = \"json-lines\"", "kind = \"messages\"")).is_err());
    }
}

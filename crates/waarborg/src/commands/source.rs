//! `waarborg source`: look at a source before the sealer follows it. Reads one batch, keeps nothing, moves no position.

use crate::Global;
use crate::exit::{Failure, Outcome};
use clap::Subcommand;
use serde::Deserialize;
use serde_json::json;
use sources::json_lines::{JsonLines, JsonLinesConfig};
use sources::synapse::{Access, Synapse, SynapseConfig};
use sources::{Position, Source, SourceError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Check a source of records
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  waarborg source check sealer.toml\n  waarborg source check sealer.toml --name mediation")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the self-test of each source in sealer.toml and read its first batch; counts only, no record is shown
    Check {
        config: PathBuf,
        /// Only this one
        #[arg(long)]
        name: Option<String>,
    },
}

/// One `[[sources]]` of sealer.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "kebab-case")]
pub enum SourceInput {
    JsonLines {
        name: String,
        path: PathBuf,
        dead_letters_file: PathBuf,
        #[serde(default)]
        history: bool,
    },
    SynapsePostgres {
        name: String,
        server_name: String,
        /// A tokio-postgres connection text; no password in it, use a Unix socket or a password file.
        connection: String,
        #[serde(default)]
        history: bool,
    },
    SynapseSqlite {
        name: String,
        server_name: String,
        database: PathBuf,
        /// The reader process, such as `["waarborg-synapse-reader"]`.
        reader_argv: Vec<String>,
        #[serde(default)]
        history: bool,
    },
}

impl SourceInput {
    fn name(&self) -> &str {
        match self {
            SourceInput::JsonLines { name, .. } | SourceInput::SynapsePostgres { name, .. } | SourceInput::SynapseSqlite { name, .. } => {
                name
            }
        }
    }

    /// Paths are relative to the configuration file.
    fn open(self, base: &Path) -> Result<Box<dyn Source>, Failure> {
        let synapse = |name: String, server_name: String, access: Access, history: bool| {
            let provider = sources::synapse::Provider { source: name, server_name };
            let config = SynapseConfig { provider, access, pin: None, history };
            Synapse::new(config).map(|source| Box::new(source) as Box<dyn Source>).map_err(failure)
        };
        match self {
            SourceInput::JsonLines { name, path, dead_letters_file, history } => Ok(Box::new(JsonLines::new(JsonLinesConfig {
                path: base.join(path),
                dead_letters: base.join(dead_letters_file),
                source: name,
                history,
            }))),
            SourceInput::SynapsePostgres { name, server_name, connection, history } => {
                synapse(name, server_name, Access::Postgres { connection }, history)
            }
            SourceInput::SynapseSqlite { name, server_name, database, reader_argv, history } => {
                synapse(name, server_name, Access::Sqlite { database: base.join(database), reader: reader_argv }, history)
            }
        }
    }
}

/// Opens every source by its name; a name that stands twice is refused, positions are kept by name.
pub fn open_all(inputs: Vec<SourceInput>, base: &Path) -> Result<BTreeMap<String, Box<dyn Source>>, Failure> {
    let mut opened = BTreeMap::new();
    for input in inputs {
        let name = input.name().to_owned();
        if opened.insert(name.clone(), input.open(base)?).is_some() {
            return Err(Failure::usage(format!("two sources are named {name}"), "positions are kept by name; give each its own"));
        }
    }
    Ok(opened)
}

/// Why a source gives nothing, for the command line.
pub fn failure(error: SourceError) -> Failure {
    match error {
        SourceError::Refusal { code, reason } => Failure::refused(code, reason, "docs/spec/providers.md tells what a source may read"),
        SourceError::Fault(what) => Failure::unavailable(what, "is the system there, and may this user read it?"),
        other => Failure::unavailable(other.to_string(), ""),
    }
}

pub fn run(args: Args, global: Global) -> Outcome {
    let Command::Check { config, name } = args.command;
    let file = super::sealer::SealerFile::load(&config)?;
    let base = config.parent().unwrap_or(Path::new("")).to_owned();
    let inputs: Vec<SourceInput> =
        file.sources.into_iter().filter(|input| name.as_deref().is_none_or(|name| name == input.name())).collect();
    if inputs.is_empty() {
        return Err(Failure::usage("no such source in the file", "[[sources]] name them"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    for (name, mut source) in open_all(inputs, &base)? {
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let batch = runtime.block_on(source.next(&Position::default(), now_ms)).map_err(failure)?;
        let described = source.describe();
        if global.json {
            let refused: Vec<_> =
                batch.refused.iter().map(|row| json!({ "place": row.place, "code": row.code, "reason": row.reason })).collect();
            println!(
                "{}",
                json!({ "schema": "waarborg-source-check/v1", "name": name, "system": described.system, "records": batch.records.len(),
                    "refused": refused, "more": batch.more, "slot_time": described.slot_time, "content_barrier": described.content_barrier })
            );
            continue;
        }
        println!("{name}: {}", described.system);
        println!("  {:<18} {}", "records", batch.records.len());
        println!("  {:<18} {}", "refused", batch.refused.len());
        for row in batch.refused.iter().take(10) {
            println!("    {} {}: {}", row.code, row.place, row.reason);
        }
        println!("  {:<18} {}", "slot time", described.slot_time);
        println!("  {:<18} {}", "content barrier", described.content_barrier);
        for never in &described.never_held {
            println!("  {:<18} {never}", "never held");
        }
    }
    Ok(())
}

//! `waarborg source`: look at a source before the sealer follows it, and see how far it is sealed. Keeps nothing, moves no position.

use super::sealer::SealerFile;
use crate::Global;
use crate::exit::{Failure, Outcome};
use clap::Subcommand;
use node::sealer::sealed_positions;
use node::segment_store::SegmentStore;
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
#[command(
    after_help = "Examples:\n  waarborg source check sealer.toml\n  waarborg source check sealer.toml --name mediation\n  waarborg source position sealer.toml   # which rotated files may be deleted"
)]
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
    /// How far each source in sealer.toml is sealed, and which rotated files nothing needs any more; also while the sealer runs
    Position {
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
        /// Keys and values as in docs/samples; loopback or a Unix socket, where `peer` needs no password. A password in it means 0600.
        connection: String,
        #[serde(default)]
        history: bool,
    },
    SynapseSqlite {
        name: String,
        server_name: String,
        database: PathBuf,
        /// The reader process by its whole path, such as `["/usr/local/bin/waarborg-synapse-reader"]`; it gets no environment.
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

    /// Paths are relative to the configuration file. `keeps`: false for a look that leaves no dead letters behind.
    fn open(self, base: &Path, keeps: bool) -> Result<Box<dyn Source>, Failure> {
        let synapse = |name: String, server_name: String, access: Access, history: bool| {
            let provider = sources::synapse::Provider { source: name, server_name };
            let config = SynapseConfig { provider, access, pin: None, history };
            Synapse::new(config).map(|source| Box::new(source) as Box<dyn Source>).map_err(failure)
        };
        match self {
            SourceInput::JsonLines { name, path, dead_letters_file, history } => {
                let path = if keeps { base.join(path) } else { there(base.join(path))? };
                let dead_letters = base.join(dead_letters_file);
                let source = JsonLines::new(JsonLinesConfig { path, dead_letters, source: name, history });
                Ok(Box::new(if keeps { source } else { source.without_dead_letters() }))
            }
            SourceInput::SynapsePostgres { name, server_name, connection, history } => {
                synapse(name, server_name, Access::Postgres { connection }, history)
            }
            SourceInput::SynapseSqlite { name, server_name, database, reader_argv, history } => {
                let database = if keeps { base.join(database) } else { there(base.join(database))? };
                synapse(name, server_name, Access::Sqlite { database, reader: reader_argv }, history)
            }
        }
    }
}

/// Opens every source by its name; a name that stands twice is refused, positions are kept by name.
pub fn open_all(inputs: Vec<SourceInput>, base: &Path, keeps: bool) -> Result<BTreeMap<String, Box<dyn Source>>, Failure> {
    let mut opened = BTreeMap::new();
    for input in inputs {
        let name = input.name().to_owned();
        if opened.insert(name.clone(), input.open(base, keeps)?).is_some() {
            return Err(Failure::usage(format!("two sources are named {name}"), "positions are kept by name; give each its own"));
        }
    }
    Ok(opened)
}

/// A file that a look needs. The sealer itself waits for one that is not there yet.
fn there(path: PathBuf) -> Result<PathBuf, Failure> {
    std::fs::metadata(&path).map_err(|error| Failure::file(&path, &error)).map(|_| path)
}

fn of(name: &str, failure: Failure) -> Failure {
    Failure { text: format!("{name}: {}", failure.text), ..failure }
}

/// Why a source gives nothing, for the command line.
pub fn failure(error: SourceError) -> Failure {
    match error {
        SourceError::Refusal { code, reason } => {
            Failure::refused(code, reason, "docs/spec/sources.md has every rule, crates/sources/sql/synapse-grants.sql the roles")
        }
        SourceError::Fault(what) => Failure::unavailable(what, "is the system there, and may this user read it?"),
        other => Failure::unavailable(other.to_string(), ""),
    }
}

/// The sources that the file names, or the one asked for.
fn chosen(sources: Vec<SourceInput>, name: Option<&str>) -> Result<Vec<SourceInput>, Failure> {
    let inputs: Vec<SourceInput> = sources.into_iter().filter(|input| name.is_none_or(|name| name == input.name())).collect();
    match inputs.is_empty() {
        true => Err(Failure::usage("no such source in the file", "[[sources]] name them")),
        false => Ok(inputs),
    }
}

pub fn run(args: Args, global: Global) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    let base = |config: &Path| config.parent().unwrap_or(Path::new("")).to_owned();
    match args.command {
        Command::Check { config, name } => {
            let inputs = chosen(SealerFile::load(&config)?.sources, name.as_deref())?;
            runtime.block_on(check(inputs, &base(&config), global))
        }
        Command::Position { config, name } => {
            let file = SealerFile::load(&config)?;
            let store = SegmentStore::local(&file.sealer.store_dir).map_err(|fault| super::sealer::failure(fault.into()))?;
            let sealed = runtime.block_on(sealed_positions(&store)).map_err(super::sealer::failure)?;
            for input in chosen(file.sources, name.as_deref())? {
                position(input, &base(&config), &sealed, global)?;
            }
            Ok(())
        }
    }
}

/// `source position` of one source.
fn position(input: SourceInput, base: &Path, sealed: &BTreeMap<String, Position>, global: Global) -> Outcome {
    let name = input.name().to_owned();
    let position = sealed.get(&name).cloned().unwrap_or_default();
    let place = match input {
        SourceInput::JsonLines { name, path, dead_letters_file, history } => {
            let config =
                JsonLinesConfig { path: base.join(path), dead_letters: base.join(dead_letters_file), source: name.clone(), history };
            Some(JsonLines::new(config).place(&position).map_err(|error| of(&name, failure(error)))?)
        }
        _ => None,
    };
    if global.json {
        let file =
            place.as_ref().map(|place| json!({ "file": place.file, "lines": place.lines, "octets": place.octets, "behind": place.behind }));
        println!("{}", json!({ "schema": "waarborg-source-position/v1", "name": name, "position": position.0, "place": file }));
        return Ok(());
    }
    println!("{name}");
    let Some(place) = place else {
        println!("  {:<18} {}", "sealed up to", position.0);
        return Ok(());
    };
    println!("  {:<18} {}: {} lines, {} octets", "sealed up to", place.file.display(), place.lines, place.octets);
    for behind in &place.behind {
        println!("  {:<18} {}", "sealed wholly", behind.display());
    }
    Ok(())
}

/// `source check`.
async fn check(inputs: Vec<SourceInput>, base: &Path, global: Global) -> Outcome {
    for (name, mut source) in open_all(inputs, base, false)? {
        let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let batch = source.next(&Position::default(), now_ms).await.map_err(|error| of(&name, failure(error)))?;
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

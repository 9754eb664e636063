//! `waarborg source`: where records come from, and whether such a place is fit to be read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use sources::json_lines::{JsonLines, JsonLinesConfig};
use sources::synapse::{Access, Provider, Synapse, SynapseConfig};
use sources::{Position, Source, SourceError};

use crate::Global;
use crate::exit::{Failure, Outcome};

/// Check a source of records
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  waarborg source check sealer.toml")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Run the self-test of every source of a sealer.toml and read its first records, which are counted and forgotten
    ///
    /// Refused is a source whose database role could read content or secrets, or whose schema is not the tested one.
    Check { config: PathBuf },
}

/// One `[[sources]]` table of sealer.toml. Relative paths are relative to the file's folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SourceInput {
    /// A growing file of JSON lines in the catalogue's own form.
    JsonLines {
        /// Name in every record, `[a-z0-9.-]`.
        name: String,
        path: PathBuf,
        /// Lines that are no records go here, with number and rule.
        dead_letters_file: PathBuf,
        /// An import: everything is late (SEA-80).
        #[serde(default)]
        history: bool,
    },
    /// Matrix Synapse on PostgreSQL, read through the views of synapse-grants.sql.
    SynapsePostgres {
        name: String,
        /// `waarborg.test`: accounts that end in it are the provider's own.
        server_name: String,
        /// Connection text; loopback or Unix socket.
        connection: String,
        #[serde(default)]
        history: bool,
    },
    /// Matrix Synapse on SQLite, read by a process of its own behind an authorizer.
    SynapseSqlite {
        name: String,
        server_name: String,
        database_file: PathBuf,
        /// Command of the reader process.
        reader_argv: Vec<String>,
        #[serde(default)]
        history: bool,
    },
}

impl SourceInput {
    pub fn name(&self) -> &str {
        match self {
            SourceInput::JsonLines { name, .. } | SourceInput::SynapsePostgres { name, .. } | SourceInput::SynapseSqlite { name, .. } => {
                name
            }
        }
    }

    fn open(&self, base: &Path) -> Result<Box<dyn Source>, SourceError> {
        Ok(match self.clone() {
            SourceInput::JsonLines { name, path, dead_letters_file, history } => Box::new(JsonLines::new(JsonLinesConfig {
                path: base.join(path),
                dead_letters: base.join(dead_letters_file),
                source: name,
                history,
            })),
            SourceInput::SynapsePostgres { name, server_name, connection, history } => Box::new(Synapse::new(SynapseConfig {
                provider: Provider { source: name, server_name },
                access: Access::Postgres { connection },
                pin: None,
                history,
            })?),
            SourceInput::SynapseSqlite { name, server_name, database_file, reader_argv, history } => {
                Box::new(Synapse::new(SynapseConfig {
                    provider: Provider { source: name, server_name },
                    access: Access::Sqlite { database: base.join(database_file), reader: reader_argv },
                    pin: None,
                    history,
                })?)
            }
        })
    }
}

/// Opens every source; two of one name are refused, because positions are kept by name.
pub fn open_all(inputs: &[SourceInput], base: &Path) -> Result<BTreeMap<String, Box<dyn Source>>, Failure> {
    let mut opened = BTreeMap::new();
    for input in inputs {
        let source = input.open(base).map_err(|error| failure(input.name(), &error))?;
        if opened.insert(input.name().to_owned(), source).is_some() {
            return Err(Failure::usage(format!("two sources are called {}", input.name()), "give each [[sources]] its own name"));
        }
    }
    Ok(opened)
}

fn failure(name: &str, error: &SourceError) -> Failure {
    match error {
        SourceError::Refusal { code, reason } => {
            Failure::refused(code, format!("{name}: {reason}"), "docs/operate/sealer.md says what each rule wants")
        }
        _ => Failure::unavailable(format!("{name}: {error}"), "is the database or file there?"),
    }
}

pub fn run(args: Args, global: Global) -> Outcome {
    let Command::Check { config } = args.command;
    let (input, base) = super::sealer::read(&config)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_millis());
    let now_ms = u64::try_from(now_ms).unwrap_or(u64::MAX);
    for (name, mut source) in open_all(&input.sources, &base)? {
        let start = Position::default();
        let batch = runtime.block_on(source.next(&start, now_ms)).map_err(|error| failure(&name, &error))?;
        let (records, refused) = (batch.records.len(), batch.refused.len());
        if global.json {
            println!(
                "{}",
                serde_json::json!({ "schema": "waarborg-source-check/v1", "source": name, "records": records, "refused": refused })
            );
        } else {
            println!("{name}: fit to be read; the first batch has {records} records and {refused} rows that are none");
        }
    }
    Ok(())
}

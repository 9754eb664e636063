//! Configuration of the log roles: one TOML file a role, unknown keys refused, units in names, secrets by path only.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Which of the two logs a process runs; the rules differ only where log.md section 3 says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogKind {
    /// 49-byte opaque leaves at a fixed beat and width, submitted over mutual TLS.
    Orders,
    /// Signed statements, as received.
    Public,
}

/// `waarborg log run`, `init`, `recover`: one log shard.
///
/// Samples: docs/samples/log-orders.toml, docs/samples/log-public.toml.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    pub kind: LogKind,
    /// `<host>/<log>/<year>` (LOG-11).
    pub origin: String,
    /// Chosen once by the operator and written into every state object; another value refuses to start (LOG-63).
    pub inception_unix_s: u64,
    /// Tiles, staging, state and checkpoint: losing or restoring it is never silent (LOG-61, LOG-65).
    pub state_dir: PathBuf,
    /// Note key of the log, type 0x01 (see `keys`).
    pub signing_key_file: PathBuf,
    /// tlog-policy with this log and its witnesses (LOG-25).
    pub tlog_policy_file: PathBuf,
    pub witnesses: Vec<WitnessAddress>,
    /// T: ticks stand on multiples of it in UTC (LOG-31).
    pub tick_interval_s: u64,
    /// ORDERS: B, the entries of every tick. PUBLIC: the most entries of one tick, at most 1,024.
    pub batch_entries: u32,
    pub witness_timeout_ms: u64,
    /// Everybody reads here, plain HTTP; TLS, if wanted, is a proxy's.
    pub listen: String,
    /// ORDERS only: where gateways submit.
    pub submit: Option<SubmitConfig>,
    /// ORDERS only: day keys of the dummies, backed up apart (LOG-33).
    pub dummy_keys_dir: Option<PathBuf>,
    /// PUBLIC only: one vkey a line, those that may publish statements (LOG-44).
    pub statement_keys_file: Option<PathBuf>,
    /// ORDERS only: anchors each day's first published head in PUBLIC (LOG-45).
    pub daily_head: Option<DailyHead>,
    /// ORDERS only: names who handed in what is overdue, and takes nothing more from them (LOG-54).
    pub late: Option<LateConfig>,
}

/// Where and as whom the daily `head` statement is published.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DailyHead {
    /// Reading prefix of PUBLIC.
    pub public_url: String,
    /// The log operator's statement key, never a checkpoint key (LOG-44).
    pub statement_key_file: PathBuf,
}

/// What naming late submitters needs (`late`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LateConfig {
    /// Reading prefix of PUBLIC.
    pub public_url: String,
    /// The log operator's statement key.
    pub statement_key_file: PathBuf,
    /// Policy documents that were in force, the newest last: they decide deadlines.
    pub policy_files: Vec<PathBuf>,
    /// Directory id of the operator, who answers for its own dummies.
    pub operator: String,
    /// Hex SHA-256 of a client certificate to the directory id of its holder.
    pub submitters: std::collections::BTreeMap<String, String>,
}

/// Where a witness of the policy is reached.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessAddress {
    /// Its name in the tlog-policy file.
    pub name: String,
    /// Submission prefix: `/add-checkpoint` is appended.
    pub url: String,
    /// Monitoring prefix; the submission prefix if absent.
    pub monitoring_url: Option<String>,
}

/// The mutual-TLS listener of ORDERS (LOG-29).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitConfig {
    pub listen: String,
    pub certificate_file: PathBuf,
    pub private_key_file: PathBuf,
    /// Hex SHA-256 of the DER certificates that may submit.
    pub client_certificates_sha256: Vec<String>,
    /// Leaves a submitter may hand in per tick, on average; four ticks' worth at once.
    pub leaves_per_tick_max: u32,
}

/// `waarborg witness run`, `init`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// Cosigner name, also in its key file (type 0x04).
    pub name: String,
    pub listen: String,
    pub state_dir: PathBuf,
    pub signing_key_file: PathBuf,
    pub logs: Vec<WitnessedLog>,
}

/// A log that a witness cosigns: its origin and every log key it trusts (two during a key change, LOG-96).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessedLog {
    pub origin: String,
    pub vkeys: Vec<String>,
}

/// Reads a configuration file; unknown keys are refused.
fn read<C: serde::de::DeserializeOwned>(path: &Path) -> Result<C, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Relative paths in a configuration start at its own directory, wherever the process was started.
fn beside(config: &Path, paths: &mut [&mut PathBuf]) {
    let directory = config.parent().unwrap_or(Path::new(""));
    for path in paths {
        **path = directory.join(&**path);
    }
}

impl LogConfig {
    /// From a TOML file; its relative paths are resolved beside it.
    pub fn load(path: &Path) -> Result<LogConfig, String> {
        let mut config: LogConfig = read(path)?;
        beside(path, &mut [&mut config.state_dir, &mut config.signing_key_file, &mut config.tlog_policy_file]);
        if let Some(submit) = &mut config.submit {
            beside(path, &mut [&mut submit.certificate_file, &mut submit.private_key_file]);
        }
        if let Some(daily) = &mut config.daily_head {
            beside(path, &mut [&mut daily.statement_key_file]);
        }
        if let Some(late) = &mut config.late {
            beside(path, &mut [&mut late.statement_key_file]);
            late.policy_files.iter_mut().for_each(|policy| beside(path, &mut [policy]));
        }
        for optional in [&mut config.dummy_keys_dir, &mut config.statement_keys_file].into_iter().flatten() {
            beside(path, &mut [optional]);
        }
        Ok(config)
    }
}

impl WitnessConfig {
    /// From a TOML file; its relative paths are resolved beside it.
    pub fn load(path: &Path) -> Result<WitnessConfig, String> {
        let mut config: WitnessConfig = read(path)?;
        beside(path, &mut [&mut config.state_dir, &mut config.signing_key_file]);
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples").join(name)
    }

    #[test]
    fn samples_load_and_unknown_keys_are_refused() {
        assert_eq!(LogConfig::load(&sample("log-orders.toml")).unwrap().kind, LogKind::Orders);
        assert_eq!(LogConfig::load(&sample("log-public.toml")).unwrap().kind, LogKind::Public);
        assert_eq!(WitnessConfig::load(&sample("witness.toml")).unwrap().logs.len(), 1);
        let text = std::fs::read_to_string(sample("witness.toml")).unwrap();
        assert!(toml::from_str::<WitnessConfig>(&format!("fail_open = true\n{text}")).is_err());
    }
}

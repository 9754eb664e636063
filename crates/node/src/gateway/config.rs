//! `gateway.toml`: unknown keys are refused, units stand in names, secrets are paths.

use crate::log::client::SubmitterConfig;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Configuration of `waarborg gateway`. Sample: docs/samples/gateway.toml. Relative paths are relative to the file's folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Loopback address of the HTTP listener; others are refused. Port 0 lets the system choose.
    pub listen: String,
    /// Host names under which a proxy asks for this door; loopback needs none (GWY-50).
    #[serde(default)]
    pub host_names: Vec<String>,
    /// Case database, workshop, view of PUBLIC.
    pub state_dir: PathBuf,
    /// Encrypted packages, ready to be fetched or pushed.
    pub outbox_dir: PathBuf,
    /// `waarborg-policy/v1`.
    pub policy_file: PathBuf,
    /// Note key of the gateway: signs records of kinds 6, 11, 12, 13 and 14.
    pub signing_key_file: PathBuf,
    /// X25519 key of the disclosure engine, 64 hexadecimal characters; trustees seal to it (REL-21).
    pub engine_key_file: PathBuf,
    /// X25519 key to which case bodies are sealed; best on another volume than `state_dir`.
    pub body_key_file: PathBuf,
    /// Bearer token of the desk: reading cases needs it.
    pub desk_token_file: PathBuf,
    /// Accounts whose orders a third officer approves, one selector a line, `#` begins a comment (T28). None: no account is flagged.
    pub flagged_file: Option<PathBuf>,
    /// The provider's own secrets: retention keys, salts.
    pub vault_dir: PathBuf,
    /// Where sealed segments lie.
    pub segments_dir: PathBuf,
    pub orders: OrdersLog,
    pub public: PublicLog,
    pub package: PackageKeys,
    /// Certificate files (PEM) to which packages for an authority are encrypted; the policy pins their SHA-256.
    pub authorities: BTreeMap<String, AuthorityConfig>,
    /// One command per committee member.
    pub trustees: Vec<TrusteeConfig>,
    pub timing: Timing,
    /// Received orders: forms, letters, messages of TS 103 120. None: this gateway takes native orders only.
    pub desk: Option<crate::desk::config::DeskConfig>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrdersLog {
    /// Reading prefix, `http://127.0.0.1:8701`.
    pub url: String,
    pub submit: SubmitterConfig,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicLog {
    pub url: String,
}

/// The key that signs packages. The policy pins the certificate's SHA-256.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageKeys {
    pub certificate_file: PathBuf,
    pub private_key_file: PathBuf,
    /// A program that reads an RFC 3161 request on stdin and prints the reply; none: no time stamp, and the statement says so.
    pub timestamp_argv: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorityConfig {
    pub certificate_file: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrusteeConfig {
    /// The member's name in the policy.
    pub member: String,
    /// `["waarborg-trustee", "judge", …]` or `["ssh", "host", …]`; nothing goes through a shell.
    pub argv: Vec<String>,
    /// Prints the member's stored heads.
    pub heads_argv: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// How often logs are asked for receipts and heads.
    pub poll_interval_ms: u64,
    /// First wait after a fault; doubled up to `retry_interval_max_s`.
    pub retry_interval_s: u64,
    pub retry_interval_max_s: u64,
    /// How long a member may take to judge one bundle.
    pub trustee_limit_ms: u64,
    pub http_limit_ms: u64,
    /// Intents a batch may use up before people have to look.
    pub attempts_max: u32,
}

/// Why a configuration is not used.
#[derive(Debug, PartialEq, Eq)]
pub enum ConfigError {
    File {
        path: PathBuf,
        text: String,
    },
    Toml {
        path: PathBuf,
        text: String,
    },
    /// Anything but a loopback address: this listener has no TLS.
    NotLoopback {
        listen: String,
    },
    NoTrustees,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ConfigError::File { path, text } | ConfigError::Toml { path, text } => write!(f, "{}: {text}", path.display()),
            ConfigError::NotLoopback { listen } => write!(f, "listen = \"{listen}\" is not a loopback address"),
            ConfigError::NoTrustees => f.write_str("no [[trustees]]"),
        }
    }
}

impl GatewayConfig {
    /// Reads and checks the file; makes every path absolute against the file's folder.
    pub fn load(path: &Path) -> Result<GatewayConfig, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::File { path: path.to_owned(), text: error.to_string() })?;
        let mut config: GatewayConfig =
            toml::from_str(&text).map_err(|error| ConfigError::Toml { path: path.to_owned(), text: error.to_string() })?;
        config.check()?;
        config.resolve(path.parent().unwrap_or(Path::new("")));
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let loopback = self.listen.parse::<std::net::SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
        if !loopback {
            return Err(ConfigError::NotLoopback { listen: self.listen.clone() });
        }
        if self.trustees.is_empty() {
            return Err(ConfigError::NoTrustees);
        }
        Ok(())
    }

    fn resolve(&mut self, base: &Path) {
        let mut paths = vec![
            &mut self.state_dir,
            &mut self.outbox_dir,
            &mut self.policy_file,
            &mut self.signing_key_file,
            &mut self.engine_key_file,
            &mut self.body_key_file,
            &mut self.desk_token_file,
            &mut self.vault_dir,
            &mut self.segments_dir,
            &mut self.orders.submit.certificate_file,
            &mut self.orders.submit.private_key_file,
            &mut self.package.certificate_file,
            &mut self.package.private_key_file,
        ];
        paths.extend(&mut self.flagged_file);
        paths.extend(self.authorities.values_mut().map(|authority| &mut authority.certificate_file));
        if let Some(desk) = &mut self.desk {
            desk.resolve(base);
        }
        for path in paths {
            // `join` keeps absolute paths as they are.
            *path = base.join(&*path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/samples/gateway.toml")
    }

    #[test]
    fn the_sample_loads_and_its_paths_are_the_files() {
        let config = GatewayConfig::load(&sample()).unwrap();
        assert!(config.policy_file.is_absolute() || config.policy_file.starts_with(sample().parent().unwrap()));
    }

    #[test]
    fn an_unknown_key_and_an_open_address_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.toml");
        let text = std::fs::read_to_string(sample()).unwrap();
        std::fs::write(&path, format!("colour = 1\n{text}")).unwrap();
        assert!(matches!(GatewayConfig::load(&path), Err(ConfigError::Toml { .. })));
        std::fs::write(&path, text.replace("127.0.0.1:8110", "0.0.0.0:8110")).unwrap();
        assert!(matches!(GatewayConfig::load(&path), Err(ConfigError::NotLoopback { .. })));
    }
}

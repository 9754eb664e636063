//! `sealer.toml`.

use std::path::PathBuf;

use serde::Deserialize;

/// `waarborg sealer run`, `init`. Sample: docs/samples/sealer.toml.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealerConfig {
    /// The provider's own secrets, shared with the gateway.
    pub vault_dir: PathBuf,
    /// Sealed segments and commits, shared with the gateway.
    pub store_dir: PathBuf,
    /// The pinned policy document: keys, lengths, categories, retention.
    pub policy_file: PathBuf,
    /// Policies of the key periods before and after it: of each only the committee key and its period are used (SEA-16). What arrives
    /// late for the last hours of a quarter is sealed under that quarter's key; the next key is there before its first hour.
    #[serde(default)]
    pub key_policy_files: Vec<PathBuf>,
    /// Note key of the sealer, type 0x01: signs `epoch` and `segment`.
    pub sealer_key_file: PathBuf,
    /// Note key of the provider's statements, type 0x01: signs `slot-close`, `salt-map`, `shred`.
    pub provider_key_file: PathBuf,
    /// Reading prefix of PUBLIC, where statements are handed in.
    pub public_log_url: String,
    /// How long a source rests after it had nothing more.
    pub poll_interval_ms: u64,
    /// Start although the system does not lock memory (RLIMIT_MEMLOCK). Demo and tests only (SEA-23).
    #[serde(default)]
    pub allow_unlocked_memory: bool,
}

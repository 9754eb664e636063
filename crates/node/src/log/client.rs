//! Clients of a log: reading with proofs made here from tiles, and submitting.

use std::time::Duration;

pub type Hash = [u8; 32];

/// What went wrong with a log that we read or submit to.
#[derive(Debug)]
pub enum ClientError {
    /// No answer in time, connection refused, 5xx: try again (exit 4).
    Unavailable(String),
    /// The log says no: admission, rate, size (exit 1).
    Refused { status: u16, text: String },
    /// An answer that breaks the format.
    Malformed(&'static str),
    /// The log contradicts itself: tiles, entries and head do not agree (exit 14).
    Inconsistent(&'static str),
}

/// The head a log published: the note's bytes and what they say. Not yet judged by a policy.
#[derive(Clone, Debug)]
pub struct Head {
    pub note: Vec<u8>,
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

/// Reads one log over HTTP. Asks for tiles and bundles only, so no request tells which leaf is of interest (LOG-21).
#[derive(Clone)]
pub struct LogReader {
    _base: String,
    _timeout: Duration,
}

impl LogReader {
    /// `base` is the reading prefix, `http://127.0.0.1:1234`.
    pub fn new(base: &str, timeout: Duration) -> Result<LogReader, ClientError> {
        Ok(LogReader { _base: base.to_owned(), _timeout: timeout })
    }
    /// The published checkpoint; judge `note` with `TlogPolicy::check` before believing it.
    pub async fn head(&self) -> Result<Head, ClientError> {
        Err(ClientError::Malformed("skeleton"))
    }
    /// Entries `from..to` of a tree of `size` leaves, leaf hashes checked against the tiles.
    pub async fn entries(&self, _from: u64, _to: u64, _size: u64) -> Result<Vec<Vec<u8>>, ClientError> {
        Err(ClientError::Malformed("skeleton"))
    }
    /// RFC 6962 path of `index` under `head`, verified.
    pub async fn inclusion(&self, _index: u64, _head: &Head) -> Result<Vec<Hash>, ClientError> {
        Err(ClientError::Malformed("skeleton"))
    }
    /// RFC 6962 consistency path `old_size` → `head`.
    pub async fn consistency(&self, _old_size: u64, _head: &Head) -> Result<Vec<Hash>, ClientError> {
        Err(ClientError::Malformed("skeleton"))
    }
    /// The `.tlog-proof` of D (ORDERS) or of a leaf hash (PUBLIC); `None` until published.
    pub async fn receipt(&self, _key: &Hash) -> Result<Option<Vec<u8>>, ClientError> {
        Err(ClientError::Malformed("skeleton"))
    }
    /// Asks until the receipt is there or `patience` is over.
    pub async fn await_receipt(&self, _key: &Hash, _patience: Duration) -> Result<Vec<u8>, ClientError> {
        Err(ClientError::Malformed("skeleton"))
    }
    /// Every entry of the tree under `head`, in order, root rebuilt and compared: for audits and `overdue`.
    pub async fn replay(&self, _head: &Head, _each: &mut (dyn FnMut(u64, &[u8]) + Send)) -> Result<(), ClientError> {
        Err(ClientError::Malformed("skeleton"))
    }
}

/// Which queue an ORDERS leaf goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    Normal,
    /// Emergency kinds only: drained first (LOG-31).
    Urgent,
}

/// Where and as whom to submit to ORDERS.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitterConfig {
    /// `127.0.0.1:1234` of the submit listener.
    pub address: String,
    /// Hex SHA-256 of the log's DER certificate.
    pub server_certificate_sha256: String,
    pub certificate_file: std::path::PathBuf,
    pub private_key_file: std::path::PathBuf,
    pub timeout_ms: u64,
}

/// Submits commitments to ORDERS over mutual TLS, both certificates pinned.
pub struct OrdersSubmitter {
    _config: SubmitterConfig,
}

impl OrdersSubmitter {
    pub fn new(config: SubmitterConfig) -> Result<OrdersSubmitter, ClientError> {
        Ok(OrdersSubmitter { _config: config })
    }
    /// Hands in C. 202 is no promise: await the receipt of D (LOG-29). Idempotent.
    pub async fn submit(&self, _c: &[u8; 32], _urgency: Urgency) -> Result<(), ClientError> {
        Err(ClientError::Malformed("skeleton"))
    }
}

/// Publishes signed statements in PUBLIC.
pub struct PublicSubmitter {
    _base: String,
}

impl PublicSubmitter {
    /// `base` is the reading prefix of PUBLIC.
    pub fn new(base: &str, _timeout: Duration) -> Result<PublicSubmitter, ClientError> {
        Ok(PublicSubmitter { _base: base.to_owned() })
    }
    /// Hands in one signed statement; answers its leaf hash, the key of its receipt. Idempotent.
    pub async fn submit(&self, _statement: &[u8]) -> Result<Hash, ClientError> {
        Err(ClientError::Malformed("skeleton"))
    }
}

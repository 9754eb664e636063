//! Clients of a log: reading with proofs made here from tiles, and submitting.
//!
//! A reader asks for tiles and bundles only, so no request tells which leaf is of interest (LOG-21), and verifies every
//! proof it makes against the head it was given. Whether that head may be believed is a policy's judgement, not this module's.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use seal::merkle::{leaf_hash, verify_inclusion};
use verify::log::Refusal;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::SignedNote;
use verify::log::quorum::{Window, check_extension};
use verify::log::tlog_policy::TlogPolicy;

use super::fetch::{Fetch, NoAnswer};
use super::peaks::Peaks;
use super::ranges::Range;
use super::tiles::Source;

pub type Hash = [u8; 32];

/// Longest answer to a submission or a receipt: a proof is at most 64 KiB.
const ANSWER_BYTES_MAX: usize = 65_536;

/// What went wrong with a log that we read or submit to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientError {
    /// No answer in time, connection refused, 5xx: try again (exit 4).
    Unavailable(String),
    /// The log says no: admission, rate, size (exit 1).
    Refused { status: u16, text: String },
    /// An answer, or a question, that breaks the format.
    Malformed(&'static str),
    /// The log contradicts itself: tiles, entries and head do not agree (exit 14).
    Inconsistent(&'static str),
    /// The published head does not stand under the policy: not signed by the log, or by too few witnesses, or too old (exit 3).
    NotBelieved(Refusal),
}

impl std::fmt::Display for ClientError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ClientError::Unavailable(what) => write!(f, "log unavailable: {what}"),
            ClientError::Refused { status, text } => write!(f, "log refused ({status}): {}", text.trim_end()),
            ClientError::Malformed(what) => write!(f, "log answer malformed: {what}"),
            ClientError::Inconsistent(what) => write!(f, "log inconsistent: {what}"),
            ClientError::NotBelieved(refusal) => write!(f, "the published head does not count: {refusal}"),
        }
    }
}

impl std::error::Error for ClientError {}

impl From<NoAnswer> for ClientError {
    fn from(no: NoAnswer) -> ClientError {
        ClientError::Unavailable(no.0)
    }
}

/// The head a log published: the note's bytes and what they say. Not yet judged by a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub note: Vec<u8>,
    pub origin: String,
    pub size: u64,
    pub root: Hash,
}

impl Head {
    /// Reads a checkpoint note; signatures are the caller's to judge.
    pub fn parse(note: &[u8]) -> Result<Head, ClientError> {
        let parsed = SignedNote::parse(note).and_then(|note| Checkpoint::of_note(&note));
        let head = parsed.map_err(|_| ClientError::Malformed("the published checkpoint"))?;
        Ok(Head { note: note.to_vec(), origin: head.origin.as_str().to_owned(), size: head.size, root: head.root })
    }
}

/// Reads one log, over HTTP or from a directory that holds a copy.
#[derive(Clone)]
pub struct LogReader {
    source: Source,
}

impl LogReader {
    /// `base` is the reading prefix, `http://127.0.0.1:1234`.
    pub fn new(base: &str, timeout: Duration) -> Result<LogReader, ClientError> {
        if !base.starts_with("http://") {
            return Err(ClientError::Malformed("a reading prefix starts with http://"));
        }
        let base = base.trim_end_matches('/').to_owned();
        Ok(LogReader { source: Source::Http { fetch: Fetch::new(timeout), base } })
    }

    /// A log directory or a mirror of one.
    pub fn of(source: Source) -> LogReader {
        LogReader { source }
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The published checkpoint; judge `note` with `TlogPolicy::check` before believing it.
    pub async fn head(&self) -> Result<Head, ClientError> {
        let note = self.source.get("checkpoint").await?;
        Head::parse(&note.ok_or_else(|| ClientError::Unavailable("no checkpoint is published yet".to_owned()))?)
    }

    /// The published checkpoint as far as it stands under one of these policies: signed by the log, cosigned by its quorum, with a
    /// window fresh. What the first of them refuses is told.
    pub async fn believed<'p>(&self, policies: impl Iterator<Item = &'p TlogPolicy>, window: Option<Window>) -> Result<Head, ClientError> {
        let head = self.head().await?;
        let mut refused = None;
        for policy in policies {
            match policy.check(&head.note, window) {
                Ok(_) => return Ok(head),
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        Err(refused.map_or(ClientError::Malformed("no policy"), ClientError::NotBelieved))
    }

    /// Entries `from..to` under `head`, each bundle's leaves proven against the head's root.
    pub async fn entries(&self, from: u64, to: u64, head: &Head) -> Result<Vec<Vec<u8>>, ClientError> {
        if to < from || head.size < to {
            return Err(ClientError::Malformed("entries outside the tree"));
        }
        let mut wanted = Vec::new();
        for number in from >> 8..to.div_ceil(256) {
            let first = number << 8;
            let bundle = self.source.bundle(number, head.size).await?;
            self.prove_bundle(first, &bundle, head).await?;
            let inside = |index: u64| from <= index && index < to;
            wanted.extend((first..).zip(bundle).filter(|(index, _)| inside(*index)).map(|(_, entry)| entry));
        }
        Ok(wanted)
    }

    /// A bundle is one node of the tree, or its right edge: its own leaves and the hash of everything before and after it
    /// must give the root. Shown by the path of its first leaf, whose lower part the leaves themselves are.
    async fn prove_bundle(&self, first: u64, bundle: &[Vec<u8>], head: &Head) -> Result<(), ClientError> {
        let leaves: Vec<Hash> = bundle.iter().map(|entry| leaf_hash(entry)).collect();
        let end = first + leaves.len() as u64;
        let mut path = Vec::new();
        for range in super::ranges::inclusion(first, head.size) {
            if first <= range.from && range.to <= end {
                path.push(seal::merkle::root(&leaves[(range.from - first) as usize..(range.to - first) as usize]));
            } else {
                path.extend(self.source.roots(&[range], head.size).await?);
            }
        }
        verify_inclusion(first, head.size, &leaves[0], &path, &head.root)
            .map_err(|_| ClientError::Inconsistent("a bundle's entries do not give the signed root"))
    }

    /// RFC 6962 path of `index` under `head`. Verify it with the leaf hash: only its owner knows which leaf it should be.
    pub async fn inclusion(&self, index: u64, head: &Head) -> Result<Vec<Hash>, ClientError> {
        self.source.inclusion(index, head.size).await
    }

    /// The same, verified for `leaf`.
    pub async fn inclusion_of(&self, index: u64, leaf: &Hash, head: &Head) -> Result<Vec<Hash>, ClientError> {
        let path = self.inclusion(index, head).await?;
        match verify_inclusion(index, head.size, leaf, &path, &head.root) {
            Ok(()) => Ok(path),
            Err(_) => Err(ClientError::Inconsistent("the tiles do not prove this leaf under the signed root")),
        }
    }

    /// RFC 6962 consistency path `old_size` → `head`; verified by whoever knows the old root.
    pub async fn consistency(&self, old_size: u64, head: &Head) -> Result<Vec<Hash>, ClientError> {
        self.source.consistency(old_size, head.size).await
    }

    /// The same between two heads, verified.
    pub async fn extends(&self, old: &Head, new: &Head) -> Result<Vec<Hash>, ClientError> {
        let path = self.consistency(old.size, new).await?;
        match check_extension(old.size, old.root, new.size, new.root, &path) {
            Ok(()) => Ok(path),
            Err(_) => Err(ClientError::Inconsistent("the newer head does not extend the older one")),
        }
    }

    /// The `.tlog-proof` of D (ORDERS) or of a leaf hash (PUBLIC); `None` until published. HTTP only.
    pub async fn receipt(&self, key: &Hash) -> Result<Option<Vec<u8>>, ClientError> {
        let Source::Http { fetch, base } = &self.source else {
            return Err(ClientError::Malformed("receipts come over HTTP"));
        };
        let url = format!("{base}/receipt/{}", verify::spelling::hex(key));
        let answer = fetch.get(&url, ANSWER_BYTES_MAX).await?;
        match answer.status {
            200 => Ok(Some(answer.body.to_vec())),
            404 => Ok(None),
            status => Err(ClientError::Unavailable(format!("{url}: status {status}"))),
        }
    }

    /// Asks five times a second until the receipt is there or `patience` is over. A log that does not answer meanwhile may
    /// be starting again, so only the end of patience is an error.
    pub async fn await_receipt(&self, key: &Hash, patience: Duration) -> Result<Vec<u8>, ClientError> {
        let until = tokio::time::Instant::now() + patience;
        loop {
            let last = match self.receipt(key).await {
                Ok(Some(proof)) => return Ok(proof),
                Ok(None) => ClientError::Unavailable("the leaf is not published yet".to_owned()),
                Err(error @ ClientError::Unavailable(_)) => error,
                Err(error) => return Err(error),
            };
            if until <= tokio::time::Instant::now() {
                return Err(last);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Every entry of the tree under `head`, in order, then the root rebuilt from them and compared: what `each` saw counts
    /// only if this returns `Ok`.
    pub async fn replay(&self, head: &Head, each: &mut (dyn FnMut(u64, &[u8]) + Send)) -> Result<(), ClientError> {
        let mut peaks = Peaks::empty();
        for number in 0..head.size.div_ceil(256) {
            for entry in self.source.bundle(number, head.size).await? {
                each(peaks.size(), &entry);
                peaks.append(&entry);
            }
        }
        if peaks.size() == head.size && peaks.root() == head.root {
            Ok(())
        } else {
            Err(ClientError::Inconsistent("the entries do not give the signed root"))
        }
    }

    /// Root of the first `size` leaves by the tiles, proven against nothing: for comparing with a head somebody holds.
    pub async fn tile_root(&self, size: u64, head: &Head) -> Result<Hash, ClientError> {
        match size {
            0 => Ok(seal::merkle::empty_root()),
            _ => Ok(self.source.roots(&[Range { from: 0, to: size }], head.size).await?[0]),
        }
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
    pub certificate_file: PathBuf,
    pub private_key_file: PathBuf,
    pub timeout_ms: u64,
}

/// Submits commitments to ORDERS over mutual TLS, both certificates pinned.
#[derive(Clone)]
pub struct OrdersSubmitter {
    address: String,
    tls: Arc<rustls::ClientConfig>,
    timeout: Duration,
}

impl OrdersSubmitter {
    pub fn new(config: SubmitterConfig) -> Result<OrdersSubmitter, ClientError> {
        let tls = super::tls::client(&config.certificate_file, &config.private_key_file, &config.server_certificate_sha256);
        let tls = tls.map_err(|error| ClientError::Unavailable(error.0))?;
        Ok(OrdersSubmitter { address: config.address, tls, timeout: Duration::from_millis(config.timeout_ms) })
    }

    /// Hands in C. 202 is no promise: await the receipt of D (LOG-29). Idempotent.
    pub async fn submit(&self, c: &[u8; 32], urgency: Urgency) -> Result<(), ClientError> {
        let exchange = tokio::time::timeout(self.timeout, self.exchange(c, urgency)).await;
        let (status, text) = exchange.unwrap_or_else(|_| Err(ClientError::Unavailable(format!("{}: time limit", self.address))))?;
        accepted(status, text)
    }

    async fn exchange(&self, c: &[u8; 32], urgency: Urgency) -> Result<(u16, String), ClientError> {
        let failed = |error: &dyn std::fmt::Display| ClientError::Unavailable(format!("{}: {error}", self.address));
        let socket = tokio::net::TcpStream::connect(&self.address).await.map_err(|error| failed(&error))?;
        // The name is only sent; what is checked is the pinned certificate.
        let name = rustls::pki_types::ServerName::try_from("log").map_err(|error| failed(&error))?;
        let stream = tokio_rustls::TlsConnector::from(self.tls.clone()).connect(name, socket).await.map_err(|error| failed(&error))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| failed(&error))?;
        let driver = tokio::spawn(connection);
        let mut request = Request::post("/submit").header("host", "log");
        if urgency == Urgency::Urgent {
            request = request.header("x-waarborg-kind", "urgent");
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(c))).map_err(|error| failed(&error))?;
        let response = sender.send_request(request).await.map_err(|error| failed(&error))?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await.map_err(|error| failed(&error))?;
        driver.abort();
        Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
    }
}

fn accepted(status: u16, text: String) -> Result<(), ClientError> {
    match status {
        202 => Ok(()),
        400..=499 => Err(ClientError::Refused { status, text }),
        _ => Err(ClientError::Unavailable(format!("status {status}: {text}"))),
    }
}

/// Publishes signed statements in PUBLIC.
#[derive(Clone)]
pub struct PublicSubmitter {
    fetch: Fetch,
    base: String,
}

impl PublicSubmitter {
    /// `base` is the reading prefix of PUBLIC.
    pub fn new(base: &str, timeout: Duration) -> Result<PublicSubmitter, ClientError> {
        Ok(PublicSubmitter { fetch: Fetch::new(timeout), base: base.trim_end_matches('/').to_owned() })
    }

    /// Hands in one signed statement; gives its leaf hash, the key of its receipt. Idempotent.
    pub async fn submit(&self, statement: &[u8]) -> Result<Hash, ClientError> {
        let answer = self.fetch.post(&format!("{}/statement", self.base), statement.to_vec(), ANSWER_BYTES_MAX).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        accepted(answer.status, text)?;
        // The log's word for it is not needed: the entry is the statement's bytes.
        Ok(leaf_hash(statement))
    }
}

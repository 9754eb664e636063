//! The audit of a whole shard: every tile and bundle compared, root rebuilt, beat and width, statements (log.md section 12).
//!
//! Reads a log over HTTP or from a directory, believes nothing but the head that the policy's witnesses cosigned. Each finding
//! is one JSON line; the exit status is the highest of them (LOG-94).

use verify::log::tile::Resource;
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::VerifierKey;

use super::client::{ClientError, Head, LogReader};
use super::config::LogKind;
use super::peaks::Peaks;
use super::reading::check_statement;
use super::tiles::Source;
use super::tree::{TileFile, TileTree};

/// Exit statuses of LOG-94 beyond the product's five. Never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Grade {
    Refused = 1,
    VerificationFailed = 3,
    Unavailable = 4,
    Stale = 10,
    QuorumShort = 11,
    BeatBroken = 12,
    Overdue = 13,
    Inconsistent = 14,
}

/// One thing that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub grade: Grade,
    /// The rule, `LOG-16`, or `FAULT`.
    pub code: &'static str,
    pub what: String,
}

impl Finding {
    fn new(grade: Grade, code: &'static str, what: impl Into<String>) -> Finding {
        Finding { grade, code, what: what.into() }
    }

    /// `{"schema":"waarborg-log-finding/v1",…}`, without a line end.
    pub fn json_line(&self) -> String {
        serde_json::json!({
            "schema": "waarborg-log-finding/v1", "exit": self.grade as u8, "code": self.code, "what": self.what,
        })
        .to_string()
    }
}

/// 0 without findings, else the highest grade.
pub fn exit_status(findings: &[Finding]) -> u8 {
    findings.iter().map(|finding| finding.grade as u8).max().unwrap_or(0)
}

/// What the log promised in its `policy` statement, as far as the audit measures it.
#[derive(Clone, Debug)]
pub struct Promise {
    pub kind: LogKind,
    pub tick_interval_s: u64,
    pub batch_entries: u32,
    /// Oldest cosignature time that still counts as fresh, seconds before now.
    pub freshness_s: u64,
    /// PUBLIC: keys that may publish; empty: signatures of statements are not judged.
    pub statement_keys: Vec<VerifierKey>,
}

/// What an answer that cannot be used says about the log.
pub fn of_error(error: &ClientError) -> Finding {
    match error {
        ClientError::Inconsistent(what) => Finding::new(Grade::Inconsistent, "LOG-16", *what),
        ClientError::Malformed(what) => Finding::new(Grade::VerificationFailed, "LOG-03", *what),
        ClientError::NotBelieved(refusal) => Finding::new(Grade::VerificationFailed, refusal.code(), error.to_string()),
        other => Finding::new(Grade::Unavailable, "FAULT", other.to_string()),
    }
}

/// The whole shard at `now`. An empty list says: everything that was promised holds for what is published.
pub async fn audit(reader: &LogReader, policy: &TlogPolicy, promise: &Promise, now: u64) -> Vec<Finding> {
    let head = match reader.head().await {
        Ok(head) => head,
        Err(error) => return vec![of_error(&error)],
    };
    let mut findings = judge_head(&head, policy, promise, now);
    // What the log did not sign is held against nothing: it was said, and is no log's.
    if policy.identify(&head.note).is_err() {
        return findings;
    }
    match compare(reader, &head, promise).await {
        Ok(more) => findings.extend(more),
        Err(error) => findings.push(of_error(&error)),
    }
    findings
}

/// Signature, policy, freshness, beat and width of the head.
pub(super) fn judge_head(head: &Head, policy: &TlogPolicy, promise: &Promise, now: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    match policy.check(&head.note, None) {
        Err(refusal) if refusal.code() == "REL-04" => findings.push(Finding::new(Grade::QuorumShort, "REL-04", refusal.to_string())),
        Err(refusal) => findings.push(Finding::new(Grade::VerificationFailed, refusal.code(), refusal.to_string())),
        Ok(witnessed) => {
            let age = now.saturating_sub(witnessed.not_before());
            if promise.freshness_s < age {
                findings.push(Finding::new(Grade::Stale, "REL-05", format!("the quorum is {age} s old")));
            }
            // Two ticks: one that runs, and one that the witnesses may have been late for.
            if 2 * promise.tick_interval_s + 60 < age {
                findings.push(Finding::new(Grade::BeatBroken, "LOG-31", format!("no cosigned head for {age} s")));
            }
        }
    }
    if promise.kind == LogKind::Orders && !head.size.is_multiple_of(u64::from(promise.batch_entries.max(1))) {
        let what = format!("size {} is no multiple of B = {}", head.size, promise.batch_entries);
        findings.push(Finding::new(Grade::BeatBroken, "LOG-31", what));
    }
    findings
}

/// Every bundle read once; every tile that follows from them compared byte by byte; the root rebuilt twice.
async fn compare(reader: &LogReader, head: &Head, promise: &Promise) -> Result<Vec<Finding>, ClientError> {
    let source = reader.source();
    let (mut tree, mut peaks, mut findings) = (TileTree::empty(), Peaks::empty(), Vec::new());
    for number in 0..head.size.div_ceil(256) {
        let bundle = source.bundle(number, head.size).await?;
        for (index, entry) in (peaks.size()..).zip(&bundle) {
            findings.extend(judge_entry(index, entry, promise));
        }
        bundle.iter().for_each(|entry| peaks.append(entry));
        let (next, files) = tree.extend(&bundle);
        // Partials within a tile that later filled up are not of this head.
        for file in files.iter().filter(|file| file.place_is_of(head.size)) {
            findings.extend(compare_file(source, file).await?);
        }
        tree = next;
    }
    if tree.root() != head.root || peaks.root() != head.root {
        findings.push(Finding::new(Grade::Inconsistent, "LOG-16", "the entries do not give the signed root"));
    }
    if let Source::Store(store) = source {
        let paths = store.list("tile").await.map_err(|fault| ClientError::Unavailable(fault.what))?;
        findings.extend(compare_partials(source, &paths, head).await?);
    }
    Ok(findings)
}

pub(super) fn judge_entry(index: u64, entry: &[u8], promise: &Promise) -> Option<Finding> {
    match promise.kind {
        LogKind::Orders if verify::log::leaf::d_of_entry(entry).is_none() => {
            Some(Finding::new(Grade::VerificationFailed, "LOG-36", format!("entry {index} is no waarborg-leaf/v1")))
        }
        LogKind::Public if !promise.statement_keys.is_empty() => {
            let refusal = check_statement(entry, &promise.statement_keys).err()?;
            Some(Finding::new(Grade::VerificationFailed, "LOG-44", format!("statement {index}: {refusal:?}")))
        }
        _ => None,
    }
}

async fn compare_file(source: &Source, file: &TileFile) -> Result<Option<Finding>, ClientError> {
    let path = file.place.to_string();
    Ok(match source.get(&path).await? {
        Some(bytes) if bytes == file.bytes => None,
        Some(_) => Some(Finding::new(Grade::Inconsistent, "LOG-16", format!("{path} differs from what the entries give"))),
        // Its full one may stand in its place; that one is compared when the tree is older than it.
        None if matches!(file.place, Resource::Tile { width, .. } | Resource::Entries { width, .. } if width < 256) => {
            let whole = source.get(&full(&file.place).to_string()).await?;
            let same = whole.is_some_and(|whole| whole.starts_with(&file.bytes));
            (!same).then(|| missing(&path))
        }
        None => Some(missing(&path)),
    })
}

/// Any host between us and the log can leave a tile out: that is no second history.
fn missing(path: &str) -> Finding {
    Finding::new(Grade::Unavailable, "LOG-20", format!("{path} is missing"))
}

/// A directory may hold partials of older published sizes: each must be the beginning of what came later.
async fn compare_partials(source: &Source, paths: &[String], head: &Head) -> Result<Vec<Finding>, ClientError> {
    let mut findings = Vec::new();
    for path in paths {
        let Ok(place) = Resource::parse(path) else {
            findings.push(Finding::new(Grade::VerificationFailed, "LOG-17", format!("{path} is no path of a log")));
            continue;
        };
        let (level, number) = match place {
            Resource::Tile { level, number, width } if width < 256 => (level, number),
            Resource::Entries { number, width } if width < 256 => (0, number),
            _ => continue,
        };
        let width = super::ranges::tile_width(head.size, level, number);
        let of_head = match place {
            Resource::Tile { .. } => Resource::Tile { level, number, width },
            _ => Resource::Entries { number, width },
        };
        if let (Some(bytes), Some(whole)) = (source.get(path).await?, source.get(&of_head.to_string()).await?)
            && !whole.starts_with(&bytes)
            && !bytes.starts_with(&whole)
        {
            findings.push(Finding::new(Grade::Inconsistent, "LOG-19", format!("{path} is not the beginning of {of_head}")));
        }
    }
    Ok(findings)
}

fn full(place: &Resource) -> Resource {
    match *place {
        Resource::Tile { level, number, .. } => Resource::Tile { level, number, width: 256 },
        Resource::Entries { number, .. } => Resource::Entries { number, width: 256 },
        Resource::Checkpoint => Resource::Checkpoint,
    }
}

impl TileFile {
    /// True if a tree of `size` has this very tile or bundle, at this width.
    fn place_is_of(&self, size: u64) -> bool {
        match self.place {
            Resource::Tile { level, number, width } => super::ranges::tile_width(size, level, number) == width,
            Resource::Entries { number, width } => super::ranges::tile_width(size, 0, number) == width,
            Resource::Checkpoint => false,
        }
    }
}

/// A `.tlog-proof` against a policy and the entry's bytes; the audit of one leaf.
pub fn verify_proof(proof: &[u8], entry: &[u8], policy: &TlogPolicy) -> Result<String, Finding> {
    let refused = |refusal: verify::log::Refusal| Finding::new(Grade::VerificationFailed, refusal.code(), refusal.to_string());
    let proof = verify::log::proof::TlogProof::parse(proof).map_err(refused)?;
    let logged = proof.verify(seal::merkle::leaf_hash(entry), policy, None).map_err(refused)?;
    let votes: Vec<String> = logged.head().votes().iter().map(|vote| format!("{} at {}", vote.witness, vote.time)).collect();
    let head = logged.head().head();
    Ok(format!("index {} of {} leaves of {}, cosigned by {}", proof.index, head.size, head.origin, votes.join(", ")))
}

//! Views of one log, held against each other: from addresses, directories and single files (LOG-87, LOG-89).
//!
//! What convicts is written as evidence. A consistency proof that merely fails convinces nobody, so where two sides both hold
//! entries, the first one in which they differ is found and shown with a proof from each side.

use seal::merkle::leaf_hash;
use verify::log::note::SignedNote;
use verify::log::proof::TlogProof;
use verify::log::split::{Conviction, Evidence, Side};
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::VerifierKey;

use super::audit::{Finding, Grade, of_error};
use super::client::{ClientError, Head, LogReader};

/// What one side shows.
pub struct View {
    /// For people: address or file.
    pub name: String,
    pub head: Head,
    /// `None`: a checkpoint alone, from a file.
    pub reader: Option<LogReader>,
}

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Compared {
    pub findings: Vec<Finding>,
    /// Each convicts by itself (LOG-88): to be written before any alarm goes out.
    pub evidence: Vec<(Evidence, Conviction)>,
}

impl View {
    /// The head that a log or a copy shows now.
    pub async fn of_reader(name: &str, reader: LogReader) -> Result<View, ClientError> {
        Ok(View { name: name.to_owned(), head: reader.head().await?, reader: Some(reader) })
    }

    /// A checkpoint or a `.tlog-proof` out of a file.
    pub fn of_file(name: &str, bytes: &[u8]) -> Result<View, ClientError> {
        let head = match TlogProof::parse(bytes) {
            Ok(proof) => Head::parse(&proof.checkpoint.to_bytes())?,
            Err(_) => Head::parse(bytes)?,
        };
        Ok(View { name: name.to_owned(), head, reader: None })
    }
}

/// The keys by which evidence is judged: the policy's logs and witnesses.
pub fn keys(policy: &TlogPolicy) -> Vec<VerifierKey> {
    let logs = policy.logs().iter().map(|log| log.vkey.clone());
    logs.chain(policy.witnesses().iter().map(|witness| witness.vkey.clone())).collect()
}

/// Every pair must be one history. A view that does not stand under the policy's log is said to be that. What its lines convict it
/// convicts; else it is held against nothing, because anybody between us and an address can make one that fits no other.
pub async fn compare(views: &[View], policy: &TlogPolicy) -> Compared {
    let mut found = Compared::default();
    for view in views {
        if let Err(refusal) = policy.identify(&view.head.note) {
            let what = format!("{}: size {}: {refusal}", view.name, view.head.size);
            found.findings.push(Finding { grade: Grade::VerificationFailed, code: refusal.code(), what });
        }
    }
    let mut sorted: Vec<&View> = views.iter().collect();
    sorted.sort_by_key(|view| view.head.size);
    for (number, small) in sorted.iter().enumerate() {
        for large in &sorted[number + 1..] {
            pair(small, large, policy, &mut found).await;
        }
    }
    found
}

async fn pair(small: &View, large: &View, policy: &TlogPolicy, found: &mut Compared) {
    let mut say = |grade, code, what: String| {
        found.findings.push(Finding { grade, code, what: format!("{} and {}: {what}", small.name, large.name) });
    };
    if small.head.origin != large.head.origin {
        return say(Grade::VerificationFailed, "LOG-11", "two origins".to_owned());
    }
    let sides = (note_side(&small.head), note_side(&large.head));
    if let (Some(left), Some(right)) = sides {
        let convicted = Evidence::between(&left, &right, &keys(policy));
        for (evidence, conviction) in &convicted {
            say(Grade::Inconsistent, "LOG-87", told(conviction));
            found.evidence.push((evidence.clone(), conviction.clone()));
        }
        if !convicted.is_empty() {
            return;
        }
    }
    if [small, large].iter().any(|view| policy.identify(&view.head.note).is_err()) {
        return;
    }
    if small.head.size == large.head.size {
        if small.head.root != large.head.root {
            say(Grade::Inconsistent, "LOG-16", "one size, two roots, and no key of the policy on both".to_owned());
        }
        return;
    }
    // Two files cannot be compared across sizes: neither holds the tree between them.
    let Some(reader) = &large.reader else { return };
    match reader.extends(&small.head, &large.head).await {
        Ok(_) => {}
        Err(ClientError::Inconsistent(what)) => {
            say(Grade::Inconsistent, "LOG-16", what.to_owned());
            match same_index(small, large, policy).await {
                Ok(convicted) => found.evidence.extend(convicted),
                Err(error) => found.findings.push(of_error(&error)),
            }
        }
        Err(error) => found.findings.push(of_error(&error)),
    }
}

fn told(conviction: &Conviction) -> String {
    format!("{} at {}: {}", conviction.kind.as_str(), conviction.origin, conviction.culprits.join(", "))
}

fn note_side(head: &Head) -> Option<Side> {
    SignedNote::parse(&head.note).ok().map(Side::Note)
}

/// LOG-87 `same-index`: the first entry in which the two differ, proven under each side's own head.
async fn same_index(a: &View, b: &View, policy: &TlogPolicy) -> Result<Vec<(Evidence, Conviction)>, ClientError> {
    let (Some(left), Some(right)) = (&a.reader, &b.reader) else { return Ok(Vec::new()) };
    let (mut same, mut other) = (0, a.head.size.min(b.head.size));
    if left.tile_root(other, &a.head).await? == right.tile_root(other, &b.head).await? {
        return Ok(Vec::new());
    }
    // Roots of prefixes agree up to the first difference and never after it.
    while 1 < other - same {
        let middle = same + (other - same) / 2;
        let agree = left.tile_root(middle, &a.head).await? == right.tile_root(middle, &b.head).await?;
        if agree { same = middle } else { other = middle }
    }
    let sides = (proof_side(left, &a.head, same).await?, proof_side(right, &b.head, same).await?);
    Ok(Evidence::between(&sides.0, &sides.1, &keys(policy)))
}

async fn proof_side(reader: &LogReader, head: &Head, index: u64) -> Result<Side, ClientError> {
    let entry = reader.entries(index, index + 1, head).await?.pop().ok_or(ClientError::Malformed("no entry"))?;
    let path = reader.inclusion_of(index, &leaf_hash(&entry), head).await?;
    let note = SignedNote::parse(&head.note).map_err(|_| ClientError::Malformed("the published checkpoint"))?;
    Ok(Side::Proof { entry, proof: TlogProof::new(index, path, note) })
}

//! An auditor's reading of segments: fetched whole, strictly sorted, counts and roots as logged (SEA-44).
//!
//! Never one segment on request, which would mark an order: every segment that PUBLIC names from a place on.

use verify::policy::Policy;
use verify::record::Digest;
use verify::statement::{SignedStatement, Statement};

use super::audit::{Finding, Grade};
use super::client::{ClientError, LogReader};
use crate::segment_store::SegmentStore;

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    /// SHA-256 of the segment leaves found sorted, ascending.
    pub sorted: Vec<Digest>,
    /// Segments that an auditor had found sorted before.
    pub known: u64,
    pub findings: Vec<Finding>,
}

/// Every `segment` in PUBLIC from entry `from` on that no `segment-sorted` lists yet.
pub async fn read(public: &LogReader, store: &SegmentStore, policy: &Policy, from: u64) -> Result<Read, ClientError> {
    let head = public.head().await?;
    let (mut leaves, mut known) = (Vec::new(), std::collections::BTreeSet::new());
    let mut hear = |index: u64, entry: &[u8]| {
        let Ok(signed) = SignedStatement::parse(entry) else { return };
        let kind = signed.statement().kind();
        let may = policy.statement_signers(kind).is_some_and(|(keys, need)| signed.verify(&keys, need).is_ok());
        match signed.statement() {
            Statement::Segment(leaf) if may && from <= index => leaves.push(*leaf),
            Statement::SegmentSorted(list) if may => known.extend(list.iter().copied()),
            _ => {}
        }
    };
    public.replay(&head, &mut hear).await?;
    let mut read = Read::default();
    for leaf in leaves {
        if known.contains(&leaf.digest()) {
            read.known += 1;
            continue;
        }
        let name = verify::spelling::hex(&leaf.epoch_hash);
        let octets = store.segment(&leaf.epoch_hash).await.map_err(|fault| ClientError::Unavailable(fault.what))?;
        let failed = |code, what: String| Finding { grade: Grade::VerificationFailed, code, what };
        match octets.map(|octets| seal::segment::audit(&octets, &leaf)) {
            Some(Ok(())) => read.sorted.push(leaf.digest()),
            Some(Err(error)) => read.findings.push(failed("SEA-44", format!("segment of epoch {name}: {error:?}"))),
            // Deleted after its shred, or withheld: PUBLIC tells which, this reading does not.
            None => read.findings.push(failed("SEA-63", format!("segment of epoch {name} is not in the store"))),
        }
    }
    read.sorted.sort_unstable();
    read.sorted.dedup();
    Ok(read)
}

/// The `segment-sorted` statements of these, a thousand each.
pub fn statements(sorted: &[Digest]) -> Vec<Statement> {
    sorted.chunks(Statement::ROWS_MAX).map(|rows| Statement::SegmentSorted(rows.to_vec())).collect()
}

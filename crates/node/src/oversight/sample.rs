//! The overseer's sampler (T22, docs/spec/oversight.md): which segments an auditor reads is known to nobody before they are logged, and
//! checked by everybody afterwards.
//!
//! The auditor commits to a secret in PUBLIC; segments are told; a later `head` statement, which nobody chose, is hashed with the
//! secret into the sample. The provider does not know the secret when it publishes, the auditor not the head when it commits.

use std::collections::{BTreeMap, BTreeSet};

use seal::digest::sha256;
use seal::entropy::Entropy;
use seal::segment::SegmentLeaf;
use serde_json::{Value, json};
use verify::log::vkey::VerifierKey;
use verify::policy::Policy;
use verify::record::Digest;
use verify::spelling::{from_hex_exact, hex};
use verify::statement::{SignedStatement, Statement};

use crate::log::audit::{Finding, Grade};
use crate::log::client::{ClientError, LogReader};
use crate::segment_store::SegmentStore;

/// Kinds of PUBLIC that no program acts on but this one (LOG-44).
const COMMITMENT: &str = "sample-commitment json";
const REVEAL: &str = "sample-reveal json";

/// A year of daily heads.
const HEADS_MAX: u32 = 366;
const SEGMENTS_MAX: u32 = 100_000;

/// What the auditor says beforehand (OVS-03).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    pub commitment: Digest,
    /// How many segments are read; all, if fewer were told.
    pub segments: u32,
    /// The how-manieth `head` statement after this one ends the time and draws.
    pub heads: u32,
}

/// The secret until it is revealed. Who learns it early can keep bad segments out of the sample.
pub struct Secret(pub [u8; 32]);

impl Secret {
    pub fn draw(entropy: &mut dyn Entropy) -> Secret {
        let mut octets = [0; 32];
        entropy.fill(&mut octets);
        Secret(octets)
    }

    pub fn commitment(&self) -> Digest {
        sha256(&[b"waarborg-sample-commitment/v1\n", &self.0])
    }

    /// The text of a `sample-reveal` statement.
    pub fn parse_reveal(text: &str) -> Option<Secret> {
        let value: Value = serde_json::from_str(text).ok()?;
        from_hex_exact::<32>(value["secret"].as_str()?).map(Secret)
    }

    /// OVS-05.
    pub fn reveal(&self) -> Statement {
        let text = json!({ "secret": hex(&self.0) }).to_string() + "\n";
        Statement::Unknown { kind: REVEAL.to_owned(), text }
    }
}

impl Commitment {
    /// `None`: nothing to read, or more than anybody would.
    pub fn new(secret: &Secret, segments: u32, heads: u32) -> Option<Commitment> {
        let fits = (1..=SEGMENTS_MAX).contains(&segments) && (1..=HEADS_MAX).contains(&heads);
        fits.then(|| Commitment { commitment: secret.commitment(), segments, heads })
    }

    pub fn statement(&self) -> Statement {
        let text = json!({ "commitment": hex(&self.commitment), "heads": self.heads, "segments": self.segments }).to_string() + "\n";
        Statement::Unknown { kind: COMMITMENT.to_owned(), text }
    }

    /// The text of a `sample-commitment` statement. `None`: nothing to read, or more than anybody would.
    pub fn parse(text: &str) -> Option<Commitment> {
        let value: Value = serde_json::from_str(text).ok()?;
        let number = |name: &str| u32::try_from(value[name].as_u64()?).ok();
        let commitment = from_hex_exact::<32>(value["commitment"].as_str()?)?;
        let parsed = Commitment { commitment, segments: number("segments")?, heads: number("heads")? };
        let fits = (1..=SEGMENTS_MAX).contains(&parsed.segments) && (1..=HEADS_MAX).contains(&parsed.heads);
        fits.then_some(parsed)
    }
}

/// What PUBLIC says that samples are made of, in its order.
#[derive(Debug, Default)]
pub struct Told {
    commitments: Vec<(u64, Commitment)>,
    secrets: BTreeMap<Digest, [u8; 32]>,
    /// SHA-256 of each `head` statement as it stands in the log.
    heads: Vec<(u64, Digest)>,
    segments: Vec<(u64, SegmentLeaf)>,
    sorted: BTreeSet<Digest>,
}

/// A sample.
#[derive(Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Entries of PUBLIC between which its segments were told.
    pub told: std::ops::Range<u64>,
    /// By rank.
    pub leaves: Vec<SegmentLeaf>,
}

/// Why there is no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSample {
    /// PUBLIC holds no commitment to this secret by an auditor of the policy.
    NotCommitted,
    /// Its time is not over: so many heads are still to come.
    TooEarly { heads: u32 },
}

impl NoSample {
    pub fn code(self) -> &'static str {
        match self {
            NoSample::NotCommitted => "OVS-03",
            NoSample::TooEarly { .. } => "OVS-04",
        }
    }
}

impl std::fmt::Display for NoSample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoSample::NotCommitted => f.write_str("OVS-03: no auditor of the policy committed to this secret in PUBLIC"),
            NoSample::TooEarly { heads } => write!(f, "OVS-04: {heads} daily heads are still to come"),
        }
    }
}

impl Told {
    /// Everything that keys of the policy said.
    pub async fn read(public: &LogReader, policy: &Policy) -> Result<Told, ClientError> {
        let head = public.head().await?;
        policy.public().check(&head.note, None).map_err(|_| ClientError::Inconsistent("the head has no quorum of the policy"))?;
        let mut told = Told::default();
        public.replay(&head, &mut |index, entry| told.hear(index, entry, policy)).await?;
        Ok(told)
    }

    /// One entry of PUBLIC.
    pub fn hear(&mut self, index: u64, entry: &[u8], policy: &Policy) {
        let Ok(signed) = SignedStatement::parse(entry) else { return };
        let auditors: Vec<&VerifierKey> = policy.parts().auditors.iter().collect();
        let by_auditor = || signed.verify(&auditors, 1).is_ok();
        let may = |kind| policy.statement_signers(kind).is_some_and(|(keys, need)| signed.verify(&keys, need).is_ok());
        match signed.statement() {
            Statement::Segment(leaf) if may("segment") => self.segments.push((index, *leaf)),
            Statement::SegmentSorted(list) if may("segment-sorted") => self.sorted.extend(list.iter().copied()),
            Statement::Head(_) if may("head") => self.heads.push((index, sha256(&[entry]))),
            Statement::Unknown { kind, text } if kind == COMMITMENT && by_auditor() => {
                // OVS-03: the first one stands; a copy of somebody else's commitment draws nothing of its own.
                let new = Commitment::parse(text).filter(|new| self.commitments.iter().all(|(_, old)| old.commitment != new.commitment));
                self.commitments.extend(new.map(|commitment| (index, commitment)));
            }
            Statement::Unknown { kind, text } if kind == REVEAL && by_auditor() => {
                self.secrets.extend(Secret::parse_reveal(text).map(|secret| (secret.commitment(), secret.0)));
            }
            _ => {}
        }
    }

    /// OVS-04: the segments that were told after the commitment and before its head, the lowest by rank.
    pub fn drawn(&self, secret: &Secret) -> Result<Drawn, NoSample> {
        let digest = secret.commitment();
        let (from, commitment) = self.commitments.iter().find(|(_, known)| known.commitment == digest).ok_or(NoSample::NotCommitted)?;
        let (to, beacon) = self.beacon(*from, commitment).map_err(|heads| NoSample::TooEarly { heads })?;
        let seed = sha256(&[b"waarborg-sample/v1\n", &secret.0, &beacon]);
        let mut ranked: Vec<(Digest, SegmentLeaf)> = self
            .segments
            .iter()
            .filter(|(index, _)| (*from..to).contains(index))
            .map(|(_, leaf)| (sha256(&[&seed, &leaf.digest()]), *leaf))
            .collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.dedup_by_key(|(rank, _)| *rank);
        ranked.truncate(commitment.segments as usize);
        Ok(Drawn { told: *from..to, leaves: ranked.into_iter().map(|(_, leaf)| leaf).collect() })
    }

    /// `Err`: so many heads are still to come.
    fn beacon(&self, from: u64, commitment: &Commitment) -> Result<(u64, Digest), u32> {
        let later: Vec<&(u64, Digest)> = self.heads.iter().filter(|(index, _)| from < *index).collect();
        let missing = commitment.heads.saturating_sub(later.len() as u32);
        later.get(commitment.heads as usize - 1).map(|head| **head).ok_or(missing)
    }

    /// OVS-06: what anybody finds wrong with the samples of a policy's auditors. Not yet due: nothing.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (index, commitment) in &self.commitments {
            if self.beacon(*index, commitment).is_err() {
                continue;
            }
            let Some(secret) = self.secrets.get(&commitment.commitment) else {
                let what = format!("the sample that PUBLIC {index} commits to is drawn and was not revealed");
                findings.push(Finding { grade: Grade::Overdue, code: "OVS-05", what });
                continue;
            };
            let Ok(drawn) = self.drawn(&Secret(*secret)) else { continue };
            for leaf in drawn.leaves.iter().filter(|leaf| !self.sorted.contains(&leaf.digest())) {
                let what =
                    format!("segment of epoch {} is in the sample of PUBLIC {index} and no auditor found it sorted", hex(&leaf.epoch_hash));
                findings.push(Finding { grade: Grade::VerificationFailed, code: "OVS-06", what });
            }
        }
        findings
    }

    /// How many commitments were heard, and how many of them are revealed.
    pub fn counts(&self) -> (usize, usize) {
        let revealed = self.commitments.iter().filter(|(_, known)| self.secrets.contains_key(&known.commitment)).count();
        (self.commitments.len(), revealed)
    }
}

/// OVS-05: the sample's segments, each fetched whole and audited (SEA-44).
#[derive(Debug, Default)]
pub struct Read {
    /// SHA-256 of the segment leaves found sorted, ascending.
    pub sorted: Vec<Digest>,
    pub findings: Vec<Finding>,
}

/// From a store that the auditor has a copy of, or that does not learn which segment matters: a sample marks no order.
pub async fn read(store: &SegmentStore, drawn: &Drawn) -> Result<Read, ClientError> {
    let mut read = Read::default();
    for leaf in &drawn.leaves {
        let name = hex(&leaf.epoch_hash);
        let octets = store.segment(&leaf.epoch_hash).await.map_err(|fault| ClientError::Unavailable(fault.what))?;
        let failed = |code, what: String| Finding { grade: Grade::VerificationFailed, code, what };
        match octets.map(|octets| seal::segment::audit(&octets, leaf)) {
            Some(Ok(())) => read.sorted.push(leaf.digest()),
            Some(Err(error)) => read.findings.push(failed("SEA-44", format!("segment of epoch {name}: {error:?}"))),
            None => read.findings.push(failed("SEA-63", format!("segment of epoch {name} is not in the store"))),
        }
    }
    read.sorted.sort_unstable();
    Ok(read)
}

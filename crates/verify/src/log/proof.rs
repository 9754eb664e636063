//! `.tlog-proof` files: c2sp.org/tlog-proof@v1 (LOG-24).

use seal::merkle::Hash;

use super::Refusal;
use super::note::SignedNote;
use super::quorum::{HASHES_MAX, Included, Window, Witnessed};
use super::tlog_policy::TlogPolicy;
use crate::spelling::{base64, decimal, from_base64, from_base64_exact, push_base64};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// One entry's place in a log: index, path, and the checkpoint with its lines. At most 65,536 octets, 63 hashes (REL-02).
///
/// Checked for shape only; [`TlogProof::verify`] judges it. `extra` is kept so that the file re-encodes, and never read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    extra: Option<Vec<u8>>,
    pub index: u64,
    /// From the leaf's sibling up.
    pub path: Vec<Hash>,
    pub checkpoint: SignedNote,
}

impl TlogProof {
    pub const LEN_MAX: usize = 65_536;

    /// A proof as this program writes it: without `extra`.
    pub fn new(index: u64, path: Vec<Hash>, checkpoint: SignedNote) -> TlogProof {
        TlogProof { extra: None, index, path, checkpoint }
    }

    pub fn parse(bytes: &[u8]) -> Result<TlogProof, Refusal> {
        if TlogProof::LEN_MAX < bytes.len() {
            return Err(Refusal::NoteTooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Refusal::NotText)?;
        // The first blank line: no line above it can be empty, and a checkpoint has its own further down.
        let (head, checkpoint) = text.split_once("\n\n").ok_or(Refusal::WrongHeader)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(Refusal::WrongHeader);
        }
        let extra = match lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            None => None,
            Some(blob) => {
                lines.next();
                Some(from_base64(blob).ok_or(Refusal::BadBase64)?)
            }
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(Refusal::WrongHeader)?;
        let index = decimal(index).ok_or(Refusal::BadNumber)?;
        let path = hashes(lines)?;
        let proof = TlogProof { extra, index, path, checkpoint: SignedNote::parse(checkpoint.as_bytes())? };
        if proof.to_bytes() != bytes {
            return Err(Refusal::NotCanonical);
        }
        Ok(proof)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        write(self.extra.as_deref(), self.index, &self.path, &self.checkpoint.to_bytes())
    }

    /// What [`TlogProof::new`] would encode to, over the octets of a checkpoint that the caller has read already: a log that
    /// answers thousands of questions under one checkpoint spells it once.
    pub fn octets(index: u64, path: &[Hash], checkpoint: &[u8]) -> Vec<u8> {
        write(None, index, path, checkpoint)
    }

    /// LOG-24, in its order: the leaf hash comes from the caller's opening; origin and log key; cosignatures, policy and,
    /// with a window, freshness; inclusion.
    pub fn verify(&self, leaf_hash: Hash, policy: &TlogPolicy, window: Option<Window>) -> Result<Logged, Refusal> {
        let head = policy.check(&self.checkpoint.to_bytes(), window)?;
        let leaf = head.include(self.index, leaf_hash, &self.path)?;
        Ok(Logged { head, leaf })
    }
}

fn write(extra: Option<&[u8]>, index: u64, path: &[Hash], checkpoint: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(HEADER.len() + 32 + path.len() * 45 + checkpoint.len());
    octets.extend_from_slice(HEADER.as_bytes());
    octets.push(b'\n');
    if let Some(extra) = extra {
        octets.extend_from_slice(format!("extra {}\n", base64(extra)).as_bytes());
    }
    octets.extend_from_slice(format!("index {index}\n").as_bytes());
    for hash in path {
        push_base64(&mut octets, hash);
        octets.push(b'\n');
    }
    octets.push(b'\n');
    octets.extend_from_slice(checkpoint);
    octets
}

/// A leaf that stands in a log under a witnessed head. Made only by [`TlogProof::verify`].
#[derive(Debug)]
pub struct Logged {
    head: Witnessed,
    leaf: Included,
}

impl Logged {
    pub fn head(&self) -> &Witnessed {
        &self.head
    }

    pub fn leaf(&self) -> &Included {
        &self.leaf
    }
}

/// One hash a line, at most 63 (REL-02). Also the middle of a witness request (section 2.5).
pub(super) fn hashes<'t>(lines: impl Iterator<Item = &'t str>) -> Result<Vec<Hash>, Refusal> {
    let mut path = Vec::new();
    for line in lines {
        if path.len() == HASHES_MAX {
            return Err(Refusal::TooManyHashes);
        }
        path.push(from_base64_exact(line).ok_or(Refusal::BadBase64)?);
    }
    Ok(path)
}

//! Checkpoints: the head of a log as text (LOG-09 to LOG-12).

use seal::merkle::Hash;

use super::Refusal;
use super::note::SignedNote;
use super::origin::Origin;
use crate::spelling::{base64, decimal, from_base64_exact};

/// RFC 6962 root of the empty tree, SHA-256 of nothing (LOG-10).
pub fn empty_root() -> Hash {
    seal::digest::sha256(&[])
}

/// A head: which log, how many leaves, their RFC 6962 root. Exactly three lines; nothing about who signed it.
///
/// Refused: a fourth line (LOG-09), another root than that of nothing for size 0 (LOG-10), any second spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: Origin,
    pub size: u64,
    pub root: Hash,
}

impl Checkpoint {
    /// Reads the text of a note.
    pub fn parse(text: &str) -> Result<Checkpoint, Refusal> {
        let mut lines = text.strip_suffix('\n').ok_or(Refusal::NotText)?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(Refusal::MissingLine);
        };
        // LOG-09: the ML-DSA cosignature does not cover extension lines, so they could be swapped under it.
        if lines.next().is_some() {
            return Err(Refusal::ExtensionLine);
        }
        let head = Checkpoint {
            origin: Origin::parse(origin)?,
            size: decimal(size).ok_or(Refusal::BadNumber)?,
            root: from_base64_exact(root).ok_or(Refusal::BadBase64)?,
        };
        if head.size == 0 && head.root != empty_root() {
            return Err(Refusal::WrongEmptyRoot);
        }
        if head.to_text() != text {
            return Err(Refusal::NotCanonical);
        }
        Ok(head)
    }

    /// The three lines, the last newline included: what log and witnesses sign.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, base64(&self.root))
    }

    /// The head inside a signed note. Says nothing about its signatures.
    pub fn of_note(note: &SignedNote) -> Result<Checkpoint, Refusal> {
        Checkpoint::parse(note.text())
    }
}

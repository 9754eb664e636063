//! The witness protocol: its request, its answers, and the judgement between them (section 2.5, LOG-71).

use std::collections::BTreeMap;

use seal::merkle::Hash;

use super::Refusal;
use super::checkpoint::Checkpoint;
use super::note::{NoteSignature, SignedNote};
use super::origin::Origin;
use super::proof::hashes;
use super::quorum::check_extension;
use super::vkey::VerifierKey;
use crate::spelling::{base64, decimal};

/// Content type of a 409, without which its body means nothing (LOG-76).
pub const SIZE_CONTENT_TYPE: &str = "text/x.tlog.size";

/// A POST to `add-checkpoint`: `old <size>`, at most 63 hashes, a blank line, the checkpoint. At most 64 KiB (LOG-73).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The size that the submitter believes this witness has.
    pub old: u64,
    /// RFC 6962 consistency proof from `old` to the checkpoint.
    pub path: Vec<Hash>,
    pub checkpoint: SignedNote,
    head: Checkpoint,
}

impl Request {
    pub const LEN_MAX: usize = 65_536;

    /// A request with the log's own lines only (LOG-75): other witnesses' lines are not this one's business.
    pub fn new(old: u64, path: Vec<Hash>, checkpoint: SignedNote) -> Result<Request, Refusal> {
        let head = Checkpoint::of_note(&checkpoint)?;
        Ok(Request { old, path, checkpoint, head })
    }

    pub fn parse(bytes: &[u8]) -> Result<Request, Refusal> {
        if Request::LEN_MAX < bytes.len() {
            return Err(Refusal::NoteTooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Refusal::NotText)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(Refusal::WrongHeader)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or(Refusal::WrongHeader)?;
        let old = decimal(old).ok_or(Refusal::BadNumber)?;
        let path = hashes(lines)?;
        let request = Request::new(old, path, SignedNote::parse(checkpoint.as_bytes())?)?;
        if request.to_bytes() != bytes {
            return Err(Refusal::NotCanonical);
        }
        Ok(request)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.path {
            text.push_str(&base64(hash));
            text.push('\n');
        }
        text.push('\n');
        [text.as_bytes(), &self.checkpoint.to_bytes()].concat()
    }

    /// The head it asks to be cosigned. The shell loads the row of `head().origin` and passes it to [`judge`].
    pub fn head(&self) -> &Checkpoint {
        &self.head
    }
}

/// A witness's one row for an origin: the last head it cosigned. Size 0 before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub size: u64,
    pub root: Hash,
}

impl Stored {
    /// Before the first checkpoint of an origin.
    pub fn nothing() -> Stored {
        Stored { size: 0, root: super::checkpoint::empty_root() }
    }
}

/// Which logs a witness serves, and their keys (one, or two while a key changes, LOG-96).
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub logs: BTreeMap<Origin, Vec<VerifierKey>>,
}

/// What the witness does. The shell performs it: on [`Verdict::Cosign`] it compares and swaps the row durably,
/// **then** signs, **then** answers (LOG-22).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 200 after storing `head` in place of `old`.
    Cosign { old: Stored, head: Checkpoint },
    /// 404: no log of ours.
    UnknownOrigin,
    /// 403: no trusted key of the log signed, or a line of one fails.
    NotTrusted,
    /// 400: malformed, or old above the new size.
    Malformed(Refusal),
    /// 409 with our size as [`SIZE_CONTENT_TYPE`].
    OtherSize { stored: u64 },
    /// 422. Request and stored row are kept as evidence (LOG-73).
    Inconsistent(Refusal),
}

impl Verdict {
    pub fn status(&self) -> u16 {
        match self {
            Verdict::Cosign { .. } => 200,
            Verdict::Malformed(_) => 400,
            Verdict::NotTrusted => 403,
            Verdict::UnknownOrigin => 404,
            Verdict::OtherSize { .. } => 409,
            Verdict::Inconsistent(_) => 422,
        }
    }

    /// Content type and body of every answer but 200, whose body is the cosignature lines.
    pub fn body(&self) -> (&'static str, String) {
        let text = match self {
            Verdict::OtherSize { stored } => return (SIZE_CONTENT_TYPE, format!("{stored}\n")),
            Verdict::Cosign { .. } => String::new(),
            Verdict::UnknownOrigin => "unknown origin\n".to_owned(),
            Verdict::NotTrusted => "no trusted key of this log signed\n".to_owned(),
            Verdict::Malformed(refusal) | Verdict::Inconsistent(refusal) => format!("{refusal}\n"),
        };
        ("text/plain; charset=utf-8", text)
    }
}

/// The table of section 2.5, in its order. Pure: the row comes in, the verdict goes out. (Malformed bytes never get here:
/// [`Request::parse`] refused them, and the shell answers [`Verdict::Malformed`].)
pub fn judge(stored: Stored, request: &Request, config: &Config) -> Verdict {
    let head = request.head();
    let Some(keys) = config.logs.get(&head.origin) else {
        return Verdict::UnknownOrigin;
    };
    let keys: Vec<&VerifierKey> = keys.iter().collect();
    if request.checkpoint.verify(&keys).is_err() {
        return Verdict::NotTrusted;
    }
    if head.size < request.old {
        return Verdict::Malformed(Refusal::WentBack);
    }
    if request.old != stored.size {
        return Verdict::OtherSize { stored: stored.size };
    }
    // Also "proof not empty at old = 0" and "old = size with another root". Size 0 without the empty root did not parse.
    match check_extension(stored.size, stored.root, head.size, head.root, &request.path) {
        Ok(()) => Verdict::Cosign { old: stored, head: head.clone() },
        Err(refusal) => Verdict::Inconsistent(refusal),
    }
}

/// The lines of a 200 answer that may be used (LOG-77): each verified against the witness's key and within
/// [tick - 60 s, now + 60 s]; unknown keys and other times are dropped; none left: refused. At most 64 KiB.
pub fn usable_lines(
    answer: &[u8],
    checkpoint_text: &str,
    witness: &VerifierKey,
    window: super::quorum::Window,
) -> Result<Vec<NoteSignature>, Refusal> {
    if SignedNote::LEN_MAX < answer.len() {
        return Err(Refusal::NoteTooLong);
    }
    let text = std::str::from_utf8(answer).map_err(|_| Refusal::NotText)?;
    let lines = text.strip_suffix('\n').ok_or(Refusal::NotText)?;
    let mut usable = Vec::new();
    for line in lines.split('\n') {
        let line = NoteSignature::parse(line)?;
        if !line.claims(witness) {
            continue;
        }
        // A time past TIME_MAX does not verify: there is no such message.
        let time = line.verify(witness, checkpoint_text)?.unwrap_or(0);
        if time != 0 && window.from <= time && time <= window.until {
            usable.push(line);
        }
    }
    if usable.is_empty() { Err(Refusal::NoUsableCosignature) } else { Ok(usable) }
}

/// The size in a 409, if the answer is one that may be acted on (LOG-76).
pub fn stored_size(content_type: &str, body: &[u8]) -> Option<u64> {
    if content_type != SIZE_CONTENT_TYPE {
        return None;
    }
    decimal(std::str::from_utf8(body).ok()?.strip_suffix('\n')?)
}

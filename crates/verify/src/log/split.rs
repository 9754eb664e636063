//! Evidence that a log or a witness told two stories (section 10).

use seal::merkle;

use super::Refusal;
use super::checkpoint::Checkpoint;
use super::note::SignedNote;
use super::origin::Origin;
use super::proof::TlogProof;
use super::vkey::{KeyKind, VerifierKey};
use crate::spelling::{base64, decimal, from_base64};

const HEADER: &str = "waarborg-evidence/v1 ";

/// What a file of evidence says happened (LOG-87).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Two checkpoints signed by the log: one origin and size, two roots.
    SameSize,
    /// Two proofs: one origin and index, two entries.
    SameIndex,
    /// One of the two above, with one witness key on both.
    WitnessFork,
    /// One witness key, the earlier time on the larger size.
    WitnessRollback,
    /// A checkpoint that the log signed with extension lines.
    Extension,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::SameSize, Kind::SameIndex, Kind::WitnessFork, Kind::WitnessRollback, Kind::Extension];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::SameSize => "same-size",
            Kind::SameIndex => "same-index",
            Kind::WitnessFork => "witness-fork",
            Kind::WitnessRollback => "witness-rollback",
            Kind::Extension => "extension",
        }
    }

    /// Is it the log that contradicts itself, and not only a witness of it?
    pub fn convicts_log(self) -> bool {
        matches!(self, Kind::SameSize | Kind::SameIndex | Kind::Extension)
    }
}

/// One of the two sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    Note(SignedNote),
    Proof { entry: Vec<u8>, proof: TlogProof },
}

impl Side {
    fn note(&self) -> &SignedNote {
        match self {
            Side::Note(note) => note,
            Side::Proof { proof, .. } => &proof.checkpoint,
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Side::Note(note) => {
                let note = note.to_bytes();
                [format!("note {}\n", note.len()).as_bytes(), &note].concat()
            }
            Side::Proof { entry, proof } => {
                let proof = proof.to_bytes();
                [format!("entry {}\nproof {}\n", base64(entry), proof.len()).as_bytes(), &proof].concat()
            }
        }
    }
}

/// A file of evidence, checked for shape only; [`Evidence::judge`] says whom it convicts. Written before any alarm goes
/// out, never deleted by software (LOG-88).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub kind: Kind,
    pub sides: [Side; 2],
}

/// What the evidence proves: which key contradicted itself, and about which log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conviction {
    pub kind: Kind,
    pub origin: Origin,
    /// Names of the keys whose signatures stand on both sides: the log's, or the witness's for the two witness kinds.
    pub culprits: Vec<String>,
}

impl Evidence {
    /// Two notes and two proofs of 64 KiB, two entries in base64, and the lines around them.
    pub const LEN_MAX: usize = 4 * 65_536 + 2 * 90_000;

    pub fn parse(bytes: &[u8]) -> Result<Evidence, Refusal> {
        if Evidence::LEN_MAX < bytes.len() {
            return Err(Refusal::NoteTooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| Refusal::NotText)?;
        let (first, rest) = text.split_once('\n').ok_or(Refusal::WrongHeader)?;
        let name = first.strip_prefix(HEADER).ok_or(Refusal::WrongHeader)?;
        let kind = Kind::ALL.into_iter().find(|k| k.as_str() == name).ok_or(Refusal::UnknownEvidence)?;
        let (left, rest) = side(rest)?;
        // What is left over is not written again.
        let (right, _) = side(rest)?;
        let evidence = Evidence { kind, sides: [left, right] };
        if evidence.to_bytes() != bytes {
            return Err(Refusal::NotCanonical);
        }
        Ok(evidence)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{HEADER}{}\n", self.kind.as_str()).into_bytes();
        for side in &self.sides {
            bytes.extend_from_slice(&side.to_bytes());
        }
        bytes
    }

    /// LOG-88: judged offline with vkeys alone. `keys` holds the log's `0x01` keys and the witnesses' `0x04` keys.
    pub fn judge(&self, keys: &[VerifierKey]) -> Result<Conviction, Refusal> {
        let (origin, culprits) = match self.kind {
            Kind::SameSize | Kind::SameIndex => {
                let origin = self.contradiction()?;
                let logs = self.on_both(keys, KeyKind::Ed25519);
                (origin.clone(), logs.into_iter().filter(|key| origin.is_name_of(key.name())).collect())
            }
            Kind::WitnessFork => (self.contradiction()?, self.on_both(keys, KeyKind::Cosignature)),
            Kind::WitnessRollback => self.rollback(keys)?,
            Kind::Extension => self.extension(keys)?,
        };
        if culprits.is_empty() {
            return Err(Refusal::NoContradiction);
        }
        let culprits = culprits.into_iter().map(|key: &VerifierKey| key.name().to_string()).collect();
        Ok(Conviction { kind: self.kind, origin, culprits })
    }

    /// Everything that two views of one log convict of: each kind is tried, and kept if it judges to a conviction. Empty for two
    /// views of one history.
    pub fn between(left: &Side, right: &Side, keys: &[VerifierKey]) -> Vec<(Evidence, Conviction)> {
        let both = [left.clone(), right.clone()];
        let mut tried: Vec<Evidence> = Kind::ALL.into_iter().map(|kind| Evidence { kind, sides: both.clone() }).collect();
        // An extension line convicts alone, so that evidence has one side twice.
        tried.extend([left, right].map(|side| Evidence { kind: Kind::Extension, sides: [side.clone(), side.clone()] }));
        tried.into_iter().filter_map(|evidence| evidence.judge(keys).ok().map(|conviction| (evidence, conviction))).collect()
    }

    /// One origin and size with two roots, or one origin and index with two entries, each proven under its own head.
    fn contradiction(&self) -> Result<Origin, Refusal> {
        let heads = [Checkpoint::of_note(self.sides[0].note())?, Checkpoint::of_note(self.sides[1].note())?];
        let contradicts = match &self.sides {
            [Side::Note(_), Side::Note(_)] => heads[0].size == heads[1].size && heads[0].root != heads[1].root,
            [Side::Proof { entry: left, proof: a }, Side::Proof { entry: right, proof: b }] => {
                proven(left, a, &heads[0])? && proven(right, b, &heads[1])? && a.index == b.index && left != right
            }
            _ => false,
        };
        // `same-size` is about two notes, `same-index` about two proofs; `witness-fork` about either.
        let fits = match self.kind {
            Kind::SameSize => matches!(self.sides[0], Side::Note(_)),
            Kind::SameIndex => matches!(self.sides[0], Side::Proof { .. }),
            _ => true,
        };
        if !contradicts || !fits || heads[0].origin != heads[1].origin {
            return Err(Refusal::NoContradiction);
        }
        Ok(heads[0].origin.clone())
    }

    fn rollback<'k>(&self, keys: &'k [VerifierKey]) -> Result<(Origin, Vec<&'k VerifierKey>), Refusal> {
        let (left, right) = (self.sides[0].note(), self.sides[1].note());
        let (a, b) = (Checkpoint::of_note(left)?, Checkpoint::of_note(right)?);
        if a.origin != b.origin || a.size == b.size {
            return Err(Refusal::NoContradiction);
        }
        let (larger, smaller) = if a.size > b.size { (left, right) } else { (right, left) };
        // Seconds are the finest thing a cosignature has: the same second proves no order.
        let rolled_back =
            |key: &&VerifierKey| times(larger, key).min().zip(times(smaller, key).max()).is_some_and(|(early, late)| early < late);
        let culprits = keys.iter().filter(rolled_back).collect();
        Ok((a.origin, culprits))
    }

    fn extension<'k>(&self, keys: &'k [VerifierKey]) -> Result<(Origin, Vec<&'k VerifierKey>), Refusal> {
        let note = self.sides[0].note();
        if self.sides[0] != self.sides[1] || Checkpoint::of_note(note) != Err(Refusal::ExtensionLine) {
            return Err(Refusal::NoContradiction);
        }
        let origin = Origin::parse(note.text().split('\n').next().unwrap_or_default())?;
        let logs = keys.iter().filter(|key| key.kind() == KeyKind::Ed25519 && origin.is_name_of(key.name()));
        let culprits = logs.filter(|key| !note.signed_by(key).is_empty()).collect();
        Ok((origin, culprits))
    }

    /// The keys of this kind that signed both sides. Each is judged by its own lines that verify: a line that somebody wrote in its
    /// name is no signature, and acquits neither it nor another key.
    fn on_both<'k>(&self, keys: &'k [VerifierKey], kind: KeyKind) -> Vec<&'k VerifierKey> {
        let signed = |key: &&VerifierKey| self.sides.iter().all(|side| side.note().signed_by(key).iter().any(|time| *time != Some(0)));
        keys.iter().filter(|key| key.kind() == kind).filter(signed).collect()
    }
}

fn proven(entry: &[u8], proof: &TlogProof, head: &Checkpoint) -> Result<bool, Refusal> {
    let leaf = merkle::leaf_hash(entry);
    Ok(merkle::verify_inclusion(proof.index, head.size, &leaf, &proof.path, &head.root).is_ok())
}

/// Times of a witness's lines; zero is none.
fn times(note: &SignedNote, key: &VerifierKey) -> impl Iterator<Item = u64> {
    note.signed_by(key).into_iter().flatten().filter(|time| *time != 0)
}

/// One side and what follows it.
fn side(text: &str) -> Result<(Side, &str), Refusal> {
    let (line, rest) = text.split_once('\n').ok_or(Refusal::WrongHeader)?;
    if let Some(len) = line.strip_prefix("note ") {
        let (note, rest) = take(rest, len)?;
        return Ok((Side::Note(SignedNote::parse(note)?), rest));
    }
    let entry = line.strip_prefix("entry ").ok_or(Refusal::WrongHeader)?;
    let entry = from_base64(entry).ok_or(Refusal::BadBase64)?;
    let (line, rest) = rest.split_once('\n').ok_or(Refusal::WrongHeader)?;
    let len = line.strip_prefix("proof ").ok_or(Refusal::WrongHeader)?;
    let (proof, rest) = take(rest, len)?;
    Ok((Side::Proof { entry, proof: TlogProof::parse(proof)? }, rest))
}

fn take<'t>(text: &'t str, len: &str) -> Result<(&'t [u8], &'t str), Refusal> {
    let len = decimal(len).and_then(|n| usize::try_from(n).ok()).ok_or(Refusal::BadNumber)?;
    let (taken, rest) = text.split_at_checked(len).ok_or(Refusal::WrongHeader)?;
    Ok((taken.as_bytes(), rest))
}

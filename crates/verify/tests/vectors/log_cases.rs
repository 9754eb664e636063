//! Makes the vectors of the log formats: one good file each, and for every rule a file in which that rule alone is broken.

use seal::merkle::{self, Hash};
use seal::secret::Secret;
use seal::signature::SigningKey;
use verify::log::checkpoint::Checkpoint;
use verify::log::leaf;
use verify::log::note::{NoteSignature, SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::vkey::{KeyHash, KeyKind, KeyName, VerifierKey};
use verify::spelling::{base64, hex};

use super::loader::Vector;

#[path = "log_cases_heads.rs"]
mod heads;
#[path = "log_cases_words.rs"]
mod words;

/// Every code that a log format can refuse with; each must have a vector.
pub const CODES: &[&str] = &[
    "LOG-03", "LOG-04", "LOG-05", "LOG-06", "LOG-07", "LOG-08", "LOG-09", "LOG-10", "LOG-11", "LOG-14", "LOG-16", "LOG-17", "LOG-24",
    "LOG-25", "LOG-26", "LOG-77", "LOG-87", "LOG-98", "REL-03", "REL-04", "REL-05", "REL-08",
];

pub const ORIGIN: &str = "log.example/orders/2027";
/// A tick in 2027; cosignatures come some seconds after it.
pub const TICK: u64 = 1_800_000_000;

pub fn all() -> Vec<Vector> {
    let mut made = words::all();
    made.extend(heads::all());
    let mut names: Vec<(&str, &str)> = made.iter().map(|v| (v.format.as_str(), v.case.as_str())).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), made.len(), "two cases with one name");
    made
}

pub fn case(format: &str, case: &str, expect: &str, why: &str, headers: &[(&str, String)], payload: impl Into<Vec<u8>>) -> Vector {
    let mut all = vec![("why".to_owned(), why.to_owned())];
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Vector { format: format.to_owned(), case: case.to_owned(), expect: expect.to_owned(), headers: all, payload: payload.into() }
}

pub fn name(text: &str) -> KeyName {
    KeyName::parse(text).unwrap()
}

pub fn signer(text: &str, kind: KeyKind, seed: u8) -> Signer {
    Signer::new(name(text), kind, SigningKey::from_seed(Secret::new([seed; 32])).unwrap())
}

/// The log's signer, and four witnesses `w1` to `w4`.
pub struct World {
    pub log: Signer,
    pub witnesses: Vec<Signer>,
}

impl World {
    pub fn new() -> World {
        let witness = |n: u8| signer(&format!("w{n}.example/witness"), KeyKind::Cosignature, 10 + n);
        World { log: signer(ORIGIN, KeyKind::Ed25519, 1), witnesses: (1..=4).map(witness).collect() }
    }

    pub fn policy(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![format!("log {}", self.log.vkey())];
        lines.extend(self.witnesses.iter().zip(1..).map(|(w, n)| format!("witness w{n} {}", w.vkey())));
        lines.push("group W 3 w1 w2 w3 w4".to_owned());
        lines.push("quorum W".to_owned());
        lines.into_iter().map(|line| ("policy", line)).collect()
    }

    /// A checkpoint with the log's line and one cosignature per (witness number, seconds after the tick).
    pub fn cosigned(&self, text: &str, cosigners: &[(usize, u64)]) -> SignedNote {
        let mut lines = vec![self.log.sign(text).unwrap()];
        lines.extend(cosigners.iter().map(|(n, after)| self.witnesses[n - 1].cosign(text, TICK + after).unwrap()));
        SignedNote::new(text.to_owned(), lines).unwrap()
    }
}

pub fn window(from: u64, until: u64) -> Vec<(&'static str, String)> {
    vec![("from", (TICK + from).to_string()), ("until", (TICK + until).to_string())]
}

/// Entries of a small ORDERS log; `twist` makes another log with the same beginning.
pub fn entries(size: usize, twist: u8) -> Vec<Vec<u8>> {
    (0..size).map(|i| leaf::entry(&[if i < 3 { i as u8 } else { i as u8 ^ twist }; 32]).to_vec()).collect()
}

pub fn leaves(size: usize, twist: u8) -> Vec<Hash> {
    entries(size, twist).iter().map(|e| merkle::leaf_hash(e)).collect()
}

pub fn head(size: usize, twist: u8) -> String {
    Checkpoint { origin: Origin::parse(ORIGIN).unwrap(), size: size as u64, root: merkle::root(&leaves(size, twist)) }.to_text()
}

/// Replaces the one occurrence of `from`.
pub fn swap(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from:?} in {text}");
    text.replace(from, to).into_bytes()
}

/// A line with one octet of its payload changed.
pub fn spoiled(line: &NoteSignature) -> NoteSignature {
    let mut payload = line.payload().to_vec();
    *payload.last_mut().unwrap() ^= 1;
    NoteSignature::new(line.name().clone(), line.key_hash(), payload)
}

pub fn vkey_text(text: &str, kind: u8, key: &[u8]) -> String {
    // Also for names that no KeyName may have: the hash is over the octets.
    let digest = seal::digest::sha256(&[text.as_bytes(), b"\n", &[kind], key]);
    format!("{text}+{}+{}", hex(&digest[..4]), base64(&[&[kind], key].concat()))
}

pub fn unknown_line(kind: u8) -> NoteSignature {
    let name = name("stranger.example");
    NoteSignature::new(name.clone(), KeyHash::of(&name, kind, &[7; 32]), vec![7; 64])
}

pub fn key(vkey: &VerifierKey) -> (&'static str, String) {
    ("key", vkey.to_string())
}

/// A line that verifies over a text that no writer of ours would sign.
pub fn raw_line(signer: &Signer, text: &str) -> String {
    let signature = signer.sign_message(text.as_bytes()).to_vec();
    NoteSignature::new(signer.vkey().name().clone(), signer.vkey().hash(), signature).to_line()
}

//! Signed notes (LOG-04 to LOG-08): text, a blank line, signature lines.

use seal::signature::SigningKey;

use super::vkey::{KeyHash, KeyKind, KeyName, VerifierKey};
use super::{Refusal, cosignature};
use crate::spelling::{base64, from_base64};

/// How a signature line starts: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// One signature line, checked for shape only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: KeyName,
    key_hash: KeyHash,
    payload: Vec<u8>,
}

impl NoteSignature {
    pub fn new(name: KeyName, key_hash: KeyHash, payload: Vec<u8>) -> NoteSignature {
        NoteSignature { name, key_hash, payload }
    }

    /// Reads one line without its newline: `— name base64(hash || payload)`.
    pub fn parse(line: &str) -> Result<NoteSignature, Refusal> {
        let rest = line.strip_prefix(DASH).ok_or(Refusal::BadSignatureLine)?;
        let (name, blob) = rest.split_once(' ').ok_or(Refusal::BadSignatureLine)?;
        let name = KeyName::parse(name)?;
        let octets = from_base64(blob).ok_or(Refusal::BadBase64)?;
        let (hash, payload) = octets.split_first_chunk::<4>().ok_or(Refusal::BadSignatureLine)?;
        if payload.is_empty() {
            return Err(Refusal::BadSignatureLine);
        }
        Ok(NoteSignature { name, key_hash: KeyHash(*hash), payload: payload.to_vec() })
    }

    /// The line with its newline.
    pub fn to_line(&self) -> String {
        let mut octets = self.key_hash.0.to_vec();
        octets.extend_from_slice(&self.payload);
        format!("{DASH}{} {}\n", self.name, base64(&octets))
    }

    pub fn name(&self) -> &KeyName {
        &self.name
    }

    pub fn key_hash(&self) -> KeyHash {
        self.key_hash
    }

    /// The octets after the key hash.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Whether the line says that it is by this key. Only [`NoteSignature::verify`] tells whether it is.
    pub fn claims(&self, key: &VerifierKey) -> bool {
        self.name == *key.name() && self.key_hash == key.hash()
    }

    /// Checks the line against one key; gives the cosignature's time, none for `0x01`.
    pub fn verify(&self, key: &VerifierKey, text: &str) -> Result<Option<u64>, Refusal> {
        let bad = || Refusal::BadSignature { name: self.name.to_string(), key_hash: self.key_hash };
        if !self.claims(key) {
            return Err(bad());
        }
        match key.kind() {
            KeyKind::Ed25519 => {
                let signature: [u8; 64] = self.payload.as_slice().try_into().map_err(|_| bad())?;
                key.key().verify(text.as_bytes(), &signature).map_err(|_| bad())?;
                Ok(None)
            }
            KeyKind::Cosignature => {
                let (time, signature) = self.payload.split_first_chunk::<8>().ok_or_else(bad)?;
                let time = u64::from_be_bytes(*time);
                let signature: [u8; 64] = signature.try_into().map_err(|_| bad())?;
                let message = cosignature::message(time, text)?;
                key.key().verify(&message, &signature).map_err(|_| bad())?;
                Ok(Some(time))
            }
        }
    }
}

/// One line that verified: which of the keys given, and its time for cosignatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedLine {
    /// Position in the list of keys that was given.
    pub key: usize,
    pub time: Option<u64>,
}

/// A text with its signature lines, checked for shape only: nothing is known about who signed.
///
/// At most 65,536 octets and 32 lines (LOG-08). The text is UTF-8, ends in a newline, has no control character but
/// newlines. Text and signatures part at the last blank line (LOG-04).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl SignedNote {
    pub const LEN_MAX: usize = 65_536;
    /// Readers take 32 lines (LOG-08).
    pub const SIGNATURES_MAX: usize = 32;
    /// Writers publish 16 at most: the least that C2SP asks of readers (LOG-08).
    pub const SIGNATURES_WRITTEN_MAX: usize = 16;

    pub fn parse(bytes: &[u8]) -> Result<SignedNote, Refusal> {
        if SignedNote::LEN_MAX < bytes.len() {
            return Err(Refusal::NoteTooLong);
        }
        let all = std::str::from_utf8(bytes).map_err(|_| Refusal::NotText)?;
        let parting = all.rfind("\n\n").ok_or(Refusal::NoSignatures)?;
        let (text, lines) = (&all[..=parting], &all[parting + 2..]);
        check_text(text)?;
        let lines = lines.strip_suffix('\n').ok_or(Refusal::NoSignatures)?;
        if SignedNote::SIGNATURES_MAX < lines.split('\n').count() {
            return Err(Refusal::TooManySignatures);
        }
        let signatures = lines.split('\n').map(NoteSignature::parse).collect::<Result<Vec<_>, _>>()?;
        let note = SignedNote { text: text.to_owned(), signatures };
        if note.to_bytes() != bytes {
            return Err(Refusal::NotCanonical);
        }
        Ok(note)
    }

    /// A note to publish: at most 16 lines, at least one (LOG-08).
    pub fn new(text: String, signatures: Vec<NoteSignature>) -> Result<SignedNote, Refusal> {
        check_text(&text)?;
        if signatures.is_empty() {
            return Err(Refusal::NoSignatures);
        }
        if SignedNote::SIGNATURES_WRITTEN_MAX < signatures.len() {
            return Err(Refusal::TooManySignatures);
        }
        let note = SignedNote { text, signatures };
        if SignedNote::LEN_MAX < note.to_bytes().len() {
            return Err(Refusal::NoteTooLong);
        }
        Ok(note)
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.text.clone().into_bytes();
        bytes.push(b'\n');
        for signature in &self.signatures {
            bytes.extend_from_slice(signature.to_line().as_bytes());
        }
        bytes
    }

    /// What was signed, the last newline included.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// LOG-07: every line of a known key is verified; one that fails refuses the note; no line of a known key refuses it
    /// too. A repeated line of one key is verified each time and counts once: with its earliest time here, so that
    /// repeating a line can never make a note look fresher.
    pub fn verify(&self, keys: &[&VerifierKey]) -> Result<Vec<VerifiedLine>, Refusal> {
        let verified = self.verify_known(keys)?;
        if verified.is_empty() {
            return Err(Refusal::NoKnownSignature);
        }
        Ok(verified)
    }

    /// Times of this key's lines that verify; a log's have none. For evidence alone (LOG-88): whoever shows a note for what its signers
    /// owe must not lose it to a line that somebody else wrote in the name of one of them. Believing a note is [`SignedNote::verify`].
    pub fn signed_by(&self, key: &VerifierKey) -> Vec<Option<u64>> {
        self.signatures.iter().filter_map(|line| line.verify(key, &self.text).ok()).collect()
    }

    /// [`SignedNote::verify`], where no known key at all is for the caller to judge.
    pub fn verify_known(&self, keys: &[&VerifierKey]) -> Result<Vec<VerifiedLine>, Refusal> {
        let mut verified: Vec<VerifiedLine> = Vec::new();
        for line in &self.signatures {
            for (position, key) in keys.iter().enumerate().filter(|(_, key)| line.claims(key)) {
                let time = line.verify(key, &self.text)?;
                match verified.iter_mut().find(|v| v.key == position) {
                    Some(earlier) => earlier.time = earlier.time.min(time),
                    None => verified.push(VerifiedLine { key: position, time }),
                }
            }
        }
        Ok(verified)
    }
}

fn check_text(text: &str) -> Result<(), Refusal> {
    if !text.ends_with('\n') || text.bytes().any(|b| b < 0x20 && b != b'\n') {
        return Err(Refusal::NotText);
    }
    Ok(())
}

/// A name and the key that signs under it. Holds a secret: no `Debug`, no `Clone`.
pub struct Signer {
    vkey: VerifierKey,
    key: SigningKey,
}

impl Signer {
    /// One key, one name, one kind (LOG-13): a cosigner's key is never a log's or a statement's.
    pub fn new(name: KeyName, kind: KeyKind, key: SigningKey) -> Signer {
        Signer { vkey: VerifierKey::new(name, kind, key.verifying_key()), key }
    }

    pub fn vkey(&self) -> &VerifierKey {
        &self.vkey
    }

    /// The raw Ed25519 signature over a message that is no note: records (LOG-34), approvals, receipts.
    pub fn sign_message(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message)
    }

    /// The `0x01` signature line over a text. A witness's key is refused: it never signs without a time (LOG-13).
    pub fn sign(&self, text: &str) -> Result<NoteSignature, Refusal> {
        check_text(text)?;
        if self.vkey.kind() != KeyKind::Ed25519 {
            return Err(Refusal::WrongSigner);
        }
        Ok(self.line(self.key.sign(text.as_bytes()).to_vec()))
    }

    /// The `0x04` line of a witness over a checkpoint's text at `time`. Time 0 would never count (LOG-14): refused.
    pub fn cosign(&self, checkpoint_text: &str, time: u64) -> Result<NoteSignature, Refusal> {
        check_text(checkpoint_text)?;
        if self.vkey.kind() != KeyKind::Cosignature || time == 0 {
            return Err(Refusal::WrongSigner);
        }
        let signature = self.key.sign(&cosignature::message(time, checkpoint_text)?);
        Ok(self.line([time.to_be_bytes().as_slice(), signature.as_slice()].concat()))
    }

    fn line(&self, payload: Vec<u8>) -> NoteSignature {
        NoteSignature::new(self.vkey.name().clone(), self.vkey.hash(), payload)
    }

    /// Text and one signature line as a note.
    pub fn sign_note(&self, text: &str) -> Result<SignedNote, Refusal> {
        SignedNote::new(text.to_owned(), vec![self.sign(text)?])
    }
}

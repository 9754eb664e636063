//! Verifier keys: `name+hex8(hash)+base64(type || public key)` (LOG-05, LOG-06).

use std::fmt;

use seal::signature::VerifyingKey;

use super::Refusal;
use crate::spelling::{base64, from_base64, from_hex_exact, hex};

/// What a key signs, and over which bytes. Numbers are those of signed-note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// `0x01`: Ed25519 over the text. Logs, statements, documents, receipts.
    Ed25519,
    /// `0x04`: Ed25519 over `cosignature/v1`, with a time. Witnesses.
    Cosignature,
}

impl KeyKind {
    /// The type octet of signed-note.
    pub fn octet(self) -> u8 {
        match self {
            KeyKind::Ed25519 => 0x01,
            KeyKind::Cosignature => 0x04,
        }
    }

    fn parse(octet: u8) -> Result<KeyKind, Refusal> {
        match octet {
            0x01 => Ok(KeyKind::Ed25519),
            0x04 => Ok(KeyKind::Cosignature),
            // LOG-98: known, so that the message is better than "unknown"; taken from no policy.
            0x06 => Err(Refusal::ReservedKeyType),
            kind => Err(Refusal::UnknownKeyType { kind }),
        }
    }
}

/// The first four octets of SHA-256(name || 0x0A || type || public key) (LOG-06). Names a key in a signature line; proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyHash(pub [u8; 4]);

impl KeyHash {
    /// The hash for a name, a type octet (also one that we cannot verify) and the key's octets.
    pub fn of(name: &KeyName, kind: u8, public_key: &[u8]) -> KeyHash {
        let digest = seal::digest::sha256(&[name.as_str().as_bytes(), b"\n", &[kind], public_key]);
        KeyHash([digest[0], digest[1], digest[2], digest[3]])
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// A key's name: 1 to 255 octets 0x21-0x7E without `+` (LOG-05).
///
/// Narrower than signed-note, which takes all of Unicode but spaces: a name is printed next to verdicts, so nothing
/// that could look like another name, or turn a terminal's line around, gets in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName(String);

impl KeyName {
    pub const LEN_MAX: usize = 255;

    pub fn parse(text: &str) -> Result<KeyName, Refusal> {
        let fits = (1..=KeyName::LEN_MAX).contains(&text.len());
        if !fits || !text.bytes().all(|b| (0x21..=0x7e).contains(&b) && b != b'+') {
            return Err(Refusal::BadKeyName);
        }
        Ok(KeyName(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who may have signed: a name, what the key is for, and the Ed25519 key.
///
/// Public. Refused: a wrong hash (LOG-06), a reserved or unknown type, a key of small order or no point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    kind: KeyKind,
    key: VerifyingKey,
    hash: KeyHash,
}

impl VerifierKey {
    /// Longest vkey text: name, `+`, eight digits, `+`, 33 octets in base64.
    pub const LEN_MAX: usize = KeyName::LEN_MAX + 1 + 8 + 1 + 44;

    pub fn new(name: KeyName, kind: KeyKind, key: VerifyingKey) -> VerifierKey {
        let hash = KeyHash::of(&name, kind.octet(), key.as_bytes());
        VerifierKey { name, kind, key, hash }
    }

    /// Reads `name+hash+key`. One spelling: the result's [`fmt::Display`] is the input.
    pub fn parse(text: &str) -> Result<VerifierKey, Refusal> {
        // An ML-DSA vkey is longer; let it get as far as its type, which names the reason better than its length.
        if VerifierKey::LEN_MAX + 4 * 440 < text.len() {
            return Err(Refusal::BadKey);
        }
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Refusal::BadKey);
        };
        let name = KeyName::parse(name)?;
        let hash = KeyHash(from_hex_exact(hash).ok_or(Refusal::BadKey)?);
        let octets = from_base64(key).ok_or(Refusal::BadBase64)?;
        let (kind, public_key) = octets.split_first().ok_or(Refusal::BadKey)?;
        // LOG-06: the hash is a fact about name and key, never a claim that is taken over.
        if hash != KeyHash::of(&name, *kind, public_key) {
            return Err(Refusal::WrongKeyHash);
        }
        let kind = KeyKind::parse(*kind)?;
        let public_key: [u8; 32] = public_key.try_into().map_err(|_| Refusal::BadKey)?;
        let key = VerifyingKey::parse(&public_key).map_err(|_| Refusal::BadKey)?;
        Ok(VerifierKey { name, kind, key, hash })
    }

    pub fn name(&self) -> &KeyName {
        &self.name
    }

    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    pub fn key(&self) -> &VerifyingKey {
        &self.key
    }

    pub fn hash(&self) -> KeyHash {
        self.hash
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut octets = vec![self.kind.octet()];
        octets.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, self.hash, base64(&octets))
    }
}

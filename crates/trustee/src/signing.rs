//! Documents that end with the signature of the member who made them.

use seal::digest::sha256;
use seal::signature::{SigningKey, VerifyingKey};
use verify::document::{DocumentError, Reader};
use verify::spelling::{base64, from_base64_exact};

/// Why a file of the ceremony is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// Misspelt, see the DOC rules.
    Spelling(DocumentError),
    /// The signature is not by the key that should have signed.
    BadSignature,
}

impl From<DocumentError> for FileError {
    fn from(error: DocumentError) -> Self {
        FileError::Spelling(error)
    }
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FileError::Spelling(error) => error.fmt(f),
            FileError::BadSignature => f.write_str("the signature does not verify"),
        }
    }
}

/// `text` with a last line `signature <base64>` by `key` over all before it.
///
/// The first line names the kind of document, so it is the label that keeps signatures of different kinds apart.
pub fn signed(mut text: Vec<u8>, key: &SigningKey) -> Vec<u8> {
    let signature = key.sign(&text);
    text.extend_from_slice(format!("signature {}\n", base64(&signature)).as_bytes());
    text
}

/// Reads the last line, then checks that the whole file is `unsigned` plus this line: the DOC-06 check of signed files.
pub fn finish(mut reader: Reader<'_>, read: &[u8], unsigned: Vec<u8>) -> Result<(), DocumentError> {
    let signature = reader.bytes::<64>("signature")?;
    reader.end()?;
    let line = format!("signature {}\n", base64(&signature));
    verify::document::canonical(read, &[&unsigned, line.as_bytes()].concat())
}

/// Checks the last line of a file against `key`.
pub fn check_signature(bytes: &[u8], key: &VerifyingKey) -> Result<(), FileError> {
    const LINE: usize = "signature ".len() + 88 + 1;
    let at = bytes.len().checked_sub(LINE).ok_or(FileError::BadSignature)?;
    let (text, line) = bytes.split_at(at);
    let signature: [u8; 64] = std::str::from_utf8(line)
        .ok()
        .and_then(|line| line.strip_prefix("signature ")?.strip_suffix('\n'))
        .and_then(from_base64_exact)
        .ok_or(FileError::BadSignature)?;
    key.verify(text, &signature).map_err(|_| FileError::BadSignature)
}

/// SHA-256 of a file, which is how documents name each other.
pub fn file_hash(bytes: &[u8]) -> [u8; 32] {
    sha256(&[bytes])
}

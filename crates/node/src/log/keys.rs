//! Key files of logs, witnesses and every other Ed25519 role: the private-key line of Go's `x/mod/sumdb/note`.
//!
//! `PRIVATE+KEY+<name>+<hex8 keyID>+<base64(type || seed[32])>` and a newline; the keyID is recomputed on reading. Mode 0600.
//! One key per role, name and type (LOG-13): nothing here copies or converts a private key.

use std::io::Write;
use std::path::Path;

use seal::entropy::Entropy;
use seal::secret::Secret;
use seal::signature::SigningKey;
use verify::log::note::Signer;
use verify::log::vkey::{KeyKind, KeyName};
use verify::spelling;

/// Why a key file is of no use. Never quotes its content.
#[derive(Debug)]
pub enum KeyFileError {
    File(std::io::Error),
    /// Not one line of the form above, or another key's keyID.
    Malformed,
    /// A file stands there already; keys are never overwritten.
    Exists,
}

/// Draws a key and writes its file, create-only; gives back the vkey text for policies.
pub fn generate(path: &Path, name: &str, kind: KeyKind, entropy: &mut dyn Entropy) -> Result<String, KeyFileError> {
    let mut seed = [0; 32];
    entropy.fill(&mut seed);
    let signer = signer(name, kind, Secret::new(seed))?;
    let vkey = signer.vkey().to_string();
    let material = [&[kind_byte(kind)][..], &seed].concat();
    let line = format!("PRIVATE+KEY+{name}+{}+{}\n", spelling::hex(&signer.vkey().hash().0), spelling::base64(&material));
    let mut file = open_new(path)?;
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(KeyFileError::File)?;
    Ok(vkey)
}

/// Reads a key file.
pub fn load(path: &Path) -> Result<Signer, KeyFileError> {
    parse(&std::fs::read_to_string(path).map_err(KeyFileError::File)?)
}

/// Reads the text of a key file.
pub fn parse(text: &str) -> Result<Signer, KeyFileError> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let mut parts = line.strip_prefix("PRIVATE+KEY+").ok_or(KeyFileError::Malformed)?.splitn(3, '+');
    let (Some(name), Some(id), Some(material)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(KeyFileError::Malformed);
    };
    let material = spelling::from_base64_exact::<33>(material).ok_or(KeyFileError::Malformed)?;
    let kind = match material[0] {
        0x01 => KeyKind::Ed25519,
        0x04 => KeyKind::Cosignature,
        _ => return Err(KeyFileError::Malformed),
    };
    let mut seed = [0; 32];
    seed.copy_from_slice(&material[1..]);
    let signer = signer(name, kind, Secret::new(seed))?;
    if spelling::hex(&signer.vkey().hash().0) == id { Ok(signer) } else { Err(KeyFileError::Malformed) }
}

fn signer(name: &str, kind: KeyKind, seed: Secret<32>) -> Result<Signer, KeyFileError> {
    let name = KeyName::parse(name).map_err(|_| KeyFileError::Malformed)?;
    let key = SigningKey::from_seed(seed).map_err(|_| KeyFileError::Malformed)?;
    Ok(Signer::new(name, kind, key))
}

fn kind_byte(kind: KeyKind) -> u8 {
    match kind {
        KeyKind::Ed25519 => 0x01,
        KeyKind::Cosignature => 0x04,
    }
}

/// Creates a file that only its owner reads.
pub fn open_new(path: &Path) -> Result<std::fs::File, KeyFileError> {
    crate::private_file::create(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => KeyFileError::Exists,
        _ => KeyFileError::File(error),
    })
}

impl std::fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            KeyFileError::File(error) => write!(f, "key file: {error}"),
            KeyFileError::Malformed => f.write_str("key file: not a PRIVATE+KEY line of type 0x01 or 0x04"),
            KeyFileError::Exists => f.write_str("key file: exists already, keys are never overwritten"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_comes_back_and_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.key");
        let vkey = generate(&path, "example.com/orders/2027", KeyKind::Ed25519, &mut seal::entropy::SystemEntropy).unwrap();
        assert_eq!(load(&path).unwrap().vkey().to_string(), vkey);
        let again = generate(&path, "example.com/orders/2027", KeyKind::Ed25519, &mut seal::entropy::SystemEntropy);
        assert!(matches!(again, Err(KeyFileError::Exists)));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(matches!(parse(&text.replace("orders", "public")), Err(KeyFileError::Malformed)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

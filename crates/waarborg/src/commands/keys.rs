//! `waarborg keys`: make and show the key files of persons and roles.
//!
//! Signing keys are Go-style note keys (one line, `PRIVATE+KEY+name+id+material`), files are 0600 and never overwritten. What
//! goes into a policy is the verifier key that `new` and `show` print.

use crate::Global;
use crate::commands::certificate;
use crate::exit::{Failure, Outcome};
use clap::Subcommand;
use node::log::keys::{self, KeyFileError};
use seal::entropy::{Entropy, SystemEntropy};
use seal::hpke::PrivateKey;
use seal::secret::Secret;
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use verify::log::vkey::KeyKind;
use verify::spelling;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a signing key and print its verifier key
    New {
        /// Who signs with it: a name without spaces and `+`, such as court.example
        #[arg(long)]
        name: String,
        /// For a witness: a key that cosigns checkpoints instead of signing documents
        #[arg(long)]
        witness: bool,
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Print the verifier key of a signing key file
    Show { file: PathBuf },
    /// Make an encryption key (X25519): the disclosure engine's, or the case database's; prints the public half
    Engine {
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Make a self-signed certificate and its key, OUT.crt and OUT.pem; prints the certificate's SHA-256
    Certificate {
        #[arg(long, value_enum)]
        purpose: certificate::Purpose,
        #[arg(long)]
        organisation: String,
        #[arg(long, default_value_t = 365)]
        days: u32,
        /// Path without ending
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Make a random token, such as the desk's
    Token {
        #[arg(short, long)]
        out: PathBuf,
    },
}

pub fn run(args: Args, global: Global) -> Outcome {
    match args.command {
        Command::New { name, witness, out } => {
            let kind = if witness { KeyKind::Cosignature } else { KeyKind::Ed25519 };
            let vkey = keys::generate(&out, &name, kind, &mut SystemEntropy).map_err(|error| key_failure(&out, error))?;
            print_key(global, "vkey", &vkey);
        }
        Command::Show { file } => {
            let signer = keys::load(&file).map_err(|error| key_failure(&file, error))?;
            print_key(global, "vkey", &signer.vkey().to_string());
        }
        Command::Engine { out } => print_key(global, "public", &new_engine_key(&out)?),
        Command::Certificate { purpose, organisation, days, out } => {
            print_key(global, "certificate_sha256", &certificate::make(purpose, &organisation, days, &out)?);
        }
        Command::Token { out } => {
            let mut token = [0; 32];
            SystemEntropy.fill(&mut token);
            write_new(&out, format!("{}\n", spelling::hex(&token)).as_bytes())?;
        }
    }
    Ok(())
}

/// Writes a new X25519 private key as hexadecimal text and gives back its public half.
pub fn new_engine_key(out: &Path) -> Result<String, Failure> {
    let mut secret = [0; 32];
    SystemEntropy.fill(&mut secret);
    let text = format!("{}\n", spelling::hex(&secret));
    let key = PrivateKey::from_bytes(Secret::new(secret));
    let public = key.public_key().map_err(|_| Failure::unavailable("the system gave no usable random octets", "try again"))?;
    write_new(out, text.as_bytes())?;
    Ok(spelling::hex(&public.0))
}

/// Create-only, 0600, synced.
pub fn write_new(path: &Path, bytes: &[u8]) -> Outcome {
    let mut file = node::private_file::create(path).map_err(|error| Failure::file(path, &error))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| Failure::file(path, &error))
}

/// Why a key file is of no use, for the command line.
pub fn key_failure(path: &Path, error: KeyFileError) -> Failure {
    match error {
        KeyFileError::File(error) => Failure::file(path, &error),
        KeyFileError::Malformed => Failure::usage(
            format!("{} or the name given is not one of a note key", path.display()),
            "names have neither spaces nor +; waarborg keys new makes key files",
        ),
        KeyFileError::Exists => {
            Failure::refused("KEYS-01", format!("{} exists; keys are never overwritten", path.display()), "choose another file")
        }
    }
}

fn print_key(global: Global, what: &str, text: &str) {
    if global.json {
        println!("{}", json!({ "schema": "waarborg-key/v1", what: text }));
    } else {
        println!("{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn keys_01_a_key_file_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("a.key");
        let make = || keys::generate(&out, "court.example", KeyKind::Ed25519, &mut SystemEntropy).map_err(|error| key_failure(&out, error));
        let vkey = make().unwrap();
        let failure = make().unwrap_err();
        assert_eq!((failure.exit, failure.code.as_str()), (Exit::Refused, "KEYS-01"));
        assert_eq!(keys::load(&out).unwrap().vkey().to_string(), vkey);
        assert!(new_engine_key(&out).is_err());
    }
}

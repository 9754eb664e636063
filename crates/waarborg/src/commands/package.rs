//! `waarborg package`: the receiving authority opens what was delivered.

use std::path::{Path, PathBuf};

use standards::delivery;

use crate::Global;
use crate::commands::keys::write_new;
use crate::exit::{Failure, Outcome};

/// Open a delivered package
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg package open production.asice.p7m --certificate politie.crt --key politie.pem --out production.asice\n\nThen check it: waarborg-verify production.asice --policy FILE"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Decrypt a package with the authority's own key; writes the file only if every octet is authentic
    Open {
        delivered: PathBuf,
        /// The certificate that the provider's policy pins for this authority
        #[arg(long)]
        certificate: PathBuf,
        /// Its private key (PKCS #8 PEM)
        #[arg(long)]
        key: PathBuf,
        #[arg(short, long)]
        out: PathBuf,
    },
}

pub fn run(args: Args, global: Global) -> Outcome {
    let Command::Open { delivered, certificate, key, out } = args.command;
    let (envelope, certificate) = (read(&delivered)?, read(&certificate)?);
    let key = String::from_utf8(read(&key)?).map_err(|_| Failure::usage("the key file is not PEM text", ""))?;
    let package = delivery::decrypt(&envelope, &certificate, &key).map_err(|refusal| {
        Failure::verification(refusal.code(), refusal.to_string(), "is it encrypted to this certificate, and did it arrive whole?")
    })?;
    write_new(&out, &package)?;
    if global.json {
        println!("{}", serde_json::json!({ "schema": "waarborg-package-open/v1", "octets": package.len() }));
    } else {
        println!("{} ({} octets)", out.display(), package.len());
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::file(path, &error))
}

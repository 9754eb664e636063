//! `waarborg package`: take a delivered package out of its envelope. Judging it is `waarborg-verify`'s.

use crate::Global;
use crate::exit::{Failure, Outcome};
use crate::words::Word;
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};
use verify::package::RawPackage;

/// Open a delivered package
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg package open production.asice.p7m --certificate delivery.crt --key delivery.pem --out production.asice\n  waarborg-verify production.asice --policy policy"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Decrypt an envelope with the authority's key, check the container, write it
    Open {
        envelope: PathBuf,
        /// The certificate that the package was encrypted to
        #[arg(long)]
        certificate: PathBuf,
        /// Its private key (PKCS #8, PEM)
        #[arg(long)]
        key: PathBuf,
        #[arg(short, long)]
        out: PathBuf,
    },
}

pub fn run(args: Args, global: Global) -> Outcome {
    let Command::Open { envelope, certificate, key, out } = args.command;
    let key = String::from_utf8(read(&key)?).map_err(|_| Failure::usage("the key file is not text", "give the private key in PEM"))?;
    let package = standards::delivery::decrypt(&read(&envelope)?, &read(&certificate)?, &key).map_err(|error| {
        Failure::verification(error.code(), error.to_string(), "is this the certificate that the policy names for you?")
    })?;
    // A container that does not hang together is not written: whoever unzips it would see something else than a verifier.
    let (files, rows) = {
        let checked = RawPackage::read(&package).and_then(|raw| raw.check());
        let checked =
            checked.map_err(|error| Failure::verification(error.code(), error.to_string(), "ask the provider to deliver again"))?;
        let rows: u64 = checked.statement().items.iter().map(|item| item.rows).sum();
        (checked.names().count(), rows)
    };
    crate::commands::keys::write_new(&out, &package)?;
    if global.json {
        println!("{}", json!({ "schema": "waarborg-package-open/v1", "out": out, "files": files, "rows": rows }));
    } else {
        println!("{}: {} ({files} files, {rows} rows)", Word::Opened.text(global.lang), out.display());
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::file(path, &error))
}

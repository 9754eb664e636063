//! `waarborg package`: take a delivered package out of its envelope, and write its rows in a form that another system reads. Judging
//! it is `waarborg-verify`'s.

use crate::Global;
use crate::exit::{Failure, Outcome};
use crate::words::Word;
use clap::Subcommand;
use serde_json::json;
use standards::answer::{HandoverItem, Row, handover};
use std::path::{Path, PathBuf};
use verify::package::{RawPackage, layout};
use verify::spelling::hex;

/// Open a delivered package
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg package open production.asice.p7m --certificate delivery.crt --key delivery.pem --out production.asice\n  waarborg-verify production.asice --policy policy\n  waarborg package translate production.asice --as ts103707 --out items"
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
    /// Write the traffic rows of an opened package as hand-over items of ETSI TS 103 707, one file each; no content, no address of any
    Translate {
        /// The opened package
        package: PathBuf,
        /// The form to write
        #[arg(long = "as", value_enum)]
        form: Form,
        /// A folder that is not there yet
        #[arg(short, long)]
        out: PathBuf,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Form {
    Ts103707,
}

pub fn run(args: Args, global: Global) -> Outcome {
    match args.command {
        Command::Open { envelope, certificate, key, out } => open(&envelope, &certificate, &key, &out, global),
        Command::Translate { package, form: Form::Ts103707, out } => translate(&package, &out, global),
    }
}

fn open(envelope: &Path, certificate: &Path, key: &Path, out: &Path, global: Global) -> Outcome {
    let key = String::from_utf8(read(key)?).map_err(|_| Failure::usage("the key file is not text", "give the private key in PEM"))?;
    let package = standards::delivery::decrypt(&read(envelope)?, &read(certificate)?, &key).map_err(|error| {
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
    crate::commands::keys::write_new(out, &package)?;
    if global.json {
        println!("{}", json!({ "schema": "waarborg-package-open/v1", "out": out, "files": files, "rows": rows }));
    } else {
        println!("{}: {} ({files} files, {rows} rows)", Word::Opened.text(global.lang), out.display());
    }
    Ok(())
}

/// A file of rows is held in memory, as its package is.
const ROWS_LEN_MAX: usize = 2 << 30;

/// STD-84, STD-89.
fn translate(path: &Path, out: &Path, global: Global) -> Outcome {
    let broken = |code: &str, text: String| Failure::verification(code, text, "ask the provider to deliver again");
    let package = read(path)?;
    if matches!(package[..], [0x30, 0x80..=0x84, ..]) {
        return Err(Failure::usage(
            format!("{} is still in its envelope", path.display()),
            "open it first: waarborg package open FILE --certificate CRT --key PEM --out PACKAGE",
        ));
    }
    let checked = RawPackage::read(&package).and_then(|raw| raw.check()).map_err(|error| broken(error.code(), error.to_string()))?;
    let name = layout::records_jsonl("traffic");
    let rows = match checked.rows("traffic") {
        Some(_) => checked.file(&name, ROWS_LEN_MAX).map_err(|error| broken(error.code(), error.to_string()))?,
        None => Vec::new(),
    };
    // Of this very package, and of nothing else: items of two deliveries are told apart, of one they belong together.
    let application = hex(&checked.manifest_digest()[..16]);
    let targets: Vec<&str> = checked.statement().items.iter().map(|item| item.selector.as_str()).collect();
    std::fs::create_dir(out).map_err(|error| Failure::file(out, &error))?;
    let mut number = 0;
    for line in rows.split(|octet| *octet == b'\n').filter(|line| !line.is_empty()) {
        number += 1;
        let row = Row::read(line).map_err(|error| broken(error.code(), format!("{name}, line {number}: {error}")))?;
        let item = HandoverItem { record: &row.record, application_id: &application, number };
        let xml =
            handover(&item, |party| targets.contains(&party.text().as_str())).map_err(|error| broken(error.code(), error.to_string()))?;
        crate::commands::keys::write_new(&out.join(format!("{number:08}.xml")), xml.as_bytes())?;
    }
    if global.json {
        println!("{}", json!({ "schema": "waarborg-package-translate/v1", "out": out, "items": number }));
    } else {
        println!("{}: {number}", Word::HandoverItems.text(global.lang));
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::file(path, &error))
}

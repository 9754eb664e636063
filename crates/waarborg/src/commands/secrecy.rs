//! `waarborg log open` and `renew`: what ends or prolongs the secrecy of a leaf (log.md section 6).

use std::path::{Path, PathBuf};
use std::time::Duration;

use node::log::client::LogReader;
use verify::accountability::renewal;
use verify::intent::IntentDocument;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::Signer;
use verify::log::proof::TlogProof;
use verify::order::OrderDocument;
use verify::policy::Policy;
use verify::record::SignedRecord;
use verify::statement::{Open, SignedStatement, Statement};

use super::keys::{key_failure, write_new};
use super::log::read;
use super::policy;
use crate::exit::{Failure, Outcome};

#[derive(clap::Args)]
pub struct OpenArgs {
    /// waarborg-record/v1, waarborg-order/v1 or waarborg-intent/v1, signed
    record: PathBuf,
    /// Reading address of ORDERS
    #[arg(long)]
    log: String,
    #[arg(long)]
    policy: PathBuf,
    /// Key of the gateway or the provider
    #[arg(long)]
    key: PathBuf,
    /// Fields withheld besides selectors and case reference, by number
    #[arg(long)]
    withhold: Vec<u8>,
    #[arg(short, long)]
    out: PathBuf,
}

#[derive(clap::Args)]
pub struct RenewArgs {
    /// The court's extension, waarborg-record/v1 of kind 4; it is looked at and goes nowhere
    extension: PathBuf,
    /// Origin of ORDERS
    #[arg(long)]
    origin: String,
    #[arg(long)]
    policy: PathBuf,
    /// Key of the renewal body
    #[arg(long)]
    key: PathBuf,
    #[arg(short, long)]
    out: PathBuf,
}

/// Finds the leaf by its D, opens it, signs, writes. Publishing is `log publish`, on the day that was drawn (LOG-51).
pub async fn open(args: OpenArgs) -> Outcome {
    let (record, policy) = (any_record(&read(&args.record)?)?, policy::load(&args.policy)?);
    let log = LogReader::new(&args.log, Duration::from_secs(10)).map_err(|error| Failure::usage(error.to_string(), ""))?;
    let proof =
        log.receipt(&record.d()).await.map_err(|error| Failure::unavailable(error.to_string(), "is --log the address of ORDERS?"))?;
    let proof =
        proof.ok_or_else(|| Failure::refused("LOG-48", "this leaf is not in the log", "wait for the next tick, or ask another log"))?;
    let refused = |refusal: verify::log::Refusal| Failure::verification(refusal.code(), refusal.to_string(), "nothing was opened");
    let proof = TlogProof::parse(&proof).map_err(refused)?;
    // An opening of a leaf that only this server shows would tell its secrets for nothing.
    proof.verify(record.leaf_hash(), policy.orders(), None).map_err(refused)?;
    let head = Checkpoint::of_note(&proof.checkpoint).map_err(refused)?;
    let opening = record.public_opening(&args.withhold);
    let opening = opening
        .map_err(|id| Failure::refused("LOG-47", format!("field {id} stands in every public opening"), "leave it out of --withhold"))?;
    let statement = Statement::Open(Open { log: head.origin.to_string(), index: proof.index, opening });
    write_signed(statement, &policy, &args.key, &args.out)
}

/// LOG-49.
pub fn renew(args: &RenewArgs) -> Outcome {
    let (extension, policy) = (any_record(&read(&args.extension)?)?, policy::load(&args.policy)?);
    let rows = renewal(&policy, &args.origin, &extension);
    let rows =
        rows.map_err(|why| Failure::refused("LOG-49", why.to_string(), "a renewal needs a court's extension of an order in this log"))?;
    write_signed(Statement::Renew(rows), &policy, &args.key, &args.out)
}

fn any_record(bytes: &[u8]) -> Result<SignedRecord, Failure> {
    if let Ok(order) = OrderDocument::parse(bytes) {
        return Ok(order.record().clone());
    }
    if let Ok(intent) = IntentDocument::parse(bytes) {
        return Ok(intent.record().clone());
    }
    SignedRecord::parse(bytes).map_err(|error| Failure::refused(error.code(), error.to_string(), "give a signed record, order or intent"))
}

/// Signed by one who may say it (LOG-44), or not written.
fn write_signed(statement: Statement, policy: &Policy, key: &Path, out: &Path) -> Outcome {
    let signer: Signer = node::log::keys::load(key).map_err(|error| key_failure(key, error))?;
    let keys = policy.statement_signers(statement.kind());
    let signed = SignedStatement::sign(statement, &[&signer]);
    let refused = |error: verify::statement::StatementError| {
        Failure::refused(error.code(), error.to_string(), "the policy names who may sign a statement of this kind")
    };
    let signed = signed.map_err(refused)?;
    let (keys, need) = keys.ok_or_else(|| Failure::usage("nobody may sign this", ""))?;
    signed.verify(&keys, need).map_err(refused)?;
    write_new(out, &signed.to_bytes())
}

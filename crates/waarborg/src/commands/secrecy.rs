//! `waarborg log open`, `openings`, `disclose` and `renew`: what ends or prolongs the secrecy of a leaf (log.md section 6).

use std::path::{Path, PathBuf};
use std::time::Duration;

use node::cases::records::record_of;
use node::log::client::{ClientError, LogReader, PublicSubmitter};
use node::log::config::LogConfig;
use node::log::disclosure;
use node::log::openings::{Duties, duties, is_due};
use seal::secret::Secret;
use verify::accountability::renewal;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::Signer;
use verify::log::proof::TlogProof;
use verify::policy::Policy;
use verify::record::SignedRecord;
use verify::statement::{Open, SignedStatement, Statement};

use super::keys::{key_failure, write_new};
use super::log::{read, reader};
use super::monitor::{day, terms};
use super::policy;
use crate::Global;
use crate::door::Address;
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
pub struct OpeningsArgs {
    #[command(flatten)]
    address: Address,
    /// Instead of asking the gateway: signed records, orders or intents
    #[arg(long)]
    record: Vec<PathBuf>,
    /// Address or directory of ORDERS
    #[arg(long)]
    orders: String,
    /// Address or directory of PUBLIC
    #[arg(long)]
    public: String,
    /// Policy document; repeat for each that was in force, the newest last
    #[arg(long, required = true)]
    policy: Vec<PathBuf>,
    /// Key of the gateway or the provider
    #[arg(long)]
    key: PathBuf,
    /// File with the secret that draws each index's day, shared with the log's operator (waarborg keys token makes one)
    #[arg(long)]
    day_secret: PathBuf,
    /// Judge as of this day (yyyy-mm-dd) instead of today; what is written is then published by hand
    #[arg(long)]
    today: Option<String>,
    /// Fields withheld besides selectors and case reference, by number
    #[arg(long)]
    withhold: Vec<u8>,
    /// Directory for the signed statements
    #[arg(short, long)]
    out: PathBuf,
    /// Publish them too, at this address of PUBLIC: what was opened too early stays open
    #[arg(long, conflicts_with = "today")]
    publish: Option<String>,
}

#[derive(clap::Args)]
pub struct DiscloseArgs {
    pub config: PathBuf,
    #[arg(long)]
    from: u64,
    #[arg(long)]
    to: u64,
    /// The operator's statement key; without it the statements are written unsigned
    #[arg(long)]
    key: Option<PathBuf>,
    /// Only those whose day has come: file with the secret that draws it, shared with the gateways (LOG-51)
    #[arg(long, requires = "public", requires = "policy")]
    day_secret: Option<PathBuf>,
    /// Address or directory of PUBLIC
    #[arg(long)]
    public: Option<String>,
    /// Policy document; repeat for each that was in force, the newest last
    #[arg(long)]
    policy: Vec<PathBuf>,
    /// Judge as of this day (yyyy-mm-dd) instead of today
    #[arg(long)]
    today: Option<String>,
    /// Directory for the texts
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
    let statement = opening(&record, head.origin.as_str(), proof.index, &args.withhold)?;
    write_new(&args.out, &signed(statement, &policy, &args.key)?)
}

/// What every public opening shows, and not what this one withholds.
fn opening(record: &SignedRecord, log: &str, index: u64, withheld: &[u8]) -> Result<Statement, Failure> {
    let opening = record.public_opening(withheld);
    let opening = opening
        .map_err(|id| Failure::refused("LOG-47", format!("field {id} stands in every public opening"), "leave it out of --withhold"))?;
    Ok(Statement::Open(Open { log: log.to_owned(), index, opening }))
}

/// Every leaf of this gateway's whose day has come: one statement each, and nothing of the others.
pub async fn openings(args: OpeningsArgs, global: Global) -> Outcome {
    let away = |error: ClientError| super::log::away(&error, "are these the logs of the policy?");
    let records = match args.record.is_empty() {
        true => of_gateway(&args.address)?,
        false => args.record.iter().map(|path| any_record(&read(path)?)).collect::<Result<_, _>>()?,
    };
    let policies = args.policy.iter().map(|path| policy::load(path)).collect::<Result<Vec<_>, _>>()?;
    let newest =
        args.policy.last().map_or_else(|| Err(Failure::usage("no policy document", "--policy FILE")), |path| policy::load(path))?;
    let (orders, public) = (reader(&args.orders)?, reader(&args.public)?);
    // Opening a leaf that only this server shows would tell its secrets for nothing; a forged head of PUBLIC would hide renewals.
    let (head, said) = (orders.head().await.map_err(away)?, public.head().await.map_err(away)?);
    for (policy, note) in [(newest.orders(), &head.note), (newest.public(), &said.note)] {
        policy.check(note, None).map_err(|refusal| Failure::verification(refusal.code(), refusal.to_string(), "nothing was opened"))?;
    }
    let (secret, today) = (day_secret(&args.day_secret)?, day(args.today.as_deref())?);
    let terms = terms(head.origin.clone(), policies, None)?;
    let Duties { due, open, later, unlogged } = duties(&orders, &public, terms, records, &secret, today).await.map_err(away)?;
    node::private_file::folder(&args.out).map_err(|error| Failure::file(&args.out, &error))?;
    for (index, record) in &due {
        let bytes = signed(opening(record, &head.origin, *index, &args.withhold)?, &newest, &args.key)?;
        let path = args.out.join(format!("open-{index}.txt"));
        // A run that was cut off is run again: the statement is the same.
        node::private_file::write_whole(&path, &bytes).map_err(|error| Failure::file(&path, &error))?;
        if let Some(address) = &args.publish {
            let submitter = PublicSubmitter::new(address, Duration::from_secs(10)).map_err(away)?;
            submitter.submit(&bytes).await.map_err(away)?;
        }
    }
    let due = due.len();
    if global.json {
        let counts = serde_json::json!({ "due": due, "open": open, "later": later, "unlogged": unlogged });
        println!("{}", serde_json::json!({ "schema": "waarborg-openings/v1", "counts": counts }));
    } else if global.lang == crate::Lang::Nl {
        println!("{due} te openen, {open} open, {later} later, {unlogged} niet in dit logboek");
    } else {
        println!("{due} to be opened, {open} open, {later} later, {unlogged} not in this log");
    }
    Ok(())
}

fn of_gateway(address: &Address) -> Result<Vec<SignedRecord>, Failure> {
    let answer = address.door()?.get("/records")?;
    let rows = answer["records"].as_array().cloned().unwrap_or_default();
    let record = |row: &serde_json::Value| {
        let bytes = row.as_str().and_then(verify::spelling::from_base64);
        let record = bytes.and_then(|bytes| SignedRecord::parse(&bytes).ok());
        record.ok_or_else(|| Failure::unavailable("the gateway's answer holds no records", "is it of this version?"))
    };
    rows.iter().map(record).collect()
}

/// LOG-33: the day keys show which leaves are dummies; the log operator publishes what is written here.
pub async fn disclose(args: DiscloseArgs, config: &LogConfig) -> Outcome {
    let directory = config.dummy_keys_dir.as_ref();
    let directory = directory.ok_or_else(|| Failure::usage("a public log has no dummies", "give the configuration of ORDERS"))?;
    let day_keys = node::log::dummy_keys::all(directory).map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    let orders = reader(&config.state_dir.display().to_string())?;
    let unavailable = |error: ClientError| super::log::away(&error, "");
    let head = orders.head().await.map_err(unavailable)?;
    let mut rows = disclosure::dummies(&orders, &head, &day_keys, config.batch_entries, args.from..args.to).await.map_err(unavailable)?;
    if let (Some(secret), Some(public)) = (&args.day_secret, &args.public) {
        let (secret, today) = (day_secret(secret)?, day(args.today.as_deref())?);
        let policies = args.policy.iter().map(|path| policy::load(path)).collect::<Result<Vec<_>, _>>()?;
        let terms = terms(config.origin.clone(), policies, None)?;
        let ledger = node::log::overdue::ledger(&orders, &reader(public)?, terms).await.map_err(unavailable)?;
        rows.retain(|(index, _)| !ledger.is_disclosed(*index) && is_due(&ledger, *index, &secret, today));
    }
    std::fs::create_dir_all(&args.out).map_err(|error| Failure::file(&args.out, &error))?;
    let signer = args.key.as_ref().map(|key| node::log::keys::load(key).map_err(|error| key_failure(key, error))).transpose()?;
    for (number, statement) in disclosure::statements(&config.origin, &rows).into_iter().enumerate() {
        let path = args.out.join(format!("dummy-{number:04}.txt"));
        let bytes = match &signer {
            None => statement.to_text().into_bytes(),
            Some(signer) => {
                let signed = SignedStatement::sign(statement, &[signer]);
                signed.map_err(|error| Failure::refused(error.code(), error.to_string(), ""))?.to_bytes()
            }
        };
        std::fs::write(&path, bytes).map_err(|error| Failure::file(&path, &error))?;
    }
    println!("{} dummies", rows.len());
    Ok(())
}

/// 64 hexadecimal characters.
fn day_secret(path: &Path) -> Result<Secret<32>, Failure> {
    let text = read(path)?;
    let secret = std::str::from_utf8(&text).ok().and_then(|text| verify::spelling::from_hex_exact::<32>(text.trim_end()));
    secret.map(Secret::new).ok_or_else(|| Failure::usage(format!("{} holds no secret", path.display()), "waarborg keys token makes one"))
}

/// LOG-49.
pub fn renew(args: &RenewArgs) -> Outcome {
    let (extension, policy) = (any_record(&read(&args.extension)?)?, policy::load(&args.policy)?);
    let rows = renewal(&policy, &args.origin, &extension);
    let rows =
        rows.map_err(|why| Failure::refused("LOG-49", why.to_string(), "a renewal needs a court's extension of an order in this log"))?;
    write_new(&args.out, &signed(Statement::Renew(rows), &policy, &args.key)?)
}

fn any_record(bytes: &[u8]) -> Result<SignedRecord, Failure> {
    match record_of(bytes) {
        Some(record) => Ok(record),
        None => {
            let error = SignedRecord::parse(bytes).err();
            let code = error.as_ref().map_or("LOG-39", |error| error.code());
            let text = error.as_ref().map_or_else(String::new, ToString::to_string);
            Err(Failure::refused(code, text, "give a signed record, order or intent"))
        }
    }
}

/// Signed by one who may say it (LOG-44), or not at all.
fn signed(statement: Statement, policy: &Policy, key: &Path) -> Result<Vec<u8>, Failure> {
    let signer: Signer = node::log::keys::load(key).map_err(|error| key_failure(key, error))?;
    let keys = policy.statement_signers(statement.kind());
    let signed = SignedStatement::sign(statement, &[&signer]);
    let refused = |error: verify::statement::StatementError| {
        Failure::refused(error.code(), error.to_string(), "the policy names who may sign a statement of this kind")
    };
    let signed = signed.map_err(refused)?;
    let (keys, need) = keys.ok_or_else(|| Failure::usage("nobody may sign this", ""))?;
    signed.verify(&keys, need).map_err(refused)?;
    Ok(signed.to_bytes())
}

//! `waarborg log`: run a log, and check one (log.md section 12).

use std::future::Future;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;
use node::log::audit::{self, Finding, Promise};
use node::log::client::{ClientError, LogReader, PublicSubmitter};
use node::log::config::{LogConfig, LogKind};
use node::log::mirror::{MirrorError, mirror};
use node::log::recover::{RecoverError, recover};
use node::log::run::{RunError, statement_keys};
use node::log::store::Store;
use node::log::tiles::Source;
use verify::log::split::Evidence;
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::{KeyKind, VerifierKey};

use super::{monitor, secrecy};
use crate::Global;
use crate::exit::{Exit, Failure, Outcome};
use crate::words::Word;

/// Run a log, follow one, and account for the secrecy of its leaves
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg log follow http://127.0.0.1:8101 --policy orders.tlog-policy --kind orders --state follow.state --evidence evidence --once\n  waarborg log overdue --orders http://127.0.0.1:8101 --public http://127.0.0.1:8102 --policy policy\n  waarborg log openings --gateway http://127.0.0.1:8110 --token desk.token --orders http://127.0.0.1:8101 --public http://127.0.0.1:8102 --policy policy --key gateway.key --day-secret day.secret -o openings --publish http://127.0.0.1:8102\n  waarborg log open order.txt --log http://127.0.0.1:8101 --policy policy --key gateway.key -o open.txt\n  waarborg log publish open.txt --log http://127.0.0.1:8102\n  waarborg log renew extension.record --origin waarborg.example/orders/2026 --policy policy --key renewer.key -o renew.txt\n  waarborg log sorted --public http://127.0.0.1:8102 --segments segments --policy policy --key auditor.key -o sorted"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Create a log's state; refuses anything that exists
    Init { config: PathBuf },
    /// Run a log until it is told to end
    Run { config: PathBuf },
    /// Take missing tiles from a full copy; refuses anything but the largest cosigned history
    Recover {
        config: PathBuf,
        /// Address or directory of a full copy
        #[arg(long)]
        copy: String,
    },
    /// Check a whole shard: every tile and bundle, root, beat and width, statements
    ///
    /// Exit status: 0 in order, 3 a statement or signature fails, 4 unavailable, 10 stale, 11 quorum short, 12 beat broken,
    /// 14 inconsistent; of several the highest. Each finding is one JSON line.
    Audit(AuditArgs),
    /// Follow a log: read what is new, rebuild the root, raise an alarm when something is not as it must be
    ///
    /// Exit status with --once, and when the log is inconsistent: as audit.
    Follow(monitor::FollowArgs),
    /// Compare views of one log: addresses, directories, files; two stories become evidence
    Compare(monitor::CompareArgs),
    /// Bring a durable copy of a log up to date; what recover takes missing tiles from
    Mirror {
        dir: PathBuf,
        /// Address of the log
        #[arg(long)]
        log: String,
        #[arg(long)]
        policy: PathBuf,
    },
    /// Find leaves of ORDERS that were neither opened, nor shown to be dummies, nor renewed in time, and every other public fault
    ///
    /// Exit status: 0 none, 3 a statement is wrong, 4 unavailable, 13 overdue, 14 inconsistent.
    Overdue(monitor::OverdueArgs),
    /// Open a leaf in PUBLIC: write the signed `open` statement of a record, order or intent
    Open(secrecy::OpenArgs),
    /// Open in PUBLIC what has to be opened by today, of all that the gateway keeps: write the signed `open` statements
    ///
    /// Reads both logs whole. Run it daily; what stands opened already is left out, and the gateway then drops its record.
    Openings(secrecy::OpeningsArgs),
    /// Renew the secrecy of a leaf on a court's extension: write the signed `renew` statement
    Renew(secrecy::RenewArgs),
    /// Read segments as an auditor and sign what is strictly sorted
    Sorted(monitor::SortedArgs),
    /// Write `dummy` statements for a range of indexes, or for those of it that are due, up to a thousand in a file
    Disclose(secrecy::DiscloseArgs),
    /// Write the proof of one entry
    Prove {
        index: u64,
        /// Address or directory of the log
        #[arg(long)]
        log: String,
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Check a proof of inclusion
    Verify {
        proof: PathBuf,
        /// File with the entry's bytes
        #[arg(long)]
        entry: PathBuf,
        #[arg(long)]
        policy: PathBuf,
    },
    /// Publish a signed statement in PUBLIC and wait until it stands there under a cosigned checkpoint
    Publish {
        statement: PathBuf,
        /// Address of PUBLIC
        #[arg(long)]
        log: String,
        #[arg(long, default_value_t = 900)]
        patience_s: u64,
    },
    /// Check split-view evidence with verifier keys alone
    Evidence {
        file: PathBuf,
        /// Verifier keys of the log and its witnesses
        #[arg(long = "key", required = true)]
        keys: Vec<String>,
    },
    /// Print a witness's verifier key with the type its lines have (0x04), from one that was published as 0x01
    Vkey { vkey: String },
}

#[derive(clap::Args)]
struct AuditArgs {
    /// Address or directory of the log
    log: String,
    #[arg(long)]
    policy: PathBuf,
    #[command(flatten)]
    promised: Promised,
    /// Judge age and beat as of this time (Unix seconds) instead of now: for a shard that has ended, or a kept copy
    #[arg(long)]
    as_of_unix_s: Option<u64>,
    /// The whole audit ends after this time, with status 4
    #[arg(long, default_value_t = 3_600)]
    time_limit_s: u64,
}

/// What the log promised, for whoever holds it to that.
#[derive(clap::Args)]
pub(super) struct Promised {
    #[arg(long, value_enum)]
    kind: Kind,
    /// T
    #[arg(long, default_value_t = 300)]
    tick_interval_s: u64,
    /// B
    #[arg(long, default_value_t = 16)]
    batch_entries: u32,
    /// Oldest quorum that counts as fresh
    #[arg(long, default_value_t = 3_600)]
    freshness_s: u64,
    /// PUBLIC: file with the keys that may publish, one a line
    #[arg(long)]
    statement_keys: Option<PathBuf>,
}

impl Promised {
    pub(super) fn read(&self) -> Result<Promise, Failure> {
        let keys = match &self.statement_keys {
            Some(path) => statement_keys(&String::from_utf8_lossy(&read(path)?)).map_err(stopped)?,
            None => Vec::new(),
        };
        Ok(Promise {
            kind: if self.kind == Kind::Orders { LogKind::Orders } else { LogKind::Public },
            tick_interval_s: self.tick_interval_s,
            batch_entries: self.batch_entries,
            freshness_s: self.freshness_s,
            statement_keys: keys,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    Orders,
    Public,
}

pub fn run(args: Args, global: Global) -> Outcome {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    runtime.block_on(async {
        match args.command {
            Command::Init { config } => {
                let config = load(&config)?;
                node::log::init(&config).await.map_err(stopped)?;
                tell_ready(&config.state_dir, global);
                Ok(())
            }
            Command::Run { config } => node::log::run(load(&config)?, end()).await.map_err(stopped),
            Command::Recover { config, copy } => take_copy(&load(&config)?, &copy).await,
            Command::Audit(args) => check_shard(args).await,
            Command::Follow(args) => monitor::follow(args).await,
            Command::Compare(args) => monitor::compare_views(args).await,
            Command::Mirror { dir, log, policy } => copy_log(&dir, &log, &policy).await,
            Command::Overdue(args) => monitor::find_overdue(args).await,
            Command::Open(args) => secrecy::open(args).await,
            Command::Openings(args) => secrecy::openings(args, global).await,
            Command::Renew(args) => secrecy::renew(&args),
            Command::Sorted(args) => monitor::sign_sorted(args).await,
            Command::Disclose(args) => {
                let config = load(&args.config)?;
                secrecy::disclose(args, &config).await
            }
            Command::Prove { index, log, out } => prove(index, &log, &out).await,
            Command::Verify { proof, entry, policy } => {
                let text = audit::verify_proof(&read(&proof)?, &read(&entry)?, &read_policy(&policy)?);
                text.map(|text| println!("{text}")).map_err(|finding| Failure::verification(finding.code, finding.what, ""))
            }
            Command::Evidence { file, keys } => judge_evidence(&file, &keys),
            Command::Publish { statement, log, patience_s } => publish(&statement, &log, Duration::from_secs(patience_s)).await,
            Command::Vkey { vkey } => convert(&vkey),
        }
    })
}

/// Hands the statement in and waits for its proof; saying it again changes nothing.
async fn publish(statement: &Path, log: &str, patience: Duration) -> Outcome {
    let away = |error: node::log::client::ClientError| {
        Failure::unavailable(error.to_string(), "is the log running and --log its reading address?")
    };
    let submitter = PublicSubmitter::new(log, Duration::from_secs(10)).map_err(away)?;
    let leaf = submitter.submit(&read(statement)?).await.map_err(away)?;
    LogReader::new(log, Duration::from_secs(10)).map_err(away)?.await_receipt(&leaf, patience).await.map_err(away)?;
    println!("{}", verify::spelling::hex(&leaf));
    Ok(())
}

/// A state folder is made.
pub fn tell_ready(state: &Path, global: Global) {
    if !global.json {
        println!("{}: {}", Word::Ready.text(global.lang), state.display());
    }
}

/// SIGINT or SIGTERM.
pub async fn end() {
    let mut term = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(term) => term,
        Err(_) => return std::future::pending().await,
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}

fn load(config: &Path) -> Result<LogConfig, Failure> {
    LogConfig::load(config).map_err(|error| Failure::usage(error, "docs/samples has a sample of each configuration"))
}

pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::file(path, &error))
}

pub fn read_policy(path: &Path) -> Result<TlogPolicy, Failure> {
    TlogPolicy::parse(&read(path)?).map_err(|refusal| Failure::usage(format!("{}: {refusal}", path.display()), ""))
}

/// `http://…` or a directory.
pub fn reader(log: &str) -> Result<LogReader, Failure> {
    if log.starts_with("http://") {
        return LogReader::new(log, Duration::from_secs(10)).map_err(|error| Failure::usage(error.to_string(), ""));
    }
    let store = Store::local(Path::new(log)).map_err(|fault| Failure::unavailable(fault.what, "name a directory or an http:// address"))?;
    Ok(LogReader::of(Source::Store(store)))
}

pub fn stopped(error: RunError) -> Failure {
    let text = error.to_string();
    match error {
        RunError::Config(_) => Failure::usage(text, "see docs/samples"),
        RunError::Fault(_) => Failure::unavailable(text, "the next start goes on from the last committed tick"),
        ref other => Failure::refused(other.code(), text, "never restore an older copy; see docs/operate for what may be done"),
    }
}

async fn take_copy(config: &LogConfig, copy: &str) -> Outcome {
    match recover(config, &reader(copy)?).await {
        Ok(recovered) => {
            // LOG-65: never silently. It becomes the remark of a policy statement.
            println!("{}", recovered.remark);
            eprintln!("{} leaves recovered; publish a policy statement with the line above as its remark", recovered.size);
            Ok(())
        }
        Err(RecoverError::Run(error)) => Err(stopped(error)),
        Err(error @ RecoverError::TooFewWitnesses) => Err(Failure::unavailable(error.to_string(), "ask again when more witnesses answer")),
        Err(error) => Err(Failure::refused("LOG-65", error.to_string(), "close the shard and begin a new origin if no copy matches")),
    }
}

async fn check_shard(args: AuditArgs) -> Outcome {
    let promise = args.promised.read()?;
    let (reader, policy) = (reader(&args.log)?, read_policy(&args.policy)?);
    let audited = audit::audit(&reader, &policy, &promise, args.as_of_unix_s.unwrap_or_else(node::log::unix_now));
    // A log may answer for ever and never end: the limit is the auditor's, not the log's.
    match within(Duration::from_secs(args.time_limit_s), audited).await {
        Some(findings) => report(&findings),
        None => Err(Failure::unavailable("the time limit was reached", "raise --time-limit-s or ask another copy")),
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, work).await.ok()
}

/// One JSON line a finding. Statuses above 4 are this command's own (LOG-94), so it ends the process itself.
pub fn report(findings: &[Finding]) -> Outcome {
    let mut out = std::io::stdout().lock();
    for finding in findings {
        drop(writeln!(out, "{}", finding.json_line()));
    }
    match audit::exit_status(findings) {
        0 => Ok(()),
        status => {
            drop(out.flush());
            std::process::exit(i32::from(status))
        }
    }
}

async fn copy_log(dir: &Path, log: &str, policy: &Path) -> Outcome {
    let (reader, policy) = (reader(log)?, read_policy(policy)?);
    let head = reader.head().await.map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    policy.check(&head.note, None).map_err(|refusal| Failure::verification(refusal.code(), refusal.to_string(), "nothing was copied"))?;
    std::fs::create_dir_all(dir).map_err(|error| Failure::file(dir, &error))?;
    let copy = Store::local(dir).map_err(|fault| Failure::unavailable(fault.what, ""))?;
    mirror(&reader, &head, &copy).await.map_err(|error| match error {
        MirrorError::Differs { .. } => Failure::verification("LOG-19", error.to_string(), "keep both copies: this is evidence"),
        MirrorError::Log(ClientError::Inconsistent(_)) => Failure::verification("LOG-16", error.to_string(), "nothing was copied"),
        other => Failure::unavailable(other.to_string(), "try again"),
    })
}

async fn prove(index: u64, log: &str, out: &Path) -> Outcome {
    let reader = reader(log)?;
    let proof = node::log::reading::make_proof(reader.source(), index).await;
    let proof = proof.map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    let proof = proof.ok_or_else(|| Failure::refused("LOG-29", "the published tree has no such index", "wait for the next tick"))?;
    std::fs::write(out, proof).map_err(|error| Failure::file(out, &error))
}

fn judge_evidence(file: &Path, keys: &[String]) -> Outcome {
    let keys = keys.iter().map(|key| VerifierKey::parse(key)).collect::<Result<Vec<_>, _>>();
    let keys = keys.map_err(|refusal| Failure::usage(refusal.to_string(), "give each key as name+id+key"))?;
    let judged = Evidence::parse(&read(file)?).and_then(|evidence| evidence.judge(&keys));
    let conviction = judged.map_err(|refusal| Failure::verification(refusal.code(), refusal.to_string(), "this convicts nobody"))?;
    println!("{} at {}: {}", conviction.kind.as_str(), conviction.origin, conviction.culprits.join(", "));
    Ok(())
}

/// Some public lists give witness keys as 0x01 though their lines are 0x04: converted once, when a policy is written.
fn convert(vkey: &str) -> Outcome {
    let key = VerifierKey::parse(vkey).map_err(|refusal| Failure::new(Exit::Usage, refusal.code(), refusal.to_string(), ""))?;
    println!("{}", VerifierKey::new(key.name().clone(), KeyKind::Cosignature, *key.key()));
    Ok(())
}

/// A log that could not be read, or whose head does not count; the hint is for the first.
pub fn away(error: &ClientError, hint: &str) -> Failure {
    match error {
        ClientError::NotBelieved(refusal) => Failure::verification(
            refusal.code(),
            error.to_string(),
            "ask another address or a mirror of this log, under the policy of its year",
        ),
        _ => Failure::unavailable(error.to_string(), hint),
    }
}

//! `waarborg log follow`, `compare`, `overdue`, `sorted`: what anybody outside does with the logs (log.md section 12).

use std::path::{Path, PathBuf};
use std::time::Duration;

use node::log::audit::{self, Finding, Promise};
use node::log::client::PublicSubmitter;
use node::log::follow::{Alarms, Followed, Look, look, look_at_witness};
use node::log::overdue::overdue;
use node::log::views::{View, compare};
use node::log::{sorted, unix_now};
use node::segment_store::SegmentStore;
use verify::accountability::Terms;
use verify::calendar::Day;
use verify::log::split::{Conviction, Evidence};
use verify::log::tlog_policy::TlogPolicy;
use verify::policy::Policy;
use verify::statement::SignedStatement;

use super::keys::key_failure;
use super::log::{Promised, read, read_policy, reader, report};
use super::policy;
use crate::exit::{Failure, Outcome};

#[derive(clap::Args)]
pub struct FollowArgs {
    /// Address or directory of the log
    log: String,
    #[arg(long)]
    policy: PathBuf,
    /// What was found good; made at the first look, replaced as a whole after each
    #[arg(long)]
    state: PathBuf,
    /// Directory for evidence; nothing in it is ever replaced or deleted
    #[arg(long)]
    evidence: PathBuf,
    /// Monitoring prefix of a witness, compared with what the log shows; may repeat
    #[arg(long)]
    witness: Vec<String>,
    /// A program that is started with each alarm, one JSON line, on its standard input
    #[arg(long)]
    alarm: Option<PathBuf>,
    /// Look once and end with the status of what was found
    #[arg(long)]
    once: bool,
    #[arg(long, default_value_t = 60)]
    interval_s: u64,
    #[command(flatten)]
    promised: Promised,
}

#[derive(clap::Args)]
pub struct CompareArgs {
    /// Addresses, directories, or files with a checkpoint or a .tlog-proof
    #[arg(required = true)]
    logs: Vec<String>,
    #[arg(long)]
    policy: PathBuf,
    /// Directory for evidence; nothing in it is ever replaced or deleted
    #[arg(long)]
    evidence: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct OverdueArgs {
    /// Address or directory of ORDERS
    #[arg(long)]
    orders: String,
    /// Address or directory of PUBLIC
    #[arg(long)]
    public: String,
    /// Policy document (waarborg-policy/v1) of the provider; repeat for each that was in force
    #[arg(long, required_unless_present = "tlog_policy")]
    policy: Vec<PathBuf>,
    /// Without policy documents: tlog-policy of ORDERS; then nobody's right to sign a statement is judged
    #[arg(long)]
    tlog_policy: Option<PathBuf>,
    /// Origin of ORDERS; default: the one that --orders shows
    #[arg(long)]
    origin: Option<String>,
    /// Without policy documents: longest time until an index is disclosed
    #[arg(long, default_value_t = 366)]
    max_seal_days: u32,
    /// Judge as of this day (yyyy-mm-dd) instead of today
    #[arg(long)]
    today: Option<String>,
}

#[derive(clap::Args)]
pub struct SortedArgs {
    /// Address or directory of PUBLIC
    #[arg(long)]
    public: String,
    /// Directory of the segment store, or a copy of it
    #[arg(long)]
    segments: PathBuf,
    /// Policy document: names the auditors
    #[arg(long)]
    policy: PathBuf,
    /// The auditor's key
    #[arg(long)]
    key: PathBuf,
    /// Directory for the signed statements
    #[arg(short, long)]
    out: PathBuf,
    /// Read segments from this entry of PUBLIC on
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Publish them too, at this address of PUBLIC
    #[arg(long)]
    publish: Option<String>,
}

/// Looks for ever, or once. Ends by itself only when the log is inconsistent: after that there is nothing to follow.
pub async fn follow(args: FollowArgs) -> Outcome {
    let promise = args.promised.read()?;
    let (log, policy, mut alarms) = (reader(&args.log)?, read_policy(&args.policy)?, Alarms::default());
    let mut kept = load_state(&args.state)?;
    loop {
        let seen = look_everywhere(&args, &log, &policy, &promise, kept.as_ref()).await;
        // LOG-88: evidence is on the disk before anybody hears.
        keep_evidence(&args.evidence, &seen.evidence, &seen.heads)?;
        if let Some(next) = seen.next {
            node::private_file::write_whole(&args.state, &next.to_bytes()).map_err(|error| Failure::file(&args.state, &error))?;
            kept = Some(next);
        }
        if args.once {
            return report(&seen.findings);
        }
        let (begun, over) = alarms.since(&seen.findings);
        begun.iter().for_each(|finding| raise(&args, &finding.json_line()));
        for code in over {
            raise(&args, &serde_json::json!({ "schema": "waarborg-log-over/v1", "code": code }).to_string());
        }
        // A log that contradicts itself ends the watch: no head after it can be followed. What only fails to fit may be a host between
        // us and the log, and a witness that lies is told while the log is watched on.
        if seen.evidence.iter().any(|(evidence, _)| evidence.kind.convicts_log()) {
            return report(&seen.findings);
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(args.interval_s.max(1))) => {}
            () = super::log::end() => return Ok(()),
        }
    }
}

async fn look_everywhere(
    args: &FollowArgs,
    log: &node::log::client::LogReader,
    policy: &TlogPolicy,
    promise: &Promise,
    kept: Option<&Followed>,
) -> Look {
    let mut seen = look(log, policy, promise, kept, unix_now()).await;
    let origin = seen.next.as_ref().or(kept).and_then(Followed::newest).map(|head| head.origin.clone());
    for prefix in args.witness.iter().filter(|_| origin.is_some()) {
        let at = look_at_witness(prefix, log, policy, origin.as_deref().unwrap_or_default()).await;
        seen.findings.extend(at.findings);
        seen.evidence.extend(at.evidence);
    }
    seen
}

fn load_state(path: &Path) -> Result<Option<Followed>, Failure> {
    match std::fs::read(path) {
        Ok(bytes) => match Followed::parse(&bytes) {
            Ok(followed) => Ok(Some(followed)),
            Err(error) => {
                Err(Failure::verification(error.code(), format!("{}: {error}", path.display()), "it was changed; keep it and ask why"))
            }
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(path, &error)),
    }
}

/// One file each, named by what is in it, so that the same evidence twice is one file and no evidence replaces another.
fn keep_evidence(dir: &Path, evidence: &[(Evidence, Conviction)], heads: &[Vec<u8>]) -> Outcome {
    let evidence = evidence.iter().map(|(evidence, conviction)| (conviction.kind.as_str(), "evidence", evidence.to_bytes()));
    let heads = heads.iter().map(|note| ("head", "note", note.clone()));
    for (what, ending, bytes) in evidence.chain(heads) {
        std::fs::create_dir_all(dir).map_err(|error| Failure::file(dir, &error))?;
        let name = verify::spelling::hex(&seal::digest::sha256(&[&bytes]));
        let path = dir.join(format!("{what}-{name}.{ending}"));
        if !path.exists() {
            node::private_file::write_whole(&path, &bytes).map_err(|error| Failure::file(&path, &error))?;
        }
        eprintln!("{}", path.display());
    }
    Ok(())
}

/// Standard output first: an alarm program that is missing must not keep the line from whoever reads it.
fn raise(args: &FollowArgs, line: &str) {
    use std::io::Write;
    println!("{line}");
    let Some(program) = &args.alarm else { return };
    let started = std::process::Command::new(program).stdin(std::process::Stdio::piped()).spawn();
    let told = started.and_then(|mut child| {
        if let Some(mut input) = child.stdin.take() {
            writeln!(input, "{line}")?;
        }
        child.wait()
    });
    if let Err(error) = told {
        eprintln!("{}: {error}", program.display());
    }
}

pub async fn compare_views(args: CompareArgs) -> Outcome {
    let policy = read_policy(&args.policy)?;
    let (mut views, mut findings) = (Vec::new(), Vec::new());
    for name in &args.logs {
        let view = match Path::new(name).is_file() {
            true => View::of_file(name, &read(Path::new(name))?),
            false => View::of_reader(name, reader(name)?).await,
        };
        match view {
            Ok(view) => views.push(view),
            Err(error) => findings.push(audit::of_error(&error)),
        }
    }
    let compared = compare(&views, &policy).await;
    if let Some(dir) = &args.evidence {
        keep_evidence(dir, &compared.evidence, &[])?;
    }
    findings.extend(compared.findings);
    report(&findings)
}

/// What decides dates and deadlines, of the policy documents that were in force.
pub fn terms(origin: String, policies: Vec<Policy>, until: Option<Day>) -> Result<Terms, Failure> {
    Terms::of(origin, policies, until).ok_or_else(|| Failure::usage("no policy document", "--policy FILE"))
}

pub async fn find_overdue(args: OverdueArgs) -> Outcome {
    let orders = reader(&args.orders)?;
    let origin = match args.origin {
        Some(origin) => origin,
        None => orders.head().await.map_err(|error| Failure::unavailable(error.to_string(), ""))?.origin,
    };
    let policies = args.policy.iter().map(|path| policy::load(path)).collect::<Result<Vec<_>, _>>()?;
    let terms = match &args.tlog_policy {
        None => terms(origin, policies, None)?,
        Some(path) => Terms {
            origin,
            orders: read_policy(path)?,
            max_seal_days: args.max_seal_days,
            max_total_seal_days: u32::MAX,
            confirm_within: 48 * 3_600,
            policies,
            until: None,
        },
    };
    let found = overdue(&orders, &reader(&args.public)?, terms, day(args.today.as_deref())?).await;
    report(&found.unwrap_or_else(|error| vec![audit::of_error(&error)]))
}

/// A day of the command line, or today.
pub fn day(text: Option<&str>) -> Result<Day, Failure> {
    match text {
        Some(text) => Day::parse(text).ok_or_else(|| Failure::usage(format!("{text} is no day"), "yyyy-mm-dd")),
        None => Ok(Day::containing(unix_now())),
    }
}

/// SEA-44. What is not sorted is said and left out: a statement lists what was found right.
pub async fn sign_sorted(args: SortedArgs) -> Outcome {
    let policy = policy::load(&args.policy)?;
    let signer = node::log::keys::load(&args.key).map_err(|error| key_failure(&args.key, error))?;
    if !policy.parts().auditors.contains(signer.vkey()) {
        return Err(Failure::refused("SEA-44", "this key is no auditor's of the policy", "the policy's `auditor` lines name who may"));
    }
    let store = SegmentStore::local(&args.segments).map_err(|fault| Failure::unavailable(fault.what, ""))?;
    let away = |error: node::log::client::ClientError| Failure::unavailable(error.to_string(), "");
    let found = sorted::read(&reader(&args.public)?, &store, &policy, args.from).await.map_err(away)?;
    std::fs::create_dir_all(&args.out).map_err(|error| Failure::file(&args.out, &error))?;
    for statement in sorted::statements(&found.sorted) {
        let signed = SignedStatement::sign(statement, &[&signer]).map_err(|error| Failure::refused(error.code(), error.to_string(), ""))?;
        let name = verify::spelling::hex(&signed.leaf_hash());
        super::keys::write_new(&args.out.join(format!("segment-sorted-{}.txt", &name[..16])), &signed.to_bytes())?;
        if let Some(address) = &args.publish {
            let submitter = PublicSubmitter::new(address, Duration::from_secs(10)).map_err(away)?;
            submitter.submit(&signed.to_bytes()).await.map_err(away)?;
        }
    }
    eprintln!("{} sorted, {} known before", found.sorted.len(), found.known);
    let findings: Vec<Finding> = found.findings;
    report(&findings)
}

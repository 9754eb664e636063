//! `waarborg sample`: an auditor reads segments that nobody could know beforehand, and everybody can check which (T22).

use std::path::PathBuf;
use std::time::Duration;

use clap::Subcommand;
use node::log::client::{ClientError, PublicSubmitter};
use node::log::sorted;
use node::oversight::sample::{self, Commitment, Secret, Told};
use node::segment_store::SegmentStore;
use seal::entropy::SystemEntropy;
use verify::log::note::Signer;
use verify::policy::Policy;
use verify::spelling::{from_hex_exact, hex};
use verify::statement::{SignedStatement, Statement};

use super::keys::{key_failure, write_new};
use super::log::{read, reader, report};
use super::policy;
use crate::Global;
use crate::exit::{Failure, Outcome};

/// Samples of segments that an auditor reads: drawn by nobody, checked by anybody
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg sample commit --policy policy --key auditor.key --segments 20 --heads 1 --secret sample.secret -o sample-commitment.txt\n  waarborg log publish sample-commitment.txt --log http://127.0.0.1:8711\n  waarborg sample read --policy policy --key auditor.key --secret sample.secret --public http://127.0.0.1:8711 --segments segments -o statements\n  waarborg sample check --policy policy --public http://127.0.0.1:8711"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Draw a secret and write the signed commitment to it, for PUBLIC
    Commit {
        /// Policy document: names the auditors
        #[arg(long)]
        policy: PathBuf,
        /// The auditor's key
        #[arg(long)]
        key: PathBuf,
        /// How many segments will be read
        #[arg(long)]
        segments: u32,
        /// How many daily heads of PUBLIC later the sample is drawn
        #[arg(long, default_value_t = 1)]
        heads: u32,
        /// Where the secret is kept until then; nobody else may read it
        #[arg(long)]
        secret: PathBuf,
        /// File for the signed statement
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Read the segments of a sample that is due; write what was found sorted, and the secret
    Read {
        /// Policy document: names the auditors
        #[arg(long)]
        policy: PathBuf,
        /// The auditor's key
        #[arg(long)]
        key: PathBuf,
        /// The secret of the commitment
        #[arg(long)]
        secret: PathBuf,
        /// Address or directory of PUBLIC
        #[arg(long)]
        public: String,
        /// Directory of the segment store, or a copy of it
        #[arg(long)]
        segments: PathBuf,
        /// Directory for the signed statements
        #[arg(short, long)]
        out: PathBuf,
        /// Publish them too, at this address of PUBLIC
        #[arg(long)]
        publish: Option<String>,
    },
    /// Recompute every sample that was revealed, and name what is missing
    ///
    /// Exit status: 0 nothing, 3 a drawn segment was not found sorted, 4 unavailable, 13 a sample is due and was not revealed.
    Check {
        #[arg(long)]
        policy: PathBuf,
        /// Address or directory of PUBLIC
        #[arg(long)]
        public: String,
    },
}

pub fn run(args: Args, global: Global) -> Outcome {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    runtime.block_on(async {
        match args.command {
            Command::Commit { policy, key, segments, heads, secret, out } => {
                let (_, signer) = auditor(&policy, &key)?;
                let drawn = Secret::draw(&mut SystemEntropy);
                let commitment = Commitment::new(&drawn, segments, heads);
                let commitment = commitment.ok_or_else(|| Failure::usage("1 to 100,000 segments, 1 to 366 heads", "see --help"))?;
                write_new(&secret, format!("{}\n", hex(&drawn.0)).as_bytes())?;
                write_new(&out, &sign(commitment.statement(), &signer)?.to_bytes())
            }
            Command::Read { policy, key, secret, public, segments, out, publish } => {
                let (policy, signer) = auditor(&policy, &key)?;
                let text = String::from_utf8(read(&secret)?).unwrap_or_default();
                let octets = from_hex_exact::<32>(text.trim_end()).ok_or_else(|| Failure::usage("this is no secret of a sample", ""))?;
                let told = Told::read(&reader(&public)?, &policy).await.map_err(away)?;
                read_sample(&told, &Secret(octets), &segments, &signer, &out, publish.as_deref()).await
            }
            Command::Check { policy, public } => {
                let policy = policy::load(&policy)?;
                let told = Told::read(&reader(&public)?, &policy).await.map_err(away)?;
                let (commitments, revealed) = told.counts();
                if !global.json {
                    eprintln!("{commitments} commitments, {revealed} revealed");
                }
                report(&told.findings())
            }
        }
    })
}

fn away(error: ClientError) -> Failure {
    Failure::unavailable(error.to_string(), "is --public the reading address of PUBLIC, or a copy of it?")
}

fn auditor(policy: &std::path::Path, key: &std::path::Path) -> Result<(Policy, Signer), Failure> {
    let policy = policy::load(policy)?;
    let signer = node::log::keys::load(key).map_err(|error| key_failure(key, error))?;
    match policy.parts().auditors.contains(signer.vkey()) {
        true => Ok((policy, signer)),
        false => Err(Failure::refused("SEA-44", "this key is no auditor's of the policy", "the policy's `auditor` lines name who may")),
    }
}

fn sign(statement: Statement, signer: &Signer) -> Result<SignedStatement, Failure> {
    SignedStatement::sign(statement, &[signer]).map_err(|error| Failure::refused(error.code(), error.to_string(), ""))
}

/// OVS-05: what was found sorted first, the secret last: whoever sees the secret can see the findings.
async fn read_sample(
    told: &Told,
    secret: &Secret,
    segments: &std::path::Path,
    signer: &Signer,
    out: &std::path::Path,
    publish: Option<&str>,
) -> Outcome {
    let drawn = told.drawn(secret).map_err(|no| Failure::refused(no.code(), no.to_string(), "try again after the next head"))?;
    let store = SegmentStore::local(segments).map_err(|fault| Failure::unavailable(fault.what, ""))?;
    let found = sample::read(&store, &drawn).await.map_err(away)?;
    std::fs::create_dir_all(out).map_err(|error| Failure::file(out, &error))?;
    for statement in sorted::statements(&found.sorted).into_iter().chain([secret.reveal()]) {
        let signed = sign(statement, signer)?;
        let name = format!("{}-{}.txt", signed.statement().kind().split(' ').next().unwrap_or_default(), &hex(&signed.leaf_hash())[..16]);
        write_new(&out.join(name), &signed.to_bytes())?;
        if let Some(address) = publish {
            let submitter = PublicSubmitter::new(address, Duration::from_secs(10)).map_err(away)?;
            submitter.submit(&signed.to_bytes()).await.map_err(away)?;
        }
    }
    eprintln!("{} drawn, {} sorted", drawn.leaves.len(), found.sorted.len());
    report(&found.findings)
}

//! `waarborg policy`: makes the pinned document from a TOML file and the records of the ceremonies, shows it, checks it.

mod input;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use node::log::keys;
use node::oversight::deletion::Deleted;
use verify::log::vkey::VerifierKey;
use verify::policy::{CommitteeName, Policy, PolicyError};
use verify::spelling::hex;
use verify::statement::{PolicyNotice, SignedStatement, Statement};

use crate::commands::keys::key_failure;
use crate::exit::{Failure, Outcome};
use crate::{Global, Lang};

/// Make, show and check policy documents
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg policy make policy.toml --out policy\n  waarborg policy check policy\n  waarborg policy show policy\n  waarborg policy ended policy --public http://127.0.0.1:8711"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a policy document from policy.toml; prints its SHA-256, which everyone pins
    Make {
        input: PathBuf,
        #[arg(long)]
        out: PathBuf,
    },
    /// Check that a file is a policy document that keeps all rules; prints its SHA-256
    Check { policy: PathBuf },
    /// Sign the statement that a policy holds from now on; `waarborg log publish` puts it into PUBLIC
    Announce {
        policy: PathBuf,
        /// As many keys of the policy's own quorum as it needs
        #[arg(long, required = true)]
        key: Vec<PathBuf>,
        /// What people should know
        #[arg(long)]
        remark: Option<String>,
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Tell in words what a policy says
    Show { policy: PathBuf },
    /// Has the committee key of this policy ended? Counts in PUBLIC which members destroyed their shares
    ///
    /// Exit status: 0 nobody can make a key of it any more, 3 not yet, 4 unavailable.
    Ended {
        policy: PathBuf,
        /// Address or directory of PUBLIC
        #[arg(long)]
        public: String,
    },
}

pub fn run(args: Args, global: Global) -> Outcome {
    match args.command {
        Command::Make { input, out } => {
            let policy = Policy::from_parts(input::read(&input)?).map_err(refusal)?;
            write_new(&out, policy.to_bytes())?;
            tell_hash(global, &policy);
        }
        Command::Check { policy } => tell_hash(global, &load(&policy)?),
        Command::Announce { policy, key, remark, out } => announce(&load(&policy)?, &key, remark, &out)?,
        Command::Show { policy } => show(&load(&policy)?, global),
        Command::Ended { policy, public } => ended(&load(&policy)?, &public, global)?,
    }
    Ok(())
}

/// SEA-49: what members said about their shares.
fn ended(policy: &Policy, public: &str, global: Global) -> Outcome {
    let away = |text: String| Failure::unavailable(text, "is --public the reading address of PUBLIC, or a copy of it?");
    let runtime = tokio::runtime::Runtime::new().map_err(|error| away(error.to_string()))?;
    let reader = super::log::reader(public)?;
    let deleted = runtime.block_on(Deleted::read(&reader, policy)).map_err(|error| away(error.to_string()))?;
    let [approvers, guardians] = [CommitteeName::Approvers, CommitteeName::Guardians].map(|name| deleted.missing(policy, name));
    let words = match global.lang {
        Lang::En => {
            format!("shares to be destroyed until nobody can act: approvers {approvers}, guardians {guardians}; one committee is enough")
        }
        Lang::Nl => {
            format!("nog te vernietigen delen tot niemand meer kan: goedkeurders {approvers}, hoeders {guardians}; een comité volstaat")
        }
    };
    match deleted.is_dead(policy) {
        true => println!("{words}"),
        false => return Err(Failure::verification("SEA-49", words, "each member says so itself: waarborg-trustee destroy")),
    }
    Ok(())
}

/// LOG-27: a policy stands in PUBLIC before it is used, signed by k of its policy keys.
fn announce(policy: &Policy, key_files: &[PathBuf], remark: Option<String>, out: &Path) -> Outcome {
    let load = |file: &PathBuf| keys::load(file).map_err(|error| key_failure(file, error));
    let signers = key_files.iter().map(load).collect::<Result<Vec<_>, _>>()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    let times = policy.times();
    let notice = PolicyNotice {
        policy_hash: *policy.hash(),
        from_tick: now - now % times.tick,
        tick: times.tick,
        batch: times.batch,
        freshness: times.freshness,
        max_seal: times.max_seal,
        remark,
    };
    let signers: Vec<_> = signers.iter().collect();
    let signed = SignedStatement::sign(Statement::Policy(notice), &signers);
    let quorum = policy.statement_signers("policy").ok_or_else(|| Failure::usage("this policy names no policy keys", ""))?;
    let signed = signed.and_then(|signed| signed.verify(&quorum.0, quorum.1).map(|()| signed));
    let signed = signed.map_err(|error| {
        Failure::refused(error.code(), error.to_string(), "give --key once for each of as many policy keys as the policy needs")
    })?;
    write_new(out, &signed.to_bytes())
}

/// Reads a policy file or says which rule it breaks.
pub fn load(path: &Path) -> Result<Policy, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    Policy::parse(&bytes).map_err(refusal)
}

fn refusal(error: PolicyError) -> Failure {
    Failure::refused(error.code(), error.to_string(), "the rules are in docs/spec/policy.md")
}

fn write_new(path: &Path, bytes: &[u8]) -> Outcome {
    use std::io::Write;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|error| Failure::file(path, &error))
}

fn tell_hash(global: Global, policy: &Policy) {
    let hash = hex(policy.hash());
    if global.json {
        println!("{}", serde_json::json!({ "schema": "waarborg-policy-hash/v1", "policy_sha256": hash }));
    } else {
        println!("{hash}");
    }
}

fn show(policy: &Policy, global: Global) {
    let parts = policy.parts();
    let say = |en: &str, nl: &str, value: String| {
        println!("{:<28} {value}", if global.lang == Lang::Nl { nl } else { en });
    };
    if parts.demo {
        println!("DEMO");
    }
    say("policy", "beleid", parts.name.clone());
    say("SHA-256", "SHA-256", hex(policy.hash()));
    say("provider", "aanbieder", format!("{} ({})", parts.provider_name, hex(&parts.provider.0)));
    let times = policy.times();
    say("slot, epoch, grace", "tijdvak, epoch, respijt", format!("{} s, {} s, {} s", times.slot_len, times.epoch_len, times.grace));
    say("tick, batch of ORDERS", "tik, breedte van ORDERS", format!("{} s, {}", times.tick, times.batch));
    for name in [CommitteeName::Approvers, CommitteeName::Guardians] {
        let committee = policy.committee_parts(name);
        say(name.as_str(), name.as_str(), format!("{} of {}", committee.committee.need, committee.committee.of));
        for member in &committee.members {
            println!("{:<28}   {} {}, {}", "", member.index, member.receipt_key.name(), member.organisation);
        }
    }
    match policy.sole_holder() {
        Some(holder) => say("independence", "onafhankelijkheid", format!("NOT INDEPENDENT: {holder} alone can open")),
        None => say("independence", "onafhankelijkheid", "no organisation can open alone".to_owned()),
    }
    for category in &parts.categories {
        let number = category.category.number();
        say(
            "category",
            "categorie",
            format!("{number} {}: {} days; {}; {}", category.slug, category.retention_days, category.purpose, category.legal_basis),
        );
    }
    for entry in &parts.directory {
        say(entry.role.as_str(), entry.role.as_str(), entry.id.to_string());
    }
    say("officers", "functionarissen", parts.officers.iter().map(name_of).collect::<Vec<_>>().join(", "));
}

fn name_of(key: &VerifierKey) -> String {
    key.name().to_string()
}

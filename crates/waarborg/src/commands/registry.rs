//! `waarborg registry`: editions of the registry of authorities, their statement in PUBLIC, and who stands in them now.

use std::path::{Path, PathBuf};

use law::registry::{Editions, Registry, Standing};
use node::log::keys;
use serde_json::json;
use verify::spelling::hex;
use verify::statement::{SignedStatement, Statement};
use verify::verdict::escape;

use crate::commands::keys::{key_failure, write_new};
use crate::commands::order::received::{edition, now, text_of, time};
use crate::commands::policy;
use crate::exit::{Failure, Outcome};
use crate::words::Word;
use crate::{Global, Lang};

#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg registry check docs/samples/registry.toml\n  waarborg registry announce registry.toml --policy policy --key first.key --key second.key -o registry.statement\n  waarborg registry show docs/samples/registry.toml@2026-11-01T00:00:00Z"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Check that a file is an edition of the registry; prints its SHA-256
    Check {
        /// The edition (TOML); docs/samples/registry.toml shows every field
        registry: PathBuf,
    },
    /// Sign the statement that an edition stands in PUBLIC; `waarborg log publish` puts it there, and the waiting time begins
    Announce {
        /// The edition
        registry: PathBuf,
        #[arg(long)]
        policy: PathBuf,
        /// As many of the policy's policy keys as it needs
        #[arg(long, required = true)]
        key: Vec<PathBuf>,
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Who may order now, who waits, and the only numbers at which they are called back
    Show {
        /// Each edition with the time at which it stood in PUBLIC: registry.toml@2026-11-01T00:00:00Z
        #[arg(required = true)]
        registry: Vec<String>,
        /// For editions with a statement and a proof
        #[arg(long)]
        policy: Option<PathBuf>,
        /// At that time (RFC 3339); default: now
        #[arg(long)]
        at: Option<String>,
    },
    /// What changes from one edition to the next, for the people who sign it
    Compare {
        /// The edition before
        old: PathBuf,
        /// The edition after
        new: PathBuf,
    },
}

pub fn run(args: Args, global: Global) -> Outcome {
    match args.command {
        Command::Check { registry } => check(&registry, global),
        Command::Announce { registry, policy, key, out } => announce(&registry, &policy, &key, &out),
        Command::Show { registry, policy, at } => show(&registry, policy.as_deref(), at.as_deref(), global),
        Command::Compare { old, new } => compare(&load(&old)?, &load(&new)?),
    }
}

fn load(path: &Path) -> Result<Registry, Failure> {
    let parsed = Registry::parse(&text_of(path)?);
    parsed.map_err(|error| {
        Failure::refused(error.code(), format!("{}: {error}", path.display()), "docs/samples/registry.toml shows every field")
    })
}

fn check(path: &Path, global: Global) -> Outcome {
    let registry = load(path)?;
    let hash = hex(&registry.hash);
    if global.json {
        println!(
            "{}",
            json!({ "schema": "waarborg-registry-check/v1", "registry_sha256": hash, "authorities": registry.authorities.len(), "wait_hours": registry.wait_hours })
        );
    } else {
        println!("{hash}");
    }
    Ok(())
}

/// RGY-06
fn announce(path: &Path, policy_file: &Path, key_files: &[PathBuf], out: &Path) -> Outcome {
    let registry = load(path)?;
    let policy = policy::load(policy_file)?;
    // A key of the registry counts no sooner than one of the policy: one waiting time, and the longer one holds.
    if u64::from(registry.wait_hours) * 3_600 < policy.times().key_waiting {
        let hours = policy.times().key_waiting.div_ceil(3_600);
        let text = format!("{}: wait_hours = {}; this policy lets a new key wait {hours} hours", path.display(), registry.wait_hours);
        return Err(Failure::refused("RGY-02", text, format!("wait_hours = {hours}, or more")));
    }
    let load = |file: &PathBuf| keys::load(file).map_err(|error| key_failure(file, error));
    let signers = key_files.iter().map(load).collect::<Result<Vec<_>, _>>()?;
    let signers: Vec<_> = signers.iter().collect();
    let quorum = policy.statement_signers("registry").ok_or_else(|| Failure::usage("this policy names no policy keys", ""))?;
    let signed = SignedStatement::sign(Statement::Registry(registry.notice()), &signers);
    let signed = signed.and_then(|signed| signed.verify(&quorum.0, quorum.1).map(|()| signed));
    let signed = signed.map_err(|error| {
        Failure::refused(error.code(), error.to_string(), "give --key once for each of as many policy keys as the policy needs")
    })?;
    write_new(out, &signed.to_bytes())
}

fn show(given: &[String], policy_file: Option<&Path>, at: Option<&str>, global: Global) -> Outcome {
    let policy = policy_file.map(policy::load).transpose()?;
    let at = at.map_or(Ok(now()), time)?;
    let mut editions = Vec::new();
    for text in given {
        editions.push(edition(text, policy.as_ref())?);
    }
    let mut ids: Vec<_> =
        editions.iter().flat_map(|edition| edition.registry.authorities.iter().map(|authority| authority.id.clone())).collect();
    ids.sort();
    ids.dedup();
    let editions = Editions::new(editions);
    let mut rows = Vec::new();
    for id in &ids {
        let (word, authority, from) = match editions.standing(id, at) {
            Standing::InForce(authority) => (Word::InForce, Some(authority), None),
            Standing::Waiting { authority, from } => (Word::Waits, Some(authority), Some(from)),
            Standing::Unknown => (Word::NotInForce, None, None),
        };
        let from = from.map(law::explain::utc);
        if global.json {
            let classes: Vec<_> = authority.iter().flat_map(|authority| &authority.signs).map(|class| class.code()).collect();
            rows.push(json!({ "id": id.as_str(), "standing": word.text(Lang::En), "from": from, "name": authority.map(|a| a.name.clone()),
                "signs": classes, "call_back": authority.map(|a| a.call_back.clone()),
                "deliver": authority.and_then(|a| a.deliver.as_ref()).map(ToString::to_string) }));
            continue;
        }
        println!("{id}: {} {}", word.text(global.lang), from.unwrap_or_default());
        if let Some(authority) = authority {
            let classes: Vec<_> = authority.signs.iter().map(|class| class.code()).collect();
            println!("  {} ({}, {}): {}", escape(&authority.name), authority.state, authority.kind.code(), classes.join(", "));
            println!("  {}: {}", Word::CallBack.text(global.lang), authority.call_back.join(", "));
            if let Some(deliver) = &authority.deliver {
                println!("  DELIVER: {deliver}");
            }
        }
    }
    if global.json {
        println!("{}", json!({ "schema": "waarborg-registry-view/v1", "at": law::explain::utc(at), "authorities": rows }));
    }
    Ok(())
}

/// One line for each authority that is new (+), gone (-) or changed (~).
fn compare(old: &Registry, new: &Registry) -> Outcome {
    let find = |registry: &Registry, id| registry.authorities.iter().find(|authority| authority.id == id).cloned();
    let mut ids: Vec<_> = old.authorities.iter().chain(&new.authorities).map(|authority| authority.id.clone()).collect();
    ids.sort();
    ids.dedup();
    for id in ids {
        match (find(old, id.clone()), find(new, id.clone())) {
            (None, Some(_)) => println!("+ {id}"),
            (Some(_), None) => println!("- {id}"),
            (before, after) if before != after => println!("~ {id}"),
            _ => {}
        }
    }
    Ok(())
}

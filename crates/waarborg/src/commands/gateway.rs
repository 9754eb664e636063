//! `waarborg gateway`: make a gateway's state once, run it, show its configuration.

use crate::Global;
use crate::exit::{Failure, Outcome};
use crate::words::Word;
use clap::Subcommand;
use node::gateway::config::{ConfigError, GatewayConfig};
use node::gateway::live::House;
use node::gateway::start::{self, NotRunning, Why};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::watch;
use verify::policy::{CommitteeName, Policy};

/// The gateway: takes orders, drives each case to its package
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  waarborg gateway init gateway.toml\n  waarborg gateway run gateway.toml")]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make what is missing: keys of the case database and the desk, folders, an empty case database
    Init { config: PathBuf },
    /// Run until interrupted; prints the address that it listens on
    Run { config: PathBuf },
    /// Check a configuration and show what it amounts to, without secrets
    Check { config: PathBuf },
}

pub fn run(args: Args, global: Global) -> Outcome {
    match args.command {
        Command::Init { config } => init(&load(&config)?, global),
        Command::Run { config } => serve(load(&config)?, global),
        Command::Check { config } => check(&load(&config)?, global),
    }
}

fn load(path: &Path) -> Result<GatewayConfig, Failure> {
    GatewayConfig::load(path).map_err(|error| match error {
        ConfigError::File { .. } => Failure::unavailable(error.to_string(), "check the path and its permissions"),
        _ => Failure::usage(error.to_string(), "docs/samples/gateway.toml shows every key"),
    })
}

fn failure(error: NotRunning) -> Failure {
    let hint = "docs/operate/gateway.md tells what each file is";
    match error.why {
        Why::Fault => Failure::unavailable(error.text, hint),
        Why::Configuration => Failure::usage(error.text, hint),
        Why::Rule(code) => Failure::refused(code, error.text, "put the newest copy in its place; docs/operate/gateway.md tells what then"),
    }
}

/// Only the two secrets that nobody else knows are made here; the others stand in the policy and are made before it.
fn init(config: &GatewayConfig, global: Global) -> Outcome {
    for file in [&config.body_key_file, &config.desk_token_file] {
        if !file.exists() {
            crate::commands::keys::write_new(file, format!("{}\n", start::random_hex()).as_bytes())?;
        }
    }
    start::init(config).map_err(failure)?;
    if global.json {
        println!("{}", json!({ "schema": "waarborg-gateway-init/v1", "state_dir": config.state_dir }));
    } else {
        println!("{}: {}", Word::Ready.text(global.lang), config.state_dir.display());
    }
    Ok(())
}

fn check(config: &GatewayConfig, global: Global) -> Outcome {
    let rules = start::rules(config).map_err(failure)?;
    names_fit(config, &rules.policy)?;
    let members: Vec<&str> = config.trustees.iter().map(|trustee| trustee.member.as_str()).collect();
    let shown = json!({
        "schema": "waarborg-gateway-config/v1",
        "listen": config.listen, "state_dir": config.state_dir, "outbox_dir": config.outbox_dir,
        "orders": config.orders.url, "public": config.public.url,
        "policy_sha256": verify::spelling::hex(rules.policy.hash()), "demo": rules.policy.is_demo(),
        "trustees": members, "authorities": config.authorities.keys().collect::<Vec<_>>(),
    });
    if global.json {
        println!("{shown}");
        return Ok(());
    }
    for (key, value) in shown.as_object().into_iter().flatten().filter(|(key, _)| *key != "schema") {
        println!("{key:<16} {value}");
    }
    Ok(())
}

/// Every member of both committees has its command and nobody else has; every authority stands in the directory.
fn names_fit(config: &GatewayConfig, policy: &Policy) -> Outcome {
    let committees = [CommitteeName::Approvers, CommitteeName::Guardians].map(|name| policy.committee_parts(name));
    let members = committees.iter().flat_map(|committee| &committee.members);
    let members: BTreeSet<&str> = members.map(|member| member.receipt_key.name().as_str()).collect();
    let commands: BTreeSet<&str> = config.trustees.iter().map(|trustee| trustee.member.as_str()).collect();
    let hint = "names are those that waarborg policy show prints";
    if let Some(name) = commands.difference(&members).next() {
        return Err(Failure::usage(format!("[[trustees]] names {name}, who is no member in the policy"), hint));
    }
    if let Some(name) = members.difference(&commands).next() {
        return Err(Failure::usage(format!("[[trustees]] lacks {name}, a member in the policy"), hint));
    }
    let known = |name: &str| policy.parts().directory.iter().any(|entry| entry.id.to_string() == name);
    match config.authorities.keys().find(|name| !known(name)) {
        Some(name) => Err(Failure::usage(format!("[authorities] names {name}, who is not in the policy's directory"), hint)),
        None => Ok(()),
    }
}

fn serve(config: GatewayConfig, global: Global) -> Outcome {
    let away = |error: &dyn std::fmt::Display| Failure::unavailable(error.to_string(), "see the runbook");
    // Two at least: the loop blocks its thread while SQLite syncs.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().map_err(|error| away(&error))?;
    runtime.block_on(async {
        let house = House::open(&config.vault_dir, &config.segments_dir).map_err(|fault| away(&fault.0))?;
        let (stop, stopping) = watch::channel(false);
        tokio::spawn(async move {
            interrupted().await;
            let _ = stop.send(true);
        });
        let started = |address: std::net::SocketAddr| {
            if global.json {
                println!("{}", json!({ "schema": "waarborg-started/v1", "address": format!("http://{address}") }));
            } else {
                println!("{} http://{address}", Word::GatewayAt.text(global.lang));
            }
        };
        start::run(config, Arc::new(house), stopping, started).await.map_err(failure)
    })
}

/// Ctrl-C, or a polite end from a service manager.
pub async fn interrupted() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(_) => return std::future::pending().await,
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

//! The configuration files of the demo's services, and starting them.

use super::people::{self, Keys, WITNESSES, WITNESSES_NEEDED};
use super::processes::{await_port, free_port};
use super::stage::{Program, Stage};
use crate::exit::Failure;
use std::fmt::Write;

/// Loopback ports, drawn once.
pub struct Ports {
    pub orders: u16,
    pub orders_submit: u16,
    pub public: u16,
    pub gateway: u16,
    pub witnesses: Vec<u16>,
}

impl Ports {
    pub fn draw() -> Result<Ports, Failure> {
        let witnesses = WITNESSES.iter().map(|_| free_port()).collect::<Result<Vec<_>, _>>()?;
        Ok(Ports { orders: free_port()?, orders_submit: free_port()?, public: free_port()?, gateway: free_port()?, witnesses })
    }
}

/// Writes the tlog-policy of each log, which the logs, the policy document and every verifier share.
pub fn write_log_policies(stage: &Stage, keys: &Keys) -> Result<(), Failure> {
    for log in ["orders", "public"] {
        let mut text = format!("log {}\n", keys.vkey(&format!("{log}-log")));
        for witness in WITNESSES {
            let _ = writeln!(text, "witness {witness} {}", keys.vkey(witness));
        }
        let _ = writeln!(text, "group W {WITNESSES_NEEDED} {}\nquorum W", WITNESSES.join(" "));
        stage.write(&format!("log-{log}/tlog-policy"), &text)?;
    }
    Ok(())
}

/// Witnesses first, then the two logs: a log asks its witnesses before it signs anything (LOG-64).
pub fn start_logs(stage: &mut Stage, keys: &Keys, ports: &Ports, year: u32, now: u64) -> Result<(), Failure> {
    for (witness, port) in WITNESSES.iter().zip(&ports.witnesses) {
        let config = witness_config(witness, *port, keys, year);
        stage.write(&format!("{witness}/witness.toml"), &config)?;
        start_role(stage, "witness", witness, &format!("{witness}/witness.toml"))?;
        await_port(*port, &mut stage.services)?;
    }
    let statement_keys = ["policy-1", "policy-2", "policy-3", "sealer", "provider", "auditor", "operator", "renewer", "gateway"];
    let mut lines: String = statement_keys.iter().map(|role| format!("{}\n", keys.vkey(role))).collect();
    super::ceremony::receipt_keys(stage)?.iter().for_each(|key| lines.push_str(&format!("{key}\n")));
    stage.write("log-public/statement-keys", &lines)?;
    for log in ["orders", "public"] {
        let config = log_config(log, keys, ports, year, now);
        stage.write(&format!("log-{log}/log.toml"), &config)?;
        start_role(stage, "log", &format!("log-{log}"), &format!("log-{log}/log.toml"))?;
    }
    await_port(ports.orders, &mut stage.services)?;
    await_port(ports.orders_submit, &mut stage.services)?;
    await_port(ports.public, &mut stage.services)
}

/// `waarborg <role> init CONFIG`, then `run` in the background.
pub fn start_role(stage: &mut Stage, role: &str, service: &str, config: &str) -> Result<(), Failure> {
    let config = stage.word(config);
    stage.quiet(Program::Waarborg, &[role, "init", &config])?;
    stage.print(Program::Waarborg, &[role, "run", &config]);
    stage.serve(service, &[role, "run", &config])
}

fn witness_config(name: &str, port: u16, keys: &Keys, year: u32) -> String {
    let mut text =
        format!("name = \"{name}.demo\"\nlisten = \"127.0.0.1:{port}\"\nstate_dir = \"state\"\nsigning_key_file = \"witness.key\"\n");
    for log in ["orders", "public"] {
        let (origin, vkey) = (people::origin(log, year), keys.vkey(&format!("{log}-log")));
        let _ = write!(text, "\n[[logs]]\norigin = \"{origin}\"\nvkeys = [\"{vkey}\"]\n");
    }
    text
}

fn log_config(log: &str, keys: &Keys, ports: &Ports, year: u32, now: u64) -> String {
    let (port, batch) = if log == "orders" { (ports.orders, 16) } else { (ports.public, 1024) };
    let mut text = format!(
        "kind = \"{log}\"\norigin = \"{}\"\ninception_unix_s = {now}\nstate_dir = \"state\"\nsigning_key_file = \"log.key\"\n\
         tlog_policy_file = \"tlog-policy\"\ntick_interval_s = 1\nbatch_entries = {batch}\nwitness_timeout_ms = 1000\n\
         listen = \"127.0.0.1:{port}\"\n",
        people::origin(log, year)
    );
    if log == "orders" {
        text.push_str("dummy_keys_dir = \"dummy-keys\"\n");
    } else {
        text.push_str("statement_keys_file = \"statement-keys\"\n");
    }
    for (witness, port) in WITNESSES.iter().zip(&ports.witnesses) {
        let _ = write!(text, "\n[[witnesses]]\nname = \"{witness}\"\nurl = \"http://127.0.0.1:{port}\"\n");
    }
    if log == "orders" {
        let _ = write!(
            text,
            "\n[submit]\nlisten = \"127.0.0.1:{}\"\ncertificate_file = \"submit.crt\"\nprivate_key_file = \"submit.pem\"\n\
             client_certificates_sha256 = [\"{}\"]\nleaves_per_tick_max = 16\n",
            ports.orders_submit, keys.submitter_certificate
        );
    }
    text
}

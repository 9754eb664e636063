//! The provider's side in the demo: sealer and gateway, their configuration, and the officers at the desk.

use super::house::Ports;
use super::people::{APPROVERS, AUTHORITY, GUARDIANS, Keys};
use super::stage::{Program, Stage};
use crate::exit::Failure;
use std::fmt::Write;

/// The guardian whose bundle is kept, so that it can be looked at and tampered with afterwards.
pub const WATCHED: &str = "guardian-5";
pub const BUNDLE: &str = "guardian-5-saw.bundle";

pub fn sealer_config(source: &str, ports: &Ports) -> String {
    format!(
        "[sealer]\nvault_dir = \"../vault\"\nstore_dir = \"../segments\"\npolicy_file = \"../../policy\"\n\
         sealer_key_file = \"sealer.key\"\nprovider_key_file = \"provider.key\"\n\
         public_log_url = \"http://127.0.0.1:{}\"\npoll_interval_ms = 100\nallow_unlocked_memory = true\n\n[[sources]]\n{source}",
        ports.public
    )
}

/// The source of the small provider: a file of JSON lines.
pub const JSON_LINES: &str =
    "kind = \"json-lines\"\nname = \"demo-messenger\"\npath = \"../records.jsonl\"\ndead_letters_file = \"dead-letters.jsonl\"\n";

pub fn gateway_config(stage: &Stage, keys: &Keys, ports: &Ports, timestamp: &str) -> String {
    let mut text = format!(
        r#"listen = "127.0.0.1:{gateway}"
state_dir = "state"
outbox_dir = "../outbox"
policy_file = "../../policy"
signing_key_file = "gateway.key"
engine_key_file = "engine.key"
body_key_file = "cases.key"
desk_token_file = "../desk/desk.token"
vault_dir = "../vault"
segments_dir = "../segments"

[orders]
url = "http://127.0.0.1:{orders}"
submit = {{ address = "127.0.0.1:{submit}", server_certificate_sha256 = "{certificate}", certificate_file = "submit.crt", private_key_file = "submit.pem", timeout_ms = 5000 }}

[public]
url = "http://127.0.0.1:{public}"

[package]
certificate_file = "package.crt"
private_key_file = "package.pem"
{timestamp}
[authorities."{AUTHORITY}"]
certificate_file = "../../authority/delivery.crt"

[timing]
poll_interval_ms = 100
retry_interval_s = 1
retry_interval_max_s = 10
trustee_limit_ms = 60000
http_limit_ms = 5000
attempts_max = 5
"#,
        gateway = ports.gateway,
        orders = ports.orders,
        submit = ports.orders_submit,
        certificate = keys.log_certificate,
        public = ports.public,
    );
    for (committee, members) in [("approvers", APPROVERS), ("guardians", GUARDIANS)] {
        for (place, (member, _)) in members.iter().enumerate() {
            trustee(stage, &mut text, &format!("{committee}-{}/{member}", place + 1), member);
        }
    }
    text
}

/// A member's two commands. One guardian's bundle passes through `tee`, so that the demo can show what a trustee sees.
fn trustee(stage: &Stage, text: &mut String, name: &str, member: &str) {
    let program = stage.program(Program::Trustee).display().to_string();
    let (state, policy) = (stage.word(member), stage.word("policy"));
    let judge = if member == WATCHED {
        let script = format!("tee {} | {program} judge --state {state} --policy {policy}", stage.word(BUNDLE));
        format!("[\"sh\", \"-c\", \"{script}\"]")
    } else {
        format!("[\"{program}\", \"judge\", \"--state\", \"{state}\", \"--policy\", \"{policy}\"]")
    };
    let _ = write!(
        text,
        "\n[[trustees]]\nmember = \"{name}\"\nargv = {judge}\nheads_argv = [\"{program}\", \"heads\", \"--state\", \"{state}\"]\n"
    );
}

/// Runs a desk command against the gateway.
pub fn case_words<'a>(words: &[&'a str], gateway: &'a str, token: &'a str, is_dutch: bool) -> Vec<&'a str> {
    let mut all = vec!["case"];
    all.extend_from_slice(words);
    all.extend(["--gateway", gateway, "--token", token]);
    if is_dutch {
        all.extend(["--lang", "nl"]);
    }
    all
}

/// One officer approves what the case waits for, with a pass for this case alone (T5).
pub fn approve(stage: &Stage, case: &str, officer: &str, gateway: &str) -> Result<(), Failure> {
    let (key, token) = (stage.word(&format!("provider/desk/{officer}.key")), stage.word("provider/desk/desk.token"));
    let pass = stage.word(&format!("provider/desk/{officer}-{case}.pass"));
    if !std::path::Path::new(&pass).exists() {
        stage.quiet(Program::Waarborg, &case_words(&["pass", case, "--out", &pass], gateway, &token, false))?;
    }
    let words = ["approve", case, "--key", &key, "--yes", case];
    stage.show(Program::Waarborg, &case_words(&words, gateway, &pass, stage.narrator.is_dutch())).map(|_| ())
}

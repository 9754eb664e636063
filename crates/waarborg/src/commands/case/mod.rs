//! `waarborg case`: officers look at cases, approve, refuse. What they sign is computed here from what is shown here.

mod screen;

use crate::Global;
use crate::commands::keys::key_failure;
use crate::door::{Address, Door};
use crate::exit::{Failure, Outcome};
use crate::words::Word;
use clap::Subcommand;
use node::case_pass::{CasePass, DAYS_MAX};
use node::cases::happening::cause;
use node::cases::state::NOT_HELD;
use node::cases::{CaseId, Digest32, ScopeDiff};
use node::gateway::papers;
use node::gateway::signatures::{self, CaseRefusal};
use node::log::keys;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use verify::approval::Stage;
use verify::calendar::DAY;
use verify::order::OrderDocument;
use verify::spelling::from_base64;

/// Look at cases, approve or refuse them
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg case list --token desk.token\n  waarborg case show 7f3a91c0 --token desk.token\n  waarborg case approve 7f3a91c0 --key officer.key --token desk.token --yes 7f3a91c0\n  waarborg case refuse 7f3a91c0 --key officer.key --reason 12 --token desk.token --yes 7f3a91c0\n  waarborg case not-held 7f3a91c0 --key officer.key --token desk.token --yes 7f3a91c0\n  waarborg case watch 7f3a91c0 --token desk.token --until closed\n  waarborg case pass 7f3a91c0 --token desk.token -o officer-1.pass"
)]
pub struct Args {
    #[command(flatten)]
    address: Address,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// All cases: number, id, state, what they wait for
    List,
    /// One case: the order, what the system understood, what was found
    Show {
        /// The id or its beginning
        case: String,
    },
    /// Approve what the case waits for: the order as understood, or the rows that would go out
    Approve {
        case: String,
        /// Key of an officer whom the policy names
        #[arg(long)]
        key: PathBuf,
        /// The case's id or its beginning once more; without it nothing is signed
        #[arg(long)]
        yes: Option<String>,
    },
    /// Refuse the case; one officer suffices
    Refuse {
        case: String,
        #[arg(long)]
        key: PathBuf,
        /// Reason code, goes into the leaf's commitment; 1 to 25 are the trustees' rules
        #[arg(long)]
        reason: u16,
        #[arg(long)]
        yes: Option<String>,
    },
    /// Answer "not held", when none of the ordered identifiers exists on any ordered day (GWY-15); one officer suffices
    NotHeld {
        case: String,
        #[arg(long)]
        key: PathBuf,
        #[arg(long)]
        yes: Option<String>,
    },
    /// Take a halted case up again under a new intent
    Retry { case: String },
    /// Make a pass for one case: an officer shows it in the place of the desk's token, and sees that case and nothing else
    Pass {
        case: String,
        /// How long it lasts, 1 to 31
        #[arg(long, default_value_t = 7)]
        days: u64,
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Follow a case until it is in a state, or waits for people
    Watch {
        case: String,
        /// A state such as awaiting-release or closed
        #[arg(long)]
        until: Option<String>,
        #[arg(long, default_value_t = 600)]
        limit_s: u64,
    },
}

pub fn run(args: Args, global: Global) -> Outcome {
    let door = args.address.door()?;
    match args.command {
        Command::List => list(&door, global),
        Command::Show { case } => {
            let view = View::fetch(&door, &case)?;
            screen::show(&view, global);
            Ok(())
        }
        Command::Approve { case, key, yes } => approve(&door, &case, &key, yes.as_deref(), global),
        Command::Refuse { case, key, reason, yes } => refuse(&door, &case, &key, reason, yes.as_deref(), global),
        Command::NotHeld { case, key, yes } => refuse(&door, &case, &key, NOT_HELD, yes.as_deref(), global),
        Command::Retry { case } => {
            let id = find(&door, &case)?;
            let receipt = door.post(&format!("/cases/{id}/retry"), &[])?;
            crate::commands::order::tell_receipt(&receipt, global);
            Ok(())
        }
        Command::Pass { case, days, out } => pass(&args.address, &door, &case, days, &out),
        Command::Watch { case, until, limit_s } => watch(&door, &case, until.as_deref(), limit_s, global),
    }
}

/// One case as the gateway shows it, with the order parsed and checked here.
pub struct View {
    pub json: Value,
    pub id: CaseId,
    pub order: OrderDocument,
    pub scope: Option<ScopeDiff>,
}

impl View {
    fn fetch(door: &Door, case: &str) -> Result<View, Failure> {
        let id = find(door, case)?;
        let json = door.get(&format!("/cases/{id}"))?;
        let broken = |text: &str| {
            Failure::verification("CASE-11", format!("the gateway shows a case that does not hang together: {text}"), "do not approve it")
        };
        let order = json["order"].as_str().and_then(from_base64).ok_or_else(|| broken("no order"))?;
        let order = OrderDocument::parse(&order).map_err(|error| broken(&error.to_string()))?;
        order.check().map_err(|error| broken(&error.to_string()))?;
        // The id is the order's own: a gateway cannot show one order and file the approval under another.
        if order.record().d() != id.0 {
            return Err(broken("the order is another one"));
        }
        let scope = match json.get("scope") {
            Some(scope) => Some(serde_json::from_value(scope.clone()).map_err(|_| broken("the scope difference does not read"))?),
            None => None,
        };
        Ok(View { json, id, order, scope })
    }

    /// Stage and digest of what the case waits for.
    fn to_approve(&self) -> Result<(Stage, Digest32), Failure> {
        match (self.json["waits_for"].as_str(), &self.scope) {
            (Some("approval-1"), _) => {
                let digest = papers::understanding_of(&self.id, &self.order);
                Ok((Stage::BeforeKeys, digest))
            }
            (Some("approval-2"), Some(scope)) => Ok((Stage::BeforeDelivery, scope.digest(&self.id))),
            (waits, _) => Err(Failure::refused(
                "CASE-03",
                format!("the case waits for no approval but for {}", waits.unwrap_or("nothing")),
                "waarborg case show tells what it waits for",
            )),
        }
    }
}

/// The full id of the one case that begins with `text`, or has that receipt number.
fn find(door: &Door, text: &str) -> Result<CaseId, Failure> {
    if let Some(id) = Digest32::from_hex(text) {
        return Ok(id);
    }
    // A pass has no list to look in, and needs none.
    if let Some(own) = door.pass_case() {
        let fits = 4 <= text.len() && own.to_string().starts_with(text);
        let hint = "a pass shows its own case: the beginning of that case's id";
        return if fits { Ok(own) } else { Err(Failure::refused("CASE-02", format!("\"{text}\" is not the case of this pass"), hint)) };
    }
    let cases = door.get("/cases")?;
    let rows = cases["cases"].as_array().cloned().unwrap_or_default();
    let fits = |row: &&Value| {
        let id = row["id"].as_str().unwrap_or_default();
        (text.len() >= 4 && id.starts_with(text)) || row["number"].to_string() == text
    };
    let found: Vec<&Value> = rows.iter().filter(fits).collect();
    let [one] = found[..] else {
        return Err(Failure::refused("CASE-02", format!("{} cases fit \"{text}\"", found.len()), "waarborg case list shows all of them"));
    };
    one["id"].as_str().and_then(Digest32::from_hex).ok_or_else(|| Failure::unavailable("the gateway's answer does not read", ""))
}

/// GWY-53
fn pass(address: &Address, door: &Door, case: &str, days: u64, out: &Path) -> Outcome {
    if !(1..=DAYS_MAX).contains(&days) {
        return Err(Failure::usage(format!("--days {days}: a pass lasts 1 to {DAYS_MAX} days"), "make another one when it is over"));
    }
    let token = address.desk_token()?;
    let case = find(door, case)?;
    let pass = CasePass::issue(&token, case, node::gateway::shell::now() + days * DAY);
    crate::commands::keys::write_new(out, format!("{}\n", pass.to_text()).as_bytes())
}

fn list(door: &Door, global: Global) -> Outcome {
    let cases = door.get("/cases")?;
    if global.json {
        println!("{cases}");
        return Ok(());
    }
    let rows = cases["cases"].as_array().cloned().unwrap_or_default();
    if rows.is_empty() {
        println!("{}", Word::NoCases.text(global.lang));
    }
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
        println!(
            "{:>6}  {}  {:<18} {}",
            row["number"].to_string(),
            &text("id")[..12.min(text("id").len())],
            text("state"),
            text("waits_for")
        );
    }
    Ok(())
}

fn approve(door: &Door, case: &str, key: &std::path::Path, yes: Option<&str>, global: Global) -> Outcome {
    let view = View::fetch(door, case)?;
    let (stage, digest) = view.to_approve()?;
    confirmed(&view, yes, global)?;
    let officer = keys::load(key).map_err(|error| key_failure(key, error))?;
    let document = signatures::approve(&view.id, stage, &digest, now(), &officer)
        .map_err(|refused| Failure::refused(&refused.code, refused.text, refused.hint))?;
    let receipt = door.post(&format!("/cases/{}/approvals", view.id), &document)?;
    tell(Word::Approved, &receipt, global);
    Ok(())
}

fn refuse(door: &Door, case: &str, key: &std::path::Path, reason: u16, yes: Option<&str>, global: Global) -> Outcome {
    let view = View::fetch(door, case)?;
    confirmed(&view, yes, global)?;
    let officer = keys::load(key).map_err(|error| key_failure(key, error))?;
    let refusal = CaseRefusal { case: view.id, reason, time: now() };
    let document = refusal.sign(&officer).map_err(|error| Failure::usage(error.to_string(), "an officer's key is a signing key"))?;
    let receipt = door.post(&format!("/cases/{}/refusal", view.id), &document)?;
    tell(Word::Refused, &receipt, global);
    Ok(())
}

/// Shows what would be signed; signs only if the confirmation names the case (at least eight characters of its id).
fn confirmed(view: &View, yes: Option<&str>, global: Global) -> Outcome {
    let named = yes.is_some_and(|text| text.len() >= 8 && view.id.to_string().starts_with(text));
    if named {
        return Ok(());
    }
    screen::show(view, global);
    let short: String = view.id.to_string().chars().take(12).collect();
    Err(Failure::usage(Word::WouldSign.text(global.lang), format!("--yes {short}")))
}

fn tell(word: Word, receipt: &Value, global: Global) {
    if global.json {
        println!("{receipt}");
    } else {
        println!("{} ({} {})", word.text(global.lang), Word::State.text(global.lang), receipt["state"].as_str().unwrap_or("-"));
    }
}

fn watch(door: &Door, case: &str, until: Option<&str>, limit_s: u64, global: Global) -> Outcome {
    let id = find(door, case)?;
    let deadline = now() + limit_s;
    let mut shown = 0;
    loop {
        let view = door.get(&format!("/cases/{id}"))?;
        let events = view["events"].as_array().cloned().unwrap_or_default();
        events.iter().skip(shown).for_each(|event| screen::event(event, global));
        shown = events.len();
        let state = view["state"].as_str().unwrap_or_default();
        let done = match until {
            Some(wanted) => state == wanted || state == "closed",
            None => view["waits_for"] != json!("machine"),
        };
        if done {
            let reached = until.is_none_or(|wanted| wanted == state);
            let text = format!("the case is closed, not {}", until.unwrap_or_default());
            return if reached { Ok(()) } else { Err(Failure::refused("CASE-12", text, "")) };
        }
        if state == "halted" {
            let lines = view["why"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let why = lines.map(|line| cause(line, global.lang.into())).collect::<Vec<_>>().join("; ");
            return Err(Failure::refused("CASE-13", format!("the case is halted: {why}"), "waarborg case retry, or refuse"));
        }
        if deadline <= now() {
            return Err(Failure::unavailable(
                format!("after {limit_s} s the case is still {state}"),
                "waarborg case show tells what it waits for",
            ));
        }
        std::thread::sleep(Duration::from_millis(250));
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

//! `waarborg order`: the authority drafts, the court signs, anybody looks, the authority sends; either may withdraw.
//! What hangs on an order later (extension, notice, confirmation) is sent with `relate`.

mod attest;
mod check;
mod dutch;
mod import;
mod input;
pub mod received;
mod sample;
mod signatures;
mod writing;

use crate::commands::keys::key_failure;
use crate::commands::policy;
use crate::door::Door;
use crate::exit::{Failure, Outcome};
use crate::words::Word;
use crate::{Global, Lang};
use clap::Subcommand;
use node::cases::understanding;
use node::log::client::LogReader;
use node::log::keys;
use seal::entropy::SystemEntropy;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use verify::log::note::Signer;
use verify::log::proof::TlogProof;
use verify::order::{OrderDocument, OrderDraft, OrderError};
use verify::policy::Policy;
use verify::record::{DraftRecord, Kind, Parent, Record, SignedRecord, Value};

/// Draft, sign, show, send and withdraw orders
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg order draft order.toml --policy policy -o x.order\n  waarborg order sign x.order --key court.key\n  waarborg order show x.order --policy policy\n  waarborg order send x.order --gateway http://127.0.0.1:8110\n  waarborg order sample my-first-order\n  waarborg order check docs/samples/received.toml --provider docs/samples/provider.toml\n  waarborg order translate docs/samples/epoc.xml --as etsi --sender NL:PARKET --receiver NL:NL-EXAMPLE -o order.xml\n  waarborg order relate letter/notice.record --gateway http://127.0.0.1:8110\n  waarborg order withdraw x.order --key court.key --log http://127.0.0.1:8101 --gateway http://127.0.0.1:8110"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make an unsigned order document from order.toml; lists every slot that it names
    Draft {
        input: PathBuf,
        /// The provider's policy; default: policy_file of order.toml
        #[arg(long)]
        policy: Option<PathBuf>,
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Show what an order says, and sign it; an attested order takes one --key for each attester
    Sign {
        order: PathBuf,
        #[arg(long)]
        key: Vec<PathBuf>,
        /// An attestation that `order attest` wrote, instead of its key
        #[arg(long)]
        attestation: Vec<PathBuf>,
        /// Default: replace the draft
        #[arg(short, long)]
        out: Option<PathBuf>,
    },
    /// Tell what an order document says, and with --policy who signed it
    Show {
        order: PathBuf,
        #[arg(long)]
        policy: Option<PathBuf>,
    },
    /// Send a signed order to the provider's gateway; sending it again changes nothing
    Send {
        order: PathBuf,
        #[arg(long)]
        gateway: String,
    },
    /// Send a signed extension, notice or confirmation to the provider's gateway; sending it again changes nothing
    Relate {
        /// A record of kind 4, 5 or 9
        record: PathBuf,
        #[arg(long)]
        gateway: String,
    },
    /// Explain any order in plain words: what it is, who signed it, which gate fails, what to do
    Check {
        /// EC form XML, ETSI message, native order, or transcription (docs/samples/received.toml)
        file: PathBuf,
        #[command(flatten)]
        context: Box<received::Context>,
    },
    /// Write an example order, a provider's file and a registry to try check, answer and translate on; prints the commands
    Sample {
        /// Where to; made if it is not there
        #[arg(default_value = "waarborg-sample")]
        folder: PathBuf,
    },
    /// Make native order drafts of an outside order that the gates admit
    Import {
        /// The outside order
        file: PathBuf,
        #[command(flatten)]
        context: Box<received::Context>,
        #[command(flatten)]
        import: Box<import::Importing>,
    },
    /// Write an order in another form: EC form XML or an ETSI TS 103 120 message, from a transcription, form, message or native order
    Translate {
        /// The order
        file: PathBuf,
        #[command(flatten)]
        context: Box<received::Context>,
        #[command(flatten)]
        writing: Box<writing::Writing>,
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Answer an order with Form 3: grounds of the gates that fail, or a person's
    Answer {
        /// The order
        file: PathBuf,
        #[command(flatten)]
        context: Box<received::Context>,
        #[command(flatten)]
        answer: Box<check::Answering>,
    },
    /// Compare the original with its transcription side by side; with --key and --yes, attest it
    Attest(attest::Args),
    /// Sign a withdrawal: no further slot is served
    Withdraw {
        order: PathBuf,
        /// Key of the order's court or issuing authority
        #[arg(long)]
        key: PathBuf,
        /// The key is the issuing authority's, not the court's
        #[arg(long)]
        by_authority: bool,
        /// Reading address of ORDERS, to find the order's leaf
        #[arg(long)]
        log: String,
        /// Send it there too
        #[arg(long)]
        gateway: Option<String>,
        #[arg(short, long)]
        out: Option<PathBuf>,
    },
}

pub fn run(args: Args, global: Global) -> Outcome {
    match args.command {
        Command::Draft { input, policy, out } => draft(&input, policy, &out, global),
        Command::Sign { order, key, attestation, out } => sign(&order, &key, &attestation, out.as_deref(), global),
        Command::Show { order, policy } => show(&order, policy.as_deref(), global),
        Command::Send { order, gateway } => send(&order, &gateway, global),
        Command::Relate { record, gateway } => {
            tell_receipt(&Door::new(&gateway, None)?.post("/related", &read(&record)?)?, global);
            Ok(())
        }
        Command::Check { file, context } => check::check(&file, &context, global),
        Command::Sample { folder } => sample::write(&folder, global),
        Command::Import { file, context, import } => import::import(&file, &context, &import, global),
        Command::Translate { file, context, writing, out } => writing::translate(&file, &context, &writing, &out),
        Command::Answer { file, context, answer } => check::answer(&file, &context, *answer, global),
        Command::Attest(args) => attest::run(&args, global),
        Command::Withdraw { order, key, by_authority, log, gateway, out } => {
            let signed = sign_withdrawal(&order, &key, by_authority, &log)?;
            hand_in(&signed, gateway.as_deref(), out.as_deref(), global)
        }
    }
}

fn draft(input: &Path, policy_file: Option<PathBuf>, out: &Path, global: Global) -> Outcome {
    let order = input::OrderInput::load(input)?;
    let base = input.parent().unwrap_or(Path::new(""));
    let policy_file = policy_file.or_else(|| order.policy_file(base));
    let policy_file = policy_file.ok_or_else(|| Failure::usage("no policy given", "--policy FILE, or policy_file in order.toml"))?;
    let policy = policy::load(&policy_file)?;
    let draft = OrderDraft::draw(order.terms(base, &policy)?, &mut SystemEntropy).map_err(refusal)?;
    write_new(out, &draft.to_bytes())?;
    if global.json {
        println!("{}", json!({ "schema": "waarborg-order-draft/v1", "identities": draft.scope().identity_count() }));
    } else {
        println!("{}: {}", Word::Drafted.text(global.lang), out.display());
    }
    Ok(())
}

fn sign(path: &Path, key_files: &[PathBuf], attested: &[PathBuf], out: Option<&Path>, global: Global) -> Outcome {
    let draft = OrderDraft::parse(&read(path)?).map_err(refusal)?;
    let load = |file: &PathBuf| keys::load(file).map_err(|error| key_failure(file, error));
    let signers = key_files.iter().map(load).collect::<Result<Vec<_>, _>>()?;
    let order = match (&signers[..], draft.record().attesters()) {
        ([signer], None) if attested.is_empty() => draft.sign(signer).map_err(refusal)?,
        (_, None) => return Err(Failure::usage("a native order has one signer, and no attestations", "give --key once")),
        (_, Some(named)) => {
            let given = attested.iter().map(|file| attest::read(file)).collect::<Result<Vec<_>, _>>()?;
            let signatures = attestations(&draft, named, &signers, &given)?;
            draft.attest(&signatures).map_err(refusal)?
        }
    };
    let bytes = order.to_bytes();
    match out {
        Some(out) => write_new(out, &bytes)?,
        // The draft is replaced as a whole or not at all.
        None => node::private_file::write_whole(path, &bytes).map_err(|error| Failure::file(path, &error))?,
    }
    tell(&order, None, global);
    if !global.json {
        println!("{}: {}", Word::Signed.text(global.lang), out.unwrap_or(path).display());
    }
    Ok(())
}

/// One signature for each attester that the record names, in its order (LOG-101).
fn attestations(
    draft: &OrderDraft,
    named: &[[u8; 32]],
    signers: &[Signer],
    given: &[attest::Attestation],
) -> Result<Vec<[u8; 64]>, Failure> {
    let message = draft.record().message();
    let one = |digest: &[u8; 32]| {
        let signer = signers.iter().find(|signer| verify::record::key_digest(signer.vkey().key()) == *digest);
        let file = given.iter().find(|attestation| attestation.attester == *digest && attestation.is_of(draft));
        signer.map(|signer| signer.sign_message(&message)).or(file.map(|attestation| attestation.signature))
    };
    let signatures: Option<Vec<_>> = named.iter().map(one).collect();
    signatures.filter(|list| list.len() == signers.len() + given.len()).ok_or_else(|| {
        Failure::refused(
            "LOG-101",
            "the keys and attestations are not exactly those of the attesters that the order names, for this very draft",
            "give --key or --attestation once for each of them",
        )
    })
}

fn show(path: &Path, policy_file: Option<&Path>, global: Global) -> Outcome {
    let bytes = read(path)?;
    let policy = policy_file.map(policy::load).transpose()?;
    match OrderDocument::parse(&bytes) {
        Ok(order) => {
            order.check().map_err(refusal)?;
            tell(&order, policy.as_ref(), global);
        }
        Err(_) => {
            let draft = OrderDraft::parse(&bytes).map_err(refusal)?;
            draft.check().map_err(refusal)?;
            // A draft reads like the order that it will be; only the signature is missing.
            let lines = understanding::lines(draft.record(), draft.scope());
            tell_lines(&lines, None, Word::Unsigned.text(global.lang), global);
        }
    }
    Ok(())
}

fn tell(order: &OrderDocument, policy: Option<&Policy>, global: Global) {
    let lines = understanding::lines(order.record().record(), order.scope());
    let signer = match policy {
        Some(policy) => format!("{} {}", Word::SignedBy.text(global.lang), signer(order, policy)),
        None => Word::SignedUnknown.text(global.lang).to_owned(),
    };
    tell_lines(&lines, Some(order.record().d()), &signer, global);
}

fn tell_lines(lines: &[String], d: Option<[u8; 32]>, signer: &str, global: Global) {
    let id = d.map(|d| verify::spelling::hex(&d));
    if global.json {
        println!("{}", json!({ "schema": "waarborg-order-view/v1", "order": id, "lines": lines, "signed": d.is_some() }));
        return;
    }
    if let Some(id) = id {
        println!("{} {id}", Word::OrderId.text(global.lang));
    }
    println!("{signer}\n{}:", Word::Understood.text(global.lang));
    lines.iter().for_each(|line| println!("  {line}"));
}

/// The directory ids whose keys fit; `-` if none of the policy does.
fn signer(order: &OrderDocument, policy: &Policy) -> String {
    let record = order.record();
    let attesters: Vec<_> = policy.parts().attesters.keys.iter().map(|key| key.key()).collect();
    if record.record().attesters().is_some() {
        let named = record.verify_attested(&attesters, policy.parts().attesters.need).is_ok();
        return if named { "the attesters of the policy".to_owned() } else { "-".to_owned() };
    }
    let fits = policy.parts().directory.iter().find(|entry| record.verify_native(entry.key.key()).is_ok());
    fits.map_or_else(|| "-".to_owned(), |entry| entry.id.as_str().to_owned())
}

fn send(path: &Path, gateway: &str, global: Global) -> Outcome {
    let bytes = read(path)?;
    OrderDocument::parse(&bytes).and_then(|order| order.check().map(|_| ())).map_err(refusal)?;
    let receipt = Door::new(gateway, None)?.post("/orders", &bytes)?;
    tell_receipt(&receipt, global);
    Ok(())
}

/// Prints a case receipt of the gateway.
pub fn tell_receipt(receipt: &serde_json::Value, global: Global) {
    if global.json {
        println!("{receipt}");
        return;
    }
    let text = |key: &str| receipt[key].as_str().unwrap_or("-").to_owned();
    let lang: Lang = global.lang;
    println!("{}: {} {}", Word::Sent.text(lang), Word::Receipt.text(lang), receipt["number"]);
    println!("{} {} ({} {})", Word::Case.text(lang), text("case"), Word::State.text(lang), text("state"));
}

fn sign_withdrawal(path: &Path, key: &Path, by_authority: bool, log: &str) -> Result<SignedRecord, Failure> {
    let order = OrderDocument::parse(&read(path)?).map_err(refusal)?;
    let signer = keys::load(key).map_err(|error| key_failure(key, error))?;
    let parent = find_leaf(log, &order.record().d())?;
    withdrawal(&order, parent, by_authority, &signer)
}

fn hand_in(record: &SignedRecord, gateway: Option<&str>, out: Option<&Path>, global: Global) -> Outcome {
    if gateway.is_none() && out.is_none() {
        return Err(Failure::usage("the withdrawal would go nowhere", "give --gateway URL, --out FILE, or both"));
    }
    let bytes = record.to_bytes();
    if let Some(out) = out {
        write_new(out, &bytes)?;
    }
    if let Some(gateway) = gateway {
        let receipt = Door::new(gateway, None)?.post("/withdrawals", &bytes)?;
        tell_receipt(&receipt, global);
    } else if !global.json {
        println!("{}", Word::Withdrawn.text(global.lang));
    }
    Ok(())
}

/// A record of kind 10 under the order's leaf.
fn withdrawal(order: &OrderDocument, parent: Parent, by_authority: bool, signer: &Signer) -> Result<SignedRecord, Failure> {
    let record = order.record().record();
    let (Some(provider), Some(authority)) = (record.provider(), record.authority()) else {
        return Err(Failure::usage("this is not an order", ""));
    };
    let mut values =
        vec![Value::Kind(Kind::Withdrawal), Value::Provider(provider), Value::Parent(parent), Value::Authority(authority.clone())];
    // Naming the court says whose signature this is (REL-12).
    values.extend(record.court().filter(|_| !by_authority).cloned().map(Value::Court));
    let record = Record::draw(values, &mut SystemEntropy).map_err(|error| Failure::refused(error.code(), error.to_string(), ""))?;
    let draft = DraftRecord::draw(record, &mut SystemEntropy);
    let signature = signer.sign_message(&draft.record.message());
    Ok(draft.signed(signature.to_vec()))
}

/// Where the order stands in ORDERS, by its D.
fn find_leaf(log: &str, d: &[u8; 32]) -> Result<Parent, Failure> {
    let away = |text: String| Failure::unavailable(text, "is this the reading address of ORDERS?");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| away(error.to_string()))?;
    let reader = LogReader::new(log, Duration::from_secs(10)).map_err(|error| away(error.to_string()))?;
    let proof = runtime.block_on(reader.receipt(d)).map_err(|error| away(error.to_string()))?;
    let proof =
        proof.ok_or_else(|| Failure::refused("CASE-01", "the order is not in this log", "has it been sent, and has a tick passed?"))?;
    let proof = TlogProof::parse(&proof).map_err(|error| away(error.to_string()))?;
    let head = verify::log::checkpoint::Checkpoint::of_note(&proof.checkpoint).map_err(|error| away(error.to_string()))?;
    Ok(Parent::new(head.origin.as_str(), proof.index))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::file(path, &error))
}

/// Orders are never overwritten: a second draft has other salts and is another order.
fn write_new(path: &Path, bytes: &[u8]) -> Outcome {
    crate::commands::keys::write_new(path, bytes)
}

fn refusal(error: OrderError) -> Failure {
    Failure::refused(error.code(), error.to_string(), "the rules are in docs/spec/order.md")
}

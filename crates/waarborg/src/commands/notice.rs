//! `waarborg notice`: the authority makes the letter to the person, anybody opens it and holds it against the log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;
use node::cases::understanding::utc;
use node::log::client::LogReader;
use seal::catalogue::RecordType;
use seal::entropy::SystemEntropy;
use seal::identity::Category;
use seal::selector::Selector;
use verify::calendar::Day;
use verify::intent::IntentDocument;
use verify::log::leaf::d_of_entry;
use verify::log::proof::TlogProof;
use verify::notice::{CheckedNotice, FrameField, NoticeError, NoticeParts, SignedNotice, code, same_code};
use verify::order::OrderDocument;
use verify::package::RawPackage;
use verify::record::{DraftRecord, Record, Value};
use verify::verdict::escape;

use super::keys::{key_failure, write_new};
use super::log::{read, reader};
use super::policy;
use crate::exit::{Failure, Outcome};
use crate::{Global, Lang};

/// The letter to the person
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg notice make --package production.asice --selector phone:+31612345678 --orders http://127.0.0.1:8101 --policy policy --key om.key --remedies \"...\" -o letter\n  waarborg notice open letter/notice.txt --policy policy --orders http://127.0.0.1:8101\n  waarborg notice code 7K3QX-... --index 4711 --orders http://127.0.0.1:8101"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make notice.txt, letter.txt and notice.record (kind 5, for the log) in a new directory
    Make(MakeArgs),
    /// Check a notice and tell what it says
    Open {
        notice: PathBuf,
        /// The provider's policy document
        #[arg(long)]
        policy: PathBuf,
        /// Also hold it against the log as it is now: address or directory of ORDERS
        #[arg(long)]
        orders: Option<String>,
        /// The code on the paper
        #[arg(long)]
        code: Option<String>,
    },
    /// Hold the code of a paper letter against the log
    Code {
        code: String,
        #[arg(long)]
        index: u64,
        /// Address or directory of ORDERS
        #[arg(long)]
        orders: String,
    },
}

#[derive(clap::Args)]
struct MakeArgs {
    /// Each package that came under the order: order and intents are in it
    #[arg(long, required_unless_present = "order")]
    package: Vec<PathBuf>,
    /// Instead of packages, where nothing was produced: the signed order
    #[arg(conflicts_with = "package")]
    order: Option<PathBuf>,
    /// With the order: each intent under it
    #[arg(long, requires = "order")]
    intent: Vec<PathBuf>,
    /// The person's own, as in the order; everything else in it is withheld
    #[arg(long, required = true)]
    selector: Vec<String>,
    /// Reading address of ORDERS
    #[arg(long)]
    orders: String,
    #[arg(long)]
    policy: PathBuf,
    /// Key of the authority that the order names
    #[arg(long)]
    key: PathBuf,
    /// Frame fields that the law withholds besides, by number
    #[arg(long)]
    withhold: Vec<u16>,
    /// What the person can do, one line
    #[arg(long)]
    remedies: String,
    #[arg(short, long)]
    out: PathBuf,
}

pub fn run(args: Args, global: Global) -> Outcome {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    runtime.block_on(async {
        match args.command {
            Command::Make(args) => make(args, global).await,
            Command::Open { notice, policy, orders, code } => open(&notice, &policy, orders.as_deref(), code.as_deref(), global).await,
            Command::Code { code, index, orders } => {
                let d = leaf_at(&orders, index).await?;
                if !same_code(&code, &d) {
                    return Err(wrong_code());
                }
                println!("{}", if global.lang == Lang::Nl { "dit blad staat in het logboek" } else { "this leaf stands in the log" });
                Ok(())
            }
        }
    })
}

fn refusal(error: NoticeError) -> Failure {
    Failure::verification(error.code(), error.to_string(), "the rules are in docs/spec/notice.md")
}

fn wrong_code() -> Failure {
    Failure::verification("NOT-19", "the code is not that of the leaf at this index", "compare code and index with the letter once more")
}

fn unread(code: &str, text: String) -> Failure {
    Failure::refused(code, text, "is it the file that was signed?")
}

/// The order and what was asked under it, from the files or from the packages. All packages must be of one order.
fn documents(args: &MakeArgs) -> Result<(OrderDocument, Vec<IntentDocument>), Failure> {
    let (order, intents) = match &args.order {
        Some(order) => (read(order)?, args.intent.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?),
        None => from_packages(&args.package)?,
    };
    let order = OrderDocument::parse(&order).map_err(|error| unread(error.code(), error.to_string()))?;
    order.check().map_err(|error| unread(error.code(), error.to_string()))?;
    let intents = intents.iter().map(|bytes| IntentDocument::parse(bytes)).collect::<Result<Vec<_>, _>>();
    Ok((order, intents.map_err(|error| unread(error.code(), error.to_string()))?))
}

fn from_packages(paths: &[PathBuf]) -> Result<(Vec<u8>, Vec<Vec<u8>>), Failure> {
    let (mut order, mut intents) = (Vec::new(), Vec::new());
    for path in paths {
        let bytes = read(path)?;
        let package = RawPackage::read(&bytes).and_then(RawPackage::check).map_err(|error| unread(error.code(), error.to_string()))?;
        let log = package.log();
        if !order.is_empty() && order != log.order.document {
            let text = format!("{} came under another order", path.display());
            return Err(Failure::usage(text, "one letter is about one order: make one for each"));
        }
        order.clone_from(&log.order.document);
        intents.push(log.intent.document.clone());
    }
    Ok((order, intents))
}

async fn make(args: MakeArgs, global: Global) -> Outcome {
    let policy = policy::load(&args.policy)?;
    let (order, asked) = documents(&args)?;
    let log = LogReader::new(&args.orders, Duration::from_secs(10)).map_err(|error| Failure::usage(error.to_string(), ""))?;
    let order_proof = proof(&log, &order.record().d()).await?;
    let mut intents = Vec::new();
    for intent in asked {
        let proof = proof(&log, &intent.record().d()).await?;
        intents.push((intent, proof));
    }
    let selectors = args.selector.iter().map(|text| Selector::from_text(text)).collect::<Result<Vec<_>, _>>();
    let selectors = selectors.map_err(|_| Failure::usage("this is no selector", "phone:+31612345678, account:@a:example"))?;
    let parts = NoticeParts {
        policy: &policy,
        order: &order,
        order_proof,
        intents: intents.iter().map(|(intent, proof)| (intent, proof.clone())).collect(),
        selectors,
        withheld: args.withhold,
        remedies: args.remedies,
    };
    let signer = node::log::keys::load(&args.key).map_err(|error| key_failure(&args.key, error))?;
    let signed = parts.draft(node::log::unix_now()).map_err(refusal)?.sign(&signer);
    // Nobody sends a letter that does not bear its own check.
    let checked = signed.check(&policy).map_err(refusal)?;
    let record = Record::draw(checked.leaf_values(), &mut SystemEntropy).map_err(|error| unread(error.code(), error.to_string()))?;
    let record = DraftRecord::draw(record, &mut SystemEntropy);
    let signature = signer.sign_message(&record.record.message());
    node::private_file::folder(&args.out).map_err(|error| Failure::file(&args.out, &error))?;
    write_new(&args.out.join("notice.txt"), &signed.to_bytes())?;
    write_new(&args.out.join("letter.txt"), lines(&checked, global.lang).join("\n").as_bytes())?;
    write_new(&args.out.join("notice.record"), &record.signed(signature.to_vec()).to_bytes())?;
    println!("{}", code(&checked.d()));
    Ok(())
}

async fn proof(log: &LogReader, d: &[u8; 32]) -> Result<TlogProof, Failure> {
    let found = log.receipt(d).await.map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    let found = found.ok_or_else(|| Failure::refused("NOT-19", "this leaf is not in the log", "is --orders the log of this order?"))?;
    TlogProof::parse(&found).map_err(|error| Failure::refused(error.code(), error.to_string(), ""))
}

async fn open(path: &Path, policy_file: &Path, orders: Option<&str>, typed: Option<&str>, global: Global) -> Outcome {
    let policy = policy::load(policy_file)?;
    let signed = SignedNotice::parse(&read(path)?).map_err(refusal)?;
    let checked = signed.check(&policy).map_err(refusal)?;
    if typed.is_some_and(|typed| !same_code(typed, &checked.d())) {
        return Err(wrong_code());
    }
    if let Some(orders) = orders
        && leaf_at(orders, checked.index()).await? != checked.d()
    {
        return Err(wrong_code());
    }
    if global.json {
        let items: Vec<String> = checked.notice().scope.iter().map(|proven| escape(&proven.leaf.selector().to_string())).collect();
        println!(
            "{}",
            serde_json::json!({ "schema": "waarborg-notice-verdict/v1", "log": checked.origin(), "index": checked.index(),
                "code": code(&checked.d()), "selectors": items })
        );
    } else {
        lines(&checked, global.lang).iter().for_each(|line| println!("{line}"));
    }
    Ok(())
}

/// D at an index, from a bundle that is proven under the log's own head: no request tells which leaf is meant (LOG-21).
async fn leaf_at(orders: &str, index: u64) -> Result<[u8; 32], Failure> {
    let away = |error: node::log::client::ClientError| Failure::unavailable(error.to_string(), "is this the address of ORDERS?");
    let log = reader(orders)?;
    let head = log.head().await.map_err(away)?;
    if head.size <= index {
        return Err(Failure::refused("NOT-19", format!("the log has {} leaves", head.size), "compare the index with the letter once more"));
    }
    let entries = log.entries(index, index + 1, &head).await.map_err(away)?;
    entries.first().and_then(|entry| d_of_entry(entry)).ok_or_else(wrong_code)
}

/// A category in words that a person without our glossary understands; no category holds what was said.
fn what(category: Category, nl: bool) -> String {
    let (en, dutch) = match RecordType::of_category(category) {
        Some(RecordType::Traffic) => {
            ("with whom and when you communicated, not what was said", "met wie en wanneer u communiceerde, niet wat er is gezegd")
        }
        Some(RecordType::IpSession) => ("which internet addresses you used and when", "welke internetadressen u wanneer gebruikte"),
        Some(RecordType::Device) => ("which devices you used", "welke apparaten u gebruikte"),
        Some(RecordType::Subscriber) => ("what your account says about you", "wat uw account over u vermeldt"),
        Some(RecordType::Location) => ("where your device was", "waar uw apparaat was"),
        Some(RecordType::Identification) => ("who uses this account or address", "wie dit account of adres gebruikt"),
        None => return format!("{} {}", if nl { "soort" } else { "category" }, category.number()),
    };
    if nl { dutch } else { en }.to_owned()
}

/// The letter, line by line. Values of the notice are escaped: a selector may hold characters that turn a line around (T31).
fn lines(checked: &CheckedNotice<'_>, lang: Lang) -> Vec<String> {
    let nl = lang == Lang::Nl;
    let word = |en: &'static str, dutch: &'static str| if nl { dutch } else { en };
    let notice = checked.notice();
    let mut out = vec![
        word("An authority has asked for data about you.", "Een autoriteit heeft gegevens over u gevorderd.").to_owned(),
        format!("{}: {}", word("Provider", "Aanbieder"), escape(&notice.provider_name)),
    ];
    let names = [(2, word("Authority", "Autoriteit")), (3, word("Court", "Rechter")), (4, word("Legal basis", "Grondslag"))];
    for (number, name) in names {
        if let Some(FrameField::Shown { value, .. }) = notice.frame.get(&number) {
            out.push(format!("{name}: {}", escape(&String::from_utf8_lossy(value))));
        }
    }
    if let Some(Value::NoticeDue(due)) = notice.order.shown(12) {
        out.push(format!("{}: {}", word("Notice was due by", "U moest dit weten op"), Day::containing(*due)));
    }
    out.push(word("What was ordered about you:", "Wat over u is bevolen:").to_owned());
    for proven in &notice.scope {
        let item = &proven.leaf;
        let span = format!("{} .. {}", utc(item.start()), utc(item.end()));
        out.push(format!("  {}, {}: {span}", escape(&item.selector().to_string()), what(item.category(), nl)));
    }
    let asked: usize = notice.intents.iter().map(|intent| intent.identities.len()).sum();
    out.push(format!("{}: {asked}", word("Hours for which keys were asked", "Uren waarvoor sleutels zijn gevraagd")));
    out.push(format!("{}: {}", word("What you can do", "Wat u kunt doen"), escape(&notice.remedies)));
    out.push(format!("{}: {}", word("Log", "Logboek"), checked.origin()));
    out.push(format!("{}: {}", word("Index", "Nummer"), checked.index()));
    out.push(format!("{}: {}", word("Code", "Code"), code(&checked.d())));
    out.push(
        word(
            "Anybody can check: waarborg notice code CODE --index INDEX --orders ADDRESS, or the whole letter with waarborg notice open.",
            "Iedereen kan dit nagaan: waarborg notice code CODE --index NUMMER --orders ADRES, of de hele brief met waarborg notice open.",
        )
        .to_owned(),
    );
    out
}

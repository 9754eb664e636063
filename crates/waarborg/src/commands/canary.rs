//! `waarborg canary`: what the accounts of the body of oversight sent, against what comes back under its orders (SEA-74).
//!
//! The overseer's own machine: the list of canaries and the notes never leave it.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use node::log::audit::{Finding, Grade};
use node::oversight::canary::{Answer, Asked, Listed, Sent, Subject, accesses, judge, parse_list};
use seal::catalogue::parse_rfc3339;
use serde_json::json;
use verify::calendar::{DAY, Day};
use verify::names::DirectoryId;
use verify::notice::SignedNotice;
use verify::package::{RawPackage, StampPin};
use verify::policy::Policy;
use verify::verdict::{self, Signature, Supplies};

use super::log::{read, report};
use super::policy;
use crate::exit::{Failure, Outcome};
use crate::{Global, Lang};

/// Accounts of the body of oversight, whose traffic it knows itself: what they sent must come back, and nothing else
#[derive(clap::Args)]
#[command(
    after_help = "Exit status of check: 0 all of it came back, 3 an alarm: something is missing, made up or unanswered.\n\nExamples:\n  waarborg canary draft canaries.toml --authority toezicht.example --instrument national/nl/canary --legal-basis \"Article 9 of the licence\" --day 2026-11-20 -o canary-order.toml\n  waarborg order draft canary-order.toml --policy policy -o canary.draft\n  waarborg canary check canaries.toml --policy policy --day 2026-11-20 --package canary.asice\n  waarborg canary letter canaries.toml --policy policy --authority toezicht.example --notice letter/notice.txt"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write what `order draft` takes for a day of all canaries
    Draft(DraftArgs),
    /// Hold packages against the overseer's notes; each alarm is one JSON line
    Check(CheckArgs),
    /// Read letters that came to canaries: somebody else asked about them
    Letter(LetterArgs),
}

#[derive(clap::Args)]
struct DraftArgs {
    /// The list of canaries (TOML); docs/samples/canaries.toml is one
    list: PathBuf,
    /// The body of oversight, as the policy's directory names it
    #[arg(long)]
    authority: String,
    /// Token of the policy
    #[arg(long)]
    instrument: String,
    /// The article that gives the power, as the order shall name it
    #[arg(long)]
    legal_basis: String,
    /// The day asked for, UTC (yyyy-mm-dd)
    #[arg(long)]
    day: String,
    #[arg(short, long)]
    out: PathBuf,
}

#[derive(clap::Args)]
struct CheckArgs {
    /// The list of canaries (TOML); docs/samples/canaries.toml is one
    list: PathBuf,
    #[arg(long)]
    policy: PathBuf,
    /// The day asked for, UTC (yyyy-mm-dd)
    #[arg(long, conflicts_with_all = ["from", "until"], required_unless_present = "from")]
    day: Option<String>,
    /// Instead of a day: from this time on (RFC 3339)
    #[arg(long, requires = "until")]
    from: Option<String>,
    /// Until this time (RFC 3339)
    #[arg(long, requires = "from")]
    until: Option<String>,
    /// A package that came under an order of the overseer; may repeat. None: nothing was answered, which is an alarm too
    #[arg(long)]
    package: Vec<PathBuf>,
    /// How far the provider's clock may lie from the overseer's, in seconds
    #[arg(long, default_value_t = 60)]
    tolerance_s: u32,
}

#[derive(clap::Args)]
struct LetterArgs {
    /// The list of canaries (TOML); docs/samples/canaries.toml is one
    list: PathBuf,
    /// The provider's policy document
    #[arg(long)]
    policy: PathBuf,
    /// The body of oversight, as the policy's directory names it
    #[arg(long)]
    authority: String,
    /// A notice.txt that came to a canary; may repeat
    #[arg(long, required = true)]
    notice: Vec<PathBuf>,
}

/// A canary in one category, with everything that it sent.
struct Canary {
    subject: Subject,
    sent: Vec<Sent>,
}

pub fn run(args: Args, global: Global) -> Outcome {
    match args.command {
        Command::Draft(args) => draft(&args),
        Command::Check(args) => check(&args, global),
        Command::Letter(args) => letter(&args, global),
    }
}

fn usage(text: impl Into<String>) -> Failure {
    Failure::usage(text, "docs/operate/oversight.md shows the list and the notes")
}

fn load(path: &Path) -> Result<Vec<Canary>, Failure> {
    let text = String::from_utf8(read(path)?).map_err(|_| usage(format!("{} is not text", path.display())))?;
    let list = parse_list(&text).map_err(|error| usage(format!("{}: {error}", path.display())))?;
    let base = path.parent().unwrap_or(Path::new(""));
    list.into_iter().map(|listed| canary(listed, base)).collect()
}

fn canary(listed: Listed, base: &Path) -> Result<Canary, Failure> {
    let path = base.join(&listed.sent);
    let text = String::from_utf8(read(&path)?).map_err(|_| usage(format!("{} is not text", path.display())))?;
    let mut sent = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        // OVS-01
        let note =
            Sent::parse(line, listed.subject.category).map_err(|error| usage(format!("{}:{number}: OVS-01: {error}", path.display())))?;
        sent.push(note);
    }
    Ok(Canary { subject: listed.subject, sent })
}

/// An order like any other, so that nothing in the log tells it apart (SEA-74).
fn draft(args: &DraftArgs) -> Outcome {
    let canaries = load(&args.list)?;
    let day = Day::parse(&args.day).ok_or_else(|| usage(format!("{} is no day of the form yyyy-mm-dd", args.day)))?;
    let time = |seconds: u64| seal::catalogue::format_rfc3339(seconds * 1_000);
    let (from, until) = (day.start(), day.start() + DAY);
    let text = |words: &str| toml::Value::from(words).to_string();
    let mut out = format!(
        "kind = \"order\"\ninstrument = {}\nauthority = {}\nlegal_basis = {}\nperiod = {{ from = \"{}\", until = \"{}\" }}\n\
         validity = {{ from = \"{}\", until = \"{}\" }}\nseal_until = \"{}\"\nnotice_due = \"{}\"\n",
        text(&args.instrument),
        text(&args.authority),
        text(&args.legal_basis),
        time(from),
        time(until),
        time(until),
        time(until + 7 * DAY),
        time(until + 90 * DAY),
        Day(day.0 + 30),
    );
    for canary in &canaries {
        let category = canary.subject.category.category().number();
        out.push_str(&format!("\n[[items]]\nselector = {}\ncategories = [{category}]\n", text(&canary.subject.selector)));
    }
    super::keys::write_new(&args.out, out.as_bytes())
}

fn asked(args: &CheckArgs) -> Result<Asked, Failure> {
    let tolerance_ms = u64::from(args.tolerance_s) * 1_000;
    let time = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        parse_rfc3339(text).map(|ms| ms / 1_000).ok_or_else(|| usage(format!("\"{text}\" is no RFC 3339 time with its offset")))
    };
    let (from, until) = match &args.day {
        Some(text) => {
            let day = Day::parse(text).ok_or_else(|| usage(format!("{text} is no day of the form yyyy-mm-dd")))?;
            (day.start(), day.start() + DAY)
        }
        None => (time(&args.from)?, time(&args.until)?),
    };
    if until <= from { Err(usage("the time asked for is empty")) } else { Ok(Asked { from, until, tolerance_ms }) }
}

fn check(args: &CheckArgs, global: Global) -> Outcome {
    let (policy, canaries, asked) = (policy::load(&args.policy)?, load(&args.list)?, asked(args)?);
    let mut answers: Vec<Vec<Answer>> = canaries.iter().map(|_| Vec::new()).collect();
    let mut findings = Vec::new();
    for path in &args.package {
        let octets = read(path)?;
        match answers_of(&octets, &policy, &canaries) {
            Ok(found) => found.into_iter().zip(&mut answers).for_each(|(answer, list)| list.push(answer)),
            // What no verifier believes answers nothing.
            Err(what) => findings.push(alarm(format!("{}: {what}", path.display()))),
        }
    }
    for (canary, answers) in canaries.iter().zip(&answers) {
        let Subject { selector, category } = &canary.subject;
        // SEA-74, OVS-02
        let faults = judge(&canary.sent, answers, asked);
        findings.extend(faults.iter().map(|fault| alarm(format!("{selector} {}: {fault}", category.slug()))));
    }
    let sent = canaries.iter().map(|canary| canary.sent.len()).sum::<usize>();
    match (findings.is_empty(), global.json) {
        (false, _) => {}
        (true, true) => println!("{}", json!({ "schema": "waarborg-canary/v1", "canaries": canaries.len(), "notes": sent })),
        (true, false) => println!("{}", complete(canaries.len(), global.lang)),
    }
    report(&findings)
}

/// T20, OVS-07. A letter that does not hold is no proof of anything, and somebody sent it all the same.
fn letter(args: &LetterArgs, global: Global) -> Outcome {
    let (policy, canaries) = (policy::load(&args.policy)?, load(&args.list)?);
    let own = DirectoryId::parse(&args.authority).ok_or_else(|| usage(format!("\"{}\" is no id of a directory", args.authority)))?;
    let subjects: Vec<Subject> = canaries.into_iter().map(|canary| canary.subject).collect();
    let mut findings = Vec::new();
    for path in &args.notice {
        let signed = SignedNotice::parse(&read(path)?).map_err(|error| (error.code(), error.to_string()));
        let found = signed.and_then(|signed| {
            let checked = signed.check(&policy).map_err(|error| (error.code(), error.to_string()))?;
            Ok(accesses(&checked, &subjects, &own))
        });
        let finding = |code, what| Finding { grade: Grade::VerificationFailed, code, what };
        match found {
            Ok(found) => findings.extend(found.iter().map(|access| finding("OVS-07", access.to_string()))),
            Err((code, what)) => findings.push(finding(code, format!("{}: {what}", path.display()))),
        }
    }
    if findings.is_empty() && !global.json {
        println!("{}", quiet(args.notice.len(), global.lang));
    }
    report(&findings)
}

fn complete(canaries: usize, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{canaries} canaries: all that they sent came back, and nothing else"),
        Lang::Nl => format!("{canaries} kanaries: alles wat zij verstuurden kwam terug, en niets anders"),
    }
}

fn quiet(letters: usize, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{letters} letters: nobody but you asked about a canary"),
        Lang::Nl => format!("{letters} brieven: niemand dan u vroeg naar een kanarie"),
    }
}

fn alarm(what: String) -> Finding {
    Finding { grade: Grade::VerificationFailed, code: "SEA-74", what }
}

/// Judged as a stranger would, then read.
fn answers_of(octets: &[u8], policy: &Policy, canaries: &[Canary]) -> Result<Vec<Answer>, String> {
    let octets = octets.to_vec();
    let package = RawPackage::read(&octets).and_then(RawPackage::check).map_err(|refusal| refusal.to_string())?;
    let signed = package.signed_by(&policy.parts().package_certificate, StampPin::NotChecked).map_err(|refusal| refusal.to_string())?;
    let signature = Signature { signer: signed.signer().clone(), stamp: signed.stamp().cloned() };
    let judged = verdict::judge(signed.package(), &signature, policy, &Supplies::none());
    if let Some(failure) = judged.failures.first() {
        return Err(format!("the verifier refuses it, first by {}", failure.rule));
    }
    let answers = canaries.iter().map(|canary| Answer::of_package(signed.package(), &canary.subject));
    answers.collect::<Result<_, _>>().map_err(|refusal| refusal.to_string())
}

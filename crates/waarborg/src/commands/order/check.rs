//! `order check`, `order answer`: an outside order in plain words, and what goes back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use law::answer::{Words, non_execution};
use law::explain::{deadlines, explain, form_3, form_name, utc};
use law::gates::{Report, Verdict, judge};
use law::received::{Body, Finding, Reason, Received, SignatureVerdict};
use serde_json::{Value, json};
use verify::spelling::hex;

use super::received::{Context, load, now};
use super::writing::{Between, Writing};
use crate::exit::{Failure, Outcome};
use crate::words::Word;
use crate::{Global, Lang};

pub fn language(lang: Lang) -> law::Language {
    match lang {
        Lang::En => law::Language::English,
        Lang::Nl => law::Language::Dutch,
    }
}

/// Exit status 3 if a gate fails, so that scripts need not read.
pub fn check(file: &Path, context: &Context, global: Global) -> Outcome {
    let loaded = load(file, context)?;
    let facts = loaded.facts();
    let report = judge(&facts);
    if global.json {
        let clocks: Vec<_> = deadlines(&facts)
            .into_iter()
            .map(|deadline| {
                json!({ "name": deadline.name.code(), "received_at": utc(deadline.received_at), "deadline_at": utc(deadline.deadline_at),
                "article": deadline.article, "rule_version": deadline.rule_version, "without_holidays": deadline.without_holidays })
            })
            .collect();
        println!("{}", view(&report, facts.received, clocks));
    } else {
        print!("{}", explain(&facts, &report, loaded.source.as_deref(), language(global.lang)));
    }
    match report.gates.iter().find(|gate| gate.verdict == Verdict::Fail) {
        Some(gate) => {
            let hint = gate.mend.as_ref().map_or("", |mend| mend.text(language(global.lang)));
            Err(Failure::verification(&format!("GAT-{:02}", gate.number), gate.reason.text(language(global.lang)), hint))
        }
        None => Ok(()),
    }
}

fn view(report: &Report, received: &Received, clocks: Vec<Value>) -> Value {
    let form = form_name(received).en;
    let finding = |finding: &Finding| match finding {
        Finding::Yes => json!({ "verdict": "valid" }),
        Finding::No { code, text, .. } => json!({ "verdict": "not valid", "code": code, "text": text }),
        Finding::Unknown { why } => json!({ "verdict": "not checked", "text": why }),
    };
    let gates: Vec<_> = report.gates.iter().map(|gate| {
        let place = gate.place.as_ref().map(|place| json!({ "document": place.document, "line": place.line, "column": place.column, "path": place.path }));
        let both = |say: &law::Say| json!({ "en": say.en, "nl": say.nl });
        json!({ "gate": gate.number, "verdict": gate.verdict.code(), "reason": both(&gate.reason), "mend": gate.mend.as_ref().map(both),
            "article": gate.article, "check": gate.check, "place": place, "ground": gate.ground.map(|ground| ground.number()), "until": gate.until.map(utc) })
    }).collect();
    // `key_sha256` is what a registry entry pins: of the certificate, or of a native order's key.
    let signature = |signature: &SignatureVerdict| {
        json!({ "technique": signature.technique, "signer": signature.signer, "key_sha256": signature.key_digest.map(|key| hex(&key)),
            "claims_signed_at": signature.signed_at.map(utc), "level": signature.level.code(), "valid": finding(&signature.valid),
            "trusted": finding(&signature.trusted), "competent": finding(&signature.competent) })
    };
    let signatures: Vec<_> = received.envelope.signatures.iter().map(signature).collect();
    json!({ "schema": "waarborg-order-check/v1", "form": form, "signatures": signatures, "original_sha256": hex(&report.original_hash),
        "verdict": report.verdict().code(), "schema_verdict": finding(&report.schema), "dictionary_verdict": finding(&report.dictionary),
        "scope_verdict": finding(&report.scope), "gates": gates, "clocks": clocks, "rules": report.rule_version })
}

/// What a person adds to an answer.
#[derive(clap::Args)]
pub struct Answering {
    /// Ground of Form 3 D: 4 for the whole certificate, 1=4 for identifier 1; more than once. Default: the grounds of the gates that fail
    #[arg(long)]
    ground: Vec<String>,
    /// Why, in a person's words
    #[arg(long)]
    explain: Option<String>,
    /// Section F: what the authority has to clarify
    #[arg(long)]
    ask: Option<String>,
    /// Write Form 3 there
    #[arg(short, long)]
    out: Option<PathBuf>,
    #[command(flatten)]
    writing: Writing,
}

pub fn answer(file: &Path, context: &Context, args: Answering, global: Global) -> Outcome {
    let loaded = load(file, context)?;
    let facts = loaded.facts();
    let order = facts.received.order().ok_or_else(|| Failure::usage("only orders are answered with Form 3", ""))?;
    let grounds = grounds(&args.ground)?;
    let words = Words { grounds, explanation: args.explain, clarification: args.ask, signed_on: Some(now()) };
    let form = non_execution(order, &judge(&facts), loaded.received_at, words).map_err(|error| super::dutch::answer(&error))?;
    match &args.out {
        Some(out) => {
            args.writing.write(&loaded, &Body::NonExecution(form), Between::back(&loaded), out)?;
            if !global.json {
                println!("{}: {}", Word::Form3Written.text(global.lang), out.display());
            }
            Ok(())
        }
        None => {
            print!("{}", form_3(&form, language(global.lang)));
            Ok(())
        }
    }
}

fn grounds(given: &[String]) -> Result<BTreeMap<String, Vec<Reason>>, Failure> {
    let mut grounds: BTreeMap<String, Vec<Reason>> = BTreeMap::new();
    for text in given {
        let (id, number) = text.split_once('=').unwrap_or(("", text));
        let reason = Reason::ALL.iter().copied().find(|reason| reason.number().to_string() == number);
        let reason =
            reason.ok_or_else(|| Failure::usage(format!("--ground {text}: grounds are 1 to 10"), "--ground 4, or --ground 1=4"))?;
        grounds.entry(id.to_owned()).or_default().push(reason);
    }
    Ok(grounds)
}

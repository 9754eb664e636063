//! `waarborg desk`: received orders at the gateway. Takes them in, shows them with their clocks, and takes the steps that are a person's.

use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use verify::spelling::base64;
use verify::verdict::escape;

use super::order::received::{bytes_of, time};
use crate::door::{Address, Door};
use crate::exit::{Failure, Outcome};
use crate::{Global, Lang};

/// Received orders: take in, look at, move (desk of the provider)
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg desk take epoc.xml --token desk.token\n  waarborg desk list --overdue --token desk.token\n  waarborg desk show 12 --token desk.token --lang nl\n  waarborg desk call 12 --authority parket.example --number +31205550101 --called-by An --confirmed-by Bo --by An --token desk.token\n  waarborg desk decide 12 --gate 11 --reason \"free text read\" --by \"A. Bakker\" --token desk.token\n  waarborg desk refuse 12 --ground 4 --by An --token desk.token\n  waarborg desk step 12 clarify --text \"which service?\" --by An --token desk.token"
)]
pub struct Args {
    #[command(flatten)]
    address: Address,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Hand a document in: it is stored, numbered and judged, and what it names counts as preserved
    Take {
        /// The document as it came; with --original: what was typed over from it
        file: PathBuf,
        /// The letter or PDF that FILE was typed over from
        #[arg(long)]
        original: Option<PathBuf>,
    },
    /// Received orders with state and clock
    List {
        /// Only those whose clock has run out
        #[arg(long)]
        overdue: bool,
        /// Begin after this number
        #[arg(long, default_value_t = 0)]
        after: u64,
    },
    /// One order: what it is, its gates as of now, its clocks, what happened
    Show {
        /// Its receipt number
        number: u64,
    },
    /// Form 3 of an order that asks, refuses or invokes another law
    Form3 {
        /// Its receipt number
        number: u64,
        #[arg(short, long)]
        out: PathBuf,
    },
    /// State that the number in the registry was called, by one person, and confirmed by another
    Call {
        /// Its receipt number
        number_of_order: u64,
        /// Directory id of the authority
        #[arg(long)]
        authority: String,
        /// The number that was called, from the registry
        #[arg(long)]
        number: String,
        /// Who called
        #[arg(long)]
        called_by: String,
        /// Who confirmed
        #[arg(long)]
        confirmed_by: String,
        #[command(flatten)]
        by: By,
    },
    /// Decide a gate that is a person's to decide
    Decide {
        /// Its receipt number
        number: u64,
        /// The gate's number
        #[arg(long)]
        gate: u8,
        /// Why
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        by: By,
    },
    /// Refuse by grounds of Form 3 D
    Refuse {
        /// Its receipt number
        number: u64,
        /// A ground (1 to 10) of the whole certificate, or of one identifier: 4, or 2=9
        #[arg(long, required = true)]
        ground: Vec<String>,
        #[command(flatten)]
        by: By,
    },
    /// Any other step of an order's life (docs/order-life.md)
    Step {
        /// Its receipt number
        number: u64,
        /// Which step
        step: Word,
        /// The question, grounds, law or reference that the step states
        #[arg(long)]
        text: Option<String>,
        #[command(flatten)]
        by: By,
    },
}

#[derive(clap::Args)]
struct By {
    /// Who does this; stands in the order's history
    #[arg(long)]
    by: String,
}

/// The steps, by the words of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Word {
    /// Form 3 F; --text is the question
    Clarify,
    /// The authority answered
    Clarified,
    /// The enforcing authority will not refuse
    EnforcingConsents,
    /// The enforcing authority refuses; --text: its grounds
    EnforcingRefuses,
    /// Form 3 E; --text: the law of the third country
    Conflict,
    /// The court upholds the order
    Uphold,
    /// The court lifts the order
    Lift,
    /// Nothing that was asked for is stored
    NothingHeld,
    /// The authority takes it back
    Withdraw,
    /// The enforcing authority objects within 96 hours; the data are deleted; --text: its grounds
    ObjectDelete,
    /// The same; the data are used under conditions; --text: which
    ObjectConditions,
    /// Validation after the fact was refused
    ValidationRefused,
    /// The order was transferred for enforcement
    Enforce,
    /// The enforcing authority recognises it; --text: first second after its deadline, RFC 3339
    Recognise,
    /// We object to its enforcement; --text: grounds
    Dispute,
    /// The enforcing authority does not recognise it
    Decline,
    /// Form 6
    Extend,
    /// Form 5; --text: reference of the production request
    FollowUp,
    /// The production that a preservation waited for was answered
    Produced,
}

impl Word {
    /// As the door takes it.
    fn ask(self, text: Option<&str>) -> Result<Value, Failure> {
        let name = self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        let said = || text.map(str::to_owned).ok_or_else(|| Failure::usage(format!("{name} states something"), "--text \"…\""));
        Ok(match self {
            Word::Clarify => json!({ "do": "clarify", "question": said()? }),
            Word::EnforcingRefuses | Word::Dispute => json!({ "do": name, "grounds": said()? }),
            Word::Conflict => json!({ "do": "conflict", "law": said()? }),
            Word::ObjectDelete | Word::ObjectConditions => {
                json!({ "do": "object", "deletes": self == Word::ObjectDelete, "grounds": said()? })
            }
            Word::Recognise => json!({ "do": "recognise", "deadline_at": time(&said()?)? }),
            Word::FollowUp => json!({ "do": "follow-up", "production": said()? }),
            _ => json!({ "do": name }),
        })
    }
}

pub fn run(args: Args, global: Global) -> Outcome {
    let door = args.address.door()?;
    let step = |number: u64, by: &By, step: Value| {
        let body = json!({ "by": by.by, "step": step }).to_string();
        let head = door.post(&format!("/received/{number}/steps"), body.as_bytes())?;
        tell(&head, global, |head| row(head, global.lang));
        Ok(())
    };
    match &args.command {
        Command::Take { file, original } => take(&door, file, original.as_deref(), global),
        Command::List { overdue, after } => {
            let path = if *overdue { "/received/overdue".to_owned() } else { format!("/received?after={after}") };
            let list = door.get(&path)?;
            tell(&list, global, |list| table(list, global.lang));
            Ok(())
        }
        Command::Show { number } => {
            let lang = if global.lang == Lang::Nl { "nl" } else { "en" };
            let order = door.get(&format!("/received/{number}?lang={lang}"))?;
            tell(&order, global, |order| shown(order, global.lang));
            Ok(())
        }
        Command::Form3 { number, out } => {
            let form = door.get(&format!("/received/{number}/form-3"))?;
            super::keys::write_new(out, form["xml"].as_str().unwrap_or_default().as_bytes())
        }
        Command::Call { number_of_order, authority, number, called_by, confirmed_by, by } => {
            let ask = json!({ "do": "called-back", "authority": authority, "number": number, "called_by": called_by, "confirmed_by": confirmed_by });
            step(*number_of_order, by, ask)
        }
        Command::Decide { number, gate, reason, by } => {
            step(*number, by, json!({ "do": "decide", "gate": gate, "person": by.by, "reason": reason }))
        }
        Command::Refuse { number, ground, by } => step(*number, by, json!({ "do": "refuse", "grounds": grounds(ground)? })),
        Command::Step { number, step: word, text, by } => step(*number, by, word.ask(text.as_deref())?),
    }
}

/// `4` is of the whole certificate, `2=9` of identifier 2.
fn grounds(given: &[String]) -> Result<Value, Failure> {
    let mut all: std::collections::BTreeMap<String, Vec<u8>> = Default::default();
    for text in given {
        let (id, number) = text.rsplit_once('=').unwrap_or(("", text));
        let number = number.parse().map_err(|_| Failure::usage(format!("--ground {text}"), "--ground 4, or --ground 2=9"))?;
        all.entry(id.to_owned()).or_default().push(number);
    }
    Ok(json!(all))
}

fn take(door: &Door, file: &Path, original: Option<&Path>, global: Global) -> Outcome {
    let octets = bytes_of(file)?;
    let receipt = match original {
        None => door.post("/received", &octets)?,
        Some(original) => {
            let text = String::from_utf8(octets)
                .map_err(|_| Failure::usage(format!("{} is not UTF-8", file.display()), "a transcription is TOML"))?;
            let both = json!({ "original": base64(&bytes_of(original)?), "transcription": text }).to_string();
            door.post("/received/transcribed", both.as_bytes())?
        }
    };
    tell(&receipt, global, |receipt| {
        let dutch = global.lang == Lang::Nl;
        if receipt["schema"] == "waarborg-desk-paper/v1" {
            let words = match (receipt["acted"].as_bool(), dutch) {
                (Some(true), false) => "taken; the order has moved",
                (Some(true), true) => "ontvangen; het bevel is verder",
                (_, false) => "taken; a person has to look (waarborg desk list)",
                (_, true) => "ontvangen; een persoon moet kijken (waarborg desk list)",
            };
            return format!("{words}\n");
        }
        let (number, due, kept) = if dutch { ("nummer", "uiterlijk", "bewaard") } else { ("number", "due", "preserved") };
        let text = |key: &str| receipt[key].as_str().unwrap_or("-").to_owned();
        format!("{number} {}: {}, {due} {}, {kept}\n", receipt["number"], text("state"), text("deadline_at"))
    });
    Ok(())
}

fn tell(value: &Value, global: Global, text: impl Fn(&Value) -> String) {
    if global.json { println!("{value}") } else { print!("{}", text(value)) }
}

fn row(head: &Value, lang: Lang) -> String {
    let text = |key: &str| escape(head[key].as_str().unwrap_or("-")).to_string();
    let late = match (head["overdue"].as_bool(), lang) {
        (Some(true), Lang::En) => "  OVERDUE",
        (Some(true), Lang::Nl) => "  TE LAAT",
        _ => "",
    };
    format!(
        "{:>6}  {:<32}{:<32}{:<8}{}{late}\n",
        head["number"].to_string(),
        text("state"),
        text("due_at"),
        text("verdict"),
        text("sender")
    )
}

fn table(list: &Value, lang: Lang) -> String {
    let rows = list["orders"].as_array().into_iter().flatten().map(|head| row(head, lang));
    let papers = list["papers"].as_array().into_iter().flatten().map(|paper| {
        let words =
            if lang == Lang::Nl { "stuk dat op een persoon wacht, bij bevel" } else { "paper that waits for a person, about order" };
        format!("     !  {words} {} ({})\n", paper["number"], escape(paper["at"].as_str().unwrap_or("-")))
    });
    rows.chain(papers).collect()
}

fn shown(order: &Value, lang: Lang) -> String {
    let mut out = row(order, lang);
    out.push_str(order["explanation"].as_str().unwrap_or_default());
    let (history, cases) = if lang == Lang::Nl { ("Verloop", "Zaken") } else { ("History", "Cases") };
    let lines = |key: &str| order[key].as_array().cloned().unwrap_or_default();
    out.push_str(&format!("\n{history}\n"));
    for one in lines("history") {
        let text = |key: &str| escape(one[key].as_str().unwrap_or("-")).to_string();
        out.push_str(&format!("  {}  {:<20}{}\n", text("at"), text("step"), text("by")));
    }
    if !lines("cases").is_empty() {
        out.push_str(&format!("\n{cases}\n"));
        lines("cases")
            .iter()
            .for_each(|one| out.push_str(&format!("  {} {}\n", one["case"].as_str().unwrap_or("-"), one["ended"].as_str().unwrap_or("…"))));
    }
    if !lines("told").is_empty() {
        let (told, waits) = if lang == Lang::Nl {
            ("Aan het stelsel van de autoriteit", "wacht, pogingen:")
        } else {
            ("To the authority's system", "waits, tries:")
        };
        out.push_str(&format!("\n{told}\n"));
        for one in lines("told") {
            let how = one["ended"].as_str().map_or_else(|| format!("{waits} {}", one["tries"]), |ended| escape(ended).to_string());
            out.push_str(&format!("  {}  {}  {how}\n", one["at"].as_str().unwrap_or("-"), one["object"].as_str().unwrap_or("-")));
        }
    }
    out
}

/// The statutory counters of a year (`waarborg stats statutory`).
pub fn statutory(gateway: &str, token: Option<&Path>, year: u32, half_years: bool, json: bool, out: Option<&Path>) -> Outcome {
    let (every, format) = (if half_years { "half-year" } else { "year" }, if json { "json" } else { "csv" });
    let table = Door::new(gateway, token)?.get(&format!("/received/counters?year={year}&every={every}&format={format}"))?;
    let text = table["text"].as_str().unwrap_or_default();
    match out {
        Some(out) => super::keys::write_new(out, text.as_bytes()),
        None => {
            print!("{text}");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use node::desk::Ask;

    #[test]
    fn every_word_is_a_step_that_the_door_takes() {
        for word in Word::value_variants() {
            let text = if *word == Word::Recognise { "2026-12-01T00:00:00Z" } else { "x" };
            let ask = word.ask(Some(text)).unwrap();
            assert!(serde_json::from_value::<Ask>(ask.clone()).is_ok(), "{ask}");
        }
        assert!(Word::Clarify.ask(None).is_err());
        let all = grounds(&["4".into(), "2=9".into()]).unwrap();
        assert_eq!(all, json!({ "": [4], "2": [9] }));
    }
}

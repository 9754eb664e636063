//! `order import`: native order drafts of an outside order, for attesters to compare and sign.

use std::path::{Path, PathBuf};

use law::gates::{Decision, NotAdmitted, admit, judge};
use law::import::{NativeTerms, terms};
use seal::entropy::SystemEntropy;
use seal::identity::Category;
use serde_json::json;
use verify::calendar::{DAY, Day};
use verify::names::{DirectoryId, Span};
use verify::order::{OrderDraft, OrderTerms, ScopeItem};
use verify::policy::Policy;
use verify::record::{Kind, key_digest};

use super::received::{Context, Loaded, load, now};
use crate::Global;
use crate::exit::{Failure, Outcome};

/// What the order itself does not say.
#[derive(clap::Args)]
pub struct Importing {
    /// Who asked, by its id in the policy's directory
    #[arg(long)]
    authority: String,
    /// The court that signed or validated, by its id in the policy's directory
    #[arg(long)]
    court: Option<String>,
    /// An attester of the policy, by name; as many as will compare and sign
    #[arg(long, required = true)]
    attester: Vec<String>,
    /// A person's decision on a gate: 11=free text read, nothing more is asked
    #[arg(long)]
    decide: Vec<String>,
    /// Who decides
    #[arg(long, default_value = "")]
    person: String,
    /// How many days the order stands
    #[arg(long, default_value_t = 30)]
    valid_days: u32,
    /// By when the person is told, in days from now
    #[arg(long, default_value_t = 180)]
    notice_days: u32,
    /// To preserve only, also what is on hold (gate 12): a production order that may reach its retention is attested so as well
    #[arg(long)]
    preserve: bool,
    /// Where to write; a second time range becomes FILE.2
    #[arg(short, long)]
    out: PathBuf,
}

pub fn import(file: &Path, context: &Context, args: &Importing, global: Global) -> Outcome {
    let loaded = load(file, context)?;
    let policy = loaded.policy.as_ref().ok_or_else(|| Failure::usage("no policy given", "--policy FILE"))?;
    let mut report = judge(&loaded.facts());
    if args.preserve {
        // A hold suspends what leaves, not what is kept (LIF-01).
        report.gates.retain(|gate| gate.number != 12);
    }
    let decisions = args.decide.iter().map(|text| decision(text, &args.person, report.original_hash)).collect::<Result<Vec<_>, _>>()?;
    admit(&report, &decisions).map_err(|error| not_admitted(&error))?;
    let order = loaded.received.order().ok_or_else(|| Failure::usage("only orders are imported", ""))?;
    let all = terms(order).map_err(|error| super::dutch::import(&error))?;
    let mut written = Vec::new();
    for (at, native) in all.into_iter().enumerate() {
        let out = if at == 0 { args.out.clone() } else { PathBuf::from(format!("{}.{}", args.out.display(), at + 1)) };
        let draft = OrderDraft::draw(order_terms(&loaded, policy, args, native)?, &mut SystemEntropy).map_err(super::refusal)?;
        super::write_new(&out, &draft.to_bytes())?;
        written.push(out);
    }
    for out in &written {
        if !global.json {
            println!("{}: {}", crate::words::Word::Drafted.text(global.lang), out.display());
        }
    }
    if global.json {
        println!("{}", json!({ "schema": "waarborg-order-import/v1", "drafts": written, "decisions": decisions.len() }));
    }
    Ok(())
}

fn decision(text: &str, person: &str, original_hash: [u8; 32]) -> Result<Decision, Failure> {
    let usage = || {
        Failure::usage(format!("--decide {text}: a gate's number and a reason"), "--decide \"11=free text read\" --person \"A. Bakker\"")
    };
    let (gate, reason) = text.split_once('=').ok_or_else(usage)?;
    let gate = gate.parse().map_err(|_| usage())?;
    Ok(Decision { gate, person: person.to_owned(), reason: reason.to_owned(), at: now(), original_hash })
}

fn not_admitted(error: &NotAdmitted) -> Failure {
    match error {
        NotAdmitted::Open(gates) => {
            let list: Vec<_> = gates.iter().map(|gate| format!("{} {}", gate.number, gate.verdict.code())).collect();
            let list = list.join(", ");
            Failure::refused(error.code(), format!("gates do not pass: {list}"), "order check tells why; --decide for what is a person's")
                .in_dutch(format!("poorten zijn niet open: {list}"), "order check zegt waarom; --decide voor wat aan een mens is")
        }
        NotAdmitted::Decision { gate } => Failure::refused(
            error.code(),
            format!("gate {gate} is not decided like this"),
            "name the person and the reason; failures of who may order are nobody's to overlook",
        )
        .in_dutch(
            format!("over poort {gate} wordt zo niet beslist"),
            "noem de persoon en de reden; wie mag bevelen is aan niemand om over te slaan",
        ),
    }
}

fn order_terms(loaded: &Loaded, policy: &Policy, args: &Importing, native: NativeTerms) -> Result<OrderTerms, Failure> {
    let now = loaded.received_at;
    let days = |count: u32| now + u64::from(count) * DAY;
    let notice_due = Day(Day::containing(days(args.notice_days)).0 + 1).start();
    let known = policy.parts().instruments.iter().any(|rule| rule.instrument == native.instrument);
    if !known {
        let text = format!("the policy knows no instrument {}", native.instrument);
        return Err(Failure::refused("REL-22", text, "waarborg policy show lists them"));
    }
    let id = |text: &str| {
        DirectoryId::parse(text).ok_or_else(|| Failure::usage(format!("\"{text}\" is not a directory id"), super::received::DIRECTORY_ID))
    };
    let kind = match (native.is_preservation || args.preserve, native.is_emergency) {
        (true, _) => Kind::Preservation,
        (false, true) => Kind::Emergency,
        (false, false) => Kind::Order,
    };
    Ok(OrderTerms {
        kind,
        court: args.court.as_deref().map(id).transpose()?,
        authority: id(&args.authority)?,
        provider: policy.parts().provider,
        validity: Span::new(now, days(args.valid_days)).ok_or_else(|| Failure::usage("--valid-days is zero", ""))?,
        // The seal never ends before notice is due (ORD-08); the policy's own limit is checked by the log.
        seal_until: notice_due.max(days(args.valid_days)),
        notice_due,
        policy_hash: *policy.hash(),
        items: scope(policy, &native)?,
        original: Some(loaded.original.clone()),
        attesters: Some(attesters(policy, &args.attester)?),
        instrument: native.instrument,
        legal_basis: native.legal_basis,
        period: native.period,
        case_ref: native.case_reference,
    })
}

fn scope(policy: &Policy, native: &NativeTerms) -> Result<Vec<ScopeItem>, Failure> {
    let len = policy.slot_len();
    let seconds = u64::from(len.seconds());
    let (first, last) = (native.period.from() / seconds, native.period.until().div_ceil(seconds).saturating_sub(1));
    let mut items = Vec::new();
    for (selector, categories) in &native.items {
        for number in categories {
            let category = Category::new(*number).map_err(|_| Failure::usage(format!("{number} is not a category"), ""))?;
            if policy.category(category).is_none() {
                return Err(Failure::refused(
                    "REL-22",
                    format!("the provider has no category {number}"),
                    "waarborg policy show lists them",
                ));
            }
            let item = ScopeItem::new(selector.clone(), category, len, first, last);
            items.push(item.ok_or_else(|| Failure::usage("the period is empty or too long", ""))?);
        }
    }
    Ok(items)
}

fn attesters(policy: &Policy, names: &[String]) -> Result<Vec<[u8; 32]>, Failure> {
    let keys = &policy.parts().attesters.keys;
    let digest = |name: &String| {
        let key = keys.iter().find(|key| key.name().as_str() == name).map(|key| key_digest(key.key()));
        key.ok_or_else(|| {
            let all: Vec<_> = keys.iter().map(|key| key.name().as_str()).collect();
            Failure::refused("REL-11", format!("{name} is no attester of the policy"), format!("its attesters are {}", all.join(", ")))
                .in_dutch(format!("{name} is geen attestant van het beleid"), format!("de attestanten zijn {}", all.join(", ")))
        })
    };
    names.iter().map(digest).collect()
}

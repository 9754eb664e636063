//! `waarborg stats`: the public counts of a year, made by the log operator and recomputed by anybody (STA-19 to STA-24).

use std::path::PathBuf;

use clap::Subcommand;
use node::log::overdue::ledger;
use verify::accountability::{Ledger, compare, end_of};
use verify::calendar::Day;
use verify::statement::{SignedStatement, Statement, Statistics};

use super::keys::{key_failure, write_new};
use super::log::reader;
use super::monitor::{day, terms};
use super::policy;
use crate::exit::{Failure, Outcome};
use crate::{Global, Lang};

/// The public counts of a year
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  waarborg stats make --year 2027 --orders http://127.0.0.1:8101 --public http://127.0.0.1:8102 --policy policy --key log-operator.key -o 2027.txt\n  waarborg stats verify --year 2027 --orders copy/orders --public copy/public --policy policy"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The statutory counters of received orders (Art. 28 of Regulation (EU) 2023/1543, DSA Art. 15), small numbers banded
    Statutory(Statutory),
    /// Derive the table of a year and sign it as a `statistics` statement
    Make {
        #[command(flatten)]
        logs: Logs,
        /// The log operator's statement key
        #[arg(long)]
        key: PathBuf,
        #[arg(short, long)]
        out: PathBuf,
    },
    /// Derive the table of a year from the openings and compare it with the published one
    ///
    /// Exit status: 0 the same, 3 it differs or is missing a month after the year, 4 unavailable.
    Verify {
        #[command(flatten)]
        logs: Logs,
        /// Compare with this statement instead of the one in PUBLIC
        #[arg(long)]
        statement: Option<PathBuf>,
        /// Judge as of this day (yyyy-mm-dd) instead of today
        #[arg(long)]
        today: Option<String>,
    },
}

/// The counters that the law wants of a provider, from the gateway's own desk.
#[derive(clap::Args)]
struct Statutory {
    #[arg(long)]
    year: u32,
    /// A row for each half of the year
    #[arg(long)]
    half_years: bool,
    /// JSON instead of CSV
    #[arg(long)]
    as_json: bool,
    /// The gateway's address
    #[arg(long, default_value = "http://127.0.0.1:8110")]
    gateway: String,
    /// File with the desk's token
    #[arg(long)]
    token: Option<PathBuf>,
    #[arg(short, long)]
    out: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Logs {
    #[arg(long)]
    year: u32,
    /// Address or directory of ORDERS
    #[arg(long)]
    orders: String,
    /// Address or directory of PUBLIC
    #[arg(long)]
    public: String,
    /// Policy document; repeat for each that was in force
    #[arg(long, required = true)]
    policy: Vec<PathBuf>,
}

/// STA-22.
const PUBLISH_WITHIN_DAYS: u32 = 30;

pub fn run(args: Args, global: Global) -> Outcome {
    if let Command::Statutory(asked) = &args.command {
        let Statutory { year, half_years, as_json, gateway, token, out } = asked;
        return super::desk::statutory(gateway, token.as_deref(), *year, *half_years, *as_json || global.json, out.as_deref());
    }
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    runtime.block_on(async {
        match args.command {
            Command::Statutory(_) => Ok(()),
            Command::Make { logs, key, out } => {
                let (_, table) = derive(&logs).await?;
                let signer = node::log::keys::load(&key).map_err(|error| key_failure(&key, error))?;
                tell(&table, global);
                let signed = SignedStatement::sign(Statement::Statistics(table), &[&signer]);
                let signed = signed.map_err(|error| Failure::refused(error.code(), error.to_string(), ""))?;
                write_new(&out, &signed.to_bytes())
            }
            Command::Verify { logs, statement, today } => {
                let (ledger, table) = derive(&logs).await?;
                let today = day(today.as_deref())?;
                let said = match &statement {
                    Some(path) => Some(from_file(path)?),
                    None => ledger.published(logs.year).last().cloned(),
                };
                tell(&table, global);
                judge(said.as_ref(), &table, today)?;
                counters(&ledger, today)
            }
        }
    })
}

async fn derive(logs: &Logs) -> Result<(Ledger, Statistics), Failure> {
    let (orders, public) = (reader(&logs.orders)?, reader(&logs.public)?);
    let away = |error: node::log::client::ClientError| super::log::away(&error, "");
    let origin = orders.head().await.map_err(away)?.origin;
    let policies = logs.policy.iter().map(|path| policy::load(path)).collect::<Result<Vec<_>, _>>()?;
    let until = end_of(logs.year).ok_or_else(|| Failure::usage("no such year", "--year 2027"))?;
    let ledger = ledger(&orders, &public, terms(origin, policies, Some(until))?).await.map_err(away)?;
    let table = ledger.statistics(logs.year).map_err(|error| Failure::refused("STA-20", error.to_string(), ""))?;
    Ok((ledger, table))
}

fn from_file(path: &std::path::Path) -> Result<Statistics, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    let signed = SignedStatement::parse(&bytes).map_err(|error| Failure::refused(error.code(), error.to_string(), ""))?;
    match signed.statement() {
        Statement::Statistics(table) => Ok(table.clone()),
        other => Err(Failure::usage(format!("this is a statement of kind {}", other.kind()), "give one of kind statistics")),
    }
}

/// STA-22: it differs, or it is not there a month after the year.
fn judge(said: Option<&Statistics>, derived: &Statistics, today: Day) -> Outcome {
    let Some(said) = said else {
        let due = end_of(derived.year).map_or(today, |end| Day(end.0 + PUBLISH_WITHIN_DAYS));
        return match today <= due {
            true => Ok(()),
            false => Err(Failure::verification("STA-22", "the log operator published no table for this year", format!("it was due {due}"))),
        };
    };
    let differences = compare(said, derived);
    for difference in &differences {
        eprintln!("{}: said {}, the logs give {}", difference.what, difference.said, difference.derived);
    }
    match differences.is_empty() {
        true => Ok(()),
        false => Err(Failure::verification(
            "STA-22",
            format!("{} differences", differences.len()),
            "a published table that differs is a public fault",
        )),
    }
}

/// STA-24: the gateway's counters, as far as the openings show.
fn counters(ledger: &Ledger, today: Day) -> Outcome {
    let faults: Vec<_> = ledger.faults(today).into_iter().filter(|fault| fault.code == "STA-24").collect();
    match faults.first() {
        None => Ok(()),
        Some(first) => Err(Failure::verification("STA-24", first.what.clone(), format!("{} counters in all", faults.len()))),
    }
}

fn tell(table: &Statistics, global: Global) {
    if global.json {
        println!(
            "{}",
            serde_json::json!({
                "schema": "waarborg-statistics/v1", "year": table.year, "log": table.log, "leaves": table.range.until(),
                "openings": table.openings, "dummies": table.dummies, "overdue": table.overdue, "rows": table.rows,
                // What no opening shows (STA-24).
                "providers_word": ["identities", "records", "preservations without order", "answers within the deadline"],
            })
        );
        return;
    }
    let nl = global.lang == Lang::Nl;
    println!("{} {}, {}", if nl { "jaar" } else { "year" }, table.year, table.log);
    let (past, leaves) = if nl { ("over hun termijn", "bladen") } else { ("past their deadline", "leaves") };
    let (openings, dummies, overdue) = (table.openings, table.dummies, table.overdue);
    println!("{} {leaves}; {past}: {openings} openings + {dummies} dummies + {overdue} overdue", table.range.until());
    table.rows.iter().for_each(|row| println!("{row}"));
    let sealed = "what is still sealed is not counted; identities and records are the provider's word";
    let dicht = "wat nog verzegeld is, telt niet mee; aantallen personen en rijen zijn het woord van de aanbieder";
    println!("{}", if nl { dicht } else { sealed });
}

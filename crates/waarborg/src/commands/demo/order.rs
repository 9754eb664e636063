//! One order through the house: drafted, signed, logged, approved, judged, opened, packed, delivered, verified.

use super::desk;
use super::narrator::Text;
use super::people::{AUTHORITY, COURT};
use super::stage::{Program, Stage};
use crate::exit::Failure;
use std::time::{Duration, Instant};
use verify::calendar::Day;
use verify::package::RawPackage;

/// What the demo's orders have in common.
pub struct Terms {
    /// Unix seconds, half-open.
    pub period: (u64, u64),
    pub gateway: String,
    /// The account that the order names.
    pub person: &'static str,
}

/// What came out.
pub struct Production {
    /// The decrypted package, relative to the demo's folder.
    pub package: String,
}

/// order.toml for Alice's records; `categories` as TOML.
pub fn toml(terms: &Terms, categories: &str) -> Result<String, Failure> {
    let now = terms.period.1;
    let time = |seconds: u64| seal::catalogue::format_rfc3339(seconds * 1_000);
    // Today: a letter is not made before the quarter in which notice is due (NOT-12), and the demo shows it.
    let notice_due = Day::containing(now);
    Ok(format!(
        "kind = \"order\"\ninstrument = \"national/nl/126n\"\ncourt = \"{COURT}\"\nauthority = \"{AUTHORITY}\"\n\
         legal_basis = \"Article 126n Sv\"\ncase_reference = \"DEMO-2026-1\"\n\
         period = {{ from = \"{}\", until = \"{}\" }}\nvalidity = {{ from = \"{}\", until = \"{}\" }}\n\
         seal_until = \"{}\"\nnotice_due = \"{notice_due}\"\n\n[[items]]\nselector = \"account:{}\"\ncategories = {categories}\n",
        time(terms.period.0),
        time(terms.period.1),
        time(now - 3_600),
        time(now + 86_400),
        time(now + 300 * 86_400),
        terms.person,
    ))
}

pub fn follow(stage: &mut Stage, terms: &Terms) -> Result<Production, Failure> {
    let case = place(stage, terms)?;
    approve_order(stage, terms, &case)?;
    release(stage, terms, &case)
}

/// Police drafts, court signs, police sends; the commitment goes into the log.
fn place(stage: &mut Stage, terms: &Terms) -> Result<String, Failure> {
    stage.narrator.step("The police draft an order, the court signs it", "De politie stelt een bevel op, de rechtbank tekent");
    let (person, seconds) = (terms.person, terms.period.1 - terms.period.0);
    stage.narrator.tell(&match stage.narrator.is_dutch() {
        true => format!("Het noemt één account, {person}, één categorie en {seconds} seconden."),
        false => format!("It names one account, {person}, one category, and {seconds} seconds."),
    });
    stage.write("authority/order.toml", &toml(terms, "[1]")?)?;
    let (draft, order) = (stage.word("authority/alice.draft"), stage.word("court/alice.order"));
    let (input, policy, key) = (stage.word("authority/order.toml"), stage.word("policy"), stage.word("court/court.key"));
    stage.show(Program::Waarborg, &["order", "draft", &input, "--policy", &policy, "--out", &draft])?;
    stage.show(Program::Waarborg, &["order", "sign", &draft, "--key", &key, "--out", &order])?;
    stage.print(Program::Waarborg, &["order", "send", &order, "--gateway", &terms.gateway]);
    let receipt = stage.quiet(Program::Waarborg, &["order", "send", &order, "--gateway", &terms.gateway, "--json"])?;
    let receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap_or_default();
    let case = receipt["case"].as_str().ok_or_else(|| Failure::unavailable("the gateway gave no case", "see gateway.log"))?;
    stage.narrator.good(&match stage.narrator.is_dutch() {
        true => format!("ontvangstbewijs {}; in het logboek staat alleen een vastlegging die niets prijsgeeft", receipt["number"]),
        false => format!("receipt {}; the log holds nothing but a commitment, which gives nothing away", receipt["number"]),
    });
    // The beginning of an id is enough wherever a person types one.
    Ok(case.chars().take(12).collect())
}

fn approve_order(stage: &mut Stage, terms: &Terms, case: &str) -> Result<(), Failure> {
    stage.narrator.step("Two officers approve the order as understood", "Twee functionarissen keuren het bevel goed zoals begrepen");
    watch(stage, terms, case, "awaiting-approval")?;
    let token = stage.word("provider/desk/desk.token");
    let seen = stage.show(Program::Waarborg, &desk::case_words(&["show", case], &terms.gateway, &token, stage.narrator.is_dutch()))?;
    for line in without_history(&seen) {
        stage.narrator.tell(&format!("| {line}"));
    }
    desk::approve(stage, case, "officer-1", &terms.gateway)?;
    desk::approve(stage, case, "officer-2", &terms.gateway)
}

fn release(stage: &mut Stage, terms: &Terms, case: &str) -> Result<Production, Failure> {
    stage.narrator.step("Log, trustees, keys", "Logboek, bewaarders, sleutels");
    stage.narrator.say(
        "The gateway logs exactly what it will open (the intent). Eight trustees each judge the whole case by the same 25 rules,\n\
         and release their part of the keys or refuse.\n\
         Then the records are opened, trimmed to the period and counted twice.",
        "De poort legt in het logboek vast wat zij precies zal openen (het voornemen). Acht bewaarders beoordelen elk de hele zaak met\n\
         dezelfde 25 regels, en geven hun deel van de sleutels vrij of weigeren. Dan worden de gegevens geopend, tot de periode\n\
         ingekort en twee keer geteld.",
    );
    let approved = Instant::now();
    watch(stage, terms, case, "awaiting-release")?;
    let machine = approved.elapsed();
    stage.narrator.step("Two officers approve what goes out", "Twee functionarissen keuren goed wat eruit gaat");
    let token = stage.word("provider/desk/desk.token");
    let seen = stage.show(Program::Waarborg, &desk::case_words(&["show", case], &terms.gateway, &token, stage.narrator.is_dutch()))?;
    for line in without_history(&seen) {
        stage.narrator.tell(&format!("| {line}"));
    }
    desk::approve(stage, case, "officer-1", &terms.gateway)?;
    desk::approve(stage, case, "officer-2", &terms.gateway)?;
    let released = Instant::now();
    let delivered = await_delivery(stage)?;
    let machine = machine + released.elapsed();
    stage.narrator.good(&match stage.narrator.is_dutch() {
        true => format!("pakket versleuteld voor de politie: {:.1} s machinetijd na de goedkeuringen", machine.as_secs_f64()),
        false => format!("package encrypted for the police: {:.1} s of machine time after the approvals", machine.as_secs_f64()),
    });
    open(stage, &delivered)
}

/// What a case shows, up to its history, which stood there before.
fn without_history(seen: &str) -> impl Iterator<Item = &str> {
    seen.lines().take_while(|line| !["history:", "verloop:"].contains(line)).filter(|line| !line.is_empty())
}

fn watch(stage: &mut Stage, terms: &Terms, case: &str, state: &str) -> Result<(), Failure> {
    let token = stage.word("provider/desk/desk.token");
    let words = desk::case_words(&["watch", case, "--until", state, "--limit-s", "60"], &terms.gateway, &token, stage.narrator.is_dutch());
    let said = stage.show(Program::Waarborg, &words)?;
    for line in said.lines() {
        stage.narrator.tell(&format!("| {line}"));
    }
    match stage.services.ended() {
        Some(text) => Err(Failure::unavailable(text, "its output is in the demo folder, *.log")),
        None => Ok(()),
    }
}

/// The encrypted package in the provider's outbox.
fn await_delivery(stage: &Stage) -> Result<String, Failure> {
    let outbox = stage.path("provider/outbox");
    let text = Text { en: "waiting for the package", nl: "wachten op het pakket" };
    stage.narrator.wait(text, Duration::from_secs(300), || {
        let names = std::fs::read_dir(&outbox).into_iter().flatten().flatten();
        let mut names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        Ok(names.find(|name| name.ends_with(".p7m")))
    })
}

fn open(stage: &Stage, delivered: &str) -> Result<Production, Failure> {
    let name = delivered.trim_end_matches(".p7m");
    let package = format!("authority/{name}");
    let (from, to) = (stage.word(&format!("provider/outbox/{delivered}")), stage.word(&package));
    let (certificate, key) = (stage.word("authority/delivery.crt"), stage.word("authority/delivery.pem"));
    stage.show(Program::Waarborg, &["package", "open", &from, "--certificate", &certificate, "--key", &key, "--out", &to])?;
    Ok(Production { package })
}

/// The traffic rows of a package, one JSON line each; entries are stored, so that any ZIP reader serves.
pub fn rows(stage: &Stage, production: &Production) -> Result<Vec<String>, Failure> {
    let bad = |error: String| Failure::verification("DEMO-04", error, "look at the package with unzip -l");
    let bytes = stage.read(&production.package)?;
    let package = RawPackage::read(&bytes).and_then(|raw| raw.check()).map_err(|error| bad(error.to_string()))?;
    let bytes = package.file("data/records/traffic.jsonl", 1 << 24).map_err(|error| bad(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

/// A stranger's view, offline.
pub fn verify(stage: &mut Stage, production: &Production) -> Result<(), Failure> {
    stage.narrator.step("Anyone can check, offline", "Iedereen kan het controleren, zonder netwerk");
    let (package, policy) = (stage.word(&production.package), stage.word("policy"));
    let lang = if stage.narrator.is_dutch() { "nl" } else { "en" };
    let report = stage.show(Program::Verify, &[&package, "--policy", &policy, "--lang", lang])?;
    for line in report.lines() {
        stage.narrator.tell(&format!("| {line}"));
    }
    stage.narrator.say(
        "With copies of the public log and of the sealed segments, the whole hour no longer rests on the provider's word.\n\
         What remains is which salts belong to the person, which the trustees checked and signed:",
        "Met kopieën van het openbare logboek en de verzegelde segmenten rust het hele uur niet meer op het woord van de aanbieder.\n\
         Wat rest is welke zouten bij de persoon horen; dat gingen de bewaarders na en tekenden zij:",
    );
    let (segments, public) = (stage.word("provider/segments/segments"), stage.word("log-public/state"));
    let words = [&package, "--policy", &policy, "--lang", lang, "--segments", &segments, "--public", &public];
    let report = stage.show(Program::Verify, &words)?;
    let complete = report.lines().skip_while(|line| !line.contains("P3")).take_while(|line| !line.contains("P4"));
    for line in complete {
        stage.narrator.tell(&format!("| {line}"));
    }
    Ok(())
}

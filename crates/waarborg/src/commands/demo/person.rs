//! The person hears of it (P10): the authority's letter, and how the person holds it against the log.

use super::order::{Production, Terms};
use super::stage::{Program, Stage};
use crate::exit::Failure;

const REMEDIES: &str = "Complaint to the court within 14 days (demo)";
/// Where the letter is put: notice.txt, letter.txt, and the leaf for the log.
const LETTER: &str = "authority/letter";

pub fn hears_of_it(stage: &mut Stage, terms: &Terms, production: &Production, orders: &str) -> Result<(), Failure> {
    stage.narrator.step("The person hears of it", "De betrokkene hoort ervan");
    stage.narrator.say(
        "The order names the day on which the person must be told at the latest; here it is today. The authority makes the letter from\n\
         its package. It shows this person's part only, and a code that is computed from the leaf in the log:",
        "Het bevel noemt de dag waarop de betrokkene het uiterlijk moet weten; hier is dat vandaag. De autoriteit maakt de brief uit haar\n\
         pakket. De brief toont alleen wat over deze persoon gaat, en een code die uit het blad in het logboek is berekend:",
    );
    let (package, policy) = (stage.word(&production.package), stage.word("policy"));
    let (key, letter) = (stage.word("authority/authority.key"), stage.word(LETTER));
    let selector = format!("account:{}", terms.person);
    let lang = if stage.narrator.is_dutch() { "nl" } else { "en" };
    let mut words = vec!["notice", "make", "--package", &package, "--selector", &selector, "--orders", orders, "--policy", &policy];
    words.extend(["--key", &key, "--remedies", REMEDIES, "--out", &letter, "--lang", lang]);
    stage.show(Program::Waarborg, &words)?;
    stage.narrator.say(
        "The person checks it, with the file or with the paper alone, and learns nothing about anybody else:",
        "De betrokkene gaat het na, met het bestand of met alleen het papier, en komt niets over anderen te weten:",
    );
    let notice = format!("{letter}/notice.txt");
    let read = stage.show(Program::Waarborg, &["notice", "open", &notice, "--policy", &policy, "--orders", orders, "--lang", lang])?;
    for line in read.lines() {
        stage.narrator.tell(&format!("| {line}"));
    }
    a_wrong_code(stage, &notice, &policy, orders)?;
    stage.narrator.say(
        "A leaf in the log says that the letter was made, and nothing about the person. Without it, the trustees would give this\n\
         authority no more keys once the notice is overdue:",
        "Een blad in het logboek zegt dat de brief is gemaakt, en niets over de persoon. Zonder dat blad krijgt deze autoriteit van de\n\
         bewaarders geen sleutels meer zodra de kennisgeving te laat is:",
    );
    let record = format!("{letter}/notice.record");
    stage.show(Program::Waarborg, &["order", "relate", &record, "--gateway", &terms.gateway, "--lang", lang])?;
    Ok(())
}

/// A letter whose code is not that of the leaf is no letter about this order.
fn a_wrong_code(stage: &Stage, notice: &str, policy: &str, orders: &str) -> Result<(), Failure> {
    let verdict = stage.quiet(Program::Waarborg, &["notice", "open", notice, "--policy", policy, "--json"])?;
    let verdict: serde_json::Value = serde_json::from_str(&verdict).unwrap_or_default();
    let (code, index) = (verdict["code"].as_str().unwrap_or_default(), verdict["index"].to_string());
    stage.show(Program::Waarborg, &["notice", "code", code, "--index", &index, "--orders", orders])?;
    // One character only.
    let first = if code.starts_with('0') { "1" } else { "0" };
    let wrong = format!("{first}{}", code.get(1..).unwrap_or_default());
    let said = stage.refused(Program::Waarborg, &["notice", "code", &wrong, "--index", &index, "--orders", orders])?;
    stage.narrator.refused(said.lines().next().unwrap_or_default());
    Ok(())
}

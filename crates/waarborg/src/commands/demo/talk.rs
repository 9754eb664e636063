//! Where the demo's records come from: the small provider of its own, or a real Synapse. Both answer the same questions.

use super::desk;
use super::narrator::Text;
use super::order::{self, Production, Terms};
use super::provider::{self, MARKER};
use super::stage::{Program, Stage};
use super::story::{GRACE_S, SLOT_S};
use super::synapse::{self, Lab};
use super::traffic::{self, ALICE, Conversation};
use crate::exit::Failure;
use std::path::Path;
use std::time::Duration;

/// One of the two providers.
pub enum Talk {
    Small(Option<Conversation>),
    Synapse(Lab),
}

impl Talk {
    pub fn small() -> Talk {
        Talk::Small(None)
    }

    pub fn start_synapse(stage: &mut Stage, scripts: &Path) -> Result<Talk, Failure> {
        stage.narrator.step("A real Matrix Synapse starts", "Een echte Matrix Synapse start");
        stage.narrator.say(
            "PostgreSQL and Synapse, loopback only. A database role of its own may read a handful of views, and nothing of messages or keys.",
            "PostgreSQL en Synapse, alleen lokaal. Een eigen databaserol mag een handvol views lezen, en niets van berichten of sleutels.",
        );
        Ok(Talk::Synapse(Lab::start(stage, scripts)?))
    }

    /// The account that the order will name.
    pub fn person(&self) -> &'static str {
        match self {
            Talk::Small(_) => ALICE,
            Talk::Synapse(_) => synapse::ALICE,
        }
    }

    /// The sealer's `[[sources]]` table.
    pub fn source(&self) -> String {
        match self {
            Talk::Small(_) => desk::JSON_LINES.to_owned(),
            Talk::Synapse(lab) => lab.source(),
        }
    }

    /// What the policy says about the source (SEA-79): Synapse keeps its events, the small provider deletes its spool.
    pub fn readable_source(&self) -> &'static str {
        match self {
            Talk::Small(_) => "",
            Talk::Synapse(_) => "source_readable_days = 3650",
        }
    }

    /// Lets people talk, and gives the period that the order will name.
    pub fn hold(&mut self, stage: &mut Stage) -> Result<(u64, u64), Failure> {
        match self {
            Talk::Small(said) => {
                let (conversation, period) = converse(stage)?;
                *said = Some(conversation);
                Ok(period)
            }
            Talk::Synapse(lab) => converse_on_synapse(stage, lab),
        }
    }

    pub fn show_no_plaintext(&mut self, stage: &mut Stage, until_s: u64) -> Result<(), Failure> {
        stage.narrator.step("Is there plaintext at the provider?", "Staat er leesbare tekst bij de aanbieder?");
        let (place, marker) = match self {
            Talk::Small(_) => ("provider", MARKER),
            Talk::Synapse(lab) => {
                lab.dump(stage)?;
                ("synapse/dump", synapse::MARKER)
            }
        };
        tell_absent(stage, place, marker)?;
        if let Talk::Small(Some(conversation)) = self {
            traffic::rotate(stage, conversation)?;
        }
        let waited = Text {
            en: "waiting for the hours to be closed in the public log",
            nl: "wachten tot de uren in het openbare logboek gesloten zijn",
        };
        // The last ordered slot is over, to its end, with its grace and two ticks: an order sent earlier would be served in pieces.
        let closed_ms = (until_s.next_multiple_of(SLOT_S) + GRACE_S + 2) * 1_000;
        stage.narrator.wait(waited, Duration::from_secs(60), || Ok((closed_ms <= traffic::unix_ms()?).then_some(())))?;
        if let Talk::Small(_) = self {
            delete_spool(stage)?;
        }
        tell_absent(stage, "provider/segments", self.person())
    }

    /// Counts again what the package should hold, on a path that shares nothing with the product.
    pub fn count_again(&self, stage: &Stage, terms: &Terms, production: &Production) -> Result<(), Failure> {
        let rows = order::rows(stage, production)?;
        stage.narrator.say("The first of the rows that the police get:", "De eerste van de rijen die de politie krijgt:");
        rows.iter().take(1).for_each(|row| stage.narrator.tell(&format!("| {row}")));
        match self {
            Talk::Small(Some(conversation)) => count_conversation(stage, conversation, terms, &rows),
            Talk::Small(None) => Ok(()),
            Talk::Synapse(lab) => {
                stage.write("authority/traffic.jsonl", &rows.iter().map(|row| format!("{row}\n")).collect::<String>())?;
                let said = lab.compare(stage, "authority/traffic.jsonl", terms.period)?;
                stage.narrator.good(&said);
                Ok(())
            }
        }
    }
}

/// The policy says "only sealed" of this category, so the provider keeps no readable copy beside it (SEA-79): the rotated file goes as
/// soon as the sealer says that nothing needs it any more.
fn delete_spool(stage: &Stage) -> Result<(), Failure> {
    let config = stage.word("provider/sealer/sealer.toml");
    let words = ["source", "position", &config];
    let waited = Text { en: "waiting for the last record to be sealed", nl: "wachten tot het laatste gegeven verzegeld is" };
    let rotated = traffic::ROTATED.trim_start_matches("provider/");
    stage.narrator.wait(waited, Duration::from_secs(300), || {
        let said = stage.quiet(Program::Waarborg, &words)?;
        Ok(said.lines().any(|line| line.contains("sealed wholly") && line.ends_with(rotated)).then_some(()))
    })?;
    stage.show(Program::Waarborg, &words)?.lines().for_each(|line| stage.narrator.tell(&format!("| {line}")));
    let spool = stage.path(traffic::ROTATED);
    std::fs::remove_file(&spool).map_err(|error| Failure::file(&spool, &error))?;
    stage.narrator.say(
        "The provider deletes the file that the sealer read from: from now on these records exist sealed, and in no other form.",
        "De aanbieder wist het bestand waaruit de verzegelaar las: vanaf nu bestaan deze gegevens alleen nog verzegeld.",
    );
    Ok(())
}

/// One slot wholly, the next one half.
fn converse(stage: &mut Stage) -> Result<(Conversation, (u64, u64)), Failure> {
    stage.narrator.step("Three people talk, end-to-end encrypted", "Drie mensen praten, met end-to-end-versleuteling");
    stage.narrator.say(
        "Their devices encrypt with the Olm ratchet (vodozemac). The provider relays ciphertext and writes down what it always did:\n\
         who, when, to whom, how large. Those are the records; messages are not among them. The sealer seals each record within its\n\
         hour, and then forgets that hour's secret.",
        "Hun toestellen versleutelen met de Olm-ratchet (vodozemac). De aanbieder geeft versleutelde tekst door en legt vast wat hij\n\
         altijd al vastlegde: wie, wanneer, aan wie, hoe groot. Dat zijn de gegevens; berichten blijven erbuiten. De verzegelaar\n\
         verzegelt elk gegeven binnen zijn uur en vergeet daarna het geheim van dat uur.",
    );
    let first = (traffic::unix_ms()? / 1_000).div_ceil(SLOT_S) * SLOT_S;
    let span = Duration::from_millis(((first + 2 * SLOT_S) * 1_000).saturating_sub(traffic::unix_ms()?));
    let conversation = traffic::talk(stage, span)?;
    let (sent, alice) = (conversation.provider.sent(), conversation.provider.read_by(ALICE));
    stage.narrator.good(&match stage.narrator.is_dutch() {
        true => format!("{sent} berichten verstuurd; Alice' toestel kon er {alice} lezen, de aanbieder geen"),
        false => format!("{sent} messages sent; Alice's device could read {alice}, the provider none"),
    });
    Ok((conversation, (first, first + SLOT_S + SLOT_S / 2)))
}

/// Whole slots around what two real clients say to each other.
fn converse_on_synapse(stage: &mut Stage, lab: &Lab) -> Result<(u64, u64), Failure> {
    stage.narrator.step("Two Matrix clients talk, end-to-end encrypted", "Twee Matrix-clients praten, met end-to-end-versleuteling");
    let said = lab.check(stage)?;
    stage.narrator.good(&said);
    let first = traffic::unix_ms()? / 1_000 / SLOT_S * SLOT_S;
    let said = lab.talk(stage)?;
    stage.narrator.good(&said);
    Ok((first, (traffic::unix_ms()? / 1_000 / SLOT_S + 1) * SLOT_S))
}

fn tell_absent(stage: &Stage, place: &str, needle: &str) -> Result<(), Failure> {
    let (octets, found) = provider::search(&stage.path(place), needle)?;
    if !found.is_empty() {
        return Err(Failure::verification("DEMO-05", format!("\"{needle}\" stands in {found:?}"), "please report it"));
    }
    stage.narrator.good(&match stage.narrator.is_dutch() {
        true => format!("\"{needle}\" staat nergens in {octets} bytes van {place}"),
        false => format!("\"{needle}\" stands nowhere in {octets} bytes of {place}"),
    });
    Ok(())
}

fn count_conversation(stage: &Stage, conversation: &Conversation, terms: &Terms, rows: &[String]) -> Result<(), Failure> {
    let (from, until) = (terms.period.0 * 1_000, terms.period.1 * 1_000);
    let ordered = |(time, sender, recipient): &&(u64, &str, &str)| {
        (from..until).contains(time) && (*sender == terms.person || *recipient == terms.person)
    };
    let expected = conversation.messages.iter().filter(ordered).count();
    if rows.len() != expected {
        let text = format!("the package has {} rows, the conversation {expected}", rows.len());
        return Err(Failure::verification("DEMO-02", text, "this is a bug, please report it"));
    }
    let foreign = rows.iter().filter(|row| !row.contains(terms.person)).count();
    if foreign != 0 {
        return Err(Failure::verification("DEMO-03", format!("{foreign} rows are about others"), "this is a bug, please report it"));
    }
    stage.narrator.good(&match stage.narrator.is_dutch() {
        true => format!("{expected} rijen, precies de berichten van en aan Alice in de bevolen periode"),
        false => format!("{expected} rows, exactly the messages from and to Alice in the ordered period"),
    });
    Ok(())
}

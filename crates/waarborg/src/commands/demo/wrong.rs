//! Five wrong things, each of which has to be refused, by the part whose task it is.

use super::desk::{BUNDLE, WATCHED};
use super::narrator::Text;
use super::people::Keys;
use super::stage::{Program, Stage};
use crate::exit::Failure;
use verify::bundle::Bundle;
use verify::log::note::SignedNote;
use verify::order::OrderDocument;
use verify::package::RawPackage;
use verify::package::crc::Crc32;

/// What the wrong things start from.
pub struct Scene<'a> {
    pub keys: &'a Keys,
    pub gateway: &'a str,
    /// An order.toml of the real order's shape; `@categories@` stands for the list of categories.
    pub order_toml: &'a str,
    /// The decrypted package.
    pub package: &'a str,
}

pub fn try_all(stage: &Stage, scene: &Scene<'_>) -> Result<(), Failure> {
    too_much(stage, scene)?;
    unlogged(stage, scene)?;
    one_witness_short(stage, scene)?;
    forged(stage, scene)?;
    changed_package(stage, scene)
}

/// The police unit may receive traffic records, not subscriber records; the court signs all the same.
fn too_much(stage: &Stage, scene: &Scene<'_>) -> Result<(), Failure> {
    stage.narrator.say(
        "a) An order, signed by the court, for more than this authority may receive:",
        "a) Een bevel, door de rechtbank getekend, voor meer dan deze autoriteit mag ontvangen:",
    );
    draft_and_sign(stage, scene, "too-much", "[1, 5]", "court/court.key")?;
    let said = stage.refused(Program::Waarborg, &["order", "send", &stage.word("wrong/too-much.order"), "--gateway", scene.gateway])?;
    stage.narrator.refused(first_line(&said));
    Ok(())
}

/// A real, properly signed order that was never logged, put into the place of the logged one in what a guardian saw.
fn unlogged(stage: &Stage, scene: &Scene<'_>) -> Result<(), Failure> {
    stage.narrator.say(
        "b) A properly signed order that is not in the log, shown to a guardian:",
        "b) Een goed ondertekend bevel dat niet in het logboek staat, voorgelegd aan een hoeder:",
    );
    draft_and_sign(stage, scene, "unlogged", "[1]", "court/court.key")?;
    let mut bundle = watched_bundle(stage)?;
    let order = OrderDocument::parse(&stage.read("wrong/unlogged.order")?);
    bundle.order = order.map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    ask_guardian(
        stage,
        "unlogged",
        &bundle,
        Text { en: "the order in the bundle is not the one in the log", nl: "het bevel in de bundel is niet dat uit het logboek" },
    )
}

/// The same bundle with cosignatures of one witness fewer than the policy wants.
fn one_witness_short(stage: &Stage, scene: &Scene<'_>) -> Result<(), Failure> {
    stage.narrator.say("c) A log head with one witness too few:", "c) Een stand van het logboek met één getuige te weinig:");
    let mut bundle = watched_bundle(stage)?;
    let head = SignedNote::parse(&bundle.orders_head.note).map_err(|error| Failure::unavailable(error.to_string(), ""))?;
    let log_key = scene.keys.vkey("orders-log").split('+').next().unwrap_or_default().to_owned();
    let mut witnesses = 0;
    let lines = head.signatures().iter().filter(|line| {
        let is_log = line.name().to_string() == log_key;
        witnesses += usize::from(!is_log);
        is_log || witnesses < super::people::WITNESSES_NEEDED
    });
    let short = SignedNote::new(head.text().to_owned(), lines.cloned().collect());
    bundle.orders_head.note = short.map_err(|error| Failure::unavailable(error.to_string(), ""))?.to_bytes();
    ask_guardian(
        stage,
        "one-witness-short",
        &bundle,
        Text { en: "two witnesses cosigned, the policy wants three", nl: "twee getuigen tekenden mee, het beleid wil er drie" },
    )
}

/// Somebody who calls himself the court signs with a key of his own.
fn forged(stage: &Stage, scene: &Scene<'_>) -> Result<(), Failure> {
    stage.narrator.say("d) A stranger signs in the court's name:", "d) Een vreemde tekent in naam van de rechtbank:");
    draft_and_sign(stage, scene, "forged", "[1]", "stranger/stranger.key")?;
    let said = stage.refused(Program::Waarborg, &["order", "send", &stage.word("wrong/forged.order"), "--gateway", scene.gateway])?;
    stage.narrator.refused(first_line(&said));
    Ok(())
}

/// One octet of a record, with the ZIP's own checksum corrected, so that nothing but the digests and the signature can tell.
fn changed_package(stage: &Stage, scene: &Scene<'_>) -> Result<(), Failure> {
    stage.narrator.say(
        "e) A package with one octet of a record changed, and the ZIP checksum corrected to match:",
        "e) Een pakket met één veranderd octet in een gegeven, en de ZIP-controlesom daarop aangepast:",
    );
    let broken = |text: String| Failure::unavailable(text, "this is a bug of the demo, please report it");
    let mut bytes = stage.read(scene.package)?;
    let package = RawPackage::read(&bytes).and_then(|raw| raw.check()).map_err(|error| broken(error.to_string()))?;
    let rows = package.file("data/records/traffic.jsonl", 1 << 24).map_err(|error| broken(error.to_string()))?;
    let mut changed = rows.clone();
    let middle = changed.len() / 2;
    changed.get_mut(middle).map(|octet| *octet ^= 1).ok_or_else(|| broken("a package without rows".to_owned()))?;
    replace(&mut bytes, &rows, &changed);
    replace(&mut bytes, &crc(&rows), &crc(&changed));
    stage.folder("wrong")?;
    let path = stage.path("wrong/changed.asice");
    std::fs::write(&path, bytes).map_err(|error| Failure::file(&path, &error))?;
    let words = [stage.word("wrong/changed.asice"), "--policy".to_owned(), stage.word("policy")];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let said = stage.refused(Program::Verify, &words)?;
    stage.narrator.refused(first_line(&said));
    Ok(())
}

/// Everywhere; both have the same length.
fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    let places: Vec<usize> = bytes.windows(old.len()).enumerate().filter(|(_, window)| *window == old).map(|(at, _)| at).collect();
    for at in places {
        bytes[at..at + new.len()].copy_from_slice(new);
    }
}

/// As a ZIP file writes it.
fn crc(bytes: &[u8]) -> [u8; 4] {
    let mut sum = Crc32::new();
    sum.update(bytes);
    sum.finish().to_le_bytes()
}

fn draft_and_sign(stage: &Stage, scene: &Scene<'_>, name: &str, categories: &str, key: &str) -> Result<(), Failure> {
    let (toml, order) = (format!("wrong/{name}.toml"), format!("wrong/{name}.order"));
    stage.write(&toml, &scene.order_toml.replace("@categories@", categories))?;
    let (policy, key) = (stage.word("policy"), stage.word(key));
    stage.quiet(Program::Waarborg, &["order", "draft", &stage.word(&toml), "--policy", &policy, "--out", &stage.word(&order)])?;
    stage.quiet(Program::Waarborg, &["order", "sign", &stage.word(&order), "--key", &key]).map(|_| ())
}

fn watched_bundle(stage: &Stage) -> Result<Bundle, Failure> {
    Bundle::parse(&stage.read(BUNDLE)?).map_err(|error| Failure::unavailable(format!("the bundle that a guardian saw: {error}"), ""))
}

/// Puts a bundle before the guardian whose bundle it was.
fn ask_guardian(stage: &Stage, name: &str, bundle: &Bundle, why: Text) -> Result<(), Failure> {
    let file = format!("wrong/{name}.bundle");
    let path = stage.path(&file);
    stage.folder("wrong")?;
    std::fs::write(&path, bundle.to_bytes()).map_err(|error| Failure::file(&path, &error))?;
    let (state, policy, bundle) = (stage.word(WATCHED), stage.word("policy"), stage.word(&file));
    let said = stage.refused(Program::Trustee, &["judge", "--state", &state, "--policy", &policy, "--bundle", &bundle])?;
    // The signed answer names the rule only; the words are ours.
    let rule = said.lines().find_map(|line| line.strip_prefix("rule ")).unwrap_or(&said);
    stage.narrator.refused(&format!("{rule}: {}", stage.narrator.pick(why)));
    Ok(())
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

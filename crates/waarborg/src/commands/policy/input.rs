//! policy.toml: what a person writes. Every key is required or has its meaning beside it; unknown keys are refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use seal::digest::sha256;
use seal::identity::{Category, ProviderId};
use serde::Deserialize;
use verify::calendar::Day;
use verify::committee_record::CommitteeRecord;
use verify::log::vkey::VerifierKey;
use verify::names::{DirectoryId, Instrument, Span};
use verify::policy::{
    AssuranceRule, CategoryRule, DirectoryEntry, InstrumentRule, KeyParts, Limits, PolicyParts, Quorum, Role, Source, Times,
};
use verify::spelling::from_hex_exact;

use crate::exit::Failure;

/// Sample: docs/samples/policy.toml. Relative paths are relative to the file's folder; dates are 00:00 UTC of that day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyInput {
    name: String,
    /// 32 hexadecimal characters.
    provider: String,
    provider_name: String,
    #[serde(default)]
    demo: bool,
    from: String,
    until: String,
    /// SHA-256 of earlier policies whose orders are still judged.
    #[serde(default)]
    continues: Vec<String>,
    /// tlog-policy files of the two logs.
    orders_log_file: PathBuf,
    public_log_file: PathBuf,
    /// What `waarborg-trustee ceremony finish` wrote.
    approvers_file: PathBuf,
    guardians_file: PathBuf,
    key_from: String,
    key_until: String,
    times: TimesInput,
    limits: LimitsInput,
    categories: Vec<CategoryInput>,
    /// Instrument to category numbers.
    instruments: BTreeMap<String, Vec<u16>>,
    /// Directory id to entry.
    directory: BTreeMap<String, DirectoryInput>,
    attesters: QuorumInput,
    policy_keys: QuorumInput,
    officers: Vec<String>,
    gateway: String,
    engine: String,
    sealers: Vec<String>,
    provider_key: String,
    auditors: Vec<String>,
    log_operators: Vec<String>,
    renewers: Vec<String>,
    /// PEM or DER.
    package_certificate_file: PathBuf,
    /// Directory id to certificate file.
    deliveries: BTreeMap<String, PathBuf>,
    /// Unit to the time (Unix seconds) before which its suspension is lifted.
    #[serde(default)]
    lifts: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimesInput {
    max_seal_s: u64,
    max_total_seal_s: u64,
    freshness_s: u64,
    tick_s: u64,
    batch_leaves: u64,
    grace_s: u64,
    slot_s: u32,
    epoch_s: u32,
    confirm_within_s: u64,
    #[serde(default = "three_days")]
    key_waiting_s: u64,
}

/// T9. A demo may take less.
fn three_days() -> u64 {
    3 * 86_400
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsInput {
    identities_per_intent: u64,
    identities_per_day: u64,
    identities_per_order: u64,
    slots_per_order: u64,
    orders_per_authority: u64,
    emergencies_per_authority: u64,
    slots_per_selector: u64,
    window_s: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryInput {
    number: u16,
    slug: String,
    retention_days: u32,
    purpose: String,
    legal_basis: String,
    /// Absent: only sealed. Else for how many days the source keeps it readable.
    source_readable_days: Option<u32>,
    #[serde(default)]
    accepts_attested: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DirectoryInput {
    unit: String,
    role: String,
    key: String,
    from: String,
    until: String,
    #[serde(default)]
    signs: Vec<u16>,
    #[serde(default)]
    emergencies: Vec<u16>,
    #[serde(default)]
    requests: Vec<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuorumInput {
    need: u8,
    keys: Vec<String>,
}

/// Reads the file and everything that it points to.
pub fn read(path: &Path) -> Result<PolicyParts, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    let input: PolicyInput = toml::from_str(&text)
        .map_err(|error| Failure::usage(format!("{}: {error}", path.display()), "compare with docs/samples/policy.toml"))?;
    parts(input, path.parent().unwrap_or(Path::new("")))
}

fn parts(input: PolicyInput, folder: &Path) -> Result<PolicyParts, Failure> {
    let approvers = committee(&folder.join(&input.approvers_file))?;
    let guardians = committee(&folder.join(&input.guardians_file))?;
    let key = KeyParts { period: span(&input.key_from, &input.key_until)?, approvers, guardians };
    let mut deliveries = Vec::new();
    for (id, file) in &input.deliveries {
        deliveries.push((directory_id(id)?, certificate_digest(&folder.join(file))?));
    }
    let lifts = input.lifts.iter().map(|(unit, time)| Ok((directory_id(unit)?, *time))).collect::<Result<_, Failure>>()?;
    Ok(PolicyParts {
        name: input.name,
        provider: ProviderId(hex_value(&input.provider, "provider")?),
        provider_name: input.provider_name,
        demo: input.demo,
        in_force: span(&input.from, &input.until)?,
        continues: input.continues.iter().map(|digest| hex_value(digest, "continues")).collect::<Result<_, _>>()?,
        times: times(&input.times),
        limits: limits(&input.limits),
        orders: read_text(&folder.join(&input.orders_log_file))?,
        public: read_text(&folder.join(&input.public_log_file))?,
        key,
        categories: input.categories.into_iter().map(category).collect::<Result<_, _>>()?,
        instruments: input.instruments.iter().map(instrument).collect::<Result<_, _>>()?,
        directory: input.directory.iter().map(directory).collect::<Result<_, _>>()?,
        attesters: quorum(&input.attesters)?,
        officers: vkeys(&input.officers)?,
        gateway: vkey(&input.gateway)?,
        engine: hex_value(&input.engine, "engine")?,
        sealers: vkeys(&input.sealers)?,
        provider_key: vkey(&input.provider_key)?,
        auditors: vkeys(&input.auditors)?,
        log_operators: vkeys(&input.log_operators)?,
        renewers: vkeys(&input.renewers)?,
        policy_keys: quorum(&input.policy_keys)?,
        package_certificate: certificate_digest(&folder.join(&input.package_certificate_file))?,
        deliveries,
        lifts,
    })
}

fn times(input: &TimesInput) -> Times {
    Times {
        max_seal: input.max_seal_s,
        max_total_seal: input.max_total_seal_s,
        freshness: input.freshness_s,
        tick: input.tick_s,
        batch: input.batch_leaves,
        grace: input.grace_s,
        slot_len: input.slot_s,
        epoch_len: input.epoch_s,
        confirm_within: input.confirm_within_s,
        key_waiting: input.key_waiting_s,
    }
}

fn limits(input: &LimitsInput) -> Limits {
    Limits {
        identities_per_intent: input.identities_per_intent,
        identities_per_day: input.identities_per_day,
        identities_per_order: input.identities_per_order,
        slots_per_order: input.slots_per_order,
        orders_per_authority: input.orders_per_authority,
        emergencies_per_authority: input.emergencies_per_authority,
        slots_per_selector: input.slots_per_selector,
        window: input.window_s,
    }
}

fn committee(path: &Path) -> Result<verify::policy::CommitteeParts, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    let record = CommitteeRecord::parse(&bytes);
    let record = record.map_err(|error| {
        Failure::refused(
            error.code(),
            format!("{}: {error}", path.display()),
            "take the file that `waarborg-trustee ceremony finish` wrote",
        )
    })?;
    Ok(record.to_policy())
}

fn category(input: CategoryInput) -> Result<CategoryRule, Failure> {
    Ok(CategoryRule {
        category: category_number(input.number)?,
        slug: input.slug,
        retention_days: input.retention_days,
        source: input.source_readable_days.map_or(Source::OnlySealed, |days| Source::Readable { days }),
        assurance: if input.accepts_attested { AssuranceRule::AttestedToo } else { AssuranceRule::NativeOnly },
        purpose: input.purpose,
        legal_basis: input.legal_basis,
    })
}

fn instrument((name, categories): (&String, &Vec<u16>)) -> Result<InstrumentRule, Failure> {
    let instrument = Instrument::parse(name).ok_or_else(|| wrong("instrument", name))?;
    Ok(InstrumentRule { instrument, categories: category_numbers(categories)? })
}

fn directory((id, input): (&String, &DirectoryInput)) -> Result<DirectoryEntry, Failure> {
    Ok(DirectoryEntry {
        id: directory_id(id)?,
        unit: directory_id(&input.unit)?,
        role: Role::parse(&input.role).ok_or_else(|| wrong("role", &input.role))?,
        key: vkey(&input.key)?,
        in_force: span(&input.from, &input.until)?,
        signs: category_numbers(&input.signs)?,
        emergencies: category_numbers(&input.emergencies)?,
        requests: category_numbers(&input.requests)?,
    })
}

fn quorum(input: &QuorumInput) -> Result<Quorum, Failure> {
    Ok(Quorum { need: input.need, keys: vkeys(&input.keys)? })
}

fn category_numbers(numbers: &[u16]) -> Result<Vec<Category>, Failure> {
    numbers.iter().copied().map(category_number).collect()
}

fn category_number(number: u16) -> Result<Category, Failure> {
    Category::new(number).map_err(|_| wrong("category", &number.to_string()))
}

fn directory_id(text: &str) -> Result<DirectoryId, Failure> {
    DirectoryId::parse(text).ok_or_else(|| wrong("directory id", text))
}

fn vkeys(texts: &[String]) -> Result<Vec<VerifierKey>, Failure> {
    texts.iter().map(|text| vkey(text)).collect()
}

fn vkey(text: &str) -> Result<VerifierKey, Failure> {
    VerifierKey::parse(text).map_err(|_| wrong("vkey", text))
}

fn hex_value<const N: usize>(text: &str, what: &str) -> Result<[u8; N], Failure> {
    from_hex_exact::<N>(text).ok_or_else(|| wrong(what, text))
}

/// From 00:00 UTC of one day to 00:00 UTC of another.
fn span(from: &str, until: &str) -> Result<Span, Failure> {
    let day = |text: &str| Day::parse(text).map(Day::start).ok_or_else(|| wrong("date (yyyy-mm-dd)", text));
    Span::new(day(from)?, day(until)?).ok_or_else(|| wrong("period", &format!("{from} to {until}")))
}

fn wrong(what: &str, text: &str) -> Failure {
    Failure::usage(format!("not a {what}: {text}"), "compare with docs/samples/policy.toml")
}

fn read_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))
}

/// SHA-256 of a certificate's DER form, whether the file is PEM or DER.
fn certificate_digest(path: &Path) -> Result<[u8; 32], Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, &error))?;
    let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(sha256(&[&bytes])) };
    let body = text.split("-----BEGIN CERTIFICATE-----").nth(1).and_then(|rest| rest.split("-----END CERTIFICATE-----").next());
    let body: String = body.unwrap_or("").split_whitespace().collect();
    let der = verify::spelling::from_base64(&body).filter(|der| !der.is_empty());
    der.map(|der| sha256(&[&der])).ok_or_else(|| wrong("certificate", &path.display().to_string()))
}

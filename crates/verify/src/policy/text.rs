//! The spelling of a policy document; grammar in `docs/spec/policy.md`.

use seal::committee::Committee;
use seal::identity::{Category, ProviderId};
use seal::points::{G1Point, G2Point};

use super::parts::*;
use crate::document::{DocumentError, Reader, Words, Writer, free_text};
use crate::log::vkey::VerifierKey;
use crate::names::{DirectoryId, Instrument, Span};
use crate::spelling::{base64, from_base64_exact, from_hex_exact, hex};

pub(super) const HEADER: &str = "waarborg-policy/v1";
/// 1 MiB: a directory of some thousand offices.
pub(super) const LEN_MAX: usize = 1 << 20;

const LIMIT_NAMES: [&str; 8] = [
    "identities-per-intent",
    "identities-per-day",
    "identities-per-order",
    "slots-per-order",
    "orders-per-authority",
    "emergencies-per-authority",
    "slots-per-selector",
    "window",
];

pub(super) fn read(bytes: &[u8]) -> Result<PolicyParts, DocumentError> {
    let mut r = Reader::open(bytes, HEADER, LEN_MAX)?;
    let name = r.parsed("name", |v| free_text(v, 128))?;
    let (provider, provider_name) = r.parsed("provider", |v| {
        let mut w = Words::new(v);
        let id = ProviderId(w.hex::<16>()?);
        Some((id, free_text(w.rest()?, 128)?))
    })?;
    let demo = r.parsed_if("flag", |v| (v == "demo").then_some(()))?.is_some();
    let in_force = r.parsed("in-force", span)?;
    let continues = r.all("continues", from_hex_exact::<32>)?;
    let times = read_times(&mut r)?;
    let limits = read_limits(&mut r)?;
    let orders = prefixed(&mut r, "orders")?;
    let public = prefixed(&mut r, "public")?;
    let period = r.parsed("key-period", span)?;
    let approvers = read_committee(&mut r, CommitteeName::Approvers)?;
    let guardians = read_committee(&mut r, CommitteeName::Guardians)?;
    let categories = read_categories(&mut r)?;
    let instruments = r.all("instrument", instrument)?;
    let directory = r.all("authority", directory_entry)?;
    let attesters = read_quorum(&mut r, "attest-quorum", "attester")?;
    let officers = r.all("officer", vkey)?;
    let gateway = r.parsed("gateway", vkey)?;
    let engine = r.bytes::<32>("engine")?;
    let sealers = r.all("sealer", vkey)?;
    let provider_key = r.parsed("provider-key", vkey)?;
    let auditors = r.all("auditor", vkey)?;
    let log_operators = r.all("log-operator", vkey)?;
    let renewers = r.all("renewer", vkey)?;
    let policy_keys = read_quorum(&mut r, "policy-quorum", "policy-key")?;
    let package_certificate = r.parsed("package-certificate", from_hex_exact::<32>)?;
    let deliveries = r.all("delivery-certificate", |v| {
        let mut w = Words::new(v);
        let pair = (DirectoryId::parse(w.word()?)?, w.hex::<32>()?);
        w.end(pair)
    })?;
    let lifts = r.all("lift", lift)?;
    r.end()?;
    let key = KeyParts { period, approvers, guardians };
    Ok(PolicyParts {
        name,
        provider,
        provider_name,
        demo,
        in_force,
        continues,
        times,
        limits,
        orders,
        public,
        key,
        categories,
        instruments,
        directory,
        attesters,
        officers,
        gateway,
        engine,
        sealers,
        provider_key,
        auditors,
        log_operators,
        renewers,
        policy_keys,
        package_certificate,
        deliveries,
        lifts,
    })
}

pub(super) fn write(p: &PolicyParts) -> Vec<u8> {
    let mut w = Writer::new(HEADER);
    w.line("name", &p.name);
    w.line("provider", format_args!("{} {}", hex(&p.provider.0), p.provider_name));
    if p.demo {
        w.line("flag", "demo");
    }
    w.line("in-force", span_text(p.in_force));
    p.continues.iter().for_each(|h| {
        w.line("continues", hex(h));
    });
    write_times(&mut w, &p.times);
    for (name, value) in LIMIT_NAMES.iter().zip(limit_values(&p.limits)) {
        w.line("limit", format_args!("{name} {value}"));
    }
    p.orders.lines().for_each(|l| {
        w.line("orders", l);
    });
    p.public.lines().for_each(|l| {
        w.line("public", l);
    });
    w.line("key-period", span_text(p.key.period));
    write_committee(&mut w, CommitteeName::Approvers, &p.key.approvers);
    write_committee(&mut w, CommitteeName::Guardians, &p.key.guardians);
    write_categories(&mut w, &p.categories);
    for rule in &p.instruments {
        w.line("instrument", format_args!("{} {}", rule.instrument, category_list(&rule.categories)));
    }
    p.directory.iter().for_each(|e| {
        w.line("authority", directory_text(e));
    });
    write_quorum(&mut w, "attest-quorum", "attester", &p.attesters);
    write_keys(&mut w, "officer", &p.officers);
    w.line("gateway", &p.gateway);
    w.bytes("engine", &p.engine);
    write_keys(&mut w, "sealer", &p.sealers);
    w.line("provider-key", &p.provider_key);
    write_keys(&mut w, "auditor", &p.auditors);
    write_keys(&mut w, "log-operator", &p.log_operators);
    write_keys(&mut w, "renewer", &p.renewers);
    write_quorum(&mut w, "policy-quorum", "policy-key", &p.policy_keys);
    w.line("package-certificate", hex(&p.package_certificate));
    p.deliveries.iter().for_each(|(id, hash)| {
        w.line("delivery-certificate", format_args!("{id} {}", hex(hash)));
    });
    p.lifts.iter().for_each(|(unit, time)| {
        w.line("lift", format_args!("{unit} {time}"));
    });
    w.finish()
}

fn read_times(r: &mut Reader<'_>) -> Result<Times, DocumentError> {
    Ok(Times {
        max_seal: r.decimal("max-seal")?,
        max_total_seal: r.decimal("max-total-seal")?,
        freshness: r.decimal("freshness")?,
        tick: r.decimal("tick")?,
        batch: r.decimal("batch")?,
        grace: r.decimal("grace")?,
        slot_len: r.parsed("slot-len", |v| Words::new(v).small())?,
        epoch_len: r.parsed("epoch-len", |v| Words::new(v).small())?,
        confirm_within: r.decimal("confirm-within")?,
        key_waiting: r.decimal("key-waiting")?,
    })
}

fn write_times(w: &mut Writer, t: &Times) {
    w.line("max-seal", t.max_seal).line("max-total-seal", t.max_total_seal).line("freshness", t.freshness);
    w.line("tick", t.tick).line("batch", t.batch).line("grace", t.grace);
    w.line("slot-len", t.slot_len).line("epoch-len", t.epoch_len).line("confirm-within", t.confirm_within);
    w.line("key-waiting", t.key_waiting);
}

fn read_limits(r: &mut Reader<'_>) -> Result<Limits, DocumentError> {
    let mut values = [0u64; 8];
    for (name, value) in LIMIT_NAMES.iter().zip(values.iter_mut()) {
        *value = r.parsed("limit", |v| {
            let mut w = Words::new(v);
            let found = (w.word()? == *name).then_some(w.decimal()?)?;
            w.end(found)
        })?;
    }
    let [per_intent, per_day, per_order, slots, orders, emergencies, per_selector, window] = values;
    Ok(Limits {
        identities_per_intent: per_intent,
        identities_per_day: per_day,
        identities_per_order: per_order,
        slots_per_order: slots,
        orders_per_authority: orders,
        emergencies_per_authority: emergencies,
        slots_per_selector: per_selector,
        window,
    })
}

fn limit_values(l: &Limits) -> [u64; 8] {
    [
        l.identities_per_intent,
        l.identities_per_day,
        l.identities_per_order,
        l.slots_per_order,
        l.orders_per_authority,
        l.emergencies_per_authority,
        l.slots_per_selector,
        l.window,
    ]
}

fn lift(value: &str) -> Option<(DirectoryId, u64)> {
    let mut w = Words::new(value);
    let pair = (DirectoryId::parse(w.word()?)?, w.decimal()?);
    w.end(pair)
}

/// The lines of an embedded log policy, each behind the key.
fn prefixed(r: &mut Reader<'_>, key: &'static str) -> Result<String, DocumentError> {
    let lines = r.all(key, Some)?;
    Ok(lines.iter().map(|l| format!("{l}\n")).collect())
}

fn read_committee(r: &mut Reader<'_>, name: CommitteeName) -> Result<CommitteeParts, DocumentError> {
    let of_this = |v: &mut Words<'_>| (v.word() == Some(name.as_str())).then_some(());
    let (need, of, generation, pop) = r.parsed("committee", |v| {
        let mut w = Words::new(v);
        of_this(&mut w)?;
        let row = (w.small::<u8>()?, w.small::<u8>()?, w.small::<u32>()?, G1Point::parse(&w.bytes::<48>()?).ok()?);
        w.end(row)
    })?;
    let mut polynomial = Vec::new();
    for _ in 0..need {
        polynomial.push(r.parsed("point", |v| G2Point::parse(&from_base64_exact::<96>(v)?).ok())?);
    }
    let public = polynomial.first().cloned().ok_or(r.bad("committee"))?;
    let mut members = Vec::new();
    for _ in 0..of {
        members.push(r.parsed("member", |v| {
            let mut w = Words::new(v);
            let (index, receipt_key) = (w.small::<u8>()?, vkey(w.word()?)?);
            Some(MemberRow { index, receipt_key, organisation: free_text(w.rest()?, 128)? })
        })?);
    }
    Ok(CommitteeParts { committee: Committee { public, polynomial, pop, need, of }, generation, members })
}

fn write_committee(w: &mut Writer, name: CommitteeName, c: &CommitteeParts) {
    let (committee, generation) = (&c.committee, c.generation);
    let pop = base64(&committee.pop.to_bytes());
    let row = format!("{} {} {} {generation} {pop}", name.as_str(), committee.need, committee.of);
    w.line("committee", row);
    committee.polynomial.iter().for_each(|p| {
        w.bytes("point", &p.to_bytes());
    });
    for m in &c.members {
        w.line("member", format_args!("{} {} {}", m.index, m.receipt_key, m.organisation));
    }
}

fn read_categories(r: &mut Reader<'_>) -> Result<Vec<CategoryRule>, DocumentError> {
    let mut rules = Vec::new();
    while r.at("category") {
        let (category, slug, retention_days, source, assurance) = r.parsed("category", |v| {
            let mut w = Words::new(v);
            let category = Category::new(w.small::<u16>()?).ok()?;
            let slug = DirectoryId::parse(w.word()?)?.to_string();
            let row = (category, slug, w.small::<u32>()?, source(w.word()?)?, assurance(w.word()?)?);
            w.end(row)
        })?;
        let purpose = r.parsed("purpose", |v| free_text(v, 512))?;
        let legal_basis = r.parsed("legal-basis", |v| free_text(v, 512))?;
        rules.push(CategoryRule { category, slug, retention_days, source, assurance, purpose, legal_basis });
    }
    Ok(rules)
}

fn write_categories(w: &mut Writer, rules: &[CategoryRule]) {
    for rule in rules {
        let source = match rule.source {
            Source::OnlySealed => "only-sealed".to_owned(),
            Source::Readable { days } => format!("readable:{days}"),
        };
        let assurance = match rule.assurance {
            AssuranceRule::NativeOnly => "native",
            AssuranceRule::AttestedToo => "attested",
        };
        let (number, days) = (rule.category.number(), rule.retention_days);
        w.line("category", format_args!("{number} {} {days} {source} {assurance}", rule.slug));
        w.line("purpose", &rule.purpose).line("legal-basis", &rule.legal_basis);
    }
}

fn source(text: &str) -> Option<Source> {
    match text.strip_prefix("readable:") {
        Some(days) => Some(Source::Readable { days: Words::new(days).small()? }),
        None => (text == "only-sealed").then_some(Source::OnlySealed),
    }
}

fn assurance(text: &str) -> Option<AssuranceRule> {
    match text {
        "native" => Some(AssuranceRule::NativeOnly),
        "attested" => Some(AssuranceRule::AttestedToo),
        _ => None,
    }
}

fn instrument(value: &str) -> Option<InstrumentRule> {
    let mut w = Words::new(value);
    let rule = InstrumentRule { instrument: Instrument::parse(w.word()?)?, categories: categories(w.word()?)? };
    w.end(rule)
}

fn directory_entry(value: &str) -> Option<DirectoryEntry> {
    let mut w = Words::new(value);
    let entry = DirectoryEntry {
        id: DirectoryId::parse(w.word()?)?,
        unit: DirectoryId::parse(w.word()?)?,
        role: Role::parse(w.word()?)?,
        in_force: Span::new(w.decimal()?, w.decimal()?)?,
        signs: categories(w.word()?)?,
        emergencies: categories(w.word()?)?,
        requests: categories(w.word()?)?,
        key: vkey(w.word()?)?,
    };
    w.end(entry)
}

fn directory_text(e: &DirectoryEntry) -> String {
    let (signs, emergencies) = (category_list(&e.signs), category_list(&e.emergencies));
    let (role, force, requests) = (e.role.as_str(), span_text(e.in_force), category_list(&e.requests));
    format!("{} {} {role} {force} {signs} {emergencies} {requests} {}", e.id, e.unit, e.key)
}

/// `1,3,7`, strictly ascending, or `-` for none.
fn categories(text: &str) -> Option<Vec<Category>> {
    if text == "-" {
        return Some(Vec::new());
    }
    let list: Option<Vec<Category>> = text.split(',').map(|n| Category::new(Words::new(n).small::<u16>()?).ok()).collect();
    list.filter(|l| l.windows(2).all(|w| w[0] < w[1]))
}

fn category_list(list: &[Category]) -> String {
    if list.is_empty() {
        return "-".to_owned();
    }
    list.iter().map(|c| c.number().to_string()).collect::<Vec<_>>().join(",")
}

fn read_quorum(r: &mut Reader<'_>, need: &'static str, key: &'static str) -> Result<Quorum, DocumentError> {
    Ok(Quorum { need: r.parsed(need, |v| Words::new(v).small())?, keys: r.all(key, vkey)? })
}

fn write_quorum(w: &mut Writer, need: &str, key: &str, quorum: &Quorum) {
    w.line(need, quorum.need);
    write_keys(w, key, &quorum.keys);
}

fn write_keys(w: &mut Writer, key: &str, keys: &[VerifierKey]) {
    keys.iter().for_each(|k| {
        w.line(key, k);
    });
}

fn vkey(text: &str) -> Option<VerifierKey> {
    VerifierKey::parse(text).ok()
}

fn span(value: &str) -> Option<Span> {
    let mut w = Words::new(value);
    let span = Span::new(w.decimal()?, w.decimal()?)?;
    w.end(span)
}

fn span_text(span: Span) -> String {
    format!("{} {}", span.from(), span.until())
}

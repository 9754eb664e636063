//! Reading an order in whatever form it came, with what judgement needs to know around it.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use law::gates::{Facts, History, Provider};
use law::received::{Finding, Place, Received, SignatureLevel, SignatureVerdict};
use law::registry::{Authority, CallBack, CalledBack, Edition, Editions, Registry};
use law::rules::RuleBook;
use seal::catalogue::parse_rfc3339;
use standards::etsi::verdict::Setting;
use standards::incoming;
use verify::calendar::Day;
use verify::log::proof::TlogProof;
use verify::names::DirectoryId;
use verify::order::{OrderDocument, OrderDraft};
use verify::policy::{Policy, Role};
use verify::record::key_digest;
use verify::statement::{SignedStatement, Statement};

use super::dutch;
use super::signatures::Trust;
use crate::commands::policy;
use crate::exit::Failure;

/// An original with annexes; the same limit as an order document's.
const BYTES_MAX: u64 = 16 << 20;

/// What a judgement needs beside the order.
#[derive(clap::Args)]
pub struct Context {
    /// Who we are and what we can answer (provider.toml); without it gates 11 and 14 are a person's
    #[arg(long)]
    provider: Option<PathBuf>,
    /// Edition of the registry and when it stood in PUBLIC: registry.toml@2026-11-01T00:00:00Z on somebody's word, or registry.toml@NAME with NAME.statement and NAME.proof; more than once for older editions
    #[arg(long)]
    registry: Vec<String>,
    /// For native orders: the policy whose directory says who signed
    #[arg(long)]
    policy: Option<PathBuf>,
    /// Folder with corrected rule files; those that it has replace the built-in ones
    #[arg(long)]
    rules: Option<PathBuf>,
    /// National profile of TS 103 120 whose extensions are read (TOML); a person decides on each
    #[arg(long)]
    profile: Vec<PathBuf>,
    /// When the order came (RFC 3339); default: now
    #[arg(long)]
    received_at: Option<String>,
    /// The letter that a transcription was made from
    #[arg(long)]
    original: Option<PathBuf>,
    #[command(flatten)]
    trust: Trust,
    /// A call-back: directory id, number called, who called, who confirmed, separated by commas
    #[arg(long)]
    called_back: Option<String>,
}

/// An order with everything that the gates look at.
pub struct Loaded {
    pub received: Received,
    /// The document as it came: what attesters compare with, what original_hash names.
    pub original: Vec<u8>,
    /// The text whose places are marked.
    pub source: Option<String>,
    pub policy: Option<Policy>,
    pub received_at: u64,
    book: RuleBook,
    registry: Editions,
    provider: Provider,
    history: History,
    called_back: Option<CalledBack>,
    now: u64,
}

impl Loaded {
    /// Ours, as messages address us: (State, identifier).
    pub fn own_office(&self) -> Option<(String, String)> {
        let named = self.received.envelope.receiver.as_ref().map(|office| (office.value.country.clone(), office.value.id.clone()));
        named.or_else(|| self.provider.identifiers.first().map(|id| (self.provider.state.clone(), id.clone())))
    }

    pub fn facts(&self) -> Facts<'_> {
        Facts {
            received: &self.received,
            book: &self.book,
            registry: &self.registry,
            provider: &self.provider,
            history: &self.history,
            called_back: self.called_back.as_ref(),
            received_at: self.received_at,
            now: self.now,
        }
    }
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

/// Reads at most [`BYTES_MAX`]: a body of a gigabyte is refused before any of it is in memory.
pub fn bytes_of(path: &Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let fault = |error: std::io::Error| Failure::file(path, &error);
    let file = std::fs::File::open(path).map_err(fault)?;
    let says = file.metadata().map_err(fault)?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(says.min(BYTES_MAX) + 1).unwrap_or(0));
    // What is no plain file has no length, and a file may grow while it is read.
    if says <= BYTES_MAX {
        file.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(fault)?;
    }
    if BYTES_MAX < says || BYTES_MAX < bytes.len() as u64 {
        let text = format!("{}: larger than {BYTES_MAX} octets", path.display());
        return Err(Failure::refused("ORD-01", text, "ask for it in parts")
            .in_dutch(format!("{}: groter dan {BYTES_MAX} octetten", path.display()), "vraag het in delen"));
    }
    Ok(bytes)
}

pub fn load(path: &Path, context: &Context) -> Result<Loaded, Failure> {
    let bytes = bytes_of(path)?;
    let policy = context.policy.as_deref().map(policy::load).transpose()?;
    let original = context.original.as_deref().map(bytes_of).transpose()?;
    let now = now();
    let received_at = context.received_at.as_deref().map_or(Ok(now), time)?;
    let registry = editions(&context.registry, policy.as_ref())?;
    let document = original.as_deref().unwrap_or(&bytes);
    // A native order carries its own signature, which its reader judges.
    let intake = if is_native(document) { None } else { Some(context.trust.judge(document, &registry, received_at)?) };
    // SIG-16: an order is read from what was signed, not from what came around it. A transcription is read from what was typed.
    let signed = intake.as_ref().filter(|intake| original.is_none() && intake.octets() != document).map(|intake| intake.octets().to_vec());
    let mut received = read(signed.as_deref().unwrap_or(&bytes), policy.as_ref(), &setting(&context.profile)?)?;
    match intake {
        Some(intake) => intake.into_received(&mut received, &registry),
        None => received.envelope.original_hash = verify::package::digest::sha256(&[document]),
    }
    let provider = match &context.provider {
        Some(path) => Provider::parse(&text_of(path)?).map_err(|error| Failure::usage(format!("{}: {error}", path.display()), SAMPLE))?,
        None => Provider::unknown(state_of(&received)),
    };
    let called_back = context.called_back.as_deref().map(|text| call(text, &registry, &received, now)).transpose()?;
    let (text, original) = match (signed, original) {
        (Some(signed), _) => (signed, bytes),
        (None, Some(original)) => (bytes, original),
        (None, None) => (bytes.clone(), bytes),
    };
    let source = String::from_utf8(text).ok();
    let book = rules(context.rules.as_deref())?;
    Ok(Loaded { received, original, source, policy, received_at, book, registry, provider, history: History::default(), called_back, now })
}

/// What a name in the registry or the policy's directory looks like.
pub const DIRECTORY_ID: &str = "small letters, digits, hyphens and dots, as court.example; waarborg registry show tells them";
const SAMPLE: &str = "docs/samples/provider.toml shows every field";

pub fn text_of(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes_of(path)?).map_err(|_| Failure::usage(format!("{} is not UTF-8", path.display()), ""))
}

/// Where nobody says who we are, the addressee's country is the enforcing State.
fn state_of(received: &Received) -> &str {
    let order = received.order();
    order.and_then(|order| order.addressee.office.as_ref()).map_or("XX", |office| office.value.country.as_str())
}

fn is_native(bytes: &[u8]) -> bool {
    bytes.starts_with(b"waarborg-order/")
}

fn setting(profiles: &[PathBuf]) -> Result<Setting, Failure> {
    let mut setting = Setting::reader();
    for path in profiles {
        let profile = toml::from_str(&text_of(path)?).map_err(|error| Failure::usage(format!("{}: {error}", path.display()), PROFILE))?;
        setting.profiles.add(profile);
    }
    Ok(setting)
}

const PROFILE: &str = "docs/samples/national-profile.toml shows every field";

/// By what it begins with: a native order, a form or message in XML or JSON, or a transcription.
fn read(bytes: &[u8], policy: Option<&Policy>, setting: &Setting) -> Result<Received, Failure> {
    if is_native(bytes) {
        return native(bytes, policy);
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    match text.first() {
        Some(b'<' | b'{') => incoming::read(bytes, setting).map_err(|refusal| {
            Failure::refused(refusal.code(), refusal.to_string(), refusal.hint().en).in_dutch(refusal.in_dutch(), refusal.hint().nl)
        }),
        None => Err(Failure::refused("TRN-01", "the file is empty", "ask its sender, or look whether it was copied whole")
            .in_dutch("het bestand is leeg", "vraag de afzender ernaar, of kijk of het geheel is gekopieerd")),
        _ => {
            let text = std::str::from_utf8(bytes).ok().filter(|_| !is_picture(bytes)).ok_or_else(to_be_typed)?;
            law::transcription::read(text, [0; 32]).map_err(|error| dutch::transcription(&error))
        }
    }
}

/// A page for people, as a PDF, an office document or a picture, whatever its octets are.
fn is_picture(bytes: &[u8]) -> bool {
    [&b"%PDF-"[..], b"PK\x03\x04", b"\xFF\xD8\xFF", b"\x89PNG", b"II*\0", b"MM\0*", b"{\\rtf"].iter().any(|begin| bytes.starts_with(begin))
}

fn to_be_typed() -> Failure {
    let neither = "this is neither a form or message, nor a native order, nor a transcription";
    Failure::refused("TRN-01", neither, "type it over (docs/samples/received.toml) and give the file with --original").in_dutch(
        "dit is geen formulier of bericht, geen eigen bevel en geen overgetypte brief",
        "typ het over (docs/samples/received.toml) en geef het bestand mee met --original",
    )
}

fn native(bytes: &[u8], policy: Option<&Policy>) -> Result<Received, Failure> {
    match OrderDocument::parse(bytes) {
        Ok(order) => {
            order.check().map_err(super::refusal)?;
            let signed = order.record();
            let signatures = policy.map(|policy| native_signatures(&order, policy)).unwrap_or_default();
            Ok(law::native::received(signed.record(), order.scope(), Some(signed.d()), [0; 32], signatures))
        }
        Err(_) => {
            let draft = OrderDraft::parse(bytes).map_err(super::refusal)?;
            draft.check().map_err(super::refusal)?;
            Ok(law::native::received(draft.record(), draft.scope(), None, [0; 32], Vec::new()))
        }
    }
}

/// Whose key of the policy's directory the signature fits.
fn native_signatures(order: &OrderDocument, policy: &Policy) -> Vec<SignatureVerdict> {
    let record = order.record();
    let fits = policy.parts().directory.iter().find(|entry| record.verify_native(entry.key.key()).is_ok());
    let attesters: Vec<_> = policy.parts().attesters.keys.iter().map(|key| key.key()).collect();
    let attested = record.verify_attested(&attesters, policy.parts().attesters.need).is_ok();
    let one = |signer: String, key: Option<[u8; 32]>, valid: Finding, trusted: Finding| SignatureVerdict {
        place: Place::new(1, 1, "signature"),
        technique: "waarborg".into(),
        signer,
        key_digest: key,
        signed_at: None,
        level: SignatureLevel::Pinned,
        valid,
        trusted,
        competent: Finding::unknown("judged by gates 4 and 5"),
    };
    match fits {
        Some(entry) => {
            let at = record.record().validity().map_or(0, |validity| validity.from());
            let trusted =
                if entry.in_force.covers(at) { Finding::Yes } else { Finding::no("REL-10", "its entry was not in force then", None) };
            vec![one(entry.id.to_string(), Some(key_digest(entry.key.key())), Finding::Yes, trusted)]
        }
        // Attesters vouch for the transcription, not for the authority.
        None if attested => vec![one("the attesters of the policy".into(), None, Finding::Yes, Finding::Yes)],
        None => {
            let no = Finding::no("REL-10", "no key of the policy's directory fits", None);
            vec![one("-".into(), None, no, Finding::unknown("its signer is not known"))]
        }
    }
}

/// `FILE@TIME`, and the policy's own directory for native orders.
fn editions(given: &[String], policy: Option<&Policy>) -> Result<Editions, Failure> {
    let mut editions = Vec::new();
    for text in given {
        editions.push(edition(text, policy)?);
    }
    if editions.is_empty() {
        editions.extend(policy.map(|policy| Edition { registry: directory(policy), logged_at: 0 }));
    }
    Ok(Editions::new(editions))
}

/// `FILE@TIME`: somebody's word on when it stood in PUBLIC. `FILE@PREFIX`: PREFIX.statement and PREFIX.proof show it, under the policy
/// (RGY-06); then the time is that of the cosignatures.
pub fn edition(text: &str, policy: Option<&Policy>) -> Result<Edition, Failure> {
    let (file, logged) = text.rsplit_once('@').ok_or_else(|| {
        let hint = "write registry.toml@2026-11-01T00:00:00Z, or registry.toml@registry for registry.statement and registry.proof";
        Failure::usage(format!("{text}: when did this edition stand in PUBLIC?"), hint)
    })?;
    let hint = ("docs/samples/registry.toml shows every field", "docs/samples/registry.toml toont elk veld");
    let refused = |error: law::registry::RegistryError| dutch::registry(&error, hint);
    let registry = Registry::parse(&text_of(Path::new(file))?).map_err(refused)?;
    if let Ok(logged_at) = time(logged) {
        return Ok(Edition { registry, logged_at });
    }
    let policy = policy.ok_or_else(|| Failure::usage("a statement and its proof are judged by a policy", "--policy FILE"))?;
    let part = |name: &str| bytes_of(Path::new(&format!("{logged}.{name}")));
    let signed = SignedStatement::parse(&part("statement")?).map_err(|error| Failure::refused(error.code(), error.to_string(), ""))?;
    let (keys, need) = policy.statement_signers("registry").unwrap_or_default();
    signed.verify(&keys, need).map_err(|error| Failure::refused(error.code(), error.to_string(), "the policy keys sign it"))?;
    let Statement::Registry(notice) = signed.statement() else {
        return Err(refused(law::registry::RegistryError::OtherEdition));
    };
    let proof = TlogProof::parse(&part("proof")?).and_then(|proof| proof.verify(signed.leaf_hash(), policy.public(), None));
    let proof = proof.map_err(|error| Failure::verification(error.code(), error.to_string(), "waarborg log prove makes proofs"))?;
    // The latest it can have been: an earlier guess would shorten the waiting time.
    registry.logged(notice, proof.head().not_after()).map_err(refused)
}

/// The policy's directory, whose keys stood in PUBLIC with the policy itself (LOG-27).
fn directory(policy: &Policy) -> Registry {
    let authority = |entry: &verify::policy::DirectoryEntry| {
        let classes = |list: &[seal::identity::Category]| {
            let mut found: Vec<_> = list.iter().map(|category| law::native::options(*category).0).collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        Authority {
            id: entry.id.clone(),
            state: "XX".into(),
            name: entry.id.to_string(),
            kind: match entry.role {
                Role::Court => law::received::AuthorityKind::Judge,
                Role::Prosecutor => law::received::AuthorityKind::Prosecutor,
                Role::Police | Role::Oversight => law::received::AuthorityKind::Other,
            },
            signs: classes(&entry.signs),
            emergencies: classes(&entry.emergencies),
            call_back: Vec::new(),
            offices: Vec::new(),
            keys: vec![key_digest(entry.key.key())],
            deliver: None,
            from: Day::containing(entry.in_force.from()),
            until: Day::containing(entry.in_force.until()),
        }
    };
    let authorities = policy.parts().directory.iter().map(authority).collect();
    Registry { name: policy.parts().name.clone(), wait_hours: law::registry::WAIT_HOURS_MIN, authorities, hash: *policy.hash() }
}

fn call(text: &str, registry: &Editions, received: &Received, now: u64) -> Result<CalledBack, Failure> {
    let parts: Vec<_> = text.split(',').map(str::trim).collect();
    let [id, number, called_by, confirmed_by] = parts[..] else {
        return Err(Failure::usage("--called-back takes four parts", "--called-back court.example,+31201234567,An,Bo"));
    };
    let id = DirectoryId::parse(id).ok_or_else(|| Failure::usage(format!("\"{id}\" is not a directory id"), DIRECTORY_ID))?;
    let call = CallBack {
        number: number.into(),
        called_by: called_by.into(),
        confirmed_by: confirmed_by.into(),
        at: now,
        original_hash: received.envelope.original_hash,
    };
    let hint = ("waarborg registry show tells the numbers", "waarborg registry show noemt de nummers");
    let refused = |error: law::registry::RegistryError| dutch::registry(&error, hint);
    registry.called_back(&id, call, now).map_err(refused)
}

/// RUL-02: the built-in rules, with those of a folder in their place.
pub fn rules(folder: Option<&Path>) -> Result<RuleBook, Failure> {
    let mut replaced = Vec::new();
    if let Some(folder) = folder {
        let entries = std::fs::read_dir(folder).map_err(|error| Failure::file(folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| Failure::file(folder, &error))?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                replaced.push((name, text_of(&path)?));
            }
        }
    }
    RuleBook::with(&replaced)
        .map_err(|error| Failure::refused(error.code(), error.to_string(), "crates/law/rules has the files as they are built in"))
}

/// Whole seconds with an offset.
pub fn time(text: &str) -> Result<u64, Failure> {
    let ms = parse_rfc3339(text)
        .ok_or_else(|| Failure::usage(format!("\"{text}\" is not an RFC 3339 time with its offset"), "as 2026-11-20T17:10:00+01:00"))?;
    Ok(ms / 1_000)
}

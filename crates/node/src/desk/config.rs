//! `[desk]` of `gateway.toml`: who we are, which registry, whom to trust, and the door of TS 103 120.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use law::gates::Provider;
use law::registry::{Edition, Editions, Registry};
use law::rules::RuleBook;
use serde::Deserialize;
use standards::answer::Route;
use standards::etsi::core::EndpointId;
use standards::etsi::desk as etsi;
use standards::etsi::values::{IsoCountryCode, LongString};
use standards::etsi::verdict::Setting;
use standards::signature::{Anchor, Store, TrustedList};
use verify::calendar::Day;
use verify::log::proof::TlogProof;
use verify::policy::Policy;
use verify::spelling::from_hex_exact;
use verify::statement::{SignedStatement, Statement};

use super::deliver::Shelf;
use super::dispatch::post::Post;
use super::judging::Setup;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskConfig {
    /// `provider.toml`: names, services and what we can answer.
    pub provider_file: PathBuf,
    /// Every edition of the registry of authorities that stood in PUBLIC, with the statement and proof that show it (RGY-06).
    pub registry: Vec<EditionConfig>,
    /// Folder with corrected rule files; those that it has replace the built-in ones (RUL-02).
    pub rules_dir: Option<PathBuf>,
    /// Certificates (DER) of issuers that are pinned by hand; what they issued does not count as qualified.
    #[serde(default)]
    pub anchor_files: Vec<PathBuf>,
    #[serde(default)]
    pub trusted_lists: Vec<TrustedListConfig>,
    #[serde(default)]
    pub revocation_list_files: Vec<PathBuf>,
    /// National profiles of TS 103 120 whose extensions are read, for a person (STD-13).
    #[serde(default)]
    pub profile_files: Vec<PathBuf>,
    pub etsi: Option<EtsiConfig>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditionConfig {
    pub file: PathBuf,
    pub statement_file: PathBuf,
    pub proof_file: PathBuf,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedListConfig {
    pub file: PathBuf,
    /// SHA-256 of the operator's certificate.
    pub operator_sha256: String,
}

/// The door with mutual TLS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EtsiConfig {
    pub listen: String,
    pub certificate_file: PathBuf,
    pub private_key_file: PathBuf,
    /// Our own endpoint in headers of messages.
    pub country: String,
    pub unique_identifier: String,
    /// For packages that are too large to push; without it people deliver those.
    pub fetch: Option<FetchConfig>,
}

/// Where and how long a package waits to be fetched.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchConfig {
    /// `https://` and the name by which authorities reach `listen`.
    pub address: String,
    /// The law lets it be 10 to 45 days (STD-81).
    pub days: u32,
}

impl DeskConfig {
    /// Relative paths are those of the configuration file's folder.
    pub fn resolve(&mut self, base: &Path) {
        let mut paths = vec![&mut self.provider_file];
        paths.extend(self.registry.iter_mut().flat_map(|one| [&mut one.file, &mut one.statement_file, &mut one.proof_file]));
        paths.extend(&mut self.rules_dir);
        paths.extend(&mut self.anchor_files);
        paths.extend(self.trusted_lists.iter_mut().map(|one| &mut one.file));
        paths.extend(&mut self.revocation_list_files);
        paths.extend(&mut self.profile_files);
        paths.extend(self.etsi.iter_mut().flat_map(|one| [&mut one.certificate_file, &mut one.private_key_file]));
        for path in paths {
            *path = base.join(&*path);
        }
    }

    /// Reads everything that orders are judged by. Texts are for the operator.
    pub fn setup(&self, policy: &Policy, now: u64) -> Result<Setup, String> {
        let provider = Provider::parse(&text(&self.provider_file)?).map_err(named(&self.provider_file))?;
        let editions = self.registry.iter().map(|one| edition(one, policy)).collect::<Result<Vec<_>, _>>()?;
        let registry = Editions::new(editions);
        let mut anchors = Vec::new();
        for path in &self.anchor_files {
            let name = path.display().to_string();
            anchors.push(Anchor { certificate: octets(path)?, name, status: vec![(0, true)], is_qualified: false, listed_until: None });
        }
        for one in &self.trusted_lists {
            let pin = from_hex_exact::<32>(&one.operator_sha256).ok_or("operator_sha256: not a SHA-256 in hex")?;
            let list = TrustedList::parse(&octets(&one.file)?, &[pin], now);
            let list = list.map_err(|refusal| format!("{}: {} {}", one.file.display(), refusal.code(), refusal.words().en))?;
            anchors.extend(list.anchors().iter().cloned());
        }
        // What the registry pins is trusted as itself, whoever issued it.
        let mut trust = Store::new(anchors, registry.keys(now));
        for path in &self.revocation_list_files {
            let added = trust.add_revocation_list(&octets(path)?);
            added.map_err(|refusal| format!("{}: {} {}", path.display(), refusal.code(), refusal.words().en))?;
        }
        let mut etsi = Setting::reader();
        for path in &self.profile_files {
            etsi.profiles.add(toml::from_str(&text(path)?).map_err(named(path))?);
        }
        Ok(Setup { book: self.rules()?, registry, provider, trust, etsi })
    }

    fn rules(&self) -> Result<RuleBook, String> {
        let mut replaced = Vec::new();
        if let Some(folder) = &self.rules_dir {
            for entry in std::fs::read_dir(folder).map_err(named(folder))? {
                let path = entry.map_err(named(folder))?.path();
                if path.extension().is_some_and(|extension| extension == "toml") {
                    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                    replaced.push((name, text(&path)?));
                }
            }
        }
        RuleBook::with(&replaced).map_err(|error| error.to_string())
    }
}

impl EtsiConfig {
    fn own(&self) -> Result<EndpointId, String> {
        let wrong = || "[desk.etsi] country and unique_identifier: not an endpoint of TS 103 120".to_owned();
        let country = IsoCountryCode::parse(&self.country).ok_or_else(wrong)?;
        Ok(EndpointId { country, unique: LongString::parse(&self.unique_identifier).ok_or_else(wrong)? })
    }

    /// Where deliveries come from, and how they are fetched.
    pub fn shelf(&self, outbox: &Path, setup: &Setup) -> Result<Shelf, String> {
        if let Some(fetch) = &self.fetch {
            if !fetch.address.starts_with("https://") || fetch.address.contains(char::is_whitespace) {
                return Err("[desk.etsi.fetch] address: not an https:// address".to_owned());
            }
            let window = Route::pull(&setup.book.delivery, Day(0), fetch.days);
            window.map_err(|error| format!("[desk.etsi.fetch] days: {} {error}", error.code()))?;
        }
        let fetch = self.fetch.as_ref().map(|fetch| (fetch.address.clone(), fetch.days));
        Ok(Shelf { outbox: outbox.to_owned(), own: self.own()?, fetch })
    }

    /// As whom we call on authorities' own systems: by the certificate that they know us by.
    pub fn post(&self) -> Post {
        Post { certificate_file: self.certificate_file.clone(), private_key_file: self.private_key_file.clone() }
    }

    /// What GETCSPCONFIG tells, from the provider's own file. Content cannot be offered (STD-42).
    pub fn offer(&self, setup: &Setup, now: u64) -> Result<etsi::Desk, String> {
        let config = standards::epoc::hi1::offer(&setup.provider, now as i64);
        etsi::Desk::new(self.own()?, config, setup.etsi.clone()).map_err(|rule| format!("{}: {}", rule.code(), rule.words().en))
    }

    /// Only certificates of authorities in force, or that wait for it, finish a handshake; each message asks again.
    pub fn tls(&self, setup: &Setup, now: u64) -> Result<Arc<rustls::ServerConfig>, String> {
        let pins: Vec<String> = setup.registry.keys(now).iter().map(|key| verify::spelling::hex(key)).collect();
        crate::log::tls::server(&self.certificate_file, &self.private_key_file, &pins).map_err(|error| error.0)
    }
}

fn named<E: std::fmt::Display>(path: &Path) -> impl Fn(E) -> String {
    move |error| format!("{}: {error}", path.display())
}

fn octets(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(named(path))
}

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(named(path))
}

/// Nobody's word counts for when an edition stood in PUBLIC: its statement and proof do.
fn edition(config: &EditionConfig, policy: &Policy) -> Result<Edition, String> {
    let registry = Registry::parse(&text(&config.file)?).map_err(named(&config.file))?;
    let signed = SignedStatement::parse(&octets(&config.statement_file)?).map_err(named(&config.statement_file))?;
    let (keys, need) = policy.statement_signers("registry").unwrap_or_default();
    signed.verify(&keys, need).map_err(named(&config.statement_file))?;
    let Statement::Registry(notice) = signed.statement() else {
        return Err(format!("{}: not a statement of kind registry", config.statement_file.display()));
    };
    let proof = TlogProof::parse(&octets(&config.proof_file)?).and_then(|proof| proof.verify(signed.leaf_hash(), policy.public(), None));
    let proof = proof.map_err(|error| format!("{}: {error}", config.proof_file.display()))?;
    // The latest it can have been: an earlier guess would shorten the waiting time.
    registry.logged(notice, proof.head().not_after()).map_err(named(&config.file))
}

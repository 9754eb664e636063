//! The registry of authorities: who exists, under which keys, competent for what, and whom to call back.
//!
//! The policy directory of `verify` says whose keys trustees accept for which sealed categories; this says what stands around such an
//! office in the world: State, kind, classes of the Regulation, certificates, telephone. Both name it by one [`DirectoryId`]. An edition
//! is public in the log (statement `registry`) before any of it holds, and an entry holds only after the waiting time (RGY-01 to RGY-06).

use serde::Deserialize;
use verify::calendar::Day;
use verify::names::DirectoryId;
use verify::spelling::{from_hex_exact, hex};
use verify::statement::RegistryNotice;

use crate::received::{AuthorityKind, DataClass, Office};

/// RGY-02: shorter than this no edition may set: what a policy lets any new key wait at least (POL-03).
pub const WAIT_HOURS_MIN: u32 = (verify::policy::KEY_WAITING_MIN / 3_600) as u32;

/// Why a registry file or a call-back does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryError {
    /// RGY-01
    Unreadable(String),
    /// RGY-02
    WaitTooShort { hours: u32 },
    /// RGY-03: two entries share an id, certificate, key or office.
    Shared { what: String },
    /// RGY-06: the statement in PUBLIC names another edition or another waiting time.
    OtherEdition,
    /// RGY-07: not an address and the SHA-256 of the certificate there.
    Endpoint { authority: String, address: String },
    /// RGY-05: the number called is not one that the registry holds for this authority.
    NumberNotRegistered,
    /// RGY-05: one person only.
    OnePerson,
    /// RGY-05: not known, or its entry does not hold yet.
    NotInForce,
}

impl RegistryError {
    pub fn code(&self) -> &'static str {
        match self {
            RegistryError::Unreadable(_) => "RGY-01",
            RegistryError::WaitTooShort { .. } => "RGY-02",
            RegistryError::Shared { .. } => "RGY-03",
            RegistryError::OtherEdition => "RGY-06",
            RegistryError::Endpoint { .. } => "RGY-07",
            RegistryError::NumberNotRegistered | RegistryError::OnePerson | RegistryError::NotInForce => "RGY-05",
        }
    }
}

impl std::fmt::Display for RegistryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: ", self.code())?;
        match self {
            RegistryError::Unreadable(text) => f.write_str(text.trim_end()),
            RegistryError::WaitTooShort { hours } => write!(f, "wait_hours = {hours}; at least {WAIT_HOURS_MIN}, more is allowed"),
            RegistryError::Shared { what } => write!(f, "{what} stands under two authorities or twice"),
            RegistryError::OtherEdition => f.write_str("the statement is about another edition of the registry"),
            RegistryError::Endpoint { authority, address } => {
                write!(
                    f,
                    "{authority}: deliver wants https:// with host, port and path, and 64 hexadecimal digits of a SHA-256, not \"{address}\""
                )
            }
            RegistryError::NumberNotRegistered => f.write_str("the number called is not in the registry; never use one from the message"),
            RegistryError::OnePerson => f.write_str("one person calls, another confirms"),
            RegistryError::NotInForce => f.write_str("the registry has no such authority in force"),
        }
    }
}

impl std::error::Error for RegistryError {}

/// An authority as one edition has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    pub id: DirectoryId,
    /// ISO 3166 alpha-2.
    pub state: String,
    pub name: String,
    pub kind: AuthorityKind,
    /// May issue or validate orders for these.
    pub signs: Vec<DataClass>,
    /// May issue in an emergency without prior validation for these.
    pub emergencies: Vec<DataClass>,
    /// E.164 with its plus: the only numbers that count for a call-back.
    pub call_back: Vec<String>,
    /// How messages name it.
    pub offices: Vec<Office>,
    /// SHA-256 of certificates, or of the 32-octet key of native orders.
    pub keys: Vec<[u8; 32]>,
    /// Where its own system takes what we send; none: it polls.
    pub deliver: Option<Endpoint>,
    pub from: Day,
    pub until: Day,
}

/// RGY-07: an authority's own system of TS 103 120. Public and waiting like everything of its entry, so that nobody quietly leads
/// deliveries elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
    pub path: String,
    /// SHA-256 of the certificate that it shows there.
    pub certificate: [u8; 32],
}

impl Endpoint {
    /// `https://host`, port and path if need be. A user, a query or a fragment has no place there, nor has a bare address of IPv6.
    fn read(address: &str, certificate: &str) -> Option<Endpoint> {
        let rest = address.strip_prefix("https://")?;
        let (place, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match place.split_once(':') {
            Some((host, port)) => (host, port.parse().ok().filter(|number: &u16| *number != 0 && number.to_string() == port)?),
            None => (place, 443),
        };
        let is_host = !host.is_empty() && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
        let is_path = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~".contains(&b));
        let path = if path.is_empty() { "/" } else { path };
        let certificate = from_hex_exact::<32>(certificate)?;
        (is_host && is_path).then(|| Endpoint { host: host.to_owned(), port, path: path.to_owned(), certificate })
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "https://{}:{}{} ({})", self.host, self.port, self.path, hex(&self.certificate))
    }
}

/// One edition of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    pub name: String,
    pub wait_hours: u32,
    /// Ascending by id.
    pub authorities: Vec<Authority>,
    /// SHA-256 of the file: what the statement in PUBLIC names.
    pub hash: [u8; 32],
}

/// An edition with the cosigned time at which it stood in PUBLIC.
#[derive(Clone, Debug)]
pub struct Edition {
    pub registry: Registry,
    pub logged_at: u64,
}

/// What the registry says of one authority now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing<'r> {
    InForce(&'r Authority),
    /// In the log, and holds from then on.
    Waiting {
        authority: &'r Authority,
        from: u64,
    },
    Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    wait_hours: u32,
    #[serde(default)]
    authorities: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    state: String,
    name: String,
    kind: AuthorityKind,
    signs: Vec<DataClass>,
    #[serde(default)]
    emergencies: Vec<DataClass>,
    #[serde(default)]
    call_back: Vec<String>,
    #[serde(default)]
    offices: Vec<String>,
    #[serde(default)]
    keys: Vec<String>,
    deliver: Option<DeliverRow>,
    from: String,
    until: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeliverRow {
    address: String,
    certificate_sha256: String,
}

impl Row {
    fn read(self) -> Result<Authority, RegistryError> {
        let bad = |text: String| RegistryError::Unreadable(format!("{}: {text}", self.id));
        let id = DirectoryId::parse(&self.id).ok_or_else(|| bad("not a directory id".to_owned()))?;
        if !is_state(&self.state) {
            return Err(bad(format!("state \"{}\" is not two capitals", self.state)));
        }
        if let Some(number) = self.call_back.iter().find(|number| !is_e164(number)) {
            return Err(bad(format!("call_back \"{number}\" is not + and 8 to 15 digits")));
        }
        let office = |text: &String| {
            let (country, id) = text.split_once(':')?;
            (is_state(country) && !id.is_empty()).then(|| Office { country: country.to_owned(), id: id.to_owned() })
        };
        let offices: Option<Vec<_>> = self.offices.iter().map(office).collect();
        let keys: Option<Vec<_>> = self.keys.iter().map(|text| from_hex_exact::<32>(text)).collect();
        let (from, until) = (Day::parse(&self.from), Day::parse(&self.until));
        let (Some(from), Some(until)) = (from, until) else { return Err(bad("from and until are days of the form yyyy-mm-dd".to_owned())) };
        if until <= from {
            return Err(bad("until is not after from".to_owned()));
        }
        let offices = offices.ok_or_else(|| bad("an office is a State, a colon and an id".to_owned()))?;
        let keys = keys.ok_or_else(|| bad("a key is 64 hexadecimal digits".to_owned()))?;
        // RGY-07
        let wrong = |row: &DeliverRow| RegistryError::Endpoint { authority: self.id.clone(), address: row.address.clone() };
        let read = |row: &DeliverRow| Endpoint::read(&row.address, &row.certificate_sha256).ok_or_else(|| wrong(row));
        let deliver = self.deliver.as_ref().map(read).transpose()?;
        let Row { state, name, kind, signs, emergencies, call_back, .. } = self;
        Ok(Authority { id, state, name, kind, signs, emergencies, call_back, offices, keys, deliver, from, until })
    }
}

impl Registry {
    /// RGY-01 to RGY-03.
    pub fn parse(text: &str) -> Result<Registry, RegistryError> {
        let file: File = toml::from_str(text).map_err(|error| RegistryError::Unreadable(error.to_string()))?;
        // RGY-02
        if file.wait_hours < WAIT_HOURS_MIN {
            return Err(RegistryError::WaitTooShort { hours: file.wait_hours });
        }
        let mut authorities = file.authorities.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
        authorities.sort_by(|a, b| a.id.cmp(&b.id));
        // RGY-03
        let mut seen = std::collections::BTreeSet::new();
        for authority in &authorities {
            let offices = authority.offices.iter().map(|office| format!("office {}:{}", office.country, office.id));
            let keys = authority.keys.iter().map(|key| format!("key {}", hex(key)));
            for what in offices.chain(keys).chain([format!("id {}", authority.id)]) {
                if !seen.insert(what.clone()) {
                    return Err(RegistryError::Shared { what });
                }
            }
        }
        let hash = seal::digest::sha256(&[text.as_bytes()]);
        Ok(Registry { name: file.name, wait_hours: file.wait_hours, authorities, hash })
    }

    /// What stands in PUBLIC about this edition.
    pub fn notice(&self) -> RegistryNotice {
        RegistryNotice { registry_hash: self.hash, wait_hours: self.wait_hours }
    }

    /// RGY-06: an edition with the cosigned time of the statement that names it. Whoever calls this has checked statement and proof.
    pub fn logged(self, notice: &RegistryNotice, logged_at: u64) -> Result<Edition, RegistryError> {
        if *notice == self.notice() { Ok(Edition { registry: self, logged_at }) } else { Err(RegistryError::OtherEdition) }
    }

    fn find(&self, id: &DirectoryId) -> Option<&Authority> {
        self.authorities.iter().find(|authority| authority.id == *id)
    }
}

/// Every edition that ever stood in PUBLIC, ascending by time.
#[derive(Clone, Debug, Default)]
pub struct Editions(Vec<Edition>);

impl Editions {
    pub fn new(mut editions: Vec<Edition>) -> Editions {
        editions.sort_by_key(|edition| edition.logged_at);
        Editions(editions)
    }

    /// RGY-04: an entry holds when it has stood unchanged in the log for the waiting time. While a changed entry waits, the one before
    /// it holds; what the last edition leaves out holds no more, at once.
    pub fn standing(&self, id: &DirectoryId, now: u64) -> Standing<'_> {
        let logged: Vec<_> = self.0.iter().filter(|edition| edition.logged_at <= now).collect();
        let Some(last) = logged.last().and_then(|edition| edition.registry.find(id)) else { return Standing::Unknown };
        let mut waiting = None;
        let mut at = logged.len();
        while 0 < at {
            let Some(entry) = logged[at - 1].registry.find(id) else { break };
            // Where the unbroken run of this very entry begins.
            let mut first = at - 1;
            while 0 < first && logged[first - 1].registry.find(id) == Some(entry) {
                first -= 1;
            }
            // The longest waiting time of the run: an edition can not shorten what an earlier one promised.
            let hours = logged[first..at].iter().map(|edition| edition.registry.wait_hours).max().unwrap_or(WAIT_HOURS_MIN);
            let from = logged[first].logged_at + u64::from(hours) * 3_600;
            if from <= now {
                let in_force = entry.from.start() <= now && now < entry.until.start();
                return if in_force { Standing::InForce(entry) } else { Standing::Unknown };
            }
            waiting.get_or_insert(Standing::Waiting { authority: last, from });
            at = first;
        }
        waiting.unwrap_or(Standing::Unknown)
    }

    /// Keys and certificates that the registry knows: those of authorities in force, and those that wait. What is left out of the last
    /// edition is not among them.
    pub fn keys(&self, now: u64) -> Vec<[u8; 32]> {
        let all = self.0.iter().flat_map(|edition| &edition.registry.authorities).flat_map(|authority| &authority.keys);
        let all: std::collections::BTreeSet<_> = all.copied().collect();
        all.into_iter().filter(|key| self.by_key(key, now) != Standing::Unknown).collect()
    }

    /// By key or certificate, in any edition that is logged.
    pub fn by_key(&self, key: &[u8; 32], now: u64) -> Standing<'_> {
        self.by(now, |authority| authority.keys.contains(key))
    }

    pub fn by_office(&self, office: &Office, now: u64) -> Standing<'_> {
        self.by(now, |authority| authority.offices.contains(office))
    }

    /// By the name written in a form: for finding whom to call, never for trusting.
    pub fn by_name(&self, name: &str, state: &str, now: u64) -> Standing<'_> {
        self.by(now, |authority| authority.name.eq_ignore_ascii_case(name.trim()) && authority.state == state)
    }

    fn by(&self, now: u64, fits: impl Fn(&Authority) -> bool) -> Standing<'_> {
        let found = self
            .0
            .iter()
            .rev()
            .filter(|edition| edition.logged_at <= now)
            .find_map(|edition| edition.registry.authorities.iter().find(|authority| fits(authority)).map(|authority| &authority.id));
        match found.map(|id| self.standing(id, now)) {
            Some(Standing::InForce(authority)) if fits(authority) => Standing::InForce(authority),
            Some(Standing::Waiting { authority, from }) if fits(authority) => Standing::Waiting { authority, from },
            // The entry with this key waits while an older one without it holds.
            Some(Standing::InForce(older)) => self.waiting_change(&older.id, now, fits),
            _ => Standing::Unknown,
        }
    }

    fn waiting_change(&self, id: &DirectoryId, now: u64, fits: impl Fn(&Authority) -> bool) -> Standing<'_> {
        let Some(last) = self.0.iter().rfind(|edition| edition.logged_at <= now) else { return Standing::Unknown };
        match last.registry.find(id).filter(|authority| fits(authority)) {
            Some(authority) => Standing::Waiting { authority, from: last.logged_at + u64::from(last.registry.wait_hours) * 3_600 },
            None => Standing::Unknown,
        }
    }

    /// RGY-05: a call to the number of the registry by one person, confirmed by another.
    pub fn called_back(&self, id: &DirectoryId, call: CallBack, now: u64) -> Result<CalledBack, RegistryError> {
        let Standing::InForce(authority) = self.standing(id, now) else { return Err(RegistryError::NotInForce) };
        if !authority.call_back.contains(&call.number) {
            return Err(RegistryError::NumberNotRegistered);
        }
        let plain = |name: &str| name.trim().to_lowercase();
        if plain(&call.called_by) == plain(&call.confirmed_by) || call.called_by.trim().is_empty() || call.confirmed_by.trim().is_empty() {
            return Err(RegistryError::OnePerson);
        }
        Ok(CalledBack { authority: authority.clone(), call })
    }
}

/// What two persons state about a telephone call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallBack {
    pub number: String,
    pub called_by: String,
    pub confirmed_by: String,
    pub at: u64,
    /// SHA-256 of the document that the authority confirmed to have sent.
    pub original_hash: [u8; 32],
}

/// A call-back that counts. Made by [`Editions::called_back`] only.
///
/// ```compile_fail
/// let called = law::registry::CalledBack { authority: todo!(), call: todo!() };
/// ```
#[derive(Debug)]
pub struct CalledBack {
    authority: Authority,
    call: CallBack,
}

impl CalledBack {
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    pub fn call(&self) -> &CallBack {
        &self.call
    }
}

fn is_state(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// `+` and 8 to 15 digits.
pub(crate) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| (8..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
}

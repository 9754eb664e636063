//! Overdue leaves at the log that took them in: who handed them in is named in PUBLIC, and hands in nothing more (LOG-54).
//!
//! An overdue leaf is sealed, so it names no authority; the log alone knows who handed it in. What it has written down nobody for is
//! a dummy that was not shown in time, or its own loss: the operator names itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use verify::accountability::{Ledger, Terms};
use verify::calendar::Day;
use verify::log::leaf::d_of_entry;
use verify::log::note::Signer;
use verify::log::quorum::Window;
use verify::names::DirectoryId;
use verify::policy::Policy;
use verify::record::Digest;
use verify::statement::{LateSubmitter, SignedStatement, Statement};

use super::client::{ClientError, LogReader, PublicSubmitter};
use super::config::LateConfig;
use super::overdue::ledger_and;
use super::store::Store;
use super::submitters::{Fingerprint, Submitters};
use super::tiles::Source;

/// Days past its deadline after which a leaf's submitter is named: time for an opening that is on its way, and four days before
/// the rule's own end.
const NAMED_AFTER_DAYS: u32 = 3;

/// Looks this often whether a new day has begun.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Who the operator is in PUBLIC, and who its submitters are.
pub struct Names {
    pub operator: DirectoryId,
    pub submitters: BTreeMap<Fingerprint, DirectoryId>,
}

/// What follows from the overdue leaves of a day.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Late {
    /// To be published: indexes that nobody is named for yet.
    pub named: Vec<LateSubmitter>,
    /// Who admission is closed to, until all their overdue leaves are disclosed.
    pub blocked: BTreeSet<Fingerprint>,
    /// Indexes of submitters without a name in the configuration. They are blocked all the same.
    pub nameless: Vec<u64>,
}

/// `leaves`: D of every entry, by index.
pub fn late(ledger: &Ledger, leaves: &[Option<Digest>], submitters: &Submitters, names: &Names, today: Day) -> Late {
    let mut late = Late::default();
    for (index, due) in ledger.overdue(today) {
        if today.0 < due.0.saturating_add(NAMED_AFTER_DAYS) {
            continue;
        }
        let d = usize::try_from(index).ok().and_then(|index| leaves.get(index).copied().flatten());
        let submitter = d.and_then(|d| submitters.of(&d));
        late.blocked.extend(submitter);
        let name = match submitter {
            Some(submitter) => names.submitters.get(&submitter),
            None => Some(&names.operator),
        };
        match name {
            None => late.nameless.push(index),
            Some(_) if ledger.named_for(index).is_some() => {}
            Some(name) => {
                late.named.push(LateSubmitter { log: ledger.terms().origin.clone(), index, submitter: name.clone() });
            }
        }
    }
    late
}

/// Shared with the submit listener.
pub type SharedSubmitters = Arc<Mutex<Submitters>>;

/// A panic while it was held leaves at most a row too few in memory, never on the disk.
pub fn lock(submitters: &SharedSubmitters) -> std::sync::MutexGuard<'_, Submitters> {
    submitters.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Looks once a day, at the log itself.
pub struct Watch {
    orders: LogReader,
    origin: String,
    public: LogReader,
    publisher: PublicSubmitter,
    signer: Signer,
    /// Parsed at each look: a ledger takes them with it.
    policies: Vec<Vec<u8>>,
    names: Names,
    submitters: SharedSubmitters,
}

impl Watch {
    pub fn new(config: &LateConfig, origin: &str, store: Store, submitters: SharedSubmitters) -> Result<Watch, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let policy = |path: &std::path::PathBuf| {
            let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
            let bytes = std::fs::read(path).map_err(|error| wrong(&error))?;
            Policy::parse(&bytes).map(|_| bytes).map_err(|error| wrong(&error))
        };
        let policies = config.policy_files.iter().map(policy).collect::<Result<Vec<_>, _>>()?;
        if policies.is_empty() {
            return Err("[late] policy_files names no policy".to_owned());
        }
        let id = |name: &str| DirectoryId::parse(name).ok_or_else(|| format!("[late] {name} is no directory id"));
        let row = |(fingerprint, name): (&String, &String)| {
            let fingerprint = verify::spelling::from_hex_exact::<32>(fingerprint);
            Ok::<_, String>((fingerprint.ok_or("[late.submitters] names are SHA-256 in hexadecimal")?, id(name)?))
        };
        Ok(Watch {
            orders: LogReader::of(Source::Store(store)),
            origin: origin.to_owned(),
            public: LogReader::new(&config.public_url, Duration::from_secs(30)).map_err(|error| text(&error))?,
            publisher: PublicSubmitter::new(&config.public_url, Duration::from_secs(10)).map_err(|error| text(&error))?,
            signer: super::keys::load(&config.statement_key_file).map_err(|error| text(&error))?,
            policies,
            names: Names { operator: id(&config.operator)?, submitters: config.submitters.iter().map(row).collect::<Result<_, _>>()? },
            submitters,
        })
    }

    /// Until dropped. A start looks at once; a day that could not be looked at is looked at again.
    pub async fn run(self) {
        let mut last = None;
        loop {
            let now = super::unix_now();
            let today = Day::containing(now);
            if last != Some(today) {
                match self.look(today, now).await {
                    Ok(_) => last = Some(today),
                    Err(error) => {
                        eprintln!("{}", serde_json::json!({ "schema": "waarborg-log-event/v1", "event": format!("LOG-54: {error}") }))
                    }
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// One day's look: admission is closed before anything is published, so that no crash between them lets a submitter go on.
    /// PUBLIC is read as it stands `now`: an older head of it leaves out what was disclosed since, and would close admission to who owes
    /// nothing.
    pub async fn look(&self, today: Day, now: u64) -> Result<Late, ClientError> {
        let policies: Vec<Policy> = self.policies.iter().filter_map(|bytes| Policy::parse(bytes).ok()).collect();
        let window = policies.last().map(|policy| Window::around(now, policy.times().freshness));
        let terms = Terms::of(self.origin.clone(), policies, None).ok_or(ClientError::Malformed("no policy"))?;
        let mut leaves = Vec::new();
        let ledger = ledger_and(&self.orders, &self.public, terms, window, &mut |_, entry| leaves.push(d_of_entry(entry))).await?;
        let late = {
            let mut submitters = lock(&self.submitters);
            let late = late(&ledger, &leaves, &submitters, &self.names, today);
            submitters.block(late.blocked.clone()).map_err(|error| ClientError::Unavailable(error.to_string()))?;
            late
        };
        for statement in &late.named {
            let signed = SignedStatement::sign(Statement::Default(statement.clone()), &[&self.signer]);
            let signed = signed.map_err(|_| ClientError::Malformed("a default statement"))?;
            self.publisher.submit(&signed.to_bytes()).await?;
        }
        match late.nameless.first() {
            None => Ok(late),
            Some(index) => Err(ClientError::Unavailable(format!("index {index}: its submitter has no name in [late.submitters]"))),
        }
    }
}

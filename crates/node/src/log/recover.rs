//! Recovery from a full copy (LOG-65): never silent, never less than what was cosigned.
//!
//! The copy is believed for nothing: its entries must give exactly the largest root that a witness cosigned. If they do not,
//! the shard is closed and a new origin begins; there is no way around that here.

use verify::log::checkpoint::Checkpoint;
use verify::log::note::SignedNote;

use super::client::{ClientError, Head, LogReader};
use super::config::LogConfig;
use super::fetch::Fetch;
use super::peaks::Peaks;
use super::run::{Loaded, RunError, advisory_lock};
use super::startup::StartError;
use super::state::State;
use super::store::{Created, Kept, Store};
use super::tree::TileTree;

/// Why nothing was recovered. The state directory is as before, but for tiles that were missing.
#[derive(Debug)]
pub enum RecoverError {
    Run(RunError),
    /// LOG-64: so many witnesses are silent that a larger head may exist.
    TooFewWitnesses,
    /// No witness holds a head of this origin.
    NothingCosigned,
    /// The copy is smaller, unreadable, or another history.
    Copy(ClientError),
    /// A tile or bundle that we hold has other bytes than the cosigned history.
    Differs {
        path: String,
    },
    /// Our own state is as large already: nothing to recover.
    NotNeeded {
        ours: u64,
        witnessed: u64,
    },
}

impl std::fmt::Display for RecoverError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RecoverError::Run(error) => write!(f, "{error}"),
            RecoverError::TooFewWitnesses => f.write_str("so many witnesses are silent that a larger head may exist"),
            RecoverError::NothingCosigned => f.write_str("no witness holds a head of this origin"),
            RecoverError::Copy(error) => write!(f, "the copy: {error}"),
            RecoverError::Differs { path } => write!(f, "{path} has other bytes than the cosigned history"),
            RecoverError::NotNeeded { ours, witnessed } => write!(f, "our state has {ours} leaves, witnesses saw {witnessed}"),
        }
    }
}

/// What was recovered, and the remark of the `policy` statement that k policy keys now sign and publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    pub size: u64,
    pub remark: String,
}

impl From<RunError> for RecoverError {
    fn from(error: RunError) -> RecoverError {
        RecoverError::Run(error)
    }
}

/// `waarborg log recover`: `copy` is any full copy, a monitor's or a mirror's directory.
pub async fn recover(config: &LogConfig, copy: &LogReader) -> Result<Recovered, RecoverError> {
    let loaded = Loaded::new(config)?;
    std::fs::create_dir_all(&config.state_dir).map_err(|error| RunError::Config(format!("{}: {error}", config.state_dir.display())))?;
    let _held = advisory_lock(&config.state_dir)?;
    let store = Store::local(&config.state_dir).map_err(RunError::Fault)?;
    let cosigned = largest_cosigned(config, &loaded).await?;
    let last = last_state(&store).await?;
    if let Some(ours) = last.as_ref().and_then(|state| Head::parse(&state.note).ok())
        && cosigned.size <= ours.size
    {
        return Err(RecoverError::NotNeeded { ours: ours.size, witnessed: cosigned.size });
    }
    rebuild(&store, copy, &cosigned).await?;
    let head = Checkpoint { origin: loaded.origin.clone(), size: cosigned.size, root: cosigned.root };
    let note = loaded.rules.key.sign_note(&head.to_text()).map_err(|refusal| RunError::Config(refusal.to_string()))?;
    let after = last.as_ref().map_or(config.inception_unix_s, |state| state.time + 1);
    let state = State {
        seq: last.as_ref().map_or(0, |state| state.seq + 1),
        prev: last.as_ref().map_or([0; 32], State::hash),
        inception_unix_s: config.inception_unix_s,
        time: after,
        staging: "none".to_owned(),
        note: note.to_bytes(),
    };
    let path = State::path(state.seq);
    match store.create(&path, state.to_bytes()).await.map_err(RunError::Fault)? {
        Created::New => {}
        Created::Exists => return Err(RecoverError::Differs { path }),
    }
    let root = verify::spelling::hex(&cosigned.root);
    let remark = format!("recovered {} at size {} with root {root} as state {}", config.origin, cosigned.size, state.seq);
    Ok(Recovered { size: cosigned.size, remark })
}

/// The largest head that a witness of the policy cosigned, its line verified, with enough answers that none is larger.
async fn largest_cosigned(config: &LogConfig, loaded: &Loaded) -> Result<Head, RecoverError> {
    let fetch = Fetch::new(std::time::Duration::from_millis(config.witness_timeout_ms));
    let (mut largest, mut silent) = (None::<Head>, std::collections::BTreeSet::new());
    for (index, witness) in loaded.policy.witnesses().iter().enumerate() {
        silent.insert(index);
        let Some(address) = config.witnesses.iter().find(|address| address.name == witness.name) else { continue };
        let base = address.monitoring_url.as_ref().unwrap_or(&address.url).trim_end_matches('/');
        let url = format!("{base}/{}/checkpoint", verify::spelling::hex(&loaded.origin.digest()));
        let Ok(answer) = fetch.get(&url, 65_536).await else { continue };
        if answer.status == 404 {
            silent.remove(&index);
            continue;
        }
        let Ok(note) = SignedNote::parse(&answer.body) else { continue };
        let (Ok(_), Ok(_)) = (note.verify(&[&witness.vkey]), note.verify(&[loaded.rules.key.vkey()])) else { continue };
        let Ok(head) = Head::parse(&answer.body) else { continue };
        silent.remove(&index);
        if head.origin == config.origin && largest.as_ref().is_none_or(|largest| largest.size < head.size) {
            largest = Some(head);
        }
    }
    if loaded.policy.is_met_by(&silent) {
        return Err(RecoverError::TooFewWitnesses);
    }
    largest.ok_or(RecoverError::NothingCosigned)
}

/// The newest state object, if the chain is whole.
async fn last_state(store: &Store) -> Result<Option<State>, RecoverError> {
    match super::startup::newest(store).await {
        Ok((state, _)) => Ok(Some(state)),
        Err(StartError::NoState) => Ok(None),
        Err(error) => Err(RecoverError::Run(RunError::Start(error))),
    }
}

/// Entries of the copy into a tree; files are written only after the root is the cosigned one.
async fn rebuild(store: &Store, copy: &LogReader, cosigned: &Head) -> Result<(), RecoverError> {
    let mut peaks = Peaks::empty();
    for number in 0..cosigned.size.div_ceil(256) {
        let bundle = copy.source().bundle(number, cosigned.size).await.map_err(RecoverError::Copy)?;
        bundle.iter().for_each(|entry| peaks.append(entry));
    }
    if peaks.root() != cosigned.root {
        return Err(RecoverError::Copy(ClientError::Inconsistent("its entries do not give the cosigned root")));
    }
    let mut tree = TileTree::empty();
    for number in 0..cosigned.size.div_ceil(256) {
        let bundle = copy.source().bundle(number, cosigned.size).await.map_err(RecoverError::Copy)?;
        let (next, files) = tree.extend(&bundle);
        for file in files {
            let path = file.place.to_string();
            if store.keep(&path, &file.bytes).await.map_err(RunError::Fault)? == Kept::Differs {
                return Err(RecoverError::Differs { path });
            }
        }
        tree = next;
    }
    // A copy that changed between the two readings is caught at the next start, by the right edge; say it now.
    if tree.root() == cosigned.root { Ok(()) } else { Err(RecoverError::Copy(ClientError::Inconsistent("it changed while it was read"))) }
}

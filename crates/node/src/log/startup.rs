//! What start-up reads and refuses (LOG-62, LOG-63), and the state that the engine resumes from.
//!
//! A role that starts on wrong state can sign two histories; so every doubt ends here, before a key is used. The question to
//! the witnesses (LOG-64) follows in `shell`, after this.

use seal::merkle::Hash;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::SignedNote;
use verify::log::tile::{Resource, partial_width};
use verify::log::vkey::VerifierKey;

use super::client::ClientError;
use super::config::LogKind;
use super::engine::{Committed, Resumed, Rules};
use super::peaks::Peaks;
use super::queue::KNOWN_MAX;
use super::ranges::{self, Range};
use super::state::State;
use super::store::{Fault, Kept, Store};
use super::tiles::Source;
use super::tree::TileTree;

/// Why the log does not start.
#[derive(Debug)]
pub enum StartError {
    /// LOG-66: `run` never creates.
    NoState,
    /// LOG-62: the chain of state objects has a gap or a wrong `prev`.
    ChainBroken {
        seq: u64,
    },
    /// LOG-63, each with what differs from the configuration.
    OtherOrigin,
    OtherKey,
    OtherInception {
        state: u64,
    },
    /// The clock stands before the state's time.
    ClockBack {
        state: u64,
        now: u64,
    },
    /// The right edge of the tiles, or what staging holds, does not give the signed root.
    EdgeDiffers {
        size: u64,
    },
    /// LOG-19: a stored tile or bundle has other bytes than the tick that wrote it.
    TileDiffers {
        path: String,
    },
    PublishedLarger {
        published: u64,
        state: u64,
    },
    PublishedNotPrefix {
        published: u64,
    },
    PublishedNotOurs,
    Fault(Fault),
}

impl StartError {
    pub fn code(&self) -> &'static str {
        match self {
            StartError::NoState => "LOG-66",
            StartError::ChainBroken { .. } => "LOG-62",
            StartError::TileDiffers { .. } => "LOG-19",
            StartError::Fault(_) => "FAULT",
            _ => "LOG-63",
        }
    }
}

impl From<Fault> for StartError {
    fn from(fault: Fault) -> StartError {
        StartError::Fault(fault)
    }
}

/// Tiles that lie or are missing are the store's doing here, not a peer's.
fn edge(error: ClientError, size: u64) -> StartError {
    match error {
        ClientError::Unavailable(what) => StartError::Fault(Fault { what }),
        _ => StartError::EdgeDiffers { size },
    }
}

/// Checks everything, finishes an interrupted step 5, and gives what the engine resumes from.
pub async fn resume(store: &Store, rules: &Rules, now: u64) -> Result<Resumed, StartError> {
    let (state, before) = newest(store).await?;
    let vkey = rules.key.vkey();
    let head = check_state(&state, rules, vkey, now)?;
    let staging = store.read(&format!("staging/{}", state.staging)).await?;
    if let (Some(bytes), Some(before)) = (&staging, before) {
        apply_again(store, &before, &head, bytes).await?;
    }
    let tree = load_tree(store, head.size).await?;
    let source = Source::Store(store.clone());
    let whole = ranges::parts(Range { from: 0, to: head.size }).into_iter();
    let whole: Vec<Range> = whole.map(|p| Range { from: p.index << p.height, to: (p.index + 1) << p.height }).collect();
    let stack = source.roots(&whole, head.size).await.map_err(|error| edge(error, head.size))?;
    let peaks = Peaks::new(head.size, stack).ok_or(StartError::EdgeDiffers { size: head.size })?;
    if tree.root() != head.root || peaks.root() != head.root {
        return Err(StartError::EdgeDiffers { size: head.size });
    }
    let published_size = check_published(store, &source, vkey, &head).await?;
    let (spent, partials) = leftovers(store).await?;
    let known = known(&source, rules.kind, head.size).await?;
    let committed = Committed { seq: state.seq, hash: state.hash(), time: state.time, note: state.note };
    Ok(Resumed { tree, peaks, committed, published_size, spent, partials, known })
}

/// LOG-62: the highest state with an unbroken chain to seq 0, and the one before it.
pub async fn newest(store: &Store) -> Result<(State, Option<State>), StartError> {
    let mut last: Option<State> = None;
    let mut before = None;
    for (seq, path) in (0u64..).zip(store.list("state").await?) {
        let bytes = store.read(&path).await?.unwrap_or_default();
        let state = State::parse(&bytes).map_err(|_| StartError::ChainBroken { seq })?;
        let prev = last.as_ref().map_or([0; 32], State::hash);
        let later = last.as_ref().is_none_or(|last| last.time < state.time);
        // A gap, a foreign object or a replaced one: somebody changed what we are. LOG-59: time strictly increases.
        if path != State::path(seq) || state.seq != seq || state.prev != prev || !later {
            return Err(StartError::ChainBroken { seq });
        }
        before = last.replace(state);
    }
    last.map(|last| (last, before)).ok_or(StartError::NoState)
}

fn check_state(state: &State, rules: &Rules, vkey: &VerifierKey, now: u64) -> Result<Checkpoint, StartError> {
    let note = SignedNote::parse(&state.note).map_err(|_| StartError::ChainBroken { seq: state.seq })?;
    let head = Checkpoint::of_note(&note).map_err(|_| StartError::ChainBroken { seq: state.seq })?;
    if head.origin.as_str() != rules.origin {
        return Err(StartError::OtherOrigin);
    }
    note.verify(&[vkey]).map_err(|_| StartError::OtherKey)?;
    if state.inception_unix_s != rules.inception_unix_s {
        return Err(StartError::OtherInception { state: state.inception_unix_s });
    }
    if now < state.time {
        return Err(StartError::ClockBack { state: state.time, now });
    }
    Ok(head)
}

/// LOG-57: step 5 as on every tick. Staging is deleted before the partials of the tree before it, so those are still there.
async fn apply_again(store: &Store, before: &State, head: &Checkpoint, staged: &[u8]) -> Result<(), StartError> {
    let size = head.size;
    let note = SignedNote::parse(&before.note).map_err(|_| StartError::ChainBroken { seq: before.seq })?;
    let old = Checkpoint::of_note(&note).map_err(|_| StartError::ChainBroken { seq: before.seq })?;
    let tree = load_tree(store, old.size).await?;
    let new = super::entries::decode(staged).map_err(|_| StartError::EdgeDiffers { size })?;
    let (next, files) = tree.extend(&new);
    if tree.root() != old.root || next.size() != size || next.root() != head.root {
        return Err(StartError::EdgeDiffers { size });
    }
    for file in files {
        let path = file.place.to_string();
        if store.keep(&path, &file.bytes).await? == Kept::Differs {
            return Err(StartError::TileDiffers { path });
        }
    }
    Ok(())
}

/// The right edge as stored. Its root is the caller's to compare.
pub async fn load_tree(store: &Store, size: u64) -> Result<TileTree, StartError> {
    let source = Source::Store(store.clone());
    let mut levels: Vec<Vec<Hash>> = Vec::new();
    for level in (0u8..8).take_while(|level| size >> (8 * u32::from(*level)) != 0) {
        let mut hashes = Vec::new();
        if partial_width(size, level) != 0 {
            let number = size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0);
            let tile = source.tile(level, number, size).await.map_err(|error| edge(error, size))?;
            hashes = tile.chunks(32).filter_map(|hash| hash.try_into().ok()).collect();
        }
        levels.push(hashes);
    }
    let bundle = match partial_width(size, 0) {
        0 => Vec::new(),
        _ => source.bundle(size >> 8, size).await.map_err(|error| edge(error, size))?,
    };
    TileTree::from_edge(size, levels, bundle).map_err(|_| StartError::EdgeDiffers { size })
}

/// LOG-63: what readers hold is a prefix of what we go on with.
async fn check_published(store: &Store, source: &Source, vkey: &VerifierKey, head: &Checkpoint) -> Result<Option<u64>, StartError> {
    let Some(bytes) = store.read("checkpoint").await? else {
        return Ok(None);
    };
    let note = SignedNote::parse(&bytes).map_err(|_| StartError::PublishedNotOurs)?;
    let published = Checkpoint::of_note(&note).map_err(|_| StartError::PublishedNotOurs)?;
    if note.verify(&[vkey]).is_err() || published.origin != head.origin {
        return Err(StartError::PublishedNotOurs);
    }
    if head.size < published.size {
        return Err(StartError::PublishedLarger { published: published.size, state: head.size });
    }
    let not_prefix = StartError::PublishedNotPrefix { published: published.size };
    let path = source.consistency(published.size, head.size).await.map_err(|error| edge(error, head.size))?;
    let proven = verify::log::quorum::check_extension(published.size, published.root, head.size, head.root, &path);
    proven.map(|()| Some(published.size)).map_err(|_| not_prefix)
}

/// Staging objects (this tick's is applied by now, others are orphans) and partial files, for the sweep of step 9.
async fn leftovers(store: &Store) -> Result<(Vec<String>, Vec<Resource>), StartError> {
    let staging = store.list("staging").await?.into_iter();
    let spent = staging.filter_map(|path| path.strip_prefix("staging/").map(str::to_owned)).collect();
    let tiles = store.list("tile").await?.into_iter();
    let partials = tiles.filter(|path| path.contains(".p/")).filter_map(|path| Resource::parse(&path).ok()).collect();
    Ok((spent, partials))
}

/// LOG-60: keys of the last 2^20 leaves, from bundles.
async fn known(source: &Source, kind: LogKind, size: u64) -> Result<Vec<(Hash, u64)>, StartError> {
    let mut known = Vec::new();
    let first = size.saturating_sub(KNOWN_MAX as u64) >> 8;
    for number in first..size.div_ceil(256) {
        let entries = source.bundle(number, size).await.map_err(|error| edge(error, size))?;
        known.extend((number << 8..).zip(entries).map(|(index, entry)| (leaf_key(kind, &entry), index)));
    }
    Ok(known)
}

/// What a leaf is asked for by: D in ORDERS, its leaf hash in PUBLIC.
pub fn leaf_key(kind: LogKind, entry: &[u8]) -> Hash {
    match kind {
        LogKind::Orders => verify::log::leaf::d_of_entry(entry).unwrap_or_default(),
        LogKind::Public => seal::merkle::leaf_hash(entry),
    }
}

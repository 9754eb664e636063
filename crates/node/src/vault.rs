//! The provider's own secrets: retention keys, account salts, the secrets of the salt maps, the lease counter, holds.
//!
//! Trusted: who can read it and the segments needs only both committees to open everything unexpired; who can restore an
//! older copy can bring a shredded key back. A backup of `retention/` that outlives a shredding is a breach (SEA-48).
//! Sealer and engine share it: one directory, mode 0700, SQLite for rows, one file for each retention key.

mod hold_key;
mod holds;
mod preserved;
mod retention;
mod salts;
mod sealed;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use seal::entropy::Entropy;
use seal::identity::ProviderId;
use seal::merkle::Hash;
use seal::secret::Secret;

use crate::private_file;

pub(crate) use hold_key::HoldKey;
pub use holds::HeldValue;
pub use preserved::{HoldAnswer, HoldItem, HoldPaper};
pub use salts::SaltLookup;

/// Why the vault did not answer.
#[derive(Debug)]
pub enum VaultError {
    /// SEA-48: the key of that category and day is destroyed and never made again.
    Shredded,
    /// `init` found something there, or `open` found nothing.
    State(&'static str),
    File(std::io::Error),
    Database(rusqlite::Error),
}

impl std::fmt::Display for VaultError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            VaultError::Shredded => f.write_str("SEA-48: the retention key of that day is destroyed"),
            VaultError::State(what) => write!(f, "vault: {what}"),
            VaultError::File(error) => write!(f, "vault file: {error}"),
            VaultError::Database(error) => write!(f, "vault database: {error}"),
        }
    }
}

impl std::error::Error for VaultError {}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        VaultError::Database(error)
    }
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        VaultError::File(error)
    }
}

const SCHEMA: &str = "
create table provider (id blob not null);
create table lease (next integer not null);
create table retention (
    category integer not null, day integer not null, id blob not null unique, commitment blob not null,
    state text not null check (state in ('live', 'shredding', 'gone', 'logged')), shredded_at integer,
    primary key (category, day));
create table salt (
    sel_type integer not null, selector blob not null, valid_from integer not null, salt blob not null,
    primary key (sel_type, selector, valid_from));
create table day_secret (day integer primary key, secret blob not null);
create table day_salt (
    seq integer primary key autoincrement, day integer not null, leaf blob not null, sel_type integer, selector blob,
    salt blob, unique (day, leaf));
create table published_map (
    day integer not null, leaves integer not null, root blob not null, last_seq integer not null,
    primary key (day, leaves));
";

/// Younger than the first vaults, so it is made when a vault is opened. A segment sealed before is not in it and stays in the store
/// after its key is gone: unreadable, but not deleted (SEA-73).
const SEALED_TABLE: &str = "create table if not exists sealed (epoch blob primary key, retention blob not null);";

/// Whom a hold names and in which seconds, what it keeps, and the papers of logged holds (SEA-68). `item`, `proof` and `paper` are sealed;
/// `place` and `subject` are HMACs, by which rows are found.
const HOLD_TABLES: &str = "
create table if not exists held (
    hold blob not null, epoch blob not null, place blob not null, proof blob not null, expires_at integer not null,
    primary key (hold, epoch, place));
create table if not exists held_item (
    hold blob not null, place blob not null, subject blob not null, item blob not null, expires_at integer not null,
    primary key (hold, place));
create table if not exists held_paper (
    hold blob primary key, paper blob not null, expires_at integer not null, copied integer, outcome blob, refused text);
";

/// Holds stood in the clear in the first vaults (T4). An empty table goes; one that keeps something is not thrown away.
const CLEAR_TABLES: [&str; 3] = ["hold", "hold_item", "hold_paper"];

/// The vault of one provider.
pub struct Vault {
    folder: PathBuf,
    database: Mutex<Connection>,
    provider: ProviderId,
    node_key: Secret<32>,
    hold_key: HoldKey,
}

impl Vault {
    /// Makes an empty vault; refuses a folder that has one.
    pub fn init(folder: &Path, provider: ProviderId, entropy: &mut dyn Entropy) -> Result<Vault, VaultError> {
        private_file::folder(folder)?;
        private_file::folder(&folder.join("retention"))?;
        let path = folder.join("vault.db");
        if path.exists() {
            return Err(VaultError::State("there is one in this folder already"));
        }
        let node_key = Secret::<32>::fill_with(|key| entropy.fill(key));
        node_key.expose(|key| private_file::write_whole(&folder.join("node.key"), key))?;
        let hold_key = Secret::<32>::fill_with(|key| entropy.fill(key));
        hold_key.expose(|key| private_file::write_whole(&folder.join("hold.key"), key))?;
        // Made under another name, so that a crash leaves no half vault that `open` would take for one.
        let part = folder.join("vault.db.new");
        let _ = std::fs::remove_file(&part);
        private_file::create(&part)?;
        let database = Connection::open(&part)?;
        database.execute_batch(SCHEMA)?;
        database.execute("insert into provider values (?1)", [&provider.0[..]])?;
        database.execute("insert into lease values (1)", [])?;
        database.close().map_err(|(_, error)| error)?;
        std::fs::File::open(&part)?.sync_all()?;
        std::fs::rename(&part, &path)?;
        std::fs::File::open(folder)?.sync_all()?;
        Vault::open(folder)
    }

    /// Opens an existing vault and finishes a shredding that a crash interrupted.
    pub fn open(folder: &Path) -> Result<Vault, VaultError> {
        let path = folder.join("vault.db");
        if !path.exists() {
            return Err(VaultError::State("there is none in this folder; `waarborg sealer init` makes one"));
        }
        let database = Connection::open(&path)?;
        database.busy_timeout(std::time::Duration::from_secs(10))?;
        // WAL lets the engine read while the sealer writes; FULL because a salt that is lost after its use is a lost person.
        database.execute_batch("pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;")?;
        database.execute_batch(SEALED_TABLE)?;
        database.execute_batch(HOLD_TABLES)?;
        let id: Vec<u8> = database.query_row("select id from provider", [], |row| row.get(0))?;
        let provider = ProviderId(id.try_into().map_err(|_| VaultError::State("provider id of wrong length"))?);
        let node_key = private_file::read_key(&folder.join("node.key"))?.ok_or(VaultError::State("node key of wrong length"))?;
        let hold_key = match private_file::read_key(&folder.join("hold.key")) {
            Ok(key) => HoldKey::new(key.ok_or(VaultError::State("hold.key of wrong length"))?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(VaultError::State(NO_HOLD_KEY)),
            Err(error) => return Err(error.into()),
        };
        drop_clear_tables(&database)?;
        let vault = Vault { folder: folder.to_owned(), database: Mutex::new(database), provider, node_key, hold_key };
        vault.check_hold_key()?;
        vault.finish_shredding()?;
        Ok(vault)
    }

    pub fn provider(&self) -> ProviderId {
        self.provider
    }

    /// Hedges epoch secrets (SEA-21) and keys the digests of records that were sealed ahead of the source's position.
    pub fn node_key(&self) -> &Secret<32> {
        &self.node_key
    }

    /// SEA-20: a fencing number, never given out twice: the counter moves before the number is used.
    pub fn next_lease(&self) -> Result<u32, VaultError> {
        let mut database = self.database();
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let lease: u32 = transaction.query_row("select next from lease", [], |row| row.get(0))?;
        let next = lease.checked_add(1).ok_or(VaultError::State("no lease numbers left"))?;
        transaction.execute("update lease set next = ?1", [next])?;
        transaction.commit()?;
        Ok(lease)
    }

    /// Whether that number was given out. If not, and it was used, this vault is an older copy (SEA-20).
    pub fn has_given(&self, lease: u32) -> Result<bool, VaultError> {
        Ok(self.database().query_row("select ?1 < next from lease", [lease], |row| row.get(0))?)
    }

    fn database(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere cannot leave a half transaction: SQLite rolls it back when it is dropped.
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const NO_HOLD_KEY: &str = "hold.key is not there: it opens whom holds name. Bring back the file or its volume; a vault of an earlier version \
                           gets one of 32 random octets, mode 0600";

fn drop_clear_tables(database: &Connection) -> Result<(), VaultError> {
    for table in CLEAR_TABLES {
        let there = "select exists (select 1 from sqlite_master where type = 'table' and name = ?1)";
        if !database.query_row(there, [table], |row| row.get(0))? {
            continue;
        }
        if database.query_row(&format!("select exists (select 1 from {table})"), [], |row| row.get(0))? {
            return Err(VaultError::State("holds of an earlier version are in it: end them with that version first"));
        }
        database.execute_batch(&format!("drop table {table}"))?;
    }
    Ok(())
}

/// What was deleted leaves the write-ahead log too: `secure_delete` zeroes the pages of the database, and the old pages with the
/// secret would stay in the log until it is written over. A reader that is busy for longer than the time-out keeps them until the
/// next time.
fn empty_log(database: &Connection) -> Result<(), VaultError> {
    Ok(database.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?)
}

fn hash(octets: Vec<u8>) -> Result<Hash, VaultError> {
    Hash::try_from(octets).map_err(|_| VaultError::State("a name of wrong length"))
}

fn optional<T>(found: Result<T, rusqlite::Error>) -> Result<Option<T>, VaultError> {
    Ok(found.optional()?)
}

//! Sealed segments and the sealer's commits, in a directory or in anything else `object_store` speaks to.
//!
//! Not trusted: everything in it is public in kind and checked against the log. Losing it loses records; nobody who has it
//! learns more than volumes (SEA-45).
//!
//! ```text
//! open/<hex>        signed epoch statement of an epoch that takes records; deleted at its commit
//! headers/<hex>     the same of a committed epoch          segments/<hex>   its entries
//! crowns/<hex>      upper half of its bucket tree          runs/<hex>       index of its entries, 64 a run; may be missing
//! commits/<seq>    what the sealer has finished, in order
//! published/<seq>   empty: everything of that commit stands in PUBLIC
//! ```
//! Names are the hex epoch hash, or 20 digits. Every object is created once and never replaced.

use bytes::Bytes;
use seal::merkle::Hash;
use seal::retention::Crown;
use verify::spelling;

pub use crate::log::store::{Created, Fault, Kept, Store};

/// The store of one provider.
#[derive(Clone, Debug)]
pub struct SegmentStore {
    store: Store,
    /// On this machine.
    is_ours: bool,
}

impl SegmentStore {
    pub fn new(store: Store) -> SegmentStore {
        SegmentStore { store, is_ours: false }
    }

    /// An existing directory; every write is fsynced.
    pub fn local(folder: &std::path::Path) -> Result<SegmentStore, Fault> {
        Ok(SegmentStore { store: Store::local(folder)?, is_ours: true })
    }

    pub async fn segment(&self, epoch: &Hash) -> Result<Option<Bytes>, Fault> {
        self.store.read(&at("segments", epoch)).await
    }

    /// The run index of a segment, if this store may be asked for parts: a store on other people's machines would learn from
    /// the ranges which entries belong to one person, and how many. It is asked for whole segments only (decision 0102).
    pub async fn runs(&self, epoch: &Hash) -> Result<Option<Bytes>, Fault> {
        if !self.is_ours { Ok(None) } else { self.store.read(&at("runs", epoch)).await }
    }

    /// Octets of a segment; `None` if there are none there.
    pub async fn part(&self, epoch: &Hash, range: std::ops::Range<u64>) -> Result<Option<Bytes>, Fault> {
        self.store.read_range(&at("segments", epoch), range).await
    }

    /// The signed `epoch` statement of a committed epoch.
    pub async fn header(&self, epoch: &Hash) -> Result<Option<Bytes>, Fault> {
        self.store.read(&at("headers", epoch)).await
    }

    pub async fn crown(&self, epoch: &Hash) -> Result<Option<Crown>, Fault> {
        Ok(self.store.read(&at("crowns", epoch)).await?.and_then(|octets| Crown::parse(&octets)))
    }

    /// SEA-22: the header is durable before the first record.
    pub(crate) async fn keep_open(&self, epoch: &Hash, statement: &[u8]) -> Result<(), Fault> {
        self.keep(&at("open", epoch), statement).await
    }

    pub(crate) async fn keep_epoch(
        &self,
        epoch: &Hash,
        statement: &[u8],
        (segment, runs): (&[u8], &[u8]),
        crown: &Crown,
    ) -> Result<(), Fault> {
        self.keep(&at("segments", epoch), segment).await?;
        self.keep(&at("runs", epoch), runs).await?;
        self.keep(&at("crowns", epoch), &crown.to_bytes()).await?;
        self.keep(&at("headers", epoch), statement).await
    }

    /// SEA-73: the records go, and the crown, which nobody needs without W. Header and commit stay: what there was stays known.
    pub(crate) async fn delete_segment(&self, epoch: &Hash) -> Result<(), Fault> {
        self.store.delete(&at("segments", epoch)).await?;
        self.store.delete(&at("runs", epoch)).await?;
        self.store.delete(&at("crowns", epoch)).await
    }

    pub(crate) async fn forget_open(&self, epoch: &Hash) -> Result<(), Fault> {
        self.store.delete(&at("open", epoch)).await
    }

    /// Epochs that were opened and neither committed nor swept.
    pub(crate) async fn open_epochs(&self) -> Result<Vec<Hash>, Fault> {
        let names = self.store.list("open").await?;
        let hash = |name: &String| name.rsplit('/').next().and_then(spelling::from_hex_exact::<32>);
        Ok(names.iter().filter_map(hash).collect())
    }

    /// Removes what an epoch that was never committed left behind. It was never logged, so nobody misses it.
    pub(crate) async fn sweep(&self, epoch: &Hash) -> Result<(), Fault> {
        for folder in ["segments", "runs", "crowns", "headers", "open"] {
            self.store.delete(&at(folder, epoch)).await?;
        }
        Ok(())
    }

    /// The commit point: of two creations of one number one fails.
    pub(crate) async fn commit(&self, seq: u64, octets: &[u8]) -> Result<Kept, Fault> {
        self.store.keep(&numbered("commits", seq), octets).await
    }

    pub(crate) async fn read_commit(&self, seq: u64) -> Result<Option<Bytes>, Fault> {
        self.store.read(&numbered("commits", seq)).await
    }

    pub(crate) async fn last_commit(&self) -> Result<Option<u64>, Fault> {
        self.last("commits").await
    }

    /// Every statement of this commit has its receipt.
    pub async fn mark_published(&self, seq: u64) -> Result<(), Fault> {
        self.keep(&numbered("published", seq), b"").await
    }

    pub(crate) async fn last_published(&self) -> Result<Option<u64>, Fault> {
        self.last("published").await
    }

    async fn last(&self, folder: &str) -> Result<Option<u64>, Fault> {
        let names = self.store.list(folder).await?;
        Ok(names.iter().filter_map(|name| name.rsplit('/').next()?.parse().ok()).max())
    }

    async fn keep(&self, path: &str, octets: &[u8]) -> Result<(), Fault> {
        match self.store.keep(path, octets).await? {
            Kept::Same => Ok(()),
            Kept::Differs => Err(Fault { what: format!("{path}: holds other octets") }),
        }
    }
}

fn at(folder: &str, epoch: &Hash) -> String {
    format!("{folder}/{}", spelling::hex(epoch))
}

fn numbered(folder: &str, seq: u64) -> String {
    format!("{folder}/{seq:020}")
}

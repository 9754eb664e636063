//! Publishing commits in PUBLIC, strictly in their order, until the log has given receipts for all of them.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use seal::merkle::{Hash, leaf_hash};
use verify::log::note::Signer;
use verify::log::proof::TlogProof;
use verify::names::Span;
use verify::statement::{SaltMapRoot, Shred, SignedStatement, SlotClose, Statement, StatementError};

use super::commit::{Commit, Done};
use super::set_back::Known;
use crate::log::client::{ClientError, LogReader, PublicSubmitter};
use crate::segment_store::SegmentStore;

/// The future of [`PublicLog`]'s methods.
pub type Asking<'a, T> = Pin<Box<dyn Future<Output = Result<T, ClientError>> + Send + 'a>>;

/// PUBLIC as the sealer needs it.
pub trait PublicLog: Send + Sync {
    /// Whether the leaf stands under a published checkpoint.
    fn holds<'a>(&'a self, leaf: &'a Hash) -> Asking<'a, bool>;
    fn submit<'a>(&'a self, statement: &'a [u8]) -> Asking<'a, ()>;
    /// The published entries behind that leaf; all of them, if there is none or this log does not hold it.
    fn after<'a>(&'a self, leaf: Option<&'a Hash>) -> Asking<'a, Vec<Vec<u8>>>;
}

/// The real one, over HTTP.
pub struct HttpLog {
    reader: LogReader,
    submitter: PublicSubmitter,
}

impl HttpLog {
    pub fn new(url: &str) -> Result<HttpLog, ClientError> {
        let patience = Duration::from_secs(10);
        Ok(HttpLog { reader: LogReader::new(url, patience)?, submitter: PublicSubmitter::new(url, patience)? })
    }
}

impl PublicLog for HttpLog {
    fn holds<'a>(&'a self, leaf: &'a Hash) -> Asking<'a, bool> {
        Box::pin(async move { Ok(self.reader.receipt(leaf).await?.is_some()) })
    }

    fn submit<'a>(&'a self, statement: &'a [u8]) -> Asking<'a, ()> {
        Box::pin(async move { self.submitter.submit(statement).await.map(|_| ()) })
    }

    fn after<'a>(&'a self, leaf: Option<&'a Hash>) -> Asking<'a, Vec<Vec<u8>>> {
        Box::pin(async move {
            let from = match leaf {
                None => 0,
                Some(leaf) => {
                    // Not there: the log of another year, in which all that is ours is new.
                    let proof = self.reader.receipt(leaf).await?;
                    let proof = proof.map(|proof| TlogProof::parse(&proof)).transpose();
                    proof.map_err(|_| ClientError::Malformed("a receipt"))?.map_or(0, |proof| proof.index + 1)
                }
            };
            let head = self.reader.head().await?;
            self.reader.entries(from.min(head.size), head.size, &head).await
        })
    }
}

/// The keys that sign statements.
pub struct Signers {
    /// `epoch` and `segment`.
    pub sealer: Signer,
    /// `slot-close`, `salt-map`, `shred`.
    pub provider: Signer,
}

impl Signers {
    /// The statements of a commit, in the order in which PUBLIC must hold them: epochs, segments; salt maps, slots.
    ///
    /// Ed25519 signatures are deterministic: signing again gives the same leaf, and the log drops the repetition.
    pub fn statements(&self, commit: &Commit, provider: seal::identity::ProviderId) -> Result<Vec<Vec<u8>>, StatementError> {
        let sign = |statement: Statement, signer: &Signer| SignedStatement::sign(statement, &[signer]).map(|signed| signed.to_bytes());
        match &commit.done {
            Done::Begun { .. } => Ok(Vec::new()),
            Done::Epochs(epochs) => {
                let headers = epochs.iter().map(|epoch| sign(Statement::Epoch(epoch.header.clone()), &self.sealer));
                let leaves = epochs.iter().map(|epoch| sign(Statement::Segment(epoch.leaf), &self.sealer));
                headers.chain(leaves).collect()
            }
            Done::Slots { salt_maps, slots } => {
                let through = slots.last().map_or(0, |slot| slot.to);
                let maps = salt_maps.iter().map(|(day, map)| {
                    let map = SaltMapRoot { provider, day: *day, through, leaves: map.count, root: map.root };
                    sign(Statement::SaltMap(map), &self.provider)
                });
                let slots = slots.iter().filter_map(|slot| Some((slot, Span::new(slot.from, slot.to)?))).map(|(slot, span)| {
                    let close = SlotClose { provider, slot: span, epochs: slot.epochs, root: slot.root };
                    sign(Statement::SlotClose(close), &self.provider)
                });
                maps.chain(slots).collect()
            }
            Done::Shredded { category, day, retention_id, receipt } => {
                let shred = Shred { retention_id: *retention_id, category: category.number(), day: *day, receipt_hash: *receipt };
                Ok(vec![sign(Statement::Shred(shred), &self.provider)?])
            }
        }
    }
}

/// One step of publishing, to be repeated until it is done. `Ok(true)`: every statement has its receipt.
pub async fn advance(log: &dyn PublicLog, statements: &[Vec<u8>]) -> Result<bool, ClientError> {
    let mut missing = Vec::new();
    for statement in statements {
        if !log.holds(&leaf_hash(statement)).await? {
            missing.push(statement);
        }
    }
    // In order: PUBLIC takes statements first come, first served.
    for statement in &missing {
        log.submit(statement).await?;
    }
    Ok(missing.is_empty())
}

/// What is told to whoever watches.
pub(super) enum Told {
    Published {
        seq: u64,
        statements: usize,
    },
    Waiting {
        seq: u64,
        error: String,
    },
    /// PUBLIC knows more of this sealer than its store: nothing is published any more.
    SetBack,
}

/// Publishes commit after commit. Ends when the sender is gone and everything handed over is published, or with the process.
pub(super) async fn publisher(
    mut commits: tokio::sync::mpsc::UnboundedReceiver<(u64, Vec<Vec<u8>>)>,
    log: std::sync::Arc<dyn PublicLog>,
    store: SegmentStore,
    known: Known,
    mut tell: impl FnMut(Told) + Send,
) {
    let mut is_asked = false;
    while let Some((seq, statements)) = commits.recv().await {
        while !is_asked {
            match known.is_set_back(&*log).await {
                Ok(false) => is_asked = true,
                Ok(true) => {
                    tell(Told::SetBack);
                    return std::future::pending().await;
                }
                Err(error) => {
                    tell(Told::Waiting { seq, error: error.to_string() });
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
            }
        }
        loop {
            match advance(&*log, &statements).await {
                Ok(true) => break,
                // Half a tick of the quickest log: asking again costs little.
                Ok(false) => tokio::time::sleep(Duration::from_millis(250)).await,
                Err(error) => {
                    tell(Told::Waiting { seq, error: error.to_string() });
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
            }
        }
        while store.mark_published(seq).await.is_err() {
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        tell(Told::Published { seq, statements: statements.len() });
    }
}

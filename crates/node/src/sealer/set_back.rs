//! A vault and a store that were put back to an older copy (SEA-20): leases would be given out twice, and slots that everybody knows
//! would be closed a second time, otherwise. The folder alone cannot tell; PUBLIC can.

use seal::identity::ProviderId;
use seal::merkle::{Hash, leaf_hash};
use verify::log::vkey::VerifierKey;
use verify::statement::{SignedStatement, Statement};

use super::publish::{PublicLog, Signers};
use super::shell::Failure;
use super::start::read;
use crate::segment_store::SegmentStore;

/// What the person reads who put the copy back.
pub const SET_BACK: &str =
    "SEA-20: PUBLIC holds statements of this sealer that its store does not know: vault and store were put back to an older copy";

/// What the store knows of itself.
pub(super) struct Known {
    store: SegmentStore,
    /// The last statement that PUBLIC confirmed.
    last: Option<Hash>,
    /// When the store began. What was said before it, under the same keys, is of a vault and a store that are no more.
    begun: u64,
    /// The first slot that no commit has closed.
    next_slot: u64,
    keys: [VerifierKey; 2],
}

impl Known {
    pub(super) async fn find(store: &SegmentStore, signers: &Signers, next_slot: u64, provider: ProviderId) -> Result<Known, Failure> {
        let last = match store.last_published().await? {
            None => None,
            Some(seq) => {
                let statements = signers.statements(&read(store, seq).await?, provider);
                let statements = statements.map_err(|error| Failure::Fault(error.to_string()))?;
                statements.last().map(|statement| leaf_hash(statement))
            }
        };
        let begun = read(store, 0).await?.time;
        let keys = [signers.sealer.vkey().clone(), signers.provider.vkey().clone()];
        Ok(Known { store: store.clone(), last, begun, next_slot, keys })
    }

    /// Asked before anything is published: whether PUBLIC has an epoch or a slot-close of ours that this store has forgotten. The
    /// store says what it knows, not the place in the log: a crash keeps the note of what was published, and after a change of a key
    /// statements that are known stand there under the old one.
    pub(super) async fn is_set_back(&self, log: &dyn PublicLog) -> Result<bool, Failure> {
        let entries = log.after(self.last.as_ref()).await.map_err(|error| Failure::Fault(error.to_string()))?;
        for statement in entries.iter().filter_map(|entry| self.own(entry)) {
            let is_forgotten = match &statement {
                // Written before it is said, and never deleted.
                Statement::Epoch(header) if self.begun <= header.start => self.store.header(&header.hash()).await?.is_none(),
                Statement::SlotClose(close) => self.next_slot < close.slot.until(),
                _ => false,
            };
            if is_forgotten {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn own(&self, entry: &[u8]) -> Option<Statement> {
        let signed = SignedStatement::parse(entry).ok()?;
        let is_own = self.keys.iter().any(|key| signed.verify(&[key], 1).is_ok());
        is_own.then(|| signed.statement().clone())
    }
}

//! A vault and a store that were put back to an older copy (SEA-20): leases would be given out twice, and slots that everybody knows
//! would be closed a second time, otherwise. The folder alone cannot tell; PUBLIC can.

use std::collections::BTreeSet;

use seal::merkle::{Hash, leaf_hash};
use verify::log::vkey::VerifierKey;
use verify::statement::{SignedStatement, Statement};

use super::commit::Commit;
use super::publish::{PublicLog, Signers};
use super::shell::Failure;
use crate::log::client::ClientError;
use crate::segment_store::SegmentStore;

/// What the person reads who put the copy back.
pub const SET_BACK: &str =
    "SEA-20: PUBLIC holds statements of this sealer that its store does not know: vault and store were put back to an older copy";

/// What the store knows of its own statements.
pub(super) struct Known {
    /// The last one that PUBLIC confirmed.
    last: Option<Hash>,
    /// Those that come after it: a crash may have come between their publication and the note of it.
    later: BTreeSet<Hash>,
    keys: [VerifierKey; 2],
}

impl Known {
    pub(super) async fn find(
        store: &SegmentStore,
        signers: &Signers,
        unpublished: &[Commit],
        provider: seal::identity::ProviderId,
    ) -> Result<Known, Failure> {
        let statements = |commit: &Commit| signers.statements(commit, provider).map_err(|error| Failure::Fault(error.to_string()));
        let mut later = BTreeSet::new();
        for commit in unpublished {
            later.extend(statements(commit)?.iter().map(|statement| leaf_hash(statement)));
        }
        let last = match store.last_published().await? {
            None => None,
            Some(seq) => statements(&super::start::read(store, seq).await?)?.last().map(|statement| leaf_hash(statement)),
        };
        let keys = [signers.sealer.vkey().clone(), signers.provider.vkey().clone()];
        Ok(Known { last, later, keys })
    }

    /// Asked before anything is published. An epoch, a segment or a slot-close of ours behind the last one that we know of is of a
    /// life that this store has forgotten.
    pub(super) async fn is_set_back(&self, log: &dyn PublicLog) -> Result<bool, ClientError> {
        let entries = log.after(self.last.as_ref()).await?;
        Ok(entries.iter().any(|entry| !self.later.contains(&leaf_hash(entry)) && self.is_ours(entry)))
    }

    fn is_ours(&self, entry: &[u8]) -> bool {
        let Ok(signed) = SignedStatement::parse(entry) else { return false };
        let tells_of_sealing = matches!(signed.statement(), Statement::Epoch(_) | Statement::Segment(_) | Statement::SlotClose(_));
        tells_of_sealing && self.keys.iter().any(|key| signed.verify(&[key], 1).is_ok())
    }
}

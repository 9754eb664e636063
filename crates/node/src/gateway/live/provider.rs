//! The provider's own things behind the live world: vault and segment store.

use crate::gateway::drafting::{Salted, Salts};
use crate::gateway::opening::Cabinet;
use crate::gateway::preserving::Holds;
use crate::gateway::shell::now;
use crate::gateway::work::Fault;
use crate::segment_store::SegmentStore;
use crate::vault::{HoldAnswer, HoldItem, HoldPaper, Vault};
use seal::entropy::SystemEntropy;
use seal::epoch::EpochHeader;
use seal::retention::BucketProof;
use seal::salt_map::SaltRoot;
use seal::selector::Selector;
use std::ops::Range;
use std::path::Path;
use tokio::runtime::Handle;
use verify::calendar::Day;

/// Vault and store of one provider. Called from blocking sections only: the store is asynchronous, opening is not.
pub struct House {
    vault: Vault,
    store: SegmentStore,
}

fn fault(error: impl std::fmt::Display) -> Fault {
    Fault(error.to_string())
}

impl House {
    /// Over a vault and a store that are open already.
    pub fn of(vault: Vault, store: SegmentStore) -> House {
        House { vault, store }
    }

    pub fn open(vault: &Path, segments: &Path) -> Result<House, Fault> {
        let store = SegmentStore::local(segments).map_err(|error| Fault(format!("segments: {}", error.what)))?;
        Ok(House { vault: Vault::open(vault).map_err(fault)?, store })
    }
}

impl Cabinet for House {
    fn segment(&self, epoch: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        let found = Handle::current().block_on(self.store.segment(epoch)).map_err(|error| Fault(error.what))?;
        Ok(found.map(|octets| octets.to_vec()))
    }

    fn runs(&self, epoch: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        let found = Handle::current().block_on(self.store.runs(epoch)).map_err(|error| Fault(error.what))?;
        Ok(found.map(|octets| octets.to_vec()))
    }

    fn part(&self, epoch: &[u8; 32], range: Range<u64>) -> Result<Option<Vec<u8>>, Fault> {
        let found = Handle::current().block_on(self.store.part(epoch, range)).map_err(|error| Fault(error.what))?;
        Ok(found.map(|octets| octets.to_vec()))
    }

    fn bucket(&self, header: &EpochHeader, bucket: u16) -> Result<Option<BucketProof>, Fault> {
        let crown = Handle::current().block_on(self.store.crown(&header.hash())).map_err(|error| Fault(error.what))?;
        if let Some(proof) = self.vault.bucket_proof(header, bucket, crown.as_ref()).map_err(fault)? {
            return Ok(Some(proof));
        }
        // SEA-68: past its retention, a value may still be kept by a hold.
        self.vault.hold_get(&header.hash(), bucket, now()).map_err(fault)
    }
}

impl Holds for House {
    fn keep(&self, hold: &[u8; 32], items: &[HoldItem], until: u64) -> Result<(), Fault> {
        self.vault.hold_name(hold, items, until, &mut SystemEntropy).map_err(fault)
    }

    fn ask_hold(&self, paper: &HoldPaper) -> Result<Option<HoldAnswer>, Fault> {
        self.vault.hold_ask(paper, &mut SystemEntropy).map_err(fault)
    }

    fn end_hold(&self, hold: &[u8; 32]) -> Result<(), Fault> {
        self.vault.hold_end(hold).map_err(fault)
    }
}

impl Salts for House {
    fn salt(&self, day: Day, selector: &Selector, map: &SaltRoot) -> Result<Option<Salted>, Fault> {
        let looked = self.vault.salt_lookup(selector, u64::from(day.0), map, &mut SystemEntropy).map_err(fault)?;
        let Some(looked) = looked else { return Ok(None) };
        let day_secret = looked.day_secret;
        let mut found = looked.found;
        match (found.pop(), looked.absence) {
            (Some((salt, proof)), _) if found.is_empty() => Ok(Some(Salted::Present { salt, proof, day_secret })),
            (None, Some(proof)) => Ok(Some(Salted::Absent { proof, day_secret })),
            (None, None) => Ok(None),
            // One row of an intent proves one salt of a selector and day (REL-19). Answering for one holder alone would look complete.
            (Some(_), _) => Err(Fault(format!("an ordered selector had two holders on {day}; its days have to be ordered apart"))),
        }
    }
}

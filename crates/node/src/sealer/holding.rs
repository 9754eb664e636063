//! What an order to preserve keeps of a day past its retention key (SEA-68, decision 0104): the values of the named persons' buckets, copied
//! before the key is destroyed, and the provider's word about it.

use std::collections::{BTreeMap, BTreeSet};

use seal::entropy::Entropy;
use seal::epoch::EpochHeader;
use seal::identity::{Category, Identity, Slot, SlotLen};
use seal::merkle::Hash;
use verify::calendar::DAY;
use verify::log::note::Signer;
use verify::log::proof::TlogProof;
use verify::order::OrderDocument;
use verify::policy::Policy;
use verify::record::{DraftRecord, Kind, Parent, Record, RecordError, Value};
use verify::release::{hold_digest, preservation_stands};
use verify::statement::{SignedStatement, Statement};

use super::shell::{Failure, Hands};
use crate::segment_store::SegmentStore;
use crate::vault::{HeldValue, HoldAnswer, HoldItem, HoldPaper, Vault};

type Named = (Hash, HoldItem, u64);

/// Copies what holds name, of one category and day or of all. Done twice it copies nothing twice.
pub async fn copy(
    (vault, store): (&Vault, &SegmentStore),
    slot_len: SlotLen,
    only: Option<(Category, u64)>,
    now: u64,
    entropy: &mut (dyn Entropy + Send),
) -> Result<(), Failure> {
    let mut days: BTreeMap<(Category, u64), Vec<Named>> = BTreeMap::new();
    for named in vault.hold_items(now)? {
        // A letter may name eight thousand years: only days under whose key something was sealed have anything to copy.
        let category = named.1.category;
        let asked = named.1.from / DAY..named.1.until.div_ceil(DAY);
        for day in vault.retention_days(category)?.into_iter().filter(|day| asked.contains(day)) {
            let place = (category, day);
            if only.is_none_or(|only| only == place) {
                days.entry(place).or_default().push(named.clone());
            }
        }
    }
    for ((category, day), named) in days {
        let mut rows = Vec::new();
        for epoch in vault.sealed_on(category, day)? {
            let Some(header) = header(store, &epoch).await? else { continue };
            let mut wanted = BTreeSet::new();
            for (hold, item, expires_at) in &named {
                for bucket in buckets(vault, &header, item, slot_len, day)? {
                    if !vault.hold_has(hold, &epoch, bucket)? {
                        wanted.insert((*hold, bucket, *expires_at));
                    }
                }
            }
            if wanted.is_empty() {
                continue;
            }
            let crown = store.crown(&epoch).await?;
            for (hold, bucket, expires_at) in wanted {
                // Past the key, another hold may still have it: that is how a second order preserves what a first one kept.
                let proof = match vault.bucket_proof(&header, bucket, crown.as_ref())? {
                    Some(proof) => Some(proof),
                    None => vault.hold_get(&epoch, bucket, now)?,
                };
                rows.extend(proof.map(|proof| HeldValue { hold, epoch, bucket, proof, expires_at }));
            }
        }
        vault.hold_put(&rows, entropy)?;
    }
    Ok(())
}

async fn header(store: &SegmentStore, epoch: &Hash) -> Result<Option<EpochHeader>, Failure> {
    let Some(octets) = store.header(epoch).await? else { return Ok(None) };
    match SignedStatement::parse(&octets).map(|signed| signed.statement().clone()) {
        Ok(Statement::Epoch(header)) if header.hash() == *epoch => Ok(Some(header)),
        _ => Err(Failure::Refused("SEA-68: a stored epoch header is not the one of its name")),
    }
}

/// The buckets of a named person in an epoch: one for each slot that it takes, under each salt of that day.
fn buckets(vault: &Vault, header: &EpochHeader, item: &HoldItem, slot_len: SlotLen, day: u64) -> Result<BTreeSet<u16>, Failure> {
    let (from, until) = (item.from.max(day * DAY), item.until.min((day + 1) * DAY));
    let mut found = BTreeSet::new();
    if until <= from {
        return Ok(found);
    }
    let first = Slot::containing(slot_len, from).no();
    let last = Slot::containing(slot_len, until - 1).no();
    let slots: Vec<Slot> =
        (first..=last).filter_map(|no| Slot::new(slot_len, no).ok()).filter(|slot| header.admits(*slot).is_ok()).collect();
    if slots.is_empty() {
        return Ok(found);
    }
    for salt in vault.salts_on(&item.selector, day)? {
        for slot in &slots {
            let identity = Identity::new(header.key_id, header.provider, item.category, *slot, item.selector.clone(), salt);
            found.insert(identity.map_err(|error| Failure::Fault(error.to_string()))?.bucket());
        }
    }
    Ok(found)
}

/// Whom an order names, and when.
pub fn items(order: &OrderDocument) -> Vec<HoldItem> {
    let item = |item: &verify::order::ScopeItem| {
        let len = u64::from(item.slot_len().seconds());
        HoldItem {
            category: item.category(),
            selector: item.selector().clone(),
            from: item.first().saturating_mul(len),
            until: item.last().saturating_add(1).saturating_mul(len),
        }
    };
    order.scope().items().map(item).collect()
}

/// An order to preserve that bears a hold: logged, of kind 3, as members will ask (REL-18). Made by `bears` only.
struct Borne {
    order: OrderDocument,
    parent: Parent,
}

fn bears(policy: &Policy, paper: &HoldPaper) -> Result<Borne, String> {
    let order = OrderDocument::parse(&paper.order).map_err(|error| error.to_string())?;
    let record = order.record();
    if record.d() != paper.hold || !preservation_stands(policy, &order) {
        return Err("no order to preserve that members would count (REL-18)".to_owned());
    }
    if record.record().validity().is_none_or(|validity| validity.until() < paper.expires_at) {
        return Err("a hold ends with its order at the latest".to_owned());
    }
    if policy.key_ends() < paper.expires_at {
        return Err("SEA-68: a hold ends with the key of its period at the latest (SEA-49)".to_owned());
    }
    let leaf = verify::log::leaf::leaf_hash(&record.d());
    let logged = TlogProof::parse(&paper.proof).and_then(|proof| proof.verify(leaf, policy.orders(), None));
    let logged = logged.map_err(|refusal| refusal.to_string())?;
    let parent = Parent::new(logged.head().head().origin.as_str(), logged.leaf().index());
    Ok(Borne { order, parent })
}

/// Kind 11 of a hold: when it ends, and how many values it has, inside the commitment.
fn outcome(
    policy: &Policy,
    provider: &Signer,
    borne: &Borne,
    (expires_at, copied): (u64, u64),
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, RecordError> {
    let mut values = vec![
        Value::StatHash,
        Value::ReleaseSet(hold_digest(expires_at, copied)),
        Value::Kind(Kind::Outcome),
        Value::Provider(policy.parts().provider),
        Value::Parent(borne.parent),
    ];
    values.extend(borne.order.record().record().authority().cloned().map(Value::Authority));
    let draft = DraftRecord::draw(Record::draw(values, entropy)?, entropy);
    let signature = provider.sign_message(&draft.record.message());
    Ok(draft.signed(signature.to_vec()).to_bytes())
}

impl Hands {
    /// SEA-68: answers the orders to preserve that the gateway handed over. Nothing is copied for one that does not stand in the log.
    /// Dying in between copies again what is missing and draws another record: only the one in the vault is ever logged.
    pub async fn serve_holds(&mut self, policy: &Policy, now: u64) -> Result<usize, Failure> {
        let papers = self.vault.hold_asked()?;
        // One that can not be served does not keep the others waiting.
        let mut first = Ok(papers.len());
        for paper in &papers {
            if let Err(why) = self.serve_hold(policy, paper, now).await {
                first = first.and(Err(why));
            }
        }
        first
    }

    async fn serve_hold(&mut self, policy: &Policy, paper: &HoldPaper, now: u64) -> Result<(), Failure> {
        let answer = match bears(policy, paper) {
            Err(why) => HoldAnswer::Refused(why),
            Ok(borne) => {
                let copied = self.make_hold(paper, &items(&borne.order), now).await?;
                let said = (paper.expires_at, copied);
                let outcome = outcome(policy, &self.signers.provider, &borne, said, &mut *self.entropy);
                let outcome = outcome.map_err(|error| Failure::Fault(error.to_string()))?;
                HoldAnswer::Made { expires_at: paper.expires_at, copied, outcome }
            }
        };
        Ok(self.vault.hold_answer(paper, &answer)?)
    }

    /// Names and copies; how many values it then has. Done twice it is done once.
    pub(super) async fn make_hold(&mut self, paper: &HoldPaper, items: &[HoldItem], now: u64) -> Result<u64, Failure> {
        self.vault.hold_name(&paper.hold, items, paper.expires_at, &mut *self.entropy)?;
        copy((&self.vault, &self.store), self.timing.slot_len(), None, now, &mut *self.entropy).await?;
        Ok(self.vault.hold_count(&paper.hold)?)
    }

    /// SEA-68: before a day's key goes, what holds name of that day is copied. The order of the two is what a crash cannot change.
    pub(super) async fn keep_for_holds(&mut self, today: u64, now: u64) -> Result<(), Failure> {
        for (category, day) in self.vault.expired(today, |category| self.retention_days.get(&category).copied())? {
            copy((&self.vault, &self.store), self.timing.slot_len(), Some((category, day)), now, &mut *self.entropy).await?;
        }
        Ok(())
    }
}

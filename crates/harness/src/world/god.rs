//! Somebody with every key: opens all that was ever committed, so that no record can be lost, doubled or put where it does not belong.
//!
//! Nobody in the product is this; the shares of both committees are put together here and nowhere else.

use super::cast::{Cast, PROVIDER, SLOT};
use super::fault::Which;
use super::invariant::Invariant;
use super::season::Trips;
use super::{World, block};
use crate::oracle::{self, Ordered};
use node::cases::state::Case;
use node::log::client::Head;
use node::log::store::Store;
use node::sealer::commit::{Commit, CommittedEpoch};
use node::segment_store::SegmentStore;
use node::vault::Vault;
use seal::committee::{IdentityKey, lagrange_at_zero};
use seal::identity::{Identity, Slot};
use seal::open::open_identity;
use seal::points::Scalar;
use seal::segment::{Segment, audit};
use seal::selector::Selector;
use std::collections::{BTreeMap, BTreeSet};
use verify::package::RawPackage;
use verify::policy::CommitteeName;

type Hash = [u8; 32];

pub struct God {
    master: Scalar,
    opened: BTreeSet<Hash>,
    /// (row, selector): the epochs in which it was found.
    found: BTreeMap<(u64, String), Vec<Hash>>,
}

impl God {
    pub fn new(cast: &Cast) -> God {
        let mut master = Scalar::zero();
        for committee in [CommitteeName::Approvers, CommitteeName::Guardians] {
            let need = usize::from(cast.policy.committee_parts(committee).committee.need);
            let shares = &cast.shares[&committee][..need];
            let indexes: Vec<u8> = shares.iter().map(|share| share.index()).collect();
            for share in shares {
                let coefficient = lagrange_at_zero(share.index(), &indexes).expect("distinct members");
                master = master.add(&coefficient.multiply(share.secret()));
            }
        }
        God { master, opened: BTreeSet::new(), found: BTreeMap::new() }
    }

    /// The key of an identity, as both committees together would give it.
    pub fn key(&self, cast: &Cast, identity: &Identity) -> IdentityKey {
        let point = identity.point().multiply(&self.master).expect("a point").to_bytes();
        IdentityKey::check(&point, identity, cast.policy.public_key()).expect("the committee's key")
    }
}

impl World<'_> {
    /// Opens the epochs that were committed since the last time. `Err`: an entry that belongs to nobody.
    pub(super) fn god_looks(&mut self) -> Result<(), String> {
        self.commits_are_read()?;
        if self.sabotage.is_left_to_the_overseer() {
            return Ok(());
        }
        let new: Vec<CommittedEpoch> =
            self.seen.epochs().filter(|epoch| !self.god.opened.contains(&epoch.leaf.epoch_hash)).cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        let vault = Vault::open(&self.sealer.vault_path()).map_err(|error| error.to_string())?;
        let store = SegmentStore::new(Store::new(self.sealer.objects.image()));
        for epoch in new {
            self.god_opens(&vault, &store, &epoch)?;
        }
        Ok(())
    }

    /// From the disk: a commit counts once it is written, whether or not its process lived to say so.
    fn commits_are_read(&mut self) -> Result<(), String> {
        let store = Store::new(self.sealer.objects.image());
        for path in block(store.list("commits")).map_err(|fault| fault.what)? {
            let seq: u64 = path.rsplit('/').next().and_then(|number| number.parse().ok()).ok_or("a commit without a number")?;
            if self.seen.has_commit(seq) {
                continue;
            }
            let octets = block(store.read(&path)).ok().flatten().ok_or("a commit is not there")?;
            let commit = Commit::parse(&octets).map_err(|error| error.to_string())?;
            self.seen.committed(commit);
        }
        Ok(())
    }

    fn god_opens(&mut self, vault: &Vault, store: &SegmentStore, epoch: &CommittedEpoch) -> Result<(), String> {
        let hash = epoch.leaf.epoch_hash;
        let octets = block(store.segment(&hash)).ok().flatten().ok_or("a committed segment is not in the store")?.to_vec();
        audit(&octets, &epoch.leaf).map_err(|error| format!("segment: {error:?}"))?;
        let segment = Segment::parse(octets).map_err(|error| format!("segment: {error:?}"))?;
        let crown = block(store.crown(&hash)).ok().flatten();
        let mut records = 0;
        for (selector_text, number) in self.candidates(epoch) {
            let slot = Slot::new(self.cast.policy.slot_len(), number).map_err(|error| error.to_string())?;
            if epoch.header.admits(slot).is_err() {
                continue;
            }
            let selector = Selector::from_text(&selector_text).map_err(|error| format!("{error:?}"))?;
            let Some(salt) = vault.known_salt(&selector, slot.start()).map_err(|error| error.to_string())? else { continue };
            let key_id = self.cast.policy.key_id();
            let identity = Identity::new(key_id, PROVIDER, epoch.category, slot, selector, salt).map_err(|error| error.to_string())?;
            let key = self.god.key(self.cast, &identity);
            let bucket = vault.bucket_proof(&epoch.header, identity.bucket(), crown.as_ref()).map_err(|error| error.to_string())?;
            let Some(bucket) = bucket else { return Err("a retention key is gone before its time".to_owned()) };
            let straggling = self.cast.timing().straggling();
            let opened = open_identity(&key, &epoch.header, &bucket, &segment, straggling).map_err(|error| error.to_string())?;
            for record in opened.records {
                records += 1;
                let row = record.record.common().source_row.unwrap_or(0);
                self.god.found.entry((row, selector_text.clone())).or_default().push(hash);
            }
        }
        self.god.opened.insert(hash);
        match records == segment.len() {
            true => Ok(()),
            false => Err(format!("{} of {} entries of an epoch belong to nobody", segment.len() - records, segment.len())),
        }
    }

    /// Whose records of that category could be in the epoch, by the story.
    fn candidates(&self, epoch: &CommittedEpoch) -> BTreeSet<(String, u64)> {
        let category = epoch.category.number();
        let rows = self.story.rows.iter().filter(|row| row.category() == category);
        rows.flat_map(|row| row.subjects.iter().map(move |subject| (subject.clone(), row.event_ms / 1_000 / SLOT))).collect()
    }

    /// Every row that was written down is sealed exactly once for each of its subjects.
    pub(super) fn nothing_is_lost_or_doubled(&mut self) {
        if self.sabotage.is_left_to_the_overseer() {
            return;
        }
        if let Err(what) = self.god_looks() {
            return self.breaks(Invariant::NoRecordLostOrDoubled, what);
        }
        let written = self.rows_written();
        let mut wrong = Vec::new();
        if self.sealer.dead_letters() != 0 {
            wrong.push("the source refused a line".to_owned());
        }
        for row in &self.story.rows[..written] {
            for subject in &row.subjects {
                let times = self.god.found.get(&(row.number, subject.clone())).map_or(0, Vec::len);
                if times != 1 {
                    wrong.push(format!("row {} is sealed {times} times", row.number));
                }
            }
        }
        if !wrong.is_empty() {
            self.breaks(Invariant::NoRecordLostOrDoubled, format!("{} in all, such as: {}", wrong.len(), wrong[0]));
        }
    }

    /// The package holds exactly the ordered rows that were public before its intent was drawn.
    pub(super) fn package_rows_are_right(&mut self, name: &str, bytes: &[u8]) -> Result<u64, String> {
        self.god_looks()?;
        if self.sabotage.is_left_to_the_overseer() {
            return Ok(0);
        }
        let found = self.gateway.cases().find_map(|case| match case {
            Case::Delivering(s) if s.package.name == name => Some((s.mandate.file.id.0, s.batch)),
            _ => None,
        });
        let (order, batch) = found.ok_or("no case delivers it")?;
        let meant = self.ideal.order(&order).ok_or("no court ordered it")?.clone();
        let octets = bytes.to_vec();
        let package = RawPackage::read(&octets).and_then(RawPackage::check).map_err(|refusal| refusal.to_string())?;
        let anchor = package.log().intent_anchor.as_ref().ok_or("no anchor of the intent")?;
        let limit = Head::parse(&anchor.public).map_err(|error| error.to_string())?.size;
        let mut expected = Vec::new();
        let mut counts = BTreeMap::new();
        let mut trips = Trips::default();
        for ordered in &meant.items {
            let from = ordered.from.max(batch.first_slot * SLOT);
            let until = ordered.until.min((batch.last_slot + 1) * SLOT);
            let part = Ordered { from, until, ..ordered.clone() };
            if until <= from {
                continue;
            }
            let rows = oracle::rows(&self.story.rows[..self.rows_written()], &part);
            let public: Vec<_> = rows.iter().copied().filter(|row| self.was_public(row.number, &part.selector, limit)).collect();
            trips.add(Trips::of(self.plan.shape.season, &self.story, &part, &public));
            if public.len() == rows.len() {
                let hours: u64 = oracle::hours(&self.story.rows[..self.rows_written()], &part).values().sum();
                counts.insert((part.selector.clone(), part.category), hours);
            }
            expected.extend(public.into_iter().map(|row| oracle::line_of(row)));
        }
        self.second_count(&package, &counts)?;
        expected.sort();
        let actual = lines(&package)?;
        if expected != actual {
            return Err(difference(&expected, &actual));
        }
        self.seen.trips.add(trips);
        Ok(actual.len() as u64)
    }

    /// T14: the statement's own counts, both of them, against the oracle's other walk.
    fn second_count(&self, package: &verify::package::Package<'_>, counts: &BTreeMap<(String, u16), u64>) -> Result<(), String> {
        for item in &package.statement().items {
            let category = if item.category == "traffic" { crate::traffic::TRAFFIC } else { crate::traffic::IP };
            if let Some(count) = counts.get(&(item.selector.clone(), category))
                && (item.rows != *count || item.rows_counted_again != *count)
            {
                return Err(format!("the statement counts {} and {}, the oracle {count}", item.rows, item.rows_counted_again));
            }
        }
        Ok(())
    }

    /// The segment that holds the row stood in PUBLIC below that size.
    fn was_public(&self, row: u64, selector: &str, limit: u64) -> bool {
        let epochs = self.god.found.get(&(row, selector.to_owned()));
        let said = |epoch: &&Hash| {
            let leaf = self.seen.epochs().find(|known| known.leaf.epoch_hash == **epoch).map(|known| known.leaf);
            leaf.is_some_and(|leaf| self.statement_of(&leaf).is_some_and(|index| index < limit))
        };
        epochs.is_some_and(|epochs| epochs.iter().any(|epoch| said(&epoch)))
    }

    /// Where PUBLIC holds the statement of a segment.
    fn statement_of(&self, leaf: &seal::segment::SegmentLeaf) -> Option<u64> {
        let statement = verify::statement::Statement::Segment(*leaf);
        let signed = verify::statement::SignedStatement::sign(statement, &[&super::cast::signer("sealer")]).ok()?;
        self.seen.holds(Which::Public, &signed.leaf_hash())
    }
}

fn lines(package: &verify::package::Package<'_>) -> Result<Vec<String>, String> {
    let names: Vec<String> =
        package.names().filter(|name| name.starts_with("data/records/") && name.ends_with(".jsonl")).map(ToOwned::to_owned).collect();
    let mut lines = Vec::new();
    for name in names {
        let bytes = package.file(&name, 64 << 20).map_err(|refusal| refusal.to_string())?;
        for line in String::from_utf8_lossy(&bytes).lines() {
            lines.push(oracle::line_in_package(line)?);
        }
    }
    lines.sort();
    Ok(lines)
}

fn difference(expected: &[String], actual: &[String]) -> String {
    let (mut missing, mut extra) = (expected.to_vec(), Vec::new());
    for line in actual {
        match missing.iter().position(|other| other == line) {
            Some(place) => drop(missing.remove(place)),
            None => extra.push(line.clone()),
        }
    }
    let sample = |list: &[String]| list.first().cloned().unwrap_or_default();
    format!("{} missing ({}), {} too many ({})", missing.len(), sample(&missing), extra.len(), sample(&extra))
}

//! A provider's house: the product's sealer, vault and store, and members that answer orders.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use node::sealer::commit::{Commit, CommittedEpoch, Done};
use node::sealer::core::{Effect, Input, Salted, Sealer, Settings};
use node::sealer::periods::KeyPeriods;
use node::sealer::publish::Signers;
use node::sealer::{Hands, digest_key, find};
use node::segment_store::{SegmentStore, Store};
use node::vault::{HoldItem, Vault};
use seal::catalogue::{AddressTrust, Clock, Common, Device, DeviceAction, IpSession, Party, PartyKind, Record, SessionAction, Stamp};
use seal::committee::{IdentityKey, Partials, Share, combine};
use seal::entropy::SeededEntropy;
use seal::identity::{Category, Identity, Salt, Slot};
use seal::merkle::Hash;
use seal::open::{OpenedRecord, open_identity};
use seal::retention::{BucketProof, Crown};
use seal::segment::{EntryBlocks, Segment};
use seal::selector::Selector;
use sources::Position;
use tempfile::TempDir;

use super::{Flaw, KEEP_DAYS};
use crate::world::block;
use crate::world::cast::{Cast, DAY_ZERO, PROVIDER, SLOT, signer};
use crate::world::disk::Objects;
use verify::policy::CommitteeName;

/// Every step happens so many seconds into a half-hour: past the grace of the hour before.
const INTO: u64 = 1_000;
const HALF: u64 = 1_800;
const DAY: u64 = 86_400;

pub fn category(number: u8) -> Category {
    [Category::DEVICE, Category::IP][usize::from(number)]
}

pub fn selector(subject: u8) -> Selector {
    Selector::from_text(&format!("account:@p{subject}:example.org")).expect("a selector")
}

/// What an order got: keys, values of the epochs that were there, and the rows below them.
pub struct Package {
    pub keys: Vec<Rc<IdentityKey>>,
    pub values: Vec<(Hash, BucketProof)>,
    pub rows: Vec<u64>,
}

/// A sealed epoch in somebody's hands.
#[derive(Clone)]
pub struct Held {
    pub epoch: CommittedEpoch,
    pub segment: Arc<Segment>,
    pub crown: Crown,
}

pub struct House<'c> {
    cast: &'c Cast,
    flaw: Flaw,
    folder: TempDir,
    pub halves: u64,
    objects: Objects,
    sealer: Sealer,
    hands: Hands,
    /// Backups of the vault that somebody keeps in the house.
    pub backups: Vec<Copied>,
    epochs: Vec<CommittedEpoch>,
}

impl<'c> House<'c> {
    pub fn new(cast: &'c Cast, flaw: Flaw) -> House<'c> {
        let folder = scratch();
        let vault = Vault::init(&folder.path().join("vault"), PROVIDER, &mut SeededEntropy::new([81; 32])).expect("a vault");
        let objects = Objects::default();
        let store = SegmentStore::new(Store::new(Arc::new(objects.clone())));
        let timing = cast.timing();
        block(node::sealer::begin(&store, timing, DAY_ZERO + INTO)).expect("begun");
        let found = block(find(&store, &vault, timing.slot_len())).expect("found");
        let period = (cast.policy.parts().key.period, cast.policy.public_key().clone());
        let keys = Arc::new(KeyPeriods::new([period]).expect("one period"));
        let retention_days: BTreeMap<Category, u32> =
            (0..2).map(|number| (category(number), KEEP_DAYS[usize::from(number)] as u32)).collect();
        let settings = Settings { provider: PROVIDER, keys: Arc::clone(&keys), timing, retention_days: retention_days.clone() };
        let sealer = Sealer::recover(settings, digest_key(&vault), found.recovered);
        let signers = Signers { sealer: signer("sealer"), provider: signer("provider") };
        let entropy = Box::new(SeededEntropy::new([82; 32]));
        let (publish, _) = tokio::sync::mpsc::unbounded_channel();
        let (leases, blocks) = (BTreeMap::new(), EntryBlocks::default());
        let hands = Hands { vault, store, keys, timing, signers, retention_days, entropy, leases, blocks, publish };
        House { cast, flaw, folder, halves: 0, objects, sealer, hands, backups: Vec::new(), epochs: Vec::new() }
    }

    pub fn now(&self) -> u64 {
        DAY_ZERO + self.halves * HALF + INTO
    }

    pub fn vault(&self) -> &Vault {
        &self.hands.vault
    }

    /// One input and all that follows from it.
    fn turn(&mut self, input: Input) {
        let now = self.now();
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            for effect in self.sealer.handle(now * 1_000, input) {
                // Nobody reads PUBLIC here.
                if matches!(effect, Effect::Publish(_)) {
                    continue;
                }
                if let Effect::Commit(Commit { done: Done::Epochs(epochs), .. }) = &effect {
                    self.epochs.extend(epochs.iter().cloned());
                }
                inputs.extend(block(self.hands.perform(now, &effect)).expect("a house without faults"));
            }
        }
    }

    pub fn ingest(&mut self, number: u64, subject: u8, category: u8) {
        if self.flaw == Flaw::RecordsAreLost && number % 3 == 0 {
            return;
        }
        let now = self.now();
        let selector = selector(subject);
        let salt = self.hands.vault.salt(&selector, now, &mut *self.hands.entropy).expect("a salt");
        let record = record(number, subject, category, now);
        let records = vec![Salted { record, subjects: vec![(selector, salt)] }];
        self.turn(Input::Batch { source: "test".into(), records, position: Position(number.to_string()), history: false });
    }

    pub fn half_passes(&mut self) {
        if self.flaw == Flaw::KeysComeBack && (self.halves + 1).is_multiple_of(DAY / HALF) {
            self.backups.push(self.copy_of_vault());
        }
        self.halves += 1;
        let read_from_ms = self.now() * 1_000;
        self.turn(Input::Tick { read_from_ms });
    }

    /// Identities of the hours that are over, with their keys, and what of them is sealed and has its value.
    pub fn answers(&mut self, subject: u8, number: u8, hours: (u64, u64)) -> Option<Package> {
        let from = if self.flaw == Flaw::OrdersReachFurther { hours.0.saturating_sub(1) } else { hours.0 };
        let selector = selector(subject);
        let salt = self.vault().known_salt(&selector, self.now()).expect("a vault")?;
        let over = hours.1.min(self.halves / 2);
        let identity = |hour| identity(self.cast, number, &selector, salt, hour);
        let identities: Vec<Identity> = (from..over).map(identity).collect();
        let keys = if identities.is_empty() { Vec::new() } else { keys(self.cast, &identities) };
        let keys: Vec<Rc<IdentityKey>> = keys.into_iter().map(Rc::new).collect();
        let (mut values, mut rows) = (Vec::new(), Vec::new());
        for held in self.held() {
            for key in keys.iter().filter(|key| is_of(key.identity(), &held.epoch)) {
                let Some(value) = value(self.vault(), &held, key.identity(), self.now()) else { continue };
                rows.extend(opened(key, &held, &value));
                values.push((held.epoch.leaf.epoch_hash, value));
            }
        }
        Some(Package { keys, values, rows })
    }

    pub fn preserves(&mut self, number: u64, subject: u8, category_number: u8, hours: (u64, u64), halves: u64) {
        let (from, until) = (DAY_ZERO + hours.0 * SLOT, DAY_ZERO + hours.1 * SLOT);
        let item = HoldItem { category: category(category_number), selector: selector(subject), from, until };
        let longer = if self.flaw == Flaw::HoldsStay { 5 * DAY } else { 0 };
        let mut hold = [0; 32];
        hold[..8].copy_from_slice(&number.to_be_bytes());
        let ends = self.now() + halves * HALF + longer;
        self.hands.vault.hold_name(&hold, &[item], ends, &mut *self.hands.entropy).expect("a hold");
    }

    /// False: a hold names them.
    pub fn erases(&mut self, subject: u8) -> bool {
        self.flaw == Flaw::NobodyIsErased || self.vault().forget(&selector(subject), self.now()).is_ok()
    }

    /// Everything that lies in the store.
    pub fn held(&self) -> Vec<Held> {
        let store = SegmentStore::new(Store::new(self.objects.image()));
        let held = |epoch: &CommittedEpoch| {
            let hash = epoch.leaf.epoch_hash;
            let octets = block(store.segment(&hash)).expect("a store")?;
            let segment = Arc::new(Segment::parse(octets.to_vec()).expect("a segment"));
            let crown = block(store.crown(&hash)).expect("a store").expect("a crown lies beside its segment");
            Some(Held { epoch: epoch.clone(), segment, crown })
        };
        self.epochs.iter().filter_map(held).collect()
    }

    /// The vault's folder, octet for octet.
    pub fn copy_of_vault(&self) -> Copied {
        let folder = scratch();
        copy(&self.folder.path().join("vault"), folder.path());
        Copied { vault: Vault::open(folder.path()).expect("a copied vault"), _folder: folder }
    }
}

/// A vault in other hands.
pub struct Copied {
    pub vault: Vault,
    _folder: TempDir,
}

fn scratch() -> TempDir {
    let shared = Path::new("/dev/shm");
    if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() }.expect("a folder")
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let there = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&there).expect("a folder");
            copy(&entry.path(), &there);
        } else {
            std::fs::copy(entry.path(), &there).expect("a file");
        }
    }
}

pub fn identity(cast: &Cast, number: u8, selector: &Selector, salt: Salt, hour: u64) -> Identity {
    let slot = Slot::new(cast.policy.slot_len(), DAY_ZERO / SLOT + hour).expect("a slot");
    Identity::new(cast.policy.key_id(), PROVIDER, category(number), slot, selector.clone(), salt).expect("an identity")
}

pub fn is_of(identity: &Identity, epoch: &CommittedEpoch) -> bool {
    identity.category() == epoch.category && epoch.header.admits(identity.slot()).is_ok()
}

/// The value of an identity's bucket, of a live day or a hold; whoever stole the vault asks at time 0, when every hold lasts.
pub fn value(vault: &Vault, held: &Held, identity: &Identity, now: u64) -> Option<BucketProof> {
    let live = vault.bucket_proof(&held.epoch.header, identity.bucket(), Some(&held.crown)).expect("a vault");
    live.or_else(|| vault.hold_get(&held.epoch.leaf.epoch_hash, identity.bucket(), now).expect("a vault"))
}

/// The rows of a key in an epoch; none if key or value are not of it.
pub fn opened(key: &IdentityKey, held: &Held, value: &BucketProof) -> Vec<u64> {
    let straggling = HALF + 60;
    let opened = open_identity(key, &held.epoch.header, value, &held.segment, straggling);
    let rows = |records: Vec<OpenedRecord>| records.into_iter().filter_map(|opened| opened.record.common().source_row).collect();
    opened.map(|identity| rows(identity.records)).unwrap_or_default()
}

/// A threshold of each committee answers, as both judge the order good.
fn keys(cast: &Cast, identities: &[Identity]) -> Vec<IdentityKey> {
    let given = |name: CommitteeName, need: usize| -> Partials {
        let partial = |share: &Share| identities.iter().map(|identity| share.partial_key(identity).expect("a partial key").point).collect();
        cast.shares[&name].iter().take(need).map(|share| (share.index(), partial(share))).collect()
    };
    let committee = |name| cast.policy.committee_parts(name).committee.check().expect("a committee");
    let (a, g) = (committee(CommitteeName::Approvers), committee(CommitteeName::Guardians));
    let (of_a, of_g) = (given(CommitteeName::Approvers, 2), given(CommitteeName::Guardians, 3));
    let entropy = &mut SeededEntropy::new([83; 32]);
    combine((&a, &of_a), (&g, &of_g), cast.policy.public_key(), identities, entropy).expect("keys")
}

fn record(number: u64, subject: u8, category: u8, now: u64) -> Record {
    let common = Common { t_event: Stamp::Seconds(now), clock: Clock::Server, source: "test".into(), source_row: Some(number) };
    let account = Party::new(PartyKind::Account, format!("@p{subject}:example.org"));
    if category == 0 {
        let (label, model, system, application) = (None, None, None, None);
        let device = Device { action: DeviceAction::Registered, account, device: "D".into(), label, model, system, application };
        return Record::new(common, now * 1_000, device).expect("a record");
    }
    let session = IpSession {
        action: SessionAction::Login,
        account,
        address: std::net::IpAddr::from([192, 0, 2, subject]),
        port: None,
        address_trust: AddressTrust::Peer,
        session: None,
        duration: None,
        protocol: None,
    };
    Record::new(common, now * 1_000, session).expect("a record")
}

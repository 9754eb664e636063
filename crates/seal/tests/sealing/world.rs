//! Two committees, a provider's keys, and records to seal: what the tests share.

use std::collections::BTreeMap;
use std::sync::Arc;

use seal::catalogue::{Clock, Common, Device, DeviceAction, Party, PartyKind, Record, Stamp};
use seal::committee::{CheckedCommittee, Committee, IdentityKey, Partials, PublicKey, Share, combine};
use seal::entropy::SeededEntropy;
use seal::epoch::{ClosedEpoch, EpochMaterials, EpochPlan, OpenEpoch, Timing};
use seal::identity::{Category, Identity, ProviderId, Salt, Slot, SlotLen};
use seal::points::{G2Point, Scalar};
use seal::retention::{BucketProof, BucketTree, RetentionKey};
use seal::secret::Secret;
use seal::selector::Selector;

/// 2026-01-01T00:00:00Z, the first second of a slot and a day.
pub const START: u64 = 1_767_225_600;
pub const PROVIDER: ProviderId = ProviderId([0xaa; 16]);
pub const STRAGGLING: u64 = 60;

pub struct Body {
    pub checked: CheckedCommittee,
    pub shares: Vec<Share>,
}

/// A committee from a dealer's polynomial: tests only, the product's come from a ceremony.
pub fn body(seed: u8, need: u8, of: u8) -> Body {
    let coefficients: Vec<Scalar> = (0..need).map(|k| Scalar::key_gen(&[seed + k; 32], b"test")).collect();
    let polynomial: Vec<G2Point> = coefficients.iter().map(|a| G2Point::public_of(a).unwrap()).collect();
    let pop = Committee::possession_point(&polynomial[0]).multiply(&coefficients[0]).unwrap();
    let checked = Committee { public: polynomial[0], polynomial, pop, need, of }.check().unwrap();
    let secret = |index: u8| {
        let x = Scalar::from_u64(u64::from(index));
        coefficients.iter().rev().fold(Scalar::zero(), |sum, a| sum.multiply(&x).add(a))
    };
    let shares = (1..=of).map(|index| Share::new(index, secret(index), &checked).unwrap()).collect();
    Body { checked, shares }
}

impl Body {
    /// Partial keys of the members with these indexes.
    pub fn partials(&self, members: &[u8], identities: &[Identity]) -> Partials {
        let of = |share: &Share| identities.iter().map(|identity| share.partial_key(identity).unwrap().point).collect();
        members.iter().map(|&index| (index, of(&self.shares[usize::from(index) - 1]))).collect()
    }
}

pub struct World {
    pub approvers: Body,
    pub guardians: Body,
    pub public: PublicKey,
    pub timing: Timing,
    pub node_key: Secret<32>,
}

impl World {
    pub fn new() -> World {
        let (approvers, guardians) = (body(10, 2, 3), body(20, 3, 5));
        let public = PublicKey::sum(&approvers.checked, &guardians.checked).unwrap();
        let timing = Timing::new(SlotLen::HOUR, 900, 1_800).unwrap();
        World { approvers, guardians, public, timing, node_key: Secret::new([8; 32]) }
    }

    pub fn identity(&self, number: u8, slot: Slot) -> Identity {
        let selector = Selector::parse(Selector::ACCOUNT, format!("@user{number}:example").as_bytes()).unwrap();
        Identity::new(self.public.key_id(), PROVIDER, Category::DEVICE, slot, selector, Salt([number + 1; 16])).unwrap()
    }

    pub fn keys(&self, identities: &[Identity]) -> Vec<IdentityKey> {
        let a = self.approvers.partials(&[1, 3], identities);
        let g = self.guardians.partials(&[2, 3, 5], identities);
        let (a, g) = ((&self.approvers.checked, &a), (&self.guardians.checked, &g));
        combine(a, g, &self.public, identities, &mut SeededEntropy::new([3; 32])).unwrap()
    }

    pub fn live(&self, at: u64) -> EpochPlan {
        EpochPlan::live(self.timing, PROVIDER, Category::DEVICE, 7, at)
    }

    pub fn open(&self, plan: EpochPlan) -> Running {
        let retention = retention();
        let tree = BucketTree::compute(&retention, plan.lease(), plan.start());
        let materials = EpochMaterials { public: &self.public, retention, tree: &tree, node_key: &self.node_key };
        let epoch = OpenEpoch::open(plan, materials, &mut SeededEntropy::new([4; 32])).unwrap();
        Running { epoch, tree }
    }
}

pub fn retention() -> Arc<RetentionKey> {
    Arc::new(RetentionKey::from_secret(&Secret::new([7; 32])))
}

pub struct Running {
    pub epoch: OpenEpoch,
    pub tree: BucketTree,
}

pub struct Closed {
    pub epoch: ClosedEpoch,
    pub tree: BucketTree,
}

impl Running {
    pub fn close(self) -> Closed {
        Closed { epoch: self.epoch.close(), tree: self.tree }
    }
}

impl Closed {
    pub fn bucket(&self, identity: &Identity) -> BucketProof {
        self.tree.proof(&retention(), identity.bucket()).unwrap()
    }
}

pub fn slot(at: u64) -> Slot {
    Slot::containing(SlotLen::HOUR, at)
}

/// A device record of `event` received at `receipt`, with a label of some length to vary sizes.
pub fn record(event: u64, receipt: u64, label: &str) -> Record {
    let common = Common { t_event: Stamp::Seconds(event), clock: Clock::Server, source: "test".into(), source_row: None };
    let device = Device {
        action: DeviceAction::Registered,
        account: Party::new(PartyKind::Account, "@a:b"),
        device: "D".into(),
        label: (!label.is_empty()).then(|| label.into()),
        model: None,
        system: None,
        application: None,
    };
    Record::new(common, receipt * 1_000, device).unwrap()
}

/// Counts equal things.
pub fn multiset<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    items.into_iter().fold(BTreeMap::new(), |mut counts, item| {
        *counts.entry(item).or_default() += 1;
        counts
    })
}

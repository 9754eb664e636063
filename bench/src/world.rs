//! Keys, identities, records and epochs to measure with; everything from fixed seeds.

use std::sync::Arc;

use seal::catalogue::{Clock, Common, Direction, Interaction, Party, PartyKind, Record, Stamp, Traffic, Wrapping};
use seal::committee::PublicKey;
use seal::entropy::SeededEntropy;
use seal::epoch::{EpochMaterials, EpochPlan, OpenEpoch, Timing};
use seal::identity::{Category, Identity, ProviderId, Salt, Slot, SlotLen};
use seal::points::{G2Point, Scalar};
use seal::retention::{BucketTree, RetentionKey};
use seal::secret::Secret;
use seal::selector::Selector;

/// 1 January 2026, 00:00 UTC.
pub const START: u64 = 1_767_225_600;
pub const PROVIDER: ProviderId = ProviderId([1; 16]);
pub const LEASE: u32 = 7;
pub const EPOCH_LEN: u64 = 900;
/// Seconds after a slot's end in which its last epoch still takes records.
pub const STRAGGLING: u64 = 60;

pub struct World {
    /// Both committees' secret in one hand: nobody has it outside a benchmark.
    pub secret: Scalar,
    pub public: PublicKey,
    pub node_key: Secret<32>,
}

impl Default for World {
    fn default() -> World {
        let secret = Scalar::key_gen(&[9; 32], b"bench");
        let public = PublicKey::of_point(G2Point::public_of(&secret).expect("not zero"));
        World { secret, public, node_key: Secret::new([5; 32]) }
    }
}

impl World {
    pub fn identity(&self, subject: u64, slot: Slot) -> Identity {
        let selector = Selector::from_text(&format!("phone:+316{subject:08}")).expect("canonical");
        Identity::new(self.public.key_id(), PROVIDER, Category::TRAFFIC, slot, selector, Salt([1; 16])).expect("fits")
    }

    pub fn open(&self, retention: &Arc<RetentionKey>, tree: &BucketTree, start: u64) -> OpenEpoch {
        let timing = Timing::new(SlotLen::HOUR, EPOCH_LEN as u32, 1_800).expect("allowed");
        let plan = EpochPlan::live(timing, PROVIDER, Category::TRAFFIC, LEASE, start);
        let materials = EpochMaterials { public: &self.public, retention: retention.clone(), tree, node_key: &self.node_key };
        let mut seed = [1; 32];
        seed[..8].copy_from_slice(&start.to_be_bytes());
        OpenEpoch::open(plan, materials, &mut SeededEntropy::new(seed)).expect("fits")
    }
}

pub fn retention(day: u64) -> Arc<RetentionKey> {
    let mut key = [7; 32];
    key[..8].copy_from_slice(&day.to_be_bytes());
    Arc::new(RetentionKey::from_secret(&Secret::new(key)))
}

pub fn slot(start: u64) -> Slot {
    Slot::containing(SlotLen::HOUR, start)
}

/// A message between two people, as a Matrix server tells it: 179 octets encoded.
pub fn typical_record(time: u64) -> Record {
    record_with("$lV0fQzcFThb3B76dWlhxw7IIavnnLMsAzyvYr_rHXDc".to_owned(), time)
}

/// The same with a longer message id, so that it encodes to exactly 200 octets: the bars are for these.
pub fn record(time: u64) -> Record {
    let missing = 200 - typical_record(time).encode().len();
    let record = record_with(format!("$lV0fQzcFThb3B76dWlhxw7IIavnnLMsAzyvYr_rHXDc{}", "x".repeat(missing)), time);
    assert_eq!(record.encode().len(), 200);
    record
}

fn record_with(message_id: String, time: u64) -> Record {
    let event = time * 1_000 + 250;
    let common = Common { t_event: Stamp::Milliseconds(event), clock: Clock::Server, source: "synapse".into(), source_row: Some(12) };
    let traffic = Traffic {
        interaction: Interaction::Message,
        direction: Direction::Sent,
        sender: Party::new(PartyKind::Account, "@alice:waarborg.test"),
        recipients: Some(vec![Party::new(PartyKind::Account, "@bob:waarborg.test")]),
        recipients_total: Some(1),
        part: None,
        parts: None,
        membership: None,
        conversation: Some("!AHf3mniMRdT4UArt60e1eXvf9RF4vKb5T0W8VL3HY_M".into()),
        message_id: Some(message_id),
        wrapping: Some(Wrapping::Encrypted),
        size: None,
        duration: None,
        protocol: Some("matrix".into()),
        route: None,
        claimed: Some(Stamp::Milliseconds(event - 29)),
        claimed_implausible: None,
    };
    Record::new(common, event + 250, traffic).expect("keeps the rules")
}

/// Numbers that look random and are the same in each run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(self.0 >> 11) * u128::from(bound)) >> 53) as u64
    }
}

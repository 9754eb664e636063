//! What only the inside of an epoch can show: counters near their end.

use std::sync::Arc;

use super::*;
use crate::catalogue::{Clock, Common, Device, DeviceAction, Party, PartyKind, Record, Stamp};
use crate::committee::PublicKey;
use crate::entropy::SeededEntropy;
use crate::identity::{Category, Identity, ProviderId, Salt, Slot, SlotLen};
use crate::locator::{COUNTER_END, RecordError};
use crate::points::{G2Point, Scalar};
use crate::retention::{BucketTree, RetentionKey};
use crate::secret::Secret;
use crate::selector::Selector;

const START: u64 = 1_767_225_600;

#[test]
fn sea_32_an_identity_stops_at_two_to_the_32_records() {
    let public = PublicKey::of_point(G2Point::public_of(&Scalar::key_gen(&[9; 32], b"test")).unwrap());
    let timing = Timing::new(SlotLen::HOUR, 900, 1_800).unwrap();
    let plan = EpochPlan::live(timing, ProviderId([1; 16]), Category::DEVICE, 7, START);
    let retention = Arc::new(RetentionKey::from_secret(&Secret::new([7; 32])));
    let tree = BucketTree::compute(&retention, 7, START);
    let node_key = Secret::new([8; 32]);
    let materials = EpochMaterials { public: &public, retention, tree: &tree, node_key: &node_key };
    let mut epoch = OpenEpoch::open(plan, materials, &mut SeededEntropy::new([1; 32])).unwrap();
    let selector = Selector::from_text("self-test:00000000000000000000000000000001").unwrap();
    let slot = Slot::containing(SlotLen::HOUR, START);
    let identity = Identity::new(public.key_id(), ProviderId([1; 16]), Category::DEVICE, slot, selector, Salt::ZERO).unwrap();
    let common = Common { t_event: Stamp::Seconds(START + 5), clock: Clock::Server, source: "test".into(), source_row: None };
    let device = Device {
        action: DeviceAction::Registered,
        account: Party::new(PartyKind::Account, "@a:b"),
        device: "D".into(),
        label: None,
        model: None,
        system: None,
        application: None,
    };
    let record = Record::new(common, (START + 6) * 1_000, device).unwrap();
    assert_eq!(epoch.seal(&identity, &record).unwrap().counter, 0);
    epoch.set_counter(&identity, COUNTER_END - 2);
    assert_eq!(epoch.seal(&identity, &record).unwrap().counter, COUNTER_END - 2);
    assert_eq!(epoch.seal(&identity, &record).unwrap().counter, COUNTER_END - 1);
    let end = SealError::Record(RecordError::CounterEnd);
    assert_eq!(epoch.seal(&identity, &record), Err(end));
    // SEA-33: nothing brings the counter back to 0.
    assert_eq!(epoch.seal(&identity, &record), Err(end));
    assert_eq!(epoch.len(), 3);
}

//! How long the operations of section 18 take here: `cargo run --release -p seal --example figures`.
//!
//! Fixed seeds, one thread, no statistics beyond a mean. For comparing machines, not for failing builds.

use std::sync::Arc;
use std::time::Instant;

use seal::catalogue::{Clock, Common, Device, DeviceAction, Party, PartyKind, Record, Stamp};
use seal::committee::{IdentityKey, PublicKey};
use seal::encapsulate::{EpochSecret, PublicPairing, decapsulate};
use seal::entropy::SeededEntropy;
use seal::epoch::{EpochMaterials, EpochPlan, OpenEpoch, Timing};
use seal::identity::{Category, Identity, ProviderId, Salt, Slot, SlotLen};
use seal::points::{G2Point, Scalar};
use seal::retention::{BucketTree, RetentionKey};
use seal::secret::Secret;
use seal::segment::Segment;
use seal::selector::Selector;

const START: u64 = 1_767_225_600;

fn time<T>(what: &str, times: u32, mut run: impl FnMut(u32) -> T) {
    let start = Instant::now();
    for number in 0..times {
        std::hint::black_box(run(number));
    }
    println!("{what:48} {:>12.2} µs", start.elapsed().as_secs_f64() * 1e6 / f64::from(times));
}

fn identity(public: &PublicKey, number: u32) -> Identity {
    let selector = Selector::parse(Selector::ACCOUNT, format!("@user{number}:example").as_bytes()).expect("canonical");
    let slot = Slot::containing(SlotLen::HOUR, START);
    Identity::new(public.key_id(), ProviderId([1; 16]), Category::DEVICE, slot, selector, Salt([1; 16])).expect("fits")
}

fn record() -> Record {
    let common = Common { t_event: Stamp::Seconds(START + 5), clock: Clock::Server, source: "test".into(), source_row: None };
    let device = Device {
        action: DeviceAction::Registered,
        account: Party::new(PartyKind::Account, "@a:b"),
        device: "D".into(),
        label: Some("x".repeat(150)),
        model: None,
        system: None,
        application: None,
    };
    Record::new(common, (START + 6) * 1_000, device).expect("keeps the rules")
}

fn main() {
    let secret = Scalar::key_gen(&[9; 32], b"figures");
    let public = PublicKey::of_point(G2Point::public_of(&secret).expect("not zero"));
    let ids: Vec<Identity> = (0..1_000).map(|number| identity(&public, number)).collect();
    let id = |number: u32| &ids[number as usize % ids.len()];
    let (epoch_secret, u) = EpochSecret::new(Scalar::key_gen(&[8; 32], b"figures"), &public).expect("not zero");
    let pairing = PublicPairing::compute(id(0), &public).expect("same key");
    let key = id(0).point().multiply(&secret).expect("not zero").to_bytes();
    let checked = IdentityKey::check(&key, id(0), &public).expect("fits");

    time("hash to G1", 500, |n| id(n).point());
    time("public pairing g_ID (hash, pairing)", 200, |n| PublicPairing::compute(id(n), &public));
    time("Z by pairing with prepared lines (and hash)", 200, |n| epoch_secret.pair(id(n)));
    time("Z by power", 200, |_| epoch_secret.raise(&pairing));
    time("partial key (hash, multiplication)", 500, |n| id(n).point().multiply(&secret));
    time("check of one shown key", 200, |_| IdentityKey::check(&key, id(0), &public).is_ok());
    time("decapsulate", 200, |_| decapsulate(&checked, &u));

    let retention = Arc::new(RetentionKey::from_secret(&Secret::new([7; 32])));
    time("bucket tree of an epoch (wroot)", 5, |n| BucketTree::compute(&retention, n, START).root());
    let tree = BucketTree::compute(&retention, 7, START);
    let crown = tree.crown();
    time("bucket proof from the crown", 200, |n| crown.proof(&retention, 7, START, n as u16));

    let timing = Timing::new(SlotLen::HOUR, 900, 1_800).expect("allowed");
    let plan = EpochPlan::live(timing, ProviderId([1; 16]), Category::DEVICE, 7, START);
    let node_key = Secret::new([5; 32]);
    let materials = EpochMaterials { public: &public, retention: retention.clone(), tree: &tree, node_key: &node_key };
    let mut epoch = OpenEpoch::open(plan, materials, &mut SeededEntropy::new([1; 32])).expect("fits");
    let record = record();
    println!("record {} octets, JSON line {}", record.encode().len(), record.json_line().len());
    println!("locked memory: {}", epoch.is_locked());
    time("seal, new identity", 1_000, |n| epoch.seal(id(n), &record));
    (0..3).for_each(|_| time("seal, warm identity", 300_000, |n| epoch.seal(id(n), &record)));
    let count = epoch.len() as u32;
    let start = Instant::now();
    let closed = epoch.close();
    println!("{:48} {:>12.2} µs", "close, per record", start.elapsed().as_secs_f64() * 1e6 / f64::from(count));
    let segment = Segment::parse(closed.segment).expect("sorted");
    let bucket = tree.proof(&retention, id(0).bucket()).expect("same W");
    time("open an identity with 101 records", 20, |_| seal::open::open_identity(&checked, &closed.header, &bucket, &segment, 60).is_ok());
    let bucket_of = |n: u32| crown.proof(&retention, 7, START, id(n).bucket());
    time("open an epoch without the identity's records", 200, |n| {
        let bucket = bucket_of(n % 2).filter(|_| n % 2 == 0);
        bucket.map(|bucket| seal::open::RecordKeys::recover(&checked, &closed.header, &bucket, 60).is_ok())
    });
}

//! Seal, close, combine, open, and check again as a stranger.

use std::collections::BTreeMap;

use proptest::prelude::*;
use seal::catalogue::Record;
use seal::epoch::Misplaced;
use seal::identity::{Category, Identity};
use seal::open::{OpenError, OpenedIdentity, RecordKeys, open_identity, verify_opened};
use seal::retention::{BucketProof, BucketTree, RetentionKey};
use seal::secret::Secret;
use seal::segment::{ProvenEntry, Segment};

use crate::world::{Closed, PROVIDER, START, STRAGGLING, World, multiset, record, slot};

/// Opens one identity at the provider, then checks the result from public inputs alone.
fn opened(world: &World, closed: &Closed, identity: &Identity) -> Vec<Record> {
    let key = &world.keys(std::slice::from_ref(identity))[0];
    let (header, bucket) = (&closed.epoch.header, closed.bucket(identity));
    let segment = Segment::parse(closed.epoch.segment.clone()).unwrap();
    let OpenedIdentity { records, absence } = open_identity(key, header, &bucket, &segment, STRAGGLING).unwrap();
    let proven: Vec<ProvenEntry> = records.iter().map(|opened| opened.proven.clone()).collect();
    let shown = (&proven[..], &absence);
    let again = verify_opened(key, header, &closed.epoch.leaf, &bucket, shown, STRAGGLING).unwrap();
    assert_eq!(again, records.into_iter().map(|opened| opened.record).collect::<Vec<_>>());
    again
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    // TSE-41
    #[test]
    fn sea_43_sealed_records_open_as_the_same_multiset(
        inputs in prop::collection::vec((0u8..4, 0u64..900, "[a-z]{0,120}"), 0..24),
    ) {
        let world = World::new();
        let mut running = world.open(world.live(START));
        let mut sealed: BTreeMap<u8, Vec<Vec<u8>>> = BTreeMap::new();
        for (subject, offset, label) in &inputs {
            let record = record(START + offset, START + offset, label);
            running.epoch.seal(&world.identity(*subject, slot(START)), &record).unwrap();
            sealed.entry(*subject).or_default().push(record.encode());
        }
        let closed = running.close();
        prop_assert_eq!(closed.epoch.leaf.n_records, inputs.len() as u64);
        for subject in 0..5 {
            let found = opened(&world, &closed, &world.identity(subject, slot(START)));
            let expected = sealed.remove(&subject).unwrap_or_default();
            prop_assert_eq!(multiset(found.iter().map(Record::encode)), multiset(expected));
        }
    }
}

/// One subject with three records, one with two.
fn small(world: &World) -> Closed {
    let mut running = world.open(world.live(START));
    for (subject, count) in [(0, 3), (1, 2)] {
        for offset in 0..count {
            let record = record(START + offset, START + offset, "");
            running.epoch.seal(&world.identity(subject, slot(START)), &record).unwrap();
        }
    }
    running.close()
}

#[test]
fn both_encapsulation_ways_fill_the_same_segment() {
    let world = World::new();
    let identity = world.identity(0, slot(START));
    let record = record(START, START, "");
    let mut by_pairing = world.open(world.live(START));
    by_pairing.epoch.seal(&identity, &record).unwrap();
    let mut by_power = world.open(world.live(START));
    let cached = seal::encapsulate::PublicPairing::compute(&identity, &world.public).unwrap();
    by_power.epoch.seal_cached(&identity, &cached, &record).unwrap();
    assert_eq!(by_pairing.close().epoch, by_power.close().epoch);
}

#[test]
fn sea_63_other_keys_epochs_and_values_are_refused() {
    let world = World::new();
    let closed = small(&world);
    let (header, identity) = (&closed.epoch.header, world.identity(0, slot(START)));
    let keys = world.keys(&[identity.clone(), world.identity(0, slot(START).next())]);
    let bucket = closed.bucket(&identity);
    let recover = |key, header, bucket| RecordKeys::recover(key, header, bucket, STRAGGLING).err();
    assert_eq!(recover(&keys[0], header, &bucket), None);
    let next = closed.bucket(keys[1].identity());
    assert_eq!(recover(&keys[1], header, &next), Some(OpenError::Misplaced(Misplaced::Slot)));
    let foreign = seal::epoch::EpochHeader { provider: seal::identity::ProviderId([1; 16]), ..header.clone() };
    assert_eq!(recover(&keys[0], &foreign, &bucket), Some(OpenError::OtherEpoch));
    let wrong = BucketProof::new([9; 32], *bucket.path());
    assert!(matches!(recover(&keys[0], header, &wrong), Some(OpenError::Bucket(_))));
}

#[test]
fn tse_32_a_provider_with_another_retention_key_cannot_show_an_empty_answer() {
    let world = World::new();
    let closed = small(&world);
    let identity = world.identity(0, slot(START));
    let key = &world.keys(std::slice::from_ref(&identity))[0];
    let other = RetentionKey::from_secret(&Secret::new([99; 32]));
    let forged = BucketTree::compute(&other, 7, START).proof(&other, identity.bucket()).unwrap();
    let segment = Segment::parse(closed.epoch.segment.clone()).unwrap();
    let answer = open_identity(key, &closed.epoch.header, &forged, &segment, STRAGGLING);
    assert!(matches!(answer.unwrap_err(), OpenError::Bucket(_)));
}

#[test]
fn sea_65_a_stranger_refuses_what_was_left_out_or_changed() {
    let world = World::new();
    let closed = small(&world);
    let (header, leaf) = (&closed.epoch.header, &closed.epoch.leaf);
    let identity = world.identity(0, slot(START));
    let key = &world.keys(std::slice::from_ref(&identity))[0];
    let bucket = closed.bucket(&identity);
    let segment = Segment::parse(closed.epoch.segment.clone()).unwrap();
    let OpenedIdentity { records, absence } = open_identity(key, header, &bucket, &segment, STRAGGLING).unwrap();
    let proven: Vec<ProvenEntry> = records.into_iter().map(|opened| opened.proven).collect();
    let verify = |shown: &[ProvenEntry], absence| {
        verify_opened(key, header, leaf, &bucket, (shown, absence), STRAGGLING).map(|records| records.len())
    };
    assert_eq!(verify(&proven, &absence), Ok(3));
    // The last one left out: its locator is not absent.
    assert!(matches!(verify(&proven[..2], &absence), Err(OpenError::Absence(_))));
    // The first left out, or two exchanged: the locators do not follow.
    assert_eq!(verify(&proven[1..], &absence), Err(OpenError::Locator { counter: 0 }));
    let mut swapped = proven.clone();
    swapped.swap(0, 1);
    assert_eq!(verify(&swapped, &absence), Err(OpenError::Locator { counter: 0 }));
    let mut changed = proven.clone();
    *changed[1].entry.last_mut().unwrap() ^= 1;
    assert!(matches!(verify(&changed, &absence), Err(OpenError::Presence { counter: 1, .. })));
    let other_leaf = seal::segment::SegmentLeaf { epoch_hash: [1; 32], ..*leaf };
    let answer = verify_opened(key, header, &other_leaf, &bucket, (&proven[..], &absence), STRAGGLING);
    assert_eq!(answer.unwrap_err(), OpenError::OtherSegment);
}

/// Puts hand-made plaintexts into a segment at the right locators, as a dishonest sealer would.
fn forged(world: &World, identity: &Identity, plaintexts: &[Vec<u8>]) -> (Closed, Segment) {
    let closed = world.open(world.live(START)).close();
    let header = &closed.epoch.header;
    let key = &world.keys(std::slice::from_ref(identity))[0];
    let z = seal::encapsulate::decapsulate(key, &header.u);
    let keys = seal::locator::derive_keys(z, closed.bucket(identity).value(), &header.hash(), identity);
    let mut entries: BTreeMap<[u8; 32], Vec<u8>> = BTreeMap::new();
    keys.expose(|keys| {
        for (counter, plaintext) in (0u64..).zip(plaintexts) {
            let locator = seal::locator::locator(keys, counter);
            let ciphertext = seal::locator::seal(header.suite, keys, counter, plaintext).unwrap();
            let len = (ciphertext.len() as u16).to_be_bytes();
            entries.insert(locator, [&locator[..], &len, &ciphertext].concat());
        }
    });
    let segment = Segment::parse(entries.into_values().flatten().collect()).unwrap();
    (closed, segment)
}

#[test]
fn sea_40_the_opener_checks_type_category_and_times() {
    let world = World::new();
    let identity = world.identity(0, slot(START));
    let key = &world.keys(std::slice::from_ref(&identity))[0];
    let open = |plaintext: Vec<u8>| {
        let (closed, segment) = forged(&world, &identity, &[record(START, START, "").encode(), plaintext]);
        open_identity(key, &closed.epoch.header, &closed.bucket(&identity), &segment, STRAGGLING).map(|opened| opened.records.len())
    };
    assert_eq!(open(record(START + 1, START + 2, "").encode()), Ok(2));
    assert_eq!(open(b"anything".to_vec()), Err(OpenError::NotARecord { counter: 1 }));
    let times = |error| Err(OpenError::Times { counter: 1, error });
    assert_eq!(open(record(START - 1, START + 2, "").encode()), times(Misplaced::Event));
    assert_eq!(open(record(START + 1, START + 900, "").encode()), times(Misplaced::Received));
    let as_ip =
        Identity::new(world.public.key_id(), PROVIDER, Category::IP, slot(START), identity.selector().clone(), identity.salt()).unwrap();
    let key = &world.keys(std::slice::from_ref(&as_ip))[0];
    let (closed, segment) = forged(&world, &as_ip, &[record(START, START, "").encode()]);
    let answer = open_identity(key, &closed.epoch.header, &closed.bucket(&as_ip), &segment, STRAGGLING);
    assert_eq!(answer.unwrap_err(), OpenError::Category { counter: 0 });
}

#[test]
fn tse_39_a_held_bucket_value_opens_its_identity_after_w_is_gone_and_no_other() {
    let world = World::new();
    let closed = small(&world);
    let held_identity = world.identity(0, slot(START));
    let other = world.identity(1, slot(START));
    assert_ne!(held_identity.bucket(), other.bucket());
    // SEA-68: the hold keeps the value with its path, nothing else.
    let held = BucketProof::parse(&closed.bucket(&held_identity).to_bytes());
    let shredded = seal::shred::shred(RetentionKey::from_secret(&Secret::new([7; 32])));
    assert_eq!(shredded.retention_id(), closed.epoch.header.retention_id);
    let segment = Segment::parse(closed.epoch.segment.clone()).unwrap();
    let keys = world.keys(&[held_identity, other]);
    let header = &closed.epoch.header;
    assert_eq!(open_identity(&keys[0], header, &held, &segment, STRAGGLING).unwrap().records.len(), 3);
    assert!(matches!(open_identity(&keys[1], header, &held, &segment, STRAGGLING), Err(OpenError::Bucket(_))));
}

#[test]
fn sea_80_a_late_epoch_opens_for_covered_slots() {
    let world = World::new();
    let now = START + 7_200;
    let cover = (slot(START), slot(START + 3_600));
    let plan = seal::epoch::EpochPlan::late(world.timing, PROVIDER, Category::DEVICE, 8, now, cover).unwrap();
    let mut running = world.open(plan);
    let first = world.identity(0, slot(START));
    running.epoch.seal(&first, &record(START + 5, now + 1, "")).unwrap();
    running.epoch.seal(&world.identity(0, slot(START + 3_600)), &record(START + 3_605, now + 1, "")).unwrap();
    let closed = running.close();
    assert_eq!(opened(&world, &closed, &first).len(), 1);
    assert_eq!(opened(&world, &closed, &world.identity(2, slot(START))).len(), 0);
    let outside = world.identity(0, slot(now));
    let key = &world.keys(std::slice::from_ref(&outside))[0];
    let answer = RecordKeys::recover(key, &closed.epoch.header, &closed.bucket(&outside), STRAGGLING);
    assert_eq!(answer.err(), Some(OpenError::Misplaced(Misplaced::Slot)));
}

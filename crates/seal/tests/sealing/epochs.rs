//! Which records an epoch takes, and which headers are refused.

use proptest::prelude::*;
use seal::encapsulate::PublicPairing;
use seal::entropy::SeededEntropy;
use seal::epoch::{Cover, EpochHeader, EpochMaterials, EpochPlan, HeaderError, Misplaced, OpenEpoch, PlanError, SealError, Timing};
use seal::identity::{Category, Identity, KeyId, ProviderId, SlotLen};
use seal::retention::BucketTree;

use crate::world::{PROVIDER, START, World, record, retention, slot};

fn header(world: &World) -> EpochHeader {
    world.open(world.live(START)).epoch.header().clone()
}

#[test]
fn sea_02_headers_round_trip_and_are_240_octets() {
    let header = header(&World::new());
    let octets = header.to_bytes();
    assert_eq!(EpochHeader::parse(&octets), Ok(header.clone()));
    assert_eq!(EpochHeader::parse(&octets[..239]), Err(HeaderError::Length));
    assert_eq!(EpochHeader::parse(&[&octets[..], &[0]].concat()), Err(HeaderError::Length));
    let mut label = octets;
    label[7] = b'X';
    assert_eq!(EpochHeader::parse(&label), Err(HeaderError::Label));
    let mut suite = octets;
    suite[9] = 3;
    assert_eq!(EpochHeader::parse(&suite), Err(HeaderError::UnknownSuite));
}

#[test]
fn tse_27_a_header_with_a_bad_point_is_refused() {
    let octets = header(&World::new()).to_bytes();
    let with_u = |u: &[u8]| {
        let mut octets = octets;
        octets[112..208].copy_from_slice(u);
        EpochHeader::parse(&octets)
    };
    let mut infinity = [0; 96];
    infinity[0] = 0xc0;
    assert!(matches!(with_u(&infinity), Err(HeaderError::Point(seal::points::PointError::Infinity))));
    assert!(matches!(with_u(&[0xff; 96]), Err(HeaderError::Point(seal::points::PointError::NotCanonical))));
    assert!(matches!(with_u(&[0; 96]), Err(HeaderError::Point(seal::points::PointError::NotCanonical))));
}

#[test]
fn tse_37_flags_and_cover_must_agree() {
    let live = header(&World::new());
    let late = EpochHeader { cover: Some(Cover { from: START - 7_200, to: START }), ..live.clone() };
    assert_eq!(EpochHeader::parse(&late.to_bytes()), Ok(late.clone()));
    let changed = |octets: [u8; 240], at: usize, value: u8| {
        let mut octets = octets;
        octets[at] = value;
        EpochHeader::parse(&octets)
    };
    assert_eq!(changed(live.to_bytes(), 79, 2), Err(HeaderError::UnknownFlags));
    assert_eq!(changed(live.to_bytes(), 78, 0x80), Err(HeaderError::UnknownFlags));
    assert_eq!(changed(live.to_bytes(), 79, 1), Err(HeaderError::CoverAndFlag), "late without cover");
    assert_eq!(changed(late.to_bytes(), 79, 0), Err(HeaderError::CoverAndFlag), "cover without late");
    let covered = |from, to| EpochHeader { cover: Some(Cover { from, to }), ..live.clone() }.check();
    assert_eq!(covered(START, START), Err(HeaderError::Cover), "empty");
    assert_eq!(covered(START, START - 1), Err(HeaderError::Cover), "backwards");
    assert_eq!(covered(START - 3_600, START + 3_600), Err(HeaderError::Cover), "over two days");
    assert_eq!(covered(START - 86_400, START), Ok(()), "a whole day");
    let off = EpochHeader { cover: Some(Cover { from: START - 3_599, to: START }), ..live };
    assert_eq!(off.check_alignment(SlotLen::HOUR), Err(Misplaced::Alignment), "not on slot boundaries");
}

#[test]
fn sea_19_intervals_are_aligned_and_bounded() {
    let live = header(&World::new());
    let of = |start, end| EpochHeader { start, end, ..live.clone() }.check();
    assert_eq!(of(START, START + 3_600), Ok(()));
    for (start, end) in [(START, START), (START, START - 1), (START, START + 7_200), (START + 1, START + 901)] {
        assert_eq!(of(start, end), Err(HeaderError::Interval));
    }
    let late = |end| EpochHeader { start: START, end, cover: Some(Cover { from: 0, to: 3_600 }), ..live.clone() }.check();
    assert_eq!(late(START + 86_400), Ok(()));
    assert_eq!(late(START + 86_401), Err(HeaderError::Interval));
    // Aligned to its length, but longer than the slot.
    let crossing = EpochHeader { start: START, end: START + 3_600, ..live };
    assert_eq!(crossing.check_alignment(SlotLen::new(1_800).unwrap()), Err(Misplaced::Alignment));
}

#[test]
fn sea_78_timing_limits() {
    let len = |seconds| SlotLen::new(seconds).unwrap();
    assert!(Timing::new(len(10), 5, 2).is_ok());
    assert_eq!(Timing::new(len(3_600), 7, 2), Err(PlanError::EpochLength));
    assert_eq!(Timing::new(len(10), 2, 2), Err(PlanError::EpochLength));
    assert_eq!(Timing::new(len(7_200), 7_200, 60), Err(PlanError::EpochLength));
    assert_eq!(Timing::new(len(3_600), 900, 1), Err(PlanError::Grace));
    assert_eq!(Timing::new(len(10), 5, 2).unwrap().straggling(), 2);
    assert_eq!(Timing::new(len(3_600), 900, 1_800).unwrap().straggling(), 60);
}

#[test]
fn sea_80_late_plans_cover_past_slots_of_one_day() {
    let world = World::new();
    let late = |at, first, last| EpochPlan::late(world.timing, PROVIDER, Category::DEVICE, 8, at, (first, last));
    let now = START + 7_200;
    let plan = late(now, slot(START), slot(START + 3_600)).unwrap();
    assert_eq!(plan.cover(), Some(Cover { from: START, to: START + 7_200 }));
    assert_eq!(plan.day(), START / 86_400);
    assert_eq!(late(now, slot(START - 1), slot(START)), Err(PlanError::Cover));
    assert_eq!(late(now, slot(START + 3_600), slot(START)), Err(PlanError::Cover));
    assert_eq!(late(now, slot(now), slot(now)), Err(PlanError::SlotNotOver));
    let import = |seconds| EpochPlan::import(world.timing, PROVIDER, Category::DEVICE, 8, (now, seconds), (slot(START), slot(START)));
    assert!(import(86_400).is_ok());
    assert_eq!(import(86_401), Err(PlanError::TooLong));
    assert_eq!(import(0), Err(PlanError::TooLong));
}

#[test]
fn sea_34_records_sealed_together_are_what_they_are_one_by_one() {
    let world = World::new();
    let open = || world.open(world.live(START));
    let (mut one_by_one, mut together) = (open(), open());
    // Warm and new, the same person twice in one run, and what is refused in between: 50 of them, more than one run.
    let known = world.identity(0, slot(START));
    let good = record(START + 10, START + 11, "a telephone");
    let outside = record(START - 1, START + 5, "a telephone");
    for running in [&mut one_by_one, &mut together] {
        running.epoch.seal(&known, &good).unwrap();
    }
    let persons: Vec<Identity> = (0..5).map(|number| world.identity(number, slot(START))).collect();
    let batch: Vec<_> = (0..50).map(|n| (&persons[n * n % 5], if n % 7 == 3 { &outside } else { &good })).collect();
    let expected: Vec<_> = batch.iter().map(|(identity, record)| one_by_one.epoch.seal(identity, record)).collect();
    assert_eq!(together.epoch.seal_all(&batch), expected);
    assert_eq!(expected.iter().filter(|answer| answer.is_err()).count(), 7);
    assert_eq!(together.epoch.close(), one_by_one.epoch.close());
}

#[test]
fn an_epoch_takes_only_what_belongs_to_it() {
    let world = World::new();
    let mut epoch = world.open(world.live(START)).epoch;
    let this = world.identity(0, slot(START));
    let good = record(START + 10, START + 11, "");
    let changed =
        |key_id, provider, category| Identity::new(key_id, provider, category, this.slot(), this.selector().clone(), this.salt()).unwrap();
    let (key, provider, category) = (this.key_id(), this.provider(), this.category());
    let other_key = changed(KeyId([1; 32]), provider, category);
    assert_eq!(epoch.seal(&other_key, &good), Err(SealError::OtherEpoch));
    assert_eq!(epoch.seal(&changed(key, ProviderId([1; 16]), category), &good), Err(SealError::OtherEpoch));
    assert_eq!(epoch.seal(&changed(key, provider, Category::IP), &good), Err(SealError::Category));
    let misplaced = |reason| Err(SealError::Misplaced(reason));
    assert_eq!(epoch.seal(&world.identity(0, slot(START + 3_600)), &good), misplaced(Misplaced::Slot));
    assert_eq!(epoch.seal(&this, &record(START - 1, START + 5, "")), misplaced(Misplaced::Event));
    assert_eq!(epoch.seal(&this, &record(START + 5, START + 900, "")), misplaced(Misplaced::Received));
    assert!(epoch.is_empty());
    assert_eq!(epoch.seal(&this, &good).unwrap().counter, 0);
    // SEA-08: an event after its receipt is sealed under the slot of the receipt.
    assert_eq!(epoch.seal(&this, &record(START + 4_000, START + 12, "")).unwrap().counter, 1);
}

#[test]
fn sea_19_stragglers_are_taken_by_the_last_epoch_of_a_slot_for_60_s() {
    let world = World::new();
    let this = world.identity(0, slot(START));
    let mut last = world.open(world.live(START + 2_700)).epoch;
    assert!(last.seal(&this, &record(START + 3_599, START + 3_659, "")).is_ok());
    let late = SealError::Misplaced(Misplaced::Received);
    assert_eq!(last.seal(&this, &record(START + 3_599, START + 3_660, "")), Err(late));
    let mut inner = world.open(world.live(START)).epoch;
    assert_eq!(inner.seal(&this, &record(START + 899, START + 900, "")), Err(late));
}

#[test]
fn sea_80_a_late_epoch_takes_covered_slots_only() {
    let world = World::new();
    let now = START + 7_200;
    let plan = EpochPlan::late(world.timing, PROVIDER, Category::DEVICE, 8, now, (slot(START), slot(START))).unwrap();
    let mut epoch = world.open(plan).epoch;
    assert!(epoch.header().is_late());
    assert!(epoch.seal(&world.identity(0, slot(START)), &record(START + 5, now + 1, "")).is_ok());
    let misplaced = |reason| Err(SealError::Misplaced(reason));
    let next = world.identity(0, slot(START + 3_600));
    assert_eq!(epoch.seal(&next, &record(START + 3_605, now + 1, "")), misplaced(Misplaced::Slot));
    let live = world.identity(0, slot(now));
    assert_eq!(epoch.seal(&live, &record(now, now + 1, "")), misplaced(Misplaced::Slot));
}

#[test]
fn materials_of_another_epoch_are_refused() {
    let world = World::new();
    let plan = world.live(START);
    for (lease, start) in [(8, START), (7, START + 900)] {
        let tree = BucketTree::compute(&retention(), lease, start);
        let materials = EpochMaterials { public: &world.public, retention: retention(), tree: &tree, node_key: &world.node_key };
        assert_eq!(OpenEpoch::open(plan, materials, &mut SeededEntropy::new([1; 32])).unwrap_err(), SealError::Retention);
    }
}

#[test]
fn sea_28_a_pairing_of_another_identity_is_refused() {
    let world = World::new();
    let mut epoch = world.open(world.live(START)).epoch;
    let (one, two) = (world.identity(0, slot(START)), world.identity(1, slot(START)));
    let pairing = PublicPairing::compute(&two, &world.public).unwrap();
    let good = record(START, START + 1, "");
    assert_eq!(epoch.seal_cached(&one, &pairing, &good), Err(SealError::OtherPairing));
    assert!(!epoch.knows(&one));
    assert!(epoch.seal_cached(&two, &pairing, &good).is_ok());
    assert!(epoch.knows(&two));
}

proptest! {
    // TSE-46
    #[test]
    fn sea_08_every_time_has_exactly_one_slot_and_one_epoch_inside_it(
        at in 0u64..1 << 40,
        (slot_len, epoch_len) in prop_oneof![
            Just((10u32, 5u32)), Just((3_600, 900)), Just((3_600, 3_600)), Just((21_600, 3_600)), Just((600, 300)),
        ],
    ) {
        let timing = Timing::new(SlotLen::new(slot_len).unwrap(), epoch_len, 60).unwrap();
        let slot = seal::identity::Slot::containing(timing.slot_len(), at);
        prop_assert!(slot.contains(at));
        prop_assert!(!slot.next().contains(at));
        prop_assert!(slot.start() / 86_400 == (slot.end() - 1) / 86_400);
        let (start, end) = timing.interval(at);
        prop_assert!(slot.start() <= start && start <= at && at < end && end <= slot.end());
        prop_assert_eq!(start % u64::from(epoch_len), 0);
    }

    // TSE-46, SEA-40: whatever the times, a record is admitted by exactly the epochs that the rules say.
    #[test]
    fn sea_40_times_are_admitted_as_the_rules_say(event in START - 100..START + 4_000, receipt in START - 100..START + 4_000) {
        let live = EpochHeader {
            start: START + 2_700, end: START + 3_600, ..HEADER.with(Clone::clone)
        };
        let time = event.min(receipt);
        let admitted = live.check_times(slot(START), time, receipt, 60).is_ok();
        let expected = (START..START + 3_600).contains(&time) && (START + 2_700..START + 3_660).contains(&receipt);
        prop_assert_eq!(admitted, expected);
    }
}

thread_local! {
    static HEADER: EpochHeader = header(&World::new());
}

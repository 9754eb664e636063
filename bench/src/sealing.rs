//! Sealing on one core.

use seal::encapsulate::PublicPairing;
use seal::epoch::OpenEpoch;
use seal::identity::Identity;
use seal::retention::BucketTree;
use seal::segment::EntryBlocks;

use crate::Size;
use crate::figure::{Bar, Figure};
use crate::machine::{Core, peak_mib, resident_mib};
use crate::peers;
use crate::world::{Dice, LEASE, START, World, record, retention, slot, typical_record};

/// Records handed over at once. The node's sealer hands over less: the copies of one record.
const BATCH: usize = 64;

/// Records of 200 octets: warm keys, new keys, and the peers on the same records.
pub fn warm_and_new_keys(size: Size) -> Vec<Figure> {
    let world = World::default();
    let mut figures = warm(&world, size);
    let floor = peers::plain_gcm_siv(size);
    let warm_rate = figures[0].value;
    figures.push(Figure::new(
        "sealing/floor",
        "plain AES-256-GCM-SIV of the same 200 octets, key schedule for each record",
        floor,
        "records/s",
        Bar::Beside,
    ));
    figures.push(Figure::new("sealing/of-floor", "sealing with warm keys, of that", warm_rate / floor, "times", Bar::AtLeast(0.5)));
    let cached = new_keys(&world, size.pick(20, 4_000), 100, true);
    figures.push(Figure::new(
        "sealing/new-100",
        "sealing, a new key for each 100 records, cached public pairing",
        cached,
        "records/s",
        Bar::AtLeast(230_000.0),
    ));
    let by_thousand = new_keys(&world, size.pick(5, 600), 1_000, false);
    let tlock = peers::tlock(&world, size);
    figures.push(Figure::new(
        "sealing/new-1000",
        "sealing, a new key for each 1,000 records, no cache",
        by_thousand,
        "records/s",
        Bar::Beside,
    ));
    figures.push(Figure::new("sealing/tlock", "the tlock crate, record by record", tlock, "records/s", Bar::Beside));
    figures.push(Figure::new(
        "sealing/of-tlock",
        "sealing 1,000 records a key, of tlock's rate",
        by_thousand / tlock,
        "times",
        Bar::AtLeast(2_000.0),
    ));
    figures
}

fn open(world: &World) -> OpenEpoch {
    let retention = retention(0);
    world.open(&retention, &BucketTree::compute(&retention, LEASE, START), START)
}

/// Seconds of an epoch: sealing its records, and closing it; and its records, those that gave the keys included.
struct Epoch {
    sealed: f64,
    closed: f64,
    all: f64,
}

fn epoch(world: &World, identities: &[Identity], order: &[u32], blocks: &EntryBlocks) -> Epoch {
    let records: Vec<_> = (0..64).map(|n| record(START + n)).collect();
    let mut epoch = open(world).using(blocks);
    for identity in identities {
        epoch.seal(identity, &records[0]).expect("sealed");
    }
    let core = Core::start();
    for subjects in order.chunks(BATCH) {
        let batch = subjects.iter().zip(records.iter().cycle());
        let batch: Vec<_> = batch.map(|(subject, record)| (&identities[*subject as usize], record)).collect();
        assert!(epoch.seal_all(&batch).iter().all(Result::is_ok));
    }
    let sealed = core.seconds();
    let all = epoch.len() as f64;
    let core = Core::start();
    let closing = epoch.close();
    let closed = core.seconds();
    assert_eq!(closing.leaf.n_records as f64, all);
    Epoch { sealed, closed, all }
}

fn warm(world: &World, size: Size) -> Vec<Figure> {
    let (live, count) = (size.pick(100, 10_000), size.pick(10_000, 2_000_000));
    let identities: Vec<Identity> = (0..live).map(|subject| world.identity(subject, slot(START))).collect();
    let mut dice = Dice(1);
    let order: Vec<u32> = (0..count).map(|_| dice.below(live) as u32).collect();
    // A sealer goes from one epoch to the next; only the first of a process lies in memory that the system has to clear first.
    let blocks = EntryBlocks::default();
    let first = epoch(world, &identities, &order, &blocks);
    let next = epoch(world, &identities, &order, &blocks);
    let rate = |epoch: &Epoch| order.len() as f64 / epoch.sealed;
    let both = |epoch: &Epoch| 1.0 / (1.0 / rate(epoch) + epoch.closed / epoch.all);
    let close = |epoch: &Epoch| epoch.all / epoch.closed;
    let row = |name, what: String, value, bar| Figure::new(name, what, value, "records/s", bar);
    let sealing = format!("sealing, warm keys, {live} identities live");
    vec![
        row("sealing/warm", sealing.clone(), rate(&next), Bar::AtLeast(1_000_000.0)),
        row("sealing/close", "closing: wiping keys, sorting, hashing".into(), close(&next), Bar::Beside),
        row("sealing/both", "sealing and closing on the same core".into(), both(&next), Bar::AtLeast(600_000.0)),
        row("sealing/warm-first", format!("{sealing}, first epoch of a process"), rate(&first), Bar::Beside),
        row("sealing/both-first", "sealing and closing, first epoch of a process".into(), both(&first), Bar::Beside),
    ]
}

/// Records in a second when every identity is new and gets so many.
fn new_keys(world: &World, identities: u64, each: u64, is_cached: bool) -> f64 {
    let identities: Vec<Identity> = (0..identities).map(|subject| world.identity(subject, slot(START))).collect();
    let pairing = |identity| PublicPairing::compute(identity, &world.public).expect("same key");
    let cached: Vec<PublicPairing> = if is_cached { identities.iter().map(pairing).collect() } else { Vec::new() };
    let record = record(START);
    let mut epoch = open(world);
    let core = Core::start();
    for (number, identity) in identities.iter().enumerate() {
        for _ in 0..each {
            match cached.get(number) {
                Some(pairing) => epoch.seal_cached(identity, pairing, &record),
                None => epoch.seal(identity, &record),
            }
            .expect("sealed");
        }
    }
    (identities.len() as u64 * each) as f64 / core.seconds()
}

/// A sealed entry against the JSON line of its record.
pub fn stored_octets(_size: Size) -> Vec<Figure> {
    let world = World::default();
    let record = typical_record(START);
    let mut epoch = open(&world);
    epoch.seal(&world.identity(1, slot(START)), &record).expect("sealed");
    let stored = epoch.close().segment.len() as f64;
    let line = record.json_line().len() as f64 + 1.0;
    let what = format!("stored octets of a sealed entry ({stored}) against its JSON line ({line}), typical traffic record");
    vec![Figure::new("stored/entry", what, stored / line, "times", Bar::AtMost(1.2))]
}

/// A million identities live, records for them in random order.
pub fn a_million_identities(size: Size) -> Vec<Figure> {
    let world = World::default();
    let (live, count) = (size.pick(200u64, 1_000_000), size.pick(2_000, 1_000_000));
    let before = resident_mib();
    let record = record(START);
    let mut epoch = open(&world);
    // Selectors and salts are the provider's accounts. A million identities do not fit beside the epoch, so they are built in runs of a
    // thousand, outside of the time that the bar is about; a sealer that builds one for each record has the second figure.
    for subject in 0..live {
        epoch.seal(&world.identity(subject, slot(START)), &record).expect("sealed");
    }
    let mut dice = Dice(2);
    let core = Core::start();
    let mut building = 0.0;
    for _ in 0..count / 1_000 {
        let build = Core::start();
        let identities: Vec<Identity> = (0..1_000).map(|_| world.identity(dice.below(live), slot(START))).collect();
        building += build.seconds();
        let batch: Vec<_> = identities.iter().map(|identity| (identity, &record)).collect();
        assert!(epoch.seal_all(&batch).iter().all(Result::is_ok));
    }
    let seconds = core.seconds();
    let rate = count as f64 / (seconds - building);
    let peak = peak_mib() - before;
    vec![
        Figure::new(
            "million/rate",
            format!("sealing, {live} identities live, in random order"),
            rate,
            "records/s",
            Bar::AtLeast(800_000.0),
        ),
        Figure::new(
            "million/with-identities",
            "the same, and the identity of each record built from selector and salt",
            count as f64 / seconds,
            "records/s",
            Bar::Beside,
        ),
        Figure::new("million/memory", format!("memory of that epoch with its {} entries", epoch.len()), peak, "MiB", Bar::AtMost(1_024.0)),
    ]
}

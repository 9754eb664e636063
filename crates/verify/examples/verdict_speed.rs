//! How long a verdict takes: one person's days, four epochs an hour, from `N` days of real sealed epochs.
//!
//! `cargo run --release -p verify --example verdict_speed -- 1` (or 30, and how often to judge). Sealing takes longer than
//! judging: each epoch has a retention tree of its own.

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use seal::epoch::{EpochMaterials, EpochPlan, OpenEpoch, Timing};
use seal::identity::{Category, Identity, Slot, SlotLen};
use seal::retention::{BucketTree, RetentionKey};
use seal::salt_map::SaltMap;
use seal::secret::Secret;
use seal::segment::SegmentLeaf;
use support::case::{DAY_SECRET, Said, slot};
use support::production::{Extra, signature};
use support::world::{ORDERS, PROVIDER, PUBLIC};
use support::*;
use verify::calendar::Day;
use verify::intent::{IntentTerms, SaltRow};
use verify::log::checkpoint::Checkpoint;
use verify::log::note::{SignedNote, Signer};
use verify::names::Span;
use verify::statement::Statement;
use verify::verdict::{Supplies, judge};

/// The sealer of the epochs that this example adds, and the quarters of an hour in which they begin.
const LEASE: u32 = 9;
const QUARTERS: [u64; 3] = [0, 2, 3];

type Sealed = Arc<Mutex<Vec<Extra>>>;

fn main() {
    let argument = |n: usize, default: u64| std::env::args().nth(n).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (days, rounds) = (argument(1, 1), argument(2, 3));
    let sealed = Sealed::default();
    let from = Instant::now();
    let mut good = plan(days * 24, sealed.clone()).build();
    let extras = std::mem::take(&mut *sealed.lock().unwrap());
    let production = good.production(Shape { extras, ..Shape::default() });
    let octets: usize = production.evidence.values().map(|file| file.to_bytes().len()).sum();
    let counts = (production.evidence.len(), production.segments.len(), production.rows.len());
    println!("{} slots, {} epochs, {} rows, {:.1} MB of evidence", counts.0, counts.1, counts.2, octets as f64 / 1e6);
    println!("sealed and packed in {:.1} s; load before judging {}", from.elapsed().as_secs_f64(), load());
    for threads in [1, 2] {
        for _ in 0..rounds {
            let (from, own, all) = (Instant::now(), on_cpu(), all_on_cpu());
            let report = judge(&production, &signature(), &good.policy, &Supplies { threads, ..Supplies::none() });
            let (took, own, all) = (from.elapsed().as_millis(), on_cpu().saturating_sub(own), all_on_cpu().saturating_sub(all));
            assert!(report.failures.is_empty() && report.slots.len() == counts.0, "{:?}", report.failures.first());
            println!("{threads} threads: {took} ms; on processors {all} ms, of it {own} ms on the first thread");
        }
    }
}

/// One, five and fifteen minutes. Figures taken while others work say little.
fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// Milliseconds that this thread was on a processor: on a shared machine the wall clock says little. 0 where Linux is not.
fn on_cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0) / 1_000_000
}

/// The same of all threads, ended ones too, in steps of 10 ms.
fn all_on_cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in brackets: state, then numbers; user and system time are the 14th and 15th of the whole line.
    let fields: Vec<i64> = text.rsplit(')').next().unwrap_or_default().split(' ').filter_map(|field| field.parse().ok()).collect();
    fields.get(10..12).map_or(0, |ticks| ticks.iter().sum::<i64>() as u64 * 10)
}

/// Hours 0 to `hours`, ordered after the last of them, all under one order and one intent.
fn plan(hours: u64, sealed: Sealed) -> Plan {
    let end = at(hours, 0);
    let released = sealed.clone();
    let mut plan = Plan { slots: (0..hours).collect(), head_time: end + 4 * 3_600, now: end + 4 * 3_600 + 60, ..Plan::default() };
    plan.policy = Box::new(|_, parts| {
        let limits = &mut parts.limits;
        (limits.identities_per_intent, limits.identities_per_day, limits.identities_per_order) = (4_096, 65_536, 65_536);
        (limits.slots_per_order, limits.slots_per_selector) = (4_096, 4_096);
    });
    plan.order = Box::new(move |_, terms| {
        terms.period = Span::new(at(0, 0), end).unwrap();
        terms.validity = Span::new(end + 3_600, end + 30 * 86_400).unwrap();
    });
    plan.statements = Box::new(move |world, said| more_epochs(world, said, hours, &sealed));
    plan.intent = Box::new(move |world, terms| {
        salts_of_all_days(world, terms, hours);
        terms.release.extend(released.lock().unwrap().iter().map(|extra| extra.closed.leaf.digest()));
    });
    plan.bundle = Box::new(move |world, bundle| {
        for (anchor, after) in [(&mut bundle.order_anchor, 3 * 3_600), (&mut bundle.intent_anchor, 3 * 3_600 + 600)] {
            let anchor = anchor.as_mut().unwrap();
            anchor.public = cosigned_at(world, &anchor.public, PUBLIC, end + after);
            anchor.orders = cosigned_at(world, &anchor.orders, ORDERS, end + after + 60);
        }
    });
    plan
}

/// Three more epochs in each hour, with two records each, and slot-closes over all four.
fn more_epochs(world: &mut World, said: &mut Vec<Said>, hours: u64, sealed: &Sealed) {
    let policy = world.policy();
    let retention = Arc::new(RetentionKey::from_secret(&Secret::new([0x71; 32])));
    let timing = Timing::new(SlotLen::HOUR, 900, 1_800).unwrap();
    for hour in 0..hours {
        let mut leaves = own_leaves(said, slot(hour));
        for (tree, quarter) in trees(&retention, hour).iter().zip(QUARTERS) {
            let time = at(hour, quarter * 15);
            let plan = EpochPlan::live(timing, PROVIDER, Category::TRAFFIC, LEASE, time);
            let node_key = Secret::new([9; 32]);
            let materials = EpochMaterials { public: policy.public_key(), retention: retention.clone(), tree, node_key: &node_key };
            let mut epoch = OpenEpoch::open(plan, materials, &mut world.entropy).unwrap();
            for (selector, salt) in world.subjects.clone() {
                let id = Identity::new(policy.key_id(), PROVIDER, Category::TRAFFIC, slot(hour), selector, salt).unwrap();
                epoch.seal(&id, &support::case::record(time + 60, time + 60)).unwrap();
            }
            let closed = epoch.close();
            leaves.push(closed.leaf);
            let say = |statement| Said { statement, signers: vec!["sealer".to_owned()] };
            said.extend([say(Statement::Epoch(closed.header.clone())), say(Statement::Segment(closed.leaf))]);
            sealed.lock().unwrap().push(Extra { closed, retention: retention.clone() });
        }
        for said in said.iter_mut() {
            match &mut said.statement {
                Statement::SlotClose(close) if close.slot.from() == slot(hour).start() => {
                    (close.epochs, close.root) = (leaves.len() as u64, SegmentLeaf::slot_root(&leaves));
                }
                _ => {}
            }
        }
    }
}

/// The trees of an hour beside each other: they are nearly all of the work.
fn trees(retention: &RetentionKey, hour: u64) -> Vec<Arc<BucketTree>> {
    std::thread::scope(|scope| {
        let tree = |quarter| scope.spawn(move || support::case::bucket_tree(retention, LEASE, at(hour, quarter * 15)));
        let running: Vec<_> = QUARTERS.into_iter().map(tree).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Leaves of epochs that are said already.
fn own_leaves(said: &[Said], slot: Slot) -> Vec<SegmentLeaf> {
    let headers = said.iter().filter_map(|said| match &said.statement {
        Statement::Epoch(header) if slot.contains(header.start) => Some(header.hash()),
        _ => None,
    });
    let headers: BTreeSet<_> = headers.collect();
    let leaves = said.iter().filter_map(|said| match &said.statement {
        Statement::Segment(leaf) if headers.contains(&leaf.epoch_hash) => Some(*leaf),
        _ => None,
    });
    leaves.collect()
}

fn salts_of_all_days(world: &mut World, terms: &mut IntentTerms, hours: u64) {
    let secret = Secret::new(DAY_SECRET);
    let map = SaltMap::build(&secret, world.subjects.iter().map(|(selector, salt)| (selector, salt)));
    let (selector, salt) = world.subjects[0].clone();
    let days: BTreeSet<Day> = (0..hours).map(|hour| Day::containing(at(hour, 0))).collect();
    terms.salts.clear();
    for day in days {
        terms.days.insert(day, DAY_SECRET);
        let proof = map.prove_presence(&secret, &selector, &salt).unwrap();
        terms.salts.push(SaltRow { day, selector: selector.clone(), proof });
    }
}

/// The same head, cosigned at another time.
fn cosigned_at(world: &World, note: &[u8], log: &str, time: u64) -> Vec<u8> {
    let head = Checkpoint::of_note(&SignedNote::parse(note).unwrap()).unwrap();
    let witnesses: Vec<(&Signer, u64)> = world.witnesses().into_iter().map(|w| (w, time)).collect();
    support::logs::sign(&head, world.signer(log), &witnesses)
}

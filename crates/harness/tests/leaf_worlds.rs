//! What a reader of ORDERS learns about whom orders are about, and which leaves are orders at all: nothing (TSE-60, TSE-64, LOG-36).
//!
//! Two worlds with the same volume, through the product's own drafts and engine: in one all orders of a tick are about one person, in
//! the other each is about somebody else. The same classifier as for the store; the seeds are fixed, so the result is too. On a log
//! that shows one octet of the person, or of the kind, it is right nearly always, so it can learn.

#[path = "../../seal/tests/sealing/classifier.rs"]
mod classifier;

use classifier::right_answers;
use harness::fixture::world::{DAY_ZERO, World as Fixture};
use harness::oracle::Ordered;
use harness::world::cast::{ORDERS, SLOT, signer};
use harness::world::script::{Plot, draft};
use node::log::config::LogKind;
use node::log::engine::{Committed, Effect, Engine, Input, Resumed, Rules};
use node::log::peaks::Peaks;
use node::log::run::first_state;
use node::log::submit::orders_leaf;
use node::log::tree::TileTree;
use seal::digest::sha256;
use seal::entropy::SeededEntropy;
use seal::secret::Secret;
use std::collections::BTreeMap;
use verify::log::origin::Origin;
use verify::log::tlog_policy::TlogPolicy;
use verify::policy::Policy;

const REAL: u64 = 12;
const BATCH: u32 = 16;
const TRIALS: u64 = 120;
/// Octets of an entry before D.
const HEAD: usize = 17;

/// The entries of a tick as they go to the disk, and the person of each real one by its octets.
struct Tick {
    entries: Vec<Vec<u8>>,
    persons: BTreeMap<Vec<u8>, u64>,
}

fn person(is_shared: bool, number: u64) -> u64 {
    if is_shared { number } else { 0 }
}

fn order(policy: &Policy, trial: u64, number: u64, person: u64) -> [u8; 32] {
    let slot = DAY_ZERO / SLOT + 9;
    let selector = format!("account:@person-{person:02}:example.org");
    let item = Ordered { selector, category: 1, from: slot * SLOT, until: (slot + 1) * SLOT };
    let valid = ((slot + 2) * SLOT, (slot + 26) * SLOT);
    let drawn = draft(policy, Plot::Past, &[item], (slot, slot), valid, trial * 2 * REAL + number);
    drawn.sign(&signer("court")).unwrap().record().commitment()
}

/// One tick of an empty log: drained, filled up and shuffled by the product's engine.
fn tick(policy: &Policy, is_shared: bool, trial: u64) -> Tick {
    let key = signer(ORDERS);
    let rules =
        Rules { kind: LogKind::Orders, origin: ORDERS.into(), inception_unix_s: 0, tick_interval_s: 300, batch_entries: BATCH, key };
    let witness = signer("w1.example/witness");
    let witnessed = format!("log {}\nwitness w1 {}\ngroup all 1 w1\nquorum all\n", rules.key.vkey(), witness.vkey());
    let witnessed = TlogPolicy::parse(witnessed.as_bytes()).unwrap();
    let first = first_state(&rules, &Origin::parse(ORDERS).unwrap()).unwrap();
    let committed = Committed { seq: 0, hash: first.hash(), time: 0, note: first.note };
    let (tree, peaks) = (TileTree::empty(), Peaks::empty());
    let resumed = Resumed { tree, peaks, committed, published_size: None, spent: Vec::new(), partials: Vec::new(), known: Vec::new() };
    let mut engine = Engine::new(rules, witnessed, resumed);
    let mut persons = BTreeMap::new();
    for number in 0..REAL {
        let person = person(is_shared, number);
        // The same number in both worlds would have the same salts.
        let leaf = orders_leaf(&order(policy, trial, number + u64::from(is_shared) * REAL, person), false);
        persons.insert(leaf.entry.clone(), person);
        engine.admit(leaf);
    }
    let seed = sha256(&[&trial.to_be_bytes(), &[u8::from(is_shared)]]);
    let (day_key, entropy) = (Secret::new(sha256(&[&seed])), &mut SeededEntropy::new(seed));
    let effects = engine.handle(300, Input::Tick { dummy_key: Some(&day_key) }, entropy);
    let staged = effects.into_iter().find_map(|effect| if let Effect::Stage { bytes, .. } = effect { Some(bytes) } else { None });
    Tick { entries: node::log::entries::decode(&staged.unwrap()).unwrap(), persons }
}

/// Numbers that would show repetition, order, nearness or a tilt of the octets.
fn features(entries: &[Vec<u8>]) -> Vec<f64> {
    let first = |entry: &Vec<u8>| u64::from_be_bytes(entry[HEAD..HEAD + 8].try_into().unwrap()) as f64 / 2f64.powi(64);
    let placed: Vec<f64> = entries.iter().map(first).collect();
    let mut sorted = placed.clone();
    sorted.sort_by(f64::total_cmp);
    let gaps: Vec<f64> = sorted.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let octets = || entries.iter().flat_map(|entry| entry[HEAD..].iter().copied());
    let alike = |at: usize| {
        let mut seen: Vec<u8> = entries.iter().map(|entry| entry[at]).collect();
        seen.sort_unstable();
        seen.dedup();
        seen.len() as f64
    };
    let mut found = vec![
        entries.iter().map(Vec::len).sum::<usize>() as f64,
        gaps.iter().copied().fold(f64::MAX, f64::min),
        gaps.iter().copied().fold(0.0, f64::max),
        gaps.iter().map(|gap| gap * gap).sum(),
        placed.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum(),
        octets().map(f64::from).sum::<f64>(),
    ];
    found.extend([0, HEAD, HEAD + 1, 32, 40, 48].map(alike));
    found.extend((0..8).map(|bit| octets().filter(|octet| octet >> bit & 1 == 1).count() as f64));
    found
}

/// 120 answers: chance lies in 0.5 ± 3.29 · sqrt(0.25 / 120) with 99.9 %.
fn is_chance(share: f64) -> bool {
    (share - 0.5).abs() < 0.150
}

fn policy() -> Policy {
    Policy::from_parts(Fixture::new(3).parts).unwrap()
}

#[test]
fn tse_60_the_leaves_do_not_tell_whether_orders_are_about_one_person_or_twelve() {
    let policy = policy();
    let mut logged = [Vec::new(), Vec::new()];
    let mut leaking = [Vec::new(), Vec::new()];
    for is_shared in [false, true] {
        for trial in 0..TRIALS {
            let mut tick = tick(&policy, is_shared, trial);
            assert_eq!((tick.entries.len(), tick.persons.len()), (BATCH as usize, REAL as usize));
            logged[usize::from(is_shared)].push(features(&tick.entries));
            for entry in &mut tick.entries {
                if let Some(person) = tick.persons.get(entry) {
                    entry[48] = sha256(&[&person.to_be_bytes()])[0];
                }
            }
            leaking[usize::from(is_shared)].push(features(&tick.entries));
        }
    }
    let (logged, leaking) = (right_answers(&logged), right_answers(&leaking));
    println!("leaves {logged:.3} (chance: 0.350 to 0.650), with one octet of the person {leaking:.3}");
    assert!(is_chance(logged), "the leaves tell the worlds apart: {logged}");
    assert!(0.95 < leaking, "the classifier does not learn: {leaking}");
}

/// What one leaf shows: its octets, and where in its tick it stands.
fn leaf_features(place: usize, entry: &[u8]) -> Vec<f64> {
    let octets = || entry[HEAD..].iter();
    let mut found = vec![place as f64, entry.len() as f64, octets().map(|octet| f64::from(*octet)).sum()];
    found.extend([HEAD, HEAD + 1, 48].map(|at| f64::from(entry[at])));
    found.extend((0..8).map(|bit| octets().filter(|octet| *octet >> bit & 1 == 1).count() as f64));
    found
}

#[test]
fn tse_64_log_36_an_order_looks_like_a_dummy() {
    let policy = policy();
    let mut logged = [Vec::new(), Vec::new()];
    let mut leaking = [Vec::new(), Vec::new()];
    for trial in 0..TRIALS {
        let tick = tick(&policy, true, 1_000 + trial);
        // One of each kind, any of them as likely as another: places are told, too.
        for kind in [0, 1] {
            let is_order = |entry: &[u8]| tick.persons.contains_key(entry);
            let of_kind: Vec<_> = tick.entries.iter().enumerate().filter(|(_, entry)| is_order(entry) == (kind == 1)).collect();
            let (place, entry) = of_kind[usize::from(sha256(&[&trial.to_be_bytes()])[0]) % of_kind.len()];
            logged[kind].push(leaf_features(place, entry));
            let mut shown = entry.clone();
            shown[48] = kind as u8;
            leaking[kind].push(leaf_features(place, &shown));
        }
    }
    let (logged, leaking) = (right_answers(&logged), right_answers(&leaking));
    println!("kinds {logged:.3} (chance: 0.350 to 0.650), with one octet of the kind {leaking:.3}");
    assert!(is_chance(logged), "dummies are told from orders: {logged}");
    assert!(0.95 < leaking, "the classifier does not learn: {leaking}");
}

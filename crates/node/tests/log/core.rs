//! The engine alone, driven effect by effect: no store, no network, no clock.

use std::collections::BTreeMap;

use node::log::client::Head;
use node::log::config::LogKind;
use node::log::engine::{Alarm, Committed, Effect, Engine, Input, Resumed, Rules, Stop, dummy};
use node::log::peaks::Peaks;
use node::log::queue::Leaf;
use node::log::run::{Loaded, RunError, first_state};
use node::log::submit::orders_leaf;
use node::log::tree::TileTree;
use seal::entropy::SeededEntropy;
use seal::secret::Secret;
use seal::signature::SigningKey;
use verify::log::note::{NoteSignature, SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::{KeyKind, KeyName};

use crate::world::World;

const ORIGIN: &str = "log.example/orders/2027";
const T: u64 = 300;

fn signer(name: &str, kind: KeyKind, seed: u8) -> Signer {
    Signer::new(KeyName::parse(name).unwrap(), kind, SigningKey::from_seed(Secret::new([seed; 32])).unwrap())
}

/// An engine over the empty tree, its witnesses, a day key, and the time of the next tick.
struct Bench {
    engine: Engine,
    witnesses: Vec<Signer>,
    day_key: Secret<32>,
    entropy: SeededEntropy,
    now: u64,
    alarms: Vec<Alarm>,
    staged: BTreeMap<String, Vec<u8>>,
}

impl Bench {
    fn new(batch_entries: u32, witnesses: u8) -> Bench {
        Bench::resumed(batch_entries, witnesses, Peaks::empty())
    }

    fn resumed(batch_entries: u32, witnesses: u8, peaks: Peaks) -> Bench {
        let key = signer(ORIGIN, KeyKind::Ed25519, 1);
        let witnesses: Vec<Signer> = (0..witnesses).map(|n| signer(&format!("w.example/{n}"), KeyKind::Cosignature, 10 + n)).collect();
        let mut policy = format!("log {}\n", key.vkey());
        for (n, witness) in witnesses.iter().enumerate() {
            policy.push_str(&format!("witness w{n} {}\n", witness.vkey()));
        }
        let names: Vec<String> = (0..witnesses.len()).map(|n| format!("w{n}")).collect();
        policy.push_str(&format!("group all any {}\nquorum all\n", names.join(" ")));
        let policy = TlogPolicy::parse(policy.as_bytes()).unwrap();
        let rules = Rules { kind: LogKind::Orders, origin: ORIGIN.into(), inception_unix_s: 0, tick_interval_s: T, batch_entries, key };
        let first = first_state(&rules, &Origin::parse(ORIGIN).unwrap()).unwrap();
        let committed = Committed { seq: 0, hash: first.hash(), time: 0, note: first.note };
        let (tree, known) = (TileTree::empty(), Vec::new());
        let resumed = Resumed { tree, peaks, committed, published_size: None, spent: Vec::new(), partials: Vec::new(), known };
        Bench {
            engine: Engine::new(rules, policy, resumed),
            witnesses,
            day_key: Secret::new([9; 32]),
            entropy: SeededEntropy::new([3; 32]),
            now: T,
            alarms: Vec::new(),
            staged: BTreeMap::new(),
        }
    }

    fn hand_in(&mut self, input: Input<'_>) -> Vec<Effect> {
        self.engine.handle(self.now, input, &mut self.entropy)
    }

    fn begin(&mut self) -> Vec<Effect> {
        let key = Secret::new(self.day_key.expose(|key| *key));
        self.hand_in(Input::Tick { dummy_key: Some(&key) })
    }

    /// One tick in which everything works; the entries it logged, in order.
    fn tick(&mut self) -> Vec<Vec<u8>> {
        let (mut effects, mut entries) = (self.begin(), Vec::new());
        while !effects.is_empty() {
            let effect = effects.remove(0);
            effects.extend(match effect {
                Effect::Stage { name, bytes } => {
                    entries = node::log::entries::decode(&bytes).unwrap();
                    self.staged.insert(name, bytes.clone());
                    self.hand_in(Input::Staged(Some(bytes)))
                }
                Effect::Commit { .. } => self.hand_in(Input::Committed(true)),
                Effect::Apply { .. } => self.hand_in(Input::Applied(true)),
                Effect::Cosign { note, tick, .. } => {
                    let lines = self.lines(&note, tick);
                    self.hand_in(Input::Cosigned { lines })
                }
                Effect::Publish { .. } => self.hand_in(Input::Published(true)),
                Effect::Discard { .. } => self.hand_in(Input::Discarded(true)),
                Effect::Alarm(alarm) => {
                    self.alarms.push(alarm);
                    Vec::new()
                }
                Effect::Stop(stop) => panic!("{stop:?}"),
            });
        }
        self.now += T;
        entries
    }

    fn lines(&self, note: &[u8], tick: u64) -> Vec<NoteSignature> {
        let note = SignedNote::parse(note).unwrap();
        self.witnesses.iter().map(|witness| witness.cosign(note.text(), tick).unwrap()).collect()
    }
}

fn leaf(n: u64, urgent: bool) -> Leaf {
    orders_leaf(&seal::digest::sha256(&[&n.to_be_bytes()]), urgent)
}

#[test]
fn log_31_overload_queues_and_the_width_stays() {
    let mut bench = Bench::new(16, 1);
    for n in 0..100 {
        bench.engine.admit(leaf(n, false));
    }
    for n in 100..105 {
        bench.engine.admit(leaf(n, true));
    }
    let first = bench.tick();
    assert_eq!(first.len(), 16);
    for n in 100..105 {
        assert!(first.contains(&leaf(n, true).entry), "urgent leaves are in the first tick");
    }
    let mut logged = first;
    for _ in 0..7 {
        let entries = bench.tick();
        assert_eq!(entries.len(), 16);
        logged.extend(entries);
    }
    assert_eq!(bench.engine.waiting(), 0);
    assert!((0..105).all(|n| logged.contains(&leaf(n, false).entry)));
    // Nothing waits: dummies alone, the same width, and every entry looks the same.
    assert_eq!(bench.tick().len(), 16);
    assert!(logged.iter().all(|entry| entry.len() == 49 && entry.starts_with(b"waarborg-leaf/v1\n")));
    assert_eq!(bench.alarms, []);
}

#[test]
fn log_32_every_position_is_as_likely() {
    let mut bench = Bench::new(4, 1);
    let mut counts = [0u32; 4];
    for n in 0..4_000 {
        let real = leaf(n, false);
        bench.engine.admit(real.clone());
        let at = bench.tick().iter().position(|entry| *entry == real.entry).unwrap();
        counts[at] += 1;
    }
    // 1,000 expected, standard deviation 27: five of them.
    assert!(counts.iter().all(|count| count.abs_diff(1_000) < 137), "{counts:?}");
}

#[test]
fn log_33_dummies_are_found_again_from_the_day_key_alone() {
    let mut bench = Bench::new(8, 1);
    for n in 0..3 {
        bench.engine.admit(leaf(n, false));
    }
    let entries = bench.tick();
    let dummies: Vec<Vec<u8>> = (0..8).map(|counter| dummy(&Secret::new([9; 32]), counter).entry).collect();
    assert_eq!(entries.iter().filter(|entry| dummies.contains(entry)).count(), 5);
    let other: Vec<Vec<u8>> = (0..8).map(|counter| dummy(&Secret::new([8; 32]), counter).entry).collect();
    assert!(!entries.iter().any(|entry| other.contains(entry)));
}

#[test]
fn log_56_two_roots_that_differ_stop_the_log_before_anything_is_signed() {
    // The second computation starts from another tree, as after a flipped bit in memory.
    let mut wrong = Peaks::empty();
    wrong.append(b"not in the tree");
    let mut bench = Bench::resumed(4, 1, wrong);
    let effects = bench.begin();
    let [Effect::Stage { bytes, .. }] = &effects[..] else { panic!("{effects:?}") };
    let effects = bench.hand_in(Input::Staged(Some(bytes.clone())));
    assert_eq!(effects, [Effect::Stop(Stop::RootsDiffer { size: 4 })]);
    assert_eq!(bench.begin(), []);
}

#[test]
fn log_56_staging_that_reads_back_differently_is_dropped_and_its_leaves_wait() {
    let mut bench = Bench::new(4, 1);
    bench.engine.admit(leaf(1, false));
    let effects = bench.begin();
    let [Effect::Stage { bytes, .. }] = &effects[..] else { panic!("{effects:?}") };
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        let mut bench = Bench::new(4, 1);
        bench.engine.admit(leaf(1, false));
        bench.begin();
        assert_eq!(bench.hand_in(Input::Staged(Some(flipped))), [Effect::Alarm(Alarm::StagingDiffers { tick: T })]);
        assert_eq!((bench.engine.waiting(), bench.engine.size()), (1, 0));
    }
}

#[test]
fn log_56_no_effect_carries_a_signature_before_the_commit() {
    let mut bench = Bench::new(4, 1);
    let effects = bench.begin();
    let [Effect::Stage { bytes, .. }] = &effects[..] else { panic!("{effects:?}") };
    let committing = bench.hand_in(Input::Staged(Some(bytes.clone())));
    assert!(matches!(committing[..], [Effect::Commit { seq: 1, .. }]));
    // Reports that do not fit the stage do nothing.
    assert_eq!(bench.hand_in(Input::Applied(true)), []);
    assert_eq!(bench.hand_in(Input::Published(true)), []);
    assert_eq!(bench.hand_in(Input::Cosigned { lines: Vec::new() }), []);
    assert_eq!(bench.engine.committed().seq, 0);
    assert_eq!(bench.hand_in(Input::Committed(false)), [Effect::Stop(Stop::CommitUnknown { seq: 1 })]);
}

#[test]
fn log_59_a_tick_that_was_made_is_not_made_again() {
    let mut bench = Bench::new(4, 1);
    bench.tick();
    bench.now -= T;
    assert_eq!(bench.begin(), [], "same tick");
    bench.now += T - 1;
    assert_eq!(bench.begin(), [], "same tick, later second");
    bench.now = 10;
    assert_eq!(bench.begin(), [], "the clock went back");
    bench.now = 7 * T;
    bench.tick();
    // Missed ticks are not made up.
    assert_eq!((bench.engine.size(), bench.engine.committed().time), (8, 7 * T));
}

#[test]
fn log_70_at_most_sixteen_lines_are_published() {
    let mut bench = Bench::new(4, 20);
    let mut effects = bench.begin();
    for _ in 0..4 {
        let effect = effects.pop().unwrap();
        effects = match effect {
            Effect::Stage { bytes, .. } => bench.hand_in(Input::Staged(Some(bytes))),
            Effect::Commit { .. } => bench.hand_in(Input::Committed(true)),
            Effect::Apply { .. } => bench.hand_in(Input::Applied(true)),
            Effect::Cosign { note, tick, .. } => {
                let lines = bench.lines(&note, tick);
                bench.hand_in(Input::Cosigned { lines })
            }
            other => panic!("{other:?}"),
        };
    }
    let [Effect::Publish { note, .. }] = &effects[..] else { panic!("{effects:?}") };
    let note = SignedNote::parse(note).unwrap();
    assert_eq!(note.signatures().len(), 16);
    // LOG-12: the first is the log's own, type 0x01.
    assert!(note.signatures()[0].claims(signer(ORIGIN, KeyKind::Ed25519, 1).vkey()));
}

#[test]
fn log_70_a_witness_that_sends_many_lines_leaves_room_for_the_others() {
    let mut bench = Bench::new(4, 3);
    let mut effects = bench.begin();
    for _ in 0..4 {
        let effect = effects.pop().unwrap();
        effects = match effect {
            Effect::Stage { bytes, .. } => bench.hand_in(Input::Staged(Some(bytes))),
            Effect::Commit { .. } => bench.hand_in(Input::Committed(true)),
            Effect::Apply { .. } => bench.hand_in(Input::Applied(true)),
            Effect::Cosign { note, tick, .. } => {
                let text = SignedNote::parse(&note).unwrap().text().to_owned();
                let many = (0..20).map(|earlier| bench.witnesses[0].cosign(&text, tick - earlier).unwrap());
                let lines = many.chain(bench.lines(&note, tick)).collect();
                bench.hand_in(Input::Cosigned { lines })
            }
            other => panic!("{other:?}"),
        };
    }
    let [Effect::Publish { note, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(SignedNote::parse(note).unwrap().signatures().len(), 4, "the log's, and one of each");
}

#[test]
fn log_58_lines_of_strangers_are_no_quorum() {
    let mut bench = Bench::new(4, 2);
    bench.witnesses = vec![signer("w.example/0", KeyKind::Cosignature, 99)];
    bench.tick();
    assert_eq!(bench.alarms, [Alarm::NoQuorum { size: 4 }]);
    assert_eq!(bench.engine.published_index(&leaf(1, false).key), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_28_log_12_a_key_of_another_origin_or_type_is_refused() {
    let mut world = World::new(LogKind::Public, 1, 1).await;
    let own = world.config.signing_key_file.clone();
    for (name, kind) in [("log.example/orders/2027", KeyKind::Ed25519), ("log.example/public/2027", KeyKind::Cosignature)] {
        let path = world.dir.path().join(format!("{}.key", kind.octet()));
        node::log::keys::generate(&path, name, kind, &mut seal::entropy::SystemEntropy).unwrap();
        world.config.signing_key_file = path;
        assert!(matches!(Loaded::new(&world.config), Err(RunError::Config(_))), "{name}");
    }
    world.config.signing_key_file = own;
    assert!(Loaded::new(&world.config).is_ok());
    // LOG-27: a policy that does not list this log's key.
    let policy = std::fs::read_to_string(&world.config.tlog_policy_file).unwrap();
    let other = signer("log.example/public/2027", KeyKind::Ed25519, 77);
    let line = policy.lines().next().unwrap();
    std::fs::write(&world.config.tlog_policy_file, policy.replace(line, &format!("log {}", other.vkey()))).unwrap();
    assert!(matches!(Loaded::new(&world.config), Err(RunError::Config(_))));
}

#[test]
fn log_67_local_stores_fsync() {
    let dir = tempfile::tempdir().unwrap();
    let store = node::log::store::Store::local(dir.path()).unwrap();
    assert!(format!("{store:?}").contains("fsync: true"), "{store:?}");
}

#[test]
fn heads_parse_or_say_so() {
    assert!(Head::parse(b"nothing").is_err());
}

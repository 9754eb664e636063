//! The log: entries appended durably through the engine and the store of the product, and proofs from tiles in memory.
//!
//! The witnesses sign in this process: their round trips are not what is measured, and a tick waits for them once, not once an entry.

use std::sync::Arc;

use node::log::config::LogKind;
use node::log::engine::{Committed, Effect, Engine, Input, Resumed, Rules};
use node::log::peaks::Peaks;
use node::log::proofs::Proofs;
use node::log::queue::{Admission, Leaf};
use node::log::run::first_state;
use node::log::store::{Created, Kept, Store};
use node::log::tiles::Source;
use node::log::tree::TileTree;
use seal::entropy::SeededEntropy;
use seal::merkle::leaf_hash;
use seal::secret::Secret;
use seal::signature::SigningKey;
use verify::log::checkpoint::Checkpoint;
use verify::log::note::{SignedNote, Signer};
use verify::log::origin::Origin;
use verify::log::proof::TlogProof;
use verify::log::tlog_policy::TlogPolicy;
use verify::log::vkey::{KeyKind, KeyName};

use crate::Size;
use crate::figure::{Bar, Figure};
use crate::machine::Core;
use crate::peers::OtherLog;
use crate::world::Dice;

const ORIGIN: &str = "bench.example/public/2026";
/// Entries that a tick takes at most.
const BATCH: u32 = 1_024;
/// Octets of an entry: about an `epoch` statement.
const ENTRY_LEN: usize = 600;

pub fn append_and_prove(size: Size) -> Vec<Figure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("threads");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a folder");
        let mut log = Log::new(Store::local(folder.path()).expect("a store"));
        let entries = size.pick(4_096u64, 1_000_000);
        let from = std::time::Instant::now();
        let mut next = 0;
        while next < entries {
            next = log.tick(next, entries).await;
        }
        let seconds = from.elapsed().as_secs_f64();
        let what = format!("{entries} entries of {ENTRY_LEN} octets appended, each write fsynced, {} a tick", BATCH);
        let mut figures = vec![Figure::new("log/append", what, entries as f64 / seconds, "entries/s", Bar::AtLeast(25_000.0))];
        figures.push(Figure::new(
            "log/proofs",
            "proofs (.tlog-proof) from tiles in memory",
            log.proofs(entries, size).await,
            "proofs/s",
            Bar::AtLeast(100_000.0),
        ));
        let (other, appended) = OtherLog::append(entries);
        assert_eq!(other.root(), log.root().await, "the same tree");
        let what = "ct-merkle: the same entries pushed to a tree in memory, no disk, no checkpoint, one core";
        figures.push(Figure::new("log/other-append", what, appended, "entries/s", Bar::Beside));
        let what = "ct-merkle: bare paths from that tree, one core";
        figures.push(Figure::new("log/other-proofs", what, other.proofs(size), "proofs/s", Bar::Beside));
        figures
    })
}

struct Log {
    engine: Engine,
    witnesses: Vec<Signer>,
    store: Store,
    entropy: SeededEntropy,
    now: u64,
}

fn signer(name: &str, kind: KeyKind, seed: u8) -> Signer {
    Signer::new(KeyName::parse(name).expect("a name"), kind, SigningKey::from_seed(Secret::new([seed; 32])).expect("a key"))
}

pub(crate) fn entry(number: u64) -> Vec<u8> {
    let mut entry = vec![b'x'; ENTRY_LEN];
    entry[..8].copy_from_slice(&number.to_be_bytes());
    entry
}

impl Log {
    fn new(store: Store) -> Log {
        let key = signer(ORIGIN, KeyKind::Ed25519, 1);
        let witnesses: Vec<Signer> = (0..4).map(|n| signer(&format!("w.example/{n}"), KeyKind::Cosignature, 10 + n)).collect();
        let mut policy = format!("log {}\n", key.vkey());
        for (n, witness) in witnesses.iter().enumerate() {
            policy.push_str(&format!("witness w{n} {}\n", witness.vkey()));
        }
        policy.push_str("group all 3 w0 w1 w2 w3\nquorum all\n");
        let policy = TlogPolicy::parse(policy.as_bytes()).expect("a policy");
        let rules =
            Rules { kind: LogKind::Public, origin: ORIGIN.into(), inception_unix_s: 0, tick_interval_s: 1, batch_entries: BATCH, key };
        let first = first_state(&rules, &Origin::parse(ORIGIN).expect("an origin")).expect("a state");
        let committed = Committed { seq: 0, hash: first.hash(), time: 0, note: first.note };
        let (tree, peaks) = (TileTree::empty(), Peaks::empty());
        let resumed = Resumed { tree, peaks, committed, published_size: None, spent: Vec::new(), partials: Vec::new(), known: Vec::new() };
        Log { engine: Engine::new(rules, policy, resumed), witnesses, store, entropy: SeededEntropy::new([3; 32]), now: 1 }
    }

    /// One tick to its end; gives the number of the next entry.
    async fn tick(&mut self, first: u64, end: u64) -> u64 {
        let last = end.min(first + u64::from(BATCH));
        for number in first..last {
            let entry = entry(number);
            let leaf = Leaf { key: leaf_hash(&entry), entry, urgent: false, dummy: false };
            assert_eq!(self.engine.admit(leaf), Admission::Queued);
        }
        let mut effects = self.hand_in(Input::Tick { dummy_key: None });
        while !effects.is_empty() {
            let effect = effects.remove(0);
            effects.extend(self.perform(effect).await);
        }
        self.now += 1;
        assert_eq!(self.engine.size(), last);
        last
    }

    fn hand_in(&mut self, input: Input<'_>) -> Vec<Effect> {
        self.engine.handle(self.now, input, &mut self.entropy)
    }

    /// As the product's shell does, with the witnesses at hand.
    async fn perform(&mut self, effect: Effect) -> Vec<Effect> {
        match effect {
            Effect::Stage { name, bytes } => {
                let path = format!("staging/{name}");
                assert_eq!(self.store.keep(&path, &bytes).await, Ok(Kept::Same));
                let read = self.store.read(&path).await.expect("read").map(|read| read.to_vec());
                self.hand_in(Input::Staged(read))
            }
            Effect::Commit { seq, bytes } => {
                let path = node::log::state::State::path(seq);
                assert_eq!(self.store.create(&path, bytes).await, Ok(Created::New));
                self.hand_in(Input::Committed(true))
            }
            Effect::Apply { files } => {
                let keeping: Vec<_> = files
                    .into_iter()
                    .map(|file| {
                        let store = self.store.clone();
                        tokio::spawn(async move { store.keep(&file.place.to_string(), &file.bytes).await })
                    })
                    .collect();
                for kept in keeping {
                    assert_eq!(kept.await.expect("no panic"), Ok(Kept::Same));
                }
                self.hand_in(Input::Applied(true))
            }
            Effect::Cosign { note, tick, .. } => {
                let note = SignedNote::parse(&note).expect("a note");
                let lines = self.witnesses.iter().map(|witness| witness.cosign(note.text(), tick).expect("a line")).collect();
                self.hand_in(Input::Cosigned { lines })
            }
            Effect::Publish { note, .. } => {
                self.store.replace("checkpoint", note).await.expect("published");
                self.hand_in(Input::Published(true))
            }
            Effect::Discard { staging, partials } => {
                for path in staging.iter().map(|name| format!("staging/{name}")).chain(partials.iter().map(ToString::to_string)) {
                    self.store.delete(&path).await.expect("deleted");
                }
                self.hand_in(Input::Discarded(true))
            }
            Effect::Alarm(alarm) => panic!("{alarm:?}"),
            Effect::Stop(stop) => panic!("{stop:?}"),
        }
    }

    /// As published.
    async fn root(&self) -> Vec<u8> {
        let note = self.store.read("checkpoint").await.expect("read").expect("there");
        let note = SignedNote::parse(&note).expect("a note");
        Checkpoint::parse(note.text()).expect("a checkpoint").root.to_vec()
    }

    /// Proofs of random entries in a second, on one core: the tiles copied into memory first.
    async fn proofs(&self, entries: u64, size: Size) -> f64 {
        let memory = Store::new(Arc::new(object_store::memory::InMemory::new()));
        let mut paths = self.store.list("tile").await.expect("a list");
        paths.push("checkpoint".to_owned());
        for path in paths.iter().filter(|path| !path.starts_with("tile/entries")) {
            let octets = self.store.read(path).await.expect("read").expect("there");
            memory.create(path, octets.to_vec()).await.expect("copied");
        }
        let source = Proofs::new(Source::Store(memory));
        let (mut dice, count) = (Dice(3), size.pick(100, 200_000));
        let core = Core::start();
        for round in 0..count {
            let index = dice.below(entries);
            let proof = source.make(index).await.expect("tiles").expect("published");
            if round == 0 {
                assert_eq!(TlogProof::parse(&proof).expect("a proof").index, index);
            }
        }
        count as f64 / core.seconds()
    }
}

//! The gateway killed before and after every effect it asks for, in four stories, with real documents, keys and judges.
//!
//! Failure conditions (each is a panic): a package without both leaves in ORDERS, without both thresholds under its intent, or
//! without two persons' approval; more or fewer than one production for a batch; a member that releases twice under one intent;
//! another package when packing is repeated; a case that does not reach its end.
//! Allowed: an intent used up without a production (a new one is drawn and the old one's release leaf is logged).
//! Nondeterminism: package signatures (ECDSA) only.

mod away;
mod doors;
mod joined;
mod preserved;
mod related;
mod sealed;
mod world;

use harness::fixture::at;
use harness::fixture::case::slot;
use harness::fixture::world::DAY_ZERO;
use node::cases::body::BodyKey;
use node::cases::state::*;
use node::cases::store::CaseStore;
use node::gateway::core::Gateway;
use node::gateway::work::{Effect, Input, Reply, Request};
use node::gateway::{papers, signatures, start};
use seal::entropy::SeededEntropy;
use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use verify::approval::Stage;
use verify::names::Span;
use verify::order::OrderTerms;
use verify::record::{DraftRecord, Kind, Record, Value};
use world::{Outside, Scene};

/// Where the gateway is killed: around effect number `effect` (counted over the whole run, from 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kill {
    Never,
    Before { effect: usize },
    After { effect: usize },
}

/// What people do beside approving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Story {
    /// An order about the past: one production.
    Past,
    /// "From now until": a production for each slot as it closes.
    Prospective,
    /// As `Prospective`, withdrawn after the first production.
    Withdrawn,
    /// As `Prospective`; after the first production the authority's notice is overdue, and handed in once members refuse.
    Overdue,
}

struct Run<'s> {
    story: Story,
    outside: Outside<'s>,
    folder: PathBuf,
    gateway: Gateway,
    store: CaseStore,
    entropy: SeededEntropy,
    kill: Kill,
    effects: usize,
    inputs: VecDeque<Input>,
    wake: Option<u64>,
    replies: Vec<Reply>,
    /// Packages in the outbox that were checked.
    covered: usize,
    /// Halted because members refused by REL-24.
    overdue: bool,
}

fn body_key() -> BodyKey {
    BodyKey::generate(&mut SeededEntropy::new([50; 32]))
}

impl<'s> Run<'s> {
    fn new(scene: &'s Scene, story: Story, kill: Kill, folder: &Path) -> Run<'s> {
        let outside = match story {
            Story::Past => Outside::new(scene, at(13, 54), |_| 0),
            // Each slot is said in PUBLIC one minute after its grace.
            Story::Prospective | Story::Withdrawn | Story::Overdue => {
                Outside::new(scene, at(9, 30), |from| from - from % 3600 + 3600 + 1800 + 60)
            }
        };
        let path = folder.join("cases.db");
        let store = CaseStore::create(&path, body_key()).unwrap();
        let gateway = start::load(&scene.rules, &store).unwrap();
        let entropy = SeededEntropy::new([51; 32]);
        let (inputs, replies) = (VecDeque::from([Input::Start]), Vec::new());
        Run {
            story,
            outside,
            folder: folder.to_owned(),
            gateway,
            store,
            entropy,
            kill,
            effects: 0,
            inputs,
            wake: None,
            replies,
            covered: 0,
            overdue: false,
        }
    }

    /// Runs to the end of the case and gives the number of effects.
    fn finish(&mut self) -> usize {
        for _ in 0..2_000 {
            if let Some(input) = self.inputs.pop_front() {
                self.input(input);
                continue;
            }
            if self.people() {
                continue;
            }
            if self.case().is_some_and(|case| matches!(case, Case::Closed(_))) {
                return self.effects;
            }
            let wake = self.wake.take().unwrap_or_else(|| panic!("nothing left to do in state {:?}", self.case().map(Case::word)));
            while self.outside.now < wake {
                self.outside.tick();
            }
            self.inputs.push_back(Input::Wake);
        }
        panic!("the case does not end; it is {:?}", self.case().map(Case::word));
    }

    fn case(&self) -> Option<&Case> {
        self.gateway.cases().map(|(_, case)| case).next()
    }

    fn input(&mut self, input: Input) {
        for effect in self.gateway.handle(self.outside.now, input, &mut self.entropy) {
            let number = self.effects;
            self.effects += 1;
            if self.kill == (Kill::Before { effect: number }) {
                return self.restart();
            }
            let back = self.perform(effect);
            self.invariants();
            if self.kill == (Kill::After { effect: number }) {
                return self.restart();
            }
            self.inputs.extend(back);
        }
    }

    fn perform(&mut self, effect: Effect) -> Option<Input> {
        match effect {
            Effect::Store(change) => self.store.apply(&change, &mut self.entropy).map(|()| None).unwrap(),
            Effect::StoreRelated(change) => self.store.apply_related(&change, &mut self.entropy).map(|()| None).unwrap(),
            Effect::Reply { reply, .. } => {
                self.replies.push(reply);
                None
            }
            Effect::Work(work) => {
                let (case, version) = (work.case, work.version);
                Some(match self.outside.perform(&work) {
                    Ok(done) => Input::Done { case, version, done },
                    Err(fault) => Input::Failed { case, version, fault: fault.0 },
                })
            }
            Effect::Complain { text, .. } => {
                eprintln!("{text}");
                None
            }
            Effect::Erase { case } => {
                self.outside.erase(&case);
                None
            }
            Effect::Keep { case, order, until } => {
                self.outside.keep_named(&case, &order, until);
                None
            }
            Effect::EndHold { case } => {
                self.outside.end_hold(&case).unwrap();
                None
            }
            Effect::WakeAt(time) => {
                self.wake = Some(self.wake.map_or(time, |earlier| earlier.min(time)));
                None
            }
        }
    }

    /// `kill -9`: memory is gone, what was stored is loaded and judged again.
    fn restart(&mut self) {
        let scene = self.outside.scene;
        let path = self.folder.join("cases.db");
        // SQLite lets one process in; the old connection has to be gone before the new one opens.
        let spare = CaseStore::create(&self.folder.join(format!("spare-{}.db", self.effects)), body_key()).unwrap();
        drop(std::mem::replace(&mut self.store, spare));
        self.store = CaseStore::open(&path, body_key()).unwrap();
        self.gateway = start::load(&scene.rules, &self.store).unwrap();
        self.inputs = VecDeque::from([Input::Start]);
        self.wake = None;
    }

    /// People send again whatever was not taken, until it is (R7). `true`: somebody did something.
    fn people(&mut self) -> bool {
        let scene = self.outside.scene;
        let Some(case) = self.case() else {
            self.request(Request::Order(scene.good.order.to_bytes()));
            return true;
        };
        let id = case.file().id;
        let (stage, digest) = match case {
            Case::AwaitingApproval(s) => (Stage::BeforeKeys, papers::understanding(&s.file).unwrap()),
            Case::AwaitingRelease(s) => (Stage::BeforeDelivery, s.scope.digest(&id)),
            Case::Halted(s) if self.story == Story::Overdue && s.why.iter().any(|why| why.contains("REL-24")) => {
                let (leaf, case) = (s.mandate.leaf.clone(), id);
                self.overdue = true;
                self.settle(&leaf, case);
                return true;
            }
            Case::Halted(s) => panic!("halted: {:?}", s.why),
            Case::Standing(s) if self.story == Story::Withdrawn && s.mandate.served.len() == 1 => {
                let record = self.withdrawal(&s.mandate);
                self.request(Request::Withdrawal(record));
                return true;
            }
            Case::Standing(s) if self.story == Story::Overdue && s.mandate.served.len() == 1 => {
                let order = papers::place(&s.mandate.leaf);
                self.outside.let_notice_be_overdue(&order);
                return false;
            }
            _ => return false,
        };
        // Both officers send theirs, each time anew: an approval that was taken before changes nothing.
        let now = self.outside.now;
        for officer in ["officer-1", "officer-2"] {
            let document = signatures::approve(&id, stage, &digest, now, scene.good.world.signer(officer)).unwrap();
            self.request(Request::Approval { case: id, document });
        }
        true
    }

    fn request(&mut self, request: Request) {
        self.inputs.push_back(Input::Request { from: 0, request });
    }

    fn withdrawal(&self, mandate: &Mandate) -> Vec<u8> {
        let scene = self.outside.scene;
        let record = scene.good.order.record().record();
        let values = vec![
            Value::Kind(Kind::Withdrawal),
            Value::Provider(record.provider().unwrap()),
            Value::Parent(papers::place(&mandate.leaf)),
            Value::Authority(record.authority().unwrap().clone()),
            Value::Court(record.court().unwrap().clone()),
        ];
        let entropy = &mut SeededEntropy::new([52; 32]);
        let draft = DraftRecord::draw(Record::draw(values, entropy).unwrap(), entropy);
        let signature = scene.good.world.signer("court").sign_message(&draft.record.message());
        draft.signed(signature.to_vec()).to_bytes()
    }

    fn invariants(&mut self) {
        for ((intent, member), count) in &self.outside.releases {
            assert_eq!(*count, 1, "{member} released twice under {intent:?}");
        }
        for (production, manifests) in &self.outside.packed {
            assert!(manifests.iter().all(|manifest| *manifest == manifests[0]), "{production:?} was packed differently");
        }
        // A package cannot change once it is out (`hand_out`), so each is looked at when it appears.
        if self.covered < self.outside.outbox.len() {
            for (name, bytes) in &self.outside.outbox {
                self.package_is_covered(name, bytes);
            }
            self.covered = self.outside.outbox.len();
        }
    }

    /// R1: no package without order and intent in the log, nor without both thresholds under exactly this intent.
    fn package_is_covered(&self, name: &str, bytes: &[u8]) {
        let bytes = bytes.to_vec();
        let package = verify::package::RawPackage::read(&bytes).unwrap().check().unwrap();
        let order = verify::order::OrderDocument::parse(&package.log().order.document).unwrap();
        let intent = verify::intent::IntentDocument::parse(&package.log().intent.document).unwrap();
        let intent_d = intent.record().d();
        assert!(self.outside.logged.contains_key(&order.record().d()), "{name}: the order is not in the log");
        assert!(self.outside.logged.contains_key(&intent_d), "{name}: the intent is not in the log");
        let policy = &self.outside.scene.rules.policy;
        for committee in [verify::policy::CommitteeName::Approvers, verify::policy::CommitteeName::Guardians] {
            let released = self.outside.releases.keys().filter(|(d, member)| *d == intent_d && member.committee == committee).count();
            assert!(usize::from(policy.committee_parts(committee).committee.need) <= released, "{name}: {released} of {committee:?}");
        }
    }

    /// At the end: exactly one production for each batch, and the leaves of what was done.
    fn end(&self) {
        let Some(Case::Closed(closed)) = self.case() else { panic!("not closed") };
        let batches = match self.story {
            Story::Past | Story::Withdrawn => 1,
            Story::Prospective | Story::Overdue => 2,
        };
        assert_eq!(closed.served.len(), batches);
        assert_eq!(self.outside.outbox.len(), batches, "packages that went out");
        let sequences: Vec<u32> = closed.served.iter().map(|served| served.batch.sequence).collect();
        assert_eq!(sequences, (1..=batches as u32).collect::<Vec<_>>());
        let indexes: Vec<u64> = self.outside.logged.values().map(|(index, _)| *index).collect();
        for served in &closed.served {
            assert!(indexes.contains(&served.release_index) && indexes.contains(&served.receipt_index), "kinds 13 and 14 are missing");
        }
        for record in &closed.leaves.records {
            let record = verify::record::SignedRecord::parse(&record.0).unwrap();
            assert!(self.outside.logged.contains_key(&record.d()), "a last leaf is missing");
        }
        self.every_leaf_can_be_opened();
        let withdrawn = matches!(closed.ending, Ending::Withdrawn { .. });
        assert_eq!(withdrawn, self.story == Story::Withdrawn);
        if self.story == Story::Overdue {
            self.notice_lifted_it();
        }
        // R7: the same order again is the same case, whatever has become of it.
        assert!(self.replies.iter().all(|reply| !matches!(reply, Reply::Unknown)));
    }
}

impl Run<'_> {
    /// LOG-47: whatever was handed in to the log, the gateway has what opens it; also what it dropped, and what it gave up over.
    fn every_leaf_can_be_opened(&self) {
        let kept: BTreeSet<[u8; 32]> = self.store.records().unwrap().iter().map(|record| record.d()).collect();
        let lost: Vec<&[u8; 32]> = self.outside.logged.keys().filter(|d| !kept.contains(*d)).collect();
        assert!(lost.is_empty(), "{} of {} leaves in the log have no record", lost.len(), self.outside.logged.len());
    }
}

fn scene(story: Story) -> Scene {
    scene_with(story, |_| ())
}

fn scene_with(story: Story, change: fn(&mut OrderTerms)) -> Scene {
    Scene::new(|plan| {
        plan.order = Box::new(move |_, terms| {
            // The first slot wholly, of the second one all but its last minute: evidence for one, trimming in the other.
            terms.period = Span::new(slot(10).start(), slot(11).end() - 60).unwrap();
            // In the quarter of the story (NOT-12).
            terms.notice_due = DAY_ZERO + 80 * 86_400;
            if story != Story::Past {
                terms.validity = Span::new(at(9, 30), at(9, 30) + 86_400).unwrap();
            }
            change(terms);
        });
    })
}

fn run(scene: &Scene, story: Story, kill: Kill) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let mut run = Run::new(scene, story, kill, folder.path());
    let effects = run.finish();
    run.end();
    effects
}

/// Every effect of the undisturbed run, killed before and after. A killed run may ask for more effects; those are the same kinds.
fn matrix(story: Story) {
    let scene = scene(story);
    let effects = run(&scene, story, Kill::Never);
    assert!(20 < effects, "the story has {effects} effects only");
    // Dying before an effect is dying after the one before it: in both, what was asked for and not done is lost with memory.
    let kills = std::iter::once(Kill::Before { effect: 0 }).chain((0..effects).map(|effect| Kill::After { effect }));
    for kill in kills {
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&scene, story, kill)));
        assert!(died.is_ok(), "{story:?} {kill:?}");
    }
}

#[test]
fn r1_an_order_about_the_past_survives_every_kill() {
    matrix(Story::Past);
}

#[test]
fn r1_a_prospective_order_survives_every_kill() {
    matrix(Story::Prospective);
}

#[test]
fn r1_sea_71_a_withdrawn_order_survives_every_kill() {
    matrix(Story::Withdrawn);
}

/// DSK-09: that an order is over says nothing about the hours that nobody came to.
#[test]
fn rel_12_a_case_whose_order_ends_first_says_from_when_on_nothing_was_asked() {
    let scene = scene_with(Story::Prospective, |terms| terms.validity = Span::new(at(9, 30), at(11, 50)).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut run = Run::new(&scene, Story::Prospective, Kill::Never, folder.path());
    run.finish();
    let Some(Case::Closed(closed)) = run.case() else { panic!("not closed") };
    assert_eq!((&closed.ending, closed.served.len()), (&Ending::Lapsed { from: slot(11).start() }, 1));
    assert_eq!(closed.served[0].batch.last_slot, slot(10).no());
}

#[test]
fn rel_24_an_overdue_notice_stops_the_keys_until_its_leaf_is_handed_in() {
    matrix(Story::Overdue);
}

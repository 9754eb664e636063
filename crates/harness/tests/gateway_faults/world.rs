//! The world around the gateway in memory: both logs with their ticks, eight trustees with the real judge and real shares, the
//! provider's segments and salts. What the gateway must not lose is here; what it may lose is in the gateway.

#![allow(dead_code, reason = "two test programs share this world, and each uses its own part of it")]

use super::sealed::SealedHouse;
use harness::fixture::case::{DAY_SECRET, Good};
use harness::fixture::world::{ORDERS, PUBLIC, World};
use harness::fixture::{LogSim, Plan};
use node::cases::state::*;
use node::cases::{Digest32, Octets};
use node::gateway::bundling;
use node::gateway::drafting::{self, BeforeOrder, Salted, Salts, Sources};
use node::gateway::keys;
use node::gateway::opening::Cabinet;
use node::gateway::packing::{self, Papers, Parts};
use node::gateway::preserving;
use node::gateway::production::{self, Given, Production, Unproduced};
use node::gateway::public_view::PublicView;
use node::gateway::rules::{Rules, Settings};
use node::gateway::work::{Answer, Done, Fault, Task, Work};
use seal::committee::{IdentityKey, Share};
use seal::entropy::{Entropy, SeededEntropy};
use seal::epoch::EpochHeader;
use seal::hpke::{self, PrivateKey};
use seal::retention::{BucketProof, BucketTree};
use seal::salt_map::{SaltMap, SaltRoot};
use seal::secret::Secret;
use seal::selector::Selector;
use seal::signature::SigningKey;
use standards::package::PackageKey;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use verify::bundle::{self, Bundle, RelatedPart, StatementPart};
use verify::calendar::Day;
use verify::log::note::{SignedNote, Signer};
use verify::log::proof::TlogProof;
use verify::log::vkey::{KeyKind, KeyName};
use verify::policy::{CommitteeName, MemberId, Policy};
use verify::receipt::{PartialKeys, RefusalAnswer, ReleaseAnswer, ReleaseReceipt, SignedReceipt};
use verify::record::{Parent, SignedRecord};
use verify::release::{Clock, Judgement, Kept, KeptChange, KeptHead, Member, judge};
use verify::statement::{SignedStatement, Statement};

/// Made once for all runs: people, policy, sealed slots, the order. Nothing in it changes.
pub struct Scene {
    pub good: Good,
    pub rules: Arc<Rules>,
    engine: Secret<32>,
    package_key: PackageKey,
    entries: Vec<SignedStatement>,
    segments: BTreeMap<[u8; 32], Vec<u8>>,
    /// 65,536 values each: made once, not for every run.
    pub trees: Vec<BucketTree>,
}

impl Scene {
    /// `change` adapts the good case, such as the order's period.
    pub fn new(change: impl FnOnce(&mut Plan)) -> Scene {
        let entropy = &mut SeededEntropy::new([41; 32]);
        let engine = Secret::<32>::fill_with(|octets| entropy.fill(octets));
        let public = engine.expose(|octets| PrivateKey::from_bytes(Secret::new(*octets)).public_key().unwrap());
        let (package_key, _) = PackageKey::generate("Example Messenger", 1_767_000_000, 1_800_000_000).unwrap();
        let certificate = package_key.certificate_sha256();
        let key = SigningKey::generate(entropy).unwrap();
        let signer = Signer::new(KeyName::parse("gateway.example").unwrap(), KeyKind::Ed25519, key);
        let vkey = signer.vkey().clone();
        let mut plan = Plan::default();
        plan.policy = Box::new(move |_, parts| {
            parts.gateway = vkey;
            parts.engine = public.0;
            parts.package_certificate = certificate;
            // REL-24 comes after the counters of REL-23: a refusal by it uses budget up, and the batch is asked for again.
            let limits = &mut parts.limits;
            limits.identities_per_order *= 4;
            limits.slots_per_order *= 4;
            limits.slots_per_selector *= 4;
            limits.identities_per_day *= 4;
        });
        change(&mut plan);
        let good = plan.build();
        let settings = Settings { poll_seconds: 60, retry_seconds: 10, retry_seconds_max: 300, attempts_max: 5 };
        let policy = Policy::parse(good.policy.to_bytes()).unwrap();
        let rules = Arc::new(Rules::new(policy, signer, settings).unwrap());
        let mut parts = good.bundle.statements.clone();
        parts.sort_by_key(|part| part.place.index);
        let entries = parts.into_iter().map(|part| part.statement).collect();
        let segments = good.closed.iter().map(|epoch| (epoch.header.hash(), epoch.segment.clone())).collect();
        let tree = |header: &EpochHeader| BucketTree::compute(&good.retention, header.lease, header.start);
        let trees = good.closed.iter().map(|epoch| tree(&epoch.header)).collect();
        Scene { good, rules, engine, package_key, entries, segments, trees }
    }

    pub fn people(&self) -> &World {
        &self.good.world
    }

    pub fn engine(&self) -> PrivateKey {
        self.engine.expose(|octets| PrivateKey::from_bytes(Secret::new(*octets)))
    }

    /// Which slot a statement is about; the beginning of time for those about none.
    fn time_of(statement: &Statement) -> u64 {
        match statement {
            Statement::Epoch(header) => header.start,
            Statement::Segment(_) => u64::MAX,
            Statement::SlotClose(close) => close.slot.from(),
            _ => 0,
        }
    }
}

/// One run's state outside of the gateway: it survives every crash of the gateway.
pub struct Outside<'s> {
    pub scene: &'s Scene,
    pub now: u64,
    orders: LogSim,
    public: LogSim,
    view: PublicView,
    waiting: Vec<[u8; 32]>,
    /// D to index, and the proof as it was published.
    pub logged: BTreeMap<[u8; 32], (u64, Vec<u8>)>,
    /// Statements that are published when their time comes.
    unpublished: Vec<(u64, SignedStatement)>,
    kept: BTreeMap<MemberId, Kept>,
    /// Members that do not answer.
    pub away: BTreeSet<MemberId>,
    /// (intent D, member): released how often.
    pub releases: BTreeMap<([u8; 32], MemberId), u32>,
    workshop: BTreeMap<String, Vec<u8>>,
    pub outbox: BTreeMap<String, Vec<u8>>,
    /// Manifest digests by production and intent, one for each time it was packed.
    pub packed: BTreeMap<(String, [u8; 32]), Vec<[u8; 32]>>,
    entropy: SeededEntropy,
    /// The provider's real vault and store, with the sealer's hands; none: the scene's own keys open everything for ever.
    pub house: Option<SealedHouse>,
}

/// Leaves that ORDERS holds before the story begins.
const EARLIER: u64 = 20;

impl<'s> Outside<'s> {
    /// `closes`: when what is said about slots from an hour on goes into PUBLIC.
    pub fn new(scene: &'s Scene, now: u64, closes: impl Fn(u64) -> u64) -> Outside<'s> {
        let mut orders = LogSim::new(ORDERS);
        orders.fill(EARLIER);
        let mut outside = Outside {
            scene,
            now,
            orders,
            public: LogSim::new(PUBLIC),
            view: PublicView::default(),
            waiting: Vec::new(),
            logged: BTreeMap::new(),
            unpublished: Vec::new(),
            kept: BTreeMap::new(),
            away: BTreeSet::new(),
            releases: BTreeMap::new(),
            workshop: BTreeMap::new(),
            outbox: BTreeMap::new(),
            packed: BTreeMap::new(),
            entropy: SeededEntropy::new([43; 32]),
            house: None,
        };
        let mut last = 0;
        for statement in &scene.entries {
            let about = match Scene::time_of(statement.statement()) {
                // A segment belongs to the epoch said just before it.
                u64::MAX => last,
                time => time,
            };
            last = about;
            outside.unpublished.push((if about == 0 { 0 } else { closes(about) }, statement.clone()));
        }
        outside.publish();
        outside.keep();
        // Exactly the thresholds answer: one more who is away, and there is no production.
        let away = [(CommitteeName::Approvers, 2), (CommitteeName::Guardians, 1), (CommitteeName::Guardians, 4)];
        outside.away.extend(away.map(|(committee, index)| MemberId { committee, index }));
        outside
    }

    fn publish(&mut self) {
        let now = self.now;
        let (ready, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.unpublished).into_iter().partition(|(time, _)| *time <= now);
        self.unpublished = later;
        for (_, statement) in ready {
            self.public.push(&statement.to_bytes());
            self.view.push(&self.scene.rules.policy, statement.to_bytes());
        }
    }

    /// Every member's first stored state.
    fn keep(&mut self) {
        for committee in [CommitteeName::Approvers, CommitteeName::Guardians] {
            for row in &self.scene.rules.policy.committee_parts(committee).members {
                let id = MemberId { committee, index: row.index };
                let mut kept = Kept::at_ceremony(id, &mut self.entropy);
                for (log, size) in [(&self.orders, 18), (&self.public, 1)] {
                    let head = log.checkpoint(size);
                    let note = self.note(log, size);
                    kept.apply(&KeptChange::Head { origin: log.origin.clone(), head: KeptHead { size, root: head.root, note } });
                }
                self.kept.insert(id, kept);
            }
        }
    }

    fn note(&self, log: &LogSim, size: u64) -> Vec<u8> {
        let people = self.scene.people();
        let cosigned: Vec<(&Signer, u64)> = people.witnesses().into_iter().map(|witness| (witness, self.now)).collect();
        log.note(size, people.signer(log.origin.as_str()), &cosigned)
    }

    /// One beat of both logs: exactly B leaves, dummies fill (LOG-31).
    pub fn tick(&mut self) {
        let times = *self.scene.rules.policy.times();
        self.now += times.tick;
        self.publish();
        let waiting: Vec<[u8; 32]> = self.waiting.drain(..).collect();
        let first = self.orders.size();
        for d in &waiting {
            self.orders.push(&verify::log::leaf::entry(d));
        }
        self.orders.fill(times.batch.saturating_sub(waiting.len() as u64));
        let size = self.orders.size();
        let note = SignedNote::parse(&self.note(&self.orders, size)).unwrap();
        for (index, d) in (first..).zip(waiting) {
            let proof = TlogProof::new(index, self.orders.place(index, size).path, note.clone());
            self.logged.insert(d, (index, proof.to_bytes()));
        }
    }

    /// Performs a task as the live world would, on real documents.
    pub fn perform(&mut self, work: &Work) -> Result<Done, Fault> {
        match &work.task {
            Task::Log { commitment, d, .. } => self.log(commitment, d),
            Task::Anchor => Ok(Done::Anchored(self.anchor(), None)),
            Task::Slots { from, through } => {
                let len = u64::from(self.scene.rules.policy.times().slot_len);
                Ok(Done::Slots(self.view.closed_through(len, *from, *through)))
            }
            Task::Draft { order, order_leaf, order_anchor, batch } => self.draft(order, order_leaf, order_anchor, *batch),
            Task::Heads { size_min } => {
                while self.orders.size() < *size_min {
                    self.tick();
                }
                let anchor = self.anchor();
                Ok(Done::Heads(Heads { orders: anchor.orders, public: anchor.public, taken: self.now }))
            }
            Task::Ask(asking) => self.ask(asking),
            Task::Open(asking) => Ok(Done::Opened(self.produce(asking)?.scope)),
            Task::Pack(packing) => self.pack(packing),
            Task::Publish(package) => self.hand_out(package),
            Task::Hold { order, leaf, until } => {
                let paper = preserving::paper(&work.case, order, leaf, *until);
                let house = self.house.as_mut().ok_or_else(|| Fault("no vault in this story".to_owned()))?;
                house.ask(&paper, &self.scene.rules.policy, self.now)
            }
            Task::EndHold => self.end_hold(&work.case).map(|()| Done::HoldEnded),
        }
    }

    fn log(&mut self, commitment: &[u8; 32], d: &[u8; 32]) -> Result<Done, Fault> {
        assert_eq!(verify::log::leaf::commitment_d(commitment), *d, "LOG-30");
        if !self.logged.contains_key(d) && !self.waiting.contains(d) {
            self.waiting.push(*d);
        }
        while !self.logged.contains_key(d) {
            self.tick();
        }
        let (index, proof) = self.logged[d].clone();
        Ok(Done::Logged(Logged { origin: ORDERS.to_owned(), index, proof: Octets(proof) }))
    }

    fn anchor(&self) -> Anchor {
        Anchor { public: self.public_head(self.public.size()), orders: Octets(self.note(&self.orders, self.orders.size())) }
    }

    /// PUBLIC's head when it had that many leaves.
    pub fn public_head(&self, size: u64) -> Octets {
        Octets(self.note(&self.public, size))
    }

    fn draft(&mut self, order: &Octets, leaf: &Logged, before: &Anchor, batch: Batch) -> Result<Done, Fault> {
        let order = node::gateway::papers::parse_order(&order.0).map_err(|error| Fault(error.to_string()))?;
        let anchor = self.anchor();
        let rules = Arc::clone(&self.scene.rules);
        let salts = Subjects(self.scene);
        let before = BeforeOrder::of(&rules, &order, before)?;
        let sources = Sources { rules: &rules, view: &self.view, limit: self.public.size(), before, salts: &salts };
        Ok(match drafting::draw(&sources, &order, leaf, batch, &mut self.entropy)? {
            Some(intent) => Done::Drafted { intent: Octets(intent.to_bytes()), anchor },
            None => Done::NothingThere,
        })
    }

    fn bundle(&self, asking: &Asking) -> Bundle {
        let papers = Papers::of(asking).unwrap();
        let size = |note: &Octets| node::log::client::Head::parse(&note.0).unwrap().size;
        let (orders, public) = (size(&asking.heads.orders), size(&asking.heads.public));
        let anchor = |anchor: &Anchor| bundle::Anchor {
            public: anchor.public.0.clone(),
            public_path: self.public.consistency(size(&anchor.public), public),
            orders: anchor.orders.0.clone(),
            orders_path: self.orders.consistency(size(&anchor.orders), orders),
        };
        let head = |log: &LogSim, note: &Octets, size: u64| {
            let stored = self.kept.values().filter_map(|kept| kept.heads().find(|(origin, _)| **origin == log.origin));
            let sizes: BTreeSet<u64> = stored.map(|(_, head)| head.size).filter(|old| *old <= size).collect();
            bundle::HeadPart { note: note.0.clone(), from: sizes.into_iter().map(|old| (old, log.consistency(old, size))).collect() }
        };
        let entries = bundling::entries(&self.scene.rules.policy, &self.view, &papers.intent, asking.batch(), public).unwrap();
        Bundle {
            order_place: self.orders.place(asking.mandate().leaf.index, orders),
            intent_place: self.orders.place(asking.soaked.leaf.index, orders),
            orders_head: head(&self.orders, &asking.heads.orders, orders),
            public_head: head(&self.public, &asking.heads.public, public),
            order_anchor: Some(anchor(&asking.mandate().anchor)),
            intent_anchor: Some(anchor(&asking.soaked.intended.anchor)),
            statements: entries
                .into_iter()
                .map(|(index, entry)| StatementPart {
                    statement: SignedStatement::parse(&entry).unwrap(),
                    place: self.public.place(index, public),
                })
                .collect(),
            related: asking
                .related
                .iter()
                .map(|shown| RelatedPart {
                    record: SignedRecord::parse(&shown.document.0).unwrap(),
                    place: self.orders.place(shown.index, orders),
                })
                .collect(),
            holds: asking
                .holds
                .iter()
                .map(|shown| {
                    let place = |index| self.orders.place(index, orders);
                    bundling::hold(shown, place(shown.order_index), place(shown.hold.leaf.index)).unwrap()
                })
                .collect(),
            requester: self.scene.rules.policy.parts().engine,
            order: papers.order.document,
            intent: papers.intent,
        }
    }

    /// The day for notice of this order has passed, and its grace: whoever released for it holds that against its authority.
    pub fn let_notice_be_overdue(&mut self, order: &Parent) {
        let day = self.now / 86_400;
        for kept in self.kept.values_mut() {
            let Some(account) = kept.account(order).cloned() else { continue };
            let account = verify::release::Account { notice_due: 0, ..account };
            kept.apply(&KeptChange::Counted { day, order: *order, account, links: Vec::new(), now: self.now, identities: 0 });
        }
    }

    fn ask(&mut self, asking: &Asking) -> Result<Done, Fault> {
        let bundle = self.bundle(asking).to_bytes();
        let scene = self.scene;
        let mut answers = Vec::new();
        for id in self.kept.keys().copied().collect::<Vec<_>>() {
            let name = scene.rules.policy.member(id).unwrap().receipt_key.name().as_str().to_owned();
            if asking.answers.contains_key(&name) {
                continue;
            }
            let answer = match self.away.contains(&id) {
                true => Answer::Fault("away".to_owned()),
                false => Answer::Document(Octets(self.member(id, &bundle))),
            };
            answers.push((name, answer));
        }
        Ok(Done::Answers(answers))
    }

    /// One trustee: judge, store, multiply, seal, sign. Its state is its own and survives.
    fn member(&mut self, id: MemberId, bundle: &[u8]) -> Vec<u8> {
        let policy = &self.scene.rules.policy;
        let signer = self.scene.people().signer(policy.member(id).unwrap().receipt_key.name().as_str());
        let kept = self.kept.get_mut(&id).unwrap();
        let member = Member { id, generation: 1 };
        match judge(bundle, policy, member, kept, Clock::Sure(self.now)) {
            Judgement::Granted(pending) => {
                let mut changes = Vec::new();
                let permit = pending.store(|change| Ok::<(), ()>(changes.push(change.clone()))).unwrap();
                changes.iter().for_each(|change| kept.apply(change));
                *self.releases.entry((*permit.intent_d(), id)).or_default() += 1;
                let share = share(self.scene, id);
                let keys =
                    permit.identities().iter().map(|identity| (identity.digest(), share.partial_key(identity).unwrap().point.to_bytes()));
                let partial = PartialKeys { leaf_index: permit.order_index(), member: id, keys: keys.collect() };
                let requester = hpke::PublicKey(*permit.requester());
                let sealed = hpke::seal(&requester, permit.order_leaf(), &[], &partial.encode(), &mut self.entropy).unwrap();
                let receipt = SignedReceipt::sign(ReleaseReceipt::of(&permit, id, &sealed), signer).unwrap();
                ReleaseAnswer { receipt, sealed: Some(sealed) }.to_bytes()
            }
            Judgement::Refused(refused) => {
                let (digest, order_d) = (*refused.bundle_digest(), refused.order_d().copied());
                let mut changes = Vec::new();
                let refusal = refused.store(|change| Ok::<(), ()>(changes.push(change.clone()))).unwrap();
                changes.iter().for_each(|change| kept.apply(change));
                let answer =
                    RefusalAnswer { member: id, time: self.now, bundle: digest, order_d, rule: refusal.rule(), text: refusal.to_string() };
                answer.sign(signer).unwrap()
            }
        }
    }

    fn produce(&mut self, asking: &Asking) -> Result<Production, Fault> {
        if let Some(house) = &self.house {
            return self.open_with(asking, &house.cabinet(self.now)).map_err(|error| Fault(format!("{error:?}")));
        }
        self.open_with(asking, &Subjects(self.scene)).map_err(|error| Fault(format!("{error:?}")))
    }

    /// Opens with another cabinet than the scene's.
    pub fn open_with(&self, asking: &Asking, cabinet: &dyn Cabinet) -> Result<Production, Unproduced> {
        let entropy = &mut SeededEntropy::new([44; 32]);
        let keys = keys::combined(&self.scene.rules, &self.scene.engine(), asking, entropy).unwrap();
        self.open_keys(asking, keys, cabinet)
    }

    pub fn open_without_keys(&self, asking: &Asking) -> Result<Production, Unproduced> {
        self.open_keys(asking, Vec::new(), &Subjects(self.scene))
    }

    fn open_keys(&self, asking: &Asking, keys: Vec<IdentityKey>, cabinet: &dyn Cabinet) -> Result<Production, Unproduced> {
        let papers = Papers::of(asking).unwrap();
        let limit = node::log::client::Head::parse(&asking.soaked.intended.anchor.public.0).unwrap().size;
        let policy = &self.scene.rules.policy;
        let statements = bundling::slots(policy, &self.view, &papers.intent, asking.batch(), limit).unwrap();
        let given = Given {
            order: &papers.order,
            intent: &papers.intent,
            batch: asking.batch(),
            slot_len: u64::from(policy.times().slot_len),
            straggling: 60,
        };
        production::produce(&given, keys, statements, cabinet)
    }

    fn pack(&mut self, packing: &Packing) -> Result<Done, Fault> {
        let production = self.produce(&packing.asked)?;
        if production.scope != packing.scope {
            return Ok(Done::Stopped { code: "GWY-19".into(), text: "other rows".into() });
        }
        let papers = Papers::of(&packing.asked)?;
        let bundle = self.bundle(&packing.asked);
        let parts = Parts { policy: &self.scene.rules.policy, packing, papers: &papers, bundle: &bundle, sorted: BTreeMap::new() };
        let draft = packing::draft(&parts, production)?;
        let signed = draft.assemble().unwrap().sign(&self.scene.package_key, packing.approved).unwrap();
        let (manifest, signature) = signed.digests();
        let bytes = signed.to_bytes().unwrap();
        let name = packing::production_id(&packing.asked);
        let intent = papers.intent.record().d();
        self.packed.entry((name.clone(), intent)).or_default().push(manifest);
        let facts = PackageFacts {
            name: name.clone(),
            size: bytes.len() as u64,
            encrypted: Digest32::of(&bytes),
            manifest: Digest32(manifest),
            signature: Digest32(signature),
        };
        self.workshop.insert(name, bytes);
        Ok(Done::Packed(facts))
    }

    fn hand_out(&mut self, package: &PackageFacts) -> Result<Done, Fault> {
        let is_this = |bytes: Option<&Vec<u8>>| bytes.is_some_and(|bytes| Digest32::of(bytes) == package.encrypted);
        if !is_this(self.outbox.get(&package.name)) {
            if !is_this(self.workshop.get(&package.name)) {
                return Err(Fault("the workshop has another package".to_owned()));
            }
            let bytes = self.workshop.remove(&package.name).unwrap();
            assert!(self.outbox.insert(package.name.clone(), bytes).is_none(), "a production went out twice");
        }
        Ok(Done::Published { at: self.now })
    }

    /// What the gateway tells the vault beside its tasks.
    pub fn keep_named(&mut self, case: &CaseId, order: &Octets, until: u64) {
        if let Some(house) = &self.house {
            house.vault.hold_name(&case.0, &preserving::items(order), until, &mut SeededEntropy::new([66; 32])).unwrap();
        }
    }

    pub fn end_hold(&mut self, case: &CaseId) -> Result<(), Fault> {
        self.house.as_ref().map_or(Ok(()), |house| house.vault.hold_end(&case.0)).map_err(|error| Fault(error.to_string()))
    }

    pub fn erase(&mut self, case: &CaseId) {
        let prefix = packing::prefix(case);
        self.workshop.retain(|name, _| !format!("production-{name}").starts_with(&prefix));
    }
}

fn share(scene: &Scene, id: MemberId) -> &Share {
    scene.people().shares[&id.committee].iter().find(|share| share.index() == id.index).unwrap()
}

/// The scene's segments and retention values.
pub fn cabinet(scene: &Scene) -> impl Cabinet {
    Subjects(scene)
}

/// The provider's salts and segments, from the scene.
struct Subjects<'s>(&'s Scene);

impl Salts for Subjects<'_> {
    fn salt(&self, _day: Day, selector: &Selector, root: &SaltRoot) -> Result<Option<Salted>, Fault> {
        let subjects = &self.0.people().subjects;
        let map = SaltMap::build(&Secret::new(DAY_SECRET), subjects.iter().map(|(selector, salt)| (selector, salt)));
        assert_eq!((map.root().root, map.root().count), (root.root, root.count));
        let (secret, day_secret) = (Secret::new(DAY_SECRET), Secret::new(DAY_SECRET));
        Ok(match subjects.iter().find(|(subject, _)| subject == selector) {
            Some((_, salt)) => map.prove_presence(&secret, selector, salt).map(|proof| Salted::Present { salt: *salt, proof, day_secret }),
            None => map.prove_absence(&secret, selector).map(|proof| Salted::Absent { proof, day_secret }),
        })
    }
}

impl Cabinet for Subjects<'_> {
    fn segment(&self, epoch: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.0.segments.get(epoch).cloned())
    }

    fn runs(&self, epoch: &[u8; 32]) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self.0.good.closed.iter().find(|closed| closed.leaf.epoch_hash == *epoch).map(|closed| closed.runs.clone()))
    }

    fn part(&self, epoch: &[u8; 32], range: Range<u64>) -> Result<Option<Vec<u8>>, Fault> {
        let place = range.start as usize..range.end as usize;
        Ok(self.0.segments.get(epoch).and_then(|octets| octets.get(place)).map(<[u8]>::to_vec))
    }

    fn bucket(&self, header: &EpochHeader, bucket: u16) -> Result<Option<BucketProof>, Fault> {
        let tree = self.0.trees.iter().find(|tree| (tree.lease(), tree.start()) == (header.lease, header.start));
        Ok(tree.and_then(|tree| tree.proof(&self.0.good.retention, bucket)))
    }
}

//! The gateway: the product's core and case database, and its tasks performed on the world's logs, trustees and vault.
//!
//! `node::gateway::live` does this over HTTP and processes; here each leg goes over the world's network and can fail.

use super::cast::{Cast, signer};
use super::fault::{Audience, Forgery, Link, Which};
use super::sabotage::Sabotage;
use super::{Event, World, block};
use node::cases::body::BodyKey;
use node::cases::state::*;
use node::cases::store::CaseStore;
use node::cases::{Digest32, Octets};
use node::gateway::bundling;
use node::gateway::core::Gateway;
use node::gateway::drafting::{self, BeforeOrder, Sources};
use node::gateway::keys;
use node::gateway::live::House;
use node::gateway::packing::{self, Papers, Parts};
use node::gateway::production::{self, Given, Production, Unproduced};
use node::gateway::public_view::PublicView;
use node::gateway::rules::{Rules, Settings};
use node::gateway::self_check;
use node::gateway::start;
use node::gateway::work::{Answer, Done, Effect, Fault, Input, Reply, Task, Work};
use node::log::client::Head;
use node::log::views::View;
use node::vault::Vault;
use seal::entropy::SeededEntropy;
use seal::secret::Secret;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use verify::bundle::{self, Bundle, HeadPart, Place, StatementPart};
use verify::policy::{CommitteeName, Policy};
use verify::statement::SignedStatement;

pub struct GatewayRole {
    folder: PathBuf,
    pub rules: Arc<Rules>,
    process: Option<(Gateway, CaseStore)>,
    entropy: SeededEntropy,
    /// Answers of an earlier life fall through.
    pub life: u32,
    pub dies_after_effect: Option<u64>,
    pub view: PublicView,
    /// Heads of PUBLIC that tasks have taken and wait with.
    anchors: BTreeMap<(CaseId, u64), Octets>,
    workshop: BTreeMap<String, Vec<u8>>,
    pub outbox: BTreeMap<String, Vec<u8>>,
    /// Manifests by production and intent, one for each time it was packed.
    pub packed: BTreeMap<(String, [u8; 32]), Vec<[u8; 32]>>,
    pub complaints: Vec<String>,
    /// What the next bundle is forged into first.
    pub forges: Option<Forgery>,
    has_dawdled: bool,
}

/// Three ticks, as `gateway::start` has it.
const PATIENCE: u64 = 3 * super::cast::TICK + 5;

fn body_key() -> BodyKey {
    BodyKey::from_bytes(Secret::new([81; 32]))
}

fn fault(error: impl std::fmt::Display) -> Fault {
    Fault(error.to_string())
}

impl GatewayRole {
    pub fn init(cast: &Cast, folder: PathBuf) -> GatewayRole {
        std::fs::create_dir_all(&folder).expect("a folder");
        drop(CaseStore::create(&folder.join("cases.db"), body_key()).expect("a case database"));
        let settings = Settings { poll_seconds: 60, retry_seconds: 20, retry_seconds_max: 300, attempts_max: 5 };
        let policy = Policy::parse(cast.policy.to_bytes()).expect("a policy");
        let rules = Rules::new(policy, signer("gateway"), settings);
        let rules = Arc::new(rules.unwrap_or_else(|_| unreachable!("the cast's gateway key")));
        GatewayRole {
            folder,
            rules,
            process: None,
            entropy: SeededEntropy::new([82; 32]),
            life: 0,
            dies_after_effect: None,
            view: PublicView::default(),
            anchors: BTreeMap::new(),
            workshop: BTreeMap::new(),
            outbox: BTreeMap::new(),
            packed: BTreeMap::new(),
            complaints: Vec::new(),
            forges: None,
            has_dawdled: false,
        }
    }

    pub fn is_up(&self) -> bool {
        self.process.is_some()
    }

    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.process.iter().flat_map(|(core, _)| core.cases().map(|(_, case)| case))
    }
}

impl World<'_> {
    pub(super) fn start_gateway(&mut self) {
        if self.gateway.is_up() {
            return;
        }
        let role = &mut self.gateway;
        let store = CaseStore::open(&role.folder.join("cases.db"), body_key()).expect("the case database");
        let core = start::load(&role.rules, &store).expect("stored cases bear judging again");
        role.process = Some((core, store));
        role.view = PublicView::default();
        self.gateway_input(Input::Start);
    }

    pub(super) fn gateway_dies(&mut self) {
        let rest = std::mem::take(&mut self.rests.gateway);
        self.gateway.process = None;
        self.gateway.anchors.clear();
        self.gateway.dies_after_effect = None;
        self.gateway.life += 1;
        self.at(rest.max(1), Event::StartGateway);
    }

    pub(super) fn gateway_input(&mut self, input: Input) {
        let now = self.now;
        let role = &mut self.gateway;
        let Some((core, _)) = role.process.as_mut() else { return };
        for effect in core.handle(now, input, &mut role.entropy) {
            self.gateway_effect(effect);
            match &mut self.gateway.dies_after_effect {
                Some(0) => {
                    self.bites("kill-gateway");
                    return self.gateway_dies();
                }
                Some(left) => *left -= 1,
                None => {}
            }
        }
    }

    fn gateway_effect(&mut self, effect: Effect) {
        let role = &mut self.gateway;
        let life = role.life;
        match effect {
            Effect::Store(change) => {
                let Some((_, store)) = role.process.as_mut() else { return };
                store.apply(&change, &mut role.entropy).expect("stored");
            }
            Effect::StoreRelated(change) => {
                let Some((_, store)) = role.process.as_mut() else { return };
                store.apply_related(&change, &mut role.entropy).expect("stored");
            }
            Effect::Reply { to, reply } => {
                let refused = matches!(reply, Reply::Refused { .. } | Reply::Unknown);
                self.desk_hears(to, refused);
            }
            Effect::Work(work) => {
                let until = self.now + PATIENCE;
                self.at(1, Event::Task { life, work, until });
            }
            Effect::Complain { text, .. } => role.complaints.push(text),
            // Nobody orders to preserve in these worlds; `gateway_faults` does, with the real vault.
            Effect::Keep { .. } | Effect::EndHold { .. } => {}
            Effect::Erase { case } => {
                let prefix = packing::prefix(&case);
                role.workshop.retain(|name, _| !format!("production-{name}").starts_with(&prefix));
            }
            Effect::WakeAt(time) => {
                let wait = time.saturating_sub(self.now);
                self.at(wait, Event::GatewayWakes { life });
            }
        }
    }

    pub(super) fn task_runs(&mut self, life: u32, work: Box<Work>, until: u64) {
        if life != self.gateway.life {
            return;
        }
        if self.sabotage.is(Sabotage::MembersDawdle) && matches!(work.task, Task::Ask(_)) && !self.gateway.has_dawdled {
            self.gateway.has_dawdled = true;
            // As late as the heads in hand stay fresh: later, there would be a new intent, and its time would begin anew.
            return self.at(780, Event::Task { life, work, until });
        }
        let (case, version) = (work.case, work.version);
        let done = self.perform(&work);
        let waits = match work.task {
            Task::Log { .. } | Task::Anchor | Task::Heads { .. } => true,
            Task::Draft { .. } => self.gateway.anchors.contains_key(&(case, version)),
            _ => false,
        };
        let input = match done {
            Ok(done) => Input::Done { case, version, done },
            // The live task polls the log for a while before it gives up.
            Err(_) if waits && self.now < until => return self.at(30, Event::Task { life, work, until }),
            Err(fault) => Input::Failed { case, version, fault: fault.0 },
        };
        self.at(1, Event::TaskEnds { life, input });
    }

    fn perform(&mut self, work: &Work) -> Result<Done, Fault> {
        match &work.task {
            Task::Log { commitment, d, urgent } => self.task_log(commitment, d, *urgent),
            Task::Anchor => {
                let anchor = self.anchor(work)?;
                let limit = Head::parse(&anchor.public.0)?.size;
                self.follow_to(limit)?;
                Ok(Done::Anchored(anchor, self.gateway.view.last_closed(super::cast::SLOT, limit)))
            }
            Task::Slots { from, through } => {
                self.follow()?;
                let len = u64::from(self.cast.policy.times().slot_len);
                Ok(Done::Slots(self.gateway.view.closed_through(len, *from, *through)))
            }
            Task::Draft { order, order_leaf, order_anchor, batch } => self.draft(work, order, order_leaf, order_anchor, *batch),
            Task::Heads { size_min } => self.heads(*size_min),
            Task::Ask(asking) => self.ask(asking),
            Task::Open(asking) => Ok(match self.produce(asking)? {
                Ok(production) => Done::Opened(production.scope),
                Err(stopped) => stopped,
            }),
            Task::Pack(packing) => self.pack(packing),
            Task::Publish(package) => self.hand_out(package),
            Task::Hold { .. } | Task::EndHold => Err(Fault("no order to preserve in these worlds".to_owned())),
        }
    }

    /// The published head as a reader gets it, if it gets one.
    pub(super) fn head(&mut self, which: Which) -> Result<Head, Fault> {
        let now = self.now;
        if !self.net.answers(which.read_link(), now, &mut self.chance) || self.logs[which as usize].engine.is_none() {
            return Err(Fault("the log does not answer".to_owned()));
        }
        let reader = self.reader(which, Audience::Gateway);
        let head = block(reader.head())?;
        if let Err(refusal) = which.policy(self.cast).check(&head.note, None) {
            // LOG-89: what nobody may be shown is shown to the monitor.
            if let Some(number) = self.lie_told(which, Audience::Gateway) {
                self.lies[number].was_shown = true;
                let view = View { name: "gateway".to_owned(), head, reader: Some(reader) };
                self.monitor.is_told(which, number, view);
            }
            return Err(fault(refusal));
        }
        Ok(head)
    }

    fn task_log(&mut self, commitment: &[u8; 32], d: &[u8; 32], urgent: bool) -> Result<Done, Fault> {
        let head = self.head(Which::Orders)?;
        if let Some(index) = self.logs[Which::Orders as usize].published(d) {
            let reader = self.reader(Which::Orders, Audience::Gateway);
            let proof = block(node::log::reading::make_proof(reader.source(), index))?;
            let proof = proof.ok_or_else(|| Fault("not published yet".to_owned()))?;
            return Ok(Done::Logged(Logged { origin: head.origin, index, proof: Octets(proof) }));
        }
        debug_assert_eq!(verify::log::leaf::commitment_d(commitment), *d, "LOG-30");
        let now = self.now;
        for delay in self.net.carry(Link::SubmitOrders, now, &mut self.chance) {
            let entry = verify::log::leaf::entry(d).to_vec();
            self.at(delay, Event::Submitted { which: Which::Orders, key: *d, entry, urgent });
        }
        Err(Fault("the log has not published the leaf yet".to_owned()))
    }

    /// A head of PUBLIC, taken once, and one of ORDERS that is no older: usually of the next tick.
    fn anchor(&mut self, work: &Work) -> Result<Anchor, Fault> {
        let task = (work.case, work.version);
        let public = match self.gateway.anchors.get(&task) {
            Some(public) => public.clone(),
            None => {
                let public = Octets(self.head(Which::Public)?.note);
                self.gateway.anchors.insert(task, public.clone());
                public
            }
        };
        let orders = self.head(Which::Orders)?;
        let anchor = Anchor { public, orders: Octets(orders.note) };
        node::gateway::papers::check_anchor(&self.gateway.rules, &anchor).map_err(fault)?;
        self.gateway.anchors.remove(&task);
        Ok(anchor)
    }

    fn heads(&mut self, size_min: u64) -> Result<Done, Fault> {
        let orders = self.head(Which::Orders)?;
        if orders.size < size_min {
            return Err(Fault("not soaked yet".to_owned()));
        }
        let public = self.head(Which::Public)?;
        Ok(Done::Heads(Heads { orders: Octets(orders.note), public: Octets(public.note), taken: self.now }))
    }

    /// Reads PUBLIC up to its newest head, every entry proven by tiles.
    pub(super) fn follow(&mut self) -> Result<(), Fault> {
        let head = self.head(Which::Public)?;
        let reader = self.reader(Which::Public, Audience::Gateway);
        let from = self.gateway.view.size();
        if from < head.size {
            for entry in block(reader.entries(from, head.size, &head))? {
                self.gateway.view.push(&self.cast.policy, entry);
            }
        }
        Ok(())
    }

    /// GWY-33, as `Logs::follow_to`.
    fn follow_to(&mut self, size: u64) -> Result<(), Fault> {
        self.follow()?;
        self.gateway.view.reaches(size)
    }

    /// The provider's vault and segments, as the engine opens them beside the sealer.
    pub(super) fn house(&self) -> Result<House, Fault> {
        let vault = Vault::open(&self.sealer.vault_path()).map_err(fault)?;
        Ok(House::of(vault, self.sealer.store()))
    }

    fn draft(&mut self, work: &Work, order: &Octets, leaf: &Logged, before: &Anchor, batch: Batch) -> Result<Done, Fault> {
        let order = node::gateway::papers::parse_order(&order.0).map_err(fault)?;
        let anchor = self.anchor(work)?;
        let limit = Head::parse(&anchor.public.0)?.size;
        self.follow_to(limit)?;
        let house = self.house()?;
        let rules = Arc::clone(&self.gateway.rules);
        let _entered = super::runtime().enter();
        let before = BeforeOrder::of(&rules, &order, before)?;
        let sources = Sources { rules: &rules, view: &self.gateway.view, limit, before, salts: &house };
        Ok(match drafting::draw(&sources, &order, leaf, batch, &mut self.gateway.entropy)? {
            Some(intent) => Done::Drafted { intent: Octets(intent.to_bytes()), anchor },
            None => Done::NothingThere,
        })
    }

    fn place(&mut self, which: Which, index: u64, head: &Head) -> Result<Place, Fault> {
        Ok(Place { index, path: block(self.reader(which, Audience::Gateway).inclusion(index, head))? })
    }

    fn head_part(&mut self, which: Which, note: &Octets) -> Result<(HeadPart, Head), Fault> {
        let head = Head::parse(&note.0)?;
        let mut from = Vec::new();
        for old in self.kept_sizes(which.origin()).into_iter().filter(|old| *old <= head.size) {
            from.push((old, block(self.reader(which, Audience::Gateway).consistency(old, &head))?));
        }
        Ok((HeadPart { note: head.note.clone(), from }, head))
    }

    fn anchor_part(&mut self, anchor: &Anchor, public: &Head, orders: &Head) -> Result<bundle::Anchor, Fault> {
        let (old_public, old_orders) = (Head::parse(&anchor.public.0)?, Head::parse(&anchor.orders.0)?);
        let path = |world: &mut Self, which: Which, old: u64, head: &Head| -> Result<Vec<[u8; 32]>, Fault> {
            Ok(block(world.reader(which, Audience::Gateway).consistency(old, head))?)
        };
        Ok(bundle::Anchor {
            public: anchor.public.0.clone(),
            public_path: path(self, Which::Public, old_public.size, public)?,
            orders: anchor.orders.0.clone(),
            orders_path: path(self, Which::Orders, old_orders.size, orders)?,
        })
    }

    pub(super) fn bundle(&mut self, asking: &Asking) -> Result<Bundle, Fault> {
        let papers = Papers::of(asking)?;
        let (orders_head, orders) = self.head_part(Which::Orders, &asking.heads.orders)?;
        let (public_head, public) = self.head_part(Which::Public, &asking.heads.public)?;
        self.follow_to(public.size)?;
        let policy = Arc::clone(&self.cast.policy);
        let entries = bundling::entries(&policy, &self.gateway.view, &papers.intent, asking.batch(), public.size).map_err(fault)?;
        let mut statements = Vec::new();
        for (index, entry) in entries {
            let place = self.place(Which::Public, index, &public)?;
            statements.push(StatementPart { statement: SignedStatement::parse(&entry).map_err(fault)?, place });
        }
        let mut related = Vec::new();
        for shown in &asking.related {
            let record = verify::record::SignedRecord::parse(&shown.document.0).map_err(fault)?;
            related.push(bundle::RelatedPart { record, place: self.place(Which::Orders, shown.index, &orders)? });
        }
        Ok(Bundle {
            order_place: self.place(Which::Orders, asking.mandate().leaf.index, &orders)?,
            intent_place: self.place(Which::Orders, asking.soaked.leaf.index, &orders)?,
            orders_head,
            public_head,
            order_anchor: Some(self.anchor_part(&asking.mandate().anchor, &public, &orders)?),
            intent_anchor: Some(self.anchor_part(&asking.soaked.intended.anchor, &public, &orders)?),
            statements,
            related,
            holds: Vec::new(),
            requester: policy.parts().engine,
            order: papers.order.document,
            intent: papers.intent,
        })
    }

    fn ask(&mut self, asking: &Asking) -> Result<Done, Fault> {
        let bundle = self.bundle(asking)?;
        if let Some(forged) = self.gateway.forges.take().and_then(|forgery| self.forge(forgery, &bundle)) {
            self.bites("corrupt-gateway");
            for id in self.trustees.keys().copied().collect::<Vec<_>>() {
                drop(self.member_answers(id, &forged));
            }
        }
        let bundle = bundle.to_bytes();
        self.adversary.saw(&bundle);
        let mut answers = Vec::new();
        for id in self.trustees.keys().copied().collect::<Vec<_>>() {
            let name = self.cast.member_name(id);
            if asking.answers.contains_key(&name) {
                continue;
            }
            let answer = match self.carried_to_member(id, &bundle) {
                Some(bytes) => Answer::Document(Octets(bytes)),
                None => Answer::Fault("no answer".to_owned()),
            };
            answers.push((name, answer));
        }
        Ok(Done::Answers(answers))
    }

    /// There and back; either way can fail, and a copy can come late.
    fn carried_to_member(&mut self, id: verify::policy::MemberId, bundle: &[u8]) -> Option<Vec<u8>> {
        let now = self.now;
        let copies = self.net.carry(Link::Trustees, now, &mut self.chance);
        for delay in copies.iter().skip(1) {
            self.at(*delay, Event::BundleAgain { member: id, bundle: bundle.to_vec() });
        }
        copies.first()?;
        let answer = self.member_answers(id, bundle)?;
        self.net.answers(Link::Trustees, now, &mut self.chance).then_some(answer)
    }

    /// `Ok(Err)`: what no repetition cures.
    pub(super) fn produce(&mut self, asking: &Asking) -> Result<Result<Production, Done>, Fault> {
        let papers = Papers::of(asking)?;
        let limit = Head::parse(&asking.soaked.intended.anchor.public.0)?.size;
        self.follow_to(limit)?;
        let policy = Arc::clone(&self.cast.policy);
        let stopped = |code: &str, text: String| Done::Stopped { code: code.to_owned(), text };
        let statements = match bundling::slots(&policy, &self.gateway.view, &papers.intent, asking.batch(), limit) {
            Ok(statements) => statements,
            Err(incomplete) => return Ok(Err(stopped("GWY-10", incomplete.to_string()))),
        };
        let straggling = self.cast.timing().straggling();
        let given = Given { order: &papers.order, intent: &papers.intent, batch: asking.batch(), slot_len: super::cast::SLOT, straggling };
        let entropy = &mut self.gateway.entropy;
        let keys = match keys::combined(&self.gateway.rules, &self.cast.engine(), asking, entropy) {
            Ok(keys) => keys,
            Err(none) => return Ok(Err(stopped(none.code(), none.to_string()))),
        };
        let house = self.house()?;
        let _entered = super::runtime().enter();
        match production::produce(&given, keys, statements, &house) {
            Ok(production) => Ok(Ok(self.sabotage.production(production))),
            Err(Unproduced::Unopened(node::gateway::opening::Unopened::Fault(fault))) => Err(fault),
            Err(other) => {
                let (code, text) = other.stop().unwrap_or(("BUG", String::new()));
                Ok(Err(stopped(code, text)))
            }
        }
    }

    fn pack(&mut self, packing: &Packing) -> Result<Done, Fault> {
        let production = match self.produce(&packing.asked)? {
            Ok(production) => production,
            Err(stopped) => return Ok(stopped),
        };
        if production.scope != packing.scope {
            return Ok(Done::Stopped { code: "GWY-19".into(), text: "other rows".into() });
        }
        let papers = Papers::of(&packing.asked)?;
        let bundle = self.bundle(&packing.asked)?;
        let mut packing = packing.clone();
        if self.sabotage.is(Sabotage::NoGuardians) {
            let guardians: BTreeSet<String> = self.names_of(CommitteeName::Guardians);
            packing.asked.answers.retain(|name, _| !guardians.contains(name));
        }
        let packing = &packing;
        let parts = Parts { policy: &self.cast.policy, packing, papers: &papers, bundle: &bundle, sorted: BTreeMap::new() };
        let draft = packing::draft(&parts, production)?;
        let signed = draft.assemble().map_err(fault)?.sign(&self.cast.package_key, packing.approved).map_err(fault)?;
        let (manifest, signature) = signed.digests();
        let bytes = signed.to_bytes().map_err(fault)?;
        // Wrong code of ours must be caught by the oracles, not by this.
        if matches!(self.sabotage, Sabotage::None) {
            self_check::accepts(&self.cast.policy, &bytes)?;
        }
        let name = packing::production_id(&packing.asked);
        let intent = papers.intent.record().d();
        let role = &mut self.gateway;
        role.packed.entry((name.clone(), intent)).or_default().push(manifest);
        let facts = PackageFacts {
            name: name.clone(),
            size: bytes.len() as u64,
            encrypted: Digest32::of(&bytes),
            manifest: Digest32(manifest),
            signature: Digest32(signature),
        };
        if self.sabotage.is(Sabotage::SideDoor) {
            role.outbox.insert(format!("{name}-aside"), bytes.clone());
        }
        role.workshop.insert(name, bytes);
        Ok(Done::Packed(facts))
    }

    fn names_of(&self, committee: CommitteeName) -> BTreeSet<String> {
        self.trustees.keys().filter(|id| id.committee == committee).map(|id| self.cast.member_name(*id)).collect()
    }

    fn hand_out(&mut self, package: &PackageFacts) -> Result<Done, Fault> {
        let role = &mut self.gateway;
        let is_this = |bytes: Option<&Vec<u8>>| bytes.is_some_and(|bytes| Digest32::of(bytes) == package.encrypted);
        if !is_this(role.outbox.get(&package.name)) {
            if !is_this(role.workshop.get(&package.name)) {
                return Err(Fault("the workshop has another package".to_owned()));
            }
            let bytes = role.workshop.remove(&package.name).unwrap_or_default();
            for _ in 0..if self.sabotage.is(Sabotage::HandsOutTwice) { 2 } else { 1 } {
                if role.outbox.insert(package.name.clone(), bytes.clone()).is_some() {
                    self.seen.handed_out_twice.push(package.name.clone());
                }
            }
            self.package_goes_out(&package.name.clone(), &bytes);
        }
        Ok(Done::Published { at: self.now })
    }

    /// Sizes at which members stand, for the proofs of a bundle.
    fn kept_sizes(&self, origin: &str) -> BTreeSet<u64> {
        self.trustees.values().flat_map(|role| role.kept_sizes(origin)).collect()
    }
}

//! From a world to one bundle that every rule accepts, with a hook for each thing a test may want to be wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use seal::epoch::{ClosedEpoch, EpochMaterials, EpochPlan, OpenEpoch, Timing};
use seal::identity::{Category, Identity, Salt, Slot, SlotLen};
use seal::retention::{BucketProof, BucketTree, Crown, RetentionKey};
use seal::salt_map::{SaltMap, SaltRoot};
use seal::secret::Secret;
use seal::segment::SegmentLeaf;
use verify::bundle::{Anchor, Bundle, RelatedPart, StatementPart};
use verify::calendar::Day;
use verify::intent::{IntentDocument, IntentTerms, SaltRow};
use verify::log::note::Signer;
use verify::names::{DirectoryId, Instrument, Span};
use verify::order::{OrderDocument, OrderDraft, OrderTerms, ScopeItem};
use verify::policy::{CommitteeName, MemberId, Policy};
use verify::record::{Kind, Parent, SignedRecord};
use verify::release::{Clock, Judgement, Kept, Member, judge};
use verify::statement::*;

use super::logs::LogSim;
use super::world::*;

/// One statement on its way into PUBLIC: who signs it, and from when on it stands there.
pub struct Said {
    pub statement: Statement,
    pub signers: Vec<String>,
}

type Records = Box<dyn FnOnce(&mut World, Parent) -> Vec<SignedRecord>>;
type Hook<T> = Box<dyn FnOnce(&mut World, &mut T)>;

/// What to make. Every hook changes one thing of the good case; the rest is made to fit.
pub struct Plan {
    pub seed: u8,
    pub policy: Hook<verify::policy::PolicyParts>,
    pub order: Hook<OrderTerms>,
    /// Who signs the order.
    pub order_signer: String,
    pub intent: Hook<IntentTerms>,
    pub intent_signer: String,
    /// Statements about slots and salts, as they go into PUBLIC before the order.
    pub statements: Hook<Vec<Said>>,
    /// Which statements appear only after the order, before the intent.
    pub later: fn(&Statement) -> bool,
    /// Records of other kinds under this order, signed and logged before the head.
    pub related: Records,
    /// ORDERS leaves after the intent; the good number is one tick.
    pub soak: Option<u64>,
    /// Cosigning time of both heads.
    pub head_time: u64,
    pub now: u64,
    pub bundle: Hook<Bundle>,
    pub kept: Hook<Kept>,
    pub slots: Vec<u64>,
    /// A late epoch from 13:00 on that covers the first slot; its statements appear after the order.
    pub late: bool,
    /// The gateway foresees the order's index and logs the intent before it.
    pub intent_first: bool,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            seed: 7,
            policy: Box::new(|_, _| ()),
            order: Box::new(|_, _| ()),
            order_signer: "court".to_owned(),
            intent: Box::new(|_, _| ()),
            intent_signer: "gateway".to_owned(),
            statements: Box::new(|_, _| ()),
            later: |_| false,
            related: Box::new(|_, _| Vec::new()),
            soak: None,
            head_time: at(14, 20),
            now: at(14, 21),
            bundle: Box::new(|_, _| ()),
            kept: Box::new(|_, _| ()),
            slots: vec![10, 11],
            late: false,
            intent_first: false,
        }
    }
}

/// Everything that was made.
pub struct Good {
    pub world: World,
    pub policy: Policy,
    pub bundle: Bundle,
    pub kept: Kept,
    pub member: Member,
    pub now: u64,
    pub order: OrderDocument,
    pub intent: IntentDocument,
    pub identities: Vec<Identity>,
    pub closed: Vec<ClosedEpoch>,
    pub retention: Arc<RetentionKey>,
    pub orders: LogSim,
    pub public: LogSim,
}

pub const DAY_SECRET: [u8; 32] = [0x44; 32];
pub const LEASE: u32 = 7;

pub fn slot(hour: u64) -> Slot {
    Slot::containing(SlotLen::HOUR, at(hour, 0))
}

impl Good {
    pub fn judge(&self) -> Judgement {
        judge(&self.bundle.to_bytes(), &self.policy, self.member, &self.kept, Clock::Sure(self.now))
    }

    /// The rule that refuses, or nothing.
    pub fn verdict(&self) -> Option<u8> {
        match self.judge() {
            Judgement::Granted(_) => None,
            Judgement::Refused(refused) => Some(refused.refusal().rule()),
        }
    }

    /// Where the order's leaf stands.
    pub fn place(&self) -> Parent {
        Parent::new(self.orders.origin.as_str(), self.bundle.order_place.index)
    }
}

/// Puts one more change behind those already planned.
fn behind<T: 'static>(hook: &mut Hook<T>, next: impl FnOnce(&mut World, &mut T) + 'static) {
    let first = std::mem::replace(hook, Box::new(|_, _| ()));
    *hook = Box::new(move |world, value| {
        first(world, value);
        next(world, value);
    });
}

impl Plan {
    pub fn policy(&mut self, change: impl FnOnce(&mut World, &mut verify::policy::PolicyParts) + 'static) {
        behind(&mut self.policy, change);
    }

    pub fn order(&mut self, change: impl FnOnce(&mut World, &mut OrderTerms) + 'static) {
        behind(&mut self.order, change);
    }

    pub fn intent(&mut self, change: impl FnOnce(&mut World, &mut IntentTerms) + 'static) {
        behind(&mut self.intent, change);
    }

    pub fn statements(&mut self, change: impl FnOnce(&mut World, &mut Vec<Said>) + 'static) {
        behind(&mut self.statements, change);
    }

    pub fn bundle(&mut self, change: impl FnOnce(&mut World, &mut Bundle) + 'static) {
        behind(&mut self.bundle, change);
    }

    pub fn kept(&mut self, change: impl FnOnce(&mut World, &mut Kept) + 'static) {
        behind(&mut self.kept, change);
    }

    pub fn build(self) -> Good {
        let mut world = World::new(self.seed);
        let mut parts = world.parts.clone();
        (self.policy)(&mut world, &mut parts);
        world.parts = parts;
        let policy = world.policy();
        let mut public = LogSim::new(PUBLIC);
        let mut orders = LogSim::new(ORDERS);
        let retention = Arc::new(RetentionKey::generate(&mut world.entropy));
        let mut closed: Vec<ClosedEpoch> = self.slots.iter().map(|hour| seal_slot(&mut world, &policy, &retention, *hour)).collect();
        let (map, salt_root) = salt_map(&world);
        let mut said = statements(&policy, &closed, &self.slots, salt_root);
        (self.statements)(&mut world, &mut said);

        // 13:30 all of that stands in PUBLIC; 13:55 ORDERS is still without the order; 14:00 the order is logged.
        let (mut later, said): (Vec<Said>, Vec<Said>) = said.into_iter().partition(|s| (self.later)(&s.statement));
        let mut published = publish(&world, &mut public, said);
        orders.fill(20);
        let order_anchor = (public.size(), orders.size());
        let order = make_order(&mut world, &policy, self.order, &self.order_signer, &self.slots);
        let foreseen = self.intent_first.then(|| orders.size() + 1);
        let order_index = foreseen.unwrap_or_else(|| orders.push(&order.record().entry()));
        if foreseen.is_none() {
            orders.fill(3);
        }
        if self.late {
            let epoch = seal_late(&mut world, &policy, &retention, self.slots[0]);
            later.push(one(Statement::Epoch(epoch.header.clone()), "sealer"));
            later.push(one(Statement::Segment(epoch.leaf), "sealer"));
            closed.push(epoch);
        }
        published.extend(publish(&world, &mut public, later));

        // 14:05 a second pair before the intent; 14:10 the intent.
        let intent_anchor = (public.size(), orders.size());
        let place = Parent::new(ORDERS, order_index);
        let (intent, identities) = make_intent(&mut world, &policy, self.intent, &self.intent_signer, place, &closed, &map);
        let intent_index = orders.push(&intent.record().entry());
        if foreseen.is_some() {
            orders.push(&order.record().entry());
        }
        let log_related = |record: SignedRecord| {
            let index = orders.push(&record.entry());
            (record, index)
        };
        let related: Vec<(SignedRecord, u64)> = (self.related)(&mut world, place).into_iter().map(log_related).collect();
        orders.fill(self.soak.unwrap_or(policy.times().batch).saturating_sub(related.len() as u64));

        let made = Made { order, order_index, intent, intent_index, published, related, order_anchor, intent_anchor };
        let stored = (public.size().saturating_sub(2), 18);
        let mut bundle = made.bundle(&world, &public, &orders, stored, self.head_time);
        let member = Member { id: MemberId { committee: CommitteeName::Guardians, index: 2 }, generation: 1 };
        let mut kept = Kept::at_ceremony(member.id, &mut world.entropy);
        for (log, size) in [(&orders, stored.1), (&public, stored.0)] {
            let head = log.checkpoint(size);
            let note = log.note(size, world.signer(log.origin.as_str()), &cosigned(&world, at(9, 0)));
            let head = verify::release::KeptHead { size, root: head.root, note };
            kept.apply(&verify::release::KeptChange::Head { origin: log.origin.clone(), head });
        }
        (self.kept)(&mut world, &mut kept);
        (self.bundle)(&mut world, &mut bundle);
        let (now, order, intent) = (self.now, made.order, made.intent);
        Good { world, policy, bundle, kept, member, now, order, intent, identities, closed, retention, orders, public }
    }
}

/// All four witnesses at one time.
fn cosigned(world: &World, time: u64) -> Vec<(&Signer, u64)> {
    world.witnesses().into_iter().map(|w| (w, time)).collect()
}

/// What stands in the logs, before it is put into a bundle.
struct Made {
    order: OrderDocument,
    order_index: u64,
    intent: IntentDocument,
    intent_index: u64,
    published: Vec<(SignedStatement, u64)>,
    related: Vec<(SignedRecord, u64)>,
    /// Sizes of PUBLIC and ORDERS.
    order_anchor: (u64, u64),
    intent_anchor: (u64, u64),
}

impl Made {
    fn bundle(&self, world: &World, public: &LogSim, orders: &LogSim, stored: (u64, u64), head_time: u64) -> Bundle {
        let (public_size, orders_size) = (public.size(), orders.size());
        let anchor = |(public_at, orders_at): (u64, u64), time: u64| Anchor {
            public: public.note(public_at, world.signer(PUBLIC), &cosigned(world, time)),
            public_path: public.consistency(public_at, public_size),
            orders: orders.note(orders_at, world.signer(ORDERS), &cosigned(world, time + 60)),
            orders_path: orders.consistency(orders_at, orders_size),
        };
        let statement = |(statement, index): &(SignedStatement, u64)| StatementPart {
            statement: statement.clone(),
            place: public.place(*index, public_size),
        };
        let related =
            |(record, index): &(SignedRecord, u64)| RelatedPart { record: record.clone(), place: orders.place(*index, orders_size) };
        Bundle {
            order_place: orders.place(self.order_index, orders_size),
            intent_place: orders.place(self.intent_index, orders_size),
            orders_head: orders.head(orders_size, &[stored.1], world.signer(ORDERS), &cosigned(world, head_time)),
            public_head: public.head(public_size, &[stored.0], world.signer(PUBLIC), &cosigned(world, head_time)),
            order_anchor: Some(anchor(self.order_anchor, at(13, 54))),
            intent_anchor: Some(anchor(self.intent_anchor, at(14, 5))),
            statements: self.published.iter().map(statement).collect(),
            related: self.related.iter().map(related).collect(),
            holds: Vec::new(),
            requester: ENGINE,
            order: self.order.clone(),
            intent: self.intent.clone(),
        }
    }
}

/// The bucket tree of an epoch. 65,536 leaves are the dearest part of a case; cases of one seed share them.
///
/// A few whole trees are kept (4 MB each), the upper half of all: proofs afterwards cost 256 leaves and not all of them.
pub fn bucket_tree(retention: &RetentionKey, lease: u32, start: u64) -> Arc<BucketTree> {
    let key = (retention.id().0, lease, start);
    if let Some(tree) = TREES.lock().expect("no test panics while it looks").get(&key) {
        return tree.clone();
    }
    let tree = Arc::new(BucketTree::compute(retention, lease, start));
    CROWNS.lock().expect("no test panics while it looks").insert(key, Arc::new(tree.crown()));
    let mut trees = TREES.lock().expect("no test panics while it looks");
    if trees.len() < TREES_MAX {
        trees.insert(key, tree.clone());
    }
    tree
}

/// w_b of one bucket with its path, from the crown of a tree made before.
pub fn bucket_proof(retention: &RetentionKey, lease: u32, start: u64, bucket: u16) -> BucketProof {
    let key = (retention.id().0, lease, start);
    let known = CROWNS.lock().expect("no test panics while it looks").get(&key).cloned();
    let crown = known.unwrap_or_else(|| Arc::new(bucket_tree(retention, lease, start).crown()));
    crown.proof(retention, lease, start, bucket).expect("a bucket")
}

type EpochKey = ([u8; 16], u32, u64);
const TREES_MAX: usize = 64;
static TREES: Mutex<BTreeMap<EpochKey, Arc<BucketTree>>> = Mutex::new(BTreeMap::new());
static CROWNS: Mutex<BTreeMap<EpochKey, Arc<Crown>>> = Mutex::new(BTreeMap::new());

fn timing(policy: &Policy) -> Timing {
    let times = policy.times();
    let len = SlotLen::new(times.slot_len).expect("a slot length");
    Timing::new(len, times.epoch_len, times.grace as u32).expect("timing")
}

/// One epoch in the hour's second quarter, with a record of every subject.
fn seal_slot(world: &mut World, policy: &Policy, retention: &Arc<RetentionKey>, hour: u64) -> ClosedEpoch {
    let plan = EpochPlan::live(timing(policy), PROVIDER, Category::TRAFFIC, LEASE, at(hour, 15));
    seal_epoch(world, policy, retention, plan, at(hour, 15), hour, at(hour, 16) + 1)
}

/// A late epoch from 13:00 on for the slot of this hour.
fn seal_late(world: &mut World, policy: &Policy, retention: &Arc<RetentionKey>, hour: u64) -> ClosedEpoch {
    let plan = EpochPlan::late(timing(policy), PROVIDER, Category::TRAFFIC, LEASE, at(13, 0), (slot(hour), slot(hour))).expect("a plan");
    seal_epoch(world, policy, retention, plan, at(13, 0), hour, at(13, 1))
}

fn seal_epoch(
    world: &mut World,
    policy: &Policy,
    retention: &Arc<RetentionKey>,
    plan: EpochPlan,
    start: u64,
    hour: u64,
    received: u64,
) -> ClosedEpoch {
    let tree = bucket_tree(retention, LEASE, start);
    let node_key = Secret::new([9; 32]);
    let materials = EpochMaterials { public: policy.public_key(), retention: retention.clone(), tree: &tree, node_key: &node_key };
    let mut epoch = OpenEpoch::open(plan, materials, &mut world.entropy).expect("an epoch");
    for (selector, salt) in world.subjects.clone() {
        let id = Identity::new(policy.key_id(), PROVIDER, Category::TRAFFIC, slot(hour), selector, salt).expect("an identity");
        epoch.seal(&id, &record(at(hour, 16), received)).expect("a sealed record");
    }
    epoch.close()
}

pub fn record(time: u64, received: u64) -> seal::catalogue::Record {
    use seal::catalogue::*;
    let common = Common { t_event: Stamp::Seconds(time), clock: Clock::Server, source: "fixture".into(), source_row: None };
    let traffic = Traffic {
        interaction: Interaction::Message,
        direction: Direction::Sent,
        sender: Party::new(PartyKind::Account, "@alice:example"),
        recipients: Some(vec![Party::new(PartyKind::Account, "@bob:example")]),
        recipients_total: Some(1),
        part: None,
        parts: None,
        membership: None,
        conversation: None,
        message_id: None,
        wrapping: Some(Wrapping::Encrypted),
        size: None,
        duration: None,
        protocol: None,
        route: None,
        claimed: None,
        claimed_implausible: None,
    };
    Record::new(common, received * 1_000, traffic).expect("a record")
}

fn salt_map(world: &World) -> (SaltMap, SaltRoot) {
    let map = SaltMap::build(&Secret::new(DAY_SECRET), world.subjects.iter().map(|(selector, salt)| (selector, salt)));
    let root = map.root();
    (map, root)
}

fn one(statement: Statement, signer: &str) -> Said {
    Said { statement, signers: vec![signer.to_owned()] }
}

/// What a policy says of itself in PUBLIC.
pub fn policy_notice(policy: &Policy, from_tick: u64) -> PolicyNotice {
    let times = policy.times();
    PolicyNotice {
        policy_hash: *policy.hash(),
        from_tick,
        tick: times.tick,
        batch: times.batch,
        freshness: times.freshness,
        max_seal: times.max_seal,
        remark: None,
    }
}

/// The ceremony that made a committee of the policy.
pub fn ceremony(policy: &Policy, name: CommitteeName) -> Ceremony {
    let parts = policy.committee_parts(name);
    Ceremony {
        committee: name,
        need: parts.committee.need,
        of: parts.committee.of,
        generation: parts.generation,
        period: policy.parts().key.period,
        polynomial: parts.committee.polynomial.iter().map(|point| point.to_bytes()).collect(),
        possession: parts.committee.pop.to_bytes(),
        transcript: some_digest(0x77),
        members: parts.members.iter().map(|member| member.receipt_key.clone()).collect(),
    }
}

/// Policy, both ceremonies, then for each slot epoch, segment, salt map and slot-close, as a provider publishes them.
fn statements(policy: &Policy, closed: &[ClosedEpoch], slots: &[u64], salts: SaltRoot) -> Vec<Said> {
    let notice = policy_notice(policy, at(0, 0));
    let mut said = vec![Said { statement: Statement::Policy(notice), signers: vec!["policy-1".into(), "policy-2".into()] }];
    for name in [CommitteeName::Approvers, CommitteeName::Guardians] {
        let (parts, ceremony) = (policy.committee_parts(name), ceremony(policy, name));
        let signers = parts.members.iter().map(|m| m.receipt_key.name().to_string()).collect();
        said.push(Said { statement: Statement::Ceremony(ceremony), signers });
    }
    for (epoch, hour) in closed.iter().zip(slots) {
        said.push(one(Statement::Epoch(epoch.header.clone()), "sealer"));
        said.push(one(Statement::Segment(epoch.leaf), "sealer"));
        let day = Day::containing(at(*hour, 0));
        let map = SaltMapRoot { provider: PROVIDER, day, through: at(*hour + 1, 0), leaves: salts.count, root: salts.root };
        said.push(one(Statement::SaltMap(map), "provider"));
        said.push(one(Statement::SlotClose(slot_close(*hour, &[epoch.leaf])), "provider"));
    }
    said
}

pub fn slot_close(hour: u64, leaves: &[SegmentLeaf]) -> SlotClose {
    SlotClose {
        provider: PROVIDER,
        slot: Span::new(slot(hour).start(), slot(hour).end()).expect("a span"),
        epochs: leaves.len() as u64,
        root: SegmentLeaf::slot_root(leaves),
    }
}

fn publish(world: &World, public: &mut LogSim, said: Vec<Said>) -> Vec<(SignedStatement, u64)> {
    let publish_one = |s: Said| {
        let signers: Vec<&Signer> = s.signers.iter().map(|name| world.signer(name)).collect();
        let signed = SignedStatement::sign(s.statement, &signers).expect("a statement");
        let index = public.push(&signed.to_bytes());
        (signed, index)
    };
    said.into_iter().map(publish_one).collect()
}

pub fn scope_item(selector: &str, category: Category, first: u64, last: u64) -> ScopeItem {
    let selector = seal::selector::Selector::from_text(selector).expect("a selector");
    ScopeItem::new(selector, category, SlotLen::HOUR, slot(first).no(), slot(last).no()).expect("a scope item")
}

fn make_order(world: &mut World, policy: &Policy, hook: Hook<OrderTerms>, signer: &str, slots: &[u64]) -> OrderDocument {
    let (first, last) = (slots[0], slots[slots.len() - 1]);
    let id = |text: &str| DirectoryId::parse(text).expect("an id");
    let mut terms = OrderTerms {
        kind: Kind::Order,
        instrument: Instrument::parse("epoc").expect("a name"),
        court: Some(id("nl.rechtbank")),
        legal_basis: "Article 5 Regulation (EU) 2023/1543".to_owned(),
        authority: id("nl.om"),
        provider: PROVIDER,
        period: Span::new(slot(first).start() + 60, slot(last).end() - 60).expect("a span"),
        case_ref: Some("2026-001".to_owned()),
        validity: Span::new(at(13, 50), at(13, 50) + 30 * 86_400).expect("a span"),
        seal_until: DAY_ZERO + 120 * 86_400,
        notice_due: DAY_ZERO + 90 * 86_400,
        policy_hash: *policy.hash(),
        items: vec![scope_item("phone:+31612345678", Category::TRAFFIC, first, last)],
        original: None,
        attesters: None,
    };
    hook(world, &mut terms);
    let attested = terms.attesters.is_some();
    let mut entropy = std::mem::replace(&mut world.entropy, seal::entropy::SeededEntropy::new([0; 32]));
    let draft = OrderDraft::draw(terms, &mut entropy).expect("a draft");
    world.entropy = entropy;
    if !attested {
        return draft.sign(world.signer(signer)).expect("a signed order");
    }
    let message = draft.record().message();
    let digests = draft.record().attesters().expect("attesters").to_vec();
    let names = ["attester-1", "attester-2", "attester-3", "stranger"];
    let of = |digest: &[u8; 32]| names.iter().find(|n| verify::record::key_digest(world.signer(n).vkey().key()) == *digest);
    let signatures: Vec<[u8; 64]> = digests.iter().filter_map(of).map(|name| world.signer(name).sign_message(&message)).collect();
    draft.attest(&signatures).expect("an attested order")
}

fn make_intent(
    world: &mut World,
    policy: &Policy,
    hook: Hook<IntentTerms>,
    signer: &str,
    order: Parent,
    closed: &[ClosedEpoch],
    map: &SaltMap,
) -> (IntentDocument, Vec<Identity>) {
    let (selector, salt) = world.subjects[0].clone();
    let asked = |epoch: &ClosedEpoch| (salt, Category::TRAFFIC, Slot::containing(SlotLen::HOUR, epoch.header.start), selector.clone());
    let identities: Vec<(Salt, Category, Slot, _)> = closed.iter().filter(|epoch| !epoch.header.is_late()).map(asked).collect();
    let day = Day::containing(DAY_ZERO);
    let proof = map.prove_presence(&Secret::new(DAY_SECRET), &selector, &salt).expect("a salt proof");
    let mut terms = IntentTerms {
        provider: PROVIDER,
        authority: DirectoryId::parse("nl.om").expect("an id"),
        order,
        key_id: policy.key_id(),
        identities,
        release: closed.iter().map(|epoch| epoch.leaf.digest()).collect::<BTreeSet<_>>(),
        days: BTreeMap::from([(day, DAY_SECRET)]),
        salts: vec![SaltRow { day, selector: selector.clone(), proof }],
    };
    hook(world, &mut terms);
    let provider = terms.provider;
    let key_id = terms.key_id;
    let mut entropy = std::mem::replace(&mut world.entropy, seal::entropy::SeededEntropy::new([0; 32]));
    let intent = IntentDocument::draw(terms, world.signer(signer), &mut entropy).expect("an intent");
    world.entropy = entropy;
    let identities = intent.identities().iter().filter_map(|row| row.identity(key_id, provider)).collect();
    (intent, identities)
}

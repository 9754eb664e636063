//! One test for each refusal of the gateway: all correct but one thing, and the code names it. Documents, keys and judges are real.

mod cabinets;
mod flagged;
mod not_held;
mod older_state;
mod periods;
mod preserved;
mod registry;
#[path = "../gateway_faults/sealed.rs"]
#[allow(dead_code)]
mod sealed;
#[path = "../gateway_faults/world.rs"]
#[allow(dead_code)]
mod world;

use harness::fixture::at;
use harness::fixture::case::{DAY_SECRET, slot};
use node::cases::state::*;
use node::cases::{Digest32, Octets};
use node::gateway::core::Gateway;
use node::gateway::drafting::{self, BeforeOrder, Salted, Salts, Sources};
use node::gateway::opening::Stop;
use node::gateway::papers;
use node::gateway::public_view::PublicView;
use node::gateway::recheck;
use node::gateway::signatures::{self, CaseRefusal};
use node::gateway::work::{Done, Effect, Fault, Input, Reply, Request, Task};
use seal::entropy::SeededEntropy;
use seal::salt_map::{SaltMap, SaltProof, SaltRoot};
use seal::secret::Secret;
use seal::selector::Selector;
use std::sync::{Arc, OnceLock};
use verify::approval::Stage;
use verify::calendar::Day;
use verify::names::Span;
use verify::record::Kind;
use verify::statement::{SaltMapRoot, SignedStatement, Statement};
use world::{Outside, Scene};

/// A gateway in memory, driven until it waits for people.
struct Desk {
    outside: Outside<'static>,
    gateway: Gateway,
    entropy: SeededEntropy,
    reply: Option<Reply>,
    complaints: Vec<String>,
    /// What the vault was told (SEA-68).
    kept: Vec<Effect>,
}

fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        Scene::new(|plan| plan.order = Box::new(|_, terms| terms.period = Span::new(slot(10).start(), slot(11).end() - 60).unwrap()))
    })
}

impl Desk {
    fn new() -> Desk {
        let scene = scene();
        let gateway = Gateway::new(Arc::clone(&scene.rules), [], []);
        let outside = Outside::new(scene, at(13, 54), |_| 0);
        Desk { outside, gateway, entropy: SeededEntropy::new([61; 32]), reply: None, complaints: Vec::new(), kept: Vec::new() }
    }

    /// With the order sent in, and everything done that needs no people.
    fn with_order() -> Desk {
        let mut desk = Desk::new();
        desk.request(Request::Order(scene().good.order.to_bytes()));
        desk
    }

    fn approved_once() -> Desk {
        let mut desk = Desk::with_order();
        desk.approve("officer-1");
        desk
    }

    /// Opened, waiting for approval 2.
    fn opened() -> Desk {
        let mut desk = Desk::approved_once();
        desk.approve("officer-2");
        assert!(matches!(desk.case(), Case::AwaitingRelease(_)), "{} {:?}", desk.case().word(), desk.complaints);
        desk
    }

    fn case(&self) -> Case {
        self.gateway.cases().map(|(_, case)| case.clone()).next().unwrap()
    }

    fn id(&self) -> CaseId {
        self.case().file().id
    }

    fn request(&mut self, request: Request) -> Option<Reply> {
        self.reply = None;
        self.drive(vec![Input::Request { from: 0, request }], |_, _| None);
        self.reply.clone()
    }

    /// Runs inputs and what follows from them; `instead` may answer a task in the world's place.
    fn drive(&mut self, mut inputs: Vec<Input>, mut instead: impl FnMut(&mut Outside<'static>, &Task) -> Option<Result<Done, Fault>>) {
        for _ in 0..200 {
            let Some(input) = inputs.pop() else { return };
            for effect in self.gateway.handle(self.outside.now, input, &mut self.entropy) {
                match effect {
                    Effect::Reply { reply, .. } => self.reply = Some(reply),
                    Effect::Complain { text, .. } => self.complaints.push(text),
                    Effect::Work(work) => {
                        let (case, version) = (work.case, work.version);
                        let done = instead(&mut self.outside, &work.task).unwrap_or_else(|| self.outside.perform(&work));
                        inputs.push(match done {
                            Ok(done) => Input::Done { case, version, done },
                            Err(fault) => Input::Failed { case, version, fault: fault.0 },
                        });
                    }
                    Effect::Keep { .. } | Effect::EndHold { .. } => self.kept.push(effect),
                    Effect::Store(_) | Effect::StoreRelated(_) | Effect::Erase { .. } | Effect::WakeAt(_) => {}
                }
            }
        }
        panic!("no end");
    }

    fn approval(&self, officer: &str, stage: Stage, digest: &Digest32, time: u64) -> Vec<u8> {
        signatures::approve(&self.id(), stage, digest, time, scene().good.world.signer(officer)).unwrap()
    }

    fn approve(&mut self, officer: &str) -> Option<Reply> {
        let (stage, digest) = match self.case() {
            Case::AwaitingRelease(s) => (Stage::BeforeDelivery, s.scope.digest(&self.id())),
            other => (Stage::BeforeKeys, papers::understanding(other.file()).unwrap()),
        };
        let document = self.approval(officer, stage, &digest, self.outside.now);
        self.request(Request::Approval { case: self.id(), document })
    }

    fn refuse(&mut self, officer: &str) -> Option<Reply> {
        let refusal = CaseRefusal { case: self.id(), reason: 12, time: self.outside.now };
        let document = refusal.sign(scene().good.world.signer(officer)).unwrap();
        self.request(Request::Refusal { case: self.id(), document })
    }
}

fn code(reply: Option<Reply>) -> String {
    match reply {
        Some(Reply::Refused { code, .. }) => code,
        other => panic!("not refused: {other:?}"),
    }
}

/// The order of the scene with one thing changed, signed by the court.
fn order_code(change: impl Fn(&mut verify::order::OrderTerms) + 'static) -> String {
    let scene = Scene::new(|plan| plan.order = Box::new(move |_, terms| change(terms)));
    let mut gateway = Gateway::new(Arc::clone(&scene.rules), [], []);
    let request = Request::Order(scene.good.order.to_bytes());
    let effects = gateway.handle(at(13, 54), Input::Request { from: 0, request }, &mut SeededEntropy::new([1; 32]));
    let [Effect::Reply { reply, .. }] = &effects[..] else { panic!("{effects:?}") };
    code(Some(reply.clone()))
}

#[test]
fn an_order_that_no_trustee_would_serve_is_refused_at_the_door() {
    assert_eq!(order_code(|terms| terms.validity = Span::new(at(15, 0), at(16, 0)).unwrap()), "REL-12");
    assert_eq!(order_code(|terms| terms.policy_hash = [9; 32]), "REL-22");
    assert_eq!(order_code(|terms| terms.provider = seal::identity::ProviderId([1; 16])), "REL-20");
    assert_eq!(order_code(|terms| terms.court = None), "REL-10");
    assert_eq!(order_code(|terms| terms.court = verify::names::DirectoryId::parse("nl.politie")), "REL-10");
    assert_eq!(order_code(|terms| terms.instrument = verify::names::Instrument::parse("national/nl/126n").unwrap()), "REL-22");
    assert_eq!(order_code(|terms| terms.seal_until = at(0, 0) + 367 * 86_400), "LOG-43");
}

#[test]
fn r7_the_same_order_again_is_the_same_case() {
    let mut desk = Desk::with_order();
    let again = desk.request(Request::Order(scene().good.order.to_bytes()));
    assert_eq!(again, Some(Reply::Receipt { case: desk.id(), number: 1, state: "awaiting-approval" }));
    assert_eq!(desk.gateway.cases().count(), 1);
}

#[test]
fn case_01_a_withdrawal_of_no_case() {
    let record = verify::record::Record::draw(
        vec![
            verify::record::Value::Kind(Kind::Withdrawal),
            verify::record::Value::Provider(scene().rules.policy.parts().provider),
            verify::record::Value::Parent(verify::record::Parent::new("nowhere/orders/2026", 1)),
            verify::record::Value::Authority(verify::names::DirectoryId::parse("nl.om").unwrap()),
        ],
        &mut SeededEntropy::new([2; 32]),
    );
    let draft = verify::record::DraftRecord::draw(record.unwrap(), &mut SeededEntropy::new([3; 32]));
    let bytes = draft.signed(vec![0; 64]).to_bytes();
    assert_eq!(code(Desk::with_order().request(Request::Withdrawal(bytes))), "CASE-01");
}

#[test]
fn case_02_no_such_case() {
    let reply = Desk::new().request(Request::Retry { case: Digest32([9; 32]), by: "desk".into() });
    assert_eq!(code(reply), "CASE-02");
}

#[test]
fn case_03_an_approval_that_nothing_waits_for() {
    let mut desk = Desk::opened();
    desk.approve("officer-1");
    desk.approve("officer-2");
    assert_eq!(code(desk.approve("officer-3")), "CASE-03");
}

#[test]
fn case_04_one_person_does_not_approve_twice() {
    let mut desk = Desk::approved_once();
    desk.outside.now += 1;
    assert_eq!(code(desk.approve("officer-1")), "CASE-04");
    assert!(matches!(desk.case(), Case::AwaitingApproval(s) if s.approvals.len() == 1));
}

#[test]
fn sea_54_nothing_is_looked_up_before_two_persons_approved_the_order() {
    let mut desk = Desk::with_order();
    let mut drafts = Vec::new();
    for officer in ["officer-1", "officer-2"] {
        let digest = papers::understanding(desk.case().file()).unwrap();
        let document = desk.approval(officer, Stage::BeforeKeys, &digest, desk.outside.now);
        let request = Request::Approval { case: desk.id(), document };
        let mut asked = 0;
        desk.drive(vec![Input::Request { from: 0, request }], |_, task| {
            // Drafting an intent is what takes salts out of the vault.
            asked += usize::from(matches!(task, Task::Draft { .. }));
            None
        });
        drafts.push(asked);
    }
    assert_eq!(drafts, [0, 1]);
}

#[test]
fn rel_33_apr_02_apr_03_only_officers_and_only_for_this() {
    let mut desk = Desk::with_order();
    assert_eq!(code(desk.approve("police")), "APR-02");
    let other = desk.approval("officer-1", Stage::BeforeDelivery, &papers::understanding(desk.case().file()).unwrap(), 0);
    assert_eq!(code(desk.request(Request::Approval { case: desk.id(), document: other })), "APR-03");
    let other = desk.approval("officer-1", Stage::BeforeKeys, &Digest32([1; 32]), 0);
    assert_eq!(code(desk.request(Request::Approval { case: desk.id(), document: other })), "APR-03");
}

#[test]
fn case_05_what_is_on_its_way_out_is_not_refused() {
    let mut desk = Desk::opened();
    desk.approve("officer-1");
    desk.approve("officer-2");
    assert_eq!(code(desk.refuse("officer-3")), "CASE-05");
}

#[test]
fn case_06_nothing_is_left_to_withdraw() {
    let mut desk = Desk::with_order();
    desk.refuse("officer-1");
    let Case::Closed(closed) = desk.case() else { panic!("{}", desk.case().word()) };
    assert_eq!(closed.ending, Ending::Refused { reason: 12 });
    let record = verify::record::SignedRecord::parse(&closed.leaves.records[0].0).unwrap();
    // SEA-59: the reason stands inside the commitment.
    assert_eq!((record.kind(), record.record().reason()), (Kind::Refusal, Some(12)));
    let reply = desk.request(Request::Withdrawal(withdrawal(&closed.leaf, "court")));
    assert_eq!(code(reply), "CASE-06");
}

#[test]
fn case_07_only_a_halted_case_is_taken_up_again() {
    let mut desk = Desk::with_order();
    let case = desk.id();
    assert_eq!(code(desk.request(Request::Retry { case, by: "desk".into() })), "CASE-07");
}

fn withdrawal(leaf: &Logged, signer: &str) -> Vec<u8> {
    use verify::record::{DraftRecord, Record, Value};
    let order = scene().good.order.record().record();
    let values = vec![
        Value::Kind(Kind::Withdrawal),
        Value::Provider(order.provider().unwrap()),
        Value::Parent(papers::place(leaf)),
        Value::Authority(order.authority().unwrap().clone()),
        Value::Court(order.court().unwrap().clone()),
    ];
    let entropy = &mut SeededEntropy::new([4; 32]);
    let draft = DraftRecord::draw(Record::draw(values, entropy).unwrap(), entropy);
    let signature = scene().good.world.signer(signer).sign_message(&draft.record.message());
    draft.signed(signature.to_vec()).to_bytes()
}

#[test]
fn case_08_a_record_that_is_no_withdrawal_and_log_43_a_strangers() {
    let mut desk = Desk::with_order();
    assert_eq!(code(desk.request(Request::Withdrawal(b"no record".to_vec()))), "CASE-08");
    let leaf = papers::order_leaf(&desk.case()).unwrap().clone();
    assert_eq!(code(desk.request(Request::Withdrawal(withdrawal(&leaf, "stranger")))), "LOG-43");
    assert!(desk.request(Request::Withdrawal(withdrawal(&leaf, "court"))).is_some());
    assert!(matches!(desk.case(), Case::Closed(_)));
}

#[test]
fn case_09_an_approval_from_the_future() {
    let mut desk = Desk::with_order();
    let digest = papers::understanding(desk.case().file()).unwrap();
    let document = desk.approval("officer-1", Stage::BeforeKeys, &digest, desk.outside.now + 301);
    assert_eq!(code(desk.request(Request::Approval { case: desk.id(), document })), "CASE-09");
}

#[test]
fn case_10_a_refusal_that_is_none() {
    let mut desk = Desk::with_order();
    let case = desk.id();
    assert_eq!(code(desk.request(Request::Refusal { case, document: b"no".to_vec() })), "CASE-10");
    assert_eq!(code(desk.refuse("stranger")), "APR-02");
}

#[test]
fn sea_71_a_withdrawal_before_delivery_stops_it_and_used_keys_are_logged() {
    let mut desk = Desk::opened();
    let leaf = papers::order_leaf(&desk.case()).unwrap().clone();
    desk.request(Request::Withdrawal(withdrawal(&leaf, "court")));
    let Case::Closed(closed) = desk.case() else { panic!("{}", desk.case().word()) };
    let kinds: Vec<Kind> = closed.leaves.records.iter().map(|r| verify::record::SignedRecord::parse(&r.0).unwrap().kind()).collect();
    assert_eq!(kinds, [Kind::Release, Kind::Withdrawal, Kind::Outcome]);
    assert!(desk.outside.outbox.is_empty());
}

#[test]
fn gwy_30_an_intent_outside_of_its_batch_is_not_logged() {
    let mut desk = Desk::approved_once();
    desk.complaints.clear();
    let digest = papers::understanding(desk.case().file()).unwrap();
    let document = desk.approval("officer-2", Stage::BeforeKeys, &digest, desk.outside.now);
    let request = Request::Approval { case: desk.id(), document };
    desk.drive(vec![Input::Request { from: 0, request }], |outside, task| {
        // The good case's intent: signed by another gateway key, under another leaf.
        let Task::Draft { .. } = task else { return None };
        let intent = Octets(scene().good.intent.to_bytes());
        let anchor = match outside.perform(&node::gateway::work::Work { case: Digest32([0; 32]), version: 0, task: Task::Anchor }) {
            Ok(Done::Anchored(anchor, _)) => anchor,
            other => panic!("{other:?}"),
        };
        Some(Ok(Done::Drafted { intent, anchor }))
    });
    assert!(matches!(desk.case(), Case::Drafting(_)));
    assert!(desk.complaints.iter().any(|text| text.contains("GWY-30")), "{:?}", desk.complaints);
}

#[test]
fn gwy_31_gwy_32_proofs_and_anchors_of_another_place_are_not_taken() {
    let mut desk = Desk::new();
    let mut wrong_anchor = true;
    desk.drive(vec![Input::Request { from: 0, request: Request::Order(scene().good.order.to_bytes()) }], |outside, task| match task {
        Task::Anchor if std::mem::take(&mut wrong_anchor) => {
            let work = |task| node::gateway::work::Work { case: Digest32([0; 32]), version: 0, task };
            let Ok(Done::Anchored(old, _)) = outside.perform(&work(Task::Anchor)) else { panic!() };
            outside.tick();
            let Ok(Done::Anchored(new, _)) = outside.perform(&work(Task::Anchor)) else { panic!() };
            Some(Ok(Done::Anchored(Anchor { public: new.public, orders: old.orders }, None)))
        }
        _ => None,
    });
    assert!(desk.complaints.iter().any(|text| text.contains("GWY-32")), "{:?}", desk.complaints);
    desk.outside.now += 600;
    let now = desk.outside.now;
    desk.drive(vec![Input::Wake], |outside, task| match task {
        Task::Log { commitment, d, .. } => {
            let task = Task::Log { commitment: *commitment, d: *d, urgent: false };
            let done = outside.perform(&node::gateway::work::Work { case: Digest32([0; 32]), version: 0, task });
            let Ok(Done::Logged(logged)) = done else { panic!() };
            Some(Ok(Done::Logged(Logged { index: logged.index + 1, ..logged })))
        }
        _ => None,
    });
    assert!(desk.complaints.iter().any(|text| text.contains("GWY-31")), "{now} {:?}", desk.complaints);
    assert!(matches!(desk.case(), Case::Submitted(_)));
}

#[test]
fn gwy_40_gwy_41_without_a_threshold_the_case_halts_and_says_who() {
    let mut desk = Desk::approved_once();
    // A second approver is away and a third lies: the threshold of approvers cannot be reached.
    desk.drive(vec![], |_, _| None);
    let digest = papers::understanding(desk.case().file()).unwrap();
    let document = desk.approval("officer-2", Stage::BeforeKeys, &digest, desk.outside.now);
    let request = Request::Approval { case: desk.id(), document };
    desk.drive(vec![Input::Request { from: 0, request }], |outside, task| {
        let Task::Ask(asking) = task else { return None };
        let work = node::gateway::work::Work { case: Digest32([0; 32]), version: 0, task: Task::Ask(asking.clone()) };
        let Ok(Done::Answers(mut answers)) = outside.perform(&work) else { panic!() };
        for (member, answer) in &mut answers {
            if member.starts_with("approver") {
                *answer = node::gateway::work::Answer::Document(Octets(b"not an answer".to_vec()));
            }
        }
        Some(Ok(Done::Answers(answers)))
    });
    let Case::Halted(halted) = desk.case() else { panic!("{}", desk.case().word()) };
    assert!(halted.why.iter().all(|why| why.starts_with("approver") && why.contains("GWY-40")), "{:?}", halted.why);
    // The guardians gave keys: their release is owed to the log.
    assert_eq!(halted.mandate.owed.len(), 1);
    // GWY-41: nobody answers until the heads are stale, for as many intents as the settings allow.
    let mut desk = Desk::approved_once();
    let document = desk.approval("officer-2", Stage::BeforeKeys, &digest, desk.outside.now);
    let request = Request::Approval { case: desk.id(), document };
    let mut inputs = vec![Input::Request { from: 0, request }];
    for _ in 0..40 {
        desk.drive(std::mem::replace(&mut inputs, vec![Input::Wake]), |_, task| {
            matches!(task, Task::Ask(_)).then(|| Ok(Done::Answers(Vec::new())))
        });
        desk.outside.tick();
    }
    let Case::Halted(halted) = desk.case() else { panic!("{}", desk.case().word()) };
    assert!(halted.why[0].starts_with("GWY-41"), "{:?}", halted.why);
    assert_eq!(halted.batch.attempt, scene().rules.settings.attempts_max);
}

/// What the gateway makes of PUBLIC for the slot of 10:00 when `keep` decides what stands there.
fn seen(keep: impl Fn(&Statement) -> usize) -> Option<&'static str> {
    let policy = &scene().rules.policy;
    let mut view = PublicView::default();
    for part in &scene().good.bundle.statements {
        for _ in 0..keep(part.statement.statement()) {
            view.push(policy, part.statement.to_bytes());
        }
    }
    view.slot(3_600, slot(10).no(), view.size()).err().map(|incomplete| Stop::Incomplete(incomplete).code())
}

#[test]
fn gwy_10_a_slot_that_public_does_not_hold_whole_is_not_opened() {
    assert_eq!(seen(|_| 1), None);
    let is_close = |statement: &Statement| matches!(statement, Statement::SlotClose(close) if close.slot.from() == slot(10).start());
    assert_eq!(seen(|statement| usize::from(!is_close(statement))), Some("GWY-10"), "no slot-close");
    assert_eq!(seen(|statement| 1 + usize::from(is_close(statement))), Some("GWY-10"), "two of them");
    assert_eq!(seen(|statement| usize::from(!matches!(statement, Statement::Segment(_)))), Some("GWY-10"), "an epoch without its segment");
    assert_eq!(seen(|statement| usize::from(!matches!(statement, Statement::Epoch(_)))), Some("GWY-10"), "an epoch too few");
}

#[test]
fn case_20_a_stored_case_that_does_not_bear_being_judged_again() {
    let desk = Desk::opened();
    let code = |case: &Case| recheck::case(&scene().rules, case).err().map(|refused| refused.code);
    assert_eq!(code(&desk.case()), None);
    let Case::AwaitingRelease(mut s) = desk.case() else { panic!() };
    let mandate = &mut s.asked.soaked.intended.mandate;
    mandate.approvals[1] = mandate.approvals[0].clone();
    assert_eq!(code(&Case::AwaitingRelease(s)).as_deref(), Some("CASE-20"), "one person twice");
    let Case::AwaitingRelease(mut s) = desk.case() else { panic!() };
    s.asked.soaked.intended.mandate.file.id = Digest32([9; 32]);
    assert_eq!(code(&Case::AwaitingRelease(s)).as_deref(), Some("CASE-20"), "another order under this id");
}

#[test]
fn case_20_rel_33_an_approval_of_something_else_does_not_wait_for_the_second() {
    let code = |case: &Case| recheck::case(&scene().rules, case).err().map(|refused| refused.code);
    let mut desk = Desk::approved_once();
    assert_eq!(code(&desk.case()), None);
    let Case::AwaitingApproval(first) = desk.case() else { panic!() };
    let other = desk.approval("officer-2", Stage::BeforeKeys, &Digest32([9; 32]), desk.outside.now);
    let mut s = first.clone();
    s.approvals = vec![node::cases::Octets(other.clone())];
    assert!(code(&Case::AwaitingApproval(s)).is_some(), "of another understanding");
    let mut s = first.clone();
    s.approvals.push(first.approvals[0].clone());
    assert_eq!(code(&Case::AwaitingApproval(s)).as_deref(), Some("CASE-20"), "one person twice");
    desk.approve("officer-2");
    let Case::AwaitingRelease(mut s) = desk.case() else { panic!() };
    s.approvals = vec![node::cases::Octets(other)];
    assert!(code(&Case::AwaitingRelease(s)).is_some(), "of another scope");
}

/// The provider's salts, when the person whom the order names became known after the order only.
struct KnownLater([SaltMap; 2]);

impl Salts for KnownLater {
    fn salt(&self, _: Day, selector: &Selector, root: &SaltRoot) -> Result<Option<Salted>, Fault> {
        let secret = || Secret::new(DAY_SECRET);
        let Some(map) = self.0.iter().find(|map| map.root() == *root) else { return Ok(None) };
        let known = scene().good.world.subjects.iter().find(|(subject, _)| subject == selector);
        let present = known.and_then(|(_, salt)| Some((*salt, map.prove_presence(&secret(), selector, salt)?)));
        Ok(match present {
            Some((salt, proof)) => Some(Salted::Present { salt, proof, day_secret: secret() }),
            None => map.prove_absence(&secret(), selector).map(|proof| Salted::Absent { proof, day_secret: secret() }),
        })
    }
}

#[test]
fn rel_19_the_intent_shows_who_was_unknown_before_the_order() {
    let (good, rules) = (&scene().good, &scene().rules);
    let (named, provider) = (good.world.subjects[0].0.clone(), good.world.signer("provider"));
    let map = |known: &dyn Fn(&Selector) -> bool| {
        SaltMap::build(&Secret::new(DAY_SECRET), good.world.subjects.iter().filter(|(s, _)| known(s)).map(|(s, salt)| (s, salt)))
    };
    let salts = KnownLater([map(&|s| *s != named), map(&|_| true)]);
    let [before, after] = salts.0.each_ref().map(SaltMap::root);
    let signed = |map: &SaltMapRoot, through: u64, root: &SaltRoot| {
        let map = SaltMapRoot { through, leaves: root.count, root: root.root, ..map.clone() };
        SignedStatement::sign(Statement::SaltMap(map), &[provider]).unwrap().to_bytes()
    };
    // As in the scene, but no map before the order knows the person.
    let (mut view, mut later) = (PublicView::default(), Vec::new());
    for part in &good.bundle.statements {
        match part.statement.statement() {
            Statement::SaltMap(map) => {
                view.push(&rules.policy, signed(map, map.through, &before));
                later = signed(map, at(23, 0), &after);
            }
            _ => view.push(&rules.policy, part.statement.to_bytes()),
        }
    }
    view.push(&rules.policy, later);
    let order = papers::parse_order(&good.order.to_bytes()).unwrap();
    let leaf = Logged { origin: good.orders.origin.to_string(), index: good.bundle.order_place.index, proof: Octets(Vec::new()) };
    let anchor = good.bundle.order_anchor.clone().unwrap();
    let anchor = Anchor { public: Octets(anchor.public), orders: Octets(anchor.orders) };
    let before = BeforeOrder::of(rules, &order, &anchor).unwrap();
    let batch = Batch { sequence: 1, attempt: 1, first_slot: slot(10).no(), last_slot: slot(11).no() };
    let sources = Sources { rules, view: &view, limit: view.size(), before, salts: &salts };
    let intent = drafting::draw(&sources, &order, &leaf, batch, &mut SeededEntropy::new([3; 32])).unwrap().unwrap();
    let kinds: Vec<bool> = intent.salts().iter().map(|row| matches!(row.proof, SaltProof::Present(_))).collect();
    assert_eq!((intent.identities().len(), kinds), (2, vec![false, true]), "unknown before, known later");
    // Below the order alone there is nobody to ask for.
    let sources = Sources { limit: view.size() - 1, ..sources };
    assert!(drafting::draw(&sources, &order, &leaf, batch, &mut SeededEntropy::new([3; 32])).unwrap().is_none());
}

#[test]
fn gwy_16_an_ordered_identity_that_nobody_answers_for() {
    let desk = Desk::opened();
    let Case::AwaitingRelease(s) = desk.case() else { panic!() };
    let none = desk.outside.open_without_keys(&s.asked).err().and_then(|error| error.stop());
    assert_eq!(none.map(|(code, _)| code), Some("GWY-16"));
}

#[test]
fn gwy_17_gwy_18_a_member_whose_keys_do_not_hold_is_named() {
    use node::gateway::keys;
    let desk = Desk::opened();
    let Case::AwaitingRelease(s) = desk.case() else { panic!() };
    let mut asked = s.asked.clone();
    // One member's answer under another's name: its envelope is for another place.
    let answer = asked.answers["approver-1"].clone();
    asked.answers.insert("approver-3".to_owned(), answer);
    let none = keys::combined(&scene().rules, &scene().engine(), &asked, &mut SeededEntropy::new([5; 32])).err().unwrap();
    assert_eq!((none.code(), none.clone()), ("GWY-17", keys::NoKeys::Culprits(vec!["approver-3".to_owned()])));
    asked.answers.insert("nobody".to_owned(), Octets(Vec::new()));
    let none = keys::combined(&scene().rules, &scene().engine(), &asked, &mut SeededEntropy::new([5; 32])).err().unwrap();
    assert_eq!(none.code(), "GWY-18");
}

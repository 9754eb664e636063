//! An order to preserve and what it keeps (SEA-68), with the real vault, the sealer's hands, the members' judges and keys: it comes on the
//! last day of retention, the day's key goes, a production order afterwards gets the records, the hold lapses and what it kept is destroyed.
//! The gateway is killed after every effect of it.

use super::sealed::SealedHouse;
use super::*;
use harness::fixture::case::scope_item;
use harness::fixture::world::{DAY_ZERO, PROVIDER};
use node::gateway::work::Done;
use node::vault::HoldPaper;
use seal::identity::Category;
use verify::names::{DirectoryId, Instrument};
use verify::order::{OrderDraft, OrderTerms};

const DAY: u64 = 86_400;
/// The slots end at 11:00 and 12:00 of the first day, and are kept for two days.
const LAST_DAY: u64 = 2 * DAY;
const HOLD_DAYS: u64 = 60;

fn scene_with_two_days() -> Scene {
    Scene::new(|plan| {
        plan.policy(|_, parts| parts.categories.iter_mut().for_each(|rule| rule.retention_days = 2));
        plan.order = Box::new(|_, terms| {
            terms.period = Span::new(slot(10).start(), slot(11).end() - 60).unwrap();
            terms.validity = Span::new(at(9, 30), at(9, 30) + 20 * DAY).unwrap();
        });
    })
}

/// Signed by the court, for these hours of the person that the scene's order names.
fn to_preserve(scene: &Scene, first: u64, last: u64) -> Vec<u8> {
    let id = |text: &str| DirectoryId::parse(text).unwrap();
    let terms = OrderTerms {
        kind: Kind::Preservation,
        instrument: Instrument::parse("epoc").unwrap(),
        court: Some(id("nl.rechtbank")),
        legal_basis: "Article 6".to_owned(),
        authority: id("nl.om"),
        provider: PROVIDER,
        period: Span::new(slot(first).start(), slot(last).end()).unwrap(),
        case_ref: None,
        validity: Span::new(at(9, 0), at(9, 0) + (2 + HOLD_DAYS) * DAY).unwrap(),
        seal_until: DAY_ZERO + 120 * DAY,
        notice_due: DAY_ZERO + 90 * DAY,
        policy_hash: *scene.good.policy.hash(),
        items: vec![scope_item("phone:+31612345678", Category::TRAFFIC, first, last)],
        original: None,
        attesters: None,
    };
    let draft = OrderDraft::draw(terms, &mut SeededEntropy::new([54; 32])).unwrap();
    draft.sign(scene.good.world.signer("court")).unwrap().to_bytes()
}

impl Run<'_> {
    fn of(&self, order: &[u8]) -> Option<&Case> {
        let id = papers::order_id(order).unwrap();
        self.gateway.case(&id)
    }

    /// People send again what was not taken and approve what waits, the clock goes on, until the case of this order is so far.
    fn until(&mut self, order: &[u8], is_so_far: impl Fn(&Case) -> bool) {
        for _ in 0..2_000 {
            if let Some(input) = self.inputs.pop_front() {
                self.input(input);
                continue;
            }
            if self.of(order).is_some_and(&is_so_far) {
                return;
            }
            let Some(case) = self.of(order) else {
                self.request(Request::Order(order.to_vec()));
                continue;
            };
            let id = case.file().id;
            let (stage, digest) = match case {
                Case::AwaitingApproval(s) => (Stage::BeforeKeys, papers::understanding(&s.file).unwrap()),
                Case::AwaitingRelease(s) => (Stage::BeforeDelivery, s.scope.digest(&id)),
                Case::Halted(s) => panic!("halted: {:?}", s.why),
                _ => {
                    // Weeks pass without a tick of the logs.
                    let word = case.word();
                    let wake = self.wake.take().unwrap_or_else(|| panic!("nothing left to do in state {word}"));
                    self.outside.now = self.outside.now.max(wake);
                    self.inputs.push_back(Input::Wake);
                    continue;
                }
            };
            let now = self.outside.now;
            for officer in ["officer-1", "officer-2"] {
                let document = signatures::approve(&id, stage, &digest, now, self.outside.scene.good.world.signer(officer)).unwrap();
                self.request(Request::Approval { case: id, document });
            }
        }
        panic!("{} does not come so far", self.of(order).map_or("no case", Case::word));
    }

    fn house(&mut self) -> &mut SealedHouse {
        self.outside.house.as_mut().unwrap()
    }

    /// Whether the vault still has the key of the scene's day.
    fn key_lives(&mut self) -> bool {
        let id = self.outside.scene.good.closed[0].header.retention_id;
        self.house().vault.retention(id).unwrap().is_some()
    }

    /// The clock moves on, and the sealer has its daily round.
    fn later(&mut self, now: u64) {
        self.outside.now = now;
        self.house().expire(now);
        self.inputs.push_back(Input::Wake);
    }
}

fn begun<'s>(scene: &'s Scene, kill: Kill, folder: &Path) -> Run<'s> {
    let mut run = Run::new(scene, Story::Past, kill, folder);
    run.outside.now = at(8, 0) + LAST_DAY;
    run.outside.house = Some(SealedHouse::new(scene));
    run
}

/// The whole story; gives the number of effects.
fn preserved(scene: &Scene, kill: Kill) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let mut run = begun(scene, kill, folder.path());
    let (order, production) = (to_preserve(scene, 10, 11), scene.good.order.to_bytes());
    let epochs: Vec<_> = scene.good.closed.iter().map(|closed| closed.leaf.epoch_hash).collect();

    run.until(&order, |case| matches!(case, Case::Preserved(_)));
    assert!(run.key_lives(), "on the last day of retention");
    let Some(Case::Preserved(s)) = run.of(&order).cloned() else { panic!() };
    assert_eq!(s.hold.made.expires_at, at(9, 0) + LAST_DAY + HOLD_DAYS * DAY);
    assert_eq!(s.hold.made.copied, epochs.len() as u64, "one bucket of each epoch of the two hours, and nothing else");

    run.later(at(1, 0) + LAST_DAY + DAY);
    assert!(!run.key_lives(), "W goes on its day as usual");
    run.until(&production, |case| matches!(case, Case::Closed(_)));
    let Some(Case::Closed(closed)) = run.of(&production) else { panic!() };
    assert_eq!((closed.ending.clone(), closed.served.len(), run.outside.outbox.len()), (Ending::Completed, 1, 1));
    let package = run.outside.outbox.values().next().unwrap().clone();
    let package = verify::package::RawPackage::read(&package).unwrap().check().unwrap();
    assert!(!package.queries().is_empty());

    // The day before its end it stands; then it is over, for the vault, the log and the store.
    let expiry = s.hold.made.expires_at;
    run.later(expiry - DAY);
    run.until(&order, |_| true);
    assert!(matches!(run.of(&order), Some(Case::Preserved(_))));
    run.outside.now = expiry;
    run.until(&order, |case| matches!(case, Case::Closed(_)));
    let id = papers::order_id(&order).unwrap();
    assert_eq!(run.house().vault.hold_count(&id.0).unwrap(), 0, "what it kept is destroyed");
    run.house().expire(expiry + DAY);
    let house = run.house();
    for epoch in &epochs {
        assert!(house.runtime.block_on(house.hands.store.segment(epoch)).unwrap().is_none(), "nothing needs the segments any more");
    }
    let Some(Case::Closed(closed)) = run.of(&order) else { panic!() };
    for record in &closed.leaves.records {
        let record = verify::record::SignedRecord::parse(&record.0).unwrap();
        assert_eq!((record.kind(), run.outside.logged.contains_key(&record.d())), (Kind::Outcome, true), "its end is a leaf too");
    }
    run.effects
}

#[test]
fn sea_68_a_hold_outlives_the_key_serves_a_later_order_and_lapses_through_every_kill() {
    let scene = scene_with_two_days();
    let effects = preserved(&scene, Kill::Never);
    for kill in std::iter::once(Kill::Before { effect: 0 }).chain((0..effects).map(|effect| Kill::After { effect })) {
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| preserved(&scene, kill)));
        assert!(died.is_ok(), "{kill:?}");
    }
}

/// Halts with these words, or not at all.
fn halted(run: &mut Run<'_>, order: &[u8]) -> String {
    for _ in 0..500 {
        if let Some(Case::Halted(s)) = run.of(order) {
            return s.why.join("; ");
        }
        let before = run.inputs.len();
        let stop = std::cell::Cell::new(0);
        run.until(order, |case| {
            stop.set(stop.get() + 1);
            matches!(case, Case::Halted(_) | Case::AwaitingApproval(_) | Case::Standing(_)) || 40 < stop.get()
        });
        if let Some(Case::AwaitingApproval(s)) = run.of(order) {
            let (id, digest) = (s.file.id, papers::understanding(&s.file).unwrap());
            for officer in ["officer-1", "officer-2"] {
                let document =
                    signatures::approve(&id, Stage::BeforeKeys, &digest, run.outside.now, run.outside.scene.good.world.signer(officer));
                run.request(Request::Approval { case: id, document: document.unwrap() });
            }
        }
        while let Some(input) = run.inputs.pop_front() {
            run.input(input);
        }
        let _ = before;
    }
    panic!("it is {:?}", run.of(order).map(Case::word))
}

/// REL-18: members release nothing that is past its retention, whatever the vault still has.
#[test]
fn rel_18_without_the_hold_the_same_order_gets_nothing() {
    let scene = scene_with_two_days();
    let folder = tempfile::tempdir().unwrap();
    let mut run = begun(&scene, Kill::Never, folder.path());
    run.later(at(1, 0) + LAST_DAY + DAY);
    assert!(!run.key_lives());
    let why = halted(&mut run, &scene.good.order.to_bytes());
    assert!(why.contains("REL-18"), "{why}");
    assert!(run.outside.outbox.is_empty());
}

/// A hold of one hour keeps that hour: an order for both is refused as a whole, as without it.
#[test]
fn rel_18_a_hold_keeps_the_hours_it_names_and_no_other() {
    let scene = scene_with_two_days();
    let folder = tempfile::tempdir().unwrap();
    let mut run = begun(&scene, Kill::Never, folder.path());
    let order = to_preserve(&scene, 11, 11);
    run.until(&order, |case| matches!(case, Case::Preserved(_)));
    let Some(Case::Preserved(s)) = run.of(&order) else { panic!() };
    assert_eq!(s.hold.made.copied, 1);
    run.later(at(1, 0) + LAST_DAY + DAY);
    let why = halted(&mut run, &scene.good.order.to_bytes());
    assert!(why.contains("REL-18"), "{why}");
}

/// LIF-01: kept from the moment it comes in, before anybody has logged or approved it; refused, it keeps nothing.
#[test]
fn sea_68_what_arrives_is_kept_before_anybody_signs_and_a_refusal_ends_it() {
    let scene = scene_with_two_days();
    let folder = tempfile::tempdir().unwrap();
    let mut run = begun(&scene, Kill::Never, folder.path());
    let order = to_preserve(&scene, 10, 11);
    run.until(&order, |case| matches!(case, Case::AwaitingApproval(_)));
    let id = papers::order_id(&order).unwrap();
    assert_eq!(run.house().vault.hold_count(&id.0).unwrap(), 0, "while the key lives nothing is copied");
    run.later(at(1, 0) + LAST_DAY + DAY);
    assert!(!run.key_lives());
    assert_eq!(run.house().vault.hold_count(&id.0).unwrap(), scene.good.closed.len() as u64);
    let refusal = signatures::CaseRefusal { case: id, reason: 12, time: run.outside.now };
    let document = refusal.sign(scene.good.world.signer("officer-1")).unwrap();
    run.request(Request::Refusal { case: id, document });
    run.until(&order, |case| matches!(case, Case::Closed(_)));
    assert_eq!(run.house().vault.hold_count(&id.0).unwrap(), 0);
}

/// The sealer has the provider's key and destroys days: it copies nothing for a paper that no member would count, whoever wrote it.
#[test]
fn sea_68_the_sealer_makes_no_hold_that_members_would_not_count() {
    let scene = scene_with_two_days();
    let folder = tempfile::tempdir().unwrap();
    let mut run = begun(&scene, Kill::Never, folder.path());
    let (order, production) = (to_preserve(&scene, 10, 11), scene.good.order.to_bytes());
    run.until(&order, |case| matches!(case, Case::Preserved(_)));
    run.until(&production, |case| matches!(case, Case::AwaitingApproval(_)));
    let paper = |run: &Run<'_>, order: &[u8], until: u64| {
        let case = run.of(order).unwrap();
        let leaf = papers::order_leaf(case).unwrap();
        node::gateway::preserving::paper(&case.file().id, &case.file().order, leaf, until)
    };
    let validity = papers::parse_order(&order).unwrap().validity.1;
    let good = paper(&run, &order, validity - 1);
    let produces = paper(&run, &production, at(12, 0) + 3 * DAY);
    let wrong = [
        (produces.clone(), "an order to produce, logged as it is"),
        (HoldPaper { expires_at: validity + 1, ..good.clone() }, "longer than its signers gave it"),
        (HoldPaper { proof: produces.proof.clone(), expires_at: validity - 2, ..good.clone() }, "a proof of another leaf"),
        (HoldPaper { hold: [9; 32], ..good.clone() }, "under another's name"),
    ];
    let (now, policy) = (run.outside.now, &scene.rules.policy);
    for (paper, what) in wrong {
        let before = run.house().vault.hold_count(&paper.hold).unwrap();
        run.house().ask(&paper, policy, now).unwrap();
        let said = run.house().ask(&paper, policy, now).unwrap();
        assert!(matches!(&said, Done::Stopped { code, .. } if code == "GWY-21"), "{what}: {said:?}");
        assert_eq!(run.house().vault.hold_count(&paper.hold).unwrap(), before, "{what}");
    }
    run.house().ask(&good, policy, now).unwrap();
    assert!(matches!(run.house().ask(&good, policy, now).unwrap(), Done::Held(Some(_))), "another end is another outcome");
}

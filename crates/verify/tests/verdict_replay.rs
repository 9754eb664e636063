//! What a reader's copy of PUBLIC adds: late epochs that a package leaves out, second slot-closes, copies that are not whole
//! (SEA-63, SEA-80, SEA-81).

mod support;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use seal::epoch::{EpochMaterials, EpochPlan, OpenEpoch, Timing};
use seal::identity::{Category, SlotLen};
use seal::retention::{BucketTree, RetentionKey};
use seal::secret::Secret;
use support::case::{Said, slot, slot_close};
use support::production::{Extra, signature};
use support::world::PROVIDER;
use support::*;
use verify::names::Span;
use verify::statement::{SignedStatement, Statement};
use verify::verdict::{Promise, Reason, Report, Supplies, Verdict, What, judge};

fn whole() -> Plan {
    let order = |_: &mut World, terms: &mut verify::order::OrderTerms| {
        terms.period = Span::new(terms.period.from() - 60, terms.period.until() + 60).unwrap();
    };
    Plan { order: Box::new(order), ..Plan::default() }
}

/// With copies of the segments and of PUBLIC.
fn replayed(good: &Good, production: &Production) -> Report {
    let supplies = Supplies { segments: Some(production), public: Some(production), threads: 1 };
    judge(production, &signature(), &good.policy, &supplies)
}

fn all_ordered(report: &Report) -> (Verdict, Reason) {
    assert_eq!(report.failures, []);
    let cell = &report.slots[0].cells[Promise::AllOrdered as usize];
    (cell.verdict(), cell.weakest().reason.clone())
}

fn failure(report: &Report) -> (&str, &What) {
    (report.failures[0].rule.as_str(), &report.failures[0].what)
}

/// An empty late epoch in the quarter of an hour that holds `time`, covering 10:00 to 12:00.
fn seal_late(world: &mut World, time: u64) -> Extra {
    let policy = world.policy();
    seal_late_for(world, &policy, time, [10, 11])
}

/// The same under the key of a policy, covering other hours.
fn seal_late_for(world: &mut World, policy: &verify::policy::Policy, time: u64, hours: [u64; 2]) -> Extra {
    let retention = Arc::new(RetentionKey::from_secret(&Secret::new([0x71; 32])));
    let timing = Timing::new(SlotLen::HOUR, 900, 1_800).unwrap();
    let plan = EpochPlan::late(timing, PROVIDER, Category::TRAFFIC, 8, time, (slot(hours[0]), slot(hours[1]))).unwrap();
    let tree = BucketTree::compute(&retention, plan.lease(), plan.start());
    let node_key = Secret::new([9; 32]);
    let materials = EpochMaterials { public: policy.public_key(), retention: retention.clone(), tree: &tree, node_key: &node_key };
    let epoch = OpenEpoch::open(plan, materials, &mut world.entropy).unwrap();
    Extra { closed: epoch.close(), retention }
}

fn say(statement: Statement, signer: &str) -> Said {
    Said { statement, signers: vec![signer.to_owned()] }
}

fn about(extra: &Extra, hour: u64) -> [Said; 3] {
    [
        say(Statement::Epoch(extra.closed.header.clone()), "sealer"),
        say(Statement::Segment(extra.closed.leaf), "sealer"),
        say(Statement::SlotClose(slot_close(hour, &[extra.closed.leaf])), "provider"),
    ]
}

/// A late epoch of 12:15 to 12:30 in PUBLIC before the order; in the package or left out.
fn with_late(shown: bool) -> (Good, Production) {
    with_late_closed(shown, 12)
}

/// The same, and which hour's slot-close counts it.
fn with_late_closed(shown: bool, hour: u64) -> (Good, Production) {
    let cell = Rc::new(RefCell::new(None));
    let (made, released) = (cell.clone(), cell.clone());
    let mut plan = whole();
    plan.statements = Box::new(move |world, said| {
        let extra = seal_late(world, at(12, 15));
        said.extend(about(&extra, hour));
        *made.borrow_mut() = Some(extra);
    });
    plan.intent = Box::new(move |_, terms| {
        if shown {
            terms.release.insert(released.borrow().as_ref().unwrap().closed.leaf.digest());
        }
    });
    let mut good = plan.build();
    let extra = cell.borrow_mut().take().unwrap();
    let production = good.production(Shape { extras: if shown { vec![extra] } else { Vec::new() }, ..Shape::default() });
    (good, production)
}

#[test]
fn sea_80_a_late_epoch_is_opened_and_counted_apart() {
    let (good, production) = with_late(true);
    assert_eq!((production.statement.slots[0].epochs, production.statement.slots[0].late_epochs), (1, 1));
    assert_eq!(all_ordered(&replayed(&good, &production)).0, Verdict::Proven);
}

#[test]
fn sea_63_a_late_epoch_that_one_evidence_file_shows_stands_in_the_other_too() {
    let (good, mut production) = with_late(true);
    let file = production.evidence.values_mut().next().unwrap();
    assert!(file.epochs.pop().unwrap().header.is_late());
    production.statement.slots[0].late_epochs = 0;
    let report = judge(&production, &signature(), &good.policy, &Supplies::none());
    let found: Vec<_> = report.failures.iter().map(|f| (f.rule.as_str(), f.what.clone())).collect();
    assert_eq!(found, [("SEA-63", What::LateEpochMissing)]);
}

#[test]
fn sea_63_a_late_epoch_that_was_closed_before_the_intent_cannot_be_left_out() {
    let (good, production) = with_late(false);
    assert_eq!(failure(&replayed(&good, &production)), ("SEA-63", &What::LateEpochMissing));
    // Without the copy nobody can tell: then it is the provider's word.
    let report = judge(&production, &signature(), &good.policy, &Supplies { segments: Some(&production), ..Supplies::none() });
    assert_eq!(all_ordered(&report), (Verdict::ProvidersWord, Reason::LateEpochsUnseen));
}

/// Statements that come into PUBLIC after the case's head.
fn publish_later(good: &mut Good, production: &mut Production, said: impl IntoIterator<Item = Said>) {
    for Said { statement, signers } in said {
        let signers: Vec<_> = signers.iter().map(|name| good.world.signer(name)).collect();
        good.public.push(&SignedStatement::sign(statement, &signers).unwrap().to_bytes());
    }
    production.public = good.tiles();
}

fn good() -> (Good, Production) {
    let mut good = whole().build();
    let production = good.production(Shape::default());
    (good, production)
}

#[test]
fn sea_63_a_late_epoch_of_uncertain_order_leaves_the_providers_word() {
    let (mut good, mut production) = good();
    let extra = seal_late(&mut good.world, at(12, 15));
    publish_later(&mut good, &mut production, about(&extra, 12));
    assert_eq!(all_ordered(&replayed(&good, &production)), (Verdict::ProvidersWord, Reason::LateEpochUndecided));
    // Not closed at all: the same.
    let (mut good, mut production) = self::good();
    let extra = seal_late(&mut good.world, at(12, 15));
    let [epoch, segment, _] = about(&extra, 12);
    publish_later(&mut good, &mut production, [epoch, segment]);
    assert_eq!(all_ordered(&replayed(&good, &production)), (Verdict::ProvidersWord, Reason::LateEpochUndecided));
}

#[test]
fn sea_63_a_late_epoch_after_the_intent_does_not_matter() {
    let (mut good, mut production) = good();
    let extra = seal_late(&mut good.world, at(14, 15));
    publish_later(&mut good, &mut production, about(&extra, 14));
    assert_eq!(all_ordered(&replayed(&good, &production)).0, Verdict::Proven);
}

#[test]
fn sea_63_a_late_epoch_is_closed_by_its_own_interval_only() {
    // Only the hour behind it was closed before the intent: whether its own was, nobody can say.
    let (good, production) = with_late_closed(false, 13);
    assert_eq!(all_ordered(&replayed(&good, &production)), (Verdict::ProvidersWord, Reason::LateEpochUndecided));
}

#[test]
fn sea_63_a_late_epoch_of_other_hours_or_another_key_does_not_matter() {
    let told = |other_key: bool, hours: [u64; 2]| {
        let (mut good, mut production) = good();
        let policy = if other_key { World::new(8).policy() } else { good.world.policy() };
        let extra = seal_late_for(&mut good.world, &policy, at(12, 15), hours);
        publish_later(&mut good, &mut production, about(&extra, 12));
        all_ordered(&replayed(&good, &production)).0
    };
    assert_eq!(told(false, [10, 10]), Verdict::ProvidersWord);
    assert_eq!(told(false, [8, 9]), Verdict::Proven);
    assert_eq!(told(true, [10, 10]), Verdict::Proven);
}

/// SEA-81: what is published later for an interval that is closed is the provider's fault, and ignored.
#[test]
fn sea_81_an_epoch_published_for_a_closed_hour_is_ignored() {
    let (mut good, mut production) = good();
    let mut header = good.closed[0].header.clone();
    header.cover = Some(seal::epoch::Cover { from: slot(10).start(), to: slot(10).end() });
    assert!(header.admits(slot(10)).is_ok() && header.end <= slot(10).end());
    publish_later(&mut good, &mut production, [say(Statement::Epoch(header), "sealer")]);
    assert_eq!(all_ordered(&replayed(&good, &production)).0, Verdict::Proven);
}

#[test]
fn log_16_a_copy_that_ends_with_a_full_bundle_is_whole() {
    let (mut good, mut production) = good();
    while good.public.size() < 256 {
        good.public.push(b"not a statement");
    }
    production.public = good.tiles();
    assert_eq!(all_ordered(&replayed(&good, &production)).0, Verdict::Proven);
}

#[test]
fn log_44_statements_of_strangers_are_not_acted_on() {
    let (mut good, mut production) = good();
    let extra = seal_late(&mut good.world, at(12, 15));
    let mut said = about(&extra, 12);
    said.iter_mut().for_each(|said| said.signers = vec!["stranger".to_owned()]);
    publish_later(&mut good, &mut production, said);
    good.public.push(b"not a statement");
    production.public = good.tiles();
    assert_eq!(all_ordered(&replayed(&good, &production)).0, Verdict::Proven);
}

#[test]
fn sea_81_only_the_first_slot_close_of_an_hour_counts() {
    // Another one first, of an hour that nobody sealed in; the package shows the second.
    let mut plan = whole();
    plan.statements = Box::new(|_, said| said.insert(0, say(Statement::SlotClose(slot_close(10, &[])), "provider")));
    let mut good = plan.build();
    let production = good.production(Shape::default());
    assert_eq!(failure(&replayed(&good, &production)), ("SEA-81", &What::SecondSlotClose));
    // After the package's own, it is the provider's fault and not the package's.
    let (mut good, mut production) = self::good();
    publish_later(&mut good, &mut production, [say(Statement::SlotClose(slot_close(10, &[])), "provider")]);
    assert_eq!(all_ordered(&replayed(&good, &production)).0, Verdict::Proven);
}

/// Header and segment of another epoch of 10 o'clock, like the one that is there.
fn beside(said: &[Said]) -> [Said; 2] {
    let headers = said.iter().filter_map(|said| match &said.statement {
        Statement::Epoch(header) => Some(header.clone()),
        _ => None,
    });
    let mut header = headers.clone().find(|header| slot(10).start() < header.end && header.end <= slot(10).end()).unwrap();
    header.lease += 100;
    assert!(headers.into_iter().all(|other| other.hash() != header.hash()));
    let empty = seal::segment::SegmentLeaf {
        epoch_hash: header.hash(),
        n_records: 0,
        first: [0; 32],
        last: [0; 32],
        root: seal::merkle::empty_root(),
    };
    [say(Statement::Epoch(header), "sealer"), say(Statement::Segment(empty), "sealer")]
}

#[test]
fn sea_81_a_segment_that_stood_before_the_slot_close_is_counted_by_it() {
    let told = |segment: bool, before: bool| {
        let mut plan = whole();
        plan.statements = Box::new(move |_, said| {
            let [epoch, leaf] = beside(said);
            let place = if before { 0 } else { said.len() };
            said.splice(place..place, [epoch].into_iter().chain(segment.then_some(leaf)));
        });
        let mut good = plan.build();
        let production = good.production(Shape::default());
        replayed(&good, &production)
    };
    assert_eq!(failure(&told(true, true)), ("SEA-81", &What::SegmentUncounted));
    // A node that crashed leaves a header, and so does one whose records nobody shows: that it was the former is the provider's word.
    assert_eq!(all_ordered(&told(false, true)), (Verdict::ProvidersWord, Reason::EpochWithoutSegment));
    // What comes for a closed hour is the provider's fault, and ignored.
    assert_eq!(all_ordered(&told(true, false)).0, Verdict::Proven);
    assert_eq!(all_ordered(&told(false, false)).0, Verdict::Proven);
}

#[test]
fn log_16_a_copy_that_is_not_whole_proves_nothing() {
    let (good, production) = good();
    let spoil = |change: &dyn Fn(&mut Production)| {
        let mut production = production.clone();
        change(&mut production);
        let report = replayed(&good, &production);
        (report.failures[0].rule.clone(), report.failures[0].what.clone())
    };
    let incomplete = ("LOG-16".to_owned(), What::PublicIncomplete);
    let bundle = production.public.keys().find(|path| path.contains("entries")).unwrap().clone();
    assert_eq!(spoil(&|p| drop(p.public.remove("checkpoint"))), incomplete);
    assert_eq!(spoil(&|p| drop(p.public.remove(&bundle))), incomplete);
    assert_eq!(spoil(&|p| *p.public.get_mut(&bundle).unwrap().last_mut().unwrap() ^= 1), incomplete);
    // From before the intent: what came between is not in it.
    let early: Vec<_> = good.world.witnesses().into_iter().map(|w| (w, at(14, 19))).collect();
    let note = good.public.note(good.public.size(), good.world.signer(support::world::PUBLIC), &early);
    assert_eq!(spoil(&|p| drop(p.public.insert("checkpoint".to_owned(), note.clone()))), incomplete);
    // Cosigned by nobody.
    let bare = good.public.note(good.public.size(), good.world.signer(support::world::PUBLIC), &[]);
    assert_eq!(spoil(&|p| drop(p.public.insert("checkpoint".to_owned(), bare.clone()))).0, "REL-04");
}

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
    let retention = Arc::new(RetentionKey::from_secret(&Secret::new([0x71; 32])));
    let timing = Timing::new(SlotLen::HOUR, 900, 1_800).unwrap();
    let plan = EpochPlan::late(timing, PROVIDER, Category::TRAFFIC, 8, time, (slot(10), slot(11))).unwrap();
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
    let cell = Rc::new(RefCell::new(None));
    let (made, released) = (cell.clone(), cell.clone());
    let mut plan = whole();
    plan.statements = Box::new(move |world, said| {
        let extra = seal_late(world, at(12, 15));
        said.extend(about(&extra, 12));
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

//! REL-17 and REL-18: what must be over, complete, told in time, and still kept (TSE-29).

use seal::segment::SegmentLeaf;
use verify::bundle::{HoldPart, RelatedPart};
use verify::calendar::DAY;
use verify::names::Span;
use verify::order::{OrderDraft, OrderTerms};
use verify::policy::Policy;
use verify::record::{Kind, Parent, Value};
use verify::release::{Fact, Kept, KeptChange, hold_digest};
use verify::statement::Statement;

use crate::support::case::{Said, slot, slot_close};
use crate::support::world::{DAY_ZERO, ORDERS, PUBLIC, at};
use crate::support::*;
use crate::{id, refused, related, under};

/// A case whose last slot is 12:00 to 13:00, so that its grace ends at 13:30.
fn fresh_slot(head: u64, now: u64) -> Option<u8> {
    refused(move |p| {
        p.slots = vec![10, 12];
        (p.head_time, p.now) = (head, now);
        p.order(|_, t| t.validity = Span::new(at(11, 0), at(20, 0)).unwrap());
    })
}

#[test]
fn rel_17_sea_67_slot_end_and_grace_have_edges() {
    let over = at(13, 30);
    assert_eq!(fresh_slot(over, over), None);
    assert_eq!(fresh_slot(over - 1, over), Some(17), "by the cosigned time");
    assert_eq!(fresh_slot(over, over - 1), Some(17), "by the member's own clock");
    assert_eq!(fresh_slot(at(12, 59), at(12, 59)), Some(17), "the slot itself");
}

fn without(which: fn(&Statement) -> bool) -> Option<u8> {
    refused(move |p| {
        p.statements(move |_, said| {
            let at = said.iter().rposition(|s| which(&s.statement)).unwrap();
            said.remove(at);
        })
    })
}

#[test]
fn rel_17_exactly_one_slot_close() {
    assert_eq!(without(|s| matches!(s, Statement::SlotClose(_))), Some(17));
    let twice = refused(|p| {
        p.statements(|_, said| {
            let other = Statement::SlotClose(slot_close(11, &[]));
            said.push(Said { statement: other, signers: vec!["provider".to_owned()] });
        })
    });
    assert_eq!(twice, Some(17), "a second, different one");
    let by_sealer = refused(|p| {
        p.statements(|_, said| said.last_mut().unwrap().signers = vec!["sealer".to_owned()]);
    });
    assert_eq!(by_sealer, Some(17), "only the provider closes a slot");
}

#[test]
fn rel_17_every_epoch_that_slot_close_counts_is_shown() {
    assert_eq!(without(|s| matches!(s, Statement::Epoch(_))), Some(15), "then the release set is wrong first");
    let count = refused(|p| {
        p.statements(|_, said| {
            if let Statement::SlotClose(close) = &mut said.last_mut().unwrap().statement {
                close.epochs += 1;
            }
        })
    });
    assert_eq!(count, Some(17));
    let root = refused(|p| {
        p.statements(|_, said| {
            if let Statement::SlotClose(close) = &mut said.last_mut().unwrap().statement {
                close.root = SegmentLeaf::slot_root(&[]);
            }
        })
    });
    assert_eq!(root, Some(17));
}

#[test]
fn rel_17_statements_must_stand_in_public_and_be_the_sealers() {
    let by_stranger = |which: fn(&Statement) -> bool| {
        refused(move |p| {
            p.statements(move |_, said| {
                let s = said.iter_mut().find(|s| which(&s.statement)).unwrap();
                s.signers = vec!["stranger".to_owned()];
            })
        })
    };
    assert_eq!(by_stranger(|s| matches!(s, Statement::Epoch(_))), Some(17));
    assert_eq!(by_stranger(|s| matches!(s, Statement::Segment(_))), Some(17));
    let path = refused(|p| {
        p.bundle(|_, b| {
            let part = b.statements.iter_mut().find(|s| matches!(s.statement.statement(), Statement::Epoch(_))).unwrap();
            part.place.path[0] = [0; 32];
        })
    });
    assert_eq!(path, Some(17));
}

#[test]
fn rel_17_past_slots_were_told_before_the_order_existed() {
    // LOG-46: of a slot that was closed long before the order, epoch and segment must precede the order; slot-close only the intent.
    assert_eq!(refused(|p| p.later = |s| matches!(s, Statement::Segment(_))), Some(17));
    assert_eq!(refused(|p| p.later = |s| matches!(s, Statement::Epoch(_))), Some(17));
    assert_eq!(refused(|p| p.later = |s| matches!(s, Statement::SlotClose(_))), None);
    assert_eq!(refused(|p| p.bundle(|_, b| b.order_anchor = None)), Some(17), "past slots need the first pair");
    assert_eq!(refused(|p| p.bundle(|_, b| b.intent_anchor = None)), Some(17));
    // A slot that was not over when the order began has until the intent.
    let running = refused(|p| {
        p.order(|_, t| t.validity = Span::new(at(9, 0), at(20, 0)).unwrap());
        p.bundle(|_, b| b.order_anchor = None);
        p.later = |s| matches!(s, Statement::Segment(_));
    });
    assert_eq!(running, None);
}

#[test]
fn rel_17_the_pairs_before_order_and_intent_must_be_before() {
    // The PUBLIC checkpoint of the pair is younger than the ORDERS one.
    let younger = refused(|p| {
        p.bundle(|w, b| {
            let note = verify::log::note::SignedNote::parse(&b.intent_anchor.as_ref().unwrap().public).unwrap();
            let head = verify::log::checkpoint::Checkpoint::of_note(&note).unwrap();
            let witnesses: Vec<_> = w.witnesses().into_iter().map(|x| (x, at(14, 7))).collect();
            b.intent_anchor.as_mut().unwrap().public = logs::sign(&head, w.signer(PUBLIC), &witnesses);
        })
    });
    assert_eq!(younger, Some(17));
    // The ORDERS checkpoint of the pair already holds the leaf.
    let holds_it = refused(|p| {
        p.bundle(|_, b| {
            let head = b.orders_head.note.clone();
            let anchor = b.intent_anchor.as_mut().unwrap();
            (anchor.orders, anchor.orders_path) = (head, Vec::new());
        })
    });
    assert_eq!(holds_it, Some(17));
    assert_eq!(refused(|p| p.bundle(|_, b| b.order_anchor.as_mut().unwrap().orders_path.clear())), Some(17));
}

#[test]
fn rel_17_only_the_slot_length_of_the_policy() {
    let mut good = Plan::default().build();
    let mut parts = good.policy.parts().clone();
    (parts.times.slot_len, parts.key.period) = (7_200, parts.key.period);
    good.policy = Policy::from_parts(parts).unwrap();
    assert_eq!(good.verdict(), Some(17));
}

#[test]
fn rel_18_nothing_past_its_retention() {
    let two_days_later = |days: u32| {
        refused(move |p| {
            p.policy(move |_, policy| policy.categories[0].retention_days = days);
            (p.head_time, p.now) = (at(14, 20) + 2 * DAY, at(14, 21) + 2 * DAY);
        })
    };
    assert_eq!(two_days_later(2), Some(18), "the slots ended at 11:00 and 12:00");
    assert_eq!(two_days_later(3), None);
}

/// What may be otherwise with a hold.
pub struct Held {
    pub expiry: u64,
    pub order_signer: &'static str,
    pub outcome_signer: &'static str,
    pub first: u64,
    pub policy: fn(&mut verify::policy::PolicyParts),
    pub terms: fn(&mut OrderTerms),
    /// Of the outcome leaf: its kind, and on what it hangs.
    pub outcome: fn(Kind, Parent) -> (Kind, Parent),
    pub part: fn(&mut HoldPart),
    /// When the witnesses first saw the hold's order.
    pub logged: u64,
    pub kept: fn(&mut Kept, Parent),
    /// A related leaf that the bundle shows, of this kind and under this order.
    pub shown: Option<fn(Parent) -> (Kind, Parent)>,
}

impl Held {
    pub fn until(expiry: u64) -> Held {
        Held {
            expiry,
            order_signer: "court",
            outcome_signer: "provider",
            first: 10,
            policy: |_| (),
            terms: |_| (),
            outcome: |kind, order| (kind, order),
            part: |_| (),
            logged: at(14, 0),
            kept: |_, _| (),
            shown: None,
        }
    }
}

fn held(expiry: u64, outcome_signer: &'static str, first: u64) -> Option<u8> {
    held_as(Held { outcome_signer, first, ..Held::until(expiry) })
}

/// The terms of an order to preserve the good case's person from this hour on.
fn preserving(policy_hash: verify::record::Digest, expiry: u64, first: u64) -> OrderTerms {
    OrderTerms {
        kind: Kind::Preservation,
        instrument: verify::names::Instrument::parse("epoc").unwrap(),
        court: Some(id("nl.rechtbank")),
        legal_basis: "Article 6".to_owned(),
        authority: id("nl.om"),
        provider: world::PROVIDER,
        period: Span::new(slot(first).start(), slot(11).end()).unwrap(),
        case_ref: None,
        validity: Span::new(at(13, 0), expiry.max(at(20, 0))).unwrap(),
        seal_until: DAY_ZERO + 120 * DAY,
        notice_due: DAY_ZERO + 90 * DAY,
        policy_hash,
        items: vec![case::scope_item("phone:+31612345678", seal::identity::Category::TRAFFIC, first, 11)],
        original: None,
        attesters: None,
    }
}

/// A preservation order for the same slots with its outcome, and the bundle that shows both.
pub fn held_as(held: Held) -> Option<u8> {
    let (expiry, first, policy) = (held.expiry, held.first, held.policy);
    let mut plan = Plan::default();
    plan.policy(move |_, parts| {
        parts.categories[0].retention_days = 2;
        policy(parts);
    });
    (plan.head_time, plan.now) = (at(14, 20) + 2 * DAY, at(14, 21) + 2 * DAY);
    let mut good = plan.build();
    let mut terms = preserving(*good.policy.hash(), expiry, first);
    (held.terms)(&mut terms);
    let mut entropy = seal::entropy::SeededEntropy::new([5; 32]);
    let order = OrderDraft::draw(terms, &mut entropy).unwrap().sign(good.world.signer(held.order_signer)).unwrap();
    let order_index = good.orders.push(&order.record().entry());
    let place = Parent::new(ORDERS, order_index);
    let (first_size, seen) = (good.orders.size(), held.logged);
    let seen: Vec<_> = good.world.witnesses().into_iter().map(|w| (w, seen)).collect();
    let first_head = good.orders.note(first_size, good.world.signer(ORDERS), &seen);
    let first_head = verify::log::note::SignedNote::parse(&first_head).unwrap();
    let first_place = good.orders.place(order_index, first_size);
    (held.kept)(&mut good.kept, place);
    let (kind, parent) = (held.outcome)(Kind::Outcome, place);
    let mut values = under(kind, parent, vec![Value::ReleaseSet(hold_digest(expiry, 4))]);
    values.extend((kind == Kind::Outcome).then_some(Value::StatHash));
    let outcome = related(&good.world, held.outcome_signer, values);
    let outcome_index = good.orders.push(&outcome.entry());
    let shown = held.shown.map(|of| {
        let (kind, parent) = of(place);
        let record = related(&good.world, "court", under(kind, parent, vec![Value::Court(id("nl.rechtbank"))]));
        (good.orders.push(&record.entry()), record)
    });
    // The head grew by these leaves, so everything under it is proven again.
    let size = good.orders.size();
    let cosigned: Vec<_> = good.world.witnesses().into_iter().map(|w| (w, at(14, 20) + 2 * DAY)).collect();
    let stored = good.kept.heads().find(|(o, _)| o.as_str() == ORDERS).unwrap().1.size;
    let b = &mut good.bundle;
    b.orders_head = good.orders.head(size, &[stored], good.world.signer(ORDERS), &cosigned);
    b.order_place = good.orders.place(b.order_place.index, size);
    b.intent_place = good.orders.place(b.intent_place.index, size);
    for anchor in [b.order_anchor.as_mut().unwrap(), b.intent_anchor.as_mut().unwrap()] {
        let note = verify::log::note::SignedNote::parse(&anchor.orders).unwrap();
        let from = verify::log::checkpoint::Checkpoint::of_note(&note).unwrap().size;
        anchor.orders_path = good.orders.consistency(from, size);
    }
    b.holds = vec![HoldPart {
        order,
        order_place: good.orders.place(order_index, size),
        logged: verify::log::proof::TlogProof::new(first_place.index, first_place.path, first_head),
        outcome,
        outcome_place: good.orders.place(outcome_index, size),
        expiry,
        copied: 4,
    }];
    (held.part)(&mut b.holds[0]);
    b.related = shown.into_iter().map(|(index, record)| RelatedPart { record, place: good.orders.place(index, size) }).collect();
    good.verdict()
}

#[test]
fn rel_18_a_hold_keeps_what_it_names() {
    let later = at(14, 21) + 2 * DAY;
    assert_eq!(held(later + 1, "provider", 10), None);
    assert_eq!(held(later, "provider", 10), Some(18), "past its expiry");
    assert_eq!(held(later + 1, "gateway", 10), Some(18), "only the provider makes a hold");
    assert_eq!(held(later + 1, "provider", 11), Some(18), "the first slot is not under it");
}

#[test]
fn rel_18_a_hold_that_was_ordered_after_the_retention_or_was_withdrawn_holds_nothing() {
    let with = |change: &dyn Fn(&mut Held)| {
        let mut hold = Held::until(at(14, 21) + 3 * DAY);
        change(&mut hold);
        held_as(hold)
    };
    // The first slot ends at eleven; its records are kept for two days.
    let gone = slot(10).end() + 2 * DAY;
    assert_eq!(with(&|h| h.logged = gone), None);
    assert_eq!(with(&|h| h.logged = gone + 1), Some(18), "what should have been gone by then does not come back");
    assert_eq!(with(&|h| h.part = |p| p.logged.index += 1), Some(18), "the proof of another leaf");
    assert_eq!(with(&|h| h.part = |p| p.logged.path[0] = [0; 32]), Some(18));
    let withdrawn = |kept: &mut Kept, order| kept.apply(&KeptChange::Learned { order, fact: Fact::Withdrawn });
    assert_eq!(with(&|h| h.kept = withdrawn), Some(18));
    let another = |kept: &mut Kept, _| kept.apply(&KeptChange::Learned { order: Parent::new(ORDERS, 0), fact: Fact::Withdrawn });
    assert_eq!(with(&|h| h.kept = another), None);
    assert_eq!(with(&|h| h.shown = Some(|order| (Kind::Withdrawal, order))), Some(18), "this bundle says so");
    assert_eq!(with(&|h| h.shown = Some(|_| (Kind::Withdrawal, Parent::new(ORDERS, 0)))), None, "of another order");
    assert_eq!(with(&|h| h.shown = Some(|order| (Kind::Confirmation, order))), None);
    let longer = |terms: &mut OrderTerms| terms.validity = Span::new(terms.validity.from(), terms.validity.until() - 1).unwrap();
    assert_eq!(with(&|h| h.terms = longer), Some(18), "longer than its order");
}

/// A late epoch that covers the first slot and was closed before the intent.
fn with_late(change: impl FnOnce(&mut Plan)) -> Option<u8> {
    refused(move |p| {
        p.late = true;
        change(p);
    })
}

#[test]
fn rel_17_late_epochs_that_cover_a_slot_are_opened_with_it() {
    assert_eq!(with_late(|_| ()), None, "after the order is early enough for a late epoch");
    assert_eq!(with_late(|p| p.intent(|_, t| t.release = t.release.iter().copied().take(2).collect())), Some(15));
    let drop_statement = |which: fn(&Statement) -> bool| {
        with_late(move |p| {
            p.bundle(move |_, b| {
                let at = b.statements.iter().rposition(|s| which(s.statement.statement())).unwrap();
                b.statements.remove(at);
            })
        })
    };
    // Left out of the bundle altogether, the release set names a segment that nothing shows.
    assert_eq!(drop_statement(|s| matches!(s, Statement::Segment(_))), Some(15));
    assert_eq!(drop_statement(|s| matches!(s, Statement::Epoch(_))), Some(15));
    let path = with_late(|p| {
        p.bundle(|_, b| b.statements.last_mut().unwrap().place.path[0] = [0; 32]);
    });
    assert_eq!(path, Some(17), "it must stand in PUBLIC");
    let after_intent = with_late(|p| {
        p.bundle(|_, b| b.intent_anchor.as_mut().unwrap().public = b.order_anchor.as_ref().unwrap().public.clone());
        p.bundle(|_, b| b.intent_anchor.as_mut().unwrap().public_path = b.order_anchor.as_ref().unwrap().public_path.clone());
    });
    assert_eq!(after_intent, Some(17), "closed only after the intent");
}

//! REL-17 and REL-19: epochs that were closed late, and slots that were not over when the order came, one condition at a time.

use std::sync::{Arc, Mutex};

use seal::epoch::{Cover, EpochHeader};
use seal::identity::{KeyId, Slot, SlotLen};
use verify::statement::Statement;

use crate::refused;
use crate::salts::absent_in;
use crate::support::case::{Said, slot, slot_close};
use crate::support::*;

const OTHER_KEY: KeyId = KeyId([0xee; 32]);

/// One more epoch that was closed late, in this interval of a quarter, and covers an hour.
#[derive(Clone, Copy)]
struct Late {
    start: u64,
    covers: u64,
    /// Whether the intent opens it.
    is_opened: bool,
    change: fn(&mut EpochHeader),
}

/// Told behind everything else, and counted by the slot-close of its interval if that slot is closed here.
fn put(p: &mut Plan, late: Late) {
    let id = Arc::new(Mutex::new([0; 32]));
    let found = id.clone();
    p.statements(move |_, said| {
        let live = said.iter().position(|s| matches!(s.statement, Statement::Epoch(_))).unwrap();
        let (Statement::Epoch(header), Statement::Segment(leaf)) = (&said[live].statement, &said[live + 1].statement) else {
            panic!("an epoch and its segment")
        };
        let (mut header, mut leaf) = (header.clone(), *leaf);
        (header.start, header.end) = (late.start, late.start + 900);
        header.cover = Some(Cover { from: slot(late.covers).start(), to: slot(late.covers).end() });
        (late.change)(&mut header);
        leaf.epoch_hash = header.hash();
        *found.lock().unwrap() = leaf.digest();
        let closing = Slot::containing(SlotLen::HOUR, late.start).start();
        let is_closing = |s: &Said| matches!(&s.statement, Statement::SlotClose(close) if close.slot.from() == closing);
        if let Some(place) = said.iter().position(is_closing) {
            let Statement::Segment(own) = said[place - 2].statement else { panic!("the slot's own segment") };
            said[place].statement = Statement::SlotClose(slot_close((closing - at(0, 0)) / 3_600, &[own, leaf]));
        }
        for statement in [Statement::Epoch(header), Statement::Segment(leaf)] {
            said.push(Said { statement, signers: vec!["sealer".to_owned()] });
        }
    });
    p.intent(move |_, t| {
        if late.is_opened {
            t.release.insert(*id.lock().unwrap());
        }
    });
}

fn is_late(statement: &Statement) -> bool {
    matches!(statement, Statement::Epoch(header) if header.is_late())
}

#[test]
fn rel_17_a_late_epoch_under_a_slots_close_is_nobodys_business_unless_it_covers_a_slot_asked_for() {
    // Closed within the second slot, for an hour that nobody asks for.
    let counted = |covers: u64, change: fn(&mut EpochHeader)| {
        refused(move |p| put(p, Late { start: at(11, 0), covers, is_opened: covers == 10, change }))
    };
    assert_eq!((counted(8, |_| ()), counted(10, |_| ())), (None, None));
    assert_eq!((counted(8, |h| h.key_id = OTHER_KEY), counted(10, |h| h.key_id = OTHER_KEY)), (None, Some(17)));
}

#[test]
fn rel_17_log_46_a_late_epoch_under_a_past_slots_close_has_until_the_intent() {
    let told_after_the_order = |later: fn(&Statement) -> bool| {
        refused(move |p| {
            put(p, Late { start: at(11, 0), covers: 8, is_opened: false, change: |_| () });
            p.later = later;
        })
    };
    assert_eq!(told_after_the_order(is_late), None);
    assert_eq!(told_after_the_order(|s| matches!(s, Statement::Epoch(header) if !header.is_late())), Some(17));
}

/// The second slot ends with the hour in which the order comes.
fn running(p: &mut Plan, slots: &[u64]) {
    p.slots = slots.to_vec();
    (p.head_time, p.now) = (at(14, 40), at(14, 41));
}

#[test]
fn rel_17_log_46_a_slot_that_was_not_over_has_until_the_intent_beside_one_that_was() {
    let told_after_the_order = |later: fn(&Statement) -> bool| {
        refused(move |p| {
            running(p, &[10, 13]);
            p.later = later;
        })
    };
    assert_eq!(told_after_the_order(|s| matches!(s, Statement::Epoch(header) if at(13, 0) <= header.start)), None);
    assert_eq!(told_after_the_order(|s| matches!(s, Statement::Epoch(header) if header.start < at(13, 0))), Some(17));
}

#[test]
fn rel_19_an_absence_stands_behind_late_epochs_that_cover_the_slot_and_were_over_with_it() {
    let behind = |start: u64, covers: u64| {
        refused(move |p| {
            absent_in(p, 10, 11);
            put(p, Late { start, covers, is_opened: covers == 10, change: |_| () });
        })
    };
    assert_eq!(behind(at(12, 0), 10), Some(19), "it may hold records of the slot and stands behind the map");
    assert_eq!(behind(at(12, 0), 8), None, "of an hour that nobody asks for");
    assert_eq!(behind(at(13, 0), 10), None, "its own interval was not over");
    let of_a_running_slot = refused(|p| {
        running(p, &[13]);
        absent_in(p, 13, 13);
        put(p, Late { start: at(8, 0), covers: 13, is_opened: true, change: |_| () });
    });
    assert_eq!(of_a_running_slot, None, "the slot was not over");
}

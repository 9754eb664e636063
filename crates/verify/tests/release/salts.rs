//! REL-19: under which salts a person's records lie, told before the order.

use crate::refused;
use crate::support::case::{DAY_SECRET, Said, scope_item};
use crate::support::world::{DAY_ZERO, PROVIDER, World};
use crate::support::*;
use seal::identity::{Category, Salt};
use seal::salt_map::SaltMap;
use seal::secret::Secret;
use seal::selector::Selector;
use verify::calendar::Day;
use verify::intent::SaltRow;
use verify::names::Span;
use verify::statement::{SaltMapRoot, Statement};

#[test]
fn rel_19_salts_are_proven() {
    assert_eq!(refused(|p| p.intent(|_, t| t.salts.clear())), Some(19));
    assert_eq!(refused(|p| p.intent(|_, t| t.identities[0].0 = Salt([1; 16]))), Some(19), "a wrong salt");
    let no_map = refused(|p| p.statements(|_, said| said.retain(|s| !matches!(s.statement, Statement::SaltMap(_)))));
    assert_eq!(no_map, Some(19));
    let by_stranger = refused(|p| {
        p.statements(|_, said| {
            let maps = said.iter_mut().filter(|s| matches!(s.statement, Statement::SaltMap(_)));
            maps.for_each(|s| s.signers = vec!["stranger".to_owned()]);
        })
    });
    assert_eq!(by_stranger, Some(19));
    let other_root = refused(|p| {
        p.statements(|_, said| {
            said.iter_mut().for_each(|s| {
                if let Statement::SaltMap(map) = &mut s.statement {
                    map.root = [1; 32];
                }
            })
        })
    });
    assert_eq!(other_root, Some(19));
    let other_secret = refused(|p| p.intent(|_, t| t.days.values_mut().for_each(|secret| *secret = [1; 32])));
    assert_eq!(other_secret, Some(19));
}

/// The intent asks for a second number of the order that has no account on that day.
fn absent(change: fn(&mut Vec<Said>)) -> Option<u8> {
    refused(move |p| {
        p.order(|_, t| t.items.push(scope_item("phone:+31600000000", Category::TRAFFIC, 10, 11)));
        p.intent(|world, t| {
            let secret = Secret::new(DAY_SECRET);
            let map = SaltMap::build(&secret, world.subjects.iter().map(|(selector, salt)| (selector, salt)));
            let selector = Selector::from_text("phone:+31600000000").unwrap();
            let proof = map.prove_absence(&secret, &selector).unwrap();
            let day = t.salts[0].day;
            t.salts.push(SaltRow { day, selector, proof });
        });
        p.statements(move |_, said| change(said));
    })
}

#[test]
fn rel_19_absence_counts_only_behind_the_last_segment() {
    assert_eq!(absent(|_| ()), None);
    let early_maps_only = |said: &mut Vec<Said>| {
        // What is left is the first slot's map; the second slot's segment stands behind it.
        let last = said.iter().rposition(|s| matches!(s.statement, Statement::SaltMap(_))).unwrap();
        said.remove(last);
    };
    assert_eq!(absent(early_maps_only), Some(19));
    assert_eq!(refused(move |p| p.statements(move |_, said| early_maps_only(said))), None, "presence may be proven by any map of the day");
}

/// Whom the salt maps of the day knew, before and after the order.
fn map_of(world: &World, known: impl Fn(&Selector) -> bool) -> SaltMap {
    let secret = Secret::new(DAY_SECRET);
    SaltMap::build(&secret, world.subjects.iter().filter(|(s, _)| known(s)).map(|(selector, salt)| (selector, salt)))
}

/// Of two salt maps of the fixture, those at 11:00 and 12:00 stand in PUBLIC before the order; what says "through 23:00" comes later.
fn comes_later(statement: &Statement) -> bool {
    matches!(statement, Statement::SaltMap(map) if map.through == at(23, 0))
}

fn also_later(said: &mut Vec<Said>, map: &SaltMap) {
    let (day, root) = (Day::containing(DAY_ZERO), map.root());
    let map = SaltMapRoot { provider: PROVIDER, day, through: at(23, 0), leaves: root.count, root: root.root };
    said.push(Said { statement: Statement::SaltMap(map), signers: vec!["provider".to_owned()] });
}

/// The named person becomes known after the order only. `older`: what the intent shows of the maps before it.
fn registered_later(change: fn(&mut Plan)) -> Option<u8> {
    refused(move |p| {
        p.later = comes_later;
        p.statements(|world, said| {
            let named = world.subjects[0].0.clone();
            let before = map_of(world, |selector| *selector != named).root();
            said.iter_mut().for_each(|s| {
                if let Statement::SaltMap(map) = &mut s.statement {
                    (map.root, map.leaves) = (before.root, before.count);
                }
            });
            also_later(said, &map_of(world, |_| true));
        });
        change(p);
    })
}

fn shown_unknown(p: &mut Plan) {
    p.intent(|world, t| {
        let named = world.subjects[0].0.clone();
        let secret = Secret::new(DAY_SECRET);
        let proof = map_of(world, |selector| *selector != named).prove_absence(&secret, &named).unwrap();
        t.salts.push(SaltRow { day: t.salts[0].day, selector: named, proof });
    });
}

#[test]
fn rel_19_who_becomes_known_after_the_order_is_shown_to_have_been_unknown_before() {
    assert_eq!(registered_later(shown_unknown), None);
    assert_eq!(registered_later(|_| ()), Some(19), "nothing shows that there was no other salt before");
    let without_the_newest = |p: &mut Plan| {
        shown_unknown(p);
        p.statements(|_, said| {
            let noon = |s: &Said| matches!(&s.statement, Statement::SaltMap(map) if map.through == at(12, 0));
            said.retain(|s| !noon(s));
        });
    };
    assert_eq!(registered_later(without_the_newest), Some(19), "the map of 11:00 says nothing about the slot of 11:00 to 12:00");
}

#[test]
fn rel_19_no_second_salt_for_a_person_who_was_known_before_the_order() {
    // Finding A: the provider knows the order, publishes another map of the day with another salt, and answers with nothing.
    let second_salt = |unknown: bool| {
        refused(move |p| {
            p.later = comes_later;
            p.statements(move |world, said| {
                let named = world.subjects[0].0.clone();
                let lie = Salt([0x66; 16]);
                let secret = Secret::new(DAY_SECRET);
                also_later(said, &SaltMap::build(&secret, [(&named, &lie)]));
                also_later(said, &map_of(world, |selector| *selector != named));
            });
            p.intent(|world, t| {
                let named = world.subjects[0].0.clone();
                let lie = Salt([0x66; 16]);
                let secret = Secret::new(DAY_SECRET);
                let map = SaltMap::build(&secret, [(&named, &lie)]);
                t.identities.iter_mut().for_each(|row| row.0 = lie);
                t.salts[0].proof = map.prove_presence(&secret, &named, &lie).unwrap();
            });
            if unknown {
                shown_unknown(p);
            }
        })
    };
    assert_eq!(second_salt(false), Some(19));
    assert_eq!(second_salt(true), Some(19), "nor does a later map that lacks the person help");
}

#[test]
fn rel_19_nobody_who_was_known_before_the_order_is_absent_after_it() {
    // Both are ordered and known; a map made after the order lacks the second, whom the intent leaves out.
    let left_out = |later: fn(&Statement) -> bool| {
        refused(move |p| {
            p.later = later;
            p.order(|_, t| t.items.push(scope_item("phone:+31687654321", Category::TRAFFIC, 10, 11)));
            p.intent(|world, t| {
                let second = world.subjects[1].0.clone();
                let secret = Secret::new(DAY_SECRET);
                let proof = map_of(world, |selector| *selector != second).prove_absence(&secret, &second).unwrap();
                t.salts.push(SaltRow { day: t.salts[0].day, selector: second, proof });
            });
            p.statements(|world, said| {
                let second = world.subjects[1].0.clone();
                also_later(said, &map_of(world, |selector| *selector != second));
            });
        })
    };
    assert_eq!(left_out(comes_later), Some(19));
    assert_eq!(left_out(|_| false), None, "two maps before the order that contradict each other are for who reads all of PUBLIC");
}

#[test]
fn rel_19_a_later_slots_salt_was_told_before_the_intent() {
    // The order begins at 10:30, neither slot was over then.
    let later = |intents: bool| {
        refused(move |p| {
            p.later = |statement| matches!(statement, Statement::SaltMap(_));
            p.order(|_, t| t.validity = Span::new(at(10, 30), at(10, 30) + 30 * 86_400).unwrap());
            p.bundle(move |_, b| {
                let before = b.order_anchor.take();
                if !intents {
                    b.intent_anchor = before;
                }
            });
        })
    };
    assert_eq!(later(true), None);
    assert_eq!(later(false), Some(19));
    let past = refused(|p| p.later = |statement| matches!(statement, Statement::SaltMap(_)));
    assert_eq!(past, Some(19), "slots that were over before the order");
}

//! REL-19: under which salts a person's records lie, told before the order.

use crate::refused;
use crate::support::case::{DAY_SECRET, Said, scope_item};
use crate::support::world::{DAY_ZERO, PROVIDER, World};
use crate::support::*;
use seal::identity::{Category, Salt};
use seal::salt_map::SaltMap;
use seal::secret::Secret;
use seal::selector::Selector;
use verify::calendar::{DAY, Day};
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

const NOBODY: &str = "phone:+31600000000";

/// The order names a second number from hour to hour, which has no account on the first day; the intent shows that.
pub fn absent_in(p: &mut Plan, first: u64, last: u64) {
    p.order(move |_, t| t.items.push(scope_item(NOBODY, Category::TRAFFIC, first, last)));
    p.intent(|world, t| {
        let selector = Selector::from_text(NOBODY).unwrap();
        let proof = map_of(world, |_| true).prove_absence(&Secret::new(DAY_SECRET), &selector).unwrap();
        let day = t.salts[0].day;
        t.salts.push(SaltRow { day, selector, proof });
    });
}

fn absent(change: fn(&mut Vec<Said>)) -> Option<u8> {
    refused(move |p| {
        absent_in(p, 10, 11);
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

#[test]
fn rel_19_a_map_that_is_told_after_the_intent_proves_nothing() {
    // The pair before the intent sees no more of PUBLIC than the pair before the order, so the map that knows the person is too late.
    let after_the_intent = |p: &mut Plan| {
        shown_unknown(p);
        p.bundle(|_, b| {
            let order = b.order_anchor.clone().unwrap();
            let intent = b.intent_anchor.as_mut().unwrap();
            (intent.public, intent.public_path) = (order.public, order.public_path);
        });
    };
    assert_eq!((registered_later(shown_unknown), registered_later(after_the_intent)), (None, Some(19)));
}

#[test]
fn rel_19_one_day_has_one_salt_for_a_person() {
    for lie in 1..=4 {
        for which in [0, 1] {
            let two = refused(move |p| p.intent(move |_, t| t.identities[which].0 = Salt([lie; 16])));
            assert_eq!(two, Some(19), "salt {lie} in slot {which}");
        }
    }
}

#[test]
fn rel_19_what_is_shown_of_an_address_or_a_stranger_is_not_about_whom_is_asked_for() {
    const ADDRESS: &str = "ip:192.0.2.1:443";
    let of_an_address = refused(|p| {
        p.order(|_, t| t.items = vec![scope_item(ADDRESS, Category::TRAFFIC, 10, 11)]);
        p.intent(|_, t| {
            let address = Selector::from_text(ADDRESS).unwrap();
            for identity in &mut t.identities {
                (identity.0, identity.3) = (Salt([0; 16]), address.clone());
            }
            t.salts[0].selector = address;
        });
    });
    assert_eq!(of_an_address, None, "it has no salt, so nothing rests on the proof");
    // Absence is proven, also of somebody whom the order does not name.
    let of_a_stranger = |secret: [u8; 32]| {
        refused(move |p| {
            p.intent(move |world, t| {
                let (secret, selector) = (Secret::new(secret), Selector::from_text(NOBODY).unwrap());
                let map = SaltMap::build(&secret, world.subjects.iter().map(|(selector, salt)| (selector, salt)));
                let proof = map.prove_absence(&secret, &selector).unwrap();
                t.salts.push(SaltRow { day: t.salts[0].day, selector, proof });
            });
        })
    };
    assert_eq!((of_a_stranger(DAY_SECRET), of_a_stranger([1; 32])), (None, Some(19)));
}

#[test]
fn rel_19_a_later_map_without_the_person_says_nothing_about_slots_that_are_asked_for() {
    let known_before = refused(|p| {
        p.later = comes_later;
        p.statements(|world, said| {
            let named = world.subjects[0].0.clone();
            also_later(said, &map_of(world, |selector| *selector != named));
        });
        shown_unknown(p);
    });
    assert_eq!(known_before, None);
}

#[test]
fn rel_19_a_person_asked_for_in_one_slot_was_unknown_in_the_other() {
    // The first person is asked for in the first slot, the second person in the second; the first becomes known after the order.
    fn asked_apart(p: &mut Plan) {
        shown_unknown(p);
        p.order(|_, t| t.items.push(scope_item("phone:+31687654321", Category::TRAFFIC, 10, 11)));
        p.intent(|world, t| {
            let (first, (second, salt)) = (world.subjects[0].0.clone(), world.subjects[1].clone());
            (t.identities[1].0, t.identities[1].3) = (salt, second.clone());
            let secret = Secret::new(DAY_SECRET);
            let proof = map_of(world, |selector| *selector != first).prove_presence(&secret, &second, &salt).unwrap();
            t.salts.push(SaltRow { day: t.salts[0].day, selector: second, proof });
        });
    }
    assert_eq!(registered_later(asked_apart), None);
    let without_the_newest = |p: &mut Plan| {
        asked_apart(p);
        p.statements(|_, said| said.retain(|s| !matches!(&s.statement, Statement::SaltMap(map) if map.through == at(12, 0))));
    };
    assert_eq!(registered_later(without_the_newest), Some(19), "nothing shows who the first was in the second slot");
}

#[test]
fn rel_19_an_absence_is_of_its_day() {
    // The second slot is of the next day, for which nobody shows whether the second number was known.
    let next_day = refused(|p| {
        p.slots = vec![10, 34];
        (p.head_time, p.now) = (at(14, 20) + 2 * DAY, at(14, 21) + 2 * DAY);
        absent_in(p, 10, 34);
        p.intent(|_, t| {
            let next = Day::containing(DAY_ZERO + DAY);
            t.days.insert(next, DAY_SECRET);
            let (selector, proof) = (t.salts[0].selector.clone(), t.salts[0].proof.clone());
            t.salts.push(SaltRow { day: next, selector, proof });
        });
    });
    assert_eq!(next_day, None);
}

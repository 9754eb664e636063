//! REL-10 to REL-22: where several conditions stand together, each of them alone decides.

use std::sync::{Arc, Mutex};

use seal::epoch::{Cover, EpochHeader};
use seal::identity::{Category, KeyId, ProviderId, Salt};
use seal::salt_map::SaltMap;
use seal::secret::Secret;
use seal::selector::Selector;
use verify::intent::{IntentDocument, IntentTerms, SaltRow};
use verify::names::Span;
use verify::policy::{DirectoryEntry, PolicyParts, Role};
use verify::record::{Kind, Parent, Value};
use verify::statement::{Ceremony, PolicyNotice, Statement};

use crate::slots::{Held, held_as};
use crate::support::case::{DAY_SECRET, Said, scope_item, slot, slot_close};
use crate::support::world::{DAY_ZERO, ORDERS, PUBLIC, STANDBY, at};
use crate::support::*;
use crate::{id, refused, related, under};

const FOREIGN: ProviderId = ProviderId([0xbb; 16]);
const OTHER_KEY: KeyId = KeyId([0xee; 32]);

fn said(change: impl FnOnce(&mut Vec<Said>) + 'static) -> Option<u8> {
    refused(move |p| p.statements(move |_, said| change(said)))
}

#[test]
fn rel_20_sea_14_the_ceremony_is_the_one_that_made_this_key() {
    let ceremony = |change: fn(&mut Ceremony)| {
        said(move |said| {
            let Statement::Ceremony(ceremony) = &mut said[2].statement else { panic!("the guardians'") };
            change(ceremony);
        })
    };
    assert_eq!(ceremony(|_| ()), None);
    assert_eq!(ceremony(|c| c.generation += 1), Some(20));
    assert_eq!(ceremony(|c| c.period = Span::new(DAY_ZERO, DAY_ZERO + 86_400).unwrap()), Some(20));
    assert_eq!(ceremony(|c| c.need = 4), Some(20));
    assert_eq!(ceremony(|c| c.polynomial.swap(0, 1)), Some(20));
    assert_eq!(ceremony(|c| c.members.swap(0, 1)), Some(20));
    // Guardians who sign the approvers' ceremony have not said how their own key was made.
    let of_the_others = said(|said| {
        let guardians = said.remove(2).signers;
        said[1].signers.extend(guardians);
    });
    assert_eq!(of_the_others, Some(20));
    let elsewhere = refused(|p| {
        p.bundle(|_, b| {
            let part = b.statements.iter_mut().find(|s| matches!(s.statement.statement(), Statement::Ceremony(_))).unwrap();
            part.place.path[0] = [0; 32];
        })
    });
    assert_eq!(elsewhere, Some(20), "it stands in PUBLIC");
}

#[test]
fn rel_20_the_intent_is_of_our_provider_too() {
    assert_eq!(refused(|p| p.intent(|_, t| t.provider = FOREIGN)), Some(20));
}

#[test]
fn rel_22_log_27_public_knows_the_policy_and_its_times() {
    let notice = |change: fn(&mut PolicyNotice)| {
        said(move |said| {
            let Statement::Policy(notice) = &mut said[0].statement else { panic!("the policy") };
            change(notice);
        })
    };
    assert_eq!(notice(|n| n.policy_hash = [1; 32]), Some(22));
    assert_eq!(notice(|n| n.tick += 1), Some(22));
    assert_eq!(notice(|n| n.batch += 1), Some(22));
    assert_eq!(notice(|n| n.freshness += 1), Some(22));
    assert_eq!(notice(|n| n.max_seal += 1), Some(22));
    assert_eq!(notice(|n| n.from_tick = at(14, 21)), None);
    assert_eq!(notice(|n| n.from_tick = at(14, 21) + 1), Some(22), "not yet");
}

#[test]
fn rel_22_the_authority_is_still_in_office() {
    let until = |until: u64| {
        refused(move |p| p.policy(move |_, policy| policy.directory[0].in_force = Span::new(DAY_ZERO - 30 * 86_400, until).unwrap()))
    };
    assert_eq!((until(at(14, 21)), until(at(14, 21) + 1)), (Some(22), None));
}

#[test]
fn rel_11_an_emergency_is_never_attested() {
    let emergency = |attested: bool| {
        refused(move |p| {
            p.soak = Some(0);
            p.order_signer = "police".to_owned();
            p.order(move |world, t| {
                (t.kind, t.court, t.authority) = (Kind::Emergency, None, id("nl.politie"));
                if attested {
                    t.original = Some(b"a letter".to_vec());
                    let digest = |name| verify::record::key_digest(world.signer(name).vkey().key());
                    t.attesters = Some(["attester-1", "attester-3"].into_iter().map(digest).collect());
                }
            });
            p.intent(|_, t| t.authority = id("nl.politie"));
        })
    };
    assert_eq!((emergency(false), emergency(true)), (None, Some(11)));
}

fn second_court(world: &World, policy: &mut PolicyParts, from: u64) {
    let entry = DirectoryEntry {
        id: id("nl.hof"),
        unit: id("unit.nl.hof"),
        role: Role::Court,
        key: world.signer("stranger").vkey().clone(),
        in_force: Span::new(from, DAY_ZERO + 365 * 86_400).unwrap(),
        signs: vec![Category::TRAFFIC],
        emergencies: Vec::new(),
        requests: Vec::new(),
    };
    let at = policy.directory.iter().position(|e| entry.id < e.id).unwrap_or(policy.directory.len());
    policy.directory.insert(at, entry);
}

/// One related leaf, and what becomes of it in the bundle.
fn with_related(signer: &'static str, kind: Kind, change: fn(&mut Vec<Value>), path: bool, courts: &'static [u64]) -> Option<u8> {
    refused(move |p| {
        p.policy(move |world, policy| courts.iter().for_each(|from| second_court(world, policy, *from)));
        p.related = Box::new(move |world, order| {
            let mut values = under(kind, order, vec![Value::Court(id("nl.rechtbank"))]);
            change(&mut values);
            vec![related(world, signer, values)]
        });
        p.bundle(move |_, b| {
            if path {
                b.related[0].place.path[0] = [0; 32];
            }
        });
    })
}

#[test]
fn rel_12_log_43_a_related_leaf_is_logged_ours_and_of_a_key_that_has_waited() {
    assert_eq!(with_related("court", Kind::Confirmation, |_| (), false, &[]), None);
    assert_eq!(with_related("court", Kind::Confirmation, |_| (), true, &[]), Some(12), "under the head");
    assert_eq!(with_related("court", Kind::Confirmation, |v| v[1] = Value::Provider(FOREIGN), false, &[]), Some(12));
    let other_order = |v: &mut Vec<Value>| v[2] = Value::Parent(Parent::new(ORDERS, 3));
    assert_eq!(with_related("court", Kind::Withdrawal, other_order, false, &[]), None, "another order is withdrawn");
    // Under an order that the member never saw: it cannot know whose court that is.
    let by_the_new_court = |v: &mut Vec<Value>| {
        (v[2], v[4]) = (Value::Parent(Parent::new(ORDERS, 3)), Value::Court(id("nl.hof")));
    };
    const WAITED: &[u64] = &[DAY_ZERO - 3 * 86_400];
    const NOT_YET: &[u64] = &[DAY_ZERO];
    assert_eq!(with_related("stranger", Kind::Confirmation, by_the_new_court, false, WAITED), None);
    assert_eq!(with_related("stranger", Kind::Confirmation, by_the_new_court, false, NOT_YET), Some(12), "three days");
}

#[test]
fn rel_15_int_04_the_release_set_is_named_in_order() {
    let turned = refused(|p| {
        p.bundle(|_, b| {
            let text = String::from_utf8(b.intent.to_bytes()).unwrap();
            let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("release ")).collect();
            let turned = text.replace(&format!("{}\n{}", lines[0], lines[1]), &format!("{}\n{}", lines[1], lines[0]));
            b.intent = IntentDocument::parse(turned.as_bytes()).unwrap();
        })
    });
    assert_eq!(turned, Some(15));
}

#[test]
fn rel_19_int_05_days_and_salts_stand_once() {
    let twice = |key: &'static str| {
        refused(move |p| {
            p.bundle(move |_, b| {
                let text = String::from_utf8(b.intent.to_bytes()).unwrap();
                let line = text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
                b.intent = IntentDocument::parse(text.replace(&line, &format!("{line}\n{line}")).as_bytes()).unwrap();
            })
        })
    };
    assert_eq!((twice("salt "), twice("day ")), (Some(19), Some(19)));
    let day_before = refused(|p| {
        p.intent(|_, t| {
            let before = verify::calendar::Day::containing(DAY_ZERO - 1);
            t.days.insert(before, [9; 32]);
        })
    });
    assert_eq!(day_before, None, "each row has the secret of its own day");
}

#[test]
fn int_02_and_03_an_intent_names_somebody_and_nobody_twice() {
    let mut plan = Plan::default();
    plan.intent(|world, t| {
        let drawn = |terms: IntentTerms| {
            let mut entropy = seal::entropy::SeededEntropy::new([8; 32]);
            IntentDocument::draw(terms, world.signer("gateway"), &mut entropy).is_ok()
        };
        assert!(drawn(t.clone()));
        assert!(!drawn(IntentTerms { identities: Vec::new(), ..t.clone() }));
        assert!(!drawn(IntentTerms { identities: [t.identities.clone(), t.identities.clone()].concat(), ..t.clone() }));
    });
    assert_eq!(plan.build().verdict(), None);
}

#[test]
fn rel_17_the_pair_before_a_leaf_is_of_the_same_logs_and_leads_to_the_heads() {
    assert_eq!(refused(|p| p.bundle(|_, b| b.order_anchor.as_mut().unwrap().public_path.push([0; 32]))), Some(17));
    // A checkpoint of the same tree under another log's name.
    fn renamed(world: &World, note: &[u8], origin: &str, time: u64) -> Vec<u8> {
        let note = verify::log::note::SignedNote::parse(note).unwrap();
        let mut head = verify::log::checkpoint::Checkpoint::of_note(&note).unwrap();
        head.origin = verify::log::origin::Origin::parse(origin).unwrap();
        let witnesses: Vec<_> = world.witnesses().into_iter().map(|w| (w, time)).collect();
        logs::sign(&head, world.signer(origin), &witnesses)
    }
    let orders = refused(|p| {
        p.bundle(|world, b| {
            let anchor = b.intent_anchor.as_mut().unwrap();
            anchor.orders = renamed(world, &anchor.orders, STANDBY, at(14, 6));
        })
    });
    assert_eq!(orders, Some(17));
    let public = refused(|p| {
        p.policy(|_, policy| {
            let line = policy.orders.lines().find(|line| line.contains(STANDBY)).unwrap().to_owned() + "\n";
            policy.orders = policy.orders.replace(&line, "");
            policy.public = line + &policy.public;
        });
        p.bundle(|world, b| {
            let anchor = b.intent_anchor.as_mut().unwrap();
            anchor.public = renamed(world, &anchor.public, STANDBY, at(14, 5));
        });
    });
    assert_eq!(public, Some(17));
    let control = refused(|p| {
        p.bundle(|world, b| {
            let anchor = b.intent_anchor.as_mut().unwrap();
            (anchor.public, anchor.orders) =
                (renamed(world, &anchor.public, PUBLIC, at(14, 5)), renamed(world, &anchor.orders, ORDERS, at(14, 6)));
        })
    });
    assert_eq!(control, None);
}

/// The pair before the intent sees no more of PUBLIC than the pair before the order, which is not shown where the slots are not past.
fn told_after_the_intent(is_past: bool, later: fn(&Statement) -> bool) -> Option<u8> {
    refused(move |p| {
        p.later = later;
        if !is_past {
            p.order(|_, t| t.validity = Span::new(at(9, 0), at(20, 0)).unwrap());
        }
        p.bundle(move |_, b| {
            let order = b.order_anchor.clone().unwrap();
            let intent = b.intent_anchor.as_mut().unwrap();
            (intent.public, intent.public_path) = (order.public, order.public_path);
            if !is_past {
                b.order_anchor = None;
            }
        });
    })
}

#[test]
fn rel_17_log_46_what_is_told_after_the_intent_is_too_late() {
    assert_eq!((told_after_the_intent(true, |_| false), told_after_the_intent(false, |_| false)), (None, None));
    assert_eq!(told_after_the_intent(true, |s| matches!(s, Statement::SlotClose(_))), Some(17));
    assert_eq!(told_after_the_intent(false, |s| matches!(s, Statement::Segment(_))), Some(17));
    assert_eq!(told_after_the_intent(false, |s| matches!(s, Statement::Epoch(_))), Some(17));
}

#[test]
fn rel_17_another_providers_slot_close_is_not_ours() {
    let foreign = said(|said| {
        let mut close = slot_close(11, &[]);
        close.provider = FOREIGN;
        said.push(Said { statement: Statement::SlotClose(close), signers: vec!["provider".to_owned()] });
    });
    assert_eq!(foreign, None);
}

/// The epoch of the second slot with another header; segment, slot-close and release set follow. `opened`: the slots still open it.
fn epoch_otherwise(opened: bool, change: fn(&mut EpochHeader)) -> Option<u8> {
    refused(move |p| {
        let ids = Arc::new(Mutex::new(([0; 32], [0; 32])));
        let found = ids.clone();
        p.statements(move |_, said| {
            let place = said.iter().rposition(|s| matches!(s.statement, Statement::Epoch(_))).unwrap();
            let Statement::Epoch(header) = &mut said[place].statement else { unreachable!() };
            change(header);
            let hash = header.hash();
            let Statement::Segment(leaf) = &mut said[place + 1].statement else { panic!("its segment") };
            let before = leaf.digest();
            leaf.epoch_hash = hash;
            *found.lock().unwrap() = (before, leaf.digest());
            let leaf = *leaf;
            said[place + 3].statement = Statement::SlotClose(slot_close(11, &[leaf]));
        });
        p.intent(move |_, t| {
            let (before, after) = *ids.lock().unwrap();
            t.release.remove(&before);
            if opened {
                t.release.insert(after);
            }
        });
    })
}

#[test]
fn rel_17_an_epoch_in_a_slot_is_ours_and_lies_inside_of_it() {
    assert_eq!(epoch_otherwise(true, |h| h.lease += 1), None);
    assert_eq!(epoch_otherwise(true, |h| h.key_id = OTHER_KEY), Some(17));
    assert_eq!(epoch_otherwise(true, |h| h.provider = FOREIGN), Some(17));
    // Epochs begin at a multiple of their length; this one's does not divide the hour.
    const START: u64 = (DAY_ZERO + 11 * 3_600) / 700 * 700;
    const { assert!(START < DAY_ZERO + 11 * 3_600) };
    assert_eq!(epoch_otherwise(false, |h| (h.start, h.end) = (START, START + 700)), Some(17), "it lies in two slots");
}

/// One more late epoch from 13:00 on that covers this hour, told before the order.
fn with_late(covers: u64, opened: bool, change: fn(&mut EpochHeader)) -> Option<u8> {
    refused(move |p| {
        let id = Arc::new(Mutex::new([0; 32]));
        let found = id.clone();
        p.statements(move |_, said| {
            let place = said.iter().rposition(|s| matches!(s.statement, Statement::Epoch(_))).unwrap();
            let (Statement::Epoch(header), Statement::Segment(leaf)) = (&said[place].statement, &said[place + 1].statement) else {
                panic!("an epoch and its segment")
            };
            let mut header = header.clone();
            (header.start, header.end) = (at(13, 0), at(13, 15));
            header.cover = Some(Cover { from: slot(covers).start(), to: slot(covers).end() });
            change(&mut header);
            let mut leaf = *leaf;
            leaf.epoch_hash = header.hash();
            *found.lock().unwrap() = leaf.digest();
            for statement in [Statement::Epoch(header), Statement::Segment(leaf)] {
                said.push(Said { statement, signers: vec!["sealer".to_owned()] });
            }
        });
        p.intent(move |_, t| {
            if opened {
                t.release.insert(*id.lock().unwrap());
            }
        });
    })
}

#[test]
fn rel_17_sea_63_late_epochs_are_opened_if_they_cover_a_slot_asked_for_and_are_ours() {
    assert_eq!(with_late(10, true, |_| ()), None);
    assert_eq!(with_late(10, true, |h| h.key_id = OTHER_KEY), Some(17));
    assert_eq!(with_late(8, false, |_| ()), None, "nobody asks for that hour");
    assert_eq!(with_late(8, false, |h| h.key_id = OTHER_KEY), None, "so its key is nobody's business here");
}

#[test]
fn rel_15_sea_41_two_segments_for_one_epoch_open_nothing() {
    let twice = |more: u64| {
        said(move |said| {
            let Some(Statement::Segment(leaf)) = said.iter().map(|s| &s.statement).find(|s| matches!(s, Statement::Segment(_))) else {
                panic!("a segment")
            };
            let mut leaf = *leaf;
            leaf.n_records += more;
            said.push(Said { statement: Statement::Segment(leaf), signers: vec!["sealer".to_owned()] });
        })
    };
    assert_eq!((twice(0), twice(1)), (None, Some(15)));
}

#[test]
fn rel_19_another_providers_salt_map_proves_nothing() {
    let foreign = said(|said| {
        for said in said {
            if let Statement::SaltMap(map) = &mut said.statement {
                map.provider = FOREIGN;
            }
        }
    });
    assert_eq!(foreign, Some(19));
}

#[test]
fn rel_19_sea_04_an_address_has_no_salt_to_prove() {
    const ADDRESS: &str = "ip:192.0.2.1:443";
    let address = refused(|p| {
        p.order(|_, t| t.items = vec![scope_item(ADDRESS, Category::TRAFFIC, 10, 11)]);
        p.intent(|_, t| {
            for identity in &mut t.identities {
                (identity.0, identity.3) = (Salt([0; 16]), Selector::from_text(ADDRESS).unwrap());
            }
            t.salts.clear();
        });
    });
    assert_eq!(address, None);
}

#[test]
fn rel_19_absence_is_shown_for_the_slots_in_which_the_order_names_the_person() {
    // Only the first slot's map is left, and the second slot's segment stands behind it.
    let absent = |last: u64| {
        refused(move |p| {
            p.order(move |_, t| t.items.push(scope_item("phone:+31600000000", Category::TRAFFIC, 10, last)));
            p.intent(|world, t| {
                let secret = Secret::new(DAY_SECRET);
                let map = SaltMap::build(&secret, world.subjects.iter().map(|(selector, salt)| (selector, salt)));
                let selector = Selector::from_text("phone:+31600000000").unwrap();
                let proof = map.prove_absence(&secret, &selector).unwrap();
                t.salts.push(SaltRow { day: t.salts[0].day, selector, proof });
            });
            p.statements(|_, said| {
                let last = said.iter().rposition(|s| matches!(s.statement, Statement::SaltMap(_))).unwrap();
                said.remove(last);
            });
        })
    };
    assert_eq!((absent(10), absent(11)), (None, Some(19)));
}

#[test]
fn rel_18_sea_68_a_hold_is_an_order_to_preserve_and_its_outcome_both_logged() {
    const LATER: u64 = DAY_ZERO + 16 * 3_600 + 2 * 86_400;
    let held = |change: fn(&mut Held)| {
        let mut held = Held::until(LATER);
        change(&mut held);
        held_as(held)
    };
    assert_eq!(held(|_| ()), None);
    // The order.
    assert_eq!(held(|h| h.terms = |t| t.kind = Kind::Order), Some(18), "an order for data holds nothing");
    assert_eq!(held(|h| h.terms = |t| t.provider = FOREIGN), Some(18));
    let prosecutor_alone = held(|h| {
        h.order_signer = "prosecutor";
        h.terms = |t| t.court = None;
    });
    assert_eq!(prosecutor_alone, Some(18), "traffic takes a court");
    assert_eq!(held(|h| h.order_signer = "stranger"), Some(18));
    assert_eq!(held(|h| h.part = |p| p.order_place.path[0] = [0; 32]), Some(18));
    // The outcome.
    assert_eq!(held(|h| h.part = |p| p.outcome_place.path[0] = [0; 32]), Some(18));
    assert_eq!(held(|h| h.outcome = |kind, _| (kind, Parent::new(ORDERS, 3))), Some(18), "of another order");
    assert_eq!(held(|h| h.outcome = |_, order| (Kind::Release, order)), Some(18), "a record of another kind");
    assert_eq!(held(|h| h.part = |p| p.expiry += 1), Some(18), "longer than the outcome says");
    assert_eq!(held(|h| h.part = |p| p.copied += 1), Some(18));
    // SEA-49: even what is held is over when the key's shares are to be gone.
    assert_eq!(held(|h| h.policy = |p| ends(p, at(14, 0))), Some(20));
    assert_eq!(held(|h| h.policy = |p| ends(p, at(15, 0))), None);
}

fn ends(policy: &mut PolicyParts, until: u64) {
    policy.categories.iter_mut().for_each(|c| c.retention_days = 2);
    policy.key.period = Span::new(DAY_ZERO, until).unwrap();
}

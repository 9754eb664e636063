//! One test a rule: all correct but this rule, and the refusal names it.

use crate::support::case::{Said, scope_item, slot};
use crate::support::world::{DAY_ZERO, STANDBY};
use crate::support::*;
use crate::{id, refused, related, under};
use seal::identity::Category;
use verify::log::checkpoint::Checkpoint;
use verify::log::origin::Origin;
use verify::names::{Instrument, Span};
use verify::order::OrderDocument;
use verify::policy::{CommitteeName, MemberId, Role};
use verify::record::{Kind, Parent, Value, key_digest};
use verify::release::*;
use verify::statement::Statement;

/// The same octets with one line replaced.
fn with_line(bytes: &[u8], key: &str, value: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let line = text.lines().find(|l| l.starts_with(&format!("{key} "))).unwrap();
    text.replacen(line, &format!("{key} {value}"), 1).into_bytes()
}

#[test]
fn the_good_case_is_granted() {
    match Plan::default().build().judge() {
        Judgement::Granted(_) => {}
        Judgement::Refused(refused) => panic!("{}", refused.refusal()),
    }
}

#[test]
fn rel_01_a_second_spelling_is_refused() {
    let good = Plan::default().build();
    let rule = |bytes: &[u8]| match judge(bytes, &good.policy, good.member, &good.kept, Clock::Sure(good.now)) {
        Judgement::Granted(_) => None,
        Judgement::Refused(refused) => Some(refused.refusal().rule()),
    };
    let bytes = good.bundle.to_bytes();
    assert_eq!(rule(&bytes), None);
    assert_eq!(rule(&[bytes.as_slice(), b"\n"].concat()), Some(1));
    assert_eq!(rule(&with_line(&bytes, "index", "020")), Some(1));
    assert_eq!(rule(&bytes[..bytes.len() - 1]), Some(1));
    assert_eq!(rule(b""), Some(1));
}

#[test]
fn rel_02_limits_come_before_cryptography() {
    assert_eq!(refused(|p| p.policy(|_, policy| policy.limits.identities_per_intent = 1)), Some(2));
    assert_eq!(refused(|p| p.policy(|_, policy| policy.limits.identities_per_intent = 2)), None);
    assert_eq!(refused(|p| p.bundle(|_, b| b.order_place.path = vec![[0; 32]; 64])), Some(2));
}

#[test]
fn rel_03_an_origin_or_log_key_that_is_not_pinned_is_refused() {
    let foreign = |origin: &'static str, signer: &'static str| {
        refused(move |p| {
            p.bundle(move |world, b| {
                let head = Checkpoint { origin: Origin::parse(origin).unwrap(), size: 30, root: [1; 32] };
                let witnesses: Vec<_> = world.witnesses().into_iter().map(|w| (w, at(14, 20))).collect();
                b.orders_head.note = crate::support::logs::sign(&head, world.signer(signer), &witnesses);
            })
        })
    };
    assert_eq!(foreign("other.example/orders/2026", "stranger"), Some(3));
    assert_eq!(foreign("waarborg.example/orders/2026", "stranger"), Some(3));
    // The standby log is pinned; what fails then is the order, which it does not hold.
    assert_eq!(foreign(STANDBY, STANDBY), Some(8));
    assert_eq!(refused(|p| p.bundle(|_, b| b.public_head.note = b.orders_head.note.clone())), Some(3));
}

fn cosigned_by(plan: &mut Plan, times: &'static [u64]) {
    plan.bundle(move |world, b| {
        let text = verify::log::note::SignedNote::parse(&b.orders_head.note).unwrap();
        let head = Checkpoint::of_note(&text).unwrap();
        let witnesses: Vec<_> = world.witnesses().into_iter().zip(times.iter().copied()).collect();
        b.orders_head.note = crate::support::logs::sign(&head, world.signer("waarborg.example/orders/2026"), &witnesses);
    });
}

#[test]
fn rel_04_too_few_witnesses_are_refused() {
    const T: u64 = DAY_ZERO + 14 * 3_600 + 20 * 60;
    assert_eq!(refused(|p| cosigned_by(p, &[T, T])), Some(4));
    assert_eq!(refused(|p| cosigned_by(p, &[T, T, T])), None);
}

#[test]
fn rel_05_freshness_has_two_edges() {
    const T: u64 = DAY_ZERO + 14 * 3_600 + 20 * 60;
    let at_now = |now: u64| refused(move |p| p.now = now);
    assert_eq!(at_now(T + 900), None);
    assert_eq!(at_now(T + 901), Some(5));
    assert_eq!(at_now(T - 60), None);
    assert_eq!(at_now(T - 61), Some(5));
    assert_eq!(at_now(T + 3_600), Some(5), "a clock that is wrong by an hour");
    assert_eq!(refused(|p| cosigned_by(p, &[T - 7_200, T, T])), Some(5), "the quorum must be fresh, not one of it");
}

#[test]
fn rel_05_a_member_that_is_unsure_of_its_time_refuses() {
    let good = Plan::default().build();
    let judged = |clock| match judge(&good.bundle.to_bytes(), &good.policy, good.member, &good.kept, clock) {
        Judgement::Granted(_) => None,
        Judgement::Refused(refused) => Some(refused.refusal().clone()),
    };
    assert_eq!(judged(Clock::of_two(good.now, good.now + 3_600)), Some(Refusal::ClockUnsure));
    assert_eq!(judged(Clock::of_two(good.now + 31, good.now)), Some(Refusal::ClockUnsure));
    assert_eq!(judged(Clock::of_two(good.now + 30, good.now)), None);
}

fn head_of(world: &World, origin: &str, size: u64, root: [u8; 32]) -> KeptChange {
    let origin = Origin::parse(origin).unwrap();
    let head = Checkpoint { origin: origin.clone(), size, root };
    let note = crate::support::logs::sign(&head, world.signer(origin.as_str()), &[]);
    KeptChange::Head { origin, head: KeptHead { size, root, note } }
}

#[test]
fn rel_06_no_way_back() {
    const ORDERS: &str = crate::support::world::ORDERS;
    // The good head of ORDERS has 29 leaves: 20, the order, 3, the intent, 4.
    let larger = refused(|p| p.kept(|w, k| k.apply(&head_of(w, ORDERS, 30, [1; 32]))));
    assert_eq!(larger, Some(6));
    assert_eq!(refused(|p| p.bundle(|_, b| b.orders_head.from.clear())), Some(6), "no proof from the stored size");
    let mut plan = Plan::default();
    plan.kept(|w, k| k.apply(&head_of(w, ORDERS, 29, [1; 32])));
    let Judgement::Refused(refusal) = plan.build().judge() else { panic!("granted") };
    assert!(matches!(refusal.refusal(), Refusal::TwoHistories { .. }));
    let stop = refusal.changes().iter().any(|c| matches!(c, KeptChange::Stopped { evidence, .. } if evidence.len() == 3));
    assert!(stop, "the evidence is kept and everything stops");
}

/// A gateway that could stop every member by one wrong octet would not need to.
#[test]
fn rel_06_a_path_that_does_not_lead_there_is_refused_and_stops_nobody() {
    let mut plan = Plan::default();
    plan.bundle(|_, b| b.orders_head.from[0].1[0] = [9; 32]);
    let good = plan.build();
    let Judgement::Refused(refusal) = good.judge() else { panic!("granted") };
    assert!(matches!(refusal.refusal(), Refusal::NotExtended { stored: 18, .. }), "{}", refusal.refusal());
    let is_kept = |change: &KeptChange| matches!(change, KeptChange::Stopped { .. } | KeptChange::Head { .. });
    assert!(!refusal.changes().iter().any(is_kept), "nothing of it is kept: {:?}", refusal.changes());
    assert_eq!(Plan::default().build().verdict(), None, "the same with its own path");
}

#[test]
fn rel_06_a_stopped_member_stays_stopped_until_a_person_resumes() {
    let mut good = Plan::default().build();
    good.kept.apply(&KeptChange::Stopped { reason: "two histories".to_owned(), evidence: Vec::new() });
    assert_eq!(good.verdict(), Some(6));
    good.kept = Kept::parse(&good.kept.to_bytes()).unwrap();
    assert_eq!(good.verdict(), Some(6));
    good.kept.resume();
    assert_eq!(good.verdict(), None);
}

#[test]
fn rel_06_the_new_heads_are_kept_even_when_a_later_rule_refuses() {
    let mut plan = Plan::default();
    plan.bundle(|_, b| b.requester = [0; 32]);
    let good = plan.build();
    let Judgement::Refused(refusal) = good.judge() else { panic!("granted") };
    let heads = refusal.changes().iter().filter(|c| matches!(c, KeptChange::Head { .. })).count();
    let counted = refusal.changes().iter().any(|c| matches!(c, KeptChange::Counted { .. } | KeptChange::Used { .. }));
    assert_eq!((heads, counted, refusal.refusal().rule()), (2, false, 21));
}

#[test]
fn rel_07_the_record_is_recomputed() {
    let other = |key: &'static str| {
        refused(move |p| {
            p.bundle(move |_, b| {
                let value = verify::spelling::base64(&[7; 32]);
                b.order = OrderDocument::parse(&with_line(&b.order.to_bytes(), key, &value)).unwrap();
            })
        })
    };
    assert_eq!(other("rho"), Some(7));
    assert_eq!(other("count-salt"), Some(7));
    let scope = refused(|p| {
        p.bundle(|_, b| {
            let text = String::from_utf8(b.order.to_bytes()).unwrap().replace("phone:+31612345678", "phone:+31612345679");
            b.order = OrderDocument::parse(text.as_bytes()).unwrap();
        })
    });
    assert_eq!(scope, Some(7));
}

#[test]
fn rel_08_t1_the_order_must_be_in_the_log() {
    assert_eq!(refused(|p| p.bundle(|_, b| b.order_place.index += 1)), Some(8));
    assert_eq!(refused(|p| p.bundle(|_, b| b.order_place.path[0] = [0; 32])), Some(8));
}

#[test]
fn rel_09_preservation_gets_no_key() {
    assert_eq!(refused(|p| p.order(|_, t| t.kind = Kind::Preservation)), Some(9));
}

#[test]
fn rel_10_log_100_sea_69_t23_the_signer_must_be_competent_and_in_force() {
    let court =
        |change: fn(&mut verify::policy::DirectoryEntry)| refused(move |p| p.policy(move |_, policy| change(&mut policy.directory[2])));
    assert_eq!(court(|e| e.signs = vec![Category::IP]), Some(10));
    let long_ago = DAY_ZERO - 30 * 86_400;
    assert_eq!(court(|e| e.in_force = Span::new(DAY_ZERO - 30 * 86_400, at(13, 50)).unwrap()), Some(10));
    let until =
        |until: u64| refused(move |p| p.policy(move |_, policy| policy.directory[2].in_force = Span::new(long_ago, until).unwrap()));
    assert_eq!(until(at(14, 21)), Some(10), "over by the time that the member sees the order: it may be dated back");
    assert_eq!(until(at(14, 21) + 1), None);
    let emergency = |authority: &'static str, signer: &'static str| {
        refused(move |p| {
            p.order_signer = signer.to_owned();
            p.soak = Some(0);
            p.order(move |_, t| (t.kind, t.court, t.authority) = (Kind::Emergency, None, id(authority)));
            p.intent(move |_, t| t.authority = id(authority));
        })
    };
    assert_eq!(emergency("nl.om", "prosecutor"), Some(10), "not on the emergency list for traffic");
    assert_eq!(emergency("nl.politie", "police"), None);
    let prosecutor_alone = refused(|p| {
        p.order_signer = "prosecutor".to_owned();
        p.order(|_, t| t.court = None);
    });
    assert_eq!(prosecutor_alone, Some(10), "traffic takes a court");
    let attested_and_over = refused(|p| {
        attested(p, &["attester-1", "attester-3"]);
        p.policy(|_, policy| {
            let authority = policy.directory.iter_mut().find(|entry| entry.id == id("nl.om")).unwrap();
            authority.in_force = Span::new(DAY_ZERO - 30 * 86_400, at(13, 50)).unwrap();
        });
    });
    assert_eq!(attested_and_over, Some(10), "attesters do not stand in for an authority whose time is over");
}

fn attested(plan: &mut Plan, names: &'static [&'static str]) {
    plan.order(move |world, terms| {
        terms.original = Some(b"%PDF-1.7 the court's letter".to_vec());
        terms.attesters = Some(names.iter().map(|n| key_digest(world.signer(n).vkey().key())).collect());
    });
}

#[test]
fn rel_11_log_100_assurance_and_signatures() {
    assert_eq!(refused(|p| p.order_signer = "stranger".to_owned()), Some(11));
    assert_eq!(refused(|p| attested(p, &["attester-1", "attester-3"])), None);
    assert_eq!(refused(|p| attested(p, &["attester-1"])), Some(11), "k as in the policy");
    assert_eq!(refused(|p| attested(p, &["attester-1", "attester-2", "attester-3"])), Some(11));
    assert_eq!(refused(|p| attested(p, &["attester-1", "stranger"])), Some(11));
    let native_only = refused(|p| {
        attested(p, &["attester-1", "attester-2"]);
        p.policy(|_, policy| policy.categories[0].assurance = verify::policy::AssuranceRule::NativeOnly);
    });
    assert_eq!(native_only, Some(11));
}

#[test]
fn rel_12_validity_and_withdrawal() {
    let valid = |from: u64, until: u64| refused(move |p| p.order(move |_, t| t.validity = Span::new(from, until).unwrap()));
    assert_eq!(valid(at(13, 50), at(14, 21)), Some(12), "half-open: over at its end");
    assert_eq!(valid(at(13, 50), at(14, 21) + 1), None);
    assert_eq!(valid(at(14, 21) + 1, at(20, 0)), Some(12));
    let withdrawn = |signer: &'static str, court: bool| {
        refused(move |p| {
            p.related = Box::new(move |world, order| {
                let more = if court { vec![Value::Court(id("nl.rechtbank"))] } else { Vec::new() };
                vec![related(world, signer, under(Kind::Withdrawal, order, more))]
            })
        })
    };
    assert_eq!(withdrawn("court", true), Some(12));
    assert_eq!(withdrawn("prosecutor", false), Some(12));
    let mut good = Plan::default().build();
    let order = good.place();
    good.kept.apply(&KeptChange::Learned { order, fact: Fact::Withdrawn });
    good.kept = Kept::parse(&good.kept.to_bytes()).unwrap();
    assert_eq!(good.verdict(), Some(12), "known from before");
}

#[test]
fn rel_12_a_related_leaf_must_be_of_its_signer() {
    let forged = refused(|p| {
        p.related = Box::new(|world, order| {
            vec![related(world, "stranger", under(Kind::Confirmation, order, vec![Value::Court(id("nl.rechtbank"))]))]
        });
    });
    assert_eq!(forged, Some(12));
    let by_police = refused(|p| {
        p.policy(|_, policy| policy.directory[2].role = Role::Prosecutor);
        p.related = Box::new(|world, order| {
            vec![related(world, "court", under(Kind::Confirmation, order, vec![Value::Court(id("nl.rechtbank"))]))]
        });
    });
    assert_eq!(by_police, Some(12), "only a court confirms");
}

#[test]
fn rel_13_the_intent_is_the_gateways_for_this_order_under_the_same_head() {
    assert_eq!(refused(|p| p.intent_signer = "stranger".to_owned()), Some(13));
    assert_eq!(refused(|p| p.intent(|_, t| t.order.index += 1)), Some(13));
    assert_eq!(refused(|p| p.intent(|_, t| t.order = Parent::new(STANDBY, t.order.index))), Some(13));
    assert_eq!(refused(|p| p.intent(|_, t| t.authority = id("nl.politie"))), Some(13));
    assert_eq!(refused(|p| p.bundle(|_, b| b.intent_place.index -= 1)), Some(13));
}

#[test]
fn rel_14_only_identities_of_the_order() {
    assert_eq!(refused(|p| p.intent(|_, t| t.identities[0].2 = slot(9))), Some(14), "a slot before");
    assert_eq!(refused(|p| p.intent(|_, t| t.identities[0].1 = Category::IP)), Some(14), "another category");
    let other_person = refused(|p| p.intent(|w, t| (t.identities[0].0, t.identities[0].3) = (w.subjects[1].1, w.subjects[1].0.clone())));
    assert_eq!(other_person, Some(14));
    assert_eq!(refused(|p| p.intent(|_, t| t.key_id = seal::identity::KeyId([1; 32]))), Some(14), "identities of another key");
}

#[test]
fn rel_15_one_intent_one_release_set() {
    let fewer = refused(|p| p.intent(|_, t| t.release = t.release.iter().copied().skip(1).collect()));
    assert_eq!(fewer, Some(15));
    assert_eq!(refused(|p| p.intent(|_, t| t.release.extend([[7; 32]]))), Some(15));
    let mut good = Plan::default().build();
    good.kept.apply(&KeptChange::Used { intent: good.intent.record().d() });
    good.kept = Kept::parse(&good.kept.to_bytes()).unwrap();
    assert_eq!(good.verdict(), Some(15));
}

#[test]
fn rel_16_soak_of_one_further_tick() {
    assert_eq!(refused(|p| p.soak = Some(3)), Some(16), "short by one leaf");
    assert_eq!(refused(|p| p.soak = Some(4)), None);
    let emergency = refused(|p| {
        p.soak = Some(0);
        p.order_signer = "police".to_owned();
        p.order(|_, t| (t.kind, t.court, t.authority) = (Kind::Emergency, None, id("nl.politie")));
        p.intent(|_, t| t.authority = id("nl.politie"));
    });
    assert_eq!(emergency, None, "an emergency does not wait");
}

#[test]
fn rel_21_only_the_pinned_engine() {
    assert_eq!(refused(|p| p.bundle(|_, b| b.requester = [1; 32])), Some(21));
}

#[test]
fn rel_22_category_authority_purpose_and_policy() {
    assert_eq!(refused(|p| p.order(|_, t| t.policy_hash = [1; 32])), Some(22));
    let continued = refused(|p| {
        p.policy(|_, policy| policy.continues = vec![[1; 32]]);
        p.order(|_, t| t.policy_hash = [1; 32]);
    });
    assert_eq!(continued, None, "an order from before a reshare");
    assert_eq!(refused(|p| p.policy(|_, policy| policy.directory[0].requests = vec![Category::IP])), Some(22));
    assert_eq!(refused(|p| p.order(|_, t| t.instrument = Instrument::parse("national/nl/126n").unwrap())), Some(22));
    assert_eq!(refused(|p| p.order(|_, t| t.instrument = Instrument::parse("unknown").unwrap())), Some(22));
    assert_eq!(refused(|p| p.policy(|_, policy| policy.in_force = Span::new(DAY_ZERO, at(14, 21)).unwrap())), Some(22));
    let unpublished = refused(|p| p.statements(|_, said| said.retain(|s| !matches!(s.statement, Statement::Policy(_)))));
    assert_eq!(unpublished, Some(22), "the policy stands in PUBLIC before it is used");
    let one_key = refused(|p| p.statements(|_, said| drop(said[0].signers.pop())));
    assert_eq!(one_key, Some(22), "k of n policy keys");
}

#[test]
fn rel_20_provider_key_period_and_share() {
    let foreign = seal::identity::ProviderId([0xbb; 16]);
    let other_provider = refused(move |p| {
        p.order(move |_, t| t.provider = foreign);
    });
    assert_eq!(other_provider, Some(20));
    let period = |until: u64| refused(move |p| p.policy(move |_, policy| policy.key.period = Span::new(DAY_ZERO, until).unwrap()));
    assert_eq!(period(at(11, 0)), Some(20), "the last slot lies outside of the key's period");
    assert_eq!(period(at(12, 0)), None);
    let member = |change: fn(&mut Member)| {
        let mut good = Plan::default().build();
        change(&mut good.member);
        good.verdict()
    };
    assert_eq!(member(|m| m.generation = 2), Some(20));
    assert_eq!(member(|m| m.id.index = 3), Some(20), "the state of another member");
    assert_eq!(member(|m| m.id = MemberId { committee: CommitteeName::Guardians, index: 9 }), Some(20));
    let no_ceremony = |at: usize| refused(move |p| p.statements(move |_, said| drop(said.remove(at))));
    assert_eq!((no_ceremony(1), no_ceremony(2)), (Some(20), Some(20)));
    let unsigned = |said: &mut Vec<Said>| drop(said[2].signers.pop());
    assert_eq!(refused(move |p| p.statements(move |_, said| unsigned(said))), Some(20), "every member signs");
}

#[test]
fn a_scope_item_of_another_category_changes_nothing_for_those_asked() {
    let wider = refused(|p| p.order(|_, t| t.items.push(scope_item("phone:+31612345678", Category::IP, 10, 11))));
    assert_eq!(wider, None);
}

#[test]
fn rel_31_a_statistics_hash_other_than_zero_does_not_read() {
    assert_eq!(Value::parse(17, &[0; 32]), Some(Value::StatHash));
    assert_eq!(Value::parse(17, &[1; 32]), None);
}

#[test]
fn rel_13_the_intent_stands_behind_its_order() {
    // The gateway foresees the order's index, logs the intent before it and skips the soak.
    let good = Plan::default().build();
    let order = good.bundle.order_place.index;
    let mut plan = Plan::default();
    plan.bundle(move |_, b| std::mem::swap(&mut b.order_place.index, &mut b.intent_place.index));
    assert_eq!(plan.build().verdict(), Some(8), "a fixture cannot foresee: places alone are refused before");
    let mut foreseen = Plan { intent_first: true, ..Plan::default() };
    foreseen.bundle(move |_, b| assert!(b.intent_place.index < b.order_place.index && b.order_place.index != order));
    assert_eq!(foreseen.build().verdict(), Some(13));
}

#[test]
fn rel_12_an_order_that_was_withdrawn_is_not_revived_by_logging_it_again() {
    let mut good = Plan::default().build();
    let earlier = Parent::new(STANDBY, 3);
    // r is signed by nobody: the same order under another r has another leaf and another D.
    let account = |record: [u8; 32]| Account {
        d: [0xd; 32],
        record,
        frame: [1; 32],
        court: None,
        kind: Kind::Order,
        authority: id("nl.om"),
        unit: id("unit.nl.om"),
        first: good.now - 60,
        identities: 1,
        slots: 1,
        deadline: good.now + 366 * 86_400,
        notice_due: good.now + 86_400,
        notice_from: 0,
        confirm_due: None,
        is_released: true,
        is_noticed: false,
        is_opened: false,
        is_confirmed: false,
    };
    let known = |r| KeptChange::Counted { day: 0, order: earlier, account: account(r), links: Vec::new(), now: good.now, identities: 0 };
    let (twin, other) = (known(good.order.record().record().hash()), known([9; 32]));
    let withdrawn = KeptChange::Learned { order: earlier, fact: Fact::Withdrawn };
    let mut kept = good.kept.clone();
    kept.apply(&other);
    kept.apply(&withdrawn);
    good.kept.apply(&twin);
    assert_eq!(good.verdict(), None);
    good.kept.apply(&withdrawn);
    assert_eq!(good.verdict(), Some(12));
    good.kept = kept;
    assert_eq!(good.verdict(), None, "another order was withdrawn");
}

#[test]
fn rel_12_an_authority_says_nothing_about_another_ones_order() {
    let foreign = refused(|p| {
        p.related = Box::new(|world, order| {
            let mut values = under(Kind::Withdrawal, order, vec![Value::Court(id("nl.rechtbank"))]);
            values[3] = Value::Authority(id("nl.politie"));
            vec![related(world, "court", values)]
        });
    });
    assert_eq!(foreign, Some(12));
}

//! Of two failures the first of the list is the one named, for every pair of rules (release.md section 5).

use verify::calendar::DAY;
use verify::names::{Instrument, Span};
use verify::order::OrderDocument;
use verify::record::Kind;
use verify::release::{Clock, Judgement, KeptChange, judge};
use verify::statement::Statement;

use crate::id;
use crate::support::world::{DAY_ZERO, at};
use crate::support::*;

/// Breaks exactly this rule and leaves all others as they are, also if another one is broken besides.
fn break_rule(rule: u8, p: &mut Plan) {
    match rule {
        2 => p.bundle(|_, b| b.order_place.path.resize(64, [0; 32])),
        3 => p.bundle(|_, b| b.public_head.note = b.orders_head.note.clone()),
        4 => p.bundle(|w, b| {
            let note = verify::log::note::SignedNote::parse(&b.orders_head.note).unwrap();
            let head = verify::log::checkpoint::Checkpoint::of_note(&note).unwrap();
            let time = note.signatures()[1].payload()[..8].try_into().map(u64::from_be_bytes).unwrap();
            b.orders_head.note = logs::sign(&head, w.signer(world::ORDERS), &[(w.witnesses()[0], time), (w.witnesses()[1], time)]);
        }),
        5 => p.head_time = at(14, 0) + 2 * DAY,
        6 => p.bundle(|_, b| b.public_head.from.clear()),
        7 => p.bundle(|_, b| {
            let text = String::from_utf8(b.order.to_bytes()).unwrap();
            let line = text.lines().find(|l| l.starts_with("rho ")).unwrap();
            let other = format!("rho {}", verify::spelling::base64(&[7; 32]));
            b.order = OrderDocument::parse(text.replacen(line, &other, 1).as_bytes()).unwrap();
        }),
        8 => p.bundle(|_, b| b.order_place.path[0] = [0; 32]),
        9 => p.order(|_, t| t.kind = Kind::Preservation),
        10 => p.policy(|_, policy| policy.directory[2].signs.clear()),
        11 => p.order_signer = "stranger".to_owned(),
        12 => p.order(|_, t| t.validity = Span::new(at(13, 50), at(14, 10) + 2 * DAY).unwrap()),
        13 => p.intent_signer = "stranger".to_owned(),
        14 => p.intent(|_, t| t.identities[0].1 = seal::identity::Category::LOCATION),
        15 => p.intent(|_, t| t.release.extend([[7; 32]])),
        16 => p.soak = Some(1),
        17 => p.statements(|_, said| said.retain(|s| !matches!(s.statement, Statement::SlotClose(_)))),
        18 => p.policy(|_, policy| policy.categories[0].retention_days = 1),
        19 => p.intent(|_, t| t.salts.clear()),
        20 => p.policy(|_, policy| policy.key.period = Span::new(DAY_ZERO, at(10, 0)).unwrap()),
        21 => p.bundle(|_, b| b.requester = [1; 32]),
        22 => p.order(|_, t| t.instrument = Instrument::parse("unknown").unwrap()),
        23 => p.kept(|_, kept| {
            let today = at(14, 21) / 86_400 + 2;
            let account = crate::budgets::account(Kind::Order, at(9, 0));
            let order = crate::budgets::other_order(1);
            kept.apply(&KeptChange::Counted { day: today, order, account, links: Vec::new(), now: at(9, 0), identities: 100 });
        }),
        24 => p.kept(|_, kept| kept.apply(&KeptChange::Suspended { unit: id("unit.nl.om"), at: at(9, 0) })),
        _ => unreachable!("no such rule"),
    }
}

/// The good case two days later, so that a short retention can be over.
fn plan() -> Plan {
    let mut plan = Plan::default();
    plan.slots = vec![10];
    (plan.head_time, plan.now) = (at(14, 20) + 2 * DAY, at(14, 21) + 2 * DAY);
    plan
}

const RULES: std::ops::RangeInclusive<u8> = 2..=24;

fn pairs_from(first: std::ops::RangeInclusive<u8>) {
    let mut wrong = Vec::new();
    for a in first {
        for b in a..=*RULES.end() {
            let mut case = plan();
            break_rule(a, &mut case);
            if a != b {
                break_rule(b, &mut case);
            }
            let named = case.build().verdict();
            if named != Some(a) {
                wrong.push(format!("{a} and {b}: {named:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_plan_without_a_break_is_granted() {
    assert_eq!(plan().build().verdict(), None);
}

#[test]
fn the_first_of_two_failures_is_named_rules_2_to_6() {
    pairs_from(2..=6);
}

#[test]
fn the_first_of_two_failures_is_named_rules_7_to_12() {
    pairs_from(7..=12);
}

#[test]
fn the_first_of_two_failures_is_named_rules_13_to_24() {
    pairs_from(13..=24);
}

#[test]
fn a_second_spelling_is_named_before_everything_else() {
    // Rules 1 and 2 are both met while reading; the one that stands first in the octets is named.
    for rule in 3..=*RULES.end() {
        let mut case = plan();
        break_rule(rule, &mut case);
        let good = case.build();
        let bytes = [good.bundle.to_bytes().as_slice(), b"\n"].concat();
        let outcome = judge(&bytes, &good.policy, good.member, &good.kept, Clock::Sure(good.now));
        assert!(matches!(outcome, Judgement::Refused(r) if r.refusal().rule() == 1), "{rule}");
    }
}

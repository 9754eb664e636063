//! REL-06 to REL-25: more places where several conditions stand together, each of them alone decides.

use seal::entropy::SeededEntropy;
use seal::identity::Category;
use verify::intent::IntentDocument;
use verify::names::{Instrument, Span};
use verify::order::{OrderDocument, OrderDraft, OrderTerms};
use verify::policy::Policy;
use verify::record::{Digest, Kind, Parent, Value, key_digest};
use verify::release::*;

use crate::budgets::{account, knows, other_order};
use crate::support::case::{scope_item, slot};
use crate::support::world::{DAY_ZERO, PROVIDER, at};
use crate::support::*;
use crate::{id, refused, related, under};

#[test]
fn rel_06_the_proof_is_the_one_from_the_stored_size() {
    let before_it = |path: Vec<Digest>| refused(move |p| p.bundle(move |_, b| b.orders_head.from.insert(0, (17, path))));
    assert_eq!(before_it(vec![[9; 32]]), None, "another member's proof is nothing to this one");
    let wrong = refused(|p| p.bundle(|_, b| b.orders_head.from[0].1 = vec![[9; 32]]));
    assert_eq!(wrong, Some(6));
}

/// The bundle shows this record, which nothing stands against but what it says.
fn shown(signer: &'static str, kind: Kind, place: Option<Parent>, change: fn(&mut Vec<Value>)) -> Option<u8> {
    refused(move |p| {
        p.kept(|_, kept| knows(kept, 1, account(Kind::Order, at(9, 0)), Vec::new()));
        p.related = Box::new(move |world, order| {
            let mut values = under(kind, place.unwrap_or(order), Vec::new());
            change(&mut values);
            vec![related(world, signer, values)]
        });
    })
}

fn by_court(values: &mut Vec<Value>) {
    values.push(Value::Court(id("nl.rechtbank")));
}

fn for_another(values: &mut Vec<Value>) {
    by_court(values);
    values[3] = Value::Authority(id("nl.politie"));
}

#[test]
fn rel_12_log_43_a_related_leaf_is_of_the_orders_authority() {
    assert_eq!(
        (shown("court", Kind::Confirmation, None, by_court), shown("court", Kind::Confirmation, None, for_another)),
        (None, Some(12))
    );
    let known = Some(other_order(1));
    assert_eq!(
        (shown("court", Kind::Confirmation, known, by_court), shown("court", Kind::Confirmation, known, for_another)),
        (None, Some(12))
    );
    let unknown = Some(other_order(3));
    assert_eq!(shown("court", Kind::Confirmation, unknown, for_another), None, "whose order that is, this member does not know");
}

#[test]
fn rel_12_log_43_a_withdrawal_is_the_courts_if_it_names_one_and_else_the_authoritys() {
    let other = Some(other_order(3));
    assert_eq!(shown("prosecutor", Kind::Withdrawal, other, |_| ()), None);
    assert_eq!(shown("court", Kind::Withdrawal, other, by_court), None);
    assert_eq!(
        (shown("prosecutor", Kind::Withdrawal, other, by_court), shown("court", Kind::Withdrawal, other, |_| ())),
        (Some(12), Some(12))
    );
}

#[test]
fn rel_13_an_intent_is_a_record_of_kind_12() {
    let released = refused(|p| {
        p.soak = Some(8);
        p.related = Box::new(|world, order| vec![related(world, "gateway", under(Kind::Release, order, vec![Value::ReleaseSet([1; 32])]))]);
        p.bundle(|_, b| {
            let part = b.related.remove(0);
            let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
            let (old, new) = (text(b.intent.record().to_bytes()), text(part.record.to_bytes()));
            let part_of = |record: &str| format!("part record {}\n{record}\n", record.len());
            let document = text(b.intent.to_bytes()).replacen(&part_of(&old), &part_of(&new), 1);
            b.intent = IntentDocument::parse(document.as_bytes()).unwrap();
            b.intent_place = part.place;
        });
    });
    assert_eq!(released, Some(13), "the gateway's own word about the same order, of another kind");
}

#[test]
fn rel_20_the_member_sits_in_the_committee() {
    let seat = |index: u8| {
        let mut good = Plan::default().build();
        let text = String::from_utf8(good.kept.to_bytes()).unwrap();
        good.kept = Kept::parse(text.replace("member guardians 2\n", &format!("member guardians {index}\n")).as_bytes()).unwrap();
        good.member.id.index = index;
        good.verdict()
    };
    assert_eq!((seat(2), seat(5), seat(6)), (None, None, Some(20)));
}

#[test]
fn rel_32_a_permit_and_its_trace_say_whether_it_was_a_demo() {
    for is_demo in [false, true] {
        let mut plan = Plan::default();
        plan.policy(move |_, policy| policy.demo = is_demo);
        let Judgement::Granted(pending) = plan.build().judge() else { panic!("refused") };
        let mut lines = Vec::new();
        let permit = pending.store(|change| {
            lines.extend(matches!(change, KeptChange::Audit { .. }).then(|| change.clone()));
            Ok::<(), ()>(())
        });
        assert_eq!(permit.unwrap().is_demo(), is_demo);
        let KeptChange::Audit { line } = &lines[0] else { panic!("a trace") };
        assert_eq!(line.ends_with(" DEMO"), is_demo, "{line}");
    }
}

/// An order to preserve what the good case asks for, from 13:00 on.
fn preservation(world: &World, attested: bool) -> OrderDocument {
    let mut named = ["attester-1", "attester-2"].map(|name| (key_digest(world.signer(name).vkey().key()), name));
    named.sort();
    let terms = OrderTerms {
        kind: Kind::Preservation,
        instrument: Instrument::parse("epoc").unwrap(),
        court: Some(id("nl.rechtbank")),
        legal_basis: "Article 6".to_owned(),
        authority: id("nl.om"),
        provider: PROVIDER,
        period: Span::new(slot(10).start(), slot(11).end()).unwrap(),
        case_ref: None,
        validity: Span::new(at(13, 0), at(20, 0)).unwrap(),
        seal_until: DAY_ZERO + 120 * 86_400,
        notice_due: DAY_ZERO + 90 * 86_400,
        policy_hash: [1; 32],
        items: vec![scope_item("phone:+31612345678", Category::TRAFFIC, 10, 11)],
        original: attested.then(|| b"a letter".to_vec()),
        attesters: attested.then(|| named.map(|(digest, _)| digest).to_vec()),
    };
    let draft = OrderDraft::draw(terms, &mut SeededEntropy::new([5; 32])).unwrap();
    if !attested {
        return draft.sign(world.signer("court")).unwrap();
    }
    let message = draft.record().message();
    draft.attest(&named.map(|(_, name)| world.signer(name).sign_message(&message))).unwrap()
}

#[test]
fn rel_18_log_100_who_answers_for_a_hold_was_in_office_when_it_began() {
    let world = World::new(7);
    // The court signs its own; attesters vouch for the authority's.
    for (attested, who) in [(false, "nl.rechtbank"), (true, "nl.om")] {
        let order = preservation(&world, attested);
        let stands = |from: u64, until: u64| {
            let mut parts = world.parts.clone();
            let entry = parts.directory.iter_mut().find(|entry| entry.id == id(who)).unwrap();
            entry.in_force = Span::new(from, until).unwrap();
            preservation_stands(&Policy::from_parts(parts).unwrap(), &order)
        };
        let begins = at(13, 0);
        assert!(stands(begins, begins + 1), "{who}");
        assert!(!stands(begins + 1, at(20, 0)) && !stands(begins - 60, begins), "{who}");
    }
}

#[test]
fn rel_18_ord_04_a_hold_shows_what_its_record_commits_to() {
    let world = World::new(7);
    let text = String::from_utf8(preservation(&world, false).to_bytes()).unwrap();
    let stands = |text: &str| preservation_stands(&world.policy(), &OrderDocument::parse(text.as_bytes()).unwrap());
    let rho = text.lines().find(|line| line.starts_with("rho ")).unwrap();
    let other = format!("rho {}", verify::spelling::base64(&[7; 32]));
    assert_eq!((stands(&text), stands(&text.replace(rho, &other))), (true, false));
}

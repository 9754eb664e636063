//! Which hour of which category is whose: orders about several persons, categories and hours, of which a package answers some.

mod support;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use seal::catalogue::{AddressTrust, Clock, Common, IpSession, Party, PartyKind, Record, SessionAction, Stamp};
use seal::epoch::{EpochMaterials, EpochPlan, OpenEpoch, Timing};
use seal::identity::{Category, Identity, Salt, SlotLen};
use seal::retention::RetentionKey;
use seal::salt_map::SaltMap;
use seal::secret::Secret;
use seal::selector::Selector;
use support::case::{DAY_SECRET, Said, bucket_tree, record, scope_item, slot, slot_close};
use support::production::{Extra, signature};
use support::world::{DAY_ZERO, PROVIDER};
use support::*;
use verify::calendar::{DAY, Day};
use verify::intent::{IntentTerms, SaltRow};
use verify::names::{DirectoryId, Span};
use verify::order::{OrderTerms, ScopeItem};
use verify::package::layout;
use verify::package::statement::{CategoryAnswer, SlotAnswer};
use verify::statement::Statement;
use verify::verdict::{Failure, Place, Promise, Reason, Report, Supplies, What, judge};

const MINE: &str = "phone:+31612345678";
const OTHER: &str = "phone:+31687654321";
/// Needs no account salt (SEA-04), and nobody used it.
const ADDRESS: &str = "ip:192.0.2.1:443";

fn selector(text: &str) -> Selector {
    Selector::from_text(text).unwrap()
}

/// The good case with a period that holds all of its hours, and these items beside its own.
fn whole_and(more: Vec<ScopeItem>) -> Plan {
    let order = |_: &mut World, terms: &mut OrderTerms| {
        terms.period = Span::new(terms.period.from() - 60, terms.period.until() + 60).unwrap();
        terms.items.extend(more);
    };
    Plan { order: Box::new(order), ..Plan::default() }
}

/// Exactly these items.
fn ordered(items: Vec<ScopeItem>) -> Plan {
    let mut plan = whole_and(Vec::new());
    plan.order(|_, terms| terms.items = items);
    plan
}

fn made(plan: Plan, shape: Shape) -> (Good, Production) {
    let mut good = plan.build();
    let production = good.production(shape);
    (good, production)
}

fn without_salts() -> Shape {
    Shape { salts: false, ..Shape::default() }
}

fn judged(good: &Good, production: &Production) -> Report {
    judge(production, &signature(), &good.policy, &Supplies::none())
}

fn found(good: &Good, production: &Production) -> Vec<Failure> {
    judged(good, production).failures
}

fn good_report(good: &Good, production: &Production) -> Report {
    let report = judged(good, production);
    assert_eq!(report.failures, [], "nothing contradicts");
    report
}

/// Every reason of a promise in an hour, in the order of the report.
fn reasons(report: &Report, slot: usize, promise: Promise) -> Vec<Reason> {
    report.slots[slot].cells[promise as usize].parts().map(|part| part.reason.clone()).collect()
}

fn failure(rule: &str, hour: u64, what: What) -> Failure {
    Failure::new(rule, Place::Slot { category: "traffic".to_owned(), start: at(hour, 0), end: at(hour + 1, 0) }, what)
}

fn of_package(rule: &str, what: What) -> Failure {
    Failure::new(rule, Place::Package, what)
}

/// What the day's salt map says of a number that it does not know.
fn absence(world: &World, day: Day, number: &str) -> SaltRow {
    let secret = Secret::new(DAY_SECRET);
    let map = SaltMap::build(&secret, world.subjects.iter().map(|(selector, salt)| (selector, salt)));
    let selector = selector(number);
    let proof = map.prove_absence(&secret, &selector).unwrap();
    SaltRow { day, selector, proof }
}

fn presence(world: &World, number: &str) -> SaltRow {
    let secret = Secret::new(DAY_SECRET);
    let map = SaltMap::build(&secret, world.subjects.iter().map(|(selector, salt)| (selector, salt)));
    let (selector, salt) = world.subjects.iter().find(|(known, _)| *known == selector(number)).unwrap().clone();
    let proof = map.prove_presence(&secret, &selector, &salt).unwrap();
    SaltRow { day: Day::containing(DAY_ZERO), selector, proof }
}

#[test]
fn sea_53_an_item_is_owed_for_a_person_whom_the_order_names_in_an_answered_hour() {
    // 10:00 and 12:00 are answered; the other person is named for one hour alone.
    let case = |hour: u64| {
        let plan = Plan { slots: vec![10, 12], ..whole_and(vec![scope_item(OTHER, Category::TRAFFIC, hour, hour)]) };
        made(plan, without_salts())
    };
    let without = |production: &mut Production| production.statement.items.retain(|item| item.selector == MINE);
    let (good, mut production) = case(11);
    without(&mut production);
    let report = good_report(&good, &production);
    assert!(!reasons(&report, 0, Promise::AllOrdered).contains(&Reason::NoSuchSelector));
    let (good, mut production) = case(12);
    good_report(&good, &production);
    without(&mut production);
    assert_eq!(found(&good, &production), [of_package("SEA-53", What::ItemsOfOthers)]);
}

#[test]
fn sea_52_absence_is_owed_for_the_hours_in_which_the_order_names_somebody() {
    let case = |hour: u64| {
        let plan = Plan { slots: vec![10, 12], ..whole_and(vec![scope_item(OTHER, Category::TRAFFIC, hour, hour)]) };
        made(plan, Shape::default())
    };
    let (good, production) = case(11);
    good_report(&good, &production);
    let (good, production) = case(12);
    assert_eq!(found(&good, &production), [failure("SEA-52", 12, What::AbsenceNotProven)]);
}

#[test]
fn sea_52_who_is_asked_for_in_one_hour_is_not_absent_in_the_next() {
    let mut plan = whole_and(vec![scope_item(OTHER, Category::TRAFFIC, 10, 11)]);
    plan.intent(|world, terms| {
        let (selector, salt) = world.subjects[1].clone();
        terms.identities.push((salt, Category::TRAFFIC, slot(10), selector));
        terms.salts.push(presence(world, OTHER));
    });
    let (good, production) = made(plan, Shape::default());
    assert_eq!(found(&good, &production), [failure("SEA-52", 11, What::AbsenceNotProven)]);
}

#[test]
fn sea_52_each_absent_person_needs_a_proof_of_absence_of_the_day() {
    let absent = ["phone:+31600000000", "phone:+31600000001"];
    let case = |proofs: fn(&World, &mut IntentTerms)| {
        let mut plan = whole_and(absent.map(|number| scope_item(number, Category::TRAFFIC, 10, 11)).to_vec());
        plan.intent(move |world, terms| proofs(world, terms));
        // The map of the next day knows the same numbers.
        plan.statements(|_, said| {
            let map = said.iter().find_map(|said| if let Statement::SaltMap(map) = &said.statement { Some(map.clone()) } else { None });
            let mut map = map.unwrap();
            map.day = Day(map.day.0 + 1);
            said.push(Said { statement: Statement::SaltMap(map), signers: vec!["provider".to_owned()] });
        });
        let (good, production) = made(plan, Shape::default());
        found(&good, &production).len()
    };
    let both = |world: &World, terms: &mut IntentTerms| {
        let day = Day::containing(DAY_ZERO);
        terms.salts.extend(["phone:+31600000000", "phone:+31600000001"].map(|number| absence(world, day, number)));
    };
    let one = |world: &World, terms: &mut IntentTerms| terms.salts.push(absence(world, Day::containing(DAY_ZERO), "phone:+31600000000"));
    let next_day = |world: &World, terms: &mut IntentTerms| {
        let day = Day::containing(DAY_ZERO);
        let next = Day(day.0 + 1);
        terms.days.insert(next, DAY_SECRET);
        terms.salts.extend([absence(world, day, "phone:+31600000000"), absence(world, next, "phone:+31600000001")]);
    };
    assert_eq!((case(both), case(one), case(next_day)), (0, 2, 2));
}

/// The first hour begins a minute before the ordered time.
fn first_in_part() -> Plan {
    let order = |_: &mut World, terms: &mut OrderTerms| {
        terms.period = Span::new(terms.period.from(), terms.period.until() + 60).unwrap();
    };
    Plan { order: Box::new(order), ..Plan::default() }
}

#[test]
fn sea_64_evidence_belongs_to_the_hours_that_the_order_covers_wholly() {
    let (good, mut production) = made(first_in_part(), Shape::default());
    let report = good_report(&good, &production);
    let of = |slot: usize| reasons(&report, slot, Promise::AnyoneChecks);
    assert_eq!((of(0), of(1)), (vec![Reason::NotCheckable], vec![Reason::Checked]));
    // SEA-53: where an hour is trimmed, something may have been held back.
    production.statement.items[0].held_back = 1;
    good_report(&good, &production);
}

#[test]
fn sea_53_a_row_lies_in_the_period_of_its_item_and_names_one_of_its_category() {
    let (good, mut production) = made(Plan::default(), Shape::default());
    good_report(&good, &production);
    production.statement.items[0].until = at(10, 16);
    assert_eq!(found(&good, &production), [of_package("SEA-53", What::RowOutside)], "the first second behind the period");
    // The same person in another category: the row is not that item's.
    let (good, mut production) = made(whole_and(vec![scope_item(MINE, Category::IP, 10, 11)]), Shape::default());
    good_report(&good, &production);
    let number = |category: &str| production.statement.items.iter().position(|item| item.category == category).unwrap() + 1;
    let (own, other) = (format!("\"item\":{}", number("traffic")), format!("\"item\":{}", number("ip-session")));
    change_rows(&mut production, |text| text.replacen(&own, &other, 1));
    assert_eq!(found(&good, &production), [of_package("SEA-53", What::RowOutside)]);
}

fn change_rows(production: &mut Production, change: impl FnOnce(&str) -> String) {
    let file = production.files.get_mut(&layout::records_jsonl("traffic")).unwrap();
    let before = String::from_utf8(file.clone()).unwrap();
    let after = change(&before);
    assert_ne!(before, after);
    *file = after.into_bytes();
}

#[test]
fn sea_53_no_row_in_an_hour_that_is_answered_for_another_category_only() {
    let plan = Plan { slots: vec![10, 12], ..whole_and(vec![scope_item(MINE, Category::IP, 11, 11)]) };
    let (good, mut production) = made(plan, without_salts());
    let (category, slot_no) = ("ip-session".to_owned(), slot(11).no());
    let answer = SlotAnswer { category, slot_len: 3_600, slot_no, is_covered_wholly: false, epochs: 0, late_epochs: 0 };
    production.statement.slots.push(answer);
    good_report(&good, &production);
    change_rows(&mut production, |text| format!("{text}{}\n", text.lines().next().unwrap().replace("T10:", "T11:")));
    assert_eq!(found(&good, &production), [of_package("SEA-53", What::RowOutside)]);
}

/// An hour in which the one asked for has no salt and no record, and one with the good case's person.
/// The person is asked for in this hour, and in another category only.
#[test]
fn rel_14_a_key_of_one_category_opens_no_row_of_another() {
    let (good, mut production) =
        made(ordered(vec![scope_item(MINE, Category::TRAFFIC, 10, 11), scope_item(MINE, Category::IP, 10, 10)]), without_salts());
    let category = "ip-session".to_owned();
    let answer = SlotAnswer { category, slot_len: 3_600, slot_no: slot(10).no(), is_covered_wholly: false, epochs: 0, late_epochs: 0 };
    production.statement.slots.push(answer);
    let rows = CategoryAnswer { category: "ip-session".to_owned(), ..production.statement.categories[0].clone() };
    production.statement.categories.push(rows);
    production.files.insert(layout::records_jsonl("ip-session"), Vec::new());
    let report = good_report(&good, &production);
    let last = report.slots.len() - 1;
    assert_eq!(reasons(&report, last, Promise::NoOneAlone), [Reason::NoKeyAsked]);
    assert_ne!(reasons(&report, 0, Promise::NoOneAlone), [Reason::NoKeyAsked]);
    let item = |category: &str| production.statement.items.iter().position(|item| item.category == category).unwrap() + 1;
    let (own, other) = (format!("\"item\":{}", item("traffic")), format!("\"item\":{}", item("ip-session")));
    let traffic = String::from_utf8(production.files[&layout::records_jsonl("traffic")].clone()).unwrap();
    let row = traffic.lines().next().unwrap().replacen(&own, &other, 1) + "\n";
    production.files.insert(layout::records_jsonl("ip-session"), row.into_bytes());
    let place = Place::Slot { category: "ip-session".to_owned(), start: at(10, 0), end: at(11, 0) };
    assert_eq!(found(&good, &production), [Failure::new("REL-14", place, What::RowWithoutKey)]);
}

fn with_address() -> Plan {
    let mut plan = ordered(vec![scope_item(ADDRESS, Category::TRAFFIC, 10, 10), scope_item(MINE, Category::TRAFFIC, 11, 11)]);
    plan.intent(|_, terms| {
        for identity in terms.identities.iter_mut().filter(|(_, _, asked, _)| *asked == slot(10)) {
            (identity.0, identity.3) = (Salt([0; 16]), selector(ADDRESS));
        }
    });
    plan
}

#[test]
fn sea_04_an_hour_without_salts_rests_on_nobody_for_them() {
    let (good, production) = made(with_address(), without_salts());
    let report = good_report(&good, &production);
    assert_eq!(report.rows, 1, "no record of the address is no contradiction");
    let rests = |slot| reasons(&report, slot, Promise::AllOrdered).contains(&Reason::SaltsByMembers);
    assert_eq!((rests(0), rests(1)), (false, true));
}

fn seal(world: &mut World, plan: EpochPlan, subjects: &[Identity], record: &Record) -> Extra {
    let policy = world.policy();
    let retention = Arc::new(RetentionKey::from_secret(&Secret::new([0x72; 32])));
    let tree = bucket_tree(&retention, plan.lease(), plan.start());
    let node_key = Secret::new([9; 32]);
    let materials = EpochMaterials { public: policy.public_key(), retention: retention.clone(), tree: &tree, node_key: &node_key };
    let mut epoch = OpenEpoch::open(plan, materials, &mut world.entropy).unwrap();
    for identity in subjects {
        epoch.seal(identity, record).unwrap();
    }
    Extra { closed: epoch.close(), retention }
}

fn timing() -> Timing {
    Timing::new(SlotLen::HOUR, 900, 1_800).unwrap()
}

fn identities(world: &World, category: Category, hour: u64, count: usize) -> Vec<Identity> {
    let key_id = world.policy().key_id();
    let subjects = world.subjects.iter().take(count).cloned();
    subjects.map(|(selector, salt)| Identity::new(key_id, PROVIDER, category, slot(hour), selector, salt).unwrap()).collect()
}

/// The extra epoch's own statements, and the hour's slot-close with it.
fn tell(said: &mut Vec<Said>, extra: &Extra, hour: u64) {
    let headers = said.iter().filter_map(|said| if let Statement::Epoch(header) = &said.statement { Some(header) } else { None });
    let own = headers.filter(|header| header.admits(slot(hour)).is_ok()).map(|header| header.hash()).next().unwrap();
    let leaves: BTreeMap<_, _> = said
        .iter()
        .filter_map(|said| if let Statement::Segment(leaf) = said.statement { Some((leaf.epoch_hash, leaf)) } else { None })
        .collect();
    for said in said.iter_mut() {
        if matches!(&said.statement, Statement::SlotClose(close) if close.slot.from() == slot(hour).start()) {
            said.statement = Statement::SlotClose(slot_close(hour, &[leaves[&own], extra.closed.leaf]));
        }
    }
    let by_sealer = |statement| Said { statement, signers: vec!["sealer".to_owned()] };
    said.splice(0..0, [by_sealer(Statement::Epoch(extra.closed.header.clone())), by_sealer(Statement::Segment(extra.closed.leaf))]);
}

fn session(time: u64) -> Record {
    let common = Common { t_event: Stamp::Seconds(time), clock: Clock::Server, source: "fixture".into(), source_row: None };
    let body = IpSession {
        action: SessionAction::Login,
        account: Party::new(PartyKind::Account, "@alice:example"),
        address: "192.0.2.1".parse().unwrap(),
        port: None,
        address_trust: AddressTrust::Peer,
        session: None,
        duration: None,
        protocol: None,
    };
    Record::new(common, (time + 1) * 1_000, body).unwrap()
}

type Made = Rc<RefCell<Option<Extra>>>;

/// At 10:00 the person's sessions and the address's traffic, at 11:00 the person's traffic, beside `more` that the order names.
fn two_categories(shape: Shape, more: Vec<ScopeItem>) -> (Good, Production) {
    let mut plan = with_address();
    plan.order(|_, terms| {
        terms.items.push(scope_item(MINE, Category::IP, 10, 10));
        terms.items.extend(more);
    });
    let cell: Made = Rc::new(RefCell::new(None));
    let (made, released) = (cell.clone(), cell.clone());
    plan.statements(move |world, said| {
        let subjects = identities(world, Category::IP, 10, 1);
        let extra = seal(world, EpochPlan::live(timing(), PROVIDER, Category::IP, 9, at(10, 15)), &subjects, &session(at(10, 16)));
        tell(said, &extra, 10);
        *made.borrow_mut() = Some(extra);
    });
    plan.intent(move |world, terms| {
        let (selector, salt) = world.subjects[0].clone();
        terms.identities.push((salt, Category::IP, slot(10), selector));
        terms.release.insert(released.borrow().as_ref().unwrap().closed.leaf.digest());
    });
    let mut good = plan.build();
    let extra = cell.borrow_mut().take().unwrap();
    let production = good.production(Shape { extras: vec![extra], ..shape });
    (good, production)
}

#[test]
fn sea_65_each_category_has_its_own_evidence_rows_and_salts() {
    let (good, production) = two_categories(without_salts(), Vec::new());
    let answered: Vec<(&str, u64)> = production.statement.slots.iter().map(|slot| (slot.category.as_str(), slot.slot_no)).collect();
    assert_eq!(answered, [("traffic", slot(10).no()), ("traffic", slot(11).no()), ("ip-session", slot(10).no())]);
    let report = good_report(&good, &production);
    assert_eq!(report.rows, 2);
    let rests = |slot| reasons(&report, slot, Promise::AllOrdered).contains(&Reason::SaltsByMembers);
    assert_eq!((rests(0), rests(1), rests(2)), (false, true, true), "at 10:00 the salt is that of the sessions");
}

#[test]
fn sea_52_who_is_asked_for_in_one_category_is_not_absent_in_the_other() {
    let (good, production) = two_categories(Shape::default(), Vec::new());
    good_report(&good, &production);
    let (good, production) = two_categories(Shape::default(), vec![scope_item(MINE, Category::TRAFFIC, 10, 10)]);
    assert_eq!(found(&good, &production), [failure("SEA-52", 10, What::AbsenceNotProven)]);
}

/// A late epoch for 08:00 to 10:00 that ended at 11:00: the slot-close of 10:00 counts it, and no record of that hour can be in it.
#[test]
fn sea_81_an_epoch_that_does_not_take_the_hour_is_counted_and_no_more() {
    let cell: Made = Rc::new(RefCell::new(None));
    let kept = cell.clone();
    let mut plan = whole_and(Vec::new());
    plan.statements(move |world, said| {
        let late = EpochPlan::late(timing(), PROVIDER, Category::TRAFFIC, 9, at(10, 45), (slot(8), slot(9))).unwrap();
        let extra = seal(world, late, &identities(world, Category::TRAFFIC, 8, 2), &record(at(8, 16), at(10, 46)));
        tell(said, &extra, 10);
        *kept.borrow_mut() = Some(extra);
    });
    let mut good = plan.build();
    let extra = cell.borrow_mut().take().unwrap();
    assert!(extra.closed.leaf.n_records > 1);
    let production = good.production(Shape { extras: vec![extra], ..Shape::default() });
    assert_eq!((production.statement.slots[0].epochs, production.statement.slots[1].epochs), (2, 1));
    let report = good_report(&good, &production);
    assert!(reasons(&report, 0, Promise::AllOrdered).contains(&Reason::SegmentNotFetched { segments: 1 }), "that one tells nothing here");
}

#[test]
fn sea_44_a_segment_of_one_record_is_sorted_by_itself() {
    let mut plan = whole_and(Vec::new());
    plan.policy(|world, _| world.subjects.truncate(1));
    let (good, production) = made(plan, Shape::default());
    let report = good_report(&good, &production);
    let expected = [Reason::OpenedAgain, Reason::OpenedAgain, Reason::LateEpochsUnseen, Reason::SaltsShown];
    assert_eq!(reasons(&report, 0, Promise::AllOrdered), expected, "nobody has to have a copy");
}

#[test]
fn log_46_a_late_epoch_that_was_told_after_the_order_is_shown_only_before_the_intent() {
    let (good, production) = made(Plan { late: true, ..whole_and(Vec::new()) }, Shape::default());
    let report = good_report(&good, &production);
    let of = |slot| reasons(&report, slot, Promise::NotMadeUp);
    assert_eq!((of(0), of(1)), (vec![Reason::ShownOnlyBeforeIntent], vec![Reason::CommittedBeforeOrder]));
}

/// Two days of retention, judged when the hour of 10:00 is past it and that of 11:00 is not.
fn between_the_ends(plan: Plan) -> Plan {
    let mut plan = Plan { head_time: at(11, 30) + 2 * DAY, now: at(11, 31) + 2 * DAY, ..plan };
    plan.policy(|_, policy| policy.categories[0].retention_days = 2);
    plan
}

#[test]
fn rel_18_only_the_hour_that_is_past_its_retention_rests_on_a_hold() {
    let (good, production) = made(between_the_ends(whole_and(Vec::new())), Shape::default());
    let report = good_report(&good, &production);
    let of = |slot| reasons(&report, slot, Promise::Gone);
    assert_eq!((of(0), of(1)), (vec![Reason::RetentionLock, Reason::HeldByMembers], vec![Reason::RetentionLock]));
}

/// Nobody is asked for in the hour that is past its retention, so no member looked for a hold.
#[test]
fn rel_18_an_hour_in_which_nobody_is_asked_for_needs_no_hold() {
    let mut plan = Plan { slots: vec![11], ..ordered(vec![scope_item(MINE, Category::TRAFFIC, 10, 11)]) };
    plan.order(|_, terms| terms.period = Span::new(at(10, 0), at(12, 0)).unwrap());
    let (good, mut production) = made(between_the_ends(plan), without_salts());
    let answer = SlotAnswer { slot_no: slot(10).no(), is_covered_wholly: false, epochs: 0, ..production.statement.slots[0].clone() };
    production.statement.slots.insert(0, answer);
    let report = good_report(&good, &production);
    assert_eq!(reasons(&report, 0, Promise::Gone), [Reason::LockNotShown]);
    // REL-14: the receipts are about keys, and of this hour there is none; so no row can be of it either.
    for promise in [Promise::NoOneAlone, Promise::Seconds] {
        assert_eq!(reasons(&report, 0, promise), [Reason::NoKeyAsked]);
        assert_ne!(reasons(&report, 1, promise), [Reason::NoKeyAsked]);
    }
    change_rows(&mut production, |text| format!("{text}{}\n", text.lines().next().unwrap().replace("T11:", "T10:")));
    assert_eq!(found(&good, &production), [failure("REL-14", 10, What::RowWithoutKey)]);
}

#[test]
fn rel_14_no_row_of_a_person_for_whom_no_key_was_asked() {
    // Two people in an hour that is covered in part; the intent asks for one of them.
    let more = vec![scope_item("phone:+31611111111", Category::TRAFFIC, 10, 11)];
    let (good, mut production) = made(ordered([vec![scope_item(MINE, Category::TRAFFIC, 10, 11)], more].concat()), without_salts());
    good_report(&good, &production);
    let item = |number: &str| production.statement.items.iter().position(|item| item.selector.contains(number)).unwrap() + 1;
    let (own, other) = (format!("\"item\":{}", item("12345678")), format!("\"item\":{}", item("11111111")));
    change_rows(&mut production, |text| text.replacen(&own, &other, 1));
    assert_eq!(found(&good, &production), [failure("REL-14", 10, What::RowWithoutKey)]);
}

#[test]
fn sea_70_an_emergency_is_the_authoritys_also_where_a_court_is_named() {
    let police = || DirectoryId::parse("nl.politie").unwrap();
    let mut plan = Plan { order_signer: "police".to_owned(), ..whole_and(Vec::new()) };
    plan.order(move |_, terms| {
        (terms.kind, terms.authority) = (verify::record::Kind::Emergency, police());
        assert!(terms.court.is_some());
    });
    plan.intent(move |_, terms| terms.authority = police());
    let (good, production) = made(plan, Shape::default());
    let report = good_report(&good, &production);
    assert_eq!(reasons(&report, 0, Promise::OnlyOrdered), [Reason::RowsAreOrdered { signer: "nl.politie".to_owned() }]);
}

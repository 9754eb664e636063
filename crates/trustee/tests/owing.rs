//! An authority that owes a notice or a confirmation gets no keys from a member's own program, state and share, and gets them once
//! what it owes is shown (REL-24, P10).

#[path = "../../verify/tests/support/mod.rs"]
mod fixture;
#[path = "support/paper.rs"]
mod paper;
#[path = "support/seat.rs"]
mod seat;

use fixture::world::{DAY_ZERO, ORDERS, PROVIDER, World, at as time};
use fixture::{Good, Plan};
use paper::Paper;
use seal::entropy::SeededEntropy;
use seat::{at, furnish, good, sit};
use trustee::issue;
use verify::calendar::DAY;
use verify::names::DirectoryId;
use verify::receipt::Answer;
use verify::record::{DraftRecord, Kind, Parent, Record, SignedRecord, Value};
use verify::release::{Account, Kept, KeptChange};

const HOUR: u64 = 3_600;

fn id(text: &str) -> DirectoryId {
    DirectoryId::parse(text).unwrap()
}

/// The member gave keys for an earlier order of nl.om, at the index, and remembers what is owed.
fn released(kept: &mut Kept, index: u64, kind: Kind, first: u64, notice_due: u64) {
    let account = Account {
        d: [0xd; 32],
        record: [index as u8; 32],
        frame: [1; 32],
        court: None,
        kind,
        authority: id("nl.om"),
        unit: id("unit.nl.om"),
        first,
        identities: 1,
        slots: 1,
        deadline: DAY_ZERO + 300 * DAY,
        notice_due,
        notice_from: 0,
        confirm_due: (kind == Kind::Emergency).then_some(first + 48 * HOUR),
        is_released: false,
        is_noticed: false,
        is_opened: false,
        is_confirmed: false,
    };
    let order = Parent::new(ORDERS, index);
    kept.apply(&KeptChange::Counted { day: first / DAY, order, account, links: Vec::new(), now: first, identities: 1 });
    kept.apply(&KeptChange::Released { order });
}

fn unconfirmed(plan: &mut Plan, debts: u64) {
    plan.kept(move |_, kept| {
        (0..debts).for_each(|index| released(kept, index, Kind::Emergency, time(14, 20) - 48 * HOUR, DAY_ZERO + 90 * DAY));
    });
}

/// A record under the earlier order at index 0, signed by who gives it.
fn shown(plan: &mut Plan, kind: Kind, more: Vec<Value>, signer: &'static str) {
    plan.related = Box::new(move |world: &mut World, _| -> Vec<SignedRecord> {
        let mut values =
            vec![Value::Kind(kind), Value::Provider(PROVIDER), Value::Parent(Parent::new(ORDERS, 0)), Value::Authority(id("nl.om"))];
        values.extend(more);
        let entropy = &mut SeededEntropy::new([3; 32]);
        let draft = DraftRecord::draw(Record::draw(values, entropy).unwrap(), entropy);
        let signature = world.signer(signer).sign_message(&draft.record.message());
        vec![draft.signed(signature.to_vec())]
    });
}

fn emergency(plan: &mut Plan) {
    plan.soak = Some(0);
    plan.order_signer = "prosecutor".to_owned();
    plan.policy(|_, policy| policy.directory[0].emergencies = vec![seal::identity::Category::TRAFFIC]);
    plan.order(|_, terms| (terms.kind, terms.court) = (Kind::Emergency, None));
}

/// What the member's program answers: the rule that it refuses by, or keys.
fn answers(change: impl FnOnce(&mut Plan)) -> Option<u8> {
    let mut plan = Plan::default();
    change(&mut plan);
    let good: Good = good(plan);
    let paper = Paper::default();
    furnish(&paper, &good, &at(good.now - 600));
    let state = sit(paper);
    let given = issue::answer(&state, &good.policy, &good.bundle.to_bytes(), &at(good.now), &mut SeededEntropy::new([5; 32])).unwrap();
    match Answer::parse(&given.bytes, &good.policy).unwrap() {
        Answer::Release(_) => {
            assert!(given.is_released);
            None
        }
        Answer::Refusal(refusal) => Some(refusal.rule),
    }
}

#[test]
fn rel_24_a_member_gives_no_keys_to_an_authority_that_owes_a_notice_until_it_is_shown() {
    let now = time(14, 21);
    let owes = move |plan: &mut Plan| plan.kept(move |_, kept| released(kept, 0, Kind::Order, time(9, 0), now - 31 * DAY));
    assert_eq!(answers(owes), Some(24));
    let noticed = || vec![Value::OrderFrame([1; 32]), Value::IdsRoot([2; 32])];
    let settled = |plan: &mut Plan| {
        owes(plan);
        shown(plan, Kind::Notice, noticed(), "prosecutor");
    };
    assert_eq!(answers(settled), None);
}

#[test]
fn rel_24_sea_70_a_member_gives_no_emergency_keys_while_a_confirmation_is_overdue_and_none_at_all_after_three() {
    let confirmed = |plan: &mut Plan| shown(plan, Kind::Confirmation, vec![Value::Court(id("nl.rechtbank"))], "court");
    let asks = |debts: u64, is_emergency: bool, is_confirmed: bool| {
        answers(|plan| {
            plan.policy(|_, policy| policy.limits.emergencies_per_authority = 100);
            unconfirmed(plan, debts);
            if is_emergency {
                emergency(plan);
            }
            if is_confirmed {
                confirmed(plan);
            }
        })
    };
    assert_eq!(asks(0, true, false), None);
    assert_eq!(asks(1, true, false), Some(24));
    assert_eq!(asks(1, true, true), None);
    assert_eq!(asks(1, false, false), None, "orders with a court go on");
    assert_eq!(asks(3, false, false), Some(24), "the unit is suspended");
}

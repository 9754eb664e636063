//! POL-01 to POL-15.

use seal::identity::Category;
use verify::calendar::DAY;
use verify::log::vkey::{KeyKind, VerifierKey};
use verify::names::Span;
use verify::policy::*;

use crate::support::World;
use crate::support::world::{DAY_ZERO, ORDERS, PUBLIC};

/// The rule that refuses the fixture's policy with this change.
pub fn code(change: impl FnOnce(&World, &mut PolicyParts)) -> Option<&'static str> {
    let world = World::new(7);
    let mut parts = world.parts.clone();
    change(&world, &mut parts);
    Policy::from_parts(parts).err().map(|e| e.code())
}

#[test]
fn pol_01_a_policy_has_one_spelling_and_one_hash() {
    let policy = World::new(7).policy();
    let again = Policy::parse(policy.to_bytes()).unwrap();
    assert_eq!((again.hash(), again.to_bytes()), (policy.hash(), policy.to_bytes()));
    let text = String::from_utf8(policy.to_bytes().to_vec()).unwrap();
    let code = |text: String| Policy::parse(text.as_bytes()).err().map(|e| e.code());
    assert_eq!(code(text.clone()), None);
    for (from, to) in [
        ("tick 300", "tick 0300"),
        ("name Fixture", "name  Fixture"),
        ("grace 1800\n", "grace 1800\ngrace 1800\n"),
        ("category 3", "category 65535"),
        ("readable", "readable"),
        ("1,3", "3,1"),
        ("waarborg-policy/v1", "waarborg-policy/v2"),
        // A number with a word behind it reads well; the comparison of the whole document sees it.
        ("slot-len 3600", "slot-len 3600 seconds"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_eq!(code(changed.clone()), (changed != text).then_some("POL-01"), "{from}");
    }
    assert_eq!(code(format!("{text}more\n")), Some("POL-01"));
    assert_eq!(code("a".repeat((1 << 20) + 1)), Some("POL-01"));
    assert_eq!(self::code(|_, p| p.name = "two\nlines".to_owned()), Some("POL-01"), "parts that would not come back");
}

#[test]
fn pol_02_continued_policies_ascend_and_are_few() {
    assert_eq!(code(|_, p| p.continues = vec![[2; 32], [1; 32]]), Some("POL-02"));
    assert_eq!(code(|_, p| p.continues = (0..17).map(|n| [n; 32]).collect()), Some("POL-02"));
    assert_eq!(code(|_, p| p.continues = (0..16).map(|n| [n; 32]).collect()), None);
}

#[test]
fn pol_03_times_of_the_log() {
    let changes: [fn(&mut Times); 14] = [
        |t: &mut Times| t.tick = 0,
        |t: &mut Times| t.tick = 3_601,
        |t: &mut Times| t.batch = 0,
        |t: &mut Times| t.batch = 4_097,
        |t: &mut Times| t.freshness = 899,
        |t: &mut Times| t.freshness = 901,
        |t: &mut Times| t.max_seal = 0,
        |t: &mut Times| t.max_seal = 366 * DAY + 1,
        |t: &mut Times| t.max_total_seal = t.max_seal - 1,
        |t: &mut Times| t.confirm_within = 48 * 3_600 + 1,
        |t: &mut Times| t.confirm_within = 0,
        |t: &mut Times| t.key_waiting = 3 * 86_400 - 1,
        |t: &mut Times| t.key_waiting = 31 * 86_400 + 1,
        |t: &mut Times| t.tick = 301,
    ];
    for change in changes {
        assert_eq!(code(|_, p| change(&mut p.times)), Some("POL-03"));
    }
    assert_eq!(code(|_, p| (p.times.tick, p.times.freshness) = (600, 1_800)), None);
}

#[test]
fn pol_04_slots_epochs_and_grace_also_of_a_demo() {
    let demo = |slot: u32, epoch: u32, grace: u64, freshness: u64, flag: bool| {
        code(move |_, p| {
            (p.demo, p.times.tick, p.times.freshness) = (flag, 1, freshness);
            (p.times.slot_len, p.times.epoch_len, p.times.grace) = (slot, epoch, grace);
        })
    };
    assert_eq!(demo(10, 5, 2, 10, true), None, "SEA-78");
    assert_eq!(demo(10, 5, 2, 900, true), None);
    assert_eq!(demo(10, 5, 2, 900, false), Some("POL-04"), "a demo key is never valid without the flag");
    assert_eq!(demo(10, 5, 1, 10, true), Some("POL-04"), "nothing shorter");
    assert_eq!(demo(10, 2, 2, 10, true), Some("POL-04"));
    assert_eq!(demo(5, 5, 2, 10, true), Some("POL-04"));
    assert_eq!(demo(10, 5, 2, 9, true), Some("POL-03"));
    for (slot, epoch) in [(3_600, 0), (3_600, 700), (28_800, 900), (1_000, 500), (7_200, 7_200)] {
        assert_eq!(code(|_, p| (p.times.slot_len, p.times.epoch_len) = (slot, epoch)), Some("POL-04"), "{slot} {epoch}");
    }
    assert_eq!(code(|_, p| p.times.slot_len = 21_600), None, "6 hours are the most");
    let slot = |len: u32| code(move |_, p| (p.times.slot_len, p.times.epoch_len) = (len, 300));
    assert_eq!((slot(900), slot(600)), (None, Some("POL-04")), "a quarter of an hour is the least");
}

#[test]
fn pol_05_no_limit_is_zero() {
    let changes: [fn(&mut Limits); 9] = [
        |l: &mut Limits| l.identities_per_intent = 0,
        |l: &mut Limits| l.identities_per_intent = 65_537,
        |l: &mut Limits| l.identities_per_day = 0,
        |l: &mut Limits| l.identities_per_order = 0,
        |l: &mut Limits| l.slots_per_order = 0,
        |l: &mut Limits| l.orders_per_authority = 0,
        |l: &mut Limits| l.emergencies_per_authority = 0,
        |l: &mut Limits| l.slots_per_selector = 0,
        |l: &mut Limits| l.window = 0,
    ];
    for change in changes {
        assert_eq!(code(|_, p| change(&mut p.limits)), Some("POL-05"));
    }
}

#[test]
fn pol_06_both_logs_have_a_safe_quorum() {
    assert_eq!(code(|_, p| p.orders = p.orders.replace("group W 3", "group W 2")), Some("POL-06"), "LOG-68");
    assert_eq!(code(|_, p| p.public = p.public.replace("group W 3", "group W 2")), Some("POL-06"));
    assert_eq!(code(|_, p| p.public = p.orders.clone()), Some("POL-06"), "LOG-28: no origin in both");
    assert_eq!(code(|_, p| p.orders = p.orders.replace("quorum W", "quorum none")), Some("POL-06"));
    let no_log = |text: &str| text.lines().filter(|l| !l.starts_with("log ")).map(|l| format!("{l}\n")).collect::<String>();
    assert_eq!(code(|_, p| p.orders = no_log(&p.orders)), Some("POL-06"));
}

#[test]
fn pol_07_committees_hold_and_have_all_members() {
    assert_eq!(code(|_, p| drop(p.key.guardians.members.pop())), Some("POL-07"));
    assert_eq!(code(|_, p| p.key.guardians.members.swap(0, 1)), Some("POL-07"));
    assert_eq!(code(|_, p| p.key.guardians.committee.need = 2), Some("POL-07"), "two of five is no majority");
    assert_eq!(code(|_, p| p.key.approvers.committee.pop = p.key.guardians.committee.pop), Some("POL-07"), "SEA-11");
    assert_eq!(code(|_, p| (p.key.approvers.committee.need, p.key.approvers.committee.of) = (1, 1)), Some("POL-07"));
    assert_eq!(code(|_, p| p.key.approvers.committee.polynomial.swap(0, 1)), Some("POL-07"));
    let alone = code(|_, p| {
        let approvers = &mut p.key.approvers;
        (approvers.committee.need, approvers.committee.of) = (1, 1);
        approvers.committee.polynomial.truncate(1);
        approvers.members.truncate(1);
    });
    assert_eq!(alone, Some("POL-07"), "points, proof and member hold together, but it is one person");
}

#[test]
fn pol_08_sea_16_the_key_period_is_a_quarter_on_slot_boundaries() {
    let period = |from: u64, until: u64| code(move |_, p| p.key.period = Span::new(from, until).unwrap());
    assert_eq!(period(DAY_ZERO, DAY_ZERO + 100 * DAY), None);
    assert_eq!(period(DAY_ZERO, DAY_ZERO + 100 * DAY + 3_600), Some("POL-08"));
    assert_eq!(period(DAY_ZERO + 1, DAY_ZERO + DAY), Some("POL-08"));
}

#[test]
fn pol_09_retention_is_honest() {
    assert_eq!(code(|_, p| p.categories.swap(0, 1)), Some("POL-09"));
    assert_eq!(code(|_, p| p.categories[0].retention_days = 0), Some("POL-09"));
    assert_eq!(code(|_, p| p.categories[0].source = Source::Readable { days: 179 }), Some("POL-09"), "SEA-79");
    assert_eq!(code(|_, p| p.categories[0].source = Source::Readable { days: 180 }), None);
    let nothing =
        |days: u32| code(move |_, p| (p.categories[0].source, p.categories[0].retention_days) = (Source::Readable { days: 180 }, days));
    assert_eq!((nothing(1), nothing(0)), (None, Some("POL-09")));
    assert_eq!(code(|_, p| p.categories[0].purpose.clear()), Some("POL-01"), "a purpose is needed");
}

#[test]
fn pol_10_instruments_name_categories() {
    assert_eq!(code(|_, p| p.instruments.swap(0, 1)), Some("POL-10"));
    assert_eq!(code(|_, p| p.instruments.clear()), Some("POL-10"));
    assert_eq!(code(|_, p| p.instruments[0].categories = vec![Category::LOCATION]), Some("POL-10"));
}

#[test]
fn pol_11_the_directory_is_in_order_and_police_validates_nothing() {
    assert_eq!(code(|_, p| p.directory.swap(0, 1)), Some("POL-11"));
    assert_eq!(code(|_, p| p.directory[1].signs = vec![Category::IP]), Some("POL-11"));
    assert_eq!(code(|_, p| p.directory[0].requests = vec![Category::DEVICE]), Some("POL-11"));
}

#[test]
fn pol_12_attesters_are_at_least_two() {
    assert_eq!(code(|_, p| p.attesters.need = 1), Some("POL-12"));
    assert_eq!(code(|_, p| p.attesters.need = 4), Some("POL-12"));
    assert_eq!(code(|_, p| p.attesters = Quorum { need: 0, keys: Vec::new() }), Some("POL-12"));
    let native = |p: &mut PolicyParts| {
        p.categories.iter_mut().for_each(|c| c.assurance = AssuranceRule::NativeOnly);
        p.attesters = Quorum { need: 0, keys: Vec::new() };
    };
    assert_eq!(code(move |_, p| native(p)), None, "nobody attests where nothing is attested");
}

#[test]
fn pol_13_no_key_stands_in_two_places() {
    assert_eq!(code(|_, p| p.gateway = p.sealers[0].clone()), Some("POL-13"));
    assert_eq!(code(|_, p| p.officers[0] = p.key.approvers.members[0].receipt_key.clone()), Some("POL-13"));
    assert_eq!(code(|w, p| p.auditors = vec![w.signer(ORDERS).vkey().clone()]), Some("POL-13"), "LOG-44: no log key");
    assert_eq!(code(|w, p| p.sealers = vec![w.signer(PUBLIC).vkey().clone()]), Some("POL-13"));
    assert_eq!(code(|w, p| p.auditors = vec![w.witnesses()[0].vkey().clone()]), Some("POL-13"), "a witness key is of another type");
    let of_kind = |kind: KeyKind| {
        code(move |w, p| {
            let auditor = &p.auditors[0];
            let key = w.signer("stranger").vkey().key().clone();
            p.auditors = vec![VerifierKey::new(auditor.name().clone(), kind, key)];
        })
    };
    assert_eq!((of_kind(KeyKind::Ed25519), of_kind(KeyKind::Cosignature)), (None, Some("POL-13")), "also if it is nobody's else");
}

#[test]
fn pol_14_two_officers_a_sealer_and_a_quorum() {
    assert_eq!(code(|_, p| p.officers.truncate(1)), Some("POL-14"));
    assert_eq!(code(|_, p| p.sealers.clear()), Some("POL-14"));
    assert_eq!(code(|_, p| p.policy_keys.need = 3), Some("POL-14"));
    assert_eq!(code(|_, p| p.policy_keys.need = 0), Some("POL-14"));
}

#[test]
fn pol_15_deliveries_and_lifts_name_the_directory() {
    let id = |text: &str| verify::names::DirectoryId::parse(text).unwrap();
    assert_eq!(code(|_, p| p.deliveries = vec![(id("nobody"), [1; 32])]), Some("POL-15"));
    assert_eq!(code(|_, p| p.lifts = vec![(id("unit.nobody"), 1)]), Some("POL-15"));
    let turned = vec![(id("unit.nl.politie"), 1), (id("unit.nl.om"), 1)];
    assert_eq!(code(|_, p| p.lifts = turned), Some("POL-15"));
}

#[test]
fn rel_30_one_organisation_with_both_thresholds_is_named() {
    let mut world = World::new(7);
    assert_eq!(world.policy().sole_holder(), None);
    let seats = world.parts.key.approvers.members.iter_mut().take(2).chain(world.parts.key.guardians.members.iter_mut().take(3));
    seats.for_each(|m| m.organisation = "The provider".to_owned());
    assert_eq!(world.policy().sole_holder(), Some("The provider"));
    world.parts.key.approvers.members[0].organisation = "A court".to_owned();
    assert_eq!(world.policy().sole_holder(), None, "a seat is no threshold");
    world.parts.key.approvers.members[0].organisation = "The provider".to_owned();
    world.parts.key.guardians.members[0].organisation = "An NGO".to_owned();
    assert_eq!(world.policy().sole_holder(), None);
}

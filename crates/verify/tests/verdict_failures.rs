//! What ends a verification: each contradiction alone, named by its rule; then nothing is claimed.

mod support;

use std::rc::Rc;

use seal::identity::Category;
use seal::secret::Secret;
use support::production::signature;
use support::*;
use verify::names::Span;
use verify::order::OrderTerms;
use verify::package::{LoggedDocument, layout};
use verify::receipt::{ReleaseAnswer, ReleaseReceipt, SignedReceipt};
use verify::verdict::{Failure, Place, Supplies, What, consistent, judge};

fn hold_whole_hours(terms: &mut OrderTerms) {
    terms.period = Span::new(terms.period.from() - 60, terms.period.until() + 60).unwrap();
}

fn whole() -> Plan {
    Plan { order: Box::new(|_, terms| hold_whole_hours(terms)), ..Plan::default() }
}

thread_local! {
    /// The good case, made once a test: a retention tree of 65,536 leaves takes its time without optimisation.
    static GOOD: Rc<(Good, Production)> = Rc::new(made(whole(), Shape::default()));
}

fn good() -> (Rc<(Good, Production)>, Production) {
    let good = GOOD.with(Rc::clone);
    let production = good.1.clone();
    (good, production)
}

fn made(plan: Plan, shape: Shape) -> (Good, Production) {
    let mut good = plan.build();
    let production = good.production(shape);
    (good, production)
}

fn failures(good: &Good, production: &Production, supplies: &Supplies<'_>) -> Vec<Failure> {
    let report = judge(production, &signature(), &good.policy, supplies);
    assert_eq!(report.failures.is_empty(), report.exit_code() == 0);
    assert!(report.failures.is_empty() || report.slots.is_empty(), "nothing is claimed beside a failure");
    report.failures
}

/// The one failure, or the first of equal ones.
fn first(good: &Good, production: &Production) -> (String, What) {
    let failures = failures(good, production, &Supplies::none());
    let failure = failures.first().expect("a failure");
    (failure.rule.clone(), failure.what.clone())
}

fn expect(change: impl FnOnce(&Good, &mut Production), rule: &str, what: What) {
    let (good, mut production) = good();
    change(&good.0, &mut production);
    assert_eq!(first(&good.0, &production), (rule.to_owned(), what));
}

/// A failure in the words of the part that is wrong.
fn expect_inner(change: impl FnOnce(&Good, &mut Production), rule: &str, part: &str) {
    let (good, mut production) = good();
    change(&good.0, &mut production);
    match first(&good.0, &production) {
        (found, What::Inner { part: of, .. }) => assert_eq!((found.as_str(), of), (rule, part)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_good_package_has_none() {
    let (good, production) = good();
    assert_eq!(failures(&good.0, &production, &Supplies::none()), []);
    assert_eq!(consistent(&production, &signature()).failures, []);
}

#[test]
fn sea_78_a_demo_in_one_place_only() {
    expect(|_, p| p.statement.is_demo = true, "SEA-78", What::DemoMismatch);
}

#[test]
fn pkg_34_a_statement_about_another_case() {
    expect(|_, p| p.statement.order[0] ^= 1, "PKG-34", What::OtherOrder);
    expect(|_, p| p.statement.intent[0] ^= 1, "PKG-34", What::OtherIntent);
    let (_, mut production) = good();
    production.statement.order[0] ^= 1;
    assert_eq!(consistent(&production, &signature()).failures[0].what, What::OtherOrder);
    let (_, mut production) = good();
    production.statement.intent[0] ^= 1;
    assert_eq!(consistent(&production, &signature()).failures[0].what, What::OtherIntent);
}

#[test]
fn log_101_t24_the_original_must_lie_in_the_package() {
    let attested = || Plan {
        order: Box::new(|world, terms| {
            hold_whole_hours(terms);
            let mut keys = ["attester-1", "attester-2"].map(|name| verify::record::key_digest(world.signer(name).vkey().key()));
            keys.sort_unstable();
            (terms.attesters, terms.original, terms.court) = (Some(keys.to_vec()), Some(b"<EPOC/>".to_vec()), None);
        }),
        ..Plan::default()
    };
    let (good, mut production) = made(attested(), Shape::default());
    production.orders.clear();
    assert_eq!(first(&good, &production), ("LOG-101".to_owned(), What::OriginalMissing));
    let (good, mut production) = made(attested(), Shape::default());
    production.statement.original = None;
    assert_eq!(first(&good, &production), ("LOG-101".to_owned(), What::OriginalMissing));
}

#[test]
fn sea_79_statement_and_policy_agree_on_the_source() {
    expect(|_, p| p.statement.categories[0].readable_days = Some(3), "SEA-79", What::SourceDiffers);
    expect(|_, p| p.statement.categories[0].category = "location".to_owned(), "SEA-79", What::SourceDiffers);
}

#[test]
fn pkg_34_the_hours_answered_are_those_of_order_and_intent() {
    let outside = |p: &mut Production| {
        let mut slot = p.statement.slots[1].clone();
        (slot.slot_no, slot.is_covered_wholly) = (slot.slot_no + 5, false);
        p.statement.slots.push(slot);
    };
    expect(|_, p| outside(p), "PKG-34", What::SlotsOfOthers);
    // Of hours covered in part, whose statements lie in the log file, one is left out.
    let (good, mut production) = made(Plan::default(), Shape::default());
    production.statement.slots.remove(0);
    assert_eq!(first(&good, &production), ("PKG-34".to_owned(), What::SlotsOfOthers));
}

#[test]
fn sea_64_no_evidence_for_an_hour_covered_in_part() {
    let (good, production) = made(Plan::default(), Shape { too_much: true, ..Shape::default() });
    assert_eq!(first(&good, &production), ("SEA-64".to_owned(), What::EvidenceTooMuch));
}

#[test]
fn sea_53_items_are_those_of_the_order() {
    expect(|_, p| p.statement.items[0].selector = "phone:+31687654321".to_owned(), "SEA-53", What::ItemsOfOthers);
    expect(|_, p| p.statement.items[0].until += 1, "SEA-53", What::ItemsOfOthers);
    expect(|_, p| p.statement.items[0].from -= 1, "SEA-53", What::ItemsOfOthers);
    expect(|_, p| p.statement.items.clear(), "SEA-53", What::ItemsOfOthers);
    expect(|_, p| p.statement.items[0].held_back = 1, "SEA-53", What::HeldBack);
    // An answer about somebody whom nobody ordered, beside those that are owed.
    let more = |p: &mut Production| {
        let selector = "phone:+31687654321".to_owned();
        p.statement.items.push(verify::package::statement::Item { selector, ..p.statement.items[0].clone() });
    };
    expect(|_, p| more(p), "SEA-53", What::ItemsOfOthers);
}

fn rows(production: &mut Production) -> &mut Vec<u8> {
    production.files.get_mut(&layout::records_jsonl("traffic")).unwrap()
}

fn change_rows(production: &mut Production, from: &str, to: &str) {
    let text = String::from_utf8(rows(production).clone()).unwrap();
    assert!(text.contains(from), "{text}");
    *rows(production) = text.replacen(from, to, 1).into_bytes();
}

#[test]
fn sea_65_rows_are_the_records_of_the_evidence() {
    expect(|_, p| change_rows(p, "fixture", "another"), "SEA-65", What::RowsDiffer);
    // A row left out, and one said twice.
    let cut = |p: &mut Production| {
        let at = rows(p).iter().position(|b| *b == b'\n').unwrap();
        rows(p).drain(..=at);
    };
    expect(|_, p| cut(p), "SEA-65", What::RowsDiffer);
    expect(|_, p| rows(p).extend_from_within(..), "SEA-65", What::RowsDiffer);
}

#[test]
fn sea_53_no_row_outside_the_order() {
    // In an hour that is not answered; of an item that does not exist.
    expect(|_, p| change_rows(p, "T10:16:00.000", "T09:16:00.000"), "SEA-53", What::RowOutside);
    expect(|_, p| change_rows(p, "\"item\":1", "\"item\":2"), "SEA-53", What::RowOutside);
    // In the hour, but outside of the item's period.
    let (good, mut production) = made(Plan::default(), Shape::default());
    production.statement.items[0].from = at(10, 17);
    assert_eq!(first(&good, &production), ("SEA-53".to_owned(), What::RowOutside));
}

fn name(hour: u64) -> String {
    layout::evidence("traffic", support::case::slot(hour).no())
}

#[test]
fn sea_64_evidence_of_another_hour_or_of_fewer_people() {
    let swap = |p: &mut Production| {
        let (a, b) = (p.evidence.remove(&name(10)).unwrap(), p.evidence.remove(&name(11)).unwrap());
        p.evidence.insert(name(10), b);
        p.evidence.insert(name(11), a);
    };
    expect(|_, p| swap(p), "SEA-64", What::EvidenceOfOthers);
    // Two people asked for, one shown.
    let (good, mut production) = made(two_people(), Shape::default());
    assert_eq!(failures(&good, &production, &Supplies::none()), []);
    let file = production.evidence.get_mut(&name(10)).unwrap();
    file.identities.pop();
    file.epochs.iter_mut().for_each(|epoch| drop(epoch.parts.pop()));
    assert_eq!(first(&good, &production), ("SEA-64".to_owned(), What::EvidenceOfOthers));
}

/// Both subjects of the fixture in one order.
fn two_people() -> Plan {
    let mut plan = whole();
    plan.order = Box::new(|_, terms| {
        hold_whole_hours(terms);
        terms.items.push(support::case::scope_item("phone:+31687654321", Category::TRAFFIC, 10, 11));
    });
    plan.intent = Box::new(|world, terms| {
        let (selector, salt) = world.subjects[1].clone();
        let mine = terms.identities.clone();
        terms.identities.extend(mine.iter().map(|(_, category, slot, _)| (salt, *category, *slot, selector.clone())));
        let secret = Secret::new(support::case::DAY_SECRET);
        let map = seal::salt_map::SaltMap::build(&secret, world.subjects.iter().map(|(selector, salt)| (selector, salt)));
        let proof = map.prove_presence(&secret, &selector, &salt).unwrap();
        let day = verify::calendar::Day::containing(support::world::DAY_ZERO);
        terms.salts.push(verify::intent::SaltRow { day, selector, proof });
    });
    plan
}

#[test]
fn sea_65_keys_retention_values_records_and_absences_hold() {
    let evidence = |p: &mut Production, change: fn(&mut verify::evidence::EvidenceFile)| change(p.evidence.get_mut(&name(10)).unwrap());
    let other_key = |p: &mut Production| {
        let key = p.evidence[&name(11)].identities[0].key;
        p.evidence.get_mut(&name(10)).unwrap().identities[0].key = key;
    };
    expect(|_, p| other_key(p), "SEA-65", What::KeyDoesNotFit);
    let bucket = |file: &mut verify::evidence::EvidenceFile| {
        let part = file.epochs[0].parts[0].as_mut().unwrap();
        let mut value = *part.bucket.value();
        value[0] ^= 1;
        part.bucket = seal::retention::BucketProof::new(value, *part.bucket.path());
    };
    expect_inner(|_, p| evidence(p, bucket), "SEA-65", "evidence");
    let fewer = |file: &mut verify::evidence::EvidenceFile| drop(file.epochs[0].parts[0].as_mut().unwrap().entries.pop());
    expect_inner(|_, p| evidence(p, fewer), "SEA-65", "evidence");
    let no_absence = |file: &mut verify::evidence::EvidenceFile| file.epochs[0].parts[0].as_mut().unwrap().absence.entries.clear();
    expect_inner(|_, p| evidence(p, no_absence), "SEA-65", "evidence");
}

// Two people in each of two hours: all four keys stand in one equation, and errors of the one hour could hide behind the other's.
#[test]
fn sea_85_a_wrong_key_is_named_at_its_own_hour() {
    let (good, production) = made(two_people(), Shape::default());
    let failures_with = |hour: u64, keys: [usize; 2]| {
        let mut changed = production.clone();
        let key = changed.evidence[&name(10)].identities[keys[0]].key;
        changed.evidence.get_mut(&name(hour)).unwrap().identities[keys[1]].key = key;
        failures(&good, &changed, &Supplies::none())
    };
    for (hour, keys) in [(10, [1, 0]), (10, [0, 1]), (11, [0, 0]), (11, [1, 1])] {
        let place = Place::Slot { category: "traffic".to_owned(), start: at(hour, 0), end: at(hour + 1, 0) };
        assert_eq!(failures_with(hour, keys), [Failure::new("SEA-65", place, What::KeyDoesNotFit)], "{hour} {keys:?}");
    }
    // Both keys of one hour for the keys of the other: the sum without coefficients would be the same.
    let mut swapped = production.clone();
    for person in [0, 1] {
        let (a, b) = (swapped.evidence[&name(10)].identities[person].key, swapped.evidence[&name(11)].identities[person].key);
        swapped.evidence.get_mut(&name(10)).unwrap().identities[person].key = b;
        swapped.evidence.get_mut(&name(11)).unwrap().identities[person].key = a;
    }
    assert_eq!(failures(&good, &swapped, &Supplies::none()).len(), 2);
}

#[test]
fn sea_81_the_statement_counts_the_epochs() {
    expect(|_, p| p.statement.slots[0].epochs = 2, "SEA-81", What::EpochCount);
    expect(|_, p| p.statement.slots[0].late_epochs = 1, "SEA-81", What::EpochCount);
}

/// The rows of an hour, gone from the file.
fn without_rows_of(production: &mut Production, hour: &str) {
    let text = String::from_utf8(rows(production).clone()).unwrap();
    assert!(text.contains(hour), "{text}");
    *rows(production) = text.lines().filter(|line| !line.contains(hour)).map(|line| format!("{line}\n")).collect::<String>().into_bytes();
}

#[test]
fn sea_81_an_epoch_that_stands_in_the_log_file_only_was_not_opened() {
    use verify::package::LoggedDocument;
    // Its statements are there, so that REL-15 and REL-17 find the hour complete; its records are not.
    let hide = |p: &mut Production| {
        let part = p.evidence.get_mut(&name(10)).unwrap().epochs.remove(0);
        for shown in [part.epoch, part.segment] {
            p.log.statements.push(LoggedDocument { document: shown.statement.to_bytes(), proof: shown.proof.to_bytes() });
        }
        p.statement.slots[0].epochs -= 1;
        without_rows_of(p, "T10:");
    };
    expect(|_, p| hide(p), "SEA-81", What::EpochCount);
}

#[test]
fn sea_64_evidence_is_not_left_out_by_calling_the_hour_covered_in_part() {
    use verify::package::LoggedDocument;
    let hide = |p: &mut Production| {
        let file = p.evidence.remove(&name(10)).unwrap();
        for shown in file.epochs.into_iter().flat_map(|part| [part.epoch, part.segment]).chain([file.slot_close]) {
            p.log.statements.push(LoggedDocument { document: shown.statement.to_bytes(), proof: shown.proof.to_bytes() });
        }
        p.statement.slots[0].is_covered_wholly = false;
        without_rows_of(p, "T10:");
    };
    expect(|_, p| hide(p), "SEA-64", What::EvidenceMissing);
}

#[test]
fn sea_44_a_copy_that_is_not_the_logged_segment_or_not_sorted() {
    let (good, mut production) = good();
    let supplies = |p: &Production| failures(&good.0, p, &Supplies { segments: Some(p), ..Supplies::none() });
    for octets in production.segments.values_mut() {
        *octets.last_mut().unwrap() ^= 1;
    }
    assert_eq!(supplies(&production)[0].rule, "SEA-44");
    for octets in production.segments.values_mut() {
        let half = octets.len() / 2;
        octets.rotate_left(half);
    }
    assert_eq!(supplies(&production)[0].rule, "SEA-44");
}

#[test]
fn sea_44_segment_sorted_counts_only_from_an_auditor() {
    use verify::statement::SignedStatement;
    let (good, mut production) = made(whole(), Shape { sorted: true, ..Shape::default() });
    for file in production.evidence.values_mut() {
        let sorted = &mut file.epochs[0].sorted[0];
        let statement = sorted.statement.statement().clone();
        sorted.statement = SignedStatement::sign(statement, &[good.world.signer("stranger")]).unwrap();
    }
    assert_eq!(first(&good, &production).0, "LOG-44");
    // Signed by the auditor, and not in PUBLIC.
    let (good, mut production) = made(whole(), Shape { sorted: true, ..Shape::default() });
    production.evidence.values_mut().for_each(|file| file.epochs[0].sorted[0].proof.index -= 1);
    assert_eq!(first(&good, &production).0, "REL-08");
}

#[test]
fn rel_17_a_forged_statement_does_not_hide_behind_the_place_of_a_good_one() {
    use verify::statement::{SignedStatement, Statement};
    let (good, mut production) = good();
    let good = &good.0;
    let index = production.evidence[&name(11)].slot_close.proof.index;
    let file = production.evidence.get_mut(&name(10)).unwrap();
    let Statement::SlotClose(close) = file.slot_close.statement.statement().clone() else { panic!("a slot-close") };
    file.slot_close.statement = SignedStatement::sign(Statement::SlotClose(close), &[good.world.signer("stranger")]).unwrap();
    file.slot_close.proof.index = index;
    assert_eq!(first(good, &production).0, "REL-17");
}

#[test]
fn sea_52_a_person_left_out_without_a_proof_of_absence() {
    let mut plan = whole();
    plan.order = Box::new(|_, terms| {
        hold_whole_hours(terms);
        terms.items.push(support::case::scope_item("phone:+31600000000", Category::TRAFFIC, 10, 11));
    });
    let (good, production) = made(plan, Shape::default());
    assert_eq!(first(&good, &production), ("SEA-52".to_owned(), What::AbsenceNotProven));
}

fn resign(good: &Good, production: &mut Production, change: impl Fn(usize, &mut ReleaseReceipt)) {
    for (number, octets) in production.log.receipts.iter_mut().enumerate() {
        let mut receipt = ReleaseAnswer::parse(octets).unwrap().receipt.receipt().clone();
        let key = good.policy.member(receipt.member).unwrap().receipt_key.name().to_string();
        change(number, &mut receipt);
        let receipt = SignedReceipt::sign(receipt, good.world.signer(&key)).unwrap();
        *octets = ReleaseAnswer { receipt, sealed: None }.to_bytes();
    }
}

#[test]
fn rcp_02_and_rcp_04_receipts_are_of_this_case_and_by_their_members() {
    expect(|good, p| resign(good, p, |_, receipt| receipt.order_d[0] ^= 1), "RCP-04", What::ReceiptOfOther);
    expect(|good, p| resign(good, p, |_, receipt| receipt.intent_d[0] ^= 1), "RCP-04", What::ReceiptOfOther);
    // One head, and another than the package's: under a later one the same release looks faster (LOG-102).
    expect(|good, p| resign(good, p, |_, receipt| receipt.head.size += 1), "RCP-04", What::ReceiptOfOther);
    // Two heads: somebody saw another log.
    expect_inner(|good, p| resign(good, p, |number, receipt| receipt.head.size += number as u64), "RCP-04", "receipt");
    expect_inner(|good, p| resign(good, p, |_, receipt| receipt.member.index = 3), "RCP-02", "receipt");
    expect_inner(|_, p| p.log.receipts[0] = b"none".to_vec(), "RCP-01", "receipt");
}

#[test]
fn rel_01_every_part_is_of_its_format() {
    expect_inner(|_, p| p.log.order.document.push(b'\n'), "REL-01", "order");
    expect_inner(|_, p| p.log.intent.document.push(b'\n'), "REL-01", "intent");
    expect_inner(|_, p| p.log.order.proof.push(b'\n'), "REL-01", "order proof");
    expect_inner(|_, p| p.log.intent.proof.push(b'\n'), "REL-01", "intent proof");
    expect_inner(|_, p| p.log.statements[0].document.push(b'\n'), "REL-01", "statement");
    let related = |p: &mut Production| p.log.related.push(p.log.order.clone());
    expect_inner(|_, p| related(p), "REL-01", "related");
}

#[test]
fn rel_35_the_trustees_list_is_run_again() {
    // One rule of each group; the rules themselves have their own tests in `release_rules`.
    let (mut other, production) = made(whole(), Shape::default());
    other.policy = World::new(8).policy();
    assert_eq!(first(&other, &production).0, "REL-03");
    expect_inner(|_, p| p.log.order_anchor = p.log.intent_anchor.clone(), "REL-17", "case");
    let other_checkpoint = |p: &mut Production| p.log.order.proof = p.log.statements[0].proof.clone();
    expect_inner(|_, p| other_checkpoint(p), "REL-13", "case");
    let stale = Plan { soak: Some(0), ..whole() };
    let (good, production) = made(stale, Shape::default());
    assert_eq!(first(&good, &production).0, "REL-16");
    let by_police = Plan { order_signer: "police".to_owned(), ..whole() };
    let (good, production) = made(by_police, Shape::default());
    assert_eq!(first(&good, &production).0, "REL-11");
}

#[test]
fn sea_02_and_sea_64_evidence_that_is_none_or_missing() {
    let (good, mut production) = good();
    production.evidence.remove(&name(10));
    production.files.insert(name(10), b"WBG1-EVD".to_vec());
    assert_eq!(first(&good.0, &production).0, "SEA-02");
    production.files.remove(&name(10));
    assert_eq!(first(&good.0, &production).0, "SEA-64");
}

#[test]
fn failures_of_several_hours_are_all_named() {
    let (good, mut production) = good();
    for hour in [10, 11] {
        production.evidence.get_mut(&name(hour)).unwrap().identities[0].key = [0xff; 48];
    }
    for threads in [1, 2, 7] {
        let failures = failures(&good.0, &production, &Supplies { threads, ..Supplies::none() });
        let places: Vec<&Place> = failures.iter().map(|failure| &failure.place).collect();
        let slot = |hour| Place::Slot { category: "traffic".to_owned(), start: at(hour, 0), end: at(hour + 1, 0) };
        assert_eq!(places, [&slot(10), &slot(11)], "{threads} threads");
    }
}

#[test]
fn rel_07_without_a_policy_the_hashes_are_still_recomputed() {
    let line = |document: &[u8], key: &str, value: String| -> Vec<u8> {
        let text = String::from_utf8(document.to_vec()).unwrap();
        let old = text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
        text.replace(&old, &format!("{key}{value}")).into_bytes()
    };
    let rule = |production: &Production| consistent(production, &signature()).failures[0].rule.clone();
    let (_, mut production) = good();
    production.log.order.document = line(&production.log.order.document, "count-salt ", verify::spelling::base64(&[1; 32]));
    assert_eq!(rule(&production), "REL-07");
    let (_, mut production) = good();
    production.log.intent.document = line(&production.log.intent.document, "release ", "00".repeat(32));
    assert_eq!(rule(&production), "REL-15");
    let (_, mut production) = good();
    production.evidence.get_mut(&name(10)).unwrap().identities.clear();
    assert_eq!(rule(&production), "SEA-02");
}

/// A late epoch that no slot-close of the hour counts stands in the log file only: the intent's release set names it, so it has to be opened.
#[test]
fn sea_63_a_released_late_epoch_left_out_of_its_evidence() {
    let plan = Plan { late: true, ..whole() };
    let (good, mut production) = made(plan, Shape::default());
    assert_eq!(failures(&good, &production, &Supplies::none()), []);
    let file = production.evidence.get_mut(&name(10)).unwrap();
    let hidden = file.epochs.pop().unwrap();
    assert!(file.is_later(&hidden.header));
    for shown in [&hidden.epoch, &hidden.segment] {
        let (document, proof) = (shown.statement.to_bytes(), shown.proof.to_bytes());
        production.log.statements.push(LoggedDocument { document, proof });
    }
    production.statement.slots.iter_mut().for_each(|answer| answer.late_epochs = 0);
    assert_eq!(first(&good, &production), ("SEA-63".to_owned(), What::LateEpochMissing));
}

#[test]
fn sea_65_without_a_policy_no_name_of_a_signer_is_repeated() {
    let (_, production) = good();
    let report = consistent(&production, &signature());
    let json = String::from_utf8(verify::verdict::to_json(&report)).unwrap();
    assert!(json.contains("\"signer\":null") && !json.contains("Example Messenger"), "{json}");
    assert!(!verify::verdict::to_text(&report, verify::verdict::Language::English).contains("Example Messenger"));
}

//! DOC-01 to DOC-06, LOG-39, POL-05 to POL-15, SEA-53: what a reader refuses by itself, one case for each of its questions.

use seal::entropy::SeededEntropy;
use seal::identity::{Category, SlotLen};
use seal::selector::Selector;
use verify::approval::{Approval, SignedApproval, Stage};
use verify::log::note::SignedNote;
use verify::names::Span;
use verify::order::ScopeItem;
use verify::policy::{AssuranceRule, CommitteeName, MemberId, Policy, Source};
use verify::receipt::{Answer, RefusalAnswer, ReleaseReceipt, SignedReceipt};
use verify::record::*;
use verify::release::{Judgement, Kept};
use verify::spelling::base64;
use verify::statement::SignedStatement;

use crate::answers::{MEMBER, permit};
use crate::policies::code as policy;
use crate::support::case::scope_item;
use crate::support::world::{DAY_ZERO, World, at};
use crate::support::{Good, Plan};

fn good() -> Good {
    Plan::default().build()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// What is signed, with something written otherwise, under the same signature lines: reading does not ask for them.
fn in_note(bytes: Vec<u8>, change: impl Fn(&str) -> String) -> Vec<u8> {
    let whole = text(bytes);
    let (said, lines) = whole.rsplit_once("\n\n").unwrap();
    let changed = change(&format!("{said}\n"));
    SignedNote::parse(format!("{changed}\n{lines}").as_bytes()).unwrap().to_bytes()
}

fn more(text: &str) -> String {
    format!("{text}more 1\n")
}

fn draft(values: Vec<Value>) -> Result<Record, RecordError> {
    Record::draw(values, &mut SeededEntropy::new([3; 32]))
}

#[test]
fn doc_05_what_is_left_over_is_named_in_every_document() {
    let good = good();
    let approval = Approval { stage: Stage::BeforeKeys, order_d: [1; 32], digest: [2; 32], time: at(14, 0) };
    let approval = SignedApproval::sign(approval, good.world.signer("officer-1")).unwrap().to_bytes();
    let receipt =
        SignedReceipt::sign(ReleaseReceipt::of(&permit(&good), MEMBER, b"x"), good.world.signer("guardian-2")).unwrap().to_bytes();
    let statement = good.bundle.statements[0].statement.to_bytes();
    let opening = good.order.record().opening(&[]);
    let record = text(good.order.record().to_bytes());
    let unsigned: String = record.lines().filter(|line| !line.starts_with("signature ")).map(|line| format!("{line}\n")).collect();
    assert!(DraftRecord::parse(unsigned.as_bytes()).is_ok());
    let code = |shown: String| shown.split(':').find(|part| part.trim().starts_with("DOC-")).map(|part| part.trim().to_owned());
    let told = [
        SignedApproval::parse(&in_note(approval, more)).unwrap_err().to_string(),
        SignedReceipt::parse(&in_note(receipt, more)).unwrap_err().to_string(),
        SignedStatement::parse(&in_note(statement, more)).unwrap_err().to_string(),
        Opening::parse(more(&text(opening.to_bytes())).as_bytes()).unwrap_err().to_string(),
        SignedRecord::parse(more(&record).as_bytes()).unwrap_err().to_string(),
        DraftRecord::parse(more(&unsigned).as_bytes()).unwrap_err().to_string(),
        Kept::parse(more(&text(good.kept.to_bytes())).as_bytes()).unwrap_err().to_string(),
    ];
    for told in told {
        assert!(told.contains("left over") || code(told.clone()).as_deref() == Some("DOC-05"), "{told}");
    }
}

#[test]
fn doc_06_rows_in_another_order_are_another_spelling() {
    let record = text(good().order.record().to_bytes());
    let fields: Vec<&str> = record.lines().filter(|line| line.starts_with("field ")).collect();
    let (first, second) = (fields[0], fields[1]);
    let turned = record.replace(&format!("{first}\n{second}"), &format!("{second}\n{first}"));
    assert_ne!(turned, record);
    assert!(SignedRecord::parse(turned.as_bytes()).is_err());
    let unsigned =
        |text: &str| text.lines().filter(|line| !line.starts_with("signature ")).map(|line| format!("{line}\n")).collect::<String>();
    assert!(DraftRecord::parse(unsigned(&record).as_bytes()).is_ok() && DraftRecord::parse(unsigned(&turned).as_bytes()).is_err());
}

#[test]
fn rcp_01_a_receipts_octets_are_those_of_its_lines() {
    let good = good();
    let receipt = SignedReceipt::sign(ReleaseReceipt::of(&permit(&good), MEMBER, b"x"), good.world.signer("guardian-2")).unwrap();
    let with = |change: fn(&str) -> String| SignedReceipt::parse(&in_note(receipt.to_bytes(), change)).is_ok();
    fn last(text: &str) -> String {
        text.lines().find(|line| line.starts_with("receipt ")).unwrap().to_owned() + "\n"
    }
    assert!(with(str::to_owned));
    assert!(!with(|text| text.replace(&last(text), &format!("receipt {}\n", base64(&[7; 58])))));
    assert!(!with(|text| text.replace(&last(text), "")));
    assert!(!with(|text| text.replace("member guardians 2", "member guardians 0")));
    assert!(!with(|text| text.replace("waarborg-receipt/v1\n", "waarborg-receipt/v1\nflag demos\n")));
}

#[test]
fn rcp_01_a_refusal_answer_ends_with_its_text() {
    let good = Plan { soak: Some(3), ..Plan::default() }.build();
    let Judgement::Refused(refused) = good.judge() else { panic!("granted") };
    assert_eq!(refused.refusal().rule(), 16);
    let answer =
        RefusalAnswer { member: MEMBER, time: at(14, 21), bundle: [1; 32], order_d: None, rule: 16, text: refused.refusal().to_string() };
    let signed = answer.sign(good.world.signer("guardian-2")).unwrap();
    assert!(Answer::parse(&signed, &good.policy).is_ok());
    let told = Answer::parse(&in_note(signed, more), &good.policy).unwrap_err().to_string();
    assert!(told.contains("left over") || told.contains("DOC-05"), "{told}");
}

#[test]
fn log_39_a_record_is_not_longer_than_its_kinds_are() {
    let record = text(good().order.record().to_bytes());
    let field = record.lines().find(|line| line.starts_with("field ")).unwrap();
    let many = record.replace(field, &vec![field; Record::FIELDS_MAX + 1].join("\n"));
    assert_eq!(SignedRecord::parse(many.as_bytes()).unwrap_err(), RecordError::TooManyFields);
    let basis = record.lines().find(|line| line.starts_with("field 4 ")).unwrap();
    let salt = basis.split(' ').nth(2).unwrap();
    let long = |len: usize| record.replace(basis, &format!("field 4 {salt} {}", base64(&vec![b'a'; len])));
    assert_eq!(SignedRecord::parse(long(Value::LEN_MAX + 1).as_bytes()).unwrap_err(), RecordError::ValueTooLong { id: 4 });
    assert_eq!(SignedRecord::parse(long(Value::LEN_MAX).as_bytes()).unwrap_err(), RecordError::BadField { id: 4 });
    assert_eq!(Value::parse(8, &vec![0; Value::LEN_MAX + 1]), None);
    // How many they are is asked before what they are.
    let none = format!("field 1 {salt} {}", base64(&[0]));
    let rows = |count: usize| record.replace(field, &vec![none.as_str(); count].join("\n"));
    assert_eq!(SignedRecord::parse(rows(Record::FIELDS_MAX + 1).as_bytes()).unwrap_err(), RecordError::TooManyFields);
    assert_eq!(SignedRecord::parse(rows(1).as_bytes()).unwrap_err(), RecordError::BadField { id: 1 });
}

#[test]
fn log_39_lists_are_whole_ascending_and_not_empty() {
    assert!(Value::parse(6, &[0, 1, 0, 3]).is_some());
    assert_eq!((Value::parse(6, &[]), Value::parse(6, &[0, 1, 0])), (None, None));
    assert_eq!(Value::parse(8, &[]), None);
    let digests = |count: u8, persons: u8| [vec![count], (0..persons).flat_map(|n| [n; 32]).collect()].concat();
    assert!(Value::parse(24, &digests(2, 2)).is_some());
    assert_eq!((Value::parse(24, &digests(1, 2)), Value::parse(24, &digests(3, 2)), Value::parse(24, &digests(0, 0))), (None, None, None));
    // Longer than all selectors that a record may hold.
    let numbers = (0..9_000u32).map(|n| Selector::from_text(&format!("phone:+316{n:08}")).unwrap());
    let octets: Vec<u8> = numbers.flat_map(|s| [&[0, 13, s.sel_type()][..], s.as_bytes()].concat()).collect();
    assert_eq!(octets.len() > Value::LEN_MAX, Value::parse(8, &octets).is_none());
}

#[test]
fn log_100_attesters_are_named_exactly_where_the_assurance_is_theirs() {
    let good = good();
    let values = |assurance, attesters: Option<Vec<Digest>>| {
        let own = good.order.record().record().fields().values().map(|field| field.value.clone());
        let own = own.filter(|value| !matches!(value, Value::Assurance(_) | Value::Attesters(_)));
        let mut values: Vec<Value> = own.collect();
        values.push(Value::Assurance(assurance));
        values.extend(attesters.map(Value::Attesters));
        draft(values).map(|_| ())
    };
    assert_eq!(values(Assurance::Native, None), Ok(()));
    assert_eq!(values(Assurance::Attested, Some(vec![[1; 32]])), Ok(()));
    assert_eq!(values(Assurance::Attested, None), Err(RecordError::MissingField { id: 24 }));
    assert_eq!(values(Assurance::Native, Some(vec![[1; 32]])), Err(RecordError::FieldNotOfKind { id: 24 }));
}

/// An attested order of these attesters, opened; `withheld`: field 24 is.
fn opened(names: &[&str], withheld: bool) -> (Good, Opening) {
    let world = World::new(7);
    let mut named: Vec<(Digest, &str)> = names.iter().map(|n| (key_digest(world.signer(n).vkey().key()), *n)).collect();
    named.sort();
    let mut plan = Plan::default();
    let digests: Vec<Digest> = named.iter().map(|(digest, _)| *digest).collect();
    plan.order(move |_, t| {
        t.original = Some(b"a letter".to_vec());
        t.attesters = Some(digests);
    });
    let good = plan.build();
    let hidden: &[u8] = if withheld { &[24] } else { &[] };
    let opening = good.order.record().opening(hidden);
    (good, opening)
}

#[test]
fn log_101_an_opening_is_of_as_many_attesters_as_the_policy_asks_for() {
    for withheld in [false, true] {
        let (good, opening) = opened(&["attester-1", "attester-3"], withheld);
        let keys: Vec<_> = ["attester-1", "attester-2", "attester-3"].map(|n| good.world.signer(n).vkey().key().clone()).to_vec();
        let keys: Vec<_> = keys.iter().collect();
        assert_eq!(opening.verify_attested(&keys, 2), Ok(()));
        for need in [0, 1, 3] {
            assert_eq!(opening.verify_attested(&keys, need), Err(RecordError::BadAttestation), "{need}");
        }
        assert_eq!(opening.verify_attested(&keys[..1], 2), Err(RecordError::BadAttestation), "one of them is nobody's");
        assert_eq!(opening.verify_attested(&keys[1..], 2), Err(RecordError::BadAttestation));
    }
}

/// The attested order of the first and the third attester with these octets in place of its signatures.
fn with_signatures(octets: impl Fn([[u8; 64]; 3]) -> Vec<u8>) -> (Good, SignedRecord) {
    let (good, _) = opened(&["attester-1", "attester-3"], false);
    let signed = good.order.record().clone();
    let message = signed.record().message();
    let mut by = ["attester-1", "attester-2", "attester-3"].map(|name| {
        let signer = good.world.signer(name);
        (
            signed.record().attesters().unwrap().contains(&key_digest(signer.vkey().key())),
            key_digest(signer.vkey().key()),
            signer.sign_message(&message),
        )
    });
    // Those who are named first, by digest; then the one who is not.
    by.sort_by_key(|(named, digest, _)| (!named, *digest));
    let record = DraftRecord { record: signed.record().clone(), r: *signed.r() };
    let again = record.signed(octets(by.map(|(_, _, signature)| signature)));
    (good, again)
}

#[test]
fn log_101_signatures_are_counted_of_64_octets_and_nothing_else() {
    let judged = |change: fn(&mut Vec<u8>)| {
        let (good, record) = with_signatures(|by| {
            let mut octets = attestation_bytes(&by[..2]);
            change(&mut octets);
            octets
        });
        let keys = ["attester-1", "attester-2", "attester-3"].map(|name| good.world.signer(name).vkey().key());
        (record.verify_attested(&keys, 2).is_ok(), record.opening(&[24]).verify_attested(&keys, 2).is_ok())
    };
    assert_eq!(judged(|_| ()), (true, true));
    assert_eq!(judged(|octets| octets[2] = 63), (false, false), "another length");
    assert_eq!(judged(|octets| octets.push(0)), (false, false), "something is left over");
    assert_eq!(judged(|octets| octets[0] = 1), (false, false), "another number");
}

#[test]
fn log_101_an_opening_is_of_distinct_attesters_and_of_those_whom_it_names() {
    let judged = |signed: fn([[u8; 64]; 3]) -> Vec<[u8; 64]>, withheld: &[u8], need: u8| {
        let (good, record) = with_signatures(|by| attestation_bytes(&signed(by)));
        let keys = ["attester-1", "attester-2", "attester-3"].map(|name| good.world.signer(name).vkey().key());
        record.opening(withheld).verify_attested(&keys, need).is_ok()
    };
    assert!(judged(|by| vec![by[0], by[1]], &[24], 2) && judged(|by| vec![by[0], by[1]], &[], 2));
    assert!(!judged(|by| vec![by[0], by[0]], &[24], 2), "one person twice");
    assert!(!judged(|by| vec![by[1], by[0]], &[24], 2), "in another order");
    assert!(!judged(|_| Vec::new(), &[24], 0), "nobody at all vouches for nothing");
    // Two of the three who are in ascending order, but not the two that field 24 names.
    let others = |signed: fn([[u8; 64]; 3]) -> Vec<[u8; 64]>| (judged(signed, &[24], 2), judged(signed, &[], 2));
    let tried = [
        others(|by| vec![by[0], by[2]]),
        others(|by| vec![by[2], by[0]]),
        others(|by| vec![by[1], by[2]]),
        others(|by| vec![by[2], by[1]]),
    ];
    assert!(tried.iter().any(|(unnamed, _)| *unnamed) && tried.iter().all(|(_, named)| !named));
}

#[test]
fn log_48_an_openings_lines_are_some_of_the_25_in_order() {
    let opening = text(good().order.record().opening(&[]).to_bytes());
    let reads = |text: &str| Opening::parse(text.as_bytes()).is_ok();
    assert!(reads(&opening));
    let lines: Vec<&str> = opening.lines().filter(|line| line.starts_with("field ") || line.starts_with("hash ")).collect();
    assert!(!reads(&opening.replace(&format!("{}\n{}", lines[0], lines[1]), &format!("{}\n{}", lines[1], lines[0]))));
    assert!(!reads(&opening.replace(lines[0], &format!("{}\n{}", lines[0], lines[0]))));
    assert!(!reads(&format!("{opening}hash 26 {}\n", base64(&[1; 32]))));
    assert!(!reads(&opening.replace(lines[0], &format!("hash 0 {}\n{}", base64(&[1; 32]), lines[0]))));
    assert!(!reads(&lines.iter().fold(opening.clone(), |text, line| text.replace(&format!("{line}\n"), ""))));
}

#[test]
fn pol_08_to_pol_15_each_condition_alone() {
    let until = |until: u64| policy(move |_, p| p.key.period = Span::new(DAY_ZERO, until).unwrap());
    assert_eq!((until(DAY_ZERO + 3_600), until(DAY_ZERO + 3_601)), (None, Some("POL-08")));
    assert_eq!(policy(|_, p| (p.categories[0].source, p.categories[0].retention_days) = (Source::OnlySealed, 0)), Some("POL-09"));
    assert_eq!(policy(|_, p| p.categories.clear()), Some("POL-09"));
    assert_eq!(policy(|_, p| p.instruments[0].categories.clear()), Some("POL-10"));
    let attesters = |need: u8, count: usize| {
        policy(move |world, p| {
            p.categories.iter_mut().for_each(|c| c.assurance = AssuranceRule::NativeOnly);
            p.attesters.need = need;
            p.attesters.keys.truncate(count);
            while p.attesters.keys.len() < count {
                p.attesters.keys.push(world.signer("stranger").vkey().clone());
            }
        })
    };
    assert_eq!((attesters(0, 0), attesters(2, 3)), (None, None));
    assert_eq!((attesters(0, 3), attesters(2, 128)), (Some("POL-12"), Some("POL-12")));
    let twice = policy(|_, p| p.deliveries.push(p.deliveries[0].clone()));
    assert_eq!(twice, Some("POL-15"));
    let no_log = policy(|_, p| p.public = p.public.lines().filter(|l| !l.starts_with("log ")).map(|l| format!("{l}\n")).collect());
    assert_eq!(no_log, Some("POL-06"));
    let long = policy(|_, p| {
        let row = p.instruments[0].clone();
        p.instruments = (0..40_000)
            .map(|n| verify::policy::InstrumentRule {
                instrument: verify::names::Instrument::parse(&format!("national/nl/{n:06}")).unwrap(),
                ..row.clone()
            })
            .collect();
    });
    assert_eq!(long, Some("POL-01"));
}

#[test]
fn pol_01_words_of_a_policy_are_the_known_ones() {
    let written = text(World::new(7).policy().to_bytes().to_vec());
    let reads = |from: &str, to: &str| {
        let changed = written.replacen(from, to, 1);
        assert_ne!(changed, written, "{from}");
        Policy::parse(changed.as_bytes()).is_ok()
    };
    assert!(!reads("limit identities-per-intent ", "limit identities-per-order "));
    assert!(!reads("committee approvers ", "committee guardians "));
    assert!(!reads(" only-sealed", " only-sealing"));
    assert!(reads("\nin-force", "\nflag demo\nin-force") && !reads("\nin-force", "\nflag demos\nin-force"));
}

#[test]
fn sea_70_and_sea_69_a_lift_is_of_its_unit_and_an_office_is_of_its_time() {
    let world = World::new(7);
    let mut parts = world.parts.clone();
    let id = |text: &str| verify::names::DirectoryId::parse(text).unwrap();
    parts.lifts = vec![(id("unit.nl.om"), 7), (id("unit.nl.politie"), 9)];
    let policy = Policy::from_parts(parts).unwrap();
    assert_eq!((policy.lifted(&id("unit.nl.politie")), policy.lifted(&id("unit.nl.rechtbank"))), (Some(9), None));
    let police = policy.authority(&id("nl.politie")).unwrap();
    let at = |time: u64| police.may_sign_emergency(&[Category::TRAFFIC], time);
    let (from, until) = (police.in_force.from(), police.in_force.until());
    assert_eq!((at(from - 1), at(from), at(until - 1), at(until)), (false, true, true, false));
}

#[test]
fn sea_53_a_scope_item_is_a_run_of_slots_of_one_length() {
    let item = |first: u64, last: u64| {
        ScopeItem::new(Selector::from_text("phone:+31612345678").unwrap(), Category::TRAFFIC, SlotLen::HOUR, first, last)
    };
    assert!(item(5, 5 + (1 << 20) - 1).is_some() && item(5, 5 + (1 << 20)).is_none());
    let hour = scope_item("phone:+31612345678", Category::TRAFFIC, 10, 11);
    let (first, two_hours) = (hour.first(), SlotLen::new(7_200).unwrap());
    let slot = |len, no| seal::identity::Slot::new(len, no).unwrap();
    assert!(hour.names(hour.selector(), Category::TRAFFIC, slot(SlotLen::HOUR, first)));
    assert!(!hour.names(hour.selector(), Category::TRAFFIC, slot(two_hours, first)), "slots of another length");
}

#[test]
fn rel_20_a_member_number_has_an_index() {
    assert_eq!(MemberId::from_number(0x0201), Some(MemberId { committee: CommitteeName::Guardians, index: 1 }));
    assert_eq!((MemberId::from_number(0x0200), MemberId::from_number(0x0301)), (None, None));
}

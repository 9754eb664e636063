//! The notice to the person: what it shows follows from the log, and it shows nobody else (`docs/spec/notice.md`).

mod support;

use seal::identity::Category;
use seal::selector::Selector;
use support::case::{scope_item, slot};
use support::*;
use verify::log::note::SignedNote;
use verify::log::proof::TlogProof;
use verify::notice::{FrameField, Notice, NoticeError, NoticeParts, SignedNotice, code, same_code};
use verify::record::{Kind, Record, RecordError, Value};

const MINE: &str = "phone:+31612345678";
const OTHER: &str = "phone:+31687654321";

/// A year after the order, so that its due quarter has begun.
const LATER: u64 = world::DAY_ZERO + 500 * 86_400;

/// An order about two persons, both asked for.
fn case() -> Good {
    let mut plan = Plan::default();
    plan.order(|_, terms| {
        terms.items.push(scope_item(OTHER, Category::TRAFFIC, 10, 11));
        terms.case_ref = Some("parket 13/123456-26".into());
    });
    plan.intent(|world, terms| {
        let (selector, salt) = world.subjects[1].clone();
        terms.identities.push((salt, Category::TRAFFIC, slot(10), selector));
    });
    plan.build()
}

fn proof(good: &Good, place: &verify::bundle::Place) -> TlogProof {
    TlogProof::new(place.index, place.path.clone(), SignedNote::parse(&good.bundle.orders_head.note).unwrap())
}

fn parts<'a>(good: &'a Good, selector: &str) -> NoticeParts<'a> {
    NoticeParts {
        policy: &good.policy,
        order: &good.order,
        order_proof: proof(good, &good.bundle.order_place),
        intents: vec![(&good.intent, proof(good, &good.bundle.intent_place))],
        selectors: vec![Selector::from_text(selector).unwrap()],
        withheld: Vec::new(),
        remedies: "You may object within six weeks.".into(),
    }
}

fn draft(good: &Good) -> Notice {
    parts(good, MINE).draft(LATER).unwrap()
}

/// The order's authority is nl.om: the prosecutor.
fn refused(good: &Good, change: impl FnOnce(&mut Notice)) -> &'static str {
    let mut notice = draft(good);
    change(&mut notice);
    let signed = SignedNotice::parse(&notice.sign(good.world.signer(&signer_of(good))).to_bytes()).unwrap();
    signed.check(&good.policy).unwrap_err().code()
}

fn signer_of(good: &Good) -> String {
    let authority = good.order.record().record().authority().unwrap();
    good.policy.authority(authority).unwrap().key.name().to_string()
}

#[test]
fn not_01_08_19_a_notice_is_checked_with_policy_and_file_alone() {
    let good = case();
    let signed = draft(&good).sign(good.world.signer(&signer_of(&good)));
    let again = SignedNotice::parse(&signed.to_bytes()).unwrap();
    assert_eq!(again, signed);
    // What fuzzing begins with.
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/fuzz/notice-letter");
    if std::env::var_os("WAARBORG_BLESS").is_some() {
        std::fs::write(sample, signed.to_bytes()).unwrap();
    }
    assert!(SignedNotice::parse(&std::fs::read(sample).unwrap()).is_ok(), "stale: WAARBORG_BLESS=1 cargo test -p verify --test notice");
    let checked = again.check(&good.policy).unwrap();
    assert_eq!((checked.origin(), checked.index()), (world::ORDERS, good.bundle.order_place.index));
    assert_eq!(checked.d(), good.order.record().d());
    let notice = checked.notice();
    assert_eq!((notice.scope.len(), notice.intents[0].identities.len()), (1, 2));
    assert!(matches!(notice.frame[&2], FrameField::Shown { .. }) && matches!(notice.frame[&7], FrameField::Withheld(_)));
    // Another provider's policy: the log is not its log, or the leaf not its leaf.
    let mut other = good.world.parts.clone();
    other.provider = seal::identity::ProviderId([9; 16]);
    let other = verify::policy::Policy::from_parts(other).unwrap();
    assert_eq!(again.check(&other).unwrap_err().code(), "NOT-19");
}

#[test]
fn not_11_and_13_it_shows_nobody_else_and_no_case() {
    let good = case();
    let text = String::from_utf8(draft(&good).sign(good.world.signer(&signer_of(&good))).to_bytes()).unwrap();
    // Selectors stand in clear and in base64 of frame values and openings: none of the other's is there.
    let (mine, other) = (Selector::from_text(MINE).unwrap(), Selector::from_text(OTHER).unwrap());
    let clear = |selector: &Selector| String::from_utf8_lossy(selector.as_bytes()).into_owned();
    assert!(text.contains(&clear(&mine)) && !text.contains(&clear(&other)));
    let shown: Vec<Vec<u8>> = text.split([' ', '\n']).filter_map(verify::spelling::from_base64).collect();
    let holds = |octets: &[u8]| shown.iter().any(|value| value.windows(octets.len()).any(|part| part == octets));
    assert!(holds(mine.as_bytes()) && !holds(other.as_bytes()) && !holds(b"parket 13"));
    // And a letter that does name one is refused.
    assert_eq!(refused(&good, |notice| notice.order = good.order.record().opening(&[9, 24])), "NOT-11");
    assert_eq!(refused(&good, |notice| notice.order = good.order.record().opening(&[8, 24])), "NOT-11");
    let both = NoticeParts { selectors: vec![mine, other], ..parts(&good, MINE) }.draft(LATER).unwrap();
    assert_eq!(refused(&good, |notice| notice.intents = both.intents.clone()), "NOT-11");
    assert_eq!(refused(&good, |notice| notice.frame = both.frame.clone()), "NOT-11");
    // What the law withholds besides stays a digest, and the frame still gives the commitment.
    let signer = signer_of(&good);
    let withheld = NoticeParts { withheld: vec![3, 4], ..parts(&good, MINE) }.draft(LATER).unwrap();
    assert!(matches!(withheld.frame[&4], FrameField::Withheld(_)));
    assert!(withheld.sign(good.world.signer(&signer)).check(&good.policy).is_ok());
}

#[test]
fn not_01_a_changed_frame_or_rho_is_not_the_orders() {
    let good = case();
    assert_eq!(refused(&good, |notice| notice.rho[0] ^= 1), "NOT-01");
    assert_eq!(refused(&good, |notice| drop(notice.frame.remove(&7))), "NOT-01");
    let other = |notice: &mut Notice| {
        if let Some(FrameField::Shown { value, .. }) = notice.frame.get_mut(&4) {
            value[0] ^= 1;
        }
    };
    assert_eq!(refused(&good, other), "NOT-01");
}

#[test]
fn not_08_only_the_orders_own_authority_gives_notice() {
    let good = case();
    for who in ["police", "gateway", "court"].into_iter().filter(|who| *who != signer_of(&good)) {
        let signed = draft(&good).sign(good.world.signer(who));
        assert_eq!(signed.check(&good.policy).unwrap_err(), NoticeError::NotByAuthority, "{who}");
    }
    // A changed word breaks the signature.
    let signed = draft(&good).sign(good.world.signer(&signer_of(&good))).to_bytes();
    let changed = String::from_utf8(signed).unwrap().replace("six weeks", "six hours");
    assert_eq!(SignedNotice::parse(changed.as_bytes()).unwrap().check(&good.policy).unwrap_err(), NoticeError::NotByAuthority);
}

#[test]
fn not_19_every_leaf_stands_where_the_letter_says() {
    let good = case();
    assert_eq!(refused(&good, |notice| notice.order_proof.index += 1), "NOT-19");
    assert_eq!(refused(&good, |notice| notice.scope[0].eta[0] ^= 1), "NOT-19");
    assert_eq!(refused(&good, |notice| notice.scope[0].index ^= 1), "NOT-19");
    assert_eq!(refused(&good, |notice| notice.intents[0].identities[0].eta[0] ^= 1), "NOT-19");
    assert_eq!(refused(&good, |notice| notice.intents[0].identities[0].leaf.salt.0[0] ^= 1), "NOT-19");
    assert_eq!(refused(&good, |notice| notice.key_id[0] ^= 1), "NOT-19");
    assert_eq!(refused(&good, |notice| notice.scope.clear()), "NOT-19");
    let order = draft(&good).order;
    assert_eq!(refused(&good, |notice| notice.intents[0].opening = order), "NOT-19");
    assert_eq!(refused(&good, |notice| notice.order = notice.intents[0].opening.clone()), "NOT-19");
    assert_eq!(refused(&good, |notice| notice.intents[0].proof = notice.order_proof.clone()), "NOT-19");
    // Cut off, or without its signature, it is no notice.
    let signed = draft(&good).sign(good.world.signer(&signer_of(&good))).to_bytes();
    assert!(SignedNotice::parse(&signed[..signed.len() - 1]).is_err());
    assert!(SignedNotice::parse(&[&signed[..], b"\n"].concat()).is_err());
}

#[test]
fn not_12_no_notice_before_the_quarter_in_which_it_is_due() {
    let good = case();
    let due = good.order.record().record().notice_due().unwrap();
    let quarter = |time: u64| verify::calendar::Day::containing(time).quarter();
    let first = (0..100).map(|days| due - days * 86_400).take_while(|day| quarter(*day) == quarter(due)).last().unwrap();
    assert_eq!(parts(&good, MINE).draft(first - 1), Err(NoticeError::BeforeDue));
    assert!(parts(&good, MINE).draft(first).is_ok());
    assert_eq!(parts(&good, "phone:+31600000000").draft(LATER), Err(NoticeError::Empty));
}

#[test]
fn not_13_not_20_nothing_of_the_person_is_in_the_leaves_of_notice_and_extension() {
    let good = case();
    let signed = draft(&good).sign(good.world.signer(&signer_of(&good)));
    let checked = signed.check(&good.policy).unwrap();
    let values = checked.leaf_values();
    let mut ids: Vec<u8> = values.iter().map(Value::id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 5, 15, 18, 19, 25]);
    let record = Record::draw(values, &mut seal::entropy::SeededEntropy::new([1; 32])).unwrap();
    assert_eq!((record.kind(), record.parent()), (Kind::Notice, Some(good.place())));
    for kind in [Kind::Notice, Kind::Extension] {
        let fields = kind.required().iter().chain(kind.optional());
        assert!(!fields.into_iter().any(|id| [8, 9, 16].contains(id)), "{kind:?}");
    }
}

#[test]
fn not_02_an_order_without_a_notice_date_is_none() {
    let good = case();
    let fields = good.order.record().record().fields().values().filter(|field| field.value.id() != 12).cloned().collect();
    assert_eq!(Record::from_fields(fields), Err(RecordError::MissingField { id: 12 }));
}

#[test]
fn not_19_the_code_on_paper_is_that_of_the_leaf_and_forgives_handwriting() {
    let good = case();
    let d = good.order.record().d();
    let code = code(&d);
    assert_eq!((code.len(), code.split('-').count()), (29, 5));
    assert!(same_code(&code, &d) && same_code(&code.to_lowercase().replace('-', " "), &d));
    assert!(same_code(&code.replace('0', "O").replace('1', "l"), &d));
    let wrong =
        |at: usize| code.char_indices().map(|(n, c)| if n == at { if c == 'A' { 'B' } else { 'A' } } else { c }).collect::<String>();
    assert!((0..29).filter(|at| at % 6 != 5).all(|at| !same_code(&wrong(at), &d)));
    assert!(!same_code("", &d) && !same_code(&code[..28], &d));
}

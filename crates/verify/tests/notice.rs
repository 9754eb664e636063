//! The notice to the person: what it shows follows from the log, and it shows nobody else (`docs/spec/notice.md`).

mod support;

use seal::identity::Category;
use seal::selector::Selector;
use support::case::{scope_item, slot};
use support::*;
use verify::log::note::SignedNote;
use verify::log::proof::TlogProof;
use verify::notice::{FrameField, IntentPart, Notice, NoticeError, NoticeParts, SignedNotice, code, same_code};
use verify::order::{ScopeItem, frame_field_digest, frame_octets, order_commitment};
use verify::record::{DraftRecord, Kind, Opening, Parent, Record, RecordError, SignedRecord, Value};

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
    judged(good, change).unwrap_err().code()
}

/// What the check says of the letter with one thing changed; several of its errors have one code.
fn judged(good: &Good, change: impl FnOnce(&mut Notice)) -> Result<(), NoticeError> {
    let mut notice = draft(good);
    change(&mut notice);
    let signed = SignedNotice::parse(&notice.sign(good.world.signer(&signer_of(good))).to_bytes()).unwrap();
    signed.check(&good.policy).map(|_| ())
}

fn not_of(what: &'static str) -> Result<(), NoticeError> {
    Err(NoticeError::NotOfOrder { what })
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
    assert_eq!(again.check(&other).unwrap_err(), NoticeError::NotOfOrder { what: "the opened leaf" });
    // Also where no intent could show it: identities are the provider's own.
    let mut bare = draft(&good);
    bare.intents.clear();
    let bare = bare.sign(good.world.signer(&signer_of(&good)));
    assert!(bare.check(&good.policy).is_ok());
    assert_eq!(bare.check(&other).unwrap_err(), NoticeError::NotOfOrder { what: "the opened leaf" });
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

#[test]
fn doc_01_04_05_a_letter_says_what_is_wrong_with_it() {
    let good = case();
    let letter = String::from_utf8(draft(&good).sign(good.world.signer(&signer_of(&good))).to_bytes()).unwrap();
    let told = |text: &[u8]| SignedNotice::parse(text).err().map(|error| error.to_string());
    let changed = |from: &str, to: &str| {
        assert!(letter.contains(from), "{from}");
        told(letter.replacen(from, to, 1).as_bytes()).unwrap()
    };
    assert_eq!(told(letter.as_bytes()), None);
    assert!(told(&vec![b'x'; Notice::LEN_MAX + 1]).unwrap().starts_with("DOC-01: "));
    assert!(told(&vec![b'x'; Notice::LEN_MAX]).unwrap().starts_with("DOC-03: "));
    assert!(changed("\nsignature ", "\nmore 1\nsignature ").starts_with("DOC-05: "));
    assert!(told(format!("{letter}more 1\n").as_bytes()).unwrap().starts_with("DOC-05: "));
    // Fields of the frame, shown or withheld, ascend.
    let rows: Vec<&str> = letter.lines().filter(|line| line.starts_with("shown ") || line.starts_with("withheld ")).collect();
    for (first, second) in [(rows[1], rows[0]), (rows[0], rows[0])] {
        let said = changed(&format!("{}\n{}\n", rows[0], rows[1]), &format!("{first}\n{second}\n"));
        assert!(said.starts_with("DOC-04: ") && said.contains("\"shown\""), "{said}");
    }
}

#[test]
fn not_11_a_letter_shows_the_fields_that_it_needs_and_no_other() {
    let good = case();
    let shown = |opening: &Opening| (1..=25).filter(|id| opening.shown(*id).is_some()).collect::<Vec<u8>>();
    let notice = draft(&good);
    assert_eq!(shown(&notice.order), [1, 5, 12, 16, 18, 19, 23]);
    assert_eq!(shown(&notice.intents[0].opening), [1, 5, 15, 18, 25]);
    // The case reference is withheld in the frame too; a letter that shows it there is refused.
    let eta = good.order.frame_salts().1[&9];
    let value = Value::CaseRef("parket 13/123456-26".into()).to_bytes();
    assert_eq!(judged(&good, |notice| drop(notice.frame.insert(9, FrameField::Shown { eta, value }))), Err(NoticeError::NamesOthers));
}

/// The order once more, logged with the commitment of a frame that gives this legal basis, and its letter.
fn reframed(good: &Good, legal_basis: &str) -> Notice {
    let mut notice = draft(good);
    notice.intents.clear();
    let value = Value::LegalBasis(legal_basis.into()).to_bytes();
    let eta = good.order.frame_salts().1[&4];
    notice.frame.insert(4, FrameField::Shown { eta, value });
    let digest = |(number, field): (&u16, &FrameField)| match field {
        FrameField::Shown { eta, value } => (*number, frame_field_digest(eta, *number, value)),
        FrameField::Withheld(digest) => (*number, *digest),
    };
    let commitment = order_commitment(&notice.rho, &frame_octets(&notice.frame.iter().map(digest).collect()));
    let fields = good.order.record().record().fields().values().cloned().map(|mut field| {
        if field.value.id() == 19 {
            field.value = Value::OrderFrame(commitment);
        }
        field
    });
    let record = Record::from_fields(fields.collect()).unwrap();
    let draft = DraftRecord::draw(record, &mut seal::entropy::SeededEntropy::new([5; 32]));
    let signature = good.world.signer("court").sign_message(&draft.record.message());
    let signed = draft.signed(signature.to_vec());
    (notice.order, notice.order_proof) = logged(good, world::ORDERS, &signed);
    notice
}

/// A record as the only leaf of a log, opened as far as letters do and with the legal basis, and its proof.
fn logged(good: &Good, origin: &str, signed: &SignedRecord) -> (Opening, TlogProof) {
    let mut log = LogSim::new(origin);
    let index = log.push(&signed.entry());
    let witnesses: Vec<_> = good.world.witnesses().into_iter().map(|witness| (witness, at(14, 20))).collect();
    let note = log.note(log.size(), good.world.signer(origin), &witnesses);
    let withheld: Vec<u8> = (1..=25).filter(|id| ![1, 4, 5, 12, 15, 16, 18, 19, 23, 25].contains(id)).collect();
    (signed.opening(&withheld), TlogProof::new(index, Vec::new(), SignedNote::parse(&note).unwrap()))
}

#[test]
fn not_01_a_frame_that_says_otherwise_than_the_opened_leaf_is_refused() {
    let good = case();
    let real = "Article 5 Regulation (EU) 2023/1543";
    for (legal_basis, expected) in [(real, Ok(())), ("Article 6", Err(NoticeError::Frame))] {
        let signed = reframed(&good, legal_basis).sign(good.world.signer(&signer_of(&good)));
        assert_eq!(signed.check(&good.policy).map(|_| ()), expected, "{legal_basis}");
    }
}

/// A record that the gateway signed, of this kind and under this place.
fn under(world: &World, kind: Kind, parent: Parent) -> SignedRecord {
    let authority = verify::names::DirectoryId::parse("nl.om").unwrap();
    let mut values = vec![Value::Kind(kind), Value::Provider(world::PROVIDER), Value::Parent(parent), Value::Authority(authority)];
    values.push(Value::IdsRoot(seal::merkle::empty_root()));
    values.push(if kind == Kind::Intent { Value::ReleaseSet([1; 32]) } else { Value::OrderFrame([1; 32]) });
    let mut entropy = seal::entropy::SeededEntropy::new([6; 32]);
    let draft = DraftRecord::draw(Record::draw(values, &mut entropy).unwrap(), &mut entropy);
    let signature = world.signer("gateway").sign_message(&draft.record.message());
    draft.signed(signature.to_vec())
}

#[test]
fn not_19_an_intent_is_one_under_this_order_in_the_same_log() {
    let mut plan = Plan::default();
    plan.related = Box::new(|world, place| {
        let other = Parent::new(world::ORDERS, place.index + 1);
        vec![under(world, Kind::Intent, place), under(world, Kind::Notice, place), under(world, Kind::Intent, other)]
    });
    let good = plan.build();
    let with = |(opening, proof): (Opening, TlogProof)| {
        judged(&good, |notice| notice.intents.push(IntentPart { opening, proof, identities: Vec::new() }))
    };
    let related = |number: usize| {
        let part = &good.bundle.related[number];
        (part.record.opening(&[]), proof(&good, &part.place))
    };
    assert_eq!(with(related(0)), Ok(()));
    assert_eq!(with(related(1)), not_of("an intent"), "a notice of this order");
    assert_eq!(with(related(2)), not_of("an intent"), "under another leaf");
    // The policy's second log: a leaf there says nothing about an order here.
    let intent = &good.bundle.related[0].record;
    assert_eq!(with(logged(&good, world::STANDBY, intent)), not_of("an intent"));
}

#[test]
fn not_19_the_opened_leaf_is_the_order_itself() {
    let good = case();
    assert_eq!(judged(&good, |notice| notice.order = notice.intents[0].opening.clone()), not_of("the opened leaf"));
}

#[test]
fn not_19_what_was_asked_for_and_not_ordered_is_no_part_of_a_notice() {
    let mut plan = Plan::default();
    plan.intent(|world, terms| {
        let (selector, salt) = world.subjects[0].clone();
        terms.identities.push((salt, Category::TRAFFIC, slot(12), selector));
    });
    assert_eq!(judged(&plan.build(), |_| ()), not_of("an identity"));
    // An identity is of one slot: a longer row would say more than its leaf.
    let good = case();
    let longer = |notice: &mut Notice| {
        let item = &mut notice.intents[0].identities[0].leaf.item;
        let (first, selector) = (item.first(), item.selector().clone());
        *item = ScopeItem::new(selector, item.category(), item.slot_len(), first, first + 1).unwrap();
    };
    assert_eq!(judged(&good, longer), not_of("an identity"));
}

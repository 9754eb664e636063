//! A native order seen as an order as received: the same gates and words serve it.

use law::native::received;
use law::received::{DataClass, DataOption, DeadlineChoice, IdentifierKind, Order, OrderKind};
use seal::identity::{Category, ProviderId, SlotLen};
use verify::names::{DirectoryId, Instrument, Span};
use verify::order::{OrderDraft, OrderTerms, ScopeItem};
use verify::record::Kind;

const FROM: u64 = 1_795_190_400;

fn order(kind: Kind, items: &[(&str, Category)]) -> Order {
    let id = |text: &str| DirectoryId::parse(text).unwrap();
    let item = |(selector, category): &(&str, Category)| {
        let selector = seal::selector::Selector::from_text(selector).unwrap();
        ScopeItem::new(selector, *category, SlotLen::HOUR, FROM / 3_600, FROM / 3_600).unwrap()
    };
    let terms = OrderTerms {
        kind,
        instrument: Instrument::parse("epoc").unwrap(),
        court: (kind == Kind::Order).then(|| id("court.example")),
        legal_basis: "Article 5".into(),
        authority: id("prosecutor.example"),
        provider: ProviderId([1; 16]),
        period: Span::new(FROM, FROM + 3_600).unwrap(),
        case_ref: Some("26-1".into()),
        validity: Span::new(FROM, FROM + 86_400).unwrap(),
        seal_until: (FROM / 86_400 + 10) * 86_400,
        notice_due: (FROM / 86_400 + 10) * 86_400,
        policy_hash: [2; 32],
        items: items.iter().map(item).collect(),
        original: None,
        attesters: None,
    };
    let draft = OrderDraft::draw(terms, &mut seal::entropy::SeededEntropy::new([3; 32])).unwrap();
    received(draft.record(), draft.scope(), None, [9; 32], Vec::new()).order().unwrap().clone()
}

#[test]
fn an_emergency_says_so_and_an_order_does_not() {
    let items = &[("account:@anna:example", Category::TRAFFIC)];
    let emergency = order(Kind::Emergency, items);
    assert_eq!(emergency.deadlines.iter().map(|choice| choice.value).collect::<Vec<_>>(), [DeadlineChoice::ThreatToLife]);
    assert!(emergency.is_emergency() && emergency.kind.value == OrderKind::Epoc);
    assert!(!order(Kind::Order, items).is_emergency());
    assert_eq!(order(Kind::Preservation, items).kind.value, OrderKind::EpocPr);
}

#[test]
fn each_person_and_each_box_stands_once() {
    let seen = order(
        Kind::Order,
        &[
            ("account:@anna:example", Category::TRAFFIC),
            ("account:@anna:example", Category::IP),
            ("account:@anna:example", Category::DEVICE),
            ("account:@bo:example", Category::TRAFFIC),
            ("account:@bo:example", Category::SUBSCRIBER),
        ],
    );
    assert_eq!(seen.identifiers.iter().map(|i| i.value.value.as_str()).collect::<Vec<_>>(), ["@anna:example", "@bo:example"]);
    let asked: Vec<_> = seen.requested.iter().map(|r| (r.class.value, r.options[0].value)).collect();
    assert_eq!(asked.len(), 3, "{asked:?}");
    for wanted in [
        (DataClass::Traffic, DataOption::TrafficOther),
        (DataClass::Traffic, DataOption::ConnectionTimes),
        (DataClass::Subscriber, DataOption::UserInformation),
    ] {
        assert!(asked.contains(&wanted), "{wanted:?}");
    }
}

#[test]
fn addresses_keep_their_version_and_port() {
    let seen = order(Kind::Order, &[("ip:10.0.0.1:443", Category::TRAFFIC), ("ip:[2001:db8::1]:443", Category::TRAFFIC)]);
    let kinds: Vec<_> = seen.identifiers.iter().map(|i| (i.kind.value, i.value.value.as_str(), i.port.as_ref().map(|p| p.value))).collect();
    assert!(kinds.contains(&(IdentifierKind::Ipv4, "10.0.0.1", Some(443))), "{kinds:?}");
    assert!(kinds.contains(&(IdentifierKind::Ipv6, "2001:db8::1", Some(443))), "{kinds:?}");
}

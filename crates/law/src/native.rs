//! A native Waarborg order seen as an order as received, so that the same gates and words serve it.

use seal::identity::Category;
use verify::order::{Scope, ScopeItem};
use verify::record::{Kind, Record};

use crate::received::*;

/// Boxes of the forms that a sealed category answers.
pub fn options(category: Category) -> (DataClass, &'static [DataOption]) {
    match category.number() {
        1 => (DataClass::Traffic, &[DataOption::TrafficOther]),
        3 => (DataClass::Traffic, &[DataOption::ConnectionTimes]),
        4 => (DataClass::Traffic, &[DataOption::TrafficOther]),
        5 => (DataClass::Subscriber, &[DataOption::UserInformation]),
        6 => (DataClass::Traffic, &[DataOption::BaseStation]),
        7 => (DataClass::Identification, &[DataOption::IpConnectionRecords]),
        _ => (DataClass::Traffic, &[DataOption::TrafficOther]),
    }
}

/// Sealed categories that answer a box: the other direction, for making a native order.
pub fn categories(option: DataOption) -> Vec<u16> {
    use DataOption::*;
    match option {
        UserInformation | RegistrationInformation | TypeOfService | Profile | ValidationOfUse | PaymentCards | SubscriberOther => vec![5],
        IpConnectionRecords | IdentificationOther => vec![7],
        MobileIdentifiers | MobileTimes | MobileAttempts | Routing | Volume | TrafficOther => vec![1],
        ConnectionTimes => vec![3],
        MobileBaseStation | BaseStation => vec![6],
        // No record type holds it.
        PukCodes | MobileBearer | LogFiles | Tickets | PurchaseHistory | PrepaidCharging | Mailbox | OnlineStorage | Page
        | MessageBackup | Voicemail | Server | DeviceBackup | ContactList | ContentOther => Vec::new(),
    }
}

/// The record's fields under the names of the forms. `signatures` are what the policy showed.
pub fn received(record: &Record, scope: &Scope, d: Option<[u8; 32]>, hash: [u8; 32], signatures: Vec<SignatureVerdict>) -> Received {
    let mark = |path: &str| Place::new(1, 1, path);
    let text = |path: &str, value: &str| Some(Marked::at(value.to_owned(), mark(path)));
    let instrument = record.instrument().map_or("", |instrument| instrument.as_str());
    let national = instrument.strip_prefix("national/").and_then(|rest| rest.split_once('/'));
    let kind = match (record.kind(), national) {
        (Kind::Preservation, _) => OrderKind::EpocPr,
        (_, Some(_)) => OrderKind::National,
        _ => OrderKind::Epoc,
    };
    let mut order = Order::empty(Marked::at(kind, mark("kind")));
    order.national = national.map(|(country, article)| National {
        country: Marked::at(country.to_uppercase(), mark("instrument")),
        article: Marked::at(article.to_owned(), mark("instrument")),
        purpose: None,
        judge_reference: record.court().map(|court| Marked::at(court.as_str().to_owned(), mark("court"))),
        future_until: None,
    });
    order.issuing.name = record.authority().and_then(|id| text("authority", id.as_str()));
    order.issuing.file_number = record.case_ref().and_then(|reference| text("case-reference", reference));
    order.conditions.provision = record.legal_basis().and_then(|basis| text("legal-basis", basis));
    if record.kind() == Kind::Emergency {
        order.deadlines.push(Marked::at(DeadlineChoice::ThreatToLife, mark("kind")));
    }
    ask(&mut order, scope);
    order.time_range = record.period().map(|period| {
        let range = TimeRange { start: Some(Moment::Instant(period.from())), end: Some(Moment::Instant(period.until())) };
        Marked::at(range, mark("period"))
    });
    order.own = record.validity().map(|validity| OwnOrder {
        d,
        categories: scope.categories().iter().map(|category| category.number()).collect(),
        valid_from: validity.from(),
        valid_until: validity.until(),
        seal_until: record.seal_until().unwrap_or(0),
        notice_due: record.notice_due().unwrap_or(0),
    });
    let envelope = Envelope {
        format: Format::Waarborg,
        original_hash: hash,
        transaction: None,
        sender: None,
        receiver: None,
        schema: Finding::Yes,
        dictionary: Finding::Yes,
        signatures,
        normalised: Vec::new(),
        differences: Vec::new(),
        quarantined: None,
    };
    Received { envelope, body: Body::Order(order) }
}

/// Identifiers and boxes, from the scope.
fn ask(order: &mut Order, scope: &Scope) {
    let mark = |path: &str| Place::new(1, 1, path);
    let mut items: Vec<&ScopeItem> = scope.items().collect();
    items.sort();
    for item in &items {
        let selector = item.selector().to_string();
        if !order.identifiers.iter().any(|identifier| identifier.value.value == value_of(&selector)) {
            order.identifiers.push(identifier(&selector, order.identifiers.len() + 1));
        }
        let (class, options) = options(item.category());
        if !order
            .requested
            .iter()
            .any(|requested| requested.options.iter().any(|o| options.contains(&o.value)) && requested.class.value == class)
        {
            order.requested.push(Requested {
                class: Marked::at(class, mark("categories")),
                options: options.iter().map(|option| Marked::at(*option, mark("categories"))).collect(),
                other: None,
                range: None,
                identifiers: Vec::new(),
            });
        }
    }
}

fn value_of(selector: &str) -> &str {
    selector.split_once(':').map_or(selector, |(_, value)| value)
}

fn identifier(selector: &str, number: usize) -> Identifier {
    let place = Place::new(1, 1, "scope");
    let (kind, value) = selector.split_once(':').unwrap_or(("", selector));
    let (kind, value, port) = match kind {
        "phone" => (IdentifierKind::Phone, value.to_owned(), None),
        "email" => (IdentifierKind::Email, value.to_owned(), None),
        "account" => (IdentifierKind::UserId, value.to_owned(), None),
        "ip" => match value.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V4(_)) => (IdentifierKind::Ipv4, value.to_owned(), None),
            Ok(std::net::IpAddr::V6(_)) => (IdentifierKind::Ipv6, value.to_owned(), None),
            Err(_) => match value.parse::<std::net::SocketAddr>() {
                Ok(at) if at.is_ipv4() => (IdentifierKind::Ipv4, at.ip().to_string(), Some(at.port())),
                Ok(at) => (IdentifierKind::Ipv6, at.ip().to_string(), Some(at.port())),
                Err(_) => (IdentifierKind::Other, value.to_owned(), None),
            },
        },
        _ => (IdentifierKind::Other, value.to_owned(), None),
    };
    Identifier {
        id: Some(Marked::at(number.to_string(), place.clone())),
        kind: Marked::at(kind, place.clone()),
        value: Marked::at(value, place.clone()),
        ranges: Vec::new(),
        seen_at: Vec::new(),
        port: port.map(|port| Marked::at(port, place)),
        service: None,
        remarks: None,
    }
}

/// The selector of an identifier, in the one spelling of `seal`; none if no record type is filed under such a thing.
pub fn selector(identifier: &Identifier) -> Option<seal::selector::Selector> {
    let canonical = crate::identifier::canonical(identifier).ok()?;
    let (_, value) = canonical.split_once(':')?;
    let text = match (identifier.kind.value, &identifier.port) {
        (IdentifierKind::Phone, _) => format!("phone:{value}"),
        (IdentifierKind::Email, _) => format!("email:{value}"),
        (IdentifierKind::UserId, _) => format!("account:{value}"),
        (IdentifierKind::Ipv4, Some(port)) => format!("ip:{value}:{}", port.value),
        (IdentifierKind::Ipv6, Some(port)) => format!("ip:[{value}]:{}", port.value),
        (IdentifierKind::Ipv4 | IdentifierKind::Ipv6, None) => format!("ip:{value}"),
        _ => return None,
    };
    seal::selector::Selector::from_text(&text).ok()
}

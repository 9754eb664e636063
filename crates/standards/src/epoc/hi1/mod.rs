//! The forms as HI-1 messages and back (TS 104 144, as public converters implement it; every name \[check]).
//!
//! The signed form document is the order; the objects are its index (etsi.md section 6). So reading takes the form where it
//! travels along, and compares the index with it: what differs is a person's decision, never ours.

mod compare;
mod offer;
mod read;
mod write;

pub use offer::offer;
pub(crate) use read::from_read;
pub use read::{from_message, tasks_of, wishes};
pub use write::{Answered, Envelope, Left, Written, to_message};

use crate::etsi::task::{FormatType, RequestValue};
use crate::etsi::values::*;
use law::received::{DataClass, DataOption, DeadlineChoice, IdentifierKind};

/// EPOCPriority and the boxes of section C that it stands for.
pub(super) const PRIORITIES: &[(&str, DeadlineChoice)] = &[
    ("TenDaysASAP", DeadlineChoice::WithinTenDays),
    ("TenDaysSubjectToEA", DeadlineChoice::AtEndOfTenDays),
    ("EightHours", DeadlineChoice::ThreatToLife),
    ("EightHours", DeadlineChoice::ThreatToInfrastructure),
];

/// EPOCRequestSubtype and the boxes of section F(a).
pub(super) const SUBTYPES: &[(&str, DataOption)] = &[
    ("UserInformation", DataOption::UserInformation),
    ("RegistrationInformation", DataOption::RegistrationInformation),
    ("TypeOfServiceInformation", DataOption::TypeOfService),
    ("ProfileInformation", DataOption::Profile),
    ("DataOnValidationOfUse", DataOption::ValidationOfUse),
    ("DebitOrCreditCardInformation", DataOption::PaymentCards),
    ("PUKCodes", DataOption::PukCodes),
    ("SubscriberDataOther", DataOption::SubscriberOther),
];

/// RequestType and the classes that it asks for. There is no value for subscriber and traffic data together: converters
/// that write one task for both lose the second, so we write two tasks.
pub(super) const REQUEST_TYPES: &[(&str, &[DataClass])] = &[
    ("SubscriberDataAndUserIdentifyingData", &[DataClass::Subscriber, DataClass::Identification]),
    ("SubscriberData", &[DataClass::Subscriber]),
    ("UserIdentifyingData", &[DataClass::Identification]),
    ("TrafficDataAndStoredContentData", &[DataClass::Traffic, DataClass::Content]),
    ("TrafficData", &[DataClass::Traffic]),
    ("StoredContentData", &[DataClass::Content]),
];

/// Which formats say which kind of identifier; the first is written where its spelling fits.
const FORMATS: &[(IdentifierKind, &str)] = &[
    (IdentifierKind::Ipv4, "IPv4Address"),
    (IdentifierKind::Ipv6, "IPv6Address"),
    (IdentifierKind::IpBlocks, "IPv4CIDR"),
    (IdentifierKind::IpBlocks, "IPv6CIDR"),
    (IdentifierKind::Email, "InternationalizedEmailAddress"),
    (IdentifierKind::Email, "EmailAddress"),
    (IdentifierKind::Phone, "InternationalE164"),
    (IdentifierKind::Imei, "IMEI"),
    (IdentifierKind::Imei, "IMEICheckDigit"),
    (IdentifierKind::Imei, "IMEISV"),
    (IdentifierKind::Imsi, "IMSI"),
    (IdentifierKind::Mac, "MACAddress"),
    (IdentifierKind::UserId, "ServiceAccessIdentifier"),
];

/// The identifier in the first format of its kind whose spelling it can have. `None`: TS 104 144 defines none (ranges, names
/// of services), or it is not what it says.
pub(super) fn request_value(kind: IdentifierKind, value: &str) -> Option<RequestValue> {
    let spelled = spell(kind, value.trim());
    let fits = |name: &str| crate::etsi::formats::etsi_format(name).is_some_and(|check| check(&spelled));
    let (_, name) = FORMATS.iter().find(|(known, name)| *known == kind && fits(name))?;
    let format = FormatType { owner: ShortString::parse("ETSI")?, name: ShortString::parse(name)? };
    Some(RequestValue { format, value: LongString::parse(&spelled)? })
}

/// People's spelling into that of TS 103 280.
fn spell(kind: IdentifierKind, value: &str) -> String {
    match kind {
        IdentifierKind::Phone => value.strip_prefix('+').unwrap_or(value).chars().filter(|c| !matches!(c, ' ' | '-')).collect(),
        IdentifierKind::Mac => value.to_ascii_lowercase().replace('-', ":"),
        IdentifierKind::Ipv6 => value
            .parse::<std::net::Ipv6Addr>()
            .map_or_else(|_| value.to_owned(), |address| address.segments().map(|part| format!("{part:04x}")).join(":")),
        IdentifierKind::Imei => value.chars().filter(|c| !matches!(c, ' ' | '-' | '/')).collect(),
        _ => value.to_owned(),
    }
}

/// The kind that a format stands for. ETSI's two other spellings are those of STD-62.
pub(super) fn kind_of(format: &FormatType) -> IdentifierKind {
    let name = format.name.as_str();
    let alias = crate::etsi::formats::FORMAT_ALIASES.iter().find(|(was, _)| *was == name).map_or(name, |(_, now)| now);
    let found = FORMATS.iter().find(|(_, known)| *known == alias && format.owner.as_str() == "ETSI");
    found.map_or(IdentifierKind::Other, |(kind, _)| *kind)
}

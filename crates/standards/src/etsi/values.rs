//! TS 103 280 V2.15.1: the types of values, each with its one spelling (etsi.md section 5). A value of these types was checked.

use crate::tree::{Element, Scalar};

/// Gives a value type its place in a message. `collapse`: XML white space around it is layout (xs:token, xs:dateTime);
/// `preserve`: every character counts (xs:string).
macro_rules! as_type {
    ($name:ident, $scalar:expr, $space:ident) => {
        impl $crate::etsi::codec::Type for $name {
            const SCALAR: Scalar = $scalar;
            fn read(element: &Element, reader: &mut $crate::etsi::codec::Reader) -> Option<$name> {
                let text = $crate::etsi::values::text_of(element, reader, $scalar)?;
                let value = $name::parse($crate::etsi::values::$space(element, &text));
                if value.is_none() {
                    reader.find($crate::refusal::Rule::BadValue, element, &text);
                }
                value
            }
            fn write(&self, out: &mut Element) {
                out.children.push($crate::tree::Node::Text(self.as_str().to_owned()));
            }
        }
    };
}
pub(crate) use as_type;

/// The text of a value; an attribute, a child or another kind of JSON value is refused.
pub(crate) fn text_of(element: &Element, reader: &mut super::codec::Reader, scalar: Scalar) -> Option<String> {
    use crate::refusal::Rule;
    let is_of_kind = element.json.is_none_or(|form| form.scalar == scalar);
    let text = element.text().filter(|_| is_of_kind);
    if text.is_none() {
        reader.find(Rule::BadValue, element, "");
    }
    if let Some(attribute) = element.attributes.first() {
        reader.find(Rule::Unexpected, element, &attribute.name.local);
    }
    text
}

pub(crate) fn collapse<'a>(element: &Element, text: &'a str) -> &'a str {
    if element.json.is_none() { text.trim_matches([' ', '\t', '\n', '\r']) } else { text }
}
pub(crate) fn preserve<'a>(_: &Element, text: &'a str) -> &'a str {
    text
}

macro_rules! values {
    ($($(#[$doc:meta])* $name:ident: $space:ident, $check:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);
        impl $name {
            pub fn parse(text: &str) -> Option<$name> {
                let check: fn(&str) -> bool = $check;
                check(text).then(|| $name(text.to_owned()))
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
            /// For words of our own, which a test writes and reads again.
            #[allow(dead_code)]
            pub(crate) fn known(text: &'static str) -> $name {
                debug_assert!($name::parse(text).is_some());
                $name(text.to_owned())
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        as_type!($name, Scalar::Text, $space);
    )* };
}

values! {
    /// At most 255 characters.
    ShortString: preserve, |text| text.chars().count() <= 255;
    /// At most 65,535 characters.
    LongString: preserve, |text| text.chars().count() <= 65_535;
    /// Lower case only.
    Uuid: collapse, |text| groups(text, '-', &[8, 4, 4, 4, 12], is_lower_hex);
    /// Lower case only.
    MacAddress: collapse, |text| groups(text, ':', &[2; 6], is_lower_hex);
    Eui64: collapse, |text| groups(text, ':', &[2; 8], is_lower_hex);
    /// Eight groups of four lower-case digits; no `::`.
    Ipv6Address: collapse, is_ipv6;
    Ipv6Cidr: collapse, |text| text.split_once('/').is_some_and(|(address, bits)| is_ipv6(address) && !bits.starts_with('0') && is_below(bits, 129));
    /// 14 digits, without check digit.
    Imei: collapse, |text| is_digits(text, 14, 14);
    ImeiCheckDigit: collapse, |text| is_digits(text, 15, 15);
    ImeiSv: collapse, |text| is_digits(text, 16, 16);
    Imsi: collapse, |text| is_digits(text, 6, 15);
    /// 1 to 15 digits, no `+`.
    InternationalE164: collapse, |text| is_digits(text, 1, 15);
    Iccid: collapse, |text| is_digits(text, 19, 20);
    Euiccid: collapse, |text| is_digits(text, 32, 32);
    /// Country, then owner and reference.
    Ldid: preserve, is_ldid;
    /// 1 to 25 printable ASCII, or 26 to 50 lower-case hexadecimal digits.
    Liid: preserve, |text| {
        let (length, printable) = (text.len(), text.bytes().all(|octet| (b'!'..=b'~').contains(&octet)));
        (1..=25).contains(&length) && printable || (26..=50).contains(&length) && text.bytes().all(is_lower_hex)
    };
    /// Two capitals. No register is asked: `XX` is one.
    IsoCountryCode: collapse, |text| text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_uppercase());
    /// Strict ASCII.
    EmailAddress: preserve, is_ascii_email;
    /// Anything with an `@` inside.
    InternationalizedEmailAddress: preserve, |text| {
        text.chars().count() <= 255 && !text.contains(['\n', '\r']) && has_inner_at(text)
    };
    /// `N52.370216`.
    LatitudeDecimal: preserve, |text| is_wgs84(text, "NS", 2, 6);
    /// `E004.895168`: three digits.
    LongitudeDecimal: preserve, |text| is_wgs84(text, "EW", 3, 6);
    /// `N522212.10`.
    LatitudeAngular: preserve, |text| is_wgs84(text, "NS", 6, 2);
    LongitudeAngular: preserve, |text| is_wgs84(text, "EW", 7, 2);
    /// No pattern: the provider's own grammar judges it.
    ServiceAccessIdentifier: preserve, |_| true;
    Vin: preserve, |text| text.len() == 17 && text.bytes().all(|octet| octet.is_ascii_digit() || octet.is_ascii_uppercase() && !b"IOQ".contains(&octet));
    /// `V1.23.1`.
    EtsiVersion: preserve, |text| text.len() <= 255 && text.strip_prefix('V').is_some_and(|rest| {
        rest.split('.').count() == 3 && rest.split('.').all(|part| is_digits(part, 1, 250))
    });
    /// ISO 639-1.
    LanguageCode: preserve, |text| text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_lowercase());
    /// xs:anyURI: what may stand here is judged where it is used.
    AnyUri: collapse, |text| !text.contains([' ', '<', '>', '"', '{', '}', '|', '\\', '^', '`']) && !text.chars().any(char::is_control);
}

/// Base64 as XML writes it; the octets are kept, not the line breaks.
#[derive(Clone, PartialEq, Eq)]
pub struct Base64(pub Vec<u8>);

impl std::fmt::Debug for Base64 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Base64({} octets)", self.0.len())
    }
}

impl super::codec::Type for Base64 {
    const SCALAR: Scalar = Scalar::Text;
    fn read(element: &Element, reader: &mut super::codec::Reader) -> Option<Base64> {
        use base64::Engine as _;
        let text = text_of(element, reader, Scalar::Text)?;
        let dense: String = text.split_ascii_whitespace().collect();
        let octets = base64::engine::general_purpose::STANDARD.decode(dense).ok();
        if octets.is_none() {
            reader.find(crate::refusal::Rule::BadValue, element, &text);
        }
        octets.map(Base64)
    }
    fn write(&self, out: &mut Element) {
        use base64::Engine as _;
        out.children.push(crate::tree::Node::Text(base64::engine::general_purpose::STANDARD.encode(&self.0)));
    }
}

/// An IPv4 address. Leading zeros pass ETSI's pattern and mean decimal: `010.0.0.1` is 10.0.0.1 here, never octal 8.0.0.1,
/// and is written without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ipv4Address([u8; 4]);

impl Ipv4Address {
    pub fn parse(text: &str) -> Option<Ipv4Address> {
        let mut parts = text.split('.');
        let mut octets = [0; 4];
        for octet in &mut octets {
            let part = parts.next().filter(|part| is_digits(part, 1, 3))?;
            *octet = part.parse().ok()?;
        }
        parts.next().is_none().then_some(Ipv4Address(octets))
    }
    pub fn octets(self) -> [u8; 4] {
        self.0
    }
}
impl std::fmt::Display for Ipv4Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d] = self.0;
        write!(f, "{a}.{b}.{c}.{d}")
    }
}
impl super::codec::Type for Ipv4Address {
    const SCALAR: Scalar = Scalar::Text;
    fn read(element: &Element, reader: &mut super::codec::Reader) -> Option<Ipv4Address> {
        let text = text_of(element, reader, Scalar::Text)?;
        let value = Ipv4Address::parse(collapse(element, &text));
        if value.is_none() {
            reader.find(crate::refusal::Rule::BadValue, element, &text);
        }
        value
    }
    fn write(&self, out: &mut Element) {
        out.children.push(crate::tree::Node::Text(self.to_string()));
    }
}

macro_rules! scalars {
    ($($kind:ty, $scalar:expr, $parse:expr;)*) => { $(
        impl super::codec::Type for $kind {
            const SCALAR: Scalar = $scalar;
            fn read(element: &Element, reader: &mut super::codec::Reader) -> Option<$kind> {
                let text = text_of(element, reader, $scalar)?;
                let parse: fn(&str) -> Option<$kind> = $parse;
                let value = parse(collapse(element, &text));
                if value.is_none() {
                    reader.find(crate::refusal::Rule::BadValue, element, &text);
                }
                value
            }
            fn write(&self, out: &mut Element) {
                out.children.push(crate::tree::Node::Text(self.to_string()));
            }
        }
    )* };
}

scalars! {
    bool, Scalar::Boolean, |text| match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    };
    // xs:nonNegativeInteger has no largest value; ours is 2^64 - 1. A sign and leading zeros are its other spellings.
    u64, Scalar::Number, |text| text.parse().ok();
    // A UDP port; TCP ports are `TcpPort`.
    u16, Scalar::Number, |text| text.parse().ok();
    TcpPort, Scalar::Number, TcpPort::parse;
}

/// 2 to 65535: the schema says `minExclusive` 1, and so do we.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpPort(u16);

impl TcpPort {
    pub fn parse(text: &str) -> Option<TcpPort> {
        text.parse().ok().filter(|port| 1 < *port).map(TcpPort)
    }
    pub fn number(self) -> u16 {
        self.0
    }
}
impl std::fmt::Display for TcpPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

fn is_lower_hex(octet: u8) -> bool {
    matches!(octet, b'0'..=b'9' | b'a'..=b'f')
}
fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_digit())
}
fn is_below(text: &str, limit: u16) -> bool {
    is_digits(text, 1, 3) && text.parse::<u16>().is_ok_and(|number| number < limit)
}
fn groups(text: &str, separator: char, lengths: &[usize], is_good: fn(u8) -> bool) -> bool {
    let mut parts = text.split(separator);
    lengths.iter().all(|length| parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(is_good)))
        && parts.next().is_none()
}
fn is_ipv6(text: &str) -> bool {
    groups(text, ':', &[4; 8], is_lower_hex)
}
/// `[A-Z]{2}-.+-.+`, where `.` is anything but a line end.
fn is_ldid(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('-') else { return false };
    let is_country = country.len() == 2 && country.bytes().all(|octet| octet.is_ascii_uppercase());
    let inner = rest.char_indices().skip(1).any(|(place, c)| c == '-' && place + 1 < rest.len());
    is_country && inner && !rest.contains(['\n', '\r'])
}
/// An `@` with something on both sides.
fn has_inner_at(text: &str) -> bool {
    text.char_indices().skip(1).any(|(place, c)| c == '@' && place + 1 < text.len())
}
fn is_ascii_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_local = |octet: u8| octet.is_ascii_alphanumeric() || b".!#$%&'*+\\/=?^_`{|}~-".contains(&octet);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 255 && !local.is_empty() && local.bytes().all(is_local) && domain.split('.').all(is_label)
}
fn is_wgs84(text: &str, sides: &str, whole: usize, decimals: usize) -> bool {
    let Some(rest) = text.strip_prefix(|c| sides.contains(c)) else { return false };
    rest.split_once('.').is_some_and(|(before, after)| is_digits(before, whole, whole) && is_digits(after, decimals, decimals))
}

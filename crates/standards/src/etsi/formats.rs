//! The identifier formats of TS 103 280: what a value must look like that says it has one.

use super::values::*;

type Check = fn(&str) -> bool;

/// Every simple type of TS 103 280 V2.15.1 by its name there. A name that is not here is no format of ETSI's.
pub const ETSI_FORMATS: &[(&str, Check)] = &[
    ("APN", |text| LongString::parse(text).is_some()),
    ("CGI", |text| is_cell(text, &[4, 4])),
    ("DNN", |text| LongString::parse(text).is_some()),
    ("ECGI", |text| is_cell(text, &[7])),
    ("EUI64", |text| Eui64::parse(text).is_some()),
    ("EUICCID", |text| Euiccid::parse(text).is_some()),
    ("EmailAddress", |text| EmailAddress::parse(text).is_some()),
    ("GPSIMSISDN", |text| InternationalE164::parse(text).is_some()),
    ("GPSINAI", any),
    ("H323URI", |text| is_uri(text, &["h323:"])),
    ("ICCID", |text| Iccid::parse(text).is_some()),
    ("IMEI", |text| Imei::parse(text).is_some()),
    ("IMEICheckDigit", |text| ImeiCheckDigit::parse(text).is_some()),
    ("IMEISV", |text| ImeiSv::parse(text).is_some()),
    ("IMPI", any),
    ("IMPU", |text| is_uri(text, &[""])),
    ("IMSI", |text| Imsi::parse(text).is_some()),
    ("IPProtocol", |text| text.parse::<u8>().is_ok()),
    ("IPv4Address", |text| Ipv4Address::parse(text).is_some()),
    ("IPv4CIDR", is_ipv4_cidr),
    ("IPv6Address", |text| Ipv6Address::parse(text).is_some()),
    ("IPv6CIDR", |text| Ipv6Cidr::parse(text).is_some()),
    ("InternationalE164", |text| InternationalE164::parse(text).is_some()),
    ("InternationalizedEmailAddress", |text| InternationalizedEmailAddress::parse(text).is_some()),
    ("LDID", |text| Ldid::parse(text).is_some()),
    ("LIID", |text| Liid::parse(text).is_some()),
    ("MACAddress", |text| MacAddress::parse(text).is_some()),
    ("NAI", any),
    ("NCGI", |text| is_cell(text, &[9])),
    ("PEIIMEI", |text| Imei::parse(text).is_some()),
    ("PEIIMEICheckDigit", |text| ImeiCheckDigit::parse(text).is_some()),
    ("PEIIMEISV", |text| ImeiSv::parse(text).is_some()),
    ("SIPURI", |text| is_uri(text, &["sip:", "sips:"])),
    ("SUCI", |text| text.len() % 2 == 0 && text.bytes().all(|octet| octet.is_ascii_hexdigit())),
    ("SUPIIMSI", |text| Imsi::parse(text).is_some()),
    ("SUPINAI", any),
    ("ServiceAccessIdentifier", any),
    ("TCPPort", |text| TcpPort::parse(text).is_some()),
    ("TELURI", |text| is_uri(text, &["tel:"])),
    ("UDPPort", |text| text.parse::<u16>().is_ok()),
    ("UUID", |text| Uuid::parse(text).is_some()),
    ("VIN", |text| Vin::parse(text).is_some()),
    ("VLANID", |text| text.parse::<u16>().is_ok_and(|number| number <= 4095)),
    ("VRF", |text| ShortString::parse(text).is_some()),
];

/// STD-62: names that converters write, and ETSI's.
pub const FORMAT_ALIASES: &[(&str, &str)] = &[("IPV4Address", "IPv4Address"), ("IPV6Address", "IPv6Address")];

/// The check of one of ETSI's formats.
pub fn etsi_format(name: &str) -> Option<Check> {
    ETSI_FORMATS.iter().find(|(known, _)| *known == name).map(|(_, check)| *check)
}

fn any(_: &str) -> bool {
    true
}

/// Country and network digits, then groups of hexadecimal digits.
fn is_cell(text: &str, groups: &[usize]) -> bool {
    let mut parts = text.split('-');
    let mut part = |least: usize, most: usize, is_good: fn(u8) -> bool| {
        parts.next().is_some_and(|part| (least..=most).contains(&part.len()) && part.bytes().all(is_good))
    };
    let is_hex = |octet: u8| matches!(octet, b'0'..=b'9' | b'a'..=b'f');
    part(3, 3, |octet| octet.is_ascii_digit())
        && part(2, 3, |octet| octet.is_ascii_digit())
        && groups.iter().all(|length| part(*length, *length, is_hex))
        && parts.next().is_none()
}

fn is_uri(text: &str, schemes: &[&str]) -> bool {
    let is_part = |octet: u8| {
        octet.is_ascii_alphanumeric() || b"!#$_~%]=".contains(&octet) || (b'&'..=b';').contains(&octet) || (b'?'..=b'[').contains(&octet)
    };
    let rest = schemes.iter().find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_part)) && text.len() <= 65_535
}

fn is_ipv4_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let is_length = bits.len() <= 2 && bits.parse::<u8>().is_ok_and(|bits| bits <= 32) && (bits == "0" || !bits.starts_with('0'));
    Ipv4Address::parse(address).is_some() && is_length
}

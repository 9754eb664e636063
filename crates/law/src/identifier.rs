//! Well-formedness of identifiers in orders, and their one canonical spelling for counting.

use crate::received::{Identifier, IdentifierKind};
use std::net::{Ipv4Addr, Ipv6Addr};

/// What is wrong with an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierFault {
    Empty,
    /// A wildcard, a list or a range where one value belongs.
    NotOne,
    /// Not of its kind's form, or its check digit is wrong (T18).
    Malformed,
    /// Ranges of addresses: a person decides (gate 9).
    Range,
}

/// The canonical spelling, `kind:value`; two spellings of one identifier count as one person.
pub fn canonical(identifier: &Identifier) -> Result<String, IdentifierFault> {
    let kind = identifier.kind.value;
    let text = identifier.value.value.trim();
    if text.is_empty() {
        return Err(IdentifierFault::Empty);
    }
    if matches!(kind, IdentifierKind::IpRange | IdentifierKind::IpBlocks) {
        return Err(IdentifierFault::Range);
    }
    let several = |c: char| matches!(c, '*' | '%' | ';') || (c == ',' || c == '?');
    if text.contains(several) {
        return Err(IdentifierFault::NotOne);
    }
    let value = match kind {
        IdentifierKind::Ipv4 => decimal_ipv4(text)?,
        IdentifierKind::Ipv6 => text.parse::<Ipv6Addr>().map_err(|_| address_fault(text))?.to_string(),
        IdentifierKind::Email => email(text)?,
        IdentifierKind::Phone => phone(text)?,
        IdentifierKind::Imei => imei(text)?,
        IdentifierKind::Imsi => digits(text, 14..=15)?,
        IdentifierKind::Mac => mac(text)?,
        // The provider's own grammar; spaces at the ends are nobody's name.
        IdentifierKind::UserId | IdentifierKind::NameOfService | IdentifierKind::Other => text.to_owned(),
        IdentifierKind::IpRange | IdentifierKind::IpBlocks => return Err(IdentifierFault::Range),
    };
    Ok(format!("{}:{value}", kind.code()))
}

fn address_fault(text: &str) -> IdentifierFault {
    if text.contains(['/', '-']) { IdentifierFault::Range } else { IdentifierFault::Malformed }
}

/// Leading zeros pass ETSI's pattern and are decimal (etsi.md section 5).
fn decimal_ipv4(text: &str) -> Result<String, IdentifierFault> {
    let parts: Vec<_> = text.split('.').collect();
    let octet = |part: &&str| {
        let plain = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if plain { part.parse::<u8>().ok() } else { None }
    };
    let octets: Option<Vec<u8>> = parts.iter().map(octet).collect();
    match octets.as_deref() {
        Some(&[a, b, c, d]) => Ok(Ipv4Addr::new(a, b, c, d).to_string()),
        _ => Err(address_fault(text)),
    }
}

fn email(text: &str) -> Result<String, IdentifierFault> {
    let (local, domain) = text.rsplit_once('@').ok_or(IdentifierFault::Malformed)?;
    let bad = local.is_empty() || domain.is_empty() || text.contains(char::is_whitespace) || text.contains(char::is_control);
    if bad || domain.starts_with('.') || domain.ends_with('.') || local.contains('@') {
        return Err(IdentifierFault::Malformed);
    }
    Ok(format!("{local}@{}", domain.to_lowercase()))
}

/// International only: a national number means another person in another State.
fn phone(text: &str) -> Result<String, IdentifierFault> {
    let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
    let plain = if plain.starts_with('+') { plain } else { format!("+{plain}") };
    if crate::registry::is_e164(&plain) && !plain.starts_with("+0") { Ok(plain) } else { Err(IdentifierFault::Malformed) }
}

fn digits(text: &str, len: std::ops::RangeInclusive<usize>) -> Result<String, IdentifierFault> {
    let fits = len.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(text.to_owned()) } else { Err(IdentifierFault::Malformed) }
}

/// 14 digits, 15 with a Luhn check digit, or 16 with a software version: the first 14 name the device.
fn imei(text: &str) -> Result<String, IdentifierFault> {
    let all = digits(text, 14..=16)?;
    if all.len() == 15 {
        let sum: u32 = all
            .bytes()
            .rev()
            .enumerate()
            .map(|(at, b)| {
                let digit = u32::from(b - b'0');
                if at % 2 == 1 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
            })
            .sum();
        if sum % 10 != 0 {
            return Err(IdentifierFault::Malformed);
        }
    }
    Ok(all[..14].to_owned())
}

fn mac(text: &str) -> Result<String, IdentifierFault> {
    let plain = text.to_lowercase().replace('-', ":");
    let parts: Vec<_> = plain.split(':').collect();
    let fits = parts.len() == 6 && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit()));
    if fits { Ok(plain) } else { Err(IdentifierFault::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::received::{Marked, Place};

    fn read(kind: IdentifierKind, value: &str) -> Result<String, IdentifierFault> {
        let place = Place::default();
        canonical(&Identifier {
            id: None,
            kind: Marked::at(kind, place.clone()),
            value: Marked::at(value.to_owned(), place),
            ranges: Vec::new(),
            seen_at: Vec::new(),
            port: None,
            service: None,
            remarks: None,
        })
    }

    #[test]
    fn spellings_of_one_identifier_are_one() {
        use IdentifierKind::*;
        for (kind, a, b) in [
            (Phone, "+31612345678", "31 6 1234-5678"),
            (Ipv4, "010.0.0.1", "10.0.0.1"),
            (Ipv6, "2001:db8::1", "2001:0DB8:0000:0000:0000:0000:0000:0001"),
            (Email, "a@Example.ORG", "a@example.org"),
            (Imei, "490154203237518", "49015420323751"),
            (Imei, "490154203237518", "4901542032375112"),
            (Mac, "AA-BB-CC-00-11-22", "aa:bb:cc:00:11:22"),
        ] {
            assert_eq!(read(kind, a), read(kind, b), "{a}");
            assert!(read(kind, a).is_ok(), "{a}");
        }
    }

    #[test]
    fn t18_typing_errors_and_bulk_are_caught() {
        use IdentifierFault::*;
        use IdentifierKind::*;
        for (kind, text, fault) in [
            (Imei, "490154203237519", Malformed),
            (Imei, "49015420323", Malformed),
            (Phone, "0612345678", Malformed),
            (Phone, "+3161234567x", Malformed),
            (Ipv4, "10.0.0.256", Malformed),
            (Ipv4, "10.0.0.0/24", Range),
            (Ipv6, "2001:db8::/32", Range),
            (IpRange, "10.0.0.1-10.0.0.9", Range),
            (IpRange, "10.0.0.1, 10.0.0.9", Range),
            (Email, "a.example.org", Malformed),
            (Email, "a@b@c", Malformed),
            (Email, "*@example.org", NotOne),
            (UserId, "  ", Empty),
            (UserId, "anna, bob", NotOne),
            (Mac, "aa:bb", Malformed),
            (Mac, "aa:bb:cc:00:11:22:33", Malformed),
            (Mac, "a:bb:cc:00:11:22", Malformed),
            (Mac, "zz:bb:cc:00:11:22", Malformed),
            (Imei, "49015420323751x", Malformed),
            (Imsi, "2040412345678", Malformed),
            (Imsi, "2040412345678x", Malformed),
            (Phone, "+3161234", Malformed),
            (Phone, "+3161234567890123", Malformed),
            (Ipv4, "10.0.0.0001", Malformed),
            (Ipv4, "10.0.0.+1", Malformed),
            (Ipv4, "10.0.0", Malformed),
            (Ipv6, "10.0.0.1", Malformed),
            (IpBlocks, "10.0.0.1", Range),
            (Email, "@example.org", Malformed),
            (Email, "a@", Malformed),
            (Email, "a b@example.org", Malformed),
            (Email, "a\u{7}b@example.org", Malformed),
            (Email, "a@.org", Malformed),
            (Email, "a@example.", Malformed),
            (UserId, "anna%", NotOne),
            (UserId, "anna;bob", NotOne),
            (UserId, "ann?", NotOne),
        ] {
            assert_eq!(read(kind, text), Err(fault), "{text}");
        }
    }
}
